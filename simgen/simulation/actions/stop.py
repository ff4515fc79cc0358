from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("stop")
class Stop(Action):
    """A pedestrian stops where it is."""

    needs = ("legs",)
    moves = ("legs",)

    def run(self, world: World, subject: str) -> Steps:
        walker = world.walker(subject)
        walker.stop()
        while walker.speed_mps > 0.0 and not walker.struck:
            yield
