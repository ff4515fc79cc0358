"""Two-wheelers in motion, against gravity and the geometry of their drive."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.geometry import planar_pose
from simgen.simulation.vehicle import Vehicle
from tests.simulation.bodies import entity

DT = 1 / 240
G = 9.81


def cyclist(speed_mps: float) -> Vehicle:
    return Vehicle(entity("rider", vocabulary.models.get("cyclist")().build()), planar_pose(0, 0, 0), speed_mps)


def joint(subject: Vehicle, name: str) -> float:
    return float(subject.joints[subject.entity.body.joints.index(name)])


@pytest.mark.parametrize("steer", [0.12, -0.12])
def test_leans_into_the_turn_until_gravity_balances_it(steer: float) -> None:
    subject = cyclist(5.0)
    for _ in range(480):
        subject.drive(0.0, steer)
        subject.step(DT, 0.85)
    wanted = math.atan(subject.speed_mps * subject.yaw_rate_radps / G)
    assert joint(subject, "lean") == pytest.approx(wanted, rel=0.02)
    assert math.copysign(1, joint(subject, "lean")) == math.copysign(1, steer), "a left turn leans to the left"


def test_wheels_roll_as_far_as_the_cyclist_rides() -> None:
    subject = cyclist(1.0)
    subject.drive(0.0, 0.0)
    start = joint(subject, "wheel_f_spin")
    for _ in range(240):
        subject.step(DT, 0.85)
    radius = subject.geometry.wheel_radius_m
    assert joint(subject, "wheel_f_spin") - start == pytest.approx(subject.position_m[0] / radius, rel=1e-6)


def test_cranks_turn_with_the_chain_and_rest_while_braking() -> None:
    subject = cyclist(1.0)
    subject.drive(0.0, 0.0)
    start = joint(subject, "crank")
    for _ in range(240):
        subject.step(DT, 0.85)
    gear = subject.entity.body.notes["gear"]
    turned = joint(subject, "crank") - start
    assert turned == pytest.approx(1.0 / subject.geometry.wheel_radius_m / gear, rel=1e-3)
    subject.drive(-1.0, 0.0)
    for _ in range(60):
        subject.step(DT, 0.85)
    before = joint(subject, "crank")
    for _ in range(60):
        subject.step(DT, 0.85)
    assert joint(subject, "crank") == before


def test_feet_do_not_stop_on_their_pedals_at_once() -> None:
    """Cranks of who brakes and speeds up again lose and gain their rate of 8 rad/s within a sixth of a second each."""
    subject = cyclist(6.0)
    cranks = []
    for wanted in (0.0, -2.0, 1.0):
        subject.drive(wanted, 0.0)
        for _ in range(120):
            subject.step(DT, 0.85)
            cranks.append(joint(subject, "crank"))
    rates = np.diff(np.unwrap(cranks)) / DT
    assert rates[:119].min() > 7.0
    assert np.abs(rates[160:239]).max() == 0.0
    assert rates[-1] > 6.0
    assert np.abs(np.diff(rates)).max() / DT < 8.0 / 0.14


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_falls_to_the_side_it_is_thrown_to(side: float) -> None:
    subject = cyclist(3.0)
    subject.struck(np.array([0.0, side * 4.0, 0.0]), 0.0)
    assert subject.crashed
    leans = []
    for _ in range(480):
        subject.step(DT, 0.6)
        leans.append(joint(subject, "lean"))
    assert side * leans[-1] > 1.3, "thrown to the left it falls to the left"
    assert np.all(side * np.diff(leans) >= 0)
    # A rod of length l = 2 h on its foot, pushed at 1.2 rad/s: rate² = 1.2² + 3 g / l (1 - cos lean), by its energy
    lean = np.linspace(0.0, 1.0, 2001)
    rate = np.sqrt(1.2**2 + 3 * G / (2 * subject.geometry.cog_height_m) * (1 - np.cos(lean)))
    fallen = next(i for i, reached in enumerate(leans) if abs(reached) > 1.0)
    assert fallen * DT == pytest.approx(np.trapezoid(1 / rate, lean), rel=0.03), "it falls like a rod as high"
