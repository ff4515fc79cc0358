from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity, text
from simgen.core.errors import UnknownName
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("move_joints")
class MoveJoints(Action):
    """Moves one joint of a robot to a position; the others stay as they are."""

    joint: str = text(help="name of the joint, such as panda_joint4")
    position: float = quantity("rad", help="where to")
    duration: float | None = quantity(
        "s", low=0.02, high=60, default=None, help="time it takes; half of the joint's top speed when left out"
    )

    def run(self, world: World, subject: str) -> Steps:
        robot = world.robot(subject)
        names = robot.entity.body.joints
        if self.joint not in names:
            raise UnknownName(kind="joint", name=self.joint, known=names, where=f"actors.{subject}")
        goal = robot.targets.copy()
        goal[names.index(self.joint)] = self.position
        yield from robot.move_joints(goal, self.duration)
