"""Arithmetic on pictures, against its plain form."""

import numpy as np
import pytest

from simgen.sensing import planes
from simgen.sensing.streaks import Streaks, accumulate

SHAPES = [(1, 1), (1, 2), (3, 2), (4, 6), (7, 9)]


def picture(shape):
    return np.random.default_rng(1).random((*shape, 3), dtype=np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_pixel_of_a_mosaic_sees_its_own_colour(shape):
    rgb = picture(shape)
    expected = np.empty(shape, dtype=np.float32)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        expected[row::2, column::2] = rgb[row::2, column::2, channel]
    assert np.array_equal(planes.mosaic(rgb), expected)


def test_bands_cover_every_row_once():
    for height, row in ((1, 1), (720, 3840), (5, 10_000_000)):
        rows = [y for band in planes.bands(height, row) for y in range(band.start, band.stop)]
        assert rows == list(range(height))


def test_samples_lie_between_pixels():
    rgb = np.stack([np.add.outer(10.0 * np.arange(6), np.arange(8))] * 3, axis=-1).astype(np.float32)
    x, y = np.random.default_rng(2).uniform(0, [[7], [5]], (2, 300))
    # OpenCV knows thirty-two places between two pixels.
    assert planes.sample(rgb, x, y)[:, 1] == pytest.approx(10 * y + x, abs=0.2)
    assert planes.sample(rgb, x[:0], y[:0]).shape == (0, 3)


@pytest.mark.parametrize("size", [(40, 22), (5, 3), (320, 180)])
def test_a_smaller_picture_keeps_the_mean(size):
    rgb = picture((720, 1280))
    assert planes.shrink(rgb, *size).mean() == pytest.approx(rgb.mean(), rel=0.01)


@pytest.mark.parametrize("end", [(30.0, 10.0), (10.0, 30.0), (24.0, 26.0), (10.5, 10.2)])
def test_a_streak_adds_its_opacity_times_its_length(end):
    a, b = np.array([[10.0, 10.0]]), np.array([end])
    streak = Streaks(a=a, b=b, depth_m=np.ones(1), opacity=np.full(1, 0.1), luminance=np.full(1, 50.0))
    cover, light = np.zeros((2, 40, 48), dtype=np.float32)
    accumulate(cover, light, streak, np.full((40, 48), 2.0, dtype=np.float32), 1)
    length = max(np.hypot(*(b - a)[0]), 1.0)
    assert cover.sum() == pytest.approx(0.1 * length, rel=1e-4)
    assert light.sum() == pytest.approx(5.0 * length, rel=1e-4)
    v, u = np.nonzero(cover)
    middle = (np.average(u, weights=cover[v, u]), np.average(v, weights=cover[v, u]))
    assert middle == pytest.approx(((a + b) / 2)[0], abs=0.5)
    hidden = np.zeros_like(cover)
    accumulate(hidden, hidden.copy(), streak, np.full((40, 48), 0.5, dtype=np.float32), 1)
    assert not hidden.any()


def test_whole_numbers_are_rounded_half_to_even_and_end_at_the_top():
    values = np.array([[-3.0, 0.25, 0.75, 1.2, 1.3, 70.0, 1e6]] * 4, dtype=np.float32)
    for numbers in (values, values[:1]):
        assert planes.whole(numbers, 2.0, 0.0, 150)[0].tolist() == [0, 0, 2, 2, 3, 140, 150]
        assert planes.whole(numbers, 2.0, 1.0, 150)[0].tolist() == [0, 2, 2, 3, 4, 141, 150]
