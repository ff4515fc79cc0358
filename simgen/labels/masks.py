"""Pixels of each object: visible ones from the instance buffer, amodal ones from its silhouette."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.labels.frame_labels import Box2D
from simgen.labels.geometry import solid_angle
from simgen.rendering.protocol import Silhouette

Mask = NDArray[np.bool_]
_NOTHING: Mask = np.zeros((0, 0), dtype=np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisiblePixels:
    """The visible pixels of one object: flat indices into the image, ascending, and the box around them."""

    index: NDArray[np.int64]
    box: tuple[int, int, int, int]


def visible_pixels(instance: NDArray[np.uint32]) -> dict[int, VisiblePixels]:
    """The visible pixels of each instance id in (H, W) that is not 0."""
    flat = instance.reshape(-1)
    index = np.flatnonzero(flat)
    if len(index) == 0:
        return {}
    ids = flat[index]
    # Ids are few: a stable sort of 16-bit numbers is a radix sort.
    order = np.argsort(ids.astype(np.uint16) if ids.max() < 1 << 16 else ids, kind="stable")
    index, ids = index[order], ids[order]
    starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
    found: dict[int, VisiblePixels] = {}
    width = instance.shape[1]
    for start, part in zip(starts, np.split(index, starts[1:]), strict=True):
        rows, columns = part // width, part % width
        box = (int(columns.min()), int(rows[0]), int(columns.max()) + 1, int(rows[-1]) + 1)
        found[int(ids[start])] = VisiblePixels(index=part, box=box)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AmodalExtent:
    """An object alone: its box and pixels inside the image, and in all; solid angles in steradians."""

    box_inside: Box2D
    box: Box2D
    pixels_inside: int
    pixels: int
    angle_visible: float
    angle_inside: float
    angle: float


def amodal_extent(camera: Camera, silhouette: Silhouette | None, visible: VisiblePixels | None) -> AmodalExtent | None:
    """The object alone, joined with what is visible of it, so that V ≤ I ≤ I + O by construction: at a shared edge two
    passes of a renderer may give a pixel to either side. None when nothing of it falls into the image."""
    width, height = camera.width_px, camera.height_px
    x, y, mask = (0, 0, _NOTHING) if silhouette is None else (silhouette.x_px, silhouette.y_px, silhouette.mask)
    weights = solid_angle(camera, 0, 0, width, height)
    angle_visible = 0.0
    if visible is not None:
        angle_visible = float(weights.reshape(-1)[visible.index].sum(dtype=np.float64))
        x, y, mask = _joined(x, y, mask, visible, width)
    h, w = mask.shape
    x0, x1 = min(max(0, -x), w), max(min(w, width - x), 0)
    y0, y1 = min(max(0, -y), h), max(min(h, height - y), 0)
    inside = mask[y0:y1, x0:x1]
    box_inside = _box(inside, x + x0, y + y0)
    box = _box(mask, x, y) if box_inside is not None else None
    if box_inside is None or box is None:
        return None
    angle_inside = float(weights[y + y0 : y + y1, x + x0 : x + x1][inside].sum(dtype=np.float64))
    angle, pixels_inside, pixels = angle_inside, int(np.count_nonzero(inside)), int(np.count_nonzero(mask))
    if pixels > pixels_inside:
        outside = mask.copy()
        outside[y0:y1, x0:x1] = False
        angle += float(solid_angle(camera, x, y, w, h)[outside].sum(dtype=np.float64))
    return AmodalExtent(
        box_inside=box_inside,
        box=box,
        pixels_inside=pixels_inside,
        pixels=pixels,
        angle_visible=angle_visible,
        angle_inside=angle_inside,
        angle=angle,
    )


def _joined(x: int, y: int, mask: Mask, visible: VisiblePixels, width: int) -> tuple[int, int, Mask]:
    """The mask with the visible pixels in it, on a larger canvas where that takes one."""
    x_min, y_min, x_max, y_max = visible.box
    rows, columns = visible.index // width, visible.index % width
    within = x <= x_min and y <= y_min and x_max <= x + mask.shape[1] and y_max <= y + mask.shape[0]
    if within and mask[rows - y, columns - x].all():
        return x, y, mask
    left, top, right, bottom = x_min, y_min, x_max, y_max
    if mask.size:
        left, top = min(x, left), min(y, top)
        right, bottom = max(x + mask.shape[1], right), max(y + mask.shape[0], bottom)
    canvas = np.zeros((bottom - top, right - left), dtype=np.bool_)
    if mask.size:
        canvas[y - top : y - top + mask.shape[0], x - left : x - left + mask.shape[1]] = mask
    canvas[rows - top, columns - left] = True
    return left, top, canvas


def _box(mask: Mask, x: int, y: int) -> Box2D | None:
    rows = np.flatnonzero(mask.any(axis=1))
    if len(rows) == 0:
        return None
    columns = np.flatnonzero(mask.any(axis=0))
    return (float(x + columns[0]), float(y + rows[0]), float(x + columns[-1] + 1), float(y + rows[-1] + 1))
