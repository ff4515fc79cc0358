from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity, text
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("set_variable")
class SetVariable(Action):
    """Sets a variable that the condition ``variable(name)`` reads."""

    subjects = ("world",)

    name: str = text(help="name of the variable")
    value: float = quantity("", help="its new value")

    def run(self, world: World, subject: str) -> Steps:
        world.variables[self.name] = self.value
        return
        yield
