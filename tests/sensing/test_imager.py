"""EMVA 1288 turned around: the sensor's figures measured from its numbers."""

import numpy as np
import pytest

from simgen.core.seeds import Key
from simgen.sensing.imager import BLACK_LEVEL, CHANNEL_RESPONSE, Imager

CHIP, SIZE = Key(3, 1, "chip"), (200, 320)


def pair(imager, electrons, gain=1.0, exposure_s=0.01):
    mean = np.full(SIZE, electrons, dtype=np.float32)
    return [
        imager.digitise(imager.expose(mean, exposure_s, gain, CHIP, CHIP.child("frame", i)), gain).astype(float)
        for i in range(2)
    ]


@pytest.mark.parametrize("read_noise", [2.0, 5.0, 12.0])
def test_read_noise_from_dark_frames(read_noise):
    imager = Imager(read_noise_e=read_noise, dark_current_e_s=0.0)
    a, b = pair(imager, 0.0, gain=8.0)
    k = imager.numbers_per_electron(8.0)
    variance = np.var(a - b) / 2 - 1 / 12
    assert np.sqrt(variance) / k == pytest.approx(read_noise, rel=0.03)
    assert a.mean() == pytest.approx(BLACK_LEVEL * imager.white, abs=0.2)


@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_gain_from_the_photon_transfer_curve(gain):
    imager = Imager()
    means, variances = [], []
    for electrons in np.linspace(100, 0.8 * imager.full_well_e / gain, 8):
        a, b = pair(imager, electrons, gain)
        means.append((a.mean() + b.mean()) / 2)
        variances.append(np.var(a - b) / 2)
    slope, _ = np.polyfit(means, variances, 1)
    assert slope == pytest.approx(imager.numbers_per_electron(gain), rel=0.03)


def test_fixed_pattern_stays_and_noise_does_not():
    imager = Imager(prnu=0.02)
    a, b = pair(imager, 5000.0)
    correlation = np.corrcoef(a.ravel(), b.ravel())[0, 1]
    pattern, shot = (0.02 * 5000) ** 2, 5000 + 9
    assert correlation == pytest.approx(pattern / (pattern + shot), abs=0.02)


@pytest.mark.parametrize("hdr", [1.0, 8.0])
def test_saturation(hdr):
    imager = Imager(hdr=hdr)
    a, _ = pair(imager, 2 * hdr * imager.full_well_e)
    assert (a == imager.top).all()
    below, _ = pair(imager, 0.8 * hdr * imager.full_well_e)
    assert (below < imager.top).all()


def test_the_second_exposure_is_noisier():
    imager = Imager(hdr=16.0, prnu=0.0)
    a, b = pair(imager, 5 * imager.full_well_e)
    variance = np.var(a - b) / 2 / imager.numbers_per_electron(1.0) ** 2
    # Four full wells of light come from the second exposure, at sixteen times the variance.
    assert variance == pytest.approx(50_000 + 15 * 40_000, rel=0.03)


def test_noise_is_independent_of_pixel_and_frame():
    imager = Imager(prnu=0.0)
    a, b = (x - x.mean() for x in pair(imager, 1000.0))
    for other in (b, np.roll(a, 1, axis=0), np.roll(a, 1, axis=1)):
        assert abs(np.mean(a * other) / np.mean(a * a)) < 0.015


def test_light_to_electrons():
    imager = Imager()
    radiance = np.full((4, 4, 3), 10.0, dtype=np.float32)
    mosaic = imager.collect(radiance, 0.02)
    green = 10.0 * 0.02 * imager.electrons_per_cd_s
    expected = np.array([[CHANNEL_RESPONSE[0], 1.0], [1.0, CHANNEL_RESPONSE[2]]]) * green
    assert mosaic == pytest.approx(np.tile(expected, (2, 2)), rel=1e-5)
    # pi/4 * 0.9 / 1.8^2 lux per cd/m2, (2.1 um)^2, 4.09e15 photons per lumen second, 65 %
    assert imager.electrons_per_cd_s == pytest.approx(0.21817 * 4.41e-12 * 4.09e15 * 0.65, rel=1e-4)
