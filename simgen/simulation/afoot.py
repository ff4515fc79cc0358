"""The base of actions on foot: straight to a place, round what stands in the way."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.movement import Mover
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.walker import Rehearsed
    from simgen.simulation.world import World


class OnFoot(Action):
    """Somebody on foot goes to a place, and for ``meet`` rehearses the way there."""

    needs: ClassVar[tuple[Mover, ...]] = ("legs",)
    moves = ("legs",)
    acceleration: float

    def run(self, world: World, subject: str) -> Steps:
        walker = world.walker(subject)
        walker.go([self._goal(world, subject)], self._pace_mps(world, subject), self.acceleration)
        while not walker.arrived and not walker.struck:
            yield

    def lead_s(self, world: World, subject: str, distance_m: float) -> float:
        found = self._rehearsed(world, subject, distance_m)
        if found is not None:
            return found.time_s
        speed = self._pace_mps(world, subject)
        ramp = speed**2 / (2 * self.acceleration)
        if distance_m < ramp:
            return float(np.sqrt(2 * distance_m / self.acceleration))
        return distance_m / speed + speed / (2 * self.acceleration)

    def lead_aside_m(self, world: World, subject: str, distance_m: float) -> Array:
        found = self._rehearsed(world, subject, distance_m)
        return np.zeros(2) if found is None else found.aside_m

    def _rehearsed(self, world: World, subject: str, distance_m: float) -> Rehearsed | None:
        goal, speed = self._goal(world, subject), self._pace_mps(world, subject)
        return world.walker(subject).rehearsed(goal, distance_m, speed, self.acceleration)

    @abstractmethod
    def _goal(self, world: World, subject: str) -> Array:
        """(2,) where it goes, world frame."""

    @abstractmethod
    def _pace_mps(self, world: World, subject: str) -> float: ...
