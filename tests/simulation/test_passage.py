"""Who walks goes round posts, trunks and benches, by a step aside and back, and is where it should be in time."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simgen
from simgen.language import parse
from simgen.simulation.passage import Line, Sidestep
from simgen.simulation.walls import WIDEST_M
from simgen.simulation.world import TICK_S, World

STREET = """
simgen: 1
scenario: people
randomize: none
setting: {{road: {road}}}
environment: {{time_of_day: "12:00"}}
actors:
{actors}
story: {story}
end: "time > {seconds} s"
"""
URBAN = "two_lane_urban, length: 90 m, parked: 0"


def world_of(actors: str, story: str = "[]", seconds: float = 10.0, road: str = URBAN) -> World:
    return World(simgen.sample(parse(STREET.format(road=road, actors=actors, story=story, seconds=seconds))))


def adult(x: float, y: float, yaw: float = 0.0, z: float = 0.12, more: str = "") -> str:
    return f"  one: {{model: pedestrian.adult, at: {{position: [{x} m, {y} m, {z} m], yaw: {yaw} deg}}{more}}}\n"


def walks(distance: float, speed: float = 1.3) -> str:
    return f"[{{event: goes, do: {{one: {{walk: {{distance: {distance} m, speed: {speed} m/s}}}}}}}}]"


def track_of(world: World) -> np.ndarray:
    """(T, 2) where it is at each tick."""
    i = world.scene.index("one")
    return np.array([s.world_from_entity[i, :2, 3] for s in world.run()])


def clearance(world: World, track: np.ndarray, name: str) -> float:
    """The least distance of a track from the outlines of what collides of something, boxes and upright cylinders."""
    fixture = next((f for f in world.stage.fixtures if f.name == name), None)
    body = world.scene.entity(name).body if fixture is None else fixture.body
    pose = world.situation().pose(name) if fixture is None else fixture.world_from_body
    gaps = []
    for shape in body.collision:
        at = pose @ shape.body_from_shape
        local = (track - at[:2, 3]) @ at[:2, :2]
        if shape.kind == "cylinder":
            gaps.append(np.hypot(*local.T).min() - shape.size_m[0])
        else:
            beyond = np.maximum(np.abs(local) - 0.5 * np.array(shape.size_m[:2]), 0.0)
            gaps.append(np.hypot(*beyond.T).min())
    return float(min(gaps))


@pytest.mark.parametrize("speed", [1.3, 4.0])
@pytest.mark.parametrize(
    ("fixture", "x", "y"),
    [("tree_1", 26.0, -6.2), ("street_lamp_3", 40.0, -6.0), ("bin_1", 23.2, -6.0), ("bench_1", 34.5, -7.3)],
)
def test_who_walks_towards_something_narrow_goes_round_it_and_back(
    fixture: str, x: float, y: float, speed: float
) -> None:
    with world_of(adult(x - 6.0, y), walks(12.0, speed), 16.0) as world:
        track = track_of(world)
        wide = min(0.5 * world.scene.entity("one").body.box_size_m[1], WIDEST_M)
        (event,) = world.report().events
        assert clearance(world, track, fixture) > wide
        assert world.report().collisions == ()
    assert event.end_s is not None and event.blocked == ()
    assert track[-1] == pytest.approx((x + 6.0, y), abs=0.01)
    assert np.abs(track[:, 1] - y).max() < 1.2


def test_a_sidestep_is_no_jerk_and_feet_stay_where_they_are_put() -> None:
    """Neither the course nor the body turns faster than somebody who bends his way by SWERVE_MPS2 does, and no foot
    that stands moves at all."""
    with world_of(adult(20.0, -6.2), walks(12.0)) as world:
        walker, courses, moved = world.walkers["one"], [], []
        world.begin()
        before = walker.footwork.feet
        while world.time_s < 9.0:
            world.advance()
            courses.append((walker.course_rad, walker.yaw_rad))
            moved += [
                math.dist(a.spot, b.spot)
                for a, b in zip(before, walker.footwork.feet, strict=True)
                if a.swing < 0.0 and b.swing < 0.0
            ]
            before = walker.footwork.feet
    rates = np.abs(np.diff(np.array(courses), axis=0)) / TICK_S
    assert rates.max() * 1.3 < 2.0
    assert len(moved) > 300 and max(moved) == 0.0


def test_who_walks_beside_a_trunk_keeps_its_line() -> None:
    with world_of(adult(20.0, -6.9), walks(12.0)) as world:
        track = track_of(world)
    assert np.abs(track[:, 1] + 6.9).max() < 1e-6


def test_nobody_steps_aside_onto_the_carriageway_where_there_is_room_on_the_pavement() -> None:
    """The bin is nearer to the kerb than to the houses: the shorter way round it would be over the road."""
    with world_of(adult(18.0, -5.92), walks(10.0)) as world:
        track = track_of(world)
        road = world.stage.road
        assert road is not None
        kinds = {lane.kind for at in track if (lane := road.lane_at(*road.locate(at))) is not None}
    assert track[:, 1].min() < -6.3
    assert kinds == {"sidewalk"}


@pytest.mark.parametrize("model", ["bollard", "hydrant", "tree", "bench", "dumpster"])
def test_actors_that_stand_about_are_gone_round_like_fixtures(model: str) -> None:
    thing = f"  thing: {{model: {model}, at: {{position: [26 m, -1.7 m, 0 m]}}}}\n"
    with world_of(adult(20.0, -1.8, z=0.0) + thing, walks(12.0), 12.0) as world:
        track = track_of(world)
        assert clearance(world, track, "thing") > 0.2
        assert world.report().events[0].end_s is not None


def test_what_has_gone_is_in_nobodys_way() -> None:
    thing = "  thing: {model: bollard, at: {position: [26 m, -1.8 m, 0 m]}}\n"
    goes = "{event: goes, when: time > 1 s, do: {one: {walk: {distance: 12 m}}}}"
    story = f"[{{event: gone, do: {{thing: {{delete_entity: {{}}}}}}}}, {goes}]"
    with world_of(adult(20.0, -1.8, z=0.0) + thing, story, 12.0) as world:
        track = track_of(world)
    assert np.abs(track[:, 1] + 1.8).max() < 1e-6


def test_before_a_guard_rail_that_does_not_end_one_stops() -> None:
    road = "two_lane_rural"
    with world_of("", road=road) as world:
        rail = next(f for f in world.stage.fixtures if f.name == "guard_rail_1")
        shape = rail.body.collision[0]
        at = rail.world_from_body @ shape.body_from_shape
    across = math.degrees(math.atan2(at[1, 1], at[0, 1]))
    start = at[:2, 3] - 3.0 * at[:2, 1]
    with world_of(adult(*start.round(3), yaw=round(across, 3), z=0.0), walks(6.0), 8.0, road) as world:
        track = track_of(world)
        body = world.scene.entity("one").body
        (event,) = world.report().events
        gap = float((at[:2, 3] - track[-1]) @ at[:2, 1]) - 0.5 * shape.size_m[1]
    assert event.end_s is None and event.blocked == (("one", "guard_rail_1"),)
    front = body.box_center_m[0] + 0.5 * body.box_size_m[0]
    assert 0.0 < gap - front < 0.3


def test_who_is_bound_for_the_middle_of_a_bench_stops_before_it() -> None:
    with world_of(adult(34.5, -5.9, -90.0), walks(1.6), 5.0) as world:
        track = track_of(world)
        assert world.report().events[0].blocked == (("one", "bench_1"),)
        assert clearance(world, track, "bench_1") > 0.1


def test_a_trajectory_keeps_its_times_beside_what_stands_in_it() -> None:
    points = "0 s, 0 m, 0 m, 4 s, 5.2 m, 0 m, 5 s, 5.2 m, 0 m, 9 s, 11 m, 0 m"
    story = f"[{{event: goes, do: {{one: {{follow_trajectory: {{points: [{points}]}}}}}}}}]"
    with world_of(adult(20.0, -6.2), story, 9.0) as world:
        track = track_of(world)
        assert clearance(world, track, "tree_1") > 0.2
    times = np.arange(len(track)) * TICK_S
    planned = np.interp(times, [0.0, 4.0, 5.0, 9.0], [20.0, 25.2, 25.2, 31.0])
    assert np.abs(track[: 9 * 60, 0] - planned[: 9 * 60]).max() < 0.03


def test_somebody_along_the_road_passes_all_that_stands_on_its_line() -> None:
    with world_of(adult(10.0, -6.15, more=", behavior: {walk_along: {speed: 1.5 m/s}}"), seconds=40.0) as world:
        track = track_of(world)
        for name in ("street_lamp_1", "bin_1", "tree_1", "street_lamp_3", "tree_2"):
            assert clearance(world, track, name) > 0.25, name
        assert world.report().collisions == ()
    assert track[-1, 0] > 65.0
    between = track[(track[:, 0] > 60.0) & (track[:, 0] < 62.0), 1]
    assert between == pytest.approx(np.full(len(between), -6.15), abs=0.05)


@pytest.mark.parametrize(
    "action", ["walk: {distance: 12 m, speed: 1.4 m/s}", "run_across: {ahead_of: ego, speed: 3 m/s}"]
)
@pytest.mark.parametrize("overlap", [25, 75])
def test_a_meeting_comes_out_as_planned_round_a_trunk(action: str, overlap: int) -> None:
    """The way round takes longer than the straight one: who sets out to meet somebody sets out earlier."""
    actors = (
        "  ego: {model: car.sedan, at: {lane: -1, s: 5 m}, speed: 7 m/s, behavior: cruise_control}\n"
        "  trunk: {model: bollard, at: {position: [52 m, -4.6 m, 0 m]}}\n"
        "  bench: {model: bench, at: {position: [52.2 m, -5.9 m, 0.12 m], yaw: 90 deg}}\n" + adult(52.3, -7.0, 90.0)
    )
    story = f"[{{event: goes, do: {{one: {{{action}}}}}, meet: {{actor: ego, point: front, overlap: {overlap} %}}}}]"
    with world_of(actors, story, 9.0, URBAN + ", trees: 0") as world:
        track = track_of(world)
        (event,) = world.report().events
        assert clearance(world, track, "bench") > 0.2
    assert event.meet is not None and event.meet.late_s < TICK_S
    assert event.meet.achieved_overlap == pytest.approx(overlap / 100, abs=0.06)


def test_the_eased_course_has_no_edges() -> None:
    """After Flash and Hogan (1985): it begins and ends without velocity and acceleration, and turns at most
    10 / sqrt(3) times its height over the square of its length."""
    step = Sidestep(1.0, 3.0, 5.0, 9.0, 0.6)
    along = np.linspace(0.0, 10.0, 10001)
    offset = step.offsets(along)
    slope = np.gradient(offset, along)
    bend = np.gradient(slope, along)
    for at in (1.0, 3.0, 5.0, 9.0):
        k = int(np.argmin(np.abs(along - at)))
        assert abs(slope[k]) < 1e-5 and abs(bend[k]) < 0.02
    assert np.abs(bend[along < 4.0]).max() == pytest.approx(0.6 * 10 / math.sqrt(3) / 2.0**2, rel=1e-3)
    assert np.abs(bend[along > 4.5]).max() == pytest.approx(0.6 * 10 / math.sqrt(3) / 4.0**2, rel=1e-3)
    assert offset.max() == pytest.approx(0.6) and offset.min() == 0.0


def test_offsets_lie_to_the_left_of_a_line() -> None:
    line = Line(np.array([(0.0, 0.0), (4.0, 0.0), (4.0, 6.0)]))
    assert line.length_m == 10.0
    assert line.at(np.array([1.0, 7.0]), np.array([0.5, 0.5])) == pytest.approx(np.array([(1.0, 0.5), (3.5, 3.0)]))
