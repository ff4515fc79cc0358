"""Walking and running on feet that do not slide.

A foot that stands is fixed to the ground: first it rolls over the heel, then it lies flat, then it rolls over the
toe. The pelvis is as high as both legs allow, and inverse kinematics gives the joints. Step lengths grow linearly with
speed, fitted to 1.9 steps/s at 1.3 m/s and 2.8 steps/s at 3.5 m/s for an adult (Hay 2002, Cavanagh & Kram 1990), and
scale to other statures by dynamic similarity (Alexander 1989).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array

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
)
"""pelvis_lift in metres above standing, the others in radians. Positive: pitch forward and down, yaw to the left, hip
and shoulder forward, knee and elbow bent, ankle toes up, shoulder roll away from the body."""

_ADULT_LEG_M = 0.86
_STEP_AT_REST_M = 0.35
_STEP_PER_SPEED_S = 0.257
_GRAVITY = 9.81
_FASTEST_MPS = 7.0


def _ease(x: ArrayLike) -> Array:
    t = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
    result: Array = t * t * (3.0 - 2.0 * t)
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """Lengths of the legs. The foot lies in the frame of the ankle, whose height above a flat sole is ``ankle_m``."""

    thigh_m: float
    shank_m: float
    ankle_m: float
    heel_m: float
    toe_m: float

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


@dataclass(frozen=True, slots=True)
class Gait:
    """Joints of a walking or running body as a function of the distance covered and the speed.

    Call it with the distance in metres and the speed in m/s; the result is (17,) as ``JOINTS`` names them. At constant
    speed a standing foot rests; a speed that changes is best walked by adding up ``d cycles = v dt / stride_m(v)`` and
    calling with ``cycles * stride_m(v)``.
    """

    legs: Legs

    def stride_m(self, speed_mps: float) -> float:
        """Length of two steps."""
        k = self.legs.reach_m / _ADULT_LEG_M
        speed = min(abs(speed_mps), _FASTEST_MPS)
        return float(2.0 * (_STEP_AT_REST_M * k + _STEP_PER_SPEED_S * np.sqrt(k) * speed))

    def __call__(self, distance_m: float, speed_mps: float) -> Array:
        style, height = _style(self.legs, min(abs(float(speed_mps)), _FASTEST_MPS))
        phase = distance_m / style.stride_m
        still = standing(self.legs)
        if style.amount == 0.0:
            return still
        both = phase + np.array([0.0, 0.5])
        lift = height + float(_bob(style, both)[0])
        ankles, pitches = _foot(self.legs, style, both)
        joints = np.zeros(len(JOINTS))
        joints[0] = lift - self.legs.stand_m
        for k in (0, 1):
            joints[5 + 3 * k : 8 + 3 * k] = leg_angles(self.legs, ankles[k] - (0.0, lift), float(pitches[k]))
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
        return still + style.amount * (joints - still)


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
    """(17,) joints of someone who stands with hanging arms."""
    return np.array(_standing(legs))


def leg_angles(legs: Legs, hip_to_ankle_m: Array, foot_pitch_rad: float) -> Array:
    """(hip, knee, ankle) that bring the ankle to (x forward, z up) from the hip, with the foot's pitch (toes up)."""
    d = float(np.clip(np.hypot(*hip_to_ankle_m), abs(legs.thigh_m - legs.shank_m) + 1e-6, legs.reach_m - 1e-9))
    direction = np.arctan2(hip_to_ankle_m[0], -hip_to_ankle_m[1])
    a, b = legs.thigh_m, legs.shank_m
    knee = np.pi - np.arccos(np.clip((a * a + b * b - d * d) / (2 * a * b), -1, 1))
    hip = direction + np.arccos(np.clip((a * a + d * d - b * b) / (2 * a * d), -1, 1))
    return np.array([hip, knee, foot_pitch_rad - (hip - knee)])


_TABLE_MPS = np.linspace(0.0, _FASTEST_MPS, 29)


def _manner(legs: Legs, speed_mps: float) -> _Style:
    """The style of a speed, still without where the foot lands and how high the pelvis is."""
    leg = legs.reach_m + legs.ankle_m
    pace = speed_mps / np.sqrt(_GRAVITY * leg)
    run = float(_ease((pace - 0.64) / 0.16))
    return _Style(
        stride_m=Gait(legs).stride_m(speed_mps),
        duty=float((1 - run) * (0.65 - 0.10 * min(pace, 0.7)) + run * (0.40 - 0.07 * min(pace, 2.0))),
        ahead_m=0.0,
        strike_rad=float((1 - run) * 0.30 * min(pace / 0.4, 1.0) + run * 0.12),
        push_rad=float((1 - run) * 0.95 * min(pace / 0.4, 1.15) + run * 1.15),
        heel_off=0.45 - 0.1 * run,
        lift_m=float(leg * ((1 - run) * 0.05 + run * (0.10 + 0.09 * min(pace, 2.0)))),
        run=run,
        amount=float(_ease(speed_mps / 0.3)),
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
    roll = 0.16
    strike = style.strike_rad * (1 - _ease(share / roll))
    push = style.push_rad * np.clip((share - style.heel_off) / (1 - style.heel_off), 0, None) ** 2
    pitch = strike - push
    pivot = np.where(share < roll, legs.heel_m, legs.toe_m)
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
