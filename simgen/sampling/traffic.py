"""Traffic as stated, made into actors: vehicles spaced along the driving lanes, pedestrians on the pavements.

Every draw is keyed by the member's name, and the name by the lane and the place in its line, so that neither another
actor nor another density changes what a member is. What stands in somebody's way is left out; the others stay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.core import vocabulary
from simgen.core.declare import check_values
from simgen.core.errors import SimgenError, ValueOutOfRange
from simgen.core.geometry import Array, planar_pose, yaw_of
from simgen.language.logical import Named, Traffic
from simgen.sampling.assembly import build_body
from simgen.sampling.concrete import ConcreteActor, Use
from simgen.sampling.obstacles import Placed, blocked_by
from simgen.sampling.resolve import Resolver
from simgen.scene.body import Body
from simgen.scene.road import Lane, Road, RoadNetwork
from simgen.scene.stage import Stage
from simgen.scene.traffic import (
    COMFORT_MPS2,
    DRIVER_KEYS,
    FULL_MPS2,
    SCENE_KEYS,
    STANDSTILL_M,
    WALKER_KEYS,
    TrafficSpec,
)

SETTLED_MPS2 = 2.5
"""Nobody starts so fast that braking at this rate would not do for where he may have to wait."""
WAITING_M = 7.0
"""Where those who wait stand, at most, before a junction: its stop line lies before its zebra."""
MARGIN_M = 0.3
PASSABLE = 0.8
"""Share of its width that a lane keeps where one still drives in it."""
ROADSIDE_M = 20.0
"""Who is farther than this beside a road, or beyond its end, is on another one."""
TRIES = 24
"""How many places on a pavement are tried for a pedestrian."""
WALKER_WIDTH_M = 0.7
SIZES = 4
"""In how many sizes each model of vehicle is on the roads of a scenario; the paint and the rest is each vehicle's own.
A body of a new size takes a tenth of a second to make, and traffic is many of them in every sample."""


def traffic_around(
    traffic: Traffic, stage: Stage, named: Sequence[Placed], resolver: Resolver
) -> tuple[ConcreteActor, ...]:
    """The actors that ``traffic:`` amounts to in one sample.

    Args:
        named: the actors of the scenario at their places, around which ``clear`` is kept free.

    Raises:
        SimgenError: a setting without a road.
        ValueOutOfRange: more vehicles than the lanes hold.
    """
    if stage.road is None:
        raise SimgenError("this setting has no road for traffic", where=traffic.place, remedy="remove 'traffic'")
    return _Traffic(traffic, stage, stage.road, list(named), resolver).members()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Driver:
    """A vehicle in line: ``x`` is how far the middle is along the lane's own direction, from where the lane starts."""

    name: str
    model: Use
    body: Body
    values: Mapping[str, Any]
    x_m: float = 0.0
    speed_mps: float = 0.0

    @property
    def front_m(self) -> float:
        return self.body.box_center_m[0] + self.body.box_size_m[0] / 2

    @property
    def back_m(self) -> float:
        return self.body.box_size_m[0] / 2 - self.body.box_center_m[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lane:
    """A lane in which vehicles stand in line. ``name`` keys its draws."""

    road: Road
    lane: Lane
    name: str

    def s_m(self, x_m: float) -> float:
        """Along the road, of a place ``x_m`` along the lane's own direction; and the other way round."""
        return x_m if self.lane.direction > 0 else self.road.length_m - x_m

    def is_open(self, s_m: float) -> bool:
        """Whether one drives in it there: roadworks may narrow and close it on the way."""
        here = next((lane for lane in self.road.cut(s_m) if lane.id == self.lane.id), None)
        return here is not None and here.kind == self.lane.kind and here.width_m > PASSABLE * self.lane.width_m

    def closings_m(self) -> list[float]:
        """Where along the lane's own direction it ends before the road does."""
        if len(self.road.sections) == 1 and self.road.sections[0].constant:
            return []
        places = np.arange(0.0, self.road.length_m, 0.5 * STANDSTILL_M).tolist()
        opened = [self.is_open(self.s_m(x)) for x in places]
        return [x for x, before, here in zip(places[1:], opened, opened[1:], strict=False) if before and not here]

    def pose(self, x_m: float) -> Array:
        """Pose of a vehicle in the middle, ``x_m`` along the lane's own direction."""
        s = self.s_m(x_m)
        return _facing(self.road, s, self.lane.center_t_m, self.lane.direction)


class _Traffic:
    def __init__(
        self, traffic: Traffic, stage: Stage, road: RoadNetwork, named: list[Placed], resolver: Resolver
    ) -> None:
        self._traffic = traffic
        self._stage = stage
        self._road = road
        self._named = named
        self._placed = list(named)
        self._resolver = resolver
        # With ``randomize: none`` the same traffic stands around every sample
        self._held = not resolver.varies("traffic")
        scene = self._values(SCENE_KEYS, "traffic")
        self._density_per_m = scene["density"] / 1000.0
        self._turning = scene["turning"]
        self._pedestrians_per_m = scene["pedestrians"] / 1000.0
        self._clear_m = scene["clear"]
        self._sizes: dict[tuple[str, int], dict[str, Any]] = {}

    def members(self) -> tuple[ConcreteActor, ...]:
        lines = self._lines()
        pavements = sorted((lane for lane in self._road.lanes if lane.kind == "sidewalk"), key=lambda lane: lane.id)
        drivers = [
            self._drive(driver, line) for k, line in enumerate(lines) for driver in self._line(line, k, len(lines))
        ]
        walkers = [w for k, lane in enumerate(pavements) for w in self._walkers(lane, k, len(pavements))]
        return (*sorted(drivers, key=lambda actor: _number(actor.name)), *walkers)

    def _lines(self) -> list[_Lane]:
        """The lanes on which vehicles stand in line: those of the main road, or of each road that leads to and from
        junctions."""
        roads = [self._road.main_road]
        if self._road.junctions:
            roads = [road for road in self._road.roads if not road.junction]
        return [
            _Lane(road=road, lane=lane, name=str(lane.id) if len(roads) == 1 else f"{road.id}.{lane.id}")
            for road in roads
            for lane in sorted(road.cut(0.0), key=lambda lane: lane.id)
            if lane.kind == "driving"
        ]

    def _values(self, keys: Sequence[str], path: str) -> dict[str, Any]:
        stated = {key: value for key, value in self._traffic.values.items() if key in keys}
        declared = {key: TrafficSpec.parameters[key] for key in keys}
        return self._resolver.declared(declared, stated, path, "the traffic")

    def _uniform(self, path: str, low: float, high: float) -> float:
        record = self._resolver.draws.uniform(path, low, high, held=self._held)
        self._resolver.draws.keep(record)
        return float(record.value)

    def _walker_model(self, name: str, title: str) -> tuple[Use, Body]:
        path = f"traffic.{name}"
        use = self._resolver.use(vocabulary.models, Named(name=title, place=self._traffic.place), path)
        return use, build_body(use, path)

    def _vehicle_model(self, name: str, title: str) -> tuple[Use, Body]:
        """A model in one of the sizes in which the scenario has it, with paint and all else of its own."""
        path = f"traffic.{name}"
        parameters = vocabulary.models.get(title, self._traffic.place).parameters
        size = {} if self._held else self._size(title, int(self._uniform(f"{path}.size", 0.0, 1.0) * SIZES))
        own = {key: parameter for key, parameter in parameters.items() if key not in size}
        values = {**size, **self._resolver.declared(own, {}, path, title)}
        use = Use(name=title, parameters={key: values[key] for key in parameters})
        return use, build_body(use, path)

    def _size(self, title: str, k: int) -> dict[str, Any]:
        """The quantities of the k-th size of a model."""
        if (title, k) not in self._sizes:
            parameters = vocabulary.models.get(title, self._traffic.place).parameters
            varied = {key: p for key, p in parameters.items() if p.kind == "quantity" and p.vary is not None}
            with self._resolver.for_all_samples():
                self._sizes[title, k] = self._resolver.declared(varied, {}, f"traffic.{title}[{k}]", title)
        return self._sizes[title, k]

    # On the road

    def _line(self, line: _Lane, k: int, lines: int) -> list[_Driver]:
        """The vehicles of one lane that find room, at their places and speeds."""
        length = line.road.length_m
        if self._density_per_m == 0.0:
            return []
        path = f"traffic.lane[{line.name}]"
        count = math.floor(self._density_per_m * length + self._uniform(f"{path}.count", 0.0, 1.0))
        drivers = []
        for i in range(count):
            name = f"traffic_{i * lines + k + 1}"
            values = self._values(DRIVER_KEYS, f"traffic.{name}")
            model, body = self._vehicle_model(name, str(values["model"]))
            if body.vehicle is None:
                raise ValueOutOfRange(
                    f"'{values['model']}' does not drive", where="traffic.model", remedy="name models of vehicles"
                )
            drivers.append(_Driver(name=name, model=model, body=body, values=values))
        if not drivers:
            return []
        spaced = _spaced(drivers, length, self._uniform(f"{path}.phase", 0.0, 1.0), line.lane.id)
        return self._settled([d for d in spaced if self._takes(d, line)], line)

    def _takes(self, driver: _Driver, line: _Lane) -> bool:
        """Whether a vehicle may stand where it is; it then does."""
        road, lane = line.road, line.lane
        pose = line.pose(driver.x_m)
        s = line.s_m(driver.x_m)
        if not all(line.is_open(line.s_m(x)) for x in (driver.x_m - driver.back_m, driver.x_m + driver.front_m)):
            return False
        leads_on = bool(self._road.next_lanes(self._road.key_at(road.id, lane.id, s)))
        if self._road.junctions and leads_on and road.length_m - driver.x_m - driver.front_m < WAITING_M:
            # Nobody knows whether it has passed the line or waits
            return False
        for other in self._named:
            low, high = _span(road, other)
            t = road.locate(other.world_from_body[:3, 3])[1]
            on_their_side = t * lane.center_t_m >= 0 and (not self._road.junctions or abs(t) < ROADSIDE_M)
            free = max(low - s, s - high) - max(driver.front_m, driver.back_m)
            if on_their_side and free < self._clear_m:
                return False
        candidate = Placed(name=driver.name, body=driver.body, world_from_body=pose)
        if blocked_by(candidate, self._placed, self._stage, margin_m=MARGIN_M) is not None:
            return False
        self._placed.append(candidate)
        return True

    def _settled(self, drivers: list[_Driver], line: _Lane) -> list[_Driver]:
        """With the speeds at the start: as wanted, or such that nobody has to brake harder than he likes to for the
        gap ahead and the speed there."""
        lane = line.lane
        ahead = [*self._ahead(line), *((end, 0.0) for end in line.closings_m())]
        result: list[_Driver] = []
        for driver in sorted(drivers, key=lambda d: -d.x_m):
            speed = min(lane.speed_limit_mps * driver.values["speed"], self._approach(driver, line))
            for rear_m, their_mps in ahead:
                gap = rear_m - driver.x_m - driver.front_m
                if gap >= 0.0:
                    speed = min(speed, settled_mps(gap, their_mps, driver.values["headway"]))
            result.append(replace(driver, speed_mps=speed))
            ahead.append((driver.x_m - driver.back_m, speed))
        return result

    def _approach(self, driver: _Driver, line: _Lane) -> float:
        """The speed that leaves a driver time for the bends of its way, and to stop before a junction at which it may
        have to wait."""
        if not self._road.junctions:
            return math.inf
        lane, length = line.lane, line.road.length_m
        s = line.s_m(driver.x_m)
        start = self._road.key_at(line.road.id, lane.id, s)
        path = self._road.along(self._road.way(start, self._turns(driver, line) or ()))
        gone = driver.x_m - (path.stretches[0].start_m if lane.direction > 0 else length - path.stretches[0].end_m)
        pace = float(np.interp(gone, path.distance_m, path.paces()))
        if len(path.stretches) == 1:
            return pace
        left = max(0.0, path.starts_m[1] - gone - driver.front_m - WAITING_M)
        return min(pace, math.sqrt(2.0 * SETTLED_MPS2 * left) + 0.5)

    def _ahead(self, line: _Lane) -> list[tuple[float, float]]:
        """(where its rear is along the lane, speed) of the vehicles with names in a lane."""
        found = []
        road, lane = line.road, line.lane
        for other in self._named:
            s, t = road.locate(other.world_from_body[:3, 3])
            across = 0.5 * (lane.width_m + other.body.box_size_m[1]) - MARGIN_M
            if other.body.vehicle is None or abs(t - lane.center_t_m) > across:
                continue
            low, high = _span(road, other)
            if not -ROADSIDE_M < s < road.length_m + ROADSIDE_M:
                continue
            rear = low if lane.direction > 0 else road.length_m - high
            facing = math.cos(yaw_of(other.world_from_body) - road.heading_at(s)) * lane.direction
            found.append((rear, self._resolver.speed(other.name) if facing > 0 else 0.0))
        return found

    def _drive(self, driver: _Driver, line: _Lane) -> ConcreteActor:
        lane = line.lane
        wanted = lane.speed_limit_mps * driver.values["speed"]
        values = {"speed": wanted, "headway": driver.values["headway"], "leaves": True}
        behavior = "follow_lane"
        if self._road.junctions:
            values["route"] = self._turns(driver, line)
        else:
            behavior, values["politeness"] = "lane_change", driver.values["politeness"]
        pose = line.pose(driver.x_m)
        return _actor(driver.name, driver.model, pose, self._road, lane.id, driver.speed_mps, behavior, values)

    def _turns(self, driver: _Driver, line: _Lane) -> tuple[str, ...] | None:
        """The turn at the junction that its lane leads to; None for a lane that leads to none."""
        s = line.s_m(driver.x_m)
        turns = self._road.turns_from(self._road.key_at(line.road.id, line.lane.id, s))
        if not turns:
            return None
        drawn = self._uniform(f"traffic.{driver.name}.turn", 0.0, 1.0)
        sides = [turn for turn in ("left", "right") if turn in turns]
        if "straight" in turns and (drawn >= self._turning or not sides):
            return ("straight",)
        share = drawn / self._turning if "straight" in turns else drawn
        return (sides[min(int(share * len(sides)), len(sides) - 1)],)

    # On the pavements

    def _walkers(self, lane: Lane, k: int, pavements: int) -> list[ConcreteActor]:
        length = self._road.length_m
        if self._pedestrians_per_m == 0.0:
            return []
        count = math.floor(self._pedestrians_per_m * length + self._uniform(f"traffic.lane[{lane.id}].count", 0.0, 1.0))
        found = []
        for i in range(count):
            name = f"traffic_walker_{i * pavements + k + 1}"
            values = self._values(WALKER_KEYS, f"traffic.{name}")
            model, body = self._walker_model(name, str(values["pedestrian_model"]))
            if body.gait is None:
                raise ValueOutOfRange(
                    f"'{values['pedestrian_model']}' does not walk",
                    where="traffic.pedestrian_model",
                    remedy="name models of people",
                )
            pose = self._pavement_pose(name, body, lane)
            if pose is not None:
                behavior = {"speed": values["walking_speed"], "leaves": True}
                found.append(_actor(name, model, pose, self._road, lane.id, 0.0, "walk_along", behavior))
        return found

    def _pavement_pose(self, name: str, body: Body, lane: Lane) -> Array | None:
        """A free place on a pavement with a free way along it; None where none is found."""
        draws, path, length = self._resolver.draws, f"traffic.{name}", self._road.length_m
        low, high = sorted((lane.inner_t_m, lane.outer_t_m))
        for k in range(TRIES):
            again = f"~{k}" if k else ""
            s = draws.uniform(f"{path}.s{again}", 1.0, length - 1.0, held=self._held)
            t = draws.uniform(f"{path}.t{again}", low + 0.4, high - 0.4, held=self._held)
            # Those who walk on the right of the pavement, seen along s, go along s: nobody meets anybody head-on.
            along = 1 if float(t.value) < lane.center_t_m else -1
            pose = _facing(self._road, float(s.value), float(t.value), along)
            candidate = Placed(name=name, body=body, world_from_body=pose)
            if blocked_by(candidate, self._placed, self._stage, margin_m=0.2) is not None:
                continue
            if not self._free_way(body, float(s.value), float(t.value), along):
                continue
            self._placed.append(candidate)
            draws.keep(s, t)
            return pose
        return None

    def _free_way(self, body: Body, s_m: float, t_m: float, along: int) -> bool:
        """Whether nothing of the stage and nobody with a name stands in the way to the end of the pavement."""
        step = 12.0
        end = self._road.length_m - 1.0 if along > 0 else 1.0
        pieces = np.arange(0.0, max(0.5, abs(end - s_m)), step)
        for start in pieces:
            reach = min(step, abs(end - s_m) - start)
            middle = s_m + along * (start + reach / 2)
            height = body.box_size_m[2]
            way = replace(body, box_size_m=(reach, WALKER_WIDTH_M, height), box_center_m=(0.0, 0.0, height / 2))
            pose = _facing(self._road, middle, t_m, along)
            if blocked_by(Placed(name="", body=way, world_from_body=pose), self._named, self._stage) is not None:
                return False
        return True


def settled_mps(gap_m: float, their_mps: float, headway_s: float) -> float:
    """The most that somebody may drive so far behind another who drives at ``their_mps`` without braking harder than
    COMFORT_MPS2 at once.

    Intelligent-driver model (Treiber, Hennecke & Helbing 2000): at the speed that he wants he brakes with
    a (s*/s)^2, where s* = s0 + v T + v (v - v') / (2 sqrt(a b)); solved for v.
    """
    per_m = 0.5 / math.sqrt(FULL_MPS2 * COMFORT_MPS2)
    slope = headway_s - per_m * their_mps
    left = gap_m * math.sqrt(COMFORT_MPS2 / FULL_MPS2) - STANDSTILL_M
    root = slope * slope + 4.0 * per_m * left
    return 0.0 if root < 0.0 else max(0.0, (math.sqrt(root) - slope) / (2.0 * per_m))


def _spaced(drivers: Sequence[_Driver], length_m: float, phase: float, lane: int) -> list[_Driver]:
    """The vehicles along a lane of this length: each ahead of the one before it in the list by what both bodies take,
    the distance of a jam, and a share of what remains that grows with the headway it keeps. ``phase`` (0 … 1) turns
    the line around the lane, whose end is joined to its start."""
    ends = max(max(d.front_m, d.back_m) for d in drivers) + 0.5
    room = length_m - 2 * ends
    least = [d.front_m + drivers[(i + 1) % len(drivers)].back_m + STANDSTILL_M for i, d in enumerate(drivers)]
    free = room - math.fsum(least)
    if free < 0 and len(drivers) > 1:
        raise ValueOutOfRange(
            f"{len(drivers)} vehicles do not fit into lane {lane} of {length_m:.0f} m",
            where="traffic.density",
            remedy="state a lower density, or shorter vehicles",
        )
    shares = [d.values["headway"] for d in drivers]
    total = math.fsum(shares)
    placed, at = [], phase * room
    for driver, own, share in zip(drivers, least, shares, strict=True):
        placed.append(replace(driver, x_m=ends + at % room))
        at += own + max(0.0, free) * share / total
    return placed


def _facing(road: Road | RoadNetwork, s_m: float, t_m: float, along: int) -> Array:
    pose = road.pose_at(s_m, t_m)
    return pose if along > 0 else pose @ planar_pose(0.0, 0.0, math.pi)


def _span(road: Road, placed: Placed) -> tuple[float, float]:
    """The stretch of s that a body takes."""
    s = [road.locate(corner)[0] for corner in placed.outline]
    return min(s), max(s)


def _number(name: str) -> int:
    return int(name.rpartition("_")[2])


def _actor(
    name: str,
    model: Use,
    pose: Array,
    road: RoadNetwork,
    lane: int,
    speed_mps: float,
    behavior: str,
    values: Mapping[str, Any],
) -> ConcreteActor:
    x, y, z = (float(v) for v in pose[:3, 3])
    s, t = road.locate((x, y))
    parameters = check_values(vocabulary.behaviors.get(behavior).parameters, values, behavior, f"traffic.{name}")
    return ConcreteActor(
        name=name,
        model=model,
        position_m=(x, y, z),
        yaw_rad=yaw_of(pose),
        lane=lane,
        s_m=s,
        t_m=t,
        speed_mps=speed_mps,
        behavior=Use(name=behavior, parameters=dict(parameters)),
    )
