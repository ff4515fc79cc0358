"""How well an object stands out: its contrast, and what air and lens leave of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.labels.masks import VisiblePixels
from simgen.rendering.protocol import RenderBuffers

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_POINTS = 4096


def contrast(buffers: RenderBuffers, instance_id: int, visible: VisiblePixels | None) -> float:
    """Contrast at no distance, in [0, 1]: root mean square of the difference between the object's luminances and the
    mean of its surroundings, over the larger of the two means. The surroundings are a frame about its box, a quarter
    of the box wide. 0 when nothing of it is visible."""
    if visible is None:
        return 0.0
    step = max(1, len(visible.index) // _POINTS)
    own = _luminance(buffers.radiance.reshape(-1, 3)[visible.index[::step]])
    x_min, y_min, x_max, y_max = visible.box
    height, width = buffers.instance.shape
    margin = max(2, round(0.25 * min(x_max - x_min, y_max - y_min)))
    rows = slice(max(0, y_min - margin), min(height, y_max + margin))
    columns = slice(max(0, x_min - margin), min(width, x_max + margin))
    stride = max(1, int(np.sqrt((rows.stop - rows.start) * (columns.stop - columns.start) / _POINTS)))
    around = buffers.instance[rows, columns][::stride, ::stride] != instance_id
    if not around.any():
        return 0.0
    background = float(_luminance(buffers.radiance[rows, columns][::stride, ::stride][around]).mean())
    scale = max(background, float(own.mean()), 1e-6)
    return float(min(1.0, np.sqrt(np.mean((own - background) ** 2)) / scale))


def transmittance(extinction_per_m: float, distance_m: float) -> float:
    """Share of light that comes through: e^(-βd)."""
    return float(np.exp(-extinction_per_m * distance_m))


def blocked_fraction(lens_blocked: NDArray[np.bool_] | None, visible: VisiblePixels | None) -> float:
    """Share of the visible pixels that lie under drops or dirt."""
    if lens_blocked is None or visible is None:
        return 0.0
    return float(lens_blocked.reshape(-1)[visible.index].mean())


def _luminance(rgb: NDArray[np.floating]) -> NDArray[np.float32]:
    luminance: NDArray[np.float32] = rgb.astype(np.float32) @ LUMINANCE
    return luminance
