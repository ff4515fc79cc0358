"""Bodies with limbs that lie on the ground: where each limb comes to rest, and how high the whole of it lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from simgen.core.geometry import Array, about, pose, transform
from simgen.scene.body import CollisionShape, Lying, Part

GIVES_M = 0.01
"""By how much what lies is pressed flat: flesh and clothes give way."""
_HALVINGS = 10
_EVEN_M = 0.005
"""What the ground may stand out of a plane below what lies on that."""


class Limbed(Protocol):
    """What has limbs, as a body or on one: parts and what moves them."""

    @property
    def parts(self) -> tuple[Part, ...]: ...

    def pose_parts(self, joints: Array | None) -> Array:
        """(N, 4, 4) frames of the parts at these joints (J,)."""
        ...


def at_rest(body: Limbed, lying: Lying, down: Array) -> Array:
    """Joints (J,) of a body all of whose limbs lie on the ground; ``down`` (3,) unit, body frame."""
    joints = lying.joints.copy()
    ground = _deepest(body, joints, _points(body, lying.base), down) - GIVES_M
    for limb in lying.limbs:
        points = _points(body, limb.parts)
        lifted, lowered = limb.lifted, limb.lowered
        for _ in range(_HALVINGS):
            joints[limb.joint] = middle = 0.5 * (lifted + lowered)
            if _deepest(body, joints, points, down) > ground:
                lowered = middle
            else:
                lifted = middle
        joints[limb.joint] = lifted
    return joints


def _points(body: Limbed, names: tuple[str, ...]) -> list[tuple[int, Array]]:
    """(part, points (N, 3) in its frame) of the parts whose names begin so."""
    return [
        (i, np.asarray(part.mesh.vertices_m, dtype=np.float64))
        for i, part in enumerate(body.parts)
        if part.name.startswith(names)
    ]


def _deepest(body: Limbed, joints: Array, points: list[tuple[int, Array]], down: Array) -> float:
    poses = body.pose_parts(joints)
    return max(float((p @ (poses[i, :3, :3].T @ down)).max() + down @ poses[i, :3, 3]) for i, p in points)


def lowest_m(body: Limbed, joints: Array, names: tuple[str, ...], world_from_body: Array) -> float:
    """World height of the lowest point of the parts whose names begin so."""
    down = -world_from_body[2, :3]
    return float(world_from_body[2, 3]) - _deepest(body, joints, _points(body, names), down)


def lowest_shape_m(shapes: Sequence[CollisionShape], world_from_body: Array) -> float:
    """World height of the lowest point of collision shapes, hulls excepted."""
    return min(_lowest(shape, world_from_body @ shape.body_from_shape) for shape in shapes if shape.kind != "hull")


def _lowest(shape: CollisionShape, world_from_shape: Array) -> float:
    up, size = np.abs(world_from_shape[2, :3]), shape.size_m
    if shape.kind == "box":
        reach = 0.5 * float(up @ size)
    elif shape.kind == "sphere":
        reach = size[0]
    elif shape.kind == "capsule":
        reach = size[0] + 0.5 * size[1] * float(up[2])
    else:
        reach = size[0] * float(np.hypot(up[0], up[1])) + 0.5 * size[1] * float(up[2])
    return float(world_from_shape[2, 3]) - reach


def undersides_m(shapes: Sequence[CollisionShape]) -> Array:
    """(N, 3) points all over the undersides of upright boxes, body frame."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 9), np.linspace(-0.5, 0.5, 5))
    below = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, -0.5)])
    return np.vstack([transform(shape.body_from_shape, below * shape.size_m) for shape in shapes])


def upon(world_from_body: Array, points_m: Array, ground_m: Callable[[float, float], float]) -> Array:
    """world_from_body (4, 4) of what lies with points (N, 3) on a plane, once the ground stands out of that.

    It tips until the ground holds it up on all sides of its middle: that is a face of the hull of how deep its points
    would be in the ground. ``ground_m`` is the height of the ground at x and y.
    """
    points = transform(world_from_body, points_m)
    sunk = np.array([ground_m(x, y) for x, y in points[:, :2].tolist()]) - points[:, 2]
    if sunk.max() < _EVEN_M:
        return world_from_body
    from scipy.spatial import ConvexHull  # costs a third of a second to import

    middle = points[:, :2].mean(axis=0)
    # A floor far below closes the hull where all are sunk alike.
    floor = np.column_stack([points[:, :2], np.full(len(points), sunk.min() - 1.0)])
    faces = ConvexHull(np.vstack([np.column_stack([points[:, :2], sunk]), floor])).equations
    faces = faces[faces[:, 2] > 1e-6]
    rise = -(faces[:, :2] @ middle + faces[:, 3]) / faces[:, 2]
    held = int(np.argmin(rise))
    x, y, z = faces[held, :3]
    slope = float(np.hypot(x, y))
    across = np.array([-y, x, 0.0]) / max(slope, 1e-12)
    pivot = np.array([*middle, world_from_body[2, 3]])
    tip = about(pivot, across, float(np.arctan2(slope, z)))
    tipped: Array = pose((0.0, 0.0, rise[held])) @ tip @ world_from_body
    points = transform(tipped, points_m)
    tipped[2, 3] += max(ground_m(x, y) - z for x, y, z in points.tolist())
    return tipped
