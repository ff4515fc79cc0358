"""Someone on a machine: the figure of a pedestrian, bent onto a saddle, with hands on the grips and feet on pedals or
rests by inverse kinematics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array, pose, rotation_y, transform
from simgen.scene import shapes
from simgen.scene.models.figure import SEGMENTS, Skeleton
from simgen.scene.shapes import Shape, join


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seat:
    """How one sits or stands on a machine, body frame.

    Attributes:
        hip_m: (3,) middle between the hip joints.
        pelvis_pitch_rad, torso_pitch_rad: forward.
        gaze_pitch_rad: of the head, in the world; down is positive.
        knees: how far the knees point outwards, as a share of forwards.
        elbows: direction in which the left elbow points.
    """

    hip_m: Array
    pelvis_pitch_rad: float
    torso_pitch_rad: float
    gaze_pitch_rad: float = 0.12
    knees: float = 0.1
    elbows: tuple[float, float, float] = (-0.35, 0.75, -0.6)


def bent(root_m: Array, target_m: Array, first_m: float, second_m: float, pole: Array) -> tuple[Array, Array]:
    """Middle and end (3,) of a limb of two bones that reaches from the root to the target and bends towards ``pole``;
    one that is too short stretches as far as it reaches."""
    span = target_m - root_m
    distance = float(np.linalg.norm(span))
    along = span / max(distance, 1e-9)
    reach = min(max(distance, abs(first_m - second_m) + 1e-6), 0.9995 * (first_m + second_m))
    share = (first_m**2 + reach**2 - second_m**2) / (2 * first_m * reach)
    side = pole - along * (pole @ along)
    side = side / max(float(np.linalg.norm(side)), 1e-9)
    middle = root_m + first_m * (share * along + np.sqrt(max(0.0, 1 - share**2)) * side)
    end = root_m + reach * along
    return middle, end


def bone(head_m: Array, tail_m: Array, front: Array) -> Array:
    """(4, 4) frame of a bone that hangs from its head along -z, its x axis towards ``front``."""
    up = head_m - tail_m
    z = up / max(float(np.linalg.norm(up)), 1e-9)
    y = np.cross(z, front)
    y = y / max(float(np.linalg.norm(y)), 1e-9)
    out = np.eye(4)
    out[:3, 0], out[:3, 1], out[:3, 2], out[:3, 3] = np.cross(y, z), y, z, head_m
    return out


def ankle_over(skeleton: Skeleton, support_m: Array, pitch_rad: float) -> Array:
    """(4, 4) frame of a foot whose ball stands on a point; the pitch lifts the toes."""
    p, h = skeleton.proportions, skeleton.stature_m
    turn = rotation_y(-pitch_rad)
    ball = np.array([0.42 * p.foot * h, 0.0, -p.ankle * h])
    return pose(support_m - turn @ ball, turn)


def seated(skeleton: Skeleton, seat: Seat, grips_m: Array, feet: Array, forward: Array) -> Array:
    """(15, 4, 4) body_from_segment, as ``SEGMENTS``.

    Args:
        grips_m: (2, 3) left and right.
        feet: (2, 4, 4) frames of the feet.
        forward: (3,) where the hands point.
    """
    s, p, h = skeleton, skeleton.proportions, skeleton.stature_m
    out = np.empty((len(SEGMENTS), 4, 4))
    pelvis = pose(seat.hip_m, rotation_y(seat.pelvis_pitch_rad))
    torso = pelvis @ pose((0.0, 0.0, (p.waist - p.hip) * h))
    torso[:3, :3] = rotation_y(seat.torso_pitch_rad)
    crown = 0.02 * h + 1.035 * ((1 - p.chin) * h - 0.008 * h)
    # A head held up on a bent back sits further back on its neck.
    neck = np.array(
        [(0.008 - 0.03 * np.sin(seat.torso_pitch_rad)) * h, 0.0, h - crown - s.legs.stand_m - (p.waist - p.hip) * h]
    )
    head = pose(transform(torso, neck), rotation_y(seat.gaze_pitch_rad))
    out[0], out[1], out[2] = pelvis, torso, head
    legs = s.legs
    for k, side in enumerate((1.0, -1.0)):
        shoulder = transform(torso, (0.0, side * 0.95 * p.shoulder_half * h, (p.shoulder - 0.014 - p.waist) * h))
        # The palm lies on the grip: the wrist is a palm's length behind it and a little above.
        up = np.array([0.0, 0.0, 1.0])
        across = np.cross(up, forward)
        down = 0.35
        points = forward * np.cos(down) - up * np.sin(down)
        wrist = grips_m[k] - 0.048 * h * points + 0.016 * h * np.cross(points, across)
        pole = np.array([seat.elbows[0], side * seat.elbows[1], seat.elbows[2]])
        elbow, wrist = bent(shoulder, wrist, p.upper_arm * h, p.forearm * h, pole)
        out[3 + 3 * k] = bone(shoulder, elbow, -pole)
        out[4 + 3 * k] = bone(elbow, wrist, -pole)
        hand = np.eye(4)
        z = -points
        y = side * np.cross(points, across)
        hand[:3, 0], hand[:3, 1], hand[:3, 2], hand[:3, 3] = np.cross(y, z), y, z, wrist
        out[5 + 3 * k] = hand
        hip = transform(pelvis, (0.0, side * p.hip_half * h, 0.0))
        knee_way = np.array([1.0, side * seat.knees, 0.25])
        knee, ankle = bent(hip, feet[k, :3, 3], legs.thigh_m, legs.shank_m, knee_way)
        out[9 + 3 * k] = bone(hip, knee, knee_way)
        out[10 + 3 * k] = bone(knee, ankle, knee_way)
        foot = feet[k].copy()
        foot[:3, 3] = ankle
        out[11 + 3 * k] = foot
    return out


def saddle_height(skeleton: Skeleton, ankles_m: Array, hip_x_m: float, share: float = 0.965) -> float:
    """Height of the hips above the ground at which the legs are ``share`` stretched where the ankles (N, 3) are
    furthest away."""
    reach = share * skeleton.legs.reach_m
    half = skeleton.proportions.hip_half * skeleton.stature_m
    flat = (ankles_m[:, 0] - hip_x_m) ** 2 + (np.abs(ankles_m[:, 1]) - half) ** 2
    return float(np.min(ankles_m[:, 2] + np.sqrt(np.maximum(reach**2 - flat, 0.0))))


def cycle_helmet(skeleton: Skeleton) -> tuple[Shape, Shape]:
    """(shell, vents) over the upper half of the head, in the frame of the head."""
    p, h = skeleton.proportions, skeleton.stature_m
    chin, tall = 0.02 * h, (1 - p.chin) * h
    rx, ry = 1.2 * p.head_depth * h / 2, 1.2 * p.head_width * h / 2
    low = chin + 0.68 * tall
    rows = [(0.0, 1.0), (0.10, 1.05), (0.24, 0.98), (0.36, 0.72), (0.42, 0.34), (0.43, 0.04)]
    shell = shapes.stack(
        [low + z * tall for z, _ in rows],
        [(k * rx, k * ry) for _, k in rows],
        [(-0.04 * rx, 0.0)] * len(rows),
        count=16,
    )
    vents = [
        shapes.ellipsoid((0.62 * rx, 0.05 * ry, 0.05 * tall), (0.05 * rx, y * ry, low + z * tall), count=8)
        for y, z in ((0.0, 0.40), (0.42, 0.335), (-0.42, 0.335))
    ]
    return shell, join(vents)


def full_helmet(skeleton: Skeleton) -> tuple[Shape, Shape]:
    """(shell, visor) around the whole head, in the frame of the head."""
    p, h = skeleton.proportions, skeleton.stature_m
    chin, tall = 0.02 * h, (1 - p.chin) * h
    rx, ry = 1.32 * p.head_depth * h / 2, 1.34 * p.head_width * h / 2
    rows = [
        (-0.12, 0.62),
        (-0.08, 0.86),
        (0.15, 1.0),
        (0.45, 1.03),
        (0.7, 0.98),
        (0.92, 0.76),
        (1.06, 0.42),
        (1.10, 0.05),
    ]
    shell = shapes.stack([chin + z * tall for z, _ in rows], [(k * rx, k * ry) for _, k in rows], count=18)
    angle = np.linspace(-1.15, 1.15, 9)
    bands = []
    for z, k in ((0.40, 1.045), (0.54, 1.055), (0.68, 1.015)):
        bands.append(np.column_stack([k * rx * np.cos(angle), k * ry * np.sin(angle), np.full(9, chin + z * tall)]))
    return shell, shapes.grid(np.array(bands))
