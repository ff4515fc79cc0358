"""A country road: two lanes that bend through fields, with reflector posts, guard rails in the bends, and trees."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array, planar_pose
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.environment import Season
from simgen.scene.road import LaneSection, Mark, ReferenceLine, Road, RoadNetwork, Spiral, arc, line, span
from simgen.scene.roadside.fittings import SIGN_POST, Row, guard_rail, reflector_post, road_sign, stand
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.street import countryside
from simgen.scene.roadside.surfaces import TERRAIN_M, Surfaces, pave
from simgen.scene.stage import Fixture, Setting, Stage

LICENCE = "Apache-2.0"
SHOULDER_M = 0.5
VERGE_M = 2.0
COPSES, COPSE_TREES = 13, 6
EDGE = Mark(kind="solid")
LIMIT_MPS = 27.8


@settings.register("two_lane_rural")
class TwoLaneRural(Setting):
    """A country road of two lanes with bends to the right and to the left (clothoid, arc, clothoid)."""

    length: float = quantity("m", low=200, high=1500, default=500.0, help="of the road")
    radius: float = quantity(
        "m", low=60, high=2000, default=160.0, help="of the bends", vary={"uniform": ["120 m", "320 m"]}
    )
    turn: float = quantity(
        "rad",
        low=0.05,
        high=1.2,
        default=0.6,
        help="by which each bend turns",
        vary={"uniform": ["0.3 rad", "0.8 rad"]},
    )
    lane_width: float = quantity("m", low=2.6, high=4.0, default=3.25, help="of each lane")
    look: int = integer(low=0, high=9999, default=1, help="seed of trees and fields", vary={"integer": [1, 9999]})
    trees: float = quantity("", low=0, high=1, default=0.6, help="share of the places for trees that have one")

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        reference, bends = _line(self.length, self.radius, self.turn)
        side = (
            ("driving", self.lane_width, EDGE, ""),
            ("shoulder", SHOULDER_M, Mark(), ""),
            ("verge", VERGE_M, Mark(), "grass"),
        )
        lanes = {
            sign: tuple(
                span(sign * (k + 1), kind, width, mark=mark, surface=surface, speed_limit_mps=LIMIT_MPS)  # type: ignore[arg-type]
                for k, (kind, width, mark, surface) in enumerate(side)
            )
            for sign in (-1, 1)
        }
        section = LaneSection(left=lanes[1], right=lanes[-1], center_mark=Mark(kind="broken", dash_m=4.0, gap_m=8.0))
        road = Road(id="main", line=reference, sections=(section,))
        network = RoadNetwork(roads=(road,))
        values = {name: getattr(self, name) for name in self.parameters}
        surfaces = Surfaces(season)
        pave(surfaces, road)
        at = reference.sample(np.linspace(0.0, reference.length_m, 60))
        (x0, y0), (x1, y1) = at[:, :2].min(axis=0) - 260.0, at[:, :2].max(axis=0) + 260.0
        countryside(surfaces, float(x0), float(y0), float(x1), float(y1), self.look)
        fixtures = surfaces.fixtures("two_lane_rural", values, LICENCE)
        fixtures += self._along(road, bends, values, season)
        return Stage(fixtures=tuple(fixtures), road=network, ground="asphalt", reach_m=self.length + 50.0)

    def _along(
        self, road: Road, bends: list[tuple[float, float, int]], values: dict[str, object], season: Season
    ) -> list[Fixture]:
        edge = self.lane_width + SHOULDER_M
        posts, rails = Row("reflector_posts", "pole"), Row("guard_rail", "barrier")
        guarded = []
        for start, end, way in bends:
            # On the outside of the bend.
            guard_rail(rails, road, -way * (edge + 0.7), start, end, -way)
            guarded.append((start - 2.0, end + 2.0, -way))
        for s in np.arange(10.0, road.length_m - 5.0, 25.0):
            for sign in (-1, 1):
                if not any(a < s < b and sign == w for a, b, w in guarded):
                    posts.put(
                        stand(road, float(s), sign * (edge + 0.6), height_m=-0.03), reflector_post(), s_m=float(s)
                    )
        signs = Row("signs", "traffic_sign")
        signs.put(stand(road, 14.0, -(edge + 1.2), math.pi), road_sign("speed_limit", 80), [SIGN_POST])
        signs.put(stand(road, road.length_m - 14.0, edge + 1.2, 0.0), road_sign("speed_limit", 80), [SIGN_POST])
        rng = Key(self.look, 0, "rural").generator()
        places: list[Array] = []
        for sign in (-1, 1):
            for s in np.arange(4.0, road.length_m, 11.0):
                t = sign * (
                    edge + VERGE_M + float(rng.uniform(3.0, 7.0) if rng.random() < 0.6 else rng.uniform(8.0, 40.0))
                )
                if rng.random() < self.trees and _clear(road, float(s), t, edge + VERGE_M + 2.5):
                    places.append(stand(road, float(s), t, height_m=TERRAIN_M))
        afar: list[Array] = []
        middle = road.line.at(0.5 * road.length_m)
        for bearing in np.linspace(0, 2 * math.pi, COPSES, endpoint=False):
            # Copses towards the horizon, so that the eye stops there: crowns that touch, on a line across the view.
            far = 0.5 * road.length_m + float(rng.uniform(60, 160))
            begin = bearing + float(rng.uniform(0, 4)) / COPSES
            for k in range(COPSE_TREES):
                angle, away = begin + k * float(rng.uniform(4.0, 6.5)) / far, far + float(rng.normal(0, 5))
                x, y = middle[0] + away * math.cos(angle), middle[1] + away * math.sin(angle)
                if _clear_at(road, x, y, 30.0):
                    afar.append(planar_pose(x, y, 0.0, TERRAIN_M))
        return [
            *posts.fixtures(values),
            *rails.fixtures(values),
            *signs.fixtures(values),
            *trees("trees", places, self.look, (1, 5), season=season),
            *trees("wood", afar, self.look, (2, 5), season=season, plain=True),
        ]


def _line(length: float, radius: float, turn: float) -> tuple[ReferenceLine, list[tuple[float, float, int]]]:
    """Straights with bends to the right and left in turn; and (start, end, way) of each bend."""
    # A clothoid turns half of what an arc of its length does; a third of the turn is in the two clothoids.
    easing = max(20.0, turn * radius / 3.0)
    while easing > turn * radius * 0.9:
        easing *= 0.5
    middle = turn * radius - easing
    curves: list[Spiral] = []
    bends: list[tuple[float, float, int]] = []
    s, way = 0.0, -1
    straight = 80.0
    while s < length - 1e-6:
        piece = [
            line(straight),
            Spiral(easing, 0.0, way / radius),
            arc(middle, way / radius),
            Spiral(easing, way / radius, 0.0),
        ]
        if s + sum(c.length_m for c in piece) > length - 20.0:
            curves.append(line(length - s))
            break
        curves += piece
        bends.append((s + straight, s + straight + 2 * easing + middle, way))
        s += sum(c.length_m for c in piece)
        way, straight = -way, 50.0
    return ReferenceLine.chained(curves), bends


def _clear(road: Road, s_m: float, t_m: float, distance_m: float) -> bool:
    at = road.points(np.array([s_m]), np.array([t_m]))[0]
    return _clear_at(road, float(at[0]), float(at[1]), distance_m)


def _clear_at(road: Road, x_m: float, y_m: float, distance_m: float) -> bool:
    """Whether a point is so far from the whole road, not only from where it was measured."""
    return abs(road.line.locate(x_m, y_m)[1]) > distance_m
