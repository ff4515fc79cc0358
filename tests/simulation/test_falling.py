"""Those who fall or are struck: they bend as they go down, and lie on the ground with all they have."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from simgen.core.errors import SimgenError
from simgen.scene.models.figure import SEGMENTS
from simgen.simulation.world import World
from tests.simulation.test_walkers_in_world import world_of

RIDDEN = ["cyclist", "cyclist, rider_height: 1.95 m, backpack: yes, frame: low", "motorcycle", "scooter"]
FALLS = "[{event: falls, when: time > 0.2 s, do: {one: fall}}]"


def undersides(world: World, name: str) -> dict[str, float]:
    """Height of the lowest point of each segment above the ground at z = 0, metres."""
    entity = world.scene.entity(name)
    nodes = world.snapshot().world_from_node[entity.nodes]
    low: dict[str, float] = {}
    for part, m in zip(entity.body.parts, nodes, strict=True):
        segment = next((s for s in SEGMENTS if part.name.removeprefix("rider_").startswith(s)), None)
        if segment is not None:
            low[segment] = min(low.get(segment, np.inf), float((part.mesh.vertices_m @ m[2, :3] + m[2, 3]).min()))
    return low


@pytest.mark.parametrize(
    "model",
    [
        "pedestrian.adult",
        "pedestrian.child",
        "pedestrian.elderly",
        "pedestrian.worker",
        "pedestrian.phone",
        "pedestrian.adult, build_factor: 1.4",
        "pedestrian.adult, backpack: yes, legwear: shorts",
    ],
)
def test_all_limbs_of_who_has_fallen_rest_on_the_ground(model: str) -> None:
    actors = f"  one: {{model: {model}, at: {{position: [40 m, 0 m, 0 m], yaw: 30 deg}}}}"
    with world_of(actors, FALLS, 4) as world:
        for _ in world.run():
            pass
        low = undersides(world, "one")
    assert len(low) == len(SEGMENTS)
    assert max(low.values()) < 0.02, low
    assert min(low.values()) > -0.02, low


@pytest.mark.parametrize("yaw", [0, 90, 180, 270])
def test_all_limbs_of_who_is_struck_rest_on_the_ground(yaw: int) -> None:
    actors = f"""
  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}, speed: 30 km/h, behavior: cruise_control}}
  one: {{model: pedestrian.adult, at: {{position: [32 m, -1.7 m, 0 m], yaw: {yaw} deg}}}}"""
    brakes = '[{event: brakes, when: "collision(ego, one)", do: {ego: {override_controls: {brake: 90 %}}}}]'
    with world_of(actors, brakes, 5) as world:
        for _ in world.run():
            pass
        low = undersides(world, "one")
    assert max(low.values()) < 0.02, low
    assert min(low.values()) > -0.02, low


def test_who_falls_bends_at_knees_and_hips_on_the_way_down() -> None:
    actors = "  one: {model: pedestrian.adult, at: {position: [40 m, 0 m, 0 m]}}"
    with world_of(actors, FALLS, 2) as world:
        scene = world.scene
        entity = scene.entity("one")
        bent = []
        for snapshot in world.run():
            up = snapshot.world_from_entity[scene.index("one"), 2, 2]
            if 0.6 < up < 0.8:
                joints = dict(zip(entity.body.joints, snapshot.joints[entity.joints], strict=True))
                bent.append(min(joints["left_knee"], joints["right_knee"], joints["left_hip"], joints["right_hip"]))
    assert bent and min(bent) > 0.6


@pytest.mark.parametrize("model", ["wheelchair", "pram", "suitcase", "umbrella"])
def test_who_cannot_let_go_does_not_fall(model: str) -> None:
    actors = f"  one: {{model: pedestrian.{model}, at: {{position: [40 m, 0 m, 0 m]}}}}"
    with pytest.raises(SimgenError, match=r":\d+:\d+: 'one' cannot fall") as told, world_of(actors, FALLS):
        pass
    assert "pedestrian.adult" in str(told.value)


def points_ridden(world: World, name: str, *, rider: bool) -> np.ndarray:
    """Points (N, 3) of a machine or of its rider, in the body frame."""
    entity = world.scene.entity(name)
    poses = entity.body.pose_parts(world.snapshot().joints[entity.joints])
    return np.vstack(
        [
            part.mesh.vertices_m @ m[:3, :3].T + m[:3, 3]
            for part, m in zip(entity.body.parts, poses, strict=True)
            if part.name.startswith("rider_") == rider
        ]
    )


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("model", RIDDEN)
def test_who_has_fallen_off_lies_on_the_ground_beside_the_machine(model: str, side: float) -> None:
    actors = f"  one: {{model: {model}, at: {{position: [40 m, 0 m, 0 m]}}, speed: 4 m/s, behavior: idle}}"
    with world_of(actors, "[]", 4) as world:
        for snapshot in world.run():
            if snapshot.tick == 12:
                world.vehicle("one").struck(np.array([0.0, side * 4.0, 0.0]), 0.0)
        low = undersides(world, "one")
        machine, rider = (points_ridden(world, "one", rider=his) for his in (False, True))
    assert len(low) == len(SEGMENTS)
    assert max(low.values()) < 0.02, low
    assert min(low.values()) > -0.02, low
    assert abs(machine[:, 2].min()) < 0.02, "the machine touches the ground"
    assert np.ptp(rider[:, 2]) < 0.55, "nothing of him sticks up, but for a backpack"
    assert np.median(side * rider[:, 1]) > np.median(side * machine[:, 1]) + 0.3, "he is thrown to where it falls"
    assert cKDTree(rider).query(machine)[0].min() < 0.3, "he lies close by"


LIES_IN_THE_WAY = """
  one: {model: cyclist, at: {position: [40 m, -3.2 m, 0 m]}, speed: 1 m/s, behavior: idle}
  ego: {model: car.sedan, at: {position: [8 m, -0.3 m, 0 m]}, speed: 30 km/h, behavior: BEHAVIOR}"""


@pytest.mark.parametrize("behavior", ["cruise_control", "aeb"])
def test_who_lies_beside_his_machine_is_braked_for_or_run_over(behavior: str) -> None:
    """The car would pass the machine with room to spare: what it meets is the rider."""
    with world_of(LIES_IN_THE_WAY.replace("BEHAVIOR", behavior), "[]", 7) as world:
        for snapshot in world.run():
            if snapshot.tick == 3:
                world.vehicle("one").struck(np.array([0.0, 2.5, 0.0]), 0.0)
            if snapshot.tick == 120:
                assert world.report().collisions == ()
                at = world.vehicle("one").position_m
        moved = np.linalg.norm(world.vehicle("one").position_m - at)
        machine = points_ridden(world, "one", rider=False)
        car = world.scene.entity("ego").body.collision[0].size_m[1]
        assert machine[:, 1].max() + at[1] < -0.3 - 0.5 * car - 0.3, "the machine lies beside the way of the car"
        if behavior == "aeb":
            assert world.report().collisions == ()
            assert world.vehicle("ego").position_m[0] < at[0] - 2.0 and world.vehicle("ego").speed_mps < 0.5
        else:
            assert [c.actors for c in world.report().collisions] == [("ego", "one")]
            assert moved > 0.1


def test_what_stands_over_the_fallen_does_not_fling_them_away() -> None:
    """They fall below a car that creeps past: they stay where they fell."""
    actors = """
  one: {model: motorcycle, at: {position: [40 m, 0 m, 0 m]}, speed: 0 m/s, behavior: idle}
  beside: {model: car.sedan, at: {position: [38 m, 1.6 m, 0 m]}, speed: 1 m/s, behavior: cruise_control}"""
    with world_of(actors, "[]", 4) as world:
        fastest = 0.0
        for snapshot in world.run():
            if snapshot.tick == 3:
                world.vehicle("one").struck(np.array([0.0, 2.2, 0.0]), 0.0)
            if snapshot.tick > 60:
                fastest = max(fastest, float(np.linalg.norm(world.vehicle("one").velocity_mps)))
        assert world.vehicle("one").fallen > 0.99
    assert fastest < 0.5


@pytest.mark.parametrize("model", ["cyclist", "motorcycle", "scooter"])
def test_who_falls_onto_the_pavement_lies_on_it(model: str) -> None:
    actors = f"  one: {{model: {model}, at: {{position: [40 m, -4.5 m, 0 m]}}, speed: 3 m/s, behavior: idle}}"
    with world_of(actors, "[]", 3) as world:
        road = world.stage.road
        assert road is not None
        for snapshot in world.run():
            if snapshot.tick == 3:
                world.vehicle("one").struck(np.array([0.0, -2.5, 0.0]), 0.0)
        pose = snapshot.world_from_entity[world.scene.index("one")]
        machine, rider = (
            points_ridden(world, "one", rider=his) @ pose[:3, :3].T + pose[:3, 3] for his in (False, True)
        )
        ground = {round(road.ground_at(x, y), 3) for x, y in rider[::20, :2].tolist()}
        above = [z - road.ground_at(x, y) for points in (machine, rider) for x, y, z in points[::3].tolist()]
    assert max(ground) - road.ground_at(40.0, -4.5) > 0.05, "the pavement is higher"
    assert -0.02 < min(above) < 0.02
    middle = rider[np.argsort(np.abs(rider[:, 0] - rider[:, 0].mean()))[:200]]
    assert min(z - road.ground_at(x, y) for x, y, z in middle.tolist()) < 0.05
