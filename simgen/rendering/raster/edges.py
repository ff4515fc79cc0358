"""Where surfaces end, jump and turn in a G-buffer.

A shader would fetch six texels for each pixel; on the processor the same comparisons run over rows in its cache.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_APART, _JUMP = np.float32(0.04), np.float32(0.02)
"""Shares of the depth: parts of one thing further apart are two surfaces; what lies further apart is a jump."""
_TURN = int(0.08 * 0xFFFF)
"""Difference of octahedral coordinates, as they are stored, above which a surface turns."""
_BAND_BYTES = 96 * 1024
"""Of one plane: so that a band's planes stay in the processor's cache."""

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Each (H, W); across and down are between a pixel and the next one to the right, or below.

    Attributes:
        across, down: 3 where a surface ends: between different things, and parts of one that lie far apart; 2 where
            the depth of one jumps a little; 1 where one turns; 0 elsewhere.
        right, below: where a surface ends.
        jumps: pixels on either side of an end or a jump.
    """

    across: NDArray[np.uint8]
    down: NDArray[np.uint8]
    right: Bool
    below: Bool
    jumps: Bool


def edges_of(depth_m: NDArray[np.float32], node: NDArray[np.int32], normal: NDArray[np.uint16]) -> Edges:
    """
    Args:
        depth_m: (H, W) planar z, 0 where there is sky.
        node: (H, W) index of the node, -1 for sky.
        normal: (H, W, 2) octahedral coordinates as geometry.frag stores them.
    """
    height, width = depth_m.shape
    right, below, jumps = (np.zeros((height, width), dtype=np.bool_) for _ in range(3))
    across, down = (np.zeros((height, width), dtype=np.uint8) for _ in range(2))
    rows = max(1, _BAND_BYTES // (4 * width))
    for top in range(0, height, rows):
        end = min(top + rows, height)
        if width > 1:
            own = slice(top, end)
            ends, jump, across[own, :-1] = _between(depth_m[own], node[own], normal[own], 1)
            right[own, :-1] = ends
            jumps[own, :-1] |= jump
            jumps[own, 1:] |= jump
        last = min(end, height - 1)
        if last > top:
            own = slice(top, last + 1)
            ends, jump, down[top:last] = _between(depth_m[own], node[own], normal[own], 0)
            below[top:last] = ends
            jumps[top:last] |= jump
            jumps[top + 1 : last + 1] |= jump
    return Edges(across=across, down=down, right=right, below=below, jumps=jumps)


def _between(
    depth_m: NDArray[np.float32], node: NDArray[np.int32], normal: NDArray[np.uint16], axis: int
) -> tuple[Bool, Bool, NDArray[np.uint8]]:
    """Between neighbours along an axis: whether a surface ends, whether it ends or jumps, and the grade of the edge."""
    one = (slice(None), slice(None, -1)) if axis else (slice(None, -1), slice(None))
    other = (slice(None), slice(1, None)) if axis else (slice(1, None), slice(None))
    step = cv2.absdiff(depth_m[one], depth_m[other])
    near = cv2.min(depth_m[one], depth_m[other])
    ends = node[one] != node[other]
    jump = step > near * _JUMP
    jump |= ends
    ends |= step > near * _APART
    turn = (cv2.absdiff(normal[one], normal[other]) > _TURN).view(np.uint16)[..., 0] != 0
    turn |= jump
    grade = turn.view(np.uint8)
    grade += jump.view(np.uint8)
    grade += ends.view(np.uint8)
    return ends, jump, grade
