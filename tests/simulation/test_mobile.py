"""Robots on wheels and belts that carry, against formulas."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

from simgen.core import vocabulary
from simgen.core.errors import SimgenError
from simgen.core.geometry import planar_pose
from simgen.sampling.concrete import ConcreteAction, ConcreteActor, ConcreteEvent, ConcreteScenario, Use
from simgen.scene.body import Body
from simgen.scene.scene import Entity
from simgen.simulation.friction import wheel_friction
from simgen.simulation.mobile import MobileRobot
from simgen.simulation.physics import STEP_S
from simgen.simulation.scanner import free_ahead_m, is_person
from simgen.simulation.world import World

ROBOTS = ("robot.amr", "husky")
G = 9.81


@functools.cache
def body(name: str) -> Body:
    built: Body = vocabulary.models.get(name)().build()
    return built


def robot(name: str, speed_mps: float = 0.0) -> MobileRobot:
    entity = Entity(
        name="robot",
        model=name,
        body=body(name),
        instance_id=1,
        semantic_id=28,
        first_node=0,
        first_joint=0,
        static=False,
    )
    return MobileRobot(entity, planar_pose(0.0, 0.0, 0.4), speed_mps)


def run(mobile: MobileRobot, friction: float, seconds: float) -> None:
    for _ in range(round(seconds / STEP_S)):
        mobile.step(STEP_S, np.full(len(mobile.base.wheels), friction))


def actor(name: str, model: str, at: tuple[float, float, float], yaw: float = 0.0, **more: object) -> ConcreteActor:
    behavior = more.pop("behavior", None)
    assert behavior is None or isinstance(behavior, Use)
    return ConcreteActor(
        name=name, model=Use(name=model, parameters=more), position_m=at, yaw_rad=yaw, behavior=behavior
    )


def hall(*actors: ConcreteActor, setting: str = "warehouse", story: tuple[ConcreteEvent, ...] = ()) -> ConcreteScenario:
    values: dict[str, object] = {"bays": 4, "aisles": 1} if setting == "warehouse" else {}
    return ConcreteScenario(
        concrete="hall", seed=0, index=0, setting=Use(name=setting, parameters=values), actors=actors, story=story,
        end="time > 60",
    )  # fmt: skip


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize("patch", ["", "oil", "water"])
def test_stopping_distance_follows_the_friction_under_the_wheels(name: str, patch: str) -> None:
    """v²/(2 mu g) where all of the weight stands on braked wheels; castors carry their share for nothing."""
    mu = wheel_friction("concrete", patch)
    mobile = robot(name, 1.4 if name == "robot.amr" else 1.0)
    speed = mobile.speed_mps
    mobile.stopped = True
    run(mobile, mu, 4.0)
    travelled = float(np.linalg.norm(mobile.position_m))
    expected = speed**2 / (2 * mu * G * mobile.base.load_share)
    assert travelled == pytest.approx(expected, rel=0.10)
    assert mobile.speed_mps == pytest.approx(0.0, abs=1e-6)
    assert np.abs(mobile.wheel_mps).max() == 0.0


def test_oil_costs_the_robot_more_road_in_the_world_than_dry_floor() -> None:
    stops = {}
    for liquid in ("", "oil"):
        things = [actor("amr", "robot.amr", (-4.0, 0.0, 0.0))]
        if liquid:
            things.append(actor("spill", "spill", (0.0, 0.0, 0.0), liquid=liquid, length=8.0, width=2.0))
        with World(hall(*things)) as world:
            world.begin()
            mobile = world.mobile("amr")
            mobile.drive(1.2, 0.0)
            while mobile.position_m[0] < -2.0:
                world.advance()
            start, speed = mobile.position_m[0], mobile.speed_mps
            stop = vocabulary.actions.get("protective_stop")().run(world, "amr")
            while mobile.speed_mps > 1e-3:
                next(stop)
                world.advance()
            mu = wheel_friction("concrete", liquid)
            stops[liquid] = mobile.position_m[0] - start
            assert stops[liquid] == pytest.approx(speed**2 / (2 * mu * 9.81 * 0.7), rel=0.10)
    assert stops["oil"] > 5 * stops[""]


def test_differential_drive_turns_with_the_radius_of_its_wheel_speeds() -> None:
    mobile = robot("robot.amr")
    mobile.drive(0.5, 0.8)
    run(mobile, 0.7, 3.0)
    left, right = mobile.wheel_mps
    track = mobile.base.track_m
    radius = track / 2 * (right + left) / (right - left)
    assert radius == pytest.approx(0.5 / 0.8)
    points = []
    for _ in range(round(2 * math.pi / 0.8 / STEP_S)):
        mobile.step(STEP_S, np.full(2, 0.7))
        points.append(mobile.position_m.copy())
    circle = np.array(points)
    assert np.ptp(circle, axis=0) / 2 == pytest.approx([radius, radius], rel=0.01)
    # it comes round to where it was
    assert circle[-1] == pytest.approx(circle[0], abs=0.01)


def test_skid_steering_scrubs_and_turns_less_than_rolling_wheels_would() -> None:
    mobile = robot("husky")
    mobile.drive(0.0, 1.0)
    run(mobile, 0.7, 2.0)
    left, right = mobile.wheel_mps[1], mobile.wheel_mps[0]
    track = abs(mobile.base.wheels[0].y_m - mobile.base.wheels[1].y_m)
    rolling = abs(right - left) / track
    assert 0.4 * rolling < abs(mobile.yaw_rate_radps) < 0.95 * rolling


def test_it_goes_where_it_is_sent_and_waits_for_what_is_in_the_way() -> None:
    with World(
        hall(actor("amr", "robot.amr", (-4.0, 0.0, 0.0)), actor("man", "pedestrian.adult", (-1.0, 0.0, 0.0)))
    ) as world:
        world.begin()
        drive = vocabulary.actions.get("drive_to")(position=(2.0, 0.6), speed=1.2).run(world, "amr")
        for _ in range(300):
            next(drive)
            world.advance()
        situation = world.situation()
        assert 0.05 < situation.distance("amr", "man") < 0.6
        assert world.mobile("amr").speed_mps == pytest.approx(0.0, abs=0.01)
        assert free_ahead_m(situation, "amr", is_person) == pytest.approx(free_ahead_m(situation, "amr"), abs=1e-9)
        world.remove("man")
        for _ in drive:
            world.advance()
        assert world.situation().position("amr")[:2] == pytest.approx([2.0, 0.6], abs=0.05)


def test_the_safety_scanner_stops_a_patrol_before_a_person() -> None:
    patrol = Use(
        name="patrol", parameters={"route": ("cross_east",), "scanner": "people", "distance": 0.8, "repeat": False}
    )
    things = (
        actor("amr", "robot.amr", (-4.0, 0.0, 0.0), behavior=patrol),
        actor("man", "pedestrian.adult", (0.0, 0.0, 0.0)),
    )
    with World(hall(*things)) as world:
        world.begin()
        for _ in range(480):
            world.advance()
        assert world.mobile("amr").stopped
        assert 0.2 < world.situation().distance("amr", "man") < 0.8
        world.remove("man")
        for _ in range(840):
            world.advance()
        goal = world.stage.surfaces["cross_east"].center_m
        assert world.situation().position("amr")[:2] == pytest.approx(goal, abs=0.1)


def test_a_rack_stops_the_robot() -> None:
    with World(hall(actor("amr", "robot.amr", (0.0, 0.0, 0.0), math.pi / 2))) as world:
        world.begin()
        world.mobile("amr").drive(0.8, 0.0)
        for _ in range(240):
            world.advance()
        wall = world.stage.surfaces["aisle_1"].size_m[1] / 2
        front = world.mobile("amr").position_m[1] + 0.445
        assert front == pytest.approx(wall, abs=0.06)


def test_a_load_rides_on_the_deck_and_a_strapped_one_stays_in_a_hard_stop() -> None:
    slid = {}
    for strapped in (False, True):
        box = actor("box", "box.carton", (-4.1, 0.0, 0.3525), length=0.3, width=0.3, height=0.2, density=200.0)
        with World(hall(actor("amr", "robot.amr", (-4.0, 0.0, 0.0)), box)) as world:
            world.begin()
            if strapped:
                for _ in vocabulary.actions.get("attach")(to="amr").run(world, "box"):
                    pass
            mobile = world.mobile("amr")
            mobile.drive(1.4, 0.0)
            for _ in range(150):
                world.advance()
            riding = world.situation().position("box")[0] - mobile.position_m[0]
            mobile.stopped = True
            for _ in range(60):
                world.advance()
            slid[strapped] = world.situation().position("box")[0] - mobile.position_m[0] - riding
            if strapped:
                world.holding.detach("box")
                with pytest.raises(SimgenError, match="not attached"):
                    world.holding.detach("box")
    # it stops within a foot's length at 4.8 m/s², which is more than cardboard on the deck holds
    assert abs(slid[True]) < 0.01
    assert slid[False] > slid[True] + 0.02


@pytest.mark.parametrize("speed", [0.15, 0.45])
def test_a_belt_carries_a_box_at_its_speed(speed: float) -> None:
    things = (
        actor("belt", "conveyor", (1.6, 0.0, 0.0), math.pi / 2, length=3.0, speed=speed),
        actor("box", "box.carton", (1.6, -1.2, 0.80), 0.4, length=0.2, width=0.15, height=0.1),
    )
    with World(hall(*things, setting="tabletop")) as world:
        world.begin()
        for _ in range(60):
            world.advance()
        start = world.situation().position("box").copy()
        for _ in range(120):
            world.advance()
        moved = world.situation().position("box") - start
        assert moved[1] / 2.0 == pytest.approx(speed, rel=0.02)
        assert abs(moved[0]) < 0.01 and abs(moved[2]) < 1e-3
        # what one sees run is the belt
        assert world.snapshot().joints[world.scene.entity("belt").joints][0] == pytest.approx(3.0 * speed, rel=0.02)
        for _ in vocabulary.actions.get("conveyor_speed")(speed=0.0).run(world, "belt"):
            world.advance()
        for _ in range(20):
            world.advance()
        assert world.situation().speed("box") == pytest.approx(0.0, abs=2e-3)


def test_a_blade_jams_the_belt_and_the_setting_s_own_belt_obeys_the_world() -> None:
    stop = ConcreteEvent(
        name="stop",
        when="time > 3.5",
        do=(ConcreteAction(subject="world", action=Use(name="conveyor_speed", parameters={"speed": 0.0})),),
    )
    things = (
        actor("blade", "diverter", (0.39, 0.5, 0.70), -math.pi / 2, length=0.46),
        actor("first", "box.carton", (0.62, 0.1, 0.70), length=0.2, width=0.2, height=0.12),
        actor("second", "box.carton", (0.62, -0.3, 0.70), length=0.2, width=0.2, height=0.12),
    )
    with World(hall(*things, setting="work_cell", story=(stop,))) as world:
        world.begin()
        for _ in range(200):
            world.advance()
        situation = world.situation()
        # the first stands at the blade, the second against it, and the belt runs on beneath them
        assert situation.position("first")[1] == pytest.approx(0.5 - 0.012 - 0.1, abs=0.02)
        assert situation.position("second")[1] == pytest.approx(situation.position("first")[1] - 0.2, abs=0.03)
        assert world.conveyor("conveyor").speed_mps == pytest.approx(0.20)
        for _ in range(60):
            world.advance()
        assert world.conveyor("conveyor").speed_mps == pytest.approx(0.0, abs=1e-9)
        with pytest.raises(SimgenError, match="conveyors here: conveyor"):
            world.conveyor("first")


def test_two_runs_are_the_same_bit_for_bit() -> None:
    digests = []
    for _ in range(2):
        patrol = Use(name="patrol", parameters={"route": ("dock_1", "aisle_1"), "speed": 1.5})
        things = (
            actor("amr", "robot.amr", (-4.0, 0.0, 0.0), behavior=patrol),
            actor("box", "box.carton", (-4.1, 0.0, 0.3525), length=0.3, width=0.3, height=0.2),
            actor("spill", "spill", (-1.0, 0.0, 0.0)),
        )
        with World(hall(*things)) as world:
            world.begin()
            for _ in range(150):
                snapshot = world.advance()
            digests.append((snapshot.state_digest, snapshot.world_from_node.tobytes()))
    assert digests[0] == digests[1]
