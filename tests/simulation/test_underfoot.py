"""Patches on the road: what lies under the wheels is felt, and nothing else is."""

from __future__ import annotations

import pytest

import simgen
from simgen.language import parse
from simgen.simulation.world import World

TEXT = """
simgen: 1
scenario: patches
randomize: none
setting: {{road: two_lane_urban, length: 200 m, parked: 0, trees: 0}}
environment: {{time_of_day: "12:00"}}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 10 m}}, speed: 12 m/s}}
{patch}
end: "time > 60 s"
"""


def braking_distance_m(patch: str = "") -> float:
    """Distance of an emergency stop from 12 m/s."""
    with World(simgen.sample(parse(TEXT.format(patch=patch)))) as world:
        world.begin()
        ego = world.vehicle("ego")
        start = float(ego.position_m[0])
        ego.override(brake=1.0)
        for _ in range(60 * 60):
            world.advance()
            if ego.speed_mps < 0.05:
                return float(ego.position_m[0]) - start
    raise AssertionError("it never stops")


def patch(kind: str, lane: int = -1) -> str:
    return f"  patch: {{model: patch.{kind}, length: 40 m, width: 4 m, at: {{lane: {lane}, s: 30 m}}}}"


@pytest.fixture(scope="module")
def dry_m() -> float:
    return braking_distance_m()


def test_a_car_brakes_much_longer_on_a_patch_of_ice(dry_m: float) -> None:
    """The patch ends after 40 m: at friction 0.1 the car comes off it with v^2 = 12^2 - 2 * 0.1 g * s."""
    assert dry_m == pytest.approx(12.0**2 / (2 * 0.85 * 9.81), rel=0.2)
    left_m = 30.0 + 20.0 - 10.0
    off_it = 12.0**2 - 2 * 0.1 * 9.81 * left_m
    expected = left_m + off_it / (2 * 0.85 * 9.81)
    assert braking_distance_m(patch("ice")) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("kind", ["oil", "puddle", "gravel", "snow"])
def test_other_patches_lengthen_the_stop_and_ice_is_the_worst(dry_m: float, kind: str) -> None:
    on_patch = braking_distance_m(patch(kind))
    assert 1.05 * dry_m < on_patch < braking_distance_m(patch("ice"))


def test_ice_in_the_other_lane_is_not_felt(dry_m: float) -> None:
    assert braking_distance_m(patch("ice", lane=1).replace("width: 4 m", "width: 2 m")) == pytest.approx(
        dry_m, abs=1e-6
    )
