"""Keypoints: where they are, and whether they are seen there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import matrix_from_quaternion
from simgen.labels.frame_labels import Intrinsics, Keypoint, KeypointState, ObjectLabel
from simgen.labels.keypoints import HIDDEN_SHARE, hidden_share

BEYOND_BOX_M = 0.3
"""A named point may lie this far outside of the box that is tight around the body's surface: corners are those of the
body at rest."""
_ROUNDING = 1e-6


def keypoint_faults(
    camera: Intrinsics,
    one: ObjectLabel,
    instance: NDArray[np.unsignedinteger] | None,
    depth_m: NDArray[np.floating] | None,
    depth_step_m: float,
) -> list[str]:
    faults = []
    names = [k.name for k in one.keypoints]
    if len(set(names)) < len(names):
        faults.append("a keypoint's name comes twice")
    for point in one.keypoints:
        found = _place_fault(camera, one, point)
        if found is None and point.state != KeypointState.OUTSIDE and instance is not None and depth_m is not None:
            found = _sight_fault(one, point, instance, depth_m, depth_step_m)
        if found is not None:
            faults.append(f"keypoint {point.name}: {found}")
    return faults


def _place_fault(camera: Intrinsics, one: ObjectLabel, point: Keypoint) -> str | None:
    if point.depth_m <= 0:
        behind = point.state == KeypointState.OUTSIDE and (point.u_px, point.v_px) == (0.0, 0.0)
        return None if behind else f"is not before the camera, and its state is {point.state.name.lower()}"
    inside = -0.5 <= point.u_px < camera.width_px - 0.5 and -0.5 <= point.v_px < camera.height_px - 0.5
    if inside == (point.state == KeypointState.OUTSIDE):
        return f"is at ({point.u_px:.1f}, {point.v_px:.1f}), and its state is {point.state.name.lower()}"
    place = camera.at_origin.directions(point.u_px, point.v_px) * point.depth_m
    box = one.box_camera
    local = (place - np.array(box.center_m)) @ matrix_from_quaternion(box.quaternion_xyzw)
    beyond = float((np.abs(local) - 0.5 * np.array(box.size_m)).max())
    return f"lies {beyond:.2f} m outside of its 3D box" if beyond > BEYOND_BOX_M else None


def _sight_fault(
    one: ObjectLabel,
    point: Keypoint,
    instance: NDArray[np.unsignedinteger],
    depth_m: NDArray[np.floating],
    depth_step_m: float,
) -> str | None:
    # Depth may be off by half a step where it covers the point, and where its slope comes from.
    slack = 3.0 * depth_step_m + 1e-5 * point.depth_m
    ids, place, z = np.array([one.instance_id]), np.array([[point.u_px, point.v_px]]), np.array([point.depth_m])
    least, most = (
        float(hidden_share(instance, depth_m, ids, place, z, slack_m=sign * slack)[0]) for sign in (1.0, -1.0)
    )
    if point.state == KeypointState.VISIBLE and least > HIDDEN_SHARE + _ROUNDING:
        return "counts as visible, and the picture shows something nearer there"
    if point.state == KeypointState.OCCLUDED and most < HIDDEN_SHARE - _ROUNDING:
        return "counts as occluded, and nothing is before it"
    return None
