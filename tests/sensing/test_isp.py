import numpy as np
import pytest

from simgen.core.srgb import encoded
from simgen.sensing import isp
from simgen.sensing.exposure import Automatic, ExposureControl, meter
from simgen.sensing.imager import BLACK_LEVEL, CHANNEL_RESPONSE, Imager
from simgen.sensing.isp import Denoising, _curve, _denoise, develop, tone

IMAGER = Imager()
BALANCE = tuple(1 / r for r in CHANNEL_RESPONSE)


def mosaic_of(rgb, shape=(24, 32)):
    numbers = np.empty(shape)
    for row, column, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        numbers[row::2, column::2] = rgb[channel] * CHANNEL_RESPONSE[channel]
    return (IMAGER.white * (BLACK_LEVEL + (1 - BLACK_LEVEL) * numbers) + 0.5).astype(np.uint16)


@pytest.mark.parametrize("rgb", [(0.2, 0.2, 0.2), (0.3, 0.1, 0.05), (0.05, 0.1, 0.4), (0.0, 0.0, 0.0)])
def test_a_flat_colour_comes_out_as_itself(rgb):
    image = develop(mosaic_of(rgb), IMAGER, BALANCE, denoising=Denoising())
    expected = 255 * encoded(tone(np.array(rgb), 16.0))
    assert np.abs(image[4:-4, 4:-4].astype(float) - expected).max() <= 2.0


def test_tone_is_monotonic_over_the_whole_range():
    curve = encoded(tone(np.linspace(0, 16, 4096), 16.0))
    assert curve[0] == 0.0 and curve[-1] == pytest.approx(1.0)
    assert (np.diff(curve) > 0).all()


@pytest.mark.parametrize("gain", [0.2, 1.0, 443 / 256])
@pytest.mark.parametrize("imager", [IMAGER, Imager(hdr=1.0), Imager(bits=14)])
def test_the_table_of_a_curve_is_tone_and_gamma_of_each_number(imager, gain):
    linear = (np.arange(imager.top + 1) - imager.black) / (imager.white - imager.black) * gain
    shown = 255 * encoded(tone(linear, (imager.top - imager.black) / (imager.white - imager.black)))
    assert np.array_equal(_curve(imager.black, imager.white, imager.top, gain), np.round(shown).astype(np.uint8))


def test_an_edge_stays_where_it_is():
    numbers = mosaic_of((0.02, 0.02, 0.02), (32, 32))
    numbers[:, 16:] = mosaic_of((0.4, 0.4, 0.4), (32, 32))[:, 16:]
    rows = develop(numbers, IMAGER, BALANCE, denoising=Denoising())[8:24].astype(float).mean(axis=(0, 2))
    middle = (rows[4] + rows[28]) / 2
    assert rows[14] < middle < rows[17]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3), (7, 5), (9, 1)])
def test_any_size(shape):
    assert develop(
        mosaic_of((0.2, 0.2, 0.2), shape), IMAGER, BALANCE, denoising=Denoising(chroma=0.5, luma=4.0)
    ).shape == (*shape, 3)


def flat(luminance):
    return np.full((90, 160, 3), luminance)


def test_exposure_starts_settled_and_then_lags():
    automatic = Automatic(ExposureControl(lag_s=0.3, longest_s=1.0), Imager())
    automatic.see(meter(flat(1000.0)), 0.0)
    start = automatic.setting()[0]
    automatic.see(meter(flat(500.0)), 0.3)
    # After one time constant 63 % of the way, on a logarithmic scale: twice the time for half the light.
    assert np.log2(automatic.setting()[0] / start) == pytest.approx(1 - np.exp(-1), rel=1e-6)


def test_time_is_spent_before_gain():
    automatic = Automatic(ExposureControl(longest_s=0.01, gain_max=8.0), Imager())
    automatic.see(meter(flat(0.01)), 0.0)
    assert automatic.setting() == (0.01, 8.0)
    bright = Automatic(ExposureControl(longest_s=0.01), Imager())
    bright.see(meter(flat(3000.0)), 0.0)
    time, gain = bright.setting()
    assert time < 0.01 and gain == 1.0


def test_night_is_exposed_darker_than_day():
    def share(luminance):
        imager = Imager()
        automatic = Automatic(ExposureControl(longest_s=10.0), imager)
        automatic.see(meter(flat(luminance)), 0.0)
        time, gain = automatic.setting()
        return luminance * imager.electrons_per_cd_s * time * gain / imager.full_well_e

    assert share(2000.0) == pytest.approx(0.13)
    assert share(0.5) < 0.3 * share(2000.0)


def test_snow_is_white_and_night_stays_night():
    """Where the snow and the dark end up, as shares of full scale."""

    def shares(*luminances):
        picture = flat(1.0)
        edges = np.linspace(0, 160, len(luminances) + 1).astype(int)
        for a, b, luminance in zip(edges, edges[1:], luminances, strict=False):
            picture[:, a:b] = luminance
        imager = Imager()
        automatic = Automatic(ExposureControl(longest_s=10.0), imager)
        automatic.see(meter(picture), 0.0)
        time, gain = automatic.setting()
        return np.array(luminances) * imager.electrons_per_cd_s * time * gain / imager.full_well_e

    snow = shares(1300.0, 1300.0, 1250.0, 1200.0, 200.0)
    assert 0.45 < snow[0] <= 0.9, "white, and not burnt out"
    assert snow[-1] < 0.15, "what is dark stays dark"
    assert shares(200.0, 600.0, 3000.0, 30_000.0)[1] == pytest.approx(0.13 * 600.0 / 1802.0, rel=0.01), "bright enough"
    night = shares(1.3, 1.3, 1.25, 1.2, 0.2)
    assert night[0] < 0.07
    assert shares(500.0, 500.0)[0] == pytest.approx(0.13), "an even wall says nothing"


def test_white_balance_moves_towards_grey():
    automatic = Automatic(ExposureControl(), Imager())
    warm = flat(100.0) * np.array([1.4, 1.0, 0.5])
    automatic.see(meter(warm), 0.0)
    gains = np.array(automatic.balance()) * np.array(CHANNEL_RESPONSE)
    assert gains[0] < 1.0 < gains[2]
    assert (gains[0] * 1.4, gains[2] * 0.5) == pytest.approx((1.4**0.33, 0.5**0.33), rel=1e-6)


@pytest.mark.parametrize("luma", [0.0, 0.02, 0.049, 0.06, 3.0])
def test_denoising_by_any_little_keeps_an_even_picture(luma):
    even = np.full((24, 32, 3), 90, dtype=np.uint8)
    assert np.abs(_denoise(even, Denoising(chroma=0.5, luma=luma)).astype(int) - 90).max() <= 1


@pytest.mark.parametrize("size", [(48, 64), (35, 64), (36, 65)])
def test_an_opencv_without_tables_of_16_bits_develops_the_same_picture(monkeypatch, size):
    numbers = np.random.default_rng(3).integers(0, IMAGER.top + 1, size).astype(np.uint16)
    numbers[: size[0] // 2] //= 16
    pictures = []
    for wide in (isp._WIDE_TABLES, False):
        monkeypatch.setattr(isp, "_WIDE_TABLES", wide)
        pictures.append(develop(numbers, IMAGER, BALANCE, denoising=Denoising(chroma=0.8, luma=5.0)))
    assert np.array_equal(*pictures)
