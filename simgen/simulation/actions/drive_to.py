from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, vector
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.scanner import free_ahead_m

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("drive_to")
class DriveTo(Action):
    """Drives a mobile robot to a place: turns towards it, then goes straight; waits while something is in the way."""

    needs = ("mobile",)
    moves = ("wheels",)

    position: tuple[float, float] = vector("m", 2, help="of the robot's middle, world frame")
    speed: float = quantity("m/s", low=0.02, high=5, default=1.0, help="top speed")
    yaw: float | None = quantity("rad", default=None, help="heading to end with; as it arrives when left out")
    clearance: float = quantity(
        "m", low=0, high=10, default=0.4, help="room to keep to what is ahead; 0 looks at nothing"
    )

    shorthand = "position"

    def run(self, world: World, subject: str) -> Steps:
        robot = world.mobile(subject)
        goal = np.array(self.position)
        while True:
            if self.clearance > 0 and free_ahead_m(world.situation(), subject) < self.clearance + _braking_m(
                robot.speed_mps, robot.base.acceleration_mps2
            ):
                robot.drive(0.0, 0.0)
            elif robot.steer_to(goal, self.speed):
                break
            yield
        while self.yaw is not None and not robot.turn_to(self.yaw):
            yield


def _braking_m(speed_mps: float, deceleration_mps2: float) -> float:
    return speed_mps * abs(speed_mps) / (2.0 * deceleration_mps2)
