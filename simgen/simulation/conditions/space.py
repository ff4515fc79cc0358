"""Where actors are: towards each other, on the road, in the world."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity, reference
from simgen.core.geometry import inverse, transform
from simgen.core.vocabulary import conditions
from simgen.scene.road import Road
from simgen.scene.situation import Condition, Situation, Tracked

ROADWAY = ("driving", "parking", "shoulder", "border", "restricted")


@conditions.register("distance")
class Distance(Condition):
    """Gap between two actors' outlines on the ground; 0 when they touch."""

    unit = "m"

    a: str = reference("actor", help="one")
    b: str = reference("actor", help="the other")

    def measure(self, situation: Situation) -> float:
        return situation.distance(self.a, self.b)


@conditions.register("min_distance")
class MinDistance(Tracked):
    """Smallest gap between two actors so far."""

    name = "min_distance"
    unit = "m"
    tracked = "min"

    a: str = reference("actor", help="one")
    b: str = reference("actor", help="the other")

    def sample(self, situation: Situation) -> float:
        return situation.distance(self.a, self.b)


@conditions.register("relative_distance")
class RelativeDistance(Condition):
    """How far another actor's middle lies ahead of an actor's, along its heading; negative behind."""

    unit = "m"

    actor: str = reference("actor", help="from whom")
    other: str = reference("actor", help="to whom")

    def measure(self, situation: Situation) -> float:
        return float(transform(inverse(situation.pose(self.actor)), situation.position(self.other))[0])


@conditions.register("time_headway")
class TimeHeadway(Condition):
    """Gap to an actor ahead divided by the own speed; infinite at rest."""

    unit = "s"

    actor: str = reference("actor", help="who follows")
    other: str = reference("actor", help="who is ahead")

    def measure(self, situation: Situation) -> float:
        speed = situation.speed(self.actor)
        return situation.distance(self.actor, self.other) / speed if speed > 0.01 else math.inf


@conditions.register("time_to_collision")
class TimeToCollision(Condition):
    """Gap between two actors divided by the speed at which it closes; infinite while it does not."""

    unit = "s"

    a: str = reference("actor", help="one")
    b: str = reference("actor", help="the other")

    def measure(self, situation: Situation) -> float:
        offset = situation.position(self.b) - situation.position(self.a)
        length = float(np.linalg.norm(offset[:2]))
        if length < 1e-6:
            return 0.0
        closing = float((situation.velocity(self.a) - situation.velocity(self.b))[:2] @ offset[:2]) / length
        return situation.distance(self.a, self.b) / closing if closing > 0.01 else math.inf


@conditions.register("in_lane")
class InLane(Condition):
    """The middle of an actor lies in the lane that another actor is in."""

    actor: str = reference("actor", help="who")
    of: str = reference("actor", help="in whose lane")

    def measure(self, situation: Situation) -> bool:
        theirs = situation.road.where(situation.position(self.of))
        if theirs is None:
            return False
        road, _, _, lane = theirs
        own = road.lane_at(*road.locate(situation.position(self.actor)))
        return own is not None and own.id == lane.id


@conditions.register("offroad")
class Offroad(Condition):
    """The middle of an actor lies on no driving or parking lane, and on no shoulder, of any road."""

    actor: str = reference("actor", help="who")

    def measure(self, situation: Situation) -> bool:
        found = situation.road.where(situation.position(self.actor))
        return found is None or found[3].kind not in ROADWAY


@conditions.register("end_of_road")
class EndOfRoad(Condition):
    """An actor is within a distance of the end of the road that it heads for."""

    actor: str = reference("actor", help="who")
    distance: float = quantity("m", low=0, high=1000, default=10.0, help="to the end")

    def measure(self, situation: Situation) -> bool:
        found = situation.road.where(situation.position(self.actor))
        road = situation.road.main_road if found is None else found[0]
        s, _ = road.locate(situation.position(self.actor))
        forward = math.cos(situation.yaw(self.actor) - road.heading_at(s)) >= 0
        return (road.length_m - s if forward else s) <= self.distance


@conditions.register("reach_position")
class ReachPosition(Condition):
    """An actor's middle is within a tolerance of a point on the ground."""

    actor: str = reference("actor", help="who")
    x: float = quantity("m", help="world frame")
    y: float = quantity("m", help="world frame")
    tolerance: float = quantity("m", low=0.01, high=100, default=1.0, help="radius around the point")

    def measure(self, situation: Situation) -> bool:
        position = situation.position(self.actor)
        return math.hypot(position[0] - self.x, position[1] - self.y) <= self.tolerance


@conditions.register("relative_clearance")
class RelativeClearance(Condition):
    """A lane is free of vehicles beside an actor, and so far ahead of and behind it."""

    actor: str = reference("actor", help="around whom")
    ahead: float = quantity("m", low=0, high=500, help="from its front")
    behind: float = quantity("m", low=0, high=500, help="from its rear")
    lane: int = integer(low=-10, high=10, default=0, help="lanes to the left of its own; negative to the right")

    def measure(self, situation: Situation) -> bool:
        found = situation.road.where(situation.position(self.actor))
        if found is None:
            return False
        road, s, _, own = found
        way = 1 if math.cos(situation.yaw(self.actor) - road.heading_at(s)) >= 0.0 else -1
        lanes = sorted((x for x in road.cut(s) if x.kind == "driving"), key=lambda x: x.center_t_m)
        place = next((i for i, x in enumerate(lanes) if x.id == own.id), None)
        beside = -1 if place is None else place + way * self.lane
        if not 0 <= beside < len(lanes):
            return False
        low, high = sorted((lanes[beside].inner_t_m, lanes[beside].outer_t_m))
        me = _reach(road, situation, self.actor)
        before, after = (self.behind, self.ahead) if way > 0 else (self.ahead, self.behind)
        for index, entity in enumerate(situation.scene.entities):
            if entity.name == self.actor or entity.body.vehicle is None or not situation.snapshot.present[index]:
                continue
            s_from, s_to, t_from, t_to = _reach(road, situation, entity.name)
            if t_to > low and t_from < high and s_to > me[0] - before and s_from < me[1] + after:
                return False
        return True


def _reach(road: Road, situation: Situation, name: str) -> tuple[float, float, float, float]:
    """Lowest and highest s, lowest and highest t of an outline."""
    places = [road.locate(corner) for corner in situation.footprint(name).reshape(-1, 2)]
    s, t = [p[0] for p in places], [p[1] for p in places]
    return min(s), max(s), min(t), max(t)


@conditions.register("overlapping")
class Overlapping(Condition):
    """Two actors' outlines on the ground share an area."""

    a: str = reference("actor", help="one")
    b: str = reference("actor", help="the other")

    def measure(self, situation: Situation) -> bool:
        return situation.overlapping(self.a, self.b)
