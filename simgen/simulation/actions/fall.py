from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("fall")
class Fall(Action):
    """A pedestrian or animal stumbles and lies; it does not get up."""

    needs = ("legs",)

    duration: float = quantity("s", low=0.2, high=20, default=2.0, help="after which the fall counts as over")

    def run(self, world: World, subject: str) -> Steps:
        until = world.time_s + self.duration
        if not world.walker(subject).struck:
            world.stumble(subject)
        while world.time_s < until:
            yield
