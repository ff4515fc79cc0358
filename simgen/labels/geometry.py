"""Extents of an entity in its own frame, and of a 3D box in the picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from simgen.core.camera import Camera
from simgen.core.geometry import Array, inverse, transform
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
    """``projected_extent`` clipped to the image; None when nothing of it falls into the image."""
    extent = projected_extent(camera, corners_camera_m)
    if extent is None:
        return None
    x_min, x_max = max(0.0, extent[0]), min(float(camera.width_px), extent[2])
    y_min, y_max = max(0.0, extent[1]), min(float(camera.height_px), extent[3])
    return (x_min, y_min, x_max, y_max) if x_min < x_max and y_min < y_max else None


def projected_extent(camera: Camera, corners_camera_m: Array) -> tuple[float, float, float, float] | None:
    """``x_min, y_min, x_max, y_max`` in pixel edges of a box's corners (8, 3) in the camera frame. Edges that cross the
    near plane are cut there. None when all of it lies behind that."""
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
    return float(u.min()), float(v.min()), float(u.max()), float(v.max())


def solid_angle(camera: Camera, x_px: int, y_px: int, width_px: int, height_px: int) -> NDArray[np.float32]:
    """(h, w) solid angles in steradians of the pixels of a window of the camera's grid:
    1 / (fx·fy·(1 + x² + y²)^1.5) at the pixel's centre."""
    return _solid_angle(camera.fx_px, camera.fy_px, camera.cx_px - x_px, camera.cy_px - y_px, width_px, height_px)


@lru_cache(maxsize=4)
def _solid_angle(fx: float, fy: float, cx: float, cy: float, width: int, height: int) -> NDArray[np.float32]:
    x = ((np.arange(width) - cx) / fx).astype(np.float32)
    y = ((np.arange(height) - cy) / fy).astype(np.float32)
    square = 1.0 + x[None, :] ** 2 + y[:, None] ** 2
    angles: NDArray[np.float32] = np.float32(1.0 / (fx * fy)) / (square * np.sqrt(square))
    angles.setflags(write=False)
    return angles
