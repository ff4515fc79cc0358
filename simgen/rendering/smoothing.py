"""Anti-aliasing of the radiance after it was drawn; ids and depth guide it and stay as they are.

Morphological anti-aliasing (Reshetov 2009): a run of edges between two rows (or columns) of pixels stands for a slanted
line between the run's ends, and each pixel takes from across the edge the share that lies on that side of the line.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

REACH = 12
"""Pixels along an edge within which its ends count."""
MOST = 0.75
"""Largest share of a pixel that comes from others."""

Bool = NDArray[np.bool_]
Index = NDArray[np.int64]
Float32 = NDArray[np.float32]


def smooth(radiance: NDArray[np.float16], right: Bool, below: Bool) -> NDArray[np.float16]:
    """(H, W, C) the radiance with smooth edges.

    Args:
        right, below: (H, W) where a surface ends between a pixel and its neighbour to the right, or below.
    """
    height, width = right.shape
    # Columns are rows of the picture turned over its diagonal.
    turned: list[Bool] = [np.asarray(cv2.transpose(ends.view(np.uint8))).view(np.bool_) for ends in (right, below)]
    upper, down = _shares(below, right)
    left, over = _shares(turned[0], turned[1])
    left = left % height * width + left // height
    # Each edge moves one pixel's colour towards that of the other.
    share = np.concatenate([down, over])
    first = np.concatenate([upper, left])
    second = np.concatenate([upper + width, left + 1])
    some = np.flatnonzero(share != 0)
    share, first, second = share[some], first[some], second[some]
    if len(share) == 0:
        return radiance.copy()
    target, source = np.where(share > 0, (first, second), (second, first))
    share = np.abs(share)
    changed = np.zeros(height * width, dtype=np.bool_)
    changed[target] = True
    pixels = np.flatnonzero(changed)
    rank = np.empty(height * width, dtype=np.int32)
    rank[pixels] = np.arange(len(pixels), dtype=np.int32)
    at = rank[target]
    total = np.bincount(at, share)
    share *= np.minimum(1.0, MOST / total).astype(np.float32)[at]
    flat = np.ascontiguousarray(radiance).view(np.int16).reshape(height * width, -1)
    own = cv2.convertFp16(flat.take(pixels, axis=0))
    change = cv2.convertFp16(flat.take(source, axis=0))
    change -= own.take(at, axis=0)
    change *= share[:, None]
    for k in range(flat.shape[1]):
        own[:, k] += np.bincount(at, change[:, k])
    result = flat.copy()
    whole = np.dtype((np.void, 2 * flat.shape[1]))  # a pixel at a time is several times as fast as a number at a time
    result.view(whole)[pixels] = cv2.convertFp16(own).view(whole)
    return result.view(np.float16).reshape(radiance.shape)


def _shares(below: Bool, right: Bool) -> tuple[Index, Float32]:
    """The edges between a pixel and the one below (E,), and the share that the pixel takes from the one below it;
    negative the other way round."""
    width = below.shape[1]
    turned = right.ravel()
    edge = np.flatnonzero(below)
    if len(edge) == 0:
        return edge, np.zeros(0, dtype=np.float32)
    # The run goes on from an edge to the next one beside it unless another edge crosses there.
    own, other = turned[edge], turned[edge + width]
    ends = own | other
    ends[:-1] |= (edge[1:] != edge[:-1] + 1) | (edge[1:] % width == 0)
    ends[-1] = True
    last = np.flatnonzero(ends)
    first = np.r_[0, last[:-1] + 1]
    length = last - first + 1
    after = _side(own[last], other[last])
    head = edge[first]
    inside = head % width > 0
    before = _side(inside & turned[head - 1], inside & turned[head + width - 1])
    at = np.arange(len(edge))
    to_first = np.minimum(at - np.repeat(first, length), REACH)
    to_last = np.minimum(np.repeat(last, length) - at, REACH)
    return edge, _SHARES[np.repeat(before, length), np.repeat(after, length), to_first, to_last]


def _side(own: Bool, other: Bool) -> NDArray[np.int8]:
    """Towards which side of an edge its line leaves the middle where a run ends, the side where it is crossed: 0 this
    one, 2 the other one, 1 neither or both."""
    return np.int8(1) + other.view(np.int8) - own.view(np.int8)


def _table() -> Float32:
    """(3, 3, REACH + 1, REACH + 1) the shares, over the sides where a run begins and ends, and the way to its ends."""
    a, b = np.meshgrid(*2 * [np.array([0.5, 0.0, -0.5], dtype=np.float32)], indexing="ij")
    to_first, to_last = np.mgrid[: REACH + 1, : REACH + 1]
    a = np.where(to_first < REACH, a[..., None, None], np.float32(0))
    b = np.where(to_last < REACH, b[..., None, None], np.float32(0))
    t = ((to_first + 0.5) / (to_first + to_last + 1)).astype(np.float32)
    slanted = a + (b - a) * t
    bent = a * np.maximum(1 - 2 * t, 0) + b * np.maximum(2 * t - 1, 0)
    share: Float32 = np.where(a * b < 0, slanted, bent).astype(np.float32)
    return share


_SHARES = _table()
