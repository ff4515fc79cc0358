"""Nobody walks through a wall: one stops before it, and the report says so."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simgen
from simgen.language import parse
from simgen.simulation.world import World
from tests.simulation.test_walkers_in_world import world_of


def facade_m(world: World, x_m: float) -> float:
    """y of the front of the houses on the right at a place of the road, from their collision shapes."""
    fronts = []
    for fixture in world.stage.fixtures:
        for shape in fixture.body.collision if fixture.body.semantic == "building" else ():
            pose = fixture.world_from_body @ shape.body_from_shape
            half = 0.5 * np.abs(pose[:2, :2]) @ np.array(shape.size_m[:2])
            if abs(pose[0, 3] - x_m) < half[0] and pose[1, 3] < 0:
                fronts.append(pose[1, 3] + half[1])
    return float(max(fronts))


def story_of(action: str) -> str:
    return f"[{{event: goes, do: {{one: {{{action}}}}}}}]"


@pytest.mark.parametrize(
    "action",
    [
        "walk: {distance: 8 m}",
        "walk: {distance: 8 m, speed: 4 m/s, acceleration: 3 m/s^2}",
        "follow_trajectory: {points: [0 s, 0 m, 0 m, 4 s, 8 m, 0 m]}",
    ],
)
def test_who_walks_towards_a_house_stops_before_it_and_waits(action: str) -> None:
    actors = "  one: {model: pedestrian.adult, at: {position: [43 m, -6.2 m, 0.12 m], yaw: -90 deg}}"
    with world_of(actors, story_of(action), 7) as world:
        y = [s.world_from_entity[world.scene.index("one"), 1, 3] for s in world.run()]
        wall = facade_m(world, 43.0)
        body = world.scene.entity("one").body
        front = body.box_center_m[0] + 0.5 * body.box_size_m[0]
        (event,) = world.report().events
    assert wall < y[-1] - front < wall + 0.25
    assert y[-1] == y[-60] and min(y) >= y[-1] - 0.02
    assert event.fired and event.end_s is None
    ((who, what),) = event.blocked
    assert who == "one" and what.startswith("houses_right")


def test_who_walks_beside_a_house_is_not_held_up() -> None:
    with world_of("  one: {model: pedestrian.adult, at: {position: [20 m, -6.2 m, 0.12 m]}}") as world:
        wall = facade_m(world, 30.0)
    actors = f"  one: {{model: pedestrian.adult, at: {{position: [20 m, {wall + 0.5} m, 0.12 m]}}}}"
    with world_of(actors, story_of("walk: {distance: 8 m, speed: 2 m/s}"), 6) as world:
        x = [s.world_from_entity[world.scene.index("one"), 0, 3] for s in world.run()]
        (event,) = world.report().events
    assert x[-1] == pytest.approx(28.0, abs=1e-6)
    assert event.end_s is not None and event.blocked == ()


@pytest.mark.parametrize("yaw", [0, 60, 90])
def test_who_walks_in_a_hall_stops_before_its_walls_and_racks(yaw: int) -> None:
    text = f"""
simgen: 1
scenario: hall
randomize: none
setting: {{room: warehouse}}
environment: {{lighting: indoor}}
actors:
  one: {{model: pedestrian.worker, at: {{position: [1 m, -0.9 m, 0 m], yaw: {yaw} deg}}}}
story: {story_of("walk: {distance: 40 m, speed: 3 m/s}")}
end: "time > 15 s"
"""
    with World(simgen.sample(parse(text))) as world:
        track = np.array([s.world_from_entity[world.scene.index("one"), :2, 3] for s in world.run()])
        (event,) = world.report().events
        at = math.dist(track[0], track[-1])
    assert len(event.blocked) == 1 and event.end_s is None
    assert at < 30.0
