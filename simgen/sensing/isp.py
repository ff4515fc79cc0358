"""From the mosaic's numbers to an sRGB picture: white balance, tone curve, gamma, demosaicing, chroma denoising."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.srgb import decoded
from simgen.sensing.imager import Imager

UInt8 = NDArray[np.uint8]

_WIDE_TABLES = tuple(int(n) for n in cv2.__version__.split(".")[:2]) >= (4, 13)
"""Whether OpenCV looks 16-bit numbers up; NumPy does it in twice the time."""

SHOULDER = 0.5
"""Where the tone curve bends: x / (x + s) lifts the dark and rolls off the bright (Reinhard et al. 2002)."""


def tone(linear: NDArray[np.floating], brightest: float) -> NDArray[np.floating]:
    """Display-linear [0, 1] of scene-linear shares of the first exposure's range; monotonic, 0 to 0 and ``brightest``
    to 1."""
    x = np.clip(linear, 0.0, brightest)
    curve: NDArray[np.floating] = x / (x + SHOULDER) * (1.0 + SHOULDER / brightest)
    return curve


@lru_cache(maxsize=64)
def _curve(black: float, white: int, top: int, gain: float) -> UInt8:
    """Of each number up to ``top`` its step of 255: from where each step begins, a tenth of the cost."""
    begins = np.ceil(black + (white - black) / gain * _beginnings((top - black) / (white - black)))
    begins = np.clip(begins, 0, top + 1).astype(np.int64)
    return np.repeat(np.arange(256, dtype=np.uint8), np.diff(begins, prepend=0, append=top + 1))


@lru_cache(maxsize=8)
def _beginnings(brightest: float) -> NDArray[np.float64]:
    """(255,) scene-linear shares from which on ``tone``, sRGB encoded, rounds to 1 … 255 steps: the inverse of both."""
    shown = decoded((np.arange(255) + 0.5) / 255.0)
    return SHOULDER * shown / (1.0 + SHOULDER / brightest - shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denoising:
    """How far chroma gives way to its neighbours' mean (0 … 1), and the deviation of luma from its neighbours' mean, in
    steps of 1/255, of which half is taken for noise."""

    chroma: float = 0.0
    luma: float = 0.0


def denoising(gain: float) -> Denoising:
    """As much as a camera does at this gain."""
    stops = float(np.log2(max(gain, 1.0)))
    return Denoising(chroma=min(0.5 + 0.12 * stops, 0.92), luma=2.5 * max(stops - 1.0, 0.0))


def develop(
    numbers: NDArray[np.uint16],
    imager: Imager,
    balance: tuple[float, float, float],
    *,
    denoising: Denoising,
) -> UInt8:
    """(H, W, 3) uint8 sRGB of the mosaic numbers (H, W) of ``imager``.

    Gamma comes before demosaicing, as in small cameras' pipelines: it keeps the fringes about lamps narrow.
    """
    height, width = numbers.shape
    # A step of 1/256 in the gain cannot be seen, and keeps the number of curves small.
    curves = [_curve(imager.black, imager.white, imager.top, round(256 * gain) / 256) for gain in balance]
    coded = _coded(numbers, *curves)
    # An even border on the left and top keeps the mosaic's phase; mirrored, it keeps its colours.
    border = cv2.BORDER_REFLECT_101 if min(height, width) > 8 else cv2.BORDER_WRAP
    pad_y, pad_x = max(2, 6 - height) + height % 2, max(2, 6 - width) + width % 2
    padded = cv2.copyMakeBorder(coded, 2, pad_y, 2, pad_x, border)
    image = cv2.cvtColor(padded, cv2.COLOR_BayerBG2RGB_EA)[2 : 2 + height, 2 : 2 + width]
    if min(height, width) < 8:
        return np.asarray(image, dtype=np.uint8).copy()
    return _denoise(np.ascontiguousarray(image, dtype=np.uint8), denoising)


def _coded(numbers: NDArray[np.uint16], red: UInt8, green: UInt8, blue: UInt8) -> UInt8:
    """(H, W) what the tables of each filter's numbers say, on an RG/GB mosaic."""
    height, width = numbers.shape
    coded = np.empty((height, width), dtype=np.uint8)
    for row, first, second in ((0, red, green), (1, green, blue)):
        if _WIDE_TABLES and width % 2 == 0 and height > row:
            # Two neighbours as one pixel of two channels, each with its table.
            pairs, done = numbers[row::2].reshape(-1, width // 2, 2), coded[row::2].reshape(-1, width // 2, 2)
            # A table of 65,536; no number lies beyond the top.
            tables = np.full((1, 65536, 2), 255, dtype=np.uint8)
            tables[0, : len(first), 0], tables[0, : len(second), 1] = first, second
            done[...] = cv2.LUT(pairs, tables)
        else:
            for column, table in ((0, first), (1, second)):
                coded[row::2, column::2] = np.take(table, numbers[row::2, column::2], mode="clip")
    return coded


def _denoise(image: UInt8, by: Denoising) -> UInt8:
    separated = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    height, width = image.shape[:2]
    luma, *colors = cv2.split(separated, [np.empty((height, width), dtype=np.uint8) for _ in range(3)])
    threshold = round(by.luma, 1)  # a table serves all thresholds that are alike
    if threshold > 0:
        luma = _core(np.asarray(luma, dtype=np.uint8), threshold)
    for chroma in colors:
        # Twice by two, which is several times as fast as once by four.
        half = cv2.resize(chroma, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
        small = cv2.resize(half, ((width + 3) // 4, (height + 3) // 4), interpolation=cv2.INTER_AREA)
        wide = cv2.resize(cv2.blur(small, (3, 3)), (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.addWeighted(chroma, 1.0 - by.chroma, wide, by.chroma, 0.0, dst=chroma)
    merged = cv2.cvtColor(cv2.merge([luma, *colors], separated), cv2.COLOR_YCrCb2RGB, dst=separated)
    return np.asarray(merged, dtype=np.uint8)


def _core(luma: UInt8, threshold: float) -> UInt8:
    """Coring: what differs little from the neighbours' mean is taken for noise and shrunk, as a Wiener filter does."""
    # On five pixels this is as wide as a Gaussian of 1.2 pixels.
    pairs = np.empty((*luma.shape, 2), dtype=np.uint8)
    cv2.merge([luma, cv2.GaussianBlur(luma, (5, 5), 1.5)], pairs)
    both, table = pairs.view(np.uint16)[..., 0], _coring(threshold)
    return np.asarray(cv2.LUT(both, table) if _WIDE_TABLES else table[both], dtype=np.uint8)


@lru_cache(maxsize=64)
def _coring(threshold: float) -> UInt8:
    """(65536,) of each pair of luma and its neighbours' mean, as one number, what is left of the luma."""
    luma, smooth = np.arange(65536, dtype=np.uint16).view(np.uint8).reshape(-1, 2).T.astype(np.int64)
    detail = np.clip(luma - smooth, -128, 127)
    kept = np.round(detail**3 / (detail**2 + threshold**2))
    left: UInt8 = np.clip(smooth + kept, 0, 255).astype(np.uint8)
    return left
