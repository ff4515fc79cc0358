"""What stands in stores and yards: pallets and their loads, barrels, crates, shelving, ladders."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array, pose, rotation_x, rotation_y, rotation_z
from simgen.core.seeds import Key
from simgen.core.vocabulary import models
from simgen.scene import prints, shapes, solids
from simgen.scene.body import Body, CollisionShape, Deck
from simgen.scene.mesh import Material, Mesh
from simgen.scene.model import ActorModel
from simgen.scene.props import (
    ALUMINIUM,
    BLACK_PLASTIC,
    GALVANISED,
    RUBBER,
    Kit,
    Point,
    bar,
    beam,
    block,
    drum,
    painted,
    plain,
    soft,
    turned,
)

ACROSS = rotation_x(np.pi / 2)
"""Rotation that lays the axis of a surface of revolution along y."""
PALLET_M: Point = (1.2, 0.8, 0.144)
DRUM_M = (0.2875, 0.88)
"""Radius and height of a steel drum."""
TIMBER_KG_M3 = 480.0


def timber(color: tuple[int, int, int] = (186, 150, 104)) -> Material:
    """Sawn softwood."""
    return Material(name="timber", base_color=(0.9, 0.9, 0.9), roughness=0.85, texture=prints.wood(color))


def pallet_boards(*, plain: bool = False) -> dict[str, list[Mesh]]:
    """The wood of a EUR pallet (EN 13698-1), 1.2 m along x: five top boards, three cross boards, nine blocks, three
    bottom boards. In a ``plain`` one, for the background, a cross board and its blocks are one beam."""
    long, wide, high = PALLET_M
    wood: dict[str, list[Mesh]] = {"top": [], "cross": [], "blocks": [], "bottom": []}
    for y, board in ((-0.3275, 0.145), (-0.1875, 0.1), (0.0, 0.145), (0.1875, 0.1), (0.3275, 0.145)):
        wood["top"].append(beam((long, board, 0.022), (0, y, high - 0.011)))
    for x, board in ((-0.5275, 0.145), (0.0, 0.145), (0.5275, 0.145)):
        if plain:
            wood["cross"].append(beam((board, wide, 0.1), (x, 0, high - 0.072), 0.4))
            continue
        wood["cross"].append(beam((board, wide, 0.022), (x, 0, high - 0.033)))
        for y, stump in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
            wood["blocks"].append(beam((board, stump, 0.078), (x, y, 0.061), 0.4))
    for y, board in ((-0.35, 0.1), (0.0, 0.145), (0.35, 0.1)):
        wood["bottom"].append(beam((long, board, 0.022), (0, y, 0.011)))
    return wood


def plain_pallet() -> Mesh:
    """A pallet of the background as one mesh, 1.2 m along y."""
    boards = [mesh for group in pallet_boards(plain=True).values() for mesh in group]
    return solids.moved(solids.joined(boards), pose(rotation=rotation_z(np.pi / 2)))


def add_pallet(kit: Kit, material: Material) -> list[CollisionShape]:
    long, wide, high = PALLET_M
    for name, meshes in pallet_boards().items():
        kit.add(name, material, *meshes)
    nails = plain("nails", (0.12, 0.12, 0.12), 0.6, 0.6)
    for x in (-0.5275, 0.0, 0.5275):
        for y in (-0.36, -0.29, -0.1875, -0.035, 0.035, 0.1875, 0.29, 0.36):
            kit.add("nails", nails, beam((0.009, 0.009, 0.0006), (x, y, high + 0.0002)))
    boards = [block((long, wide, 0.044), (0, 0, high - 0.022))]
    return boards + [block((long, board, 0.1), (0, y, 0.05)) for y, board in ((-0.35, 0.1), (0, 0.145), (0.35, 0.1))]


@models.register("pallet")
class Pallet(ActorModel):
    """An empty EUR pallet of sawn wood, 1.2 m along x by 0.8 m; forks enter along x."""

    semantic: ClassVar[str] = "pallet"
    wood: str = choice(
        "new", "grey", "dark", default="new", help="age of the wood", vary={"choice": ["new", "grey", "dark"]}
    )

    def build(self) -> Body:
        kit = Kit()
        tone = {"new": (196, 158, 108), "grey": (146, 134, 118), "dark": (128, 98, 68)}[self.wood]
        return kit.body(self, "pallet", add_pallet(kit, timber(tone)), mass_kg=25.0, friction=0.6)


@models.register("pallet.loaded")
class LoadedPallet(ActorModel):
    """Cartons in layers on a EUR pallet, held by bands of stretch film."""

    semantic: ClassVar[str] = "pallet"
    layers: int = integer(low=1, high=6, default=3, help="of cartons", vary={"integer": [2, 4]})
    carton_height: float = quantity(
        "m", low=0.15, high=0.5, default=0.3, help="of a layer", vary={"uniform": ["25 cm", "35 cm"]}
    )
    density: float = quantity("kg/m**3", low=20, high=1500, default=180.0, help="of what is packed, with the cartons")
    design: int = integer(low=0, high=9999, default=0, help="number of the print", vary={"integer": [0, 9999]})

    def build(self) -> Body:
        kit = Kit()
        collision = add_pallet(kit, timber())
        rng = Key(self.design, 0, "pallet.loaded").generator()
        long, wide, base = PALLET_M
        tall = self.carton_height
        size = (long / 3 - 0.008, wide / 2 - 0.008, tall - 0.003)
        board = Material(
            name="board", base_color=(0.95, 0.95, 0.95), roughness=0.85, texture=prints.carton(self.design, size)
        )
        for layer in range(self.layers):
            for i in range(3):
                for j in range(2):
                    skew = rng.uniform(-0.003, 0.003, 2)
                    at = (
                        (i - 1) * long / 3 + float(skew[0]),
                        (j - 0.5) * wide / 2 + float(skew[1]),
                        base + (layer + 0.5) * tall,
                    )
                    turn = rotation_z(np.pi * float(rng.integers(2)))
                    kit.add("cartons", board, solids.moved(solids.rounded_box(size, 0.004, segments=1), pose(at, turn)))
        top = base + self.layers * tall
        film = plain("stretch_film", (0.40, 0.33, 0.25), 0.12)
        strap = plain("strap", (0.03, 0.10, 0.26), 0.35)
        # Film is drawn where it lies doubled: around the foot, the head and in a rising band between.
        for low, deep in ((base - 0.05, 0.10), (top - 0.16, 0.12)):
            for sx in (-1, 1):
                kit.add("film", film, beam((0.002, wide + 0.006, deep), (sx * (long / 2 + 0.002), 0, low + deep / 2)))
            for sy in (-1, 1):
                kit.add("film", film, beam((long + 0.006, 0.002, deep), (0, sy * (wide / 2 + 0.002), low + deep / 2)))
        for x in (-0.30, 0.30):
            kit.add("straps", strap, beam((0.016, wide + 0.010, 0.0012), (x, 0, top + 0.0006)))
            for sy in (-1, 1):
                kit.add(
                    "straps", strap, beam((0.016, 0.0015, top - 0.13), (x, sy * (wide / 2 + 0.0045), (top + 0.13) / 2))
                )
        collision.append(block((long, wide, self.layers * tall), (0, 0, base + self.layers * tall / 2)))
        return kit.body(
            self,
            "pallet.loaded",
            collision,
            mass_kg=round(25.0 + self.density * long * wide * tall * self.layers, 1),
            friction=0.6,
        )


def drum_shell(sectors: int = 56) -> Mesh:
    """The shell of a steel drum of 200 l with its two rolling hoops and its rims."""
    r, h = DRUM_M
    chime = [
        (0.0, 0.012),
        (r - 0.010, 0.012),
        (r - 0.008, 0.0),
        (r + 0.004, 0.0),
        (r + 0.006, 0.006),
        (r + 0.004, 0.014),
        (r - 0.002, 0.018),
    ]
    wall: list[tuple[float, float]] = []
    for middle in (0.31, 0.57):
        wall += [
            (r, middle - 0.026),
            (r + 0.009, middle - 0.010),
            (r + 0.011, middle),
            (r + 0.009, middle + 0.010),
            (r, middle + 0.026),
        ]
    # Shallow beads between the hoops, as pressed into a real drum.
    beads = [(r, 0.06), (r - 0.002, 0.09), (r, 0.12), (r, 0.18)]
    upper = [(r, 0.70), (r - 0.002, 0.74), (r, 0.78)]
    head = [
        (r - 0.002, h - 0.018),
        (r + 0.004, h - 0.014),
        (r + 0.006, h - 0.006),
        (r + 0.004, h),
        (r - 0.008, h),
        (r - 0.010, h - 0.014),
        (r - 0.03, h - 0.018),
        (0.0, h - 0.018),
    ]
    return turned([*chime, *beads, *wall, *upper, *head], sectors=sectors, crease_rad=0.9)


@models.register("barrel")
class Barrel(ActorModel):
    """A steel drum of 200 l with two rolling hoops and two bungs."""

    semantic: ClassVar[str] = "container"
    color: str = choice(
        "blue", "red", "green", "yellow", "black", default="blue", help="of the paint",
        vary={"choice": ["blue", "red", "green", "yellow", "black"]},
    )  # fmt: skip
    fill: float = quantity(
        "", low=0, high=1, default=0.0, help="share of its 200 l that is full of water", vary={"uniform": ["0", "0.9"]}
    )

    def build(self) -> Body:
        kit, (r, h) = Kit(), DRUM_M
        kit.add("drum", painted(self.color, 0.38), drum_shell())
        for x, size in ((0.20, 0.036), (-0.20, 0.020)):
            bung = [
                (size, h - 0.019),
                (size, h - 0.008),
                (size - 0.004, h - 0.005),
                (0.5 * size, h - 0.005),
                (0.5 * size, h - 0.009),
                (0.0, h - 0.009),
            ]
            kit.add("bungs", GALVANISED, turned(bung, (x, 0, 0), sectors=20))
        # A placard on the shell.
        a = np.linspace(-0.34, 0.34, 9)
        ring = np.array([[((r + 0.0008) * np.cos(t), (r + 0.0008) * np.sin(t), z) for t in a] for z in (0.37, 0.51)])
        paper = plain("placard", (0.78, 0.77, 0.73), 0.7)
        kit.add("placard", paper, _strip(ring))
        mass = 18.0 + 200.0 * self.fill
        return kit.body(
            self, "barrel", [drum(r + 0.006, h)], mass_kg=round(mass, 1), friction=0.45, rolling_friction=0.001
        )


def _strip(rows: Array) -> Mesh:
    """A bent sheet through rows of points (R, C, 3)."""
    return shapes.grid(rows).smooth(0.6)


@models.register("crate")
class Crate(ActorModel):
    """A slatted wooden crate, open at the top."""

    semantic: ClassVar[str] = "box"
    length: float = quantity("m", low=0.25, high=1.2, default=0.6, help="along x", vary={"uniform": ["45 cm", "75 cm"]})
    width: float = quantity("m", low=0.2, high=1.0, default=0.4, help="along y", vary={"uniform": ["35 cm", "50 cm"]})
    height: float = quantity(
        "m", low=0.12, high=0.8, default=0.32, help="upright", vary={"uniform": ["25 cm", "45 cm"]}
    )
    wood: str = choice("pale", "grey", "brown", default="pale", help="tone", vary={"choice": ["pale", "grey", "brown"]})

    def build(self) -> Body:
        kit, long, wide, high, t = Kit(), self.length, self.width, self.height, 0.012
        material = timber({"pale": (200, 164, 114), "grey": (150, 138, 122), "brown": (142, 102, 66)}[self.wood])
        count = max(2, round(high / 0.11))
        step = high / count
        for k in range(count):
            z, tall = (k + 0.5) * step, step - 0.014
            for side in (-1, 1):
                kit.add("slats", material, beam((long, t, tall), (0, side * (wide - t) / 2, z)))
                kit.add("ends", material, beam((t, wide - 2 * t, tall), (side * (long - t) / 2, 0, z)))
        for sx in (-1, 1):
            for sy in (-1, 1):
                at = (sx * (long / 2 - t - 0.016), sy * (wide / 2 - t - 0.016), high / 2)
                kit.add("posts", material, beam((0.032, 0.032, high), at))
        boards = max(3, round(wide / 0.11))
        for k in range(boards):
            y = (k + 0.5) * (wide - 2 * t) / boards - (wide - 2 * t) / 2
            kit.add("floor", material, beam((long - 2 * t, (wide - 2 * t) / boards - 0.008, t), (0, y, 0.014)))
        volume = sum(_volume(part.mesh) for part in kit.parts())
        collision = _open_box(long, wide, high, t)
        return kit.body(self, "crate", collision, mass_kg=round(TIMBER_KG_M3 * volume, 2), friction=0.55)


def _volume(mesh: Mesh) -> float:
    """Of closed meshes, m3."""
    corner = mesh.vertices_m[mesh.faces].astype(np.float64)
    return float(np.einsum("ij,ij->i", corner[:, 0], np.cross(corner[:, 1], corner[:, 2])).sum() / 6)


def _open_box(long_m: float, wide_m: float, high_m: float, wall_m: float) -> list[CollisionShape]:
    return [
        block((long_m, wide_m, 2 * wall_m), (0, 0, wall_m)),
        *(block((long_m, wall_m, high_m), (0, s * (wide_m - wall_m) / 2, high_m / 2)) for s in (-1, 1)),
        *(block((wall_m, wide_m, high_m), (s * (long_m - wall_m) / 2, 0, high_m / 2)) for s in (-1, 1)),
    ]


@models.register("tote")
class Tote(ActorModel):
    """A stackable plastic bin with ribs, a rim and grips, open at the top."""

    semantic: ClassVar[str] = "container"
    length: float = quantity("m", low=0.2, high=0.8, default=0.6, help="along x", vary={"choice": ["60 cm", "40 cm"]})
    width: float = quantity("m", low=0.15, high=0.6, default=0.4, help="along y", vary={"choice": ["40 cm", "30 cm"]})
    height: float = quantity(
        "m", low=0.1, high=0.45, default=0.27, help="upright", vary={"uniform": ["17 cm", "32 cm"]}
    )
    color: str = choice(
        "blue", "grey", "red", "green", "yellow", default="blue", help="of the plastic",
        vary={"choice": ["blue", "grey", "red", "green", "yellow"]},
    )  # fmt: skip

    def build(self) -> Body:
        kit, long, wide, high, t = Kit(), self.length, self.width, self.height, 0.004
        plastic = painted(self.color, 0.42)
        inset = 0.012
        a, b = long - 2 * inset, wide - 2 * inset
        kit.add(
            "floor",
            plastic,
            soft((a, b, 0.006), (0, 0, 0.009), 0.002),
            soft((a - 0.06, b - 0.06, 0.008), (0, 0, 0.004), 0.003),
        )
        for s in (-1, 1):
            kit.add("walls", plastic, soft((a, t, high - 0.008), (0, s * (b - t) / 2, high / 2 + 0.004), 0.0015))
            kit.add("walls", plastic, soft((t, b, high - 0.008), (s * (a - t) / 2, 0, high / 2 + 0.004), 0.0015))
            # The rim doubles the wall outwards, twice around; ribs stand between its two flanges.
            for z in (high - 0.006, high - 0.040):
                kit.add("rim", plastic, soft((long, inset, 0.012), (0, s * (wide - inset) / 2, z), 0.003))
                kit.add("rim", plastic, soft((inset, wide, 0.012), (s * (long - inset) / 2, 0, z), 0.003))
            for x in np.linspace(-0.4 * long, 0.4 * long, 7):
                kit.add("ribs", plastic, beam((0.004, 0.009, high - 0.012), (float(x), s * (b / 2 + 0.0045), high / 2)))
            for y in np.linspace(-0.38 * wide, 0.38 * wide, 4):
                kit.add("ribs", plastic, beam((0.009, 0.004, high - 0.012), (s * (a / 2 + 0.0045), float(y), high / 2)))
            grip = (s * (a / 2 + 0.001), 0, high - 0.085)
            kit.add("grips", plain("grip_shade", (0.015, 0.016, 0.018), 0.8), soft((0.004, 0.11, 0.035), grip, 0.0018))
            label = (0, s * (b / 2 + 0.0012), 0.42 * high)
            kit.add("labels", plain("label", (0.78, 0.78, 0.75), 0.7), beam((0.11 * long / 0.6, 0.002, 0.05), label))
        return kit.body(
            self, "tote", _open_box(long, wide, high, 0.012),
            mass_kg=round(7.2 * long * wide + 1.6 * high * (long + wide), 2),
            friction=0.45,
        )  # fmt: skip


@models.register("shelf")
class Shelf(ActorModel):
    """A steel shelving unit with boards, cross bracing and no load; open towards +x and -x."""

    semantic: ClassVar[str] = "shelf"
    width: float = quantity("m", low=0.6, high=3.0, default=1.2, help="along y", vary={"uniform": ["0.9 m", "1.8 m"]})
    depth: float = quantity("m", low=0.3, high=1.2, default=0.5, help="along x", vary={"uniform": ["0.4 m", "0.6 m"]})
    height: float = quantity("m", low=0.8, high=3.0, default=2.0, help="upright", vary={"uniform": ["1.8 m", "2.2 m"]})
    levels: int = integer(low=2, high=8, default=5, help="boards", vary={"integer": [4, 6]})
    color: str = choice(
        "blue", "grey", "green", default="blue", help="of the uprights", vary={"choice": ["blue", "grey", "green"]}
    )

    def build(self) -> Body:
        kit, w, d, h = Kit(), self.width, self.depth, self.height
        paint = painted(self.color)
        dark = plain("slot", (0.01, 0.01, 0.012), 0.9)
        chip = Material(
            name="chipboard", base_color=(0.9, 0.9, 0.9), roughness=0.8, texture=prints.speckled((192, 160, 116), 0.12)
        )
        for sx in (-1, 1):
            for sy in (-1, 1):
                x, y = sx * (d / 2 - 0.02), sy * (w / 2 - 0.02)
                # An L-section that opens towards the inside.
                kit.add("uprights", paint, beam((0.003, 0.04, h), (sx * (d / 2 - 0.0015), y, h / 2)))
                kit.add("uprights", paint, beam((0.04, 0.003, h), (x, sy * (w / 2 - 0.0015), h / 2)))
                kit.add("feet", BLACK_PLASTIC, soft((0.05, 0.05, 0.02), (x, y, 0.01), 0.004))
                for z in np.arange(0.12, h - 0.03, 0.075):
                    kit.add("slots", dark, beam((0.001, 0.009, 0.026), (sx * d / 2, y, float(z))))
        collision = []
        for z in np.linspace(0.12, h - 0.03, self.levels):
            kit.add("boards", chip, beam((d - 0.012, w - 0.012, 0.016), (0, 0, float(z)), 0.8))
            for sx in (-1, 1):
                kit.add(
                    "beams",
                    GALVANISED,
                    soft((0.020, w - 0.010, 0.050), (sx * (d / 2 - 0.013), 0, float(z) - 0.028), 0.004),
                )
            for sy in (-1, 1):
                kit.add(
                    "beams", GALVANISED, beam((d - 0.05, 0.012, 0.035), (0, sy * (w / 2 - 0.010), float(z) - 0.026))
                )
            collision.append(block((d, w, 0.06), (0, 0, float(z) - 0.022)))
        for sy in (-1, 1):
            for up in (-1, 1):
                ends = [
                    (-up * (d / 2 - 0.03), sy * (w / 2 - 0.006), 0.3),
                    (up * (d / 2 - 0.03), sy * (w / 2 - 0.006), h - 0.3),
                ]
                kit.add("braces", GALVANISED, bar(ends, 0.004, 6))
        collision += [
            block((0.04, 0.04, h), (sx * (d / 2 - 0.02), sy * (w / 2 - 0.02), h / 2))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        mass = 4 * 1.2 * h + self.levels * w * d * 0.016 * 650 + self.levels * 2 * (w + d) * 0.9
        return kit.body(self, "shelf", collision, mass_kg=round(mass, 1))


@models.register("trolley")
class Trolley(ActorModel):
    """A platform trolley on four castors; its push bar is at -x."""

    semantic: ClassVar[str] = "furniture"
    length: float = quantity(
        "m", low=0.6, high=1.6, default=0.95, help="of the platform, along x", vary={"uniform": ["0.8 m", "1.2 m"]}
    )
    width: float = quantity("m", low=0.4, high=0.9, default=0.6, help="along y", vary={"uniform": ["0.5 m", "0.7 m"]})
    color: str = choice(
        "blue", "red", "grey", default="blue", help="of the frame", vary={"choice": ["blue", "red", "grey"]}
    )

    def build(self) -> Body:
        kit, long, wide, deck = Kit(), self.length, self.width, 0.19
        paint = painted(self.color)
        kit.add(
            "deck",
            plain("rubber_mat", (0.045, 0.045, 0.047), 0.9),
            beam((long - 0.05, wide - 0.05, 0.006), (0, 0, deck + 0.001)),
        )
        kit.add("frame", paint, soft((long, wide, 0.04), (0, 0, deck - 0.021), 0.012))
        bumper = plain("bumper", (0.10, 0.10, 0.105), 0.8)
        for s in (-1, 1):
            kit.add(
                "bumper", bumper, soft((long + 0.02, 0.014, 0.022), (0, s * (wide / 2 + 0.003), deck - 0.021), 0.006)
            )
            kit.add(
                "bumper", bumper, soft((0.014, wide + 0.02, 0.022), (s * (long / 2 + 0.003), 0, deck - 0.021), 0.006)
            )
        y, x, top, bend = wide / 2 - 0.05, -long / 2 + 0.04, 0.98, 0.10
        a = np.linspace(0, np.pi / 2, 6)
        side = [(x, y - bend + bend * float(np.cos(t)), top - bend + bend * float(np.sin(t))) for t in a]
        path = [(x, y, deck - 0.01), *side, *[(p[0], -p[1], p[2]) for p in reversed(side)], (x, -y, deck - 0.01)]
        kit.add("handle", GALVANISED, bar(path, 0.014, 12))
        kit.add("handle", GALVANISED, bar([(x, y, 0.55), (x, -y, 0.55)], 0.010, 10))
        tyre = [
            (0.0, -0.017),
            (0.055, -0.017),
            (0.061, -0.012),
            (0.0625, 0.0),
            (0.061, 0.012),
            (0.055, 0.017),
            (0.0, 0.017),
        ]
        disc = [(0.0, -0.0185), (0.036, -0.0185), (0.036, 0.0185), (0.0, 0.0185)]
        for sx in (-1, 1):
            for sy in (-1, 1):
                at = (sx * (long / 2 - 0.13), sy * (wide / 2 - 0.09), 0.0625)
                axle = (at[0] - 0.03, at[1], at[2])
                kit.add("tyres", RUBBER, turned(tyre, axle, ACROSS, sectors=24))
                kit.add("discs", plain("castor_disc", (0.45, 0.46, 0.46), 0.5), turned(disc, axle, ACROSS, sectors=20))
                kit.add("forks", GALVANISED, soft((0.085, 0.075, 0.008), (at[0], at[1], deck - 0.045), 0.003))
                for s in (-1, 1):
                    tilt = rotation_y(0.35)
                    kit.add(
                        "forks",
                        GALVANISED,
                        beam((0.036, 0.004, 0.105), (at[0] - 0.014, at[1] + s * 0.024, 0.098), 1.0, tilt),
                    )
        collision = [block((long, wide, 0.045), (0, 0, deck - 0.02)), block((0.03, wide - 0.1, 0.78), (x, 0, 0.59))]
        collision += [
            drum(0.03, deck - 0.04, 0.0, sx * (long / 2 - 0.15), sy * (wide / 2 - 0.09))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        return kit.body(
            self,
            "trolley",
            collision,
            mass_kg=round(26 * long * wide + 7, 1),
            friction=0.25,
            rolling_friction=0.01,
            deck=Deck(center_m=(0.0, 0.0), height_m=deck + 0.0025, size_m=(long, wide)),
        )


@models.register("ladder")
class Ladder(ActorModel):
    """An aluminium ladder that lies on the ground along x, rungs up."""

    semantic: ClassVar[str] = "debris"
    length: float = quantity("m", low=1.2, high=7, default=3.0, help="along x", vary={"uniform": ["2 m", "4 m"]})
    width: float = quantity(
        "m", low=0.28, high=0.6, default=0.42, help="across the rails", vary={"uniform": ["36 cm", "48 cm"]}
    )

    def build(self) -> Body:
        kit, long, wide, high = Kit(), self.length, self.width, 0.066
        for s in (-1, 1):
            y = s * (wide / 2 - 0.0125)
            # A C-section: web with two flanges that point inwards.
            kit.add("rails", ALUMINIUM, soft((long - 0.06, 0.004, high), (0, s * (wide / 2 - 0.002), high / 2), 0.0015))
            for z in (0.003, high - 0.003):
                kit.add("rails", ALUMINIUM, soft((long - 0.06, 0.025, 0.004), (0, y, z), 0.0015))
            for sx in (-1, 1):
                kit.add(
                    "caps",
                    BLACK_PLASTIC,
                    soft((0.06, 0.029, high + 0.004), (sx * (long / 2 - 0.03), y, high / 2 + 0.002), 0.006),
                )
        count = max(3, round((long - 0.3) / 0.28))
        for x in np.linspace(-long / 2 + 0.2, long / 2 - 0.2, count):
            kit.add("rungs", ALUMINIUM, soft((0.030, wide - 0.004, 0.030), (float(x), 0, high / 2), 0.006))
        sticker = plain("sticker", (0.72, 0.55, 0.03), 0.5)
        kit.add("sticker", sticker, beam((0.20, 0.001, 0.035), (-0.2 * long, wide / 2, high / 2)))
        collision = [block((long, 0.03, high), (0, s * (wide / 2 - 0.015), high / 2)) for s in (-1, 1)]
        collision.append(block((long - 0.3, wide, 0.03), (0, 0, high / 2)))
        return kit.body(self, "ladder", collision, mass_kg=round(1.6 * long + 0.35 * count, 2), friction=0.45)


@models.register("tyre")
class Tyre(ActorModel):
    """A car or lorry tyre without its rim that lies on its side."""

    semantic: ClassVar[str] = "debris"
    diameter: float = quantity("m", low=0.4, high=1.3, default=0.64, help="outer", vary={"uniform": ["58 cm", "72 cm"]})
    width: float = quantity(
        "m", low=0.12, high=0.45, default=0.21, help="of the tread", vary={"uniform": ["18 cm", "25 cm"]}
    )

    def build(self) -> Body:
        kit, r, w = Kit(), self.diameter / 2, self.width
        bead = 0.60 * r
        rows = [0.11, 0.30, 0.50, 0.70, 0.89]
        outside: list[tuple[float, float]] = [
            (bead, 0.16 * w), (bead + 0.012, 0.075 * w), (0.72 * r, 0.012 * w), (0.82 * r, 0.0),
            (0.92 * r, 0.035 * w), (0.975 * r, 0.10 * w),
        ]  # fmt: skip
        for z in rows[1:-1]:  # circumferential grooves
            outside += [
                (r, (z - 0.025) * w),
                (r - 0.008, (z - 0.02) * w),
                (r - 0.008, (z + 0.02) * w),
                (r, (z + 0.025) * w),
            ]
        outside += [
            (0.975 * r, 0.90 * w),
            (0.92 * r, 0.965 * w),
            (0.82 * r, w),
            (0.72 * r, 0.988 * w),
            (bead + 0.012, 0.925 * w),
            (bead, 0.84 * w),
        ]
        inner = [
            (bead + 0.006, 0.80 * w),
            (0.74 * r, 0.92 * w),
            (0.90 * r, 0.86 * w),
            (0.955 * r, 0.5 * w),
            (0.90 * r, 0.14 * w),
            (0.74 * r, 0.08 * w),
            (bead + 0.006, 0.20 * w),
            (bead, 0.16 * w),
        ]
        kit.add("tyre", RUBBER, turned(outside, sectors=64, crease_rad=0.75))
        kit.add(
            "inside",
            plain("tyre_inside", (0.014, 0.014, 0.015), 0.9),
            turned([outside[-1], *inner], sectors=48, crease_rad=0.8),
        )
        count = 72
        blocks = plain("tread", (0.016, 0.016, 0.017), 0.9)
        for k in range(count):
            angle = 2 * np.pi * k / count
            turn = rotation_z(angle)
            for z in (0.135, 0.865):
                at = turn @ np.array([r - 0.0125, 0.0, z * w])
                lug = beam(
                    (0.026, 0.74 * 2 * np.pi * r / count, 0.13 * w),
                    (float(at[0]), float(at[1]), float(at[2])),
                    1.0,
                    turn,
                )
                kit.add("lugs", blocks, lug)
        wall = r - bead
        staves = []
        for k in range(12):
            turn = rotation_z(2 * np.pi * k / 12)
            at = turn @ np.array([r - wall / 2, 0.0, w / 2])
            staves.append(
                block((wall, 2 * r * float(np.tan(np.pi / 12)), w), (float(at[0]), float(at[1]), float(at[2])), turn)
            )
        mass = 9.0 * (self.diameter / 0.64) ** 2 * (w / 0.21)
        return kit.body(self, "tyre", staves, mass_kg=round(mass, 2), friction=0.8, restitution=0.3)


@models.register("debris")
class Debris(ActorModel):
    """Lost load on the ground: planks and flattened cardboard, thrown together."""

    semantic: ClassVar[str] = "debris"
    kind: str = choice(
        "planks",
        "cardboard",
        "mixed",
        default="mixed",
        help="of what",
        vary={"choice": ["planks", "cardboard", "mixed"]},
    )
    spread: float = quantity(
        "m", low=0.4, high=4, default=1.4, help="about how wide it lies", vary={"uniform": ["1 m", "2 m"]}
    )
    look: int = integer(low=0, high=9999, default=1, help="seed of where the pieces lie", vary={"integer": [0, 9999]})

    def build(self) -> Body:
        kit, rng = Kit(), Key(self.look, 0, "debris").generator()
        collision: list[CollisionShape] = []
        mass, reach = 0.0, self.spread / 2
        card = Material(
            name="cardboard", base_color=(0.9, 0.9, 0.9), roughness=0.9, texture=prints.speckled((176, 134, 88), 0.07)
        )
        level = 0.0
        if self.kind != "planks":
            for _ in range(3):
                size = (float(rng.uniform(0.30, 0.55)), float(rng.uniform(0.25, 0.4)), 0.005)
                level += 0.006
                x, y = (float(v) for v in rng.uniform(-0.55 * reach, 0.55 * reach, 2))
                turn = rotation_z(float(rng.uniform(0, np.pi)))
                kit.add("cardboard", card, beam(size, (x, y, level), 0.6, turn))
                # A flap is folded back over one edge.
                lift = rotation_y(-float(rng.uniform(2.2, 2.8)))
                flap = 0.45 * size[1]
                edge = turn @ np.array([size[0] / 2, 0.0, 0.0]) + (x, y, level)
                middle = edge + turn @ lift @ np.array([flap / 2, 0.0, 0.0])
                at = (float(middle[0]), float(middle[1]), float(middle[2]))
                kit.add("cardboard", card, beam((flap, size[1], 0.004), at, 0.6, turn @ lift))
                mass += 0.7 * size[0] * size[1]
        if self.kind != "cardboard":
            wood = timber((168, 132, 92))
            for k in range(4):
                size = (float(rng.uniform(0.7, 1.1)) * reach * 1.3, float(rng.uniform(0.09, 0.14)), 0.024)
                x, y = (float(v) for v in rng.uniform(-0.3 * reach, 0.3 * reach, 2))
                z = level + 0.014 + 0.025 * k
                # Each board leans on those below it: one end touches the ground.
                lean = float(np.arcsin(min(0.3, max(0.0, (z - 0.013)) / (size[0] / 2))))
                turn = rotation_z(float(rng.uniform(0, 2 * np.pi))) @ rotation_y(lean)
                kit.add("planks", wood, beam(size, (x, y, z), 1.0, turn))
                collision.append(block(size, (x, y, z), turn))
                mass += TIMBER_KG_M3 * size[0] * size[1] * size[2]
        if not collision:
            collision.append(block((reach, reach, 0.03), (0, 0, 0.015)))
        return kit.body(self, "debris", collision, mass_kg=round(max(mass, 0.2), 2), friction=0.6)


@models.register("extinguisher")
class Extinguisher(ActorModel):
    """A fire extinguisher with valve, gauge and hose; its label faces +x."""

    semantic: ClassVar[str] = "thing"
    size: str = choice("6 kg", "2 kg", default="6 kg", help="of the charge", vary={"choice": ["6 kg", "2 kg"]})

    def build(self) -> Body:
        kit, scale = Kit(), {"6 kg": 1.0, "2 kg": 0.70}[self.size]
        r, h = 0.075 * scale, 0.42 * scale
        shell = [(0.0, 0.004), (r - 0.012, 0.004), (r - 0.008, 0.0), (r, 0.004), (r, h - 0.05 * scale)]
        a = np.linspace(0.0, np.pi / 2, 8)[1:-1]
        dome = [(0.022 + (r - 0.022) * float(np.cos(t)), h - 0.05 * scale + 0.05 * scale * float(np.sin(t))) for t in a]
        kit.add(
            "cylinder",
            plain("fire_red", (0.52, 0.012, 0.014), 0.25),
            turned([*shell, *dome, (0.022, h), (0.0, h)], sectors=40, crease_rad=0.7),
        )
        kit.add(
            "foot",
            BLACK_PLASTIC,
            turned([(r - 0.01, 0.0), (r + 0.003, 0.0), (r + 0.003, 0.028), (r, 0.031)], sectors=40),
        )
        brass = plain("brass", (0.60, 0.42, 0.14), 0.3, 0.8)
        kit.add(
            "valve",
            brass,
            turned(
                [(0.017, h - 0.002), (0.017, h + 0.022), (0.012, h + 0.026), (0.012, h + 0.05), (0.0, h + 0.05)],
                sectors=20,
            ),
        )
        for z, tip in ((h + 0.036, 0.004), (h + 0.048, 0.024)):
            lever = [(0.014, 0.0, z), (-0.02, 0.0, z + 0.4 * tip), (-0.085, 0.0, z + tip)]
            kit.add("levers", GALVANISED, bar(lever, [0.007, 0.0075, 0.006], 10))
        gauge = turned(
            [(0.0, -0.008), (0.015, -0.008), (0.016, 0.004), (0.013, 0.006), (0.0, 0.006)],
            (0, 0.020, h + 0.026),
            rotation_x(-np.pi / 2),
            sectors=20,
        )
        kit.add("gauge", plain("gauge", (0.70, 0.71, 0.68), 0.3), gauge)
        hose = [
            (0.010, 0.0, h + 0.036),
            (0.045, 0.0, h + 0.040),
            (r + 0.012, 0.0, h + 0.005),
            (r + 0.020, 0.008, h - 0.08),
            (r + 0.016, 0.012, 0.45 * h),
            (r + 0.014, 0.014, 0.26 * h),
        ]
        kit.add("hose", RUBBER, bar(hose, 0.0085, 12))
        kit.add("hose", RUBBER, bar([(r + 0.014, 0.014, 0.27 * h), (r + 0.014, 0.014, 0.10 * h)], [0.010, 0.014], 12))
        for low, high, tone in ((0.34, 0.72, (0.78, 0.77, 0.74)),):
            t = np.linspace(0.35, 1.75, 13)
            ring = np.array(
                [[((r + 0.0006) * np.cos(v), (r + 0.0006) * np.sin(v), z) for v in t] for z in (low * h, high * h)]
            )
            kit.add("label", plain("label", tone, 0.6), _strip(ring))
        pin = plain("pin", (0.72, 0.55, 0.03), 0.5)
        ring_at = [
            (0.0, -0.020 - 0.010 * (1 - float(np.cos(v))), h + 0.056 + 0.010 * float(np.sin(v)))
            for v in np.linspace(0, 2 * np.pi, 13)
        ]
        kit.add("pin", pin, bar(ring_at, 0.0016, 6))
        collision = [drum(r, h), drum(0.03, 0.08, h)]
        return kit.body(
            self,
            "extinguisher",
            collision,
            mass_kg=round(9.6 if scale == 1.0 else 3.6, 2),
            friction=0.4,
            rolling_friction=0.001,
        )
