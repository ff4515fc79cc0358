"""Electric kick scooters, lying about parked or with someone standing on the deck."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.beams import BELOW_LEVEL_RAD
from simgen.scene.body import Lamp
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.models.figure import Skeleton
from simgen.scene.models.rider import Seat, cycle_helmet
from simgen.scene.models.two_wheeler import FITTINGS, HELMETS, Machine, Ridden, TwoWheeler, paired, rod
from simgen.scene.shapes import Shape, join

ACCENTS: dict[str, Rgb] = {
    "black": (0.02, 0.02, 0.022),
    "green": (0.10, 0.55, 0.08),
    "orange": (0.75, 0.18, 0.01),
    "white": (0.72, 0.72, 0.70),
    "teal": (0.01, 0.35, 0.33),
}
_SHARES = {"black": 0.3, "green": 0.25, "orange": 0.15, "white": 0.1, "teal": 0.2}
RADIUS_M = 0.115
FRONT, REAR = np.array([0.47, 0.0, RADIUS_M]), np.array([-0.45, 0.0, RADIUS_M])
_ANGLE = np.radians(77.0)
_AXIS = np.array([-np.cos(_ANGLE), 0.0, np.sin(_ANGLE)])
_BAR = FRONT + 1.02 * _AXIS
GRIPS = np.array([[_BAR[0] - 0.01, 0.20, _BAR[2] + 0.01], [_BAR[0] - 0.01, -0.20, _BAR[2] + 0.01]])
_DECK_M = 0.17


@kept
def _meshes(plain: bool) -> dict[tuple[str, str], Mesh]:
    n = 6 if plain else 10
    pile: dict[tuple[str, str], list[Shape]] = {}

    def add(group: str, made_of: str, *pieces: Shape) -> None:
        pile.setdefault((group, made_of), []).extend(Shape(s.points_m, s.faces) for s in pieces)

    neck = FRONT + 0.30 * _AXIS
    add("frame", "trim", shapes.rounded_box((0.58, 0.17, 0.075), 0.025, (-0.03, 0.0, _DECK_M - 0.04), count=16))
    add("frame", "gaps", shapes.box((0.5, 0.14, 0.006), (-0.04, 0.0, _DECK_M - 0.002)))
    add(
        "frame",
        "paint",
        shapes.tube(
            [(0.22, 0.0, _DECK_M - 0.035), (0.32, 0.0, 0.22), (float(neck[0]) - 0.02, 0.0, float(neck[2]))],
            0.034,
            count=n,
        ),
    )
    add("frame", "trim", paired(rod((-0.28, 0.055, _DECK_M - 0.04), (float(REAR[0]), 0.055, RADIUS_M), 0.02, n)))
    angle = np.linspace(0.6, 2.7, 5 if plain else 8)
    for group, hub in (("frame", REAR), ("steer", FRONT)):
        rows = [
            np.column_stack([hub[0] + 0.135 * np.cos(angle), np.full(len(angle), y), hub[2] + 0.135 * np.sin(angle)])
            for y in (-0.035, 0.035)
        ]
        skin = shapes.grid(np.array(rows[::-1]))
        under = skin.turned_inside_out().shifted(z_m=-0.003)
        add(group, "paint", skin, under)
    add(
        "frame",
        "tail_lamp",
        shapes.rounded_box((0.02, 0.05, 0.03), 0.008, (float(REAR[0]) - 0.125, 0.0, 0.21), count=8),
    )
    add(
        "steer",
        "trim",
        rod((float(neck[0]), 0.0, float(neck[2]) - 0.04), (float(_BAR[0]), 0.0, float(_BAR[2])), 0.022, n),
    )
    crown = FRONT + 0.2 * _AXIS
    add(
        "steer",
        "paint",
        paired(
            shapes.tube(
                [
                    (float(crown[0]), 0.02, float(crown[2]) + 0.05),
                    (float(crown[0]), 0.045, float(crown[2]) - 0.05),
                    (float(FRONT[0]), 0.05, RADIUS_M),
                ],
                0.016,
                count=n,
            )
        ),
    )
    add("steer", "trim", rod((float(_BAR[0]), -0.25, float(_BAR[2])), (float(_BAR[0]), 0.25, float(_BAR[2])), 0.013, n))
    add(
        "steer",
        "leather",
        paired(rod((float(_BAR[0]), 0.14, float(_BAR[2])), (float(_BAR[0]), 0.252, float(_BAR[2])), 0.018, n)),
    )
    add(
        "steer",
        "chrome",
        paired(
            rod(
                (float(_BAR[0]) + 0.05, 0.11, float(_BAR[2]) - 0.01),
                (float(_BAR[0]) + 0.045, 0.19, float(_BAR[2]) - 0.02),
                0.005,
                4,
            )
        ),
    )
    add(
        "steer",
        "trim",
        shapes.rounded_box((0.07, 0.09, 0.05), 0.02, (float(_BAR[0]) + 0.02, 0.0, float(_BAR[2]) + 0.01), count=10),
    )
    add(
        "steer",
        "head_lamp",
        shapes.ellipsoid((0.014, 0.022, 0.022), (float(_BAR[0]) + 0.055, 0.0, float(_BAR[2]) - 0.035), count=8),
    )
    for group in ("front", "rear"):
        around = 12 if plain else 20
        ring = 2 * np.pi * np.arange(8) / 7
        tyre = shapes.lathe(
            np.column_stack([RADIUS_M - 0.024 + 0.024 * np.cos(ring), 0.025 * np.sin(ring)]), count=around
        )
        rim = shapes.lathe(
            [(0.0, -0.022), (0.072, -0.022), (0.072, 0.022), (0.05, 0.012), (0.02, 0.03), (0.0, 0.03)], count=around
        )
        add(group, "tyre", tyre)
        add(group, "alloy", rim)
    return {key: join(group).smooth(0.7) for key, group in pile.items()}


def _machine(plain: bool) -> Machine:
    return Machine(
        meshes=_meshes(plain),
        front_m=FRONT,
        rear_m=REAR,
        wheel_radius_m=RADIUS_M,
        steer_m=FRONT,
        steer_axis=_AXIS,
        grips_m=GRIPS,
        rests_m=np.array([[0.155, 0.035, _DECK_M + 0.003], [-0.13, -0.035, _DECK_M + 0.003]]),
        feet_pitch_rad=(0.0, 0.0),
    )


def _scooter_lamps(on: bool) -> tuple[Lamp, ...]:
    dip = np.radians(4.0)
    return (
        Lamp(
            name="head",
            part="steer_head_lamp",
            position_m=(float(_BAR[0]) + 0.055, 0.0, float(_BAR[2]) - 0.035),
            direction=(float(np.cos(dip)), 0.0, float(-np.sin(dip))),
            intensity_cd=1200.0,
            color=(1.02, 1.0, 0.95),
            inner_rad=0.05,
            outer_rad=0.58,
            edge_rad=dip - BELOW_LEVEL_RAD,
            on=on,
        ),
        Lamp(
            name="tail",
            part="frame_tail_lamp",
            position_m=(float(REAR[0]) - 0.125, 0.0, 0.21),
            direction=(-1.0, 0.0, 0.0),
            intensity_cd=5.0,
            color=(4.0, 0.2, 0.1),
            inner_rad=0.8,
            outer_rad=1.5,
            on=on,
        ),
    )


def _paint(accent: str) -> Material:
    return Material(name=f"paint_{accent}", base_color=ACCENTS[accent], roughness=0.4)


@models.register("scooter.parked")
class ParkedScooter(TwoWheeler):
    """An electric kick scooter on its stand."""

    semantic: ClassVar[str] = "bicycle"
    machine_mass_kg: ClassVar[float] = 19.0
    ridden: ClassVar[bool] = False
    paint: str = choice(*ACCENTS, default="green", help="accent colour", vary={"choice": dict(_SHARES)})

    def machine(self) -> Machine:
        return _machine(self.detail == "plain")

    def materials(self) -> dict[str, Material]:
        return {**FITTINGS, "paint": _paint(self.paint)}

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return _scooter_lamps(False)


@models.register("scooter")
class ScooterRider(Ridden):
    """Someone on an electric kick scooter."""

    semantic: ClassVar[str] = "scooter_rider"
    machine_mass_kg: ClassVar[float] = 19.0
    paint: str = choice(*ACCENTS, default="green", help="accent colour", vary={"choice": dict(_SHARES)})
    lights: str = choice(
        "on", "off", default="on", help="whether its lamps may burn", vary={"choice": {"on": 0.85, "off": 0.15}}
    )
    helmet: str = choice(
        "none",
        *HELMETS,
        default="none",
        help="colour of the helmet",
        vary={"choice": {"none": 0.75, "white": 0.08, "black": 0.1, "grey": 0.07}},
    )

    def machine(self) -> Machine:
        return _machine(self.detail == "plain")

    def materials(self) -> dict[str, Material]:
        return {**FITTINGS, "paint": _paint(self.paint)}

    def seat(self, skeleton: Skeleton, machine: Machine) -> Seat:
        legs = skeleton.legs
        return Seat(
            hip_m=np.array([-0.02, 0.0, _DECK_M + legs.ankle_m + 0.955 * legs.reach_m]),
            pelvis_pitch_rad=0.06,
            torso_pitch_rad=0.10,
            gaze_pitch_rad=0.06,
            knees=0.25,
            elbows=(-0.7, 0.35, -0.6),
        )

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return _scooter_lamps(self.lights == "on")

    def headgear(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        if self.helmet == "none":
            return []
        shell, vents = cycle_helmet(skeleton)
        color = Material(name="helmet", base_color=HELMETS[self.helmet], roughness=0.35)
        dark = Material(name="helmet_vents", base_color=(0.02, 0.02, 0.02), roughness=0.7)
        return [("head", color, shell.smooth(0.7)), ("head", dark, vents.smooth(0.9))]
