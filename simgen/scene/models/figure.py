"""The human figure: proportions, a skeleton of rigid segments with rounded joints, clothes, hair and shoes.

Proportions of adults follow Drillis & Contini (1966); children have larger heads and shorter legs (Snyder 1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array, pose, rotation_x, rotation_y, rotation_z
from simgen.core.keeping import kept
from simgen.scene import shapes, textures
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.models.gait import Legs
from simgen.scene.shapes import Shape, join


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportions:
    """Heights and lengths as shares of the stature; ``bulk`` scales girths."""

    hip: float
    knee: float
    ankle: float
    waist: float
    shoulder: float
    chin: float
    shoulder_half: float
    hip_half: float
    upper_arm: float
    forearm: float
    foot: float
    head_width: float
    head_depth: float
    bulk: float


ADULT = Proportions(
    hip=0.515,
    knee=0.285,
    ankle=0.045,
    waist=0.60,
    shoulder=0.812,
    chin=0.868,
    shoulder_half=0.108,
    hip_half=0.052,
    upper_arm=0.178,
    forearm=0.147,
    foot=0.158,
    head_width=0.089,
    head_depth=0.112,
    bulk=1.0,
)
CHILD = Proportions(
    hip=0.478,
    knee=0.262,
    ankle=0.05,
    waist=0.565,
    shoulder=0.765,
    chin=0.822,
    shoulder_half=0.108,
    hip_half=0.056,
    upper_arm=0.165,
    forearm=0.135,
    foot=0.163,
    head_width=0.128,
    head_depth=0.152,
    bulk=1.08,
)

SEGMENTS = (
    "pelvis",
    "torso",
    "head",
    "left_upper_arm",
    "left_forearm",
    "left_hand",
    "right_upper_arm",
    "right_forearm",
    "right_hand",
    "left_thigh",
    "left_shank",
    "left_foot",
    "right_thigh",
    "right_shank",
    "right_foot",
)
DRAPES = ("drape_front", "drape_fore", "drape_aft", "drape_back")
"""Folds of a skirt or of a coat's tails, which hang from the hips and spread between the thighs."""
FRAMES = (*SEGMENTS, *DRAPES)

KNEE_INWARD, ANKLE_INWARD = 0.006, 0.004
"""How much closer to the middle a knee is than its hip, and an ankle than its knee: shares of the stature."""
_CLOTH = ("top", "accent", "legs", "vest", "bag")
_FLARE_RAD = 0.04
"""Lean of the outer folds of a garment on legs that stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """Lengths in metres of one person."""

    stature_m: float
    proportions: Proportions

    def of(self, share: float) -> float:
        return share * self.stature_m

    @property
    def legs(self) -> Legs:
        p, h = self.proportions, self.stature_m
        return Legs(
            thigh_m=(p.hip - p.knee) * h,
            shank_m=(p.knee - p.ankle) * h,
            ankle_m=p.ankle * h,
            heel_m=-0.24 * p.foot * h,
            toe_m=0.69 * p.foot * h,
            hip_half_m=p.hip_half * h,
            inward_m=0.010 * h,
        )

    def pose(self, joints: Array) -> Array:
        """(15, 4, 4) body_from_segment, as ``SEGMENTS``, from joints (21,) as ``gait.JOINTS``."""
        p, h = self.proportions, self.stature_m
        legs = self.legs
        out = np.empty((len(SEGMENTS), 4, 4))
        pelvis = pose((0.0, 0.0, legs.stand_m + joints[0]))
        out[0] = pelvis
        torso = pelvis @ pose((0.0, 0.0, (p.waist - p.hip) * h), rotation_y(joints[1]) @ rotation_z(joints[2]))
        out[1] = torso
        # The neck ends where the crown, hair included, comes to the stature.
        crown = 0.02 * h + 1.035 * ((1 - p.chin) * h - 0.008 * h)
        neck = (0.008 * h, 0.0, h - crown - legs.stand_m - (p.waist - p.hip) * h)
        out[2] = torso @ pose(neck, rotation_y(joints[3]) @ rotation_z(joints[4]))
        for k, side in enumerate((1.0, -1.0)):
            shoulder, roll, elbow = joints[11 + 3 * k : 14 + 3 * k]
            turn = rotation_y(-shoulder) @ rotation_x(side * roll)
            upper = torso @ pose((0.0, side * 0.95 * p.shoulder_half * h, (p.shoulder - 0.014 - p.waist) * h), turn)
            # The forearm turns inwards a little as it bends, as hands do.
            bend = rotation_z(-side * 0.25 * min(elbow, 1.6)) @ rotation_y(-elbow)
            fore = upper @ pose((0.0, 0.0, -p.upper_arm * h), bend)
            out[3 + 3 * k], out[4 + 3 * k] = upper, fore
            out[5 + 3 * k] = fore @ pose((0.0, 0.0, -p.forearm * h))
            hip, knee, ankle = joints[5 + 3 * k : 8 + 3 * k]
            roll, yaw = joints[17 + 2 * k : 19 + 2 * k]
            tilt = rotation_x(side * roll)
            turn = rotation_z(yaw) @ tilt @ rotation_y(-hip)
            thigh = pelvis @ pose((0.0, side * p.hip_half * h, 0.0), turn)
            shank = thigh @ pose((0.0, -side * KNEE_INWARD * h, -legs.thigh_m), rotation_y(knee))
            out[9 + 3 * k], out[10 + 3 * k] = thigh, shank
            turned = rotation_y(hip - knee) @ tilt.T @ rotation_y(knee - hip - ankle)
            out[11 + 3 * k] = shank @ pose((0.0, -side * ANKLE_INWARD * h, -legs.shank_m), turned)
        return out

    def drapes(self, joints: Array) -> Array:
        """(4, 4, 4) body_from_fold, as ``DRAPES``: they turn about the line through the hips, the outer ones as far as
        the thighs push them, the others evenly between."""
        pelvis = pose((0.0, 0.0, self.legs.stand_m + joints[0]))
        ahead, behind = max(joints[5], joints[8]), min(joints[5], joints[8])
        turns = np.linspace(ahead + _FLARE_RAD, behind - _FLARE_RAD, len(DRAPES))
        return np.stack([pelvis @ pose(rotation=rotation_y(-float(turn))) for turn in turns])


def _torso(s: Skeleton, proud: float = 0.0) -> Shape:
    """The upper garment from the waist to the collar, in the frame of the waist, where it ends in a dome that turns in
    the hem; ``proud`` of it by a share of the stature."""
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    top = (p.shoulder - p.waist) * h
    half = p.shoulder_half * h
    rows = [
        (-0.050 * h, 0.020 * b * h, 0.028 * b * h, 0.002 * h),
        (-0.042 * h, 0.042 * b * h, 0.058 * b * h, 0.002 * h),
        (-0.030 * h, 0.0540 * b * h, 0.0770 * b * h, 0.002 * h),
        (-0.020 * h, 0.0605 * b * h, 0.0850 * b * h, 0.002 * h),
        (-0.010 * h, 0.0628 * b * h, 0.0875 * b * h, 0.002 * h),
        (0.0, 0.0635 * b * h, 0.0880 * b * h, 0.002 * h),
        (0.35 * top, 0.068 * b * h, 0.094 * b * h, 0.002 * h),
        (0.62 * top, 0.071 * b * h, 0.104 * b * h, 0.0),
        (0.85 * top, 0.064 * b * h, 0.96 * half, -0.003 * h),
        (1.0 * top, 0.052 * b * h, 1.0 * half, -0.006 * h),
        (1.0 * top + 0.016 * h, 0.042 * b * h, 0.82 * half, -0.006 * h),
        (1.0 * top + 0.036 * h, 0.034 * b * h, 0.46 * half, -0.003 * h),
        (1.0 * top + 0.052 * h, 0.033 * b * h, 0.36 * half, 0.0),
    ]
    if proud:
        rows = rows[:-2]
    more = proud * h
    return shapes.stack(
        [r[0] + 0.4 * more for r in rows],
        [(r[1] + more, r[2] + more) for r in rows],
        [(r[3], 0.0) for r in rows],
        count=18,
        exponent=2.35,
    )


def _hem(s: Skeleton, proud: float = 0.0) -> Shape:
    """The upper garment below the waist, in the frame of the pelvis: it stays with the hips when the back bends."""
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    waist = p.waist - p.hip
    rows = [
        (-0.076, 0.071, 0.096),
        (-0.060, 0.0725, 0.0975),
        (-0.044, 0.0695, 0.0940),
        (-0.032, 0.0650, 0.0890),
        (-0.020, 0.0612, 0.0856),
        (-0.008, 0.0590, 0.0830),
        (-0.006, 0.050, 0.070),
    ]
    return shapes.stack(
        [(waist + z) * h for z, _, _ in rows],
        [((x * b + proud) * h, (y * b + proud) * h) for _, x, y in rows],
        [(0.001 * h, 0.0)] * len(rows),
        count=18,
        exponent=2.35,
    )


def _band(s: Skeleton, low: float, high: float, proud: float) -> Shape:
    """A stripe around the chest between two shares of the torso's height."""
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    top = (p.shoulder - p.waist) * h
    grow = proud * h
    heights = np.linspace(low, high, 3) * top
    x = np.interp(heights, [0, 0.35 * top, 0.62 * top], [0.064 * b * h, 0.068 * b * h, 0.071 * b * h]) + grow
    y = np.interp(heights, [0, 0.35 * top, 0.62 * top], [0.087 * b * h, 0.094 * b * h, 0.104 * b * h]) + grow
    sections = [
        np.column_stack([shapes.ring(float(a), float(c), 18, 2.35), np.full(18, float(z))])
        for a, c, z in zip(x, y, heights, strict=True)
    ]
    return shapes.loft(np.array(sections), caps=False)


def _head(s: Skeleton) -> tuple[Shape, Shape, Shape]:
    """(skin; irises, brows and mouth; whites of the eyes) in the frame of the joint between neck and head."""
    p, h = s.proportions, s.stature_m
    chin = 0.02 * h
    tall = (1 - p.chin) * h - 0.008 * h
    rx, ry = p.head_depth * h / 2, p.head_width * h / 2
    rows = [
        (0.0, 0.36, 0.34, 0.30),
        (0.06, 0.58, 0.56, 0.22),
        (0.20, 0.84, 0.80, 0.10),
        (0.40, 0.96, 0.95, 0.03),
        (0.60, 1.0, 1.0, 0.0),
        (0.78, 0.90, 0.90, -0.03),
        (0.90, 0.68, 0.68, -0.05),
        (0.97, 0.38, 0.38, -0.05),
        (1.0, 0.10, 0.10, -0.05),
    ]
    skull = shapes.stack(
        [chin + r[0] * tall for r in rows],
        [(r[1] * rx, r[2] * ry) for r in rows],
        [(r[3] * rx, 0.0) for r in rows],
        count=18,
    )
    neck = shapes.stack(
        [-0.035 * h, 0.0, chin + 0.25 * tall],
        [(0.019 * h, 0.022 * h), (0.0265 * h, 0.028 * h), (0.029 * h, 0.029 * h)],
        [(-0.009 * h, 0.0), (-0.005 * h, 0.0), (-0.002 * h, 0.0)],
        count=12,
    )
    nose = shapes.stack(
        [chin + 0.33 * tall, chin + 0.37 * tall, chin + 0.55 * tall],
        [(0.10 * rx, 0.17 * ry), (0.15 * rx, 0.17 * ry), (0.04 * rx, 0.08 * ry)],
        [(1.01 * rx, 0.0), (1.04 * rx, 0.0), (0.97 * rx, 0.0)],
        count=8,
    )
    ear = shapes.ellipsoid((0.14 * rx, 0.07 * ry, 0.13 * tall), (-0.05 * rx, 0.99 * ry, chin + 0.44 * tall), count=8)
    skin = join([skull, neck, nose, shapes.both_sides(ear)])
    white = shapes.ellipsoid(
        (0.045 * rx, 0.135 * ry, 0.030 * tall), (0.895 * rx, 0.37 * ry, chin + 0.535 * tall), count=8
    )
    iris = shapes.ellipsoid(
        (0.03 * rx, 0.065 * ry, 0.032 * tall), (0.918 * rx, 0.37 * ry, chin + 0.533 * tall), count=6
    )
    brow = shapes.ellipsoid((0.05 * rx, 0.20 * ry, 0.014 * tall), (0.885 * rx, 0.39 * ry, chin + 0.605 * tall), count=6)
    mouth = shapes.ellipsoid((0.05 * rx, 0.23 * ry, 0.012 * tall), (0.945 * rx, 0.0, chin + 0.20 * tall), count=6)
    face = join([shapes.both_sides(join([iris, brow])), mouth])
    return skin, face, shapes.both_sides(white)


_HAIR_LINE = (
    # azimuth from straight ahead; height of the hair's edge as a share of the head's, short and long
    (0.0, 0.80, 0.82),
    (0.50, 0.79, 0.80),
    (0.85, 0.66, 0.68),
    (1.15, 0.47, 0.50),
    (1.38, 0.44, 0.30),
    (1.60, 0.56, 0.05),
    (1.90, 0.42, -0.22),
    (2.25, 0.22, -0.33),
    (np.pi, 0.10, -0.38),
)
_HAIR = (
    # height as a share of the head's; half axes and offset as shares of the skull's
    (-0.40, 0.52, 0.74, -0.50),
    (-0.20, 0.62, 0.86, -0.44),
    (0.05, 0.70, 0.92, -0.30),
    (0.16, 0.76, 0.90, -0.20),
    (0.30, 0.92, 0.99, -0.12),
    (0.45, 1.03, 1.07, -0.09),
    (0.62, 1.09, 1.11, -0.07),
    (0.72, 1.09, 1.11, -0.06),
    (0.82, 1.02, 1.04, -0.06),
    (0.92, 0.83, 0.86, -0.06),
    (0.99, 0.53, 0.55, -0.06),
    (1.035, 0.05, 0.05, -0.06),
)


def _hair(s: Skeleton, long: bool) -> Shape:
    """The hair, in the frame of the head: over the crown down to the hair line, and over the neck when it is long."""
    p, h = s.proportions, s.stature_m
    chin, tall = 0.02 * h, (1 - p.chin) * h - 0.008 * h
    rx, ry = p.head_depth * h / 2, p.head_width * h / 2
    count = 22
    azimuth = 2 * np.pi * np.arange(count) / count
    around = np.minimum(azimuth, 2 * np.pi - azimuth)
    line = np.array(_HAIR_LINE)
    low = np.interp(around, line[:, 0], line[:, 2 if long else 1]) + 0.012 * np.sin(5 * azimuth + 0.4)
    table = np.array(_HAIR)

    def ring(up: Array, share: float | Array) -> Array:
        x, y, shift = (np.interp(up, table[:, 0], table[:, k]) for k in (1, 2, 3))
        return np.column_stack(
            [(share * x * np.cos(azimuth) + shift) * rx, share * y * np.sin(azimuth) * ry, chin + up * tall]
        )

    crown = float(table[-1, 0])
    rows = [ring(low + 0.01, 0.80), ring(low, 0.97)]
    for share in (0.1, 0.3, 0.5, 0.7, 0.86, 0.95, 1.0):
        rows.append(ring(low + share * (crown - low), 1.0 + 0.022 * (1.0 - share) * np.sin(7 * azimuth + 4 * share)))
    return shapes.loft(np.array(rows))


def _shoe(s: Skeleton) -> tuple[Shape, Shape]:
    """(upper, sole) in the frame of the ankle, toes along +x."""
    p, h = s.proportions, s.stature_m
    long, a = p.foot * h, p.ankle * h
    x = np.array([-0.27, -0.24, -0.12, 0.05, 0.22, 0.42, 0.58, 0.67, 0.71, 0.735]) * long
    half = np.array([0.10, 0.135, 0.15, 0.148, 0.165, 0.19, 0.18, 0.145, 0.10, 0.05]) * long
    top = np.array([0.62, 1.02, 1.18, 1.12, 0.82, 0.60, 0.56, 0.56, 0.53, 0.46]) * a - a
    rise = np.array([0.06, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.10, 0.24]) * a - a
    thick = np.array([0.24, 0.24, 0.24, 0.24, 0.24, 0.24, 0.24, 0.24, 0.21, 0.13]) * a

    def skin(low: Array, high: Array, wide: Array) -> Shape:
        rim = shapes.ring(1.0, 1.0, 10, 2.6)
        sections = [
            np.column_stack([np.full(10, cx), rim[:, 0] * w, (low_z + high_z) / 2 + rim[:, 1] * (high_z - low_z) / 2])
            for cx, w, low_z, high_z in zip(x, wide, low, high, strict=True)
        ]
        return shapes.loft(np.array(sections))

    return skin(rise + 0.6 * thick, top, half), skin(rise, rise + thick, half * 1.06)


def _leaning(shape: Shape, y_per_m: float) -> Shape:
    """A limb that hangs aslant: shifted along y by so much for each metre below its joint."""
    return Shape(shape.points_m + np.outer(-shape.points_m[:, 2] * y_per_m, (0.0, 1.0, 0.0)), shape.faces, shape.uv)


def _short_leg(thigh_m: float, girth_m: float) -> Shape:
    """A leg of shorts with an open hem above the knee."""
    rows = [
        (-0.80, 0.053, 0.051),
        (-0.79, 0.055, 0.053),
        (-0.4, 0.056, 0.053),
        (0.0, 0.057, 0.053),
        (0.12, 0.04, 0.038),
    ]
    return shapes.stack([r[0] * thigh_m for r in rows], [(r[1] * girth_m, r[2] * girth_m) for r in rows], count=12)


def _yoke(s: Skeleton, proud: float) -> Shape:
    """A skirt or a coat from the waist over the hips, in the frame of the pelvis."""
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    waist = p.waist - p.hip
    rows = [(-0.050, 0.048, 0.098), (-0.03, 0.062, 0.109), (0.0, 0.069, 0.1065), (0.045, 0.071, 0.098)]
    rows += [(waist - 0.002, 0.0655, 0.0895), (waist + 0.001, 0.0645, 0.088), (waist + 0.002, 0.050, 0.070)]
    sizes = [((x * b + proud) * h, (y * b + proud) * h) for _, x, y in rows]
    return shapes.stack([z * h for z, _, _ in rows], sizes, count=18, exponent=2.4)


def _folds(s: Skeleton, long: float, proud: float) -> list[tuple[str, Shape, Shape]]:
    """A skirt or a coat's tails over both thighs: (drape, cloth, lining), each fold in the frame of its drape; they
    overlap in any step. Below they are open, and one sees the lining."""
    h, b = s.stature_m, s.proportions.bulk
    rows = [(-long, 0.051, 0.112), (-0.5 * long, 0.056, 0.112), (-0.02, 0.062, 0.1085)]
    rows += [(0.025, 0.054, 0.098), (0.050, 0.034, 0.070)]
    folds = []
    for k, name in enumerate(DRAPES):
        # Each lies under the one before it, where they meet at the sides.
        rings = np.array(
            [
                np.column_stack(
                    [
                        shapes.ring((x * b + proud) * h, (y * b + proud - 0.002 * k) * h, 18, 2.4),
                        np.full(18, z * h),
                    ]
                )
                for z, x, y in rows
            ]
        )
        cloth = join([shapes.loft(rings, caps=False), shapes.fan(rings[-1])])
        rim = rings[0] * np.array([0.985, 0.985, 1.0])
        # Not so deep that the thighs would show when the wearer runs.
        ceiling = rings[0] * np.array([0.985, 0.985, 1.0]) + np.array([0.0, 0.0, 0.06 * long * h])
        inside = join([shapes.loft(np.array([ceiling, rim]), caps=False), shapes.fan(ceiling[::-1])])
        folds.append((name, cloth, inside))
    return folds


def _helmet(s: Skeleton) -> Shape:
    """A builder's helmet, in the frame of the head."""
    p, h = s.proportions, s.stature_m
    chin, tall = 0.02 * h, (1 - p.chin) * h - 0.008 * h
    rx, ry = p.head_depth * h / 2, p.head_width * h / 2
    rows = [(0.70, 1.46, 1.34), (0.715, 1.48, 1.36), (0.735, 1.22, 1.24), (0.90, 1.16, 1.18), (1.04, 0.98, 1.0)]
    rows += [(1.13, 0.68, 0.70), (1.17, 0.30, 0.32), (1.175, 0.05, 0.05)]
    dome = shapes.stack(
        [chin + z * tall for z, _, _ in rows],
        [(x * rx, y * ry) for _, x, y in rows],
        [((0.10 if z < 0.73 else -0.05) * rx, 0.0) for z, _, _ in rows],
        count=20,
    )
    crest = shapes.tube(
        np.array([(x * rx, 0.0, chin + z * tall) for x, z in ((-0.95, 1.0), (-0.5, 1.15), (0.0, 1.18), (0.5, 1.12))]),
        0.09 * rx,
        count=6,
    )
    return join([dome, crest])


def _cap(s: Skeleton) -> Shape:
    """A cap with a peak, in the frame of the head."""
    p, h = s.proportions, s.stature_m
    chin, tall = 0.02 * h, (1 - p.chin) * h - 0.008 * h
    rx, ry = p.head_depth * h / 2, p.head_width * h / 2
    rows = [(0.70, 1.13), (0.80, 1.14), (0.92, 0.98), (1.02, 0.62), (1.06, 0.1)]
    crown = shapes.stack(
        [chin + z * tall for z, _ in rows],
        [(k * rx, k * ry) for _, k in rows],
        [(-0.05 * rx, 0.0)] * len(rows),
        count=18,
    )
    peak = shapes.stack(
        [chin + 0.705 * tall, chin + 0.735 * tall], [(0.62 * rx, 0.80 * ry)] * 2, [(1.05 * rx, 0.0)] * 2, count=16
    )
    return join([crown, peak])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """Meshes of one person: (segment, what it is made of, mesh)."""

    pieces: tuple[tuple[str, str, Mesh], ...]
    eye_m: Array


def cloth(name: str, color: Rgb, roughness: float = 0.9) -> Material:
    """What garments are made of."""
    return Material(name=name, base_color=color, roughness=roughness, texture=textures.cloth(1))


def hair_of(color: Rgb) -> Material:
    return Material(name="hair", base_color=color, roughness=0.7, texture=textures.hair(1))


@kept
def figure(
    skeleton: Skeleton,
    sleeves: str,
    legwear: str,
    hair: str,
    backpack: bool,
    reflective: bool,
    outer: str = "none",
    headwear: str = "none",
    pattern: str = "plain",
) -> Figure:
    """Builds the meshes; materials are named skin, face, eyes, hair, top, accent, legs, shoes, soles, reflective, vest,
    lining and headwear.

    Args:
        outer: over the upper garment: none, coat (down to the thighs) or vest (a warning vest with two bands).
        headwear: none, cap or helmet.
        pattern: of the upper garment: plain, or band around the chest.
    """
    s = skeleton
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    legs = s.legs
    pieces: list[tuple[str, str, Shape]] = []
    hips = shapes.stack(
        [-0.055 * h, -0.035 * h, 0.0, 0.05 * h, 0.070 * h],
        [
            (x * b * h, y * b * h)
            for x, y in ((0.035, 0.05), (0.058, 0.085), (0.067, 0.094), (0.058, 0.082), (0.045, 0.065))
        ],
        count=16,
        exponent=2.3,
    )
    pieces.append(("pelvis", "legs", hips))
    pieces.append(("torso", "top", _torso(s)))
    if outer == "vest":
        pieces += [("torso", "vest", _torso(s, 0.0045)), ("pelvis", "vest", _hem(s, 0.0045))]
        pieces.append(("torso", "reflective", join([_band(s, 0.10, 0.20, 0.007), _band(s, 0.42, 0.52, 0.007)])))
    elif outer == "none" and pattern == "band":
        pieces.append(("torso", "accent", _band(s, 0.50, 0.64, 0.0025)))
    if outer == "coat":
        pieces.append(("pelvis", "top", _yoke(s, 0.006)))
        for name, cloth, inside in _folds(s, 0.215, 0.006):
            pieces += [(name, "top", cloth), (name, "lining", inside)]
    elif legwear != "skirt":
        pieces.append(("pelvis", "top", _hem(s)))
    if legwear == "skirt":
        pieces.append(("pelvis", "legs", _yoke(s, 0.0)))
        for name, cloth, inside in _folds(s, 0.21, 0.0):
            pieces += [(name, "legs", cloth), (name, "lining", inside)]
    if headwear != "none":
        pieces.append(("head", "headwear", _helmet(s) if headwear == "helmet" else _cap(s)))
    if reflective and outer != "vest":
        pieces.append(("torso", "reflective", _band(s, 0.22, 0.34, 0.003)))
    if backpack:
        bag = shapes.rounded_box((0.085 * h, 0.16 * h, 0.2 * h), 0.03 * h, (-0.108 * b * h, 0.0, 0.11 * h))
        pocket = shapes.rounded_box((0.03 * h, 0.11 * h, 0.08 * h), 0.012 * h, (-0.16 * b * h, 0.0, 0.065 * h))
        pieces.append(("torso", "bag", join([bag, pocket])))
        strap_x = [-0.05, 0.03, 0.068, 0.074, 0.04]
        strap_z = [0.235, 0.238, 0.17, 0.10, 0.03]
        strap_y = [0.05, 0.052, 0.058, 0.062, 0.085]
        path = np.column_stack([np.array(strap_x) * b, np.array(strap_y) * b, np.array(strap_z)]) * h
        pieces.append(("torso", "bag", shapes.both_sides(shapes.tube(path, 0.009 * h, count=6))))
    skin, face, eyes = _head(s)
    pieces += [("head", "skin", skin), ("head", "face", face), ("head", "eyes", eyes)]
    pieces.append(("head", "hair", _hair(s, hair == "long")))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        upper = shapes.limb(
            p.upper_arm * h,
            [(x * b * h, y * b * h) for x, y in ((0.029, 0.024), (0.031, 0.029), (0.029, 0.028), (0.026, 0.026))],
            squash=0.65,
        )
        fore = shapes.limb(
            p.forearm * h * 0.98,
            [(0.026 * b * h, 0.025 * b * h), (0.026 * b * h, 0.025 * b * h), (0.021 * b * h, 0.021 * b * h)],
        )
        if sleeves == "short":
            bare = [(0.022 * b * h, 0.021 * b * h), (0.023 * b * h, 0.021 * b * h), (0.016 * b * h, 0.016 * b * h)]
            pieces.append((f"{side}_forearm", "skin", shapes.limb(p.forearm * h * 0.98, bare)))
            arm = shapes.limb(0.6 * p.upper_arm * h, [(0.024 * b * h, 0.023 * b * h)] * 2)
            pieces.append((f"{side}_upper_arm", "skin", arm.shifted(z_m=-0.4 * p.upper_arm * h)))
            girth = [(0.029, 0.024), (0.032, 0.030), (0.033, 0.031)]
            sleeve = shapes.limb(0.58 * p.upper_arm * h, [(x * b * h, y * b * h) for x, y in girth], squash=0.65)
            pieces.append((f"{side}_upper_arm", "top", sleeve))
        else:
            pieces += [(f"{side}_upper_arm", "top", upper), (f"{side}_forearm", "top", fore)]
        palm = shapes.ellipsoid((0.022 * b * h, 0.012 * b * h, 0.036 * h), (0.002 * h, 0.0, -0.03 * h), count=8)
        fingers = shapes.ellipsoid((0.018 * b * h, 0.011 * b * h, 0.03 * h), (0.008 * h, 0.0, -0.066 * h), count=6)
        thumb = shapes.ellipsoid((0.009 * h, 0.008 * h, 0.024 * h), (0.024 * h, -sign * 0.004 * h, -0.032 * h), count=6)
        pieces.append((f"{side}_hand", "skin", join([palm, fingers, thumb])))
        # Alike at the knee, where they meet; the shank is the wider one, as cloth hangs over what is below.
        thigh_girth = [(0.057, 0.053), (0.054, 0.051), (0.047, 0.045), (0.0405, 0.0395)]
        shank_girth = [(0.041, 0.040), (0.042, 0.0395), (0.037, 0.035), (0.032, 0.031)]
        thigh = _leaning(
            shapes.limb(legs.thigh_m, [(x * b * h, y * b * h) for x, y in thigh_girth], count=12, squash=1.0),
            -sign * KNEE_INWARD * h / legs.thigh_m,
        )
        shank = _leaning(
            shapes.limb(
                legs.shank_m * (0.96 if legwear == "trousers" else 1.0),
                [(x * b * h, y * b * h) for x, y in shank_girth],
                count=12,
                squash=1.0 if legwear == "trousers" else 0.6,
            ),
            -sign * ANKLE_INWARD * h / legs.shank_m,
        )
        if outer == "vest":
            stripe = shapes.stack(
                [-0.62 * legs.shank_m, -0.50 * legs.shank_m], [(0.041 * b * h, 0.039 * b * h)] * 2, count=12
            )
            pieces.append((f"{side}_shank", "reflective", stripe))
        if legwear == "trousers":
            pieces += [(f"{side}_thigh", "legs", thigh), (f"{side}_shank", "legs", shank)]
        else:
            bare_thigh = [(0.050, 0.047), (0.045, 0.043), (0.039, 0.038), (0.034, 0.033)]
            bare_shank = [(0.034, 0.033), (0.038, 0.035), (0.028, 0.027), (0.021, 0.022)]
            pieces += [
                *([(f"{side}_thigh", "legs", _short_leg(legs.thigh_m, b * h))] if legwear == "shorts" else []),
                (f"{side}_thigh", "skin", shapes.limb(legs.thigh_m, [(x * b * h, y * b * h) for x, y in bare_thigh])),
                (f"{side}_shank", "skin", shapes.limb(legs.shank_m, [(x * b * h, y * b * h) for x, y in bare_shank])),
                (f"{side}_shank", "skin", shapes.ellipsoid((0.034 * b * h,) * 3, count=10)),
            ]
        shoe, sole = _shoe(s)
        pieces += [(f"{side}_foot", "shoes", shoe), (f"{side}_foot", "soles", sole)]
    merged: dict[tuple[str, str], list[Shape]] = {}
    for segment, material, shape in pieces:
        merged.setdefault((segment, material), []).append(shape)
    eye = np.array([p.head_depth * h / 2, 0.0, 0.02 * h + 0.53 * (1 - p.chin) * h])
    meshes: dict[tuple[str, str], Mesh] = {}
    built = []
    for (segment, material), group in merged.items():
        # Arms are alike on both sides, but for the thumbs; so are feet.
        one_sided = segment.endswith(("hand", "thigh", "shank"))
        limb = segment if one_sided else segment.removeprefix("left_").removeprefix("right_")
        if (limb, material) not in meshes:
            mesh = join(group).smooth(0.9)
            # Across the body, aslant: on its side the cloth is drawn out into folds that hang.
            if material in _CLOTH:
                mesh = mesh.mapped((0.45, 0.9, 0.0), (0.0, 0.0, 1.0), 0.6)
            elif material == "hair":
                mesh = mesh.mapped((0.8, 0.8, 0.0), (0.0, 0.0, 1.0), 0.25)
            meshes[limb, material] = mesh
        built.append((segment, material, meshes[limb, material]))
    return Figure(pieces=tuple(built), eye_m=eye)
