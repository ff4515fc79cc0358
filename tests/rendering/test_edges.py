"""Edges of a G-buffer, against comparisons pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.rendering.raster import edges as module
from simgen.rendering.raster.edges import edges_of

FLAT = np.full((6, 8, 2), 30_000, dtype=np.uint16)


def test_grades_follow_node_depth_and_normal() -> None:
    depth = np.full((6, 8), 10.0, dtype=np.float32)
    node = np.zeros((6, 8), dtype=np.int32)
    normal = FLAT.copy()
    node[:, 2:] = 1  # another thing
    depth[:, 4:] = 10.3  # 3 %: a jump
    normal[:, 6:, 1] += 500  # 0.76 %: a turn
    normal[:, 7:, 0] += 430  # 0.66 %: none
    found = edges_of(depth, node, normal)
    assert found.across.tolist() == [[0, 3, 0, 2, 0, 1, 0, 0]] * 6
    assert not found.down.any()
    assert found.right.tolist() == [[False, True, *[False] * 6]] * 6
    assert found.jumps.tolist() == [[False, True, True, True, True, False, False, False]] * 6
    depth[:, 4:] = 10.5  # 5 %: an end
    assert edges_of(depth, node, normal).right[0].tolist() == [False, True, False, True, *[False] * 4]


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_bands_join_and_rows_are_treated_as_columns_are(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    depth = rng.choice(np.float32([10.0, 10.3, 11.0]), (7, 11))
    node = rng.integers(-1, 2, (7, 11)).astype(np.int32)
    normal = rng.integers(20_000, 30_000, (7, 11, 2)).astype(np.uint16)
    whole = edges_of(depth, node, normal)
    monkeypatch.setattr(module, "_BAND_BYTES", rows * 4 * 11)
    banded = edges_of(depth, node, normal)
    turned = edges_of(*(np.ascontiguousarray(np.swapaxes(a, 0, 1)) for a in (depth, node, normal)))
    for name, other in (("across", "down"), ("down", "across"), ("right", "below"), ("jumps", "jumps")):
        assert np.array_equal(getattr(whole, name), getattr(banded, name))
        assert np.array_equal(getattr(whole, name), getattr(turned, other).T)
    ends = (node[:, 1:] != node[:, :-1]) | (
        np.abs(depth[:, 1:] - depth[:, :-1]) > np.float32(0.04) * np.minimum(depth[:, 1:], depth[:, :-1])
    )
    assert np.array_equal(whole.right[:, :-1], ends)


def test_an_image_of_one_pixel_has_no_edges() -> None:
    found = edges_of(np.ones((1, 1), np.float32), np.zeros((1, 1), np.int32), FLAT[:1, :1])
    assert not found.across.any()
    assert not found.jumps.any()
