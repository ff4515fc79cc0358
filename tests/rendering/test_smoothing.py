"""Smooth edges: the share of each pixel comes close to the true one, and ids and depth are not touched."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.rendering.smoothing import MOST, smooth


def ends(node: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where another node begins to the right and below."""
    right, below = np.zeros(node.shape, dtype=np.bool_), np.zeros(node.shape, dtype=np.bool_)
    right[:, :-1], below[:-1] = node[:, 1:] != node[:, :-1], node[1:] != node[:-1]
    return right, below


def half_plane(slope: float, size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Ids of the pixels whose centres lie below a line, and the true share of each pixel that lies below it."""
    fine = (np.arange(16 * size) + 0.5) / 16 - 0.5
    below = fine[:, None] > size / 2 + slope * (fine[None, :] - size / 2)
    share = below.reshape(size, 16, size, 16).mean(axis=(1, 3))
    middle = np.arange(size)
    return (middle[:, None] > size / 2 + slope * (middle[None, :] - size / 2)).astype(np.int32), share


def test_a_slanted_edge_gets_its_true_shares() -> None:
    for slope in (0.12, 0.3, 0.77):
        node, share = half_plane(slope)
        hard = np.repeat(node[..., None] * 100.0, 3, axis=-1).astype(np.float16)
        soft = smooth(hard, *ends(node))[8:-8, 8:-8, 0] / 100.0
        inner = share[8:-8, 8:-8]
        before = np.abs(hard[8:-8, 8:-8, 0] / 100.0 - inner).sum()
        assert np.abs(soft - inner).sum() < 0.65 * before


def test_nothing_changes_away_from_edges_and_along_the_grid() -> None:
    node = np.zeros((32, 32), dtype=np.int32)
    node[16:] = 1
    radiance = np.random.default_rng(0).uniform(1, 9, (32, 32, 3)).astype(np.float16)
    assert smooth(radiance, *ends(node)).tobytes() == radiance.tobytes()
    node[10:20, 10:20] = 2
    changed = np.any(smooth(radiance, *ends(node)) != radiance, axis=-1)
    assert not changed[:8].any()
    assert not changed[23:].any()


def test_columns_are_treated_as_rows_are() -> None:
    node, _ = half_plane(0.3)
    radiance = np.random.default_rng(1).uniform(1, 9, (*node.shape, 3)).astype(np.float16)
    turned = smooth(np.ascontiguousarray(radiance.transpose(1, 0, 2)), *ends(np.ascontiguousarray(node.T)))
    assert np.array_equal(turned.transpose(1, 0, 2), smooth(radiance, *ends(node)))


def test_what_is_given_stays_as_it_was() -> None:
    node, _ = half_plane(0.3)
    right, below = ends(node)
    radiance = np.repeat(node[..., None] * 50.0, 3, axis=-1).astype(np.float16)
    kept = (right.copy(), below.copy(), radiance.copy())
    result = smooth(radiance, right, below)
    for now, then in zip((right, below, radiance), kept, strict=True):
        assert now.tobytes() == then.tobytes()
    # A mean of what is there: neither brighter nor darker than both.
    assert result.min() >= 0
    assert result.max() <= 50


def test_a_bump_is_rounded_at_both_of_its_ends() -> None:
    """The line goes from half a pixel below the run's end to its middle and back (Reshetov's U): pixel k of n loses
    half of what 1 - 2t is at its middle, t = (k + 1/2) / n."""
    node = np.zeros((16, 32), dtype=np.int32)
    node[8:], node[7, 10:20] = 1, 1
    picture = np.repeat(node[..., None] * 100.0, 3, axis=-1).astype(np.float16)
    top = smooth(picture, *ends(node))[7, 10:20, 0].astype(float)
    t = (np.arange(10) + 0.5) / 10
    np.testing.assert_allclose(top, 100 * (1 - 0.5 * np.abs(1 - 2 * t)), atol=0.1)


def test_no_pixel_gives_way_to_others_by_more_than_its_limit() -> None:
    rng = np.random.default_rng(3)
    least = 1.0
    for _ in range(20):
        node = (rng.random((24, 24)) < 0.3).astype(np.int32)
        picture = np.repeat(node[..., None] * 100.0, 3, axis=-1).astype(np.float16)
        soft = smooth(picture, *ends(node))[..., 0].astype(float) / 100.0
        least = min(least, soft[node == 1].min(), 1.0 - soft[node == 0].max())
    assert least == pytest.approx(1.0 - MOST, abs=2e-3)
