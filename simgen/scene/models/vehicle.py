"""What all vehicles share: paint, lamps, plates, turning and steering wheels, mounts, keypoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from simgen.core.declare import choice, integer
from simgen.core.geometry import Array, pose, rotation_y, rotation_z
from simgen.scene import textures
from simgen.scene.beams import BELOW_LEVEL_RAD
from simgen.scene.body import Asset, Body, CollisionShape, Deck, Lamp, Mount, Part, VehicleGeometry
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.coachwork import Coachwork, Profile, coachwork, wheel
from simgen.scene.models.doorways import doorways

VERSION = 3

PAINTS: dict[str, tuple[Rgb, float, float]] = {
    "white": ((0.78, 0.78, 0.76), 0.25, 0.0),
    "black": ((0.012, 0.012, 0.014), 0.22, 0.0),
    "grey": ((0.11, 0.115, 0.12), 0.3, 0.35),
    "silver": ((0.48, 0.49, 0.5), 0.32, 0.45),
    "blue": ((0.022, 0.065, 0.24), 0.26, 0.15),
    "red": ((0.40, 0.022, 0.02), 0.25, 0.05),
    "green": ((0.03, 0.10, 0.055), 0.28, 0.15),
    "beige": ((0.42, 0.37, 0.28), 0.32, 0.25),
    "yellow": ((0.72, 0.42, 0.02), 0.28, 0.0),
}
"""Linear base colour, roughness, metallic."""

USUAL_PAINTS = {
    "grey": 0.27,
    "white": 0.24,
    "black": 0.21,
    "blue": 0.11,
    "silver": 0.07,
    "red": 0.06,
    "green": 0.025,
    "beige": 0.015,
}
"""Shares of new cars in Europe, after the paint makers' yearly reports."""


def paint_parameter(default: str, weights: Mapping[str, float]) -> Any:
    return choice(*PAINTS, default=default, help="colour of the paint", vary={"choice": dict(weights)})


GLASS = Material(name="glass", base_color=(0.018, 0.021, 0.022), roughness=0.05)
RUBBER = Material(name="rubber", base_color=(0.018, 0.018, 0.019), roughness=0.9)
_TRIM = Material(name="trim", base_color=(0.022, 0.022, 0.024), roughness=0.6)
_GAP = Material(name="gap", base_color=(0.006, 0.006, 0.006), roughness=1.0)
_UNDER = Material(name="underside", base_color=(0.014, 0.014, 0.014), roughness=0.95)
_CHROME = Material(name="chrome", base_color=(0.55, 0.56, 0.57), roughness=0.25, metallic=0.8)
RIM = Material(name="rim", base_color=(0.42, 0.43, 0.44), roughness=0.35, metallic=0.6)
_HOUSING = Material(name="lamp_housing", base_color=(0.16, 0.165, 0.17), roughness=0.12, metallic=0.2)


def lens(lamp: str, color: Rgb, emission_cd_m2: Rgb) -> Material:
    return Material(name=lamp, base_color=color, roughness=0.15, emission_cd_m2=emission_cd_m2, lamp=lamp)


MATERIALS: dict[str, Material] = {
    "glass": GLASS,
    "trim": _TRIM,
    "gaps": _GAP,
    "under": _UNDER,
    "chrome": _CHROME,
    "head_housings": _HOUSING,
    "head_lamp_left": lens("head_left", (0.75, 0.76, 0.78), (15_400.0, 15_000.0, 13_800.0)),
    "head_lamp_right": lens("head_right", (0.75, 0.76, 0.78), (15_400.0, 15_000.0, 13_800.0)),
    "tail_lamps": lens("tail", (0.38, 0.008, 0.008), (900.0, 18.0, 9.0)),
    "brake_lamps": lens("brake", (0.44, 0.012, 0.012), (9000.0, 180.0, 90.0)),
    "indicator_left": lens("indicator_left", (0.55, 0.20, 0.015), (9000.0, 3200.0, 60.0)),
    "indicator_right": lens("indicator_right", (0.55, 0.20, 0.015), (9000.0, 3200.0, 60.0)),
    "beacon_left": lens("beacon_left", (0.01, 0.03, 0.30), (600.0, 2600.0, 30_000.0)),
    "beacon_right": lens("beacon_right", (0.01, 0.03, 0.30), (600.0, 2600.0, 30_000.0)),
}
_RED: Rgb = (4.0, 0.2, 0.1)
"""Of luminance 1, as lamps want it."""
_COOL: Rgb = (1.03, 1.0, 0.92)
_AMBER: Rgb = (2.30, 0.71, 0.05)
_BLUE: Rgb = (0.2, 0.9, 4.3)

JOINTS = ("steer", "wheel_fl_spin", "wheel_fr_spin", "wheel_rl_spin", "wheel_rr_spin")

FROZEN_GROUPS = (
    (
        "fittings",
        (
            "trim",
            "gaps",
            "under",
            "tyre_",
            "rim_",
            "chrome",
            "head_",
            "tail_lamps",
            "brake_lamps",
            "indicator_",
            "beacon_",
        ),
    ),
)
"""How the parts of a parked car are merged (scene/assembly.py)."""


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """Poses of a vehicle's parts: fixed ones first, then tyre and rim of each wheel (fl, fr, rl, rr).

    Joints as ``JOINTS``: steer is the angle of the front wheels, positive to the left; spin is the angle that a wheel
    has rolled forward, distance / radius.
    """

    fixed: int
    hubs_m: Array

    def __call__(self, joints: Array) -> Array:
        poses = np.broadcast_to(np.eye(4), (self.fixed + 8, 4, 4)).copy()
        for k, hub in enumerate(self.hubs_m):
            rotation = rotation_y(joints[1 + k])
            if k % 2 == 1:
                rotation = rotation @ rotation_z(np.pi)
            if k < 2:
                rotation = rotation_z(joints[0]) @ rotation
            poses[self.fixed + 2 * k] = poses[self.fixed + 2 * k + 1] = pose(hub, rotation)
        return poses


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outfit:
    """What a vehicle carries beyond its coachwork, in the body frame: a light bar, lettering, a rack."""

    parts: tuple[Part, ...] = ()
    lamps: tuple[Lamp, ...] = ()


class Vehicle(ActorModel):
    """A road vehicle with four wheels."""

    semantic: ClassVar[str] = "car"
    form: ClassVar[Profile]
    kerb_mass_kg: ClassVar[float]
    hinged_doors: ClassVar[int] = 2
    """How many of the doors of a side swing on hinges, from the front."""

    # A vehicle declares its own length, width and height, in metres, with its own limits.
    length: float
    width: float
    height: float
    paint: str = paint_parameter("silver", USUAL_PAINTS)
    lights: str = choice("on", "off", default="on", help="whether head and tail lamps may burn")
    detail: str = choice("full", "plain", default="full", help="of the meshes; plain is for cars in the background")
    look: int = integer(low=0, high=9999, default=1, help="seed of the number plate", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        shape = coachwork(self.form, self.length, self.width, self.height, self.detail)
        p = self.form.sized(self.length, self.width, self.height)
        color, roughness, metallic = PAINTS[self.paint]
        materials = {
            "paint": Material(name=f"paint_{self.paint}", base_color=color, roughness=roughness, metallic=metallic),
            **MATERIALS,
        }
        parts = [Part(name=name, mesh=mesh, material=materials[name]) for name, mesh in shape.meshes.items()]
        parts.append(Part(name=PLATES, mesh=shape.plates, material=plate_material(self.look)))
        outfit = self.outfit(p, shape)
        parts += outfit.parts
        fixed = len(parts)
        for corner in ("fl", "fr", "rl", "rr"):
            tyre, rim = self.wheel(p, rear=corner.startswith("r"))
            parts.append(Part(name=f"tyre_{corner}", mesh=tyre, material=RUBBER))
            parts.append(Part(name=f"rim_{corner}", mesh=rim, material=RIM))
        y = p.width_m / 2 - p.tyre_width_m / 2 - 0.022
        hubs = np.array(
            [(x, side * y, p.wheel_radius_m) for x in (p.front_axle_m, p.rear_axle_m) for side in (1.0, -1.0)]
        )
        running: Callable[[Array], Array] = Running(fixed, hubs)
        carried = [part.mesh.vertices_m for part in outfit.parts]
        low = np.minimum.reduce([np.zeros(3), shape.low_m, *(v.min(axis=0) for v in carried)])
        high = np.maximum.reduce([shape.high_m, *(v.max(axis=0) for v in carried)])
        half = float(max(-low[0], high[0]))
        half_y = float(max(-low[1], high[1]))
        top = max(self.height, float(high[2]))
        box = (2 * half, 2 * half_y, top)
        floor = 0.9 * p.sill_m
        belt = float(p.shoulder[len(p.shoulder) // 2][1])
        c = p.cabin
        return Body(
            semantic=self.semantic,
            asset=self.asset(),
            parts=tuple(parts),
            rest=running(np.zeros(5)),
            box_center_m=(0.0, 0.0, top / 2),
            box_size_m=box,
            collision=(
                CollisionShape(
                    kind="box",
                    size_m=(self.length, self.width, belt - floor),
                    body_from_shape=pose((0, 0, (belt + floor) / 2)),
                ),
                CollisionShape(
                    kind="box",
                    size_m=(c.belt_front_m - c.belt_rear_m, 1.9 * c.roof_half_front_m, self.height - belt),
                    body_from_shape=pose(((c.belt_front_m + c.belt_rear_m) / 2, 0, (self.height + belt) / 2)),
                ),
                *self.bed(p),
            ),
            mass_kg=round(self.kerb_mass_kg * (self.length * self.width * self.height) / _volume(self.form) + 75.0, 1),
            friction=0.5,
            restitution=0.1,
            joints=JOINTS,
            joint_rest=(0.0,) * 5,
            articulate=running,
            lamps=(*self._lamps(shape), *outfit.lamps),
            mounts=_mounts(shape, p),
            keypoints=_keypoints(shape, hubs, box, p),
            vehicle=VehicleGeometry(
                front_axle_m=p.front_axle_m,
                rear_axle_m=p.rear_axle_m,
                wheel_radius_m=p.wheel_radius_m,
                max_steer_rad=0.6,
                cog_height_m=round(0.38 * self.height, 3),
            ),
            doorways=doorways(p, self.hinged_doors),
            deck=self.deck(p),
            notes={
                "width_without_mirrors_m": self.width,
                "above_roof_m": max(0.0, float(high[2]) - max(self.height, float(shape.high_m[2]))),
                "wheelbase_m": p.front_axle_m - p.rear_axle_m,
                "track_m": 2 * y,
                "eye_height_m": float(shape.windscreen_m[2]),
            },
        )

    def asset(self) -> Asset:
        return parametric_asset(
            f"vehicle/{type(self).__name__.lower()}",
            {name: getattr(self, name) for name in self.parameters},
            licence=self.licence,
            version=VERSION,
        )

    def outfit(self, p: Profile, shape: Coachwork) -> Outfit:
        """What this kind carries beyond its coachwork."""
        return Outfit()

    def deck(self, p: Profile) -> Deck:
        """Where it carries things: on its roof, unless it has a bed."""
        c = p.cabin
        return Deck(
            center_m=(0.5 * (c.roof_front_m + c.roof_rear_m), 0.0),
            height_m=self.height,
            size_m=(c.roof_front_m - c.roof_rear_m, 1.8 * c.roof_half_front_m),
        )

    def bed(self, p: Profile) -> tuple[CollisionShape, ...]:
        """What collides of the bed behind its cabin."""
        return ()

    def wheel(self, p: Profile, *, rear: bool) -> tuple[Mesh, Mesh]:
        """(tyre, rim) of a left wheel, around its hub."""
        return wheel(p.wheel_radius_m, p.tyre_width_m, self.detail)

    def _lamps(self, shape: Coachwork) -> tuple[Lamp, ...]:
        return road_lamps(shape.head_m, shape.tail_m, on=self.lights == "on")


PLATES = "plates"
"""Name of the part that ``look`` decides the material of, and nothing else of a vehicle."""


def plate_material(look: int) -> Material:
    return Material(
        name="plate",
        base_color=(0.9, 0.9, 0.88),
        roughness=0.5,
        texture=textures.number_plate(look),
        retroreflectance=0.3,
    )


def road_lamps(head_m: Array, tail_m: Array, *, on: bool) -> tuple[Lamp, ...]:
    """Dipped beams, tail and brake lamps, and indicators, from the places (3,) of the left lamps in the body frame."""
    x, y, z = (float(v) for v in head_m)
    dip = np.radians(2.2)
    ahead = (float(np.cos(dip)), 0.0, float(-np.sin(dip)))
    tail_x, tail_y, tail_z = (float(v) for v in tail_m)
    heads = tuple(
        Lamp(
            name=name,
            position_m=(x, side * y, z),
            direction=ahead,
            intensity_cd=17_000.0,
            color=_COOL,
            inner_rad=0.03,
            outer_rad=0.7,
            edge_rad=dip - BELOW_LEVEL_RAD,
            on=on,
        )
        for name, side in (("head_left", 1.0), ("head_right", -1.0))
    )
    rear = tuple(
        Lamp(
            name=name,
            position_m=(tail_x, 0.0, tail_z),
            direction=(-1.0, 0.0, 0.0),
            intensity_cd=intensity_cd,
            color=_RED,
            inner_rad=0.7,
            outer_rad=1.4,
            on=on and name == "tail",
        )
        for name, intensity_cd in (("tail", 16.0), ("brake", 150.0))
    )
    blinkers = tuple(
        Lamp(
            name=f"indicator_{side}",
            position_m=(0.5 * (x + tail_x), sign * tail_y, tail_z),
            direction=(0.0, sign, 0.0),
            intensity_cd=60.0,
            color=_AMBER,
            on=False,
        )
        for side, sign in (("left", 1.0), ("right", -1.0))
    )
    return heads + rear + blinkers


def beacon_lamps(left_m: Array) -> tuple[Lamp, ...]:
    """Blue rotating beacons of an emergency vehicle (UN R65), from the place (3,) of the left one in the body frame."""
    x, y, z = (float(v) for v in left_m)
    return tuple(
        Lamp(
            name=f"beacon_{side}",
            position_m=(x, sign * y, z),
            direction=(0.0, sign, 0.0),
            intensity_cd=350.0,
            color=_BLUE,
            on=False,
        )
        for side, sign in (("left", 1.0), ("right", -1.0))
    )


def _volume(form: Profile) -> float:
    return form.length_m * form.width_m * form.height_m


def _mounts(shape: Coachwork, p: Profile) -> dict[str, Mount]:
    screen = shape.windscreen_m
    c = p.cabin
    rise, run = screen[2] - p.height_m, c.belt_front_m - c.roof_front_m
    # Six centimetres in front of the glass, measured along its normal: the camera sees neither glass nor roof.
    slope = np.arctan2(-rise + 0.2, run)
    outside = screen + (0.06 + c.bulge_m) * np.array([np.sin(max(slope, 0.3)), 0.0, np.cos(max(slope, 0.3))])
    return {
        "windscreen": Mount(part="paint", part_from_mount=pose(outside)),
        "roof": Mount(part="paint", part_from_mount=pose(shape.roof_m + np.array([0.0, 0.0, 0.15]))),
        "grille": Mount(part="paint", part_from_mount=pose((float(shape.high_m[0]) + 0.03, 0.0, p.grille[2]))),
        "rear": Mount(
            part="paint",
            part_from_mount=pose((float(shape.low_m[0]) - 0.03, 0.0, p.rear_plate_m + 0.12), rotation_z(np.pi)),
        ),
        # Beneath the mirrors, as far out as these.
        **{
            side: Mount(
                part="paint",
                part_from_mount=pose(
                    (p.mirror[0] + 0.03, sign * (0.5 * p.width_m + 0.16), p.mirror[1] - 0.1),
                    rotation_z(sign * 0.5 * np.pi),
                ),
            )
            for side, sign in (("left", 1), ("right", -1))
        },
    }


def corner_keypoints(box_m: tuple[float, float, float]) -> dict[str, tuple[float, float, float]]:
    """Corners of the box around a vehicle, body frame."""
    length, width, height = box_m
    return corners((-0.5 * length, -0.5 * width, 0.0), (0.5 * length, 0.5 * width, height))


def corners(low_m: Sequence[float], high_m: Sequence[float]) -> dict[str, tuple[float, float, float]]:
    """Corners of the box from ``low_m`` to ``high_m``, x forward, y left, z up, by name."""
    return {
        f"{end}_{side}_{level}": (float(x), float(y), float(z))
        for end, x in (("front", high_m[0]), ("rear", low_m[0]))
        for side, y in (("left", high_m[1]), ("right", low_m[1]))
        for level, z in (("bottom", low_m[2]), ("top", high_m[2]))
    }


def _keypoints(
    shape: Coachwork, hubs_m: Array, box_m: tuple[float, float, float], p: Profile
) -> dict[str, tuple[str, tuple[float, float, float]]]:
    points = corner_keypoints(box_m)
    for name, hub, sign in zip(("fl", "fr", "rl", "rr"), hubs_m, (1, -1, 1, -1), strict=True):
        points[f"wheel_{name}"] = (float(hub[0]), float(hub[1]) + sign * p.tyre_width_m / 2, float(hub[2]))
    for side, sign in (("left", 1), ("right", -1)):
        points[f"head_lamp_{side}"] = (float(shape.head_m[0]), sign * float(shape.head_m[1]), float(shape.head_m[2]))
        points[f"tail_lamp_{side}"] = (float(shape.tail_m[0]), sign * float(shape.tail_m[1]), float(shape.tail_m[2]))
    return {name: ("paint", position) for name, position in points.items()}
