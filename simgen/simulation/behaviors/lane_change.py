from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simgen.core.declare import flag, quantity
from simgen.core.vocabulary import behaviors
from simgen.scene.road import Lane, RoadNetwork
from simgen.scene.situation import Situation
from simgen.scene.traffic import STANDSTILL_M
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.driving import (
    DRIVER_TICKS,
    at_end,
    course_of,
    drive_on,
    intelligent_driver,
    lane_steering,
)
from simgen.simulation.lines import DRIVABLE_M, Line
from simgen.simulation.traffic import Gap, ahead_on_road, claims_in, neighbours, users
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World

EVERY_S = 0.5
"""How often a driver thinks of changing lanes."""
CREEPS_MPS = 3.0
"""Nobody changes lanes when slower, for a car does not move sideways; but who comes to the end of his lane does, with
the wheel turned as far as it takes."""
AT_END_M = 10.0
"""How near that end is then."""
ENDS_M = 50.0
"""Nobody changes into a lane that ends so soon after he could have changed back."""
CLEAR_M = 1.0
"""Room before something that it takes to steer out of its way from a standstill."""
SIGNAL_S = 1.0
"""The least time in the new lane before another change."""
HARDEST_MPS2 = -8.0


@dataclass(slots=True, eq=False)
class _Change:
    """A change of lane that is under way: to a line, from so far to the left of it; at once from there on if that is
    0."""

    lane: Lane
    line: Line
    off_m: float
    begun_s: float


@behaviors.register("lane_change")
class LaneChange(Behavior):
    """Keeps lane, speed and distance (intelligent-driver model), and changes lanes where it helps (MOBIL)."""

    needs = ("vehicle",)

    every_ticks = DRIVER_TICKS

    speed: float | None = quantity("m/s", low=0, high=100, default=None, help="wanted; as it started when left out")
    headway: float = quantity("s", low=0.2, high=10, default=1.5, help="time gap to the vehicle ahead")
    politeness: float = quantity("", low=0, high=1, default=0.2, help="weight of what others lose by the change")
    threshold: float = quantity("m/s^2", low=0, high=3, default=0.2, help="gain below which it stays")
    bias: float = quantity("m/s^2", low=-2, high=2, default=0.2, help="by which the right lane is preferred")
    safe_braking: float = quantity(
        "m/s^2", low=0.5, high=9, default=3.0, help="most that the follower in the new lane, or it itself, may need"
    )
    duration: float = quantity("s", low=1, high=15, default=4.0, help="of the move sideways")
    leaves: bool = flag(default=False, help="it is gone when it reaches the end of the road")

    # MOBIL: Kesting, Treiber & Helbing 2007, "General lane-changing model MOBIL for car-following models".

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        situation = world.situation()
        road = situation.road
        s, t = situation.road_position(actor)
        direction = 1 if math.cos(situation.yaw(actor) - road.heading_at(s)) >= 0 else -1
        if self.speed is not None:
            vehicle.cruise_mps = self.speed
        if world.winding:
            vehicle.course = course_of(world, actor, (), f"actors.{actor}.behavior")
        while vehicle.course is not None:
            # Where lanes lead through junctions, there is one for each way
            vehicle.course.leaves = self.leaves
            drive_on(world, vehicle, vehicle.course, headway_s=self.headway)
            if self.leaves and at_end(vehicle, vehicle.course):
                world.remove(actor)
                return
            yield
        claims = claims_in(world)
        lane = _lane(road, s, t, direction)
        keeps = Line.through(road.main_road, None, s, t) if lane is None else Line.in_middle(road.main_road, lane)
        change: _Change | None = None
        # Drivers think at different instants, or two side by side would swap lanes for ever.
        think_at = world.key.child("lane_change", actor).uniform() * EVERY_S
        while True:
            situation = world.situation()
            me = users(situation).by_name.get(actor)
            if me is None or (self.leaves and _over(road, me.s_m, me.nose_m(direction), direction)):
                claims.pop(actor, None)
                if self.leaves:
                    world.remove(actor)
                return
            if vehicle.lane_t_m is not None:
                # The story has told it where to drive.
                keeps, change = Line(middle=None, offset_m=vehicle.lane_t_m), None
                claims.pop(actor, None)
                lane = _lane(road, me.s_m, vehicle.lane_t_m, direction)
            elif change is None and lane is not None and world.time_s >= think_at and not vehicle.crashed:
                think_at = world.time_s + EVERY_S
                better = self._better(vehicle, situation, lane, claims, direction)
                if better is not None:
                    line = Line.in_middle(road.main_road, better)
                    change = _Change(lane=better, line=line, off_m=me.t_m - line.at(me.s_m), begun_s=world.time_s)
                    claims[actor] = better.id
            left_s = 0.0 if change is None else change.begun_s + self.duration - world.time_s
            creeps = change is not None and (left_s <= 0.0 or vehicle.speed_mps < CREEPS_MPS)
            if change is not None and creeps:
                # What it needs is way, not time: the wheel is turned at once, and round what stands there
                change.off_m = 0.0
                ahead = _ahead(vehicle, situation, change.line, direction)
                acceleration = self._towards(vehicle.speed_mps, ahead, vehicle.cruise_mps)
            else:
                leaves_m = None if change is None else self._way_m(vehicle, left_s)
                acceleration = self._acceleration(vehicle, situation, lane, claims, direction, leaves_m=leaves_m)
            if change is not None:
                apart_m = -math.inf if creeps else None
                into = self._acceleration(vehicle, situation, change.lane, claims, direction, leaves_m=apart_m)
                acceleration = min(acceleration, into)
                share = min(1.0, (world.time_s - change.begun_s) / self.duration)
                blend = 0.5 * (1.0 - math.cos(math.pi * share))
                keeps = change.line.beside((1.0 - blend) * change.off_m)
                if share >= 1.0 and (lane is None or not me.within(lane)):
                    lane, change = change.lane, None
                    claims.pop(actor, None)
                    think_at = max(think_at, world.time_s + SIGNAL_S)
            vehicle.drive(acceleration, lane_steering(vehicle, situation, keeps, direction))
            yield

    def _acceleration(
        self,
        vehicle: Vehicle,
        situation: Situation,
        lane: Lane | None,
        claims: Mapping[str, int],
        direction: int,
        *,
        leaves_m: float | None = None,
    ) -> float:
        lead = None
        if lane is not None:
            lead = neighbours(situation, vehicle.name, lane, claims, direction=direction, leaves_m=leaves_m)[0]
        return self._towards(vehicle.speed_mps, lead, vehicle.cruise_mps)

    def _way_m(self, vehicle: Vehicle, time_s: float) -> float:
        """What a vehicle needs before something in the old lane, if it still takes so long to leave that."""
        return max(vehicle.speed_mps, 0.0) * time_s + STANDSTILL_M

    def _towards(self, speed_mps: float, lead: Gap | None, wanted_mps: float) -> float:
        """What the intelligent-driver model asks for; no gap at all asks for all that brakes give."""
        if lead is not None and lead.distance_m <= 0.0:
            return HARDEST_MPS2
        ahead = None if lead is None else (lead.distance_m, lead.speed_mps)
        return intelligent_driver(max(speed_mps, 0.0), ahead, wanted_mps=wanted_mps, headway_s=self.headway)

    def _better(
        self, vehicle: Vehicle, situation: Situation, lane: Lane, claims: Mapping[str, int], direction: int
    ) -> Lane | None:
        """The lane that is worth changing to, and safe, or None."""
        speed = vehicle.speed_mps
        line = Line.in_middle(situation.road.main_road, lane)
        present = users(situation)
        own = present.by_name[vehicle.name]
        end, _ = present.standing(own, direction, line)
        if speed < CREEPS_MPS:
            if end is None or end.distance_m > AT_END_M:
                return None
        elif end is not None and end.distance_m < self._way_m(vehicle, self.duration):
            return None
        lead, follower = neighbours(situation, vehicle.name, lane, claims, direction=direction)
        now = self._towards(speed, lead, vehicle.cruise_mps)
        length = vehicle.entity.body.box_size_m[0]
        # The follower gains by our leaving. What it wants is not known to us: about what it drives, as we do.
        relief = 0.0
        if follower is not None:
            wanted = max(follower.speed_mps, speed)
            after = _without(follower, lead, length)
            relief = self._follows(follower, after, wanted) - self._follows(
                follower, (follower.distance_m, speed), wanted
            )
        best: tuple[float, Lane] | None = None
        for other in _beside(situation.road, lane, own.s_m):
            gain = self._gain(vehicle, situation, other, claims, direction, now, relief)
            rightwards = -direction * (other.center_t_m - lane.center_t_m) > 0
            needed = self.threshold + (-self.bias if rightwards else self.bias)
            if gain is not None and gain > needed and (best is None or gain - needed > best[0]):
                best = (gain - needed, other)
        return None if best is None else best[1]

    def _gain(
        self,
        vehicle: Vehicle,
        situation: Situation,
        lane: Lane,
        claims: Mapping[str, int],
        direction: int,
        now: float,
        relief: float,
    ) -> float | None:
        """What a change is worth, in m/s², or None where it is not safe."""
        speed = vehicle.speed_mps
        creeps = speed < CREEPS_MPS
        line = Line.in_middle(situation.road.main_road, lane)
        if creeps:
            room, least_m = _ahead(vehicle, situation, line, direction), CLEAR_M
        else:
            present = users(situation)
            room = present.standing(present.by_name[vehicle.name], direction, line)[0]
            least_m = self._way_m(vehicle, 2.0 * self.duration) + ENDS_M
        if room is not None and room.distance_m < least_m:
            return None
        apart_m = -math.inf if creeps else None
        lead, follower = neighbours(situation, vehicle.name, lane, claims, direction=direction, leaves_m=apart_m)
        if any(gap is not None and gap.distance_m <= 0.5 for gap in (lead, follower)):
            return None
        own = self._towards(speed, lead, vehicle.cruise_mps)
        if own < -self.safe_braking:
            return None
        loss = 0.0
        if follower is not None:
            wanted = max(follower.speed_mps, speed)
            pushed = self._follows(follower, (follower.distance_m, speed), wanted)
            if pushed < -self.safe_braking:
                return None
            before = self._follows(follower, _without(follower, lead, vehicle.entity.body.box_size_m[0]), wanted)
            loss = pushed - before
        return own - now + self.politeness * (loss + relief)

    def _follows(self, follower: Gap, lead: tuple[float, float] | None, wanted_mps: float) -> float:
        return intelligent_driver(max(follower.speed_mps, 0.0), lead, wanted_mps=wanted_mps, headway_s=self.headway)


def _ahead(vehicle: Vehicle, situation: Situation, line: Line, direction: int) -> Gap | None:
    """What comes next on the way of somebody who gets to a line as soon as he can."""
    return next(iter(ahead_on_road(situation, vehicle, line, direction)), None)


def _without(follower: Gap, lead: Gap | None, length_m: float) -> tuple[float, float] | None:
    """What a follower has ahead when the one between is not there: (gap, speed), or None."""
    return None if lead is None else (follower.distance_m + length_m + max(0.0, lead.distance_m), lead.speed_mps)


def _lane(road: RoadNetwork, s_m: float, t_m: float, direction: int) -> Lane | None:
    """The driving lane at a place, if it runs in this direction."""
    lane = road.lane_at(min(max(s_m, 0.0), road.length_m), t_m)
    return lane if lane is not None and lane.kind == "driving" and lane.direction == direction else None


def _beside(road: RoadNetwork, lane: Lane, s_m: float) -> list[Lane]:
    """The lanes of the same direction next to a lane that are wide enough to drive in at s."""
    row = sorted(road.main_road.cut(min(max(s_m, 0.0), road.length_m)), key=lambda one: one.center_t_m)
    own = next((k for k, one in enumerate(row) if one.id == lane.id), None)
    return [
        other
        for k, other in enumerate(row)
        if own is not None
        and abs(k - own) == 1
        and other.kind == "driving"
        and other.direction == lane.direction
        and other.width_m >= DRIVABLE_M
    ]


def _over(road: RoadNetwork, s_m: float, nose_m: float, direction: int) -> bool:
    """Whether the nose of a vehicle has come to the end of the road."""
    return s_m + nose_m >= road.length_m if direction > 0 else s_m - nose_m <= 0.0
