"""A roundabout of one lane with four arms, at the edge of a town."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array, planar_pose
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene import shapes
from simgen.scene.body import CollisionShape
from simgen.scene.environment import Season
from simgen.scene.road import (
    Connection,
    Junction,
    LaneSection,
    Mark,
    Raised,
    ReferenceLine,
    Road,
    RoadLink,
    RoadNetwork,
    Spiral,
    arc,
    span,
)
from simgen.scene.roadside.crossing import Arm, facing, yield_line
from simgen.scene.roadside.fittings import SIGN_POST, Row, road_sign
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.materials import TILES_M
from simgen.scene.roadside.street import KERB_HEIGHT_M, LANE_M, LICENCE, SIDEWALK_M, countryside, lamps, lanes
from simgen.scene.roadside.surfaces import (
    CHAMFER_M,
    KERB_M,
    TERRAIN_M,
    Surfaces,
    pave,
    slabs,
    solid_ground,
    sweep,
)
from simgen.scene.shapes import Shape
from simgen.scene.stage import Setting, Stage

BEARINGS = {"west": math.pi, "east": 0.0, "north": math.pi / 2, "south": -math.pi / 2}
RING_M = 6.0
"""Width of the lane around the island."""
FLARE_M = 9.0
"""Radius of the kerbs between the ring and the arms."""
LIMIT_MPS = 8.3


@settings.register("roundabout")
class Roundabout(Setting):
    """A roundabout of four arms, ``west``, ``east``, ``north`` and ``south``.

    The main road leads from ``west`` around the island to ``east``, over half of the ring; ``north`` and ``south``
    lead away from the ring. Traffic goes round to the right of the island, counter-clockwise.
    """

    length: float = quantity("m", low=40, high=200, default=90.0, help="of each arm")
    island: float = quantity(
        "m", low=7, high=30, default=11.0, help="radius of the island", vary={"uniform": ["9 m", "16 m"]}
    )
    trees: float = quantity("", low=0, high=1, default=0.6, help="share of the places for trees that have one")
    look: int = integer(low=0, high=9999, default=1, help="seed of the trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        burning = lighting in ("street_lamps", "auto")
        outer = self.island + RING_M
        mouth = math.sqrt((outer + FLARE_M) ** 2 - (LANE_M + FLARE_M) ** 2)
        section = LaneSection(left=lanes(1, (LANE_M,)), right=lanes(-1, (LANE_M,)), center_mark=Mark(kind="solid"))
        arms = [
            Arm(name=name, bearing_rad=b, length_m=self.length, mouth_m=mouth, section=section, inward=name == "west")
            for name, b in BEARINGS.items()
        ]
        center = (self.length + mouth, 0.0)
        network = _network(arms, center, self.island)
        values = {name: getattr(self, name) for name in self.parameters}
        surfaces = Surfaces(season)
        solids: list[CollisionShape] = []
        signs, places = Row("signs", "traffic_sign"), list[Array]()
        rng = Key(self.look, 0, "roundabout").generator()
        fixtures = []
        for arm in arms:
            road = network.road(arm.name)
            pave(surfaces, road, yield_line(arm, 0.2))
            for t in (-(LANE_M + SIDEWALK_M), LANE_M):
                solids += slabs(road, t, t + SIDEWALK_M, KERB_HEIGHT_M, 0.5)
            signs.put(facing(arm, 1.0, 1, LANE_M + 0.5, center, KERB_HEIGHT_M), road_sign("yield"), [SIGN_POST])
            fixtures += lamps(road, LANE_M + 0.5, burning, name=f"street_lamp_{arm.name}")
            for side in (-1, 1):
                for s in np.arange(5.0, self.length - 5.0, 10.0):
                    if rng.random() < self.trees:
                        c, sn = math.cos(arm.bearing_rad), math.sin(arm.bearing_rad)
                        away = mouth + float(s)
                        t = side * (LANE_M + SIDEWALK_M + float(rng.uniform(3.0, 14.0)))
                        places.append(
                            planar_pose(center[0] + away * c - t * sn, center[1] + away * sn + t * c, 0.0, TERRAIN_M)
                        )
        ring = _ring(surfaces, self.island, outer, mouth, center)
        network = replace(network, raised=tuple(Raised.top_of(hull.points_m) for hull in ring))
        solids += ring
        reach = self.length + mouth + 160.0
        countryside(surfaces, center[0] - reach, -reach, center[0] + reach, reach, self.look)
        for bearing in np.linspace(0.0, 2 * math.pi, 6)[:-1] + 0.4:
            r = 0.55 * self.island
            at = planar_pose(center[0] + r * math.cos(bearing), r * math.sin(bearing), 0.0, 0.25)
            places.append(at)
        afar: list[Array] = []
        for bearing in np.linspace(0.0, 2 * math.pi, 61)[:-1]:
            r = self.length + mouth + float(rng.uniform(40.0, 90.0))
            afar.append(planar_pose(center[0] + r * math.cos(bearing), r * math.sin(bearing), 0.0, TERRAIN_M))
        boxes = [s for s in solids if s.kind == "box"]
        fixtures = [
            *surfaces.fixtures("roundabout", values, LICENCE),
            *solid_ground("sidewalk", boxes, "sidewalk"),
            *(
                f
                for k, s in enumerate(v for v in solids if v.kind == "hull")
                for f in solid_ground(f"kerb_{k + 1}", [s], "kerb")
            ),
            *fixtures,
            *signs.fixtures(values),
            *trees("wood", afar, self.look, (1, 4), season=season, plain=True),
            *trees("trees", places, self.look, (0, 2), season=season),
        ]
        return Stage(fixtures=tuple(fixtures), road=network, ground="asphalt", reach_m=2 * self.length + 60.0)


def _at(center: tuple[float, float], radius: float, bearing: float) -> tuple[float, float]:
    return center[0] + radius * math.cos(bearing), center[1] + radius * math.sin(bearing)


def _entry(mouth: float, ring: float) -> tuple[float, float]:
    """(radius, angle) of the arc to the right by which an arm's middle line joins the circle around the island.

    In the frame of an arm that comes in along +x from (-mouth, 0), the arc's middle is (-mouth, -radius), and it
    touches the circle from outside: mouth² + radius² = (ring + radius)².
    """
    radius = (mouth**2 - ring**2) / (2.0 * ring)
    return radius, math.atan2(mouth, radius)


def _network(arms: list[Arm], center: tuple[float, float], island: float) -> RoadNetwork:
    """Each arm's entry bends right until it runs along the ring; from there an arc leads to where the exit leaves."""
    mouth = arms[0].mouth_m
    # The reference line keeps this far from the middle; the lane lies to its right, between it and the ring's edge.
    ring = island + 0.5 * (RING_M - LANE_M)
    bend, turn = _entry(mouth, ring)
    # Bearing from the middle at which the entry meets the circle, against the arm's own bearing.
    shift = math.atan2(bend, mouth)
    roads = [arm.road(center) for arm in arms]
    connections = []
    for source in arms:
        for goal in arms:
            if source is goal:
                continue
            # Counter-clockwise from where the entry joins to where the exit leaves.
            round_rad = (goal.bearing_rad - source.bearing_rad) % (2.0 * math.pi) - 2.0 * shift
            if round_rad < 0.02:
                continue
            curves: list[Spiral] = [
                arc(bend * turn, -1.0 / bend),
                arc(ring * round_rad, 1.0 / ring),
                arc(bend * turn, -1.0 / bend),
            ]
            start = (*_at(center, mouth, source.bearing_rad), source.bearing_rad + math.pi)
            name = f"{source.name}_{goal.name}"
            outgoing = -goal.incoming
            lane = span(-1, "driving", LANE_M, speed_limit_mps=LIMIT_MPS, successor=outgoing)
            roads.append(
                Road(
                    id=name,
                    line=ReferenceLine.chained(curves, start),
                    sections=(LaneSection(right=(lane,)),),
                    junction="junction",
                    predecessor=RoadLink(kind="road", id=source.name, contact="end" if source.inward else "start"),
                    successor=RoadLink(kind="road", id=goal.name, contact="end" if goal.inward else "start"),
                )
            )
            connections.append(Connection(incoming=source.name, connecting=name, links=((source.incoming, -1),)))
    return RoadNetwork(
        roads=tuple(roads),
        junctions=(Junction(id="junction", connections=tuple(connections), rule="roundabout"),),
        main=("west", "west_east", "east"),
    )


def _ring(
    into: Surfaces, island: float, outer: float, mouth: float, center: tuple[float, float]
) -> list[CollisionShape]:
    """The ring's asphalt, the island with its kerb, and pavements around; returns hulls of what is raised."""
    at = np.asarray(center)
    h, c = KERB_HEIGHT_M, CHAMFER_M
    profile = [(0.0, 0.0), (0.0, h - c), (c, h), (KERB_M, h)]
    touch = math.atan2(LANE_M + FLARE_M, mouth)
    edges, hulls = [], list[CollisionShape]()
    for first in (-math.pi / 2, 0.0, math.pi / 2, math.pi):
        # From one arm's mouth along its flare, the ring, and the next arm's flare.
        flare_from = math.radians(270.0)
        flare_to = math.pi + touch
        angles = np.linspace(flare_from, flare_to, 8)
        flare = np.array([mouth, LANE_M + FLARE_M]) + FLARE_M * np.column_stack([np.cos(angles), np.sin(angles)])
        normal = -np.column_stack([np.cos(angles), np.sin(angles)])
        ring_angles = np.linspace(touch, math.pi / 2 - touch, 10)[1:-1]
        way = np.column_stack([np.cos(ring_angles), np.sin(ring_angles)])
        swap = np.array([[0.0, 1.0], [1.0, 0.0]])
        points = np.vstack([flare, outer * way, (flare @ swap)[::-1]])
        outward = np.vstack([normal, way, (normal @ swap)[::-1]])
        cs, sn = math.cos(first), math.sin(first)
        rotate = np.array([[cs, sn], [-sn, cs]])
        points, outward = points @ rotate + at, outward @ rotate
        edges.append(points)
        into.add("kerb", "kerb", sweep(points, outward, profile, 1.0))
        pavement = [(KERB_M, h), (SIDEWALK_M, h)]
        into.add("sidewalk", "paving", sweep(points, outward, pavement, 2.0))
        into.add("kerb", "kerb", sweep(points, outward, [(SIDEWALK_M, h), (SIDEWALK_M, TERRAIN_M)], 1.0))
        for a, b in zip(range(len(points) - 1), range(1, len(points)), strict=True):
            corners = np.vstack([points[[a, b]], points[[a, b]] + SIDEWALK_M * outward[[a, b]]])
            solid = np.vstack([np.column_stack([corners, np.full(4, z)]) for z in (-0.3, h)])
            hulls.append(CollisionShape(kind="hull", points_m=solid))
    outline = np.vstack(edges)
    bearing = np.arctan2(outline[:, 1] - at[1], outline[:, 0] - at[0])
    inner = at + island * np.column_stack([np.cos(bearing), np.sin(bearing)])
    rows = np.stack([np.column_stack([p, np.zeros(len(p))]) for p in (inner, outline)])
    rows = np.concatenate([rows, rows[:, :1]], axis=1)
    asphalt = shapes.grid(rows).turned_inside_out()
    into.add("road", "asphalt", Shape(asphalt.points_m, asphalt.faces, asphalt.points_m[:, :2] / TILES_M["asphalt"]))
    # The island's kerb is seen from outside, so that its outline runs clockwise.
    turn = np.linspace(0.0, -2.0 * math.pi, 41)
    rim = np.column_stack([np.cos(turn), np.sin(turn)])
    # Chords of the asphalt run inside of the circle: the kerb stands a little within it.
    edge = island - 0.02
    into.add("kerb", "kerb", sweep(at + edge * rim, -rim, [(0.0, -0.05), *profile[1:]], 1.0))
    steps = [(KERB_M, h), (1.6, h)]
    into.add("road", "setts", sweep(at + edge * rim, -rim, steps, 1.6))
    mound = [(1.6, h), (2.4, 0.3), (0.6 * island, 0.42), (edge - 0.01, 0.45)]
    into.add("terrain", "grass", sweep(at + edge * rim, -rim, mound, TILES_M["grass"]))
    disc = at + edge * rim[:-1]
    solid = np.vstack([np.column_stack([disc, np.full(len(disc), z)]) for z in (-0.3, h)])
    hulls.append(CollisionShape(kind="hull", points_m=solid))
    return hulls
