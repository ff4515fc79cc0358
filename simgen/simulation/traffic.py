"""Who is where on the lanes of a road: what drivers in traffic know of each other."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from simgen.scene.road import Lane
from simgen.scene.situation import Situation

if TYPE_CHECKING:
    from simgen.simulation.world import World

LOW_M = 0.25
"""What is lower is driven over or pushed aside, and nobody keeps a distance to it."""
BESIDE_M = 0.3
"""How far something may reach into a lane without being in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody on the road. s, t of the middle; ``front_m`` and ``rear_m`` reach from it along +s and -s;
    ``speed_mps`` is along +s; ``across_m`` is half of the width, across the road."""

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

    def x_m(self, direction: int) -> float:
        """How far it is along a direction of travel."""
        return direction * self.s_m

    def nose_m(self, direction: int) -> float:
        """From the middle to its foremost point in a direction of travel."""
        return self.ahead_m if direction > 0 else self.behind_m

    def tail_m(self, direction: int) -> float:
        return self.behind_m if direction > 0 else self.ahead_m


@functools.lru_cache(maxsize=4)
def users(situation: Situation) -> Mapping[str, User]:
    """All that moves or may move and is high enough to matter, by name. Kept for the instant: every driver asks."""
    road = situation.road
    found: dict[str, User] = {}
    for index, entity in enumerate(situation.scene.entities):
        present = bool(situation.snapshot.present[index])
        if entity.static or not present or entity.body.box_size_m[2] < LOW_M:
            continue
        s, t = situation.road_position(entity.name)
        if not -20.0 <= s <= road.length_m + 20.0:
            continue
        turned = situation.yaw(entity.name) - road.heading_at(s)
        c, r = math.cos(turned), math.sin(turned)
        length, width = entity.body.box_size_m[:2]
        shift = entity.body.box_center_m[0] * c
        half = 0.5 * (abs(c) * length + abs(r) * width)
        heading = road.heading_at(s)
        velocity = situation.velocity(entity.name)
        found[entity.name] = User(
            name=entity.name,
            s_m=s,
            t_m=t,
            ahead_m=half + shift,
            behind_m=half - shift,
            across_m=0.5 * (abs(r) * length + abs(c) * width),
            speed_mps=float(velocity[0] * math.cos(heading) + velocity[1] * math.sin(heading)),
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The free distance to a neighbour, and its speed along our direction of travel."""

    name: str
    distance_m: float
    speed_mps: float


def neighbours(
    situation: Situation, me: str, lane: Lane, claims: Mapping[str, int], *, direction: int
) -> tuple[Gap | None, Gap | None]:
    """(the next ahead, the next behind) of somebody in a lane, whether or not it is in that lane itself.

    Args:
        claims: lanes that vehicles are on their way to, by name: they count as being there already.
    """
    present = users(situation)
    own = present[me]
    x = own.x_m(direction)
    ahead: Gap | None = None
    behind: Gap | None = None
    for name, other in present.items():
        if name == me or not (other.within(lane) or claims.get(name) == lane.id):
            continue
        their_x, speed = other.x_m(direction), direction * other.speed_mps
        if their_x >= x:
            gap = their_x - x - own.nose_m(direction) - other.tail_m(direction)
            if ahead is None or gap < ahead.distance_m:
                ahead = Gap(name=name, distance_m=gap, speed_mps=speed)
        else:
            gap = x - their_x - own.tail_m(direction) - other.nose_m(direction)
            if behind is None or gap < behind.distance_m:
                behind = Gap(name=name, distance_m=gap, speed_mps=speed)
    return ahead, behind


_CLAIMS: WeakKeyDictionary[World, dict[str, int]] = WeakKeyDictionary()


def claims_in(world: World) -> dict[str, int]:
    """The lanes that vehicles of a world are on their way to, by name; those who drive there keep it up to date."""
    return _CLAIMS.setdefault(world, {})
