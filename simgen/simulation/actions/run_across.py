from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.geometry import Array, inverse, transform
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.walker import Rehearsed
    from simgen.simulation.world import World


@actions.register("run_across")
class RunAcross(Action):
    """Runs straight across the path of an actor, to the other side."""

    needs = ("legs",)

    ahead_of: str = reference("actor", help="the actor whose path is crossed")
    speed: float = quantity("m/s", low=0.2, high=20, help="speed once up to it (child dart-out 3-5 m/s, deer 8-14)")
    acceleration: float = quantity("m/s^2", low=0.2, high=10, default=2.0, help="from standing")
    beyond: float = quantity("m", low=0.5, high=60, default=9.0, help="how far past the actor's path it goes on")

    def run(self, world: World, subject: str) -> Steps:
        walker = world.walker(subject)
        walker.go([self._goal(world, subject)], self.speed, self.acceleration)
        while not walker.arrived and not walker.struck:
            yield

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        found = self._rehearsed(world, subject, distance_m)
        if found is not None:
            return found.time_s
        ramp = self.speed**2 / (2 * self.acceleration)
        if distance_m < ramp:
            return float(np.sqrt(2 * distance_m / self.acceleration))
        return distance_m / self.speed + self.speed / (2 * self.acceleration)

    def lead_aside_m(self, world: World, subject: str, distance_m: float) -> Array:
        found = self._rehearsed(world, subject, distance_m)
        return np.zeros(2) if found is None else found.aside_m

    def _rehearsed(self, world: World, subject: str, distance_m: float) -> Rehearsed | None:
        return world.walker(subject).rehearsed(self._goal(world, subject), distance_m, self.speed, self.acceleration)

    def _goal(self, world: World, subject: str) -> Array:
        situation = world.situation()
        pose = situation.pose(self.ahead_of)
        start = situation.position(subject)
        side = transform(inverse(pose), start)[1]
        goal: Array = start[:2] - np.sign(side) * (abs(side) + self.beyond) * pose[:2, 1]
        return goal
