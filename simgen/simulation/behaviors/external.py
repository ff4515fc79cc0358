from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@behaviors.register("external")
class External(Behavior):
    """Driven from outside, by an agent through gymnasium; without one it rolls on."""

    needs = ("vehicle",)

    def run(self, world: World, actor: str) -> Steps:
        world.vehicle(actor)  # the agent commands the vehicle itself, between ticks
        return
        yield
