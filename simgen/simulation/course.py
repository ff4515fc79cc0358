"""The course of one vehicle: the lanes that it follows, through junctions and along side roads, how far it is on them,
and what lies on its way: bends, stop lines, junctions."""

from __future__ import annotations

import functools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.errors import SimgenError
from simgen.core.geometry import Array
from simgen.scene.road import STEP_M, LaneKey, LanePath, Road, RoadNetwork
from simgen.scene.signals import Signal
from simgen.scene.stage import Stage

_AHEAD_M = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLine:
    """Where the traffic signal of this name holds those on a way, as a distance along it."""

    distance_m: float
    signal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The part of a way that leads through a junction."""

    key: LaneKey
    incoming: LaneKey
    start_m: float
    end_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """Lanes one after the other, ready to be driven: the same for all that take them.

    Attributes:
        x_m, y_m, heading_rad, distance_m: of the points of ``path``.
        bend_per_m: (N,) curvature, positive to the left.
        pace_mps: (N,) the most that a driver who keeps to comfortable accelerations has at each point.
    """

    keys: tuple[LaneKey, ...]
    path: LanePath
    x_m: tuple[float, ...]
    y_m: tuple[float, ...]
    heading_rad: tuple[float, ...]
    distance_m: tuple[float, ...]
    bend_per_m: tuple[float, ...]
    pace_mps: tuple[float, ...]
    stop_lines: tuple[StopLine, ...]
    crossings: tuple[Crossing, ...]

    @property
    def length_m(self) -> float:
        return self.distance_m[-1]

    def along(self, distances_m: Array) -> tuple[Array, Array, Array]:
        """x, y and heading (n,) at distances (n,) from its start; straight on beyond its end."""
        inside = np.minimum(distances_m, self.length_m)
        x = np.interp(inside, self.path.distance_m, self.path.points_m[:, 0])
        y = np.interp(inside, self.path.distance_m, self.path.points_m[:, 1])
        heading = np.interp(inside, self.path.distance_m, self.path.heading_rad)
        beyond = distances_m - inside
        return x + beyond * np.cos(heading), y + beyond * np.sin(heading), heading


@functools.lru_cache(maxsize=64)
def way_over(network: RoadNetwork, keys: tuple[LaneKey, ...], signals: tuple[Signal, ...]) -> Way:
    """Lanes that lead on into each other, as one way."""
    path = network.along(keys)
    ends = (*path.starts_m[1:], path.length_m)
    stops = []
    for signal in signals:
        for road_id, lane, s in signal.stop_lines:
            key, on = network.place_on(road_id, lane, s)
            if key in keys:
                k = keys.index(key)
                stretch = path.stretches[k]
                share = (on - stretch.start_m) / (stretch.end_m - stretch.start_m)
                share = share if stretch.direction > 0 else 1.0 - share
                at = path.starts_m[k] + share * (ends[k] - path.starts_m[k])
                stops.append(StopLine(distance_m=at, signal=signal.name))
    crossings = [
        Crossing(key=key, incoming=keys[k - 1], start_m=path.starts_m[k], end_m=ends[k])
        for k, key in enumerate(keys)
        if k > 0 and network.road(key.road).junction
    ]
    bend = path.bends()
    return Way(
        keys=keys,
        path=path,
        x_m=tuple(path.points_m[:, 0].tolist()),
        y_m=tuple(path.points_m[:, 1].tolist()),
        heading_rad=tuple(path.heading_rad.tolist()),
        distance_m=tuple(path.distance_m.tolist()),
        bend_per_m=tuple(bend.tolist()),
        pace_mps=tuple(path.paces().tolist()),
        stop_lines=tuple(sorted(stops, key=lambda stop: stop.distance_m)),
        crossings=tuple(crossings),
    )


class Course:
    """The way of one vehicle, and where on it the vehicle is. Advanced by ``follow``, once per control tick.

    Attributes:
        distance_m: how far along the way its body frame's origin is; offset_m to the left of the lane's middle.
        keep_m: the line that its driver keeps, to the left of the middle.
        stopping_for: name of the signal that its driver has decided to stop at, or ""; driven_through: of those that
            it has decided to pass although they had turned amber.
        haste: share of the usual pace that its driver takes in bends.
        held: its driver waits, or slows down to wait, at a line.
        indicates: side on which its indicators flash, or "".
        leaves: it drives on over the end of the road; others stop there.
    """

    def __init__(self, way: Way, position_m: ArrayLike, *, start_m: float = 0.0) -> None:
        self.way = way
        self.stopping_for = ""
        self.driven_through: set[str] = set()
        self.held = False
        self.leaves = False
        self.indicates = ""
        self.haste = 1.0
        self._k = max(0, bisect_right(way.distance_m, start_m) - 1)
        self.distance_m = self.offset_m = 0.0
        self.follow(position_m)
        self.keep_m = self.offset_m

    @classmethod
    def of(cls, stage: Stage, position_m: ArrayLike, heading_rad: float, route: Sequence[str] = ()) -> Course | None:
        """From a place on, over the lane that runs the way one faces there; None where there is none.

        Raises:
            UnknownName, SimgenError: a route that the roads do not have.
        """
        network = stage.road
        found = None if network is None else network.lane_key(position_m, heading_rad)
        if network is None or found is None:
            if route:
                raise SimgenError("no lane runs from here along the route", remedy="start on a lane, facing its way")
            return None
        key, s = found
        way = way_over(network, network.way(key, route), stage.signals)
        stretch = way.path.stretches[0]
        return cls(way, position_m, start_m=s - stretch.start_m if stretch.direction > 0 else stretch.end_m - s)

    def follow(self, position_m: ArrayLike) -> None:
        """Takes note of where the vehicle is now."""
        x, y = (float(v) for v in np.asarray(position_m)[:2])
        xs, ys, k = self.way.x_m, self.way.y_m, self._k
        best = (xs[k] - x) ** 2 + (ys[k] - y) ** 2
        for step in (1, -1):
            while 0 <= k + step < len(xs):
                gap = (xs[k + step] - x) ** 2 + (ys[k + step] - y) ** 2
                if gap >= best:
                    break
                best, k = gap, k + step
        self._k = k
        heading = self.way.heading_rad[k]
        c, s = math.cos(heading), math.sin(heading)
        self.distance_m = self.way.distance_m[k] + c * (x - xs[k]) + s * (y - ys[k])
        self.offset_m = c * (y - ys[k]) - s * (x - xs[k])

    @property
    def left_m(self) -> float:
        """How far it is to the end of the way."""
        return self.way.length_m - self.distance_m

    def _point(self, way_m: float) -> tuple[int, float]:
        """The point of the way that is this far on, and how far beyond it."""
        d = self.distance_m + way_m
        k = min(max(bisect_right(self.way.distance_m, d) - 1, 0), len(self.way.distance_m) - 1)
        return k, d - self.way.distance_m[k]

    def ahead(self, way_m: float) -> tuple[float, float, float]:
        """x and y of the point on the line that the driver keeps, this far on, and the heading there."""
        k, on = self._point(way_m)
        heading = self.way.heading_rad[k] + on * self.way.bend_per_m[k] * (k + 1 < len(self.way.x_m))
        c, s = math.cos(heading), math.sin(heading)
        x, y = self.way.x_m[k] + on * c, self.way.y_m[k] + on * s
        return x - s * self.keep_m, y + c * self.keep_m, heading

    def bend_per_m(self, way_m: float, over_m: float = 0.0) -> float:
        """Curvature of the line that the driver keeps, this far on, as the mean over a way; positive to the left."""
        bend = self.way.bend_per_m[self._point(way_m)[0]]
        if over_m > 2.0 * STEP_M:
            a, b = self._point(way_m - 0.5 * over_m)[0], self._point(way_m + 0.5 * over_m)[0]
            way = self.way
            turned = way.heading_rad[b] - way.heading_rad[a]
            bend = turned / max(way.distance_m[b] - way.distance_m[a], STEP_M)
        return bend / max(1.0 - bend * self.keep_m, 0.3)

    def pace_mps(self) -> tuple[float, bool]:
        """The speed that the bends here and ahead leave a driver, and whether it falls from here on."""
        paces = self.way.pace_mps
        k, on = self._point(0.0)[0], self._point(_AHEAD_M)[0]
        return self.haste * paces[k], paces[on] < paces[k] - 1e-9

    def stands(self) -> tuple[Road, float, int]:
        """The road that it is on, s there, and +1 where it goes along s."""
        return self.at(self.distance_m)

    def at_lane(self, distance_m: float) -> int:
        """Number of the lane at a distance along the way."""
        return self.way.keys[max(0, bisect_right(self.way.path.starts_m, distance_m) - 1)].lane

    def at(self, distance_m: float) -> tuple[Road, float, int]:
        """The road at a distance along the way, s there, and +1 where it goes along s."""
        path = self.way.path
        k = max(0, bisect_right(path.starts_m, distance_m) - 1)
        stretch = path.stretches[k]
        end = path.starts_m[k + 1] if k + 1 < len(path.starts_m) else path.length_m
        share = min(max((distance_m - path.starts_m[k]) / (end - path.starts_m[k]), 0.0), 1.0)
        share = share if stretch.direction > 0 else 1.0 - share
        return stretch.road, stretch.start_m + share * (stretch.end_m - stretch.start_m), stretch.direction

    def onward(self) -> tuple[str, ...]:
        """The roads that lie ahead, those through junctions left out: the rest of its route."""
        k = max(0, bisect_right(self.way.path.starts_m, self.distance_m) - 1)
        return tuple(dict.fromkeys(s.road.id for s in self.way.path.stretches[k + 1 :] if not s.road.junction))

    @property
    def here(self) -> LaneKey:
        """The lane that it is in."""
        return self.way.keys[max(0, bisect_right(self.way.path.starts_m, self.distance_m) - 1)]


def needs_courses(stage: Stage) -> bool:
    """Whether vehicles need to know their lanes, because these lead to junctions or signals; elsewhere it is enough to
    keep a line on the main road."""
    return stage.road is not None and bool(stage.road.junctions or any(s.stop_lines for s in stage.signals))
