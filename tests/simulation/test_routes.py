"""Vehicles on routes: along the lanes of junctions, before signals, and where somebody else goes first."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import simgen
from simgen.core.errors import SimgenError, UnknownName
from simgen.language import parse
from simgen.scene.road import LanePath
from simgen.scene.signals import shown
from simgen.simulation.course import Course
from simgen.simulation.junctions import BEFORE_M, COMFORT_MPS2, nose_m
from simgen.simulation.world import World

HEAD = """
simgen: 1
scenario: routes
randomize: none
setting: {{road: {setting}, trees: 0}}
environment: {{time_of_day: "12:00"}}
actors:
{actors}
story:
{story}
end: "time > {end} s"
"""


def world(actors: str, *, setting: str = "four_way_junction", story: str = "  []", end: float = 15.0) -> World:
    return World(simgen.sample(parse(HEAD.format(setting=setting, actors=actors, story=story, end=end))))


def car(name: str, at: str, speed: str, behavior: str = "follow_lane") -> str:
    return f"  {name}: {{model: car.sedan, at: {{{at}}}, speed: {speed}, behavior: {behavior}}}\n"


WEST = "lane: -1, s: 50 m"


@pytest.mark.parametrize(("turn", "heading"), [("left", 0.5 * math.pi), ("right", -0.5 * math.pi), ("straight", 0.0)])
def test_a_car_follows_the_arc_of_its_lane_through_the_junction(turn: str, heading: float) -> None:
    with world(car("ego", WEST, "10 m/s", f"{{follow_lane: {{turn: {turn}}}}}"), end=10) as w:
        ego = w.vehicle("ego")
        w.begin()
        w.advance()
        course = ego.course
        assert course is not None
        path, bends = course.way.path, course.way.path.bends()
        farthest = sideways = 0.0
        while w.time_s < 9.0:
            w.advance()
            # Measured against the polyline itself, not by what the course believes
            farthest = max(farthest, abs(path.locate(ego.position_m)[1]))
            sideways = max(sideways, ego.yaw_rate_radps * ego.speed_mps, -ego.yaw_rate_radps * ego.speed_mps)
            crossing = course.way.crossings[0]
            middle = 0.5 * (crossing.start_m + crossing.end_m)
            if turn != "straight" and abs(course.distance_m - middle) < 0.3:
                here = float(np.interp(middle, path.distance_m, bends))
                rear = math.sqrt(1.0 / here**2 - ego.geometry.rear_axle_m**2)
                steer = math.copysign(math.atan(ego.wheelbase_m / rear), here)
                assert ego.steer_rad == pytest.approx(steer, abs=0.04)
        assert farthest < 0.15
        assert sideways < 3.2
        assert ego.yaw_rad == pytest.approx(heading, abs=0.02)
        assert course.way.keys[-1].road == {"left": "north", "right": "south", "straight": "east"}[turn]


def test_a_bus_keeps_within_its_lane_in_a_roundabout() -> None:
    actors = "  bus: {model: bus, at: {lane: -1, s: 78 m}, speed: 5 m/s, behavior: {follow_lane: {turn: left}}}\n"
    with world(actors, setting="roundabout", end=10) as w:
        bus, farthest = w.vehicle("bus"), 0.0
        w.begin()
        while w.time_s < 9.0:
            w.advance()
            assert bus.course is not None
            farthest = max(farthest, abs(bus.course.offset_m))
        # The ring is 6 m wide, the bus 2.55 m
        assert farthest < 1.1
        assert bus.course is not None and bus.course.here.road == "west_north"


def _run(w: World, name: str, line_s: float) -> tuple[list[float], list[float]]:
    """Way from the nose to a line on the western arm, and speed, tick by tick."""
    subject = w.vehicle(name)
    gaps, speeds = [], []
    for _ in w.run():
        gaps.append(line_s - float(subject.position_m[0]) - nose_m(subject))
        speeds.append(subject.speed_mps)
    return gaps, speeds


def test_red_stops_a_car_before_the_line_and_green_lets_it_go() -> None:
    # 16 s into the plan west turns amber, then red for 22 s
    setting = "four_way_junction, green: 15 s, phase: 28 s"
    with world(car("ego", "lane: -1, s: 50 m", "8 m/s"), setting=setting, end=17) as w:
        signal = next(s for s in w.stage.signals if s.name == "west")
        line = signal.stop_lines[0][2]
        gaps, speeds = _run(w, "ego", line)
        states = [shown(signal, k / 60, {}) for k in range(len(gaps))]
    green = states.index("green")
    assert min(gaps[:green]) == pytest.approx(BEFORE_M, abs=0.3)
    assert max(speeds[green - 60 : green]) < 0.1
    assert speeds[green + 90] > 1.0
    assert gaps[-1] < 0.0
    # Braking as to a car that stands: never harder than the model's comfortable rate by much
    assert min(np.diff(speeds[:green])) * 60 > -3.5


@pytest.mark.parametrize(("needed_mps2", "stops"), [(0.85 * COMFORT_MPS2, True), (1.15 * COMFORT_MPS2, False)])
def test_amber_stops_who_can_stop_comfortably(needed_mps2: float, stops: bool) -> None:
    speed = 13.0
    line = 75.0
    way = speed**2 / (2 * needed_mps2)
    start = line - way - 2.25
    setting = "four_way_junction, green: 15 s, phase: 15 s"
    with world(car("ego", f"lane: -1, s: {start} m", f"{speed} m/s"), setting=setting, end=5) as w:
        gaps, speeds = _run(w, "ego", line)
    assert (min(gaps) > 0.0) == stops
    assert stops or min(speeds) == pytest.approx(speed, abs=0.1)


def test_a_red_light_runner_does_not_look() -> None:
    setting = "four_way_junction, phase: 19 s"
    with world(
        car("ego", "lane: -1, s: 25 m", "13 m/s", "{follow_lane: {obey_signals: false}}"), setting=setting, end=5
    ) as w:
        gaps, speeds = _run(w, "ego", 75.0)
    assert gaps[-1] < -5.0
    assert min(speeds) == pytest.approx(13.0, abs=0.1)


def test_who_turns_left_lets_the_oncoming_pass() -> None:
    actors = car("ego", WEST, "10 m/s", "{follow_lane: {turn: left}}") + car(
        "other", "lane: 1, s: 45 m, road: east", "10 m/s", "{follow_lane: {leaves: true}}"
    )
    with world(actors, end=11) as w:
        ego, other, slowest, order = w.vehicle("ego"), w.vehicle("other"), 99.0, []
        for _ in w.run():
            slowest = min(slowest, other.speed_mps)
            if ego.position_m[1] > 1.6:
                order.append("ego")
            if other.position_m[0] < 85.0:
                order.append("other")
        assert order[0] == "other" and "ego" in order
        assert slowest > 9.5
        assert w.report().collisions == ()


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_side_road_gives_way(side: str) -> None:
    actors = (
        car("main", "lane: -1, s: 25 m", "13 m/s", "{follow_lane: {leaves: true}}")
        + car("back", "lane: 1, s: 60 m, road: east", "13 m/s", "{follow_lane: {leaves: true}}")
        + car("side", "lane: 1, s: 30 m, road: south", "8 m/s", f"{{follow_lane: {{turn: {side}}}}}")
    )
    with world(actors, setting="t_junction", end=16) as w:
        slowest = 99.0
        for _ in w.run():
            if w.time_s < 8.0:
                slowest = min(slowest, w.vehicle("main").speed_mps, w.vehicle("back").speed_mps)
        assert slowest > 12.0
        assert w.report().collisions == ()
        assert abs(w.vehicle("side").position_m[0] - 89.25) > 5.0  # it has turned by then


def test_who_enters_a_roundabout_waits_for_who_is_in_it() -> None:
    actors = car("inside", "lane: 1, s: 8 m, road: south", "5 m/s", "{follow_lane: {turn: left}}") + car(
        "ego", "lane: 1, s: 26 m, road: east", "6 m/s"
    )
    with world(actors, setting="roundabout", end=9) as w:
        waited = False
        slowest = 99.0
        for _ in w.run():
            ego = w.vehicle("ego")
            waited = waited or bool(ego.course is not None and ego.course.held)
            if 1.0 < w.time_s < 6.0:
                slowest = min(slowest, w.vehicle("inside").speed_mps)
        assert waited
        assert slowest > 4.0
        assert w.report().collisions == ()


def test_a_route_is_assigned_on_the_way() -> None:
    story = "  - {event: reroute, when: time > 1 s, do: {ego: {assign_route: [south]}}}"
    with world(car("ego", WEST, "9 m/s"), story=story, end=9) as w:
        for _ in w.run():
            pass
        course = w.vehicle("ego").course
        assert course is not None and course.stands()[0].id == "south"
        assert abs(course.offset_m) < 0.1


def test_cars_off_the_main_road_change_the_line_that_they_keep() -> None:
    story = "  - {event: aside, when: time > 0.5 s, do: {ego: {lane_offset: {offset: 0.5 m, duration: 2 s}}}}"
    with world(car("ego", "lane: 1, s: 70 m, road: south", "8 m/s"), story=story, end=5) as w:
        for _ in w.run():
            pass
        course = w.vehicle("ego").course
        assert course is not None
        assert course.offset_m == pytest.approx(0.5, abs=0.05)
        # North is left-hand to -x
        assert w.vehicle("ego").position_m[0] == pytest.approx(90.875 - 0.5, abs=0.1)


def test_a_route_that_there_is_not_is_told_where_it_is_written() -> None:
    text = HEAD.format(
        setting="t_junction",
        actors=car("ego", WEST, "9 m/s", "{follow_lane: {turn: left}}"),
        story="  []",
        end=1,
    )
    with pytest.raises(SimgenError, match=r":\d+:\d+: nobody can turn left here") as caught:
        simgen.sample(parse(text))
    assert "straight (east), right (south)" in str(caught.value)


@pytest.mark.parametrize(
    "story",
    [
        "  - {event: a, do: {world: {traffic_signal: {name: nroth, state: red}}}}",
        "  - {event: a, when: 'traffic_signal(nroth, red)', do: {ego: {speed: 3 m/s}}}",
    ],
)
def test_a_signal_that_there_is_not_is_told_before_the_run(story: str) -> None:
    text = HEAD.format(setting="four_way_junction", actors=car("ego", WEST, "9 m/s"), story=story, end=1)
    with pytest.raises(UnknownName, match=r":\d+:\d+: unknown traffic signal 'nroth'; did you mean 'north'"):
        simgen.sample(parse(text))


@pytest.mark.parametrize("setting", ["four_way_junction", "roundabout"])
def test_traffic_keeps_to_its_lanes_through_junctions(setting: str) -> None:
    text = HEAD.format(setting=setting, actors="  {}", story="  []", end=9).replace(
        "end:", "traffic: {density: 20 1/km}\nend:"
    )
    concrete = simgen.sample(parse(text), seed=2)
    with World(concrete) as w:
        worst, turned = 0.0, set()
        for _ in w.run():
            for name, vehicle in w.vehicles.items():
                course = vehicle.course
                if course is not None and course.left_m > 0:
                    worst = max(worst, abs(course.offset_m))
                    turned.add((name, course.way.keys[-1].road))
        assert w.report().collisions == ()
        assert worst < 0.9
    assert len(turned) >= 8
    assert len({road for _, road in turned}) == 4


def test_speed_along_a_way_follows_from_lateral_acceleration_and_braking() -> None:
    with world(car("ego", WEST, "9 m/s"), end=1) as w:
        assert w.stage.road is not None
        network = w.stage.road
        path: LanePath = network.along(network.way(network.key_at("west", -1, 0.0), ["right"]))
    paces, bends = path.paces(), path.bends()
    tightest = int(np.argmax(np.abs(bends)))
    assert paces[tightest] == pytest.approx(math.sqrt(2.5 / abs(bends[tightest])), rel=1e-6)
    first = int(np.flatnonzero(paces == paces.min())[0])
    before = int(np.searchsorted(path.distance_m, path.distance_m[first] - 20.0))
    way = path.distance_m[first] - path.distance_m[before]
    assert paces[before] <= math.sqrt(paces[first] ** 2 + 2 * 1.8 * way) + 1e-9
    assert paces[before] == pytest.approx(math.sqrt(paces[first] ** 2 + 2 * 1.8 * way), rel=0.1)


def test_a_course_finds_itself_on_the_way() -> None:
    with world(car("ego", WEST, "9 m/s"), end=1) as w:
        course = Course.of(w.stage, (50.0, -1.0), 0.0, ["left"])
    assert course is not None
    assert (course.distance_m, course.offset_m) == pytest.approx((50.0, 0.625), abs=1e-6)
    ahead = course.way.path.pose_at(95.0, 0.2)[:3, 3]
    for share in np.linspace(0.0, 1.0, 200):
        course.follow(course.way.path.pose_at(50.0 + 45.0 * float(share), 0.2)[:2, 3])
    course.follow(ahead)
    assert (course.distance_m, course.offset_m) == pytest.approx((95.0, 0.2), abs=0.02)


def test_who_turns_tells_it_with_the_indicators_of_that_side() -> None:
    with world(car("ego", "lane: -1, s: 40 m", "8 m/s", "{follow_lane: {turn: left}}"), end=11) as w:
        lamps = {lamp.lamp.name: i for i, lamp in enumerate(w.scene.lamps) if lamp.name.startswith("ego.")}
        left, right = [], []
        for snapshot in w.run():
            left.append(snapshot.lamp_power[lamps["indicator_left"]] > 0)
            right.append(snapshot.lamp_power[lamps["indicator_right"]] > 0)
        course = w.vehicle("ego").course
        assert course is not None and course.stands()[0].id == "north"
    assert not any(right)
    assert not any(left[:30]) and not any(left[-30:])
    flashes = sum(b and not a for a, b in itertools.pairwise(left))
    lit = [k for k, on in enumerate(left) if on]
    assert flashes == pytest.approx((lit[-1] - lit[0]) / 60 * 1.5, abs=1.01)
