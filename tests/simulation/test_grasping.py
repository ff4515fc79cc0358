"""Where the hand takes a thing."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.core.vocabulary import models
from simgen.scene.models.panda import HAND
from simgen.simulation.grasping import Grasp, Solid, plan, solid

BASE = np.array([0.0, 0.0, 0.75])


def standing(name: str, x: float, y: float, yaw: float = 0.0, **values: float | str) -> Solid:
    return solid(models.get(name)(**values).build(), planar_pose(x, y, yaw, 0.75))


def planned(thing: Solid, *others: Solid) -> Grasp:
    grasp = plan(thing, others, HAND, BASE)
    assert grasp is not None
    return grasp


def closing(grasp: Grasp) -> np.ndarray:
    return np.asarray(grasp.world_from_tool[:2, 1])


def test_a_box_is_taken_across_its_narrow_side() -> None:
    grasp = planned(standing("box.carton", 0.5, 0.0, 0.4, length=0.12, width=0.05, height=0.06))
    assert grasp.width_m == pytest.approx(0.05, abs=0.002)
    assert abs(closing(grasp) @ (-np.sin(0.4), np.cos(0.4))) == pytest.approx(1.0, abs=0.02)
    assert grasp.world_from_tool[:2, 3] == pytest.approx([0.5, 0.0], abs=0.002)


def test_a_round_thing_is_taken_through_its_axis() -> None:
    grasp = planned(standing("can.soup", 0.5, 0.1, diameter=0.066))
    assert grasp.width_m == pytest.approx(0.063, abs=0.001)
    assert grasp.world_from_tool[:2, 3] == pytest.approx([0.5, 0.1], abs=0.002)


def test_a_tall_thing_is_taken_as_low_as_the_fingers_reach() -> None:
    grasp = planned(standing("can.soup", 0.5, 0.0, height=0.11))
    assert grasp.world_from_tool[2, 3] == pytest.approx(0.75 + 0.11 - HAND.depth_m, abs=1e-3)


@pytest.mark.parametrize("yaw", [0.0, 0.8, 2.0])
def test_fingers_keep_off_the_handle_of_a_cup(yaw: float) -> None:
    grasp = planned(standing("cup", 0.5, 0.0, yaw, diameter=0.068))
    assert grasp.width_m < 0.07
    handle = np.array([np.cos(yaw), np.sin(yaw)])
    assert abs(closing(grasp) @ handle) < 0.95


def test_what_is_too_wide_is_left() -> None:
    assert plan(standing("block", 0.5, 0.0, length=0.09, width=0.09), (), HAND, BASE) is None


def test_a_neighbour_turns_the_hand() -> None:
    block = standing("block", 0.5, 0.0, length=0.05, width=0.05)
    free = planned(block)
    side = closing(free) * 0.06
    walls = [standing("block", 0.5 + k * side[0], k * side[1], length=0.05, width=0.05) for k in (-1, 1)]
    turned = planned(block, *walls)
    assert abs(closing(turned) @ closing(free)) < 0.3


def test_a_thing_walled_in_is_left() -> None:
    block = standing("block", 0.5, 0.0, length=0.05, width=0.05)
    ring = [
        standing("block", 0.5 + 0.058 * np.cos(a), 0.058 * np.sin(a), a, length=0.05, width=0.06)
        for a in np.arange(4) * np.pi / 2
    ]
    assert plan(block, ring, HAND, BASE) is None
