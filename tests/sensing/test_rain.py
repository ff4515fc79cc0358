"""Rain rate measured back from the drops; streaks where they must be."""

import numpy as np
import pytest

from simgen.sensing.effects.rain import Rain, fall_speed, marshall_palmer
from simgen.sensing.particles import scatter
from simgen.sensing.surroundings import Lamps, Surroundings, phase
from tests.sensing import stand


@pytest.mark.parametrize("rate", [2.0, 10.0, 50.0])
def test_rain_rate_is_measured_back(rate):
    seen = stand.camera()
    near, far = 1.0, 12.0
    drops = scatter(
        seen,
        marshall_palmer(rate),
        lambda depth_m: np.full_like(depth_m, 0.2),
        np.random.default_rng(1),
        nearest_m=near,
        farthest_m=far,
        margin=1.0,
    )
    volume = seen.width_px / seen.fx_px * seen.height_px / seen.fy_px * (far**3 - near**3) / 3
    d = drops.diameter_mm
    # Flux of volume through a level area, m/s of water; 3.6e6 turns it to mm/h.
    measured = 3.6e6 * np.sum(np.pi / 6 * (d * 1e-3) ** 3 * fall_speed(d)) / volume
    assert measured == pytest.approx(rate, rel=0.2)


def test_drops_fill_the_view_evenly():
    seen = stand.camera()
    drops = scatter(
        seen, marshall_palmer(20.0), lambda depth_m: np.full_like(depth_m, 2.5), np.random.default_rng(2), margin=1.0
    )
    p = drops.position_m
    u = p[:, 0] / p[:, 2] * seen.fx_px + seen.cx_px
    assert abs(np.mean(u < seen.cx_px) - 0.5) < 0.02
    assert np.mean(p[:, 2] < 20.0) == pytest.approx(20.0**3 / 40.0**3, abs=0.02)
    assert drops.diameter_mm.min() >= 2.5


def rainy(depth_m, *, lamps=None, horizon=1000.0, exposure_s=0.01, rate=50.0):
    seen = stand.camera(160, 90)
    plain = Surroundings.plain(horizon)
    around = Surroundings(
        up=plain.up,
        air_mps=plain.air_mps,
        horizon_cd_m2=plain.horizon_cd_m2,
        zenith_cd_m2=plain.zenith_cd_m2,
        lamps=lamps if lamps is not None else Lamps.none(),
        sheltered=False,
        environment=None,
    )
    frame = stand.working(seen, np.zeros((90, 160, 3)), np.full((90, 160), depth_m), surroundings=around)
    frame = frame.replace(exposure_s=exposure_s)
    return Rain(rate=rate).apply(frame, stand.moment())


def streaks(after):
    light = after.radiance[..., 1]
    return np.maximum(light - np.median(light), 0.0)


def test_no_streak_before_what_is_nearer():
    assert streaks(rainy(10.0)).max() > 10.0
    assert streaks(rainy(0.3)).max() < 0.5


def test_streaks_are_upright_and_longer_with_exposure():
    def length(exposure_s):
        light = streaks(rainy(10.0, exposure_s=exposure_s))
        light = light - light.mean()
        down = np.mean(light[1:] * light[:-1]) / np.mean(light**2)
        across = np.mean(light[:, 1:] * light[:, :-1]) / np.mean(light**2)
        return down, across

    short, long = length(0.001), length(0.02)
    assert long[0] > long[1] + 0.1
    assert long[0] > short[0]


def test_at_night_only_lamps_light_the_drops():
    dark = streaks(rainy(20.0, horizon=0.3)).sum()
    lamp = Lamps(
        position_m=np.array([[0.0, 0.5, 1.0]]),
        direction=np.array([[0.0, 0.0, 1.0]]),
        intensity_cd=np.array([20_000.0]),
        color=np.ones((1, 3)),
        cos_inner=np.cos([0.4]),
        cos_outer=np.cos([0.6]),
    )
    lit = streaks(rainy(20.0, horizon=0.3, lamps=lamp)).sum()
    assert lit > 5 * dark


def test_veil_matches_the_environments_extinction():
    seen = stand.camera(16, 16)
    black = stand.working(seen, np.zeros((16, 16, 3)), np.full((16, 16), 0.3))
    assert Rain(rate=25).apply(black, stand.moment()).extinction_per_m == pytest.approx(
        stand.view(0, rain=25.0).snapshot.environment.extinction_per_m - 2.996 / 20_000
    )


def test_phase_function_sends_out_what_comes_in():
    cosine = np.linspace(-1, 1, 200_001).astype(np.float32)
    assert np.trapezoid(phase(cosine).astype(float), cosine) / 2 == pytest.approx(1.0, rel=1e-3)
