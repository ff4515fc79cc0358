from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.geometry import inverse, transform, wrap_angle
from simgen.core.vocabulary import actions
from simgen.scene.scene import Entity
from simgen.simulation.action import Action, Steps
from simgen.simulation.friction import Covering, tyre_friction
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World

_LOOK_AHEAD_M = 4.0
_BRAKING_MPS2 = 2.5
_STEPS, _STEP_S = 4, 1.0 / 240.0
"""Physics steps in a control tick, and their length."""
_LONGEST_S = 60.0


@actions.register("ride_across")
class RideAcross(Action):
    """Rides or drives straight across the path of an actor, and stops on the other side."""

    needs = ("vehicle",)
    moves = ("pedals", "steering")

    ahead_of: str = reference("actor", help="the actor whose path is crossed")
    speed: float = quantity("m/s", low=0.5, high=20, help="speed once up to it (Euro NCAP cyclists 10-20 km/h)")
    acceleration: float = quantity("m/s^2", low=0.2, high=6, default=1.5, help="from standing")
    beyond: float = quantity("m", low=0.5, high=200, default=5.0, help="how far past the actor's path it stops")

    def run(self, world: World, subject: str) -> Steps:
        situation = world.situation()
        pose = situation.pose(self.ahead_of)
        start = situation.position(subject)[:2]
        side = float(transform(inverse(pose), situation.position(subject))[1])
        towards = -math.copysign(1.0, side) * pose[:2, 1]
        way = abs(side) + self.beyond
        vehicle = world.vehicle(subject)
        while not vehicle.crashed:
            done = float((vehicle.position_m - start) @ towards)
            left = way - done
            if left <= 0.0 or (done > 0.5 * way and vehicle.speed_mps <= 0.0):
                vehicle.cruise_mps = 0.0
                vehicle.drive(-_BRAKING_MPS2, 0.0)
                return
            goal = start + towards * (done + _LOOK_AHEAD_M) - vehicle.position_m
            angle = wrap_angle(math.atan2(goal[1], goal[0]) - vehicle.yaw_rad)
            steer = math.atan2(2.0 * vehicle.wheelbase_m * math.sin(angle), float(np.linalg.norm(goal)))
            if left < vehicle.speed_mps**2 / (2 * _BRAKING_MPS2):
                wanted = -_BRAKING_MPS2
            else:
                wanted = demand(self.speed, self.acceleration, vehicle.speed_mps)
            vehicle.drive(wanted, steer)
            yield

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        vehicle = world.vehicle(subject)
        pedal = round(vehicle.acceleration_mps2, 1)
        return _rehearsed_s(vehicle.entity, self.speed, self.acceleration, pedal, round(distance_m, 2))


def demand(wanted_mps: float, acceleration_mps2: float, speed_mps: float) -> float:
    """Acceleration in m/s² that brings a rider to the wanted speed, fading in when nearly there."""
    return min(acceleration_mps2, 4.0 * (wanted_mps - speed_mps))


@functools.lru_cache(maxsize=16)
def _rehearsed_s(entity: Entity, speed_mps: float, acceleration_mps2: float, pedal_mps2: float, way_m: float) -> float:
    """Time until the vehicle has gone this way straight ahead from standing on dry asphalt, by riding it beforehand."""
    rider = Vehicle(entity, np.eye(4), 0.0)
    rider.acceleration_mps2 = pedal_mps2
    time = before = 0.0
    friction = tyre_friction("asphalt", Covering(), 0.0)
    while time < _LONGEST_S:
        rider.drive(demand(speed_mps, acceleration_mps2, rider.speed_mps), 0.0)
        for _ in range(_STEPS):
            rider.step(_STEP_S, friction)
            time += _STEP_S
            gone = float(rider.position_m[0])
            if gone >= way_m:
                return time - _STEP_S * (gone - way_m) / max(gone - before, 1e-9)
            before = gone
    return math.inf
