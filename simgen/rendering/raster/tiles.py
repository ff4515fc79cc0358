"""Which lamps and boxes matter to which squares of the image: so that a pixel asks only those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.core.srgb import LUMINANCE
from simgen.rendering.light import SHEETING_GAIN
from simgen.rendering.raster.occluders import Boxes
from simgen.scene.lamps import Lamps

TILE_PX = 32
LIST_ROW = 1024
AT_HAND = (0, 2, 4)
"""Lamps that may come along with a square; further ones stand in its list. There is a program for each number, and few
of them: a machine compiles each for a third of a second when it first draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Squares that follow each other and that one variant of the program shades.

    Attributes:
        at_hand: how many lamps come along with each; where it has fewer, one without light fills up.
        throws_back, wettable: whether they show what sends light back to a lamp, and what holds water.
        first, count: which squares.
    """

    at_hand: int
    throws_back: bool
    wettable: bool
    first: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileLists:
    """T squares that show a surface, those with something wettable last.

    Attributes:
        tiles: (T, 12) int32: column and row in pixels, first entry and number of further lamps; column and row of a
            square, first entry and number of its boxes; four lamps at hand, the index after the last where there are
            fewer. Those of the boxes have an order of their own: first squares that have none.
        boxless: how many these are.
        entries: (R, 1024) float32 rows of indices, all lists one after the other.
        lit: (K,) whether the lamp is in any list.
    """

    tiles: NDArray[np.int32]
    runs: tuple[Run, ...]
    entries: NDArray[np.float32]
    lit: NDArray[np.bool_]
    boxless: int

    @property
    def wettable(self) -> tuple[int, int]:
        """First and number of the squares that show something wettable."""
        first = min((run.first for run in self.runs if run.wettable), default=len(self.tiles))
        return first, len(self.tiles) - first


def tile_lists(
    camera: Camera,
    depth_m: NDArray[np.float32],
    retroreflectance: NDArray[np.float32],
    wettable: NDArray[np.bool_],
    lamps: Lamps,
    boxes: Boxes,
    eye_m: Array,
    threshold_lux: float,
) -> TileLists:
    """Bounds each square's surfaces by a box; never leaves out a lamp that gives ``threshold_lux`` there, on what sends
    light back less (``SHEETING_GAIN``), or a body within its reach.

    Args:
        depth_m: (h, w) planar z of the pixels that light is asked for at, see ``asked_at``; 0 is sky.
        retroreflectance: (h, w) of what is seen there; wettable: (h, w) whether it holds water.
    """
    cells = _squares(depth_m)
    far = cells.max(axis=1).max(axis=-1)
    cells[cells == 0] = np.inf
    near = cells.min(axis=1).min(axis=-1)
    v, u = np.nonzero(far > 0)
    z = np.stack([near[v, u], far[v, u]]).astype(np.float64)
    x, y = camera.places(*(np.stack([k, k + 1]) * TILE_PX - 0.5 for k in (u, v)))
    # What lies to the right of the axis reaches farthest right at its far end, and farthest left at its near one.
    low = np.stack([*(np.minimum(c[0] * z[0], c[0] * z[1]) for c in (x, y)), z[0]])
    high = np.stack([*(np.maximum(c[1] * z[0], c[1] * z[1]) for c in (x, y)), z[1]])
    center, half = 0.5 * (low + high)[:, :, None], 0.5 * (high - low)[:, :, None]
    camera_from_world = camera.world_from_camera[:3, :3].T
    to_lamps = center - (camera_from_world @ (lamps.position_m - eye_m).T)[:, None]
    sheeting = _most(retroreflectance)[v, u]
    faintest = threshold_lux / np.maximum(1.0, SHEETING_GAIN * sheeting[:, None])
    lit = _lamps_reach(to_lamps, half, camera_from_world @ lamps.direction.T, lamps, faintest)
    to_boxes = center - (camera_from_world @ boxes.center_m.T)[:, None]
    shaded = _squared_distance(to_boxes, half) < boxes.reach_m**2
    lamps_of, boxes_of = lit.sum(axis=1), shaded.sum(axis=1)
    holds = _most(wettable)[v, u]
    level = np.minimum(np.searchsorted(AT_HAND, lamps_of), len(AT_HAND) - 1)
    sends = (sheeting > 0.0) & (level > 0)
    level[(holds | sends) & (level > 0)] = len(AT_HAND) - 1  # on a lit road most have all
    at_hand = np.array(AT_HAND)[level]
    kind = (holds * len(AT_HAND) + level) * 2 + sends
    tiles = np.zeros((len(u), 12), dtype=np.int32)
    tiles[:, 8:] = len(lamps)
    beside = np.argsort(boxes_of > 0, kind="stable")
    tiles[:, 4], tiles[:, 5] = u[beside] * TILE_PX, v[beside] * TILE_PX
    boxes_of, shaded = boxes_of[beside], shaded[beside]
    order = np.lexsort((u, v, kind))
    tiles[:, 0], tiles[:, 1] = u[order] * TILE_PX, v[order] * TILE_PX
    kind, lit, holds, lamps_of, at_hand = kind[order], lit[order], holds[order], lamps_of[order], at_hand[order]

    square, lamp = np.nonzero(lit)
    place = np.arange(len(lamp)) - (np.cumsum(lamps_of) - lamps_of)[square]  # in the square's own list
    near_by = place < at_hand[square]
    tiles[square[near_by], 8 + place[near_by]] = lamp[near_by]
    further, box = lamp[~near_by], np.nonzero(shaded)[1]
    tiles[:, 3] = np.maximum(lamps_of - at_hand, 0)
    tiles[:, 2] = np.cumsum(tiles[:, 3]) - tiles[:, 3]
    tiles[:, 7] = boxes_of
    tiles[:, 6] = len(further) + np.cumsum(boxes_of) - boxes_of
    entries = np.zeros((max(1, -(-(len(further) + len(box)) // LIST_ROW)), LIST_ROW), dtype=np.float32)
    entries.reshape(-1)[: len(further) + len(box)] = np.concatenate([further, box])
    starts = np.flatnonzero(np.diff(kind, prepend=-1))
    ends = np.append(starts, len(kind))[1:]
    runs = tuple(
        Run(
            at_hand=int(at_hand[i]),
            throws_back=bool(kind[i] % 2),
            wettable=bool(holds[i]),
            first=int(i),
            count=int(end - i),
        )
        for i, end in zip(starts, ends, strict=True)
    )
    boxless = int(np.count_nonzero(boxes_of == 0))
    return TileLists(tiles=tiles, runs=runs, entries=entries, lit=np.any(lit, axis=0), boxless=boxless)


def sky_squares(camera: Camera, empty: NDArray[np.bool_], least_sine: float) -> tuple[NDArray[np.int32], int]:
    """Squares that show the sky, the high ones first, and how many of them are high.

    Args:
        empty: (H, W) where there is sky.
        least_sine: of the elevation below which a high one looks nowhere; not below the horizon, so that the directions
            above it are a convex set, and the corners decide.

    Returns:
        (T, 12) int32 as in ``TileLists``, of which only column and row are set.
    """
    height, width = empty.shape
    columns, rows = -(-width // TILE_PX), -(-height // TILE_PX)
    padded = np.zeros((rows * TILE_PX, columns * TILE_PX), dtype=np.bool_)
    padded[:height, :width] = empty
    shown = padded.reshape(rows, TILE_PX, columns, TILE_PX).any(axis=1).any(axis=-1)
    x, y = camera.places(*(np.arange(n + 1) * TILE_PX - 0.5 for n in (columns, rows)))
    y = y[:, None]
    up = camera.world_from_camera[2, :3]
    above = up[0] * x + up[1] * y + up[2] >= least_sine * np.sqrt(x * x + y * y + 1.0)
    high = above[1:, 1:] & above[1:, :-1] & above[:-1, 1:] & above[:-1, :-1]
    tiles = np.zeros((int(shown.sum()), 12), dtype=np.int32)
    found = np.concatenate([np.argwhere(shown & high), np.argwhere(shown & ~high)])
    tiles[:, :2] = found[:, ::-1] * TILE_PX
    return tiles, int(np.count_nonzero(shown & high))


def _squares(cells: NDArray[Any]) -> NDArray[Any]:
    """(rows, side, columns, side) of cells (h, w), filled up with zeros."""
    height, width = cells.shape
    side = TILE_PX // 2
    rows, columns = -(-height // side), -(-width // side)
    padded = np.zeros((rows * side, columns * side), dtype=cells.dtype)
    padded[:height, :width] = cells
    return padded.reshape(rows, side, columns, side)


def _most(cells: NDArray[Any]) -> NDArray[Any]:
    """(rows, columns) the largest of the cells (h, w) in each square."""
    result: NDArray[Any] = _squares(cells).max(axis=1).max(axis=-1)
    return result


def _squared_distance(offset_m: Array, half_m: Array) -> Array:
    """(...) from points to boxes of half sizes (3, ...), whose centres lie at offsets (3, ...) from the points."""
    gap = np.abs(offset_m)
    gap -= half_m
    np.maximum(gap, 0.0, out=gap)
    result: Array = np.einsum("c...,c...->...", gap, gap)
    return result


def _lamps_reach(offset_m: Array, half_m: Array, axis: Array, lamps: Lamps, threshold_lux: Array) -> NDArray[np.bool_]:
    """(T, K) whether lamps may light anything within boxes.

    Args:
        offset_m: (3, T, K) from the lamps to the boxes' centres; half_m: (3, T, 1) sizes; axis: (3, K) of the lamps'
            cones; all along the sides of the boxes. threshold_lux: (T, 1).
    """
    closest = np.maximum(_squared_distance(offset_m, half_m), 0.01)
    strength = lamps.rgb_cd @ LUMINANCE
    strong = strength > threshold_lux * closest
    # The plane that touches the cone on the box's side: a box beyond it lies in the dark.
    along = np.einsum("ctk,ck->tk", offset_m, axis)
    across = offset_m - along * axis[:, None]
    across /= np.maximum(np.sqrt(np.einsum("ctk,ctk->tk", across, across)), 1e-9)
    cosine = np.clip(lamps.cos_outer, 0.0, 1.0)
    normal = cosine * across - np.sqrt(1.0 - cosine * cosine) * axis[:, None]
    beyond = np.einsum("ctk,ctk->tk", offset_m, normal) > np.einsum("ctk,ct->tk", np.abs(normal), half_m[:, :, 0])
    # Of a cone wider than a half space nothing is left out.
    spilt = strength * lamps.spill > threshold_lux * closest
    result: NDArray[np.bool_] = strong & (~(beyond & (lamps.cos_outer >= 0.0)) | spilt)
    return result
