"""A country road that climbs a hill, runs over its crest and down the other side."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.road import Cubic, LaneSection, LaneSpan, Mark, ReferenceLine, Road, RoadNetwork, line, span
from simgen.scene.roadside.fittings import (
    SIGN_POST,
    Row,
    reflector_post,
    road_sign,
    stand,
)
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.materials import TILES_M
from simgen.scene.roadside.surfaces import AROUND_M, TERRAIN_M, Surfaces, pave, sheet, slabs, solid_ground
from simgen.scene.stage import Setting, Stage

LICENCE = "Apache-2.0"
SHOULDER_M = 0.75
VERGE_M = 2.0
BEYOND_M = 90.0 + AROUND_M


@settings.register("slope")
class Slope(Setting):
    """Level, up, and over a crest: level again on top (``descent`` 0) or down; downhill first for a negative grade."""

    length: float = quantity("m", low=200, high=1000, default=360.0, help="of the road")
    grade: float = quantity(
        "", low=-0.15, high=0.15, default=0.08, help="rise over run of the first slope", vary={"uniform": [0.04, 0.12]}
    )
    descent: float = quantity("", low=0, high=1, default=1.0, help="share of the rise that the road loses again")
    rounding: float = quantity(
        "m", low=20, high=120, default=50.0, help="length over which the grade changes, at the foot and the crest"
    )
    lane_width: float = quantity("m", low=2.6, high=4.0, default=3.25, help="of each lane")
    look: int = integer(low=0, high=9999, default=1, help="seed of the trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        section = self._section()
        elevation = _elevation(self.length, self.grade, self.descent, self.rounding)
        road = Road(
            id="main", line=ReferenceLine.chained([line(self.length)]), sections=(section,), elevation=elevation
        )
        values = {name: getattr(self, name) for name in self.parameters}
        surfaces = Surfaces(season)
        pave(surfaces, road)
        # Where the verge has fallen to the height of the land.
        edge = self.lane_width + SHOULDER_M + 0.4 * VERGE_M
        stations = [-BEYOND_M, *road.stations(0.0, self.length), self.length + BEYOND_M]
        s = np.array(stations)
        for a, b in ((-BEYOND_M, -edge), (edge, BEYOND_M)):
            strip = [(np.full(len(s), a), TERRAIN_M), (np.full(len(s), b), TERRAIN_M)]
            surfaces.add("terrain", "grass", sheet(road, stations, strip, TILES_M["grass"]))
        for a, b in ((-BEYOND_M, 0.0), (self.length, self.length + BEYOND_M)):
            strip = [(np.full(2, -edge), TERRAIN_M), (np.full(2, edge), TERRAIN_M)]
            surfaces.add("terrain", "grass", sheet(road, [a, b], strip, TILES_M["grass"]))
        fixtures = surfaces.fixtures("slope", values, LICENCE)
        fixtures += solid_ground("slope", slabs(road, -30.0, 30.0, 0.0, 1.0))
        posts, signs = Row("reflector_posts", "pole"), Row("signs", "traffic_sign")
        at = self.lane_width + SHOULDER_M
        for u in np.arange(10.0, self.length - 5.0, 25.0):
            for side in (-1, 1):
                posts.put(stand(road, float(u), side * (at + 0.6), height_m=-0.03), reflector_post(), s_m=float(u))
        signs.put(stand(road, 18.0, -(at + 1.3), math.pi), road_sign("speed_limit", 70), [SIGN_POST])
        signs.put(stand(road, 45.0, -(at + 1.3), math.pi), road_sign("danger"), [SIGN_POST])
        rng = Key(self.look, 0, "slope").generator()
        places = []
        for side in (-1, 1):
            for u in np.arange(0.0, self.length, 8.0):
                if rng.random() < 0.6:
                    t = side * (edge + float(rng.uniform(4.0, 45.0)))
                    places.append(stand(road, float(u), t, height_m=TERRAIN_M))
        fixtures += [
            *posts.fixtures(values),
            *signs.fixtures(values),
            *trees("trees", places, self.look, (1, 5), season=season),
        ]
        return Stage(
            fixtures=tuple(fixtures), road=RoadNetwork(roads=(road,)), ground="asphalt", reach_m=self.length + 30.0
        )

    def _section(self) -> LaneSection:
        def side(sign: int) -> tuple[LaneSpan, ...]:
            return (
                span(sign, "driving", self.lane_width, mark=Mark(kind="solid"), speed_limit_mps=27.8),
                span(2 * sign, "shoulder", SHOULDER_M),
                span(3 * sign, "verge", VERGE_M, surface="grass"),
            )

        return LaneSection(left=side(1), right=side(-1), center_mark=Mark(kind="broken", dash_m=4.0, gap_m=8.0))


def _elevation(length: float, grade: float, descent: float, rounding: float) -> tuple[Cubic, ...]:
    """Parabolic vertical curves between level ground and the slopes; the lowest point is at height 0."""
    flat = 0.15 * length
    half = 0.5 * (length - 2.0 * flat)
    r = min(rounding, 0.45 * half)
    after = -grade * descent
    pieces: list[Cubic] = []
    s = z = slope = 0.0
    for until, goal in (
        (flat, None),
        (flat + r, grade),
        (flat + half - 0.5 * r, None),
        (flat + half + 0.5 * r, after),
        (length - flat - r, None),
        (length - flat, 0.0),
        (length, None),
    ):
        run = until - s
        bend = 0.0 if goal is None else (goal - slope) / (2.0 * run)
        piece = Cubic(s, z, slope, bend)
        pieces.append(piece)
        s, z, slope = until, piece.at(until), piece.slope_at(until)
    lowest = min(
        piece.at(u)
        for piece in pieces
        for u in np.linspace(0.0, length, 200)
        if u >= piece.s_m - 1e-9 and piece is _at(pieces, u)
    )
    lowest = min(lowest, z)
    return tuple(Cubic(p.s_m, p.a - lowest, p.b, p.c, p.d) for p in pieces)


def _at(pieces: list[Cubic], s: float) -> Cubic:
    return [p for p in pieces if p.s_m <= s + 1e-9][-1]
