"""The human figure: proportions, a skeleton of rigid segments with rounded joints, clothes, hair and shoes.

Proportions of adults follow Drillis & Contini (1966); children have larger heads and shorter legs (Snyder 1977).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simgen.core.geometry import Array, pose, rotation_x, rotation_y, rotation_z
from simgen.scene import shapes
from simgen.scene.mesh import Mesh
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
            shank = thigh @ pose((0.0, -side * 0.006 * h, -legs.thigh_m), rotation_y(knee))
            out[9 + 3 * k], out[10 + 3 * k] = thigh, shank
            turned = rotation_y(hip - knee) @ tilt.T @ rotation_y(knee - hip - ankle)
            out[11 + 3 * k] = shank @ pose((0.0, -side * 0.004 * h, -legs.shank_m), turned)
        return out


def _torso(s: Skeleton, proud: float = 0.0) -> Shape:
    """The upper garment, from its hem to the collar, in the frame of the waist; ``proud`` of it by a share of the
    stature."""
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    top = (p.shoulder - p.waist) * h
    half = p.shoulder_half * h
    rows = [
        (-0.075 * h, 0.070 * b * h, 0.093 * b * h, 0.0),
        (-0.06 * h, 0.072 * b * h, 0.096 * b * h, 0.0),
        (0.0, 0.064 * b * h, 0.087 * b * h, 0.002 * h),
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
    """(skin, eyes and mouth, hair cap) in the frame of the joint between neck and head."""
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
        [(0.028 * h, 0.029 * h), (0.027 * h, 0.028 * h), (0.029 * h, 0.029 * h)],
        [(-0.008 * h, 0.0), (-0.004 * h, 0.0), (-0.002 * h, 0.0)],
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
    eye = shapes.ellipsoid((0.045 * rx, 0.13 * ry, 0.026 * tall), (0.90 * rx, 0.37 * ry, chin + 0.535 * tall), count=8)
    brow = shapes.ellipsoid((0.03 * rx, 0.20 * ry, 0.011 * tall), (0.905 * rx, 0.39 * ry, chin + 0.605 * tall), count=8)
    mouth = shapes.ellipsoid((0.03 * rx, 0.22 * ry, 0.010 * tall), (0.965 * rx, 0.0, chin + 0.20 * tall), count=8)
    face = join([shapes.both_sides(join([eye, brow])), mouth])
    cap = shapes.stack(
        [chin + z * tall for z in (0.16, 0.30, 0.45, 0.62, 0.72, 0.82, 0.92, 0.99, 1.035)],
        [(a * rx, b * ry) for a, b in ((0.72, 0.84), (0.92, 0.99), (1.0, 1.05), (1.05, 1.08), *_CROWN)],
        [(x * rx, 0.0) for x in (-0.16, -0.12, -0.09, -0.06, -0.05, -0.05, -0.06, -0.06, -0.06)],
        count=20,
    )
    middle = cap.points_m[cap.faces].mean(axis=1)
    up = (middle[:, 2] - chin) / tall
    ahead = middle[:, 0] / rx
    # A hair line: high over the forehead, low behind the ears.
    keep = up > np.interp(ahead, [-1.1, -0.35, -0.12, 0.15, 0.55, 0.9], [0.0, 0.14, 0.40, 0.55, 0.72, 0.765])
    return skin, face, Shape(cap.points_m, cap.faces[keep])


_CROWN = ((1.04, 1.06), (0.95, 0.97), (0.74, 0.76), (0.40, 0.42), (0.08, 0.08))


def _long_hair(s: Skeleton) -> Shape:
    """What falls over the back of the neck."""
    p, h = s.proportions, s.stature_m
    chin = 0.02 * h
    tall = (1 - p.chin) * h
    rx, ry = p.head_depth * h / 2, p.head_width * h / 2
    return shapes.stack(
        [chin - 0.30 * tall, chin - 0.22 * tall, chin + 0.1 * tall, chin + 0.5 * tall, chin + 0.75 * tall],
        [
            (0.16 * rx, 0.5 * ry),
            (0.24 * rx, 0.72 * ry),
            (0.36 * rx, 0.95 * ry),
            (0.5 * rx, 0.98 * ry),
            (0.3 * rx, 0.6 * ry),
        ],
        [(-0.72 * rx, 0.0), (-0.72 * rx, 0.0), (-0.66 * rx, 0.0), (-0.56 * rx, 0.0), (-0.5 * rx, 0.0)],
        count=14,
    )


def _shoe(s: Skeleton) -> tuple[Shape, Shape]:
    """(upper, sole) in the frame of the ankle, toes along +x."""
    p, h = s.proportions, s.stature_m
    long, a = p.foot * h, p.ankle * h
    x = np.array([-0.27, -0.24, -0.12, 0.05, 0.22, 0.42, 0.58, 0.69, 0.735]) * long
    half = np.array([0.10, 0.135, 0.15, 0.148, 0.165, 0.19, 0.18, 0.12, 0.05]) * long
    top = np.array([0.62, 1.02, 1.18, 1.12, 0.80, 0.52, 0.42, 0.40, 0.36]) * a - a
    rise = np.array([0.06, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.30]) * a - a
    thick = 0.24 * a

    def skin(low: Array, high: Array, wide: Array) -> Shape:
        rim = shapes.ring(1.0, 1.0, 12, 2.6)
        sections = [
            np.column_stack([np.full(12, cx), rim[:, 0] * w, (low_z + high_z) / 2 + rim[:, 1] * (high_z - low_z) / 2])
            for cx, w, low_z, high_z in zip(x, wide, low, high, strict=True)
        ]
        return shapes.loft(np.array(sections))

    return skin(rise + 0.6 * thick, top, half), skin(rise, rise + thick, half * 1.06)


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


def _skirt(s: Skeleton, long: float, proud: float) -> Shape:
    """From the waist down over the thighs, wide enough for a step, in the frame of the pelvis."""
    h, b = s.stature_m, s.proportions.bulk
    rows = [(-long, 0.122, 0.128), (-0.6 * long, 0.100, 0.116), (-0.04, 0.074, 0.102), (0.03, 0.067, 0.094)]
    rows.append((0.085, 0.060, 0.084))
    sizes = [((x * b + proud) * h, (y * b + proud) * h) for _, x, y in rows]
    return shapes.stack([z * h for z, _, _ in rows], sizes, count=18, exponent=2.2)


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


@lru_cache(maxsize=64)
def figure(
    skeleton: Skeleton,
    sleeves: str,
    legwear: str,
    hair: str,
    backpack: bool,
    reflective: bool,
    outer: str = "none",
    headwear: str = "none",
) -> Figure:
    """Builds the meshes; materials are named skin, face, hair, top, accent, legs, shoes, soles, reflective, vest and
    headwear.

    Args:
        outer: over the upper garment: none, coat (down to the thighs) or vest (a warning vest with two bands).
        headwear: none, cap or helmet.
    """
    s = skeleton
    p, h, b = s.proportions, s.stature_m, s.proportions.bulk
    legs = s.legs
    pieces: list[tuple[str, str, Shape]] = []
    hips = shapes.stack(
        [-0.055 * h, -0.035 * h, 0.0, 0.05 * h, 0.085 * h],
        [
            (x * b * h, y * b * h)
            for x, y in ((0.035, 0.05), (0.058, 0.085), (0.067, 0.094), (0.064, 0.088), (0.06, 0.083))
        ],
        count=16,
        exponent=2.3,
    )
    pieces.append(("pelvis", "legs", hips))
    pieces.append(("torso", "top", _torso(s)))
    if outer == "vest":
        pieces.append(("torso", "vest", _torso(s, 0.0045)))
        pieces.append(("torso", "reflective", join([_band(s, 0.10, 0.20, 0.007), _band(s, 0.42, 0.52, 0.007)])))
    elif outer == "none":
        pieces.append(("torso", "accent", _band(s, 0.52, 0.62, 0.0025)))
    if outer == "coat":
        pieces.append(("pelvis", "top", _skirt(s, 0.19, 0.012)))
    if legwear == "skirt":
        pieces.append(("pelvis", "legs", _skirt(s, 0.20, 0.0)))
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
    skin, face, cap = _head(s)
    pieces += [("head", "skin", skin), ("head", "face", face), ("head", "hair", cap)]
    if hair == "long":
        pieces.append(("head", "hair", _long_hair(s)))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        upper = shapes.limb(
            p.upper_arm * h,
            [(x * b * h, y * b * h) for x, y in ((0.029, 0.024), (0.031, 0.029), (0.029, 0.028), (0.026, 0.026))],
            squash=0.9,
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
            sleeve = shapes.limb(0.58 * p.upper_arm * h, [(x * b * h, y * b * h) for x, y in girth], squash=0.9)
            pieces.append((f"{side}_upper_arm", "top", sleeve))
        else:
            pieces += [(f"{side}_upper_arm", "top", upper), (f"{side}_forearm", "top", fore)]
        palm = shapes.ellipsoid((0.022 * b * h, 0.012 * b * h, 0.036 * h), (0.002 * h, 0.0, -0.03 * h), count=10)
        fingers = shapes.ellipsoid((0.018 * b * h, 0.011 * b * h, 0.03 * h), (0.008 * h, 0.0, -0.066 * h), count=8)
        thumb = shapes.ellipsoid((0.009 * h, 0.008 * h, 0.024 * h), (0.024 * h, -sign * 0.004 * h, -0.032 * h), count=8)
        pieces.append((f"{side}_hand", "skin", join([palm, fingers, thumb])))
        thigh_girth = [(0.057, 0.053), (0.054, 0.051), (0.047, 0.045), (0.041, 0.040)]
        shank_girth = [(0.040, 0.039), (0.042, 0.039), (0.036, 0.034), (0.031, 0.030)]
        thigh = shapes.limb(legs.thigh_m, [(x * b * h, y * b * h) for x, y in thigh_girth], count=12)
        shank = shapes.limb(
            legs.shank_m * (0.96 if legwear == "trousers" else 1.0),
            [(x * b * h, y * b * h) for x, y in shank_girth],
            count=12,
            squash=0.3 if legwear == "trousers" else 0.6,
        )
        knee = shapes.ellipsoid((0.041 * b * h, 0.040 * b * h, 0.041 * b * h), count=12)
        if outer == "vest":
            stripe = shapes.stack(
                [-0.62 * legs.shank_m, -0.50 * legs.shank_m], [(0.041 * b * h, 0.039 * b * h)] * 2, count=12
            )
            pieces.append((f"{side}_shank", "reflective", stripe))
        if legwear == "trousers":
            pieces += [(f"{side}_thigh", "legs", thigh), (f"{side}_shank", "legs", join([knee, shank]))]
        else:
            bare_shank = [(0.035, 0.034), (0.038, 0.035), (0.028, 0.027), (0.021, 0.022)]
            pieces += [
                *([(f"{side}_thigh", "legs", _short_leg(legs.thigh_m, b * h))] if legwear == "shorts" else []),
                (f"{side}_thigh", "skin", shapes.limb(legs.thigh_m, [(0.040 * b * h, 0.039 * b * h)] * 2)),
                (f"{side}_shank", "skin", shapes.limb(legs.shank_m, [(x * b * h, y * b * h) for x, y in bare_shank])),
                (f"{side}_shank", "skin", shapes.ellipsoid((0.035 * b * h,) * 3, count=10)),
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
        # Limbs are alike on both sides, but for the thumbs.
        limb = segment if segment.endswith("hand") else segment.removeprefix("left_").removeprefix("right_")
        if (limb, material) not in meshes:
            meshes[limb, material] = join(group).smooth(0.9)
        built.append((segment, material, meshes[limb, material]))
    return Figure(pieces=tuple(built), eye_m=eye)
