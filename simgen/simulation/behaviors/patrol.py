from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import choice, flag, quantity, several
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.mobile import REACTION_S
from simgen.simulation.robot import TICK_S
from simgen.simulation.route import places
from simgen.simulation.scanner import free_ahead_m, is_person

if TYPE_CHECKING:
    from simgen.simulation.world import World

CLEAR_S = 1.0
"""How long the field must have been clear before the robot goes on."""
WARNED = 0.5
"""Share of the speed that is left while somebody is in the warning field, twice as long as the protective one."""


@behaviors.register("patrol")
class Patrol(Behavior):
    """A mobile robot goes from place to place; its safety scanner stops it for what comes into its way."""

    needs = ("mobile",)

    route: tuple[object, ...] = several(
        help="where to: names of surfaces and actors, or pairs of coordinates: [dock_1, 4 m, 2.5 m, charging]"
    )
    speed: float = quantity("m/s", low=0.02, high=5, default=1.2, help="top speed")
    scanner: str = choice("anything", "people", "nothing", default="anything", help="what it stops for")
    distance: float = quantity("m", low=0.05, high=10, default=0.8, help="length of the protective field")
    slow: bool = flag(help="whether it slows down for what is in the warning field", default=True)
    repeat: bool = flag(help="whether it begins again at the end", default=True)

    def run(self, world: World, actor: str) -> Steps:
        robot = world.mobile(actor)
        who = is_person if self.scanner == "people" else None
        goals = places(world, self.route)
        clear = CLEAR_S
        seen = 0.0
        k = 0
        while k < len(goals):
            free = float("inf") if self.scanner == "nothing" else free_ahead_m(world.situation(), actor, who)
            seen = seen + TICK_S if free < self.distance else 0.0
            clear = 0.0 if free < self.distance else clear + TICK_S
            if clear < CLEAR_S:
                robot.stopped = seen >= REACTION_S or robot.stopped
                yield
                continue
            robot.stopped = False
            pace = WARNED if self.slow and free < 2.0 * self.distance else 1.0
            if robot.steer_to(goals[k], pace * self.speed):
                k += 1
                if self.repeat and k == len(goals):
                    k = 0
            yield
        robot.drive(0.0, 0.0)
