"""The vehicle against the formulas of its tyres."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.simulation.fleet import NOTHING_CREEPS_MPS, Fleet, U, V
from simgen.simulation.friction import Covering, tyre_friction
from simgen.simulation.vehicle import Vehicle
from tests.simulation.bodies import car, entity

DT = 1 / 240
"""Step; each test runs with that of a vehicle near others (240 Hz) and with that of one far from all (60 Hz)."""
G = 9.81
GROUNDS = {
    "dry": ("asphalt", Covering(), 0.85),
    "wet": ("asphalt", Covering(wetness=1.0, film_mm=1.0), 0.55),
    "snow": ("asphalt", Covering(snow=1.0), 0.3),
    "ice": ("asphalt", Covering(ice=1.0), 0.1),
    "gravel": ("gravel", Covering(), 0.6),
}
"""Ground, what lies on it, and the friction coefficient at 50 km/h that the sources in friction.py give for it."""


@pytest.fixture(params=[240, 60], autouse=True)
def _rate(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "DT", 1 / request.param)


def seconds(duration_s: float) -> range:
    """Steps in a time."""
    return range(round(duration_s / DT))


def vehicle(speed_mps: float, **geometry: object) -> Vehicle:
    body = car()
    return Vehicle(
        entity("ego", replace(body, vehicle=replace(body.vehicle, **geometry))), planar_pose(0, 0, 0), speed_mps
    )


def steadily(subject: Vehicle, steer_rad: float, speed_mps: float, friction: float) -> float:
    """Drives a circle at a kept speed until it is steady; returns its radius in m."""
    for _ in seconds(12):
        subject.drive(3.0 * (speed_mps - subject.speed_mps), steer_rad)
        subject.step(DT, friction)
    return float(np.linalg.norm(subject.velocity_mps)) / abs(subject.yaw_rate_radps)


@pytest.mark.parametrize("ground", GROUNDS)
def test_braking_distance_is_v_squared_over_two_mu_g(ground):
    name, covering, coefficient = GROUNDS[ground]
    speed = 50 / 3.6
    friction = tyre_friction(name, covering, speed)
    subject = vehicle(speed, drag_area_m2=0.0)
    subject.drive(-20.0, 0.0)
    subject.acceleration_mps2 = -20.0  # the brakes have built up
    while subject.speed_mps > 0:
        subject.step(DT, friction)
    assert subject.position_m[0] == pytest.approx(speed**2 / (2 * coefficient * G), rel=0.03)


def test_brakes_build_up_before_they_bite():
    subject = vehicle(14.0)
    subject.drive(-8.0, 0.0)
    for _ in seconds(0.1):
        subject.step(DT, 0.85)
    assert subject.acceleration_mps2 == pytest.approx(-35.0 * 0.1)


@pytest.mark.parametrize("friction", [0.85, 0.5, 0.3])
def test_cornering_is_limited_by_the_root_of_mu_g_r(friction):
    """The speed creeps up along one circle until the car no longer holds it; the front then slides."""
    radius = 60.0
    limit = math.sqrt(friction * G * radius)
    wanted, held = 0.75 * limit, 0.0
    subject = vehicle(wanted, drag_area_m2=0.0)
    for _ in seconds(60):
        wanted += 0.25 * DT
        curvature = subject.yaw_rate_radps / max(subject.speed_mps, 1.0)
        steer = subject.steer_rad + 12.0 * DT * (1.0 / radius - curvature)
        subject.drive(2.0 * (wanted - subject.speed_mps), steer)
        subject.step(DT, friction)
        if 1.0 / curvature < 1.02 * radius if curvature > 0 else False:
            held = max(held, float(np.linalg.norm(subject.velocity_mps)))
        if wanted > 1.1 * limit:
            break
    assert held == pytest.approx(limit, rel=0.05)


def test_a_car_understeers_as_the_theory_of_the_single_track_says():
    """Steer angle = L / R + K a_y, K = F_zf / C_f - F_zr / C_r over g (Mitschke); K > 0 is understeer."""
    subject = vehicle(20.0, drag_area_m2=0.0)
    steer = 0.02
    radius = steadily(subject, steer, 20.0, 1.0)
    gradient = (1 / 9.0 - 1 / 11.5) / G
    lateral = 20.0**2 / radius
    assert steer > subject.wheelbase_m / radius
    assert steer == pytest.approx(subject.wheelbase_m / radius + gradient * lateral, rel=0.03)


def test_soft_rear_tyres_oversteer():
    subject = vehicle(15.0, cornering_per_rad=(11.5, 9.0))
    assert subject.wheelbase_m / steadily(subject, 0.02, 15.0, 1.0) > 0.02


def test_slow_steering_follows_the_wheelbase():
    subject = vehicle(1.0)
    radius = steadily(subject, 0.3, 1.0, 0.85)
    # The origin lies between the axles: it runs wider than the rear axle
    rear = subject.wheelbase_m / math.tan(0.3)
    assert radius == pytest.approx(math.hypot(rear, 1.35), rel=0.01)


def test_braking_in_a_curve_leaves_some_steering_and_no_more_than_the_friction():
    subject, worst = vehicle(20.0), 0.0
    for _ in seconds(1):
        subject.drive(-20.0, 0.1)
        before = subject.fleet.state[[U, V], 0].copy()
        heading = subject.yaw_rad
        subject.step(DT, 0.6)
        turned = subject.yaw_rad - heading
        c, s = math.cos(turned), math.sin(turned)
        after = subject.fleet.state[[U, V], 0]
        change = np.array([c * after[0] - s * after[1], s * after[0] + c * after[1]]) - before
        worst = max(worst, float(np.linalg.norm(change)) / DT)
    assert subject.yaw_rad > 0.1
    assert worst == pytest.approx(0.6 * G, rel=0.03)


@pytest.mark.parametrize("driven", [0.0, 1.0])
def test_setting_off_loads_the_rear_axle(driven):
    """On a slippery road a driven axle gives mu times its load, which the acceleration itself shifts to the rear:
    a = mu g l / (L -+ mu h), l the way from the centre of gravity to the other axle (Mitschke)."""
    subject = vehicle(0.0, driven_front=driven, cog_x_m=0.0, cog_height_m=0.6, drag_area_m2=0.0, rolling=0.0)
    subject.drive(4.0, 0.0)
    for _ in seconds(1):
        subject.step(DT, 0.3)
    before = subject.speed_mps
    for _ in seconds(0.5):
        subject.step(DT, 0.3)
    expected = 0.3 * G * 1.35 / (2.7 + (0.3 if driven else -0.3) * 0.6)
    assert (subject.speed_mps - before) / 0.5 == pytest.approx(expected, rel=0.01)


def test_a_tall_vehicle_brakes_no_harder_than_it_can_without_going_over():
    long, short = (_shortest_stop(vehicle(10.0, cog_x_m=0.0, cog_height_m=h)) for h in (3.0, 0.5))
    assert long == pytest.approx(10.0**2 / (2 * G * 1.35 / 3.0), rel=0.08)  # g l / h, while they build up
    assert short < 0.65 * long


def _shortest_stop(subject: Vehicle) -> float:
    subject.drive(-20.0, 0.0)
    while subject.speed_mps > 0:
        subject.step(DT, 0.85)
    return float(subject.position_m[0])


def test_the_engine_gives_its_power_and_no_more():
    subject = vehicle(30.0, power_w=60_000.0, drag_area_m2=0.0, rolling=0.0)
    subject.drive(4.0, 0.0)
    for _ in seconds(1):
        subject.step(DT, 0.85)
    before = 0.5 * 1500.0 * subject.speed_mps**2
    for _ in seconds(1):
        subject.step(DT, 0.85)
    assert 0.5 * 1500.0 * subject.speed_mps**2 - before == pytest.approx(60_000.0, rel=0.01)


def test_top_speed_is_where_drag_takes_all_power():
    subject = vehicle(48.0, power_w=60_000.0, drag_area_m2=0.7, rolling=0.01)
    for _ in seconds(40):
        subject.drive(4.0, 0.0)
        subject.step(DT, 0.85)
    v = subject.speed_mps
    assert (0.6 * 0.7 * v**2 + 0.01 * 1500 * G) * v == pytest.approx(60_000.0, rel=0.02)


def test_a_vehicle_without_pedals_rolls_out_by_its_rolling_resistance():
    subject = vehicle(3.0, drag_area_m2=0.0, rolling=0.02)
    subject.override()
    while subject.speed_mps > 0:
        subject.step(DT, 0.85)
    assert subject.position_m[0] == pytest.approx(3.0**2 / (2 * 0.02 * G), rel=0.01)


def on_slope(subject: Vehicle, gradient: float) -> Vehicle:
    """Uphill ahead."""
    normal = np.array([-gradient, 0.0, 1.0])
    subject.fleet.lie(0, normal / np.linalg.norm(normal), 0.0)
    return subject


def test_without_brakes_it_rolls_away_on_a_slope_with_g_sin():
    subject = on_slope(vehicle(0.0, drag_area_m2=0.0, rolling=0.0), 0.1)
    subject.override()
    for _ in seconds(1):
        subject.step(DT, 0.85)
    assert subject.speed_mps == pytest.approx(-G * math.sin(math.atan(0.1)), rel=1e-6)
    drop = subject.linear_velocity()[2] / subject.linear_velocity()[0]
    assert drop == pytest.approx(0.1)


@pytest.mark.parametrize("gradient", [0.0, 0.1])
def test_parked_for_a_minute_it_has_not_moved_at_all(gradient):
    subject = on_slope(vehicle(0.0), gradient)
    start = subject.fleet.state.copy()
    for _ in seconds(60):
        subject.step(DT, 0.85)
    assert (subject.fleet.state == start).all()


def test_brakes_hold_on_a_cross_slope_and_ice_does_not():
    normal = np.array([0.0, 0.15, 1.0])
    for friction, slides in ((0.85, False), (0.1, True)):
        subject = vehicle(0.0)
        subject.fleet.lie(0, normal / np.linalg.norm(normal), 0.0)
        for _ in seconds(5):
            subject.step(DT, friction)
        assert (float(np.linalg.norm(subject.position_m)) > 1.0) == slides


def test_forward_gear_brakes_to_a_stop_and_reverse_gear_backs():
    subject = vehicle(2.0)
    for _ in seconds(2):
        subject.drive(-3.0, 0.0)
        subject.step(DT, 0.85)
    assert subject.speed_mps == 0.0
    subject.gear = -1
    for _ in seconds(2):
        subject.drive(-1.0, 0.2)
        subject.step(DT, 0.85)
    assert subject.speed_mps == pytest.approx(-2.0, abs=0.2)
    assert subject.yaw_rate_radps < 0.0


@pytest.mark.parametrize(("speed", "slide", "turn"), [(20.0, 0.0, 2.0), (8.0, 6.0, -4.0), (0.0, 9.0, 0.5)])
def test_energy_never_increases_in_a_slide(speed, slide, turn):
    subject = vehicle(speed)
    subject.struck(np.array([-1.0, slide, 0.0]), turn)
    assert subject.crashed
    inertia = subject.fleet.yaw_inertia_kg_m2(0)

    def energy() -> float:
        return 0.5 * 1500.0 * float((subject.center_velocity() ** 2).sum()) + 0.5 * inertia * subject.yaw_rate_radps**2

    last = energy()
    for _ in seconds(8):
        subject.step(DT, 0.6)
        now = energy()
        assert now <= last + 1e-9
        last = now
    assert last == 0.0


def test_a_crashed_car_slides_as_far_as_its_friction_lets_it():
    subject = vehicle(10.0, drag_area_m2=0.0)
    subject.struck(np.array([-2.0, 1.0, 0.0]), 0.0)
    start = subject.position_m
    for _ in seconds(5):
        subject.step(DT, 0.6)
    assert float(np.linalg.norm(subject.position_m - start)) == pytest.approx(65.0 / (1.2 * G), rel=0.02)


def test_a_slide_leaves_no_creep():
    assert NOTHING_CREEPS_MPS < 0.01
    subject = vehicle(3.0)
    subject.struck(np.array([1.0, 1.0, 0.0]), 1.0)
    for _ in seconds(1.5):
        subject.step(DT, 0.6)
    assert subject.at_rest


@pytest.mark.parametrize("steer", [0.2, 0.6])
@pytest.mark.parametrize("brake", [-1.0, -8.0])
def test_who_brakes_to_a_stop_in_a_turn_stands(steer, brake):
    subject = vehicle(3.0)
    for _ in seconds(6):
        subject.drive(brake, steer)
        subject.step(DT, 0.85)
    yaw, place = subject.yaw_rad, subject.position_m
    assert yaw > 0.01
    for _ in seconds(5):
        subject.drive(brake, steer)
        subject.step(DT, 0.85)
    assert subject.yaw_rad == yaw
    assert (subject.position_m == place).all()


def test_a_two_wheeler_leans_into_its_curve_and_brakes_without_going_over():
    body = car(90.0)
    geometry = replace(body.vehicle, front_axle_m=0.55, rear_axle_m=-0.55, cog_height_m=1.1)
    bicycle = replace(
        body, box_size_m=(1.8, 0.6, 1.75), joints=("lean",), joint_rest=(0.0,), mass_kg=90.0, vehicle=geometry
    )
    subject = Vehicle(entity("rider", bicycle), planar_pose(0, 0, 0), 5.0)
    for _ in seconds(3):
        subject.drive(5.0 - subject.speed_mps, 0.1)
        subject.step(DT, 0.85)
    turn = subject.speed_mps * subject.yaw_rate_radps
    assert subject.joints[0] == pytest.approx(math.atan(turn / G), rel=0.02)
    subject = Vehicle(entity("rider", bicycle), planar_pose(0, 0, 0), 5.0)
    front = 0.55 - geometry.center_of_gravity_m
    assert _shortest_stop(subject) > 5.0**2 / (2 * G * front / 1.1)


def test_many_vehicles_move_as_each_would_alone():
    fleet, alone = Fleet(), []
    for i in range(7):
        speed = float(3 * i)
        start = planar_pose(0.0, 10.0 * i, 0.3 * i)
        alone.append(Vehicle(entity("a", car(1200.0 + 100 * i)), start, speed))
        Vehicle(entity("a", car(1200.0 + 100 * i)), start, speed, fleet)
    fleet.ground[:2] = 0.5
    # The first stands, and those behind it in the arrays go by their own figures all the same
    fleet.wish[0, 1:] = 1.0
    fleet.wish[1, 1:] = 0.1
    fleet.settle()
    for _ in seconds(1):
        fleet.step(DT)
    for i, single in enumerate(alone):
        if i:
            single.drive(1.0, 0.1)
        for _ in seconds(1):
            single.step(DT, 0.5)
        assert single.fleet.state[:, 0] == pytest.approx(fleet.state[:, i], abs=1e-12)


def test_it_goes_the_way_that_its_velocity_says():
    """While it turns and slides: over a step the mean of the velocities before and after, not half a turn beside it."""
    subject = vehicle(14.0, cog_x_m=0.3)
    subject.drive(-2.0, 0.3)
    for _ in seconds(1.0):
        subject.step(DT, 0.5)
    for _ in seconds(0.2):
        place, before = subject.position_m, subject.linear_velocity()[:2]
        subject.step(DT, 0.5)
        off = (subject.position_m - place) / DT - 0.5 * (before + subject.linear_velocity()[:2])
        assert np.linalg.norm(off) < 0.05 * DT * abs(subject.yaw_rate_radps) * np.linalg.norm(before)
    assert abs(subject.yaw_rate_radps) > 0.2
