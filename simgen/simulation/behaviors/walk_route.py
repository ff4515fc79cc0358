from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import flag, quantity, several
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.pace import walking_speed_mps
from simgen.simulation.route import places

if TYPE_CHECKING:
    from simgen.simulation.world import World


@behaviors.register("walk_route")
class WalkRoute(Behavior):
    """Walks from place to place, until an event of the story says otherwise."""

    needs = ("legs",)

    route: tuple[object, ...] = several(
        help="where to: pairs of coordinates, names of surfaces and actors: [12 m, -4 m, 30 m, -4 m, bench]"
    )
    speed: float | None = quantity(
        "m/s", low=0.1, high=9, default=None, help="its own when left out: adults 1.31 m/s on average, over 60 1.16"
    )
    acceleration: float = quantity("m/s^2", low=0.2, high=10, default=1.2, help="from standing")
    repeat: bool = flag(help="whether it begins again at the end", default=False)

    def run(self, world: World, actor: str) -> Steps:
        walker = world.walker(actor)
        walker.idles = True
        goals = places(world, self.route)
        speed = walking_speed_mps(world, actor) if self.speed is None else self.speed
        while True:
            walker.go(goals, speed, self.acceleration)
            orders = walker.orders
            while not walker.halted and not walker.struck and walker.orders == orders:
                yield
            if walker.orders != orders or walker.struck or not self.repeat:
                return
            yield
