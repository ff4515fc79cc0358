"""Traffic: the intelligent-driver model in equilibrium and in a braking line, and lane changes that cut nobody off."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simgen
from simgen.language import parse
from simgen.scene.boxes import footprint, overlap
from simgen.scene.environment import Season
from simgen.scene.road import Lane, RoadNetwork
from simgen.scene.settings.two_lane_urban import TwoLaneUrban
from simgen.scene.stage import Stage
from simgen.simulation.driving import intelligent_driver
from simgen.simulation.world import World

HEAD = """
simgen: 1
scenario: flow
randomize: none
setting: {road: two_lane_urban, length: 300 m, parked: 0, trees: 0}
environment: {time_of_day: "12:00"}
"""


@given(
    wanted=st.floats(5.0, 40.0),
    share=st.floats(0.1, 0.95),
    headway=st.floats(0.5, 3.0),
    standstill=st.floats(1.0, 5.0),
)
def test_nobody_accelerates_in_the_equilibrium_gap_of_the_model(
    wanted: float, share: float, headway: float, standstill: float
) -> None:
    speed = share * wanted
    # Treiber, Hennecke & Helbing 2000, eq. (7)
    gap = (standstill + speed * headway) / math.sqrt(1.0 - share**4)
    given_gap = {"wanted_mps": wanted, "headway_s": headway, "standstill_m": standstill}
    assert intelligent_driver(speed, (gap, speed), **given_gap) == pytest.approx(0.0, abs=1e-9)
    assert intelligent_driver(speed, (0.8 * gap, speed), **given_gap) < 0.0
    assert intelligent_driver(speed, (1.2 * gap, speed), **given_gap) > 0.0


def test_ten_cars_behind_a_leader_that_brakes_hard_stop_in_line_without_touching() -> None:
    line = "\n".join(
        f"  c{i}: {{model: car.sedan, at: {{lane: -1, s: {240 - 18 * i} m}}, speed: 10 m/s,"
        " behavior: {lane_change: {headway: 1.2 s}}}"
        for i in range(10)
    )
    story = "story:\n  - {event: brakes, when: time > 1 s, do: {c0: {speed: {target: 0, rate: 7 m/s^2}}}}\n"
    text = f"{HEAD}actors:\n{line}\n{story}end: time > 24 s\n".replace("target: 0", "target: 0 m/s")
    with World(simgen.sample(parse(text))) as world:
        for _ in world.run():
            pass
        situation = world.situation()
        assert world.report().collisions == ()
        gaps = [situation.distance(f"c{i}", f"c{i + 1}") for i in range(9)]
        assert all(situation.speed(f"c{i}") < 1.0 for i in range(10))
    assert all(0.8 < gap < 9.0 for gap in gaps), gaps


def _two_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the street one of two lanes that run the same way."""
    built = TwoLaneUrban.build

    def wide(self: TwoLaneUrban, lighting: str, season: Season = "summer") -> Stage:
        stage = built(self, lighting, season)
        lanes = (
            Lane(id=-1, kind="driving", inner_t_m=0.0, outer_t_m=-3.4),
            Lane(id=-2, kind="driving", inner_t_m=-3.4, outer_t_m=-6.8),
        )
        return replace(stage, road=RoadNetwork.straight(length_m=300.0, lanes=lanes, origin_m=(0.0, 2.6)))

    monkeypatch.setattr(TwoLaneUrban, "build", wide)


FAST = """
actors:
  truck: {model: van, at: {lane: -2, s: 60 m}, speed: 6 m/s, behavior: follow_lane}
  car: {model: car.sedan, at: {lane: -2, s: 30 m}, speed: 13 m/s, behavior: {lane_change: {speed: 13 m/s}}}
"""


def test_a_slow_vehicle_is_overtaken_where_there_is_a_second_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    _two_lanes(monkeypatch)
    text = HEAD.replace("300 m", "301 m") + FAST + "end: time > 12 s\n"
    with World(simgen.sample(parse(text))) as world:
        used = set()
        for _ in world.run():
            situation = world.situation()
            lane = situation.road.lane_at(*situation.road_position("car"))
            used.add(None if lane is None else lane.id)
        assert world.report().collisions == ()
        assert situation.road_position("car")[0] > situation.road_position("truck")[0] + 10.0
        assert situation.speed("car") == pytest.approx(13.0, abs=0.7)
    assert used == {-1, -2}


@pytest.mark.parametrize("behind", [3.0, 10.0, 20.0, 40.0])
def test_nobody_cuts_in_where_the_follower_would_have_to_brake_too_hard(
    monkeypatch: pytest.MonkeyPatch, behind: float
) -> None:
    _two_lanes(monkeypatch)
    actors = f"""
actors:
  truck: {{model: van, at: {{lane: -2, s: 90 m}}, speed: 6 m/s, behavior: follow_lane}}
  car: {{model: car.sedan, at: {{lane: -2, s: 65 m}}, speed: 13 m/s, behavior: {{lane_change: {{speed: 13 m/s}}}}}}
  fast: {{model: car.sedan, at: {{lane: -1, s: {60 - behind} m}}, speed: 20 m/s, behavior: follow_lane}}
"""
    text = HEAD.replace("300 m", "301 m") + actors + "end: time > 11 s\n"
    with World(simgen.sample(parse(text))) as world:
        hardest, used = 0.0, set()
        for _ in world.run():
            situation = world.situation()
            along = situation.acceleration_mps2[situation.scene.index("fast")] @ situation.pose("fast")[:3, 0]
            hardest = min(hardest, float(along))
            lane = situation.road.lane_at(*situation.road_position("car"))
            used.add(None if lane is None else lane.id)
        assert world.report().collisions == ()
    assert -1 in used
    # The decision allows 3 m/s²; pedals lag behind what drivers want by a little.
    assert hardest > -3.5


@pytest.mark.parametrize(("density", "index"), [(10, 1), (25, 0)])
def test_all_get_past_roadworks_that_close_their_lane(density: int, index: int) -> None:
    text = f"simgen: 1\nscenario: works\nsetting: {{road: roadworks}}\ntraffic: {{density: {density} /km}}\n"
    with World(simgen.sample(parse(text + "end: time > 40 s\n"), index=index)) as world:
        assert len(world.vehicles) > 9
        for _ in world.run():
            if not world.vehicles:  # all are past, and there is nobody left whom anything could happen to
                break
            for a, b in itertools.combinations(world.vehicles.values(), 2):
                near = math.dist(a.position_m, b.position_m) < 6.0
                assert not near or not overlap(footprint(a.pose(), a.entity.body), footprint(b.pose(), b.entity.body))
        assert world.vehicles == {}
        assert world.report().collisions == ()


def test_who_stands_at_the_end_of_a_lane_waits_for_a_gap_and_turns_out_of_it() -> None:
    """The one beside him has not got past, the next is too near to brake for him, behind that there is room."""
    line = "\n".join(
        f"  c{k}: {{model: car.sedan, at: {{lane: -1, s: {s} m}}, speed: 8 m/s, behavior: {{lane_change: {{}}}}}}"
        for k, s in enumerate((80, 64, 20))
    )
    text = f"""
simgen: 1
scenario: works
randomize: none
setting: {{road: roadworks}}
environment: {{time_of_day: "12:00"}}
actors:
  stuck: {{model: car.sedan, at: {{lane: -2, s: 81 m}}, speed: 0 m/s, behavior: {{lane_change: {{speed: 12 m/s}}}}}}
{line}
end: time > 14 s
"""
    with World(simgen.sample(parse(text))) as world:
        hardest = 0.0
        for _ in world.run():
            hardest = min(hardest, *(world.vehicle(f"c{k}").wanted_mps2 for k in range(3)))
        at = [world.situation().road_position(name) for name in ("c1", "stuck", "c2")]
        assert world.report().collisions == ()
    assert at[0][0] > at[1][0] > at[2][0]
    assert at[1][0] > 110.0
    assert at[1][1] == pytest.approx(at[0][1], abs=0.3)
    assert hardest > -3.5


def test_nobody_changes_into_a_lane_that_is_about_to_end() -> None:
    text = """
simgen: 1
scenario: works
randomize: none
setting: {road: roadworks}
environment: {time_of_day: "12:00"}
actors:
  slow: {model: van, at: {lane: -1, s: 40 m}, speed: 4 m/s, behavior: follow_lane}
  car: {model: car.sedan, at: {lane: -1, s: 24 m}, speed: 6 m/s, behavior: {lane_change: {speed: 14 m/s}}}
end: time > 9 s
"""
    with World(simgen.sample(parse(text))) as world:
        for _ in world.run():
            assert world.situation().road_position("car")[1] > -2.0
