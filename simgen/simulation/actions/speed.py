from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("speed")
class Speed(Action):
    """A vehicle changes to a speed at a rate, and its driver keeps that speed."""

    needs = ("vehicle",)
    moves = ("pedals",)

    target: float = quantity("m/s", low=0, high=100, help="speed to reach")
    rate: float = quantity("m/s^2", low=0.1, high=12, default=2.0, help="change of speed per second")

    shorthand = "target"

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        vehicle.cruise_mps = self.target
        while not vehicle.crashed:
            missing = self.target - vehicle.speed_mps
            if abs(missing) < 0.05:
                return
            vehicle.drive(self.rate if missing > 0 else -self.rate, vehicle.steer_rad)
            yield
