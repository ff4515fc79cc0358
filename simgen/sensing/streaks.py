"""Streaks of moving particles on a picture: thin lines that are tested against depth, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.sensing import planes

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_CHUNK = 1000
_CELL = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curtain:
    """All streaks together: opacity ``cover`` (H, W), and ``light`` (H, W) of this tint that they add to the air's."""

    cover: Float32
    light: Float32
    tint: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streaks:
    """S streaks in the picture: ends (S, 2) in pixels, depth, opacity and luminance over the air's (S,).

    The opacity is the share of the exposure for which the particle covers a pixel on its way (Garg & Nayar 2007).
    """

    a: Float64
    b: Float64
    depth_m: Float64
    opacity: Float64
    luminance: Float64

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Streaks:
        return Streaks(
            a=self.a[chosen],
            b=self.b[chosen],
            depth_m=self.depth_m[chosen],
            opacity=self.opacity[chosen],
            luminance=self.luminance[chosen],
        )

    def smaller(self, scale: int) -> Streaks:
        """The same streaks on a picture of this many times fewer pixels a side."""
        return replace(self, a=(self.a + 0.5) / scale - 0.5, b=(self.b + 0.5) / scale - 0.5)


def accumulate(cover: Float32, light: Float32, streaks: Streaks, depth_m: Float32, scale: int) -> None:
    """Adds the streaks' opacity and light (H, W) in place, by way of a layer ``scale`` times smaller."""
    height, width = depth_m.shape
    if scale == 1:
        _draw(cover, light, streaks, depth_m)
        return
    small_h, small_w = -(-height // scale), -(-width // scale)
    layers = np.zeros((2, small_h, small_w), dtype=np.float32)
    _draw(layers[0], layers[1], streaks.smaller(scale), depth_m[::scale, ::scale])
    for total, layer in zip((cover, light), layers, strict=True):
        wide = planes.enlarge(planes.box(layer, 3), small_w * scale, small_h * scale)
        planes.add(total, wide[:height, :width], out=total)


def _draw(cover: Float32, light: Float32, streaks: Streaks, surface_m: Float32) -> None:
    """Adds the streaks to ``cover`` and ``light`` (h, w) where they pass before the surface (h, w).

    Along its longer axis a streak has a point at every pixel; across, the point is shared between the two pixels that
    it lies between. The surface counts in cells of 4 x 4 pixels: four bytes in each are read instead of sixty-four.
    """
    height, width = surface_m.shape
    a, b, kept = _clipped(streaks.a, streaks.b, width, height)
    surface = np.ascontiguousarray(surface_m[::_CELL, ::_CELL])
    size = np.abs(b - a)
    upright = size[:, 1] >= size[:, 0]
    for axis, chosen in ((1, np.flatnonzero(upright)), (0, np.flatnonzero(~upright))):
        # A thousand at a time, neighbours together: their points stay in the cache.
        chosen = chosen[np.argsort(a[chosen, 1 - axis], kind="stable")]
        for i in range(0, len(chosen), _CHUNK):
            part = chosen[i : i + _CHUNK]
            _add(cover, light, streaks.only(kept[part]), a[part], b[part], axis, surface)


def _add(
    cover: Float32, light: Float32, streaks: Streaks, a: Float64, b: Float64, axis: int, surface_m: Float32
) -> None:
    """Adds streaks, clipped to a-b, that are longest along ``axis``."""
    height, width = cover.shape
    step = b - a
    first = np.floor(np.minimum(a[:, axis], b[:, axis]) + 0.5).astype(np.int32)
    last = np.floor(np.maximum(a[:, axis], b[:, axis]) + 0.5).astype(np.int32)
    counts = last - first + 1
    # A streak's weight is its length, at least a pixel, however many points it has.
    opacity = streaks.opacity * np.maximum(np.hypot(step[:, 0], step[:, 1]), 1.0) / counts
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(step[:, axis] != 0, step[:, 1 - axis] / step[:, axis], 0.0)
    start = a[:, 1 - axis] + slope * (first - a[:, axis])

    def repeated(values: NDArray[np.generic], kind: type[Any] = np.float32) -> Any:
        return np.repeat(values.astype(kind), counts)

    place = np.arange(counts.sum(), dtype=np.int32)
    place -= repeated(np.cumsum(counts) - counts, np.int32)
    across = place.astype(np.float32)
    across *= repeated(slope)
    across += repeated(start)
    # The first and the last point may lie half a pixel beyond the streak's end, and a little beyond the picture's.
    np.clip(across, 0.0, (width, height)[1 - axis] - 1, out=across)
    along = place + repeated(first, np.int32)
    other = across.astype(np.int32)
    share = across - other.astype(np.float32)
    x, y = (along, other) if axis == 0 else (other, along)
    rows, columns = surface_m.shape
    surface = surface_m.take(np.minimum(y // _CELL, rows - 1) * columns + np.minimum(x // _CELL, columns - 1))
    amount = repeated(opacity)
    amount *= repeated(streaks.depth_m) < surface
    luminance = repeated(streaks.luminance)
    index = y.astype(np.int64) * width + x
    for part in (1.0 - share, share):
        part *= amount
        np.add.at(cover.reshape(-1), index, part)
        part *= luminance
        np.add.at(light.reshape(-1), index, part)
        # The neighbour of a point on the last pixel has no weight, and need not be its neighbour.
        index += (width, 1)[axis]
        np.minimum(index, cover.size - 1, out=index)


def _clipped(a: Float64, b: Float64, width: int, height: int) -> tuple[Float64, Float64, NDArray[np.int64]]:
    """The parts of segments a-b (S, 2) that lie over a picture (Liang & Barsky 1984), and which segments these are."""
    step = b - a
    low, high = np.zeros(len(a)), np.ones(len(a))
    for axis, limit in ((0, width - 1.0), (1, height - 1.0)):
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = -a[:, axis] / step[:, axis], (limit - a[:, axis]) / step[:, axis]
        still = step[:, axis] == 0
        within = (a[:, axis] >= 0) & (a[:, axis] <= limit)
        enter, leave = np.minimum(enter, leave), np.maximum(enter, leave)
        low = np.maximum(low, np.where(still, np.where(within, 0.0, 2.0), enter))
        high = np.minimum(high, np.where(still, 1.0, leave))
    kept = np.flatnonzero(low <= high)
    start = a[kept] + low[kept, None] * step[kept]
    end = a[kept] + high[kept, None] * step[kept]
    limits = np.array([width - 1.0, height - 1.0])
    return np.clip(start, 0.0, limits), np.clip(end, 0.0, limits), kept
