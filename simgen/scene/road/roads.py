"""A road: a reference line, its elevation, and its lanes; (s, t) to and from the world."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array
from simgen.scene.road.curves import Cubic, Curve, ReferenceLine, piece_at
from simgen.scene.road.lanes import Lane, LaneSection


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadLink:
    """What a road goes on in: another road, at its start or end, or a junction."""

    kind: Literal["road", "junction"]
    id: str
    contact: Literal["start", "end"] = "start"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """One road. Lanes with negative ids lie to the right of the reference line and run along +s, those with positive
    ids lie to the left and run along -s; t points to the left.

    Attributes:
        elevation: z of the reference line over s; 0 where there is none.
        junction: id of the junction that this road connects through, or "".
        no_parking_m: stretches from one s to another, on and beside a crossing, where nobody parks who keeps to the
            rules.
    """

    id: str
    line: ReferenceLine
    sections: tuple[LaneSection, ...]
    elevation: tuple[Cubic, ...] = ()
    junction: str = ""
    predecessor: RoadLink | None = None
    successor: RoadLink | None = None
    no_parking_m: tuple[tuple[float, float], ...] = ()
    _starts: tuple[float, ...] = field(init=False, repr=False)
    _cuts: tuple[tuple[Lane, ...] | None, ...] = field(init=False, repr=False)
    _across: tuple[tuple[tuple[float, ...], tuple[Lane, ...]], ...] = field(init=False, repr=False)
    _profile: tuple[tuple[float, ...], tuple[float, ...]] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(s.s_m for s in self.sections))
        cuts = tuple(s.cut(s.s_m) if s.constant else None for s in self.sections)
        object.__setattr__(self, "_cuts", cuts)
        object.__setattr__(self, "_across", tuple(_across(cut or ()) for cut in cuts))
        profile = None
        if len(cuts) == 1 and cuts[0] and not self.elevation:
            edges, lanes = self._across[0]
            heights = (0.0, *(lane.height_m for lane in lanes), 0.0)
            steps = [k for k in range(len(edges)) if heights[k] != heights[k + 1]]
            profile = tuple(edges[k] for k in steps), (*(heights[k] for k in steps), heights[-1])
        object.__setattr__(self, "_profile", profile)

    @property
    def length_m(self) -> float:
        return self.line.length_m

    def section_index(self, s_m: float) -> int:
        return max(0, bisect_right(self._starts, s_m + 1e-9) - 1)

    def section_end_m(self, index: int) -> float:
        return self._starts[index + 1] if index + 1 < len(self._starts) else self.length_m

    def cut(self, s_m: float) -> tuple[Lane, ...]:
        """The lanes at s."""
        k = self.section_index(s_m)
        known = self._cuts[k]
        return self.sections[k].cut(s_m) if known is None else known

    def lane(self, lane_id: int, s_m: float) -> Lane:
        """Raises KeyError for an id that the road does not have at s."""
        for lane in self.cut(s_m):
            if lane.id == lane_id:
                return lane
        raise KeyError(lane_id)

    def lane_at(self, s_m: float, t_m: float) -> Lane | None:
        if not 0.0 <= s_m <= self.length_m:
            return None
        edges, lanes = self._lanes_across(s_m)
        i = bisect_right(edges, t_m)
        return lanes[i - 1] if 0 < i <= len(lanes) else None

    def surfaces(self, s_m: float, low_t_m: float, high_t_m: float) -> set[str]:
        """Surfaces of all that lies between two t; "" beside the lanes and where a lane does not say."""
        if not 0.0 <= s_m <= self.length_m:
            return {""}
        edges, lanes = self._lanes_across(s_m)
        first, last = bisect_right(edges, low_t_m), bisect_right(edges, high_t_m)
        found = {lane.surface for lane in lanes[max(0, first - 1) : last]}
        return found | {""} if first == 0 or last > len(lanes) else found

    def _lanes_across(self, s_m: float) -> tuple[tuple[float, ...], tuple[Lane, ...]]:
        k = self.section_index(s_m)
        return _across(self.sections[k].cut(s_m)) if self._cuts[k] is None else self._across[k]

    def heading_at(self, s_m: float) -> float:
        """Heading of +s in the world, radians."""
        return self.line.at(s_m)[2]

    def elevation_at(self, s_m: float) -> float:
        if not self.elevation:
            return 0.0
        s = min(max(s_m, 0.0), self.length_m)
        piece = piece_at(self.elevation, s)
        return piece.at(s) + (s_m - s) * piece.slope_at(s)

    def slope_at(self, s_m: float) -> float:
        """Rise over run along +s."""
        if not self.elevation:
            return 0.0
        s = min(max(s_m, 0.0), self.length_m)
        return piece_at(self.elevation, s).slope_at(s)

    def height_at(self, s_m: float, t_m: float) -> float:
        if self._profile is not None:
            # The same all along the road, as most are: walkers ask several times per tick
            edges, heights = self._profile
            return heights[bisect_right(edges, t_m)] if 0.0 <= s_m <= self.line.length_m else 0.0
        lane = self.lane_at(s_m, t_m)
        return self.elevation_at(s_m) + (0.0 if lane is None else lane.height_m)

    def level_at(self, x_m: float, y_m: float, reach_m: float) -> float | None:
        """z of the surface at a place of the world, if it is known to be level as far as this around it."""
        if self._profile is None:
            return None
        s_m, t_m, _ = self.line.place(x_m, y_m)
        edges, heights = self._profile
        k = bisect_right(edges, t_m - reach_m)
        level = reach_m <= s_m <= self.line.length_m - reach_m and bisect_right(edges, t_m + reach_m) == k
        return heights[k] if level else None

    def pose_at(self, s_m: float, t_m: float) -> Array:
        """(4, 4) pose on the surface, x along +s, y along +t, z up from the surface."""
        x, y, heading, _ = self.line.at(s_m)
        c, s = math.cos(heading), math.sin(heading)
        pose = np.eye(4)
        pose[:2, :2] = [[c, -s], [s, c]]
        slope = self.slope_at(s_m)
        if slope:
            run = 1.0 / math.hypot(1.0, slope)
            rise = slope * run
            pose[:3, 0] = c * run, s * run, rise
            pose[:3, 2] = -c * rise, -s * rise, run
        pose[:3, 3] = x - s * t_m, y + c * t_m, self.height_at(s_m, t_m)
        return pose

    def normal_at(self, s_m: float, t_m: float) -> Array:
        """(3,) unit normal of the surface in the world, pointing up."""
        return self.pose_at(s_m, t_m)[:3, 2] if self.elevation else np.array((0.0, 0.0, 1.0))

    def locate(self, position_m: ArrayLike) -> tuple[float, float]:
        """(s, t) of a world position (2,) or (3,)."""
        p = np.asarray(position_m, dtype=np.float64)
        return self.line.locate(float(p[0]), float(p[1]))

    def points(self, s_m: Array, t_m: Array, height_m: ArrayLike = 0.0) -> Array:
        """(N, 3) of points at s (N,) and t (N,), ``height_m`` above the elevation."""
        x, y, sin, cos, z = self.frames(s_m)
        return np.stack([x - sin * t_m, y + cos * t_m, z + height_m], axis=1)

    def frames(self, s_m: Array) -> Array:
        """(5, N): x and y of the reference line at s (N,), sine and cosine of its heading, and the elevation."""
        x, y, heading, _ = self.line.sample(s_m).T
        z = np.array([self.elevation_at(float(s)) for s in np.ravel(s_m)]) if self.elevation else np.zeros(len(x))
        return np.stack([x, y, np.sin(heading), np.cos(heading), z])

    def stations(self, start_m: float, end_m: float, sag_m: float = 0.01) -> list[float]:
        """Lengths at which to cut a mesh between two s: bends in plan and in elevation, and changing widths."""
        found = set(self.line.stations(start_m, end_m, sag_m))
        for k, section in enumerate(self.sections):
            a, b = max(start_m, section.s_m), min(end_m, self.section_end_m(k))
            if b > a and not section.constant:
                found |= {float(v) for v in np.linspace(a, b, max(2, math.ceil((b - a) / 2.0) + 1))}
            elif start_m < section.s_m < end_m:
                found.add(section.s_m)
        for k, piece in enumerate(self.elevation):
            last = self.elevation[k + 1].s_m if k + 1 < len(self.elevation) else self.length_m
            a, b = max(start_m, piece.s_m), min(end_m, last)
            if b > a:
                bend = max(abs(piece.bend_at(a)), abs(piece.bend_at(b)))
                # So close that a chord runs less than 2 mm below the crest.
                pieces = max(1, math.ceil((b - a) * math.sqrt(bend / 0.016)))
                found |= {float(v) for v in np.linspace(a, b, pieces + 1)}
        ordered = sorted(found)
        kept = [ordered[0]]
        for s in ordered[1:]:
            if s - kept[-1] > 1e-6:
                kept.append(s)
        kept[-1] = end_m
        return kept


def _across(lanes: Sequence[Lane]) -> tuple[tuple[float, ...], tuple[Lane, ...]]:
    """Lanes from right to left, and the t of their edges: one more than there are lanes."""
    ordered = sorted(lanes, key=lambda lane: (min(lane.inner_t_m, lane.outer_t_m), max(lane.inner_t_m, lane.outer_t_m)))
    if not ordered:
        return (), ()
    edges = [min(lane.inner_t_m, lane.outer_t_m) for lane in ordered]
    return (*edges, max(ordered[-1].inner_t_m, ordered[-1].outer_t_m)), tuple(ordered)


def joined(id: str, roads: Sequence[Road]) -> Road:
    """Roads that lead on into each other, all along +s, as one road with one s."""
    curves: list[Curve] = []
    starts: list[tuple[float, float, float]] = []
    sections: list[LaneSection] = []
    elevation: list[Cubic] = []
    sloped = any(road.elevation for road in roads)
    s = 0.0
    for road in roads:
        curves += road.line.curves
        starts += road.line.starts
        sections += [replace(section, s_m=section.s_m + s) for section in road.sections]
        if sloped:
            elevation += [piece.shifted(s) for piece in road.elevation or (Cubic(),)]
        s += road.length_m
    return Road(
        id=id,
        line=ReferenceLine(tuple(curves), tuple(starts)),
        sections=tuple(sections),
        elevation=tuple(elevation),
        predecessor=roads[0].predecessor,
        successor=roads[-1].successor,
    )
