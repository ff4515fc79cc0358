from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import flag
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("visibility")
class Visibility(Action):
    """Hides an actor from cameras, labels and other drivers, until the event ends; its body is there all the same."""

    visible: bool = flag(default=False, help="true shows it again")

    shorthand = "visible"

    def run(self, world: World, subject: str) -> Steps:
        world.show(subject, visible=self.visible)
        try:
            while not self.visible:
                yield
        finally:
            world.show(subject, visible=True)
