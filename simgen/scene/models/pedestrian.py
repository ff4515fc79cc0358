"""People on foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, flag, quantity
from simgen.core.geometry import Array, inverse, pose, rotation_y
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Body, CollisionShape, Mount, Part
from simgen.scene.footing import Foot
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.figure import ADULT, CHILD, FRAMES, SEGMENTS, Proportions, Skeleton, cloth, figure, hair_of
from simgen.scene.models.gait import JOINTS, Bearing, Gait
from simgen.scene.shapes import Shape

VERSION = 8

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
VEST: dict[str, Rgb] = {"yellow": (0.55, 0.80, 0.03), "orange": (0.85, 0.17, 0.02)}
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
FACE = Material(name="face", base_color=(0.05, 0.022, 0.018), roughness=0.95)
EYES = Material(name="eyes", base_color=(0.42, 0.40, 0.38), roughness=0.5)

_GIRTH = {"mean": 1.0, "std": 0.1, "low": 0.85, "high": 1.35}
_ADULT_STATURE = {"mean": "1.72 m", "std": "0.09 m", "low": "1.5 m", "high": "1.98 m"}
_OLD_STATURE = {"mean": "1.66 m", "std": "0.09 m", "low": "1.45 m", "high": "1.9 m"}
_CHILD_STATURE = {"mean": "1.15 m", "std": "0.08 m", "low": "0.95 m", "high": "1.4 m"}


BODY = -1
"""The "segment" of what is carried in the frame of the body."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """A rigid thing that somebody carries or pushes: in the frame of a segment, or of the body; ``radius_m`` is that of
    a wheel, which turns about the y axis of its frame as the body covers ground."""

    name: str
    shape: Shape
    material: Material
    segment: str = ""
    at: Array
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Limbs:
    """Poses of the parts, each of which follows one segment (or the body), at a place in its frame.

    ``wheels_m``: radius of those that turn, 0 of the others; the joint after those of the figure is the distance.
    """

    skeleton: Skeleton
    segment: tuple[int, ...]
    at: tuple[Array | None, ...] = ()
    wheels_m: tuple[float, ...] = ()

    def __call__(self, joints: Array) -> Array:
        body = self.skeleton.pose(joints[: len(JOINTS)])
        if max(self.segment) >= len(SEGMENTS):
            body = np.concatenate([body, self.skeleton.drapes(joints)])
        plain = len(self.segment) - len(self.at)
        out = np.empty((len(self.segment), 4, 4))
        out[:plain] = body[list(self.segment[:plain])]
        for k, (at, radius) in enumerate(zip(self.at, self.wheels_m, strict=True), start=plain):
            assert at is not None
            frame = at if self.segment[k] == BODY else body[self.segment[k]] @ at
            out[k] = frame @ pose(rotation=rotation_y(joints[len(JOINTS)] / radius)) if radius > 0.0 else frame
        return out


@dataclass(frozen=True, slots=True)
class PushingGait(Gait):
    """The gait of somebody who pushes something on wheels; one joint more counts the metres."""

    def on_feet(self, feet: Sequence[Foot], cycles: float, speed_mps: float, distance_m: float = 0.0) -> Array:
        return np.append(Gait.on_feet(self, feet, cycles, speed_mps), distance_m)

    def __call__(self, distance_m: float, speed_mps: float) -> Array:
        return np.append(Gait.__call__(self, distance_m, speed_mps), distance_m)

    def limp(self, down: Array) -> Array:
        return np.append(Gait.limp(self, down), 0.0)


class Pedestrian(ActorModel):
    """Someone on foot, who walks and runs."""

    semantic: ClassVar[str] = "pedestrian"
    proportions: ClassVar[Proportions] = ADULT
    body_mass_index: ClassVar[float] = 24.5
    walking_mps: ClassVar[tuple[float, float]] = (1.31, 0.154)
    """Mean and standard deviation of walking speeds. An unhurried adult, whose 15th percentile is 1.15 m/s. On
    crossings, where people hurry, Knoblauch et al. 1996 (TRR 1538) measured 1.51 m/s with a 15th percentile of 1.25
    below 65 years, and 1.25 with 0.97 above."""

    # Declared by each kind of person with its own limits.
    height: float
    top: str
    sleeves: str = choice(
        "long", "short", default="long", help="of the upper garment", vary={"choice": {"long": 0.75, "short": 0.25}}
    )
    pattern: str = choice(
        "plain", "band", default="plain", help="of the upper garment", vary={"choice": {"plain": 0.75, "band": 0.25}}
    )
    bottom: str = choice(*CLOTH, default="denim", help="colour of trousers or shorts", vary={"choice": dict(_LEGS)})
    legwear: str = choice(
        "trousers",
        "shorts",
        "skirt",
        default="trousers",
        help="on the legs",
        vary={"choice": {"trousers": 0.78, "shorts": 0.12, "skirt": 0.1}},
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
    outer: str = choice(
        "none",
        "coat",
        "vest",
        default="none",
        help="over the upper garment; a coat in its colour, a warning vest with retroreflective bands",
        vary={"choice": {"none": 0.72, "coat": 0.27, "vest": 0.01}},
    )
    vest_color: str = choice(
        *VEST, default="yellow", help="of a warning vest", vary={"choice": {"yellow": 0.6, "orange": 0.4}}
    )
    headwear: str = choice(
        "none", "cap", "helmet", default="none", help="on the head", vary={"choice": {"none": 0.86, "cap": 0.14}}
    )
    build_factor: float = quantity(
        "", low=0.75, high=1.5, default=1.0, help="girth, 1 for the average", vary={"truncated_normal": dict(_GIRTH)}
    )
    reflective: bool = flag(default=False, help="a retroreflective band around the chest")

    def build(self) -> Body:
        slender = replace(self.proportions, bulk=self.proportions.bulk * self.build_factor)
        skeleton = Skeleton(stature_m=self.height, proportions=slender)
        body = figure(
            skeleton,
            self.sleeves,
            self.legwear,
            self.hair_length,
            self.backpack == "yes",
            self.reflective,
            self.outer,
            self.headwear,
            self.pattern,
        )
        materials = self._materials()
        parts, segment = [], []
        for name, made_of, mesh in body.pieces:
            parts.append(Part(name=f"{name}_{made_of}", mesh=mesh, material=materials[made_of]))
            segment.append(FRAMES.index(name))
        bearing = self.bearing()
        posture = skeleton.pose(self.gait_of(skeleton, bearing, False)(0.0, 0.0)[: len(JOINTS)])
        carried = self.carries(skeleton, posture)
        for thing in carried:
            parts.append(Part(name=thing.name, mesh=thing.shape.smooth(0.6), material=thing.material))
            segment.append(SEGMENTS.index(thing.segment) if thing.segment else BODY)
        rolls = any(thing.radius_m > 0.0 for thing in carried)
        limbs = Limbs(
            skeleton,
            tuple(segment),
            tuple(thing.at for thing in carried),
            tuple(thing.radius_m for thing in carried),
        )
        gait = self.gait_of(skeleton, bearing, rolls)
        rest_joints = gait(0.0, 0.0)
        rest = limbs(rest_joints)
        low, high = _bounds(parts, rest)
        first = {name: parts[segment.index(k)].name for k, name in enumerate(SEGMENTS) if k in segment}
        half_y = float(max(-low[1], high[1]))
        top = float(high[2])
        half_x = float(max(-low[0], high[0]))
        middle_x = float(low[0] + high[0]) / 2 if self.lopsided else 0.0
        if self.lopsided:
            half_x = float(high[0] - low[0]) / 2
        walking = _reach(parts, limbs, gait, 1.3)
        running = _reach(parts, limbs, gait, 3.5)
        shoulder = skeleton.of(self.proportions.shoulder_half)
        radius = 0.65 * shoulder
        tall = min(top, skeleton.stature_m)
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
            box_center_m=(middle_x, 0.0, top / 2),
            box_size_m=(2 * half_x, 2 * half_y, top),
            collision=self.collision(radius, tall),
            rolling_friction=0.03,
            mass_kg=round(self.body_mass_index * self.build_factor**2 * self.height**2, 1),
            friction=0.7,
            restitution=0.05,
            joints=(*JOINTS, "wheel_distance") if rolls else JOINTS,
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
                "walk_mean_mps": self.walking_mps[0],
                "walk_std_mps": self.walking_mps[1],
            },
        )

    lopsided: ClassVar[bool] = False
    """Whether what is pushed or drawn reaches further on one side."""
    burdened: ClassVar[bool] = False
    """Whether what is pushed, drawn or held up cannot be let go."""

    def bearing(self) -> Bearing:
        return Bearing()

    def carries(self, skeleton: Skeleton, posture: Array) -> list[Carried]:
        """What is carried or pushed by somebody whose segments stand at ``posture`` (15, 4, 4)."""
        return []

    def gait_of(self, skeleton: Skeleton, bearing: Bearing, rolls: bool) -> Gait:
        """``rolls``: something on wheels comes along."""
        return (PushingGait if rolls else Gait)(skeleton.legs, bearing, free=not self.burdened)

    def collision(self, radius_m: float, tall_m: float) -> tuple[CollisionShape, ...]:
        # Two beside each other, a little behind the middle: who lands on a shoulder comes to rest on his front.
        return tuple(
            CollisionShape(
                kind="capsule",
                size_m=(radius_m, tall_m - 2 * radius_m - 0.04),
                body_from_shape=pose((-0.3 * radius_m, side * 0.8 * radius_m, tall_m / 2 + 0.02)),
            )
            for side in (1.0, -1.0)
        )

    def _materials(self) -> dict[str, Material]:
        skin = SKIN[self.skin]
        top = CLOTH[self.top]
        accent = tuple(min(0.8, 0.5 * c + 0.12) for c in top)
        shoes = CLOTH[self.shoes]
        return {
            "skin": Material(name="skin", base_color=skin, roughness=0.55),
            "face": FACE,
            "eyes": EYES,
            "hair": hair_of(HAIR[self.hair]),
            "top": cloth(f"cloth_{self.top}", top),
            "accent": cloth("accent", (accent[0], accent[1], accent[2])),
            "legs": cloth(f"cloth_{self.bottom}", CLOTH[self.bottom], 0.92),
            "lining": Material(name="lining", base_color=(0.02, 0.02, 0.022), roughness=0.95),
            "shoes": Material(name=f"shoes_{self.shoes}", base_color=shoes, roughness=0.6),
            "soles": Material(name="soles", base_color=(0.5, 0.5, 0.48), roughness=0.85),
            "vest": cloth(f"vest_{self.vest_color}", VEST[self.vest_color], 0.85),
            "headwear": Material(
                name="headwear",
                base_color=(0.72, 0.50, 0.02) if self.headwear == "helmet" else CLOTH[self.bottom],
                roughness=0.3 if self.headwear == "helmet" else 0.9,
            ),
            "bag": cloth("bag", (0.12, 0.02, 0.10), 0.85),
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
    columns = [np.ascontiguousarray(part.mesh.vertices_m.T, dtype=np.float64) for part in parts]
    for phase in np.arange(12) / 12:
        poses = limbs(gait(float(phase * stride), speed_mps))
        for vertices, matrix in zip(columns, poses, strict=True):
            x = matrix[0, :3] @ vertices + matrix[0, 3]
            furthest = max(furthest, -float(x.min()), float(x.max()))
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


@models.register("pedestrian.elderly")
class Elderly(Adult):
    """An old person on foot, stooped (walks at 1.16 m/s on average; 15 % slower than 0.92)."""

    height: float = quantity(
        "m", low=1.35, high=2.0, default=1.66, help="stature with shoes", vary={"truncated_normal": _OLD_STATURE}
    )
    top: str = choice(*CLOTH, default="beige", help="colour of the upper garment", vary={"choice": dict(_TOPS)})
    hair: str = choice(
        *HAIR, default="grey", help="colour", vary={"choice": {"grey": 0.85, "brown": 0.1, "black": 0.05}}
    )
    stoop: float = quantity(
        "rad", low=0, high=0.8, default=0.24, help="forward bend of the back", vary={"uniform": ["0.1 rad", "0.45 rad"]}
    )

    walking_mps: ClassVar[tuple[float, float]] = (1.16, 0.232)

    def bearing(self) -> Bearing:
        return Bearing(stoop_rad=self.stoop)


@models.register("pedestrian.worker")
class Worker(Adult):
    """A worker with warning vest and helmet, for roadworks and warehouses."""

    top: str = choice(*CLOTH, default="navy", help="colour of the upper garment", vary={"choice": dict(_TOPS)})
    bottom: str = choice(
        *CLOTH, default="navy", help="colour of the trousers", vary={"choice": {"navy": 0.6, "grey": 0.4}}
    )
    shoes: str = choice(*CLOTH, default="black", help="colour", vary={"choice": {"black": 0.6, "brown": 0.4}})
    outer: str = choice("none", "coat", "vest", default="vest", help="over the upper garment")
    headwear: str = choice("none", "cap", "helmet", default="helmet", help="on the head")
    legwear: str = choice("trousers", "shorts", "skirt", default="trousers", help="on the legs")
    backpack: str = choice("no", "yes", default="no", help="carried on the back")


@models.register("pedestrian.phone")
class PhoneUser(Adult):
    """Somebody who looks at a phone instead of the road."""

    lopsided: ClassVar[bool] = True

    def bearing(self) -> Bearing:
        return Bearing(gaze_rad=0.55, arms=(None, (0.55, 0.02, 1.75)))

    def carries(self, skeleton: Skeleton, posture: Array) -> list[Carried]:
        device = shapes.rounded_box((0.010, 0.075, 0.15), 0.004, count=12)
        shell = Material(name="phone", base_color=(0.02, 0.02, 0.022), roughness=0.2)
        at = pose((0.03, 0.0, -0.09))
        return [Carried(name="phone", shape=device, material=shell, segment="right_hand", at=at)]


@models.register("pedestrian.umbrella")
class UmbrellaBearer(Adult):
    """Somebody under an open umbrella, which hides head and shoulders from above."""

    lopsided: ClassVar[bool] = True
    burdened: ClassVar[bool] = True

    umbrella: str = choice(
        *CLOTH,
        default="black",
        help="colour",
        vary={"choice": {"black": 0.5, "navy": 0.15, "red": 0.15, "green": 0.1, "yellow": 0.1}},
    )
    umbrella_radius: float = quantity(
        "m", low=0.35, high=0.7, default=0.5, help="of the canopy", vary={"uniform": ["0.42 m", "0.6 m"]}
    )

    def bearing(self) -> Bearing:
        return Bearing(arms=(None, (0.50, 0.0, 1.95)))

    def carries(self, skeleton: Skeleton, posture: Array) -> list[Carried]:
        hand = posture[SEGMENTS.index("right_hand")] @ (0.0, 0.0, -0.05, 1.0)
        torso = posture[SEGMENTS.index("torso")]
        at = inverse(torso) @ pose(hand[:3])
        # The shaft leans so that the canopy is over the head, and clears it.
        over = np.array([0.07 - hand[0], 0.5 * -hand[1], 1.02 * skeleton.stature_m - hand[2]])
        r = self.umbrella_radius
        rim = [(0.0, 1.0), (0.10, 0.93), (0.21, 0.74), (0.285, 0.47), (0.315, 0.2), (0.32, 0.02)]

        def dome(grow: float) -> Shape:
            sections = [
                np.column_stack([grow * r * k * shapes.ring(1.0, 1.0, 16), np.full(16, grow * r * z)]) for z, k in rim
            ]
            return shapes.loft(np.array(sections), caps=False)

        along = over / np.linalg.norm(over)
        across = np.cross((0.0, 1.0, 0.0), along)
        across /= np.linalg.norm(across)
        leaning = pose(over, np.column_stack([across, np.cross(along, across), along]))
        canopy = shapes.join([dome(1.0), dome(0.985).turned_inside_out()]).moved(leaning)
        tip = over + 0.36 * r * along
        shaft = shapes.tube(np.array([-0.12 * over, over, tip]), [0.011, 0.006, 0.003], count=6)
        canopy_cloth = Material(name=f"umbrella_{self.umbrella}", base_color=CLOTH[self.umbrella], roughness=0.6)
        steel = Material(name="shaft", base_color=(0.25, 0.25, 0.26), roughness=0.35, metallic=0.8)
        return [
            Carried(name="umbrella", shape=canopy, material=canopy_cloth, segment="torso", at=at),
            Carried(name="umbrella_shaft", shape=shaft, material=steel, segment="torso", at=at),
        ]


def wheel(radius_m: float, wide_m: float, count: int = 20) -> Shape:
    """A wheel that turns about the y axis."""
    r, w = radius_m, wide_m / 2
    return shapes.lathe(
        [
            (0.0, -w),
            (0.75 * r, -w),
            (0.95 * r, -w),
            (r, -0.5 * w),
            (r, 0.5 * w),
            (0.95 * r, w),
            (0.75 * r, w),
            (0.0, w),
        ],
        count=count,
    )


@models.register("pedestrian.suitcase")
class Traveller(Adult):
    """Somebody who draws a suitcase on wheels."""

    lopsided: ClassVar[bool] = True
    burdened: ClassVar[bool] = True
    suitcase: str = choice(
        *CLOTH,
        default="charcoal",
        help="colour",
        vary={"choice": {"charcoal": 0.4, "black": 0.3, "red": 0.15, "blue": 0.15}},
    )

    def bearing(self) -> Bearing:
        return Bearing(arms=((-0.42, 0.10, 0.10), None))

    def carries(self, skeleton: Skeleton, posture: Array) -> list[Carried]:
        hand = (posture[SEGMENTS.index("left_hand")] @ (0.0, 0.0, -0.06, 1.0))[:3]
        tilt = 0.62
        axle = np.array([hand[0] - 0.62, hand[1], 0.04])
        up = np.array([np.sin(tilt), 0.0, np.cos(tilt)])
        turned = pose(axle, rotation_y(tilt))
        box = shapes.rounded_box((0.22, 0.40, 0.58), 0.05, (0.0, 0.0, 0.31))
        reach = float((hand - axle) @ up)
        rods = shapes.both_sides(shapes.tube([(0.04, 0.10, 0.58), (0.04, 0.10, reach)], 0.007, count=6))
        grip = shapes.tube([(0.04, -0.11, reach), (0.04, 0.11, reach)], 0.013, count=8)
        shell = Material(name=f"suitcase_{self.suitcase}", base_color=CLOTH[self.suitcase], roughness=0.4)
        dark = Material(name="suitcase_rods", base_color=(0.05, 0.05, 0.05), roughness=0.5)
        out = [
            Carried(name="suitcase", shape=box, material=shell, at=turned),
            Carried(name="suitcase_handle", shape=shapes.join([rods, grip]), material=dark, at=turned),
        ]
        for side, name in ((1.0, "left"), (-1.0, "right")):
            at = pose(axle + (0.0, side * 0.17, 0.0))
            out.append(
                Carried(name=f"suitcase_wheel_{name}", shape=wheel(0.04, 0.03, 12), material=dark, at=at, radius_m=0.04)
            )
        return out


@models.register("pedestrian.pram")
class PramPusher(Adult):
    """Somebody who pushes a pram."""

    lopsided: ClassVar[bool] = True
    burdened: ClassVar[bool] = True
    pram: str = choice(
        *CLOTH,
        default="charcoal",
        help="colour",
        vary={"choice": {"charcoal": 0.35, "navy": 0.25, "beige": 0.2, "red": 0.2}},
    )

    def bearing(self) -> Bearing:
        return Bearing(stoop_rad=0.05, arms=((0.42, 0.06, 0.62), (0.42, 0.06, 0.62)))

    def collision(self, radius_m: float, tall_m: float) -> tuple[CollisionShape, ...]:
        pram = CollisionShape(kind="box", size_m=(0.75, 0.5, 0.75), body_from_shape=pose((0.95, 0.0, 0.5)))
        return (*super().collision(radius_m, tall_m), pram)

    def carries(self, skeleton: Skeleton, posture: Array) -> list[Carried]:
        hands = [(posture[SEGMENTS.index(f"{s}_hand")] @ (0.0, 0.0, -0.06, 1.0))[:3] for s in ("left", "right")]
        x, y, z = float(hands[0][0]), float(hands[0][1]), float(hands[0][2])
        frame = [
            shapes.tube([(x, -y - 0.02, z), (x, y + 0.02, z)], 0.016, count=8),
            shapes.both_sides(
                shapes.tube(
                    [(x, y, z), (x + 0.10, 0.24, z - 0.05), (x + 0.42, 0.24, 0.42), (x + 0.85, 0.24, 0.16)],
                    0.012,
                    count=6,
                )
            ),
            shapes.both_sides(
                shapes.tube([(x + 0.28, 0.24, 0.17), (x + 0.42, 0.24, 0.42), (x + 0.62, 0.22, 0.62)], 0.012, count=6)
            ),
            shapes.tube([(x + 0.28, -0.25, 0.17), (x + 0.28, 0.25, 0.17)], 0.010, count=6),
            shapes.tube([(x + 0.85, -0.25, 0.16), (x + 0.85, 0.25, 0.16)], 0.010, count=6),
        ]
        middle = x + 0.60
        sizes = [(0.0, 0.30, 0.15), (0.04, 0.36, 0.18), (0.14, 0.40, 0.20), (0.24, 0.41, 0.21), (0.25, 0.39, 0.19)]
        tub = shapes.stack(
            [0.55 + s[0] for s in sizes], [(s[1], s[2]) for s in sizes], [(middle, 0.0)] * 5, count=20, exponent=3.2
        )
        # The hood is half a barrel over the end that looks at who pushes.
        angle = np.linspace(0.0, 0.5 * np.pi + 0.25, 6)
        rim = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 11)
        ribs = [
            [
                (middle - 0.12 - 0.30 * np.sin(a) * np.cos(r), 0.215 * np.sin(r), 0.78 + 0.32 * np.cos(a) * np.cos(r))
                for r in rim
            ]
            for a in angle
        ]
        hood = shapes.grid(np.array(ribs)[:, ::-1])
        lining = hood.shifted(-middle, 0.0, -0.78).scaled(0.96, 0.97, 0.96).shifted(middle, 0.0, 0.78)
        hood = shapes.join([hood, lining.turned_inside_out()])
        fabric = Material(name=f"pram_{self.pram}", base_color=CLOTH[self.pram], roughness=0.85)
        steel = Material(name="pram_frame", base_color=(0.30, 0.30, 0.31), roughness=0.35, metallic=0.8)
        rubber = Material(name="pram_tyres", base_color=(0.025, 0.025, 0.025), roughness=0.8)
        here = np.eye(4)
        out = [
            Carried(name="pram_frame", shape=shapes.join(frame), material=steel, at=here),
            Carried(name="pram_tub", shape=tub, material=fabric, at=here),
            Carried(name="pram_hood", shape=hood, material=fabric, at=here),
        ]
        for end, wx, r in (("rear", x + 0.28, 0.17), ("front", x + 0.85, 0.13)):
            for side, name in ((1.0, "left"), (-1.0, "right")):
                at = pose((wx, side * 0.27, r))
                out.append(
                    Carried(
                        name=f"pram_wheel_{end}_{name}", shape=wheel(r, 0.04, 12), material=rubber, at=at, radius_m=r
                    )
                )
        return out
