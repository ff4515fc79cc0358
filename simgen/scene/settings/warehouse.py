"""A warehouse: aisles between pallet racks, docks at one end, a charging station at the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import pose, rotation_y, rotation_z
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.body import Body, CollisionShape, Lamp, Part
from simgen.scene.environment import Season
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.models.stores import PALLET_M, plain_pallet, timber
from simgen.scene.prints import carton, ribbed, sign, slab
from simgen.scene.settings.indoors import (
    BRIGHT_STEEL,
    DARK,
    GREEN_PAINT,
    PALE,
    SAFETY_YELLOW,
    STEEL,
    WHITE_PAINT,
    YELLOW,
    bar,
    block,
    fixture,
    glowing,
    outline,
    post,
    sheet,
    strip,
    stuff,
    textured,
    walls,
    warning_stripes,
)
from simgen.scene.solids import box, joined, lathe, moved, rounded_box
from simgen.scene.stage import Fixture, Setting, Stage, Surface

BAY_M, RACK_DEPTH_M, FLUE_M = 2.80, 1.10, 0.20
"""Width of a rack bay between uprights, depth of a rack, gap between two racks back to back."""
LEVELS_M = (1.75, 3.35)
UPRIGHT_M, UPRIGHT_SIDE_M, BEAM_M = 4.9, 0.09, 0.11
WEST_M, EAST_M, SIDE_M, CEILING_M = 6.0, 8.0, 0.5, 7.2
"""Free floor before the racks, behind them towards the docks, beside them; height of the roof."""
LAMP_M, LAMP_CD = 6.5, 7200.0
"""High-bay lamps of 22 600 lm, Lambertian: lm / pi on the axis."""
SLOTS_M = (-0.90, 0.0, 0.90)
EMPTY = 0.14
"""Share of the pallet places that stand empty."""
DOOR_M = (2.8, 3.1)
CARTON_M = (0.38, 0.38, 0.30)

PALLET_WOOD: Rgb = (0.42, 0.29, 0.16)
PAINTS: dict[str, Rgb] = {
    "blue": (0.02, 0.08, 0.30),
    "green": (0.02, 0.16, 0.07),
    "grey": (0.22, 0.23, 0.24),
}
PLASTICS: tuple[Rgb, ...] = ((0.02, 0.10, 0.36), (0.20, 0.21, 0.22), (0.42, 0.03, 0.03), (0.62, 0.42, 0.03))
WRAP = Material(name="stretch_film", base_color=(0.55, 0.57, 0.60), roughness=0.22)
DARK_WRAP = Material(name="dark_film", base_color=(0.025, 0.027, 0.03), roughness=0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Where things lie: middles of the aisles, length of the racks, the hall's corners."""

    aisles_m: tuple[float, ...]
    width_m: float
    length_m: float

    @property
    def low_m(self) -> tuple[float, float]:
        return (-self.length_m / 2 - WEST_M, self.aisles_m[0] - self.width_m / 2 - RACK_DEPTH_M - SIDE_M)

    @property
    def high_m(self) -> tuple[float, float]:
        return (self.length_m / 2 + EAST_M, self.aisles_m[-1] + self.width_m / 2 + RACK_DEPTH_M + SIDE_M)

    @property
    def racks_m(self) -> tuple[float, ...]:
        """y of the middles of the rack rows: right and left of each aisle."""
        away = self.width_m / 2 + RACK_DEPTH_M / 2
        return tuple(y + side * away for y in self.aisles_m for side in (-1, 1))

    @property
    def docks_m(self) -> tuple[float, ...]:
        """y of the middles of the dock doors."""
        (_, y0), (_, y1) = self.low_m, self.high_m
        count = max(1, int((y1 - y0) // 5.0))
        return tuple(y0 + (k + 0.5) * (y1 - y0) / count for k in range(count))


@settings.register("warehouse")
class Warehouse(Setting):
    """Aisles between pallet racks, with docks at one end and a charging station at the other.

    World frame: the origin lies on the floor in the middle of the racks; aisles run along x and are numbered from 1 at
    the lowest y. Surfaces: ``aisle_1`` … (a place {aisle: 1, s: 4 m} counts from the west end), ``dock_1`` … before the
    doors in the east, ``charging`` and ``staging`` in the west, ``cross_east`` and ``cross_west`` across the ends of
    the aisles, ``floor`` the same as cross_east.
    """

    group: str = "room"
    licence: ClassVar[str] = "Apache-2.0"

    look: int = integer(
        low=0, high=10_000, default=1, help="number of the loads on the racks", vary={"integer": [0, 9999]}
    )
    aisles: int = integer(low=1, high=4, default=3, help="how many")
    aisle_width: float = quantity("m", low=1.6, high=5, default=2.9, help="between the racks")
    bays: int = integer(low=2, high=8, default=5, help="of 2.8 m along each rack")
    racks: str = choice(*PAINTS, default="blue", help="paint of the uprights",
                        vary={"choice": {"blue": 0.6, "green": 0.2, "grey": 0.2}})  # fmt: skip
    light: float = quantity(
        "", low=0, high=3, default=1.0, help="output of the high-bay lamps; 1 puts 250 lux on the floor",
        vary={"uniform": ["0.7", "1.2"]},
    )  # fmt: skip

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        """The hall, lit by its own lamps whatever ``lighting`` says; the environment's ``lamp_level`` dims them."""
        pitch = self.aisle_width + 2 * RACK_DEPTH_M + FLUE_M
        middles = tuple((k - (self.aisles - 1) / 2) * pitch for k in range(self.aisles))
        plan = _Plan(aisles_m=middles, width_m=self.aisle_width, length_m=self.bays * BAY_M)
        fixtures = [
            fixture("floor", _floor(plan)),
            fixture("markings", _markings(plan)),
            fixture("walls", _walls(plan)),
            fixture("roof", _roof(plan, self.light)),
            fixture("docks", _docks(plan)),
            fixture("columns", _columns(plan)),
            fixture("signs", _signs(plan)),
            fixture("guards", _guards(plan)),
        ]
        loads = _UnitLoads(self.look)
        for number, y in enumerate(plan.racks_m, 1):
            facing = 1.0 if number % 2 else -1.0  # towards its aisle
            rng = Key(self.look, number, "warehouse.rack").generator()
            fixtures.append(fixture(f"rack_{number}", _rack(plan, PAINTS[self.racks]), (0.0, y, 0.0), labelled=True))
            fixtures += _loads(plan, number, y, facing, loads, rng)
        x0 = plan.low_m[0]
        fixtures.append(fixture("charger", _charger(), (x0, plan.aisles_m[0], 0.0), labelled=True))
        return Stage(
            fixtures=tuple(fixtures),
            surfaces=_surfaces(plan),
            ground="concrete",
            indoor=True,
            reach_m=float(np.abs([*plan.low_m, *plan.high_m]).max()),
        )


def _surfaces(plan: _Plan) -> dict[str, Surface]:
    (x0, y0), (x1, y1) = plan.low_m, plan.high_m
    half = plan.length_m / 2
    surfaces = {
        f"aisle_{k}": Surface(center_m=(0.0, y), height_m=0.0, size_m=(plan.length_m, plan.width_m))
        for k, y in enumerate(plan.aisles_m, 1)
    }
    for k, y in enumerate(plan.docks_m, 1):
        surfaces[f"dock_{k}"] = Surface(center_m=(x1 - 2.3, y), height_m=0.0, size_m=(2.6, 2.4))
    surfaces["charging"] = Surface(center_m=(x0 + 1.2, plan.aisles_m[0]), height_m=0.0, size_m=(1.4, 1.2))
    surfaces["staging"] = Surface(center_m=(x0 + 2.2, plan.aisles_m[-1]), height_m=0.0, size_m=(2.6, 2.6))
    across = y1 - y0 - 1.0
    surfaces["cross_west"] = Surface(center_m=(-half - 1.6, (y0 + y1) / 2), height_m=0.0, size_m=(2.0, across))
    surfaces["cross_east"] = Surface(center_m=(half + 2.0, (y0 + y1) / 2), height_m=0.0, size_m=(2.6, across))
    surfaces["floor"] = surfaces["cross_east"]
    return surfaces


def _floor(plan: _Plan) -> Body:
    low, high = np.array(plan.low_m), np.array(plan.high_m)
    size = high - low
    concrete = textured("concrete_floor", slab((132, 134, 134)), 0.38)
    mesh = sheet((*low, 0.0), (size[0], 0, 0), (0, size[1], 0), 6.0)
    shape = block((float(size[0]), float(size[1]), 0.1), (*((low + high) / 2), -0.05))
    return stuff("floor", "warehouse.floor", [Part(name="floor", mesh=mesh, material=concrete)], [shape])


def _markings(plan: _Plan) -> Body:
    (x0, y0), (x1, y1) = plan.low_m, plan.high_m
    half, w = plan.length_m / 2, 0.10
    yellow, white, green, stripes = [], [], [], []
    for y in plan.aisles_m:
        for side in (-1, 1):
            line = y + side * (plan.width_m / 2 - 0.12)
            yellow.append(strip(-half, line - w / 2, half, line + w / 2))
        for x in (-half - 0.30, half + 0.30):  # stop lines
            white.append(strip(x - 0.10, y - plan.width_m / 2 + 0.25, x + 0.10, y + plan.width_m / 2 - 0.25))
    for x in (-half - 2.75, half + 3.45):
        yellow.append(strip(x - w / 2, y0 + 0.4, x + w / 2, y1 - 0.4))
    # a way for people across the east ends of the aisles, with bars like a zebra crossing's
    for k in range(int((y1 - y0 - 1.0) / 0.8)):
        y = y0 + 0.6 + 0.8 * k
        white.append(strip(half + 2.45, y, half + 3.15, y + 0.4))
    for y in plan.docks_m:
        yellow.append(outline(x1 - 3.6, y - 1.2, x1 - 1.0, y + 1.2))
        stripes.append(strip(x1 - 0.55, y - DOOR_M[0] / 2, x1 - 0.12, y + DOOR_M[0] / 2, 0.6))
    charging = plan.aisles_m[0]
    green.append(outline(x0 + 0.45, charging - 0.6, x0 + 1.95, charging + 0.6))
    staging = plan.aisles_m[-1]
    yellow.append(outline(x0 + 0.85, staging - 1.35, x0 + 3.55, staging + 1.35))
    parts = [
        Part(name="yellow", mesh=joined(yellow), material=YELLOW),
        Part(name="white", mesh=joined(white), material=WHITE_PAINT),
        Part(name="green", mesh=joined(green), material=GREEN_PAINT),
        Part(name="stripes", mesh=joined(stripes), material=warning_stripes()),
    ]
    return stuff("floor", "warehouse.markings", parts)


def _walls(plan: _Plan) -> Body:
    low, high = plan.low_m, plan.high_m
    cladding = textured("cladding", ribbed((196, 200, 202)), 0.55)
    plinth = []
    (x0, y0), (x1, y1) = low, high
    for size, at in (
        ((x1 - x0, 0.12, 0.9), ((x0 + x1) / 2, y0 + 0.06, 0.45)),
        ((x1 - x0, 0.12, 0.9), ((x0 + x1) / 2, y1 - 0.06, 0.45)),
        ((0.12, y1 - y0, 0.9), (x0 + 0.06, (y0 + y1) / 2, 0.45)),
    ):
        plinth.append(bar(size, at))
    grey = Material(name="plinth", base_color=(0.30, 0.31, 0.31), roughness=0.9)
    shapes = [
        block((x1 - x0, 0.2, 3.0), ((x0 + x1) / 2, y0 - 0.1, 1.5)),
        block((x1 - x0, 0.2, 3.0), ((x0 + x1) / 2, y1 + 0.1, 1.5)),
        block((0.2, y1 - y0, 3.0), (x0 - 0.1, (y0 + y1) / 2, 1.5)),
        block((0.2, y1 - y0, 3.0), (x1 + 0.1, (y0 + y1) / 2, 1.5)),
    ]
    parts = [
        Part(name="cladding", mesh=walls(low, high, CEILING_M, 1.6), material=cladding),
        Part(name="plinth", mesh=joined(plinth), material=grey),
    ]
    return stuff("wall", "warehouse.walls", parts, shapes)


def _lamp_places(plan: _Plan) -> list[tuple[float, float]]:
    """Over each aisle and over the two cross aisles; not more than the renderers light a scene with."""
    half = plan.length_m / 2
    along = 3 if plan.length_m > 9.0 else 2
    xs = [(2 * k + 1 - along) * half / along for k in range(along)]
    places = [(x, y) for y in plan.aisles_m for x in xs]
    (_, y0), (_, y1) = plan.low_m, plan.high_m
    count = max(2, round((y1 - y0) / 7.0))
    ys = [y0 + (k + 0.5) * (y1 - y0) / count for k in range(count)]
    places += [(half + 0.55 * EAST_M, y) for y in ys]
    places += [(-half - 0.5 * WEST_M, y) for y in ys[:: 1 if count <= 2 else 2]]
    return places


def _roof(plan: _Plan, light: float) -> Body:
    (x0, y0), (x1, y1) = plan.low_m, plan.high_m
    deck = textured("roof_deck", ribbed((176, 180, 182), 6), 0.6)
    parts = [Part(name="deck", mesh=sheet((x0, y1, CEILING_M), (x1 - x0, 0, 0), (0, y0 - y1, 0), 1.5), material=deck)]
    trusses = []
    for x in np.arange(x0 + 2.8, x1, 5.6):
        for z in (CEILING_M - 0.06, CEILING_M - 0.62):
            trusses.append(bar((0.10, y1 - y0, 0.10), (float(x), (y0 + y1) / 2, z)))
        count = int((y1 - y0) / 1.2)
        step = (y1 - y0) / count
        tilt = float(np.arctan2(0.52, step / 2))
        for k in range(2 * count):
            y = y0 + (k + 0.5) * step / 2
            turn = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(tilt), -np.sin(tilt)], [0.0, np.sin(tilt), np.cos(tilt)]])
            if k % 2:
                turn = turn.T
            trusses.append(
                moved(box((0.05, float(np.hypot(0.52, step / 2)), 0.05)), pose((float(x), y, CEILING_M - 0.34), turn))
            )
    parts.append(Part(name="trusses", mesh=joined(trusses), material=STEEL))
    housing, hangers = [], []
    lamps = []
    glow = LAMP_CD * light / (np.pi * 0.17**2)
    for number, (x, y) in enumerate(_lamp_places(plan)):
        name = f"lamp_{number}"
        shade = [(0.0, 0.16), (0.05, 0.16), (0.08, 0.06), (0.20, 0.0), (0.20, -0.03), (0.17, -0.03)]
        housing.append(moved(lathe(shade[::-1], 24), pose((x, y, LAMP_M))))
        hangers.append(post(0.008, CEILING_M - LAMP_M - 0.16, (x, y, LAMP_M + 0.16), 6))
        disc = moved(lathe([(0.0, -0.02), (0.17, -0.02), (0.17, -0.03)][::-1], 24), pose((x, y, LAMP_M)))
        parts.append(Part(name=name, mesh=disc, material=glowing(name, (glow, glow, glow))))
        lamps.append(
            Lamp(
                name=name,
                part=name,
                position_m=(x, y, LAMP_M - 0.05),
                intensity_cd=LAMP_CD * light,
                color=(0.98, 1.0, 1.05),
                inner_rad=0.35,
                outer_rad=1.35,
            )
        )
    parts.append(Part(name="lamp_housings", mesh=joined(housing), material=DARK))
    parts.append(Part(name="lamp_hangers", mesh=joined(hangers), material=STEEL))
    return stuff("wall", "warehouse.roof", parts, [], lamps)


def _docks(plan: _Plan) -> Body:
    x = plan.high_m[0]
    wide, tall = DOOR_M
    panels, seams, frames, windows, levellers = [], [], [], [], []
    parts: list[Part] = []
    for number, y in enumerate(plan.docks_m, 1):
        count = 5
        for k in range(count):
            z = (k + 0.5) * tall / count
            panels.append(
                moved(rounded_box((0.05, wide, tall / count - 0.012), 0.008, segments=1), pose((x - 0.03, y, z)))
            )
        for side in (-0.7, 0.0, 0.7):
            windows.append(bar((0.012, 0.42, 0.22), (x - 0.056, y + side, 0.68 * tall)))
        frames += [
            bar((0.14, 0.22, tall + 0.25), (x - 0.07, y + side * (wide / 2 + 0.11), (tall + 0.25) / 2))
            for side in (-1, 1)
        ]
        frames.append(bar((0.14, wide + 0.44, 0.25), (x - 0.07, y, tall + 0.125)))
        levellers.append(bar((1.9, 2.0, 0.006), (x - 1.1, y, 0.0)))
        seams += [bar((0.16, 0.12, 0.9), (x - 0.22, y + side * (wide / 2 + 0.30), 0.45)) for side in (-1, 1)]
        plate = sheet((x - 0.145, y + 0.45, tall + 0.32), (0, -0.9, 0), (0, 0, 0.6), None)
        parts.append(
            Part(
                name=f"number_{number}",
                mesh=plate,
                material=textured(f"dock_{number}", sign(str(number), (24, 60, 120), (244, 244, 240), 1.5), 0.5),
            )
        )
    door = Material(name="door_panels", base_color=(0.62, 0.63, 0.63), roughness=0.5)
    glass = Material(
        name="door_windows", base_color=(0.25, 0.30, 0.34), roughness=0.1, emission_cd_m2=(300.0, 340.0, 380.0)
    )
    parts += [
        Part(name="panels", mesh=joined(panels), material=door),
        Part(name="windows", mesh=joined(windows), material=glass),
        Part(name="frames", mesh=joined(frames), material=DARK),
        Part(name="levellers", mesh=joined(levellers), material=STEEL),
        Part(name="posts", mesh=joined(seams), material=SAFETY_YELLOW),
    ]
    return stuff("wall", "warehouse.docks", parts)


def _column_places(plan: _Plan) -> list[tuple[float, float]]:
    half = plan.length_m / 2
    between = [(a + b) / 2 for a, b in zip(plan.aisles_m[:-1], plan.aisles_m[1:], strict=True)]
    return [(x, y) for x in (-half - 0.75, half + 0.75) for y in between]


def _columns(plan: _Plan) -> Body:
    steel, bands = [], []
    shapes: list[CollisionShape] = []
    (x0, _), (x1, _) = plan.low_m, plan.high_m
    for x, y in _column_places(plan):
        steel += [bar((0.26, 0.014, CEILING_M), (x, y + s * 0.125, CEILING_M / 2)) for s in (-1, 1)]
        steel.append(bar((0.012, 0.24, CEILING_M), (x, y, CEILING_M / 2)))
        bands += [
            sheet((x + sx * 0.17, y - sx * 0.17, 0.0), (0, sx * 0.34, 0), (0, 0, 1.1), 0.5) for sx in (-1.0, 1.0)
        ] + [sheet((x - sy * -0.17, y + sy * 0.17, 0.0), (-sy * 0.34, 0, 0), (0, 0, 1.1), 0.5) for sy in (-1.0, 1.0)]
        shapes.append(block((0.34, 0.34, 3.0), (x, y, 1.5)))
    # pilasters along the walls carry the roof
    for x in np.arange(x0 + 2.8, x1, 5.6):
        for y in (plan.low_m[1] + 0.14, plan.high_m[1] - 0.14):
            steel.append(bar((0.2, 0.2, CEILING_M), (float(x), y, CEILING_M / 2)))
    parts = [Part(name="steel", mesh=joined(steel), material=STEEL)]
    if bands:
        parts.append(Part(name="bands", mesh=joined(bands), material=warning_stripes()))
    return stuff("pole", "warehouse.columns", parts, shapes)


def _signs(plan: _Plan) -> Body:
    """The number of each aisle over both of its ends."""
    half = plan.length_m / 2
    parts, boards, rods = [], [], []
    for number, y in enumerate(plan.aisles_m, 1):
        material = textured(f"aisle_{number}", sign(str(number), (24, 60, 120), (244, 244, 240), 1.0), 0.5)
        faces = []
        for x in (-half - 0.12, half + 0.12):
            boards.append(bar((0.02, 0.80, 0.80), (x, y, 4.5)))
            faces.append(sheet((x + 0.011, y - 0.4, 4.1), (0, 0.8, 0), (0, 0, 0.8), None))
            faces.append(sheet((x - 0.011, y + 0.4, 4.1), (0, -0.8, 0), (0, 0, 0.8), None))
            rods += [post(0.006, CEILING_M - 4.9, (x, y + side * 0.3, 4.9), 6) for side in (-1, 1)]
        parts.append(Part(name=f"aisle_{number}", mesh=joined(faces), material=material))
    parts += [
        Part(name="boards", mesh=joined(boards), material=STEEL),
        Part(name="rods", mesh=joined(rods), material=STEEL),
    ]
    return stuff("traffic_sign", "warehouse.signs", parts)


def _guards(plan: _Plan) -> Body:
    """Rails that keep trucks off the ends of the racks."""
    half = plan.length_m / 2
    rails = []
    shapes = []
    for y in plan.racks_m:
        for sx in (-1, 1):
            x = sx * (half + 0.28)
            rails += [moved(rounded_box((0.08, RACK_DEPTH_M, 0.10), 0.02), pose((x, y, z))) for z in (0.16, 0.36)]
            rails += [bar((0.09, 0.09, 0.44), (x, y + s * (RACK_DEPTH_M / 2 - 0.06), 0.22)) for s in (-1, 1)]
            shapes.append(block((0.10, RACK_DEPTH_M, 0.44), (x, y, 0.22)))
    return stuff(
        "barrier", "warehouse.guards", [Part(name="rails", mesh=joined(rails), material=SAFETY_YELLOW)], shapes
    )


def _rack(plan: _Plan, paint: Rgb) -> Body:
    """One row: upright frames with bracing, beams, wire decks."""
    half = plan.length_m / 2
    count = round(plan.length_m / BAY_M)
    uprights, beams, decks, feet = [], [], [], []
    deep = RACK_DEPTH_M / 2 - UPRIGHT_SIDE_M / 2
    for k in range(count + 1):
        x = float(np.clip(-half + k * BAY_M, -half + UPRIGHT_SIDE_M / 2, half - UPRIGHT_SIDE_M / 2))
        for s in (-1, 1):
            uprights.append(bar((UPRIGHT_SIDE_M, UPRIGHT_SIDE_M, UPRIGHT_M), (x, s * deep, UPRIGHT_M / 2)))
            feet.append(bar((0.14, 0.13, 0.012), (x, s * deep, 0.006)))
        tilt = 0.75
        rise, long = 2 * deep * np.tan(tilt), 2 * deep / np.cos(tilt)
        z = 0.35
        turn = 1.0
        while z + rise < UPRIGHT_M - 0.1:
            c, s_ = np.cos(turn * tilt), np.sin(turn * tilt)
            rotation = np.array([[1.0, 0.0, 0.0], [0.0, c, -s_], [0.0, s_, c]])
            uprights.append(moved(box((0.03, float(long), 0.035)), pose((x, 0.0, z + float(rise) / 2), rotation)))
            z += float(rise)
            turn = -turn
    for k in range(count):
        x = -half + (k + 0.5) * BAY_M
        for z in LEVELS_M:
            beams += [
                moved(rounded_box((BAY_M - 0.09, 0.05, BEAM_M), 0.006, segments=1), pose((x, s * deep, z - BEAM_M / 2)))
                for s in (-1, 1)
            ]
            decks += [bar((0.03, 2 * deep - 0.05, 0.03), (x + dx, 0.0, z - 0.016)) for dx in np.linspace(-1.2, 1.2, 9)]
    body_paint = Material(name="upright_paint", base_color=paint, roughness=0.42)
    orange = Material(name="beam_orange", base_color=(0.72, 0.20, 0.03), roughness=0.42)
    shape = block((plan.length_m, RACK_DEPTH_M, UPRIGHT_M), (0.0, 0.0, UPRIGHT_M / 2))
    parts = [
        Part(name="uprights", mesh=joined(uprights), material=body_paint),
        Part(name="beams", mesh=joined(beams), material=orange),
        Part(name="decks", mesh=joined(decks), material=BRIGHT_STEEL),
        Part(name="feet", mesh=joined(feet), material=BRIGHT_STEEL),
    ]
    return stuff("shelf", f"warehouse.rack.{count}", parts, [shape])


class _UnitLoads:
    """What stands on a pallet: a few stacks, drawn once for a look and then put down again and again."""

    def __init__(self, look: int) -> None:
        rng = Key(look, 0, "warehouse.loads").generator()
        boards = [textured(f"carton_{k}", carton(int(rng.integers(10_000)), CARTON_M), 0.85) for k in range(4)]
        crates = [Material(name=f"crates_{k}", base_color=PLASTICS[k], roughness=0.45) for k in range(len(PLASTICS))]
        self.kinds: list[tuple[Material, Mesh]] = []
        for k in range(8):
            self.kinds.append((boards[k % 4], self._stack(rng)))
        for _ in range(3):
            self.kinds.append((crates[int(rng.integers(len(crates)))], self._crates(rng)))
        for film in (WRAP, WRAP, DARK_WRAP):
            height = float(rng.uniform(0.7, 1.25))
            mesh = moved(rounded_box((0.78, 1.16, height), 0.03, segments=2), pose((0.0, 0.0, height / 2)))
            self.kinds.append((film, mesh))
        self.pallet = plain_pallet()

    @staticmethod
    def _stack(rng: Generator) -> Mesh:
        """Layers of cartons, the uppermost one seldom complete."""
        across, deep = ((2, 3), (2, 4), (1, 2), (2, 2))[int(rng.integers(4))]
        layers = int(rng.integers(2, 5))
        tall = float(rng.uniform(0.22, 0.34)) if layers > 2 else float(rng.uniform(0.30, 0.5))
        size = (0.77 / across, 1.16 / deep, tall)
        boxes = []
        for layer in range(layers):
            for i in range(across):
                for j in range(deep):
                    if layer == layers - 1 and layers > 2 and rng.uniform() < 0.25:
                        continue
                    skew = rng.uniform(-0.006, 0.006, 2)
                    at = (
                        (i + 0.5) * size[0] - 0.385 + skew[0],
                        (j + 0.5) * size[1] - 0.58 + skew[1],
                        (layer + 0.5) * tall,
                    )
                    turn = rotation_z(float(rng.integers(2)) * np.pi + float(rng.uniform(-0.01, 0.01)))
                    boxes.append(moved(box((size[0] - 0.012, size[1] - 0.012, tall - 0.003)), pose(at, turn)))
        return joined(boxes)

    @staticmethod
    def _crates(rng: Generator) -> Mesh:
        """Stacked plastic crates with rims."""
        boxes = []
        for i in range(2):
            for j in range(2):
                for k in range(int(rng.integers(2, 5))):
                    at = ((i - 0.5) * 0.39, (j - 0.5) * 0.59, k * 0.24)
                    boxes.append(
                        moved(rounded_box((0.355, 0.55, 0.222), 0.012, segments=1), pose((*at[:2], at[2] + 0.113)))
                    )
                    boxes.append(bar((0.38, 0.58, 0.03), (*at[:2], at[2] + 0.222)))
        return joined(boxes)


def _loads(plan: _Plan, number: int, y: float, facing: float, loads: _UnitLoads, rng: Generator) -> list[Fixture]:
    """Pallets and what stands on them, in one row."""
    half = plan.length_m / 2
    pallets: list[Mesh] = []
    goods: dict[str, tuple[Material, list[Mesh]]] = {}
    for k in range(round(plan.length_m / BAY_M)):
        for level in (0.0, *LEVELS_M):
            for slot in SLOTS_M:
                kind = int(rng.integers(len(loads.kinds)))
                skew = rng.uniform(-0.03, 0.03, 2)
                turn = rotation_z(float(rng.integers(2)) * np.pi + float(rng.normal(0.0, 0.012)))
                if rng.uniform() < EMPTY:
                    continue
                x = -half + (k + 0.5) * BAY_M + slot + float(skew[0])
                at = pose((x, facing * 0.04 + float(skew[1]), level + 0.001), turn)
                pallets.append(moved(loads.pallet, at))
                material, mesh = loads.kinds[kind]
                at[2, 3] += PALLET_M[2] + 0.001
                goods.setdefault(material.name, (material, []))[1].append(moved(mesh, at))
    fixtures = [
        fixture(
            f"pallets_{number}",
            stuff(
                "pallet", f"warehouse.pallets.{number}", [Part(name="pallets", mesh=joined(pallets), material=timber())]
            ),
            (0.0, y, 0.0),
        )
    ]
    parts = [
        Part(name=name, mesh=joined(meshes), material=material) for name, (material, meshes) in sorted(goods.items())
    ]
    fixtures.append(fixture(f"goods_{number}", stuff("box", f"warehouse.goods.{number}", parts), (0.0, y, 0.0)))
    return fixtures


def _charger() -> Body:
    """A charging station against the west wall, with its contacts low over the floor."""
    cabinet = moved(rounded_box((0.26, 0.50, 0.95), 0.02), pose((0.26, 0.0, 0.475)))
    shoe = moved(rounded_box((0.14, 0.34, 0.16), 0.015), pose((0.45, 0.0, 0.14)))
    contacts = [bar((0.012, 0.28, 0.02), (0.523, 0.0, z)) for z in (0.11, 0.16)]
    ready = glowing("ready", (80.0, 900.0, 160.0))
    display = Material(name="display", base_color=(0.02, 0.02, 0.02), roughness=0.2, emission_cd_m2=(40.0, 90.0, 140.0))
    tilt = rotation_y(0.0)
    parts = [
        Part(name="cabinet", mesh=cabinet, material=PALE),
        Part(name="shoe", mesh=shoe, material=DARK),
        Part(name="contacts", mesh=joined(contacts), material=BRIGHT_STEEL),
        Part(name="ready", mesh=bar((0.006, 0.40, 0.03), (0.392, 0.0, 0.88)), material=ready),
        Part(name="display", mesh=moved(box((0.006, 0.20, 0.12)), pose((0.392, 0.0, 0.76), tilt)), material=display),
    ]
    lamp = Lamp(name="ready", part="ready", position_m=(0.40, 0.0, 0.88), direction=(1.0, 0.0, 0.0), intensity_cd=4.0,
                color=(0.2, 1.25, 0.3), inner_rad=0.6, outer_rad=1.4)  # fmt: skip
    shapes = [block((0.26, 0.50, 0.95), (0.26, 0.0, 0.475)), block((0.14, 0.34, 0.16), (0.45, 0.0, 0.14))]
    return stuff("machine", "warehouse.charger", parts, shapes, [lamp])
