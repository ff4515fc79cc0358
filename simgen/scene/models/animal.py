"""Animals that walk, trot and bound: deer, dog, wild boar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import Array, pose, rotation_y
from simgen.core.vocabulary import models
from simgen.scene import shapes, textures
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.quadruped import GRAVITY, JOINTS, LEGS, SEGMENTS, Frame, Leg, QuadrupedGait
from simgen.scene.shapes import Shape, join

VERSION = 2
COUNT = 14


@dataclass(frozen=True, slots=True, eq=False)
class _Limbs:
    frame: Frame
    segment: tuple[int, ...]

    def __call__(self, joints: Array) -> Array:
        return self.frame.pose(joints)[list(self.segment)]


def _barrel(rows: Sequence[tuple[float, float, float, float]], exponent: float = 2.2, count: int = COUNT) -> Shape:
    """A skin over ellipses (x, z of the middle, half width, half height) along x."""
    rim = shapes.ring(1.0, 1.0, count, exponent)
    sections = [np.column_stack([np.full(count, x), w * rim[:, 0], z + h * rim[:, 1]]) for x, z, w, h in rows]
    return shapes.loft(np.array(sections))


def _fur(name: str, color: Rgb, roughness: float = 0.95) -> Material:
    return Material(name=name, base_color=color, roughness=roughness, texture=textures.fur(1))


def _bone(length_m: float, radii_m: Sequence[tuple[float, float]], count: int = 10) -> Shape:
    return shapes.limb(length_m, radii_m, count=count, squash=0.8)


class Animal(ActorModel):
    """An animal on four legs."""

    semantic: ClassVar[str] = "animal"
    height: float

    def frame(self) -> Frame:
        raise NotImplementedError

    def pieces(self) -> list[tuple[str, str, Shape]]:
        """(segment, material, shape)."""
        raise NotImplementedError

    def materials(self) -> dict[str, Material]:
        raise NotImplementedError

    def girth_m(self) -> float:
        """Radius of the trunk."""
        raise NotImplementedError

    def mass_kg(self) -> float:
        raise NotImplementedError

    def build(self) -> Body:
        frame = self.frame()
        gait = QuadrupedGait(frame)
        materials = self.materials()
        merged: dict[tuple[str, str], list[Shape]] = {}
        for segment, material, shape in self.pieces():
            merged.setdefault((segment, material), []).append(shape)
        parts, index = [], []
        for (segment, material), group in merged.items():
            name = segment if segment.endswith("foot") else f"{segment}_{material}"
            name = name.replace("_foot", "_hoof")
            mesh = join(group).smooth(1.0)
            if materials[material].texture is not None:
                # Over the back and down the flanks; it is drawn out where flanks turn into the belly.
                mesh = mesh.mapped((0.95, 0.0, 0.3), (0.0, -0.6, 0.9), 0.5, mirrored=True)
            parts.append(Part(name=name, mesh=mesh, material=materials[material]))
            index.append(SEGMENTS.index(segment))
        limbs = _Limbs(frame, tuple(index))
        rest_joints = gait(0.0, 0.0)
        rest = limbs(rest_joints)
        points = np.vstack(
            [p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(parts, rest, strict=True)]
        ).astype(np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        first = {name: parts[index.index(k)].name for k, name in enumerate(SEGMENTS) if k in index}
        radius = self.girth_m()
        long = frame.fore.root_m[0] - frame.hind.root_m[0]
        under = frame.trunk_m - 0.6 * radius
        keypoints: dict[str, tuple[str, tuple[float, float, float]]] = {
            "withers": (first["trunk"], (frame.fore.root_m[0], 0.0, self.height - frame.trunk_m)),
            "tail": (first["tail"], (0.0, 0.0, 0.0)),
            "neck": (first["neck"], (0.0, 0.0, 0.0)),
            "head": (first["head"], (0.0, 0.0, 0.0)),
        }
        for k, name in enumerate(LEGS):
            keypoints[f"{name}_shoulder" if k < 2 else f"{name}_hip"] = (first[f"{name}_upper"], (0.0, 0.0, 0.0))
            keypoints[f"{name}_elbow" if k < 2 else f"{name}_knee"] = (first[f"{name}_lower"], (0.0, 0.0, 0.0))
            keypoints[f"{name}_paw"] = (first[f"{name}_foot"], (0.0, 0.0, -frame.leg(k).foot_m))
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                f"animal/{type(self).__name__.lower()}",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=tuple(parts),
            rest=rest,
            box_center_m=tuple(float(v) for v in (low + high) / 2),  # type: ignore[arg-type]
            box_size_m=tuple(float(v) for v in high - low),  # type: ignore[arg-type]
            collision=(
                CollisionShape(
                    kind="capsule",
                    size_m=(radius, long),
                    body_from_shape=pose((0.0, 0.0, frame.trunk_m), rotation_y(np.pi / 2)),
                ),
                # On its legs it topples over when it is struck.
                CollisionShape(
                    kind="box",
                    size_m=(0.8 * long, 2.0 * frame.hind.root_m[1] + 0.03, under),
                    body_from_shape=pose((0, 0, under / 2)),
                ),
            ),
            mass_kg=round(self.mass_kg(), 1),
            friction=0.7,
            restitution=0.05,
            rolling_friction=0.03,
            joints=JOINTS,
            joint_rest=tuple(float(j) for j in rest_joints),
            articulate=limbs,
            gait=gait,
            keypoints=keypoints,
            notes={
                "leg_m": gait.hip_m,
                "withers_m": self.height,
                # A comfortable walk is at a Froude number of 0.15 or so.
                "walk_mean_mps": round(float(np.sqrt(0.15 * GRAVITY * gait.hip_m)), 3),
                "walk_std_mps": 0.1,
            },
        )


def _legs(
    frame: Frame,
    fore: Sequence[Sequence[tuple[float, float]]],
    hind: Sequence[Sequence[tuple[float, float]]],
    foot: tuple[float, float],
    materials: tuple[str, str, str],
) -> list[tuple[str, str, Shape]]:
    """The four legs: girths (half axes along x and y) of upper, lower and cannon, size of the foot, and what the upper
    bones, the lower ones and the feet are made of."""
    out: list[tuple[str, str, Shape]] = []
    for k, name in enumerate(LEGS):
        leg, girths = frame.leg(k), fore if k < 2 else hind
        long, wide = foot
        out.append((f"{name}_upper", materials[0], _bone(leg.upper_m, girths[0], 12)))
        out.append((f"{name}_lower", materials[0], _bone(leg.lower_m, girths[1])))
        out.append((f"{name}_cannon", materials[1], _bone(leg.cannon_m, girths[2], 8)))
        hoof = shapes.stack(
            [-leg.foot_m, -0.75 * leg.foot_m, -0.1 * leg.foot_m, 0.25 * leg.foot_m],
            [(long, wide), (0.98 * long, 0.98 * wide), (0.62 * long, 0.72 * wide), (0.4 * long, 0.5 * wide)],
            [(0.25 * long, 0.0), (0.22 * long, 0.0), (0.0, 0.0), (0.0, 0.0)],
            count=10,
            exponent=2.4,
        )
        out.append((f"{name}_foot", materials[2], hoof))
    return out


DEER_COATS: dict[str, tuple[Rgb, Rgb]] = {
    "summer": ((0.26, 0.115, 0.045), (0.36, 0.22, 0.12)),
    "winter": ((0.115, 0.085, 0.060), (0.22, 0.18, 0.14)),
    "dark": ((0.055, 0.035, 0.022), (0.12, 0.085, 0.06)),
}


@models.register("deer")
class Deer(Animal):
    """A deer."""

    height: float = quantity(
        "m",
        low=0.6,
        high=1.4,
        default=0.95,
        help="of the withers (roe 0.7, fallow 0.9, red 1.2)",
        vary={"truncated_normal": {"mean": "0.95 m", "std": "0.15 m", "low": "0.65 m", "high": "1.3 m"}},
    )
    coat: str = choice(
        *DEER_COATS, default="summer", help="colour", vary={"choice": {"summer": 0.5, "winter": 0.35, "dark": 0.15}}
    )
    antlers: str = choice("no", "yes", default="no", help="a stag's", vary={"choice": {"no": 0.6, "yes": 0.4}})

    def frame(self) -> Frame:
        h = self.height
        return Frame(
            fore=Leg(
                root_m=(0.40 * h, 0.085 * h, 0.66 * h),
                upper_m=0.20 * h,
                lower_m=0.27 * h,
                cannon_m=0.23 * h,
                foot_m=0.05 * h,
                bend=-1.0,
                stand_m=-0.06 * h,
                fold_rad=1.5,
            ),
            hind=Leg(
                root_m=(-0.40 * h, 0.085 * h, 0.80 * h),
                upper_m=0.29 * h,
                lower_m=0.33 * h,
                cannon_m=0.30 * h,
                foot_m=0.05 * h,
                bend=1.0,
                stand_m=-0.10 * h,
                fold_rad=0.9,
            ),
            trunk_m=0.80 * h,
            neck_m=(0.47 * h, 0.06 * h),
            tail_m=(-0.56 * h, 0.09 * h),
            neck_length_m=0.48 * h,
            neck_rad=-0.95,
            head_rad=0.42,
            tail_rad=-1.1,
        )

    def girth_m(self) -> float:
        return 0.16 * self.height

    def mass_kg(self) -> float:
        return 62.0 * self.height**3

    def materials(self) -> dict[str, Material]:
        back, belly = DEER_COATS[self.coat]
        return {
            "coat": _fur(f"coat_{self.coat}", back),
            "belly": _fur("belly", belly),
            "rump": _fur("rump", (0.62, 0.56, 0.47)),
            "hoof": Material(name="hoof", base_color=(0.02, 0.017, 0.015), roughness=0.5),
            "nose": Material(name="nose", base_color=(0.012, 0.010, 0.010), roughness=0.35),
            # The tapetum of a deer's eye throws light back.
            "eye": Material(name="eye", base_color=(0.02, 0.015, 0.01), roughness=0.15, retroreflectance=0.35),
            "antler": Material(name="antler", base_color=(0.30, 0.22, 0.14), roughness=0.7),
        }

    def pieces(self) -> list[tuple[str, str, Shape]]:
        h, f = self.height, self.frame()
        trunk = [
            (-0.575, 0.02, 0.035, 0.06),
            (-0.55, 0.01, 0.085, 0.115),
            (-0.47, 0.0, 0.115, 0.155),
            (-0.34, 0.005, 0.125, 0.165),
            (-0.15, -0.005, 0.125, 0.155),
            (0.05, -0.025, 0.135, 0.175),
            (0.25, -0.025, 0.135, 0.195),
            (0.40, -0.015, 0.115, 0.195),
            (0.50, 0.0, 0.085, 0.145),
            (0.56, 0.01, 0.045, 0.075),
        ]
        out: list[tuple[str, str, Shape]] = [("trunk", "coat", _barrel([tuple(v * h for v in r) for r in trunk]))]  # type: ignore[misc]
        belly = [
            (-0.42, -0.02, 0.05, 0.09),
            (-0.30, -0.055, 0.09, 0.12),
            (-0.15, -0.067, 0.11, 0.11),
            (0.05, -0.092, 0.115, 0.125),
            (0.25, -0.097, 0.11, 0.14),
            (0.36, -0.075, 0.08, 0.13),
            (0.44, -0.03, 0.04, 0.09),
        ]
        out.append(("trunk", "belly", _barrel([(x * h, z * h, w * h, k * h) for x, z, w, k in belly])))
        out.append(
            ("trunk", "rump", shapes.ellipsoid((0.03 * h, 0.072 * h, 0.095 * h), (-0.553 * h, 0.0, 0.0), count=12))
        )
        neck = [
            (-0.10, -0.02, 0.085, 0.12),
            (0.0, -0.03, 0.085, 0.125),
            (0.15, 0.0, 0.062, 0.085),
            (0.32, 0.0, 0.05, 0.066),
            (0.46, 0.0, 0.047, 0.058),
            (0.50, 0.0, 0.03, 0.04),
        ]
        out.append(("neck", "coat", _barrel([(x * h, z * h, w * h, k * h) for x, z, w, k in neck])))
        head = [
            (-0.06, 0.02, 0.03, 0.03),
            (-0.035, 0.02, 0.052, 0.055),
            (0.03, 0.015, 0.06, 0.066),
            (0.10, 0.0, 0.048, 0.052),
            (0.17, -0.015, 0.033, 0.036),
            (0.23, -0.022, 0.028, 0.03),
            (0.255, -0.024, 0.018, 0.02),
        ]
        out.append(("head", "coat", _barrel([(x * h, z * h, w * h, k * h) for x, z, w, k in head], count=12)))
        out.append(
            ("head", "nose", shapes.ellipsoid((0.016 * h, 0.02 * h, 0.014 * h), (0.253 * h, 0.0, -0.012 * h), count=8))
        )
        out.append(
            (
                "head",
                "eye",
                shapes.both_sides(
                    shapes.ellipsoid((0.014 * h, 0.008 * h, 0.012 * h), (0.055 * h, 0.054 * h, 0.035 * h), count=8)
                ),
            )
        )
        ear = shapes.stack(
            [0.0, 0.05 * h, 0.11 * h, 0.155 * h],
            [(0.008 * h, 0.014 * h), (0.011 * h, 0.032 * h), (0.009 * h, 0.027 * h), (0.002 * h, 0.004 * h)],
            count=8,
        )
        turn = pose(
            (-0.03 * h, 0.04 * h, 0.055 * h), np.array([[1, 0, 0], [0, 0.62, 0.78], [0, -0.78, 0.62]]).astype(float)
        )
        out.append(("head", "coat", shapes.both_sides(ear.moved(turn))))
        if self.antlers == "yes":
            beam = (
                np.array(
                    [(0.0, 0.03, 0.07), (-0.05, 0.09, 0.18), (-0.06, 0.16, 0.30), (0.0, 0.19, 0.42), (0.05, 0.17, 0.50)]
                )
                * h
            )
            rods = [shapes.tube(beam, [0.013 * h, 0.012 * h, 0.010 * h, 0.008 * h, 0.003 * h], count=6)]
            for k, tip in ((1, (0.09, 0.09, 0.22)), (2, (0.06, 0.16, 0.36)), (3, (-0.06, 0.2, 0.50))):
                rods.append(shapes.tube(np.array([beam[k], np.array(tip) * h]), [0.009 * h, 0.003 * h], count=6))
            out.append(("head", "antler", shapes.both_sides(join(rods))))
        tail = _barrel(
            [
                (-0.12 * h, 0.0, 0.008 * h, 0.008 * h),
                (-0.07 * h, 0.0, 0.025 * h, 0.02 * h),
                (0.01 * h, 0.0, 0.03 * h, 0.025 * h),
            ],
            count=8,
        )
        out.append(("tail", "coat", tail))
        fore = (
            [(0.085, 0.05), (0.07, 0.045), (0.05, 0.036)],
            [(0.046, 0.034), (0.034, 0.028), (0.025, 0.022)],
            [(0.024, 0.022), (0.017, 0.015), (0.017, 0.015), (0.021, 0.018)],
        )
        hind = (
            [(0.125, 0.065), (0.115, 0.065), (0.066, 0.045)],
            [(0.062, 0.042), (0.042, 0.03), (0.026, 0.021)],
            [(0.027, 0.022), (0.018, 0.016), (0.018, 0.016), (0.022, 0.019)],
        )
        scaled = [[[(x * h, y * h) for x, y in bone] for bone in pair] for pair in (fore, hind)]
        out += _legs(f, scaled[0], scaled[1], (0.03 * h, 0.022 * h), ("coat", "coat", "hoof"))
        return out


DOG_COATS: dict[str, Rgb] = {
    "black": (0.014, 0.013, 0.013),
    "brown": (0.085, 0.042, 0.02),
    "tan": (0.34, 0.19, 0.085),
    "grey": (0.14, 0.135, 0.13),
    "white": (0.62, 0.60, 0.55),
}


@models.register("dog")
class Dog(Animal):
    """A dog."""

    height: float = quantity(
        "m",
        low=0.2,
        high=0.9,
        default=0.55,
        help="of the withers",
        vary={"truncated_normal": {"mean": "0.5 m", "std": "0.14 m", "low": "0.25 m", "high": "0.8 m"}},
    )
    coat: str = choice(
        *DOG_COATS,
        default="tan",
        help="colour",
        vary={"choice": {"black": 0.28, "brown": 0.24, "tan": 0.24, "grey": 0.12, "white": 0.12}},
    )
    collar: str = choice(
        "no", "yes", default="yes", help="around the neck, red", vary={"choice": {"no": 0.3, "yes": 0.7}}
    )

    def frame(self) -> Frame:
        h = self.height
        return Frame(
            fore=Leg(
                root_m=(0.36 * h, 0.11 * h, 0.66 * h),
                upper_m=0.26 * h,
                lower_m=0.30 * h,
                cannon_m=0.13 * h,
                foot_m=0.06 * h,
                bend=-1.0,
                stand_m=-0.04 * h,
                fold_rad=1.2,
            ),
            hind=Leg(
                root_m=(-0.40 * h, 0.10 * h, 0.76 * h),
                upper_m=0.30 * h,
                lower_m=0.31 * h,
                cannon_m=0.22 * h,
                foot_m=0.06 * h,
                bend=1.0,
                stand_m=-0.13 * h,
                fold_rad=0.8,
            ),
            trunk_m=0.77 * h,
            neck_m=(0.44 * h, 0.09 * h),
            tail_m=(-0.53 * h, 0.13 * h),
            neck_length_m=0.32 * h,
            neck_rad=-0.75,
            head_rad=0.18,
            tail_rad=0.35,
        )

    def girth_m(self) -> float:
        return 0.18 * self.height

    def mass_kg(self) -> float:
        return float(135.0 * self.height**2.8)

    def materials(self) -> dict[str, Material]:
        return {
            "coat": _fur(f"coat_{self.coat}", DOG_COATS[self.coat]),
            "nose": Material(name="nose", base_color=(0.012, 0.010, 0.010), roughness=0.35),
            "eye": Material(name="eye", base_color=(0.02, 0.015, 0.01), roughness=0.15, retroreflectance=0.3),
            "collar": Material(name="collar", base_color=(0.42, 0.02, 0.02), roughness=0.6),
        }

    def pieces(self) -> list[tuple[str, str, Shape]]:
        h, f = self.height, self.frame()

        def scale(rows: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
            return [(x * h, z * h, w * h, k * h) for x, z, w, k in rows]

        trunk = [
            (-0.56, 0.06, 0.06, 0.07),
            (-0.50, 0.04, 0.11, 0.13),
            (-0.38, 0.04, 0.13, 0.16),
            (-0.18, 0.055, 0.125, 0.135),
            (0.02, 0.03, 0.145, 0.18),
            (0.22, 0.0, 0.16, 0.225),
            (0.36, 0.01, 0.15, 0.22),
            (0.46, 0.03, 0.11, 0.16),
            (0.52, 0.04, 0.06, 0.09),
        ]
        neck = [
            (-0.10, -0.05, 0.12, 0.17),
            (0.02, -0.01, 0.105, 0.13),
            (0.16, 0.0, 0.09, 0.10),
            (0.30, 0.0, 0.085, 0.095),
            (0.36, 0.0, 0.06, 0.07),
        ]
        head = [
            (-0.12, 0.03, 0.05, 0.05),
            (-0.07, 0.03, 0.10, 0.10),
            (0.03, 0.025, 0.105, 0.105),
            (0.11, 0.0, 0.08, 0.085),
            (0.16, -0.02, 0.06, 0.062),
            (0.28, -0.03, 0.05, 0.052),
            (0.34, -0.03, 0.042, 0.045),
            (0.36, -0.03, 0.025, 0.028),
        ]
        out: list[tuple[str, str, Shape]] = [
            ("trunk", "coat", _barrel(scale(trunk))),
            ("neck", "coat", _barrel(scale(neck), count=12)),
            ("head", "coat", _barrel(scale(head), count=12)),
            ("head", "nose", shapes.ellipsoid((0.025 * h, 0.03 * h, 0.022 * h), (0.355 * h, 0.0, -0.005 * h), count=8)),
            (
                "head",
                "eye",
                shapes.both_sides(
                    shapes.ellipsoid((0.014 * h, 0.014 * h, 0.016 * h), (0.125 * h, 0.062 * h, 0.045 * h), count=8)
                ),
            ),
        ]
        ear = shapes.stack(
            [0.0, 0.05 * h, 0.12 * h, 0.17 * h],
            [(0.04 * h, 0.012 * h), (0.05 * h, 0.015 * h), (0.035 * h, 0.012 * h), (0.01 * h, 0.004 * h)],
            count=8,
        )
        hang = pose((-0.03 * h, 0.085 * h, 0.105 * h), np.array([[1.0, 0, 0], [0, -0.92, 0.39], [0, -0.39, -0.92]]))
        out.append(("head", "coat", shapes.both_sides(ear.moved(hang))))
        if self.collar == "yes":
            out.append(
                ("neck", "collar", _barrel(scale([(0.17, 0.0, 0.094, 0.106), (0.215, 0.0, 0.094, 0.106)]), count=12))
            )
        tail = _barrel(
            scale(
                [
                    (-0.50, 0.03, 0.012, 0.012),
                    (-0.30, 0.0, 0.03, 0.032),
                    (-0.12, 0.0, 0.035, 0.04),
                    (0.03, 0.0, 0.045, 0.05),
                ]
            ),
            count=8,
        )
        out.append(("tail", "coat", tail))
        fore = (
            [(0.11, 0.07), (0.09, 0.062), (0.06, 0.05)],
            [(0.055, 0.048), (0.045, 0.04), (0.036, 0.034)],
            [(0.036, 0.036), (0.036, 0.036)],
        )
        hind = (
            [(0.15, 0.085), (0.135, 0.08), (0.08, 0.06)],
            [(0.075, 0.055), (0.05, 0.042), (0.036, 0.032)],
            [(0.036, 0.034), (0.032, 0.032), (0.034, 0.034)],
        )
        scaled = [[[(x * h, y * h) for x, y in bone] for bone in pair] for pair in (fore, hind)]
        out += _legs(f, scaled[0], scaled[1], (0.068 * h, 0.046 * h), ("coat", "coat", "coat"))
        return out


BOAR_COATS: dict[str, Rgb] = {"black": (0.018, 0.016, 0.015), "brown": (0.055, 0.04, 0.03), "grey": (0.10, 0.09, 0.08)}


@models.register("boar")
class Boar(Animal):
    """A wild boar."""

    height: float = quantity(
        "m",
        low=0.4,
        high=1.1,
        default=0.8,
        help="of the withers",
        vary={"truncated_normal": {"mean": "0.75 m", "std": "0.12 m", "low": "0.45 m", "high": "1 m"}},
    )
    coat: str = choice(
        *BOAR_COATS, default="brown", help="colour", vary={"choice": {"black": 0.3, "brown": 0.45, "grey": 0.25}}
    )

    def frame(self) -> Frame:
        h = self.height
        return Frame(
            fore=Leg(
                root_m=(0.40 * h, 0.11 * h, 0.50 * h),
                upper_m=0.18 * h,
                lower_m=0.22 * h,
                cannon_m=0.13 * h,
                foot_m=0.05 * h,
                bend=-1.0,
                stand_m=-0.03 * h,
                fold_rad=1.2,
            ),
            hind=Leg(
                root_m=(-0.44 * h, 0.10 * h, 0.58 * h),
                upper_m=0.22 * h,
                lower_m=0.24 * h,
                cannon_m=0.19 * h,
                foot_m=0.05 * h,
                bend=1.0,
                stand_m=-0.08 * h,
                fold_rad=0.8,
            ),
            trunk_m=0.68 * h,
            neck_m=(0.50 * h, 0.02 * h),
            tail_m=(-0.66 * h, 0.08 * h),
            neck_length_m=0.22 * h,
            neck_rad=0.18,
            head_rad=0.5,
            tail_rad=-1.2,
        )

    def girth_m(self) -> float:
        return 0.24 * self.height

    def mass_kg(self) -> float:
        return 175.0 * self.height**3

    def materials(self) -> dict[str, Material]:
        return {
            "coat": _fur(f"coat_{self.coat}", BOAR_COATS[self.coat], 0.97),
            "snout": Material(name="snout", base_color=(0.10, 0.06, 0.05), roughness=0.5),
            "hoof": Material(name="hoof", base_color=(0.02, 0.017, 0.015), roughness=0.5),
            "eye": Material(name="eye", base_color=(0.02, 0.015, 0.01), roughness=0.15),
            "tusk": Material(name="tusk", base_color=(0.65, 0.60, 0.48), roughness=0.4),
        }

    def pieces(self) -> list[tuple[str, str, Shape]]:
        h, f = self.height, self.frame()

        def scale(rows: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
            return [(x * h, z * h, w * h, k * h) for x, z, w, k in rows]

        trunk = [
            (-0.69, 0.02, 0.06, 0.09),
            (-0.63, 0.0, 0.13, 0.17),
            (-0.48, 0.0, 0.17, 0.22),
            (-0.22, -0.01, 0.19, 0.245),
            (0.05, 0.0, 0.20, 0.28),
            (0.28, 0.02, 0.19, 0.30),
            (0.44, 0.01, 0.17, 0.27),
            (0.55, 0.0, 0.13, 0.21),
            (0.62, 0.0, 0.07, 0.12),
        ]
        neck = [(-0.06, 0.0, 0.16, 0.24), (0.08, 0.0, 0.14, 0.20), (0.20, 0.0, 0.11, 0.155), (0.28, 0.0, 0.07, 0.10)]
        head = [
            (-0.05, 0.0, 0.11, 0.14),
            (0.08, 0.0, 0.10, 0.125),
            (0.20, -0.02, 0.07, 0.085),
            (0.34, -0.04, 0.05, 0.056),
            (0.44, -0.045, 0.045, 0.048),
        ]
        out: list[tuple[str, str, Shape]] = [
            ("trunk", "coat", _barrel(scale(trunk), 2.3)),
            ("neck", "coat", _barrel(scale(neck), count=12)),
            ("head", "coat", _barrel(scale(head), count=12)),
            ("head", "snout", _barrel(scale([(0.437, -0.045, 0.047, 0.05), (0.455, -0.045, 0.047, 0.05)]), count=12)),
            (
                "head",
                "eye",
                shapes.both_sides(
                    shapes.ellipsoid((0.013 * h, 0.01 * h, 0.012 * h), (0.13 * h, 0.083 * h, 0.045 * h), count=8)
                ),
            ),
        ]
        ear = shapes.stack(
            [0.0, 0.06 * h, 0.13 * h, 0.17 * h],
            [(0.012 * h, 0.03 * h), (0.015 * h, 0.045 * h), (0.01 * h, 0.03 * h), (0.003 * h, 0.006 * h)],
            count=8,
        )
        out.append(
            ("head", "coat", shapes.both_sides(ear.moved(pose((-0.02 * h, 0.08 * h, 0.10 * h), rotation_y(-0.4)))))
        )
        tusk = np.array([(0.33, 0.045, -0.06), (0.35, 0.07, -0.04), (0.345, 0.078, 0.0)]) * h
        out.append(("head", "tusk", shapes.both_sides(shapes.tube(tusk, [0.01 * h, 0.008 * h, 0.002 * h], count=6))))
        tail = _barrel(scale([(-0.22, 0.0, 0.02, 0.02), (-0.15, 0.0, 0.012, 0.012), (0.03, 0.0, 0.02, 0.02)]), count=8)
        out.append(("tail", "coat", tail))
        fore = (
            [(0.11, 0.075), (0.095, 0.07), (0.065, 0.055)],
            [(0.062, 0.052), (0.048, 0.042), (0.034, 0.032)],
            [(0.034, 0.032), (0.028, 0.028), (0.032, 0.03)],
        )
        hind = (
            [(0.16, 0.09), (0.14, 0.085), (0.085, 0.06)],
            [(0.08, 0.055), (0.055, 0.042), (0.036, 0.03)],
            [(0.036, 0.032), (0.028, 0.028), (0.032, 0.03)],
        )
        scaled = [[[(x * h, y * h) for x, y in bone] for bone in pair] for pair in (fore, hind)]
        out += _legs(f, scaled[0], scaled[1], (0.05 * h, 0.038 * h), ("coat", "coat", "hoof"))
        return out
