from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.geometry import inverse, transform, wrap_angle
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.vehicle import BRAKE_BUILD_UP_MPS3, DRIVE_BUILD_UP_MPS3

if TYPE_CHECKING:
    from simgen.simulation.world import World

_LOOK_AHEAD_M = 4.0
_BRAKING_MPS2 = 2.5


@actions.register("ride_across")
class RideAcross(Action):
    """Rides or drives straight across the path of an actor, and stops on the other side."""

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
                demand = -_BRAKING_MPS2
            else:
                demand = min(self.acceleration, 4.0 * (self.speed - vehicle.speed_mps))
            vehicle.drive(demand, steer)
            yield

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        # Brakes are let go first; then the demand builds up at a finite rate, which costs as much as half of that time.
        braking = max(0.0, -world.vehicle(subject).acceleration_mps2)
        late = braking / BRAKE_BUILD_UP_MPS3 + 0.5 * self.acceleration / DRIVE_BUILD_UP_MPS3
        ramp = self.speed**2 / (2 * self.acceleration)
        if distance_m < ramp:
            return late + math.sqrt(2 * distance_m / self.acceleration)
        # The last acceleration / 4 m/s fade in with a time constant of 1/4 s, which leaves acceleration / 32 m undone.
        fading = 0.5 * self.acceleration / 16.0 / self.speed
        return late + distance_m / self.speed + self.speed / (2 * self.acceleration) + fading
