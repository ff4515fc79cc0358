"""The world: collisions, what lies underfoot, equal bytes."""

from __future__ import annotations

from itertools import takewhile

import numpy as np
import pytest

import simgen
from simgen.language import parse
from simgen.simulation.world import TICK_S, World
from tests.simulation.bodies import strays

HEAD = """
simgen: 1
scenario: bodies
randomize: none
setting: {{road: two_lane_urban, length: 120 m, parked: 0, trees: 0}}
environment: {{time_of_day: "12:00"{weather}}}
actors:
{actors}
end: "time > 60 s"
"""


def world(actors: str, weather: str = "") -> World:
    return World(simgen.sample(parse(HEAD.format(actors=actors, weather=f", {weather}" if weather else ""))))


def momentum(subject: World) -> np.ndarray:
    """(2,) of all vehicles, kg m/s."""
    return np.sum([v.entity.body.mass_kg * v.center_velocity()[:2] for v in subject.vehicles.values()], axis=0)


@pytest.mark.parametrize(("offset", "model", "speed"), [(0.0, "car.sedan", 0), (0.9, "car.sedan", 4), (0.5, "van", 0)])
def test_momentum_is_kept_in_a_collision_of_two_cars(offset, model, speed):
    """On ice, so that the tyres take little meanwhile: what they take is put into the bound."""
    with world(
        f"""  a: {{model: car.sedan, at: {{position: [20 m, -1.5 m, 0 m], yaw: 0 deg}}, speed: 15 m/s}}
  b: {{model: {model}, at: {{position: [40 m, {-1.5 - offset} m, 0 m], yaw: 0 deg}}, speed: {speed} m/s}}""",
        "road_ice: 1",
    ) as w:
        w.begin()
        before = momentum(w)
        ticks = 0
        while not w.vehicle("b").crashed:
            before = momentum(w)
            w.advance()
            ticks += 1
            assert ticks < 240
        after = momentum(w)
        a, b = w.vehicle("a"), w.vehicle("b")
        assert np.linalg.norm(after - before) < 0.02 * np.linalg.norm(before)
        # A crash of cars is nearly plastic: they part at a small share of the speed at which they met
        parting = float((b.center_velocity() - a.center_velocity())[0])
        assert -0.05 <= parting / (15.0 - speed) < 0.3
        if offset:
            assert a.yaw_rate_radps * b.yaw_rate_radps > 0.0  # both are turned the same way round
        for _ in range(300):
            w.advance()
        for name in ("a", "b"):
            assert w.situation().pose(name)[2, 3] == 0.0
            assert w.situation().pose(name)[2, 2] == pytest.approx(1.0)


def test_crashed_cars_come_to_rest_apart():
    with world(
        """  a: {model: car.sedan, at: {position: [20 m, -1.5 m, 0 m], yaw: 0 deg}, speed: 15 m/s}
  b: {model: car.sedan, at: {position: [40 m, -2.3 m, 0 m], yaw: 15 deg}}"""
    ) as w:
        w.begin()
        for _ in range(480):
            w.advance()
        assert all(v.at_rest and v.crashed for v in w.vehicles.values())
        assert w.situation().distance("a", "b") > 0.0


def test_a_house_stops_a_car():
    with world("  a: {model: car.sedan, at: {position: [40 m, 0 m, 0 m], yaw: 80 deg}, speed: 14 m/s}") as w:
        w.begin()
        for _ in range(240):
            w.advance()
        assert w.vehicle("a").crashed
        outline = w.situation().footprint("a")[0]
        wall = min(
            float(f.world_from_body[1, 3] + f.body.box_center_m[1] - f.body.box_size_m[1] / 2)
            for f in w.stage.fixtures
            if f.name.startswith("houses_left")
        )
        assert outline[:, 1].max() < wall + 0.6


def test_a_crash_into_a_house_is_reported_and_can_be_asked_for():
    """At 14 m/s the nose is at the wall after the gap over the speed; the ground below does not count."""
    actors = "  a: {model: car.sedan, at: {position: [40 m, 0 m, 0 m], yaw: 90 deg}, speed: 14 m/s}"
    text = HEAD.format(actors=actors, weather="").replace("time > 60 s", "collision(a) or time > 3 s")
    with World(simgen.sample(parse(text))) as w:
        nose = w.situation().footprint("a")[0][:, 1].max()
        for _ in w.run():
            pass
        (crash,) = w.report().collisions
        house = next(name for name in crash.actors if name != "a")
        assert house.startswith("houses_left")
        gap = w.situation().footprint(house)[0][:, 1].min() - nose
    assert crash.time_s == pytest.approx(gap / 14.0, abs=0.05)
    assert crash.closing_speed_mps == pytest.approx(14.0, rel=0.03)
    assert w.report().duration_s == crash.time_s


def test_what_lies_on_a_table_has_not_collided_with_it_and_what_falls_on_it_has():
    text = """
simgen: 1
scenario: fall
randomize: none
setting: {room: tabletop}
environment: {lighting: indoor}
actors:
  lies: {model: block, at: {on: mat}}
  falls: {model: can.soup, at: {position: [0.55 m, -0.35 m, 1.25 m]}}
end: "time > 1.5 s"
"""
    with World(simgen.sample(parse(text))) as w:
        start = w.situation().position("falls")[2]
        w.begin()
        while not w.situation().collided and w.time_s < 1.0:
            w.advance()
        fallen = start - w.situation().position("falls")[2]
        for _ in w.run():
            pass
        blows = {name: c.closing_speed_mps for c in w.report().collisions for name in c.actors}
    assert "lies" not in blows
    assert blows["falls"] == pytest.approx((2 * 9.81 * fallen) ** 0.5, rel=0.05)


def test_a_parked_car_has_not_moved_by_a_bit_after_a_minute():
    with world("  a: {model: car.sedan, at: {lane: -1, s: 20 m}}") as w:
        start = w.begin()
        for _ in range(3600):
            w.advance()
        assert (w.fleet.poses()[0] == start.world_from_entity[w.scene.index("a")]).all()
        assert not len(w.fleet.moving)


@pytest.mark.parametrize(("weather", "friction"), [("", 0.85), ("road_ice: 1", 0.1), ("road_snow: 1", 0.3)])
def test_weather_is_under_the_tyres(weather, friction):
    with world("  a: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 13 m/s}", weather) as w:
        w.begin()
        a = w.vehicle("a")
        a.drive(-20.0, 0.0)
        a.acceleration_mps2 = -20.0
        for _ in range(12):
            w.advance()
        assert (13.0 - a.speed_mps) / 0.2 == pytest.approx(friction * 9.81, rel=0.1)


def test_two_runs_are_equal_to_the_byte_whoever_looks_at_them():
    actors = """  a: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 13 m/s, behavior: follow_lane}
  b: {model: car.suv, at: {lane: -1, s: 50 m}}
  c: {model: pedestrian.adult, at: {position: [60 m, -7 m, 0.12 m], yaw: 90 deg}}"""

    def run(looks: bool) -> list[bytes]:
        seen = []
        with world(actors) as w:
            w.begin()
            for _ in range(60):
                snapshot = w.advance()
                if looks:
                    snapshot.world_from_node.sum()
                seen.append(snapshot.state_digest.encode() + snapshot.world_from_entity.tobytes())
            seen.append(snapshot.world_from_node.tobytes() + snapshot.joints.tobytes())
        return seen

    assert run(True) == run(False)


def test_a_snapshot_keeps_its_poses_when_time_goes_on():
    actors = """  a: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 13 m/s, behavior: follow_lane}
  c: {model: pedestrian.adult, at: {position: [60 m, -7 m, 0.12 m], yaw: 90 deg}}"""
    with world(actors) as early, world(actors) as late:
        for w in (early, late):
            w.begin()
            w.walker("c").go([np.array([60.0, 7.0])], 1.5, 2.0)
        kept = [late.advance() for _ in range(30)]
        for snapshot in kept:
            seen = early.advance().world_from_node
            assert snapshot.time_s == early.time_s
            assert seen.tobytes() == snapshot.world_from_node.tobytes()


@pytest.mark.parametrize(
    ("name", "until_s"),
    [("animal_crossing", 1.0), ("child_chases_ball", 9.0), ("door_opens", 5.0), ("person_enters_cell", 7.0)],
)
def test_velocities_are_those_of_the_positions(name: str, until_s: float) -> None:
    """Whoever walks up a kerb rises, and what an arm carries moves as fast at a tick as between two of them."""
    concrete = simgen.sample(simgen.load(name))
    with World(concrete) as w:
        off = strays(takewhile(lambda snapshot: snapshot.time_s < until_s, w.run()), w.scene)
    # Who arrives takes the last three millimetres at once
    on_foot = {entity.name for entity in w.scene.entities if entity.body.gait is not None}
    assert max((way for who, way in off.items() if who in on_foot), default=0.0) < 0.003 / TICK_S
    assert max(way for who, way in off.items() if who not in on_foot) < 0.1
