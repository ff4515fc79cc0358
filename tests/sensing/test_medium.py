"""Air that several media share, against closed forms and sums along single rays."""

import dataclasses
from itertools import permutations

import numpy as np
import pytest

from simgen.labels.visibility import transmittance
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.lamps import Lamps
from simgen.sensing.effects.fog import Fog
from simgen.sensing.effects.rain import Rain
from simgen.sensing.effects.snow import FLAKE_PER_DROP, Snow, sekhon_srivastava
from simgen.sensing.medium import Medium, veiled
from simgen.sensing.particles import Falling, Particles, draw
from simgen.sensing.surroundings import Surroundings, scattered
from tests.sensing import stand

FOG = Medium(extinction_per_m=0.05, layer_m=300.0, forward=0.15)
RAIN = Medium(extinction_per_m=0.002, layer_m=2000.0, forward=0.05)
SNOW = Medium(extinction_per_m=0.001, layer_m=1000.0, forward=0.1)


def lamp(position_m, *, forward=(0.0, 0.0, 1.0), outer_rad=np.pi, edge=np.inf, intensity_cd=17_000.0):
    """One lamp that shines along ``forward`` (camera frame), level."""
    ahead = np.array(forward)
    up = np.array([0.0, -1.0, 0.0])
    lamps = Lamps(
        position_m=np.array([position_m]),
        axes=np.array([[np.cross(ahead, up), up, ahead]]),
        intensity_cd=np.array([intensity_cd]),
        color=np.ones((1, 3)),
        cos_inner=np.cos([0.5 * outer_rad]),
        cos_outer=np.cos([outer_rad]) if outer_rad < np.pi else np.array([-2.0]),
        spill=np.zeros(1),
        edge_sin=np.array([edge]),
        entity=np.zeros(1, dtype=np.int64),
        index=np.zeros(1, dtype=np.int64),
    )
    return dataclasses.replace(Surroundings.plain(0.3), lamps=lamps)


def filled(frame, *media):
    for medium in media:
        frame = frame.filled(medium)
    return veiled(frame)


def test_extinctions_add_up_and_airlight_comes_once():
    seen = stand.camera(32, 64)
    distance = np.linspace(1.0, 120.0, 64)[:, None]
    radiance = np.zeros((64, 32, 3))
    radiance[:, 16:] = 500.0
    after = filled(stand.working(seen, radiance, distance / seen.ray_scale()), FOG, RAIN, SNOW)
    passed = np.array([transmittance(after.extinction_per_m, float(d)) for d in distance[:, 0]])
    assert passed == pytest.approx(np.exp(-0.053 * distance[:, 0]))
    # Without lamps all of the light is the sky's: A·(1 - t) on black, and t is what the labels say of the contrast.
    assert after.radiance[:, 4, 1] == pytest.approx(1000.0 * (1.0 - passed), rel=1e-4)
    assert after.radiance[:, 20, 1] - after.radiance[:, 4, 1] == pytest.approx(500.0 * passed, rel=1e-3, abs=0.01)


@pytest.mark.parametrize("rate", [0.2, 1.0, 5.0])
def test_snow_dims_by_twice_the_area_of_its_flakes(rate):
    law = sekhon_srivastava(rate)
    diameter_mm = np.linspace(0.0, 30.0, 30_001)
    area_m2 = np.pi / 4 * (1e-3 * FLAKE_PER_DROP * diameter_mm) ** 2
    beta = 2.0 * np.trapezoid(law.n0 * np.exp(-law.slope_per_mm * diameter_mm) * area_m2, diameter_mm)
    here = stand.working(stand.camera(32, 64), np.zeros((64, 32, 3)), np.full((64, 32), 50.0))
    assert Snow(rate=rate).apply(here, stand.moment()).extinction_per_m == pytest.approx(beta, rel=0.01)
    # So do drivers and labels find it, beside the fog that there is.
    weather = physical(EnvironmentSpec(snow=rate, fog_visibility=2000.0))
    assert weather.extinction_per_m == pytest.approx(beta + 2.996 / 2000.0, rel=0.01)
    assert weather.sight_m == pytest.approx(2.996 / weather.extinction_per_m)


def test_the_order_of_weather_does_not_matter():
    seen = stand.camera(160, 90)
    around = lamp([1.0, -2.0, 12.0])
    frame = stand.working(seen, np.full((90, 160, 3), 0.5), np.full((90, 160), 40.0), surroundings=around)
    weather = (Fog(visibility=60.0), Rain(rate=20.0), Snow(rate=2.0))
    first, *others = (stand.through(frame, *each) for each in permutations(weather))
    for other in others:
        assert other.extinction_per_m == pytest.approx(first.extinction_per_m)
        assert other.radiance == pytest.approx(first.radiance, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("others", [(), (RAIN,), (SNOW,), (RAIN, SNOW)])
def test_a_wall_and_the_sky_behind_thick_fog_look_the_same(others):
    """By the light of a lamp 20 m ahead, to the left and to the right of it."""
    seen = stand.camera(161, 90)
    depth = np.full((90, 161), 150.0)
    depth[:, 80:] = np.inf
    frame = stand.working(seen, np.zeros((90, 161, 3)), depth, surroundings=lamp([0.0, -3.0, 20.0]))
    light = filled(frame, FOG, *others).radiance[..., 1]
    wall, sky = light[:, :70], light[:, :90:-1]
    assert light.max() > 5.0
    assert sky == pytest.approx(wall, rel=0.02)


def test_two_media_of_one_height_are_one_of_both_extinctions():
    seen = stand.camera(160, 90)
    radiance = np.full((90, 160, 3), 0.5)
    radiance[40:44, 70:74] = 5e4
    frame = stand.working(seen, radiance, np.full((90, 160), 60.0), surroundings=lamp([1.0, -2.0, 12.0]))
    thin, thick = dataclasses.replace(FOG, extinction_per_m=0.02), dataclasses.replace(FOG, extinction_per_m=0.03)
    apart, mixed = filled(frame, thin, thick), filled(frame, FOG)
    assert apart.radiance == pytest.approx(mixed.radiance, rel=1e-4)


@pytest.mark.parametrize("edge", [0.028, np.inf])
@pytest.mark.parametrize(
    ("position", "forward", "error"),
    [([-0.68, 0.7, 1.63], (0.0, 0.0, 1.0), 0.05), ([-3.0, 0.6, 25.0], (0.0, 0.0, -1.0), 0.15)],
)
def test_the_glow_of_a_lamp_is_the_sum_along_each_ray(position, forward, error, edge):
    """Of the lamps of the own car, below and ahead of the camera, and of one that comes the other way."""
    seen, around = stand.camera(1280, 720), lamp(position, forward=forward, outer_rad=0.7, edge=edge)
    rays = seen.grid()
    depth = np.minimum(1.3 / np.maximum(rays[..., 1] / rays[..., 2], 1e-6), 60.0)  # a level road
    light = filled(
        stand.working(seen, np.zeros((720, 1280, 3)), depth, surroundings=around), dataclasses.replace(FOG, forward=0.0)
    ).radiance[..., 1]

    def summed(row, column):
        ray = rays[row, column] / np.linalg.norm(rays[row, column])
        reach = depth[row, column] / ray[2]
        s = (np.arange(20_000) + 0.5) / 20_000 * reach
        lit = scattered(around.lamps, s[:, None] * ray, FOG.extinction_per_m).astype(float)
        glow = FOG.extinction_per_m * np.sum(lit * np.exp(-FOG.extinction_per_m * s)) * reach / len(s)
        return glow + 0.3 * (1 - np.exp(-FOG.extinction_per_m * reach))

    places = [(row, column) for row in range(280, 710, 44) for column in range(80, 1280, 124)]
    expected = np.array([summed(*place) for place in places])
    found = np.array([light[place] for place in places])
    assert np.abs(found - expected).mean() < error * expected.mean()


def test_what_falls_is_dimmed_by_the_air_before_it():
    seen, around = stand.camera(160, 90), lamp([0.0, 0.0, 4.0], outer_rad=1.0)
    one = Falling(
        particles=Particles(position_m=np.array([[0.5, 0.3, 9.0]]), diameter_mm=np.array([4.0])),
        velocity_mps=np.array([[0.0, 8.0, 0.0]]),
        daylight_cd_m2=0.3,
        lamplight_gain=1.0,
        aperture_m=1e-3,
    )
    frame = stand.working(seen, np.zeros((90, 160, 3)), np.full((90, 160), 40.0), surroundings=around)
    clear, foggy = draw(frame, [one]), draw(frame.filled(FOG), [one])
    way = np.linalg.norm([0.5, 0.3, 9.0]) + np.linalg.norm([0.5, 0.3, 5.0])
    assert np.array_equal(clear.cover, foggy.cover)
    assert foggy.light.sum() == pytest.approx(clear.light.sum() * np.exp(-FOG.extinction_per_m * way), rel=0.01)
