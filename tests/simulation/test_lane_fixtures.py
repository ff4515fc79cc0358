"""Drivers stop for what of the setting stands in their lane, and for trunks and posts, not for crowns and arms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import simgen
from simgen.core.geometry import planar_pose
from simgen.core.vocabulary import models, settings
from simgen.language import parse
from simgen.scene.stage import Fixture, Stage
from simgen.simulation.lane_fixtures import lane_fixtures
from simgen.simulation.world import World

DRIVE = """
simgen: 1
scenario: drivers
randomize: none
setting: {{road: {road}}}
environment: {{time_of_day: "12:00"}}
actors:
{actors}
end: "time > 30 s"
"""
STANDS_MPS = 0.1
"""At that speed a driver who comes to rest is within a decimetre of where it does."""


def world_of(road: str, actors: str) -> World:
    return World(simgen.sample(parse(DRIVE.format(road=road, actors=actors))))


def driven(world: World, until_x_m: float = np.inf) -> None:
    """Until the ego stands or has come so far."""
    ego = world.vehicle("ego")
    world.begin()
    while not world.story.over and ego.speed_mps > STANDS_MPS and ego.position_m[0] < until_x_m:
        world.advance()


def ego(lane: int, s: float, behavior: str, speed: float = 50.0) -> str:
    return f"  ego: {{model: car.sedan, at: {{lane: {lane}, s: {s} m}}, speed: {speed} km/h, behavior: {behavior}}}\n"


@pytest.fixture
def with_post(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, float, float], None]:
    """Puts a bollard into a setting, at a place of the world; ``look`` keeps its stages apart from other tests'."""

    def put(road: str, x_m: float, y_m: float) -> None:
        setting = settings.get(road, "setting")
        build = setting.build

        def built(self: object, lighting: str, season: str = "summer") -> Stage:
            stage: Stage = build(self, lighting, season)  # type: ignore[arg-type]
            post = Fixture(
                name="post", body=models.get("bollard")().build(), world_from_body=planar_pose(x_m, y_m, 0.0)
            )
            return replace(stage, fixtures=(*stage.fixtures, post))

        monkeypatch.setattr(setting, "build", built)

    return put


@pytest.mark.parametrize("behavior", ["follow_lane", "aeb"])
def test_a_driver_stops_before_the_barrier_of_a_closed_lane(behavior: str) -> None:
    """From 80 m away at less than comfortable braking, at its standstill distance from the first that is in its way."""
    with world_of("roadworks", ego(-2, 15, behavior, 36.0)) as world:
        driven(world)
        found = lane_fixtures(world.situation())
        x, y = world.situation().footprint("ego")[0].T
        ahead = (found.center_m[:, 0] > x.max()) & (np.abs(found.center_m[:, 1] - y.mean()) < 0.9 + found.radius_m)
        gap = (found.center_m[ahead, 0] - found.radius_m[ahead]).min() - x.max()
        assert world.report().collisions == ()
        assert world.vehicle("ego").speed_mps <= STANDS_MPS
        assert gap == pytest.approx(2.0, abs=0.3)


def test_who_may_change_lanes_leaves_the_one_that_is_closed() -> None:
    with world_of("roadworks", ego(-2, 5, "lane_change", 60.0)) as world:
        driven(world, 150.0)
        assert world.report().collisions == ()
        assert world.vehicle("ego").position_m[0] > 149.0
        assert abs(world.vehicle("ego").position_m[1] + 1.45) < 0.5


@pytest.mark.parametrize("speed", [20.0, 35.0, 50.0])
def test_who_finds_no_gap_beside_the_closed_lane_stops_clear_of_its_cones(speed: float) -> None:
    """With the whole body: a row of cars leaves it no room to merge before the cones of the taper."""
    row = "".join(
        f"  c{i}: {{model: car.sedan, at: {{lane: -1, s: {100 - 8 * i} m}}, speed: 12 km/h, behavior: lane_change}}\n"
        for i in range(12)
    )
    with world_of("roadworks", ego(-2, 40, "lane_change", speed) + row) as world:
        driven(world)
        assert world.report().collisions == ()
        assert world.vehicle("ego").speed_mps <= STANDS_MPS
        assert world.situation().footprint("ego")[0][:, 0].max() < 90.0


def test_nobody_changes_to_a_lane_that_the_works_have_closed() -> None:
    slow = "  slow: {model: van, at: {lane: -1, s: 135 m}, speed: 8 km/h, behavior: follow_lane}\n"
    with world_of("roadworks, works: 110 m", ego(-1, 112, "lane_change", 30.0) + slow) as world:
        world.begin()
        while world.time_s < 8.0:
            world.advance()
            assert world.situation().footprint("ego")[0][:, 1].min() > -2.9
        assert world.report().collisions == ()


@pytest.mark.parametrize("behavior", ["follow_lane", "lane_change"])
def test_who_keeps_a_lane_that_narrows_keeps_to_its_middle(behavior: str) -> None:
    with world_of("roadworks, narrowed: 2.6 m", ego(-1, 40, behavior)) as world:
        driven(world, 150.0)
        assert world.situation().road_position("ego")[1] == pytest.approx(-1.3, abs=0.05)
        assert world.report().collisions == ()


def test_nobody_is_held_up_by_what_stands_beside_the_open_lane() -> None:
    for behavior in ("follow_lane", "lane_change"):
        with world_of("roadworks", ego(-1, 10, behavior)) as world:
            speeds = []
            world.begin()
            while world.vehicle("ego").position_m[0] < 230.0:
                world.advance()
                speeds.append(world.vehicle("ego").speed_mps)
            assert min(speeds) > 12.0, behavior
            assert world.report().collisions == ()


@pytest.mark.parametrize("behavior", ["follow_lane", "lane_change"])
def test_a_post_in_a_lane_stops_a_driver_without_surprise(
    behavior: str, with_post: Callable[[str, float, float], None]
) -> None:
    with_post("two_lane_urban", 70.0, -1.2)
    with world_of("two_lane_urban, length: 120 m, parked: 0, look: 4711", ego(-1, 5, behavior, 40.0)) as world:
        asked = []
        world.begin()
        while world.vehicle("ego").speed_mps > STANDS_MPS:
            asked.append(world.vehicle("ego").wanted_mps2)
            world.advance()
        nose = world.situation().footprint("ego")[0][:, 0].max()
        assert world.report().collisions == ()
        assert 70.0 - nose == pytest.approx(2.0, abs=0.3)
        assert min(asked) > -2.5


def test_a_post_in_a_lane_stops_who_follows_a_course(with_post: Callable[[str, float, float], None]) -> None:
    with_post("four_way_junction", 50.0, -1.2)
    with world_of("four_way_junction, look: 4711", ego(-1, 10, "follow_lane", 40.0)) as world:
        assert world.vehicle("ego").course is not None or world.winding
        driven(world)
        nose = world.situation().footprint("ego")[0][:, 0].max()
        assert world.report().collisions == ()
        assert 50.0 - nose == pytest.approx(2.0, abs=0.3)


def test_a_post_beside_the_lanes_is_none_of_them(with_post: Callable[[str, float, float], None]) -> None:
    with_post("two_lane_urban", 70.0, -6.0)
    with world_of("two_lane_urban, length: 120 m, parked: 0, look: 4712", ego(-1, 5, "follow_lane")) as world:
        assert len(lane_fixtures(world.situation()).entity) == 0


@pytest.mark.parametrize("behavior", ["follow_lane", "aeb", "lane_change"])
@pytest.mark.parametrize(
    "thing",
    [
        "{model: tree, at: {position: [70 m, 0.4 m, 0 m]}}",
        "{model: tree.conifer, at: {position: [70 m, 0.4 m, 0 m]}}",
        "{model: street_lamp, reach: 3 m, at: {position: [70 m, 0.4 m, 0 m], yaw: -90 deg}}",
        "{model: traffic_light, reach: 4 m, at: {position: [70 m, 0.4 m, 0 m], yaw: 180 deg}}",
    ],
)
def test_under_a_crown_or_an_arm_one_drives_on(behavior: str, thing: str) -> None:
    with world_of("roadworks", ego(-1, 10, behavior) + f"  thing: {thing}\n") as world:
        body = world.scene.entity("thing").body
        assert max(body.box_size_m[:2]) > 1.5
        driven(world, 90.0)
        assert world.vehicle("ego").position_m[0] > 89.0
        assert world.vehicle("ego").speed_mps > 12.0


@pytest.mark.parametrize("behavior", ["follow_lane", "aeb", "lane_change"])
@pytest.mark.parametrize(("model", "radius"), [("tree", None), ("street_lamp", 0.085)])
def test_before_a_trunk_or_a_post_one_stops_as_close_as_before_a_car(
    behavior: str, model: str, radius: float | None
) -> None:
    actors = (
        ego(-1, 10, behavior) + f"  thing: {{model: {model}, at: {{position: [90 m, -1.7 m, 0 m], yaw: 180 deg}}}}\n"
    )
    with world_of("two_lane_urban, length: 120 m, parked: 0", actors) as world:
        (shape,) = world.scene.entity("thing").body.collision
        driven(world)
        nose = world.situation().footprint("ego")[0][:, 0].max()
        assert radius is None or shape.size_m[0] == radius
        assert 90.0 - shape.size_m[0] - nose == pytest.approx(2.0, abs=0.3)
        assert world.report().collisions == ()


def test_a_sign_that_has_fallen_lies_in_the_way_with_all_its_length() -> None:
    road = "two_lane_urban, length: 120 m, parked: 0"
    with world_of(road, "  sign: {model: sign.speed_limit, at: {lane: -1, s: 50 m}}\n") as world:
        i = np.array([world.scene.index("sign")])
        standing = world.situation().low_boxes(i)[1][0]
        pose = planar_pose(50.0, -1.7, 0.0, 0.2)
        pose[:3, :3] = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
        world.teleport("sign", pose)
        lying = world.situation().low_boxes(i)[1][0]
        assert max(standing[:2]) == pytest.approx(0.06)
        assert lying == pytest.approx(world.scene.entity("sign").body.box_size_m)


def test_a_lamp_does_not_fall_by_itself() -> None:
    road = "two_lane_urban, length: 120 m, parked: 0"
    with world_of(road, "  lamp: {model: street_lamp, at: {lane: -1, s: 50 m}}\n") as world:
        world.begin()
        while world.time_s < 3.0:
            world.advance()
        assert world.situation().pose("lamp")[2, 2] == pytest.approx(1.0, abs=1e-9)
