"""Who is where on the lanes of a road: what drivers in traffic know of each other."""

from __future__ import annotations

import functools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.road import Lane
from simgen.scene.scene import Scene
from simgen.scene.situation import NOTICED_S, Situation
from simgen.simulation.lane_fixtures import BESIDE_M, lane_fixtures
from simgen.simulation.lines import Line

if TYPE_CHECKING:
    from simgen.simulation.vehicle import Vehicle
    from simgen.simulation.world import World

AHEAD_M = 400.0
"""How far drivers look along a road: the way to stop gently at 40 m/s."""
BACK_M = 6.0
"""Way on which who is beside the line that they keep come back to it."""
WITHIN_M = 1.0
"""So far behind the nose of a vehicle begins what is still ahead of it."""
SPARE_M = 0.1
"""Room that drivers leave beside what of the setting stands in lanes."""


class User(NamedTuple):
    """Somebody on the road, or something. s, t of the middle; ``ahead_m`` and ``behind_m`` reach from it along +s and
    -s; ``speed_mps`` is along +s; ``across_m`` is half of the width, across the road."""

    name: str
    s_m: float
    t_m: float
    ahead_m: float
    behind_m: float
    across_m: float
    speed_mps: float

    def within(self, lane: Lane) -> bool:
        """Whether a part of it that matters is in a lane."""
        return abs(self.t_m - lane.center_t_m) < 0.5 * lane.width_m + self.across_m - BESIDE_M

    def nose_m(self, direction: int) -> float:
        """From the middle to its foremost point in a direction of travel."""
        return self.ahead_m if direction > 0 else self.behind_m

    def tail_m(self, direction: int) -> float:
        return self.behind_m if direction > 0 else self.ahead_m


class Gap(NamedTuple):
    """The free distance to a neighbour, and its speed along our direction of travel."""

    name: str
    distance_m: float
    speed_mps: float


class Users:
    """All that drivers on a road keep clear of, at one instant."""

    def __init__(self, situation: Situation) -> None:
        self.by_name = {user.name: user for user in _users(situation)}
        self._fixed = _fixed(situation)
        self._moving = sorted(self.by_name.values(), key=lambda user: user.s_m)
        self._ordered = sorted((*self._moving, *self._fixed.users), key=lambda user: user.s_m)
        self._places = [user.s_m for user in self._ordered]
        rows = [(u.s_m, u.t_m, u.ahead_m, u.behind_m, u.across_m, u.speed_mps) for u in self._ordered]
        self._table = np.array(rows).reshape(-1, 6).T
        self._longest_m = max((max(u.ahead_m, u.behind_m) for u in self._ordered), default=0.0)
        self._rows: dict[tuple[float, float], tuple[list[float], list[User]]] = {}

    def between(self, low_m: float, high_m: float) -> tuple[list[User], Array]:
        """Those whose middle lies between two s, by s; and (6, n) of them s, t, how far they reach ahead, behind and
        across, and speed."""
        chosen = slice(bisect_left(self._places, low_m), bisect_right(self._places, high_m))
        return self._ordered[chosen], self._table[:, chosen]

    def nearest(
        self, user: User, way: int, lane: Lane, claimed: Sequence[str], *, level: bool
    ) -> tuple[User, float] | None:
        """Who comes next in a lane along ``way`` (+1 or -1 along s) and the free distance to it, fixtures left out;
        ``claimed``: names of those who count as being in the lane. One whose middle is ``level`` with the user's counts
        or does not."""
        places, row = self._row(lane)
        if way > 0:
            order = range((bisect_left if level else bisect_right)(places, user.s_m), len(row))
        else:
            order = range((bisect_right if level else bisect_left)(places, user.s_m) - 1, -1, -1)
        own, found, least = user.nose_m(way), None, math.inf
        for other in map(row.__getitem__, order):
            apart = way * (other.s_m - user.s_m) - own
            if apart - self._longest_m > least:
                break
            if other.name != user.name and (gap := apart - other.tail_m(way)) < least:
                found, least = other, gap
        for name in claimed:
            other = self.by_name[name]
            apart = way * (other.s_m - user.s_m)
            gap = apart - own - other.tail_m(way)
            if name != user.name and (apart > 0.0 or (level and apart == 0.0)) and gap < least:
                found, least = other, gap
        return None if found is None else (found, least)

    def standing(
        self, user: User, way: int, line: Line, *, leaves_m: float | None = None
    ) -> tuple[Gap | None, Gap | None]:
        """The nearest fixture ahead along ``way`` that somebody touches on his way, and one beside him, if any. Within
        BACK_M he comes to a line; or he goes on beside it as now, and is gone after ``leaves_m``."""
        s, t, radius, across = self._fixed.table
        if not len(s):
            return None, None
        gap = way * (s - user.s_m) - user.nose_m(way) - radius
        aside, off = t - line.along(s), user.t_m - line.at(user.s_m)
        reach = user.across_m + across
        if leaves_m is None:
            low, high = min(off, 0.0), max(off, 0.0)
            sweeps = (aside > low - reach) & (aside < high + reach)
            hit = np.where(gap < BACK_M, sweeps, np.abs(aside) < reach)
        else:
            hit = (np.abs(aside - off) < reach) & (gap < leaves_m)
        ahead = np.flatnonzero(hit & (gap > -WITHIN_M))
        passed = way * (user.s_m - s) - user.tail_m(way) - radius
        beside = np.flatnonzero(hit & (gap <= -WITHIN_M) & (passed < 0.0))
        return self._gap(ahead, gap), self._gap(beside, passed)

    def _gap(self, which: NDArray[np.int64], distances_m: Array) -> Gap | None:
        """To the nearest of these fixtures."""
        if not len(which):
            return None
        k = int(which[distances_m[which].argmin()])
        return Gap(self._fixed.users[k].name, float(distances_m[k]), 0.0)

    def _row(self, lane: Lane) -> tuple[list[float], list[User]]:
        """Those in a lane, by s."""
        key = (lane.inner_t_m, lane.outer_t_m)
        known = self._rows.get(key)
        if known is None:
            row = [user for user in self._moving if user.within(lane)]
            known = self._rows[key] = [user.s_m for user in row], row
        return known


@functools.lru_cache(maxsize=4)
def users(situation: Situation) -> Users:
    """Kept for the instant: every driver asks."""
    return Users(situation)


def _users(situation: Situation) -> Iterator[User]:
    scene, snapshot = situation.scene, situation.snapshot
    length = situation.road.length_m
    chosen = situation.obstacles.tolist()
    poses, velocities = snapshot.world_from_entity[chosen], snapshot.velocity_mps[chosen]
    places = [situation.road_place(scene.entities[i].name) for i in chosen]
    heading = np.array([place[2] for place in places])
    turned = np.arctan2(poses[:, 1, 0], poses[:, 0, 0]) - heading
    along, across = np.cos(turned), np.abs(np.sin(turned))
    center, size = situation.low_boxes(situation.obstacles)
    long, wide = size[:, 0], size[:, 1]
    shift = center[:, 0] * along
    half = 0.5 * (np.abs(along) * long + across * wide)
    sideways = 0.5 * (across * long + np.abs(along) * wide)
    speed = velocities[:, 0] * np.cos(heading) + velocities[:, 1] * np.sin(heading)
    # How far each reaches from the middle: along s and against it, to the left and to the right
    reach = np.stack([half + shift, half - shift, sideways, sideways], axis=1)
    outlines, whose = situation.footprints(chosen, out_s=NOTICED_S)
    for leaf, k in zip(outlines[len(chosen) :], whose[len(chosen) :], strict=True):
        c, sn = np.cos(heading[k]), np.sin(heading[k])
        to = (leaf - poses[k, :2, 3]) @ np.array([[c, -c, -sn, sn], [sn, -sn, c, -c]])
        reach[k] = np.maximum(reach[k], to.max(axis=0))
    for i, (s, t, _), (ahead, behind, left, right), pace in zip(
        chosen, places, reach.tolist(), speed.tolist(), strict=True
    ):
        if -20.0 <= s <= length + 20.0:
            middle = t + 0.5 * (left - right)
            yield User(scene.entities[i].name, s, middle, ahead, behind, 0.5 * (left + right), pace)


class _Standing(NamedTuple):
    """What of the setting stands in lanes of the main road; ``table`` (4, n): s, t, reach along and across of each."""

    users: tuple[User, ...]
    table: Array


_FIXED: WeakKeyDictionary[Scene, _Standing] = WeakKeyDictionary()


def _fixed(situation: Situation) -> _Standing:
    found = _FIXED.get(situation.scene)
    if found is None:
        users = tuple(_standing(situation))
        rows = [(user.s_m, user.t_m, user.ahead_m, user.across_m) for user in users]
        found = _FIXED[situation.scene] = _Standing(users, np.array(rows).reshape(-1, 4).T)
    return found


def _standing(situation: Situation) -> Iterator[User]:
    fixed, main = lane_fixtures(situation), situation.road.main_road
    for i, place, radius in zip(fixed.entity.tolist(), fixed.center_m, fixed.radius_m.tolist(), strict=True):
        s, t = main.locate(place)
        if 0.0 <= s <= main.length_m:
            name = situation.scene.entities[i].name
            yield User(name, s, t, radius, radius, radius + SPARE_M, 0.0)


def ahead_on_road(situation: Situation, vehicle: Vehicle, line: Line, direction: int) -> list[Gap]:
    """Those on the strip of the main road that a vehicle is about to drive over, which keeps a line or comes back to
    it; the nearest first. ``direction`` is +1 along s."""
    present = users(situation)
    me = present.by_name.get(vehicle.name)
    if me is None:
        return []
    half = 0.5 * vehicle.entity.body.box_size_m[1]
    reach = sorted((me.s_m - direction * me.tail_m(direction), me.s_m + direction * AHEAD_M))
    others, (s, t, ahead, behind, across, speed) = present.between(*reach)
    gap = direction * (s - me.s_m) - me.nose_m(direction) - (behind if direction > 0 else ahead)
    kept = line.along(s) + (me.t_m - line.at(me.s_m)) * np.clip(1.0 - gap / BACK_M, 0.0, 1.0)
    hit = np.flatnonzero((gap > -WITHIN_M) & (np.abs(t - kept) < half + across))
    free = np.maximum(gap, 0.0)
    hit = hit[np.argsort(free[hit], kind="stable")]
    found = zip(hit.tolist(), free[hit].tolist(), (direction * speed[hit]).tolist(), strict=True)
    return [Gap(others[k].name, distance, pace) for k, distance, pace in found if others[k] is not me]


def neighbours(
    situation: Situation,
    me: str,
    lane: Lane,
    claims: Mapping[str, int],
    *,
    direction: int,
    leaves_m: float | None = None,
) -> tuple[Gap | None, Gap | None]:
    """(the next ahead, the next behind) of somebody in a lane, whether or not it is in that lane itself. A fixture
    counts where it is in the way of who drives along the middle of the lane; beside somebody, as one behind. What has
    no lamps is not ahead where fog hides it.

    Args:
        claims: lanes that vehicles are on their way to, by name: they count as being there already.
        leaves_m: it does not come to the middle of the lane, but is out of it after so much way; -inf where it looks
            out for fixtures itself.
    """
    present = users(situation)
    own = present.by_name[me]
    claimed = [name for name, claim in claims.items() if claim == lane.id and name in present.by_name]
    found: list[Gap | None] = []
    for way in (direction, -direction):
        nearest = present.nearest(own, way, lane, claimed, level=way == direction)
        found.append(None if nearest is None else Gap(nearest[0].name, nearest[1], direction * nearest[0].speed_mps))
    line = Line.in_middle(situation.road.main_road, lane)
    standing = present.standing(own, direction, line, leaves_m=leaves_m)
    sight_m = situation.snapshot.environment.sight_m
    ahead, behind = (min(filter(None, pair), key=_distance, default=None) for pair in zip(found, standing, strict=True))
    if ahead is not None and ahead.distance_m > sight_m and situation.body(ahead.name).vehicle is None:
        ahead = None
    return ahead, behind


def _distance(gap: Gap) -> float:
    return gap.distance_m


_CLAIMS: WeakKeyDictionary[World, dict[str, int]] = WeakKeyDictionary()


def claims_in(world: World) -> dict[str, int]:
    """The lanes that vehicles of a world are on their way to, by name; those who drive there keep it up to date."""
    return _CLAIMS.setdefault(world, {})
