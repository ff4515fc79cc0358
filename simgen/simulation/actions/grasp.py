from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.robot import CLOSING_TICKS

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("grasp")
class GraspAction(Action):
    """Closes a robot's fingers on what is between them, and holds."""

    needs = ("robot",)
    moves = ("arm",)  # a hand that is still on its way would close on nothing

    def run(self, world: World, subject: str) -> Steps:
        world.robot(subject).set_fingers(0.0)
        for _ in range(CLOSING_TICKS):
            yield
