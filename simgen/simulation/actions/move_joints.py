from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity, text
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps, known_joint

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


@actions.register("move_joints")
class MoveJoints(Action):
    """Moves one joint of a robot to a position; the others stay as they are."""

    needs = ("robot",)
    moves = ("arm",)

    joint: str = text(help="name of the joint, such as panda_joint4")
    position: float = quantity("rad", help="where to")
    duration: float | None = quantity(
        "s", low=0.02, high=60, default=None, help="time it takes; half of the joint's top speed when left out"
    )

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        assert body is not None
        known_joint(self.joint, body)

    def run(self, world: World, subject: str) -> Steps:
        robot = world.robot(subject)
        goal = robot.targets.copy()
        goal[known_joint(self.joint, robot.entity.body)] = self.position
        yield from robot.move_joints(goal, self.duration)
