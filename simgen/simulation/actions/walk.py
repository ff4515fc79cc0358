from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.geometry import Array
from simgen.core.vocabulary import actions
from simgen.simulation.afoot import OnFoot
from simgen.simulation.pace import walking_speed_mps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("walk")
class Walk(OnFoot):
    """Walks a distance in one direction."""

    distance: float = quantity("m", low=0, high=500, default=20.0, help="how far")
    speed: float | None = quantity(
        "m/s", low=0.1, high=20, default=None, help="its own when left out: adults 1.31 m/s on average, over 60 1.16"
    )
    turn: float = quantity("rad", default=0.0, help="direction, from the way it faces")
    acceleration: float = quantity("m/s^2", low=0.2, high=10, default=1.5, help="from standing")

    def _goal(self, world: World, subject: str) -> Array:
        situation = world.situation()
        yaw = situation.yaw(subject) + self.turn
        goal: Array = situation.position(subject)[:2] + self.distance * np.array([np.cos(yaw), np.sin(yaw)])
        return goal

    def _pace_mps(self, world: World, subject: str) -> float:
        return walking_speed_mps(world, subject) if self.speed is None else self.speed
