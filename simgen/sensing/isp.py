"""From the mosaic's numbers to an sRGB picture: white balance, tone curve, gamma, demosaicing, chroma denoising."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.sensing.imager import BLACK_LEVEL

UInt8 = NDArray[np.uint8]

SHOULDER = 0.55
"""Where the tone curve bends: x (1 + s) / (x + s) lifts the dark and rolls off the bright."""


def srgb(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """IEC 61966-2-1 encoding of [0, 1]."""
    low = linear * 12.92
    high = 1.055 * np.power(np.maximum(linear, 1e-9), 1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, low, high)


def tone(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """Display-linear [0, 1] of scene-linear shares of full scale; monotonic, 0 to 0 and 1 to 1."""
    x = np.clip(linear, 0.0, 1.0)
    curve: NDArray[np.floating] = x * (1.0 + SHOULDER) / (x + SHOULDER)
    return curve


@lru_cache(maxsize=64)
def _curve(top: int, gain: float) -> UInt8:
    black = BLACK_LEVEL * top
    linear = (np.arange(top + 1) - black) / (top - black) * gain
    return np.round(255.0 * srgb(tone(linear))).astype(np.uint8)


def develop(numbers: NDArray[np.uint16], top: int, balance: tuple[float, float, float], smoothing: float) -> UInt8:
    """(H, W, 3) uint8 sRGB of mosaic numbers (H, W) in 0 … ``top``.

    Gamma comes before demosaicing, as in small cameras' pipelines: it keeps the fringes about lamps narrow.
    ``smoothing`` in [0, 1] says how far chroma gives way to its neighbours' mean.
    """
    height, width = numbers.shape
    coded = np.empty((height, width), dtype=np.uint8)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        # A step of 1/256 in the gain cannot be seen, and keeps the number of curves small.
        gain = round(256 * balance[channel]) / 256
        coded[row::2, column::2] = np.take(_curve(top, gain), numbers[row::2, column::2])
    pad_y, pad_x = max(2, 6 - height) + height % 2, max(2, 6 - width) + width % 2
    padded = cv2.copyMakeBorder(
        coded, 2, pad_y, 2, pad_x, cv2.BORDER_REFLECT_101 if min(height, width) > 8 else cv2.BORDER_WRAP
    )
    image = cv2.cvtColor(padded, cv2.COLOR_BayerBG2RGB_EA)[2 : 2 + height, 2 : 2 + width]
    if smoothing > 0 and min(height, width) >= 8:
        return _smooth_chroma(np.ascontiguousarray(image), smoothing)
    return np.ascontiguousarray(image)


def _smooth_chroma(image: UInt8, share: float) -> UInt8:
    separated = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    height, width = image.shape[:2]
    luma, red, blue = cv2.split(separated)
    smoothed = []
    for chroma in (red, blue):
        small = cv2.resize(chroma, ((width + 3) // 4, (height + 3) // 4), interpolation=cv2.INTER_AREA)
        small = cv2.blur(small, (3, 3))
        wide = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
        smoothed.append(cv2.addWeighted(chroma, 1.0 - share, wide, share, 0.0))
    merged = cv2.cvtColor(cv2.merge([luma, *smoothed]), cv2.COLOR_YCrCb2RGB)
    return np.asarray(merged, dtype=np.uint8)
