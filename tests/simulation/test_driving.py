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
from simgen.simulation.driving import intelligent_driver, lead_vehicle, pursuit
from simgen.simulation.vehicle import Vehicle
from simgen.simulation.world import BRAKE_LAMP_TICKS, TICK_S, World
from tests.simulation.bodies import car, entity

DT = 1 / 240
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
        gap, speed = lead_vehicle(w.vehicle("ego"), situation)
        outline = situation.footprint("near")[0]
        nose = situation.footprint("ego")[0][:, 0].max()
        assert gap == pytest.approx(outline[:, 0].min() - nose, abs=1e-9)
        assert speed == pytest.approx(4.0)
        assert lead_vehicle(w.vehicle("far"), situation) is None


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
            lit.append(bool(w.lamp_power[lamps].all()))
            assert w.lamp_power[lamps].any() == lit[-1]
        changes = np.flatnonzero(np.diff(lit))
        first, last = np.flatnonzero(pressed)[[0, -1]]
        assert len(changes) == 2 and not lit[0]
        # The pedal follows within a tenth of a second.
        assert 0 <= changes[0] - first < 8
        assert 0 <= changes[1] - last - BRAKE_LAMP_TICKS < 12
