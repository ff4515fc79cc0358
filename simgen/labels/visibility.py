"""How well an object stands out: its contrast, and what air and lens leave of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simgen.core.srgb import LUMINANCE
from simgen.labels.masks import VisiblePixels
from simgen.rendering.protocol import RenderBuffers

_LUMINANCE = LUMINANCE.astype(np.float32)
_POINTS = 1024


def contrast(buffers: RenderBuffers, instance_id: int, visible: VisiblePixels | None) -> float:
    """Contrast at no distance, in [0, 1]: root mean square of the difference between the object's luminances and the
    mean of its surroundings, over the larger of the two means. The surroundings are a frame about its box, a quarter
    of the box wide. 0 when nothing of it is visible."""
    if visible is None:
        return 0.0
    step = -(-len(visible.index) // _POINTS)
    own = _luminance(buffers.radiance.reshape(-1, 3).take(visible.index[::step], axis=0))
    x_min, y_min, x_max, y_max = visible.box
    height, width = buffers.instance.shape
    margin = max(2, round(0.25 * min(x_max - x_min, y_max - y_min)))
    top, bottom = max(0, y_min - margin), min(height, y_max + margin)
    left, right = max(0, x_min - margin), min(width, x_max + margin)
    stride = max(1, math.isqrt((bottom - top) * (right - left) // _POINTS))
    window = slice(top, bottom, stride), slice(left, right, stride)
    around = np.flatnonzero(buffers.instance[window] != instance_id)
    if len(around) == 0:
        return 0.0
    there = buffers.radiance[window].reshape(-1, 3).take(around, axis=0)
    background = float(_luminance(there).sum()) / len(there)
    scale = max(background, float(own.sum()) / len(own), 1e-6)
    own -= np.float32(background)
    return min(1.0, math.sqrt(float(own @ own) / len(own)) / scale)


def transmittance(extinction_per_m: float, distance_m: float) -> float:
    """Share of light that comes through: e^(-βd)."""
    return math.exp(-extinction_per_m * distance_m)


def blocked_fraction(lens_blocked: NDArray[np.bool_] | None, visible: VisiblePixels | None) -> float:
    """Share of the visible pixels that lie under drops or dirt."""
    if lens_blocked is None or visible is None:
        return 0.0
    return int(np.count_nonzero(lens_blocked.take(visible.index))) / len(visible.index)


def _luminance(rgb: NDArray[np.floating]) -> NDArray[np.float32]:
    luminance: NDArray[np.float32] = rgb.astype(np.float32) @ _LUMINANCE
    return luminance
