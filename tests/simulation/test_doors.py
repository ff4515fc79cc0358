"""open_door: a leaf swings into the way of others, gives way to them, and is seen in labels."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simgen
from simgen.core.errors import SimgenError
from simgen.labels.geometry import extents
from simgen.language import parse
from simgen.sampling.concrete import ConcreteScenario
from simgen.simulation.doors import FOLDED_RAD, STOP_RAD
from simgen.simulation.world import World

OPENS = "  - {event: opens, when: time > 0.2 s, do: {parked: {open_door: {angle: 60 deg, over: 0.5 s}}}}\n"
RIDER = "  other: {model: cyclist, at: {lane: -1, s: 42 m, offset: -0.85 m}, speed: 5 m/s, behavior: follow_lane}\n"
CAR = "  other: {model: car.sedan, at: {lane: -1, s: 36 m, offset: -0.3 m}, speed: 8 m/s, behavior: follow_lane}\n"


def sampled(story: str = OPENS, others: str = "", end_s: float = 1.0, model: str = "car.sedan") -> ConcreteScenario:
    written = f"story:\n{story}" if story else ""
    return simgen.sample(
        parse(
            "simgen: 1\nscenario: doors\nrandomize: none\nsetting: {road: two_lane_urban, length: 150 m, parked: 0}\n"
            f'environment: {{time_of_day: "12:00"}}\nactors:\n'
            f"  parked: {{model: {model}, at: {{parked: right, s: 55 m}}}}\n{others}{written}"
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
    with World(sampled(others=RIDER, end_s=3.0)) as world:
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
    with World(sampled(others=CAR, end_s=3.0)) as world:
        for _ in world.run():
            pass
        assert [c.actors for c in world.report().collisions] == [("other", "parked")]
        assert world.leaf("parked", "front_left").angle_rad > STOP_RAD
        assert world.vehicle("other").speed_mps > 4.0
        assert world.vehicle("parked").speed_mps == 0.0


def test_the_same_run_gives_the_same_state() -> None:
    concrete = sampled(others=RIDER, end_s=2.5)
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
