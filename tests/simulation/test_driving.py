"""Drivers on the road: lanes, gaps, and the double lane change of ISO 3888-2."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import simgen
from simgen.core.geometry import planar_pose
from simgen.language import parse
from simgen.scene.boxes import footprint
from simgen.simulation.attention import REACTION_S
from simgen.simulation.behaviors.aeb import HOLD_S
from simgen.simulation.driving import intelligent_driver, pursuit
from simgen.simulation.lights import BRAKE_LAMP_TICKS
from simgen.simulation.lines import Line
from simgen.simulation.traffic import ahead_on_road
from simgen.simulation.vehicle import Vehicle
from simgen.simulation.world import TICK_S, World
from tests.simulation.bodies import car, entity

DT = 1 / 240
STANDS_MPS = 0.1
"""At that speed a driver who comes to rest is within a decimetre of where it does."""
HEAD = """
simgen: 1
scenario: drivers
randomize: none
setting: {{road: two_lane_urban, length: 200 m, parked: 0, trees: 0}}
environment: {{time_of_day: "12:00"}}
actors:
{actors}
story:
{story}
end: "time > 60 s"
"""
BEND = "{{road: two_lane_rural, length: 320 m, radius: 120 m, turn: 1 rad}}"


def world(actors: str, story: str = "  []") -> World:
    return World(simgen.sample(parse(HEAD.format(actors=actors, story=story))))


class _Track:
    """The track of ISO 3888-2 for a vehicle of one width: gates of cones (x from, x to, y low, y high).

    Sections of 12, 13.5, 11, 12.5 and 12 m, 61 m in all; the widths of the gates follow the vehicle's, and the second
    lies 1 m aside of the first. That the third ends flush with the first on the side of the second is how we read the
    standard's figure.
    """

    def __init__(self, width_m: float) -> None:
        first, second = 1.1 * width_m + 0.25, width_m + 1.0
        third = max(1.3 * width_m + 0.25, 3.0)
        top = first / 2
        self.gates = (
            (0.0, 12.0, -top, top),
            (25.5, 36.5, top + 1.0, top + 1.0 + second),
            (49.0, 61.0, top - third, top),
        )

    def line(self, x_m: float) -> float:
        """y of the path that a practised driver aims at: into the near half of the second gate, and early out of it."""
        points = ((8.1, -0.1), (29.7, 3.14), (35.0, 3.14), (60.0, -0.58))
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if x0 <= x_m < x1:
                u = (x_m - x0) / (x1 - x0)
                return y0 + (y1 - y0) * u**3 * (10 - 15 * u + 6 * u * u)
        return points[0][1] if x_m < points[0][0] else points[-1][1]

    def hit(self, outline: np.ndarray) -> bool:
        for x0, x1, low, high in self.gates:
            inside = outline[(outline[:, 0] >= x0) & (outline[:, 0] <= x1)]
            if len(inside) and (inside[:, 1].min() < low or inside[:, 1].max() > high):
                return True
        return False


PREVIEW_S, GAIN = 0.55, 1.44
"""Of a driver who knows this track at 60 km/h on a dry road, and no other."""


def double_lane_change(speed_mps: float, friction: float) -> bool:
    """Whether a car gets through without touching a cone, the throttle released in the first gate."""
    body = car()
    track = _Track(body.box_size_m[1])
    subject = Vehicle(entity("car", body), planar_pose(-12.0, track.line(-12.0), 0), speed_mps)
    for step in range(240 * 12):
        x = float(subject.position_m[0])
        if x > 64.0:
            return True
        if step % 4 == 0:
            ahead = x + PREVIEW_S * subject.speed_mps
            steer = GAIN * pursuit(subject, ahead, track.line(ahead))
            subject.drive(2.0 * (speed_mps - subject.speed_mps) if x < 10.0 else 0.0, steer)
        subject.step(DT, friction)
        if track.hit(footprint(subject.pose(), body)):
            return False
    return False


def test_the_double_lane_change_is_passed_on_dry_asphalt_and_failed_on_ice():
    assert double_lane_change(60 / 3.6, 0.85)
    assert not double_lane_change(60 / 3.6, 0.1)


@pytest.mark.parametrize("radius", [700.0, 1500.0])
def test_a_curve_is_kept_at_130_km_h(radius):
    """On a motorway's curve the car stays within 15 cm of its line."""
    subject = Vehicle(entity("car", car()), planar_pose(0, 0, 0), 130 / 3.6)
    worst = 0.0
    for step in range(240 * 12):
        if step % 4 == 0:
            x, y = subject.position_m
            angle = math.atan2(x, radius - y)
            ahead = angle + 0.9 * subject.speed_mps / radius
            steer = pursuit(subject, radius * math.sin(ahead), radius * (1 - math.cos(ahead)))
            subject.drive(130 / 3.6 - subject.speed_mps, steer)
        subject.step(DT, 0.85)
        x, y = subject.position_m
        if step > 480:
            worst = max(worst, abs(math.hypot(x, radius - y) - radius))
    assert worst < 0.15


def test_a_driver_corrects_its_place_in_the_lane_at_any_speed():
    for speed in ("5 km/h", "50 km/h", "130 km/h"):
        with world(
            f"  ego: {{model: car.sedan, at: {{lane: -1, s: 10 m}}, speed: {speed}, behavior: follow_lane}}"
        ) as w:
            ego = w.vehicle("ego")
            centre = w.situation().road_position("ego")[1]
            ego.position_m = ego.position_m + (0.0, 0.4)
            ego.lane_t_m = centre
            w.begin()
            for _ in range(240 if "130" in speed else 420):
                w.advance()
            t = w.situation().road_position("ego")[1]
            assert abs(t - centre) < (0.25 if speed == "5 km/h" else 0.1)


def test_the_nearest_vehicle_in_the_way_is_followed():
    with world(
        """  ego: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 10 m/s, behavior: follow_lane}
  near: {model: car.sedan, at: {lane: -1, s: 60 m}, speed: 4 m/s, behavior: cruise_control}
  far: {model: car.sedan, at: {lane: -1, s: 90 m}}
  beside: {model: car.sedan, at: {lane: 1, s: 30 m}}"""
    ) as w:
        situation = w.situation()
        ego, t = w.vehicle("ego"), situation.road_position("ego")[1]
        line = Line(middle=None, offset_m=t)
        near, far = ahead_on_road(situation, ego, line, 1)
        outline = situation.footprint("near")[0]
        nose = situation.footprint("ego")[0][:, 0].max()
        assert (near.name, far.name) == ("near", "far")
        assert near.distance_m == pytest.approx(outline[:, 0].min() - nose, abs=1e-9)
        assert near.speed_mps == pytest.approx(4.0)
        assert ahead_on_road(situation, w.vehicle("far"), line, 1) == []


def drive_towards(model: str, behavior: str = "follow_lane", s_m: float = 90.0, entry: str = "") -> tuple[World, list]:
    """A run of a car at 50 km/h towards something in its lane: the world at its end, and what the driver asked for."""
    story = f"  - {{event: enters, when: {entry}, do: {{thing: {{add_entity: {{}}}}}}}}" if entry else "  []"
    w = world(
        f"""  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}, speed: 50 km/h, behavior: {behavior}}}
  thing: {{model: {model}, at: {{lane: -1, s: {s_m} m}}}}""",
        story,
    )
    ego, asked = w.vehicle("ego"), []
    w.begin()
    while w.time_s < 14.0 and ego.speed_mps > STANDS_MPS and w.situation().road_position("ego")[0] < s_m + 20.0:
        asked.append(ego.wanted_mps2)
        w.advance()
    return w, asked


SOLID = ("trailer", "dumpster", "pedestrian.adult", "barrier.jersey", "cone", "crate", "motorcycle.parked", "deer")
# Who changes lanes takes what is in its way from the same list as who follows one: of each kind of thing one
STOPPED = [(b, m) for b in ("follow_lane", "aeb") for m in SOLID] + [
    ("lane_change", m) for m in ("trailer", "pedestrian.adult", "cone")
]


@pytest.mark.parametrize(("behavior", "model"), STOPPED)
def test_a_driver_stops_gently_before_what_it_cannot_drive_over(model, behavior):
    """The model comes to rest at its standstill distance, and from 70 m away at less than comfortable braking."""
    w, asked = drive_towards(model, behavior)
    with w:
        assert w.report().collisions == ()
        assert w.situation().distance("ego", "thing") == pytest.approx(2.0, abs=0.3)
        assert min(asked) > -2.5


@pytest.mark.parametrize("model", ["patch.ice", "patch.leaves", "block", "ladder", "ball"])
def test_a_driver_goes_on_over_what_is_low_or_rolls_away(model):
    w, asked = drive_towards(model, s_m=70.0)
    with w:
        assert min(asked) > -0.5
        assert w.vehicle("ego").speed_mps > 13.0


@pytest.mark.parametrize("model", ["dumpster", "barrier.jersey", "pallet.loaded"])
def test_emergency_braking_is_full_for_things(model):
    """Somebody drops it 21 m ahead: v t + v²/(2 a) is driven until the stop, with the delay of the system and of the
    brakes as t."""
    w, asked = drive_towards(model, "aeb", 52.0, "time >= 0.5 s")
    with w:
        speed, start = 50 / 3.6, 20.0 + 0.5 * 50 / 3.6
        assert w.report().collisions == ()
        assert min(asked) == -9.0
        driven = w.situation().road_position("ego")[0] - start
        assert driven == pytest.approx(speed * (0.2 + 0.12) + speed**2 / (2 * 0.85 * 9.81), abs=1.0)


def test_a_driver_takes_its_time_to_react_to_what_it_sees():
    w, asked = drive_towards("dumpster", s_m=75.0, entry="time >= 0.5 s")
    with w:
        first = next(tick for tick, demand in enumerate(asked) if demand < -0.5) * TICK_S
        assert first == pytest.approx(0.5 + REACTION_S, abs=0.1)


def test_nobody_reacts_to_what_is_hidden():
    """The bus ahead hides who stands in the lane, until it is gone."""
    with world(
        """  ego: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 10 m/s, behavior: follow_lane}
  bus: {model: bus, at: {lane: -1, s: 50 m}, speed: 10 m/s, behavior: cruise_control}
  person: {model: pedestrian.child, at: {lane: -1, s: 85 m}}""",
        "  - {event: gone, when: time >= 1 s, do: {bus: {delete_entity: {}}}}",
    ) as w:
        ego, first = w.vehicle("ego"), None
        w.begin()
        while ego.speed_mps > 0.01 and w.time_s < 15.0:
            if first is None and ego.wanted_mps2 < -1.0:
                first = w.time_s
            w.advance()
        assert first == pytest.approx(1.0 + REACTION_S, abs=0.06)
        assert w.report().collisions == ()


def test_nobody_brakes_for_who_stands_beyond_a_bend():
    """In the bend another car stands in the lane of those who come: straight ahead, and not in the way."""
    text = HEAD.replace("{{road: two_lane_urban, length: 200 m, parked: 0, trees: 0}}", BEND).format(
        actors="""  ego: {model: car.sedan, at: {lane: -1, s: 110 m}, speed: 12 m/s, behavior: follow_lane}
  beside: {model: car.sedan, at: {lane: 1, s: 165 m}}""",
        story="  []",
    )
    with World(simgen.sample(parse(text))) as w:
        ego = w.vehicle("ego")
        w.begin()
        while w.situation().road_position("ego")[0] < 210.0:
            w.advance()
            assert ego.wanted_mps2 > -0.3


def test_the_intelligent_driver_keeps_its_equilibrium_gap():
    """At s* / sqrt(1 - (v / v0)^4) behind one of equal speed the model neither brakes nor speeds up."""
    gap = (2.0 + 15.0 * 1.5) / math.sqrt(1 - (15 / 30) ** 4)
    assert intelligent_driver(15.0, (gap, 15.0), wanted_mps=30.0) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("how", ["duration: 4 s", "distance: 60 m"])
def test_a_lane_change_is_smooth_and_ends_in_the_other_lane(how):
    with world(
        "  ego: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 15 m/s, behavior: cruise_control}",
        f"  - {{event: over, do: {{ego: {{lane_change: {{by: 1, {how}}}}}}}}}",
    ) as w:
        w.begin()
        goal = w.situation().road.lane(1).center_t_m
        track = []
        for _ in range(420):
            w.advance()
            track.append(w.situation().road_position("ego")[1])
        assert track[-1] == pytest.approx(goal, abs=0.1)
        assert max(track) < goal + 0.15
        sideways = np.diff(track, 2) / TICK_S**2
        assert np.abs(sideways).max() < 2.5
        # The path reaches half way after half of the manoeuvre and the driver's delay
        assert 1.7 < np.flatnonzero(np.array(track) > 0.0)[0] * TICK_S < 3.0


def test_controls_are_held_until_the_event_ends():
    with world(
        "  ego: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 15 m/s, behavior: follow_lane}",
        "  - {event: slip, when: time > 0.5 s, for: 1 s, do: {ego: {override_controls: {brake: 1.0, steer: 2 deg}}}}",
    ) as w:
        w.begin()
        speeds = []
        for _ in range(180):
            w.advance()
            speeds.append(w.vehicle("ego").speed_mps)
        assert speeds[29] == pytest.approx(15.0, abs=0.3)
        assert speeds[30] - speeds[90] == pytest.approx(0.85 * 9.81, rel=0.15)
        assert speeds[-1] > speeds[95]
        assert not w.vehicle("ego").overridden


def test_a_lane_that_there_is_not_where_the_vehicle_is_is_named():
    with (
        world(
            "  ego: {model: car.sedan, at: {lane: -1, s: 10 m}, speed: 15 m/s, behavior: follow_lane}",
            "  - {event: over, do: {ego: {lane_change: {by: -1}}}}",
        ) as w,
        pytest.raises(simgen.SimgenError, match=r"no 1 lane\(s\) to the right") as caught,
    ):
        w.begin()
        w.advance()
    assert "lanes of this road: " in str(caught.value)


def test_who_touches_the_brake_again_and_again_is_seen_to_brake_and_does_not_flicker() -> None:
    with world("  a: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 15 m/s}") as w:
        w.begin()
        lamps = [
            i
            for i, lamp in enumerate(w.scene.lamps)
            if lamp.lamp.name.startswith("brake") and lamp.entity == w.scene.index("a")
        ]
        assert lamps
        pressed, lit = [], []
        for tick in range(150):
            pressed.append(60 <= tick < 90 and tick % 10 < 4)
            w.vehicle("a").drive(-3.0 if pressed[-1] else 0.5, 0.0)
            w.advance()
            lit.append(bool(w.lights.power[lamps].all()))
            assert w.lights.power[lamps].any() == lit[-1]
        changes = np.flatnonzero(np.diff(lit))
        first, last = np.flatnonzero(pressed)[[0, -1]]
        assert len(changes) == 2 and not lit[0]
        # The pedal follows within a tenth of a second.
        assert 0 <= changes[0] - first < 8
        assert 0 <= changes[1] - last - BRAKE_LAMP_TICKS < 12


def _with_child(at_s: float, gone: str, until_s: float) -> tuple[list[float], tuple]:
    """Speeds at each tick of a car with an emergency brake at 50 km/h, before which a child stands from 0.5 s on until
    it is taken away; and the collisions."""
    with world(
        f"""  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}, speed: 50 km/h, behavior: aeb}}
  child: {{model: pedestrian.child, at: {{lane: -1, s: {at_s} m}}}}""",
        f"""  - {{event: enters, when: time >= 0.5 s, do: {{child: {{add_entity: {{}}}}}}}}
  - {{event: leaves, when: {gone}, do: {{child: {{delete_entity: {{}}}}}}}}""",
    ) as w:
        w.begin()
        speeds = []
        while w.time_s < until_s:
            w.advance()
            speeds.append(w.vehicle("ego").speed_mps)
        return speeds, w.report().collisions


def test_an_emergency_brake_lets_go_when_the_way_is_free_again():
    speeds, collisions = _with_child(52.0, "time >= 6 s", 14.0)
    assert collisions == ()
    stands = [tick * TICK_S for tick, speed in enumerate(speeds) if speed == 0.0]
    assert stands[0] < 3.5
    assert stands[-1] == pytest.approx(6.0 + HOLD_S, abs=0.4)
    assert speeds[-1] > 7.0


def test_an_emergency_brake_holds_as_long_after_the_stop_where_the_danger_leaves_before():
    speeds, _ = _with_child(52.0, "speed(ego) < 4 m/s", 8.0)
    stands = [tick * TICK_S for tick, speed in enumerate(speeds) if speed == 0.0]
    assert HOLD_S <= stands[-1] - stands[0] < HOLD_S + 0.4  # the brake lets go within a third of a second
    assert speeds[-1] > 2.0


def test_who_has_hit_somebody_stays():
    speeds, collisions = _with_child(36.0, "time >= 4 s", 9.0)
    assert len(collisions) > 0
    assert speeds[-1] == 0.0


@pytest.mark.parametrize("behavior", ["follow_lane", "lane_change", "r157_driver", "aeb"])
def test_nobody_sees_through_fog(behavior):
    """Koschmieder: contrast falls to 5 % at the visibility, and who stands farther away is not braked for."""
    text = HEAD.replace('"12:00"', '"12:00", fog_visibility: {fog} m')
    first = {}
    for fog in (40, 2000):
        actors = f"""  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}, speed: 50 km/h, behavior: {behavior}}}
  person: {{model: pedestrian.adult, at: {{lane: -1, s: 110 m}}}}"""
        with World(simgen.sample(parse(text.format(actors=actors, story="  []", fog=fog)))) as w:
            w.begin()
            while w.vehicle("ego").wanted_mps2 > -0.5 and w.time_s < 8.0:
                w.advance()
            first[fog] = w.situation().distance("ego", "person")
    assert first[40] < 40.0
    assert first[2000] > 42.0


@pytest.mark.parametrize("speed", ["20 km/h", "-20 km/h"])
def test_who_does_nothing_comes_to_rest_whichever_way_he_rolls(speed: str) -> None:
    """From 20 km/h at 3 m/s² within some 2 s and 5 m, and stays there."""
    car = f"  car: {{model: car.sedan, at: {{lane: -1, s: 100 m}}, speed: {speed}, behavior: idle}}"
    with world(car) as w:
        start, ways = w.vehicle("car").position_m[0], []
        for _ in range(5 * 60):
            w.advance()
            ways.append(abs(w.vehicle("car").position_m[0] - start))
    assert 4.0 < ways[-1] < 7.5
    assert ways[3 * 60] == pytest.approx(ways[-1], abs=0.02)
