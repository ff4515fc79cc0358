"""The KUKA LBR iiwa 14 R820 with a parallel gripper."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from simgen.core.vocabulary import models
from simgen.scene import urdf
from simgen.scene.body import Body
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel
from simgen.scene.models.arm import GREY, SILVER, arm_body, gripper_elements, gripper_parts

FLANGE_M = 0.045

# (torque in N m, speed in rad/s) of the axes, from the maker's data sheet of the LBR iiwa 14 R820; the file states one
# figure for all of them.
LIMITS = {
    f"lbr_iiwa_joint_{i}": limit
    for i, limit in enumerate(
        ((320.0, 1.48), (320.0, 1.48), (176.0, 1.75), (176.0, 1.31), (110.0, 2.27), (40.0, 2.36), (40.0, 2.36)), 1
    )
}
# The hand points down, half an arm's length before the base.
REST = {f"lbr_iiwa_joint_{i}": position for i, position in enumerate((0.0, 0.4, 0.0, -1.6, 0.0, 1.1415927, 0.0), 1)}


@models.register("kuka_iiwa")
class KukaIiwa(ActorModel):
    """A KUKA LBR iiwa 14: seven joints, 0.82 m reach, a parallel gripper of 8.5 cm stroke, a camera on the wrist."""

    semantic: ClassVar[str] = "robot"
    licence: ClassVar[str] = "BSD-2-Clause"

    def build(self) -> Body:
        return _body()


@lru_cache(maxsize=1)
def _body() -> Body:
    path = urdf.bundled("kuka_iiwa/model.urdf")
    text = urdf.extended(path, gripper_elements("lbr_iiwa_link_7", FLANGE_M, np.pi), LIMITS)
    return arm_body(text, "kuka_iiwa", KukaIiwa.licence, REST, _finish, 0.0, gripper_parts())


def _finish(link: str, color: Rgb) -> Material:
    return GREY if link in ("lbr_iiwa_link_0", "lbr_iiwa_link_7") else SILVER
