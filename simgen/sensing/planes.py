"""Arithmetic on float32 images (H, W) and (H, W, 3): OpenCV's, one vectorised pass each, into place where asked.

A scalar operand is one number for every channel, or one number for each of three.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Rgb = tuple[float, float, float]

_BAND = 3 << 15
"""Numbers in a group of rows: 384 KB of single precision."""

# OpenCV's type stubs know nothing of scalar operands, which are what most of this module is about.
_cv: Any = cv2


def bands(height: int, row: int) -> Iterator[slice]:
    """Groups of rows of ``row`` numbers each, as many as the processor's cache takes: what is done to one group in
    several steps stays there in between."""
    step = max(1, _BAND // max(row, 1))
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


def spare(height: int, width: int) -> Float32:
    """(h, W, 3) to work in, as large as the largest of the bands of a picture: fresh memory for each costs more than
    the work in it."""
    return np.empty((next(bands(height, 3 * width)).stop, width, 3), dtype=np.float32)


def add(a: Float32, b: Float32 | float | Rgb, out: Float32 | None = None) -> Float32:
    if _tiny(a):
        return _keep(np.add(a, b), out)
    result: Float32 = _cv.add(a, _operand(b), dst=out)
    return result


def multiply(a: Float32, b: Float32 | float | Rgb, out: Float32 | None = None, scale: float = 1.0) -> Float32:
    if _tiny(a):
        return _keep(np.multiply(a, b) * scale, out)
    if isinstance(b, float):
        # NumPy's, because OpenCV's is several times slower with one number than with a picture of them.
        return np.multiply(a, np.float32(b * scale), out=out)
    result: Float32 = _cv.multiply(a, _operand(b), dst=out, scale=scale)
    return result


def exp(a: Float32, out: Float32 | None = None) -> Float32:
    result: Float32 = _cv.exp(a, dst=out)
    return result.reshape(a.shape)


def sqrt(a: Float32, out: Float32 | None = None) -> Float32:
    result: Float32 = _cv.sqrt(a, dst=out)
    return result


def tinted(a: Float32, color: Rgb, b: Float32, color_b: Rgb, out: Float32 | None = None) -> Float32:
    """(H, W) -> (H, W, 3), a · color + b · color_b."""
    result: Float32 = _cv.merge([weigh(a, c, b, d, 0.0) for c, d in zip(color, color_b, strict=True)], dst=out)
    return result.reshape(*a.shape, 3)


def gather(total: Float32, a: Float32, b: Float32, spare: Float32) -> None:
    """total (H, W, 3) += a (H, W, 3) · b (H, W), in place; what ``spare`` (H, W, 3) holds is lost."""
    if _tiny(total):
        total += a * b[..., None]
        return
    _cv.accumulateProduct(a, _cv.merge([b, b, b], dst=spare), total)


def weigh(a: Float32, share_a: float, b: Float32, share_b: float, offset: float, out: Float32 | None = None) -> Float32:
    """a · share_a + b · share_b + offset."""
    if _tiny(a):
        return _keep(a * share_a + b * share_b + offset, out)
    result: Float32 = _cv.addWeighted(a, share_a, b, share_b, offset, dst=out)
    return result


def whole(a: Float32, scale: float, offset: float, top: int) -> NDArray[np.uint16]:
    """a · scale + offset, rounded to the nearest number from 0 to ``top``, half to even."""
    result: NDArray[np.uint16]
    if _tiny(a):
        result = np.clip(np.rint(a * scale + offset), 0, top).astype(np.uint16)
        return result
    result = _cv.addWeighted(a, scale, a, 0.0, offset, dtype=cv2.CV_16U)
    _cv.min(result, (float(top), 0.0, 0.0, 0.0), dst=result)
    return result


def maximum(a: Float32, b: Float32 | float, out: Float32 | None = None) -> Float32:
    if _tiny(a):
        return _keep(np.maximum(a, b), out)
    result: Float32 = _cv.max(a, b, dst=out)  # with one number in half of NumPy's time
    return result


def shrink(a: Float32, width: int, height: int) -> Float32:
    """The mean over each of the larger pixels."""
    if a.shape[0] >= 8 * height and a.shape[1] >= 8 * width:
        # Sizes that are no multiple of each other take OpenCV three times as long; by then they are small.
        a = _cv.resize(a, (a.shape[1] // 4, a.shape[0] // 4), interpolation=cv2.INTER_AREA)
    result: Float32 = _cv.resize(a, (width, height), interpolation=cv2.INTER_AREA)
    return result


def enlarge(a: Float32, width: int, height: int) -> Float32:
    """Interpolated linearly to a larger picture."""
    result: Float32 = _cv.resize(a, (width, height), interpolation=cv2.INTER_LINEAR)
    return result


def mosaic(a: Float32) -> Float32:
    """(H, W) from (H, W, 3): of each pixel what its filter on a red-green/green-blue mosaic lets through."""
    height, width = a.shape[:2]
    if height % 2 or width % 2:
        border = _cv.copyMakeBorder(a, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        return np.ascontiguousarray(mosaic(border)[:height, :width])
    result = np.empty((height, width), dtype=np.float32)
    # Two neighbours as one pixel of six channels.
    pairs, chosen = np.ascontiguousarray(a).reshape(height, width // 2, 6), result.reshape(height, width // 2, 2)
    _cv.mixChannels([pairs[0::2]], [chosen[0::2]], [0, 0, 4, 1])
    _cv.mixChannels([pairs[1::2]], [chosen[1::2]], [1, 0, 5, 1])
    return result


def gaussian(a: Float32, sigma_px: float) -> Float32:
    result: Float32 = _cv.GaussianBlur(a, (0, 0), sigma_px)
    return result


def gaussian3(a: Float32, sigma_px: float) -> Float32:
    """A narrow Gaussian, on 3 x 3 pixels."""
    result: Float32 = _cv.GaussianBlur(a, (3, 3), sigma_px)
    return result.reshape(a.shape)


def box(a: Float32, side_px: int) -> Float32:
    """The mean over a square of an odd number of pixels."""
    result: Float32 = _cv.blur(a, (side_px, side_px))
    return result


def sample(a: Float32, x_px: NDArray[np.floating], y_px: NDArray[np.floating]) -> Float32:
    """(N, 3) of ``a`` (H, W, 3) at N places, between its pixels, mirrored outside of its edges."""
    count = len(x_px)
    if count == 0:
        return np.zeros((0, a.shape[2]), dtype=np.float32)
    # OpenCV fills pictures of less than 32,768 pixels a side.
    places = np.zeros((2, -(-count // 256) * 256), dtype=np.float32)
    places[0, :count], places[1, :count] = x_px, y_px
    x, y = places.reshape(2, -1, 256)
    found: Float32 = _cv.remap(a, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return found.reshape(-1, a.shape[2])[:count]


def single_precision(radiance: NDArray[np.float16] | Float32) -> Float32:
    """(H, W, 3) half to single precision; OpenCV does in a quarter of the time what NumPy does."""
    if radiance.dtype != np.float16:
        return radiance.astype(np.float32)
    wide: Float32 = _cv.convertFp16(np.ascontiguousarray(radiance).view(np.int16))
    return wide.reshape(radiance.shape)


def _tiny(a: object) -> bool:
    """Whether OpenCV would take this picture for a scalar."""
    return isinstance(a, np.ndarray) and a.size <= 12


def _keep(value: NDArray[np.floating], out: Float32 | None) -> Float32:
    if out is None:
        return value.astype(np.float32)
    out[...] = value
    return out


def _operand(value: Float32 | float | Rgb) -> object:
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, tuple):
        return (*value, 0.0)
    return (value, value, value, 0.0)
