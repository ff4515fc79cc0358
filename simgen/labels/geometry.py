"""Extents of an entity in its own frame, and of a 3D box in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera, Optics
from simgen.core.geometry import Array, inverse, read_only, transform
from simgen.core.keeping import ByteCache, while_alive
from simgen.scene.mesh import Mesh
from simgen.scene.scene import Scene, SceneView

UNIT_CORNERS = np.array(
    [[x, y, z] for z in (-0.5, 0.5) for x, y in ((0.5, 0.5), (0.5, -0.5), (-0.5, -0.5), (-0.5, 0.5))]
)
"""Corners of a box of size 1: the lower face first, each face from front left, front right, rear right, rear left."""

BOX_EDGES = np.array(
    [(i, (i + 1) % 4) for i in range(4)] + [(4 + i, 4 + (i + 1) % 4) for i in range(4)] + [(i, i + 4) for i in range(4)]
)
"""(12, 2) indices into ``UNIT_CORNERS`` of the corners between which each edge runs."""

Box2D = tuple[float, float, float, float]
"""``x_min, y_min, x_max, y_max`` in pixel edges: a box around pixel (0, 0) alone is (0, 0, 1, 1)."""

_HULL_BYTES = 16 * 2**20
_HULLS: ByteCache[str, Array] = ByteCache(_HULL_BYTES)
"""Vertices that can be extreme in some direction, by mesh digest: a process draws some meshes many times."""


def _extremes(mesh: Mesh) -> Array:
    return _HULLS.get(mesh.digest, lambda: _hull(np.asarray(mesh.vertices_m, dtype=np.float64)))


def _hull(points_m: Array) -> Array:
    if len(points_m) < 32:
        return points_m
    from scipy.spatial import ConvexHull, QhullError  # costs a third of a second to import

    try:
        corners: Array = points_m[ConvexHull(points_m).vertices]
    except QhullError:
        # A flat mesh has no volume; its vertices are few enough as they are.
        return np.unique(points_m, axis=0)
    return corners


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shapes:
    """What is known of the entities of a scene before any instant.

    Attributes:
        low_m, high_m: (E, 3) extents of the rigid ones in their own frames; NaN for those with joints.
        points_m: of each entity with joints, points (P, 3) in the frames of its nodes; ``nodes`` (P,) says which.
    """

    low_m: Array
    high_m: Array
    points_m: dict[int, Array]
    nodes: dict[int, NDArray[np.int64]]


@while_alive
def _shapes(scene: Scene) -> _Shapes:
    low_m, high_m = np.zeros((len(scene.entities), 3)), np.zeros((len(scene.entities), 3))
    points_m: dict[int, Array] = {}
    nodes: dict[int, NDArray[np.int64]] = {}
    for index, entity in enumerate(scene.entities):
        if entity.instance_id == 0:
            continue
        parts = [_extremes(scene.nodes[n].mesh) for n in range(entity.nodes.start, entity.nodes.stop)]
        counts = [len(p) for p in parts]
        if sum(counts) == 0:
            continue
        if entity.body.articulate is None:
            rest = np.concatenate([transform(m, p) for m, p in zip(entity.body.rest, parts, strict=True)])
            low_m[index], high_m[index] = rest.min(axis=0), rest.max(axis=0)
        else:
            low_m[index] = high_m[index] = np.nan
            points_m[index] = np.concatenate([p.reshape(-1, 3) for p in parts])
            nodes[index] = np.repeat(np.arange(entity.nodes.start, entity.nodes.stop), counts)
    return _Shapes(low_m=low_m, high_m=high_m, points_m=points_m, nodes=nodes)


def extents(view: SceneView, indices: NDArray[np.int64]) -> tuple[Array, Array]:
    """(low (K, 3), high (K, 3)) of these labelled entities' vertices in their own frames, tight, as they are posed
    now."""
    shapes, snapshot = _shapes(view.scene), view.snapshot
    low, high = shapes.low_m[indices], shapes.high_m[indices]
    for k in np.flatnonzero(np.isnan(low[:, 0])):
        index = int(indices[k])
        entity = view.scene.entities[index]
        posed = inverse(snapshot.world_from_entity[index]) @ snapshot.world_from_node[entity.nodes]
        moved = posed[shapes.nodes[index] - entity.first_node]
        points = np.einsum("pij,pj->pi", moved[:, :3, :3], shapes.points_m[index]) + moved[:, :3, 3]
        low[k], high[k] = points.min(axis=0), points.max(axis=0)
    return low, high


def box_corners(target_from_entity: Array, low_m: Array, high_m: Array) -> Array:
    """(K, 8, 3) corners of extents (K, 3) through transforms (K, 4, 4), in the order of ``UNIT_CORNERS``."""
    corners = UNIT_CORNERS * (high_m - low_m)[:, None] + 0.5 * (low_m + high_m)[:, None]
    result: Array = corners @ target_from_entity[:, :3, :3].transpose(0, 2, 1) + target_from_entity[:, None, :3, 3]
    return result


def projected_boxes(camera: Camera, corners_camera_m: Array) -> list[Box2D | None]:
    """``projected_extents`` clipped to the image; None where nothing falls into the image."""
    found: list[Box2D | None] = []
    for extent in projected_extents(camera, corners_camera_m):
        if extent is not None:
            left, right = max(0.0, extent[0]), min(float(camera.width_px), extent[2])
            top, bottom = max(0.0, extent[1]), min(float(camera.height_px), extent[3])
            extent = (left, top, right, bottom) if left < right and top < bottom else None
        found.append(extent)
    return found


def projected_extents(camera: Camera, corners_camera_m: Array) -> list[Box2D | None]:
    """``x_min, y_min, x_max, y_max`` in pixel edges of boxes' corners (K, 8, 3) in the camera frame. Edges that cross
    the near plane are cut there. None for a box that lies behind it, or beyond what the lens images."""
    if camera.lens is not None:
        return [_bent_extent(camera, corners) for corners in corners_camera_m]
    a, b = corners_camera_m[:, BOX_EDGES[:, 0]], corners_camera_m[:, BOX_EDGES[:, 1]]
    near = camera.near_m
    ends = []
    for p, q in ((a, b), (b, a)):
        step = q[..., 2] - p[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(p[..., 2] < near, (near - p[..., 2]) / step, 0.0)
        ends.append(p + np.clip(share, 0.0, 1.0)[..., None] * (q - p))
    points = np.concatenate(ends, axis=1)
    ahead = np.tile((a[..., 2] >= near) | (b[..., 2] >= near), 2)
    z = np.maximum(points[..., 2], near)
    u = camera.fx_px * points[..., 0] / z + camera.cx_px + 0.5
    v = camera.fy_px * points[..., 1] / z + camera.cy_px + 0.5
    low = [np.where(ahead, w, np.inf).min(axis=1).tolist() for w in (u, v)]
    high = [np.where(ahead, w, -np.inf).max(axis=1).tolist() for w in (u, v)]
    return [
        (left, top, right, bottom) if left <= right else None
        for left, top, right, bottom in zip(*low, *high, strict=True)
    ]


_ALONG = np.linspace(0.0, 1.0, 65)
_FACES = ((0, 1, 2, 3), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def _bent_extent(camera: Camera, corners_m: Array) -> Box2D | None:
    """Through a lens, edges are curves: they are followed in 64 steps of even angle. Where a box reaches beyond what
    the lens images, its faces end somewhere on the image's rim, and are followed too."""
    assert camera.lens is not None
    a, b = corners_m[BOX_EDGES[:, 0]], corners_m[BOX_EDGES[:, 1]]
    points = a[:, None] + _steps(a, b)[..., None] * (b - a)[:, None]
    found = [_image_rows(camera, points)]
    if np.isnan(found[0]).any():
        if _holds_origin(corners_m):
            reach = camera.lens.radius(camera.lens.widest_rad)
            x, y = reach * camera.fx_px, reach * camera.fy_px
            cx, cy = camera.cx_px + 0.5, camera.cy_px + 0.5
            return (cx - x, cy - y, cx + x, cy + y)
        for one in _FACES:
            p, q, _, s = corners_m[list(one)]
            across, up = _steps(p[None], q[None])[0], _steps(p[None], s[None])[0]
            grid = p + across[:, None, None] * (q - p) + up[None, :, None] * (s - p)
            found += [_image_rows(camera, grid), _image_rows(camera, grid.swapaxes(0, 1))]
    places = np.concatenate([f.reshape(-1, 2) for f in found])
    places = places[~np.isnan(places[:, 0])]
    if len(places) == 0:
        return None
    (left, top), (right, bottom) = (places.min(axis=0) + 0.5).tolist(), (places.max(axis=0) + 0.5).tolist()
    return (left, top, right, bottom)


def _steps(a: Array, b: Array) -> Array:
    """(K, 65) shares of the ways from a to b (K, 3) whose points are seen from the origin at even angles."""
    way = b - a
    length = np.maximum(np.linalg.norm(way, axis=1), 1e-9)
    start = np.einsum("kj,kj->k", a, way) / length
    away = np.maximum(np.linalg.norm(a - (start / length)[:, None] * way, axis=1), 1e-3)
    first, last = np.arctan2(start, away), np.arctan2(start + length, away)
    angles = first[:, None] + _ALONG * (last - first)[:, None]
    shares: Array = np.clip((away[:, None] * np.tan(angles) - start[:, None]) / length[:, None], 0.0, 1.0)
    return shares


def _image_rows(camera: Camera, points_m: Array) -> Array:
    """(R, S + 2 …, 2) pixels of rows of points (R, S, 3); between a point that is seen and a neighbour in its row that
    is not, the last that is seen is found and stands in the neighbour's place."""
    pixels = _seen(camera, points_m)
    missing = np.isnan(pixels[..., 0])
    extra = [pixels]
    for step in (1, -1):
        row, column = np.nonzero(missing & ~np.roll(missing, -step, axis=1))
        near = column + step
        inner = (near >= 0) & (near < points_m.shape[1])
        row, column, near = row[inner], column[inner], near[inner]
        if len(row) == 0:
            continue
        good, bad = points_m[row, near], points_m[row, column]
        for _ in range(24):
            middle = 0.5 * (good + bad)
            seen = ~np.isnan(_seen(camera, middle)[:, 0])
            good, bad = np.where(seen[:, None], middle, good), np.where(seen[:, None], bad, middle)
        extra.append(_seen(camera, good))
    result: Array = np.concatenate([e.reshape(-1, 2) for e in extra])
    return result


def _seen(camera: Camera, points_m: Array) -> Array:
    u, v, depth = camera.image(points_m)
    pixels: Array = np.stack([u, v], axis=-1)
    pixels[depth < (camera.near_m if camera.depth == "planar" else 1e-6)] = np.nan
    return pixels


def _holds_origin(corners_m: Array) -> bool:
    middle = corners_m.mean(axis=0)
    axes = corners_m[[3, 1, 4]] - corners_m[0]
    return all(abs(float(middle @ axis)) <= 0.5 * float(axis @ axis) for axis in axes)


def solid_angle(camera: Camera, x_px: int, y_px: int, width: int, height: int, step_px: int = 1) -> NDArray[np.float32]:
    """(h, w) solid angles in steradians of the pixels of a window of the camera's grid, or of cells of ``step_px`` by
    ``step_px`` pixels: 1 / (fx·fy·(1 + x² + y²)^1.5) at the centre, times their area, of a pinhole; 0 where a
    lens has no image."""
    middle = 0.5 * (step_px - 1)
    u, v = x_px + middle + step_px * np.arange(width), y_px + middle + step_px * np.arange(height)
    if camera.lens is not None:
        return (camera.solid_angles(u[None, :], v[:, None]) * step_px**2).astype(np.float32)
    x, y = (k.astype(np.float32) for k in camera.places(u, v))
    square = (1.0 + y * y)[:, None] + x * x
    root = np.sqrt(square)
    root *= square
    angles: NDArray[np.float32] = np.divide(np.float32(step_px**2 / (camera.fx_px * camera.fy_px)), root, out=root)
    return angles


def pixel_angles(camera: Camera) -> NDArray[np.float32]:
    """(H, W) solid angles of the image's pixels, kept for the cameras in use."""
    return _pixel_angles(camera.optics)


@lru_cache(maxsize=8)
def _pixel_angles(optics: Optics) -> NDArray[np.float32]:
    camera = Camera.of_optics(optics)
    return read_only(solid_angle(camera, 0, 0, camera.width_px, camera.height_px))
