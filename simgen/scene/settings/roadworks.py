"""A road with two lanes each way, of which works take one: yellow markings, beacons, boards and cones."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.road import (
    Cubic,
    LaneSection,
    LaneSpan,
    Mark,
    ReferenceLine,
    Road,
    RoadNetwork,
    line,
    smooth_step,
    span,
)
from simgen.scene.roadside.fittings import (
    SIGN_POST,
    Row,
    beacon,
    board_barrier,
    cone,
    road_sign,
    solid_box,
    stand,
)
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.street import countryside
from simgen.scene.roadside.surfaces import TERRAIN_M, Surfaces, pave
from simgen.scene.stage import Setting, Stage

LICENCE = "Apache-2.0"
VERGE_M = 2.5
TAPER_M = 40.0
LIMIT_MPS = 19.4


@settings.register("roadworks")
class Roadworks(Setting):
    """A straight road of which works close lane -2 from ``start`` on, and narrow lane -1."""

    length: float = quantity("m", low=200, high=800, default=320.0, help="of the road")
    start: float = quantity("m", low=60, high=400, default=110.0, help="s at which the closed lane has ended")
    works: float = quantity(
        "m", low=20, high=300, default=90.0, help="length of the works", vary={"uniform": ["60 m", "110 m"]}
    )
    lane_width: float = quantity("m", low=3.0, high=3.75, default=3.5, help="of each lane before the works")
    narrowed: float = quantity(
        "m",
        low=2.5,
        high=3.5,
        default=2.9,
        help="width of the lane beside the works",
        vary={"uniform": ["2.6 m", "3.2 m"]},
    )
    look: int = integer(
        low=0, high=9999, default=1, help="seed of trees and of how cones stand", vary={"integer": [1, 9999]}
    )

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        start = min(self.start, 0.5 * self.length)
        end = min(start + self.works, self.length - TAPER_M - 30.0)
        road = Road(id="main", line=ReferenceLine.chained([line(self.length)]), sections=self._sections(start, end))
        values = {name: getattr(self, name) for name in self.parameters}
        surfaces = Surfaces(season)
        pave(surfaces, road, material_of=_MATERIALS)
        countryside(surfaces, -250.0, -250.0, self.length + 250.0, 250.0, self.look)
        fixtures = surfaces.fixtures("roadworks", values, LICENCE)
        rng = Key(self.look, 0, "roadworks").generator()
        cones, boards, signs = Row("cones", "traffic_cone"), Row("barriers", "barrier"), Row("signs", "traffic_sign")
        for s in np.arange(start - TAPER_M + 2.0, end + TAPER_M - 2.0, 4.5):
            t = self._edge(float(s), start, end) - 0.45 - 0.08 * float(rng.random())
            at = stand(road, float(s), t, float(rng.uniform(-0.3, 0.3)))
            if s < start or s > end or int(s / 4.5) % 2:
                cones.put(at, cone(), [solid_box((0.36, 0.36, 0.7), (0, 0, 0.36))], s_m=float(s))
            else:
                boards.put(
                    stand(road, float(s), t - 0.05), beacon(), [solid_box((0.3, 0.3, 1.2), (0, 0, 0.6))], s_m=float(s)
                )
        closed = self.lane_width + 0.5 * self.lane_width
        for s in (start + 1.0, start + 4.0, end - 2.0):
            boards.put(stand(road, s, -closed - 0.2), board_barrier(), [solid_box((0.6, 2.0, 1.2), (0, 0, 0.6))], s_m=s)
        edge = 2 * self.lane_width + 1.2
        signs.put(stand(road, start - TAPER_M - 30.0, -edge, math.pi), road_sign("roadworks"), [SIGN_POST])
        signs.put(stand(road, start - TAPER_M - 15.0, -edge, math.pi), road_sign("speed_limit", 50), [SIGN_POST])
        signs.put(stand(road, start - TAPER_M - 15.0, edge, math.pi), road_sign("speed_limit", 50), [SIGN_POST])
        places: list[Array] = []
        for side in (-1, 1):
            for s in np.arange(2.0, self.length, 9.0):
                if rng.random() < 0.6:
                    places.append(
                        stand(road, float(s), side * (edge + 3.0 + float(rng.uniform(0.0, 25.0))), height_m=TERRAIN_M)
                    )
        fixtures += [
            *cones.fixtures(values),
            *boards.fixtures(values),
            *signs.fixtures(values),
            *trees("trees", places, self.look, (0, 4), season=season),
        ]
        return Stage(fixtures=tuple(fixtures), road=RoadNetwork(roads=(road,)), ground="asphalt", reach_m=self.length)

    def _edge(self, s: float, start: float, end: float) -> float:
        """t of the right edge of what is open."""
        wide, narrow = 2.0 * self.lane_width, self.narrowed
        share = (
            min(max((s - start + TAPER_M) / TAPER_M, 0.0), 1.0)
            if s < start
            else min(max((end + TAPER_M - s) / TAPER_M, 0.0), 1.0)
        )
        share = share * share * (3.0 - 2.0 * share)
        return -(wide + (narrow - wide) * share)

    def _sections(self, start: float, end: float) -> tuple[LaneSection, ...]:
        w, n = self.lane_width, self.narrowed
        white, dashed = Mark(kind="solid"), Mark(kind="broken", dash_m=3.0, gap_m=6.0)
        yellow = Mark(kind="solid", color="yellow", width_m=0.15)
        verge = span(-3, "verge", VERGE_M, surface="grass")
        left = (
            span(1, "driving", w, mark=dashed, speed_limit_mps=LIMIT_MPS),
            span(2, "driving", w, mark=white, speed_limit_mps=LIMIT_MPS),
            span(3, "verge", VERGE_M, surface="grass"),
        )
        open_road = (
            span(-1, "driving", w, mark=dashed, speed_limit_mps=LIMIT_MPS),
            span(-2, "driving", w, mark=white, speed_limit_mps=LIMIT_MPS),
            verge,
        )

        def taper(narrowing: bool) -> tuple[LaneSpan, ...]:
            a, b = (0.0, 1.0) if narrowing else (1.0, 0.0)
            first = smooth_step(0.0, TAPER_M, w + (n - w) * a, w + (n - w) * b)
            second = smooth_step(0.0, TAPER_M, w * (1 - a), w * (1 - b))
            # What is closed takes up what the two lanes leave of their width.
            rest = Cubic(0.0, 2 * w - first.a - second.a, 0.0, -first.c - second.c, -first.d - second.d)
            return (
                LaneSpan(id=-1, kind="driving", widths=(first,), speed_limit_mps=13.9),
                LaneSpan(
                    id=-2,
                    kind="driving",
                    widths=(second,),
                    mark=yellow,
                    speed_limit_mps=13.9,
                    successor=0 if narrowing else None,
                    predecessor=None if narrowing else 0,
                ),
                LaneSpan(id=-3, kind="restricted", widths=(rest,)),
                span(-4, "verge", VERGE_M, surface="grass"),
            )

        beside = (
            span(-1, "driving", n, mark=yellow, speed_limit_mps=13.9),
            span(-2, "restricted", 2 * w - n, surface="gravel"),
            verge,
        )
        double = Mark(kind="solid_solid")
        return (
            LaneSection(left=left, right=open_road, center_mark=double),
            LaneSection(s_m=start - TAPER_M, left=left, right=taper(True), center_mark=double),
            LaneSection(s_m=start, left=left, right=beside, center_mark=double),
            LaneSection(s_m=end, left=left, right=taper(False), center_mark=double),
            LaneSection(s_m=end + TAPER_M, left=left, right=open_road, center_mark=double),
        )


_MATERIALS = {"driving": "driven_asphalt", "restricted": "dark_asphalt", "verge": "grass"}
