"""Which bodies may meet within a control tick: the others need not be told to the physics at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.boxes import collision_boxes
from simgen.scene.stage import Fixture, Stage

if TYPE_CHECKING:
    from simgen.simulation.physics import Physics

GROUND_CLASSES = frozenset({"road", "lane_marking", "sidewalk", "kerb", "terrain", "floor", "ground_patch"})
"""Semantic classes of what one stands on."""
ROOM_M = 0.3
MOST_MPS2 = 12.0
"""Nobody changes its velocity faster, unless something touches it."""


def grounds(stage: Stage) -> tuple[str, ...]:
    """Names of the fixtures that make up the ground, the plane below all of them included."""
    return ("ground", *(f.name for f in stage.fixtures if f.body.semantic in GROUND_CLASSES))


class Boxes(NamedTuple):
    """Upright boxes on the ground, seen from above: their middles and the directions in which they point (n, 2), and
    half of their sizes along and across that (n, 2)."""

    center_m: Array
    forward: Array
    half_m: Array

    @classmethod
    def around(cls, poses: Array, center_m: Array, size_m: Array) -> Self:
        """Around bodies at poses (n, 4, 4), whose own boxes have these centres and sizes (n, 3)."""
        rotation = poses[:, :2, :3]
        axes = np.empty((len(poses), 2, 2))
        forward, left = axes[:, 0], axes[:, 1]
        length = np.hypot(poses[:, 0, 0], poses[:, 1, 0])
        forward[:] = poses[:, :2, 0]
        upended = length <= 1e-6
        if upended.any():
            forward[upended], length[upended] = (1.0, 0.0), 1.0
        forward /= length[:, None]
        np.negative(forward[:, 1], out=left[:, 0])
        left[:, 1] = forward[:, 0]
        half = 0.5 * (np.abs(axes @ rotation) @ size_m[:, :, None])[:, :, 0]
        return cls(poses[:, :2, 3] + (rotation @ center_m[:, :, None])[:, :, 0], forward, half)

    def grown(self, by_m: Array) -> Boxes:
        """With half sizes that are greater by so much (n, 2)."""
        return self._replace(half_m=self.half_m + by_m)

    def span(self) -> tuple[Array, Array]:
        """Lowest and highest x and y (n, 2) that they reach."""
        (c, s), (long, wide) = np.abs(self.forward.T), self.half_m.T
        reach = np.empty_like(self.half_m)
        reach[:, 0], reach[:, 1] = c * long + s * wide, s * long + c * wide
        return self.center_m - reach, self.center_m + reach

    def meets(self, mine: NDArray[np.int64], other: Boxes, theirs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(p,) whether pairs of these and of other boxes share an area (separating axes)."""
        (dx, dy), (ax, ay), (bx, by) = (
            (other.center_m[theirs] - self.center_m[mine]).T,
            self.forward[mine].T,
            (other.forward[theirs].T),
        )
        (a_long, a_wide), (b_long, b_wide) = self.half_m[mine].T, other.half_m[theirs].T
        same, square = np.abs(ax * bx + ay * by), np.abs(ax * by - ay * bx)
        apart = np.abs(dx * ax + dy * ay) > a_long + b_long * same + b_wide * square
        apart |= np.abs(dy * ax - dx * ay) > a_wide + b_long * square + b_wide * same
        apart |= np.abs(dx * bx + dy * by) > b_long + a_long * same + a_wide * square
        apart |= np.abs(dy * bx - dx * by) > b_wide + a_long * square + a_wide * same
        met: NDArray[np.bool_] = ~apart
        return met


class Neighbours:
    """Finds near bodies, by boxes around them and around what fixtures are made of."""

    def __init__(self, physics: Physics, stage: Stage) -> None:
        ground = grounds(stage)
        solid = [f for f in stage.fixtures if f.name in physics and f.name not in ground]
        poses, centers, sizes = [np.zeros((0, 4, 4))], [np.zeros((0, 3))], [np.zeros((0, 3))]
        for fixture in solid:
            for pose, center, size in shape_boxes(fixture):
                poses.append(pose[None])
                centers.append(center[None])
                sizes.append(size[None])
        self._fixed = Boxes.around(np.concatenate(poses), np.concatenate(centers), np.concatenate(sizes))
        self._low, self._high = (edge.T.copy() for edge in self._fixed.span())

    def near(
        self, bodies: Boxes, velocities_mps: Array, dt_s: float, loose: NDArray[np.bool_] | None = None
    ) -> NDArray[np.bool_]:
        """(n,) whether each of these bodies may touch a fixture or another one within ``dt_s``, if one of the two
        moves; velocities (n, 2) along x and y. What is ``loose`` (n,) may press on what it touches even at rest."""
        (vx, vy), (fx, fy) = velocities_mps.T, bodies.forward.T
        speeds = np.empty_like(bodies.half_m)
        ahead, aside = speeds.T
        np.abs(vx * fx + vy * fy, out=ahead)
        np.abs(vy * fx - vx * fy, out=aside)
        moving = (ahead > 0.0) | (aside > 0.0)
        reach = bodies.grown(speeds * dt_s + 0.5 * (ROOM_M + MOST_MPS2 * dt_s * dt_s))
        low, high = reach.span()
        (low_x, low_y), (high_x, high_y) = low.T, high.T
        close = (low_x[:, None] < high_x) & (low_y[:, None] < high_y)
        close &= close.T
        restless = moving if loose is None else moving | loose
        close &= restless[:, None] | restless
        found = np.zeros(len(moving), dtype=np.bool_)
        a, b = np.nonzero(close)
        once = a < b
        a, b = a[once], b[once]
        if len(a):
            met = reach.meets(a, reach, b)
            found[a[met]] = found[b[met]] = True
        some = np.flatnonzero(moving & ~found)
        if len(some) and len(self._fixed.half_m):
            close = (low_x[some, None] <= self._high[0]) & (high_x[some, None] >= self._low[0])
            close &= low_y[some, None] <= self._high[1]
            close &= high_y[some, None] >= self._low[1]
            a, b = np.nonzero(close)
            if len(a):
                found[some[a[reach.meets(some[a], self._fixed, b)]]] = True
        return found


def shape_boxes(fixture: Fixture) -> list[tuple[Array, Array, Array]]:
    """Pose, centre and size of boxes that together hold all that collides of a fixture: a guard rail round a bend is
    many short ones."""
    return [(fixture.world_from_body @ pose, center, size) for pose, center, size in collision_boxes(fixture.body)]
