"""A street in a town with perpendicular or angled parking bays full of cars."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array
from simgen.core.vocabulary import settings
from simgen.scene import shapes
from simgen.scene.environment import Season
from simgen.scene.road import Mark, ReferenceLine, Road, RoadNetwork, line
from simgen.scene.roadside.fittings import SIGN_POST, Row, road_sign, stand
from simgen.scene.roadside.materials import TILES_M
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
from simgen.scene.roadside.surfaces import Surfaces, pave, slabs, solid_ground
from simgen.scene.stage import Setting, Stage

LANE_M = 3.0
BAY_M = {"perpendicular": 2.6, "angled": 3.1}
DEPTH_M = 5.2
MIDDLE = 0.53
"""Where the middle of a car stands in the depth of its bay."""
LINE_M = 0.1
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

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        burning = lighting in ("street_lamps", "auto")
        section = simple_section(LANE_M, DEPTH_M, Mark())
        road = Road(id="main", line=ReferenceLine.chained([line(self.length)]), sections=(section,))
        values = {name: getattr(self, name) for name in self.parameters}
        bay, edge = BAY_M[self.layout], LANE_M + DEPTH_M
        start, end = 8.0, 8.0 + bay * int((self.length - 16.0) / bay)
        surfaces = Surfaces(season)
        pave(surfaces, road, material_of=_MATERIALS, but=("parking",))
        for side in (-1, 1):
            _bays(surfaces, road, side, np.arange(start, end + 0.1, bay), ANGLE_RAD[self.layout])
        land(surfaces, -160.0, -190.0, self.length + 160.0, 190.0, "asphalt")
        fixtures = surfaces.fixtures("parking_street", values, LICENCE)
        solids = [s for t in (-(edge + SIDEWALK_M), edge) for s in slabs(road, t, t + SIDEWALK_M, KERB_HEIGHT_M, 0.5)]
        fixtures += solid_ground("sidewalk", solids, "sidewalk")
        for side in (-1, 1):
            fixtures += parked(
                road,
                LANE_M + MIDDLE * DEPTH_M,
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
        fixtures += avenue(road, edge + 0.75, places, self.look, self.trees, season=season)
        signs = Row("signs", "traffic_sign")
        signs.put(stand(road, 5.0, -(edge + 0.5), math.pi, KERB_HEIGHT_M), road_sign("speed_limit", 30), [SIGN_POST])
        fixtures += signs.fixtures(values)
        for name, side in (("houses_left", 1), ("houses_right", -1)):
            fixtures += front(name, road, side, edge + SIDEWALK_M, 0.0, self.length, self.look, burning)
        fixtures += across("houses_ahead", self.length + 13.0, 0.0, 0.0, self.look, burning)
        fixtures += across("houses_behind", -13.0, 0.0, math.pi, self.look, burning)
        return Stage(
            fixtures=tuple(fixtures), road=RoadNetwork(roads=(road,)), ground="asphalt", reach_m=self.length + 20.0
        )


def _bays(into: Surfaces, road: Road, side: int, lines_m: Array, angle_rad: float) -> None:
    """The paving of one side's bays and the lines between them, which run as the cars stand and pass the middles of
    the bays' depth at these s (N,)."""
    half = 0.5 * LINE_M / math.sin(angle_rad)
    cuts = [
        (-math.inf, "setts"),
        *((float(s) + d, m) for s in lines_m for d, m in ((-half, "marking"), (half, "setts"))),
    ]
    low, high = LANE_M, LANE_M + DEPTH_M
    # Seen in the way of traffic on their side, cars stand further ahead the nearer they are to the kerb.
    lean = -side / math.tan(angle_rad)
    deep = np.array([low, high] if side > 0 else [high, low])
    for (a, material), (b, _) in pairwise([*cuts, (math.inf, "")]):
        corners = [np.clip(s + lean * (deep - low - MIDDLE * DEPTH_M), 0.0, road.length_m) for s in (a, b)]
        s, t = np.stack(corners, axis=1), np.stack([side * deep] * 2, axis=1)
        points = np.stack([road.points(s[k], t[k]) for k in (0, 1)])
        uv = np.stack([s, t], axis=-1) / TILES_M[material]
        into.add("lane_marking" if material == "marking" else "road", material, shapes.grid(points, uv=uv))


_MATERIALS = {"driving": "driven_asphalt", "parking": "setts", "sidewalk": "paving"}
