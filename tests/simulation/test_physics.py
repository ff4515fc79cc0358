"""The rigid bodies against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.simulation.physics import Physics
from tests.simulation.bodies import car, sphere

G, DT = 9.81, 1 / 240


@pytest.fixture
def physics():
    world = Physics()
    yield world
    world.close()


def test_free_fall_follows_half_g_t_squared(physics):
    physics.add("ball", sphere(), planar_pose(0, 0, 0, 20.0))
    steps = 240
    for _ in range(steps):
        physics.step()
    fallen = 20.0 - physics.pose("ball")[2, 3]
    time = steps * DT
    # Semi-implicit Euler falls g dt t / 2 further than the closed form.
    assert fallen == pytest.approx(0.5 * G * time**2 + 0.5 * G * time * DT, rel=1e-6)


def test_the_body_frame_is_where_it_was_put(physics):
    pose = planar_pose(3.0, -2.0, 0.7, 1.5)
    physics.add("car", car(), pose)
    assert physics.pose("car") == pytest.approx(pose, abs=1e-9)
    moved = planar_pose(-1.0, 4.0, -2.0, 0.5)
    physics.place("car", moved, np.zeros(3), np.zeros(3))
    assert physics.pose("car") == pytest.approx(moved, abs=1e-9)


def test_a_rolling_ball_keeps_its_speed_and_turns_as_it_goes(physics):
    radius = 0.11
    physics.add("ball", sphere(radius), planar_pose(0, 0, 0))
    physics.set_velocity("ball", np.array([3.0, 0, 0]), np.array([0, 3.0 / radius, 0]))
    for _ in range(240):
        physics.step()
    linear, angular = physics.velocity("ball")
    assert linear[0] == pytest.approx(3.0, rel=0.01)
    assert angular[1] * radius == pytest.approx(linear[0], rel=0.01)
    center = physics.pose("ball") @ (0.0, 0.0, radius, 1.0)
    assert center[:3] == pytest.approx([3.0, 0.0, radius], abs=0.03)


def test_momentum_is_kept_in_a_collision(physics):
    physics.add("a", sphere(0.2, 2.0, restitution=0.5), planar_pose(-1.0, 0, 0, 5.0))
    physics.add("b", sphere(0.2, 1.0, restitution=0.5), planar_pose(0.0, 0, 0, 5.0))
    physics.set_velocity("a", np.array([4.0, 0, 0]), np.zeros(3))
    touched = False
    for _ in range(120):
        touched |= ("a", "b") in physics.step()
    assert touched
    after = 2.0 * physics.velocity("a")[0][0] + 1.0 * physics.velocity("b")[0][0]
    assert after == pytest.approx(8.0, rel=0.02)
    # Newton's law of restitution; Bullet multiplies the coefficients of the two bodies
    parting = physics.velocity("b")[0][0] - physics.velocity("a")[0][0]
    assert parting == pytest.approx(0.5 * 0.5 * 4.0, rel=0.05)


def test_two_worlds_give_equal_chains_and_a_nudge_changes_them():
    def run(nudge: float) -> str:
        world = Physics()
        for i in range(5):
            world.add(f"ball{i}", sphere(), planar_pose(0.05 * i + nudge, 0.01 * i, 0, 0.3 * i + 0.5))
        chain = ""
        for _ in range(100):
            world.step()
            chain = world.chain(sorted(f"ball{i}" for i in range(5)))
        world.close()
        return chain

    assert run(0.0) == run(0.0)
    assert run(0.0) != run(1e-9)
