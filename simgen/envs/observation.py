"""What an agent is told of the world, as numbers: itself, its lane, and the nearest actors in sight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import inverse, transform, wrap_angle
from simgen.scene.sight import line_of_sight
from simgen.scene.situation import Situation
from simgen.simulation.vehicle import Vehicle

NEAREST = 4
EGO_FEATURES = ("speed", "acceleration", "yaw_rate", "steer", "lane_offset", "heading_error", "road_left")
ACTOR_FEATURES = ("in_sight", "x", "y", "vx", "vy", "length", "width", "vulnerable")
SIZE = len(EGO_FEATURES) + NEAREST * len(ACTOR_FEATURES)

_EGO_SCALE = np.array([30.0, 10.0, 1.0, 0.6, 4.0, 1.0, 200.0])
_ACTOR_SCALE = np.array([1.0, 80.0, 20.0, 30.0, 30.0, 12.0, 4.0, 1.0])
_VULNERABLE = frozenset({"pedestrian", "child", "cyclist", "bicycle", "animal"})


def state(situation: Situation, vehicle: Vehicle, lane_t_m: float, direction: int) -> NDArray[np.float32]:
    """(SIZE,) float32 in [-1, 1]: EGO_FEATURES, then ACTOR_FEATURES of the nearest NEAREST actors in sight.

    Positions and velocities are relative to the ego, in its frame (x forward, y left); actors out of sight are zeros.
    """
    road = situation.road
    s, t = road.locate(vehicle.position_m)
    heading = wrap_angle(vehicle.yaw_rad - road.heading_at(s) - (0.0 if direction > 0 else np.pi))
    ego = np.array(
        [
            vehicle.speed_mps,
            vehicle.acceleration_mps2,
            vehicle.yaw_rate_radps,
            vehicle.steer_rad,
            direction * (t - lane_t_m),
            heading,
            road.length_m - s if direction > 0 else s,
        ]
    )
    from_world = inverse(vehicle.pose())
    rows = []
    eye = vehicle.pose()[:3, 3] + np.array([0.0, 0.0, 1.3])
    for entity, present in zip(situation.scene.entities, situation.snapshot.present, strict=True):
        if entity.static or not present or entity.name == vehicle.name:
            continue
        local = transform(from_world, situation.position(entity.name))
        if not line_of_sight(situation.view, eye, entity.name, ignore=(vehicle.name,)):
            continue
        velocity = from_world[:3, :3] @ (situation.velocity(entity.name) - vehicle.linear_velocity())
        length, width, _ = entity.body.box_size_m
        vulnerable = float(entity.body.semantic in _VULNERABLE)
        distance = float(np.hypot(local[0], local[1]))
        rows.append((distance, [1.0, local[0], local[1], velocity[0], velocity[1], length, width, vulnerable]))
    rows.sort(key=lambda row: row[0])
    actors = np.zeros((NEAREST, len(ACTOR_FEATURES)))
    for i, (_, features) in enumerate(rows[:NEAREST]):
        actors[i] = features
    scaled = np.concatenate([ego / _EGO_SCALE, (actors / _ACTOR_SCALE).ravel()])
    bounded: NDArray[np.float32] = np.clip(scaled, -1.0, 1.0).astype(np.float32)
    return bounded
