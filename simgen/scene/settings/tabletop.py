"""A workbench in a small laboratory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose, rotation_z
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.body import Body, CollisionShape, Lamp, Part
from simgen.scene.environment import Season
from simgen.scene.mesh import Material, Mesh
from simgen.scene.prints import carton, cutting_mat, pegboard, speckled, tiles, wood
from simgen.scene.settings.indoors import sheet, textured
from simgen.scene.solids import box, joined, lathe, moved, rounded_box
from simgen.scene.stage import Fixture, Setting, Stage, Surface
from simgen.scene.things import rigid_body

TABLE_HEIGHT_M = 0.75
TABLE_SIZE_M = (1.10, 1.80)
TABLE_CENTER_M = (0.32, 0.0)
MAT_SIZE_M = (0.34, 0.50)
MAT_CENTER_M = (0.48, -0.06)
MAT_THICKNESS_M = 0.003
TOTE_SIZE_M = (0.32, 0.42, 0.13)
TOTE_CENTER_M = (0.34, 0.50)
TOTE_WALL_M = 0.006

ROOM_LOW_M, ROOM_HIGH_M = (-2.2, -2.8), (3.4, 2.8)
CEILING_M = 2.7
PANELS_M = ((-0.55, -0.95), (-0.55, 0.95), (1.35, -0.95), (1.35, 0.95))
PANEL_SIZE_M = 0.6
SHELVED_CARTON_M = (0.30, 0.25, 0.22)
"""Proportions that the prints of the cartons on the shelves are drawn for."""
PANEL_CD = 900.0
"""2830 lm from a Lambertian panel: 2830 / pi on the axis. The four put some 500 lux on the bench directly."""

PALE = Material(name="paint", base_color=(0.72, 0.72, 0.70), roughness=0.9)
STEEL = Material(name="powder_coated_steel", base_color=(0.32, 0.34, 0.36), roughness=0.5)
DARK = Material(name="dark_plastic", base_color=(0.035, 0.036, 0.04), roughness=0.5)
RUBBER = Material(name="edge_band", base_color=(0.05, 0.05, 0.055), roughness=0.7)


@settings.register("tabletop")
class Tabletop(Setting):
    """A workbench in a small laboratory, with a picking mat, a tote, shelves and ceiling panels.

    World frame: the robot's place is on the bench at (0, 0, 0.75 m), facing +x. Surfaces: ``table`` the whole top,
    ``mat`` the picking area before the robot, ``tote`` the inside of the tote to its left, ``floor``. An overhead
    camera stands well at position (1.40, -0.75, 1.85) m looking at
    (0.30, 0.10, 0.92) m with a field of view of 60 degrees.
    """

    group: str = "room"
    licence: ClassVar[str] = "Apache-2.0"

    top: str = choice(
        "beech", "birch", "white", "grey", default="beech", help="the bench's top",
        vary={"choice": ["beech", "birch", "white", "grey"]},
    )  # fmt: skip
    tote: str = choice(
        "blue", "grey", "red", "green", default="blue", help="colour of the tote",
        vary={"choice": ["blue", "grey", "red", "green"]},
    )  # fmt: skip
    mat: str = choice("green", "blue", "black", default="green", help="colour of the picking mat")
    light: float = quantity(
        "", low=0, high=3, default=1.0, help="ceiling panels' output; 1 puts 500 lux on the bench directly"
    )

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        """The stage, lit by its own panels whatever ``lighting`` says; the environment's ``lamp_level`` dims them."""
        height = TABLE_HEIGHT_M
        fixtures = (
            _fixture("floor", self._floor()),
            _fixture("walls", self._walls()),
            _fixture("ceiling", self._ceiling()),
            _fixture("table", self._table(), (*TABLE_CENTER_M, 0.0), labelled=True),
            _fixture("mat", self._mat(), (*MAT_CENTER_M, height)),
            _fixture("tote", self._tote(), (*TOTE_CENTER_M, height), labelled=True),
            _fixture("shelf_left", self._shelf(11), (-1.85, -1.15, 0.0), labelled=True),
            _fixture("shelf_right", self._shelf(23), (-1.85, 1.15, 0.0), labelled=True),
            _fixture("pegboard", self._pegboard(), (-2.17, 0.0, 1.15)),
            _fixture("cabinet", self._cabinet(), (-1.0, 2.45, 0.0), labelled=True),
            _fixture("trolley", self._trolley(), (1.4, 2.2, 0.0), labelled=True),
        )
        inside = (TOTE_SIZE_M[0] - 2 * TOTE_WALL_M - 0.03, TOTE_SIZE_M[1] - 2 * TOTE_WALL_M - 0.03)
        surfaces = {
            "table": Surface(center_m=TABLE_CENTER_M, height_m=height, size_m=TABLE_SIZE_M),
            "mat": Surface(center_m=MAT_CENTER_M, height_m=height + MAT_THICKNESS_M, size_m=MAT_SIZE_M),
            "tote": Surface(center_m=TOTE_CENTER_M, height_m=height + TOTE_WALL_M, size_m=inside),
            "floor": Surface(center_m=(1.6, 0.0), height_m=0.0, size_m=(1.2, 4.0)),
        }
        return Stage(fixtures=fixtures, surfaces=surfaces, ground="vinyl", indoor=True, reach_m=4.0)

    def _floor(self) -> Body:
        low, high = np.array(ROOM_LOW_M), np.array(ROOM_HIGH_M)
        covering = textured("vinyl", tiles((136, 140, 142), (96, 98, 100)), 0.45)
        mesh = sheet((low[0], low[1], 0.0), (high[0] - low[0], 0, 0), (0, high[1] - low[1], 0), 1.2)
        size = (float(high[0] - low[0]), float(high[1] - low[1]), 0.1)
        center = pose((*((low + high) / 2), -0.05))
        shape = CollisionShape(kind="box", size_m=size, body_from_shape=center)
        return _stuff("floor", "tabletop.floor", [Part(name="floor", mesh=mesh, material=covering)], [shape])

    def _walls(self) -> Body:
        (x0, y0), (x1, y1), z = ROOM_LOW_M, ROOM_HIGH_M, CEILING_M
        corners = ((x0, y0), (x0, y1), (x1, y1), (x1, y0))
        sheets, skirting = [], []
        for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
            along = (bx - ax, by - ay, 0.0)
            length = float(np.hypot(along[0], along[1]))
            sheets.append(sheet((ax, ay, 0.0), along, (0, 0, z), 2.0))
            strip = box((length, 0.014, 0.09))
            yaw = float(np.arctan2(along[1], along[0]))
            skirting.append(moved(strip, pose(((ax + bx) / 2, (ay + by) / 2, 0.045), rotation_z(yaw))))
        plaster = textured("plaster", speckled((214, 213, 208), 0.012), 0.95)
        return _stuff(
            "wall",
            "tabletop.walls",
            [
                Part(name="plaster", mesh=joined(sheets), material=plaster),
                Part(name="skirting", mesh=joined(skirting), material=RUBBER),
            ],
            [],
        )

    def _ceiling(self) -> Body:
        (x0, y0), (x1, y1), z = ROOM_LOW_M, ROOM_HIGH_M, CEILING_M
        parts = [
            Part(name="ceiling", mesh=sheet((x0, y1, z), (x1 - x0, 0, 0), (0, y0 - y1, 0), 1.0), material=PALE),
        ]
        lamps = []
        glow = PANEL_CD * self.light / PANEL_SIZE_M**2
        for number, (x, y) in enumerate(PANELS_M):
            name = f"panel_{number}"
            frame = moved(box((PANEL_SIZE_M + 0.04, PANEL_SIZE_M + 0.04, 0.03)), pose((x, y, z - 0.015)))
            diffuser = moved(box((PANEL_SIZE_M, PANEL_SIZE_M, 0.004)), pose((x, y, z - 0.032)))
            bright = Material(
                name=name, base_color=(0.8, 0.8, 0.8), roughness=0.6, emission_cd_m2=(glow, glow, glow), lamp=name
            )
            parts.append(Part(name=f"{name}_frame", mesh=frame, material=PALE))
            parts.append(Part(name=name, mesh=diffuser, material=bright))
            lamps.append(
                Lamp(
                    name=name,
                    part=name,
                    position_m=(x, y, z - 0.04),
                    intensity_cd=PANEL_CD * self.light,
                    color=(1.02, 1.0, 0.94),
                    inner_rad=0.4,
                    outer_rad=1.25,
                )
            )
        return _stuff("wall", "tabletop.ceiling", parts, [], lamps)

    def _table(self) -> Body:
        depth, width = TABLE_SIZE_M
        top = TABLE_HEIGHT_M
        thick = 0.036
        legs = [
            moved(
                rounded_box((0.05, 0.05, top - thick), 0.004),
                pose((sx * (depth / 2 - 0.07), sy * (width / 2 - 0.07), (top - thick) / 2)),
            )
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        rails = [
            moved(box((0.04, width - 0.2, 0.06)), pose((sx * (depth / 2 - 0.07), 0.0, top - thick - 0.03)))
            for sx in (-1, 1)
        ]
        rails.append(moved(box((0.04, width - 0.2, 0.04)), pose((-(depth / 2 - 0.07), 0.0, 0.22))))
        up = pose((0.0, 0.0, top - thick / 2))
        slab = moved(rounded_box((depth, width, thick), 0.004), up)
        surface = sheet(
            (-depth / 2 + 0.004, -width / 2 + 0.004, top + 0.0002),
            (depth - 0.008, 0, 0),
            (0, width - 0.008, 0),
            0.6,
            along_y=True,
        )
        return rigid_body(
            "table",
            "tabletop.table",
            self.licence,
            [
                Part(name="top", mesh=surface, material=_top(self.top)),
                Part(name="slab", mesh=slab, material=RUBBER),
                Part(name="frame", mesh=joined([*legs, *rails]), material=STEEL),
            ],
            [CollisionShape(kind="box", size_m=(depth, width, thick), body_from_shape=up)]
            + [
                CollisionShape(
                    kind="box",
                    size_m=(0.05, 0.05, top - thick),
                    body_from_shape=pose((sx * (depth / 2 - 0.07), sy * (width / 2 - 0.07), (top - thick) / 2)),
                )
                for sx in (-1, 1)
                for sy in (-1, 1)
            ],
            friction=0.6,
            restitution=0.3,
            fixed=True,
        )

    def _mat(self) -> Body:
        depth, width = MAT_SIZE_M
        color = {"green": (38, 92, 70), "blue": (36, 66, 112), "black": (40, 41, 44)}[self.mat]
        print_ = textured("mat", cutting_mat(color), 0.75)
        slab = moved(box((depth, width, MAT_THICKNESS_M)), pose((0, 0, MAT_THICKNESS_M / 2)))
        top = sheet((depth / 2, -width / 2, MAT_THICKNESS_M + 0.0002), (0, width, 0), (-depth, 0, 0), None)
        edge = Material(name="mat_edge", base_color=(0.02, 0.05, 0.04), roughness=0.8)
        shape = CollisionShape(
            kind="box", size_m=(depth, width, MAT_THICKNESS_M), body_from_shape=pose((0, 0, MAT_THICKNESS_M / 2))
        )
        parts = [Part(name="print", mesh=top, material=print_), Part(name="edge", mesh=slab, material=edge)]
        return _stuff("table", "tabletop.mat", parts, [shape])

    def _tote(self) -> Body:
        length, width, height = TOTE_SIZE_M
        w = TOTE_WALL_M
        color = {
            "blue": (0.02, 0.10, 0.36),
            "grey": (0.20, 0.21, 0.22),
            "red": (0.40, 0.03, 0.03),
            "green": (0.03, 0.22, 0.08),
        }[self.tote]
        plastic = Material(name="tote_plastic", base_color=color, roughness=0.42)
        panels = (
            ((length, width, w), (0.0, 0.0, w / 2)),
            ((w, width, height), (-(length - w) / 2, 0.0, height / 2)),
            ((w, width, height), ((length - w) / 2, 0.0, height / 2)),
            ((length, w, height), (0.0, -(width - w) / 2, height / 2)),
            ((length, w, height), (0.0, (width - w) / 2, height / 2)),
        )
        meshes = [moved(box(size), pose(center)) for size, center in panels]
        rim = 0.012
        for size, center in (
            ((rim + w, width + 2 * rim, 0.008), (-(length + rim) / 2, 0.0, height - 0.004)),
            ((rim + w, width + 2 * rim, 0.008), ((length + rim) / 2, 0.0, height - 0.004)),
            ((length, rim + w, 0.008), (0.0, -(width + rim) / 2, height - 0.004)),
            ((length, rim + w, 0.008), (0.0, (width + rim) / 2, height - 0.004)),
        ):
            meshes.append(moved(rounded_box(size, 0.002, segments=2), pose(center)))
        ribs = []
        for k in range(-2, 3):
            for side in (-1, 1):
                ribs.append(
                    moved(
                        box((0.004, 0.008, height - 0.01)), pose((side * (length / 2 + 0.003), 0.075 * k, height / 2))
                    )
                )
                if abs(k) < 2:
                    ribs.append(
                        moved(
                            box((0.008, 0.004, height - 0.01)),
                            pose((0.075 * k, side * (width / 2 + 0.003), height / 2)),
                        )
                    )
        return rigid_body(
            "container",
            "tabletop.tote",
            self.licence,
            [Part(name="tote", mesh=joined(meshes + ribs), material=plastic)],
            [CollisionShape(kind="box", size_m=size, body_from_shape=pose(center)) for size, center in panels],
            friction=0.4,
            restitution=0.2,
            fixed=True,
        )

    def _shelf(self, number: int) -> Body:
        """A rack of 0.45 x 1.3 x 1.9 m with four boards, filled with cartons and bins."""
        rng = Key(number, 0, "tabletop.shelf").generator()
        depth, width, height = 0.45, 1.3, 1.9
        levels = (0.12, 0.62, 1.12, 1.62)
        posts = [
            moved(box((0.04, 0.04, height)), pose((sx * (depth / 2 - 0.02), sy * (width / 2 - 0.02), height / 2)))
            for sx in (-1, 1)
            for sy in (-1, 1)
        ]
        beams = [moved(box((0.03, width, 0.05)), pose((depth / 2 - 0.015, 0.0, z - 0.03))) for z in levels]
        boards = [moved(box((depth - 0.02, width - 0.02, 0.02)), pose((0.0, 0.0, z))) for z in levels]
        orange = Material(name="beam", base_color=(0.72, 0.20, 0.03), roughness=0.45)
        ply = textured("ply", wood((196, 164, 120)), 0.7)
        parts = [
            Part(name="posts", mesh=joined(posts), material=STEEL),
            Part(name="beams", mesh=joined(beams), material=orange),
            Part(name="boards", mesh=joined(boards), material=ply),
        ]
        bins = [(0.02, 0.10, 0.36), (0.62, 0.42, 0.03), (0.30, 0.31, 0.32), (0.42, 0.03, 0.03)]
        loads: list[list[Mesh]] = [[] for _ in bins]
        for level in levels:
            y = -width / 2 + 0.07
            while True:
                load = (float(rng.uniform(0.24, 0.36)), float(rng.uniform(0.16, 0.34)), float(rng.uniform(0.12, 0.34)))
                if y + load[1] > width / 2 - 0.06:
                    break
                at = pose((float(rng.uniform(-0.02, 0.04)), y + load[1] / 2, level + 0.01 + load[2] / 2))
                if rng.uniform() < 0.55:
                    board = textured("board", carton(int(rng.integers(4)), SHELVED_CARTON_M), 0.85)
                    part = Part(name=f"carton_{len(parts)}", mesh=moved(box(load), at), material=board)
                    parts.append(part)
                else:
                    chosen = loads[int(rng.integers(len(bins)))]
                    chosen.append(moved(rounded_box(load, 0.012, segments=2), at))
                    handle = pose(at[:3, 3] + np.array([load[0] / 2, 0.0, 0.2 * load[2]]))
                    chosen.append(moved(rounded_box((0.02, 0.5 * load[1], 0.022), 0.006, segments=2), handle))
                y += load[1] + float(rng.uniform(0.02, 0.10))
        for number_, (color, meshes) in enumerate(zip(bins, loads, strict=True)):
            if meshes:
                plastic = Material(name=f"bin_{number_}", base_color=color, roughness=0.45)
                parts.append(Part(name=f"bins_{number_}", mesh=joined(meshes), material=plastic))
        shape = CollisionShape(kind="box", size_m=(depth, width, height), body_from_shape=pose((0, 0, height / 2)))
        return _stuff("furniture", f"tabletop.shelf.{number}", parts, [shape])

    def _pegboard(self) -> Body:
        """A perforated board with tools, on the wall behind the robot."""
        width, height = 0.86, 0.9
        board = textured("pegboard", pegboard((196, 198, 200)), 0.6)
        front = sheet((0.02, -width / 2, 0.0), (0, width, 0), (0, 0, height), 0.05)
        back = moved(box((0.018, width, height)), pose((0.010, 0.0, height / 2)))
        metal = Material(name="tool_steel", base_color=(0.55, 0.56, 0.58), roughness=0.35, metallic=1.0)
        grip = Material(name="tool_grip", base_color=(0.60, 0.05, 0.03), roughness=0.5)
        blades, grips = [], []
        for k in range(6):
            y, long = -0.34 + 0.075 * k, 0.11 + 0.012 * k
            blades.append(
                moved(lathe([(0, 0), (0.004, 0.002), (0.004, long), (0, long)], sectors=10), pose((0.035, y, 0.42)))
            )
            handle = [(0, 0), (0.013, 0.004), (0.015, 0.03), (0.012, 0.08), (0.014, 0.098), (0, 0.105)]
            grips.append(moved(lathe(handle, sectors=14), pose((0.035, y, 0.42 + long))))
        for k, length in enumerate((0.30, 0.24, 0.20)):
            y = 0.16 + 0.08 * k
            blades.append(
                moved(rounded_box((0.008, 0.024, length), 0.003, segments=2), pose((0.03, y, 0.62 - length / 2 + 0.14)))
            )
            ring = [(0.011, -0.004), (0.020, -0.004), (0.020, 0.004), (0.011, 0.004), (0.011, -0.004)]
            turn = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
            blades.append(moved(lathe(ring, sectors=20), pose((0.03, y, 0.76 + 0.01), turn)))
        blades.append(moved(rounded_box((0.026, 0.11, 0.03), 0.006, segments=2), pose((0.04, -0.2, 0.30))))
        grips.append(moved(rounded_box((0.02, 0.026, 0.24), 0.008, segments=2), pose((0.04, -0.2, 0.17))))
        return _stuff(
            "furniture",
            "tabletop.pegboard",
            [
                Part(name="board", mesh=front, material=board),
                Part(name="back", mesh=back, material=STEEL),
                Part(name="tools", mesh=joined(blades), material=metal),
                Part(name="grips", mesh=joined(grips), material=grip),
            ],
            [],
        )

    def _cabinet(self) -> Body:
        """A drawer cabinet along the left wall."""
        depth, width, height = 1.1, 0.55, 0.95
        shell = Material(name="cabinet", base_color=(0.30, 0.33, 0.36), roughness=0.5)
        front = Material(name="drawer", base_color=(0.56, 0.57, 0.57), roughness=0.45)
        drawers, pulls = [], []
        for column in (-1, 1):
            for row in range(4):
                z = 0.16 + 0.21 * row
                drawers.append(
                    moved(rounded_box((0.50, 0.02, 0.19), 0.004, segments=2), pose((0.265 * column, -width / 2, z)))
                )
                pulls.append(
                    moved(
                        rounded_box((0.14, 0.02, 0.014), 0.004, segments=2),
                        pose((0.265 * column, -width / 2 - 0.016, z + 0.05)),
                    )
                )
        body = moved(rounded_box((depth, width, height - 0.05), 0.006), pose((0, 0, height / 2 + 0.025)))
        shape = CollisionShape(kind="box", size_m=(depth, width, height), body_from_shape=pose((0, 0, height / 2)))
        return _stuff(
            "furniture",
            "tabletop.cabinet",
            [
                Part(name="cabinet", mesh=body, material=shell),
                Part(name="drawers", mesh=joined(drawers), material=front),
                Part(name="pulls", mesh=joined(pulls), material=DARK),
            ],
            [shape],
        )

    def _trolley(self) -> Body:
        """An electronics cabinet on castors with a screen."""
        shell = Material(name="rack", base_color=(0.045, 0.047, 0.05), roughness=0.45)
        screen = Material(
            name="screen", base_color=(0.01, 0.01, 0.012), roughness=0.15, emission_cd_m2=(18.0, 26.0, 40.0)
        )
        castor = lathe([(0, -0.02), (0.035, -0.02), (0.035, 0.02), (0, 0.02)], sectors=20)
        turn = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
        wheels = [moved(castor, pose((sx * 0.22, sy * 0.22, 0.035), turn)) for sx in (-1, 1) for sy in (-1, 1)]
        units = [moved(box((0.46, 0.02, 0.10)), pose((0.0, -0.29, 0.22 + 0.13 * k))) for k in range(5)]
        return _stuff(
            "furniture",
            "tabletop.trolley",
            [
                Part(name="rack", mesh=moved(rounded_box((0.56, 0.56, 0.85), 0.01), pose((0, 0, 0.5))), material=shell),
                Part(name="units", mesh=joined(units), material=STEEL),
                Part(name="castors", mesh=joined(wheels), material=RUBBER),
                Part(
                    name="monitor", mesh=moved(rounded_box((0.60, 0.04, 0.36), 0.01), pose((0, 0, 1.22))), material=DARK
                ),
                Part(name="screen", mesh=moved(box((0.57, 0.004, 0.33)), pose((0, -0.021, 1.22))), material=screen),
                Part(name="stand", mesh=moved(box((0.05, 0.03, 0.24)), pose((0, 0.02, 1.0))), material=DARK),
            ],
            [CollisionShape(kind="box", size_m=(0.56, 0.56, 0.93), body_from_shape=pose((0, 0, 0.465)))],
        )


def _fixture(
    name: str, body: Body, at: tuple[float, float, float] = (0.0, 0.0, 0.0), *, labelled: bool = False
) -> Fixture:
    return Fixture(name=name, body=body, world_from_body=pose(at), labelled=labelled)


def _stuff(
    semantic: str,
    asset_id: str,
    parts: Sequence[Part],
    collision: Sequence[CollisionShape],
    lamps: Sequence[Lamp] = (),
) -> Body:
    return rigid_body(
        semantic, asset_id, Tabletop.licence, parts, collision, friction=0.6, restitution=0.2, fixed=True, lamps=lamps
    )


def _top(name: str) -> Material:
    match name:
        case "beech":
            return textured("beech", wood((198, 156, 112)), 0.5)
        case "birch":
            return textured("birch", wood((218, 194, 156)), 0.5)
        case "white":
            return textured("laminate", speckled((222, 222, 218), 0.008), 0.35)
        case _:
            return textured("linoleum", speckled((126, 130, 134), 0.03), 0.55)
