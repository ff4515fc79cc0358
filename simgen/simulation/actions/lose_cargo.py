from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import choice, quantity, reference
from simgen.core.geometry import Array
from simgen.core.vocabulary import actions
from simgen.sampling.cargo import WAYS, carries_nothing
from simgen.sampling.obstacles import Placed, reaches_into
from simgen.scene.boxes import footprint, height_span
from simgen.scene.standing import resting_height
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World

SLIDING_MPS2 = 4.0
TICK_S = 1.0 / 60.0
SHORT_OF_M = 0.05
"""How far below a thing what bears it may lie."""


@actions.register("lose_cargo")
class LoseCargo(Action):
    """What a vehicle carries slides over its edge and comes off: a loose body with the velocity that it has then.

    A drop side in its way comes unlocked and falls open before.
    """

    cargo: str | None = reference("actor", default=None, help="which thing; all that is attached when left out")
    direction: str = choice("back", "left", "right", default="back", help="where it slides to")
    speed: float = quantity("m/s", low=0.1, high=10, default=2.0, help="with which it slides, seen from the vehicle")

    shorthand = "cargo"

    def takes_along(self, world: World, subject: str) -> list[str]:
        holding = world.holding
        carried = holding.carried_by(subject)
        return carried if self.cargo is None else [one for one in holding.stacked_on(self.cargo) if one in carried]

    def run(self, world: World, subject: str) -> Steps:
        world.vehicle(subject)
        carried = world.holding.carried_by(subject)
        if not carried or (self.cargo is not None and self.cargo not in carried):
            raise carries_nothing(subject, self.cargo, f"lose_cargo of {subject}")
        lost = carried if self.cargo is None else [self.cargo]
        # What stands on something that is lost goes with it.
        lost = [thing for thing in lost if not any(thing in world.holding.stacked_on(other) for other in lost)]
        way = WAYS[self.direction]
        slides = 0.0
        drop_side = world.unlock(subject, self.direction)
        while drop_side is not None and not drop_side.clear:
            yield
        while True:
            for thing in lost:
                if world.holding.carries(subject, thing) and self._over(world, subject, thing):
                    self._let_go(world, subject, thing, slides * way)
            lost = [thing for thing in lost if world.holding.carries(subject, thing)]
            if not lost:
                return
            slides = min(self.speed, slides + SLIDING_MPS2 * TICK_S)
            for thing in lost:
                world.holding.slide(thing, slides * way, TICK_S)
            yield

    def _let_go(self, world: World, carrier: str, thing: str, slides_mps: Array) -> None:
        """Lets a thing go, with what stands on it, that slides so fast (2,) ahead and to the left over its carrier."""
        together = [name for name in (thing, *world.holding.stacked_on(thing)) if world.holding.carries(carrier, name)]
        world.holding.detach(thing)
        along = world.vehicle(carrier).pose()[:3, :2] @ slides_mps
        for name in together:
            linear, spin = world.physics.velocity(name)
            world.throw(name, linear + along, spin)

    def _over(self, world: World, carrier: str, thing: str) -> bool:
        """Whether a thing is clear of what carries it: more than half of it lies beyond the edge, and all of it beyond
        a rim."""
        body, cargo = world.bed(carrier), world.scene.entity(thing).body
        place = world.holding.place_on(thing)
        low, high = height_span(place, cargo)
        height = resting_height(body, cargo, place)
        held = height is not None and height > low - SHORT_OF_M
        still = Placed(name=carrier, body=body, world_from_body=np.eye(4))
        return not held and not reaches_into(still, footprint(place, cargo), low, high)
