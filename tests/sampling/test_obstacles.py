"""What is said of bodies that have no room."""

from __future__ import annotations

import numpy as np

from simgen.sampling import obstacles
from simgen.sampling.obstacles import sized
from simgen.scene.settings.two_lane_urban import TwoLaneUrban


def test_nothing_is_told_to_be_without_thickness() -> None:
    assert sized(4.526, 1.8, 0.1) == "4.53 x 1.80 x 0.10 m"
    assert sized(0.25, 0.02, 0.001, 0.0004) == "0.25 x 0.02 x 0.001 x 0.0004 m"


def test_the_boxes_by_which_fixtures_are_passed_over_hold_all_that_is_drawn_of_them():
    stage = TwoLaneUrban(length=90.0, look=5).build("daylight")
    lowest, highest = obstacles._around(stage)
    for fixture, low, high in zip(stage.fixtures, lowest, highest, strict=True):
        solid = obstacles._solid(fixture)
        assert (low <= solid.lowest).all() and (solid.highest <= high).all(), fixture.name
        if np.array_equal(fixture.world_from_body[:3, :3], np.eye(3)):
            assert np.abs([low - solid.lowest, high - solid.highest]).max() < 0.01, "no wider than it need be"


def test_only_what_is_near_is_asked_for_its_triangles():
    stage = TwoLaneUrban(length=90.0, look=5).build("daylight")
    point = np.array([45.0, 0.0, 1.0])
    asked = {solid.fixture.name for solid in obstacles._solids(stage, point - 1.0, point + 1.0)}
    assert asked and not any(name.startswith(("houses", "parked", "tree")) for name in asked)
