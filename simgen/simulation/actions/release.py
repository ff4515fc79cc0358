from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.robot import OPENING_TICKS

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("release")
class Release(Action):
    """Opens a robot's fingers."""

    needs = ("robot",)

    gap: float | None = quantity("m", low=0, high=1, default=None, help="width to open to; all the way when left out")

    shorthand = "gap"

    def run(self, world: World, subject: str) -> Steps:
        robot = world.robot(subject)
        robot.set_fingers(robot.hand.stroke_m if self.gap is None else self.gap)
        for _ in range(OPENING_TICKS):
            yield
