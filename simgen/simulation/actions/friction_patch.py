from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import choice, quantity, vector
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.friction import GROUNDS

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("friction_patch")
class FrictionPatch(Action):
    """Lays a patch of other ground on the road, which nobody sees, until the event ends: black ice, oil, sand."""

    subjects = ("world",)

    position: tuple[float, float] = vector("m", 2, help="of its middle, world frame")
    length: float = quantity("m", low=0.2, high=500, default=10.0, help="along its heading")
    width: float = quantity("m", low=0.2, high=50, default=3.5, help="across")
    yaw: float = quantity("rad", default=0.0, help="heading")
    surface: str = choice(*GROUNDS, default="ice", help="what lies there")

    def run(self, world: World, subject: str) -> Steps:
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        along, across = 0.5 * self.length * np.array([c, s]), 0.5 * self.width * np.array([-s, c])
        middle = np.array(self.position)
        corners = np.stack([middle + a * along + b * across for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1))])
        lift = world.underfoot.lay(corners, self.surface)
        try:
            while True:
                yield
        finally:
            lift()
