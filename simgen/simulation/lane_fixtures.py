"""What of the setting stands in the lanes: barriers of roadworks, a post that a lane runs into."""

from __future__ import annotations

import math
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.core.keeping import KEPT
from simgen.scene.boxes import collision_boxes
from simgen.scene.road import Road
from simgen.scene.road.network import DRIVEN
from simgen.scene.scene import CAR_M, Scene
from simgen.scene.situation import LOW_M, Situation
from simgen.simulation.neighbours import GROUND_CLASSES, Boxes

BESIDE_M = 0.3
"""How far something may reach into a lane without being in it."""
_STATION_M = 1.0
_COARSE = 4
_MOST_DISCS = 24


class LaneFixtures(NamedTuple):
    """Discs that stand for what is, at the height of a car, in lanes where vehicles drive or between such that end
    before it and begin beyond: whose each is (n,), by the index of the entity, its middle (n, 2) and radius (n,)."""

    entity: NDArray[np.int64]
    center_m: Array
    radius_m: Array


_FOUND: WeakKeyDictionary[Scene, LaneFixtures] = WeakKeyDictionary()


def lane_fixtures(situation: Situation) -> LaneFixtures:
    """Those of a scene; found when first asked for, as none of them moves."""
    scene = situation.scene
    found = _FOUND.get(scene)
    if found is None:
        # Scenes of one stage share its road, and have the same fixtures
        found = _FOUND[scene] = KEPT.get((lane_fixtures, scene.road), lambda: _in_lanes(situation))
    return found


def _in_lanes(situation: Situation) -> LaneFixtures:
    scene = situation.scene
    entity, poses, centers, sizes = [], [], [], []
    for i, one in enumerate(scene.entities):
        if one.static and one.body.semantic not in GROUND_CLASSES:
            world_from_body = situation.snapshot.world_from_entity[i]
            for pose, center, size in collision_boxes(one.body):
                entity.append(i)
                poses.append(world_from_body @ pose)
                centers.append(center)
                sizes.append(size)
    none = LaneFixtures(np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros(0))
    if scene.road is None or not entity:
        return none
    pose, center, size = np.array(poses), np.array(centers), np.array(sizes)
    middle = (pose[:, 2, :3] * center).sum(axis=1) + pose[:, 2, 3]
    reach = 0.5 * (np.abs(pose[:, 2, :3]) * size).sum(axis=1)
    discs = [_discs(box) for box in zip(*Boxes.around(pose, center, size), strict=True)]
    strips = [_Strip(road) for road in scene.road.roads]
    whose, places, radii = [], [], []
    for k, (at, radius) in enumerate(discs):
        around = 0.5 * (at[0] + at[-1]), math.dist(at[0], at[-1]) / 2.0 + radius
        inside = np.zeros(len(at), dtype=np.bool_)
        for strip in strips:
            part = strip.near(*around)
            if part is not None:
                inside |= strip.holds(part, at, radius, middle[k] - reach[k], middle[k] + reach[k])
        whose += [entity[k]] * int(inside.sum())
        places.append(at[inside])
        radii += [radius] * int(inside.sum())
    return LaneFixtures(np.array(whose, dtype=np.int64), np.concatenate(places), np.array(radii))


def _discs(box: tuple[Array, Array, Array]) -> tuple[Array, float]:
    """Middles (n, 2) and radius of discs along the longer middle of a box, close enough to leave no gap, if that does
    not take too many."""
    center, forward, half = box
    radius = float(half.min())
    over = float(half.max()) - radius
    axis = forward if half[0] > half[1] else np.array([-forward[1], forward[0]])
    count = min(_MOST_DISCS, 1 + math.ceil(over / max(radius, 1e-3)))
    share = np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)
    return center + over * share[:, None] * axis, radius


class _Strip:
    """What is driven over of one road."""

    def __init__(self, road: Road) -> None:
        self._road = road
        self._s = np.linspace(0.0, road.length_m, 2 + math.ceil(road.length_m / _STATION_M))
        self._line = road.points(self._s, np.zeros(len(self._s)))[:, :2]
        ends = [road.section_end_m(k) - 1e-6 for k in range(len(road.sections))]
        cuts = [road.cut(s) for s in (*(section.s_m for section in road.sections), *ends)]
        self._lanes = {
            (lane.inner_t_m, lane.outer_t_m): (lane.center_t_m, 0.5 * lane.width_m)
            for cut in cuts
            for lane in cut
            if lane.kind in DRIVEN
        }
        self._wide_m = max((abs(center) + half for center, half in self._lanes.values()), default=-math.inf)

    def near(self, center_m: Array, reach_m: float) -> slice | None:
        """The stations beside something that reaches so far from its middle (2,), if it may be in a lane."""
        x, y = (self._line[::_COARSE] - center_m).T
        squared = x * x + y * y
        nearest = int(squared.argmin())
        if squared[nearest] >= (self._wide_m + reach_m + _COARSE * _STATION_M) ** 2:
            return None
        around = 2 * _COARSE + math.ceil(reach_m / _STATION_M)
        return slice(max(0, _COARSE * nearest - around), _COARSE * nearest + around + 1)

    def holds(self, part: slice, places_m: Array, radius_m: float, low_m: float, high_m: float) -> NDArray[np.bool_]:
        """(n,) which of discs beside a part of it, that stand between two heights of the world, are in a car's way."""
        away = places_m[:, None] - self._line[part]
        nearest = (away**2).sum(axis=2).argmin(axis=1)
        dx, dy = away[np.arange(len(nearest)), nearest].T
        nearest += part.start
        before = np.clip(nearest - 1, 0, len(self._s) - 3)
        ahead = self._line[before + 2] - self._line[before]
        step = np.hypot(*ahead.T)
        ahead /= step[:, None]
        along, t = ahead[:, 0] * dx + ahead[:, 1] * dy, ahead[:, 0] * dy - ahead[:, 1] * dx
        s = self._s[nearest] + along
        held = np.zeros(len(s), dtype=np.bool_)
        for center, half in self._lanes.values():
            held |= np.abs(t - center) < half + radius_m - BESIDE_M
        held &= (s >= 0.0) & (s <= self._road.length_m)
        for k in np.flatnonzero(held).tolist():
            ground_m = self._road.height_at(float(s[k]), float(t[k]))
            held[k] = low_m < ground_m + CAR_M and high_m > ground_m + LOW_M
        return held
