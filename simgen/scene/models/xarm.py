"""The UFACTORY xArm 6 with a parallel gripper."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from simgen.core.vocabulary import models
from simgen.scene import urdf
from simgen.scene.body import Body
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel
from simgen.scene.models.arm import GREY, WHITE, arm_body, gripper_elements, gripper_parts

CELL_M = 0.004
REST = {"joint1": 0.0, "joint2": -0.35, "joint3": -0.75, "joint4": 0.0, "joint5": 1.10, "joint6": 0.0}


@models.register("xarm")
class Xarm(ActorModel):
    """A UFACTORY xArm 6: six joints, 0.7 m reach, a parallel gripper of 8.5 cm stroke, a camera on the wrist."""

    semantic: ClassVar[str] = "robot"
    # pybullet_data ships the arm's files without a statement of their licence.
    licence: ClassVar[str] = "NOASSERTION"

    def build(self) -> Body:
        return _body()


@lru_cache(maxsize=1)
def _body() -> Body:
    path = urdf.bundled("xarm/xarm6_robot_white.urdf")
    text = urdf.extended(path, gripper_elements("link6", 0.0), {})
    return arm_body(text, "xarm6", Xarm.licence, REST, _finish, CELL_M, gripper_parts())


def _finish(link: str, color: Rgb) -> Material:
    return GREY if link == "link6" else WHITE
