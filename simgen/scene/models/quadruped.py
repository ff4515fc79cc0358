"""Animals on four legs: a skeleton of rigid segments, and walk, trot and bound by speed on feet that do not slide.

Stride lengths follow the dynamic similarity of cursorial mammals, stride / hip height = 2.4 Fr^0.34 with the Froude
number Fr = v^2 / (g hip height) (Alexander & Jayes 1983, J. Zool. 201); they change from a walk to a trot around
Fr 0.5 and from a trot to a gallop between 2 and 3. Footfalls: lateral sequence in the walk, diagonals in the trot,
hind pair and fore pair in the bound (Hildebrand 1977).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array, pose, rotation_x, rotation_y
from simgen.scene.body import Lying
from simgen.scene.footing import Foot, Pace

LEGS = ("front_left", "front_right", "hind_left", "hind_right")
SEGMENTS = (
    "trunk",
    "neck",
    "head",
    "tail",
    *(f"{leg}_{bone}" for leg in LEGS for bone in ("upper", "lower", "cannon", "foot")),
)
_BONES = ("upper", "lower", "cannon", "foot", "roll")
JOINTS = (
    "trunk_lift",
    "trunk_pitch",
    "neck_pitch",
    "head_pitch",
    "tail_pitch",
    *(f"{leg}_{bone}" for leg in LEGS for bone in _BONES),
)
"""trunk_lift in metres above standing, the others in radians. Pitches are positive downwards. Angles of the bones of a
leg are counted from the vertical, positive where the lower end lies ahead; roll is positive to the left."""

GRAVITY = 9.81
_FASTEST_FROUDE = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One pair of legs; lengths in metres.

    Attributes:
        root_m: (x, half distance, z) of the upper joints, standing.
        upper_m, lower_m, cannon_m, foot_m: bones from the top to the ground.
        bend: +1 where the middle joint points forward (stifle), -1 where it points back (elbow).
        stand_m: how far ahead of its root a standing foot is.
        fold_rad: how far the cannon folds back in the air.
    """

    root_m: tuple[float, float, float]
    upper_m: float
    lower_m: float
    cannon_m: float
    foot_m: float
    bend: float
    stand_m: float
    fold_rad: float

    @property
    def straight_m(self) -> float:
        """From the root to the lower end of the cannon, at the most."""
        return 0.995 * (self.upper_m + self.lower_m + self.cannon_m)

    @property
    def sweep_m(self) -> float:
        """How far from below its root it reaches the ground."""
        return math.sqrt(self.straight_m**2 - (self.root_m[2] - self.foot_m) ** 2)

    def cannon_rad(self, ankle_m: tuple[float, float], wanted_rad: float) -> float:
        """The cannon's angle, as near to the wanted one as the bones above it allow that reach from the root to its
        upper end; ``ankle_m`` is (x, z) of its lower one from the root."""
        reach = 0.995 * (self.upper_m + self.lower_m)
        x, z = ankle_m
        away = math.hypot(x, z)
        if away <= max(reach - self.cannon_m, 1e-6):
            return wanted_rad
        # The law of cosines, in the triangle of root, upper and lower end
        cosine = (self.cannon_m**2 + away**2 - reach**2) / (2.0 * self.cannon_m * away)
        most = math.acos(min(1.0, max(-1.0, cosine)))
        along = math.atan2(x, -z)
        return along + min(most, max(-most, wanted_rad - along))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The skeleton of one animal.

    Attributes:
        trunk_m: height of the trunk's frame; neck_m and tail_m: (x, z) of their roots in it.
        neck_rad, head_rad, tail_rad: pitches at rest, from level ahead (the tail: from level behind, down).
        neck_length_m: from the trunk to the head.
    """

    fore: Leg
    hind: Leg
    trunk_m: float
    neck_m: tuple[float, float]
    tail_m: tuple[float, float]
    neck_length_m: float
    neck_rad: float
    head_rad: float
    tail_rad: float

    def leg(self, k: int) -> Leg:
        return self.fore if k < 2 else self.hind

    def pose(self, joints: Array) -> Array:
        """(20, 4, 4) body_from_segment, as ``SEGMENTS``, from joints (25,) as ``JOINTS``."""
        out = np.empty((len(SEGMENTS), 4, 4))
        trunk = pose((0.0, 0.0, self.trunk_m + joints[0]), rotation_y(joints[1]))
        out[0] = trunk
        neck = trunk @ pose((self.neck_m[0], 0.0, self.neck_m[1]), rotation_y(joints[2] - joints[1]))
        out[1] = neck
        out[2] = neck @ pose((self.neck_length_m, 0.0, 0.0), rotation_y(joints[3] - joints[2]))
        out[3] = trunk @ pose((self.tail_m[0], 0.0, self.tail_m[1]), rotation_y(-joints[4]))
        for k in range(4):
            leg = self.leg(k)
            upper, lower, cannon, foot, roll = joints[5 + 5 * k : 10 + 5 * k]
            root = trunk @ (leg.root_m[0], _side(k) * leg.root_m[1], leg.root_m[2] - self.trunk_m, 1.0)
            tilt = rotation_x(roll)
            a = pose(root[:3], tilt @ rotation_y(-upper))
            b = a @ pose((0.0, 0.0, -leg.upper_m), rotation_y(upper - lower))
            c = b @ pose((0.0, 0.0, -leg.lower_m), rotation_y(lower - cannon))
            d = c @ pose((0.0, 0.0, -leg.cannon_m), rotation_y(cannon) @ tilt.T @ rotation_y(-foot))
            out[4 + 4 * k : 8 + 4 * k] = a, b, c, d
        return out


@dataclass(frozen=True, slots=True)
class _Manner:
    trot: float
    bound: float
    moving: float
    froude: float


@dataclass(frozen=True, slots=True)
class QuadrupedGait:
    """Joints of an animal that stands, walks, trots or bounds."""

    frame: Frame

    @property
    def feet(self) -> tuple[tuple[float, float], ...]:
        return tuple(
            (leg.root_m[0] + leg.stand_m, _side(k) * leg.root_m[1]) for k in range(4) for leg in (self.frame.leg(k),)
        )

    @property
    def hip_m(self) -> float:
        return self.frame.hind.root_m[2]

    def _manner(self, speed_mps: float) -> _Manner:
        froude = min(speed_mps**2 / (GRAVITY * self.hip_m), _FASTEST_FROUDE)
        return _Manner(
            trot=_ease((froude - 0.35) / 0.35),
            bound=_ease((froude - 1.8) / 1.4),
            moving=_ease(abs(speed_mps) / 0.4),
            froude=froude,
        )

    def stride_m(self, speed_mps: float) -> float:
        froude = max(self._manner(speed_mps).froude, 0.02)
        return 2.4 * self.hip_m * float(froude**0.34)

    def pace(self, speed_mps: float) -> Pace:
        m = self._manner(speed_mps)
        duty = float(
            np.interp(math.log10(max(m.froude, 0.01)), [-1.3, -0.3, 0.0, 0.5, 1.2], [0.70, 0.57, 0.46, 0.29, 0.20])
        )
        walk, trot, bound = (0.25, 0.75, 0.0, 0.5), (0.5, 1.0, 0.0, 0.5), (0.46, 0.56, 0.0, 0.09)
        offsets = tuple(w + m.trot * (t - w) + m.bound * (b - t) for w, t, b in zip(walk, trot, bound, strict=True))
        stride = self.stride_m(speed_mps)
        # No foot stands longer than its leg reaches; a step has its middle below the root of the leg, and not below the
        # foot of who stands.
        legs = (self.frame.fore, self.frame.hind)
        ahead_m = min(leg.sweep_m - leg.stand_m for leg in legs)
        behind_m = min(leg.sweep_m + leg.stand_m for leg in legs)
        covered = min(duty * stride, ahead_m + behind_m)
        aside = m.moving * min(0.15, 0.5 * (ahead_m - behind_m) / covered)
        return Pace(
            stride_m=stride,
            duty=covered / stride,
            ahead=0.5 + aside,
            offsets=offsets,
            reach_m=(ahead_m, behind_m),
        )

    def __call__(self, distance_m: float, speed_mps: float) -> Array:
        """As ``on_feet`` with feet in steady motion."""
        pace = self.pace(speed_mps)
        cycles = distance_m / pace.stride_m
        covered = pace.duty * pace.stride_m
        feet = []
        for k, (x, y) in enumerate(self.feet):
            if self._manner(speed_mps).moving == 0.0:
                feet.append(Foot((x, y, 0.0, 0.0), (x, y, 0.0, 0.0)))
                continue
            phase = (cycles - pace.offsets[k]) % 1.0
            if phase < pace.duty:
                at = x + pace.ahead * covered - phase * pace.stride_m
                feet.append(Foot((at, y, 0.0, 0.0), (at, y, 0.0, 0.0), phase / pace.duty))
                continue
            lands = x + pace.ahead * covered + (1.0 - phase) * pace.stride_m
            left = lands - pace.stride_m
            swing = (phase - pace.duty) / (1.0 - pace.duty)
            feet.append(Foot((lands, y, 0.0, 0.0), (left, y, 0.0, 0.0), 1.0, swing))
        return self.on_feet(feet, cycles, speed_mps)

    def on_feet(self, feet: Sequence[Foot], cycles: float, speed_mps: float, distance_m: float = 0.0) -> Array:
        f, m = self.frame, self._manner(speed_mps)
        turn = 2.0 * math.pi * cycles
        joints = np.zeros(len(JOINTS))
        duty = self.pace(speed_mps).duty
        # In the bound the body sinks onto the fore feet and onto the hind feet, and flies between.
        flight = math.cos(2.0 * turn - 2.0 * math.pi * duty)
        rock = math.sin(turn - math.pi * duty)
        lift = m.moving * self.hip_m * (-0.02 * m.trot + 0.012 * (1 - m.bound) * m.trot * flight)
        lift += m.bound * self.hip_m * (0.01 - 0.03 * flight)
        pitch = m.bound * 0.10 * rock
        hooves = [self._hoof(foot, m) for foot in feet]
        for k, (foot, (x, y, z)) in enumerate(zip(feet, hooves, strict=True)):
            if foot.stands:
                leg = f.leg(k)
                rx, rz = self._root(k, 0.0, pitch)
                room = leg.straight_m**2 - (x - rx) ** 2 - (y - _side(k) * leg.root_m[1]) ** 2
                lift = min(lift, z + leg.foot_m + math.sqrt(max(room, (0.5 * leg.straight_m) ** 2)) - rz)
        joints[0], joints[1] = lift, pitch
        for k, (foot, (x, y, z)) in enumerate(zip(feet, hooves, strict=True)):
            leg = f.leg(k)
            rx, rz = self._root(k, lift, pitch)
            bump = 0.0 if foot.stands else math.sin(math.pi * min(1.0, foot.swing * 1.1)) ** 2
            sweep = 0.55 * math.atan2(x - rx - leg.stand_m, leg.root_m[2])
            aside = y - _side(k) * leg.root_m[1]
            roll = math.atan2(aside, rz - z)
            ankle = (x - rx, (z + leg.foot_m - rz) / max(math.cos(roll), 0.5))
            cannon = leg.cannon_rad(ankle, sweep - leg.fold_rad * (0.7 + 0.3 * m.bound) * bump)
            hock = (ankle[0] - leg.cannon_m * math.sin(cannon), ankle[1] + leg.cannon_m * math.cos(cannon))
            upper, lower = _two_bones(*hock, leg.upper_m, leg.lower_m, leg.bend)
            joints[5 + 5 * k : 10 + 5 * k] = upper, lower, cannon, -0.9 * bump, roll
        nod = math.sin(2.0 * turn)
        joints[2] = f.neck_rad + m.moving * (0.04 * nod * (1 - m.trot)) + m.bound * (0.28 - 0.12 * rock)
        joints[3] = f.head_rad + m.bound * (-0.1 - 0.06 * rock)
        joints[4] = f.tail_rad - 0.9 * m.bound - 0.3 * m.trot * (1 - m.bound)
        return joints

    def _root(self, k: int, lift_m: float, pitch_rad: float) -> tuple[float, float]:
        leg = self.frame.leg(k)
        x, z = leg.root_m[0], leg.root_m[2] - self.frame.trunk_m
        c, s = math.cos(pitch_rad), math.sin(pitch_rad)
        return c * x + s * z, self.frame.trunk_m + lift_m - s * x + c * z

    def _hoof(self, foot: Foot, m: _Manner) -> tuple[float, float, float]:
        """The point of the ground, or of the air, under one foot."""
        if foot.stands:
            return foot.spot[0], foot.spot[1], foot.spot[2]
        t = foot.swing
        going = t * t * (3.0 - 2.0 * t)
        a, b = foot.left, foot.spot
        high = self.hip_m * (0.10 + 0.04 * m.trot + 0.10 * m.bound) + 0.5 * abs(b[2] - a[2])
        rise = high * 6.75 * t * (1.0 - t) ** 2
        return (
            a[0] + going * (b[0] - a[0]),
            a[1] + going * (b[1] - a[1]),
            a[2] + going * (b[2] - a[2]) + rise,
        )

    def limp(self, down: Array) -> Array:
        joints = self(0.0, 0.0)
        lies = min(1.0, abs(float(down[1])) + abs(float(down[0])))
        joints[0] = 0.0
        joints[2] += lies * (0.25 - joints[2])
        joints[4] = 0.5
        for k in range(4):
            bend = self.frame.leg(k).bend
            # The legs below lie on the ground, those above sink towards them.
            roll = float(down[1]) * (-0.08 if _side(k) * float(down[1]) > 0 else 0.12)
            reach = 0.25 if k % 2 else 0.05
            joints[5 + 5 * k : 10 + 5 * k] = (
                bend * 0.35 + reach,
                -bend * 0.25 + reach,
                reach - 0.1,
                -0.3,
                roll,
            )
        return joints

    def lying(self, *, prone: bool) -> Lying | None:
        return Lying(self(0.0, 0.0), (), ("",), ("",))

    def fidget(self, joints: Array, time_s: float) -> Array:
        out = joints.copy()
        graze = 0.5 + 0.5 * math.sin(0.35 * time_s)
        graze = _ease((graze - 0.3) / 0.4)
        out[2] += graze * (0.95 - self.frame.neck_rad)
        out[3] += graze * 0.25
        out[4] += 0.25 * math.sin(5.0 * time_s) * math.sin(0.6 * time_s)
        return out


def _side(k: int) -> float:
    return 1.0 if k % 2 == 0 else -1.0


def _ease(x: float) -> float:
    t = min(1.0, max(0.0, x))
    return t * t * (3.0 - 2.0 * t)


def _two_bones(x_m: float, z_m: float, upper_m: float, lower_m: float, bend: float) -> tuple[float, float]:
    """Angles from the vertical of two bones that reach from the origin to (x, z)."""
    d = min(max(math.hypot(x_m, z_m), abs(upper_m - lower_m) + 1e-6), upper_m + lower_m - 1e-9)
    direction = math.atan2(x_m, -z_m)
    at_root = math.acos(max(-1.0, min(1.0, (upper_m**2 + d * d - lower_m**2) / (2 * upper_m * d))))
    at_end = math.acos(max(-1.0, min(1.0, (lower_m**2 + d * d - upper_m**2) / (2 * lower_m * d))))
    return direction + bend * at_root, direction - bend * at_end
