"""Textures tile, and those of the land hold what a grazing look still sees: patches of metres."""

import numpy as np
import pytest

from simgen.scene import textures
from simgen.scene.mesh import Texture


def linear(texture: Texture) -> np.ndarray:
    x = texture.pixels.astype(float) / 255.0
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)


@pytest.mark.parametrize("texture", [textures.grass(1), textures.field(1), textures.asphalt(1)], ids=lambda t: t.name)
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
