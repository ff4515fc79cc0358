"""Who waits for whom at junctions: traffic signals, priority roads, oncoming traffic when turning left, roundabouts."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simgen.scene import signals
from simgen.scene.road import LaneKey, RoadNetwork
from simgen.simulation.course import Course, Crossing
from simgen.simulation.leads import ahead_on_course

if TYPE_CHECKING:
    from simgen.simulation.vehicle import Vehicle
    from simgen.simulation.world import World

COMFORT_MPS2 = 3.0
"""Deceleration up to which drivers stop at amber (RiLSA; ITE: 10 ft/s²)."""
HARDEST_MPS2 = 8.0
PAST_M = 1.0
"""So far beyond a stop line nobody stops for it any more."""
BEFORE_M = 1.0
"""Room that drivers leave before a line, and before the lane that they are about to cross."""
LOOK_M = 40.0
"""How far before a junction drivers begin to look for a gap."""
STARTING_MPS2 = 1.8
MERGING_S = 3.0
"""Time that somebody who turns into a lane leaves those who come along it (HCM 2016: critical headways 4 to 7 s from
one to the next, of which this is what remains behind who has turned)."""
CLEARING_S = 1.0
APART_M = 2.3
"""Middles of lanes that come closer than this have an area in common."""
_FREE = frozenset({"green", "flashing_amber", "off", "on"})
_DARK = frozenset({"flashing_amber", "off"})


# Signals


def signal_gap_m(world: World, vehicle: Vehicle, course: Course) -> float | None:
    """Way from the nose of a vehicle to the stop line at which it has to stop now, or None. A decision to stop is
    kept until the signal lets it go; so is one to drive on through amber."""
    nose = course.distance_m + nose_m(vehicle)
    for line in course.way.stop_lines:
        gap = line.distance_m - nose
        if gap < -PAST_M:
            continue
        state = signals.shown(signals.find(world.scene.signals, line.signal), world.time_s, world.lights.held)
        if state in _FREE:
            course.stopping_for = ""
            return None
        if course.stopping_for != line.signal:
            limit = COMFORT_MPS2 if state == "amber" else HARDEST_MPS2
            if line.signal in course.driven_through or vehicle.speed_mps**2 > 2.0 * limit * max(gap, 0.01):
                if state == "amber":
                    course.driven_through.add(line.signal)
                return None
            course.stopping_for = line.signal
        return gap
    return None


def nose_m(vehicle: Vehicle) -> float:
    """From the origin of a vehicle to its foremost point."""
    body = vehicle.entity.body
    return body.box_center_m[0] + 0.5 * body.box_size_m[0]


# Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    """Where two lanes through a junction have an area in common, as distances along each; whether they leave it by
    the same lane."""

    mine_m: tuple[float, float]
    theirs_m: tuple[float, float]
    merging: bool


@functools.lru_cache(maxsize=256)
def _meeting(network: RoadNetwork, mine: LaneKey, theirs: LaneKey) -> _Meeting | None:
    a, b = network.along([mine]), network.along([theirs])
    apart = np.hypot(*(a.points_m[:, None, k] - b.points_m[None, :, k] for k in (0, 1)))
    near = apart < APART_M
    if not near.any():
        return None
    along_a, along_b = a.distance_m[near.any(axis=1)], b.distance_m[near.any(axis=0)]
    merging = network.next_lanes(mine)[:1] == network.next_lanes(theirs)[:1]
    return _Meeting(
        mine_m=(float(along_a[0]), float(along_a[-1])),
        theirs_m=(float(along_b[0]), float(along_b[-1])),
        merging=merging,
    )


def give_way_gap_m(world: World, vehicle: Vehicle, course: Course) -> float | None:
    """Way from the nose of a vehicle to where it has to wait now for somebody who goes first, or None."""
    network = world.stage.road
    nose = course.distance_m + nose_m(vehicle)
    crossing = _next_crossing(course, nose)
    if network is None or crossing is None:
        return None
    # Who has begun to wait brakes as hard as it takes
    limit = HARDEST_MPS2 if course.held else COMFORT_MPS2
    wait: float | None = None
    for other, theirs, inside in _others(world, vehicle, crossing):
        place = _waits_at(world, network, crossing, theirs, inside)
        meeting = None if place is None else _meeting(network, crossing.key, theirs.key)
        if place is None or meeting is None:
            continue
        line = crossing.start_m + (meeting.mine_m[0] if place == "inside" else 0.0) - BEFORE_M
        gap = line - nose
        too_late = gap < -PAST_M or vehicle.speed_mps**2 > 2.0 * limit * max(gap, 0.01) + 1.0
        if not too_late and not _free(world, vehicle, course, crossing, other, theirs, meeting):
            wait = gap if wait is None else min(wait, gap)
    return wait


def _next_crossing(course: Course, nose_m: float) -> Crossing | None:
    """The junction that somebody is in or comes to, if it is near."""
    for crossing in course.way.crossings:
        if nose_m < crossing.end_m:
            return crossing if crossing.start_m - nose_m < LOOK_M else None
    return None


def _others(world: World, me: Vehicle, mine: Crossing) -> Iterator[tuple[Vehicle, Crossing, bool]]:
    """Those who are in the same junction or come to it, and whether they are in it already."""
    assert world.stage.road is not None
    junction = world.stage.road.road(mine.key.road).junction
    for other in world.vehicles.values():
        course = other.course
        if other is me or course is None or other.crashed:
            continue
        for crossing in course.way.crossings:
            if world.stage.road.road(crossing.key.road).junction != junction or crossing.incoming == mine.incoming:
                continue
            front = course.distance_m + nose_m(other)
            if course.distance_m - tail_m(other) < crossing.end_m and crossing.start_m - front < 2.0 * LOOK_M:
                yield other, crossing, front > crossing.start_m
                break


def tail_m(vehicle: Vehicle) -> float:
    body = vehicle.entity.body
    return 0.5 * body.box_size_m[0] - body.box_center_m[0]


def _waits_at(world: World, network: RoadNetwork, mine: Crossing, theirs: Crossing, inside: bool) -> str | None:
    """Where one who takes the first lane waits for one who takes the second: before the junction ("mouth"), before
    the lane that is crossed ("inside"), or nowhere."""
    junction = network.junction(mine.key)
    if junction.rule == "roundabout":
        return "mouth" if inside else None
    first, second = (_rank(world, network, c, junction.rule) for c in (mine, theirs))
    if first != second:
        return "mouth" if first > second else None
    facing = math.cos(_heading_in(network, mine.incoming) - _heading_in(network, theirs.incoming))
    if facing > -0.5:
        return None
    return "inside" if _leftness(network, mine.key) > _leftness(network, theirs.key) else None


def _rank(world: World, network: RoadNetwork, crossing: Crossing, rule: str) -> int:
    """0 has priority over 1; where signals say who drives, nobody has."""
    road = crossing.incoming.road
    for signal in world.scene.signals:
        stands = any(network.key_at(r, lane, s).road == road for r, lane, s in signal.stop_lines)
        if stands and signals.shown(signal, world.time_s, world.lights.held) not in _DARK:
            return 0
    return 0 if rule == "main" and road in network.main else 1


def _heading_in(network: RoadNetwork, incoming: LaneKey) -> float:
    line = network.road(incoming.road).line
    if network.direction(incoming) > 0:
        return line.at(line.length_m)[2]
    return line.at(0.0)[2] + math.pi


def _leftness(network: RoadNetwork, key: LaneKey) -> int:
    """Who turns left lets all pass who come towards it; who turns right lets nobody pass but goes before those."""
    turn = network.turn_rad(key)
    return 2 if turn > math.radians(30.0) else 1 if turn < -math.radians(30.0) else 0


def _stuck(world: World, other: Vehicle, way_m: float) -> bool:
    """Whether somebody stands behind somebody who stands, and gets no farther than this."""
    lead = next(iter(ahead_on_course(world, other.name)), None)
    return lead is not None and other.speed_mps < 0.5 and abs(lead.speed_mps) < 0.5 and lead.distance_m < way_m


def _free(
    world: World, me: Vehicle, course: Course, mine: Crossing, other: Vehicle, theirs: Crossing, meeting: _Meeting
) -> bool:
    """Whether the two do not meet if neither waits."""
    assert other.course is not None
    their_nose, their_tail = other.course.distance_m + nose_m(other), other.course.distance_m - tail_m(other)
    enters = theirs.start_m + meeting.theirs_m[0] - their_nose
    leaves = theirs.start_m + meeting.theirs_m[1] - their_tail
    if leaves < 0.0 or (meeting.merging and enters < -2.0):
        # It is past, or ahead of us in our lane
        return True
    if enters > 0.0 and (other.course.stopping_for or _stuck(world, other, enters)):
        return True
    pace = min(max(me.cruise_mps, 2.0), course.way.pace_mps[_middle(course, mine)])
    reach = mine.start_m + meeting.mine_m[0] - course.distance_m - nose_m(me)
    through = mine.start_m + meeting.mine_m[1] - course.distance_m + tail_m(me)
    their_pace = max(other.cruise_mps, other.speed_mps, 2.0)
    they_enter = _time_s(enters, other.speed_mps, their_pace)
    if meeting.merging:
        return they_enter > _time_s(reach, me.speed_mps, pace) + MERGING_S
    if they_enter > _time_s(through, me.speed_mps, pace) + CLEARING_S:
        return True
    return _time_s(leaves, other.speed_mps, their_pace) + CLEARING_S < _time_s(reach, me.speed_mps, pace)


def _middle(course: Course, crossing: Crossing) -> int:
    """Place among the points of a way of the middle of a junction."""
    middle = 0.5 * (crossing.start_m + crossing.end_m)
    return int(np.searchsorted(course.way.path.distance_m, middle))


def _time_s(way_m: float, speed_mps: float, pace_mps: float) -> float:
    """Time for a way by who speeds up evenly to a pace, or is faster already and keeps that."""
    if way_m <= 0.0:
        return 0.0
    v = max(speed_mps, 0.0)
    if v >= pace_mps:
        return way_m / v
    gaining = (pace_mps - v) / STARTING_MPS2
    covered = gaining * 0.5 * (v + pace_mps)
    if covered >= way_m:
        return (math.sqrt(v * v + 2.0 * STARTING_MPS2 * way_m) - v) / STARTING_MPS2
    return gaining + (way_m - covered) / pace_mps
