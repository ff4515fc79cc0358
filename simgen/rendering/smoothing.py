"""Anti-aliasing of the radiance after it was drawn; ids and depth guide it and stay as they are.

Morphological anti-aliasing (Reshetov 2009): a run of edges between two rows (or columns) of pixels stands for a slanted
line between the run's ends, and each pixel takes from across the edge the share that lies on that side of the line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REACH = 10
"""Pixels along an edge in which its ends are looked for."""
JUMP = 0.04
"""Share of the depth by which neighbours of one surface may differ."""
MOST = 0.75
"""Largest share of a pixel that comes from others."""

Bool = NDArray[np.bool_]
Index = NDArray[np.int64]
Float32 = NDArray[np.float32]


def smooth(radiance: NDArray[np.float16], depth_m: Float32, node: NDArray[np.int32]) -> NDArray[np.float16]:
    """(H, W, 3) the radiance with smooth edges.

    Args:
        depth_m: (H, W) planar z; 0 where there is sky.
        node: (H, W) what each pixel shows.
    """
    height, width = node.shape
    if height < 2 or width < 2:
        return radiance
    # A border on every side, so that a step never leaves the picture. Flags stand at the upper or left pixel.
    stride = width + 2
    across = np.zeros((2, height + 2, stride), dtype=np.bool_)
    across[0, 1:-1, 1:width] = _apart(node[:, :-1], node[:, 1:], depth_m[:, :-1], depth_m[:, 1:])
    across[1, 1:height, 1:-1] = _apart(node[:-1], node[1:], depth_m[:-1], depth_m[1:])
    flags = across.reshape(2, -1)
    targets: list[Index] = []
    sources: list[Index] = []
    shares: list[Float32] = []
    for axis, (step, along) in enumerate(((1, stride), (stride, 1))):
        edge = np.flatnonzero(flags[axis])
        share = _share(flags[axis], flags[1 - axis], edge, step, along)
        first, second = edge[share > 0], edge[share < 0]
        targets += [first, second + step]
        sources += [first + step, second]
        shares += [share[share > 0], -share[share < 0]]
    total = np.zeros(flags.shape[1], dtype=np.float32)
    for target, share in zip(targets, shares, strict=True):
        total[target] += share
    flat = radiance.reshape(-1, 3)
    result = flat.copy()
    for target, source, share in zip(targets, sources, shares, strict=True):
        weight = share * np.minimum(1.0, MOST / total[target])
        here, there = _place(target, stride, width), _place(source, stride, width)
        own = flat[here].astype(np.float32)
        change = (flat[there].astype(np.float32) - own) * weight[:, None]
        result[here] = (result[here].astype(np.float32) + change).astype(np.float16)
    return result.reshape(radiance.shape)


def _apart(a: NDArray[np.int32], b: NDArray[np.int32], near: Float32, far: Float32) -> Bool:
    """Whether neighbours show different things, or parts of one that lie far apart."""
    jump = np.abs(near - far) > np.float32(JUMP) * np.minimum(near, far)
    result: Bool = (a != b) | jump
    return result


def _share(flags: Bool, turned: Bool, edge: Index, step: int, along: int) -> Float32:
    """(E,) share that the pixel before each edge takes from the one behind it; negative the other way round.

    Args:
        flags: edges of this axis; turned: of the other one; both with a border.
        step: from a pixel to the one across the edge; along: to the next one beside it.
    """
    height = np.zeros((2, len(edge)), dtype=np.float32)
    reach = np.full((2, len(edge)), REACH, dtype=np.int64)
    for side, way in enumerate((-along, along)):
        # The flag of the border to the next pixel along stands at the upper or left one of the two.
        behind = min(way, 0)
        open_, at = np.arange(len(edge)), edge
        for k in range(REACH):
            own, other = turned[at + behind], turned[at + step + behind]
            ended = own | other
            go_on = ~ended & flags[at + way]
            height[side, open_[ended]] = np.where(own[ended] == other[ended], 0.0, np.where(own[ended], 0.5, -0.5))
            reach[side, open_[~go_on]] = k
            open_, at = open_[go_on], at[go_on] + way
            if len(open_) == 0:
                break
    t = ((reach[0] + 0.5) / (reach[0] + reach[1] + 1)).astype(np.float32)
    slanted = height[0] + (height[1] - height[0]) * t
    bent = height[0] * np.maximum(1 - 2 * t, 0) + height[1] * np.maximum(2 * t - 1, 0)
    result: Float32 = np.where(height[0] * height[1] < 0, slanted, bent).astype(np.float32)
    return result


def _place(padded: Index, stride: int, width: int) -> Index:
    """Index into the picture of an index into the padded flags."""
    row, column = padded // stride - 1, padded % stride - 1
    return row * width + column
