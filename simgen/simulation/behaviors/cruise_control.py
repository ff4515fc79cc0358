from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Steps
from simgen.simulation.behaviors.follow_lane import FollowLane

if TYPE_CHECKING:
    from simgen.simulation.world import World

GAIN_PER_S = 0.8


@behaviors.register("cruise_control")
class CruiseControl(FollowLane):
    """Keeps the lane and the speed, and looks neither ahead nor aside: the distance is somebody else's business."""

    needs = ("vehicle",)

    acceleration: float = quantity("m/s^2", low=0.1, high=8, default=1.5, help="most that it speeds up with")
    deceleration: float = quantity("m/s^2", low=0.1, high=9, default=2.0, help="most that it slows down with")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        for _ in super().run(world, actor):
            pace = math.inf if vehicle.course is None else vehicle.course.pace_mps()[0]
            wanted = GAIN_PER_S * (min(vehicle.cruise_mps, pace) - vehicle.speed_mps)
            vehicle.drive(min(self.acceleration, max(-self.deceleration, wanted)), vehicle.wanted_steer_rad)
            yield
