"""Anti-aliasing of the radiance after it was drawn; ids and depth guide it and stay as they are.

Morphological anti-aliasing (Reshetov 2009): a run of edges between two rows (or columns) of pixels stands for a slanted
line between the run's ends, and each pixel takes from across the edge the share that lies on that side of the line.
"""

from __future__ import annotations

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
    edge, share = _shares(below, right)
    first, second, step = edge, edge + width, width
    parts = [(first[share > 0], step, share[share > 0]), (second[share < 0], -step, -share[share < 0])]
    # The same along columns, on the picture turned over its diagonal.
    edge, share = _shares(np.ascontiguousarray(right.T), np.ascontiguousarray(below.T))
    first = edge % height * width + edge // height
    parts += [(first[share > 0], 1, share[share > 0]), (first[share < 0] + 1, -1, -share[share < 0])]
    total = np.zeros(height * width, dtype=np.float32)
    for target, _, share in parts:
        total[target] += share
    flat = radiance.reshape(height * width, -1)
    result = flat.copy()
    for target, step, share in parts:
        weight = share * np.minimum(1.0, MOST / total[target])
        own = flat[target].astype(np.float32)
        change = (flat[target + step].astype(np.float32) - own) * weight[:, None]
        result[target] = (result[target].astype(np.float32) + change).astype(np.float16)
    return result.reshape(radiance.shape)


def _shares(below: Bool, right: Bool) -> tuple[Index, Float32]:
    """The edges between a pixel and the one below (E,), and the share that the pixel takes from the one below it;
    negative the other way round."""
    width = below.shape[1]
    flags, turned = below.ravel(), right.ravel()
    edge = np.flatnonzero(flags)
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
    after = _height(own[last], other[last])
    head = edge[first]
    inside = head % width > 0
    before = _height(inside & turned[head - 1], inside & turned[head + width - 1])
    at = np.arange(len(edge))
    to_first = at - np.repeat(first, length)
    to_last = np.repeat(last, length) - at
    a = np.where(to_first < REACH, np.repeat(before, length), np.float32(0))
    b = np.where(to_last < REACH, np.repeat(after, length), np.float32(0))
    to_first, to_last = np.minimum(to_first, REACH), np.minimum(to_last, REACH)
    t = ((to_first + 0.5) / (to_first + to_last + 1)).astype(np.float32)
    slanted = a + (b - a) * t
    bent = a * np.maximum(1 - 2 * t, 0) + b * np.maximum(2 * t - 1, 0)
    return edge, np.where(a * b < 0, slanted, bent)


def _height(own: Bool, other: Bool) -> Float32:
    """How far the line has left the middle of the edge where a run ends: towards the side where it is crossed."""
    return 0.5 * (own.astype(np.float32) - other.astype(np.float32))
