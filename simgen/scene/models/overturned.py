"""How a two-wheeler lies that has fallen over, and beside it on the ground who rode it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.geometry import Array, pose, rotation_z, rotations_between
from simgen.scene.body import CollisionShape, Part
from simgen.scene.lying import at_rest
from simgen.scene.models.figure import Skeleton
from simgen.scene.models.gait import Gait

_SIDEWAYS = 0.7
"""Cosine of how far the face that a machine lies on may be turned from its side."""
_OUTWARDS_RAD, _AHEAD_M, _CLEAR_M = 0.3, 0.15, 0.02
"""A rider goes over ahead and away from the machine: the turn of his trunk from where he rode, how far his pelvis gets,
and the gap that is left between the two."""
_SAMPLES_M = 0.01
PARENTS = (0, 0, 1, 1, 3, 4, 1, 6, 7, 0, 9, 10, 0, 12, 13)
"""Of each of the ``SEGMENTS`` of a figure, the one that it hangs from."""


class Rest(NamedTuple):
    """How all of it lies, in the frame of the ground below the machine: x where it was heading, z up.

    ``turned`` (3, 3): the machine; ``fork_rad``: its fork; ``segments`` (15, 4, 4) of who rode it.
    """

    turned: Array
    fork_rad: float
    segments: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Corners (N, 3) of the convex hulls of pieces, each in the frame of its piece, and the places (N,) of these."""

    points_m: Array
    of: NDArray[np.int64]

    @classmethod
    def around(cls, pieces: Sequence[tuple[int, ArrayLike]]) -> Self:
        """Of points (n, 3) by place."""
        from scipy.spatial import ConvexHull  # costs a third of a second to import

        points: dict[int, list[Array]] = {}
        for place, own in pieces:
            points.setdefault(place, []).append(np.asarray(own, dtype=np.float64))
        hulls = {place: (own := np.vstack(rows))[ConvexHull(own).vertices] for place, rows in points.items()}
        return cls(np.vstack(list(hulls.values())), np.repeat(list(hulls), [len(hull) for hull in hulls.values()]))

    def at(self, frames: Array) -> Array:
        """(N, 3) where they are with the pieces at these frames (K, 4, 4)."""
        own = frames[self.of]
        result: Array = (own[:, :3, :3] @ self.points_m[:, :, None])[:, :, 0] + own[:, :3, 3]
        return result

    def lowest_m(self, frames: Array) -> float:
        own = frames[self.of]
        return float(((own[:, 2, :3] * self.points_m).sum(axis=1) + own[:, 2, 3]).min())


def on_its_side(points_m: Array, center_m: Array, side: float) -> tuple[Array, float]:
    """Rotation (3, 3) with which a rigid body lies on its left (side 1) or on its right (-1), and how high its centre
    of gravity is then.

    It lies on a face of its convex hull. Where the centre of gravity is lowest, its potential energy has a minimum:
    nothing tips from there.
    """
    from scipy.spatial import ConvexHull  # costs a third of a second to import

    faces = ConvexHull(points_m).equations
    heights = np.where(side * faces[:, 1] > _SIDEWAYS, -(faces[:, :3] @ center_m + faces[:, 3]), np.inf)
    lowest = int(np.argmin(heights))
    down, ahead = faces[lowest, :3], np.array([1.0, 0.0, 0.0])
    x = ahead - down * (down @ ahead)
    x /= np.linalg.norm(x)
    return np.array([x, np.cross(x, down), -down]), float(heights[lowest])


def set_down(cloud: Cloud, frames: Array, *, only_up: bool = False) -> Array:
    """Frames (K, 4, 4) of the pieces raised or lowered until the lowest point of all lies on the ground at z = 0."""
    sunk_m = -cloud.lowest_m(frames)
    out = frames.copy()
    out[:, 2, 3] += max(0.0, sunk_m) if only_up else sunk_m
    return out


def limbs_between(start: Array, end: Array, share: float) -> Array:
    """Segments (15, 4, 4) of somebody a share of the way from one posture to another: each turns in its joint."""
    parents = list(PARENTS)
    locals_ = [np.linalg.inv(posture[parents]) @ posture for posture in (start, end)]
    for local, posture in zip(locals_, (start, end), strict=True):
        local[0] = posture[0]
    out: Array = locals_[0] + share * (locals_[1] - locals_[0])
    out[:, :3, :3] = rotations_between(locals_[0][:, :3, :3], locals_[1][:, :3, :3], share)
    for i, parent in enumerate(PARENTS[1:], start=1):
        out[i] = out[parent] @ out[i]
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    """A rider by himself, as he would stand; parts are named after segments."""

    skeleton: Skeleton
    parts: tuple[Part, ...]
    of: tuple[int, ...]

    def pose_parts(self, joints: Array | None) -> Array:
        assert joints is not None
        return self.skeleton.pose(joints)[list(self.of)]


def prone(skeleton: Skeleton, parts: Sequence[Part], of: Sequence[int]) -> Array:
    """(15, 4, 4) segments of who lies on his front with all limbs on the ground, in the frame that he would stand in:
    the ground is ahead of him. ``of``: the segment of each part, by whose name the part's begins."""
    lying = Gait(skeleton.legs).lying(prone=True)
    assert lying is not None
    return skeleton.pose(at_rest(_Figure(skeleton, tuple(parts), tuple(of)), lying, np.array([1.0, 0.0, 0.0])))


def beside(machine: Cloud, groups: Array, rider: Cloud, segments: Array, hips_m: Array, side: float) -> Array:
    """Segments (15, 4, 4) of somebody ``prone`` who lies on the ground beside a machine on its side.

    Args:
        groups: frames of the machine's pieces as it lies, in the frame of the ground.
        segments: as ``prone`` gives them.
        hips_m: (3,) where the machine carried his pelvis.
        side: 1 when it lies on its left.
    """
    c, s = np.cos(_OUTWARDS_RAD), side * np.sin(_OUTWARDS_RAD)
    down, head = np.array([0.0, 0.0, -1.0]), np.array([c, s, 0.0])
    turned: Array = pose(rotation=np.column_stack([down, np.cross(head, down), head])) @ segments
    turned[:, 0, 3] += hips_m[0] + _AHEAD_M - turned[0, 0, 3]
    turned = set_down(rider, turned)
    obstacle, his = machine.at(groups), rider.at(turned)
    x = np.arange(his[:, 0].min(), his[:, 0].max(), _SAMPLES_M)
    mirrored = np.array([1.0, side])
    far = np.max([_upper(obstacle[machine.of == k, :2] * mirrored, x) for k in np.unique(machine.of)], axis=0)
    near = np.max([_upper(his[rider.of == k, :2] * (1.0, -side), x) for k in np.unique(rider.of)], axis=0)
    turned[:, 1, 3] += side * (float(np.max(far + near)) + _CLEAR_M)
    return turned


def box_around(points_m: Array, yaw_rad: float) -> CollisionShape:
    """The upright box with this heading around points (N, 3)."""
    turn = rotation_z(yaw_rad)
    low, high = (points_m @ turn).min(axis=0), (points_m @ turn).max(axis=0)
    long, wide, tall = (high - low).tolist()
    return CollisionShape(
        kind="box", size_m=(long, wide, tall), body_from_shape=pose(turn @ (0.5 * (low + high)), turn)
    )


def _upper(points_m: Array, x: Array) -> Array:
    """Greatest y of the convex hull of points (N, 2) over each x, minus infinity where it has none."""
    chain: list[tuple[float, float]] = []
    for px, py in sorted(map(tuple, points_m.tolist())):
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (py - ay) < (by - ay) * (px - ax):
                break
            chain.pop()
        if chain and chain[-1][0] == px:
            chain.pop()
        chain.append((px, py))
    corners = np.array(chain)
    highest: Array = np.interp(x, corners[:, 0], corners[:, 1], left=-np.inf, right=-np.inf)
    return highest
