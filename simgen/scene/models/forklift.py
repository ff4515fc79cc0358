"""A counterbalance forklift: it steers with its rear wheels, its mast tilts and its forks rise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer
from simgen.core.geometry import Array, pose, rotation_y, rotation_z
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Body, CollisionShape, Deck, Lamp, Mount, Part, VehicleGeometry
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models import liveries
from simgen.scene.models.heavy import FURNITURE, STEEL_RIM, Pile, bar, block, heavy_wheel, painted
from simgen.scene.models.service_cars import decal
from simgen.scene.models.vehicle import RUBBER, corner_keypoints, lens
from simgen.scene.shapes import Shape

VERSION = 2

JOINTS = ("steer", "wheel_fl_spin", "wheel_fr_spin", "wheel_rl_spin", "wheel_rr_spin", "mast_tilt", "fork_lift")
"""steer turns the path to the left (the rear wheels turn the other way); mast_tilt leans the mast back, rad; fork_lift
raises the forks, m, over the first 1.6 m the inner mast stays."""

PAINTS: dict[str, Rgb] = {
    "yellow": (0.75, 0.46, 0.02),
    "orange": (0.72, 0.17, 0.01),
    "red": (0.46, 0.02, 0.02),
    "green": (0.04, 0.24, 0.06),
    "blue": (0.02, 0.10, 0.36),
}
FRONT_M, REAR_M = 0.42, -1.08
FRONT_RADIUS_M, REAR_RADIUS_M = 0.345, 0.27
_SHIFT_M = -0.16
"""From the frame in which the forklift is drawn to the body frame, whose origin lies below the middle of its box."""
_FORKS = Deck(center_m=(1.46 + _SHIFT_M, 0.0), height_m=0.083, size_m=(1.3, 1.3))
"""As much as forks carry of a wide load, from the carriage forwards; it stands on the two forks."""
_LOADED = Deck(center_m=(1.21 + _SHIFT_M, 0.0), height_m=0.973, size_m=(0.76, 1.14))
_LOAD = CollisionShape(
    kind="box", size_m=(0.8, 1.2, _LOADED.height_m - 0.06), body_from_shape=pose((*_LOADED.center_m, 0.5165))
)
"""The cartons on the pallet, and the pallet."""
_PIVOT = np.array([0.62, 0.0, 0.36])


@dataclass(frozen=True, slots=True, eq=False)
class Working:
    """Poses of the parts: chassis, mast, inner mast, carriage, then tyre and rim of each wheel."""

    groups: tuple[str, ...]
    hubs_m: Array

    def __call__(self, joints: Array) -> Array:
        tilt, lift = float(joints[5]), float(joints[6])
        shift = pose((_SHIFT_M, 0.0, 0.0))
        mast = shift @ pose(_PIVOT, rotation_y(-tilt)) @ pose(-_PIVOT)
        frames = {
            "chassis": shift,
            "mast": mast,
            "inner": mast @ pose((0.0, 0.0, max(0.0, lift - 1.5))),
            "carriage": mast @ pose((0.0, 0.0, lift)),
        }
        out = np.empty((len(self.groups) + 8, 4, 4))
        for i, group in enumerate(self.groups):
            out[i] = frames[group]
        for k, hub in enumerate(self.hubs_m):
            rotation = rotation_y(joints[1 + k])
            if k % 2 == 1:
                rotation = rotation @ rotation_z(np.pi)
            if k >= 2:
                rotation = rotation_z(-joints[0]) @ rotation
            out[len(self.groups) + 2 * k] = out[len(self.groups) + 2 * k + 1] = shift @ pose(hub, rotation)
        return out


@models.register("forklift")
class Forklift(ActorModel):
    """A forklift truck for 2.5 t, as warehouses use it."""

    semantic: ClassVar[str] = "forklift"
    paint: str = choice(
        *PAINTS,
        default="yellow",
        help="colour",
        vary={"choice": {"yellow": 0.4, "orange": 0.2, "red": 0.2, "green": 0.1, "blue": 0.1}},
    )
    lights: str = choice("on", "off", default="on", help="whether its lamps may burn")
    load: str = choice(
        "none", "pallet", default="none", help="on the forks", vary={"choice": {"none": 0.6, "pallet": 0.4}}
    )
    detail: str = choice("full", "plain", default="full", help="of the meshes; plain is for the background")
    look: int = integer(low=0, high=9999, default=1, help="its number", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        plain = self.detail == "plain"
        piles = {name: Pile() for name in ("chassis", "mast", "inner", "carriage")}
        _chassis(piles["chassis"], plain=plain)
        _mast(piles["mast"], piles["inner"], piles["carriage"], plain=plain)
        if self.load == "pallet":
            _load(piles["carriage"])
        glow = {
            "head_lamp": lens("head", (0.75, 0.76, 0.78), (9000.0, 8800.0, 8200.0)),
            "tail_lamp": lens("tail", (0.38, 0.008, 0.008), (900.0, 18.0, 9.0)),
            "brake_lamp": lens("brake", (0.44, 0.012, 0.012), (9000.0, 180.0, 90.0)),
            "beacon": lens("beacon", (0.75, 0.28, 0.02), (9000.0, 3200.0, 60.0)),
        }
        materials = {
            **FURNITURE,
            **glow,
            "paint": painted(f"paint_{self.paint}", PAINTS[self.paint], 0.4),
            "weight": painted("weight", (0.055, 0.057, 0.06), 0.6),
            "steel": Material(name="steel", base_color=(0.10, 0.10, 0.105), roughness=0.45, metallic=0.3),
            "cartons": painted("cartons", (0.36, 0.25, 0.15), 0.9),
            "leather_seat": painted("seat", (0.03, 0.03, 0.032), 0.7),
        }
        parts: list[Part] = []
        groups: list[str] = []
        for group, pile in piles.items():
            for part in pile.parts(materials):
                parts.append(Part(name=f"{group}_{part.name}", mesh=part.mesh, material=part.material))
                groups.append(group)
        number = liveries.lettering(f"{self.look % 100:02d}", liveries.BLACK, PAINTS[self.paint])
        face = shapes.rectangle((-1.4905, 0.16, 0.70), (0.0, -0.32, 0.0), (0.0, 0.0, 0.32))
        uv = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
        parts.append(decal("number", number, Shape(face.points_m, face.faces, uv), bright=0.1))
        groups.append("chassis")
        hubs = []
        for corner, x, radius, width, y in (
            ("fl", FRONT_M, FRONT_RADIUS_M, 0.22, 0.46),
            ("fr", FRONT_M, FRONT_RADIUS_M, 0.22, -0.46),
            ("rl", REAR_M, REAR_RADIUS_M, 0.17, 0.44),
            ("rr", REAR_M, REAR_RADIUS_M, 0.17, -0.44),
        ):
            tyre, rim = heavy_wheel(radius, width, "plain" if plain else "full", False)
            parts.append(Part(name=f"tyre_{corner}", mesh=tyre, material=RUBBER))
            parts.append(Part(name=f"rim_{corner}", mesh=rim, material=STEEL_RIM))
            hubs.append((x, y, radius))
        working = Working(tuple(groups), np.array(hubs))
        start = np.zeros(len(JOINTS))
        rest = working(start)
        points = np.vstack([p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(parts, rest, strict=True)])
        low, high = points.min(axis=0), points.max(axis=0)
        box = (2 * float(max(-low[0], high[0])), 2 * float(max(-low[1], high[1])), float(high[2]))
        chassis = parts[0].name
        keypoints = {n: (float(x) - _SHIFT_M, y, z) for n, (x, y, z) in corner_keypoints(box).items()}
        keypoints |= {
            f"wheel_{n}": (float(hub[0]), float(hub[1]), float(hub[2]))
            for n, hub in zip(("fl", "fr", "rl", "rr"), hubs, strict=True)
        }
        mast_top = float(points[:, 2].max())
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                "vehicle/forklift",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=tuple(parts),
            rest=rest,
            box_center_m=(0.0, 0.0, box[2] / 2),
            box_size_m=box,
            collision=(
                CollisionShape(kind="box", size_m=(1.95, 1.12, 1.0), body_from_shape=pose((-0.5 + _SHIFT_M, 0.0, 0.6))),
                CollisionShape(kind="box", size_m=(1.1, 1.0, 1.05), body_from_shape=pose((-0.4 + _SHIFT_M, 0.0, 1.62))),
                CollisionShape(
                    kind="box",
                    size_m=(0.22, 0.9, mast_top - 0.06),
                    body_from_shape=pose((0.64 + _SHIFT_M, 0.0, 0.5 * mast_top + 0.03)),
                ),
                *(
                    CollisionShape(
                        kind="box", size_m=(1.08, 0.1, 0.045), body_from_shape=pose((1.28 + _SHIFT_M, y, 0.0605))
                    )
                    for y in (0.24, -0.24)
                ),
                *(() if self.load == "none" else (_LOAD,)),
            ),
            mass_kg=3900.0,
            friction=0.6,
            restitution=0.05,
            joints=JOINTS,
            joint_rest=tuple(float(j) for j in start),
            articulate=working,
            lamps=self._lamps(),
            mounts={
                "windscreen": Mount(part=chassis, part_from_mount=pose((0.1, 0.0, 1.95))),
                "roof": Mount(part=chassis, part_from_mount=pose((-0.4, 0.0, 2.3))),
                "forks": Mount(part="carriage_steel", part_from_mount=pose((0.80, 0.0, 0.45))),
            },
            keypoints={name: (chassis, position) for name, position in keypoints.items()},
            vehicle=VehicleGeometry(
                front_axle_m=FRONT_M + _SHIFT_M,
                rear_axle_m=REAR_M + _SHIFT_M,
                wheel_radius_m=FRONT_RADIUS_M,
                max_steer_rad=1.2,
                cog_height_m=0.75,
            ),
            deck=_FORKS if self.load == "none" else _LOADED,
            notes={"wheelbase_m": FRONT_M - REAR_M, "eye_height_m": 1.75, "fork_lift_max_m": 3.0},
        )

    def _lamps(self) -> tuple[Lamp, ...]:
        on = self.lights == "on"
        return (
            Lamp(
                name="head",
                part="chassis_paint",
                position_m=(0.14, 0.0, 2.0),
                direction=(float(np.cos(0.26)), 0.0, float(-np.sin(0.26))),
                intensity_cd=3000.0,
                color=(1.03, 1.0, 0.92),
                inner_rad=0.2,
                outer_rad=0.7,
                on=on,
            ),
            *(
                Lamp(
                    name=name,
                    part="chassis_paint",
                    position_m=(-0.98, 0.0, 1.9),
                    direction=(-1.0, 0.0, 0.0),
                    intensity_cd=intensity,
                    color=(4.0, 0.2, 0.1),
                    inner_rad=0.7,
                    outer_rad=1.4,
                    on=on and name == "tail",
                )
                for name, intensity in (("tail", 8.0), ("brake", 80.0))
            ),
            Lamp(
                name="beacon",
                part="chassis_paint",
                position_m=(-0.85, 0.0, 2.2),
                direction=(0.0, 0.0, 1.0),
                intensity_cd=90.0,
                color=(2.30, 0.71, 0.05),
                on=False,
            ),
        )


def _chassis(pile: Pile, *, plain: bool) -> None:
    """Body, counterweight, overhead guard, seat and wheel."""
    hood = shapes.rounded_box((0.85, 0.92, 0.55), 0.08, (-0.72, 0.0, 0.78), count=14)
    pile.add("paint", hood, block((0.75, 0.98, 0.28), (-0.05, 0.0, 0.42)))
    pile.both("paint", block((0.62, 0.1, 0.34), (-0.05, 0.44, 0.60)))
    rows = [(0.28, 0.36, 0.50), (0.42, 0.42, 0.54), (0.95, 0.40, 0.54), (1.10, 0.28, 0.48), (1.13, 0.18, 0.4)]
    weight = shapes.stack([r[0] for r in rows], [(r[1], r[2]) for r in rows], count=20, exponent=5.0)
    pile.add("weight", weight.shifted(x_m=-1.07))
    pile.add("trim", block((0.5, 0.86, 0.03), (0.02, 0.0, 0.575)))
    pile.add("leather_seat", shapes.rounded_box((0.46, 0.46, 0.12), 0.05, (-0.58, 0.0, 1.10), count=12))
    back = shapes.rounded_box((0.12, 0.46, 0.48), 0.05, (-0.83, 0.0, 1.34), count=12)
    pile.add("leather_seat", back)
    pile.add("trim", bar((0.22, 0.0, 0.6), (0.02, 0.0, 1.20), 0.03))
    wheel = 2 * np.pi * np.arange(13) / 12
    turn = np.column_stack([0.16 * np.cos(wheel), 0.16 * np.sin(wheel), 0.05 * np.cos(wheel)])
    pile.add("trim", shapes.tube(turn + np.array([-0.03, 0.0, 1.22]), 0.014, count=5))
    for side in (1.0, -1.0):
        front = [(0.30, side * 0.46, 0.70), (0.26, side * 0.46, 1.2), (0.08, side * 0.44, 2.08)]
        rear = [(-1.02, side * 0.46, 1.05), (-0.98, side * 0.45, 2.08)]
        pile.add("trim", shapes.tube(front, 0.035, count=6), shapes.tube(rear, 0.035, count=6))
        pile.add("trim", bar((0.10, side * 0.44, 2.1), (-1.0, side * 0.45, 2.1), 0.035))
        pile.add("trim", block((0.35, 0.14, 0.03), (0.0, side * 0.50, 0.30)))
    for x in np.linspace(0.08, -0.98, 4 if plain else 8):
        pile.add("trim", block((0.045, 0.9, 0.03), (float(x), 0.0, 2.115)))
    for side in (1.0, -1.0):
        pile.add("trim", shapes.rounded_box((0.07, 0.12, 0.1), 0.02, (0.16, side * 0.36, 2.02), count=10))
        pile.add("head_lamp", shapes.ellipsoid((0.012, 0.045, 0.038), (0.196, side * 0.36, 2.02), count=8))
        pile.add("tail_lamp", block((0.03, 0.05, 0.08), (-1.02, side * 0.43, 1.94)))
        pile.add("brake_lamp", block((0.03, 0.05, 0.06), (-1.02, side * 0.43, 1.86)))
    pile.add("trim", block((0.06, 0.06, 0.04), (-0.85, 0.0, 2.14)))
    pile.add(
        "beacon",
        shapes.stack([2.16, 2.19, 2.235, 2.25], [(0.045, 0.045), (0.05, 0.05), (0.04, 0.04), (0.015, 0.015)], count=10),
    )
    pile.shapes["beacon"] = [s.shifted(x_m=-0.85) for s in pile.shapes["beacon"]]
    pile.add("under", bar((FRONT_M, -0.4, FRONT_RADIUS_M), (FRONT_M, 0.4, FRONT_RADIUS_M), 0.07))
    pile.add("under", bar((REAR_M, -0.38, REAR_RADIUS_M), (REAR_M, 0.38, REAR_RADIUS_M), 0.05))


def _mast(mast: Pile, inner: Pile, carriage: Pile, *, plain: bool) -> None:
    """Two nested pairs of rails, the lift cylinder, and the carriage with its forks and guard."""
    for side in (1.0, -1.0):
        mast.add("steel", block((0.14, 0.07, 2.02), (0.64, side * 0.34, 1.08)))
        inner.add("steel", block((0.12, 0.06, 1.95), (0.645, side * 0.265, 1.10)))
        mast.add("chrome", bar((0.60, side * 0.17, 0.15), (0.60, side * 0.17, 1.9), 0.028))
        mast.add("steel", bar((0.60, side * 0.30, 0.7), (0.15, side * 0.34, 0.5), 0.035))
    for z in (0.12, 2.06):
        mast.add("steel", block((0.10, 0.72, 0.07), (0.60, 0.0, z)))
    inner.add("steel", block((0.09, 0.56, 0.06), (0.62, 0.0, 2.04)), block((0.09, 0.56, 0.06), (0.62, 0.0, 0.2)))
    for z in (0.17, 0.50):
        carriage.add("steel", block((0.05, 0.96, 0.09), (0.735, 0.0, z)))
    for y in (0.24, -0.24):
        carriage.add("steel", block((0.04, 0.1, 0.52), (0.775, y, 0.30)))
        tip = np.array([[0.755, 0.045], [1.3, 0.04], [1.815, 0.012]])
        top, bottom = [], []
        for x, thick in tip:
            low = _FORKS.height_m - thick
            top.append([(x, y - 0.05, _FORKS.height_m), (x, y + 0.05, _FORKS.height_m)])
            bottom.append([(x, y - 0.05, low), (x, y + 0.05, low)])
        sections = [np.array([b[0], b[1], t[1], t[0]]) for t, b in zip(top, bottom, strict=True)]
        fork = shapes.loft(np.array(sections))
        v = fork.points_m[fork.faces]
        volume = np.einsum("ij,ij->i", v[:, 0], np.cross(v[:, 1], v[:, 2])).sum()
        carriage.add("steel", fork if volume > 0 else fork.turned_inside_out())
    for y in np.linspace(-0.42, 0.42, 3 if plain else 6):
        carriage.add("steel", block((0.025, 0.025, 0.62), (0.745, float(y), 0.84)))
    carriage.add("steel", block((0.03, 0.92, 0.03), (0.745, 0.0, 1.16)))


def _load(carriage: Pile) -> None:
    """A pallet (EN 13698-1, 1.2 by 0.8 m) with cartons on it."""
    for y in (-0.55, -0.33, -0.11, 0.11, 0.33, 0.55):
        carriage.add("planks", block((0.8, 0.12, 0.022), (1.21, y, 0.20)))
    for x in (0.86, 1.21, 1.56):
        carriage.add("planks", block((0.1, 1.2, 0.022), (x, 0.0, 0.178)), block((0.1, 1.2, 0.022), (x, 0.0, 0.066)))
        for y in (-0.52, 0.0, 0.52):
            carriage.add("planks", block((0.1, 0.14, 0.09), (x, y, 0.122)))
    for level in range(3):
        for x in (1.015, 1.405):
            for y in (-0.39, 0.0, 0.39):
                carriage.add("cartons", block((0.38, 0.38, 0.25), (x, y, 0.338 + 0.255 * level)))
