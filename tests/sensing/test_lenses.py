"""Weather and optics through a lens: ranges, angles and densities are those of its rays."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.lens import BrownConrady, KannalaBrandt
from simgen.sensing.effects.fog import Fog
from simgen.sensing.exposure import meter
from simgen.sensing.optics import natural_shading
from simgen.sensing.particles import SizeLaw, scatter
from simgen.sensing.surroundings import Surroundings
from tests.sensing import stand

POSE = stand.camera().world_from_camera
FISHEYE = Camera.from_fov(96, 96, float(np.radians(190)), POSE, lens=KannalaBrandt(k1=-0.02, k2=0.002))


def test_fog_counts_the_range_and_not_the_depth_along_the_axis():
    depth = np.full((96, 96), 20.0)
    frame = stand.working(FISHEYE, np.zeros((96, 96, 3)), depth, surroundings=Surroundings.plain(1000.0))
    after = stand.through(frame, Fog(visibility=100, layer=5000)).radiance[..., 1]
    assert after[48, 2:94] == pytest.approx(1000 * (1 - np.exp(-2.996 / 100 * 20)), rel=1e-3)


def test_fog_ends_where_its_layer_does():
    """The sky straight up through 100 m of fog, seen at 80 degrees from the axis."""
    sky = np.full((96, 96), np.inf)
    frame = stand.working(FISHEYE, np.zeros((96, 96, 3)), sky, surroundings=Surroundings.plain(1000.0))
    after = stand.through(frame, Fog(visibility=200, layer=100)).radiance[..., 1]
    rise = -FISHEYE.grid()[4, 48, 1]
    assert rise > 0.9
    assert after[4, 48] == pytest.approx(1000 * (1 - np.exp(-2.996 / 200 * 100 / rise)), rel=0.02)


def test_shading_of_a_lens_without_distortion_is_that_of_a_pinhole():
    pinhole = stand.camera(96, 54, 80.0)
    lens = Camera.from_fov(96, 54, float(np.radians(80)), POSE, lens=BrownConrady())
    assert natural_shading(lens, 0.7) == pytest.approx(natural_shading(pinhole, 0.7), rel=1e-5)


def test_shading_of_an_equidistant_fisheye_is_sine_over_angle_and_nothing_beyond_its_image():
    seen = Camera.from_fov(96, 96, float(np.radians(200)), POSE, lens=KannalaBrandt())
    shading = natural_shading(seen)
    angle = np.arccos(seen.grid()[48, 90, 2])
    assert shading[48, 90] == pytest.approx(np.sin(angle) / angle, rel=1e-4)
    assert not natural_shading(seen, 0.0)[np.isnan(seen.grid()[..., 0])].any()


def test_black_corners_are_not_metered():
    seen = Camera.from_fov(200, 200, float(np.radians(210)), POSE, lens=KannalaBrandt())
    imaged = natural_shading(seen) > 0
    radiance = np.where(imaged[..., None], 100.0, 0.0) * np.ones(3)
    assert meter(radiance, imaged).luminance_cd_m2 == pytest.approx(100.0)
    assert meter(radiance).luminance_cd_m2 < 50.0


def test_particles_are_as_dense_to_the_side_as_ahead():
    law = SizeLaw(n0=400.0, slope_per_mm=2.0, largest_mm=5.0)
    generator = stand.KEY.child("lens").generator()
    cloud = scatter(
        FISHEYE, law, lambda depth: np.full_like(depth, 0.5), generator, nearest_m=0.5, farthest_m=12.0, margin=1.0
    ).position_m
    angle = np.arctan2(np.hypot(cloud[:, 0], cloud[:, 1]), cloud[:, 2])
    away = np.linalg.norm(cloud, axis=1)
    density = float(law.count_above(0.5))
    for low, high in ((0, 40), (40, 70), (70, 95)):
        low, high = np.radians(low), np.radians(high)
        count = np.count_nonzero((angle >= low) & (angle < high) & (away > 4.0) & (away < 10.0))
        volume = 2 * np.pi * (np.cos(low) - np.cos(high)) * (10.0**3 - 4.0**3) / 3
        assert count == pytest.approx(density * volume, rel=0.06)
