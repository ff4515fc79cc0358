"""Traffic as sampled: as dense as stated, in lane, apart, and the same whoever else is there."""

from __future__ import annotations

import functools
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simgen
from simgen.core.errors import ScenarioInvalid, ValueOutOfRange
from simgen.language import parse
from simgen.sampling.assembly import actor_body, actor_pose, assemble
from simgen.sampling.concrete import ConcreteActor, ConcreteScenario, read
from simgen.sampling.traffic import SETTLED_MPS2, SIZES, settled_mps
from simgen.scene.boxes import footprint, overlap
from simgen.scene.traffic import COMFORT_MPS2
from simgen.simulation.driving import intelligent_driver

HEAD = """
simgen: 1
scenario: street
setting: {road: two_lane_urban, length: 300 m, parked: 0.3, trees: 0.5, look: 3}
"""
EGO = "actors: {ego: {model: car.sedan, at: {lane: -1, s: 150 m}, speed: 12 m/s, behavior: follow_lane}}\n"


@functools.cache
def sampled(text: str, index: int = 0) -> ConcreteScenario:
    return simgen.sample(parse(HEAD + text), index=index)


def cars(concrete: ConcreteScenario) -> dict[str, ConcreteActor]:
    return {
        a.name: a for a in concrete.actors if a.name.startswith("traffic_") and not a.name.startswith("traffic_walker")
    }


@pytest.mark.parametrize("density", [10, 25, 40])
def test_density_is_measured_back(density: int) -> None:
    counts = [len(cars(sampled(f"traffic: {{density: {density} /km}}\n", index))) for index in range(3)]
    assert sum(counts) / 3 / 0.3 / 2 == pytest.approx(density, rel=0.1)


def test_vehicles_stand_apart_in_their_lanes_and_drive_their_way() -> None:
    concrete = sampled("traffic: {density: 30 /km, pedestrians: 50 /km}\n" + EGO)
    road = assemble(concrete).stage.road
    assert road is not None
    for actor in cars(concrete).values():
        assert actor.lane is not None and actor.s_m is not None and actor.t_m is not None
        lane = road.lane(actor.lane)
        assert lane.kind == "driving"
        assert actor.t_m == pytest.approx(lane.center_t_m, abs=1e-6)
        assert math.cos(actor.yaw_rad - road.heading_at(actor.s_m)) * lane.direction > 0.99
        assert 0.0 <= actor.speed_mps <= 1.5 * lane.speed_limit_mps
    outlines = [footprint(actor_pose(a), actor_body(a)) for a in concrete.actors]
    assert len(outlines) > 20
    assert not any(overlap(a, b) for i, a in enumerate(outlines) for b in outlines[:i])


def test_another_actor_only_clears_the_way_around_it() -> None:
    alone = cars(sampled("traffic: {density: 30 /km}\n"))
    beside = cars(sampled("traffic: {density: 30 /km, clear: 40 m}\n" + EGO))
    gone = alone.keys() - beside.keys()
    assert beside.keys() < alone.keys()
    for name, actor in beside.items():
        assert actor.model_copy(update={"speed_mps": 0.0}) == alone[name].model_copy(update={"speed_mps": 0.0})
        if actor.lane == -1:
            assert actor.s_m is not None and abs(actor.s_m - 150.0) > 40.0
    assert all(alone[name].lane == -1 and abs((alone[name].s_m or 0.0) - 150.0) < 46.0 for name in gone)


def test_it_is_the_same_every_time_and_reads_back_to_the_same_bytes() -> None:
    text = "traffic: {density: 20 /km, pedestrians: 20 /km}\n" + EGO
    first, again = sampled(text), simgen.sample(parse(HEAD + text))
    assert first.to_yaml() == again.to_yaml()
    assert read(first.to_yaml(), "c.yaml").to_yaml() == first.to_yaml()
    paths = [d.path for d in first.draws]
    assert len(paths) == len(set(paths))
    assert {"traffic.traffic_1.headway", "traffic.traffic_1.model", "traffic.lane[-1].phase"} <= set(paths)


def test_more_than_the_road_holds_is_told() -> None:
    with pytest.raises(ValueOutOfRange, match="do not fit"):
        sampled("traffic: {density: 150 /km, model: van}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("traffic: {densty: 3 /km}\n", "densty"),
        ("traffic: {density: 3 km}\n", "density: expected"),
        ("traffic: {density: 3 /km, model: car.sedn}\n", "did you mean 'car.sedan'"),
        ("traffic: {density: 3 /km}\nactors: {traffic_4: {model: van, at: {lane: 1, s: 3 m}}}\n", "traffic_4"),
        ("randomize: {sensor: none}\n", "did you mean 'sensors'"),
        ("randomize: {sensors: off}\n", "off"),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, said: str) -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        parse(HEAD + text)
    assert said in str(caught.value)
    assert ":6:" in str(caught.value) or ":7:" in str(caught.value) or ":5:" in str(caught.value)


def test_models_come_in_a_few_sizes_that_all_samples_share_and_in_many_paints() -> None:
    logical = parse(HEAD + "traffic: {density: 40 /km, model: car.sedan}\n")
    found = [list(cars(simgen.sample(logical, index=index)).values()) for index in range(2)]
    sizes = [{(a.model.parameters["length"], a.model.parameters["width"]) for a in members} for members in found]
    assert all(1 < len(own) <= SIZES for own in sizes)
    assert len(sizes[0] | sizes[1]) <= SIZES
    for members in found:
        assert len({a.model.parameters["paint"] for a in members}) > 4
        assert len({a.model.parameters["look"] for a in members}) > 0.9 * len(members)
    drawn = [r.path for r in simgen.sample(logical, index=0).draws]
    assert len(drawn) == len(set(drawn))
    held = parse(HEAD + "randomize: none\ntraffic: {density: 40 /km, model: car.sedan}\n")
    assert len({a.model.parameters["length"] for a in cars(simgen.sample(held)).values()}) == 1


@pytest.mark.parametrize(("density", "index"), [(20, 0), (20, 1), (20, 2), (20, 3), (45, 7)])
def test_nobody_starts_where_roadworks_have_closed_the_lane_or_too_fast_to_stop_before(
    density: int, index: int
) -> None:
    text = f"simgen: 1\nscenario: works\nsetting: {{road: roadworks}}\ntraffic: {{density: {density} /km}}\n"
    concrete = simgen.sample(parse(text), index=index)
    road = assemble(concrete).stage.road
    assert road is not None
    closed = 0
    for actor in cars(concrete).values():
        assert actor.lane is not None and actor.s_m is not None
        here = road.lane(actor.lane, actor.s_m)
        half = 0.5 * actor_body(actor).box_size_m[0]
        cuts = [road.main_road.cut(s) for s in (actor.s_m - half, actor.s_m + half) if 0.0 <= s <= road.length_m]
        assert all(one.kind == "driving" for cut in cuts for one in cut if one.id == actor.lane)
        stop = actor.s_m + here.direction * actor.speed_mps**2 / (2.0 * SETTLED_MPS2)
        if not 0.0 < stop < road.length_m or actor.lane != -2:
            continue
        last = next((one for one in road.main_road.cut(stop) if one.id == actor.lane), None)
        assert last is not None and last.kind == "driving"
        closed += 1
    assert closed


@given(gap=st.floats(2.0, 200.0), theirs=st.floats(0.0, 40.0), headway=st.floats(0.21, 5.0))
def test_who_starts_behind_another_brakes_as_he_likes_to(gap: float, theirs: float, headway: float) -> None:
    speed = settled_mps(gap, theirs, headway)
    asked = intelligent_driver(speed, (gap, theirs), wanted_mps=speed, headway_s=headway)
    assert asked == pytest.approx(-COMFORT_MPS2 if speed > 0.1 else 0.0, abs=1e-6 if speed > 0.1 else COMFORT_MPS2)


@pytest.mark.parametrize("index", [2, 3])
def test_nobody_starts_in_dense_traffic_with_an_emergency_stop(index: int) -> None:
    text = "simgen: 1\nscenario: dense\nsetting: {road: motorway}\ntraffic: {density: 45 /km}\n"
    concrete = simgen.sample(parse(text), index=index)
    road = assemble(concrete).stage.road
    assert road is not None
    lines: dict[int, list[ConcreteActor]] = {}
    for actor in cars(concrete).values():
        assert actor.lane is not None and actor.s_m is not None
        lines.setdefault(actor.lane, []).append(actor)
    hardest, pairs = 0.0, 0
    for lane, members in lines.items():
        direction = road.lane(lane).direction
        members.sort(key=lambda actor: direction * (actor.s_m or 0.0))
        for behind, ahead in itertools.pairwise(members):
            sizes = [actor_body(actor).box_size_m[0] for actor in (behind, ahead)]
            gap = abs((ahead.s_m or 0.0) - (behind.s_m or 0.0)) - 0.5 * sum(sizes)
            assert behind.behavior is not None and gap > 1.0
            values = behind.behavior.parameters
            wanted, headway = float(values["speed"]), float(values["headway"])
            lead = (gap, ahead.speed_mps)
            asked = intelligent_driver(behind.speed_mps, lead, wanted_mps=wanted, headway_s=headway)
            hardest, pairs = min(hardest, asked), pairs + 1
    assert pairs > 100
    # The middle of a body is not quite that of its frame
    assert hardest > -1.1 * COMFORT_MPS2
