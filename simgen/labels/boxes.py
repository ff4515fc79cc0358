"""3D boxes in the frames that the field uses."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import Array, inverse, quaternion_from_matrix, transform, yaw_of
from simgen.labels.frame_labels import Box3D, Quaternion, Vector


def vector(values: Array) -> Vector:
    return (float(values[0]), float(values[1]), float(values[2]))


def box_from(target_from_entity: Array, low_m: Array, high_m: Array) -> Box3D:
    """The box of an extent (low (3,), high (3,)) in the entity's frame, in a frame whose z axis points up."""
    return _box(target_from_entity, low_m, high_m, yaw_of(target_from_entity))


def box_in_camera(world_from_camera: Array, world_from_entity: Array, low_m: Array, high_m: Array) -> Box3D:
    """The same in the camera's frame; ``yaw_rad`` is KITTI's rotation_y: 0 along the camera's x axis, positive
    towards its back."""
    camera_from_entity = inverse(world_from_camera) @ world_from_entity
    forward = camera_from_entity[:3, 0]
    return _box(camera_from_entity, low_m, high_m, float(np.arctan2(-forward[2], forward[0])))


def _box(target_from_entity: Array, low_m: Array, high_m: Array, yaw_rad: float) -> Box3D:
    x, y, z, w = (float(v) for v in quaternion_from_matrix(target_from_entity))
    quaternion: Quaternion = (x, y, z, w)
    return Box3D(
        center_m=vector(transform(target_from_entity, 0.5 * (low_m + high_m))),
        size_m=vector(high_m - low_m),
        yaw_rad=yaw_rad,
        quaternion_xyzw=quaternion,
    )
