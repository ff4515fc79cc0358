"""3D boxes in the frames that the field uses."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import Array, quaternions_from_matrices
from simgen.labels.frame_labels import Box3D


def boxes(target_from_entity: Array, low_m: Array, high_m: Array) -> list[Box3D]:
    """The boxes of extents (low (K, 3), high (K, 3)) in the entities' frames, in a frame whose z axis points up.

    Args:
        target_from_entity: (K, 4, 4).
    """
    forward = target_from_entity[:, :, 0]
    return _boxes(target_from_entity, low_m, high_m, np.arctan2(forward[:, 1], forward[:, 0]))


def boxes_in_camera(camera_from_entity: Array, low_m: Array, high_m: Array) -> list[Box3D]:
    """The same in the camera's frame; ``yaw_rad`` is KITTI's rotation_y: 0 along the camera's x axis, positive
    towards its back."""
    forward = camera_from_entity[:, :, 0]
    return _boxes(camera_from_entity, low_m, high_m, np.arctan2(-forward[:, 2], forward[:, 0]))


def _boxes(target_from_entity: Array, low_m: Array, high_m: Array, yaw_rad: Array) -> list[Box3D]:
    middle = 0.5 * (low_m + high_m)
    centers = np.einsum("kij,kj->ki", target_from_entity[:, :3, :3], middle) + target_from_entity[:, :3, 3]
    quaternions = quaternions_from_matrices(target_from_entity)
    rows = zip(centers.tolist(), (high_m - low_m).tolist(), yaw_rad.tolist(), quaternions.tolist(), strict=True)
    return [
        Box3D(
            center_m=(center[0], center[1], center[2]),
            size_m=(size[0], size[1], size[2]),
            yaw_rad=yaw,
            quaternion_xyzw=(q[0], q[1], q[2], q[3]),
        )
        for center, size, yaw, q in rows
    ]
