"""Who may touch whom: boxes as they lie, not the upright ones around them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.scene.boxes import overlap
from simgen.scene.stage import Stage
from simgen.simulation.neighbours import Boxes, Neighbours
from simgen.simulation.physics import Physics

CENTER, SIZE = np.zeros((1, 3)), np.array([[4.6, 1.8, 1.5]])


def box(x: float, y: float, yaw_rad: float) -> Boxes:
    return Boxes.around(planar_pose(x, y, yaw_rad)[None], CENTER, SIZE)


def outline(boxes: Boxes) -> np.ndarray:
    forward = boxes.forward[0]
    left = np.array([-forward[1], forward[0]])
    long, wide = boxes.half_m[0]
    return np.array(
        [boxes.center_m[0] + i * long * forward + j * wide * left for i, j in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
    )


def test_boxes_meet_where_their_outlines_overlap() -> None:
    first = np.array([0])
    here = box(0.0, 0.0, 0.4)
    met = []
    for x in np.linspace(-6.0, 6.0, 13):
        for y in np.linspace(-5.0, 5.0, 11):
            for yaw in (0.0, 0.7, 2.0, 3.0):
                there = box(float(x), float(y), yaw)
                met.append(bool(here.meets(first, there, first)[0]))
                assert met[-1] == overlap(outline(here), outline(there))
    assert 0.1 < np.mean(met) < 0.6


def test_cars_side_by_side_on_a_slanted_road_do_not_meet() -> None:
    """The upright boxes around them do."""
    yaw = 0.5
    beside = (-3.5 * math.sin(yaw), 3.5 * math.cos(yaw))
    a, b = box(0.0, 0.0, yaw), box(*beside, yaw)
    (low_a, high_a), (low_b, high_b) = a.span(), b.span()
    assert ((low_a < high_b) & (low_b < high_a)).all()
    assert not a.meets(np.array([0]), b, np.array([0]))[0]


def test_a_span_holds_its_box() -> None:
    boxes = box(3.0, -2.0, 2.2)
    low, high = boxes.span()
    corners = outline(boxes)
    assert low[0] == pytest.approx(corners.min(axis=0)) and high[0] == pytest.approx(corners.max(axis=0))


def test_what_may_fall_is_near_what_it_stands_on_though_both_are_still() -> None:
    poses = np.stack([planar_pose(0.0, 0.0, 0.0), planar_pose(0.5, 0.0, 0.3), planar_pose(9.0, 0.0, 0.0)])
    boxes = Boxes.around(poses, np.zeros((3, 3)), np.array([[4.6, 1.8, 1.5], [0.4, 0.4, 0.4], [4.6, 1.8, 1.5]]))
    physics = Physics()
    try:
        neighbours = Neighbours(physics, Stage(fixtures=()))
        still = np.zeros((3, 2))
        assert not neighbours.near(boxes, still, 0.1).any()
        assert neighbours.near(boxes, still, 0.1, np.array([False, True, False])).tolist() == [True, True, False]
    finally:
        physics.close()
