"""3D boxes in the frames that the field uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.core.geometry import Array, quaternions_from_matrices
from simgen.labels.frame_labels import Box3D


def boxes(
    camera_from_entity: Array, upright: Sequence[Array], low_m: Array, high_m: Array
) -> tuple[list[Box3D], list[list[Box3D]]]:
    """The boxes of extents (low (K, 3), high (K, 3)) in the entities' frames: in the camera's frame, where ``yaw_rad``
    is KITTI's rotation_y, 0 along the camera's x axis and positive towards its back; and in each of the frames whose z
    axis points up. All are found at once.

    Args:
        camera_from_entity, upright: (K, 4, 4) each.
    """
    targets = np.concatenate([camera_from_entity, *upright])
    count, forward = len(low_m), targets[:, :3, 0]
    yaw_rad = np.arctan2(forward[:, 1], forward[:, 0])
    yaw_rad[:count] = np.arctan2(-forward[:count, 2], forward[:count, 0])
    frames = 1 + len(upright)
    made = _boxes(targets, np.tile(low_m, (frames, 1)), np.tile(high_m, (frames, 1)), yaw_rad)
    return made[:count], [made[k * count : (k + 1) * count] for k in range(1, frames)]


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
