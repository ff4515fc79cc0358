"""Which lamps and boxes matter to which squares of the image: so that a pixel asks only those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.rendering.light import Lamps
from simgen.rendering.raster.occluders import Boxes
from simgen.rendering.sky import LUMINANCE

TILE_PX = 32
LIST_ROW = 1024
AT_HAND = 4
"""Lamps that come along with a square; further ones stand in its list."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileLists:
    """T squares that show a surface.

    Attributes:
        tiles: (T, 12) int32: column and row in pixels, first entry and number of further lamps; column and row again,
            first entry and number of boxes; up to four lamps.
        runs: which of them have as many lamps at hand, and whether they show what throws light back: (lamps,
            retroreflective, first square, squares).
        entries: (R, 1024) float32 rows of indices, all lists one after the other.
        lit: (K,) whether the lamp is in any list.
    """

    tiles: NDArray[np.int32]
    runs: tuple[tuple[int, bool, int, int], ...]
    entries: NDArray[np.float32]
    lit: NDArray[np.bool_]


def tile_lists(
    camera: Camera,
    depth_m: NDArray[np.float32],
    retroreflective: NDArray[np.bool_],
    lamps: Lamps,
    boxes: Boxes,
    eye_m: Array,
    threshold_lux: float,
) -> TileLists:
    """Bounds each square's surfaces by a sphere; never leaves out a lamp that gives ``threshold_lux`` there, or a box
    within its reach.

    Args:
        depth_m: (H, W) planar z; 0 is sky.
        retroreflective: (H, W) whether what is seen throws light back to where it came from.
    """
    # Light is asked for at every other pixel only.
    cells = _squares(depth_m[::2, ::2])
    far = cells.max(axis=1).max(axis=-1)
    cells[cells == 0] = np.inf
    near = cells.min(axis=1).min(axis=-1)
    v, u = np.nonzero(far > 0)
    near_m, far_m = near[v, u].astype(np.float64), far[v, u].astype(np.float64)
    x = (np.stack([u, u + 1]) * TILE_PX - 0.5 - camera.cx_px) / camera.fx_px
    y = (np.stack([v, v + 1]) * TILE_PX - 0.5 - camera.cy_px) / camera.fy_px
    corners = np.stack([np.stack([x[i] * z, y[j] * z, z], -1) for z in (near_m, far_m) for i in (0, 1) for j in (0, 1)])
    center = corners.mean(axis=0)
    radius = np.linalg.norm(corners - center, axis=-1).max(axis=0)
    world = center @ camera.world_from_camera[:3, :3].T
    lit = _lamps_reach(world, radius, lamps, eye_m, threshold_lux)
    distance = np.linalg.norm(world[:, None] - boxes.center_m, axis=-1)
    shaded = distance < boxes.reach_m + radius[:, None]
    bright = _squares(retroreflective[::2, ::2]).max(axis=1).max(axis=-1)
    throws_back = bright[v, u] & lit.any(axis=1)
    lamps_of, boxes_of = lit.sum(axis=1), shaded.sum(axis=1)
    at_hand = np.minimum(lamps_of, AT_HAND)
    order = np.lexsort((u, v, throws_back, at_hand))
    u, v, throws_back = u[order], v[order], throws_back[order]
    lit, shaded = lit[order], shaded[order]
    lamps_of, boxes_of, at_hand = lamps_of[order], boxes_of[order], at_hand[order]

    tiles = np.zeros((len(u), 12), dtype=np.int32)
    tiles[:, 0:8:4], tiles[:, 1:8:4] = u[:, None] * TILE_PX, v[:, None] * TILE_PX
    square, lamp = np.nonzero(lit)
    place = np.arange(len(lamp)) - (np.cumsum(lamps_of) - lamps_of)[square]  # in the square's own list
    near_by = place < AT_HAND
    tiles[square[near_by], 8 + place[near_by]] = lamp[near_by]
    further, box = lamp[~near_by], np.nonzero(shaded)[1]
    tiles[:, 3] = lamps_of - at_hand
    tiles[:, 2] = np.cumsum(tiles[:, 3]) - tiles[:, 3]
    tiles[:, 7] = boxes_of
    tiles[:, 6] = len(further) + np.cumsum(boxes_of) - boxes_of
    entries = np.zeros((max(1, -(-(len(further) + len(box)) // LIST_ROW)), LIST_ROW), dtype=np.float32)
    entries.reshape(-1)[: len(further) + len(box)] = np.concatenate([further, box])
    kind = 2 * at_hand + throws_back
    starts = np.flatnonzero(np.diff(kind, prepend=-1))
    ends = np.append(starts, len(kind))[1:]
    runs = tuple(
        (int(at_hand[i]), bool(throws_back[i]), int(i), int(end - i)) for i, end in zip(starts, ends, strict=True)
    )
    return TileLists(tiles=tiles, runs=runs, entries=entries, lit=np.any(lit, axis=0))


def _squares(cells: NDArray[Any]) -> NDArray[Any]:
    """(rows, side, columns, side) of cells (h, w), filled up with zeros."""
    height, width = cells.shape
    side = TILE_PX // 2
    rows, columns = -(-height // side), -(-width // side)
    padded = np.zeros((rows * side, columns * side), dtype=cells.dtype)
    padded[:height, :width] = cells
    return padded.reshape(rows, side, columns, side)


def _lamps_reach(
    center_m: Array, radius_m: Array, lamps: Lamps, eye_m: Array, threshold_lux: float
) -> NDArray[np.bool_]:
    """(T, K) whether lamps may light anything within spheres (T, 3), (T,)."""
    to = center_m[:, None] - (lamps.position_m - eye_m)
    distance = np.maximum(np.linalg.norm(to, axis=-1), 1e-9)
    closest = np.maximum(distance - radius_m[:, None], 0.1)
    strong = (lamps.intensity_cd @ LUMINANCE) / closest**2 > threshold_lux
    cone = np.arccos(np.clip(lamps.cos_outer, -1.0, 1.0))
    angle = np.arccos(np.clip(np.einsum("tkc,kc->tk", to, lamps.direction) / distance, -1.0, 1.0))
    spread = np.where(distance > radius_m[:, None], np.arcsin(np.minimum(radius_m[:, None] / distance, 1.0)), 4.0)
    result: NDArray[np.bool_] = strong & ((angle <= cone + spread) | (lamps.cos_outer < -1.0))
    return result
