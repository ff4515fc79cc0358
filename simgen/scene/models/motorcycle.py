"""Motorcycles: a naked road machine, parked or with a rider in helmet and leathers."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer
from simgen.core.geometry import Array
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.beams import BELOW_LEVEL_RAD
from simgen.scene.body import Lamp
from simgen.scene.mesh import Material, Mesh
from simgen.scene.models.figure import Skeleton
from simgen.scene.models.pedestrian import CLOTH
from simgen.scene.models.rider import Seat, full_helmet
from simgen.scene.models.two_wheeler import FITTINGS, HELMETS, Machine, Ridden, TwoWheeler, paired, rod
from simgen.scene.models.vehicle import PAINTS, paint_parameter, plate_material
from simgen.scene.shapes import Shape, join

RADIUS_M = 0.31
FRONT, REAR = np.array([0.745, 0.0, RADIUS_M]), np.array([-0.705, 0.0, RADIUS_M])
_ANGLE = np.radians(64.5)
_AXIS = np.array([-np.cos(_ANGLE), 0.0, np.sin(_ANGLE)])
_AHEAD = np.array([np.sin(_ANGLE), 0.0, np.cos(_ANGLE)])
_FOOT = FRONT - 0.035 * _AHEAD
GRIPS = np.array([[0.225, 0.37, 1.045], [0.225, -0.37, 1.045]])
RESTS = np.array([[-0.20, 0.20, 0.35], [-0.20, -0.20, 0.35]])
_HEAD = np.array([0.565, 0.0, 0.90])
_TAIL = np.array([-0.86, 0.0, 0.80])
PAINT_SHARES = {"black": 0.32, "red": 0.2, "blue": 0.14, "white": 0.12, "grey": 0.1, "green": 0.06, "yellow": 0.06}


def _loft(rows: list[tuple[float, float, float, float]], count: int, exponent: float = 2.6) -> Shape:
    """A body along x of (x, half width, bottom, top)."""
    rim = shapes.ring(1.0, 1.0, count, exponent)
    sections = [
        np.column_stack([np.full(count, x), rim[:, 0] * w, 0.5 * (z0 + z1) + rim[:, 1] * 0.5 * (z1 - z0)])
        for x, w, z0, z1 in rows
    ]
    shape = shapes.loft(np.array(sections))
    v = shape.points_m[shape.faces]
    volume = np.einsum("ij,ij->i", v[:, 0], np.cross(v[:, 1], v[:, 2])).sum()
    return shape if volume > 0 else shape.turned_inside_out()


def _wheel(tyre_m: float, plain: bool) -> dict[str, Shape]:
    around, round_ = (14, 6) if plain else (24, 8)
    half = tyre_m / 2
    tall = 0.8 * half
    angle = 2 * np.pi * np.arange(round_ + 1) / round_
    profile = np.column_stack([RADIUS_M - tall + tall * np.cos(angle), half * np.sin(angle)])
    inner = RADIUS_M - 1.8 * tall
    rim = [(inner - 0.02, -0.7 * half), (inner + 0.01, -0.85 * half), (inner + 0.01, 0.85 * half)]
    rim += [(inner - 0.02, 0.7 * half), (inner - 0.02, -0.7 * half)]
    spokes = []
    for k in range(5):
        a = 2 * np.pi * k / 5
        tip = np.array([np.sin(a), 0.0, np.cos(a)]) * (inner - 0.015)
        spokes.append(shapes.tube([0.03 * tip / np.linalg.norm(tip), tip], [0.022, 0.014], count=5))
    hub = shapes.lathe([(0.0, -0.06), (0.045, -0.06), (0.045, 0.06), (0.0, 0.06)], count=10)
    disc = [(0.07, 0.062), (0.15, 0.062), (0.15, 0.067), (0.07, 0.067), (0.07, 0.062)]
    brake = shapes.lathe(disc, count=around).scaled(1.0, 1.0, 1.0)
    return {
        "tyre": shapes.lathe(profile, count=around),
        "engine": join([shapes.lathe(rim, count=around), hub, *spokes]),
        "chrome": brake,
    }


@kept
def _meshes(plain: bool) -> dict[tuple[str, str], Mesh]:
    n = 6 if plain else 10
    pile: dict[tuple[str, str], list[Shape]] = {}

    def add(group: str, made_of: str, *pieces: Shape) -> None:
        pile.setdefault((group, made_of), []).extend(Shape(s.points_m, s.faces) for s in pieces)

    # Tank, seat, tail.
    tank = [(-0.16, 0.09, 0.68, 0.80), (-0.10, 0.125, 0.67, 0.87), (0.06, 0.155, 0.67, 0.93), (0.22, 0.15, 0.69, 0.94)]
    tank += [(0.31, 0.11, 0.73, 0.91), (0.34, 0.06, 0.77, 0.87)]
    add("frame", "paint", _loft(tank, 8 if plain else 14))
    tail = [
        (-0.98, 0.03, 0.82, 0.86),
        (-0.92, 0.075, 0.77, 0.875),
        (-0.70, 0.11, 0.73, 0.865),
        (-0.42, 0.10, 0.69, 0.79),
    ]
    tail += [(-0.20, 0.08, 0.69, 0.76)]
    add("frame", "paint", _loft(tail, 8 if plain else 12))
    seat = [
        (-0.80, 0.09, 0.84, 0.89),
        (-0.62, 0.125, 0.80, 0.88),
        (-0.45, 0.13, 0.74, 0.81),
        (-0.25, 0.125, 0.73, 0.80),
    ]
    seat += [(-0.12, 0.085, 0.76, 0.83)]
    add("frame", "leather", _loft(seat, 8 if plain else 12))
    # Engine, frame and exhaust.
    block = [(-0.24, 0.15, 0.24, 0.48), (-0.10, 0.185, 0.20, 0.52), (0.10, 0.185, 0.20, 0.50), (0.20, 0.14, 0.24, 0.44)]
    add("frame", "engine", _loft(block, 8 if plain else 12, 4.0))
    for k in range(3 if plain else 6):
        add("frame", "engine", shapes.box((0.25, 0.30, 0.018), (0.10 + 0.012 * k, 0.0, 0.50 + 0.034 * k)))
    add("frame", "engine", shapes.box((0.2, 0.24, 0.2), (0.12, 0.0, 0.58)))
    for side in (1.0, -1.0):
        clutch = shapes.lathe([(0.1, 0.0), (0.1, 0.02), (0.0, 0.03)], count=12).shifted(-0.04, 0.175, 0.36)
        add("frame", "chrome", clutch if side > 0 else clutch.mirrored())
    add(
        "frame",
        "trim",
        paired(
            shapes.tube(
                [(0.30, 0.03, 0.84), (0.10, 0.13, 0.66), (-0.22, 0.14, 0.46), (-0.24, 0.11, 0.30)], 0.022, count=n
            )
        ),
    )
    add("frame", "trim", rod((0.31, 0.0, 0.82), (0.24, 0.0, 0.30), 0.022, n))
    add("frame", "trim", paired(rod((-0.20, 0.10, 0.66), (-0.78, 0.07, 0.80), 0.016, n)))
    add(
        "frame",
        "trim",
        paired(
            shapes.tube(
                [(-0.22, 0.13, 0.34), (-0.45, 0.135, 0.35), (REAR[0], 0.125, RADIUS_M)], [0.045, 0.035, 0.03], count=n
            )
        ),
    )
    add("frame", "chrome", rod((-0.40, 0.0, 0.44), (-0.32, 0.0, 0.70), 0.035, n))
    pipes = [(0.21, -0.08, 0.48), (0.30, -0.09, 0.36), (0.20, -0.12, 0.20), (-0.10, -0.16, 0.19), (-0.36, -0.19, 0.27)]
    add("frame", "chrome", shapes.tube(pipes, 0.027, count=n))
    add(
        "frame",
        "chrome",
        shapes.tube([(-0.34, -0.19, 0.265), (-0.42, -0.20, 0.30), (-0.86, -0.22, 0.44)], [0.03, 0.055, 0.055], count=n),
    )
    add("frame", "gaps", rod((-0.865, -0.22, 0.4415), (-0.85, -0.2195, 0.4367), 0.04, n))
    add("frame", "trim", paired(rod((-0.20, 0.12, 0.335), (-0.20, 0.27, 0.335), 0.014, 6)))
    guard = np.linspace(0.5, 2.4, 5 if plain else 8)
    add("frame", "trim", _arch(REAR, RADIUS_M + 0.03, 0.085, guard))
    add(
        "frame",
        "trim",
        rod((-0.90, 0.0, 0.76), (-1.03, 0.0, 0.52), 0.02, n),
        shapes.box((0.015, 0.20, 0.17), (-1.045, 0.0, 0.50)),
    )
    add("frame", "tail_lamp", shapes.rounded_box((0.03, 0.12, 0.05), 0.012, (_TAIL[0] - 0.115, 0.0, 0.845), count=8))
    add("frame", "brake_lamp", shapes.rounded_box((0.03, 0.12, 0.028), 0.01, (_TAIL[0] - 0.115, 0.0, 0.80), count=8))
    for name, side in (("indicator_left", 1.0), ("indicator_right", -1.0)):
        rear = shapes.ellipsoid((0.03, 0.045, 0.022), (-0.93, side * 0.17, 0.77), count=8)
        front = shapes.ellipsoid((0.03, 0.045, 0.022), (0.46, side * 0.20, 0.87), count=8)
        add("frame", name, rear)
        add("steer", name, front)
    add("frame", "trim", rod((-0.93, -0.14, 0.77), (-0.93, 0.14, 0.77), 0.009, 5))
    # Fork with all that turns.
    for y in (0.105, -0.105):
        top = _FOOT + 0.62 * _AXIS
        add(
            "steer",
            "chrome",
            rod(
                (float(FRONT[0]), y, RADIUS_M),
                (float(FRONT[0] - 0.37 * np.cos(_ANGLE)), y, float(RADIUS_M + 0.37 * np.sin(_ANGLE))),
                0.031,
                n,
            ),
        )
        add(
            "steer",
            "trim",
            rod(
                (float(FRONT[0] - 0.35 * np.cos(_ANGLE)), y, float(RADIUS_M + 0.35 * np.sin(_ANGLE))),
                (float(FRONT[0] - 0.66 * np.cos(_ANGLE)), y, float(RADIUS_M + 0.66 * np.sin(_ANGLE))),
                0.025,
                n,
            ),
        )
    top = FRONT + 0.64 * _AXIS
    low = FRONT + 0.47 * _AXIS
    for at in (top, low):
        add("steer", "engine", shapes.box((0.09, 0.26, 0.03), (float(at[0]) - 0.02, 0.0, float(at[2]))))
    add("steer", "trim", _arch(FRONT, RADIUS_M + 0.025, 0.068, np.linspace(0.45, 2.35, 5 if plain else 8)))
    bar = [(0.42, 0.0, 0.955), (0.40, 0.10, 0.985), (0.30, 0.24, 1.05), (0.19, 0.42, 1.04)]
    add("steer", "trim", paired(shapes.tube(bar, 0.012, count=n)))
    add("steer", "leather", paired(rod((0.265, 0.30, 1.045), (0.188, 0.43, 1.04), 0.018, n)))
    add("steer", "chrome", paired(rod((0.30, 0.28, 1.05), (0.265, 0.42, 1.03), 0.006, 4)))
    add("steer", "trim", paired(rod((0.30, 0.26, 1.05), (0.31, 0.33, 1.18), 0.006, 5)))
    add("steer", "trim", paired(shapes.ellipsoid((0.02, 0.075, 0.045), (0.31, 0.36, 1.20), count=10)))
    add("steer", "chrome", paired(shapes.ellipsoid((0.006, 0.064, 0.036), (0.293, 0.36, 1.20), count=10)))
    add("steer", "trim", shapes.ellipsoid((0.10, 0.105, 0.105), _HEAD - (0.075, 0, 0), count=12))
    add("steer", "head_lamp", shapes.ellipsoid((0.03, 0.088, 0.088), _HEAD, count=12))
    add("steer", "trim", shapes.rounded_box((0.05, 0.16, 0.10), 0.03, (0.43, 0.0, 1.01), count=10))
    for group, width in (("front", 0.12), ("rear", 0.17)):
        for made_of, shape in _wheel(width, plain).items():
            add(group, made_of, shape)
    return {key: join(group).smooth(0.7) for key, group in pile.items()}


def _arch(hub_m: Array, radius_m: float, half_m: float, angle: Array) -> Shape:
    """A mudguard with a rounded section, open below."""
    rows = []
    for share in (-1.0, -0.6, 0.0, 0.6, 1.0):
        r = radius_m - 0.05 * share**4
        rows.append(
            np.column_stack(
                [hub_m[0] + r * np.cos(angle), np.full(len(angle), -share * half_m), hub_m[2] + r * np.sin(angle)]
            )
        )
    skin = shapes.grid(np.array(rows))
    v = skin.points_m[skin.faces]
    out = np.einsum("ij,ij->i", np.cross(v[:, 1] - v[:, 0], v[:, 2] - v[:, 0]), v[:, 0] - hub_m).mean() > 0
    outside = skin if out else skin.turned_inside_out()
    away = outside.points_m - hub_m
    away[:, 1] = 0.0
    inside = Shape(
        outside.points_m - 0.004 * away / np.linalg.norm(away, axis=1, keepdims=True), outside.faces[:, ::-1]
    )
    return join([outside, inside])


def _machine(look: int, plain: bool) -> Machine:
    face = shapes.rectangle((-1.0535, 0.09, 0.425), (0.0, -0.18, 0.0), (0.0, 0.0, 0.15))
    plate = Shape(face.points_m, face.faces, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])).flat()
    return Machine(
        meshes={**_meshes(plain), ("frame", "plate"): plate},
        front_m=FRONT,
        rear_m=REAR,
        wheel_radius_m=RADIUS_M,
        steer_m=_FOOT,
        steer_axis=_AXIS,
        lock_rad=0.5,
        grips_m=GRIPS,
        rests_m=RESTS,
        feet_pitch_rad=(-0.12, -0.12),
    )


def _materials(paint: str, look: int) -> dict[str, Material]:
    color, roughness, metallic = PAINTS[paint]
    return {
        **FITTINGS,
        "paint": Material(name=f"paint_{paint}", base_color=color, roughness=roughness, metallic=metallic),
        "plate": plate_material(look),
    }


def _motorcycle_lamps(on: bool) -> tuple[Lamp, ...]:
    dip = np.radians(2.2)
    tail = (float(_TAIL[0]) - 0.11, 0.0, 0.82)
    return (
        Lamp(
            name="head",
            part="steer_head_lamp",
            position_m=(float(_HEAD[0]), 0.0, float(_HEAD[2])),
            direction=(float(np.cos(dip)), 0.0, float(-np.sin(dip))),
            intensity_cd=16_000.0,
            color=(1.03, 1.0, 0.92),
            inner_rad=0.03,
            outer_rad=0.67,
            edge_rad=dip - BELOW_LEVEL_RAD,
            on=on,
        ),
        *(
            Lamp(
                name=name,
                part="frame_tail_lamp",
                position_m=tail,
                direction=(-1.0, 0.0, 0.0),
                intensity_cd=intensity,
                color=(4.0, 0.2, 0.1),
                inner_rad=0.7,
                outer_rad=1.4,
                on=on and name == "tail",
            )
            for name, intensity in (("tail", 10.0), ("brake", 100.0))
        ),
        *(
            Lamp(
                name=f"indicator_{side}",
                part="frame_tail_lamp",
                position_m=(-0.93, sign * 0.17, 0.77),
                direction=(0.0, sign, 0.0),
                intensity_cd=60.0,
                color=(2.30, 0.71, 0.05),
                on=False,
            )
            for side, sign in (("left", 1.0), ("right", -1.0))
        ),
    )


@models.register("motorcycle.parked")
class ParkedMotorcycle(TwoWheeler):
    """A motorcycle without its rider, as parked."""

    semantic: ClassVar[str] = "motorcycle"
    machine_mass_kg: ClassVar[float] = 205.0
    ridden: ClassVar[bool] = False
    paint: str = paint_parameter("blue", PAINT_SHARES)
    look: int = integer(low=0, high=9999, default=1, help="seed of the number plate", vary={"integer": [1, 9999]})

    def machine(self) -> Machine:
        bare = _machine(self.look, self.detail == "plain")
        stand = rod((-0.16, 0.12, 0.26), (-0.22, 0.30, 0.012), 0.012, 6).smooth(0.8)
        return replace(bare, meshes={**bare.meshes, ("frame", "stand"): stand})

    def materials(self) -> dict[str, Material]:
        return {**_materials(self.paint, self.look), "stand": FITTINGS["trim"]}

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return _motorcycle_lamps(False)


_LEATHERS = {"black": 0.5, "charcoal": 0.16, "red": 0.08, "blue": 0.08, "yellow": 0.06, "white": 0.06, "brown": 0.06}


@models.register("motorcycle")
class Motorcycle(Ridden):
    """A motorcycle with its rider."""

    semantic: ClassVar[str] = "motorcycle"
    machine_mass_kg: ClassVar[float] = 205.0
    paint: str = paint_parameter("red", PAINT_SHARES)
    lights: str = choice("on", "off", default="on", help="whether its lamps may burn")
    look: int = integer(low=0, high=9999, default=1, help="seed of the number plate", vary={"integer": [1, 9999]})
    top: str = choice(*CLOTH, default="black", help="colour of the jacket", vary={"choice": dict(_LEATHERS)})
    helmet: str = choice(
        *HELMETS,
        default="white",
        help="colour of the helmet",
        vary={"choice": {"white": 0.25, "black": 0.4, "red": 0.12, "blue": 0.08, "yellow": 0.05, "grey": 0.1}},
    )

    def machine(self) -> Machine:
        return _machine(self.look, self.detail == "plain")

    def materials(self) -> dict[str, Material]:
        return _materials(self.paint, self.look)

    def seat(self, skeleton: Skeleton, machine: Machine) -> Seat:
        return Seat(
            hip_m=np.array([-0.34, 0.0, 0.79 + 0.052 * skeleton.stature_m]),
            pelvis_pitch_rad=0.15,
            torso_pitch_rad=0.30,
            gaze_pitch_rad=0.08,
            knees=0.28,
        )

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return _motorcycle_lamps(self.lights == "on")

    def rider_pieces(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        gloves = Material(name="gloves", base_color=(0.02, 0.02, 0.022), roughness=0.7)
        pieces = super().rider_pieces(skeleton)
        return [(s, gloves if s.endswith("hand") else material, mesh) for s, material, mesh in pieces]

    def headgear(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        shell, visor = full_helmet(skeleton)
        color = Material(name="helmet", base_color=HELMETS[self.helmet], roughness=0.2)
        dark = Material(name="visor", base_color=(0.012, 0.012, 0.014), roughness=0.06)
        return [("head", color, shell.smooth(0.9)), ("head", dark, visor.smooth(0.9))]
