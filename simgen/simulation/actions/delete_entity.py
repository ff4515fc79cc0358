from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("delete_entity")
class DeleteEntity(Action):
    """Takes an actor out of the world: out of sight, out of the labels and out of everybody's way."""

    def run(self, world: World, subject: str) -> Steps:
        world.remove(subject)
        return
        yield
