"""Pixels of each object: visible ones from the instance buffer, amodal ones from its silhouette."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.labels.geometry import Box2D, pixel_angles, solid_angle
from simgen.rendering.protocol import Beyond, Silhouette
from simgen.rendering.silhouette import NOTHING

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VisiblePixels:
    """The visible pixels of one object: flat indices into the image, ascending, and the box around them."""

    index: NDArray[np.int64]
    box: tuple[int, int, int, int]


def visible_pixels(instance: NDArray[np.uint32]) -> dict[int, VisiblePixels]:
    """The visible pixels of each instance id in (H, W) that is not 0."""
    width = instance.shape[1]
    flat = instance.reshape(-1)
    # By runs of one id along a row, which are far fewer than pixels.
    begins = np.empty(flat.shape, dtype=np.bool_)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[::width] = True
    edges = np.flatnonzero(begins)
    ids = flat.take(edges)
    runs = np.flatnonzero(ids)
    runs = runs.take(np.argsort(ids.take(runs), kind="stable"))
    if len(runs) == 0:
        return {}
    ids, starts = ids.take(runs), edges.take(runs)
    lengths = np.append(edges[1:], len(flat)).take(runs) - starts
    ends = np.cumsum(lengths)
    index = np.arange(ends[-1]) + np.repeat(starts - (ends - lengths), lengths)
    rows = starts // width
    lefts = starts - rows * width
    firsts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
    lasts = np.r_[firsts[1:], len(ids)] - 1
    left, right = np.minimum.reduceat(lefts, firsts), np.maximum.reduceat(lefts + lengths, firsts)
    boxes = np.stack([left, rows[firsts], right, rows[lasts] + 1], axis=1).tolist()
    spans = zip((ends - lengths)[firsts].tolist(), ends[lasts].tolist(), strict=True)
    return {
        one: VisiblePixels(index=index[start:end], box=(box[0], box[1], box[2], box[3]))
        for one, (start, end), box in zip(ids[firsts].tolist(), spans, boxes, strict=True)
    }


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
    x, y, mask = (0, 0, NOTHING) if silhouette is None else (silhouette.x_px, silhouette.y_px, silhouette.mask)
    weights = pixel_angles(camera)
    if visible is not None:
        x, y, mask = _joined(x, y, mask, visible, width)
    left, top = max(0, -x), max(0, -y)
    inside = mask[top : max(top, height - y), left : max(left, width - x)]
    part = _measured(inside, x + left, y + top, weights[y + top :, x + left :] if inside.size else weights)
    if part is None:
        return None
    angle_visible = 0.0
    if visible is not None:
        every = len(visible.index) == part.pixels
        angle_visible = part.angle if every else float(weights.take(visible.index).sum(dtype=np.float64))
    whole = part
    if inside.size < mask.size:
        outside = mask.copy()
        outside[top : max(top, height - y), left : max(left, width - x)] = False
        whole = whole.with_more(_measured(outside, x, y, solid_angle(camera, x, y, mask.shape[1], mask.shape[0])))
    if silhouette is not None and silhouette.beyond is not None:
        for region in _beyond(camera, silhouette.beyond):
            whole = whole.with_more(region)
    return AmodalExtent(
        box_inside=part.box,
        box=whole.box,
        pixels_inside=part.pixels,
        pixels=whole.pixels,
        angle_visible=angle_visible,
        angle_inside=part.angle,
        angle=whole.angle,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """Pixels of the image's grid taken together."""

    box: Box2D
    pixels: int
    angle: float

    def with_more(self, other: _Region | None) -> _Region:
        if other is None:
            return self
        a, b = self.box, other.box
        return _Region(
            box=(min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])),
            pixels=self.pixels + other.pixels,
            angle=self.angle + other.angle,
        )


def _beyond(camera: Camera, far: Beyond) -> Iterator[_Region | None]:
    """What lies outside of the image: cells, but pixels of those rows and columns of cells that the border cuts."""
    step, (height, width) = far.step_px, far.mask.shape
    rows = sorted({row for edge in (0, camera.height_px) for row in _cut(far.y_px, edge, step, height)})
    columns = sorted({column for edge in (0, camera.width_px) for column in _cut(far.x_px, edge, step, width)})
    cells = far.mask.copy()
    cells[rows] = False
    for column in columns:
        yield _outside(camera, cells[:, column : column + 1], far.x_px + step * column, far.y_px, step)
    cells[:, columns] = False
    for row in rows:
        yield _outside(camera, far.mask[row : row + 1], far.x_px, far.y_px + step * row, step)
    yield _measured(cells, far.x_px, far.y_px, solid_angle(camera, far.x_px, far.y_px, width, height, step), step)


def _cut(start_px: int, edge_px: int, step: int, count: int) -> tuple[int, ...]:
    """The one of ``count`` cells from ``start_px`` on inside which an edge lies, or none."""
    cell, rest = divmod(edge_px - start_px, step)
    return (cell,) if rest and 0 <= cell < count else ()


def _outside(camera: Camera, cells: Mask, x: int, y: int, step: int) -> _Region | None:
    """The pixels of cells (h, w) that lie outside of the image."""
    pixels = cells.repeat(step, axis=0).repeat(step, axis=1)
    pixels[max(0, -y) : max(0, camera.height_px - y), max(0, -x) : max(0, camera.width_px - x)] = False
    return _measured(pixels, x, y, solid_angle(camera, x, y, pixels.shape[1], pixels.shape[0]))


def _measured(mask: Mask, x: int, y: int, angles: NDArray[np.float32], step: int = 1) -> _Region | None:
    """What is set of a mask (h, w) of cells of ``step`` pixels, whose first lies at (x, y); None for nothing.

    Args:
        angles: solid angle of each cell, from the same corner on.
    """
    if mask.size == 0:
        return None
    cells = np.ascontiguousarray(mask).view(np.uint8)
    count = cv2.countNonZero(cells)
    if count == 0:
        return None
    height, width = mask.shape
    column, row, columns, rows = cv2.boundingRect(cells)
    mean: float = cv2.mean(angles[:height, :width], cells)[0]
    low, high = (x + step * column, y + step * row), (x + step * (column + columns), y + step * (row + rows))
    return _Region(
        box=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
        pixels=count * step * step,
        angle=mean * count,
    )


def _joined(x: int, y: int, mask: Mask, visible: VisiblePixels, width: int) -> tuple[int, int, Mask]:
    """The mask with the visible pixels in it, on a larger canvas where that takes one."""
    x_min, y_min, x_max, y_max = visible.box
    rows = visible.index // width
    height_px, width_px = mask.shape
    within = x <= x_min and y <= y_min and x_max <= x + width_px and y_max <= y + height_px
    if within and mask.take(visible.index + (rows * (width_px - width) - (y * width_px + x))).all():
        return x, y, mask
    left, top, right, bottom = x_min, y_min, x_max, y_max
    if mask.size:
        left, top = min(x, left), min(y, top)
        right, bottom = max(x + width_px, right), max(y + height_px, bottom)
    canvas = np.zeros((bottom - top, right - left), dtype=np.bool_)
    if mask.size:
        canvas[y - top : y - top + height_px, x - left : x - left + width_px] = mask
    canvas[rows - top, visible.index - rows * width - left] = True
    return left, top, canvas
