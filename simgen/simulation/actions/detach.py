from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("detach")
class Detach(Action):
    """Lets go of a thing that was attached; it keeps the velocity that it has."""

    def run(self, world: World, subject: str) -> Steps:
        world.holding.detach(subject)
        return
        yield
