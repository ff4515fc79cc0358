"""The way of somebody on foot past what stands in it: a step aside before it, along it, and back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.body import Body
from simgen.scene.road import RoadNetwork
from simgen.simulation.walls import Close, Walls, half_width_m, reach_m

ASIDE_MOST_M = 3.0
"""Nobody goes further to the side; he stops."""
ASIDE_STEP_M = 0.05
SPARE_M = 0.1
"""Room that is left beside what is passed, beyond half of the walker's width."""
SWERVE_MPS2 = 1.2
"""Greatest acceleration to the side of who has seen in time what he goes round."""
APART_S = (2.4, 1.0, 0.0)
"""What follows each other within so long is passed in one; where there is no room for that, what follows closer."""
TURNS_RAD = 0.5
"""Places whose ways turn by less are passed as one way."""
_HAIR_M = 1e-6
TAIL_M = 1.0
"""So far beyond its end the places of a sidestep go on, to lead onto the line and not only near it."""
LOOK_M, POINT_M = 0.1, 0.05
"""Spacing of the places at which a way is looked at, and of those that lead round something."""
_JERK = 10.0 / math.sqrt(3.0)
"""Greatest second derivative of 10 u³ - 15 u⁴ + 6 u⁵ between 0 and 1."""


class Place(NamedTuple):
    """A place on a way.

    Attributes:
        leg: how far along the way as it was told, in places: 1.5 is midway from the second to the third.
        aside: it leads round something.
    """

    x_m: float
    y_m: float
    leg: float
    aside: bool = False


class Passage(NamedTuple):
    """A way as it can be walked.

    Attributes:
        blocked_by: what ends it, or "".
    """

    places: tuple[Place, ...]
    blocked_by: str = ""


class Sidestep(NamedTuple):
    """Where along a line, metres, one leaves it, walks beside it at an offset (to the left), and is back on it."""

    leaves_m: float
    beside_m: float
    ends_m: float
    back_m: float
    offset_m: float

    def offsets(self, along_m: Array) -> Array:
        """To the left of the line at places along it, by the course of least jerk (Flash and Hogan 1985)."""
        out, back = (
            np.clip((along_m - a) / max(b - a, 1e-9), 0.0, 1.0)
            for a, b in ((self.leaves_m, self.beside_m), (self.ends_m, self.back_m))
        )
        share: Array = _eased(out) - _eased(back)
        return self.offset_m * share


def _eased(u: Array) -> Array:
    result: Array = u**3 * (10.0 - 15.0 * u + 6.0 * u**2)
    return result


class Line:
    """A way without sharp turns: its corners (n, 2) and how far along it they lie (n,)."""

    def __init__(self, corners_m: Array) -> None:
        self.corners = corners_m
        self.along = np.append(0.0, np.hypot(*np.diff(corners_m, axis=0).T).cumsum())
        self.length_m = float(self.along[-1])

    def at(self, along_m: Array, offsets_m: Array | float = 0.0) -> Array:
        """(..., 2) places along it, and to its left."""
        places = np.stack([np.interp(along_m, self.along, self.corners[:, k]) for k in (0, 1)], axis=-1)
        # Across the way as it runs from a little before to a little after
        ends = [
            np.stack([np.interp(along_m + d, self.along, self.corners[:, k]) for k in (0, 1)], axis=-1)
            for d in (-LOOK_M, LOOK_M)
        ]
        ahead = ends[1] - ends[0]
        ahead /= np.maximum(np.hypot(ahead[..., 0], ahead[..., 1]), 1e-12)[..., None]
        left = np.stack([-ahead[..., 1], ahead[..., 0]], axis=-1)
        result: Array = places + np.asarray(offsets_m)[..., None] * left
        return result


def passage(
    walls: Walls,
    body: Body,
    height_m: float,
    start_m: tuple[float, float],
    way_m: Sequence[tuple[float, float]],
    speed_mps: float,
    road: RoadNetwork | None,
) -> Passage:
    """The way from a place through others for a body on legs that stands at a height: before walls it ends, what else
    stands in it is passed where there is room."""
    places: list[Place] = []
    at = start_m
    blocked, hit = "", False
    for leg, goal in enumerate(way_m):
        wall, thing = walls.before(body, height_m, at, goal)
        hit = hit or bool(thing.name and thing.free_m < wall.free_m)
        if wall.name:
            blocked = wall.name
            share = wall.free_m / math.dist(at, goal)
            if share > 0.0:
                x, y = (a + share * (b - a) for a, b in zip(at, goal, strict=True))
                places.append(Place(x, y, leg - 1.0 + share))
            break
        places.append(Place(*goal, float(leg)))
        at = goal
    if not hit:
        return Passage(tuple(places), blocked)
    kept: list[Place] = []
    before = Place(*start_m, -1.0)
    for stretch in _stretches(before, places):
        past, name = _past(walls, body, height_m, [before, *stretch], speed_mps, road)
        kept += past
        if name:
            return Passage(tuple(kept), name)
        before = stretch[-1]
    return Passage(tuple(kept), blocked)


def _stretches(start: Place, places: Sequence[Place]) -> Iterator[list[Place]]:
    """Places in turn, a new list wherever the way turns sharply."""
    stretch: list[Place] = []
    course, last = None, start
    for place in places:
        if math.dist(place[:2], last[:2]) > 1e-6:
            heading = math.atan2(place.y_m - last.y_m, place.x_m - last.x_m)
            if course is not None and abs(math.remainder(heading - course, math.tau)) > TURNS_RAD:
                yield stretch
                stretch = []
            course = heading
        stretch.append(place)
        last = place
    yield stretch


def _past(
    walls: Walls,
    body: Body,
    height_m: float,
    places: Sequence[Place],
    speed_mps: float,
    road: RoadNetwork | None,
) -> tuple[list[Place], str]:
    """The places of one stretch after the first, with those that lead round what stands in it; and what ends it."""
    line = Line(np.array([place[:2] for place in places]))
    legs = np.array([place.leg for place in places])
    close = walls.close_to(body, height_m, line.corners, ASIDE_MOST_M + 1.0)
    for apart_s in APART_S:
        apart_m = max(apart_s * speed_mps, 2.0 * LOOK_M)
        steps, stop_m, name = _sidesteps(line, close, half_width_m(body), speed_mps, apart_m, road)
        if not name:
            break
    if name:
        stop_m = max(0.0, stop_m - (reach_m(body) - half_width_m(body)))
    tails = [step.back_m + TAIL_M for step in steps]
    ends = [min(tail, stop_m, *(step.leaves_m for step in steps[k + 1 :])) for k, tail in enumerate(tails)]
    aside = [np.arange(step.leaves_m + POINT_M, end, POINT_M) for step, end in zip(steps, ends, strict=True)]
    extra = np.concatenate([np.zeros(0), *aside])
    # Where it pauses, the way has several places that lie equally far along it: those stay as they are
    corners = line.along[1:] <= stop_m
    along = np.concatenate([line.along[1:][corners], extra])
    leg = np.concatenate([legs[1:][corners], np.interp(extra, line.along, legs)])
    if name and stop_m > 0.0:
        along, leg = np.append(along, stop_m), np.append(leg, np.interp(stop_m, line.along, legs))
    order = np.lexsort((leg, along))
    along, leg = along[order], leg[order]
    offsets, leads = np.zeros(len(along)), np.zeros(len(along), dtype=np.bool_)
    for step, end in zip(steps, ends, strict=True):
        offsets += step.offsets(along)
        leads |= (along > step.leaves_m) & (along < end)
    where = line.at(along, offsets)
    where[~leads] = np.stack([np.interp(along[~leads], line.along, line.corners[:, k]) for k in (0, 1)], axis=-1)
    rows = zip(where.tolist(), leg.tolist(), leads.tolist(), strict=True)
    return [Place(x, y, on, led) for (x, y), on, led in rows], name


def _sidesteps(
    line: Line, close: Close, wide_m: float, speed_mps: float, apart_m: float, road: RoadNetwork | None
) -> tuple[list[Sidestep], float, str]:
    """How to get past what stands in a line; how far that leads, and what ends it there."""
    along = np.linspace(0.0, line.length_m, 1 + max(1, math.ceil(line.length_m / LOOK_M)))
    distances = close.distances_m(line.at(along))
    room = _Room(wide_m, line.length_m, distances[0], distances[-1])
    hits = (distances < room.at(along)) & ~close.wall
    steps: list[Sidestep] = []
    hit: NDArray[np.bool_] = np.logical_or.reduce(hits, axis=1)
    runs = _runs(hit, along, apart_m)
    for k, (first, last) in enumerate(runs):
        name = close.names[int(hits[first].argmax())]
        if last + 1 == len(along):
            # It is bound for the inside of it
            return steps, float(along[first]), name
        low = 0.0 if k == 0 else 0.5 * (along[runs[k - 1][1]] + along[first])
        high = line.length_m if k + 1 == len(runs) else 0.5 * (along[last] + along[runs[k + 1][0]])
        span = (max(0.0, float(along[first]) - LOOK_M), min(line.length_m, float(along[last]) + LOOK_M))
        within = distances[first : last + 1] < ASIDE_MOST_M + wide_m + SPARE_M
        near: NDArray[np.bool_] = np.logical_or.reduce(within, axis=0)
        step = _sidestep(line, close.only(near), room.only(near), span, (float(low), float(high)), speed_mps, road)
        if step is None:
            return steps, float(along[first]), name
        steps.append(step)
    return steps, line.length_m, ""


class _Room(NamedTuple):
    """Room that is left to each thing near a line: half of the walker's width, and near the ends of the line no more
    than there is (n,). Who starts within something may leave it."""

    wide_m: float
    length_m: float
    first_m: Array
    last_m: Array

    def only(self, chosen: NDArray[np.bool_]) -> _Room:
        return self._replace(first_m=self.first_m[chosen], last_m=self.last_m[chosen])

    def at(self, along_m: Array) -> Array:
        """(N, n) at places (N,) along the line."""
        wide, reach = self.wide_m, self.wide_m + SPARE_M
        started = np.where((along_m < reach)[:, None], self.first_m - _HAIR_M, wide)
        ending = np.where((along_m > self.length_m - reach)[:, None] & (self.last_m > 0.0), self.last_m - _HAIR_M, wide)
        room: Array = np.where(self.first_m > 0.0, np.minimum(wide, np.minimum(started, ending)), -1.0)
        return room


def _runs(hit: NDArray[np.bool_], along: Array, apart_m: float) -> list[tuple[int, int]]:
    """First and last of those that follow each other no further apart than this."""
    runs: list[tuple[int, int]] = []
    for k in np.flatnonzero(hit).tolist():
        if runs and along[k] - along[runs[-1][1]] < apart_m:
            runs[-1] = (runs[-1][0], k)
        else:
            runs.append((k, k))
    return runs


def _sidestep(
    line: Line,
    close: Close,
    room: _Room,
    span_m: tuple[float, float],
    limits_m: tuple[float, float],
    speed_mps: float,
    road: RoadNetwork | None,
) -> Sidestep | None:
    """The least that passes all that is near while one is between two places along a line, and leaves and regains the
    line within limits; None where there is none. Who is not on a carriageway keeps off it if that is possible."""
    beside = np.linspace(*span_m, 2 + math.ceil((span_m[1] - span_m[0]) / LOOK_M))
    count = round(ASIDE_MOST_M / ASIDE_STEP_M)
    offsets = np.repeat(np.arange(1, count + 1) * ASIDE_STEP_M, 2) * np.tile((1.0, -1.0), count)
    least = room.at(beside)
    least = np.where(least == room.wide_m, least + SPARE_M, least)
    clear = (close.distances_m(line.at(beside, offsets[:, None])) >= least).all(axis=(1, 2))
    kept_off = road is not None and not any(driven_on(road, at) for at in line.at(np.array(span_m)))
    onto_road = None
    for offset in offsets[clear].tolist():
        step = _eased_in(offset, span_m, limits_m, speed_mps)
        along = np.linspace(step.leaves_m, step.back_m, 2 + math.ceil((step.back_m - step.leaves_m) / LOOK_M))
        if not (close.distances_m(line.at(along, step.offsets(along))) >= room.at(along)).all():
            continue
        if road is None or not kept_off or not any(driven_on(road, at) for at in line.at(np.array(span_m), offset)):
            return step
        onto_road = onto_road or step
    return onto_road


def _eased_in(
    offset_m: float, span_m: tuple[float, float], limits_m: tuple[float, float], speed_mps: float
) -> Sidestep:
    """As gently as the walker likes, or as there is room for."""
    wanted = max(speed_mps * math.sqrt(_JERK * abs(offset_m) / SWERVE_MPS2), abs(offset_m))
    return Sidestep(max(limits_m[0], span_m[0] - wanted), *span_m, min(limits_m[1], span_m[1] + wanted), offset_m)


def driven_on(road: RoadNetwork, at: Array) -> bool:
    """Whether a place (2,) is on a part of the main road where vehicles are."""
    lane = road.lane_at(*road.locate(at))
    return lane is not None and lane.kind in ("driving", "parking", "biking", "restricted")
