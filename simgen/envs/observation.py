"""What an agent is told of the world, as numbers: itself, its lane and the nearest actors in sight, or ranges."""

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

RAYS = 240
RANGE_M = 50.0

_EGO_SCALE = np.array([30.0, 10.0, 1.0, 0.6, 4.0, 1.0, 200.0])
_ACTOR_SCALE = np.array([1.0, 80.0, 20.0, 30.0, 30.0, 12.0, 4.0, 1.0])
_VULNERABLE = frozenset({"pedestrian", "child", "cyclist", "bicycle", "animal"})
_ANGLES = 2.0 * np.pi / RAYS * np.arange(RAYS)
_RAYS = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])


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


def scan(situation: Situation, vehicle: Vehicle) -> NDArray[np.float32]:
    """(RAYS,) float32 in [0, 1]: how far it is from the vehicle's middle to the next outline, as a share of RANGE_M; 1
    where none is that near.

    Rays are level and go round counter-clockwise, the first one ahead. They meet people, animals, vehicles and solid
    things, but not the setting (houses, rails).
    """
    scene, pose = situation.scene, vehicle.pose()
    own = scene.index(vehicle.name)
    others = situation.obstacles
    outlines, _ = situation.low_footprints(others[others != own])
    middle = pose[:2, 3] + pose[:2, :3] @ scene.box_center_m[own]
    corner = (outlines - middle) @ pose[:2, :2]
    side = np.roll(corner, -1, axis=1) - corner
    (x, y), (along, across) = corner.reshape(-1, 2).T, side.reshape(-1, 2).T
    right, left = _RAYS[:, 0, None], _RAYS[:, 1, None]
    # Where a ray meets the line of a side: at this share of the side, and this far out.
    turn = right * across - left * along
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (x * left - y * right) / turn
        distance = (x * across - y * along) / turn
    met = (share >= 0.0) & (share <= 1.0) & (distance >= 0.0)
    nearest = np.where(met, distance, RANGE_M).min(axis=1, initial=RANGE_M)
    shares: NDArray[np.float32] = (nearest / RANGE_M).astype(np.float32)
    return shares
