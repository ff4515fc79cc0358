"""What bicycles, motorcycles and scooters share: frames that lean, steer, roll and pedal, with or without a rider."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import Array, about, pose, rotation_x, rotation_y, rotations_between, transform
from simgen.scene import shapes
from simgen.scene.body import Body, CollisionShape, Lamp, Mount, Part, VehicleGeometry
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.figure import ADULT, SEGMENTS, Skeleton, cloth, figure, hair_of
from simgen.scene.models.overturned import (
    Cloud,
    Rest,
    beside,
    box_around,
    limbs_between,
    on_its_side,
    prone,
    set_down,
)
from simgen.scene.models.pedestrian import CLOTH, EYES, FACE, HAIR, SKIN
from simgen.scene.models.rider import Seat, ankle_over, seated
from simgen.scene.models.vehicle import MATERIALS, lens
from simgen.scene.shapes import Shape, join

VERSION = 6
JOINTS = ("lean", "steer", "wheel_f_spin", "wheel_r_spin", "crank", "fallen")
"""lean in radians is positive to the left, as steer is, which turns the fork; the spins are what wheels have rolled
forward; the crank turns forward, 0 with the left pedal up; fallen is 0 while it is ridden and 1 once the machine and
its rider lie on the ground, on the side of the lean: the fork is then turned to where nobody holds it."""

GROUPS = ("frame", "steer", "front", "rear", "crank", "pedal_left", "pedal_right", "rider")

ALLOY = Material(name="alloy", base_color=(0.48, 0.485, 0.49), roughness=0.3, metallic=0.7)
TYRE = Material(name="rubber", base_color=(0.02, 0.02, 0.021), roughness=0.9)
LEATHER = Material(name="leather", base_color=(0.03, 0.024, 0.02), roughness=0.6)
AMBER_REFLECTOR = Material(name="reflector", base_color=(0.7, 0.32, 0.03), roughness=0.3, retroreflectance=0.6)
ENGINE = Material(name="engine", base_color=(0.16, 0.162, 0.165), roughness=0.45, metallic=0.5)

FITTINGS: dict[str, Material] = {
    **MATERIALS,
    "alloy": ALLOY,
    "tyre": TYRE,
    "leather": LEATHER,
    "reflectors": AMBER_REFLECTOR,
    "engine": ENGINE,
    "head_lamp": lens("head", (0.75, 0.76, 0.78), (9000.0, 8800.0, 8200.0)),
    "tail_lamp": lens("tail", (0.38, 0.008, 0.008), (900.0, 18.0, 9.0)),
    "brake_lamp": lens("brake", (0.44, 0.012, 0.012), (9000.0, 180.0, 90.0)),
}

PARKED_GROUPS = (("plate", ("frame_plate",)), ("rider", ("rider_",)), ("machine", ("",)))
"""How the parts of a parked two-wheeler are merged (scene/assembly.py); its plate keeps its picture."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Machine:
    """The geometry of a two-wheeler at rest, body frame, metres.

    Attributes:
        meshes: (group, what it is made of) -> mesh. Groups as ``GROUPS``: wheels lie around their hubs, pedals around
            their spindles; the frame, the fork with all that turns with it, and the crank lie in the body frame.
        steer_m, steer_axis: a point on the steering axis and its direction, up; lock_rad: how far the fork turns when
            nobody holds it.
        crank_m: the bottom bracket, or None for a machine with an engine; crank_length_m; pedal_m: how far outside of
            the middle the pedals are; gear: turns of the rear wheel per turn of the crank.
        grips_m: (2, 3) left and right, with the fork straight.
        rests_m: (2, 3) what the balls of the feet stand on, when there is no crank.
    """

    meshes: Mapping[tuple[str, str], Mesh]
    front_m: Array
    rear_m: Array
    wheel_radius_m: float
    steer_m: Array
    steer_axis: Array
    lock_rad: float = 0.8
    crank_m: Array | None = None
    crank_length_m: float = 0.17
    pedal_m: float = 0.13
    gear: float = 1.0
    grips_m: Array
    rests_m: Array | None = None
    feet_pitch_rad: tuple[float, float] = (0.0, 0.0)

    @property
    def center_m(self) -> Array:
        """(3,) of gravity, about: most of it lies between the wheels, the grips and the cranks."""
        points = [self.front_m, self.rear_m, self.grips_m.mean(axis=0)]
        result: Array = np.mean(points if self.crank_m is None else [*points, self.crank_m], axis=0)
        return result


class Pieces:
    """What there is of a machine and of its rider, as it matters once they lie on the ground.

    Args:
        parts, follows: the visible parts, and (group, segment) of each.
    """

    def __init__(self, parts: Sequence[Part], follows: Sequence[tuple[str, int]]) -> None:
        self._parts = tuple(zip(parts, follows, strict=True))
        self.rests: dict[tuple[float, float], Rest] = {}
        """Those found already, by side and angle of the crank."""

    @cached_property
    def machine(self) -> Cloud:
        """Its pieces by their place in ``GROUPS``."""
        pieces = [(GROUPS.index(group), part.mesh.vertices_m) for part, (group, _) in self._parts if group != "rider"]
        return Cloud.around(pieces)

    @cached_property
    def rider(self) -> Cloud:
        """His pieces by their place in ``SEGMENTS``."""
        return Cloud.around(
            [(segment, part.mesh.vertices_m) for part, (group, segment) in self._parts if group == "rider"]
        )

    def prone(self, skeleton: Skeleton) -> Array:
        """(15, 4, 4) segments of the rider, as ``overturned.prone``."""
        his = [(part, segment) for part, (group, segment) in self._parts if group == "rider"]
        named = [replace(part, name=part.name.removeprefix("rider_")) for part, _ in his]
        return prone(skeleton, named, [segment for _, segment in his])


@dataclass(frozen=True, slots=True, eq=False)
class Riding:
    """Poses of the parts: each follows a group of the machine, or a segment of the rider."""

    machine: Machine
    follows: tuple[tuple[str, int], ...]
    skeleton: Skeleton | None
    seat: Seat | None
    pieces: Pieces

    def feet(self, crank_rad: float) -> Array:
        """(2, 4, 4) frames of the feet."""
        assert self.skeleton is not None
        m = self.machine
        if m.crank_m is None:
            assert m.rests_m is not None
            return np.array([ankle_over(self.skeleton, m.rests_m[k], m.feet_pitch_rad[k]) for k in range(2)])
        out = []
        for k in range(2):
            turned = crank_rad + k * np.pi
            out.append(ankle_over(self.skeleton, self.pedal(k, crank_rad) + (0, 0, 0.012), self.pitch(turned)))
        return np.array(out)

    def pitch(self, turned_rad: float) -> float:
        """Of a foot and its pedal: the toes drop as the leg pushes back and up."""
        return float(-0.18 - 0.22 * np.sin(turned_rad - 2.6))

    def pedal(self, side: int, crank_rad: float) -> Array:
        """(3,) middle of the pedal, left 0 or right 1."""
        m = self.machine
        assert m.crank_m is not None
        turned = crank_rad + side * np.pi
        way = np.array([np.sin(turned), 0.0, np.cos(turned)])
        at: Array = m.crank_m + m.crank_length_m * way + np.array([0.0, (1 - 2 * side) * m.pedal_m, 0.0])
        return at

    def groups(self, steer_rad: float, front_rad: float, rear_rad: float, crank_rad: float) -> Array:
        """(G, 4, 4) frames of the groups of the machine, as ``GROUPS``, when it is upright."""
        m = self.machine
        out = np.tile(np.eye(4), (len(GROUPS) - 1, 1, 1))
        fork = about(m.steer_m, m.steer_axis, steer_rad)
        out[1] = fork
        out[2] = fork @ pose(m.front_m, rotation_y(front_rad))
        out[3] = pose(m.rear_m, rotation_y(rear_rad))
        if m.crank_m is not None:
            out[4] = pose(m.crank_m, rotation_y(crank_rad))
            for side in range(2):
                pitch = self.pitch(crank_rad + side * np.pi)
                out[5 + side] = pose(self.pedal(side, crank_rad), rotation_y(-pitch))
        return out

    def segments(self, fork: Array, crank_rad: float) -> Array | None:
        """(15, 4, 4) of the rider on the upright machine."""
        if self.skeleton is None or self.seat is None:
            return None
        return seated(
            self.skeleton, self.seat, transform(fork, self.machine.grips_m), self.feet(crank_rad), fork[:3, 0]
        )

    def rest(self, side: float, crank_rad: float) -> Rest:
        """How it lies on its left (side 1) or right (-1). The fork falls to where the machine lies lowest; the crank
        stays as it is."""
        known = self.pieces.rests.get((side, crank_rad))
        if known is not None:
            return known
        m, cloud = self.machine, self.pieces.machine
        forks = [(turn, self.groups(turn, 0.0, 0.0, crank_rad)) for turn in m.lock_rad * np.linspace(-1, 1, 5)]
        lies = [on_its_side(cloud.at(groups), m.center_m, side) for _, groups in forks]
        lowest = min(range(len(lies)), key=lambda k: lies[k][1])
        turned, (fork_rad, groups) = lies[lowest][0], forks[lowest]
        segments = None
        if self.skeleton is not None and self.seat is not None:
            lying = set_down(cloud, pose(rotation=turned) @ groups)
            hips = turned @ self.seat.hip_m
            segments = beside(cloud, lying, self.pieces.rider, self.pieces.prone(self.skeleton), hips, side)
        rest = self.pieces.rests[side, crank_rad] = Rest(turned, fork_rad, segments)
        return rest

    def overturned(self, joints: Array) -> tuple[CollisionShape, ...]:
        """Boxes around the machine, and around trunk and legs of its rider, as they lie on the side of the lean."""
        side, crank = 1.0 if joints[0] > 0.0 else -1.0, float(joints[4])
        rest, cloud = self.rest(side, crank), self.pieces.machine
        groups = pose(rotation=rest.turned) @ self.groups(rest.fork_rad, 0.0, 0.0, crank)
        boxes = [box_around(cloud.at(set_down(cloud, groups)), 0.0)]
        if rest.segments is not None:
            his, of = self.pieces.rider.at(rest.segments), self.pieces.rider.of
            names = np.array(SEGMENTS)[of]
            head = rest.segments[0, :2, 2]
            for half in (("pelvis", "torso", "head"), ("thigh", "shank", "foot")):
                chosen = np.array([str(name).endswith(half) for name in names])
                boxes.append(box_around(his[chosen], float(np.arctan2(head[1], head[0]))))
        return tuple(boxes)

    def __call__(self, joints: Array) -> Array:
        lean, steer, front, rear, crank, fallen = (float(j) for j in joints)
        leaning = rotation_x(-lean)
        if fallen == 0.0:
            groups = self.groups(steer, front, rear, crank)
            segments = self.segments(groups[1], crank)
            result: Array = pose(rotation=leaning) @ self._parts(groups, segments)
            return result
        rest = self.rest(1.0 if lean > 0.0 else -1.0, crank)
        groups = self.groups(steer + fallen * (rest.fork_rad - steer), front, rear, crank)
        segments = self.segments(groups[1], crank)
        over = set_down(self.pieces.machine, pose(rotation=rotations_between(leaning, rest.turned, fallen)) @ groups)
        if segments is not None and rest.segments is not None:
            segments = limbs_between(over[0] @ segments, rest.segments, fallen)
            segments = set_down(self.pieces.rider, segments, only_up=True)
        return self._parts(over, segments)

    def _parts(self, groups: Array, segments: Array | None) -> Array:
        """(N, 4, 4) of the parts from the groups of the machine and the segments of the rider."""
        out = np.empty((len(self.follows), 4, 4))
        for i, (group, segment) in enumerate(self.follows):
            if group == "rider":
                assert segments is not None
                out[i] = segments[segment]
            else:
                out[i] = groups[GROUPS.index(group)]
        return out


def wheel_of_spokes(
    radius_m: float, tyre_m: float, *, spokes: int, plain: bool, deep_m: float = 0.02
) -> dict[str, Shape]:
    """Tyre, and alloy rim with hub and crossed spokes, around the y axis."""
    around, round_ = (14, 5) if plain else (28, 7)
    half = tyre_m / 2
    angle = 2 * np.pi * np.arange(round_ + 1) / round_
    # A torus: the profile runs so that y rises on the outside.
    profile = np.column_stack([radius_m - half - half * np.cos(angle), -half * np.sin(angle)])
    tyre = shapes.lathe(profile[::-1] if _inside_out(profile) else profile, count=around)
    inner = radius_m - tyre_m
    rim = shapes.lathe(
        [(inner - deep_m, -0.35 * half), (inner + 0.006, -0.8 * half), (inner + 0.006, 0.8 * half)]
        + [(inner - deep_m, 0.35 * half), (inner - deep_m, -0.35 * half)],
        count=around,
    )
    hub = shapes.lathe([(0.0, -0.05), (0.018, -0.05), (0.016, 0.05), (0.0, 0.05)], count=8)
    thin = []
    for k in range(spokes):
        side = 0.035 if k % 2 else -0.035
        a0 = 2 * np.pi * k / spokes
        a1 = a0 + (0.5 if (k // 2) % 2 else -0.5)
        foot = np.array([0.02 * np.sin(a1), side, 0.02 * np.cos(a1)])
        tip = np.array([(inner - deep_m) * np.sin(a0), 0.0, (inner - deep_m) * np.cos(a0)])
        spoke = shapes.tube([foot, tip], 0.0018 if not plain else 0.003, count=3)
        # Without their ends, which nobody sees.
        thin.append(Shape(spoke.points_m, spoke.faces[:6]))
    return {"tyre": tyre, "alloy": join([rim, hub, *thin])}


def _inside_out(profile_m: Array) -> bool:
    """Whether a closed profile (radius, y) of a lathe would face inwards: y must rise on the outside."""
    outermost = int(np.argmax(profile_m[:-1, 0]))
    ahead = profile_m[(outermost + 1) % (len(profile_m) - 1), 1] - profile_m[outermost - 1, 1]
    return bool(ahead < 0)


class TwoWheeler(ActorModel):
    """A machine with two wheels in line."""

    machine_mass_kg: ClassVar[float] = 15.0
    ridden: ClassVar[bool] = True
    detail: str = choice("full", "plain", default="full", help="of the meshes; plain is for the background")

    @abstractmethod
    def machine(self) -> Machine:
        """The machine without its rider."""

    @abstractmethod
    def materials(self) -> dict[str, Material]:
        """By the names used in the machine's meshes."""

    def seat(self, skeleton: Skeleton, machine: Machine) -> Seat:
        raise NotImplementedError(f"{type(self).__name__} carries nobody")

    def rider_skeleton(self) -> Skeleton | None:
        return None

    def rider_pieces(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        """(segment, material, mesh)."""
        return []

    def lamps(self, machine: Machine) -> tuple[Lamp, ...]:
        return ()

    def build(self) -> Body:
        machine = self.machine()
        materials = self.materials()
        parts: list[Part] = []
        follows: list[tuple[str, int]] = []
        for group in GROUPS:
            for (own, made_of), mesh in machine.meshes.items():
                if own == group:
                    parts.append(Part(name=f"{group}_{made_of}", mesh=mesh, material=materials[made_of]))
                    follows.append((group, 0))
        skeleton = self.rider_skeleton()
        seat = None
        mass = self.machine_mass_kg
        first: dict[str, str] = {}
        if skeleton is not None:
            seat = self.seat(skeleton, machine)
            for segment, material, mesh in self.rider_pieces(skeleton):
                name = f"rider_{segment}_{material.name}"
                first.setdefault(segment, name)
                parts.append(Part(name=name, mesh=mesh, material=material))
                follows.append(("rider", SEGMENTS.index(segment)))
            mass += 24.0 * skeleton.stature_m**2
        riding = Riding(machine, tuple(follows), skeleton, seat, Pieces(parts, follows))
        start = np.array([0.0, 0.0, 0.0, 0.0, 0.9, 0.0])
        rest = riding(start)
        points = np.vstack([p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(parts, rest, strict=True)])
        low, high = points.min(axis=0), points.max(axis=0)
        box = (2 * float(max(-low[0], high[0])), 2 * float(max(-low[1], high[1])), float(high[2]))
        frame = parts[0].name
        keypoints: dict[str, tuple[str, tuple[float, float, float]]] = {}
        for name, at in (("wheel_front", machine.front_m), ("wheel_rear", machine.rear_m)):
            keypoints[name] = (frame, (float(at[0]), float(at[1]), float(at[2])))
        for name, at in zip(("grip_left", "grip_right"), machine.grips_m, strict=True):
            keypoints[name] = (frame, (float(at[0]), float(at[1]), float(at[2])))
        mounts: dict[str, Mount] = {}
        eye = 1.0
        if skeleton is not None:
            keypoints |= _rider_keypoints(skeleton, first)
            p, h = skeleton.proportions, skeleton.stature_m
            ahead = (p.head_depth * h / 2 + 0.06, 0.0, 0.02 * h + 0.53 * (1 - p.chin) * h)
            mounts["head"] = Mount(part=first["head"], part_from_mount=pose(ahead))
            head = rest[[q.name for q in parts].index(first["head"])]
            eye = float(transform(head, ahead)[2])
        lower_top = 0.62 * float(machine.grips_m[0, 2])
        collision = [
            CollisionShape(
                kind="box",
                size_m=(box[0], 0.22, lower_top - 0.05),
                body_from_shape=pose((0.0, 0.0, 0.5 * (lower_top + 0.05))),
            )
        ]
        upper = float(rest[:, 0, 3][[k for k, f in enumerate(follows) if f[0] == "rider"] or [0]].mean())
        if skeleton is not None:
            collision.append(
                CollisionShape(
                    kind="box",
                    size_m=(0.55, 0.46, box[2] - lower_top),
                    body_from_shape=pose((upper, 0.0, 0.5 * (box[2] + lower_top))),
                )
            )
        else:
            x = float(machine.grips_m[0, 0])
            wide = 2 * float(np.abs(machine.grips_m[:, 1]).max())
            top = float(machine.grips_m[0, 2])
            collision.append(
                CollisionShape(
                    kind="box",
                    size_m=(0.2, wide, top - lower_top),
                    body_from_shape=pose((x, 0.0, 0.5 * (top + lower_top))),
                )
            )
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                f"vehicle/{type(self).__name__.lower()}",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=tuple(parts),
            rest=rest,
            box_center_m=(0.0, 0.0, box[2] / 2),
            box_size_m=box,
            collision=tuple(collision),
            mass_kg=round(mass, 1),
            friction=0.5,
            restitution=0.05,
            joints=JOINTS,
            joint_rest=tuple(float(j) for j in start),
            articulate=riding,
            overturned=riding.overturned,
            lamps=self.lamps(machine),
            mounts=mounts,
            keypoints=keypoints,
            vehicle=VehicleGeometry(
                front_axle_m=float(machine.front_m[0]),
                rear_axle_m=float(machine.rear_m[0]),
                wheel_radius_m=machine.wheel_radius_m,
                max_steer_rad=0.7,
                cog_height_m=round(0.55 * box[2], 3),
            ),
            notes={
                "eye_height_m": eye,
                "wheelbase_m": float(machine.front_m[0] - machine.rear_m[0]),
                "gear": machine.gear,
            },
        )


def _rider_keypoints(s: Skeleton, first: dict[str, str]) -> dict[str, tuple[str, tuple[float, float, float]]]:
    p, h = s.proportions, s.stature_m
    points: dict[str, tuple[str, tuple[float, float, float]]] = {
        "head": (first["head"], (0.0, 0.0, 0.02 * h + 0.5 * (1 - p.chin) * h)),
        "neck": (first["head"], (0.0, 0.0, 0.0)),
        "pelvis": (first["pelvis"], (0.0, 0.0, 0.0)),
    }
    joints = {"shoulder": "upper_arm", "elbow": "forearm", "wrist": "hand", "hip": "thigh", "knee": "shank"}
    joints["ankle"] = "foot"
    for side in ("left", "right"):
        for joint, segment in joints.items():
            points[f"{side}_{joint}"] = (first[f"{side}_{segment}"], (0.0, 0.0, 0.0))
    return points


def paired(shape: Shape) -> Shape:
    return shapes.both_sides(Shape(shape.points_m, shape.faces))


def rod(a_m: tuple[float, float, float], b_m: tuple[float, float, float], radius_m: float, count: int = 8) -> Shape:
    return shapes.tube([a_m, b_m], radius_m, count=count)


_RIDER_TOPS = {"navy": 0.14, "black": 0.14, "red": 0.12, "yellow": 0.12, "blue": 0.1, "orange": 0.08, "green": 0.08}
_RIDER_TOPS |= {"white": 0.08, "teal": 0.07, "grey": 0.07}
_RIDER_LEGS = {"black": 0.35, "denim": 0.3, "navy": 0.12, "charcoal": 0.12, "beige": 0.06, "olive": 0.05}
HELMETS: dict[str, Rgb] = {
    "white": (0.75, 0.75, 0.74),
    "black": (0.015, 0.015, 0.017),
    "red": (0.45, 0.02, 0.02),
    "blue": (0.02, 0.09, 0.36),
    "yellow": (0.75, 0.55, 0.03),
    "grey": (0.2, 0.205, 0.21),
}


class Ridden(TwoWheeler):
    """A machine with someone on it."""

    rider_height: float = quantity(
        "m",
        low=1.5,
        high=2.0,
        default=1.75,
        help="stature of the rider",
        vary={"truncated_normal": {"mean": "1.74 m", "std": "0.08 m", "low": "1.58 m", "high": "1.92 m"}},
    )
    top: str = choice(*CLOTH, default="blue", help="colour of the jacket", vary={"choice": dict(_RIDER_TOPS)})
    bottom: str = choice(*CLOTH, default="black", help="colour of the trousers", vary={"choice": dict(_RIDER_LEGS)})
    skin: str = choice(
        *SKIN,
        default="fair",
        help="tone",
        vary={"choice": {"light": 0.3, "fair": 0.3, "tan": 0.18, "brown": 0.13, "dark": 0.09}},
    )
    hair: str = choice(
        *HAIR,
        default="brown",
        help="colour",
        vary={"choice": {"black": 0.35, "brown": 0.38, "blond": 0.17, "grey": 0.1}},
    )
    helmet: str = choice(
        "none",
        *HELMETS,
        default="white",
        help="colour of the helmet",
        vary={
            "choice": {
                "none": 0.35,
                "white": 0.2,
                "black": 0.2,
                "red": 0.08,
                "blue": 0.07,
                "yellow": 0.06,
                "grey": 0.04,
            }
        },
    )
    backpack: str = choice(
        "no", "yes", default="no", help="carried on the back", vary={"choice": {"no": 0.7, "yes": 0.3}}
    )

    def rider_skeleton(self) -> Skeleton | None:
        return Skeleton(stature_m=self.rider_height, proportions=ADULT)

    def rider_pieces(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        body = figure(skeleton, "long", "trousers", "short", self.backpack == "yes", False)
        top = CLOTH[self.top]
        accent = tuple(min(0.8, 0.5 * c + 0.12) for c in top)
        materials = {
            "skin": Material(name="skin", base_color=SKIN[self.skin], roughness=0.55),
            "face": FACE,
            "eyes": EYES,
            "hair": hair_of(HAIR[self.hair]),
            "top": cloth("top", top),
            "accent": cloth("accent", (accent[0], accent[1], accent[2])),
            "legs": cloth("legs", CLOTH[self.bottom], 0.92),
            "shoes": Material(name="shoes", base_color=(0.03, 0.03, 0.032), roughness=0.6),
            "soles": Material(name="soles", base_color=(0.25, 0.25, 0.24), roughness=0.85),
            "bag": cloth("bag", (0.03, 0.05, 0.09), 0.85),
            "reflective": Material(name="reflective", base_color=(0.6, 0.6, 0.6), roughness=0.4, retroreflectance=0.6),
        }
        hides_hair = self.helmet != "none"
        pieces = [
            (segment, materials[made_of], mesh)
            for segment, made_of, mesh in body.pieces
            if not (hides_hair and made_of == "hair")
        ]
        return [*pieces, *self.headgear(skeleton)]

    def headgear(self, skeleton: Skeleton) -> list[tuple[str, Material, Mesh]]:
        return []
