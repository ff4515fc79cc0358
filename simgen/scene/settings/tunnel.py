"""A road tunnel through a hill, with its portals, walkways and lamps."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array, pose
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene import shapes
from simgen.scene.assembly import Pile, static_body
from simgen.scene.body import Body, CollisionShape, Lamp, Part
from simgen.scene.enclosure import Enclosure, Opening
from simgen.scene.environment import Season
from simgen.scene.mesh import Material
from simgen.scene.model import parametric_asset
from simgen.scene.road import LaneSection, LaneSpan, Mark, ReferenceLine, Road, RoadNetwork, line, span
from simgen.scene.roadside.fittings import SIGN_POST, Row, reflector_post, road_sign, stand
from simgen.scene.roadside.growth import trees
from simgen.scene.roadside.materials import TILES_M, ground
from simgen.scene.roadside.street import countryside
from simgen.scene.roadside.surfaces import TERRAIN_M, Surfaces, pave, sheet, slab, solid_ground
from simgen.scene.shapes import Shape
from simgen.scene.signals import Signal
from simgen.scene.stage import Fixture, Setting, Stage

LICENCE = "Apache-2.0"
WALKWAY_M = 1.0
WALL_M = 3.6
"""Height at which the vault begins."""
TOP_M = 5.6
HILL_M = 9.0
BELOW_M = 0.2
"""What of the road's bed counts as inside: gutters and what dips into them."""
ALBEDO = 0.25
"""Of the inside: walls, vault and road by their areas."""
FLUX_LM = 9000.0
WALL = Material(name="tunnel_wall", base_color=(0.52, 0.51, 0.48), roughness=0.7)
VAULT = Material(name="tunnel_vault", base_color=(0.20, 0.195, 0.19), roughness=0.9)


@settings.register("tunnel")
class Tunnel(Setting):
    """A straight road of two lanes that leads through a tunnel.

    Its lamps are the signal ``tunnel_lamps`` (on, off) and burn by day and by night, unless the lighting is ``unlit``.
    """

    length: float = quantity("m", low=120, high=800, default=320.0, help="of the road")
    portal: float = quantity(
        "m", low=30, high=200, default=80.0, help="s at which the tunnel begins, and its distance from the end"
    )
    lane_width: float = quantity("m", low=3.0, high=4.0, default=3.5, help="of each lane")
    spacing: float = quantity("m", low=5, high=40, default=12.0, help="between lamps")
    look: int = integer(low=0, high=9999, default=1, help="seed of the trees", vary={"integer": [1, 9999]})

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        start = min(self.portal, 0.4 * self.length)
        end = self.length - start
        half = self.lane_width + 0.25 + WALKWAY_M
        road = Road(id="main", line=ReferenceLine.chained([line(self.length)]), sections=self._sections(start, end))
        values = {name: getattr(self, name) for name in self.parameters}
        surfaces = Surfaces(season)
        pave(surfaces, road)
        countryside(surfaces, -250.0, -250.0, self.length + 250.0, 250.0, self.look)
        _hill(surfaces, road, start, end, half)
        fixtures = surfaces.fixtures("tunnel", values, LICENCE)
        fixtures += self._shell(road, start, end, half, values)
        lamp = _lamp()
        names = []
        for k, s in enumerate(np.arange(start + 0.5 * self.spacing, end, self.spacing)):
            names.append(f"tunnel_lamp_{k + 1}")
            at = stand(road, float(s), 0.0, 0.0, TOP_M - 0.14)
            fixtures.append(Fixture(name=names[-1], body=lamp, world_from_body=at))
        posts, signs = Row("reflector_posts", "pole"), Row("signs", "traffic_sign")
        for s in (*np.arange(5.0, start - 5.0, 25.0), *np.arange(end + 5.0, self.length, 25.0)):
            for side in (-1, 1):
                posts.put(stand(road, float(s), side * (half + 0.3), height_m=-0.03), reflector_post(), s_m=float(s))
        signs.put(stand(road, start - 25.0, -(half + 1.0), math.pi), road_sign("speed_limit", 80), [SIGN_POST])
        rng = Key(self.look, 0, "tunnel").generator()
        places: list[Array] = []
        for side in (-1, 1):
            for s in np.arange(2.0, self.length, 7.0):
                if start - 8.0 < s < end + 8.0:
                    t = float(rng.uniform(4.0, 40.0))
                    z = _hill_height(t)
                else:
                    t, z = half + float(rng.uniform(4.0, 40.0)), TERRAIN_M
                    if min(abs(s - start), abs(s - end)) < 9.0:
                        continue
                if (s < start or s > end) or start + 3.0 < s < end - 3.0:
                    places.append(stand(road, float(s), side * t, height_m=z - 0.05))
        fixtures += [
            *posts.fixtures(values),
            *signs.fixtures(values),
            *trees("trees", places, self.look, (0, 3), season=season),
        ]
        burning = "off" if lighting == "unlit" else "on"
        lights = Signal(name="tunnel_lamps", heads=tuple(names), phases=((burning, 3600.0),))
        return Stage(
            fixtures=tuple(fixtures),
            road=RoadNetwork(roads=(road,)),
            ground="asphalt",
            reach_m=self.length,
            signals=(lights,),
            enclosures=(_enclosure(start, end, half),),
        )

    def _sections(self, start: float, end: float) -> tuple[LaneSection, ...]:
        def lanes(sign: int, inside: bool) -> tuple[LaneSpan, ...]:
            driven = span(sign, "driving", self.lane_width, mark=Mark(kind="solid", width_m=0.15), speed_limit_mps=22.2)
            border = span(2 * sign, "border", 0.25)
            if inside:
                return (driven, border, span(3 * sign, "sidewalk", WALKWAY_M, height_m=0.12, speed_limit_mps=2.0))
            return (driven, border, span(3 * sign, "verge", WALKWAY_M + 1.0, surface="grass"))

        inside = LaneSection(
            s_m=start, left=lanes(1, True), right=lanes(-1, True), center_mark=Mark(kind="solid_solid")
        )
        outside = Mark(kind="broken", dash_m=4.0, gap_m=8.0)
        return (
            LaneSection(left=lanes(1, False), right=lanes(-1, False), center_mark=outside),
            inside,
            LaneSection(s_m=end, left=lanes(1, False), right=lanes(-1, False), center_mark=outside),
        )

    def _shell(self, road: Road, start: float, end: float, half: float, values: dict[str, object]) -> list[Fixture]:
        inner = _inside(half)
        pile = Pile()

        def skin(points: Array) -> Shape:
            made = sheet(road, [start, end], [(np.full(2, t), z) for t, z in points], 1.0)
            return Shape(made.points_m, made.faces)

        pile.add(WALL, skin(inner[:2]), skin(inner[-2:]))
        pile.add(VAULT, skin(inner[1:-1]))
        face = ground("concrete")
        wide = half + 3.0
        scale = np.column_stack([np.clip(inner[:, 0] * 9.0, -wide, wide), np.where(inner[:, 1] < 2.0, 0.0, HILL_M)])
        scale[0], scale[-1] = (wide, 0.0), (-wide, 0.0)
        for at, flip in ((start, False), (end, True)):
            rows = np.stack([road.points(np.full(len(p), at), p[:, 0], p[:, 1]) for p in (inner, scale)])
            uv = np.stack([inner, scale]) / TILES_M["concrete"]
            ring = shapes.grid(rows, uv=uv)
            pile.add(face, ring.turned_inside_out() if flip else ring)
        length = end - start
        boxes = [
            CollisionShape(
                kind="box",
                size_m=(length, 1.0, TOP_M),
                body_from_shape=pose((0.5 * (start + end), side * (half + 0.5), 0.5 * TOP_M)),
            )
            for side in (-1, 1)
        ]
        boxes.append(
            CollisionShape(
                kind="box",
                size_m=(length, 2 * half, 0.5),
                body_from_shape=pose((0.5 * (start + end), 0.0, TOP_M + 0.25)),
            )
        )
        asset = parametric_asset("tunnel/shell", values, licence=LICENCE, version=2)
        body = static_body("tunnel", asset, pile.parts(), tuple(boxes))
        walks = [slab(road, start, end, t, t + WALKWAY_M, 0.12, 0.5) for t in (-half, half - WALKWAY_M)]
        return [
            Fixture(name="tunnel_shell", body=body, world_from_body=np.eye(4)),
            *solid_ground("walkway", walks, "sidewalk"),
        ]


def _enclosure(start: float, end: float, half: float) -> Enclosure:
    """The tunnel as a box up to the crown of its vault, with both portals open."""
    portals = ((start, (-1.0, 0.0, 0.0)), (end, (1.0, 0.0, 0.0)))
    return Enclosure(
        world_from_box=pose((0.5 * (start + end), 0.0, 0.5 * (TOP_M - BELOW_M))),
        size_m=(end - start, 2 * half, TOP_M + BELOW_M),
        openings=tuple(Opening.upright(np.array([s, 0.0, 0.0]), np.array(out), 2 * half, TOP_M) for s, out in portals),
        albedo=ALBEDO,
    )


def _inside(half: float) -> Array:
    """(N, 2) of (t, z): up the left wall, over the vault, down the right wall."""
    angle = np.linspace(0.0, math.pi, 13)
    vault = np.column_stack([half * np.cos(angle), WALL_M + (TOP_M - WALL_M) * np.sin(angle)])
    return np.vstack([[(half, -0.06)], vault, [(-half, -0.06)]])


def _hill_height(t: float) -> float:
    return HILL_M if t < 14.0 else HILL_M + (TERRAIN_M - HILL_M) * min(1.0, (t - 14.0) / 56.0)


def _hill(into: Surfaces, road: Road, start: float, end: float, half: float) -> None:
    """Grass over the tunnel, that falls to both sides, held by wing walls beside the portals."""
    stations = [start, end]
    edges = [(-70.0, TERRAIN_M), (-14.0, HILL_M), (14.0, HILL_M), (70.0, TERRAIN_M)]
    into.add("terrain", "grass", sheet(road, stations, [(np.full(2, t), z) for t, z in edges], TILES_M["grass"]))
    wide = half + 3.0
    for at, flip in ((start, True), (end, False)):
        for side in (-1, 1):
            outline = [(side * wide, TERRAIN_M), (side * 70.0, TERRAIN_M), (side * 14.0, HILL_M), (side * wide, HILL_M)]
            points = road.points(np.full(4, at), np.array([p[0] for p in outline]), np.array([p[1] for p in outline]))
            faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int64)
            wall = Shape(points, faces, np.array(outline) / TILES_M["concrete"])
            # Counter-clockwise in (t, z) as seen from ahead, where t points to the right.
            into.add("wall", "concrete", wall.turned_inside_out() if flip == (side > 0) else wall)


def _lamp() -> Body:
    housing = shapes.rounded_box((1.3, 0.28, 0.12), 0.04, (0, 0, 0.06), count=12)
    glow = shapes.rectangle((-0.6, 0.11, -0.003), (1.2, 0, 0), (0, -0.22, 0))
    intensity = FLUX_LM / (2 * math.pi * (1 - math.cos(1.15)))
    face = Material(
        name="tunnel_lamp_face", base_color=(0.7, 0.7, 0.68), emission_cd_m2=(3200.0, 3000.0, 2500.0), lamp="lamp"
    )
    grey = Material(name="lamp_housing", base_color=(0.3, 0.3, 0.3), roughness=0.5)
    parts = [
        Part(name="housing", mesh=housing.smooth(), material=grey),
        Part(name="glow", mesh=Shape(glow.points_m, glow.faces).flat(), material=face),
    ]
    asset = parametric_asset("tunnel/lamp", {}, licence=LICENCE, version=2)
    body = static_body("pole", asset, parts)
    return Body(
        semantic=body.semantic,
        asset=body.asset,
        parts=body.parts,
        rest=body.rest,
        box_center_m=body.box_center_m,
        box_size_m=body.box_size_m,
        fixed=True,
        lamps=(
            Lamp(
                name="lamp",
                position_m=(0.0, 0.0, -0.06),
                direction=(0.0, 0.0, -1.0),
                intensity_cd=intensity,
                color=(1.05, 0.99, 0.94),
                inner_rad=1.0,
                outer_rad=1.4,
            ),
        ),
    )
