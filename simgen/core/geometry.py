"""Rigid transforms. World: right-handed, z up, metres, radians. Quaternions are xyzw. Matrices are (4, 4) float64
named ``target_from_source``, so that ``world_from_ego @ ego_from_camera`` is ``world_from_camera``."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Arrays = TypeVar("Arrays", bound=NDArray[Any])


_UNTURNED = np.eye(3)


def pose(position_m: ArrayLike = (0.0, 0.0, 0.0), rotation: ArrayLike | None = None) -> Array:
    """(4, 4) from a position (3,) and a rotation (3, 3)."""
    matrix = np.zeros((4, 4))
    matrix[:3, :3] = _UNTURNED if rotation is None else rotation
    matrix[:3, 3] = position_m
    matrix[3, 3] = 1.0
    return matrix


def rotation_x(angle_rad: float) -> Array:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rotation_y(angle_rad: float) -> Array:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def rotation_z(angle_rad: float) -> Array:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def about(point_m: Array, axis: Array, angle_rad: float) -> Array:
    """(4, 4) rotation about a line through a point (3,) along a unit axis (3,) (Rodrigues)."""
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    turn = np.eye(3) + np.sin(angle_rad) * k + (1 - np.cos(angle_rad)) * (k @ k)
    return pose(point_m - turn @ point_m, turn)


def rotations_between(start: Array, end: Array, share: float) -> Array:
    """(..., 3, 3) a share of the shortest way from rotations (..., 3, 3) to others."""
    from scipy.spatial.transform import Rotation  # costs a third of a second to import

    way = Rotation.from_matrix(np.swapaxes(start, -1, -2) @ end).as_rotvec()
    result: Array = start @ Rotation.from_rotvec(share * way).as_matrix()
    return result


def rotation_rpy(roll_rad: float, pitch_rad: float, yaw_rad: float) -> Array:
    """URDF's convention: Rz(yaw) Ry(pitch) Rx(roll)."""
    return rotation_z(yaw_rad) @ rotation_y(pitch_rad) @ rotation_x(roll_rad)


def planar_pose(x_m: float, y_m: float, yaw_rad: float, z_m: float = 0.0) -> Array:
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[c, -s, 0.0, x_m], [s, c, 0.0, y_m], [0.0, 0.0, 1.0, z_m], [0.0, 0.0, 0.0, 1.0]])


def planar_poses(positions_m: Array, yaw_rad: Array) -> Array:
    """(n, 4, 4) upright poses at positions (n, 3) with headings (n,)."""
    result = np.zeros((len(yaw_rad), 4, 4))
    result[:, 0, 0] = result[:, 1, 1] = np.cos(yaw_rad)
    result[:, 1, 0] = np.sin(yaw_rad)
    result[:, 0, 1] = -result[:, 1, 0]
    result[:, 2, 2] = result[:, 3, 3] = 1.0
    result[:, :3, 3] = positions_m
    return result


def inverse(matrix: Array) -> Array:
    """Inverse of rigid transforms (..., 4, 4)."""
    result = np.zeros_like(matrix)
    transposed = np.swapaxes(matrix[..., :3, :3], -1, -2)
    result[..., :3, :3] = transposed
    result[..., :3, 3] = -np.einsum("...ij,...j->...i", transposed, matrix[..., :3, 3])
    result[..., 3, 3] = 1.0
    return result


def transform(matrix: Array, points: ArrayLike) -> Array:
    """Points (..., 3) through one transform (4, 4)."""
    result: Array = np.asarray(points, dtype=np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    return result


def quaternion_from_matrix(matrix: Array) -> Array:
    """xyzw of a rotation (3, 3) or a pose (4, 4), with w >= 0 (Shepperd 1978)."""
    m = matrix[:3, :3]
    trace = m[0, 0] + m[1, 1] + m[2, 2]
    choices = np.array([m[0, 0], m[1, 1], m[2, 2], trace])
    k = int(np.argmax(choices))
    if k == 3:
        q = np.array([m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], 1.0 + trace])
    else:
        i, j = (k + 1) % 3, (k + 2) % 3
        q = np.zeros(4)
        q[k] = 1.0 + 2.0 * m[k, k] - trace
        q[i] = m[i, k] + m[k, i]
        q[j] = m[j, k] + m[k, j]
        q[3] = m[j, i] - m[i, j]
    q = q / np.linalg.norm(q)
    result: Array = -q if q[3] < 0 else q
    return result


def quaternions_from_matrices(matrices: Array) -> Array:
    """(n, 4) xyzw of rotations (n, 3, 3) or poses (n, 4, 4), as ``quaternion_from_matrix`` gives them one by one."""
    m = matrices
    trace = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    choices = np.stack([m[:, 0, 0], m[:, 1, 1], m[:, 2, 2], trace], axis=1)
    largest = np.argmax(choices, axis=1)
    q = np.stack([m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1], 1.0 + trace], axis=1)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        some = largest == i
        q[some, i] = 1.0 + 2.0 * m[some, i, i] - trace[some]
        q[some, j] = m[some, j, i] + m[some, i, j]
        q[some, k] = m[some, k, i] + m[some, i, k]
        q[some, 3] = m[some, k, j] - m[some, j, k]
    q /= np.linalg.norm(q, axis=1, keepdims=True)
    result: Array = np.where(q[:, 3:] < 0, -q, q)
    return result


def quaternions_from_upright(matrices: Array) -> Array:
    """(n, 4) xyzw of poses (n, 4, 4) that stand less than a right angle from upright, all in one go."""
    m = matrices
    up = 1.0 + m[:, 2, 2]
    w = np.sqrt(np.maximum(up + m[:, 0, 0] + m[:, 1, 1], 0.0))
    z = np.sqrt(np.maximum(up - m[:, 0, 0] - m[:, 1, 1], 0.0))
    z = np.copysign(z, m[:, 1, 0] - m[:, 0, 1])
    by_w = w >= np.abs(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(by_w, (m[:, 2, 1] - m[:, 1, 2]) / w, (m[:, 0, 2] + m[:, 2, 0]) / z)
        y = np.where(by_w, (m[:, 0, 2] - m[:, 2, 0]) / w, (m[:, 1, 2] + m[:, 2, 1]) / z)
    result: Array = 0.5 * np.stack([x, y, z, w], axis=1)
    return result


def matrix_from_quaternion(quaternion_xyzw: ArrayLike) -> Array:
    """(3, 3) of a quaternion xyzw, which need not be normalised."""
    x, y, z, w = np.asarray(quaternion_xyzw, dtype=np.float64) / np.linalg.norm(quaternion_xyzw)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def yaw_of(matrix: Array) -> float:
    """Heading of the x axis about world z, radians in (-pi, pi]."""
    return float(np.arctan2(matrix[1, 0], matrix[0, 0]))


def wrap_angle(angle_rad: float) -> float:
    """The same angle in [-pi, pi)."""
    return float((angle_rad + np.pi) % (2 * np.pi) - np.pi)


CAMERA_FROM_BODY = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
"""Rotation from a body frame (x forward, y left, z up) to a camera frame (x right, y down, z forward)."""


def camera_pose(eye_m: ArrayLike, target_m: ArrayLike, up: ArrayLike = (0.0, 0.0, 1.0)) -> Array:
    """world_from_camera (4, 4) of an OpenCV camera at ``eye_m`` that looks at ``target_m``."""
    forward = np.asarray(target_m, dtype=np.float64) - np.asarray(eye_m, dtype=np.float64)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, np.asarray(up, dtype=np.float64))
    if np.linalg.norm(right) < 1e-9:
        right = np.cross(forward, (0.0, 1.0, 0.0))
    right = right / np.linalg.norm(right)
    return pose(eye_m, np.stack([right, np.cross(forward, right), forward], axis=1))


def read_only(array: Arrays) -> Arrays:
    """The array with writing switched off."""
    array.setflags(write=False)
    return array
