"""A conveyor: a belt that drives by friction what lies on it. It can be slowed, stopped and reversed."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.scene import Entity

RAMP_MPS2 = 1.0
"""How fast a drive with a frequency converter changes the belt's speed."""


class Conveyor:
    """One belt.

    Attributes:
        speed_mps: of the belt, now; wanted_mps: what the drive works towards.
        travel_m: how far it has run.
    """

    def __init__(self, entity: Entity) -> None:
        assert entity.body.belt is not None
        self.name = entity.name
        self.speed_mps = self.wanted_mps = entity.body.belt.speed_mps
        self.travel_m = 0.0

    def step(self, dt_s: float) -> None:
        change = min(RAMP_MPS2 * dt_s, abs(self.wanted_mps - self.speed_mps))
        self.speed_mps += math.copysign(change, self.wanted_mps - self.speed_mps)
        self.travel_m += self.speed_mps * dt_s

    def joints(self) -> Array:
        return np.array([self.travel_m])
