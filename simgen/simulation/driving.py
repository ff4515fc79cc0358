"""What drivers share: keeping the lane, keeping the speed, keeping the distance, and seeing what is in the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simgen.core.errors import SimgenError
from simgen.core.geometry import Array, wrap_angle
from simgen.scene.road import SIDEWAYS_MPS2, SLOWING_MPS2
from simgen.scene.situation import Situation
from simgen.scene.traffic import COMFORT_MPS2, FULL_MPS2, STANDSTILL_M
from simgen.simulation.attention import leads
from simgen.simulation.course import Course
from simgen.simulation.fleet import HEAVY_KG
from simgen.simulation.indicators import indicate
from simgen.simulation.junctions import BEFORE_M, give_way_gap_m, nose_m, signal_gap_m
from simgen.simulation.leads import ahead_on_course
from simgen.simulation.lines import Line
from simgen.simulation.traffic import ahead_on_road
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World

DRIVER_TICKS = 2
"""Who drives along a lane looks up at every second control tick, 30 times a second: far oftener than people do."""
NEAR_M = 4.0
HANDS_S = 0.1
"""From the wish to turn to the turn: hands and tyres."""
LOOK_S = 1.0
"""How far ahead and back the change of a bend is looked for."""
END_M = 15.0
"""Before the end of a road, more than the way to stop, at which drivers begin to stop there."""
HEAVY_SIDEWAYS_MPS2 = 1.5
"""Lateral acceleration in bends of who has passengers that stand, or a load."""
BEND_GAIN_PER_S = 2.0


def lane_steering(vehicle: Vehicle, situation: Situation, line: Line, direction: int) -> float:
    """Steering angle in radians that brings a vehicle to a line along the main road and keeps it there.

    Pure pursuit (Coulter 1992) of a point 0.9 s ahead, at least 5 m, along the way that the vehicle goes rather than
    where it points; the curvature found is steered as the single-track model needs it at this speed. ``direction`` is
    +1 along s.
    """
    s, _, _ = situation.road_place(vehicle.name)
    reach = max(5.0, 0.9 * abs(vehicle.speed_mps))
    there = s + direction * reach
    x, y, heading, _ = situation.road.main_road.line.at(there)
    t = line.at(there)
    return pursuit(vehicle, x - math.sin(heading) * t, y + math.cos(heading) * t)


def course_steering(vehicle: Vehicle, course: Course) -> float:
    """Steering angle in radians that keeps a vehicle on its course.

    The curvature of the way itself below the rear axle, which the steering angle gives, over as long a way as hands
    need to turn the wheel there: so they begin before a bend does. On top of it pure pursuit
    (Coulter 1992) of a point ahead for what the vehicle is off: the chord to that point is compared with the chord
    that the way itself has from here on, so that bends are not cut.
    """
    x, y, yaw, forward, left = vehicle.motion()
    speed = abs(forward)
    reach = max(NEAR_M, 0.9 * speed)
    here_x, here_y, heading = course.ahead(0.0)
    there_x, there_y, _ = course.ahead(reach)
    going = yaw + (math.atan2(left, speed) if speed > 2.0 else 0.0)
    wanted = wrap_angle(math.atan2(there_y - here_y, there_x - here_x) - heading)
    found = wrap_angle(math.atan2(there_y - y, there_x - x) - going)
    off = 2.0 * math.sin(wrap_angle(found - wanted)) / reach
    below = vehicle.geometry.rear_axle_m + HANDS_S * speed
    change = abs(course.bend_per_m(below + LOOK_S * speed) - course.bend_per_m(below - LOOK_S * speed))
    turning_s = change * vehicle.wheelbase_m / vehicle.geometry.steer_rate_radps
    return vehicle.steer_for(course.bend_per_m(below, over_m=turning_s * speed) + off)


def course_acceleration(
    world: World, vehicle: Vehicle, course: Course, *, headway_s: float = 1.5, obey_signals: bool = True
) -> float:
    """Acceleration in m/s² of the intelligent-driver model along a course: it slows down for bends and for whoever is
    ahead, and stops at signals and where others go first as if a car stood there."""
    pace, falling = course.pace_mps()
    speed = max(vehicle.speed_mps, 0.0)
    lines = [give_way_gap_m(world, vehicle, course)]
    if obey_signals:
        lines.append(signal_gap_m(world, vehicle, course))
    waits = [gap for gap in lines if gap is not None]
    course.held = bool(waits)
    if not course.leaves and course.left_m < END_M + speed * speed / (2.0 * SLOWING_MPS2):
        waits.append(course.left_m - nose_m(vehicle))
    # The model stops its standstill distance before a car, and BEFORE_M before a line
    lines_ahead = [(gap + STANDSTILL_M - BEFORE_M, 0.0) for gap in waits]
    wanted = min(vehicle.cruise_mps, pace)
    demands = [
        intelligent_driver(speed, lead, wanted_mps=vehicle.cruise_mps, headway_s=headway_s)
        for lead in (None, *leads(world, vehicle, ahead_on_course(world, vehicle.name)), *lines_ahead)
    ]
    if falling or speed > pace:
        demands.append(BEND_GAIN_PER_S * (wanted - speed) - (SLOWING_MPS2 if falling and speed > 0.95 * pace else 0.0))
    return min(demands)


def drive_on(
    world: World, vehicle: Vehicle, course: Course, *, headway_s: float = 1.5, obey_signals: bool = True
) -> None:
    """What a driver who follows a course does when he looks up."""
    course.follow(vehicle.position_m)
    acceleration = course_acceleration(world, vehicle, course, headway_s=headway_s, obey_signals=obey_signals)
    vehicle.drive(acceleration, course_steering(vehicle, course))
    indicate(world, vehicle, course)


def at_end(vehicle: Vehicle, course: Course) -> bool:
    """Whether a vehicle has come to the end of the last road of its course."""
    return course.left_m < nose_m(vehicle)


def course_of(world: World, actor: str, route: Sequence[str], where: str) -> Course | None:
    """A course from where a vehicle stands; None where no lane runs the way that it faces.

    Raises:
        SimgenError: a route that the roads do not have, at ``where``.
    """
    vehicle = world.vehicle(actor)
    try:
        course = Course.of(world.stage, vehicle.position_m, vehicle.yaw_rad, route)
    except SimgenError as error:
        error.where = error.where or where
        raise
    if course is not None and vehicle.entity.body.mass_kg >= HEAVY_KG:
        course.haste = math.sqrt(HEAVY_SIDEWAYS_MPS2 / SIDEWAYS_MPS2)
    return course


def pursuit(vehicle: Vehicle, x_m: float, y_m: float) -> float:
    """Steering angle in radians that takes the vehicle to a point of the world on an arc."""
    x, y, yaw, ahead, left = vehicle.motion()
    dx, dy = x_m - x, y_m - y
    course = yaw + (math.atan2(left, abs(ahead)) if abs(ahead) > 2.0 else 0.0)
    curvature = 2.0 * math.sin(math.atan2(dy, dx) - course) / max(math.hypot(dx, dy), 1e-3)
    return vehicle.steer_for(curvature)


def road_acceleration(world: World, vehicle: Vehicle, line: Line, direction: int, *, headway_s: float = 1.5) -> float:
    """Acceleration in m/s² of the intelligent-driver model along a line of the main road, towards whoever is in the
    way; ``direction`` is +1 along s."""
    ahead = ahead_on_road(world.situation(), vehicle, line, direction)
    speed = max(vehicle.speed_mps, 0.0)
    return min(
        intelligent_driver(speed, lead, wanted_mps=vehicle.cruise_mps, headway_s=headway_s)
        for lead in (None, *leads(world, vehicle, ahead))
    )


def intelligent_driver(
    speed: float,
    lead: tuple[float, float] | None,
    *,
    wanted_mps: float,
    headway_s: float = 1.5,
    comfort_mps2: float = COMFORT_MPS2,
    full_mps2: float = FULL_MPS2,
    standstill_m: float = STANDSTILL_M,
) -> float:
    """Acceleration in m/s² of the intelligent-driver model (Treiber, Hennecke & Helbing 2000).

    Args:
        lead: (gap in m, speed in m/s) of who is ahead.
    """
    free = 1.0 - (speed / max(wanted_mps, 0.1)) ** 4 if wanted_mps > 0 else -speed
    if lead is None:
        return min(full_mps2, max(-comfort_mps2, full_mps2 * free))
    gap, lead_speed = lead
    closing = speed - lead_speed
    wanted_gap = standstill_m + max(
        0.0, speed * headway_s + speed * closing / (2.0 * math.sqrt(full_mps2 * comfort_mps2))
    )
    return min(full_mps2, max(-8.0, full_mps2 * (free - (wanted_gap / max(gap, 0.1)) ** 2)))


def times_to_conflict(vehicle: Vehicle, situation: Situation, others: NDArray[np.int64], margins_m: Array) -> Array:
    """(n,) seconds until the front of the vehicle reaches each of these entities, both keeping their velocity, if it
    then stands within the vehicle's width plus its margin on either side; else +inf."""
    x, y, whose = _seen_from(vehicle, situation, others)
    near, far, right, left = x.min(axis=1), x.max(axis=1), y.min(axis=1), y.max(axis=1)
    forward, leftward = _axes(vehicle)
    velocity = situation.snapshot.velocity_mps[others[whose], :2] - vehicle.linear_velocity()[:2]
    closing, drift = -(velocity @ forward), velocity @ leftward
    front, half_m = _bow(vehicle)
    half = half_m + margins_m[whose]
    meets = (far >= front) & (closing > 0.1)
    closing = np.where(meets, closing, 1.0)
    arrival = np.maximum(near - front, 0.0) / closing
    # It conflicts if it is inside the swept width at any time while the front passes over its depth.
    hit = np.zeros(len(whose), dtype=np.bool_)
    for time in (arrival, arrival + (far - near + 0.5) / closing):
        hit |= (right + drift * time <= half) & (left + drift * time >= -half)
    return _first(np.where(meets & hit, arrival, np.inf), whose, len(others))


def times_to_lane_objects(vehicle: Vehicle, situation: Situation, others: NDArray[np.int64]) -> Array:
    """(n,) seconds until the front of the vehicle reaches each of these entities, if that lies within its width now;
    else +inf."""
    speed = vehicle.speed_mps
    if speed <= 0.1:
        return np.full(len(others), np.inf)
    return ways_to_lane_objects(vehicle, situation, others, np.zeros(len(others))) / speed


def ways_to_lane_objects(vehicle: Vehicle, situation: Situation, others: NDArray[np.int64], margins_m: Array) -> Array:
    """(n,) metres from the front of the vehicle to each of these entities, if that lies within its width plus a margin
    on either side; else +inf."""
    x, y, whose = _seen_from(vehicle, situation, others)
    front, half_m = _bow(vehicle)
    half = half_m + margins_m[whose]
    gap = x.min(axis=1) - front
    inside = (gap >= 0.0) & (y.min(axis=1) <= half) & (y.max(axis=1) >= -half)
    return _first(np.where(inside, gap, np.inf), whose, len(others))


def _first(times_s: Array, whose: NDArray[np.int64], count: int) -> Array:
    """(count,) the least of the times of each."""
    least = np.full(count, np.inf)
    np.minimum.at(least, whose, times_s)
    return least


def _axes(vehicle: Vehicle) -> tuple[Array, Array]:
    """Forward and leftward (2,) on the ground."""
    c, s = math.cos(vehicle.yaw_rad), math.sin(vehicle.yaw_rad)
    return np.array((c, s)), np.array((-s, c))


def _bow(vehicle: Vehicle) -> tuple[float, float]:
    """How far the front lies ahead of the body frame's origin, and half of the width."""
    body = vehicle.entity.body
    return body.box_center_m[0] + body.box_size_m[0] / 2, body.box_size_m[1] / 2


def _seen_from(
    vehicle: Vehicle, situation: Situation, others: NDArray[np.int64]
) -> tuple[Array, Array, NDArray[np.int64]]:
    """(p, 4) each: how far the corners of these entities and of their open doors lie ahead and to the left; and whose
    they are, (p,)."""
    outlines, whose = situation.low_footprints(others)
    offset = outlines - vehicle.position_m
    forward, leftward = _axes(vehicle)
    return offset @ forward, offset @ leftward, whose
