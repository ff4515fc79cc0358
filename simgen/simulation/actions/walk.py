from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("walk")
class Walk(Action):
    """Walks a distance in one direction (adults 1.31 m/s on average)."""

    distance: float = quantity("m", low=0, high=500, default=20.0, help="how far")
    speed: float = quantity("m/s", low=0.1, high=9, default=1.3, help="walking speed")
    turn: float = quantity("rad", default=0.0, help="direction, from the way it faces")
    acceleration: float = quantity("m/s^2", low=0.2, high=10, default=1.5, help="from standing")

    def run(self, world: World, subject: str) -> Steps:
        situation = world.situation()
        yaw = situation.yaw(subject) + self.turn
        goal = situation.position(subject)[:2] + self.distance * np.array([np.cos(yaw), np.sin(yaw)])
        walker = world.walker(subject)
        walker.go([goal], self.speed, self.acceleration)
        while not walker.arrived and not walker.struck:
            yield

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        return distance_m / self.speed + self.speed / (2 * self.acceleration)
