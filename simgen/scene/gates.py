"""Drop sides: boards around a load bed that hang on hinges along their lower edges, and fall open."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.body import Body, Gate

HANGING_RAD = math.pi


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """Poses of the parts of a body with drop sides: its own, then those of each side in turn. Joints: the body's own,
    then the sides' angles."""

    own: Callable[[Array], Array]
    own_joints: int
    gates: tuple[Gate, ...]
    gate_parts: tuple[int, ...]

    def __call__(self, joints: Array) -> Array:
        poses = [self.own(joints[: self.own_joints])]
        for gate, angle, count in zip(self.gates, joints[self.own_joints :], self.gate_parts, strict=True):
            turned = gate.body_from_upright(float(angle))
            poses.append(np.broadcast_to(turned, (count, 4, 4)))
        return np.concatenate(poses)


def opened(body: Body, gate: Gate) -> Body:
    """The body with this drop side hanging, out of the way of what slides off the bed."""
    rest = np.array(body.joint_rest)
    rest[body.joints.index(gate.joint)] = HANGING_RAD
    return replace(
        body,
        collision=tuple(shape for shape in body.collision if shape is not gate.board),
        joint_rest=tuple(rest.tolist()),
        rest=body.pose_parts(rest),
    )
