"""open_door: a leaf swings into the way of others, gives way to them, and is seen in labels."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

import simgen
from simgen.core.errors import SimgenError
from simgen.labels.geometry import extents
from simgen.language import parse
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.situation import NOTICED_S
from simgen.simulation.doors import FOLDED_RAD, STOP_RAD
from simgen.simulation.traffic import users
from simgen.simulation.world import World

OPENS = "  - {event: opens, when: time > 0.2 s, do: {parked: {open_door: {angle: 60 deg, over: 0.5 s}}}}\n"
LATE = OPENS.replace("0.2 s", "1.2 s")
"""Too late for whoever comes along to notice."""
RIDER = "  other: {model: cyclist, at: {lane: -1, s: 42 m, offset: -0.85 m}, speed: 5 m/s, behavior: follow_lane}\n"
CAR = "  other: {model: car.sedan, at: {lane: -1, s: 36 m, offset: -0.3 m}, speed: 8 m/s, behavior: follow_lane}\n"


def sampled(
    story: str = OPENS,
    others: str = "",
    end_s: float = 1.0,
    model: str = "car.sedan",
    road: str = "two_lane_urban, length: 150 m, parked: 0",
    at: str = "parked: right",
) -> ConcreteScenario:
    written = f"story:\n{story}" if story else ""
    return simgen.sample(
        parse(
            "simgen: 1\nscenario: doors\nrandomize: none\nsetting: {road: " + road + "}\n"
            f'environment: {{time_of_day: "12:00"}}\nactors:\n'
            f"  parked: {{model: {model}, at: {{{at}, s: 55 m}}}}\n{others}{written}"
            f'end: "time > {end_s} s"\n'
        )
    )


def test_a_door_opens_to_its_angle_in_its_time() -> None:
    with World(sampled()) as world:
        angles = [world.leaf("parked", "front_left").angle_rad for _ in world.run()]
    assert angles[12] == 0.0
    assert angles[12 + 16] == pytest.approx(math.radians(30.0), abs=0.06)
    assert angles[12 + 32 :] == pytest.approx([math.radians(60.0)] * len(angles[12 + 32 :]))
    assert np.all(np.diff(angles) >= 0.0)


def test_a_door_is_shut_again() -> None:
    do = "{parked: {open_door: {angle: 0 deg, over: 0.3 s}}}"
    shuts = f"  - {{event: shuts, after: {{event: opens, delay: 0.7 s}}, do: {do}}}\n"
    with World(sampled(OPENS + shuts, end_s=1.5)) as world:
        angles = [world.leaf("parked", "front_left").angle_rad for _ in world.run()]
    assert max(angles) == pytest.approx(math.radians(60.0))
    assert angles[-1] == 0.0


def test_the_3d_box_holds_the_open_door() -> None:
    with World(sampled()) as world:
        widths = []
        for _ in world.run():
            view = world.situation().view
            low, high = extents(view, np.array([view.scene.index("parked")]))
            widths.append((low[0, 1], high[0, 1]))
        door = world.leaf("parked", "front_left").door
    (right, shut), (same, opened) = widths[0], widths[-1]
    assert same == right
    assert opened - door.hinge_m[1] == pytest.approx(door.length_m * math.sin(math.radians(60.0)), abs=0.08)
    assert opened > shut + 0.6


def test_a_cyclist_runs_into_an_open_door_and_falls() -> None:
    with World(sampled(LATE, others=RIDER, end_s=3.0)) as world:
        for _ in world.run():
            pass
        report = world.report()
        assert [c.actors for c in report.collisions] == [("other", "parked")]
        rider, leaf = world.vehicle("other"), world.leaf("parked", "front_left")
        assert rider.crashed and rider.speed_mps < 1.0
        assert rider.position_m[0] < world.vehicle("parked").position_m[0] + leaf.door.hinge_m[0] + 0.3
        assert math.radians(60.0) < leaf.angle_rad < FOLDED_RAD
    with World(sampled(story="", others=RIDER, end_s=3.0)) as world:
        for _ in world.run():
            pass
        assert world.report().collisions == ()


def test_a_car_bends_a_door_round_and_drives_on() -> None:
    with World(sampled(LATE, others=CAR, end_s=3.0)) as world:
        for _ in world.run():
            pass
        assert [c.actors for c in world.report().collisions] == [("other", "parked")]
        assert world.leaf("parked", "front_left").angle_rad > STOP_RAD
        assert world.vehicle("other").speed_mps > 4.0
        assert world.vehicle("parked").speed_mps == 0.0


def rear_edge_m(world: World) -> tuple[float, float]:
    """x of the rearmost and y of the outermost point of the leaf's box below the belt, at its hinge and its angle."""
    leaf = world.leaf("parked", "front_left")
    box, door = leaf.door.collision[0], leaf.door
    length = 0.5 * box.size_m[0] - float(box.body_from_shape[0, 3])
    side = float(box.body_from_shape[1, 3]) + 0.5 * box.size_m[1]
    inner = side - box.size_m[1]
    hinge = world.vehicle("parked").pose()[:3, 3] + door.hinge_m
    c, s = math.cos(leaf.angle_rad), math.sin(leaf.angle_rad)
    return float(hinge[0]) - length * c + inner * s, float(hinge[1]) + length * s + side * c


def test_distances_are_those_to_the_leaf_as_it_swings() -> None:
    beside = "  other: {model: car.sedan, at: {lane: 1, s: 55.5 m}}\n"
    with World(sampled(others=beside)) as world:
        for _ in world.run():
            situation = world.situation()
            right = float(situation.footprint("other")[0][:, 1].min())
            shut = right - float(situation.footprint("parked")[0][:, 1].max())
            outermost = max(right - shut, rear_edge_m(world)[1])
            assert situation.distance("parked", "other") == pytest.approx(right - outermost, abs=1e-6)
        assert shut - situation.distance("parked", "other") > 0.5


def test_automatic_brakes_stop_a_car_before_a_door_that_its_driver_has_not_noticed() -> None:
    """A driver who begins to brake when he has noticed it, at 8 m/s² and more, is at the door before he stands."""
    late = CAR.replace("s: 36 m", "s: 30 m")
    for behavior, stops in (("follow_lane", False), ("{aeb: {latency: 0.2 s}}", True)):
        with World(sampled(LATE, others=late.replace("follow_lane", behavior), end_s=4.0)) as world:
            way = [(s.time_s, world.vehicle("other").speed_mps) for s in world.run()]
            assert bool(world.report().collisions) is not stops
            if stops:
                nose = float(world.situation().footprint("other")[0][:, 0].max())
                braked = next(time for (time, speed), (_, after) in pairwise(way) if speed - after > 5.0 / 60.0)
                assert 1.2 + 0.2 < braked < 1.2 + NOTICED_S
                assert 1.0 < rear_edge_m(world)[0] - nose < 8.0


@pytest.mark.parametrize(
    ("road", "at"),
    [
        ("two_lane_urban, length: 150 m, parked: 0", "parked: right"),
        ("four_way_junction, length: 150 m", "lane: -1, offset: -2.5 m"),
    ],
)
def test_whoever_keeps_a_distance_stops_before_a_door_that_stands_open(road: str, at: str) -> None:
    comes = CAR.replace("s: 36 m", "s: 16 m")
    with World(sampled(others=comes, end_s=9.0, road=road, at=at)) as world:
        for _ in world.run():
            pass
        assert (world.vehicle("other").course is None) is road.startswith("two_lane")
        nose = float(world.situation().footprint("other")[0][:, 0].max())
        assert world.vehicle("other").speed_mps < 0.5
        assert 1.5 < rear_edge_m(world)[0] - nose < 6.0
        assert world.report().collisions == ()


def test_who_looks_for_a_gap_in_a_lane_finds_it_taken_by_a_door_that_he_has_noticed() -> None:
    with World(sampled(end_s=2.0)) as world:
        road = world.situation().road
        lane = road.lane(-1)
        taken = {s.time_s: users(world.situation()).by_name["parked"].within(lane) for s in world.run()}
        user = users(world.situation()).by_name["parked"]
        left = float(world.situation().footprint("parked")[..., 1].max())
    assert user.t_m + user.across_m == pytest.approx(left, abs=1e-6)
    first = min(time for time, within in taken.items() if within)
    assert first == pytest.approx(0.2 + NOTICED_S, abs=0.05)


def test_a_door_that_does_not_reach_into_the_way_stops_nobody() -> None:
    passes = CAR.replace("follow_lane", "{aeb: {}}").replace("-0.3 m", "0.6 m")
    with World(sampled(others=passes, end_s=4.0)) as world:
        slowest = min(world.vehicle("other").speed_mps for _ in world.run())
    assert slowest > 7.5


def test_the_same_run_gives_the_same_state() -> None:
    concrete = sampled(LATE, others=RIDER, end_s=3.0)
    digests = []
    for _ in range(2):
        with World(concrete) as world:
            digests.append([s.state_digest for s in world.run()])
    assert digests[0] == digests[1]


def test_where_no_door_opens_there_is_no_leaf() -> None:
    with World(sampled(story="")) as world:
        assert world.scene.entity("parked").body.doors == ()
        assert "door_front_left" not in world.scene.joint_names


@pytest.mark.parametrize(("model", "remedy"), [("van", "it has front_left, front_right"), ("bus", "a car or a van")])
def test_a_door_that_a_model_lacks_is_a_mistake_where_it_is_opened(model: str, remedy: str) -> None:
    story = "  - {event: e, do: {parked: {open_door: {door: rear}}}}\n"
    with pytest.raises(SimgenError, match=r":\d+:\d+: 'parked' has no door 'rear_left' that opens") as told:
        sampled(story, model=model)
    assert remedy in str(told.value)
