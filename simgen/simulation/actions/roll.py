from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.geometry import inverse, transform
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("roll")
class Roll(Action):
    """Sets a loose thing rolling; physics does the rest."""

    needs = ("loose",)

    speed: float = quantity("m/s", low=0.1, high=30, help="speed at the start")
    across: str | None = reference("actor", default=None, help="rolls at right angles to this actor's path")
    heading: float = quantity("rad", default=0.0, help="direction in the world, without 'across'")
    slant: float = quantity("rad", low=-1.2, high=1.2, default=0.0, help="turned from 'across' towards the actor")

    shorthand = "speed"

    def run(self, world: World, subject: str) -> Steps:
        situation = world.situation()
        if self.across is not None:
            pose = situation.pose(self.across)
            side = transform(inverse(pose), situation.position(subject))[1]
            towards = -np.sign(side) * pose[:3, 1]
            direction = np.cos(self.slant) * towards - np.sin(self.slant) * pose[:3, 0]
        else:
            direction = np.array([np.cos(self.heading), np.sin(self.heading), 0.0])
        radius = situation.body(subject).box_size_m[2] / 2
        velocity = self.speed * direction
        world.throw(subject, velocity, np.cross([0.0, 0.0, 1.0], velocity) / radius)
        return
        yield
