"""The sky's light by night, in the order of what others measured."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.srgb import LUMINANCE
from simgen.scene.environment import EnvironmentSpec, physical, wetness_in


def night_lux(**stated: object) -> float:
    """Illuminance on level ground by a sky as bright as its zenith all over."""
    at = physical(EnvironmentSpec(time_of_day=0.0, **stated))  # type: ignore[arg-type]
    return float(np.pi * at.sky_zenith_cd_m2 @ LUMINANCE)


def test_a_night_far_from_towns_has_the_light_of_stars_and_airglow_which_clouds_hide() -> None:
    """0.6 to 0.9 mlx on level ground."""
    clear = night_lux(lighting="unlit", cloud_cover=0.0)
    assert 0.0005 < clear < 0.0012
    assert night_lux(lighting="unlit", cloud_cover=1.0) < 0.5 * clear


def test_a_towns_glow_stays_below_a_full_moon_and_clouds_throw_it_back_tenfold() -> None:
    """A full moon gives at most 0.3 lx."""
    clear, closed = (night_lux(lighting="street_lamps", cloud_cover=cover) for cover in (0.0, 1.0))
    assert 0.005 < clear < 0.03
    assert 8 < closed / clear < 16
    assert closed < 0.3


def test_rain_clouds_close_the_sky() -> None:
    assert night_lux(lighting="street_lamps", rain=10.0) == night_lux(lighting="street_lamps", cloud_cover=1.0)


def test_the_sky_turns_from_clear_to_overcast_without_a_step() -> None:
    """From brightest at the horizon to brightest at the zenith, as in CIE S 011."""
    covers = np.linspace(0.0, 1.0, 201)
    skies = [physical(EnvironmentSpec(time_of_day=12.0, cloud_cover=float(c))) for c in covers]
    for name in ("sky_zenith_cd_m2", "sky_horizon_cd_m2", "sun_illuminance_lux"):
        light = np.array([getattr(sky, name) @ LUMINANCE for sky in skies])
        assert np.abs(np.diff(light)).max() < 0.02 * light.max(), name
    clear, closed = skies[0], skies[-1]
    assert clear.sky_horizon_cd_m2 @ LUMINANCE > clear.sky_zenith_cd_m2 @ LUMINANCE
    assert closed.sky_horizon_cd_m2 @ LUMINANCE < closed.sky_zenith_cd_m2 @ LUMINANCE


def test_in_clear_air_a_sky_without_clouds_has_none() -> None:
    assert physical(EnvironmentSpec(cloud_cover=0.0)).cloud_cover == 0.0
    hazy = [
        physical(EnvironmentSpec(cloud_cover=0.0, fog_visibility=v)).cloud_cover for v in (20e3, 10e3, 5e3, 2e3, 500.0)
    ]
    assert hazy == sorted(hazy) and hazy[0] == 0.0 and hazy[1] < 0.1 and hazy[-1] == 1.0


def gallaway_in(rain_in_h: float, texture_in: float, path_ft: float, slope: float) -> float:
    """Depth over the bottom of the texture in the original's units: inches, feet, feet per foot."""
    return 3.38e-3 * texture_in**0.11 * path_ft**0.43 * rain_in_h**0.59 / slope**0.42


def test_rain_wets_the_road_as_deep_as_gallaway_measured() -> None:
    for rain_mm_h in (1.0, 2.0, 5.0, 20.0, 30.0):
        film = physical(EnvironmentSpec(rain=rain_mm_h)).water_film_mm
        expected = 25.4 * gallaway_in(rain_mm_h / 25.4, 1.0 / 25.4, 4.0 / 0.3048, 0.025)
        assert film == pytest.approx(expected, rel=0.01), rain_mm_h
    assert physical(EnvironmentSpec(rain=100.0)).road_wetness == 1.0


def test_a_road_in_no_rain_is_dry_and_gets_wetter_without_a_step() -> None:
    assert physical(EnvironmentSpec()).road_wetness == 0.0
    wet = np.array([wetness_in(float(r)) for r in np.linspace(0.0, 40.0, 4001)])
    assert (np.diff(wet) >= 0.0).all() and np.diff(wet).max() < 0.06


def test_a_stated_wetness_stays_whatever_the_rain() -> None:
    for stated in (0.0, 0.4):
        at = physical(EnvironmentSpec(rain=30.0, road_wetness=stated))
        assert at.road_wetness == stated
    assert physical(EnvironmentSpec(rain=30.0, water_film=0.2)).water_film_mm == 0.2
