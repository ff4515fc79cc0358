"""The friction table against its published figures."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.scene.environment import EnvironmentSpec, physical
from simgen.simulation.friction import GROUNDS, Covering, friction, ground_codes, tyre_friction

DRY, DAMP = Covering(), Covering(wetness=0.3)
ONE_MM, TWO_MM = Covering(wetness=1.0, film_mm=1.0), Covering(wetness=1.0, film_mm=2.0)


@pytest.mark.parametrize(
    ("covering", "at_50", "at_90"),
    [(DRY, 0.85, 0.8), (DAMP, 0.65, 0.6), (ONE_MM, 0.55, 0.3), (TWO_MM, 0.5, 0.05)],
)
def test_asphalt_follows_the_table(covering, at_50, at_90):
    assert tyre_friction("asphalt", covering, 50 / 3.6) == pytest.approx(at_50)
    assert tyre_friction("asphalt", covering, 90 / 3.6) == pytest.approx(at_90)
    assert at_90 < tyre_friction("asphalt", covering, 70 / 3.6) < at_50


@pytest.mark.parametrize(("covering", "value"), [(Covering(snow=1.0), 0.3), (Covering(ice=1.0), 0.1)])
def test_snow_and_ice_cover_the_road(covering, value):
    assert tyre_friction("asphalt", covering, 50 / 3.6) == pytest.approx(value)
    half = Covering(snow=covering.snow / 2, ice=covering.ice / 2)
    assert tyre_friction("asphalt", half, 50 / 3.6) == pytest.approx((0.85 + value) / 2)


def test_more_water_never_grips_better():
    films = [Covering(wetness=1.0, film_mm=f) for f in np.linspace(0.0, 5.0, 41)]
    for speed in (10.0, 20.0, 30.0, 40.0):
        values = [tyre_friction("asphalt", c, speed) for c in films]
        assert (np.diff(values) <= 1e-12).all()


def test_a_puddle_is_wet_on_a_dry_day_and_ice_is_ice_in_snow():
    assert tyre_friction("water", DRY, 90 / 3.6) == pytest.approx(0.05)
    assert tyre_friction("ice", Covering(snow=1.0), 10.0) == pytest.approx(0.1)
    assert tyre_friction("gravel", DRY, 50 / 3.6) == pytest.approx(0.6, abs=0.01)


def test_an_unknown_ground_counts_as_asphalt():
    assert tyre_friction("marzipan", DRY, 10.0) == tyre_friction("asphalt", DRY, 10.0)


def test_many_axles_at_once_are_as_one_by_one():
    names = list(GROUNDS)
    speeds = np.linspace(5.0, 40.0, len(names))
    together = friction(ground_codes(names), ONE_MM, speeds)
    assert together == pytest.approx([tyre_friction(n, ONE_MM, v) for n, v in zip(names, speeds, strict=True)])


def test_the_environment_says_what_covers_the_ground():
    spec = EnvironmentSpec(where="", road_wetness=1.0, road_snow=0.2, road_ice=0.4, water_film=2.5)
    covering = Covering.of(physical(spec))
    assert (covering.film_mm, covering.snow, covering.ice) == (2.5, 0.2, 0.4)
    assert Covering.of(physical(EnvironmentSpec(where="", lighting="indoor", road_ice=1.0))) == Covering()
