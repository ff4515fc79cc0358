from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import choice, vector
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("apply_force")
class ApplyForce(Action):
    """Pushes a vehicle or a loose thing until the event ends: a gust, a pull, a shove."""

    needs = ("vehicle", "loose")

    force: tuple[float, float, float] = vector("N", 3, help="along x, y and z")
    frame: str = choice("world", "actor", default="world", help="of the force; actor: ahead, left, up")

    shorthand = "force"

    def run(self, world: World, subject: str) -> Steps:
        while True:
            force = np.array(self.force)
            if self.frame == "actor":
                force = world.situation().pose(subject)[:3, :3] @ force
            world.push(subject, force)
            yield
