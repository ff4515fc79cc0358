from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import vector
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("throw")
class Throw(Action):
    """Gives a loose thing a velocity; physics does the rest."""

    needs = ("loose",)

    velocity: tuple[float, float, float] = vector("m/s", 3, help="world frame")

    shorthand = "velocity"

    def run(self, world: World, subject: str) -> Steps:
        world.throw(subject, np.array(self.velocity), np.zeros(3))
        return
        yield
