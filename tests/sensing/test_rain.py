"""Rain rate measured back from the drops; streaks where they must be."""

import dataclasses

import numpy as np
import pytest

from simgen.scene.lamps import Lamps
from simgen.sensing.effects.rain import Rain, fall_speed, marshall_palmer
from simgen.sensing.particles import scatter
from simgen.sensing.surroundings import Surroundings, phase, scattered
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


def lit_by(lamps, horizon=0.0):
    return dataclasses.replace(Surroundings.plain(horizon), lamps=lamps)


def rainy(depth_m, *, lamps=None, horizon=1000.0, exposure_s=0.01, rate=50.0):
    seen = stand.camera(160, 90)
    around = lit_by(lamps if lamps is not None else Lamps.none(), horizon)
    frame = stand.working(seen, np.zeros((90, 160, 3)), np.full((90, 160), depth_m), surroundings=around)
    frame = frame.replace(exposure_s=exposure_s)
    return stand.through(frame, Rain(rate=rate))


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


LEVEL = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]])
"""Right, up, forward of a beam that shines the way the camera looks, in the camera's frame."""


def beam(position_m, axes=LEVEL, edge=np.inf):
    return Lamps(
        position_m=np.array([position_m]),
        axes=np.array([axes]),
        intensity_cd=np.array([20_000.0]),
        color=np.ones((1, 3)),
        cos_inner=np.cos([0.4]),
        cos_outer=np.cos([0.6]),
        spill=np.zeros(1),
        edge_sin=np.array([edge]),
        entity=np.zeros(1, dtype=np.int64),
        index=np.zeros(1, dtype=np.int64),
    )


def test_at_night_only_lamps_light_the_drops():
    dark = streaks(rainy(20.0, horizon=0.3)).sum()
    lit = streaks(rainy(20.0, horizon=0.3, lamps=beam([0.0, 0.5, 1.0]))).sum()
    assert lit > 5 * dark


def test_drops_above_the_edge_of_a_dipped_beam_are_dark():
    """By as much as UN R112 leaves there: 1.4 %."""
    above, below = np.array([[-1.0, -1.0, 8.0]], np.float32), np.array([[-1.0, 1.0, 8.0]], np.float32)
    whole, dipped = beam([0.0, 0.0, 0.0]), beam([0.0, 0.0, 0.0], edge=0.0)
    assert scattered(dipped, below)[0] == pytest.approx(scattered(whole, below)[0])
    assert scattered(dipped, above)[0] == pytest.approx(0.014 * scattered(whole, above)[0], rel=1e-3)
    kerb = np.array([[1.0, -0.1, 8.0]], np.float32)  # on the right the edge rises: by 0.27 of the way
    assert scattered(dipped, kerb)[0] == pytest.approx(scattered(whole, kerb)[0])


def test_who_looks_over_the_edge_of_a_dipped_beam_sees_little_of_its_glow():
    """Of a car that comes the other way 20 m ahead, its lamps 0.6 m below the eye."""
    toward = np.array([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]])

    def glow(edge):
        lamps = beam([-3.0, 0.6, 20.0], toward, edge)
        black = stand.working(
            stand.camera(), np.zeros((54, 96, 3)), np.full((54, 96), 100.0), surroundings=lit_by(lamps)
        )
        return stand.through(black, Rain(rate=10.0)).radiance[:20].mean()  # above the horizon

    assert glow(-0.01) < 0.1 * glow(np.inf)


def test_veil_matches_the_environments_extinction():
    seen = stand.camera(16, 16)
    black = stand.working(seen, np.zeros((16, 16, 3)), np.full((16, 16), 0.3))
    assert stand.through(black, Rain(rate=25)).extinction_per_m == pytest.approx(
        stand.view(0, rain=25.0).snapshot.environment.extinction_per_m - 2.996 / 20_000
    )


def test_phase_function_sends_out_what_comes_in():
    cosine = np.linspace(-1, 1, 200_001).astype(np.float32)
    assert np.trapezoid(phase(cosine).astype(float), cosine) / 2 == pytest.approx(1.0, rel=1e-3)
