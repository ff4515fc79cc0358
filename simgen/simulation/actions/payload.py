from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("payload")
class Payload(Action):
    """Hangs a mass on an arm's tool, or puts it on a mobile robot, until the event is over."""

    needs = ("robot", "mobile")

    mass: float = quantity("kg", low=0, high=500, help="of the load")

    shorthand = "mass"

    def run(self, world: World, subject: str) -> Steps:
        if subject in world.mobiles:
            mobile = world.mobile(subject)
            mobile.payload_kg += self.mass
            try:
                while True:
                    yield
            finally:
                mobile.payload_kg -= self.mass
        robot = world.robot(subject)
        robot.payload(self.mass)
        try:
            while True:
                yield
        finally:
            if subject in world.physics:
                robot.payload(-self.mass)
