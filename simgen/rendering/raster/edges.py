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
_TURN = int(0.007 * 0xFFFF)
"""Difference of a normal's coordinates, as bent.glsl stores them, above which a surface turns: by 10 degrees where it
faces the camera, by 5 where it is seen edge on."""
_BAND_BYTES = 768 * 1024
"""Of one plane: few enough for the processor's cache, and so many that calls cost little."""

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
    """The edges between the pixels of a G-buffer.

    Args:
        depth_m: (H, W) planar z, 0 where there is sky.
        node: (H, W) index of the node, -1 for sky.
        normal: (H, W, 2) as bent.glsl stores them.
    """
    height, width = depth_m.shape
    size = height * width
    right, below, jumps = (np.zeros(size, dtype=np.bool_) for _ in range(3))
    across, down = (np.zeros(size, dtype=np.uint8) for _ in range(2))
    # Flat, so that sums run over whole bands; numpy takes several times as long for parts of rows.
    z, owner, turned = depth_m.reshape(1, size), node.reshape(1, size), normal.reshape(1, size, 2)
    band = width * max(1, _BAND_BYTES // (4 * width))
    for start in range(0, size, band):
        for step, ends, grades in ((1, right, across), (width, below, down)):
            one = slice(start, min(start + band, size - step))
            if one.start >= one.stop:
                continue
            other = slice(one.start + step, one.stop + step)
            end, jump, grade = _between(
                z[:, one], z[:, other], owner[:, one], owner[:, other], turned[:, one], turned[:, other]
            )
            if step == 1:  # the last of a row and the first of the next one are no neighbours
                for found in (end, jump, grade):
                    found[width - 1 :: width] = 0
            ends[one], grades[one] = end, grade
            jumps[one] |= jump
            jumps[other] |= jump
    shape = (height, width)
    return Edges(
        across=across.reshape(shape),
        down=down.reshape(shape),
        right=right.reshape(shape),
        below=below.reshape(shape),
        jumps=jumps.reshape(shape),
    )


def _between(
    z: NDArray[np.float32],
    other_z: NDArray[np.float32],
    node: NDArray[np.int32],
    other_node: NDArray[np.int32],
    normal: NDArray[np.uint16],
    other_normal: NDArray[np.uint16],
) -> tuple[Bool, Bool, NDArray[np.uint8]]:
    """Between pixels (1, P) and neighbours of theirs: (P,) whether a surface ends, whether it ends or jumps, and the
    grade of the edge."""
    step = np.asarray(cv2.absdiff(z, other_z), dtype=np.float32)[0]
    near = np.asarray(cv2.min(z, other_z), dtype=np.float32)[0]
    ends = node[0] != other_node[0]
    jump = step > near * _JUMP
    jump |= ends
    ends |= step > near * _APART
    turn = (cv2.absdiff(normal, other_normal)[0] > _TURN).view(np.uint16)[:, 0] != 0
    turn |= jump
    grade = turn.view(np.uint8)
    grade += jump.view(np.uint8)
    grade += ends.view(np.uint8)
    return ends, jump, grade
