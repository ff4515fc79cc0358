from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import reference
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("attach")
class Attach(Action):
    """Fixes a loose thing to an actor as they stand (a strap, a latch, a magnet); to an arm, at its tool."""

    to: str = reference("actor", help="what carries it")

    shorthand = "to"

    def run(self, world: World, subject: str) -> Steps:
        world.attach(subject, self.to)
        return
        yield
