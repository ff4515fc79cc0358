"""sRGB (IEC 61966-2-1): its transfer function, and the luminance of its primaries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Share of each primary in the luminance of linear RGB (ITU-R BT.709)."""
LUMINANCE.setflags(write=False)


def encoded(linear: NDArray[Any]) -> NDArray[Any]:
    """Encoded values in [0, 1] of linear ones, in the same floating type and shape."""
    low = linear * 12.92
    high = 1.055 * np.power(np.maximum(linear, 1e-9), 1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, low, high)


def decoded(encoded: NDArray[Any]) -> NDArray[Any]:
    """Linear values in [0, 1] of encoded ones, in the same floating type and shape."""
    result: NDArray[Any] = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return result


LINEAR = decoded(np.arange(256) / 255)
"""(256,) linear values of the bytes 0 to 255, for pictures to look up."""
LINEAR.setflags(write=False)
