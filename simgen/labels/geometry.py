"""Extents of an entity in its own frame, and of a 3D box in the picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from simgen.core.camera import Camera
from simgen.core.geometry import Array, inverse, read_only, transform
from simgen.scene.mesh import Mesh
from simgen.scene.scene import Entity, SceneView

UNIT_CORNERS = np.array(
    [[x, y, z] for z in (-0.5, 0.5) for x, y in ((0.5, 0.5), (0.5, -0.5), (-0.5, -0.5), (-0.5, 0.5))]
)
"""Corners of a box of size 1: the lower face first, each face from front left, front right, rear right, rear left."""

_EDGES = np.array(
    [(i, (i + 1) % 4) for i in range(4)] + [(4 + i, 4 + (i + 1) % 4) for i in range(4)] + [(i, i + 4) for i in range(4)]
)


class _Extremes:
    """Vertices that can be extreme in some direction, by mesh digest: a process draws few meshes, many times."""

    def __init__(self) -> None:
        self._points: dict[str, Array] = {}

    def of(self, mesh: Mesh) -> Array:
        found = self._points.get(mesh.digest)
        if found is None:
            found = self._points[mesh.digest] = _hull(np.asarray(mesh.vertices_m, dtype=np.float64))
        return found


_EXTREMES = _Extremes()


def _hull(points_m: Array) -> Array:
    if len(points_m) < 32:
        return points_m
    try:
        corners: Array = points_m[ConvexHull(points_m).vertices]
    except QhullError:
        # A flat mesh has no volume; its vertices are few enough as they are.
        return np.unique(points_m, axis=0)
    return corners


def extent(view: SceneView, entity: Entity, index: int) -> tuple[Array, Array]:
    """(low (3,), high (3,)) of the entity's vertices in its own frame, tight, as it is posed now."""
    entity_from_world = inverse(view.snapshot.world_from_entity[index])
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for node in range(entity.nodes.start, entity.nodes.stop):
        mesh = view.scene.nodes[node].mesh
        if len(mesh.vertices_m) == 0:
            continue
        points = transform(entity_from_world @ view.snapshot.world_from_node[node], _EXTREMES.of(mesh))
        low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
    if not np.isfinite(low).all():
        return np.zeros(3), np.zeros(3)
    return low, high


def projected_box(camera: Camera, corners_camera_m: Array) -> tuple[float, float, float, float] | None:
    """``x_min, y_min, x_max, y_max`` in pixel edges, clipped to the image, of a box's corners (8, 3) in the camera
    frame. Edges that cross the near plane are cut there. None when nothing of it falls into the image."""
    a, b = corners_camera_m[_EDGES[:, 0]], corners_camera_m[_EDGES[:, 1]]
    near = camera.near_m
    ends = []
    for p, q in ((a, b), (b, a)):
        step = q[:, 2] - p[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(p[:, 2] < near, (near - p[:, 2]) / step, 0.0)
        cut = p + np.clip(share, 0.0, 1.0)[:, None] * (q - p)
        ends.append(cut[(a[:, 2] >= near) | (b[:, 2] >= near)])
    points = np.concatenate(ends)
    if len(points) == 0:
        return None
    z = np.maximum(points[:, 2], near)
    u = camera.fx_px * points[:, 0] / z + camera.cx_px + 0.5
    v = camera.fy_px * points[:, 1] / z + camera.cy_px + 0.5
    x_min, x_max = max(0.0, float(u.min())), min(float(camera.width_px), float(u.max()))
    y_min, y_max = max(0.0, float(v.min())), min(float(camera.height_px), float(v.max()))
    return (x_min, y_min, x_max, y_max) if x_min < x_max and y_min < y_max else None


def solid_angle(
    camera: Camera, x_px: int, y_px: int, width: int, height: int, step_px: int = 1
) -> NDArray[np.float32]:
    """(h, w) solid angles in steradians of the pixels of a window of the camera's grid, or of cells of ``step_px`` by
    ``step_px`` pixels: 1 / (fx·fy·(1 + x² + y²)^1.5) at the centre, times their area."""
    middle = 0.5 * (step_px - 1)
    x = ((x_px + middle + step_px * np.arange(width) - camera.cx_px) / camera.fx_px).astype(np.float32)
    y = ((y_px + middle + step_px * np.arange(height) - camera.cy_px) / camera.fy_px).astype(np.float32)
    square = (1.0 + y * y)[:, None] + x * x
    root = np.sqrt(square)
    root *= square
    angles: NDArray[np.float32] = np.divide(np.float32(step_px**2 / (camera.fx_px * camera.fy_px)), root, out=root)
    return angles


def pixel_angles(camera: Camera) -> NDArray[np.float32]:
    """(H, W) solid angles of the image's pixels, kept for the cameras in use."""
    return _pixel_angles(camera.width_px, camera.height_px, camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px)


@lru_cache(maxsize=8)
def _pixel_angles(width: int, height: int, fx: float, fy: float, cx: float, cy: float) -> NDArray[np.float32]:
    camera = Camera(
        width_px=width, height_px=height, fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, world_from_camera=np.eye(4)
    )
    return read_only(solid_angle(camera, 0, 0, width, height))
