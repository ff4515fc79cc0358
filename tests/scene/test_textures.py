"""Textures tile, and those of the land hold what a grazing look still sees: patches of metres."""

import numpy as np
import pytest

from simgen.scene import textures
from simgen.scene.mesh import Texture


def linear(texture: Texture) -> np.ndarray:
    x = texture.pixels.astype(float) / 255.0
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)


@pytest.mark.parametrize(
    "texture",
    [
        textures.grass(1),
        textures.field(1),
        textures.asphalt(1),
        textures.driven_asphalt(1),
        textures.foliage(1),
        textures.cloth(1),
        textures.fur(1),
    ],
    ids=lambda t: t.name,
)
def test_opposite_edges_meet(texture: Texture) -> None:
    x = linear(texture)
    for axis in (0, 1):
        inside = np.abs(np.diff(x, axis=axis)).mean()
        across = np.abs(np.take(x, 0, axis) - np.take(x, -1, axis)).mean()
        assert across < 1.3 * inside


@pytest.mark.parametrize(("texture", "tile_m"), [(textures.grass(1), 32.0), (textures.field(1), 18.0)])
def test_land_varies_over_metres_and_not_only_over_centimetres(texture: Texture, tile_m: float) -> None:
    x = linear(texture)
    cells = round(tile_m / 2.0)  # of 2 m
    size = x.shape[0] // cells
    coarse = x[: cells * size, : cells * size].reshape(cells, size, cells, size).mean(axis=(1, 3))
    assert coarse.std() > 0.06 * x.mean()
    assert x.std() > 0.12 * x.mean()


def test_tramlines_lie_18_decimetres_apart() -> None:
    rows = linear(textures.field(1)).mean(axis=1)
    dark = np.flatnonzero(rows < np.median(rows) * 0.8)
    left, right = dark[dark < 512].mean(), dark[dark >= 512].mean()
    assert (right - left) / 1024 * 18.0 == pytest.approx(1.8, abs=0.1)


@pytest.mark.parametrize("size", [64, 256])
def test_noise_is_white_noise_through_a_gain(size: int) -> None:
    drawn = np.random.default_rng(3).standard_normal((size, size))
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    gain = 1.0 / np.maximum(frequency, 1.0 / 20.0) ** 1.5
    gain[0, 0] = 0.0
    expected = np.fft.irfft2(np.fft.rfft2(drawn) * gain, s=(size, size))
    noise = textures._noise(size, np.random.default_rng(3), 20.0)
    np.testing.assert_allclose(noise, (expected - expected.mean()) / expected.std(), atol=1e-9)


def test_noise_is_as_much_longer_along_u_as_it_is_stretched() -> None:
    noise = textures._noise(512, np.random.default_rng(3), 20.0, 1.5, 4.0)
    for way in (2, 5):
        along_v, along_u = (np.mean((np.roll(noise, k, axis) - noise) ** 2) for k, axis in ((way, 0), (4 * way, 1)))
        assert along_u == pytest.approx(along_v, rel=0.1)


def test_a_lane_is_pale_where_wheels_roll_and_dark_between_them() -> None:
    across = linear(textures.driven_asphalt(1)).mean(axis=1)
    width = textures.DRIVEN_M[1]
    at = {t: across[round(t / width * len(across))] for t in (0.95, 1.72, 2.5, width - 2.5, width - 1.72, width - 0.95)}
    mean = across.mean()
    for t, value in at.items():
        if min(t, width - t) == pytest.approx(1.72):
            assert 0.86 < value / mean < 0.95
        else:
            assert 1.02 < value / mean < 1.10
    assert 0.64 < mean < 0.67  # materials count on it


def test_asphalt_shows_no_way_and_is_as_bright_as_that_of_lanes() -> None:
    plain = linear(textures.asphalt(1))
    assert plain.mean() == pytest.approx(linear(textures.driven_asphalt(1)).mean(), rel=0.02)
    down, along = (plain.mean(axis=axis).std() / plain.mean() for axis in (0, 1))
    assert max(down, along) < 0.02 < linear(textures.driven_asphalt(1)).mean(axis=1).std() / plain.mean()
