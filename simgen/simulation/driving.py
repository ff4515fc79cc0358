"""What drivers share: keeping the lane, keeping the speed, keeping the distance, and seeing what is in the way."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.geometry import Array, inverse, transform, wrap_angle
from simgen.scene.situation import Situation
from simgen.simulation.vehicle import Vehicle


def lane_steering(vehicle: Vehicle, situation: Situation, target_t_m: float, direction: int) -> float:
    """Steering angle in radians that brings a vehicle to the line t = ``target_t_m`` and keeps it there.

    Pure pursuit (Coulter 1992) of a point 0.9 s ahead, at least 5 m, along the way that the vehicle goes rather than
    where it points; the curvature found is steered as the single-track model needs it at this speed. ``direction`` is
    +1 along s.
    """
    road = situation.road
    s, _ = road.locate(vehicle.position_m)
    ahead = max(5.0, 0.9 * abs(vehicle.speed_mps))
    x, y, heading, _ = road.main_road.line.at(s + direction * ahead)
    return pursuit(vehicle, x - math.sin(heading) * target_t_m, y + math.cos(heading) * target_t_m)


def pursuit(vehicle: Vehicle, x_m: float, y_m: float) -> float:
    """Steering angle in radians that takes the vehicle to a point of the world on an arc."""
    x, y = vehicle.position_m.tolist()
    dx, dy = x_m - x, y_m - y
    course = vehicle.yaw_rad + (vehicle.slip_rad if abs(vehicle.speed_mps) > 2.0 else 0.0)
    angle = wrap_angle(math.atan2(dy, dx) - course)
    curvature = 2.0 * math.sin(angle) / max(math.hypot(dx, dy), 1e-3)
    return vehicle.steer_for(curvature)


def cruise_acceleration(
    vehicle: Vehicle,
    situation: Situation,
    *,
    wanted_mps: float,
    headway_s: float = 1.5,
    comfort_mps2: float = 2.0,
    full_mps2: float = 1.5,
    standstill_m: float = 2.0,
) -> float:
    """Acceleration in m/s² of the intelligent-driver model towards whoever is in the way."""
    return intelligent_driver(
        max(vehicle.speed_mps, 0.0),
        lead_vehicle(vehicle, situation),
        wanted_mps=wanted_mps,
        headway_s=headway_s,
        comfort_mps2=comfort_mps2,
        full_mps2=full_mps2,
        standstill_m=standstill_m,
    )


def intelligent_driver(
    speed: float,
    lead: tuple[float, float] | None,
    *,
    wanted_mps: float,
    headway_s: float = 1.5,
    comfort_mps2: float = 2.0,
    full_mps2: float = 1.5,
    standstill_m: float = 2.0,
) -> float:
    """Acceleration in m/s² of the intelligent-driver model (Treiber, Hennecke & Helbing 2000).

    Args:
        lead: (gap in m, speed in m/s) of the vehicle ahead.
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


def lead_vehicle(vehicle: Vehicle, situation: Situation) -> tuple[float, float] | None:
    """(gap in m, speed in m/s along our heading) of the nearest vehicle in our way, or None."""
    return situation.lead_of(vehicle.name)


def time_to_conflict(vehicle: Vehicle, situation: Situation, other: str, margin_m: float) -> float:
    """Seconds until the front of the vehicle reaches ``other``, both keeping their velocity, if it then stands within
    the vehicle's width plus ``margin_m`` on either side; else +inf."""
    me = vehicle.entity
    from_world = inverse(vehicle.pose())
    front = me.body.box_center_m[0] + me.body.box_size_m[0] / 2
    half = me.body.box_size_m[1] / 2 + margin_m
    outline = _in_frame(situation.footprint(other), from_world)
    velocity: Array = from_world[:3, :3] @ (situation.velocity(other) - vehicle.linear_velocity())
    gap = float(outline[:, 0].min() - front)
    closing = -float(velocity[0])
    if outline[:, 0].max() < front or closing <= 0.1:
        return math.inf
    arrival = max(gap, 0.0) / closing
    depth = float(np.ptp(outline[:, 0])) + 0.5
    # It conflicts if it is inside the swept width at any time while the front passes over its depth.
    for time in (arrival, arrival + depth / closing):
        low = outline[:, 1].min() + velocity[1] * time
        high = outline[:, 1].max() + velocity[1] * time
        if low <= half and high >= -half:
            return arrival
    return math.inf


def time_to_lane_object(vehicle: Vehicle, situation: Situation, other: str) -> float:
    """Seconds until the front of the vehicle reaches ``other``, if that lies within its width now; else +inf."""
    me = vehicle.entity
    outline = _in_frame(situation.footprint(other), inverse(vehicle.pose()))
    half = me.body.box_size_m[1] / 2
    gap = float(outline[:, 0].min()) - me.body.box_center_m[0] - me.body.box_size_m[0] / 2
    if gap < 0 or outline[:, 1].min() > half or outline[:, 1].max() < -half or vehicle.speed_mps <= 0.1:
        return math.inf
    return gap / vehicle.speed_mps


def _in_frame(footprint: Array, from_world: Array) -> Array:
    points = np.column_stack([footprint, np.zeros(len(footprint))])
    return transform(from_world, points)
