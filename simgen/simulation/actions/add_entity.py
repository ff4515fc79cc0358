from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("add_entity")
class AddEntity(Action):
    """Puts an actor into the world at its place and speed; until then it is not there."""

    def run(self, world: World, subject: str) -> Steps:
        world.bring_in(subject)
        return
        yield
