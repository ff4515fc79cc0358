"""House fronts: walls with set-back windows, doors, sills, cornices and roofs, merged by material.

A house is built in its own frame: x runs along the front, to the right as seen from the street; the front is the plane
y = 0 and looks along -y; the ground is z = 0.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from simgen.scene import textures
from simgen.scene.assembly import Pile
from simgen.scene.body import Lamp
from simgen.scene.mesh import Material, Rgb
from simgen.scene.shapes import Quad, Shape, Vector, box_quads


class _Put(Protocol):
    """Adds pieces in the house's frame."""

    def __call__(self, material: Material, *pieces: Quad) -> None: ...


WALLS: tuple[tuple[str, str, Rgb], ...] = (
    ("plaster", "cream", (0.62, 0.54, 0.40)),
    ("plaster", "white", (0.66, 0.65, 0.61)),
    ("brick", "red", (0.42, 0.16, 0.105)),
    ("plaster", "ochre", (0.52, 0.36, 0.17)),
    ("plaster", "grey", (0.36, 0.36, 0.35)),
    ("brick", "brown", (0.30, 0.175, 0.12)),
    ("plaster", "rose", (0.52, 0.33, 0.27)),
    ("plaster", "sage", (0.37, 0.42, 0.33)),
    ("plaster", "sky", (0.36, 0.43, 0.48)),
    ("brick", "yellow", (0.52, 0.41, 0.24)),
)
_TRIM = Material(name="trim_stone", base_color=(0.52, 0.50, 0.46), roughness=0.85)
_PLINTH = Material(name="plinth", base_color=(0.17, 0.165, 0.155), roughness=0.9)
_PANE = Material(name="pane", base_color=(0.020, 0.024, 0.028), roughness=0.06)
_FRAMES = (
    Material(name="frame_white", base_color=(0.70, 0.70, 0.68), roughness=0.5),
    Material(name="frame_dark", base_color=(0.045, 0.048, 0.052), roughness=0.5),
    Material(name="frame_brown", base_color=(0.11, 0.06, 0.032), roughness=0.6),
)
_DOORS = (
    Material(name="door_green", base_color=(0.025, 0.075, 0.05), roughness=0.5),
    Material(name="door_brown", base_color=(0.13, 0.065, 0.03), roughness=0.55),
    Material(name="door_blue", base_color=(0.03, 0.06, 0.15), roughness=0.5),
)
_PIPE = Material(name="zinc", base_color=(0.22, 0.23, 0.24), roughness=0.45, metallic=0.4)
_REVEAL_M = 0.17
_EYE_M = 2.0
"""Height up to which one looks down on a sill."""
_FAR_M = 5.0
"""Height from which on the ends of sills and lintels are too small to be seen."""
_BAR_M = 0.06
_BORDER = 4
"""Bars around a window come before those within it."""
_SHOP_COLORS: tuple[Rgb, ...] = ((0.05, 0.12, 0.08), (0.28, 0.03, 0.03), (0.03, 0.06, 0.16))
_SIGNS = tuple(Material(name=f"shop_{k}", base_color=color, roughness=0.5) for k, color in enumerate(_SHOP_COLORS))
_BITUMEN = Material(name="bitumen", base_color=(0.06, 0.06, 0.06), roughness=0.95)
_FITTINGS = (_TRIM, _PLINTH, *_FRAMES, *_DOORS, _PIPE, *_SIGNS, _BITUMEN)
_SQUARES = {material.name: k for k, material in enumerate(_FITTINGS)}


@lru_cache(maxsize=1)
def _fittings() -> Material:
    """All that is small and of one colour, as one material."""
    colors, roughness = tuple(m.base_color for m in _FITTINGS), tuple(m.roughness for m in _FITTINGS)
    return Material(
        name="fittings", base_color=(1.0, 1.0, 1.0), roughness=1.0, texture=textures.palette(colors, roughness)
    )


def _wall_material(index: int) -> Material:
    kind, name, color = WALLS[index % len(WALLS)]
    texture = textures.brick(index % 2) if kind == "brick" else textures.plaster(index % 2)
    return Material(name=f"{kind}_{name}", base_color=color, roughness=0.93, texture=texture, double_sided=False)


def _tile(index: int) -> float:
    return 1.2 if WALLS[index % len(WALLS)][0] == "brick" else 4.0


ROOMS = Lamp(name="rooms", position_m=(0.0, 0.0, 0.0), intensity_cd=0.0)
"""The lamps behind lit windows: they make these bright, and light nothing else."""


def curtained(lit: bool) -> Material:
    """A window with curtains, with the room behind it lit or dark."""
    return Material(
        name="window_lit" if lit else "window_curtain",
        base_color=(0.30, 0.29, 0.27),
        roughness=0.25,
        texture=textures.curtain(),
        emission_cd_m2=(17.0, 11.5, 5.2) if lit else (0.0, 0.0, 0.0),
        lamp=ROOMS.name if lit else "",
    )


@lru_cache(maxsize=1)
def _windows() -> Material:
    """All windows without light behind them: each is one piece, of which the bars blend from afar as they should."""
    kinds = tuple((frame.base_color, k != 1) for k, frame in enumerate(_FRAMES))
    texture = textures.windows(kinds, _BAR_M / 1.25)
    return Material(name="windows", base_color=(1.0, 1.0, 1.0), roughness=1.0, texture=texture)


def _dark_window(rect: tuple[float, float, float, float], y: float, frame: int, curtain: bool) -> Shape:
    (x0, z0, x1, z1), (u0, v0, u1, v1) = rect, textures.windows_uv(frame, curtain)
    points = np.array([[x0, y, z0], [x1, y, z0], [x1, y, z1], [x0, y, z1]])
    uv = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
    return Shape(points, np.array([[0, 1, 2], [0, 2, 3]]), uv)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a house is like; widths and heights in metres."""

    width_m: float
    storeys: int
    ground_m: float
    storey_m: float
    wall: int
    frame: int
    door: int
    door_bay: int
    bays: int
    pitched: bool
    shop: bool
    depth_m: float = 9.0

    @property
    def eaves_m(self) -> float:
        return self.ground_m + self.storey_m * (self.storeys - 1) + 0.35


def draw_house(rng: np.random.Generator, wall: int) -> House:
    """A house at random, of the wall that its neighbours leave it."""
    bays = int(rng.integers(2, 5))
    return House(
        width_m=float(round(bays * rng.uniform(2.25, 2.75) + 0.8, 2)),
        storeys=int(rng.choice([2, 3, 3, 3, 4])),
        ground_m=float(round(rng.uniform(3.1, 3.7), 2)),
        storey_m=float(round(rng.uniform(2.8, 3.15), 2)),
        wall=wall,
        frame=int(rng.choice([0, 0, 1, 2])),
        door=int(rng.integers(0, 3)),
        door_bay=int(rng.integers(0, bays)),
        bays=bays,
        pitched=bool(rng.random() < 0.7),
        shop=bool(rng.random() < 0.3),
    )


def _quad(corner_m: Vector, across_m: Vector, up_m: Vector, tile: float = 1.0) -> Quad:
    """As ``shapes.rectangle``."""
    (a, b, c), (d, e, f), (g, h, i) = corner_m, across_m, up_m
    return (float(a), float(b), float(c), float(d), float(e), float(f), float(g), float(h), float(i), tile)


def _panel(x0: float, z0: float, x1: float, z1: float, y: float, tile: float = 1.0) -> Quad:
    """A rectangle that faces the street; a tile of 0 stretches the texture over it."""
    return (x0, y, z0, x1 - x0, 0.0, 0.0, 0.0, 0.0, z1 - z0, tile)


def _reveal(x0: float, z0: float, x1: float, z1: float, depth: float, tile: float) -> list[Quad]:
    """The sides and the top of an opening, seen from the street; what it stands on closes it below."""
    w, h = x1 - x0, z1 - z0
    return [
        (x0, 0.0, z0, 0.0, depth, 0.0, 0.0, 0.0, h, tile),
        (x1, depth, z0, 0.0, -depth, 0.0, 0.0, 0.0, h, tile),
        (x0, depth, z1, w, 0.0, 0.0, 0.0, -depth, 0.0, tile),
    ]


def _frame(
    x0: float, z0: float, x1: float, z1: float, y: float, bar: float, bars: tuple[float, ...], cross: float
) -> list[Quad]:
    """A window frame with upright bars at shares of the width, and a cross bar at a share of the height (0: none)."""
    parts = [
        _panel(x0, z0, x0 + bar, z1, y),
        _panel(x1 - bar, z0, x1, z1, y),
        _panel(x0 + bar, z1 - bar, x1 - bar, z1, y),
        _panel(x0 + bar, z0, x1 - bar, z0 + bar, y),
    ]
    for share in bars:
        middle = x0 + share * (x1 - x0)
        parts.append(_panel(middle - 0.5 * bar, z0 + bar, middle + 0.5 * bar, z1 - bar, y))
    if cross > 0:
        height = z0 + cross * (z1 - z0)
        parts.append(_panel(x0 + bar, height - 0.4 * bar, x1 - bar, height + 0.4 * bar, y - 0.001))
    return parts


def add_house(
    pile: Pile,
    house: House,
    x_m: float,
    rng: np.random.Generator,
    lit_share: float,
    *,
    beside: tuple[House | None, House | None] = (None, None),
    distant: bool = False,
) -> None:
    """Adds a house, whose frame stands at ``x_m`` along the row, to the row's pile.

    Args:
        lit_share: share of the windows with light behind them.
        beside: the houses that touch it on the left and on the right; walls between two houses are left out.
        distant: never seen from near by: bars and edges of a few centimetres are left out.
    """
    wall, tile = _wall_material(house.wall), _tile(house.wall)
    w, eaves = house.width_m, house.eaves_m
    bay = (w - 0.8) / house.bays

    def put(material: Material, *pieces: Quad) -> None:
        square = _SQUARES.get(material.name)
        if square is None:
            pile.add_quads(material, pieces, x_m)
        else:
            pile.add_quads(_fittings(), [(*piece[:9], -1.0 - square) for piece in pieces], x_m)

    def glaze(pane: Shape) -> None:
        pile.add(_windows(), pane.shifted(x_m))

    floors = [0.0] + [house.ground_m + k * house.storey_m for k in range(house.storeys - 1)]
    z = 0.0
    for level, floor in enumerate(floors):
        ground = level == 0
        shop = ground and house.shop
        openings: list[tuple[float, float, float, float, str]] = []
        for b in range(house.bays):
            middle = 0.4 + bay * (b + 0.5)
            if ground and b == house.door_bay:
                openings.append((middle - 0.55, 0.02, middle + 0.55, 2.35, "door"))
            elif shop:
                openings.append((middle - 0.46 * bay, 0.55, middle + 0.46 * bay, 2.65, "shop"))
            else:
                half = 0.5 * min(1.25, bay - 0.95)
                openings.append((middle - half, floor + 0.9, middle + half, floor + 2.45, "window"))
        low, high = min(o[1] for o in openings), max(o[3] for o in openings)
        put(wall, _panel(0, z, w, low, 0.0, tile)) if low > z else None
        x = 0.0
        for x0, z0, x1, z1, kind in openings:
            put(wall, _panel(x, low, x0, high, 0.0, tile))
            if z0 > low:
                put(wall, _panel(x0, low, x1, z0, 0.0, tile))
            if z1 < high:
                put(wall, _panel(x0, z1, x1, high, 0.0, tile))
            x = x1
            _opening(put, glaze, house, (x0, z0, x1, z1), kind, wall, tile, rng, lit_share, distant)
        put(wall, _panel(x, low, w, high, 0.0, tile))
        z = high
        if ground:
            top = house.ground_m + 0.12
            put(_TRIM, *box_quads((w, 0.07, 0.16), (w / 2, -0.034, top), sides="YzZ"))
            if shop:
                put(_SIGNS[house.door], *box_quads((w - 0.9, 0.06, 0.42), (w / 2, -0.03, 2.93), sides="xXYzZ"))
    put(wall, _panel(0, z, w, eaves, 0.0, tile))
    put(_PLINTH, *box_quads((w, 0.04, 0.42), (w / 2, -0.02, 0.21), 2.0, sides="YzxX")) if not house.shop else None
    depth = house.depth_m
    left, right = (0.0 if neighbour is None else min(neighbour.eaves_m, eaves) for neighbour in beside)
    if left < eaves:
        put(wall, _quad((0, depth, left), (0, -depth, 0), (0, 0, eaves - left), tile))
    if right < eaves:
        put(wall, _quad((w, 0, right), (0, depth, 0), (0, 0, eaves - right), tile))
    put(wall, _quad((w, depth, 0), (-w, 0, 0), (0, 0, eaves), tile))
    put(_TRIM, *box_quads((w, 0.22, 0.14), (w / 2, -0.108, eaves - 0.08), sides="YzZxX"))
    put(_TRIM, *box_quads((w, 0.10, 0.10), (w / 2, -0.05, eaves - 0.20), sides="YzxX"))
    put(_PIPE, *_pipe((w - 0.12, -0.09, 0.05), eaves - 0.25, 0.045, "z"))
    if house.pitched:
        _roof(pile, put, house, x_m)
    else:
        put(wall, *box_quads((w, 0.25, 0.7), (w / 2, 0.125, eaves + 0.35), tile, sides="xXyY"))
        put(_TRIM, *box_quads((w, 0.33, 0.07), (w / 2, 0.125, eaves + 0.735), sides="xXyYzZ"))
        put(_BITUMEN, _quad((0, 0, eaves + 0.1), (w, 0, 0), (0, depth, 0)))


def _pipe(start_m: tuple[float, float, float], length_m: float, radius_m: float, along: str) -> list[Quad]:
    """Six sides of a bar along "x" or "z"."""
    turn = [2.0 * math.pi * k / 6 for k in range(7)]
    ring = [(radius_m * math.cos(a), radius_m * math.sin(a)) for a in turn]
    x, y, z = start_m
    if along == "z":
        return [
            (x + a, y + b, z, c - a, d - b, 0.0, 0.0, 0.0, length_m, 1.0) for (a, b), (c, d) in itertools.pairwise(ring)
        ]
    return [
        (x, y + a, z + b, 0.0, c - a, d - b, length_m, 0.0, 0.0, 1.0) for (a, b), (c, d) in itertools.pairwise(ring)
    ]


def _opening(
    put: _Put,
    glaze: Callable[[Shape], None],
    house: House,
    rect: tuple[float, float, float, float],
    kind: str,
    wall: Material,
    tile: float,
    rng: np.random.Generator,
    lit_share: float,
    distant: bool,
) -> None:
    x0, z0, x1, z1 = rect
    frame = _FRAMES[house.frame]
    if kind == "door":
        put(wall, *_reveal(*rect, 0.3, tile))
        door = _DOORS[house.door]
        put(door, _panel(x0, z0, x1, z1 - 0.42, 0.3))
        put(_PANE, _panel(x0, z1 - 0.42, x1, z1, 0.3))
        put(frame, *_frame(x0, z1 - 0.42, x1, z1, 0.295, 0.05, (), 0.0))
        for k in range(2):
            a = x0 + 0.13 + k * 0.45
            if not distant:
                put(door, *box_quads((0.38, 0.03, 0.62), (a + 0.19, 0.29, z0 + 0.5), sides="YxXz"))
                put(door, *box_quads((0.38, 0.03, 0.68), (a + 0.19, 0.29, z0 + 1.35), sides="YxXZ"))
        put(_PIPE, *box_quads((0.03, 0.06, 0.14), (x1 - 0.1, 0.26, z0 + 1.0), sides="YxXz"))
        put(_PLINTH, *box_quads((1.3, 0.35, 0.12), (0.5 * (x0 + x1), -0.1, 0.06), 2.0, sides="YxXz"))
        return
    shop = kind == "shop"
    depth = 0.12 if shop else _REVEAL_M
    put(wall, *_reveal(*rect, depth, tile))
    bar = _BAR_M if not shop else 0.07
    lit = bool(rng.random() < lit_share * (1.4 if shop else 1.0))
    curtain = bool(rng.random() < 0.55) and not shop
    if shop:
        put(curtained(lit) if lit else _PANE, _panel(x0, z0, x1, z1, depth, 0.0))
        put(frame, *_frame(*rect, depth - 0.02, bar, (0.5,), 0.0))
        put(_TRIM, *box_quads((x1 - x0 + 0.1, 0.23, 0.08), (0.5 * (x0 + x1), 0.005, z0 - 0.04), sides="YxXz"))
        return
    if lit:
        # Before a light the frame must be dark.
        pieces = _frame(*rect, depth - 0.025, bar, (0.5,), 0.68 if house.frame != 1 else 0.0)
        put(curtained(lit), _panel(x0, z0, x1, z1, depth, 0.0))
        put(frame, *(pieces[_BORDER:] if distant else pieces))
    else:
        glaze(_dark_window(rect, depth - 0.02, house.frame, curtain))
    # The sill reaches in to the frame. Of edges above eye level the upper side is not seen, of those below the lower.
    ends = "" if distant or z0 > _FAR_M else "xX"
    put(
        _TRIM,
        *box_quads(
            (x1 - x0 + 0.2, 0.12 + depth, 0.06),
            (0.5 * (x0 + x1), 0.5 * depth - 0.06, z0 - 0.03),
            sides="Y" + ends + ("z" if z0 < _EYE_M else "Z"),
        ),
    )
    if house.frame != 1:
        put(_TRIM, *box_quads((x1 - x0 + 0.24, 0.06, 0.14), (0.5 * (x0 + x1), -0.028, z1 + 0.07), sides=f"Y{ends}Z"))


def _roof(pile: Pile, put: _Put, house: House, x_m: float) -> None:
    """A pitched roof with its ridge along the street, gables, a gutter, a chimney and perhaps a dormer."""
    w, depth, eaves = house.width_m, house.depth_m, house.eaves_m
    rise, run = 0.36 * depth, depth / 2
    color: tuple[Rgb, ...] = ((0.30, 0.10, 0.06), (0.11, 0.10, 0.10), (0.22, 0.085, 0.055))
    name = ("roof_red", "roof_slate", "roof_brown")[house.door]
    tiles = Material(name=name, base_color=color[house.door], roughness=0.85, texture=textures.roof_tiles(house.door))
    over = 0.32
    slope = np.array([0.0, run + over, rise * (run + over) / run])
    foot = np.array([-0.02, -over, eaves - rise * over / run + 0.1])
    put(tiles, _quad(foot, (w + 0.04, 0, 0), slope, 3.0))
    back = np.array([w + 0.02, depth + over, foot[2]])
    put(tiles, _quad(back, (-w - 0.04, 0, 0), slope * np.array([1, -1, 1]), 3.0))
    wall, tile = _wall_material(house.wall), _tile(house.wall)
    for x, order in ((0.0, (1, 0, 2)), (w, (0, 1, 2))):
        corners = np.array([[x, 0.0, eaves], [x, depth, eaves], [x, run, eaves + rise + 0.05]])
        uv = corners[:, 1:] / tile
        pile.add(wall, Shape(corners, np.array([order]), uv).shifted(x_m))
    put(_PIPE, *_pipe((0.0, -over - 0.03, float(foot[2])), w, 0.06, "x"))
    chimney_x = 0.25 * w if house.door_bay else 0.75 * w
    put(
        _wall_material(2),
        *box_quads((0.55, 0.7, 1.5), (chimney_x, 0.62 * depth, eaves + rise + 0.1), 1.2, sides="xXyYz"),
    )
    if house.bays >= 3 and house.frame != 1:
        for share in (0.3, 0.7):
            x, y0 = share * w, 0.9
            z0 = eaves + 0.1 + rise * y0 / run
            put(wall, _panel(x - 0.75, z0 - 0.1, x + 0.75, z0 + 1.35, y0, tile))
            put(wall, _quad((x + 0.75, y0, z0 - 0.1), (0, 2.2, 0), (0, 0, 1.45), tile))
            put(wall, _quad((x - 0.75, y0 + 2.2, z0 - 0.1), (0, -2.2, 0), (0, 0, 1.45), tile))
            put(tiles, *box_quads((1.8, 2.5, 0.1), (x, y0 + 1.05, z0 + 1.4), 3.0))
            put(_PANE, _panel(x - 0.5, z0 + 0.2, x + 0.5, z0 + 1.2, y0 - 0.01))
            put(_FRAMES[house.frame], *_frame(x - 0.5, z0 + 0.2, x + 0.5, z0 + 1.2, y0 - 0.03, 0.06, (0.5,), 0.0))
