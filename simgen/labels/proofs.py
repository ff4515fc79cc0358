"""What must hold of any picture and its labels, checked without the scene they came from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import matrix_from_quaternion
from simgen.labels.frame_labels import FrameLabels, ObjectLabel
from simgen.labels.masks import VisiblePixels, visible_pixels

_POINTS = 2000


def proof_faults(
    labels: FrameLabels,
    instance: NDArray[np.unsignedinteger],
    semantic: NDArray[np.unsignedinteger],
    depth_m: NDArray[np.floating],
    *,
    depth_step_m: float = 0.0,
) -> list[str]:
    """What does not hold, one text each; empty when all does.

    Args:
        instance, semantic: (H, W) ids. depth_m: (H, W) planar z; sky is +inf or 0.
        depth_step_m: quantisation of the stored depth, added to the tolerance.
    """
    faults: list[str] = []
    shape = (labels.camera.height_px, labels.camera.width_px)
    for name, plane in (("instance", instance), ("semantic", semantic), ("depth", depth_m)):
        if plane.shape != shape:
            return [f"{name} image is {plane.shape[1]} x {plane.shape[0]}, labels say {shape[1]} x {shape[0]}"]
    visible = visible_pixels(instance.astype(np.uint32, copy=False))
    ids = [o.instance_id for o in labels.objects]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        faults.append(f"instance {twice} has {ids.count(twice)} labels")
    for stray in sorted(set(visible) - set(ids)):
        faults.append(f"instance {stray} is in the mask ({len(visible[stray].index)} pixels) but has no label")
    for one in labels.objects:
        seen = visible.get(one.instance_id)
        found = [*_mask_faults(one, seen), *_share_faults(one)]
        if seen is not None:
            found += _semantic_faults(one, seen, semantic)
            found += _depth_faults(labels, one, seen, depth_m, depth_step_m)
        faults += [f"{one.name} (instance {one.instance_id}): {text}" for text in found]
    return faults


def _mask_faults(one: ObjectLabel, seen: VisiblePixels | None) -> list[str]:
    faults = []
    count = 0 if seen is None else len(seen.index)
    if count != one.visible_pixels:
        faults.append(f"{count} pixels in the mask, label says {one.visible_pixels} are visible")
    extent = None if seen is None else tuple(float(v) for v in seen.box)
    if extent != one.bbox_visible:
        faults.append(f"the mask spans {extent}, bbox_visible is {one.bbox_visible}")
    for inner_name, outer_name in (("bbox_visible", "bbox_amodal"), ("bbox_amodal", "bbox_amodal_unclipped")):
        inner, outer = getattr(one, inner_name), getattr(one, outer_name)
        if inner is not None and (
            inner[0] < outer[0] or inner[1] < outer[1] or inner[2] > outer[2] or inner[3] > outer[3]
        ):
            faults.append(f"{inner_name} {inner} reaches out of {outer_name} {outer}")
    return faults


def _share_faults(one: ObjectLabel) -> list[str]:
    faults = []
    if not one.visible_pixels <= one.amodal_pixels <= one.amodal_pixels_unclipped:
        faults.append(
            f"visible {one.visible_pixels}, amodal {one.amodal_pixels} and unclipped {one.amodal_pixels_unclipped} "
            "pixels do not rise"
        )
    for name in ("visible_fraction", "occlusion", "truncation", "transmittance", "contrast", "lens_blocked_fraction"):
        value = getattr(one, name)
        if not 0.0 <= value <= 1.0:
            faults.append(f"{name} is {value:g}, outside of 0 … 1")
    product = (1.0 - one.occlusion) * (1.0 - one.truncation)
    if abs(one.visible_fraction - product) > 1e-6:
        faults.append(
            f"visible_fraction {one.visible_fraction:.6f} is not (1 - occlusion)(1 - truncation) = {product:.6f}"
        )
    if (one.visible_pixels == 0) != (one.visible_fraction == 0.0):
        faults.append(f"{one.visible_pixels} visible pixels, visible_fraction {one.visible_fraction:g}")
    if one.amodal_pixels == one.amodal_pixels_unclipped and one.truncation > 1e-6:
        faults.append(f"nothing lies outside of the image, truncation is {one.truncation:g}")
    return faults


def _semantic_faults(one: ObjectLabel, seen: VisiblePixels, semantic: NDArray[np.unsignedinteger]) -> list[str]:
    other = semantic.reshape(-1)[seen.index]
    wrong = other != one.semantic_id
    if not wrong.any():
        return []
    return [
        f"{int(wrong.sum())} of its pixels have semantic class {int(other[wrong][0])}, label says {one.semantic_id}"
    ]


def _depth_faults(
    labels: FrameLabels, one: ObjectLabel, seen: VisiblePixels, depth_m: NDArray[np.floating], step_m: float
) -> list[str]:
    index = seen.index[:: max(1, len(seen.index) // _POINTS)]
    camera = labels.camera
    z = depth_m.reshape(-1)[index].astype(np.float64)
    if not np.all(np.isfinite(z) & (z > 0)):
        return [f"{int(np.sum(~(np.isfinite(z) & (z > 0))))} of its visible pixels have no depth"]
    u, v = index % camera.width_px, index // camera.width_px
    points = np.stack([(u - camera.cx_px) / camera.fx_px * z, (v - camera.cy_px) / camera.fy_px * z, z], axis=1)
    box = one.box_camera
    local = (points - np.array(box.center_m)) @ matrix_from_quaternion(box.quaternion_xyzw)
    beyond = (np.abs(local) - 0.5 * np.array(box.size_m)).max(axis=1)
    # A centimetre or one percent: what two renderers may differ by.
    far = beyond > np.maximum(0.01, 0.01 * z) + step_m
    if not far.any():
        return []
    return [f"{int(far.sum())} of {len(index)} visible points lie outside of its 3D box, by up to {beyond.max():.3f} m"]
