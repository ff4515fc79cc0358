from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.robot import TICK_S

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("protective_stop")
class ProtectiveStop(Action):
    """Stops a robot until the event is over (ISO 10218-1): an arm holds its pose, a mobile robot's wheels lock."""

    needs = ("robot", "mobile")

    over: float = quantity("s", low=0, high=5, default=0.2, help="time in which an arm's motion comes to rest")

    def run(self, world: World, subject: str) -> Steps:
        if subject in world.mobiles:
            mobile = world.mobile(subject)
            try:
                while True:
                    mobile.stopped = True
                    yield
            finally:
                mobile.stopped = False
        robot = world.robot(subject)
        ticks = round(self.over / TICK_S)
        tick = 0
        try:
            while True:
                tick += 1
                robot.pace = max(0.0, 1.0 - tick / ticks) if ticks > 0 else 0.0
                yield
        finally:
            robot.pace = 1.0
