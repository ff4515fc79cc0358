"""Bicycles: a frame of tubes, spoked wheels, cranks and pedals, alone or with someone who rides."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice
from simgen.core.geometry import Array
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.beams import BELOW_LEVEL_RAD
from simgen.scene.body import Lamp
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.models.figure import Skeleton
from simgen.scene.models.rider import Seat, cycle_helmet, saddle_height
from simgen.scene.models.two_wheeler import (
    FITTINGS,
    HELMETS,
    Machine,
    Pieces,
    Ridden,
    Riding,
    TwoWheeler,
    paired,
    rod,
    wheel_of_spokes,
)
from simgen.scene.shapes import Shape, join

COLORS: dict[str, Rgb] = {
    "black": (0.015, 0.015, 0.017),
    "silver": (0.42, 0.43, 0.44),
    "blue": (0.02, 0.08, 0.30),
    "red": (0.42, 0.02, 0.02),
    "green": (0.02, 0.13, 0.06),
    "white": (0.72, 0.72, 0.70),
    "orange": (0.60, 0.14, 0.01),
}
_SHARES = {"black": 0.36, "silver": 0.16, "blue": 0.14, "red": 0.11, "green": 0.08, "white": 0.1, "orange": 0.05}

RADIUS_M, TYRE_M = 0.345, 0.037
REAR = np.array([-0.535, 0.0, RADIUS_M])
FRONT = np.array([0.535, 0.0, RADIUS_M])
BRACKET = np.array([-0.095, 0.0, 0.285])
CRANK_M, PEDAL_M, GEAR = 0.17, 0.145, 2.1
HEAD_ANGLE, SEAT_ANGLE = np.radians(71.0), np.radians(72.5)
_AXIS = np.array([-np.cos(HEAD_ANGLE), 0.0, np.sin(HEAD_ANGLE)])
_AHEAD = np.array([np.sin(HEAD_ANGLE), 0.0, np.cos(HEAD_ANGLE)])
_FOOT = FRONT - 0.05 * _AHEAD
"""Point of the steering axis beside the front hub."""
_HEAD_LOW, _HEAD_HIGH = _FOOT + 0.405 * _AXIS, _FOOT + 0.56 * _AXIS
GRIPS = np.array([[0.19, 0.285, 1.035], [0.19, -0.285, 1.035]])
_SEAT_WAY = np.array([-np.cos(SEAT_ANGLE), 0.0, np.sin(SEAT_ANGLE)])
SADDLE_TO_HIP = np.array([0.02, 0.0, 0.085])
_PARKED_SADDLE = 0.70


def _p(v: Array, dy: float = 0.0) -> tuple[float, float, float]:
    return float(v[0]), float(v[1]) + dy, float(v[2])


@kept
def _meshes(saddle_m: float, low: bool, plain: bool) -> dict[tuple[str, str], Mesh]:
    """As ``Machine.meshes``; ``saddle_m`` is the distance from the bottom bracket to the saddle's top along the seat
    tube, ``low`` a frame with a low step."""
    n = 5 if plain else 8
    pile: dict[tuple[str, str], list[Shape]] = {}

    def add(group: str, made_of: str, *pieces: Shape) -> None:
        pile.setdefault((group, made_of), []).extend(Shape(s.points_m, s.faces) for s in pieces)

    seat_top = BRACKET + 0.54 * _SEAT_WAY
    saddle = BRACKET + saddle_m * _SEAT_WAY
    tubes = [
        rod(_p(BRACKET), _p(seat_top), 0.0165, n),
        rod(_p(_HEAD_LOW - 0.005 * _AXIS), _p(_HEAD_HIGH), 0.021, n),
        rod(_p(BRACKET), _p(_HEAD_LOW + 0.03 * _AXIS), 0.0185, n),
    ]
    if low:
        middle = BRACKET + 0.22 * _SEAT_WAY
        tubes.append(shapes.tube([_p(middle), (0.10, 0.0, 0.50), _p(_HEAD_HIGH - 0.05 * _AXIS)], 0.016, count=n))
    else:
        tubes.append(rod(_p(seat_top - 0.02 * _SEAT_WAY), _p(_HEAD_HIGH - 0.03 * _AXIS), 0.015, n))
    for dy in (0.062, -0.062):
        stay = shapes.tube([_p(BRACKET, 0.4 * dy), _p(0.5 * (BRACKET + REAR), dy), _p(REAR, dy)], 0.010, count=n)
        tubes += [stay, rod(_p(seat_top, 0.25 * dy), _p(REAR, dy), 0.008, n)]
    tubes.append(
        shapes.lathe([(0.0, -0.036), (0.024, -0.036), (0.024, 0.036), (0.0, 0.036)], count=10).shifted(*BRACKET)
    )
    add("frame", "paint", *tubes)
    add("frame", "alloy", rod(_p(seat_top - 0.05 * _SEAT_WAY), _p(saddle - 0.03 * _SEAT_WAY), 0.0135, n))
    along = np.array([-0.14, -0.11, -0.05, 0.03, 0.10, 0.135])
    wide = np.array([0.055, 0.082, 0.075, 0.042, 0.023, 0.012])
    rim = shapes.ring(1.0, 1.0, 8 if plain else 12, 2.6)
    sections = [
        np.column_stack([np.full(len(rim), x), rim[:, 0] * w, -0.028 + rim[:, 1] * 0.028 + 0.012 * (x < -0.08)])
        for x, w in zip(along, wide, strict=True)
    ]
    add("frame", "leather", shapes.loft(np.array(sections)).shifted(*saddle))
    # Mudguards, rack, stand and rear lamp.
    for hub, sweep, group in ((REAR, (-0.1, 2.9), "frame"), (FRONT, (0.6, 2.75), "steer")):
        angle = np.linspace(*sweep, 5 if plain else 9)
        radius = RADIUS_M + 0.022
        rows = [
            np.column_stack([hub[0] + radius * np.cos(angle), np.full(len(angle), y), hub[2] + radius * np.sin(angle)])
            for y in (0.026, -0.026)
        ]
        out, back = shapes.grid(np.array(rows)), shapes.grid(np.array(rows) * 1.0).turned_inside_out()
        add(group, "trim", out if _faces_out(out, hub) else back, _shrunk(back if _faces_out(out, hub) else out, hub))
    deck = REAR + np.array([0.02, 0.0, RADIUS_M + 0.06])
    add(
        "frame",
        "trim",
        *(rod(_p(deck + (-0.2, 0, 0), dy), _p(deck + (0.22, 0, 0), dy), 0.006, 5) for dy in (0.05, -0.05)),
    )
    add("frame", "trim", *(rod(_p(deck + (0.0, 0, 0), dy), _p(REAR, 1.3 * dy), 0.005, 5) for dy in (0.05, -0.05)))
    add(
        "frame",
        "trim",
        *(rod(_p(deck + (x, 0, 0), 0.05), _p(deck + (x, 0, 0), -0.05), 0.005, 5) for x in (-0.2, 0.0, 0.2)),
    )
    lamp = deck + np.array([-0.215, 0.0, 0.0])
    add("frame", "tail_lamp", shapes.rounded_box((0.03, 0.08, 0.04), 0.01, lamp, count=8))
    add("frame", "reflectors", _quad(lamp - (0.017, -0.03, 0.05), (0, -0.06, 0), (0, 0, 0.03)))
    # Fork, stem, bars with grips, head lamp.
    crown = _HEAD_LOW - 0.02 * _AXIS
    for dy in (0.052, -0.052):
        add(
            "steer",
            "paint",
            shapes.tube([_p(crown, 0.6 * dy), _p(crown - 0.06 * _AXIS, dy), _p(FRONT, dy)], 0.012, count=n),
        )
    add("steer", "paint", rod(_p(crown, -0.04), _p(crown, 0.04), 0.016, n))
    stem = _HEAD_HIGH + 0.15 * _AXIS
    bar = stem + np.array([0.06, 0.0, 0.02])
    add("steer", "alloy", rod(_p(_HEAD_HIGH), _p(stem), 0.0125, n), rod(_p(stem), _p(bar), 0.014, n))
    path = [
        (GRIPS[0][0] - 0.055, 0.30, GRIPS[0][2] - 0.01),
        _p(GRIPS[0]),
        (float(bar[0]) - 0.035, 0.15, float(bar[2]) + 0.02),
    ]
    add("steer", "alloy", paired(shapes.tube([_p(bar), *path[::-1]], 0.011, count=n)))
    add(
        "steer",
        "leather",
        paired(
            rod(
                (GRIPS[0][0] - 0.058, 0.303, GRIPS[0][2] - 0.01),
                (GRIPS[0][0] + 0.04, 0.262, GRIPS[0][2] + 0.003),
                0.016,
                n,
            )
        ),
    )
    add(
        "steer",
        "trim",
        paired(
            rod(
                (GRIPS[0][0] + 0.09, 0.21, GRIPS[0][2] - 0.01),
                (GRIPS[0][0] + 0.035, 0.30, GRIPS[0][2] - 0.03),
                0.005,
                4,
            )
        ),
    )
    light = crown + np.array([0.075, 0.0, 0.09])
    add("steer", "trim", shapes.rounded_box((0.07, 0.06, 0.06), 0.02, light, count=10))
    add("steer", "trim", rod(_p(crown + (0, 0, 0.01)), _p(light - (0.02, 0, 0.02)), 0.008, 5))
    add("steer", "head_lamp", shapes.ellipsoid((0.014, 0.026, 0.026), light + (0.036, 0, 0), count=8))
    # Wheels.
    for group in ("front", "rear"):
        wheel = wheel_of_spokes(RADIUS_M, TYRE_M, spokes=12 if plain else 24, plain=plain)
        for made_of, shape in wheel.items():
            add(group, made_of, shape)
        add(
            group,
            "reflectors",
            _quad((-0.03, 0.012, 0.2), (0.06, 0, 0), (0, 0, 0.025)),
            _quad((0.03, -0.012, 0.2), (-0.06, 0, 0), (0, 0, 0.025)),
        )
    ring = shapes.lathe([(0.0, 0.0), (0.095, 0.0), (0.095, 0.006), (0.0, 0.006)], count=12 if plain else 20)
    add("crank", "alloy", ring.shifted(y_m=-0.052))
    sprocket = shapes.lathe([(0.0, 0.0), (0.045, 0.0), (0.045, 0.02), (0.0, 0.02)], count=10)
    add("rear", "alloy", sprocket.shifted(y_m=-0.058))
    for side, sign in ((0, 1.0), (1, -1.0)):
        inner, outer = sign * 0.062, sign * (PEDAL_M - 0.055)
        tip = (0.0, outer, CRANK_M if side == 0 else -CRANK_M)
        add("crank", "alloy", shapes.tube([(0.0, inner, 0.0), tip], 0.011, count=n))
        name = "pedal_left" if side == 0 else "pedal_right"
        add(name, "trim", shapes.box((0.095, 0.095, 0.022)))
        add(name, "alloy", rod((0.0, 0.0, 0.0), (0.0, -sign * 0.06, 0.0), 0.006, 5))
        add(
            name,
            "reflectors",
            _quad((0.0485, -0.04, -0.008), (0, 0.08, 0), (0, 0, 0.016)),
            _quad((-0.0485, 0.04, -0.008), (0, -0.08, 0), (0, 0, 0.016)),
        )
    for dz0, dz1 in ((0.094, 0.044), (-0.094, -0.044)):
        add("frame", "gaps", rod(_p(BRACKET + (0, 0, dz0), -0.05), _p(REAR + (0, 0, dz1), -0.05), 0.004, 4))
    return {key: join(group).smooth(0.8) for key, group in pile.items()}


def _quad(
    corner_m: Array | tuple[float, float, float], across: tuple[float, float, float], up: tuple[float, float, float]
) -> Shape:
    x, y, z = (float(v) for v in corner_m)
    face = shapes.rectangle((x, y, z), across, up)
    return Shape(face.points_m, face.faces)


def _faces_out(shape: Shape, hub_m: Array) -> bool:
    a, b, c = (shape.points_m[shape.faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    return bool(np.einsum("ij,ij->i", normal, a - hub_m).mean() > 0)


def _shrunk(shape: Shape, hub_m: Array) -> Shape:
    """A millimetre closer to the hub, as the inside of a thin sheet."""
    away = shape.points_m - hub_m
    away[:, 1] = 0.0
    return Shape(shape.points_m - 0.0015 * away / np.linalg.norm(away, axis=1, keepdims=True), shape.faces)


def _machine(saddle_m: float, low: bool, plain: bool) -> Machine:
    return Machine(
        meshes=_meshes(round(saddle_m, 4), low, plain),
        front_m=FRONT,
        rear_m=REAR,
        wheel_radius_m=RADIUS_M,
        steer_m=_FOOT,
        steer_axis=_AXIS,
        crank_m=BRACKET,
        crank_length_m=CRANK_M,
        pedal_m=PEDAL_M,
        gear=GEAR,
        grips_m=GRIPS,
    )


def _bicycle_lamps(on: bool) -> tuple[Lamp, ...]:
    light = _HEAD_LOW - 0.02 * _AXIS + np.array([0.111, 0.0, 0.09])
    rear = REAR + np.array([-0.195, 0.0, RADIUS_M + 0.06])
    dip = np.radians(3.5)
    return (
        Lamp(
            name="head",
            part="steer_head_lamp",
            position_m=_p(light),
            direction=(float(np.cos(dip)), 0.0, float(-np.sin(dip))),
            intensity_cd=2500.0,
            color=(1.02, 1.0, 0.95),
            inner_rad=0.05,
            outer_rad=0.5,
            edge_rad=dip - BELOW_LEVEL_RAD,
            on=on,
        ),
        Lamp(
            name="tail",
            part="frame_tail_lamp",
            position_m=_p(rear),
            direction=(-1.0, 0.0, 0.0),
            intensity_cd=6.0,
            color=(4.0, 0.2, 0.1),
            inner_rad=0.8,
            outer_rad=1.5,
            on=on,
        ),
    )


@models.register("bicycle")
class Bicycle(TwoWheeler):
    """A bicycle that stands by itself, as parked."""

    semantic: ClassVar[str] = "bicycle"
    ridden: ClassVar[bool] = False
    paint: str = choice(*COLORS, default="black", help="colour of the frame", vary={"choice": dict(_SHARES)})
    frame: str = choice(
        "high",
        "low",
        default="high",
        help="a straight top tube or a low step",
        vary={"choice": {"high": 0.6, "low": 0.4}},
    )

    def machine(self) -> Machine:
        bare = _machine(_PARKED_SADDLE, self.frame == "low", self.detail == "plain")
        stand = rod((-0.17, 0.05, 0.30), (-0.25, 0.20, 0.009), 0.009, 6).smooth(0.8)
        return replace(bare, meshes={**bare.meshes, ("frame", "alloy_stand"): stand})

    def materials(self) -> dict[str, Material]:
        paint = Material(name=f"paint_{self.paint}", base_color=COLORS[self.paint], roughness=0.3)
        return {**FITTINGS, "alloy_stand": FITTINGS["alloy"], "paint": paint}

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return _bicycle_lamps(False)


@models.register("cyclist")
class Cyclist(Ridden):
    """Someone on a bicycle, who pedals."""

    semantic: ClassVar[str] = "cyclist"
    paint: str = choice(*COLORS, default="red", help="colour of the frame", vary={"choice": dict(_SHARES)})
    frame: str = choice(
        "high",
        "low",
        default="high",
        help="a straight top tube or a low step",
        vary={"choice": {"high": 0.6, "low": 0.4}},
    )
    lights: str = choice(
        "on", "off", default="on", help="whether its lamps may burn", vary={"choice": {"on": 0.75, "off": 0.25}}
    )

    def _hip(self, skeleton: Skeleton) -> Array:
        """Where the hips are once the saddle is set for the legs, on the line of the seat tube."""
        bare = Riding(_machine(_PARKED_SADDLE, True, True), (), skeleton, None, Pieces((), ()))
        ankles = np.vstack([bare.feet(float(c))[:, :3, 3] for c in np.linspace(0, 2 * np.pi, 36, endpoint=False)])
        hip = BRACKET + 0.7 * _SEAT_WAY + SADDLE_TO_HIP
        for _ in range(6):
            high = saddle_height(skeleton, ankles, float(hip[0]))
            hip = BRACKET + (high - SADDLE_TO_HIP[2] - BRACKET[2]) / _SEAT_WAY[2] * _SEAT_WAY + SADDLE_TO_HIP
        return np.asarray(hip)

    def machine(self) -> Machine:
        skeleton = self.rider_skeleton()
        assert skeleton is not None
        saddle = float(np.linalg.norm(self._hip(skeleton) - SADDLE_TO_HIP - BRACKET))
        return _machine(saddle, self.frame == "low", self.detail == "plain")

    def seat(self, skeleton: Skeleton, machine: Machine) -> Seat:
        return Seat(hip_m=self._hip(skeleton), pelvis_pitch_rad=0.28, torso_pitch_rad=0.42, knees=0.02)

    def materials(self) -> dict[str, Material]:
        return {**FITTINGS, "paint": Material(name=f"paint_{self.paint}", base_color=COLORS[self.paint], roughness=0.3)}

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return _bicycle_lamps(self.lights == "on")

    def headgear(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        if self.helmet == "none":
            return []
        shell, vents = cycle_helmet(skeleton)
        color = Material(name="helmet", base_color=HELMETS[self.helmet], roughness=0.35)
        dark = Material(name="helmet_vents", base_color=(0.02, 0.02, 0.02), roughness=0.7)
        return [("head", color, shell.smooth(0.7)), ("head", dark, vents.smooth(0.9))]
