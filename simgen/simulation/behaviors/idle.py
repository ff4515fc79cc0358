from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@behaviors.register("idle")
class Idle(Behavior):
    """Does nothing by itself; a vehicle stands on its brakes, a mobile robot brakes."""

    def run(self, world: World, actor: str) -> Steps:
        if actor in world.vehicles:
            vehicle = world.vehicle(actor)
            vehicle.drive(-3.0 * vehicle.gear, 0.0)
        if actor in world.walkers:
            world.walker(actor).idles = True
        elif actor in world.mobiles:
            world.mobile(actor).drive(0.0, 0.0)
        return
        yield
