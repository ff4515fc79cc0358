"""Keypoints: where they are, and whether they are seen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, matrix_from_quaternion
from simgen.labels.frame_labels import Intrinsics, KeypointState, ObjectLabel
from simgen.labels.keypoints import HIDDEN_SHARE, hidden_share

BEYOND_BOX_M = 0.3
"""A named point may lie this far outside of the box that is tight around the body's surface: corners are those of the
body at rest."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """All keypoints of a picture: of which object (K,), where (K, 2), how deep (K,), and as what they count (K,)."""

    owner: NDArray[np.int64]
    pixels: Array
    depth_m: Array
    state: NDArray[np.int64]


def keypoint_faults(
    camera: Intrinsics,
    objects: Sequence[ObjectLabel],
    instance: NDArray[np.unsignedinteger] | None,
    depth_m: NDArray[np.floating] | None,
    depth_step_m: float,
) -> list[list[str]]:
    """What does not hold of the keypoints of each object. All are looked at together: one by one each costs as much."""
    faults: list[list[str]] = [[] for _ in objects]
    for one, found in zip(objects, faults, strict=True):
        if len({k.name for k in one.keypoints}) < len(one.keypoints):
            found.append("a keypoint's name comes twice")
    every = [k for one in objects for k in one.keypoints]
    if not every:
        return faults
    points = _Points(
        owner=np.repeat(np.arange(len(objects)), [len(one.keypoints) for one in objects]),
        pixels=np.array([(k.u_px, k.v_px) for k in every]),
        depth_m=np.array([k.depth_m for k in every]),
        state=np.array([int(k.state) for k in every]),
    )
    told = _place_faults(camera, objects, points)
    if instance is not None and depth_m is not None:
        asked = np.array([k not in told for k in range(len(every))]) & (points.state != KeypointState.OUTSIDE)
        told |= _sight_faults(objects, points, np.flatnonzero(asked), instance, depth_m, depth_step_m)
    for k in sorted(told):
        faults[points.owner[k]].append(f"keypoint {every[k].name}: {told[k]}")
    return faults


def _place_faults(camera: Intrinsics, objects: Sequence[ObjectLabel], points: _Points) -> dict[int, str]:
    """By the place of the keypoint among all."""
    u, v = points.pixels.T
    z, outside = points.depth_m, points.state == KeypointState.OUTSIDE
    behind = z <= 0
    inside = (u >= -0.5) & (u < camera.width_px - 0.5) & (v >= -0.5) & (v < camera.height_px - 0.5)
    centers = np.array([one.box_camera.center_m for one in objects])[points.owner]
    halves = 0.5 * np.array([one.box_camera.size_m for one in objects])[points.owner]
    turns = np.array([matrix_from_quaternion(one.box_camera.quaternion_xyzw) for one in objects])[points.owner]
    apart = camera.at_origin.directions(u, v) * z[:, None] - centers
    beyond = (np.abs(np.einsum("kj,kji->ki", apart, turns)) - halves).max(axis=1)
    told = {}
    for k in np.flatnonzero(behind & ~(outside & (u == 0.0) & (v == 0.0))).tolist():
        told[k] = f"is not before the camera, and its state is {_name(points, k)}"
    for k in np.flatnonzero(~behind & (inside == outside)).tolist():
        told[k] = f"is at ({u[k]:.1f}, {v[k]:.1f}), and its state is {_name(points, k)}"
    for k in np.flatnonzero(~behind & (inside != outside) & (beyond > BEYOND_BOX_M)).tolist():
        told[k] = f"lies {beyond[k]:.2f} m outside of its 3D box"
    return told


def _name(points: _Points, k: int) -> str:
    return KeypointState(int(points.state[k])).name.lower()


def _sight_faults(
    objects: Sequence[ObjectLabel],
    points: _Points,
    asked: NDArray[np.int64],
    instance: NDArray[np.unsignedinteger],
    depth_m: NDArray[np.floating],
    depth_step_m: float,
) -> dict[int, str]:
    z, state = points.depth_m[asked], points.state[asked]
    ids = np.array([one.instance_id for one in objects])[points.owner[asked]]
    # Depth may be off by half a step where it covers the point, and where its slope comes from: of ground seen edge-on
    # from close above, pixels one below the other are metres apart, and what is off at the near one matters far away.
    error_m, slack_m = 0.51 * depth_step_m, 1e-5 * z
    least, most = (
        hidden_share(instance, depth_m, ids, points.pixels[asked], z, slack_m=sign * slack_m, error_m=sign * error_m)
        for sign in (1.0, -1.0)
    )
    seen = (state == KeypointState.VISIBLE) & (least > HIDDEN_SHARE + _ROUNDING)
    hidden = (state == KeypointState.OCCLUDED) & (most < HIDDEN_SHARE - _ROUNDING)
    told = dict.fromkeys(asked[seen].tolist(), "counts as visible, and the picture shows something nearer there")
    return told | dict.fromkeys(asked[hidden].tolist(), "counts as occluded, and nothing is before it")
