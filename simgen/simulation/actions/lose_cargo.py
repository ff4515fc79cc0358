from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import choice, quantity, reference
from simgen.core.errors import SimgenError
from simgen.core.geometry import Array
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World

SLIDING_MPS2 = 4.0
TICK_S = 1.0 / 60.0


@actions.register("lose_cargo")
class LoseCargo(Action):
    """What a vehicle carries slides over its edge and comes off: a loose body with the velocity that it has then."""

    cargo: str | None = reference("actor", default=None, help="which thing; all that is attached when left out")
    direction: str = choice("back", "left", "right", default="back", help="where it slides to")
    speed: float = quantity("m/s", low=0.1, high=10, default=2.0, help="with which it slides, seen from the vehicle")

    shorthand = "cargo"

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        carried = world.carried_by(subject)
        if not carried or (self.cargo is not None and self.cargo not in carried):
            raise SimgenError(
                f"'{subject}' carries {'nothing' if self.cargo is None else f'no {self.cargo!r}'}",
                where=f"lose_cargo of {subject}",
                remedy="attach it in an event before: do: {box: {attach: van}}",
            )
        lost = carried if self.cargo is None else [self.cargo]
        way = np.array({"back": (-1.0, 0.0), "left": (0.0, 1.0), "right": (0.0, -1.0)}[self.direction])
        slides = 0.0
        while lost:
            slides = min(self.speed, slides + SLIDING_MPS2 * TICK_S)
            for thing in [thing for thing in lost if world.carries(subject, thing)]:
                world.shift(thing, slides * TICK_S * way)
                if self._over(world, subject, thing, way):
                    lost.remove(thing)
                    world.detach(thing)
                    linear, spin = world.physics.velocity(thing)
                    world.throw(thing, linear + vehicle.pose()[:3, :2] @ (slides * way), spin)
            lost = [thing for thing in lost if world.carries(subject, thing)]
            if lost:
                yield

    def _over(self, world: World, carrier: str, thing: str, way: Array) -> bool:
        """Whether more than half of a thing lies beyond the edge."""
        body, box = world.scene.entity(carrier).body, world.scene.entity(thing).body
        middle = (world.place_on(thing) @ (*box.box_center_m, 1.0))[:2] - body.box_center_m[:2]
        return float(middle @ way) > 0.5 * float(np.abs(way) @ body.box_size_m[:2])
