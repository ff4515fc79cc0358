"""Walkers in the world: what they do by themselves, and what a strike and a fall make of them."""

from __future__ import annotations

import numpy as np
import pytest

import simgen
from simgen.language import parse
from simgen.simulation.world import World

HEAD = """
simgen: 1
scenario: people
randomize: none
setting: {road: two_lane_urban, length: 90 m, parked: 0, trees: 0}
environment: {time_of_day: "12:00"}
"""


def world_of(actors: str, story: str = "[]", seconds: float = 6.0) -> World:
    return World(simgen.sample(parse(f'{HEAD}actors:\n{actors}\nstory: {story}\nend: "time > {seconds} s"\n')))


def heights(world: World, name: str) -> dict[str, float]:
    """Height of each keypoint in the world, metres."""
    scene, snapshot = world.scene, world.snapshot()
    entity = scene.entity(name)
    body = entity.body
    nodes = snapshot.world_from_node[entity.nodes]
    index = {p.name: i for i, p in enumerate(body.parts)}
    return {k: float((nodes[index[part]] @ (*at, 1.0))[2]) for k, (part, at) in body.keypoints.items()}


def lowest(world: World, name: str) -> float:
    entity = world.scene.entity(name)
    nodes = world.snapshot().world_from_node[entity.nodes]
    return min(
        float((p.mesh.vertices_m @ m[2, :3] + m[2, 3]).min()) for p, m in zip(entity.body.parts, nodes, strict=True)
    )


@pytest.mark.parametrize("speed", [20, 40])
@pytest.mark.parametrize("yaw", [90, 0])
def test_a_struck_adult_ends_on_the_ground(speed: int, yaw: int) -> None:
    actors = f"""
  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}, speed: {speed} km/h, behavior: cruise_control}}
  victim: {{model: pedestrian.adult, at: {{position: [32 m, -1.7 m, 0 m], yaw: {yaw} deg}}}}"""
    with world_of(actors) as world:
        struck_at = None
        postures = []
        world.begin()
        while struck_at is None or world.time_s < struck_at + 2.5:
            world.advance()
            postures.append(world.walkers["victim"].joints())
            if struck_at is None and world.walkers["victim"].struck:
                struck_at = world.time_s
            assert world.time_s < 8.0
            if struck_at is not None and world.time_s > struck_at + 0.4:
                world.vehicle("ego").drive(-8.0, 0.0)
        high = heights(world, "victim")
        assert max(high.values()) < 0.6, high
        assert lowest(world, "victim") > -0.12
        rest = world.scene.entity("victim").body.joint_rest
        moved = np.abs(np.array(postures) - np.array(rest)).max(axis=0)
        names = world.scene.entity("victim").body.joints
        for side in ("left", "right"):
            arm = [moved[names.index(f"{side}_{joint}")] for joint in ("shoulder", "shoulder_roll")]
            assert max(arm) > 0.1, f"the {side} arm stays stiff"
            assert moved[names.index(f"{side}_elbow")] > 0.05, f"the {side} elbow stays stiff"


def test_who_turns_on_foot_has_the_spin_and_the_velocity_of_his_body() -> None:
    walk = "[{event: goes, when: time > 0.2 s, do: {one: {walk: {distance: 3 m, speed: 1.3 m/s, turn: 120 deg}}}}]"
    actors = "  one: {model: pedestrian.adult, at: {position: [40 m, 0 m, 0 m], yaw: 170 deg}}"
    with world_of(actors, walk, 4.0) as world:
        seen = list(world.run())
        i = world.scene.index("one")
    spins = np.array([s.angular_velocity_radps[i] for s in seen])
    facing = np.unwrap([np.arctan2(*s.world_from_entity[i][1::-1, 0]) for s in seen])
    assert facing[-1] - facing[0] == pytest.approx(np.radians(120), abs=1e-3)
    assert spins[1:, 2] == pytest.approx(60 * np.diff(facing), abs=1e-9)
    assert (spins[:, :2] == 0).all() and (spins[0] == 0).all() and (spins[-1] == 0).all()
    moved = 60 * np.diff([s.world_from_entity[i][:3, 3] for s in seen], axis=0)
    off = np.abs(np.array([s.velocity_mps[i] for s in seen[1:]]) - moved).max(axis=1)
    # The tick on which he arrives ends at rest.
    assert (off > 1e-6).sum() <= 1 and off.max() < 0.3


@pytest.mark.parametrize("model", ["pedestrian.adult", "pedestrian.child", "deer"])
def test_who_falls_lies(model: str) -> None:
    actors = f"  one: {{model: {model}, at: {{position: [40 m, 0 m, 0 m], yaw: 30 deg}}}}"
    with world_of(actors, "[{event: falls, when: time > 0.2 s, do: {one: fall}}]", 3.2) as world:
        for _ in world.run():
            pass
        high = heights(world, "one")
        tall = world.scene.entity("one").body.box_size_m[2]
        assert max(high.values()) < 0.6, high
        assert high["head"] < 0.4 * tall
        assert lowest(world, "one") > -0.12


def test_walk_route_visits_its_places_in_turn() -> None:
    actors = """
  one: {model: pedestrian.adult, at: {position: [30 m, -7 m, 0.12 m]},
        behavior: {walk_route: {route: [34 m, -7 m, 34 m, -6 m, 31 m, -6 m], speed: 1.5 m/s}}}"""
    with world_of(actors, seconds=9) as world:
        track = np.array([s.world_from_entity[world.scene.index("one"), :2, 3] for s in world.run()])
    for place in ((34, -7), (34, -6)):
        assert np.linalg.norm(track - place, axis=1).min() < 0.4
    assert np.allclose(track[-1], (31, -6), atol=0.01)


def test_cross_road_lets_the_car_pass_and_then_crosses() -> None:
    actors = """
  ego: {model: car.sedan, at: {lane: -1, s: 5 m}, speed: 10 m/s, behavior: follow_lane}
  one: {model: pedestrian.adult, at: {position: [40 m, -6.5 m, 0.12 m]}, behavior: cross_road}"""
    with world_of(actors, seconds=16) as world:
        road = world.stage.road
        assert road is not None
        at_kerb = None
        for snapshot in world.run():
            x, y = snapshot.world_from_entity[world.scene.index("one"), :2, 3]
            ego = snapshot.world_from_entity[world.scene.index("ego"), 0, 3]
            if at_kerb is None and y > -6.2:
                at_kerb = ego
        assert at_kerb is not None and at_kerb > x + 2.0, "it set off before the car had passed"
        assert road.locate((x, y))[1] > 3.0, "it reached the other side"


def test_wanderers_stay_on_the_pavement_and_are_the_same_again() -> None:
    actors = """
  one: {model: pedestrian.adult, at: {position: [30 m, -7 m, 0.12 m]}, behavior: wander}
  dog: {model: dog, at: {position: [60 m, -7.5 m, 0.12 m]}, behavior: {wander: {speed: 1.6 m/s}}}"""
    tracks = []
    for _ in range(2):
        with world_of(actors, seconds=12) as world:
            road = world.stage.road
            assert road is not None
            rows = [world.scene.index(n) for n in ("one", "dog")]
            tracks.append(np.array([s.world_from_entity[rows, :2, 3] for s in world.run()]))
            kinds = {lane.kind for p in tracks[-1].reshape(-1, 2)[::30] if (lane := road.lane_at(*road.locate(p)))}
    assert kinds == {"sidewalk"}
    assert np.array_equal(tracks[0], tracks[1])
    assert np.linalg.norm(np.diff(tracks[0], axis=0), axis=2).sum(axis=0).min() > 5.0


def test_who_wanders_beside_a_country_road_keeps_off_it() -> None:
    places = {f"p{i}": (40 + 12 * i, side) for i, side in enumerate((-5.6, 5.8, -6.4))}
    actors = "".join(
        f"\n  {name}: {{model: pedestrian.adult, at: {{position: [{x} m, {y} m, 0 m]}}, "
        "behavior: {wander: {radius: 8 m, pause: 0 s}}}"
        for name, (x, y) in places.items()
    )
    rural = HEAD.replace("{road: two_lane_urban, length: 90 m, parked: 0, trees: 0}", "{road: two_lane_rural}")
    with World(simgen.sample(parse(f'{rural}actors:{actors}\nstory: []\nend: "time > 25 s"\n'))) as world:
        road = world.stage.road
        assert road is not None
        rows = [world.scene.index(name) for name in places]
        track = np.array([s.world_from_entity[rows, :2, 3] for s in world.run()])
    kinds = [lane.kind for p in track.reshape(-1, 2)[::20] if (lane := road.lane_at(*road.locate(p)))]
    assert "driving" not in kinds
    assert np.linalg.norm(np.diff(track, axis=0), axis=2).sum(axis=0).min() > 8.0


def test_a_walker_goes_the_same_way_alone_and_among_others() -> None:
    one = "  one: {model: pedestrian.adult, at: {position: [30 m, -7 m, 0.12 m]}}"
    others = "".join(
        f"\n  other_{i}: {{model: pedestrian.{kind}, at: {{position: [{36 + 3 * i} m, {side} m, 0.12 m]}}}}"
        for i, (kind, side) in enumerate([("adult", 7), ("child", -1), ("wheelchair", 7), ("adult", -1), ("child", 7)])
    )
    goes = "{event: goes, do: {one: {walk: {distance: 12 m}}}}"
    too = ", ".join(
        f"{{event: goes_{i}, when: time > {0.3 * i:g} s, do: {{other_{i}: {{walk: {{distance: 9 m}}}}}}}}"
        for i in range(5)
    )
    found = []
    for actors, story in (
        (one, f"[{goes}]"),
        (one + others, f"[{too}, {goes}]"),
        (others[1:] + "\n" + one, f"[{goes}, {too}]"),
    ):
        with world_of(actors, story, 5) as world:
            entity, i = world.scene.entity("one"), world.scene.index("one")
            found.append([(s.world_from_entity[i].tobytes(), s.joints[entity.joints].tobytes()) for s in world.run()])
    assert found[0] == found[1] == found[2]


def test_a_trajectory_is_kept_to_the_tick() -> None:
    actors = "  one: {model: pedestrian.adult, at: {position: [30 m, 0 m, 0 m], yaw: 90 deg}}"
    story = (
        "[{event: goes, do: {one: {follow_trajectory: {points: [0 s, 0 m, 0 m, 2 s, 2.6 m, 0 m, 3 s, 2.6 m, 1 m]}}}}]"
    )
    with world_of(actors, story, 4) as world:
        where = {round(s.time_s, 3): s.world_from_entity[world.scene.index("one"), :2, 3] for s in world.run()}
    assert np.allclose(where[1.0], (30, 1.3), atol=0.03)
    assert np.allclose(where[4.0], (29, 2.6), atol=1e-6)


def test_idlers_move_a_little_and_keep_their_feet() -> None:
    actors = "  one: {model: pedestrian.adult, at: {position: [30 m, -7 m, 0.12 m]}, behavior: idle}"
    with world_of(actors, seconds=4) as world:
        entity = world.scene.entity("one")
        joints = np.array([s.joints[entity.joints] for s in world.run()])
    names = entity.body.joints
    assert np.ptp(joints[:, names.index("neck_yaw")]) > 0.05
    assert np.ptp(joints[:, names.index("left_hip")]) == 0.0
