"""People on foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, flag, quantity
from simgen.core.geometry import Array, pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Mount, Part
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.figure import ADULT, CHILD, SEGMENTS, Proportions, Skeleton, figure
from simgen.scene.models.gait import JOINTS, Gait, standing

VERSION = 1

CLOTH: dict[str, Rgb] = {
    "black": (0.015, 0.015, 0.017),
    "charcoal": (0.045, 0.047, 0.052),
    "grey": (0.20, 0.205, 0.21),
    "white": (0.70, 0.70, 0.68),
    "navy": (0.014, 0.022, 0.065),
    "denim": (0.04, 0.075, 0.16),
    "blue": (0.03, 0.12, 0.42),
    "teal": (0.02, 0.17, 0.18),
    "green": (0.05, 0.16, 0.06),
    "olive": (0.085, 0.085, 0.04),
    "beige": (0.38, 0.31, 0.22),
    "brown": (0.10, 0.055, 0.03),
    "red": (0.45, 0.025, 0.025),
    "orange": (0.65, 0.17, 0.02),
    "yellow": (0.72, 0.50, 0.04),
    "pink": (0.62, 0.20, 0.28),
}
SKIN: dict[str, Rgb] = {
    "light": (0.62, 0.40, 0.31),
    "fair": (0.52, 0.31, 0.22),
    "tan": (0.37, 0.20, 0.125),
    "brown": (0.19, 0.095, 0.055),
    "dark": (0.075, 0.038, 0.024),
}
HAIR: dict[str, Rgb] = {
    "black": (0.010, 0.009, 0.009),
    "brown": (0.045, 0.024, 0.013),
    "blond": (0.36, 0.24, 0.10),
    "grey": (0.30, 0.30, 0.30),
    "red": (0.20, 0.055, 0.018),
}
_TOPS = {"black": 0.2, "charcoal": 0.1, "grey": 0.12, "navy": 0.14, "white": 0.09, "beige": 0.07, "olive": 0.06}
_TOPS |= {"blue": 0.05, "red": 0.05, "green": 0.04, "teal": 0.03, "brown": 0.03, "yellow": 0.02}
_BRIGHT = {"red": 0.16, "blue": 0.16, "yellow": 0.12, "pink": 0.12, "teal": 0.1, "navy": 0.1, "green": 0.08}
_BRIGHT |= {"orange": 0.06, "grey": 0.05, "white": 0.05}
_LEGS = {"denim": 0.36, "black": 0.24, "charcoal": 0.14, "navy": 0.1, "beige": 0.08, "grey": 0.05, "brown": 0.03}
_SKINS = {"light": 0.3, "fair": 0.3, "tan": 0.18, "brown": 0.13, "dark": 0.09}
_CHILD_HAIRS = {"black": 0.35, "brown": 0.38, "blond": 0.22, "red": 0.05}
_HAIRS = {"black": 0.35, "brown": 0.38, "blond": 0.17, "grey": 0.05, "red": 0.05}

_ADULT_STATURE = {"mean": "1.72 m", "std": "0.09 m", "low": "1.5 m", "high": "1.98 m"}
_CHILD_STATURE = {"mean": "1.15 m", "std": "0.08 m", "low": "0.95 m", "high": "1.4 m"}


@dataclass(frozen=True, slots=True, eq=False)
class Limbs:
    """Poses of the parts, each of which follows one segment."""

    skeleton: Skeleton
    segment: tuple[int, ...]

    def __call__(self, joints: Array) -> Array:
        return self.skeleton.pose(joints)[list(self.segment)]


class Pedestrian(ActorModel):
    """Someone on foot, who walks and runs."""

    semantic: ClassVar[str] = "pedestrian"
    proportions: ClassVar[Proportions] = ADULT
    body_mass_index: ClassVar[float] = 24.5

    # Declared by each kind of person with its own limits.
    height: float
    top: str
    sleeves: str = choice(
        "long", "short", default="long", help="of the upper garment", vary={"choice": {"long": 0.75, "short": 0.25}}
    )
    bottom: str = choice(*CLOTH, default="denim", help="colour of trousers or shorts", vary={"choice": dict(_LEGS)})
    legwear: str = choice(
        "trousers",
        "shorts",
        default="trousers",
        help="on the legs",
        vary={"choice": {"trousers": 0.88, "shorts": 0.12}},
    )
    shoes: str = choice(
        *CLOTH, default="white", help="colour", vary={"choice": {"white": 0.3, "black": 0.4, "brown": 0.2, "grey": 0.1}}
    )
    skin: str = choice(*SKIN, default="fair", help="tone", vary={"choice": dict(_SKINS)})
    hair: str = choice(*HAIR, default="brown", help="colour", vary={"choice": dict(_HAIRS)})
    hair_length: str = choice(
        "short", "long", default="short", help="of the hair", vary={"choice": {"short": 0.6, "long": 0.4}}
    )
    backpack: str = choice(
        "no", "yes", default="no", help="carried on the back", vary={"choice": {"no": 0.8, "yes": 0.2}}
    )
    reflective: bool = flag(default=False, help="a retroreflective band around the chest")

    def build(self) -> Body:
        skeleton = Skeleton(stature_m=self.height, proportions=self.proportions)
        body = figure(skeleton, self.sleeves, self.legwear, self.hair_length, self.backpack == "yes", self.reflective)
        materials = self._materials()
        parts, segment = [], []
        for name, made_of, mesh in body.pieces:
            parts.append(Part(name=f"{name}_{made_of}", mesh=mesh, material=materials[made_of]))
            segment.append(SEGMENTS.index(name))
        limbs = Limbs(skeleton, tuple(segment))
        gait = Gait(skeleton.legs)
        rest_joints = standing(skeleton.legs)
        rest = limbs(rest_joints)
        low, high = _bounds(parts, rest)
        first = {name: parts[segment.index(k)].name for k, name in enumerate(SEGMENTS) if k in segment}
        half_y = float(max(-low[1], high[1]))
        top = float(high[2])
        half_x = float(max(-low[0], high[0]))
        walking = _reach(parts, limbs, gait, 1.3)
        running = _reach(parts, limbs, gait, 3.5)
        shoulder = skeleton.of(self.proportions.shoulder_half)
        radius = 0.8 * shoulder
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                f"person/{type(self).__name__.lower()}",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=tuple(parts),
            rest=rest,
            box_center_m=(0.0, 0.0, top / 2),
            box_size_m=(2 * half_x, 2 * half_y, top),
            collision=(
                CollisionShape(
                    kind="capsule",
                    size_m=(radius, top - 2 * radius - 0.04),
                    body_from_shape=pose((0.0, 0.0, top / 2 + 0.02)),
                ),
            ),
            mass_kg=round(self.body_mass_index * self.height**2, 1),
            friction=0.7,
            restitution=0.05,
            joints=JOINTS,
            joint_rest=tuple(float(j) for j in rest_joints),
            articulate=limbs,
            gait=gait,
            mounts={"head": Mount(part=first["head"], part_from_mount=pose(body.eye_m + np.array([0.03, 0, 0])))},
            keypoints=_keypoints(skeleton, first, body.eye_m),
            notes={
                "eye_height_m": float((rest[parts.index(_named(parts, first["head"]))] @ [*body.eye_m, 1.0])[2]),
                "leg_m": skeleton.legs.stand_m,
                "stride_base_m": gait.stride_m(0.0),
                "stride_per_speed_s": gait.stride_m(1.0) - gait.stride_m(0.0),
                "walk_length_m": walking,
                "run_length_m": running,
            },
        )

    def _materials(self) -> dict[str, Material]:
        skin = SKIN[self.skin]
        top = CLOTH[self.top]
        accent = tuple(min(0.8, 0.5 * c + 0.12) for c in top)
        shoes = CLOTH[self.shoes]
        return {
            "skin": Material(name="skin", base_color=skin, roughness=0.55),
            "face": Material(name="face", base_color=(0.05, 0.025, 0.02), roughness=0.4),
            "hair": Material(name="hair", base_color=HAIR[self.hair], roughness=0.6),
            "top": Material(name=f"cloth_{self.top}", base_color=top, roughness=0.9),
            "accent": Material(name="accent", base_color=(accent[0], accent[1], accent[2]), roughness=0.9),
            "legs": Material(name=f"cloth_{self.bottom}", base_color=CLOTH[self.bottom], roughness=0.92),
            "shoes": Material(name=f"shoes_{self.shoes}", base_color=shoes, roughness=0.6),
            "soles": Material(name="soles", base_color=(0.5, 0.5, 0.48), roughness=0.85),
            "bag": Material(name="bag", base_color=(0.12, 0.02, 0.10), roughness=0.85),
            "reflective": Material(name="reflective", base_color=(0.6, 0.6, 0.6), roughness=0.4, retroreflectance=0.6),
        }


def _named(parts: list[Part], name: str) -> Part:
    return next(p for p in parts if p.name == name)


def _bounds(parts: list[Part], poses: Array) -> tuple[Array, Array]:
    points = [p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(parts, poses, strict=True)]
    every = np.vstack(points)
    return every.min(axis=0), every.max(axis=0)


def _reach(parts: list[Part], limbs: Limbs, gait: Gait, speed_mps: float) -> float:
    """Twice the furthest that anything gets from the middle along x over a stride."""
    stride = gait.stride_m(speed_mps)
    furthest = 0.0
    for phase in np.arange(12) / 12:
        low, high = _bounds(parts, limbs(gait(float(phase * stride), speed_mps)))
        furthest = max(furthest, -float(low[0]), float(high[0]))
    return round(2 * furthest, 3)


def _keypoints(s: Skeleton, first: dict[str, str], eye_m: Array) -> dict[str, tuple[str, tuple[float, float, float]]]:
    p, h = s.proportions, s.stature_m
    eye_y, eye_z = 0.36 * p.head_width * h / 2, float(eye_m[2])
    points: dict[str, tuple[str, tuple[float, float, float]]] = {
        "head": ("head", (0.0, 0.0, 0.02 * h + 0.5 * (1 - p.chin) * h)),
        "nose": ("head", (float(eye_m[0]) * 1.15, 0.0, 0.02 * h + 0.38 * (1 - p.chin) * h)),
        "neck": ("head", (0.0, 0.0, 0.0)),
        "pelvis": ("pelvis", (0.0, 0.0, 0.0)),
    }
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"{side}_eye"] = ("head", (0.93 * float(eye_m[0]), sign * eye_y, eye_z))
        points[f"{side}_ear"] = ("head", (0.0, sign * p.head_width * h / 2, eye_z - 0.02 * h))
        points[f"{side}_shoulder"] = (f"{side}_upper_arm", (0.0, 0.0, 0.0))
        points[f"{side}_elbow"] = (f"{side}_forearm", (0.0, 0.0, 0.0))
        points[f"{side}_wrist"] = (f"{side}_hand", (0.0, 0.0, 0.0))
        points[f"{side}_hip"] = (f"{side}_thigh", (0.0, 0.0, 0.0))
        points[f"{side}_knee"] = (f"{side}_shank", (0.0, 0.0, 0.0))
        points[f"{side}_ankle"] = (f"{side}_foot", (0.0, 0.0, 0.0))
        points[f"{side}_toe"] = (f"{side}_foot", (0.72 * p.foot * h, 0.0, -0.85 * p.ankle * h))
    return {name: (first[segment], position) for name, (segment, position) in points.items()}


@models.register("pedestrian.adult")
class Adult(Pedestrian):
    """An adult on foot."""

    height: float = quantity(
        "m", low=1.4, high=2.1, default=1.75, help="stature with shoes", vary={"truncated_normal": _ADULT_STATURE}
    )
    top: str = choice(*CLOTH, default="navy", help="colour of the upper garment", vary={"choice": dict(_TOPS)})


@models.register("pedestrian.child")
class Child(Pedestrian):
    """A child of about six years on foot."""

    semantic: ClassVar[str] = "child"
    proportions: ClassVar[Proportions] = CHILD
    body_mass_index: ClassVar[float] = 16.0
    height: float = quantity(
        "m", low=0.85, high=1.5, default=1.15, help="stature with shoes", vary={"truncated_normal": _CHILD_STATURE}
    )
    top: str = choice(*CLOTH, default="red", help="colour of the upper garment", vary={"choice": dict(_BRIGHT)})
    hair: str = choice(*HAIR, default="brown", help="colour", vary={"choice": dict(_CHILD_HAIRS)})
