"""A motorway: two or three lanes and a hard shoulder on either side of a barrier, in a long bend."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.road import LaneSection, LaneSpan, Mark, ReferenceLine, Road, RoadNetwork, Spiral, arc, line, span
from simgen.scene.roadside.fittings import (
    SIGN_POST,
    Row,
    concrete_barrier,
    gantry,
    guard_rail,
    reflector_post,
    road_sign,
    stand,
)
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.street import countryside
from simgen.scene.roadside.surfaces import TERRAIN_M, Surfaces, pave
from simgen.scene.stage import Fixture, Setting, Stage

LICENCE = "Apache-2.0"
LIMIT_MPS = 36.1
MEDIAN_M = 2.6
SHOULDER_M = 3.0
VERGE_M = 2.5


@settings.register("motorway")
class Motorway(Setting):
    """A motorway of two or three lanes a side, with hard shoulders and a median.

    The ego's lanes are -1 (the left one) to -2 or -3, then the hard shoulder; lane 1 is the median, and the lanes
    beyond it come the other way.
    """

    length: float = quantity("m", low=300, high=2000, default=700.0, help="of the road")
    lanes: int = integer(low=2, high=3, default=2, help="of each carriageway", vary={"integer": [2, 3]})
    lane_width: float = quantity("m", low=3.25, high=4.0, default=3.75, help="of each lane")
    radius: float = quantity(
        "m", low=300, high=5000, default=1200.0, help="of the bend to the left", vary={"uniform": ["700 m", "2500 m"]}
    )
    look: int = integer(low=0, high=9999, default=1, help="seed of trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        easing = 0.15 * self.length
        curves = [
            line(0.3 * self.length),
            Spiral(easing, 0.0, 1.0 / self.radius),
            arc(0.25 * self.length, 1.0 / self.radius),
            Spiral(easing, 1.0 / self.radius, 0.0),
            line(0.15 * self.length),
        ]
        road = Road(id="main", line=ReferenceLine.chained(curves), sections=(self._section(),))
        values = {name: getattr(self, name) for name in self.parameters}
        surfaces = Surfaces(season)
        pave(surfaces, road, material_of=_MATERIALS)
        at = road.line.sample(np.linspace(0.0, road.length_m, 60))
        (x0, y0), (x1, y1) = at[:, :2].min(axis=0) - 320.0, at[:, :2].max(axis=0) + 320.0
        countryside(surfaces, float(x0), float(y0), float(x1), float(y1), self.look)
        fixtures = surfaces.fixtures("motorway", values, LICENCE)
        fixtures += self._along(road, values, season)
        return Stage(fixtures=tuple(fixtures), road=RoadNetwork(roads=(road,)), ground="asphalt", reach_m=self.length)

    def _section(self) -> LaneSection:
        edge, inner = Mark(kind="solid", width_m=0.3), Mark(kind="solid", width_m=0.15)
        between = Mark(kind="broken", width_m=0.15, dash_m=6.0, gap_m=12.0)

        def side(sign: int, first: int) -> tuple[LaneSpan, ...]:
            spans = [
                span(
                    sign * (first + k),
                    "driving",
                    self.lane_width,
                    mark=between if k < self.lanes - 1 else edge,
                    speed_limit_mps=LIMIT_MPS,
                )
                for k in range(self.lanes)
            ]
            n = first + self.lanes
            return (
                *spans,
                span(sign * n, "shoulder", SHOULDER_M),
                span(sign * (n + 1), "verge", VERGE_M, surface="grass"),
            )

        median = span(1, "median", MEDIAN_M, mark=inner)
        return LaneSection(left=(median, *side(1, 2)), right=side(-1, 1), center_mark=inner)

    def _along(self, road: Road, values: dict[str, object], season: Season) -> list[Fixture]:
        right = self.lanes * self.lane_width + SHOULDER_M
        left = right + MEDIAN_M
        barrier, rails, posts = (
            Row("median_barrier", "barrier"),
            Row("guard_rail", "barrier"),
            Row("reflector_posts", "pole"),
        )
        concrete_barrier(barrier, road, 0.5 * MEDIAN_M, 0.0, road.length_m)
        guard_rail(rails, road, -(right + 1.0), 0.0, road.length_m, -1)
        guard_rail(rails, road, left + 1.0, 0.0, road.length_m, 1)
        for s in np.arange(12.5, road.length_m, 50.0):
            posts.put(stand(road, float(s), -(right + 0.6), height_m=-0.02), reflector_post(), s_m=float(s))
            posts.put(stand(road, float(s), left + 0.6, height_m=-0.02), reflector_post(), s_m=float(s))
        bridges, signs = Row("gantry", "traffic_sign"), Row("signs", "traffic_sign")
        wide = right + 2.3
        boards = [(-(k + 0.5) * self.lane_width - 0.4, 3.4) for k in range(self.lanes)]
        pieces, solids = gantry(wide, boards)
        for s in np.arange(0.32, 0.99, 0.5) * road.length_m:
            bridges.put(stand(road, float(s), 0.4, height_m=-0.05), pieces, solids, s_m=float(s))
        for s in (60.0, 0.6 * road.length_m):
            signs.put(
                stand(road, s, -(right + 2.0), math.pi), road_sign("speed_limit", 80, z_m=2.6), [SIGN_POST], s_m=s
            )
        rng = Key(self.look, 0, "motorway").generator()
        places: list[Array] = []
        for sign, edge in ((-1, right + VERGE_M), (1, left + VERGE_M)):
            for s in np.arange(0.0, road.length_m, 9.0):
                if rng.random() < 0.7:
                    t = sign * (edge + float(rng.uniform(5.0, 24.0)))
                    places.append(stand(road, float(s + rng.uniform(-3, 3)), t, height_m=TERRAIN_M))
        return [
            *(f for row in (barrier, rails, posts, bridges, signs) for f in row.fixtures(values)),
            *trees("trees", places, self.look, (0, 4), season=season),
        ]


_MATERIALS = {"driving": "driven_asphalt", "shoulder": "dark_asphalt", "median": "concrete", "verge": "grass"}
