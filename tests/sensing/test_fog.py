"""Visibility measured back from how contrast falls with distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats

from simgen.sensing.effects.fog import Fog
from simgen.sensing.surroundings import Surroundings
from tests.sensing import stand

AIRLIGHT = 900.0


def seen_through(visibility, distances):
    """Radiance of black and white columns on a wall that recedes row by row."""
    seen = stand.camera(32, 64)
    scale = seen.ray_scale()
    rows = np.linspace(*distances, 64)
    depth = rows[:, None] / scale
    radiance = np.zeros((64, 32, 3))
    radiance[:, 16:] = 500.0
    frame = stand.working(seen, radiance, depth, surroundings=Surroundings.plain(AIRLIGHT))
    return rows, stand.through(frame, Fog(visibility=visibility))


@settings(max_examples=20)
@given(visibility=floats(30, 2000))
def test_visibility_is_measured_back(visibility):
    rows, after = seen_through(visibility, (0.05 * visibility, 0.8 * visibility))
    contrast = after.radiance[:, 20, 1] - after.radiance[:, 4, 1]
    slope = np.polyfit(rows, np.log(contrast), 1)[0]
    # Five per cent of the contrast remain at the visibility.
    assert -np.log(0.05) / -slope == pytest.approx(visibility, rel=0.01)
    assert after.extinction_per_m == pytest.approx(2.996 / visibility)


def test_a_lamp_before_the_sky_is_dimmed_by_the_air_before_the_lamp():
    seen = stand.camera(33, 33)
    radiance, depth = np.zeros((33, 33, 3)), np.full((33, 33), np.inf)
    radiance[16, 16] = 5e6
    frame = stand.working(seen, radiance, depth)
    lamp = np.full((33, 33), np.inf, dtype=np.float32)
    lamp[16, 16] = 40.0
    after = stand.through(frame.replace(light_depth_m=lamp), Fog(visibility=100))
    assert after.radiance[16, 16, 1] == pytest.approx(5e6 * np.exp(-2.996 / 100 * 40.0), rel=0.01)


def test_distance_counts_along_the_ray():
    seen = stand.camera(101, 5, fov_deg=120)
    radiance, depth = np.zeros((5, 101, 3)), np.full((5, 101), 20.0)
    after = stand.through(stand.working(seen, radiance, depth), Fog(visibility=100))
    edge, middle = after.radiance[2, 0, 1], after.radiance[2, 50, 1]
    expected = [1000 * (1 - np.exp(-2.996 / 100 * 20 * s)) for s in (seen.ray_scale()[2, 0], 1.0)]
    assert (edge, middle) == pytest.approx(expected, rel=1e-4)
    assert edge > 1.3 * middle


def test_the_horizon_takes_the_airlight():
    seen = stand.camera(33, 33)
    frame = stand.working(seen, np.zeros((33, 33, 3)), np.full((33, 33), np.inf))
    after = stand.through(frame, Fog(visibility=50, layer=300))
    assert after.radiance[17:] == pytest.approx(1000.0, rel=1e-3)
