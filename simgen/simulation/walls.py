"""What nobody walks through: walls, fences and racks, and what stands about: posts, trunks, benches, guard rails."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.body import Body
from simgen.scene.stage import Fixture, Stage
from simgen.simulation.neighbours import Boxes, grounds, shape_boxes

if TYPE_CHECKING:
    from simgen.simulation.physics import Physics

TALL_M, LONG_M = 1.4, 1.0
"""A wall is taller and longer: before it one stops, for nobody sees over it where it ends. About all else one goes."""
STEPPED_OVER_M = 0.25
"""What is lower is in nobody's way on foot."""
KEEPS_M = 0.15
"""Room that is left in front of whoever stops before a wall."""
WIDEST_M = 0.35
"""Half of the room that somebody takes up between two things, at most: one turns a shoulder."""
_TOUCHES_M = 0.05
_SEEN_OVER = frozenset({"car", "van", "truck", "bus", "motorcycle", "bicycle"})
"""Long and tall as they may be, everyone knows where they end."""


class Met(NamedTuple):
    """What is in the way: how far one gets before it, metres, and whose it is."""

    free_m: float
    name: str


class Walls:
    """Finds how far somebody may walk and what lies in the way, by upright boxes around what it is made of."""

    def __init__(self, physics: Physics, stage: Stage, standing: Callable[[], Sequence[Fixture]] | None = None) -> None:
        """``standing`` gives the actors that stand about like fixtures; the same sequence while none of them moves."""
        ground = grounds(stage)
        self._stage, self._standing = stage, standing
        self._fixed = [f for f in stage.fixtures if f.name in physics and f.name not in ground]
        self._made: _Solids | None = None
        self._actors: Sequence[Fixture] = ()

    def _solids(self) -> _Solids:
        """As they stand now."""
        actors = () if self._standing is None else self._standing()
        if self._made is None or actors is not self._actors:
            self._actors = actors
            self._made = _Solids(self._stage, [*self._fixed, *actors])
        return self._made

    def before(
        self, body: Body, height_m: float, start_m: tuple[float, float], end_m: tuple[float, float]
    ) -> tuple[Met, Met]:
        """How far a body that stands at a height gets on the straight way between two places before a wall, and before
        anything else; the length of the way and "" where nothing stops it. What it stands in already does not."""
        long = math.dist(start_m, end_m)
        wide = half_width_m(body)
        front = reach_m(body)
        solids = self._solids()
        x, y = ((min(here, there), max(here, there)) for here, there in zip(start_m, end_m, strict=True))
        among, wall = solids.near(x, y, max(wide, front), height_m, body)
        free = Met(long, "")
        if long == 0.0 or not len(among):
            return free, free
        center, half, axes = solids.center[among], solids.half[among], solids.axes[among]
        offset = (axes @ (np.array(start_m) - center)[:, :, None])[:, :, 0]
        way = axes @ (np.array(end_m) - start_m)
        # Whoever stands close to a wall may go along it.
        close = (np.abs(offset) < half + wide).all(axis=1)
        grown = np.where(close, _TOUCHES_M, wide)[:, None] + half
        inside = (np.abs(offset) < grown).all(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (-grown - offset) / way, (grown - offset) / way
        still = way == 0.0
        misses = (still & (np.abs(offset) >= grown)).any(axis=1)
        enters = np.where(still, -np.inf, np.minimum(a, b)).max(axis=1)
        leaves = np.where(still, np.inf, np.maximum(a, b)).min(axis=1)
        hit = ~inside & ~misses & (enters < leaves) & (enters >= 0.0)
        frees = np.where(hit, np.maximum(0.0, enters * long - (front - grown[:, 0] + half[:, 0])), np.inf)
        found = []
        for kind in (wall, ~wall):
            these = np.where(kind, frees, np.inf)
            first = int(these.argmin())
            found.append(Met(float(these[first]), solids.names[among[first]]) if these[first] < long else free)
        return found[0], found[1]

    def close_to(self, body: Body, height_m: float, points_m: Array, room_m: float) -> Close:
        """What a body at a height may meet within so much room of places (P, 2)."""
        solids = self._solids()
        x, y = zip(points_m.min(axis=0).tolist(), points_m.max(axis=0).tolist(), strict=True)
        among, wall = solids.near(x, y, room_m, height_m, body)
        return Close(
            tuple(solids.names[k] for k in among.tolist()),
            wall,
            solids.center[among],
            solids.half[among],
            solids.axes[among],
        )


class Close(NamedTuple):
    """Boxes near a way: names, which are walls (n,), their middles and half sizes (n, 2), and the directions along and
    across each (n, 2, 2)."""

    names: tuple[str, ...]
    wall: NDArray[np.bool_]
    center: Array
    half: Array
    axes: Array

    def only(self, chosen: NDArray[np.bool_]) -> Close:
        """Those that are chosen (n,)."""
        names = tuple(name for name, kept in zip(self.names, chosen.tolist(), strict=True) if kept)
        return Close(names, self.wall[chosen], self.center[chosen], self.half[chosen], self.axes[chosen])

    def distances_m(self, points_m: Array) -> Array:
        """(..., n) from places (..., 2) to each of the boxes; 0 within."""
        away = points_m[..., None, :] - self.center
        beyond = np.abs(np.einsum("nij,...nj->...ni", self.axes, away)) - self.half
        x, y = np.moveaxis(np.maximum(beyond, 0.0), -1, 0)
        result: Array = np.hypot(x, y)
        return result


class _Solids:
    """The boxes themselves, as arrays."""

    def __init__(self, stage: Stage, fixtures: Sequence[Fixture]) -> None:
        found = [(fixture, *box) for fixture in fixtures for box in shape_boxes(fixture)]
        self.names = [fixture.name for fixture, *_ in found]
        poses = np.array([pose for _, pose, _, _ in found]).reshape(-1, 4, 4)
        centers, sizes = (np.array([box[k] for box in found]).reshape(-1, 3) for k in (2, 3))
        boxes = Boxes.around(poses, centers, sizes)
        middle = (poses[:, 2, :3] * centers).sum(axis=1) + poses[:, 2, 3]
        half = 0.5 * (np.abs(poses[:, 2, :3]) * sizes).sum(axis=1)
        self.low, self.high = middle - half, middle + half
        self.center, self.half = boxes.center_m, boxes.half_m
        low, high = boxes.span()
        self._span = low.T.copy(), high.T.copy()
        # (n, 2, 2): along and across each box
        self.axes = np.stack([boxes.forward, boxes.forward[:, ::-1] * (-1.0, 1.0)], axis=1)
        self.level = np.full(len(found), np.nan)
        if stage.road is not None:
            # On a slope the ground there counts, not that below who is still far away.
            self.level = np.array([stage.road.ground_at(x, y) for x, y in self.center.tolist()])
        seen_over = np.array([fixture.body.semantic in _SEEN_OVER for fixture, *_ in found], dtype=np.bool_)
        self._long = ~seen_over & (sizes[:, :2].max(axis=1, initial=0.0) >= LONG_M)

    def near(
        self,
        x_m: tuple[float, float],
        y_m: tuple[float, float],
        room_m: float,
        height_m: float,
        body: Body,
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Which boxes reach into so much room around a rectangle of the ground, between the feet and the head of a body
        that stands at a height; and which of them are walls."""
        within = np.ones(len(self.low), dtype=np.bool_)
        for low, high, (first, last) in zip(*self._span, (x_m, y_m), strict=True):
            within &= (low < last + room_m) & (high > first - room_m)
        among = np.flatnonzero(within)
        level = np.where(np.isnan(self.level[among]), height_m, self.level[among])
        low, high = self.low[among] - level, self.high[among] - level
        wall = self._long[among] & (high > TALL_M) & (low < TALL_M)
        in_way = wall | ((high > STEPPED_OVER_M) & (low < body.box_size_m[2]))
        return among[in_way], wall[in_way]


def half_width_m(body: Body) -> float:
    """Half of the room that a body on legs takes up between two things."""
    return min(0.5 * body.box_size_m[1], WIDEST_M)


def reach_m(body: Body) -> float:
    """How far before the middle of a body lies the place of what it stops for."""
    return body.box_center_m[0] + 0.5 * body.box_size_m[0] + KEEPS_M
