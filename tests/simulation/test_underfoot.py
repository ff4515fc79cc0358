"""Patches on the road: what lies under the wheels is felt, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

import simgen
from simgen.core import vocabulary
from simgen.core.geometry import planar_pose
from simgen.language import parse
from simgen.scene.boxes import covered
from simgen.simulation.world import World

TEXT = """
simgen: 1
scenario: patches
randomize: none
setting: {{road: two_lane_urban, length: 200 m, parked: 0, trees: 0}}
environment: {{time_of_day: "12:00"}}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 10 m}}, speed: 12 m/s}}
{patch}
end: "time > 60 s"
"""


def braking_distance_m(patch: str = "") -> float:
    """Distance of an emergency stop from 12 m/s."""
    with World(simgen.sample(parse(TEXT.format(patch=patch)))) as world:
        world.begin()
        ego = world.vehicle("ego")
        start = float(ego.position_m[0])
        ego.override(brake=1.0)
        for _ in range(60 * 60):
            world.advance()
            if ego.speed_mps < 0.05:
                return float(ego.position_m[0]) - start
    raise AssertionError("it never stops")


def patch(kind: str, lane: int = -1) -> str:
    return f"  patch: {{model: patch.{kind}, length: 40 m, width: 4 m, at: {{lane: {lane}, s: 30 m}}}}"


@pytest.fixture(scope="module")
def dry_m() -> float:
    return braking_distance_m()


@pytest.fixture(scope="module")
def ice_m() -> float:
    return braking_distance_m(patch("ice"))


def test_a_car_brakes_much_longer_on_a_patch_of_ice(dry_m: float, ice_m: float) -> None:
    """The patch ends after 40 m: at friction 0.1 the car comes off it with v^2 = 12^2 - 2 * 0.1 g * s."""
    assert dry_m == pytest.approx(12.0**2 / (2 * 0.85 * 9.81), rel=0.2)
    left_m = 30.0 + 20.0 - 10.0
    off_it = 12.0**2 - 2 * 0.1 * 9.81 * left_m
    expected = left_m + off_it / (2 * 0.85 * 9.81)
    assert ice_m == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("kind", ["oil", "puddle", "gravel", "snow"])
def test_other_patches_lengthen_the_stop_and_ice_is_the_worst(dry_m: float, ice_m: float, kind: str) -> None:
    assert 1.05 * dry_m < braking_distance_m(patch(kind)) < ice_m


def test_ice_in_the_other_lane_is_not_felt(dry_m: float) -> None:
    assert braking_distance_m(patch("ice", lane=1).replace("width: 4 m", "width: 2 m")) == pytest.approx(
        dry_m, abs=1e-6
    )


@pytest.mark.parametrize("model", ["patch.ice", "patch.oil", "patch.puddle", "spill"])
def test_ice_is_felt_where_it_is_seen(model: str) -> None:
    """The area that is felt is that of the outline (shoelace formula), which leaves the corners of its box free."""
    body = vocabulary.models.get(model)(length=4.0, width=2.0).build()
    pose = planar_pose(30.0, -5.0, 0.7)
    outline = np.array(body.outline_m)
    x, y = outline.T
    area = 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
    assert 0.6 < area / 8.0 < 0.9
    across, along = np.linspace(-1.2, 1.2, 241), np.linspace(-2.2, 2.2, 441)
    grid = np.stack(np.meshgrid(along, across), axis=-1)
    felt = covered(pose, body, grid @ pose[:2, :2].T + pose[:2, 3])
    assert felt.shape == grid.shape[:2]
    assert felt.sum() * 0.01 * 0.01 == pytest.approx(area, rel=0.01)
    seen = [p.mesh.vertices_m[:, :2] for p in body.parts if p.name.startswith(("glaze", "ice", "sheet", "rim", "film"))]
    assert seen and all(covered(pose, body, 0.99 * flat @ pose[:2, :2].T + pose[:2, 3]).mean() > 0.95 for flat in seen)


def test_loose_things_lie_on_the_slope_and_a_ball_rolls_down_it() -> None:
    """A solid ball rolls with 5/7 g (sin - f cos / r), a carton stays. The lever arm f of rolling friction is the
    ball's times the friction of the ground, 0.8, as Bullet combines them."""
    text = TEXT.replace(
        "road: two_lane_urban, length: 200 m, parked: 0, trees: 0", "road: slope, length: 300 m, grade: 0.08"
    )
    things = """  ball: {model: ball, at: {lane: -1, s: 90 m}}
  carton: {model: box.carton, at: {lane: 1, s: 100 m, offset: 6 m}}"""
    with World(simgen.sample(parse(text.format(patch=things)))) as world:
        world.begin()
        road, ball = world.stage.road, world.scene.entity("ball").body
        assert road is not None
        start = {name: world.situation().position(name).copy() for name in ("ball", "carton")}
        for _ in range(90):
            world.advance()
        velocity = world.situation().velocity("ball")
        angle, radius = np.arctan(0.08), ball.box_size_m[2] / 2
        pull = 5 / 7 * 9.81 * (np.sin(angle) - 0.8 * ball.rolling_friction / radius * np.cos(angle))
        assert np.linalg.norm(velocity) == pytest.approx(1.5 * pull, rel=0.1)
        assert velocity[2] / velocity[0] == pytest.approx(0.08, rel=0.05)
        assert np.linalg.norm(world.situation().position("carton") - start["carton"]) < 0.02
        middle = world.situation().pose("ball") @ (*ball.box_center_m, 1.0)
        above = middle[2] - road.height_at(*road.locate(middle[:2]))
        assert above == pytest.approx(radius, abs=0.01)
        assert start["ball"][2] > 1.0


KERB = """
simgen: 1
scenario: kerb
randomize: none
setting: {road: two_lane_urban, length: 200 m, parked: 0, trees: 0}
environment: {time_of_day: "12:00"}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 60 m}}
  rider: {model: cyclist, at: {position: [90 m, START, 0.12 m], yaw: 90 deg}}
story:
  - event: crosses
    do: {rider: {ride_across: {ahead_of: ego, speed: 4 m/s, beyond: 9 m}}}
end: "time > 9 s"
"""


def wheels_m(world: World, name: str) -> list[tuple[float, float]]:
    """How high a vehicle's wheels stand, and how high the ground below them is."""
    vehicle, road = world.vehicle(name), world.stage.road
    assert road is not None
    found = []
    for x, y in vehicle.undercarriage.places_m:
        point = vehicle.pose() @ np.array([x, y, 0.0, 1.0])
        found.append((float(point[2]), road.ground_at(*point[:2])))
    return found


def test_either_wheel_of_a_bicycle_comes_off_the_kerb_when_it_is_there() -> None:
    """From the one pavement to the other: no wheel is ever far from the ground that it is on, the front one comes down
    and goes up first, and both arrive."""
    with World(simgen.sample(parse(KERB.replace("START", "-7 m")))) as world:
        world.begin()
        assert wheels_m(world, "rider") == [(pytest.approx(0.12),) * 2] * 2
        course = []
        while world.time_s < 8.0:
            world.advance()
            course.append(wheels_m(world, "rider"))
    heights = np.array(course)[:, :, 0]
    ground = np.array(course)[:, :, 1]
    (front_down, front_up), (rear_down, rear_up) = (np.flatnonzero(heights[:, k] < 0.06)[[0, -1]] for k in (0, 1))
    assert 0 < front_down < rear_down < front_up < rear_up < len(course) - 10
    # A wheel takes 0.24 m of its way for a kerb of 0.12 m, of the 14 m that it goes.
    assert np.mean(np.abs(heights - ground) > 1e-3) < 0.1
    assert heights[-1] == pytest.approx([0.12, 0.12], abs=1e-3)


def test_who_waits_astride_a_kerb_leans_from_the_start() -> None:
    with World(simgen.sample(parse(KERB.replace("START", "-5.6 m")))) as world:
        world.begin()
        (front, below), (rear, behind) = wheels_m(world, "rider")
    assert (below, behind) == (0.0, 0.12)
    assert (front, rear) == (pytest.approx(0.0, abs=1e-3), pytest.approx(0.12, abs=1e-3))


def test_a_car_with_two_wheels_on_a_kerb_leans() -> None:
    with World(simgen.sample(parse(KERB.replace("START", "-7 m")))) as world:
        world.begin()
        world.teleport("ego", planar_pose(52.0, -5.2, 0.0))
        world.advance()
        wheels = wheels_m(world, "ego")
    assert [ground for _, ground in wheels] == [0.0, 0.12, 0.0, 0.12]
    assert [height for height, _ in wheels] == pytest.approx([0.0, 0.12, 0.0, 0.12], abs=0.003)


def test_velocities_at_a_kerb_are_those_of_the_poses() -> None:
    """Of the rider's origin and of the turn about its sides, by differences between ticks."""
    with World(simgen.sample(parse(KERB.replace("START", "-7 m")))) as world:
        i = world.scene.index("rider")
        seen = [world.advance() if k else world.begin() for k in range(240)]
    poses = np.array([s.world_from_entity[i] for s in seen])
    climb = np.diff(poses[:, 2, 3]) * 60.0
    pitch = -np.diff(np.arcsin(poses[:, 2, 0])) * 60.0
    assert np.abs(climb).max() > 0.2 and np.abs(pitch).max() > 0.5
    assert np.array([s.velocity_mps[i][2] for s in seen[1:]]) == pytest.approx(climb, abs=0.01)
    turns = np.array([poses[k, :3, 1] @ seen[k].angular_velocity_radps[i] for k in range(1, len(seen))])
    assert turns == pytest.approx(pitch, abs=0.01)


def test_a_kerb_does_not_throw_what_a_truck_carries() -> None:
    """Its bed rises at 0.8 m/s, from which a thing hops 0.8^2 / 2g = 0.033 m over the kerb's 0.12."""
    text = """
simgen: 1
scenario: kerb
randomize: none
setting: {road: two_lane_urban, length: 200 m, parked: 0, trees: 0}
environment: {time_of_day: "12:00"}
actors:
  ego: {model: truck.flatbed, load: empty, at: {lane: -1, s: 20 m}, speed: 11 m/s, behavior: follow_lane}
  barrel: {model: barrel, at: {on: ego}}
story: [{event: off, do: {ego: {lane_offset: {offset: -5.3 m, duration: 3 s}}}}]
end: "time > 6 s"
"""
    with World(simgen.sample(parse(text))) as world:
        i = world.scene.index("barrel")
        heights = [s.world_from_entity[i][2, 3] for s in world.run()]
        assert world.vehicle("ego").height_m == pytest.approx(0.12, abs=1e-3)
    assert 0.10 < max(heights) - heights[0] < 0.12 + 0.033 + 0.03
