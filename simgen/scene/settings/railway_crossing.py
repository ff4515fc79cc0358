"""A country road that crosses a railway on the level: half barriers, red lights, crosses."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array, pose, rotation_x
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene import shapes
from simgen.scene.body import CollisionShape
from simgen.scene.environment import Season
from simgen.scene.road import LaneSection, LaneSpan, Mark, ReferenceLine, Road, RoadNetwork, line, span
from simgen.scene.roadside.fittings import (
    SIGN_POST,
    STEEL,
    Piece,
    Row,
    plain,
    road_sign,
    saint_andrews_cross,
    signal_head,
    solid_box,
    stand,
    striped,
)
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.materials import TILES_M
from simgen.scene.roadside.street import countryside
from simgen.scene.roadside.surfaces import TERRAIN_M, Patch, Surfaces, pave
from simgen.scene.shapes import join
from simgen.scene.signals import Signal
from simgen.scene.stage import Fixture, Setting, Stage

LICENCE = "Apache-2.0"
LANE_M = 3.25
SHOULDER_M = 0.5
VERGE_M = 2.0
GAUGE_M = 1.435
RAIL_M = 0.072
TRACK_M = 240.0
BALLAST_M = 0.12


@settings.register("railway_crossing")
class RailwayCrossing(Setting):
    """A level crossing. The red lights are the signal ``crossing`` (red, flashing_red, off)."""

    length: float = quantity("m", low=100, high=500, default=200.0, help="of the road")
    crossing: float = quantity("m", low=40, high=460, default=100.0, help="s of the middle of the track")
    barriers: str = choice(
        "open", "closed", default="open", help="whether the half barriers are down", vary={"choice": ["open", "closed"]}
    )
    lights: str = choice(
        "off", "red", "flashing_red", default="off", help="what the lights show", vary={"choice": ["off", "red"]}
    )
    look: int = integer(low=0, high=9999, default=1, help="seed of the trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        middle = min(self.crossing, self.length - 30.0)
        road = Road(id="main", line=ReferenceLine.chained([line(self.length)]), sections=(_section(),))
        values = {name: getattr(self, name) for name in self.parameters}
        edge = LANE_M + SHOULDER_M
        rails = [middle + side * 0.5 * (GAUGE_M + RAIL_M) for side in (-1, 1)]
        patches = []
        for r in rails:
            patches.append(
                Patch(
                    s_m=(r - 0.5 * RAIL_M, r + 0.5 * RAIL_M), t_m=(-edge, edge), material="rail", semantic="rail_track"
                )
            )
            inward = 1 if r < middle else -1
            gap = sorted((r + inward * 0.5 * RAIL_M, r + inward * (0.5 * RAIL_M + 0.06)))
            patches.append(Patch(s_m=(gap[0], gap[1]), t_m=(-edge, edge), material="rubber", semantic="road"))
        inside = 0.5 * GAUGE_M - 0.06
        for a, b in (
            (middle - inside, middle + inside),
            (middle - 1.9, rails[0] - 0.5 * RAIL_M),
            (rails[1] + 0.5 * RAIL_M, middle + 1.9),
        ):
            patches.append(Patch(s_m=(a, b), t_m=(-edge, edge), material="concrete", semantic="road"))
        for s0, t in ((middle - 5.4, (-LANE_M + 0.1, -0.1)), (middle + 5.0, (0.1, LANE_M - 0.1))):
            patches.append(Patch(s_m=(s0, s0 + 0.4), t_m=t))
        surfaces = Surfaces(season)
        # Lines end before the track.
        pave(surfaces, road, patches)
        countryside(surfaces, -250.0, -280.0, self.length + 250.0, 280.0, self.look)
        _track(surfaces, middle, edge + 0.3)
        fixtures = surfaces.fixtures("railway_crossing", values, LICENCE)
        row, crosses = Row("level_crossing_barrier", "barrier"), Row("signs", "traffic_sign")
        lights = signal_head(("red",), 2.6)
        heads = []
        for k, (s, side, yaw) in enumerate(((middle - 4.2, -1, math.pi), (middle + 4.2, 1, 0.0))):
            pieces, solids = _barrier(self.barriers == "closed")
            row.put(stand(road, s, side * (edge + 0.9), yaw, -0.03), pieces, solids)
            heads.append(f"crossing_light_{k + 1}")
            at = stand(road, s - side * -0.2, side * (edge + 1.7), yaw, -0.05)
            fixtures.append(Fixture(name=heads[-1], body=lights, world_from_body=at))
            crosses.put(
                stand(road, s + side * 0.5, side * (edge + 2.6), yaw, -0.05), saint_andrews_cross(), [SIGN_POST]
            )
            crosses.put(
                stand(road, s + side * 35.0, side * (edge + 1.2), yaw, -0.05),
                road_sign("danger"),
                [SIGN_POST],
            )
        rng = Key(self.look, 0, "railway").generator()
        places: list[Array] = []
        for side in (-1, 1):
            for s in np.arange(3.0, self.length, 10.0):
                if abs(s - middle) > 14.0 and rng.random() < 0.65:
                    places.append(
                        stand(
                            road, float(s), side * (edge + VERGE_M + float(rng.uniform(3.0, 30.0))), height_m=TERRAIN_M
                        )
                    )
        fixtures += [
            *row.fixtures(values),
            *crosses.fixtures(values),
            *trees("trees", places, self.look, (0, 4), season=season),
        ]
        signal = Signal(
            name="crossing",
            heads=tuple(heads),
            phases=((self.lights, 3600.0),),
            stop_lines=(("main", -1, middle - 5.4), ("main", 1, middle + 5.4)),
        )
        return Stage(
            fixtures=tuple(fixtures),
            road=RoadNetwork(roads=(road,)),
            ground="asphalt",
            reach_m=self.length,
            signals=(signal,),
        )


def _section() -> LaneSection:
    def side(sign: int) -> tuple[LaneSpan, ...]:
        return (
            span(sign, "driving", LANE_M, mark=Mark(kind="solid"), speed_limit_mps=19.4),
            span(2 * sign, "shoulder", SHOULDER_M),
            span(3 * sign, "verge", VERGE_M, surface="grass"),
        )

    return LaneSection(left=side(1), right=side(-1), center_mark=Mark(kind="solid"))


def _track(into: Surfaces, middle: float, start: float) -> None:
    """Ballast, sleepers and rails on both sides of the road, across it (along y); the rails' tops lie at z = 0."""
    low = TERRAIN_M
    for side in (-1, 1):
        y0, y1 = sorted((side * start, side * TRACK_M))
        bed = []
        top = -BALLAST_M + 0.07
        for (xa, za), (xb, zb) in (
            ((-2.6, low - 0.05), (-1.7, top)),
            ((-1.7, top), (1.7, top)),
            ((1.7, top), (2.6, low - 0.05)),
        ):
            bed.append(
                shapes.rectangle((middle + xa, y0, za), (xb - xa, 0, zb - za), (0, y1 - y0, 0), TILES_M["gravel"])
            )
        into.add("rail_track", "gravel", *bed)
        for r in (-1, 1):
            x = middle + r * 0.5 * (GAUGE_M + RAIL_M)
            into.add(
                "rail_track", "rail", shapes.box((RAIL_M, y1 - y0, 0.10), (x, 0.5 * (y0 + y1), -0.05), 1.0, "xXyYz")
            )
        sleepers = [
            shapes.box((2.5, 0.24, 0.06), (middle, float(y), top + 0.01), TILES_M["concrete"], "xXyYz")
            for y in np.arange(y0 + 0.3, y1, 0.6)
        ]
        into.add("rail_track", "concrete", *sleepers)


def _barrier(closed: bool) -> tuple[list[Piece], list[CollisionShape]]:
    """A half barrier whose arm, when down, lies along -y over the lane, seen from +x; its post stands at the origin."""
    length, beside = 3.9, 0.31
    cabinet = plain(shapes.rounded_box((0.42, 0.42, 1.15), 0.04, (0, 0, 0.575), count=12))
    # The arm turns on a shaft beside the cabinet, with its weight behind.
    shaft = plain(shapes.tube([(0.19, 0.0, 1.0), (beside + 0.05, 0.0, 1.0)], 0.07, count=10))
    arm = shapes.box((0.05, length, 0.12), (beside, -0.5 * length - 0.25, 0.0), 0.5)
    root = plain(shapes.box((0.07, 0.95, 0.16), (beside, 0.15, 0.0)))
    weight = plain(shapes.box((0.10, 0.34, 0.30), (beside, 0.62, 0.0)))
    angle = 0.0 if closed else -math.radians(84.0)
    up = pose((0.0, 0.0, 1.0), rotation_x(angle))
    pieces: list[Piece] = [
        (STEEL, join([cabinet, shaft, root.moved(up), weight.moved(up)])),
        (striped(), arm.moved(up)),
    ]
    solids = [solid_box((0.42, 0.42, 1.15), (0, 0, 0.575))]
    if closed:
        solids.append(solid_box((0.1, length, 0.2), (beside, -0.5 * length - 0.25, 1.0)))
    return pieces, solids
