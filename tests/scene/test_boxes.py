"""Footprints: overlap, gaps and corners worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.core.geometry import planar_pose, pose, rotation_rpy, rotation_y
from simgen.scene.boxes import corners, expanded, footprint, footprint_distance, height_span, overlap, within
from tests.sampling.blocks import block, sphere

CAR = block(4.0, 2.0, 1.5)


def test_footprint_corners_go_around_from_the_front_left() -> None:
    assert footprint(planar_pose(10, 5, 0.0), CAR) == pytest.approx(np.array([[12, 6], [8, 6], [8, 4], [12, 4]]))
    turned = footprint(planar_pose(0, 0, math.pi / 2), CAR)
    assert turned == pytest.approx(np.array([[-1, 2], [-1, -2], [1, -2], [1, 2]]))


def test_corners_and_heights_of_a_lifted_box() -> None:
    found = corners(planar_pose(1, 2, 0.3, 4.0), CAR)
    assert found.shape == (8, 3)
    assert height_span(planar_pose(1, 2, 0.3, 4.0), CAR) == pytest.approx((4.0, 5.5))
    assert np.ptp(np.linalg.norm(found - found.mean(axis=0), axis=1)) == pytest.approx(0.0, abs=1e-9)


def test_a_tilted_body_covers_its_box_seen_from_above() -> None:
    tilted = pose((0, 0, 0), rotation_y(math.radians(90)))
    size = np.ptp(footprint(tilted, CAR), axis=0)
    assert sorted(size) == pytest.approx([1.5, 2.0])


def test_a_ball_keeps_its_square_while_it_rolls() -> None:
    ball = sphere(0.11)
    for roll in (0.0, 0.4, 2.0):
        outline = footprint(pose((0, 0, 0), rotation_rpy(roll, 0.3, 0.1)), ball)
        assert np.linalg.norm(outline[0] - outline[1]) == pytest.approx(0.22, rel=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "yaw", "gap"),
    [
        (6.0, 0.0, 0.0, 2.0),
        (0.0, 5.0, 0.0, 3.0),
        (7.0, 6.0, 0.0, 5.0),
        (6.0, 0.0, math.pi / 2, 3.0),
        (2.0 + math.sqrt(2.0) * 1.5 + 1.0, 0.0, math.pi / 4, 1.0),
        (3.0, 1.0, 0.0, 0.0),
        (4.0, 0.0, 0.0, 0.0),
    ],
)
def test_gaps(x: float, y: float, yaw: float, gap: float) -> None:
    a, b = footprint(planar_pose(0, 0, 0), CAR), footprint(planar_pose(x, y, yaw), CAR)
    if yaw == math.pi / 4:
        b = footprint(planar_pose(x, y, yaw), block(3.0, 3.0, 1.0))
    assert footprint_distance(a, b) == pytest.approx(gap, abs=1e-9)
    assert footprint_distance(b, a) == pytest.approx(gap, abs=1e-9)


def test_touching_is_not_overlapping_and_crossing_is() -> None:
    a = footprint(planar_pose(0, 0, 0), CAR)
    assert not overlap(a, footprint(planar_pose(4, 0, 0), CAR))
    assert overlap(a, footprint(planar_pose(3.999, 0, 0), CAR))
    # A cross: no corner of one lies in the other.
    assert overlap(a, footprint(planar_pose(0, 0, math.pi / 2), CAR))


def test_expanded_moves_every_side() -> None:
    wide = expanded(footprint(planar_pose(1, 1, 0.7), CAR), 0.5)
    assert np.linalg.norm(wide[0] - wide[1]) == pytest.approx(5.0)
    assert np.linalg.norm(wide[1] - wide[2]) == pytest.approx(3.0)


@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(-3.2, 3.2))
@settings(max_examples=60)
def test_distance_is_that_of_dense_samples(x: float, y: float, yaw: float) -> None:
    a, b = footprint(planar_pose(0, 0, 0), CAR), footprint(planar_pose(x, y, yaw), CAR)
    shares = np.linspace(0, 1, 60)[:, None, None]
    around_a = ((1 - shares) * a + shares * np.roll(a, -1, axis=0)).reshape(-1, 2)
    around_b = ((1 - shares) * b + shares * np.roll(b, -1, axis=0)).reshape(-1, 2)
    sampled = np.linalg.norm(around_a[:, None] - around_b[None], axis=2).min()
    found = footprint_distance(a, b)
    assert found <= sampled + 1e-9
    if not overlap(a, b):
        assert found == pytest.approx(sampled, abs=0.04)


@pytest.mark.parametrize("turned", [1, -1])
def test_points_lie_within_a_disc_and_not_in_its_dent(turned: int) -> None:
    """A disc with a notch cut to its middle along +x: what lies in it follows from radius and angle."""
    angle = np.linspace(0.3, 2.0 * np.pi - 0.3, 1001)
    outline = np.vstack([(0.0, 0.0), np.column_stack([np.cos(angle), np.sin(angle)])])[::turned]
    points = np.random.default_rng(4).uniform(-1.3, 1.3, (20, 250, 2))
    radius, bearing = np.hypot(*points.T).T, np.abs(np.arctan2(points[..., 1], points[..., 0]))
    sure = (np.abs(radius - 1.0) > 1e-5) & (np.abs(bearing - 0.3) > 1e-9)
    assert (within(outline, points) == (radius < 1.0) & (bearing > 0.3))[sure].all()
    assert bool(within(outline, np.array((-0.5, 0.1)))) and not bool(within(outline, np.array((0.5, 0.0))))
