"""A robot's work cell: pedestal, conveyor, machine and tables inside a safety fence with a gate."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array, planar_pose, pose, rotation_y, rotation_z
from simgen.core.seeds import Key
from simgen.core.vocabulary import settings
from simgen.scene.body import Body, CollisionShape, Lamp, Part
from simgen.scene.environment import Season
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.models.conveyor import FRAMES, conveyor_body
from simgen.scene.models.stores import drum_shell, plain_pallet, timber
from simgen.scene.prints import carton, ribbed, sign, slab, speckled, wood
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
from simgen.scene.things import rigid_body

HALL_LOW_M, HALL_HIGH_M, CEILING_M = (-4.6, -4.8), (5.6, 4.8), 4.6
PEDESTAL_M = 0.74
FENCE_LOW_M, FENCE_HIGH_M = (-2.4, -2.1), (2.4, 2.1)
FENCE_M, CLEARANCE_M, WIRE_M = 2.05, 0.14, 0.075
"""Top of the fence, gap below it, spacing of its wires."""
GATE_M = (-0.55, 0.65)
"""y of the gate's posts, in the fence at the highest x."""
BELT_X_M, BELT_LENGTH_M, BELT_WIDTH_M, BELT_M = 0.62, 5.4, 0.42, 0.70
TABLE_M, TABLE_SIZE_M, TABLE_HEIGHT_M = (-0.02, 0.78), (0.62, 0.70), 0.68
TOTE_M, TOTE_WALL_M = (0.36, 0.46, 0.15), 0.006
BENCH_M, BENCH_SIZE_M, BENCH_HEIGHT_M = (-0.48, -1.25), (1.30, 0.65), 0.85
LAMPS_M = ((-2.2, -2.4), (-2.2, 2.4), (0.8, -2.4), (0.8, 2.4), (3.8, -2.4), (3.8, 2.4))
LAMP_CD = 2100.0
"""LED battens of 6600 lm, Lambertian."""
TOTES: dict[str, Rgb] = {"blue": (0.02, 0.10, 0.36), "grey": (0.20, 0.21, 0.22), "red": (0.40, 0.03, 0.03)}
SIGNALS: dict[str, Rgb] = {"red": (1.0, 0.02, 0.01), "amber": (1.0, 0.30, 0.01), "green": (0.03, 0.8, 0.10)}


@settings.register("work_cell")
class WorkCell(Setting):
    """A robot's work cell behind a safety fence, with a conveyor that carries things past the robot.

    World frame: the robot's place is on the pedestal at (0, 0, 0.74 m), facing +x. The belt ``conveyor`` runs before it
    towards +y (the action conveyor_speed, done to world, changes its speed). Surfaces: ``conveyor`` the whole belt,
    ``infeed`` its first two metres, ``pickup`` the part before the robot, ``table`` to the robot's left, ``tote`` the
    inside of the tote on it, ``bench`` to its right, ``cell_floor`` between belt and gate, ``walkway`` outside of the
    gate, ``floor`` the same.
    The gate is in the fence at x = 2.4 m, about y = 0. An overhead camera stands well at (2.3, -1.6, 3.0) m.
    """

    group: str = "room"
    licence: ClassVar[str] = "Apache-2.0"

    gate: str = choice("open", "closed", default="open", help="how the gate of the fence stands")
    signal: str = choice("green", "amber", "red", default="green", help="what the signal tower shows")
    belt_speed: float = quantity("m/s", low=-2, high=2, default=0.20, help="of the conveyor at the start")
    tote: str = choice(*TOTES, default="blue", help="colour of the tote", vary={"choice": list(TOTES)})
    frame: str = choice(*FRAMES, default="aluminium", help="paint of the conveyor", vary={"choice": list(FRAMES)})
    look: int = integer(low=0, high=10_000, default=1, help="number of what stands about in the hall",
                        vary={"integer": [0, 9999]})  # fmt: skip
    light: float = quantity(
        "", low=0, high=3, default=1.0, help="output of the lamps; 1 puts 400 lux on the belt",
        vary={"uniform": ["0.65", "1.25"]},
    )  # fmt: skip

    def build(self, lighting: str, season: Season = "summer") -> Stage:
        """The cell, lit by its own lamps whatever ``lighting`` says; the environment's ``lamp_level`` dims them."""
        values: dict[str, object] = {"frame": self.frame, "speed": self.belt_speed}
        belt = conveyor_body(BELT_LENGTH_M, BELT_WIDTH_M, BELT_M, self.belt_speed, FRAMES[self.frame], values)
        fixtures = (
            fixture("floor", _floor()),
            fixture("markings", _markings()),
            fixture("walls", _walls()),
            fixture("ceiling", _ceiling(self.light)),
            fixture("pedestal", _pedestal()),
            Fixture(name="conveyor", body=belt, world_from_body=planar_pose(BELT_X_M, 0.0, np.pi / 2), labelled=True),
            fixture("fence", _fence(self.gate), labelled=True),
            fixture("curtain", _curtain(), labelled=True),
            fixture("table", _table(TABLE_SIZE_M, TABLE_HEIGHT_M), (*TABLE_M, 0.0), labelled=True),
            fixture("tote", _tote(TOTES[self.tote]), (*TABLE_M, TABLE_HEIGHT_M), labelled=True),
            fixture("bench", _workbench(), (*BENCH_M, 0.0), labelled=True),
            fixture("machine", _machine(), (-1.72, 0.25, 0.0), labelled=True),
            fixture("cabinet", _cabinet(), (2.95, 1.75, 0.0), labelled=True),
            fixture("tower", _tower(self.signal), (2.95, 1.75, 2.0)),
            fixture("stores", _stores(self.look), (-3.6, 3.6, 0.0), labelled=True),
            fixture("drums", _drums(self.look), (-3.3, -3.6, 0.0), labelled=True),
        )
        inside = (TOTE_M[0] - 0.04, TOTE_M[1] - 0.04)
        along = np.pi / 2
        surfaces = {
            "conveyor": Surface(
                center_m=(BELT_X_M, 0.0), height_m=BELT_M, size_m=(5.2, BELT_WIDTH_M - 0.03), yaw_rad=along
            ),
            "infeed": Surface(
                center_m=(BELT_X_M, -1.55), height_m=BELT_M, size_m=(2.0, BELT_WIDTH_M - 0.06), yaw_rad=along
            ),
            "pickup": Surface(
                center_m=(BELT_X_M - 0.04, 0.0), height_m=BELT_M, size_m=(0.7, BELT_WIDTH_M - 0.12), yaw_rad=along
            ),
            "table": Surface(center_m=TABLE_M, height_m=TABLE_HEIGHT_M, size_m=TABLE_SIZE_M),
            "tote": Surface(center_m=TABLE_M, height_m=TABLE_HEIGHT_M + TOTE_WALL_M, size_m=inside),
            "bench": Surface(center_m=BENCH_M, height_m=BENCH_HEIGHT_M, size_m=BENCH_SIZE_M),
            "cell_floor": Surface(center_m=(1.62, 0.0), height_m=0.0, size_m=(1.2, 3.2)),
            "walkway": Surface(center_m=(3.9, 0.0), height_m=0.0, size_m=(1.1, 7.0)),
        }
        surfaces["floor"] = surfaces["walkway"]
        return Stage(fixtures=fixtures, surfaces=surfaces, ground="epoxy", indoor=True, reach_m=6.0)


def _floor() -> Body:
    low, high = np.array(HALL_LOW_M), np.array(HALL_HIGH_M)
    size = high - low
    covering = textured("epoxy_floor", slab((126, 134, 136)), 0.30)
    mesh = sheet((*low, 0.0), (size[0], 0, 0), (0, size[1], 0), 5.0)
    shape = block((float(size[0]), float(size[1]), 0.1), (*((low + high) / 2), -0.05))
    return stuff("floor", "work_cell.floor", [Part(name="floor", mesh=mesh, material=covering)], [shape])


def _markings() -> Body:
    y0, (x1, y1) = FENCE_LOW_M[1], FENCE_HIGH_M
    stripes = [
        strip(x1 + 0.08, y0, x1 + 0.28, GATE_M[0] - 0.05, 0.4),
        strip(x1 + 0.08, GATE_M[1] + 0.05, x1 + 0.28, y1, 0.4),
    ]
    danger = [outline(-0.95, -1.05, 1.05, 1.30, 0.07)]
    walk = [strip(3.28, -4.6, 3.36, 4.6), strip(4.44, -4.6, 4.52, 4.6)]
    bars = [strip(x1 + 0.32, GATE_M[0] + 0.12 + 0.3 * k, 3.2, GATE_M[0] + 0.27 + 0.3 * k) for k in range(4)]
    parts = [
        Part(name="stripes", mesh=joined(stripes), material=warning_stripes()),
        Part(name="danger", mesh=joined(danger), material=YELLOW),
        Part(name="walkway", mesh=joined(walk), material=GREEN_PAINT),
        Part(name="bars", mesh=joined(bars), material=WHITE_PAINT),
    ]
    return stuff("floor", "work_cell.markings", parts)


def _walls() -> Body:
    (x0, y0), (x1, y1) = HALL_LOW_M, HALL_HIGH_M
    cladding = textured("panels", ribbed((206, 208, 206), 3), 0.7)
    base = [
        bar((x1 - x0, 0.03, 1.2), ((x0 + x1) / 2, y0 + 0.015, 0.6)),
        bar((x1 - x0, 0.03, 1.2), ((x0 + x1) / 2, y1 - 0.015, 0.6)),
        bar((0.03, y1 - y0, 1.2), (x0 + 0.015, (y0 + y1) / 2, 0.6)),
        bar((0.03, y1 - y0, 1.2), (x1 - 0.015, (y0 + y1) / 2, 0.6)),
    ]
    blue = Material(name="dado", base_color=(0.20, 0.27, 0.33), roughness=0.6)
    tray = [
        bar((x1 - x0, 0.30, 0.06), ((x0 + x1) / 2, y0 + 0.2, 3.2)),
        bar((0.30, y1 - y0, 0.06), (x0 + 0.2, (y0 + y1) / 2, 3.2)),
    ]
    pipes = [
        moved(lathe([(0, 0), (0.04, 0), (0.04, y1 - y0), (0, y1 - y0)], 16),
              pose((x0 + 0.14 + 0.12 * k, y1, 3.6), np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]])))
        for k in range(2)
    ]  # fmt: skip
    parts = [
        Part(name="panels", mesh=walls(HALL_LOW_M, HALL_HIGH_M, CEILING_M, 2.4), material=cladding),
        Part(name="dado", mesh=joined(base), material=blue),
        Part(name="tray", mesh=joined(tray), material=BRIGHT_STEEL),
        Part(name="pipes", mesh=joined(pipes), material=SAFETY_YELLOW),
    ]
    return stuff("wall", "work_cell.walls", parts)


def _ceiling(light: float) -> Body:
    (x0, y0), (x1, y1) = HALL_LOW_M, HALL_HIGH_M
    beams = [bar((0.16, y1 - y0, 0.24), (x, (y0 + y1) / 2, CEILING_M - 0.12)) for x in (-3.6, -0.7, 2.2, 5.0)]
    parts = [
        Part(name="deck", mesh=sheet((x0, y1, CEILING_M), (x1 - x0, 0, 0), (0, y0 - y1, 0), 1.5),
             material=textured("deck", ribbed((168, 170, 170), 6), 0.7)),
        Part(name="beams", mesh=joined(beams), material=STEEL),
    ]  # fmt: skip
    lamps, trays, rods = [], [], []
    size = (0.16, 1.5)
    glow = LAMP_CD * light / (size[0] * size[1])
    for number, (x, y) in enumerate(LAMPS_M):
        name = f"lamp_{number}"
        trays.append(bar((0.20, 1.56, 0.05), (x, y, 3.93)))
        rods += [post(0.006, CEILING_M - 3.95, (x, y + s * 0.6, 3.95), 6) for s in (-1, 1)]
        parts.append(
            Part(name=name, mesh=bar((*size, 0.006), (x, y, 3.902)), material=glowing(name, (glow, glow, glow)))
        )
        lamps.append(
            Lamp(name=name, part=name, position_m=(x, y, 3.88), intensity_cd=LAMP_CD * light, color=(1.0, 1.0, 1.0),
                 inner_rad=0.4, outer_rad=1.35)
        )  # fmt: skip
    parts.append(Part(name="lamp_trays", mesh=joined(trays), material=PALE))
    parts.append(Part(name="lamp_rods", mesh=joined(rods), material=STEEL))
    return stuff("wall", "work_cell.ceiling", parts, [], lamps)


def _pedestal() -> Body:
    blue_grey = Material(name="pedestal", base_color=(0.10, 0.12, 0.15), roughness=0.45)
    column = moved(rounded_box((0.30, 0.30, PEDESTAL_M - 0.05), 0.012), pose((0.0, 0.0, PEDESTAL_M / 2)))
    plates = [bar((0.52, 0.52, 0.025), (0.0, 0.0, 0.0125)), bar((0.38, 0.38, 0.025), (0.0, 0.0, PEDESTAL_M - 0.0125))]
    bolts = [post(0.014, 0.02, (sx * 0.22, sy * 0.22, 0.025), 6) for sx in (-1, 1) for sy in (-1, 1)]
    ribs = [bar((0.10, 0.014, 0.16), (sx * 0.19, 0.0, 0.105)) for sx in (-1, 1)]
    parts = [
        Part(name="column", mesh=joined([column, *ribs]), material=blue_grey),
        Part(name="plates", mesh=joined(plates), material=STEEL),
        Part(name="bolts", mesh=joined(bolts), material=BRIGHT_STEEL),
    ]
    shapes = [block((0.38, 0.38, PEDESTAL_M), (0.0, 0.0, PEDESTAL_M / 2))]
    return stuff("machine", "work_cell.pedestal", parts, shapes)


def _panel(start: Array, end: Array, low: float, high: float) -> tuple[list[Mesh], list[Mesh], CollisionShape]:
    """(frame, wires, shape) of one fence panel between two points (2,) and two heights."""
    along = end - start
    length = float(np.linalg.norm(along))
    turn = rotation_z(float(np.arctan2(along[1], along[0])))
    middle = (start + end) / 2
    at = pose((float(middle[0]), float(middle[1]), 0.0), turn)

    def piece(size: tuple[float, float, float], x: float, z: float) -> Mesh:
        return moved(box(size), at @ pose((x, 0.0, z)))

    tall = high - low
    frame = [piece((length, 0.025, 0.025), 0.0, z) for z in (low + 0.0125, high - 0.0125)]
    frame += [piece((0.025, 0.025, tall), s * (length / 2 - 0.0125), (low + high) / 2) for s in (-1, 1)]
    count = max(1, round(length / WIRE_M))
    wires = [piece((0.008, 0.008, tall), -length / 2 + k * length / count, (low + high) / 2) for k in range(1, count)]
    rows = max(1, round(tall / 0.2))
    wires += [piece((length, 0.008, 0.008), 0.0, low + k * tall / rows) for k in range(1, rows)]
    shape = CollisionShape(
        kind="box", size_m=(length, 0.04, tall), body_from_shape=at @ pose((0.0, 0.0, (low + high) / 2))
    )
    return frame, wires, shape


def _fence(gate: str) -> Body:
    (x0, y0), (x1, y1) = FENCE_LOW_M, FENCE_HIGH_M
    belt = (BELT_X_M - 0.36, BELT_X_M + 0.36)
    runs: list[tuple[tuple[float, float], tuple[float, float], float, float]] = []

    def run(
        a: tuple[float, float], b: tuple[float, float], pieces: int, low: float = CLEARANCE_M, high: float = FENCE_M
    ) -> None:
        for k in range(pieces):
            s, e = np.array(a) + (np.array(b) - a) * k / pieces, np.array(a) + (np.array(b) - a) * (k + 1) / pieces
            runs.append(((float(s[0]), float(s[1])), (float(e[0]), float(e[1])), low, high))

    for y in (y0, y1):
        run((x0, y), (belt[0], y), 2)
        run((belt[1], y), (x1, y), 1)
        run((belt[0], y), (belt[1], y), 1, 1.15, FENCE_M)  # the belt passes below
    run((x0, y0), (x0, y1), 3)
    run((x1, y0), (x1, GATE_M[0]), 1)
    run((x1, GATE_M[1]), (x1, y1), 1)
    frames, wires, shapes = [], [], []
    posts: dict[tuple[float, float], None] = {}
    for a, b, low, high in runs:
        frame, mesh, shape = _panel(np.array(a), np.array(b), low, high)
        frames += frame
        wires += mesh
        shapes.append(shape)
        posts[a] = posts[b] = None
    uprights = [bar((0.06, 0.06, FENCE_M + 0.03), (x, y, (FENCE_M + 0.03) / 2)) for x, y in posts]
    feet = [bar((0.14, 0.14, 0.01), (x, y, 0.005)) for x, y in posts]
    lintel = [bar((0.06, GATE_M[1] - GATE_M[0], 0.06), (x1, sum(GATE_M) / 2, FENCE_M + 0.06))]
    # the leaf hangs on the post at the higher y
    width = GATE_M[1] - GATE_M[0] - 0.08
    hinge = np.array([x1 + 0.03, GATE_M[1] - 0.04])
    angle = -np.pi / 2 if gate == "closed" else np.radians(28.0)
    tip = hinge + width * np.array([np.cos(angle), np.sin(angle)])
    leaf, leaf_wires, leaf_shape = _panel(hinge, tip, CLEARANCE_M, FENCE_M - 0.04)
    handle = bar((0.05, 0.05, 0.22), (float(tip[0]), float(tip[1]), 1.05))
    plate = sheet((x1 + 0.034, GATE_M[1] + 0.25, 1.25), (0, 0.5, 0), (0, 0, 0.34), None)
    plate_m = (x1 + 0.031, GATE_M[1] + 0.5, 1.42)
    parts = [
        Part(name="posts", mesh=joined([*uprights, *feet, *lintel]), material=SAFETY_YELLOW),
        Part(name="frames", mesh=joined(frames), material=DARK),
        # The sign's back, towards the robot.
        Part(name="wires", mesh=joined([*wires, bar((0.003, 0.5, 0.34), plate_m)]), material=DARK),
        Part(name="gate_frame", mesh=joined([*leaf, handle]), material=SAFETY_YELLOW),
        Part(name="gate_wires", mesh=joined(leaf_wires), material=DARK),
        Part(
            name="sign",
            mesh=plate,
            material=textured("keep_out", sign("DANGER", (238, 196, 30), (22, 22, 22), 1.5), 0.5),
        ),
    ]
    return stuff("fence", "work_cell.fence", parts, [*shapes, leaf_shape])


def _curtain() -> Body:
    """The light curtain just inside the gate: a sender and a receiver."""
    x = FENCE_HIGH_M[0] - 0.16
    columns, windows = [], []
    shapes = []
    for y, inwards in ((GATE_M[0] - 0.02, 1.0), (GATE_M[1] + 0.02, -1.0)):
        columns.append(moved(rounded_box((0.06, 0.05, 1.6), 0.006), pose((x, y, 1.0))))
        columns.append(bar((0.12, 0.12, 0.012), (x, y, 0.006)))
        columns.append(bar((0.03, 0.03, 0.2), (x, y, 0.11)))
        windows.append(bar((0.026, 0.004, 1.5), (x, y + inwards * 0.0265, 1.0)))
        shapes.append(block((0.06, 0.05, 1.8), (x, y, 0.9)))
    lens = Material(name="curtain_window", base_color=(0.10, 0.008, 0.008), roughness=0.1)
    parts = [
        Part(name="columns", mesh=joined(columns), material=SAFETY_YELLOW),
        Part(name="windows", mesh=joined(windows), material=lens),
    ]
    return stuff("machine", "work_cell.curtain", parts, shapes)


def _table(size_m: tuple[float, float], height_m: float) -> Body:
    """A welded frame with a plywood top."""
    depth, width = size_m
    top = moved(rounded_box((depth, width, 0.03), 0.004), pose((0.0, 0.0, height_m - 0.015)))
    legs = [
        bar((0.045, 0.045, height_m - 0.03), (sx * (depth / 2 - 0.05), sy * (width / 2 - 0.05), (height_m - 0.03) / 2))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    rails = [
        bar((depth - 0.1, 0.03, 0.045), (0.0, sy * (width / 2 - 0.05), z))
        for sy in (-1, 1)
        for z in (0.18, height_m - 0.055)
    ]
    rails += [bar((0.03, width - 0.1, 0.045), (sx * (depth / 2 - 0.05), 0.0, height_m - 0.055)) for sx in (-1, 1)]
    shapes = [
        block((depth, width, 0.03), (0.0, 0.0, height_m - 0.015)),
        block((depth - 0.06, width - 0.06, height_m - 0.04), (0.0, 0.0, (height_m - 0.04) / 2)),
    ]
    parts = [
        Part(name="top", mesh=top, material=textured("ply", wood((206, 176, 132)), 0.6)),
        Part(name="frame", mesh=joined([*legs, *rails]), material=STEEL),
    ]
    return rigid_body(
        "table", f"work_cell.table.{depth}.{width}", "Apache-2.0", parts, shapes, friction=0.6, fixed=True
    )


def _tote(color: Rgb) -> Body:
    length, width, height = TOTE_M
    w = TOTE_WALL_M
    panels = (
        ((length, width, w), (0.0, 0.0, w / 2)),
        ((w, width, height), (-(length - w) / 2, 0.0, height / 2)),
        ((w, width, height), ((length - w) / 2, 0.0, height / 2)),
        ((length, w, height), (0.0, -(width - w) / 2, height / 2)),
        ((length, w, height), (0.0, (width - w) / 2, height / 2)),
    )
    meshes = [bar(size, at) for size, at in panels]
    rim = 0.014
    meshes += [bar((rim, width + 2 * rim, 0.010), (s * (length + rim) / 2, 0.0, height - 0.005)) for s in (-1, 1)]
    meshes += [bar((length, rim, 0.010), (0.0, s * (width + rim) / 2, height - 0.005)) for s in (-1, 1)]
    meshes += [
        bar((0.004, 0.008, height - 0.012), (s * (length / 2 + 0.002), y, height / 2))
        for s in (-1, 1)
        for y in np.linspace(-0.18, 0.18, 5)
    ]
    plastic = Material(name="tote_plastic", base_color=color, roughness=0.42)
    shapes = [CollisionShape(kind="box", size_m=size, body_from_shape=pose(at)) for size, at in panels]
    parts = [Part(name="tote", mesh=joined(meshes), material=plastic)]
    return rigid_body("container", "work_cell.tote", "Apache-2.0", parts, shapes, friction=0.4, fixed=True)


def _workbench() -> Body:
    """A bench with a vice, a drawer block and boxes of screws, at the robot's right."""
    depth, width, height = (*BENCH_SIZE_M, BENCH_HEIGHT_M)
    steel = _table((depth, width), height)
    parts = [*steel.parts]
    drawers = moved(rounded_box((0.42, width - 0.12, 0.46), 0.006), pose((0.40, 0.0, height - 0.30)))
    fronts = [bar((0.36, 0.006, 0.12), (0.40, width / 2 - 0.055, height - 0.15 - 0.14 * k)) for k in range(3)]
    parts.append(
        Part(
            name="drawers",
            mesh=drawers,
            material=Material(name="drawer_blue", base_color=(0.03, 0.09, 0.24), roughness=0.45),
        )
    )
    parts.append(Part(name="fronts", mesh=joined(fronts), material=PALE))
    board = sheet((-depth / 2, -width / 2 + 0.01, height + 0.02), (depth, 0, 0), (0, 0, 0.55), 0.4)
    back = sheet((depth / 2, -width / 2, height + 0.02), (-depth, 0, 0), (0, 0, 0.55), 0.4)
    parts.append(
        Part(
            name="back",
            mesh=joined([board, back]),
            material=textured("back_board", speckled((150, 154, 158), 0.02), 0.7),
        )
    )
    return rigid_body("table", "work_cell.bench", "Apache-2.0", parts, steel.collision, friction=0.6, fixed=True)


def _machine() -> Body:
    """A machining centre behind the robot, its door with a window towards it."""
    white = Material(name="machine_white", base_color=(0.70, 0.71, 0.71), roughness=0.4)
    anthracite = Material(name="machine_grey", base_color=(0.05, 0.055, 0.06), roughness=0.45)
    glass = Material(name="machine_window", base_color=(0.03, 0.04, 0.045), roughness=0.06)
    work_light = Material(
        name="machine_light", base_color=(0.8, 0.8, 0.8), roughness=0.5, emission_cd_m2=(500.0, 520.0, 540.0)
    )
    screen = Material(name="screen", base_color=(0.01, 0.01, 0.012), roughness=0.12, emission_cd_m2=(30.0, 60.0, 110.0))
    body = moved(rounded_box((1.0, 1.9, 1.95), 0.03), pose((0.0, 0.0, 1.075)))
    plinth = bar((0.94, 1.84, 0.12), (0.0, 0.0, 0.06))
    door = moved(rounded_box((0.03, 1.0, 1.25), 0.01), pose((0.51, -0.15, 1.15)))
    window = moved(rounded_box((0.012, 0.66, 0.60), 0.02), pose((0.524, -0.15, 1.35)))
    strip_light = bar((0.008, 0.60, 0.02), (0.531, -0.15, 1.62))
    grip = bar((0.03, 0.03, 0.40), (0.545, 0.28, 1.15))
    console = moved(rounded_box((0.10, 0.42, 0.52), 0.015), pose((0.56, 0.68, 1.45), rotation_y(0.12)))
    display = moved(box((0.004, 0.34, 0.24)), pose((0.56, 0.68, 1.45), rotation_y(0.12)) @ pose((0.052, 0.0, 0.09)))
    vents = [bar((0.006, 0.5, 0.012), (0.502, 0.55, 0.35 + 0.03 * k)) for k in range(8)]
    parts = [
        Part(name="body", mesh=body, material=white),
        Part(name="plinth", mesh=joined([plinth, grip, console, *vents]), material=anthracite),
        Part(name="door", mesh=door, material=anthracite),
        Part(name="window", mesh=window, material=glass),
        Part(name="light", mesh=strip_light, material=work_light),
        Part(name="display", mesh=display, material=screen),
    ]
    return stuff("machine", "work_cell.machine", parts, [block((1.06, 1.9, 2.05), (0.0, 0.0, 1.025))])


def _cabinet() -> Body:
    """The switch cabinet outside of the fence, with an emergency stop."""
    grey = Material(name="cabinet_grey", base_color=(0.50, 0.51, 0.50), roughness=0.5)
    red = Material(name="stop_red", base_color=(0.55, 0.02, 0.02), roughness=0.35)
    shell = moved(rounded_box((0.45, 0.80, 1.9), 0.01), pose((0.0, 0.0, 1.05)))
    base = bar((0.43, 0.78, 0.10), (0.0, 0.0, 0.05))
    seam = bar((0.004, 0.006, 1.8), (0.226, 0.0, 1.05))
    turn = rotation_y(np.pi / 2)
    knob = moved(
        lathe([(0, 0), (0.018, 0), (0.018, 0.02), (0.03, 0.024), (0.03, 0.04), (0, 0.045)], 24),
        pose((0.225, 0.22, 1.35), turn),
    )
    plate = moved(lathe([(0, 0), (0.045, 0), (0.045, 0.004), (0, 0.004)], 24), pose((0.224, 0.22, 1.35), turn))
    panel = bar((0.006, 0.22, 0.16), (0.227, -0.2, 1.45))
    parts = [
        Part(name="shell", mesh=shell, material=grey),
        Part(name="base", mesh=joined([base, seam]), material=DARK),
        Part(name="stop", mesh=knob, material=red),
        Part(name="stop_plate", mesh=plate, material=SAFETY_YELLOW),
        Part(
            name="panel",
            mesh=panel,
            material=Material(
                name="panel_screen", base_color=(0.01, 0.01, 0.01), roughness=0.15, emission_cd_m2=(40.0, 70.0, 90.0)
            ),
        ),
    ]
    return stuff("machine", "work_cell.cabinet", parts, [block((0.45, 0.80, 2.0), (0.0, 0.0, 1.0))])


def _tower(signal: str) -> Body:
    """Red over amber over green on a stalk; one of them burns."""
    parts = [
        Part(name="stalk", mesh=joined([post(0.012, 0.16, (0, 0, 0)), post(0.036, 0.02, (0, 0, 0.44))]), material=DARK)
    ]
    lamps = []
    for k, (name, color) in enumerate(reversed(SIGNALS.items())):
        mesh = post(0.035, 0.088, (0.0, 0.0, 0.16 + 0.094 * k), 24)
        on = name == signal
        tint = (0.55 * color[0], 0.55 * color[1], 0.55 * color[2])
        if on:
            shine = (5000.0 * color[0], 5000.0 * color[1], 5000.0 * color[2])
            parts.append(Part(name=name, mesh=mesh, material=glowing(name, shine, tint)))
            luminance = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
            unit = (color[0] / luminance, color[1] / luminance, color[2] / luminance)
            lamps.append(
                Lamp(name=name, part=name, position_m=(0.0, 0.0, 0.204 + 0.094 * k), intensity_cd=9.0, color=unit)
            )
        else:
            dull = (0.35 * color[0] + 0.02, 0.35 * color[1] + 0.02, 0.35 * color[2] + 0.02)
            parts.append(
                Part(name=name, mesh=mesh, material=Material(name=f"lens_{name}", base_color=dull, roughness=0.2))
            )
    return stuff("machine", f"work_cell.tower.{signal}", parts, [], lamps)


def _stores(look: int) -> Body:
    """A pallet with cartons in the corner of the hall."""
    rng = Key(look, 0, "work_cell.stores").generator()
    board = textured("stored_carton", carton(int(rng.integers(10_000)), (0.4, 0.38, 0.3)), 0.85)
    boxes = []
    layers = int(rng.integers(2, 5))
    for layer in range(layers):
        for i in range(2):
            for j in range(3):
                if layer == layers - 1 and rng.uniform() < 0.4:
                    continue
                turn = rotation_z(float(rng.uniform(-0.02, 0.02)))
                at = ((i - 0.5) * 0.39, (j - 1) * 0.39, 0.145 + 0.15 + 0.3 * layer)
                boxes.append(moved(box((0.375, 0.375, 0.298)), pose(at, turn)))
    parts = [
        Part(name="pallet", mesh=plain_pallet(), material=timber()),
        Part(name="cartons", mesh=joined(boxes), material=board),
    ]
    return stuff(
        "pallet",
        f"work_cell.stores.{look}",
        parts,
        [block((0.8, 1.2, 0.15 + 0.3 * layers), (0, 0, 0.075 + 0.15 * layers))],
    )


def _drums(look: int) -> Body:
    """Steel drums on a spill tray."""
    rng = Key(look, 1, "work_cell.drums").generator()
    paints = ((0.02, 0.10, 0.35), (0.45, 0.03, 0.02), (0.04, 0.20, 0.08), (0.30, 0.31, 0.32))
    drum = drum_shell(36)
    parts = [Part(name="tray", mesh=bar((1.4, 0.8, 0.14), (0.0, 0.0, 0.07)), material=SAFETY_YELLOW)]
    for k in range(2):
        color = paints[int(rng.integers(len(paints)))]
        at = pose((-0.34 + 0.68 * k, float(rng.uniform(-0.05, 0.05)), 0.14))
        parts.append(
            Part(
                name=f"drum_{k}",
                mesh=moved(drum, at),
                material=Material(name=f"drum_{k}", base_color=color, roughness=0.35),
            )
        )
    return stuff("container", f"work_cell.drums.{look}", parts, [block((1.4, 0.8, 1.0), (0.0, 0.0, 0.5))])
