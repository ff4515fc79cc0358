from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import choice, quantity, text
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps, known_joint

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


@actions.register("joint_fault")
class JointFault(Action):
    """A joint that is stiff (slow), slipping (weak) or dead (no torque), until the event is over."""

    needs = ("robot",)

    joint: str = text(help="name of the joint, such as panda_joint4")
    kind: str = choice("stiff", "slipping", "dead", default="stiff", help="what is wrong with it")
    left: float = quantity("", low=0, high=1, default=0.1, help="share of its speed or torque that is left")

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        assert body is not None
        known_joint(self.joint, body)

    def run(self, world: World, subject: str) -> Steps:
        robot = world.robot(subject)
        index = known_joint(self.joint, robot.entity.body)
        share = robot.speed_share if self.kind == "stiff" else robot.torque_share
        try:
            share[index] = 0.0 if self.kind == "dead" else self.left
            while True:
                yield
        finally:
            share[index] = 1.0
