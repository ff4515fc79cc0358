from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import Plain, check_values, text
from simgen.core.vocabulary import actions, behaviors
from simgen.sampling.concrete import Use
from simgen.scene.movement import mover, unfit
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


@actions.register("activate_behavior")
class ActivateBehavior(Action):
    """Gives an actor another behaviour, with its defaults, in place of the one that it has."""

    behavior: str = text(help="name of the behaviour, such as aeb")

    shorthand = "behavior"

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        assert body is not None
        member = behaviors.get(self.behavior, "behavior")
        if member.needs and mover(body) not in member.needs:
            raise unfit(subject, *member.needs)
        self._values("behavior")

    def run(self, world: World, subject: str) -> Steps:
        world.behave(subject, Use(name=self.behavior, parameters=self._values(f"activate_behavior of {subject}")))
        return
        yield

    def _values(self, where: str) -> dict[str, Plain]:
        """What the behaviour is without anything said; raises ValueOutOfRange for one that has to be told something."""
        return check_values(behaviors.get(self.behavior, where).parameters, {}, self.behavior, where)
