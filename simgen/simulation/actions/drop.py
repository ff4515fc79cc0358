from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("drop")
class Drop(Action):
    """Lets a thing fall: from what carries it, or from a height above where it is."""

    height: float = quantity("m", low=0, high=50, default=0.0, help="to which it is lifted before")

    shorthand = "height"

    def run(self, world: World, subject: str) -> Steps:
        if world.holding.is_attached(subject):
            world.holding.detach(subject)
        if self.height > 0.0:
            pose = world.situation().pose(subject).copy()
            pose[2, 3] += self.height
            world.teleport(subject, pose)
            world.throw(subject, np.zeros(3), np.zeros(3))
        return
        yield
