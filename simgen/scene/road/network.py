"""A road network on OpenDRIVE's concepts: roads, junctions with connecting roads and lane links, routes over lanes.

Right-hand traffic: lanes with negative ids lie to the right of the reference line and run along +s, those with
positive ids lie to the left and run along -s. t points to the left of the reference line.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from numpy.typing import ArrayLike

from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array
from simgen.scene.road.curves import Cubic, ReferenceLine, line
from simgen.scene.road.lanes import Lane, LaneSection, LaneSpan
from simgen.scene.road.path import LanePath, Stretch
from simgen.scene.road.raised import Raised
from simgen.scene.road.roads import Road, joined

DRIVEN = ("driving",)
TURNS = {"straight": 0.0, "left": 0.5 * math.pi, "right": 0.5 * math.pi}
"""Words for the ways on at a junction, and the size of the turn that they mean."""
STRAIGHT_RAD = math.radians(30.0)
BESIDE_M = 4.0
"""How far beside a lane somebody still counts as being on their way along it (parked at the kerb)."""


class LaneKey(NamedTuple):
    """One lane of one section of one road."""

    road: str
    section: int
    lane: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Through a junction: from a road's lanes over a connecting road. ``links`` are (lane of the incoming road, lane of
    the connecting road)."""

    incoming: str
    connecting: str
    links: tuple[tuple[int, int], ...]
    contact: str = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction:
    """Where roads meet. ``rule`` says who goes first where no signal does: those on the main road, or those who are in
    it already."""

    id: str
    connections: tuple[Connection, ...]
    rule: Literal["main", "roundabout"] = "main"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadNetwork:
    """Roads and junctions. What it tells by (s, t) alone, it tells of its main road: the way through, which may lead
    over several roads and junctions and is followed by one s.

    Attributes:
        main: ids of the roads that make up the main road, one after the other along +s; the first road when empty.
        raised: what stands out beside all lanes.
        branches: whether there are roads beside the main one.
    """

    roads: tuple[Road, ...]
    junctions: tuple[Junction, ...] = ()
    main: tuple[str, ...] = ()
    raised: tuple[Raised, ...] = ()
    main_road: Road = field(init=False)
    lanes: tuple[Lane, ...] = field(init=False)
    branches: bool = field(init=False)
    _by_id: Mapping[str, Road] = field(init=False, repr=False)
    _junctions: Mapping[str, Junction] = field(init=False, repr=False)
    _next: Mapping[LaneKey, tuple[LaneKey, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_id = {road.id: road for road in self.roads}
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_junctions", {junction.id: junction for junction in self.junctions})
        chain = [by_id[name] for name in self.main] if self.main else [self.roads[0]]
        road = chain[0] if len(chain) == 1 else joined("main", chain)
        object.__setattr__(self, "main_road", road)
        object.__setattr__(self, "lanes", road.cut(0.0))
        object.__setattr__(self, "branches", len(self.roads) > max(1, len(self.main)))
        object.__setattr__(self, "_next", self._links())

    @classmethod
    def straight(
        cls,
        *,
        length_m: float,
        lanes: Sequence[Lane],
        origin_m: tuple[float, float] = (0.0, 0.0),
        heading_rad: float = 0.0,
    ) -> RoadNetwork:
        """One straight road of lanes with constant widths."""
        spans = [
            LaneSpan(
                id=lane.id,
                kind=lane.kind,
                widths=(Cubic(a=lane.width_m),),
                height_m=lane.height_m,
                speed_limit_mps=lane.speed_limit_mps,
                surface=lane.surface,
                mark=lane.mark,
                one_way=lane.one_way,
            )
            for lane in lanes
        ]
        section = LaneSection(
            left=tuple(sorted((s for s in spans if s.id > 0), key=lambda s: s.id)),
            right=tuple(sorted((s for s in spans if s.id < 0), key=lambda s: -s.id)),
        )
        reference = ReferenceLine.chained((line(length_m),), (*origin_m, heading_rad))
        return cls(roads=(Road(id="main", line=reference, sections=(section,)),))

    # The main road

    @property
    def length_m(self) -> float:
        return self.main_road.length_m

    def lane(self, lane_id: int, s_m: float = 0.0) -> Lane:
        """A lane of the main road at s. Raises KeyError for an id that it does not have there."""
        return self.main_road.lane(lane_id, s_m)

    def lane_at(self, s_m: float, t_m: float) -> Lane | None:
        return self.main_road.lane_at(s_m, t_m)

    def height_at(self, s_m: float, t_m: float) -> float:
        """z of the surface in the world."""
        return self.main_road.height_at(s_m, t_m)

    def ground_at(self, x_m: float, y_m: float) -> float:
        """z of the surface at a place of the world."""
        if self.branches:
            found = self.where((x_m, y_m))
            if found is not None:
                return found[0].height_at(*found[1:3])
            on = next((r.height_m for r in self.raised if r.holds(x_m, y_m)), None)
            if on is not None:
                return on
        road = self.main_road
        s_m, t_m, _ = road.line.place(x_m, y_m)
        return road.height_at(s_m, t_m)

    def level_at(self, x_m: float, y_m: float, reach_m: float) -> float | None:
        """z of the surface at a place of the world, if it is known to be level as far as this around it."""
        return None if self.branches else self.main_road.level_at(x_m, y_m, reach_m)

    def surface_at(self, s_m: float, t_m: float) -> str:
        """Name of what wheels and feet stand on; "" where the stage's ground says it."""
        lane = self.main_road.lane_at(s_m, t_m)
        return "" if lane is None else lane.surface

    def normal_at(self, s_m: float, t_m: float) -> Array:
        """(3,) unit normal of the road's surface in the world, pointing up."""
        return self.main_road.normal_at(s_m, t_m)

    def pose_at(self, s_m: float, t_m: float) -> Array:
        """(4, 4) pose on the road's surface, x along +s, y along +t, z up from it."""
        return self.main_road.pose_at(s_m, t_m)

    def heading_at(self, s_m: float) -> float:
        """Heading of +s in the world, radians."""
        return self.main_road.line.at(s_m)[2]

    def curvature_at(self, s_m: float) -> float:
        """1/m, positive to the left."""
        return self.main_road.line.at(s_m)[3]

    def locate(self, position_m: ArrayLike) -> tuple[float, float]:
        """(s, t) of a world position (2,) or (3,)."""
        return self.main_road.locate(position_m)

    # All roads

    def road(self, road_id: str) -> Road:
        """A road of this name; "main" is the main road. Raises UnknownName."""
        if road_id in self._by_id:
            return self._by_id[road_id]
        if road_id in ("", "main"):
            return self.main_road
        raise UnknownName(kind="road", name=road_id, known=self.road_names)

    @property
    def road_names(self) -> tuple[str, ...]:
        """What a road may be called by: main, and all that lead through no junction."""
        return tuple(dict.fromkeys(["main", *(road.id for road in self.roads if not road.junction)]))

    def where(self, position_m: ArrayLike) -> tuple[Road, float, float, Lane] | None:
        """The road, s, t and lane of a world position on any road, the main road first; None beside all of them."""
        others = [road for road in self.roads if road.id not in self.main]
        for road in (self.main_road, *others):
            s, t = road.locate(position_m)
            lane = road.lane_at(s, t)
            if lane is not None:
                return road, s, t, lane
        return None

    def beneath(self, position_m: ArrayLike) -> tuple[Road, float, float]:
        """The road, s and t of a world position: as ``where`` finds it, and of the main road beside all of them."""
        if not self.branches:
            return (self.main_road, *self.main_road.locate(position_m))
        found = self.where(position_m)
        return (self.main_road, *self.main_road.locate(position_m)) if found is None else found[:3]

    def normal_below(self, position_m: ArrayLike) -> Array:
        """(3,) unit normal of the surface below a world position on any road, pointing up."""
        road, s, t = self.beneath(position_m)
        return road.normal_at(s, t)

    def surface_below(self, position_m: ArrayLike) -> str:
        """``surface_at`` of a world position on any road."""
        road, s, t = self.beneath(position_m)
        lane = road.lane_at(s, t)
        return "" if lane is None else lane.surface

    def lane_key(self, position_m: ArrayLike, heading_rad: float) -> tuple[LaneKey, float] | None:
        """The lane on which somebody at a place drives: that below, or the nearest one of the road that runs the way
        that they face; and s along its road. None beside all roads, and where no lane runs that way."""
        road, s, t = self.beneath(position_m)
        inside = min(max(s, 0.0), road.length_m)
        along = 1 if math.cos(heading_rad - road.heading_at(inside)) >= 0.0 else -1
        lanes = [lane for lane in road.cut(inside) if lane.kind in DRIVEN and lane.direction == along]
        if not lanes:
            return None
        lane = min(lanes, key=lambda one: max(abs(one.center_t_m - t) - 0.5 * one.width_m, 0.0))
        if abs(lane.center_t_m - t) > 0.5 * lane.width_m + BESIDE_M:
            return None
        return self.place_on("main" if road is self.main_road else road.id, lane.id, inside)

    # Routes

    def turn_rad(self, key: LaneKey) -> float:
        """How far a lane turns to the left from its start to its end, as one drives, from -pi to pi."""
        line = self._by_id[key.road].line
        section = self._by_id[key.road].sections[key.section]
        ends = line.at(section.s_m)[2], line.at(self._by_id[key.road].section_end_m(key.section))[2]
        return math.remainder((ends[1] - ends[0]) * self.direction(key), 2.0 * math.pi)

    def turns_from(self, start: LaneKey) -> tuple[str, ...]:
        """The turns that the next junction on the way from a lane on leaves open; none where it leads to none."""
        way = [start]
        while onward := self.next_lanes(way[-1]):
            if len(onward) > 1:
                return tuple(dict.fromkeys(_turn_name(self.turn_rad(key)) for key in onward))
            if onward[0] in way:
                break
            way.append(onward[0])
        return ()

    def junction(self, key: LaneKey) -> Junction:
        """The junction that a lane leads through. Raises KeyError for one that leads through none."""
        return self._junctions[self._by_id[key.road].junction]

    def check_route(self, route: Sequence[str]) -> None:
        """Raises UnknownName for a word that is neither a turn nor a road."""
        for word in route:
            if word not in TURNS and word not in self.road_names:
                raise UnknownName(kind="turn or road", name=word, known=[*TURNS, *self.road_names])

    def way(self, start: LaneKey, route: Sequence[str] = ()) -> tuple[LaneKey, ...]:
        """The lanes from ``start`` on: at each fork as the next word of the route says (left, right, straight), or by
        the shortest way to the road that it names; where it says nothing, and once it is over, the straightest.

        Raises:
            UnknownName: a word that is neither a turn nor a road.
            SimgenError: a turn that there is not, or a road to which no lanes lead.
        """
        self.check_route(route)
        words, way = list(route), [start]
        while True:
            if words and words[0] not in TURNS:
                way += self._to_road(way[-1], words.pop(0))[1:]
                continue
            onward = self.next_lanes(way[-1])
            if not onward:
                break
            chosen = min(onward, key=self._turn)
            if words and len(onward) > 1:
                chosen = self._turned(onward, words.pop(0))
            if chosen in way:
                break
            way.append(chosen)
        if words:
            raise SimgenError(
                f"'{words[0]}' finds no junction: the road has none left", remedy="shorten the route, or start earlier"
            )
        return tuple(way)

    def _turned(self, onward: Sequence[LaneKey], word: str) -> LaneKey:
        """That of several lanes that turns as a word says."""
        found = {key: _turn_name(self.turn_rad(key)) for key in onward}
        fitting = [key for key, name in found.items() if name == word]
        if not fitting:
            ways = ", ".join(f"{name} ({self._leads_to(key)})" for key, name in found.items())
            raise SimgenError(f"nobody can turn {word} here", remedy=f"the ways on are {ways}")
        return min(fitting, key=lambda key: abs(abs(self.turn_rad(key)) - TURNS[word]))

    def _to_road(self, start: LaneKey, name: str) -> tuple[LaneKey, ...]:
        if start.road == self.road(name).id or (name == "main" and start.road in self.main):
            return (start,)
        goals = [key for key in self.lane_keys() if key.road in (self.main if name == "main" else (name,))]
        ways = []
        for goal in goals:
            try:
                ways.append(self.route(start, goal))
            except SimgenError:
                continue
        if not ways:
            raise SimgenError(
                f"no lanes lead from road '{start.road}' to road '{name}'",
                remedy="start on a lane that leads there, or name another road",
            )
        return min(ways, key=lambda way: sum(self._length(key) for key in way[:-1]))

    def next_lanes(self, key: LaneKey) -> tuple[LaneKey, ...]:
        """The lanes that a lane leads on into, in its direction of travel."""
        return self._next.get(key, ())

    def lane_keys(self, kinds: Sequence[str] = DRIVEN) -> list[LaneKey]:
        return [
            LaneKey(road.id, k, lane.id)
            for road in self.roads
            for k, section in enumerate(road.sections)
            for lane in section.spans
            if lane.kind in kinds
        ]

    def direction(self, key: LaneKey) -> int:
        """+1 for a lane that runs along its road's s."""
        section = self._by_id[key.road].sections[key.section]
        lane = next(lane for lane in section.spans if lane.id == key.lane)
        return lane.one_way or (1 if lane.id < 0 else -1)

    def key_at(self, road_id: str, lane_id: int, s_m: float) -> LaneKey:
        """The lane at s of a road; s of the main road may lie on any of the roads that make it up."""
        return self.place_on(road_id, lane_id, s_m)[0]

    def place_on(self, road_id: str, lane_id: int, s_m: float) -> tuple[LaneKey, float]:
        """``key_at``, and s on the road of that lane."""
        if road_id in ("", "main") and road_id not in self._by_id:
            for name in self.main:
                if s_m <= self._by_id[name].length_m or name == self.main[-1]:
                    return self.place_on(name, lane_id, s_m)
                s_m -= self._by_id[name].length_m
        road = self.road(road_id)
        key = LaneKey(road.id, road.section_index(s_m), lane_id)
        road.lane(lane_id, s_m)
        return key, s_m

    def route(self, start: LaneKey, goal: LaneKey) -> tuple[LaneKey, ...]:
        """The shortest way over lanes (Dijkstra 1959), both ends included.

        Raises:
            SimgenError: no lanes lead there.
        """
        order = itertools.count()
        queue: list[tuple[float, int, LaneKey]] = [(0.0, next(order), start)]
        reached: dict[LaneKey, float] = {start: 0.0}
        before: dict[LaneKey, LaneKey] = {}
        while queue:
            cost, _, key = heapq.heappop(queue)
            if key == goal:
                way = [key]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return tuple(reversed(way))
            if cost > reached[key]:
                continue
            for onward in self.next_lanes(key):
                total = cost + self._length(key)
                if total < reached.get(onward, math.inf):
                    reached[onward], before[onward] = total, key
                    heapq.heappush(queue, (total, next(order), onward))
        raise SimgenError(
            f"no lanes lead from lane {start.lane} of road '{start.road}' to lane {goal.lane} of road '{goal.road}'",
            remedy="choose a lane that runs the other way, or another road",
        )

    def path(
        self, start: LaneKey, goal: LaneKey | None = None, *, length_m: float = math.inf, turns: Sequence[str] = ()
    ) -> LanePath:
        """The centre line onward from the start of a lane: to ``goal``, or as far as the lanes lead.

        Without a goal it keeps to the straightest way, and takes the roads named in ``turns`` where it can.

        Args:
            length_m: it ends soon after this length.
        """
        if goal is not None:
            return self.along(self.route(start, goal))
        way, total = [start], self._length(start)
        while total < length_m and (onward := self.next_lanes(way[-1])):
            wanted = [key for key in onward if self._leads_to(key) in turns]
            chosen = wanted[0] if wanted else min(onward, key=self._turn)
            if chosen in way:
                break
            way.append(chosen)
            total += self._length(chosen)
        return self.along(way)

    def along(self, keys: Sequence[LaneKey]) -> LanePath:
        """The centre line over these lanes."""
        stretches = []
        for key in keys:
            road = self._by_id[key.road]
            start, end = road.sections[key.section].s_m, road.section_end_m(key.section)
            stretches.append(Stretch(road, key.lane, start, end, self.direction(key)))
        return LanePath.over(stretches)

    def _length(self, key: LaneKey) -> float:
        road = self._by_id[key.road]
        return road.section_end_m(key.section) - road.sections[key.section].s_m

    def _turn(self, key: LaneKey) -> float:
        return abs(self.turn_rad(key))

    def _leads_to(self, key: LaneKey) -> str:
        onward = self.next_lanes(key)
        return onward[0].road if self._by_id[key.road].junction and onward else key.road

    def _links(self) -> dict[LaneKey, tuple[LaneKey, ...]]:
        found: dict[LaneKey, list[LaneKey]] = {}
        for road in self.roads:
            for k, section in enumerate(road.sections):
                for lane in section.spans:
                    key = LaneKey(road.id, k, lane.id)
                    forward = (lane.one_way or (1 if lane.id < 0 else -1)) > 0
                    other = k + 1 if forward else k - 1
                    named = lane.successor if forward else lane.predecessor
                    onward = lane.id if named is None else named
                    if 0 <= other < len(road.sections):
                        candidates = [LaneKey(road.id, other, onward)]
                    else:
                        candidates = self._beyond(road, lane.id, onward, forward)
                    for candidate in candidates:
                        if self._has(candidate):
                            found.setdefault(key, []).append(candidate)
        return {key: tuple(dict.fromkeys(keys)) for key, keys in found.items()}

    def _beyond(self, road: Road, lane: int, onward: int, forward: bool) -> list[LaneKey]:
        """Lanes after the end of a road at which a lane leaves it."""
        link = road.successor if forward else road.predecessor
        if link is None:
            return []
        if link.kind == "road":
            other = self._by_id[link.id]
            return [LaneKey(other.id, 0 if link.contact == "start" else len(other.sections) - 1, onward)]
        junction = next(j for j in self.junctions if j.id == link.id)
        result = []
        for connection in junction.connections:
            if connection.incoming == road.id:
                via = self._by_id[connection.connecting]
                section = 0 if connection.contact == "start" else len(via.sections) - 1
                result += [LaneKey(via.id, section, b) for a, b in connection.links if a == lane]
        return result

    def _has(self, key: LaneKey) -> bool:
        road = self._by_id.get(key.road)
        return road is not None and any(lane.id == key.lane for lane in road.sections[key.section].spans)


def _turn_name(turn_rad: float) -> str:
    if abs(turn_rad) < STRAIGHT_RAD:
        return "straight"
    return "left" if turn_rad > 0.0 else "right"
