"""Masks, the shares that follow from them, and the depth and class of their pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import matrix_from_quaternion
from simgen.labels.frame_labels import FrameLabels, Intrinsics, ObjectLabel
from simgen.labels.geometry import Box2D, pixel_angles
from simgen.labels.masks import VisiblePixels

_POINTS = 2000


def mask_faults(labels: FrameLabels, one: ObjectLabel, seen: VisiblePixels | None) -> list[str]:
    faults = _angle_faults(labels.camera, one, seen)
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


def _angle_faults(camera: Intrinsics, one: ObjectLabel, seen: VisiblePixels | None) -> list[str]:
    """Occlusion and truncation against solid angles: of the mask exactly, of what lies behind it and outside of the
    image between bounds, since only the number and the box of those pixels are known."""
    faults = []
    visible = 0.0
    if seen is not None:
        weights = pixel_angles(camera.at_origin)
        visible = float(weights.reshape(-1)[seen.index].sum(dtype=np.float64))
    hidden = one.amodal_pixels - (0 if seen is None else len(seen.index))
    outside = one.amodal_pixels_unclipped - one.amodal_pixels
    if hidden < 0 or outside < 0:
        return []  # told elsewhere
    low, high = _pixel_angles(camera, one.bbox_amodal)
    inside = (visible + hidden * low, visible + hidden * high)
    low, high = _pixel_angles(camera, one.bbox_amodal_unclipped)
    whole = (inside[0] + outside * low, inside[1] + outside * high)
    for name, value, part, of in (
        ("occlusion", one.occlusion, (visible, visible), inside),
        ("truncation", one.truncation, inside, whole),
    ):
        least = 1.0 - part[1] / (part[1] + of[0] - part[0]) if part[1] + of[0] - part[0] > 0 else 0.0
        most = 1.0 - part[0] / (part[0] + of[1] - part[1]) if part[0] + of[1] - part[1] > 0 else 1.0
        if not least - 1e-5 <= value <= most + 1e-5:
            faults.append(f"{name} is {value:.5f}, and solid angles put it between {least:.5f} and {most:.5f}")
    return faults


def _pixel_angles(camera: Intrinsics, box: Box2D) -> tuple[float, float]:
    """The smallest and the largest solid angle of a pixel in a box of pixel edges."""
    x_min, y_min, x_max, y_max = box
    if camera.lens is not None:
        u, v = (np.linspace(low, high - 1, 33) for low, high in ((x_min, x_max), (y_min, y_max)))
        u = np.append(u, np.clip(camera.cx_px, x_min, x_max - 1))
        v = np.append(v, np.clip(camera.cy_px, y_min, y_max - 1))
        sizes = camera.at_origin.solid_angles(u[None, :], v[:, None])
        seen = sizes[sizes > 0]
        # Between two samples a lens's scale may pass its least or its most.
        return (0.98 * float(seen.min()), 1.02 * float(seen.max())) if seen.size else (0.0, 0.0)
    x = (np.array([x_min, x_max - 1, np.clip(camera.cx_px, x_min, x_max - 1)]) - camera.cx_px) / camera.fx_px
    y = (np.array([y_min, y_max - 1, np.clip(camera.cy_px, y_min, y_max - 1)]) - camera.cy_px) / camera.fy_px
    square = 1.0 + x[:, None] ** 2 + y**2
    sizes = 1.0 / (camera.fx_px * camera.fy_px * square**1.5)
    return float(sizes.min()), float(sizes.max())


def share_faults(one: ObjectLabel) -> list[str]:
    faults = []
    if not one.visible_pixels <= one.amodal_pixels <= one.amodal_pixels_unclipped:
        faults.append(
            f"visible {one.visible_pixels}, amodal {one.amodal_pixels} and unclipped {one.amodal_pixels_unclipped} "
            "pixels do not rise"
        )
    for name, pixels in (("bbox_amodal", one.amodal_pixels), ("bbox_amodal_unclipped", one.amodal_pixels_unclipped)):
        x_min, y_min, x_max, y_max = getattr(one, name)
        if not 1 <= pixels <= (x_max - x_min) * (y_max - y_min):
            faults.append(f"{pixels} pixels do not fit {name} {getattr(one, name)}")
    if one.amodal_pixels == one.amodal_pixels_unclipped and one.bbox_amodal != one.bbox_amodal_unclipped:
        faults.append("nothing lies outside of the image, and bbox_amodal_unclipped is not bbox_amodal")
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


def semantic_faults(one: ObjectLabel, seen: VisiblePixels, semantic: NDArray[np.unsignedinteger]) -> list[str]:
    other = semantic.reshape(-1)[seen.index]
    wrong = other != one.semantic_id
    if not wrong.any():
        return []
    return [
        f"{int(wrong.sum())} of its pixels have semantic class {int(other[wrong][0])}, label says {one.semantic_id}"
    ]


def depth_faults(
    labels: FrameLabels, one: ObjectLabel, seen: VisiblePixels, depth_m: NDArray[np.floating], step_m: float
) -> list[str]:
    index = seen.index[:: max(1, len(seen.index) // _POINTS)]
    camera = labels.camera
    z = depth_m.reshape(-1)[index].astype(np.float64)
    if not np.all(np.isfinite(z) & (z > 0)):
        return [f"{int(np.sum(~(np.isfinite(z) & (z > 0))))} of its visible pixels have no depth"]
    u, v = index % camera.width_px, index // camera.width_px
    points = camera.at_origin.directions(u, v) * z[:, None]
    box = one.box_camera
    local = (points - np.array(box.center_m)) @ matrix_from_quaternion(box.quaternion_xyzw)
    beyond = (np.abs(local) - 0.5 * np.array(box.size_m)).max(axis=1)
    # A centimetre or one percent: what two renderers may differ by.
    far = beyond > np.maximum(0.01, 0.01 * z) + step_m
    if not far.any():
        return []
    return [f"{int(far.sum())} of {len(index)} visible points lie outside of its 3D box, by up to {beyond.max():.3f} m"]
