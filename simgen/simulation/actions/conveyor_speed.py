from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity, text
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("conveyor_speed")
class ConveyorSpeed(Action):
    """Changes the speed of a conveyor's belt; 0 stops it, a negative speed runs it backwards."""

    needs = ("conveyor",)

    subjects = ("actor", "world")

    speed: float = quantity("m/s", low=-3, high=3, help="of the belt")
    conveyor: str = text(help="done to world: name of the setting's conveyor", default="conveyor")

    shorthand = "speed"

    def run(self, world: World, subject: str) -> Steps:
        conveyor = world.conveyor(self.conveyor if subject == "world" else subject)
        conveyor.wanted_mps = self.speed
        while abs(conveyor.speed_mps - conveyor.wanted_mps) > 1e-6:
            yield
