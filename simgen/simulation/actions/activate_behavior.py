from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import check_values, text
from simgen.core.vocabulary import actions, behaviors
from simgen.sampling.concrete import Use
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("activate_behavior")
class ActivateBehavior(Action):
    """Gives an actor another behaviour, with its defaults, in place of the one that it has."""

    behavior: str = text(help="name of the behaviour, such as aeb")

    shorthand = "behavior"

    def run(self, world: World, subject: str) -> Steps:
        member = behaviors.get(self.behavior, f"activate_behavior of {subject}")
        values = check_values(member.parameters, {}, self.behavior, f"activate_behavior of {subject}")
        world.behave(subject, Use(name=self.behavior, parameters=dict(values)))
        return
        yield
