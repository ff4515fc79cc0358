"""Walking and running on feet that do not slide.

A foot that stands is fixed to the ground: first it rolls over the heel, then it lies flat, then it rolls over the
toe. The pelvis is as high as both legs allow, and inverse kinematics gives the joints. Step lengths grow linearly with
speed, fitted to 1.9 steps/s at 1.3 m/s and 2.8 steps/s at 3.5 m/s for an adult (Hay 2002, Cavanagh & Kram 1990), and
scale to other statures by dynamic similarity (Alexander 1989).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array
from simgen.scene.body import Lying, Sinking
from simgen.scene.footing import ROLL, Foot, Pace, landing_share

JOINTS = (
    "pelvis_lift",
    "torso_pitch",
    "torso_yaw",
    "neck_pitch",
    "neck_yaw",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_shoulder",
    "left_shoulder_roll",
    "left_elbow",
    "right_shoulder",
    "right_shoulder_roll",
    "right_elbow",
    "left_hip_roll",
    "left_hip_yaw",
    "right_hip_roll",
    "right_hip_yaw",
)
"""pelvis_lift in metres above standing, the others in radians. Positive: pitch forward and down, yaw to the left, hip
and shoulder forward, knee and elbow bent, ankle toes up, rolls away from the body. The ankle takes up what rolls the
leg, so that the foot stays level."""

_FLESH = ("pelvis", "torso", "head", "left_", "right_")
"""How the names of the parts begin that are flesh, or fixed to it."""

_ADULT_LEG_M = 0.86
_STEP_AT_REST_M = 0.35
_STEP_PER_SPEED_S = 0.257
_GRAVITY = 9.81
_FASTEST_MPS = 7.0


def _ease(x: ArrayLike) -> Array:
    t = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
    result: Array = t * t * (3.0 - 2.0 * t)
    return result


def _eased(x: float) -> float:
    """``_ease`` of one number."""
    t = min(max(x, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Lengths of the legs. The foot lies in the frame of the ankle, whose height above a flat sole is ``ankle_m``.

    ``hip_half_m``: half the distance between the hips; ``inward_m``: by how much less the ankles of straight legs are
    apart on each side.
    """

    thigh_m: float
    shank_m: float
    ankle_m: float
    heel_m: float
    toe_m: float
    hip_half_m: float = 0.09
    inward_m: float = 0.0

    @property
    def reach_m(self) -> float:
        return self.thigh_m + self.shank_m

    @property
    def stand_m(self) -> float:
        """Height of the hips when standing, with knees a little bent."""
        return 0.994 * self.reach_m + self.ankle_m


@dataclass(frozen=True, slots=True)
class _Style:
    """How a speed is walked or run."""

    stride_m: float
    duty: float
    ahead_m: float
    strike_rad: float
    push_rad: float
    heel_off: float
    lift_m: float
    run: float
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """How somebody holds himself whatever the legs do.

    Attributes:
        stoop_rad: forward bend of the back, of which the neck takes back a part.
        gaze_rad: further bend of the neck, down.
        arms: (shoulder, roll, elbow) of the left and of the right arm that holds something; None swings.
    """

    stoop_rad: float = 0.0
    gaze_rad: float = 0.0
    arms: tuple[tuple[float, float, float] | None, tuple[float, float, float] | None] = (None, None)

    def carried(self, joints: Array) -> Array:
        """The joints (J,) with this bearing."""
        out = joints.copy()
        out[1] += self.stoop_rad
        out[3] += self.gaze_rad - 0.6 * self.stoop_rad
        for k, arm in enumerate(self.arms):
            if arm is not None:
                # What is held does not swing: the arm makes up for the turning trunk.
                out[11 + 3 * k : 14 + 3 * k] = arm
                out[2] *= 0.3
            else:
                out[11 + 3 * k] += 0.8 * self.stoop_rad
        return out


@dataclass(frozen=True, slots=True)
class Gait:
    """Joints of a walking or running body as a function of the distance covered and the speed.

    Call it with the distance in metres and the speed in m/s; the result is (21,) as ``JOINTS`` names them. At constant
    speed a standing foot rests; a speed that changes is best walked by adding up ``d cycles = v dt / stride_m(v)`` and
    calling with ``cycles * stride_m(v)``. Who is not ``free`` holds, draws or sits in what is fixed to the body.
    """

    legs: Legs
    bearing: Bearing = Bearing()
    free: bool = True

    @property
    def feet(self) -> tuple[tuple[float, float], ...]:
        half = self.legs.hip_half_m - self.legs.inward_m
        return (0.0, half), (0.0, -half)

    def stride_m(self, speed_mps: float) -> float:
        """Length of two steps."""
        k = self.legs.reach_m / _ADULT_LEG_M
        speed = min(abs(speed_mps), _FASTEST_MPS)
        return 2.0 * (_STEP_AT_REST_M * k + _STEP_PER_SPEED_S * math.sqrt(k) * speed)

    def __call__(self, distance_m: float, speed_mps: float) -> Array:
        style, height = _style(self.legs, min(abs(float(speed_mps)), _FASTEST_MPS))
        phase = distance_m / style.stride_m
        still = standing(self.legs)
        if style.amount == 0.0:
            return self.bearing.carried(still)
        both = phase + np.array([0.0, 0.5])
        lift = height + float(_bob(style, both)[0])
        ankles, pitches = _foot(self.legs, style, both)
        joints = self._upper_body(style, phase, speed_mps)
        joints[0] = lift - self.legs.stand_m
        for k in (0, 1):
            joints[5 + 3 * k : 8 + 3 * k] = leg_angles(self.legs, ankles[k] - (0.0, lift), float(pitches[k]))
        return self.bearing.carried(still + style.amount * (joints - still))

    def pace(self, speed_mps: float) -> Pace:
        return _pace(self.legs, min(abs(speed_mps), _FASTEST_MPS))

    def on_feet(self, feet: Sequence[Foot], cycles: float, speed_mps: float, distance_m: float = 0.0) -> Array:
        """Legs by inverse kinematics onto these feet; the pelvis sinks where a leg would not reach."""
        legs, still = self.legs, standing(self.legs)
        style, height = _style(legs, min(abs(speed_mps), _FASTEST_MPS))
        pace = self.pace(speed_mps)
        moving = self._upper_body(style, cycles, speed_mps)
        joints = still + style.amount * (moving - still)
        high = height + float(_bob(style, np.array(cycles)))
        lift = legs.stand_m + style.amount * (high - legs.stand_m)
        placed = []
        for k, foot in enumerate(feet):
            x, y, z, yaw, pitch = _placed(legs, style, pace, foot)
            y -= (1.0, -1.0)[k] * legs.hip_half_m
            placed.append((x, y, z, max(-_HIP_YAW_RAD, min(_HIP_YAW_RAD, yaw)), pitch))
            room = (0.996 * legs.reach_m) ** 2 - x * x - y * y
            lift = min(lift, z + math.sqrt(max(room, (0.55 * legs.reach_m) ** 2)))
        joints[0] = lift - legs.stand_m
        for k, (x, y, z, yaw, pitch) in enumerate(placed):
            side = (1.0, -1.0)[k]
            c, s = math.cos(yaw), math.sin(yaw)
            forward, left = c * x + s * y, c * y - s * x
            down = lift - z
            # In the plane of the leg the ankle lies a little inwards of the hip.
            inward = -side * legs.inward_m
            deep = math.sqrt(max(left * left + down * down - inward * inward, 1e-6))
            roll = math.atan2(left, down) - math.atan2(inward, deep)
            joints[5 + 3 * k : 8 + 3 * k] = leg_angles(legs, (forward, -deep), pitch)
            joints[17 + 2 * k], joints[18 + 2 * k] = side * roll, yaw
        return self.bearing.carried(joints)

    def limp(self, down: Array) -> Array:
        """Who is upright buckles, hands ahead; who lies on a side has all limbs bent."""
        joints = np.zeros(len(JOINTS))
        upright, side = min(1.0, max(0.0, -2.0 * float(down[2]))), abs(float(down[1]))
        joints[1], joints[3] = 0.30 * upright + 0.15 * side, 0.15 * side - 0.25 * upright
        for k in (0, 1):
            # The left side is not a mirror of the right: nobody falls like a doll.
            joints[5 + 3 * k] = (1.15 - 0.25 * k) * upright + (0.3 + 0.25 * k) * side
            joints[6 + 3 * k] = (1.75 - 0.25 * k) * upright + (0.5 + 0.3 * k) * side
            joints[7 + 3 * k] = -0.3
            joints[11 + 3 * k] = (0.7 - 0.3 * k) * upright + 0.5 * side
            joints[12 + 3 * k] = 0.3 * (1.0 - side)
            joints[13 + 3 * k] = (1.0 + 0.3 * k) * upright + 0.7 * side
            joints[17 + 2 * k] = 0.1
        return joints

    def lying(self, *, prone: bool) -> Lying | None:
        if not self.free:
            return None
        joints = np.zeros(len(JOINTS))
        joints[2], joints[3], joints[4] = 0.06, 0.0, 0.85 if prone else 0.45
        limbs = [_sinks("torso_pitch", -0.4, 0.4, "torso") if prone else _sinks("torso_pitch", 0.8, -0.3, "torso")]
        limbs.append(_sinks("neck_pitch", -0.9, 0.9, "head") if prone else _sinks("neck_pitch", 0.6, -0.7, "head"))
        for k, (side, sign) in enumerate((("left", 1.0), ("right", -1.0))):
            leg, arm = 5 + 3 * k, 11 + 3 * k
            joints[17 + 2 * k], joints[18 + 2 * k] = 0.12 + 0.14 * k, sign * (0.35 if prone else 0.55)
            if prone:
                joints[leg + 1], joints[leg + 2] = 0.3, -0.75
                # Hands beside the head: the shoulder turns the arm about itself, and the roll lowers the elbow.
                joints[arm], joints[arm + 2] = 1.75, 1.25 - 0.4 * k
                limbs += [
                    _sinks(f"{side}_hip", -0.3, 0.5, f"{side}_shank"),
                    _sinks(f"{side}_knee", 1.2, 0.0, f"{side}_foot"),
                    _sinks(f"{side}_shoulder_roll", 1.9, 0.7, f"{side}_upper_arm"),
                    _sinks(f"{side}_shoulder", 2.8, 1.0, f"{side}_hand"),
                ]
            else:
                joints[leg + 1], joints[leg + 2] = 0.02 + 0.05 * k, 0.1
                joints[arm + 1], joints[arm + 2] = 0.75 - 0.35 * k, 0.3
                limbs += [
                    _sinks(f"{side}_hip", 1.0, -0.4, f"{side}_shank", f"{side}_foot"),
                    _sinks(f"{side}_shoulder", 0.6, -1.2, f"{side}_forearm"),
                    _sinks(f"{side}_elbow", 1.6, 0.0, f"{side}_hand"),
                ]
        return Lying(joints, tuple(limbs), ("pelvis",), _FLESH)

    def fidget(self, joints: Array, time_s: float) -> Array:
        out = joints.copy()
        breath = math.sin(2 * math.pi * 0.25 * time_s)
        look = math.sin(0.61 * time_s) * math.sin(0.23 * time_s + 1.0)
        out[1] += 0.008 * breath
        out[2] += 0.05 * look
        out[4] += 0.75 * look
        out[3] += 0.05 * math.sin(0.4 * time_s)
        out[[12, 15]] += 0.012 * breath
        return out

    def _upper_body(self, style: _Style, phase: float, speed_mps: float) -> Array:
        joints = np.zeros(len(JOINTS))
        swing = float(np.cos(2 * np.pi * (phase - 0.02)))
        run = style.run
        joints[1] = 0.035 + run * (0.10 + 0.03 * min(abs(speed_mps), 5.0))
        joints[2] = (0.07 + 0.10 * run) * swing
        joints[3] = -0.75 * joints[1]
        joints[4] = -0.8 * joints[2]
        arm = 0.40 + 0.36 * run
        for k, side in enumerate((1.0, -1.0)):
            back = side * swing
            joints[11 + 3 * k] = 0.03 - 0.12 * run - arm * back
            joints[12 + 3 * k] = 0.09 + 0.12 * run
            joints[13 + 3 * k] = 0.32 + 1.15 * run - (0.16 + 0.22 * run) * back
        return joints


@lru_cache(maxsize=64)
def _standing(legs: Legs) -> tuple[float, ...]:
    joints = np.zeros(len(JOINTS))
    angles = leg_angles(legs, np.array([0.0, legs.ankle_m - legs.stand_m]), 0.0)
    joints[5:8] = joints[8:11] = angles
    joints[[11, 14]] = 0.02
    joints[[12, 15]] = 0.09
    joints[[13, 16]] = 0.22
    return tuple(float(j) for j in joints)


def standing(legs: Legs) -> Array:
    """(21,) joints of someone who stands with hanging arms."""
    return np.array(_standing(legs))


def _sinks(joint: str, lifted: float, lowered: float, *parts: str) -> Sinking:
    return Sinking(JOINTS.index(joint), lifted, lowered, parts)


_HIP_YAW_RAD = 0.8


def _placed(legs: Legs, style: _Style, pace: Pace, foot: Foot) -> tuple[float, float, float, float, float]:
    """(x, y, z) of the ankle, yaw and pitch of one foot; it rolls over its heel and over its toe."""
    if foot.stands:
        pitch = pace.pitch_rad(foot)
        x, z = _rolled(legs, legs.heel_m if foot.share < ROLL else legs.toe_m, pitch)
        spot = foot.spot
        c, s = math.cos(spot[3]), math.sin(spot[3])
        return spot[0] + c * x, spot[1] + s * x, spot[2] + z, spot[3], pitch
    t = foot.swing
    end, strike = foot.pitch_rad, style.strike_rad
    x0, z0 = _rolled(legs, legs.heel_m if end > 0.0 else legs.toe_m, end)
    x1, z1 = _rolled(legs, legs.heel_m, strike)
    # The heel still rises when the toe leaves the ground.
    rate = 2.0 * min(end, 0.0) / (1.0 - style.heel_off) * (1.0 - style.duty) / style.duty
    vx = rate * (legs.toe_m * math.sin(end) - legs.ankle_m * math.cos(end))
    vz = rate * (-legs.toe_m * math.cos(end) - legs.ankle_m * math.sin(end))
    leaving, landing = (1.0 + 2.0 * t) * (1.0 - t) ** 2, landing_share(t)
    going = t * (1.0 - t) ** 2
    a, b = foot.left, foot.spot
    ca, sa, cb, sb = math.cos(a[3]), math.sin(a[3]), math.cos(b[3]), math.sin(b[3])
    x = leaving * (a[0] + ca * x0) + going * ca * vx + landing * (b[0] + cb * x1)
    y = leaving * (a[1] + sa * x0) + going * sa * vx + landing * (b[1] + sb * x1)
    z = leaving * (a[2] + z0) + going * vz + landing * (b[2] + z1)
    z += (style.lift_m + 0.5 * abs(b[2] - a[2])) * 6.75 * t * (1.0 - t) ** 2
    turn = _eased((t - 0.08) / 0.8)
    yaw = a[3] + landing * math.atan2(math.sin(b[3] - a[3]), math.cos(b[3] - a[3]))
    return x, y, z, yaw, end + turn * (strike - end)


def _rolled(legs: Legs, pivot_m: float, pitch_rad: float) -> tuple[float, float]:
    """The ankle (x, z) of a foot that pitches on a point of its sole, from the ground below it when flat."""
    c, s = math.cos(pitch_rad), math.sin(pitch_rad)
    return pivot_m - pivot_m * c - legs.ankle_m * s, -pivot_m * s + legs.ankle_m * c


def leg_angles(legs: Legs, hip_to_ankle_m: ArrayLike, foot_pitch_rad: float) -> Array:
    """(hip, knee, ankle) that bring the ankle to (x forward, z up) from the hip, with the foot's pitch (toes up)."""
    forward, up = (float(v) for v in np.asarray(hip_to_ankle_m))
    d = min(max(math.hypot(forward, up), abs(legs.thigh_m - legs.shank_m) + 1e-6), legs.reach_m - 1e-9)
    direction = math.atan2(forward, -up)
    a, b = legs.thigh_m, legs.shank_m
    knee = math.pi - math.acos(max(-1.0, min(1.0, (a * a + b * b - d * d) / (2 * a * b))))
    hip = direction + math.acos(max(-1.0, min(1.0, (a * a + d * d - b * b) / (2 * a * d))))
    return np.array([hip, knee, foot_pitch_rad - (hip - knee)])


_TABLE_MPS = np.linspace(0.0, _FASTEST_MPS, 29)


def _manner(legs: Legs, speed_mps: float) -> _Style:
    """The style of a speed, still without where the foot lands and how high the pelvis is."""
    leg = legs.reach_m + legs.ankle_m
    pace = speed_mps / math.sqrt(_GRAVITY * leg)
    run = _eased((pace - 0.64) / 0.16)
    return _Style(
        stride_m=Gait(legs).stride_m(speed_mps),
        duty=(1 - run) * (0.65 - 0.10 * min(pace, 0.7)) + run * (0.36 - 0.07 * min(pace, 2.0)),
        ahead_m=0.0,
        strike_rad=(1 - run) * 0.30 * min(pace / 0.4, 1.0) + run * 0.12,
        push_rad=(1 - run) * 0.95 * min(pace / 0.4, 1.15) + run * 1.15,
        heel_off=0.45 - 0.1 * run,
        lift_m=leg * ((1 - run) * 0.05 + run * (0.10 + 0.09 * min(pace, 2.0))),
        run=run,
        amount=_eased(speed_mps / 0.3),
    )


@lru_cache(maxsize=4096)
def _pace(legs: Legs, speed_mps: float) -> Pace:
    """Asked for at every tick, mostly at the speed of the last one."""
    style = _manner(legs, speed_mps)
    return Pace(
        stride_m=style.stride_m,
        duty=style.duty,
        ahead=float(np.interp(speed_mps, _TABLE_MPS, _table(legs)[0])),
        offsets=(0.0, 0.5),
        strike_rad=style.strike_rad,
        push_rad=style.push_rad,
        heel_off=style.heel_off,
    )


@lru_cache(maxsize=256)
def _table(legs: Legs) -> tuple[Array, Array]:
    """Where the foot lands (share of the contact length) and the pelvis's mean height, at the speeds of the table.

    How far ahead of the hip a foot lands is what lets the legs stay straightest.
    """
    shares, heights = [], []
    for speed in _TABLE_MPS:
        style = _manner(legs, float(speed))
        contact = style.duty * style.stride_m
        tried = np.linspace(0.2, 0.5, 9)
        limits = _highest(legs, style, tried * contact)
        best = len(tried) - 1 - int(np.argmax(limits[::-1]))
        shares.append(float(tried[best]))
    # Neighbours pull the shares towards each other, so that a changing speed never makes a foot jump.
    padded = np.pad(np.array(shares), 2, mode="edge")
    smooth = np.convolve(padded, np.array([1, 2, 3, 2, 1]) / 9, mode="valid")
    for k, speed in enumerate(_TABLE_MPS):
        style = _manner(legs, float(speed))
        heights.append(float(_highest(legs, style, smooth[k : k + 1] * style.duty * style.stride_m)[0]))
    return smooth, np.array(heights)


def _style(legs: Legs, speed_mps: float) -> tuple[_Style, float]:
    """(style, mean height of the pelvis)."""
    style = _manner(legs, speed_mps)
    shares, heights = _table(legs)
    ahead = float(np.interp(speed_mps, _TABLE_MPS, shares)) * style.duty * style.stride_m
    return replace(style, ahead_m=ahead), float(np.interp(speed_mps, _TABLE_MPS, heights))


def _stance(legs: Legs, style: _Style, share: Array) -> tuple[Array, Array]:
    """Ankles (N, 2) as (x from the hip, z above ground) and pitches (N,) at shares (N,) of the time on the ground."""
    strike = style.strike_rad * (1 - _ease(share / ROLL))
    push = style.push_rad * np.clip((share - style.heel_off) / (1 - style.heel_off), 0, None) ** 2
    pitch = strike - push
    pivot = np.where(share < ROLL, legs.heel_m, legs.toe_m)
    c, s = np.cos(pitch), np.sin(pitch)
    # The ankle seen from the pivot on the sole is (-pivot, ankle height), turned by the pitch.
    x = pivot - pivot * c - legs.ankle_m * s
    z = -pivot * s + legs.ankle_m * c
    flat = style.ahead_m - style.stride_m * style.duty * share
    return np.stack([flat + x, z], axis=-1), pitch


def _foot(legs: Legs, style: _Style, phase: Array) -> tuple[Array, Array]:
    """The same over the whole cycle, which starts when the foot strikes."""
    p = np.mod(phase, 1.0)
    on_ground = p < style.duty
    position, pitch = _stance(legs, style, np.minimum(p / style.duty, 1.0))
    s = np.clip((p - style.duty) / (1 - style.duty), 0, 1)[:, None]
    eps = 1e-4
    (end, before, start, after), angles = _stance(legs, style, np.array([1.0, 1.0 - eps, 0.0, eps]))
    rate = (1 - style.duty) / style.duty / eps
    leave, arrive = (end - before) * rate, (after - start) * rate
    air = (
        (1 + 2 * s) * (1 - s) ** 2 * end
        + s * (1 - s) ** 2 * leave
        + s**2 * (3 - 2 * s) * start
        + s**2 * (s - 1) * arrive
    )
    air[:, 1] += style.lift_m * 6.75 * s[:, 0] * (1 - s[:, 0]) ** 2
    turn = angles[0] + (angles[2] - angles[0]) * _ease((s[:, 0] - 0.08) / 0.8)
    return np.where(on_ground[:, None], position, air), np.where(on_ground, pitch, turn)


def _bob(style: _Style, phase: Array) -> Array:
    """Vertical motion of the pelvis: highest over the standing leg in walking, lowest in running."""
    amplitude = style.stride_m * ((1 - style.run) * 0.014 - style.run * 0.016)
    result: Array = amplitude * np.cos(4 * np.pi * (phase - style.duty / 2))
    return result


def _highest(legs: Legs, style: _Style, ahead_m: Array) -> Array:
    """The greatest mean heights of the pelvis (N,) at which both legs reach over the whole cycle, for feet that land
    ``ahead_m`` (N,) of the hip; running crouches."""
    phase = np.arange(64) / 64
    # Where a foot lands moves its whole path.
    position, _ = _foot(legs, replace(style, ahead_m=0.0), phase)
    reach = 0.99 * legs.reach_m
    x = position[:, 0] + ahead_m[:, None]
    limit = position[:, 1] + np.sqrt(np.maximum(reach**2 - x**2, 0.0)) - _bob(style, phase)
    result: Array = np.minimum(limit.min(axis=1), legs.stand_m) - 0.02 * style.run * legs.reach_m
    return result
