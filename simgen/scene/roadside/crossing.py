"""Junctions at right angles: arms, connecting roads with lane links, the area between them, corners with kerbs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array, planar_pose
from simgen.scene import shapes
from simgen.scene.body import CollisionShape
from simgen.scene.road import (
    Connection,
    Junction,
    LaneSection,
    ReferenceLine,
    Road,
    RoadLink,
    RoadNetwork,
    Spiral,
    arc,
    line,
    span,
)
from simgen.scene.roadside.materials import TILES_M
from simgen.scene.roadside.street import KERB_HEIGHT_M
from simgen.scene.roadside.surfaces import CHAMFER_M, KERB_M, Patch, Surfaces, sweep
from simgen.scene.shapes import Shape

JUNCTION = "junction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A road that leads away from the junction at ``bearing_rad``; its reference line runs towards the junction when
    ``inward``, else away from it. Its mouth lies ``mouth_m`` from the junction's middle."""

    name: str
    bearing_rad: float
    length_m: float
    mouth_m: float
    section: LaneSection
    inward: bool = False

    def road(self, center_m: tuple[float, float]) -> Road:
        c, s = math.cos(self.bearing_rad), math.sin(self.bearing_rad)
        away = self.mouth_m + (self.length_m if self.inward else 0.0)
        start = (center_m[0] + away * c, center_m[1] + away * s)
        heading = self.bearing_rad + (math.pi if self.inward else 0.0)
        link = RoadLink(kind="junction", id=JUNCTION)
        return Road(
            id=self.name,
            line=ReferenceLine.chained([line(self.length_m)], (*start, heading)),
            sections=(self.section,),
            predecessor=None if self.inward else link,
            successor=link if self.inward else None,
        )

    def along(self, from_mouth_m: float) -> float:
        """s at a distance from the mouth."""
        return self.length_m - from_mouth_m if self.inward else from_mouth_m

    @property
    def incoming(self) -> int:
        """Sign of the lanes that lead to the junction."""
        return -1 if self.inward else 1

    def at_mouth(self, near_m: float, far_m: float, side: int, low_m: float, high_m: float) -> Patch:
        """A marking between two distances from the mouth, and two from the reference line, on the incoming (1) or
        outgoing (-1) side."""
        s = sorted((self.along(near_m), self.along(far_m)))
        sign = side * self.incoming
        t = sorted((sign * low_m, sign * high_m))
        return Patch(s_m=(s[0], s[1]), t_m=(t[0], t[1]))


def turning(angle_rad: float, tangent_m: float) -> list[Spiral]:
    """Clothoid, arc, clothoid that turn by an angle between two points ``tangent_m`` from where their tangents meet."""
    way, turn = math.copysign(1.0, angle_rad), abs(angle_rad)

    def curves(radius: float) -> list[Spiral]:
        easing = 0.3 * radius * turn
        k = way / radius
        return [Spiral(easing, 0.0, k), arc(radius * turn - easing, k), Spiral(easing, k, 0.0)]

    unit = ReferenceLine.chained(curves(1.0))
    x, y, heading, _ = unit.at(unit.length_m)
    return curves(tangent_m / (x - y / math.tan(heading)))


def network(
    arms: Sequence[Arm], center_m: tuple[float, float], main: tuple[str, str], lane_m: float, limit_mps: float = 13.9
) -> RoadNetwork:
    """Roads for the arms, and one through the junction for each way from an arm to another one.

    ``main`` names the arms over which the main road leads in and out; the first must be inward.
    """
    roads = [arm.road(center_m) for arm in arms]
    connections: list[Connection] = []
    first, last = (next(a for a in arms if a.name == name) for name in main)
    through = f"{first.name}_{last.name}"
    between = Road(
        id=through,
        line=ReferenceLine.chained([line(2.0 * first.mouth_m)], roads[arms.index(first)].line.at(first.length_m)[:3]),
        sections=(
            LaneSection(
                left=(span(1, "driving", lane_m, speed_limit_mps=limit_mps),),
                right=(span(-1, "driving", lane_m, speed_limit_mps=limit_mps),),
            ),
        ),
        junction=JUNCTION,
        predecessor=RoadLink(kind="road", id=first.name, contact="end"),
        successor=RoadLink(kind="road", id=last.name, contact="start"),
    )
    roads.append(between)
    connections.append(Connection(incoming=first.name, connecting=through, links=((-1, -1),)))
    connections.append(Connection(incoming=last.name, connecting=through, links=((1, 1),), contact="end"))
    for source in arms:
        for goal in arms:
            if source is goal or {source.name, goal.name} == set(main):
                continue
            turn = math.remainder(goal.bearing_rad - source.bearing_rad - math.pi, 2.0 * math.pi)
            curves = [line(source.mouth_m + goal.mouth_m)] if abs(turn) < 1e-9 else turning(turn, source.mouth_m)
            c, s = math.cos(source.bearing_rad), math.sin(source.bearing_rad)
            start = (center_m[0] + source.mouth_m * c, center_m[1] + source.mouth_m * s, source.bearing_rad + math.pi)
            name = f"{source.name}_{goal.name}"
            outgoing = -goal.incoming
            lane = span(-1, "driving", lane_m, speed_limit_mps=0.6 * limit_mps, successor=outgoing)
            roads.append(
                Road(
                    id=name,
                    line=ReferenceLine.chained(curves, start),
                    sections=(LaneSection(right=(lane,)),),
                    junction=JUNCTION,
                    predecessor=RoadLink(kind="road", id=source.name, contact="end" if source.inward else "start"),
                    successor=RoadLink(kind="road", id=goal.name, contact="end" if goal.inward else "start"),
                )
            )
            connections.append(Connection(incoming=source.name, connecting=name, links=((source.incoming, -1),)))
    return RoadNetwork(
        roads=tuple(roads),
        junctions=(Junction(id=JUNCTION, connections=tuple(connections)),),
        main=(first.name, through, last.name),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Corner:
    """The kerb between two arms: points (N, 2) counter-clockwise around the junction, unit normals away from it, and
    what the pavement behind it fills (M, 2)."""

    points_m: Array
    outward: Array
    filled_m: Array


def corners(
    bearings: Sequence[float], half_m: float, radius_m: float, sidewalk_m: float, center_m: tuple[float, float]
) -> list[Corner]:
    """Between arms at right angles or in line, in the order of their bearings (counter-clockwise)."""
    result = []
    for a, b in zip(bearings, [*bearings[1:], bearings[0] + 2.0 * math.pi], strict=True):
        turn = b - a
        c, s = math.cos(a), math.sin(a)
        rotate = np.array([[c, s], [-s, c]])
        mouth = half_m + radius_m
        if abs(turn - math.pi) < 1e-6:
            points = np.array([[mouth, half_m], [-mouth, half_m]])
            outward = np.array([[0.0, 1.0], [0.0, 1.0]])
            back = half_m + sidewalk_m
            filled = np.array([[mouth, half_m + KERB_M], [mouth, back], [-mouth, back], [-mouth, half_m + KERB_M]])
        else:
            angle = np.linspace(1.5 * math.pi, math.pi, 13)
            way = np.column_stack([np.cos(angle), np.sin(angle)])
            middle = np.array([mouth, mouth])
            points, outward = middle + radius_m * way, -way
            rim = middle + (radius_m - KERB_M) * way
            filled = np.vstack([middle[None], rim[::-1]])
        at = np.asarray(center_m)
        result.append(Corner(points @ rotate + at, outward @ rotate, filled @ rotate + at))
    return result


def lay(into: Surfaces, found: Sequence[Corner], center_m: tuple[float, float]) -> list[CollisionShape]:
    """Asphalt between the corners, kerbs, and the pavements behind them; returns hulls of the pavements."""
    area = np.vstack([corner.points_m for corner in found])
    n = len(area)
    points = np.vstack([np.column_stack([area, np.zeros(n)]), [(*center_m, 0.0)]])
    faces = np.column_stack([np.arange(n), (np.arange(n) + 1) % n, np.full(n, n)])
    into.add("road", "asphalt", Shape(points, faces, points[:, :2] / TILES_M["asphalt"]))
    h, c = KERB_HEIGHT_M, CHAMFER_M
    hulls = []
    for corner in found:
        into.add("kerb", "kerb", sweep(corner.points_m, corner.outward, [(0, 0), (0, h - c), (c, h), (KERB_M, h)], 1.0))
        fill = corner.filled_m
        if _area(fill) < 0:
            fill = fill[::-1]
        pave = shapes.fan(np.column_stack([fill, np.full(len(fill), h)]))
        into.add("sidewalk", "paving", Shape(pave.points_m, pave.faces, pave.points_m[:, :2] / TILES_M["paving"]))
        ends = np.vstack([corner.points_m, corner.filled_m])
        points = np.vstack([np.column_stack([ends, np.full(len(ends), z)]) for z in (-0.3, h)])
        hulls.append(CollisionShape(kind="hull", points_m=points))
    return hulls


def _area(outline_m: Array) -> float:
    x, y = outline_m.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def zebra(arm: Arm, half_m: float, near_m: float = 0.6, length_m: float = 3.4) -> list[Patch]:
    """A zebra over the whole arm and a stop line before it on the incoming side."""
    stripes = [
        arm.at_mouth(near_m, near_m + length_m, 1, float(t), float(t) + 0.5)
        for t in np.arange(-half_m + 0.3, half_m - 0.6, 1.0)
    ]
    return [*stripes, stop_line(arm, near_m + length_m + 1.0)]


def stop_line(arm: Arm, near_m: float, lane_m: float = 3.25) -> Patch:
    return arm.at_mouth(near_m, near_m + 0.45, 1, 0.12, lane_m - 0.05)


def yield_line(arm: Arm, near_m: float, lane_m: float = 3.25) -> list[Patch]:
    """Short thick dashes."""
    return [
        arm.at_mouth(near_m, near_m + 0.35, 1, float(t), float(t) + 0.45) for t in np.arange(0.2, lane_m - 0.4, 0.75)
    ]


def facing(arm: Arm, from_mouth_m: float, side: int, t_m: float, center_m: tuple[float, float], z_m: float) -> Array:
    """(4, 4) of something on the incoming (1) or outgoing (-1) side that looks down the arm, at who comes in."""
    c, s = math.cos(arm.bearing_rad), math.sin(arm.bearing_rad)
    away = arm.mouth_m + from_mouth_m
    # Seen along the bearing, who comes in drives on the left.
    x = center_m[0] + away * c - side * t_m * s
    y = center_m[1] + away * s + side * t_m * c
    return planar_pose(x, y, arm.bearing_rad, z_m)
