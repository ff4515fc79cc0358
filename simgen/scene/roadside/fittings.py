"""What stands along roads, in the frame of the place where it stands: x along the road or towards who sees it, z up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from simgen.core.geometry import Array, planar_pose, pose, rotation_z
from simgen.core.keeping import kept
from simgen.scene import shapes
from simgen.scene.assembly import Pile, static_body
from simgen.scene.body import Body, CollisionShape, Lamp, Part
from simgen.scene.mesh import Material, Texture
from simgen.scene.model import parametric_asset
from simgen.scene.models.traffic_light import lens_material, signal
from simgen.scene.models.traffic_sign import drawn, sheeting
from simgen.scene.props import FACING_FORWARD
from simgen.scene.road import Road
from simgen.scene.roadside.surfaces import BOXES_PER_BODY, sheet
from simgen.scene.shapes import Shape, join
from simgen.scene.stage import Fixture

STRETCH_M = 80.0
"""What stands along so long a stretch is one body."""

STEEL = Material(name="galvanised", base_color=(0.34, 0.35, 0.36), roughness=0.5, metallic=0.5)
WHITE = Material(name="post_white", base_color=(0.66, 0.66, 0.64), roughness=0.55)
BLACK = Material(name="post_black", base_color=(0.025, 0.025, 0.027), roughness=0.6)
REFLECTOR = Material(name="reflector", base_color=(0.70, 0.70, 0.68), roughness=0.3, retroreflectance=0.6)
RED = Material(name="red_sheeting", base_color=(0.50, 0.02, 0.02), roughness=0.5, retroreflectance=0.25)
WHITE_SHEET = Material(name="white_sheeting", base_color=(0.72, 0.72, 0.70), roughness=0.5, retroreflectance=0.3)
YELLOW = Material(name="yellow_sheeting", base_color=(0.70, 0.45, 0.02), roughness=0.5, retroreflectance=0.25)
BLUE = Material(name="blue_sheeting", base_color=(0.01, 0.07, 0.30), roughness=0.5, retroreflectance=0.25)
CONCRETE = Material(name="barrier_concrete", base_color=(0.40, 0.395, 0.375), roughness=0.9, wettable=True)
ORANGE = Material(name="cone_orange", base_color=(0.62, 0.09, 0.01), roughness=0.5)

Piece = tuple[Material, Shape]


def plain(shape: Shape) -> Shape:
    """Without texture coordinates."""
    return Shape(shape.points_m, shape.faces)


class Row:
    """Collects pieces along a road, one body per stretch."""

    def __init__(self, name: str, semantic: str) -> None:
        self.name, self.semantic = name, semantic
        self._stretches: dict[int, tuple[Pile, list[CollisionShape]]] = {}

    def put(
        self, at: Array, pieces: Sequence[Piece], solids: Sequence[CollisionShape] = (), s_m: float | None = None
    ) -> None:
        """Pieces and shapes in the frame ``at`` (4, 4); stretches go by ``s_m``, else by the world's x."""
        key = math.floor((float(at[0, 3]) if s_m is None else s_m) / STRETCH_M)
        pile, boxes = self._stretches.setdefault(key, (Pile(), []))
        for material, shape in pieces:
            pile.add(material, shape.moved(at))
        boxes += [CollisionShape(kind=c.kind, size_m=c.size_m, body_from_shape=at @ c.body_from_shape) for c in solids]

    def fixtures(self, values: Mapping[str, object]) -> list[Fixture]:
        result = []
        for k, (pile, boxes) in enumerate(self._stretches.values()):
            asset = parametric_asset(f"roadside/{self.name}", {**values, "part": k}, licence="Apache-2.0", version=2)
            body = static_body(self.semantic, asset, pile.parts(), tuple(boxes[:BOXES_PER_BODY]))
            result.append(Fixture(name=f"{self.name}_{k + 1}", body=body, world_from_body=np.eye(4)))
            for j in range(BOXES_PER_BODY, len(boxes), BOXES_PER_BODY):
                rest = Body(
                    semantic=self.semantic,
                    asset=asset,
                    parts=(),
                    rest=np.zeros((0, 4, 4)),
                    box_center_m=body.box_center_m,
                    box_size_m=body.box_size_m,
                    collision=tuple(boxes[j : j + BOXES_PER_BODY]),
                    fixed=True,
                )
                result.append(Fixture(name=f"{self.name}_{k + 1}_{j}", body=rest, world_from_body=np.eye(4)))
        return result


def stand(road: Road, s_m: float, t_m: float, yaw_rad: float = 0.0, height_m: float = 0.0) -> Array:
    """(4, 4) upright at (s, t), turned from +s; ``height_m`` above the elevation."""
    heading = road.line.at(s_m)[2]
    at = road.points(np.array([s_m]), np.array([t_m]), height_m)[0]
    return planar_pose(float(at[0]), float(at[1]), heading + yaw_rad, float(at[2]))


def solid_box(size_m: tuple[float, float, float], center_m: tuple[float, float, float]) -> CollisionShape:
    return CollisionShape(kind="box", size_m=size_m, body_from_shape=pose(center_m))


def profile(
    row: Row, material: Material, road: Road, outline: Sequence[tuple[float, float]], t_m: float, spans: Sequence[float]
) -> None:
    """Draws a closed outline of (t, z), clockwise as seen along +s with t to the right, along the road through the
    stations ``spans``, with its ends closed."""
    loop = [*outline, outline[0]]
    for a, b in pairwise(spans):
        s = road.stations(a, b, 0.02)
        row.put(
            np.eye(4), [(material, plain(sheet(road, s, [(np.full(len(s), t_m + t), z) for t, z in loop], 1.0)))], s_m=a
        )
    for s_end, flip in ((spans[0], False), (spans[-1], True)):
        cap = shapes.fan(np.vstack([road.points(np.array([s_end]), np.array([t_m + t]), z) for t, z in outline]))
        row.put(np.eye(4), [(material, plain(cap.turned_inside_out() if flip else cap))], s_m=min(s_end, spans[-2]))


def _solid_run(row: Row, road: Road, spans: Sequence[float], t_m: float, width_m: float, height_m: float) -> None:
    for a, b in pairwise(spans):
        p = road.points(np.array([a, b]), np.full(2, t_m), 0.0)
        ahead = p[1] - p[0]
        x, y, z = (float(v) for v in 0.5 * (p[0] + p[1]))
        at = planar_pose(x, y, math.atan2(ahead[1], ahead[0]), z)
        row.put(at, (), [solid_box((float(np.linalg.norm(ahead)), width_m, height_m), (0, 0, 0.5 * height_m))], s_m=a)


def _spans(road: Road, start_m: float, end_m: float, step_m: float) -> list[float]:
    count = max(1, math.ceil((end_m - start_m) / step_m))
    return [float(v) for v in np.linspace(start_m, end_m, count + 1)]


def guard_rail(row: Row, road: Road, t_m: float, start_m: float, end_m: float, side: int) -> None:
    """A W-beam on posts along t; ``side`` is -1 for one that stands to the right of the traffic that it guards."""
    spans = _spans(road, start_m, end_m, 20.0)
    face = [(0.0, 0.44), (0.0, 0.47), (0.07, 0.52), (0.0, 0.58), (0.0, 0.61), (0.07, 0.67), (0.0, 0.74), (0.0, 0.76)]
    loop = [(-side * t, z) for t, z in face] + [(side * 0.012, 0.76), (side * 0.012, 0.44)]
    profile(row, STEEL, road, loop if side > 0 else loop[::-1], t_m, spans)
    for s in np.arange(start_m + 1.0, end_m, 4.0):
        post = plain(shapes.box((0.06, 0.11, 0.82), (0, side * 0.09, 0.29)))
        row.put(stand(road, float(s), t_m), [(STEEL, post)], s_m=float(s))
    _solid_run(row, road, spans, t_m + 0.08 * side, 0.2, 0.78)


def concrete_barrier(row: Row, road: Road, t_m: float, start_m: float, end_m: float) -> None:
    """The New Jersey profile, 0.81 m high and 0.6 m wide."""
    spans = _spans(road, start_m, end_m, 20.0)
    half = [(-0.30, -0.05), (-0.30, 0.08), (-0.125, 0.33), (-0.075, 0.81)]
    profile(row, CONCRETE, road, [*half, *((-t, z) for t, z in reversed(half))], t_m, spans)
    _solid_run(row, road, spans, t_m, 0.5, 0.81)


@lru_cache(maxsize=1)
def reflector_post() -> tuple[Piece, ...]:
    """A delineator of 1 m whose reflectors look along x both ways."""
    post = shapes.box((0.08, 0.11, 0.72), (0, 0, 0.36))
    band = shapes.box((0.084, 0.114, 0.24), (0, 0, 0.84))
    top = shapes.box((0.08, 0.11, 0.06), (0, 0, 0.99))
    eyes = [shapes.box((0.006, 0.05, 0.17), (0.045 * way, 0, 0.84)) for way in (-1, 1)]
    return ((WHITE, plain(join([post, top]))), (BLACK, plain(band)), (REFLECTOR, plain(join(eyes))))


@kept
def cone(height_m: float = 0.75) -> tuple[Piece, ...]:
    """A traffic cone with two white collars."""
    h = height_m

    def ring(z0: float, z1: float) -> Shape:
        return shapes.stack([z0 * h, z1 * h], [(0.15 - 0.12 * z, 0.15 - 0.12 * z) for z in (z0, z1)], count=16)

    foot = shapes.rounded_box((0.40, 0.40, 0.035), 0.01, (0, 0, 0.0175), count=12)
    return (
        (ORANGE, plain(join([ring(0.04, 0.36), ring(0.52, 0.66), ring(0.82, 1.0)]))),
        (WHITE_SHEET, plain(join([ring(0.36, 0.52), ring(0.66, 0.82)]))),
        (BLACK, plain(foot)),
    )


@lru_cache(maxsize=1)
def _stripes() -> Texture:
    """Diagonal red and white stripes; a tile is one pair."""
    v, u = np.mgrid[0:128, 0:128] / 128
    red = ((u + v) % 1.0) < 0.5
    pixels = np.where(red[..., None], np.array([196, 18, 22]), np.array([232, 232, 228])).astype(np.uint8)
    return Texture(name="stripes", pixels=pixels)


def striped() -> Material:
    return Material(
        name="striped_sheeting", base_color=(0.8, 0.8, 0.8), roughness=0.5, texture=_stripes(), retroreflectance=0.3
    )


@lru_cache(maxsize=1)
def board_barrier() -> tuple[Piece, ...]:
    """A barrier board across y, 2 m wide, that faces +x and -x, on two feet, with a row of warning lamps."""
    board = join(
        [
            shapes.rectangle((0.02, -1.0, 0.85), (0, 2.0, 0), (0, 0, 0.25), 0.5),
            shapes.rectangle((-0.02, 1.0, 0.85), (0, -2.0, 0), (0, 0, 0.25), 0.5),
        ]
    )
    frame = [shapes.box((0.035, 2.0, 0.02), (0, 0, z)) for z in (0.845, 1.105)]
    posts = [shapes.box((0.05, 0.05, 1.1), (0, y, 0.55)) for y in (-0.8, 0.8)]
    feet = [shapes.box((0.8, 0.28, 0.1), (0, y, 0.05)) for y in (-0.8, 0.8)]
    lights = [shapes.box((0.06, 0.16, 0.18), (0, y, 1.2)) for y in (-0.8, 0.0, 0.8)]
    return (
        (striped(), board),
        (STEEL, plain(join([*frame, *posts]))),
        (BLACK, plain(join(feet))),
        (YELLOW, plain(join(lights))),
    )


@lru_cache(maxsize=1)
def beacon() -> tuple[Piece, ...]:
    """A guide beacon, 0.25 x 1.0 m, striped on both sides, across y."""
    faces = [
        shapes.rectangle((0.016, -0.125, 0.2), (0, 0.25, 0), (0, 0, 1.0), 0.5),
        shapes.rectangle((-0.016, 0.125, 0.2), (0, -0.25, 0), (0, 0, 1.0), 0.5),
    ]
    edge = shapes.box((0.03, 0.254, 1.004), (0, 0, 0.7), sides="yYzZ")
    foot = shapes.rounded_box((0.8, 0.4, 0.11), 0.03, (0, 0, 0.055), count=12)
    return ((striped(), join(faces)), (STEEL, plain(edge)), (BLACK, plain(foot)))


def road_sign(kind: str, limit: int = 0, *, z_m: float = 2.4) -> list[Piece]:
    """A road sign of a kind of ``sign.traffic`` on a pole that faces +x, its middle at ``z_m``; ``limit`` is the number
    of a speed limit."""
    outline, size, picture = drawn(kind, limit)
    front, back = (
        shapes.fan(np.column_stack([np.full(len(outline), x), outline[:, 0], outline[:, 1] + z_m])[::way])
        for x, way in ((0.045, 1), (0.04, -1))
    )
    uv = 0.5 + (front.points_m[:, 1:] - (0.0, z_m)) / size
    name = f"{kind}_{limit}" if limit else kind
    pole = shapes.tube([(0, 0, -0.1), (0, 0, z_m + 0.4)], 0.03, count=8)
    return [
        (sheeting(name, picture), Shape(front.points_m, front.faces, uv)),
        (STEEL, join([plain(back), plain(pole)])),
    ]


SIGN_POST = CollisionShape(kind="cylinder", size_m=(0.035, 2.7), body_from_shape=pose((0.0, 0.0, 1.35)))
"""What collides of a sign on a pole."""


def saint_andrews_cross(z_m: float = 2.3) -> list[Piece]:
    """The cross before a level crossing, on a pole that faces +x."""
    outline, size, picture = drawn("level_crossing")
    fronts, backs = [], []
    for k, turn in enumerate((math.radians(35.0), -math.radians(35.0))):
        frame = pose((0.04 + 0.012 * k, 0.0, z_m), FACING_FORWARD @ rotation_z(turn))
        disc = shapes.fan(np.column_stack([outline, np.zeros(len(outline))]))
        fronts.append(Shape(disc.points_m, disc.faces, 0.5 + disc.points_m[:, :2] / size).moved(frame))
        backs.append(plain(disc.turned_inside_out().shifted(z_m=-0.004).moved(frame)))
    pole = plain(shapes.tube([(0, 0, -0.1), (0, 0, z_m + 0.25)], 0.035, count=8))
    return [(sheeting("level_crossing", picture), join(fronts)), (STEEL, join([*backs, pole]))]


def gantry(width_m: float, boards: Sequence[tuple[float, float]]) -> tuple[list[Piece], list[CollisionShape]]:
    """A sign gantry over a carriageway: it spans y from -width to 0, and its boards (middle y, width) face -x."""
    legs = [shapes.tube([(0, y, -0.1), (0, y, 7.6)], 0.19, count=12) for y in (-width_m, 0.0)]
    chords = [shapes.tube([(x, -width_m, z), (x, 0.0, z)], 0.07, count=8) for x in (-0.35, 0.35) for z in (6.7, 7.5)]
    lattice = []
    count = max(2, round(width_m / 1.4))
    for k in range(count):
        y0, y1 = -width_m * k / count, -width_m * (k + 1) / count
        for x in (-0.35, 0.35):
            lattice.append(
                shapes.tube([(x, y0, 6.7 if k % 2 else 7.5), (x, y1, 7.5 if k % 2 else 6.7)], 0.035, count=6)
            )
    pieces: list[Piece] = [(STEEL, plain(join([*legs, *chords, *lattice])))]
    for middle, wide in boards:
        low, high = 5.7, 8.3
        pieces.append(
            (WHITE_SHEET, plain(shapes.rectangle((-0.47, middle + wide / 2, low), (0, -wide, 0), (0, 0, high - low))))
        )
        pieces.append(
            (
                BLUE,
                plain(
                    shapes.rectangle(
                        (-0.475, middle + wide / 2 - 0.06, low + 0.06), (0, 0.12 - wide, 0), (0, 0, high - low - 0.12)
                    )
                ),
            )
        )
        pieces.append(
            (STEEL, plain(shapes.rectangle((-0.44, middle - wide / 2, low), (0, wide, 0), (0, 0, high - low))))
        )
        rows = [(7.45, 0.52, 0.30), (6.75, 0.70, 0.30), (6.15, 0.35, 0.22)]
        rng = np.random.Generator(np.random.PCG64(int(100 * wide)))
        for z, share, tall in rows:
            at = -0.5 * wide + 0.35
            while at < wide * (share - 0.3):
                step = float(rng.uniform(0.10, 0.2))
                pieces.append(
                    (
                        WHITE_SHEET,
                        plain(
                            shapes.rectangle(
                                (-0.48, middle - at, z), (0, -step, 0), (0, 0, tall * float(rng.choice([0.7, 1.0])))
                            )
                        ),
                    )
                )
                at += step + 0.06
        arrow = np.array([(0.0, 6.0), (0.16, 6.3), (0.05, 6.3), (0.05, 6.9), (-0.05, 6.9), (-0.05, 6.3), (-0.16, 6.3)])
        y = middle - wide * 0.33
        tip = plain(shapes.fan(np.array([(-0.48, y - a, z) for a, z in arrow[[0, 1, 6]]])))
        shaft = plain(shapes.rectangle((-0.48, y + 0.05, 6.3), (0, -0.1, 0), (0, 0, 0.6)))
        pieces.append((WHITE_SHEET, join([tip, shaft])))
    solids = [solid_box((0.4, 0.4, 7.6), (0, y, 3.8)) for y in (-width_m, 0.0)]
    return pieces, solids


@kept
def signal_head(colors: tuple[str, ...] = ("red", "amber", "green"), height_m: float = 3.0, arm_m: float = 0.0) -> Body:
    """A signal that faces +x, with a lamp for each colour; with ``arm_m`` another head
    hangs that far to its right, over the lane."""
    pole_top = height_m + 0.6 if arm_m == 0 else 5.9
    pole = [shapes.tube([(0, 0, -0.05), (0, 0, pole_top)], 0.06 if arm_m == 0 else 0.09, count=12)]
    heads = [(0.0, height_m)]
    if arm_m > 0:
        pole.append(shapes.tube([(0, 0, pole_top - 0.12), (0, -arm_m - 0.2, pole_top)], 0.06, count=10))
        heads.append((-arm_m, 5.45))
    housing, boards, rims, lenses = [], [], [], {color: list[Shape]() for color in colors}
    turn = np.linspace(0, 2 * np.pi, 25)
    n = len(colors)
    for y, z in heads:
        x = 0.13
        tall = 0.30 * n
        boards.append(shapes.box((0.01, 0.58, tall + 0.26), (x - 0.01, y, z)))
        rim = [shapes.box((0.012, 0.58, 0.03), (x + 0.006, y, z + k * (0.5 * tall + 0.115))) for k in (-1, 1)]
        rim += [shapes.box((0.012, 0.03, tall + 0.26), (x + 0.006, y + k * 0.275, z)) for k in (-1, 1)]
        rims += rim
        for k, color in enumerate(colors):
            level = z + 0.30 * (0.5 * (n - 1) - k)
            housing.append(shapes.box((0.16, 0.27, 0.295), (x + 0.06, y, level)))
            # Far enough before the housing for a depth buffer to tell them apart from a hundred metres
            disc = np.column_stack(
                [np.full(24, x + 0.165), y + 0.1 * np.cos(turn[:-1]), level + 0.1 * np.sin(turn[:-1])]
            )
            lenses[color].append(plain(shapes.fan(disc)))
            over = np.linspace(-0.15 * np.pi, 1.15 * np.pi, 13)
            reach = 0.17 * np.clip(0.6 + 0.4 * np.sin(over), 0.2, 1.0)
            hood = np.stack(
                [
                    np.column_stack([x + 0.14 + d * reach, y + 0.113 * np.cos(over), level + 0.113 * np.sin(over)])
                    for d in (0.0, 1.0)
                ]
            )
            skin = plain(shapes.grid(hood))
            housing += [skin, skin.turned_inside_out()]
    parts = [
        Part(name="pole", mesh=join([plain(p) for p in pole]).smooth(), material=STEEL),
        Part(name="housing", mesh=join([plain(h) for h in [*housing, *boards]]).flat(), material=BLACK),
        Part(name="rim", mesh=join([plain(r) for r in rims]).flat(), material=WHITE_SHEET),
    ]
    lamps: list[Lamp] = []
    for color in colors:
        glass = lens_material(color, color, 0.1)
        parts.append(Part(name=f"lens_{color}", mesh=join(lenses[color]).flat(), material=glass))
        level = height_m + 0.30 * (0.5 * (n - 1) - colors.index(color))
        lamps.append(signal(color, color, (0.42, 0.0, level), "", on=True))
    asset = parametric_asset(
        "roadside/signal", {"colors": list(colors), "height": height_m, "arm": arm_m}, licence="Apache-2.0", version=2
    )
    body = static_body("traffic_light", asset, parts, (solid_box((0.18, 0.18, pole_top), (0, 0, 0.5 * pole_top)),))
    return Body(
        semantic=body.semantic,
        asset=body.asset,
        parts=body.parts,
        rest=body.rest,
        box_center_m=body.box_center_m,
        box_size_m=body.box_size_m,
        collision=body.collision,
        fixed=True,
        lamps=tuple(lamps),
    )
