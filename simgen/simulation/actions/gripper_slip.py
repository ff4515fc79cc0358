from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.robot import TICK_S

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("gripper_slip")
class GripperSlip(Action):
    """Lowers a gripper's force and the friction of its pads (oil, wear, a loss of pressure) until the event is over."""

    needs = ("robot",)

    friction: float = quantity("", low=0, high=1, default=0.08, help="what is left of the pads' friction")
    grip: float = quantity("", low=0, high=1, default=0.08, help="what is left of the grip force")
    over: float = quantity("s", low=0, high=10, default=0.15, help="time in which they fall")

    def run(self, world: World, subject: str) -> Steps:
        robot = world.robot(subject)
        ticks = round(self.over / TICK_S)
        tick = 0
        try:
            while True:
                share = 1.0 if tick >= ticks else (tick + 1) / (ticks + 1)
                if tick <= ticks:
                    robot.pad_share = 1.0 + (self.friction - 1.0) * share
                    robot.grip_share = 1.0 + (self.grip - 1.0) * share
                tick += 1
                yield
        finally:
            robot.pad_share = 1.0
            robot.grip_share = 1.0
