"""Projection to clip space, and which bounding spheres can be seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array


def projection(camera: Camera) -> Array:
    """(4, 4) clip coordinates from camera coordinates (OpenCV), with image row 0 at the bottom of clip space.

    Row 0 then comes first in a texture's memory, so that a read-back needs no flip; w is the planar depth.
    """
    n, f = camera.near_m, camera.far_m
    return np.array(
        [
            [2 * camera.fx_px / camera.width_px, 0, 2 * (camera.cx_px + 0.5) / camera.width_px - 1, 0],
            [0, 2 * camera.fy_px / camera.height_px, 2 * (camera.cy_px + 0.5) / camera.height_px - 1, 0],
            [0, 0, (f + n) / (f - n), -2 * f * n / (f - n)],
            [0, 0, 1, 0],
        ]
    )


def camera_from_eye(camera: Camera) -> Array:
    """(4, 4) camera coordinates from coordinates relative to the eye, in world axes."""
    matrix = np.eye(4)
    matrix[:3, :3] = camera.world_from_camera[:3, :3].T
    return matrix


def column_major(matrix: Array) -> bytes:
    """A matrix as a uniform wants it."""
    return np.ascontiguousarray(np.asarray(matrix, dtype=np.float32).T).tobytes()


def orthographic(half_width_m: float, near_m: float, far_m: float) -> Array:
    """(4, 4) clip coordinates of the box |x|, |y| <= half width, near <= z <= far."""
    matrix = np.diag([1 / half_width_m, 1 / half_width_m, 2 / (far_m - near_m), 1.0])
    matrix[2, 3] = -(far_m + near_m) / (far_m - near_m)
    return matrix


def perspective(half_angle_rad: float, near_m: float, far_m: float) -> Array:
    """(4, 4) clip coordinates of a square pyramid around +z."""
    s = 1 / np.tan(half_angle_rad)
    matrix = np.diag([s, s, (far_m + near_m) / (far_m - near_m), 0.0])
    matrix[2, 3] = -2 * far_m * near_m / (far_m - near_m)
    matrix[3, 2] = 1.0
    return matrix


def visible_spheres(clip: Array, centers_m: Array, radii_m: Array) -> NDArray[np.bool_]:
    """(N,) whether spheres (N, 3), (N,) may reach into the clip volume of a matrix (4, 4); never wrongly false."""
    planes = np.concatenate([clip[3] + clip[:3], clip[3] - clip[:3]])
    norm = np.linalg.norm(planes[:, :3], axis=1)
    distance = (centers_m @ planes[:, :3].T + planes[:, 3]) / norm
    result: NDArray[np.bool_] = np.all(distance >= -radii_m[:, None], axis=1)
    return result
