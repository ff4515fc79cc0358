from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simgen.dataset.outline import joined, outlines

MASKS = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans())


def windings(polygon: list[tuple[int, int]], height: int, width: int) -> np.ndarray:
    """(H, W) how often a polygon turns about the middle of each pixel, by the angles under which its sides are seen."""
    corners = np.array(polygon, dtype=np.float64)
    v, u = np.mgrid[:height, :width] + 0.5
    seen = corners[:, None, None] - np.stack([u, v], axis=-1)
    angle = np.arctan2(seen[..., 1], seen[..., 0])
    turn = np.diff(angle, axis=0, append=angle[:1])
    return np.rint(((turn + np.pi) % (2 * np.pi) - np.pi).sum(axis=0) / (2 * np.pi)).astype(int)


@given(MASKS)
def test_lines_turn_once_about_each_pixel_of_the_mask(mask: np.ndarray) -> None:
    turns = sum((windings(line, *mask.shape) for line in outlines(mask)), np.zeros(mask.shape, int))
    assert np.array_equal(turns, mask.astype(int))


def inside(polygon: list[tuple[int, int]], height: int, width: int) -> np.ndarray:
    """(H, W) even-odd: how many sides a ray to the right crosses, a side being crossed from above to below a middle."""
    covered = np.zeros((height, width), bool)
    for (x0, y0), (x1, y1) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        for v in range(height):
            if (y0 > v + 0.5) != (y1 > v + 0.5):
                at = x0 + (v + 0.5 - y0) * (x1 - x0) / (y1 - y0)
                covered[v] ^= np.arange(width) + 0.5 < at
    return covered


@given(MASKS.filter(np.any))
def test_one_polygon_covers_parts_and_spares_holes(mask: np.ndarray) -> None:
    assert np.array_equal(inside(joined(outlines(mask)), *mask.shape), mask)


def test_straight_sides_have_no_corners_between() -> None:
    mask = np.zeros((5, 6), bool)
    mask[1:4, 2:6] = True
    assert outlines(mask) == [[(2, 1), (6, 1), (6, 4), (2, 4)]]
    assert joined(outlines(mask)) == [(2, 1), (6, 1), (6, 4), (2, 4)]
    assert outlines(mask & False) == []
