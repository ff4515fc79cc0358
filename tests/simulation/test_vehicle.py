"""The vehicle against the formulas of its tyres."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.simulation.friction import tyre_friction
from simgen.simulation.vehicle import BRAKE_BUILD_UP_MPS3, GRAVITY_MPS2, Vehicle
from tests.simulation.bodies import car, entity

DT = 1 / 240


def vehicle(speed_mps: float) -> Vehicle:
    return Vehicle(entity("ego", car()), planar_pose(0, 0, 0), speed_mps)


@pytest.mark.parametrize("friction", [0.85, 0.65, 0.5, 0.3, 0.1])
def test_braking_distance_is_v_squared_over_two_mu_g(friction):
    subject = vehicle(14.0)
    subject.drive(-20.0, 0.0)
    subject.acceleration_mps2 = -20.0  # the brakes have built up
    while subject.speed_mps > 0:
        subject.step(DT, friction)
    assert subject.position_m[0] == pytest.approx(14.0**2 / (2 * friction * GRAVITY_MPS2), rel=0.03)


def test_brakes_build_up_before_they_bite():
    subject = vehicle(14.0)
    subject.drive(-8.0, 0.0)
    for _ in range(24):
        subject.step(DT, 0.85)
    assert subject.acceleration_mps2 == pytest.approx(-BRAKE_BUILD_UP_MPS3 * 0.1)


@pytest.mark.parametrize("friction", [0.8, 0.3])
def test_cornering_is_limited_by_the_root_of_mu_g_r(friction):
    subject = vehicle(20.0)
    for _ in range(1200):
        subject.drive(0.0, 0.5)
        subject.step(DT, friction)
    radius = 20.0 / abs(subject.yaw_rate_radps)
    limit = math.sqrt(friction * GRAVITY_MPS2 * radius)
    assert limit == pytest.approx(20.0, rel=0.05)


def test_gentle_steering_follows_the_wheelbase_and_keeps_the_speed():
    subject = vehicle(5.0)
    for _ in range(480):
        subject.drive(0.0, 0.1)
        subject.step(DT, 0.85)
    assert subject.yaw_rate_radps == pytest.approx(5.0 * math.tan(0.1) / 2.7, rel=1e-3)
    assert float(np.linalg.norm(subject.velocity_mps)) == pytest.approx(5.0, rel=1e-6)


def test_friction_follows_the_table():
    assert tyre_friction("asphalt", 0.0, 50 / 3.6) == pytest.approx(0.85)
    assert tyre_friction("asphalt", 0.3, 50 / 3.6) == pytest.approx(0.65, abs=0.01)
    assert tyre_friction("asphalt", 1.0, 50 / 3.6) == pytest.approx(0.55)
    assert tyre_friction("asphalt", 1.0, 90 / 3.6) == pytest.approx(0.3)


def test_an_impact_takes_control_away():
    subject = vehicle(10.0)
    subject.struck(np.array([-6.0, 1.0, 0.0]), 0.8)
    assert subject.crashed
    for _ in range(2400):
        subject.step(DT, 0.6)
    assert np.linalg.norm(subject.velocity_mps) == 0.0
    assert subject.position_m[0] == pytest.approx(4.0 * math.sqrt(17.0) / (2 * 0.6 * GRAVITY_MPS2), rel=0.05)
