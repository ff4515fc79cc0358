"""Cells of two by two pixels, for each of which the light is asked once."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_NEXT = ((0, 1), (1, 0), (1, 1))
"""Rows and columns from the first pixel of a cell to the others, in the order of light.frag."""
_AROUND = np.ones((3, 3), dtype=np.uint8)


def asked_at(node: NDArray[np.int32]) -> NDArray[np.intp]:
    """((H + 1) // 2, (W + 1) // 2) flat indices of the pixels that light.frag asks for: the first one of each cell, or
    where that shows the sky the next one that does not. ``node``: (H, W) index of the node, -1 for sky."""
    height, width = node.shape
    at: NDArray[np.intp] = np.arange(0, height, 2)[:, None] * width + np.arange(0, width, 2)
    left = node[::2, ::2] < 0
    some = np.zeros_like(left)
    for down, across in _NEXT:
        other = node[down::2, across::2]
        some[: other.shape[0], : other.shape[1]] |= other >= 0
    y, x = np.nonzero(left & some)
    for down, across in _NEXT:
        v, u = np.minimum(2 * y + down, height - 1), np.minimum(2 * x + across, width - 1)
        found = node[v, u] >= 0
        at[y[found], x[found]] = (v * width + u)[found]
        y, x = y[~found], x[~found]
    return at


def spread(cells: Sequence[NDArray[np.float32]], lit: NDArray[np.bool_]) -> None:
    """Gives cells without a surface, beside those that have one, the mean of their light: pixels between take of both.

    Args:
        cells: planes (h, w) of the light, changed in place.
        lit: (h, w) whether the cell has a surface.
    """
    height, width = lit.shape
    y, x = np.nonzero(np.asarray(cv2.dilate(lit.view(np.uint8), _AROUND)) > lit.view(np.uint8))
    if len(y) == 0:
        return
    framed = np.pad(lit, 1)
    steps = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1) if down or across]
    share = np.stack([framed[y + 1 + down, x + 1 + across] for down, across in steps]).astype(np.float32)
    share /= share.sum(axis=0)
    beside = np.stack(
        [np.clip(y + down, 0, height - 1) * width + np.clip(x + across, 0, width - 1) for down, across in steps]
    )
    for plane in cells:
        light = plane.reshape(-1).take(beside)
        light *= share
        plane[y, x] = light.sum(axis=0)
