"""The centre line of lanes that lead on into each other: what those who follow a route steer by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array
from simgen.scene.road.roads import Road

SIDEWAYS_MPS2 = 2.5
"""Lateral acceleration that drivers choose in bends (Bosetti, Da Lio & Saroldi 2014: 2 to 3 m/s² in town)."""
SLOWING_MPS2 = 1.8
"""How they slow down for them."""
STEP_M = 0.25


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a path: a lane of a road from one s to another, along s (+1) or against it (-1)."""

    road: Road
    lane: int
    start_m: float
    end_m: float
    direction: int


@dataclass(frozen=True, slots=True, eq=False)
class LanePath:
    """A polyline of points every quarter of a metre, followed by its length; beyond its ends it goes on straight.

    Attributes:
        starts_m: distance at which each stretch starts.
        distance_m: (N,) from 0.
        points_m: (N, 3).
        heading_rad: (N,) without jumps.
        slope: (N,) rise over run.
    """

    stretches: tuple[Stretch, ...]
    starts_m: tuple[float, ...]
    distance_m: Array
    points_m: Array
    heading_rad: Array
    slope: Array

    @classmethod
    def over(cls, stretches: Sequence[Stretch]) -> LanePath:
        rows: list[tuple[float, float, float, float, float]] = []
        firsts: list[int] = []
        for stretch in stretches:
            firsts.append(max(0, len(rows) - 1))
            road, way = stretch.road, stretch.direction
            count = max(2, math.ceil((stretch.end_m - stretch.start_m) / STEP_M) + 1)
            s = np.linspace(stretch.start_m, stretch.end_m, count)[::way]
            # Just inside of the section, whose lanes may end where the next one starts.
            inside = np.clip(s, stretch.start_m + 1e-6, stretch.end_m - 1e-6)
            lanes = [road.lane(stretch.lane, float(v)) for v in inside]
            t = np.array([lane.center_t_m for lane in lanes])
            drift = np.gradient(t, s) if count > 2 else np.zeros(count)
            at = road.line.sample(s)
            bend = np.arctan2(drift, 1.0 - at[:, 3] * t)
            heading = at[:, 2] + bend + (0.0 if way > 0 else math.pi)
            points = road.points(s, t, np.array([lane.height_m for lane in lanes]))
            slope = np.array([road.slope_at(float(v)) * way for v in s])
            first = 1 if rows else 0
            rows += [
                (*p, h, g)
                for p, h, g in zip(
                    points[first:].tolist(), heading[first:].tolist(), slope[first:].tolist(), strict=True
                )
            ]
        table = np.array(rows)
        distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(table[:, :2], axis=0).T))])
        return cls(
            stretches=tuple(stretches),
            starts_m=tuple(distance[firsts].tolist()),
            distance_m=distance,
            points_m=table[:, :3].copy(),
            heading_rad=np.unwrap(table[:, 3]),
            slope=table[:, 4].copy(),
        )

    @property
    def length_m(self) -> float:
        return float(self.distance_m[-1])

    def heading_at(self, distance_m: float) -> float:
        return float(np.interp(distance_m, self.distance_m, self.heading_rad))

    def curvature_at(self, distance_m: float) -> float:
        """1/m, positive to the left, over one metre."""
        a, b = max(0.0, distance_m - 0.5), min(self.length_m, distance_m + 0.5)
        return (self.heading_at(b) - self.heading_at(a)) / (b - a) if b > a else 0.0

    def bends(self) -> Array:
        """(N,) curvature in 1/m over two metres, positive to the left."""
        d = self.distance_m
        a, b = np.maximum(d - 1.0, 0.0), np.minimum(d + 1.0, d[-1])
        turn = np.interp(b, d, self.heading_rad) - np.interp(a, d, self.heading_rad)
        bend: Array = turn / np.maximum(b - a, 1e-6)
        return bend

    def paces(self) -> Array:
        """(N,) highest speeds in m/s at which it is driven comfortably, with braking before each bend."""
        d = self.distance_m
        squared = SIDEWAYS_MPS2 / np.maximum(np.abs(self.bends()), 1e-6)
        # v² before = v² after + 2 b way: the least of all that comes, seen from each point
        ahead = np.minimum.accumulate((squared + 2.0 * SLOWING_MPS2 * d)[::-1])[::-1] - 2.0 * SLOWING_MPS2 * d
        pace: Array = np.sqrt(np.minimum(squared, ahead))
        return pace

    def pose_at(self, distance_m: float, offset_m: float = 0.0) -> Array:
        """(4, 4) pose, x along the path, ``offset_m`` to the left of its middle."""
        inside = min(max(distance_m, 0.0), self.length_m)
        x, y, z = (float(np.interp(inside, self.distance_m, self.points_m[:, k])) for k in range(3))
        heading = self.heading_at(inside)
        slope = float(np.interp(inside, self.distance_m, self.slope))
        c, s = math.cos(heading), math.sin(heading)
        run = 1.0 / math.hypot(1.0, slope)
        beyond = distance_m - inside
        pose = np.eye(4)
        pose[:3, 0] = c * run, s * run, slope * run
        pose[:3, 1] = -s, c, 0.0
        pose[:3, 2] = -c * slope * run, -s * slope * run, run
        pose[:3, 3] = x + beyond * c - offset_m * s, y + beyond * s + offset_m * c, z + beyond * slope
        return pose

    def locate(self, position_m: ArrayLike, near_m: float | None = None) -> tuple[float, float]:
        """(distance along, offset to the left) of a world position (2,) or (3,).

        Args:
            near_m: looks within 30 m of this distance only, for paths that cross themselves.
        """
        p = np.asarray(position_m, dtype=np.float64)
        gaps = (self.points_m[:, 0] - p[0]) ** 2 + (self.points_m[:, 1] - p[1]) ** 2
        if near_m is not None:
            gaps = np.where(np.abs(self.distance_m - near_m) < 30.0, gaps, np.inf)
        k = int(np.argmin(gaps))
        d = float(self.distance_m[k])
        offset = 0.0
        for _ in range(3):
            pose = self.pose_at(d)
            ahead = p[:2] - pose[:2, 3]
            heading = math.atan2(pose[1, 0], pose[0, 0])
            c, s = math.cos(heading), math.sin(heading)
            along, offset = float(c * ahead[0] + s * ahead[1]), float(-s * ahead[0] + c * ahead[1])
            d += along / max(1.0 - self.curvature_at(d) * offset, 0.3)
        return d, offset
