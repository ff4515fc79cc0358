from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, vector
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.grasping import tool_pose

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("reach")
class Reach(Action):
    """Moves a robot's hand along a straight line to a place, fingers pointing down (inverse kinematics)."""

    needs = ("robot",)
    moves = ("arm",)

    position: tuple[float, float, float] = vector("m", 3, help="of the point between the finger tips, world frame")
    yaw: float = quantity("rad", default=0.0, help="heading of the hand in the world")
    speed: float = quantity("m/s", low=0.01, high=2, default=0.4, help="top speed of the hand")

    shorthand = "position"

    def run(self, world: World, subject: str) -> Steps:
        x, y, z = self.position
        yield from world.robot(subject).move_tool(tool_pose(np.array([x, y]), z, self.yaw), self.speed)
