from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("override_controls")
class OverrideControls(Action):
    """Holds the pedals and the wheel of a vehicle, whatever its driver wants, until the event ends."""

    needs = ("vehicle",)

    throttle: float = quantity("", low=0, high=1, default=0.0, help="share of full")
    brake: float = quantity("", low=0, high=1, default=0.0, help="share of full; with neither pedal it rolls")
    steer: float | None = quantity(
        "rad", low=-0.8, high=0.8, default=None, help="of the front wheels, positive to the left; as it is if left out"
    )

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        steer = vehicle.steer_rad if self.steer is None else self.steer
        vehicle.override(throttle=self.throttle, brake=self.brake, steer_rad=steer)
        try:
            while not vehicle.crashed:
                yield
        finally:
            vehicle.release()
