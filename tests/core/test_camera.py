from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose

CAMERA = Camera.from_fov(640, 480, np.radians(60), camera_pose((0, 0, 1.5), (10, 0, 1.5)))


def test_the_field_of_view_spans_the_image_from_edge_to_edge():
    left, _ = CAMERA.project((1.0, np.tan(np.radians(30)), 1.5))
    right, _ = CAMERA.project((1.0, -np.tan(np.radians(30)), 1.5))
    assert left == pytest.approx((-0.5, 239.5)) and right == pytest.approx((639.5, 239.5))


def test_what_lies_ahead_is_in_the_middle_and_up_is_a_smaller_v():
    pixel, depth = CAMERA.project((7.0, 0.0, 1.5))
    assert pixel == pytest.approx((319.5, 239.5)) and float(depth) == pytest.approx(7.0)
    assert CAMERA.project((7.0, 0.0, 2.5))[0][1] < 239.5
    assert CAMERA.project((7.0, 1.0, 1.5))[0][0] < 319.5


@given(st.floats(-600, 1200), st.floats(-400, 900), st.floats(0.1, 500))
def test_unprojecting_undoes_projecting(u: float, v: float, depth: float):
    point = CAMERA.unproject((u, v), depth)
    pixel, planar = CAMERA.project(point)
    assert pixel == pytest.approx((u, v), abs=1e-6) and float(planar) == pytest.approx(depth)


def test_points_behind_have_no_pixel():
    pixels, depth = CAMERA.project([(-5.0, 0, 1.5), (5.0, 0, 1.5), (0.0, 3, 1.5)])
    assert np.isnan(pixels[0]).all() and depth[0] < 0
    assert not np.isnan(pixels[1]).any()
    assert np.isnan(pixels[2]).all()


def test_ray_scale_turns_depth_into_range():
    scale = CAMERA.ray_scale()
    assert scale.shape == (480, 640) and scale.dtype == np.float32
    point = CAMERA.unproject((0, 0), 10.0)
    assert np.linalg.norm(point - CAMERA.world_from_camera[:3, 3]) == pytest.approx(10.0 * scale[0, 0], rel=1e-6)
    assert scale.min() == pytest.approx(1.0, abs=1e-5)


@given(st.integers(-50, 600), st.integers(-50, 400))
def test_a_crop_sees_the_same_through_a_window(x: int, y: int):
    point = (12.0, 1.0, 2.0)
    crop = CAMERA.crop(x, y, 64, 32)
    assert crop.project(point)[0] == pytest.approx(CAMERA.project(point)[0] - (x, y))
    assert (crop.width_px, crop.height_px) == (64, 32)


def test_the_matrix_is_that_of_a_pinhole():
    local = np.array((0.3, -0.2, 2.0))
    u, v, w = CAMERA.matrix @ local
    world = CAMERA.world_from_camera @ (*local, 1.0)
    assert (u / w, v / w) == pytest.approx(tuple(CAMERA.project(world[:3])[0]))
