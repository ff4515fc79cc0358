"""What an arm holds and how its joints stand."""

from __future__ import annotations

import numpy as np

from simgen.core.declare import quantity, reference, text
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array, inverse, transform
from simgen.core.vocabulary import conditions
from simgen.scene.scene import Entity
from simgen.scene.situation import Condition, Situation


@conditions.register("grasped")
class Grasped(Condition):
    """A thing is held between the fingers of a robot, and touches nothing else."""

    thing: str = reference("actor", help="the thing")
    margin: float = quantity("m", low=0, high=0.1, default=0.01, help="how far the finger tips may lie outside its box")

    def measure(self, situation: Situation) -> bool:
        touching = [a if b == self.thing else b for a, b in situation.contacts if self.thing in (a, b)]
        if len(touching) != 1:
            return False
        holder = next((e for e in situation.scene.entities if e.name == touching[0]), None)
        if holder is None or holder.body.hand is None:
            return False
        body = situation.body(self.thing)
        local = transform(inverse(situation.pose(self.thing)), _between_fingers(situation, holder))
        outside = np.abs(local - body.box_center_m) - np.array(body.box_size_m) / 2
        return bool(outside.max() <= self.margin)


@conditions.register("joint_position")
class JointPosition(Condition):
    """Where a joint of a robot stands, in radians; a sliding joint counts metres as such."""

    unit = "rad"

    robot: str = reference("actor", help="the robot")
    joint: str = text(help="name of the joint, such as panda_joint4")

    def measure(self, situation: Situation) -> float:
        entity = situation.scene.entity(self.robot)
        if not entity.body.joints:
            raise SimgenError(f"'{self.robot}' has no joints", where=f"actors.{self.robot}")
        if self.joint not in entity.body.joints:
            raise UnknownName(kind="joint", name=self.joint, known=entity.body.joints, where=f"actors.{self.robot}")
        return float(situation.snapshot.joints[entity.joints][entity.body.joints.index(self.joint)])


def _between_fingers(situation: Situation, robot: Entity) -> Array:
    """(3,) the point midway between the finger tips, world frame."""
    body = robot.body
    parts = body.pose_parts(situation.snapshot.joints[robot.joints])
    names = [part.name for part in body.parts]
    tips = []
    for tip in ("left_finger_tip", "right_finger_tip"):
        part, position = body.keypoints[tip]
        tips.append(transform(parts[names.index(part)], position))
    middle: Array = transform(situation.pose(robot.name), (tips[0] + tips[1]) / 2)
    return middle
