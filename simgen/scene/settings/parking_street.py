"""A street in a town with perpendicular or angled parking bays full of cars."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.vocabulary import settings
from simgen.scene.road import Mark, ReferenceLine, Road, RoadNetwork, line
from simgen.scene.roadside.fittings import Row, speed_limit_sign, stand
from simgen.scene.roadside.street import (
    KERB_HEIGHT_M,
    LICENCE,
    SIDEWALK_M,
    across,
    avenue,
    front,
    lamps,
    land,
    parked,
    simple_section,
)
from simgen.scene.roadside.surfaces import Patch, Surfaces, pave, slabs, solid_ground
from simgen.scene.stage import Setting, Stage

LANE_M = 3.0
BAY_M = {"perpendicular": 2.6, "angled": 3.1}
DEPTH_M = 5.2
ANGLE_RAD = {"perpendicular": math.pi / 2, "angled": math.radians(60.0)}


@settings.register("parking_street")
class ParkingStreet(Setting):
    """A street with cars parked across, or at 60 degrees, on both sides."""

    length: float = quantity("m", low=60, high=300, default=140.0, help="of the street")
    layout: str = choice(
        "perpendicular",
        "angled",
        default="perpendicular",
        help="how cars stand",
        vary={"choice": ["perpendicular", "angled"]},
    )
    taken: float = quantity(
        "", low=0, high=1, default=0.8, help="share of bays with a car", vary={"uniform": [0.5, 0.95]}
    )
    trees: float = quantity("", low=0, high=1, default=0.6, help="share of the places for trees that have one")
    look: int = integer(low=0, high=9999, default=1, help="seed of houses, trees and cars", vary={"integer": [1, 9999]})

    def build(self, lighting: str) -> Stage:
        burning = lighting in ("street_lamps", "auto")
        section = simple_section(LANE_M, DEPTH_M, Mark())
        road = Road(id="main", line=ReferenceLine.chained([line(self.length)]), sections=(section,))
        values = {name: getattr(self, name) for name in self.parameters}
        bay, edge = BAY_M[self.layout], LANE_M + DEPTH_M
        start, end = 8.0, 8.0 + bay * int((self.length - 16.0) / bay)
        patches = []
        for s in np.arange(start, end + 0.1, bay):
            for side in (-1, 1):
                t = sorted((side * (LANE_M + 0.1), side * edge))
                patches.append(Patch(s_m=(float(s) - 0.05, float(s) + 0.05), t_m=(t[0], t[1])))
        surfaces = Surfaces()
        pave(surfaces, road, patches, material_of={**_MATERIALS})
        land(surfaces, -160.0, -190.0, self.length + 160.0, 190.0, "asphalt")
        fixtures = surfaces.fixtures("parking_street", values, LICENCE)
        solids = [s for t in (-(edge + SIDEWALK_M), edge) for s in slabs(road, t, t + SIDEWALK_M, KERB_HEIGHT_M, 0.5)]
        fixtures += solid_ground("sidewalk", solids, "sidewalk")
        for side in (-1, 1):
            fixtures += parked(
                road,
                LANE_M + 0.53 * DEPTH_M,
                side,
                start,
                end,
                self.look,
                self.taken,
                bay_m=bay,
                angle_rad=ANGLE_RAD[self.layout],
            )
        fixtures += lamps(road, edge + 0.55, burning)
        places = [
            (float(s), side) for side in (-1, 1) for s in np.arange(19.0 if side > 0 else 26.0, self.length - 6, 28.0)
        ]
        fixtures += avenue(road, edge + 0.75, places, self.look, self.trees)
        signs = Row("signs", "traffic_sign")
        signs.put(stand(road, 5.0, -(edge + 0.5), math.pi, KERB_HEIGHT_M), speed_limit_sign(30))
        fixtures += signs.fixtures(values)
        for name, side in (("houses_left", 1), ("houses_right", -1)):
            fixtures += front(name, road, side, edge + SIDEWALK_M, 0.0, self.length, self.look, burning)
        fixtures += across("houses_ahead", self.length + 13.0, 0.0, 0.0, self.look, burning)
        fixtures += across("houses_behind", -13.0, 0.0, math.pi, self.look, burning)
        return Stage(
            fixtures=tuple(fixtures), road=RoadNetwork(roads=(road,)), ground="asphalt", reach_m=self.length + 20.0
        )


_MATERIALS = {"driving": "asphalt", "parking": "setts", "sidewalk": "paving"}
