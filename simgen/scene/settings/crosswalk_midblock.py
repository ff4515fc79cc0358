"""A street in a town with a zebra crossing between two junctions."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.road import ReferenceLine, Road, RoadNetwork, line
from simgen.scene.roadside.fittings import SIGN_POST, Row, road_sign, stand
from simgen.scene.roadside.street import (
    KERB_HEIGHT_M,
    LANE_M,
    LICENCE,
    SIDEWALK_M,
    avenue,
    front,
    lamps,
    land,
    parked,
    simple_section,
)
from simgen.scene.roadside.surfaces import Patch, Surfaces, pave, slabs, solid_ground
from simgen.scene.stage import Setting, Stage

PARKING_M = 2.2


@settings.register("crosswalk_midblock")
class CrosswalkMidblock(Setting):
    """A street with parking on both sides and a zebra crossing, whose middle is at ``crossing``."""

    length: float = quantity("m", low=80, high=400, default=160.0, help="of the street")
    crossing: float = quantity("m", low=30, high=370, default=85.0, help="s of the middle of the zebra")
    width: float = quantity("m", low=2.5, high=8, default=4.0, help="of the zebra, along the road")
    parked: float = quantity(
        "", low=0, high=1, default=0.5, help="share of bays that are taken", vary={"uniform": [0.2, 0.7]}
    )
    clear: float = quantity("m", low=0, high=30, default=7.0, help="free of parked cars before and after the zebra")
    trees: float = quantity("", low=0, high=1, default=0.7, help="share of the places for trees that have one")
    look: int = integer(low=0, high=9999, default=1, help="seed of houses, trees and cars", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        burning = lighting in ("street_lamps", "auto")
        crossing = min(self.crossing, self.length - 20.0)
        section = simple_section(LANE_M, PARKING_M)
        low, high = crossing - 0.5 * self.width, crossing + 0.5 * self.width
        road = Road(
            id="main",
            line=ReferenceLine.chained([line(self.length)]),
            sections=(section,),
            no_parking_m=((low - self.clear, high + self.clear),),
        )
        values = {name: getattr(self, name) for name in self.parameters}
        edge = LANE_M + PARKING_M
        stripes = [
            Patch(s_m=(low, high), t_m=(float(t), float(t) + 0.5)) for t in np.arange(-edge + 0.2, edge - 0.5, 1.0)
        ]
        stops = [
            Patch(s_m=(low - 1.9, low - 1.5), t_m=(-LANE_M, -0.1)),
            Patch(s_m=(high + 1.5, high + 1.9), t_m=(0.1, LANE_M)),
        ]
        surfaces = Surfaces(season)
        pave(surfaces, road, [*stripes, *stops])
        land(surfaces, -160.0, -190.0, self.length + 160.0, 190.0, "asphalt")
        fixtures = surfaces.fixtures("crosswalk_midblock", values, LICENCE)
        solids = [s for t in (-(edge + SIDEWALK_M), edge) for s in slabs(road, t, t + SIDEWALK_M, KERB_HEIGHT_M, 0.5)]
        fixtures += solid_ground("sidewalk", solids, "sidewalk")
        signs = Row("signs", "traffic_sign")
        figure = road_sign("pedestrian_crossing")
        for s, side, yaw in ((low - 0.6, -1, math.pi), (high + 0.6, 1, 0.0)):
            signs.put(stand(road, s, side * (edge + 0.4), yaw, KERB_HEIGHT_M), figure, [SIGN_POST])
            signs.put(stand(road, s, -side * (edge + 0.4), yaw, KERB_HEIGHT_M), figure, [SIGN_POST])
        signs.put(stand(road, 8.0, -(edge + 0.5), math.pi, KERB_HEIGHT_M), road_sign("speed_limit", 50), [SIGN_POST])
        fixtures += signs.fixtures(values)
        fixtures += lamps(road, edge + 0.55, burning)
        places = [
            (float(s), side) for side in (-1, 1) for s in np.arange(19.0 if side > 0 else 26.0, self.length - 6, 28.0)
        ]
        fixtures += avenue(
            road, edge + 0.75, [p for p in places if abs(p[0] - crossing) > 5.0], self.look, self.trees, season=season
        )
        for side in (-1, 1):
            for k, (a, b) in enumerate(((4.0, low - self.clear), (high + self.clear, self.length - 4.0))):
                fixtures += parked(
                    road, LANE_M + 0.53 * PARKING_M, side, a, b, self.look, self.parked, name=f"parked_{k + 1}"
                )
        t = edge + SIDEWALK_M
        for name, side in (("houses_left", 1), ("houses_right", -1)):
            fixtures += front(name, road, side, t, 0.0, self.length, self.look, burning)
        ends = Road(
            id="",
            line=ReferenceLine.chained([line(70.0)], (self.length + 13.0, 35.0, -math.pi / 2)),
            sections=(section,),
        )
        fixtures += front("houses_ahead", ends, 1, 0.0, 0.0, 70.0, self.look, burning, 0.0)
        ends = Road(id="", line=ReferenceLine.chained([line(70.0)], (-13.0, -35.0, math.pi / 2)), sections=(section,))
        fixtures += front("houses_behind", ends, 1, 0.0, 0.0, 70.0, self.look, burning, 0.0)
        return Stage(
            fixtures=tuple(fixtures), road=RoadNetwork(roads=(road,)), ground="asphalt", reach_m=self.length + 20.0
        )
