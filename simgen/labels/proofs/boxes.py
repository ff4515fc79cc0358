"""3D boxes: one place in all frames, and the 2D boxes that follow from them."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import Array, inverse, matrix_from_quaternion, transform
from simgen.labels.frame_labels import Box3D, Intrinsics, ObjectLabel
from simgen.labels.geometry import Box2D, projected_boxes, projected_extents
from simgen.labels.proofs.evidence import Facts
from simgen.rendering.silhouette import FINEST_PX

_PLACE_M = 1e-6
"""What rounding leaves of a place, per metre from the origin."""


def box_faults(camera: Intrinsics, one: ObjectLabel, facts: Facts | None) -> list[str]:
    faults = _own_faults(one)
    if facts is not None:
        frames = [("box_camera", one.box_camera, facts.camera.world_from_camera)]
        if one.box_ego is not None and facts.world_from_ego is not None:
            frames.append(("box_ego", one.box_ego, facts.world_from_ego))
        elif (one.box_ego is None) != (facts.world_from_ego is None):
            faults.append("box_ego is there without an ego, or the other way round")
        for name, box, world_from_frame in frames:
            faults += _same_place(name, box, one.box_world, world_from_frame)
    corners = one.box_camera.corners_m[None]
    (loose,) = projected_boxes(camera.at_origin, corners)
    if (loose is None) != (one.bbox_loose is None) or (
        loose is not None and one.bbox_loose is not None and np.abs(np.subtract(loose, one.bbox_loose)).max() > 1e-3
    ):
        faults.append(f"the 3D box projects to {_rounded(loose)}, bbox_loose is {_rounded(one.bbox_loose)}")
    (extent,) = projected_extents(camera.at_origin, corners)
    x_min, y_min, x_max, y_max = one.bbox_amodal_unclipped
    # What lies outside of the image may be known in coarser steps where it is large.
    step = 1.0 + np.ceil(np.sqrt((x_max - x_min) * (y_max - y_min) / FINEST_PX))
    for name, inner, slack in (
        ("bbox_visible", one.bbox_visible, 1.0),
        ("bbox_amodal", one.bbox_amodal, 1.0),
        ("bbox_amodal_unclipped", one.bbox_amodal_unclipped, step),
    ):
        if inner is not None and (extent is None or _reaches_out(inner, extent, slack)):
            faults.append(f"{name} {inner} reaches out of the projected 3D box {_rounded(extent)}")
    return faults


def _own_faults(one: ObjectLabel) -> list[str]:
    faults = []
    sizes = [b.size_m for b in (one.box_world, one.box_camera, one.box_ego) if b is not None]
    if min(min(s) for s in sizes) < 0 or np.ptp(np.array(sizes), axis=0).max() > _PLACE_M:
        faults.append("the 3D boxes differ in size between frames, or are negative")
    center = np.array(one.box_camera.center_m)
    reach = 1e-6 * max(1.0, float(np.linalg.norm(center)))
    if abs(one.distance_m - float(np.linalg.norm(center))) > reach:
        faults.append(f"distance_m is {one.distance_m:g}, and the box is {np.linalg.norm(center):g} m away")
    if abs(one.depth_m - center[2]) > reach:
        faults.append(f"depth_m is {one.depth_m:g}, and the box's centre has {center[2]:g}")
    for name, box in (("box_world", one.box_world), ("box_ego", one.box_ego), ("box_camera", one.box_camera)):
        if box is None:
            continue
        forward = matrix_from_quaternion(box.quaternion_xyzw)[:, 0]
        rise = (-forward[2], forward[0]) if name == "box_camera" else (forward[1], forward[0])
        # A box on end has no heading.
        if np.hypot(*rise) > 1e-6 and 1 - np.cos(box.yaw_rad - np.arctan2(*rise)) > 1e-9:
            faults.append(f"yaw_rad of {name} is {box.yaw_rad:.6f}, and it heads for {np.arctan2(*rise):.6f}")
    return faults


def _same_place(name: str, box: Box3D, box_world: Box3D, world_from_frame: Array) -> list[str]:
    moved = transform(inverse(world_from_frame), box_world.corners_m)
    apart = float(np.abs(moved - box.corners_m).max())
    reach = max(1.0, float(np.abs(box_world.corners_m).max()), float(np.abs(world_from_frame[:3, 3]).max()))
    if apart > _PLACE_M * reach:
        return [f"{name} lies {apart:.6f} m off box_world"]
    return []


def _reaches_out(inner: Box2D, outer: Box2D, slack: float) -> bool:
    return (
        inner[0] < outer[0] - slack
        or inner[1] < outer[1] - slack
        or inner[2] > outer[2] + slack
        or inner[3] > outer[3] + slack
    )


def _rounded(box: Box2D | None) -> tuple[float, ...] | None:
    return None if box is None else tuple(round(v, 2) for v in box)
