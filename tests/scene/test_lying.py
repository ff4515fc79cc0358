"""What lies on the ground, where that is uneven."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core.geometry import Array, planar_pose, transform
from simgen.scene.lying import upon

STEP_M = 0.12
BOARD = np.array([[x, y, 0.0] for x in np.linspace(-0.5, 0.5, 5) for y in np.linspace(-1.0, 1.0, 41)])


def laid(edge_m: float) -> tuple[Array, float]:
    """A board 2 m wide that lies across the edge of a step at y: its pose, and its least height over the ground."""

    def ground(x_m: float, y_m: float) -> float:
        return STEP_M if y_m > edge_m - 1e-9 else 0.0

    pose = upon(planar_pose(3.0, 0.0, 0.0), BOARD, ground)
    return pose, min(z - ground(x, y) for x, y, z in transform(pose, BOARD).tolist())


def test_a_board_stays_where_the_ground_is_even() -> None:
    pose, gap = laid(2.0)
    assert np.array_equal(pose, planar_pose(3.0, 0.0, 0.0))
    assert gap == 0.0


def test_a_board_leans_on_a_step_beside_its_middle() -> None:
    pose, gap = laid(0.5)
    assert math.atan2(pose[2, 1], pose[2, 2]) == pytest.approx(math.atan(STEP_M / 1.5), abs=0.005)
    assert gap == pytest.approx(0.0, abs=1e-9)
    assert transform(pose, (0.0, -1.0, 0.0))[2] == pytest.approx(0.0, abs=0.005), "its far edge stays on the ground"


def test_a_board_lies_on_a_step_below_its_middle() -> None:
    pose, gap = laid(-0.2)
    assert pose[:3, :3] == pytest.approx(np.eye(3), abs=1e-9)
    assert pose[:3, 3] == pytest.approx([3.0, 0.0, STEP_M], abs=1e-9)
    assert gap == pytest.approx(0.0, abs=1e-9)
