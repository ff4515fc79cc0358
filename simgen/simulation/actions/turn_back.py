from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("turn_back")
class TurnBack(Action):
    """A pedestrian turns round and goes back the way it came."""

    needs = ("legs",)
    moves = ("legs",)

    speed: float = quantity("m/s", low=0.1, high=9, default=1.5, help="speed on the way back")
    distance: float = quantity("m", low=0.2, high=100, default=6.0, help="how far back")

    def run(self, world: World, subject: str) -> Steps:
        walker = world.walker(subject)
        back = -np.array([np.cos(walker.yaw_rad), np.sin(walker.yaw_rad)])
        walker.go([walker.position_m + self.distance * back], self.speed, 2.5)
        while not walker.arrived and not walker.struck:
            yield
