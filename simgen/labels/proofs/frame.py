"""All proofs of one frame's labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.labels.frame_labels import FrameLabels, Intrinsics
from simgen.labels.masks import VisiblePixels, visible_pixels
from simgen.labels.proofs.boxes import box_faults
from simgen.labels.proofs.circumstances import air_faults, class_faults, event_faults, motion_faults
from simgen.labels.proofs.evidence import Facts, Planes
from simgen.labels.proofs.masks import depth_faults, mask_faults, semantic_faults, share_faults
from simgen.labels.proofs.points import keypoint_faults
from simgen.scene.classes import CLASSES, SKY, VOID


def proof_faults(labels: FrameLabels, planes: Planes, facts: Facts | None = None) -> list[str]:
    """What does not hold, one text each; empty when all does. What a missing image or fact would prove is left out."""
    shape = (labels.camera.height_px, labels.camera.width_px)
    for name, plane in (
        ("instance", planes.instance),
        ("semantic", planes.semantic),
        ("depth", planes.depth_m),
        ("lens_blocked", planes.lens_blocked),
    ):
        if plane is not None and plane.shape != shape:
            return [f"{name} image is {plane.shape[1]} x {plane.shape[0]}, labels say {shape[1]} x {shape[0]}"]
    if facts is not None and Intrinsics.of(facts.camera) != labels.camera:
        return ["the labels' camera is not that of the record"]
    faults = _frame_faults(labels, planes, facts)
    visible = None
    if planes.instance is not None:
        visible = visible_pixels(planes.instance.astype(np.uint32, copy=False))
        faults += _id_faults(labels, visible)
    of_points = keypoint_faults(labels.camera, labels.objects, planes.instance, planes.depth_m, planes.depth_step_m)
    for one, of_its_points in zip(labels.objects, of_points, strict=True):
        found = [*share_faults(one), *class_faults(one), *box_faults(labels.camera, one, facts)]
        seen = None if visible is None else visible.get(one.instance_id)
        if visible is not None:
            found += mask_faults(labels, one, seen)
        if seen is not None and planes.semantic is not None:
            found += semantic_faults(one, seen, planes.semantic)
        if seen is not None and planes.depth_m is not None:
            found += depth_faults(labels, one, seen, planes.depth_m, planes.depth_step_m)
        found += of_its_points
        if facts is not None:
            found += air_faults(labels, one, facts)
            found += event_faults(one, facts)
            found += motion_faults(one, facts)
            if visible is not None:
                found += _lens_faults(one.lens_blocked_fraction, planes.lens_blocked, seen)
        faults += [f"{one.name} (instance {one.instance_id}): {text}" for text in found]
    return faults


def _frame_faults(labels: FrameLabels, planes: Planes, facts: Facts | None) -> list[str]:
    faults = []
    ids = [o.instance_id for o in labels.objects]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        faults.append(f"instance {twice} has {ids.count(twice)} labels")
    depth = planes.depth_m
    if depth is not None and (without := depth.size - int(np.count_nonzero(depth >= 0))):
        faults.append(f"{without} depths are negative or no number")
    seen = None if depth is None else np.isfinite(depth) & (depth > 0)
    if depth is not None and seen is not None and facts is not None and seen.any():
        near, far = float(depth[seen].min()), float(depth[seen].max())
        slack = planes.depth_step_m + 1e-3 * far
        # Along a ray the far plane is met later than on the axis; a fisheye's is that of the faces of a cube.
        farthest = facts.camera.far_m * (3.0**0.5 if facts.camera.depth == "range" else 1.0)
        if near < facts.camera.near_m - slack or far > farthest + slack:
            faults.append(f"depth runs from {near:g} to {far:g} m, beyond what the camera sees")
    if planes.semantic is not None:
        if int(planes.semantic.max()) >= len(CLASSES):
            faults.append(f"semantic class {int(planes.semantic.max())} is not in the class map")
        elif seen is not None:
            surface = planes.semantic != SKY.id
            if labels.camera.lens is not None:
                surface &= planes.semantic != VOID.id
            other = int(np.count_nonzero(surface != seen))
            if other:
                faults.append(f"{other} pixels are sky in one of class and depth, and not in the other")
    return faults


def _id_faults(labels: FrameLabels, visible: dict[int, VisiblePixels]) -> list[str]:
    known = {o.instance_id for o in labels.objects}
    return [
        f"instance {stray} is in the mask ({len(visible[stray].index)} pixels) but has no label"
        for stray in sorted(set(visible) - known)
    ]


def _lens_faults(stated: float, blocked: NDArray[np.bool_] | None, seen: VisiblePixels | None) -> list[str]:
    share = 0.0 if blocked is None or seen is None else float(blocked.reshape(-1)[seen.index].mean())
    if abs(share - stated) > 1e-6:
        return [f"{share:.6f} of it lies under drops or dirt, lens_blocked_fraction is {stated:.6f}"]
    return []
