from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.driving import cruise_acceleration, lane_steering

if TYPE_CHECKING:
    from simgen.simulation.world import World


@behaviors.register("follow_lane")
class FollowLane(Behavior):
    """Keeps the lane, the speed it started with, and the distance to the vehicle ahead (intelligent-driver model)."""

    headway: float = quantity("s", low=0.2, high=10, default=1.5, help="time gap to the vehicle ahead")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        start = world.situation()
        s, t = start.road_position(actor)
        lane = start.road.lane_at(s, t)
        direction = lane.direction if lane is not None else 1
        while True:
            situation = world.situation()
            acceleration = cruise_acceleration(
                vehicle, situation, wanted_mps=vehicle.cruise_mps, headway_s=self.headway
            )
            target_t = t if vehicle.lane_t_m is None else vehicle.lane_t_m
            vehicle.drive(acceleration, lane_steering(vehicle, situation, target_t, direction))
            yield
