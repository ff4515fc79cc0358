"""Two-wheelers and lamps in a running story."""

from __future__ import annotations

import numpy as np
import pytest

import simgen
from simgen.language import parse
from simgen.scene.scene import Snapshot
from simgen.simulation.report import EpisodeReport
from simgen.simulation.world import TICK_S, World

HEAD = """
simgen: 1
scenario: ridden
randomize: none
setting: {road: two_lane_urban, length: 90 m, parked: 0, trees: 0}
environment: {time_of_day: "23:00", lighting: street_lamps}
actors:
  ego: {model: car.police, at: {lane: -1, s: 20 m}, speed: 8 m/s}
  cyclist: {model: cyclist, at: {position: [55 m, -4.4 m, 0 m], yaw: 90 deg}, behavior: idle}
"""


def ridden(story: str, end: str) -> tuple[World, list[Snapshot], EpisodeReport]:
    with World(simgen.sample(parse(f'{HEAD}story:\n{story}\nend: "{end}"\n'))) as world:
        snapshots = list(world.run())
        return world, snapshots, world.report()


ACROSS = "  - event: across\n    do: {cyclist: {ride_across: {ahead_of: ego, speed: 3 m/s}}}\n"


@pytest.mark.parametrize("overlap", [0.25, 0.5, 0.75])
def test_a_cyclist_meets_the_ego_where_it_was_planned(overlap: float) -> None:
    world, snapshots, report = ridden(
        f"{ACROSS}    meet: {{actor: ego, point: front, overlap: {overlap}}}", "time > 6 s"
    )
    meet = report.events[0].meet
    assert meet is not None
    assert meet.achieved_overlap == pytest.approx(overlap, abs=0.08)
    assert ("cyclist", "ego") in {c.actors for c in report.collisions}
    joints = world.scene.entity("cyclist").joints
    before, last = (snapshots[k].joints[joints][0] for k in (round(report.collisions[0].time_s / TICK_S) - 2, -1))
    assert abs(before) < 0.1, "upright until it is struck"
    assert abs(last) > 1.2, "on the ground afterwards"


def test_a_cyclist_rides_across_and_stops_beyond() -> None:
    world, snapshots, _ = ridden(ACROSS, "time > 6 s")
    index = world.scene.index("cyclist")
    track = np.array([s.world_from_entity[index][:2, 3] for s in snapshots])
    # From t = -4.4 m to 5 m past the ego's line at -1.625 m.
    assert track[-1, 1] == pytest.approx(-1.625 + 5.0, abs=0.3)
    assert np.ptp(track[:, 0]) < 0.05, "straight across"
    assert np.linalg.norm(snapshots[-1].velocity_mps[index]) < 0.01
    assert np.linalg.norm(np.diff(track, axis=0), axis=1).max() / TICK_S == pytest.approx(3.0, abs=0.1)


def _power(world: World, snapshots: list[Snapshot], lamp: str) -> np.ndarray:
    names = [item.name for item in world.scene.lamps]
    return np.array([s.lamp_power[names.index(f"ego.{lamp}")] for s in snapshots])


def test_beacons_flash_in_turn_while_their_event_lasts() -> None:
    world, snapshots, _ = ridden(
        "  - {event: blue, for: 2 s, do: {ego: {light_state: {level: 1, lamp: beacon, flash: 2 Hz, pairs: in_turn}}}}",
        "time > 2.5 s",
    )
    left, right = (_power(world, snapshots, f"beacon_{side}") for side in ("left", "right"))
    during = slice(1, round(2.0 / TICK_S) - 1)
    assert np.all(left[during] + right[during] == 1.0)
    assert np.count_nonzero(np.diff(left[during]) > 0) == 3
    assert left[-1] == right[-1] == 0.0
    assert _power(world, snapshots, "head_left")[-1] > 0.0


def test_one_indicator_is_switched_by_its_name() -> None:
    world, snapshots, _ = ridden(
        "  - {event: sign, do: {ego: {light_state: {level: 1, lamp: indicator_left}}}}", "time > 0.2 s"
    )
    assert _power(world, snapshots, "indicator_left")[-1] == 1.0
    assert _power(world, snapshots, "indicator_right")[-1] == 0.0
