from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.geometry import Array, inverse, transform
from simgen.core.vocabulary import actions
from simgen.simulation.afoot import OnFoot

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("run_across")
class RunAcross(OnFoot):
    """Runs straight across the path of an actor, to the other side."""

    ahead_of: str = reference("actor", help="the actor whose path is crossed")
    speed: float = quantity("m/s", low=0.2, high=20, help="speed once up to it (child dart-out 3-5 m/s, deer 8-14)")
    acceleration: float = quantity("m/s^2", low=0.2, high=10, default=2.0, help="from standing")
    beyond: float = quantity("m", low=0.5, high=60, default=9.0, help="how far past the actor's path it goes on")

    def _goal(self, world: World, subject: str) -> Array:
        situation = world.situation()
        pose = situation.pose(self.ahead_of)
        start = situation.position(subject)
        side = transform(inverse(pose), start)[1]
        goal: Array = start[:2] - np.sign(side) * (abs(side) + self.beyond) * pose[:2, 1]
        return goal

    def _pace_mps(self, world: World, subject: str) -> float:
        return self.speed
