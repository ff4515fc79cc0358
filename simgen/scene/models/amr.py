"""An autonomous mobile robot for warehouses: two driven wheels in the middle, four castors, a deck that carries."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice
from simgen.core.geometry import Array, pose, rotation_x, rotation_y, transform
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Deck, Lamp, Mount, Part, Wheel, WheeledBase
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.vehicle import corners
from simgen.scene.shapes import Shape, grid, join
from simgen.scene.solids import box, joined, lathe, moved, rounded_box

VERSION = 1
LENGTH_M, WIDTH_M, DECK_M = 0.89, 0.58, 0.352
NOSE_M, SILL_M, SKIRT_M = (0.27, 0.235), 0.045, 0.075
"""Where the nose begins and how high it is; clearance; height of the skirt's upper edge."""
WHEEL_M, TRACK_M = 0.10, 0.45
MASS_KG = 70.0
SHELLS: dict[str, Rgb] = {
    "white": (0.74, 0.75, 0.75),
    "grey": (0.20, 0.21, 0.22),
    "orange": (0.72, 0.20, 0.02),
    "blue": (0.03, 0.13, 0.42),
    "yellow": (0.76, 0.50, 0.02),
}
BLACK = Material(name="amr_black", base_color=(0.03, 0.03, 0.032), roughness=0.55)
DECK = Material(name="amr_deck", base_color=(0.11, 0.115, 0.12), roughness=0.7)
GLASS = Material(name="amr_scanner", base_color=(0.012, 0.008, 0.009), roughness=0.07)
TREAD = Material(name="amr_tread", base_color=(0.10, 0.045, 0.015), roughness=0.7)
HUB = Material(name="amr_hub", base_color=(0.58, 0.59, 0.60), roughness=0.35, metallic=1.0)
STRIP_CD_M2: Rgb = (120.0, 900.0, 1100.0)


@models.register("robot.amr")
class Amr(ActorModel):
    """A warehouse robot with differential drive, 1.5 m/s, that carries loads of 200 kg on its deck."""

    semantic: ClassVar[str] = "robot"

    shell: str = choice(
        *SHELLS,
        default="white",
        help="colour of the covers",
        vary={"choice": {"white": 0.4, "grey": 0.2, "orange": 0.15, "blue": 0.15, "yellow": 0.1}},
    )

    def build(self) -> Body:
        paint = Material(name="amr_shell", base_color=SHELLS[self.shell], roughness=0.35)
        strip = Material(name="status", base_color=(0.6, 0.8, 0.8), roughness=0.4, emission_cd_m2=STRIP_CD_M2,
                         lamp="status")  # fmt: skip
        head = Material(name="headlight", base_color=(0.8, 0.8, 0.8), roughness=0.2,
                        emission_cd_m2=(9000.0, 9000.0, 8600.0), lamp="headlight_left")  # fmt: skip
        parts = [
            Part(name="shell", mesh=_shell(), material=paint),
            Part(name="skirt", mesh=_skirt(), material=BLACK),
            Part(name="deck", mesh=_deck(), material=DECK),
            Part(name="scanners", mesh=_scanners(), material=GLASS),
            Part(
                name="dome_base", mesh=_turned([(0, 0), (0.052, 0), (0.052, 0.018), (0, 0.018)], _DOME), material=BLACK
            ),
            Part(name="dome", mesh=_turned(_DOME_PROFILE, _DOME + (0.0, 0.0, 0.018)), material=GLASS),
            Part(name="status", mesh=_strip(), material=strip),
            Part(name="headlights", mesh=_headlights(), material=head),
            Part(name="castors", mesh=_castors(), material=BLACK),
        ]
        still = len(parts)
        for side in ("left", "right"):
            parts.append(Part(name=f"wheel_{side}", mesh=_tyre(), material=TREAD))
            parts.append(Part(name=f"hub_{side}", mesh=_hub(), material=HUB))

        def articulate(joints: Array) -> Array:
            poses = np.tile(np.eye(4), (len(parts), 1, 1))
            for k, sign in enumerate((1, -1)):
                wheel = pose((0.0, sign * TRACK_M / 2, WHEEL_M), rotation_y(float(joints[k])))
                poses[still + 2 * k] = poses[still + 2 * k + 1] = wheel
            return poses

        rest = articulate(np.zeros(2))
        points = np.concatenate([transform(m, p.mesh.vertices_m) for m, p in zip(rest, parts, strict=True)])
        low, high = points.min(axis=0), points.max(axis=0)
        center, size = (low + high) / 2, high - low
        lamps = [
            Lamp(name=f"headlight_{side}", part="headlights", position_m=(LENGTH_M / 2 + 0.01, y, 0.16),
                 direction=(0.97014, 0.0, -0.24254), intensity_cd=220.0, inner_rad=0.25, outer_rad=0.75)
            for side, y in (("left", 0.17), ("right", -0.17))
        ]  # fmt: skip
        lamps.append(
            Lamp(
                name="status",
                part="status",
                position_m=(0.0, 0.0, 0.02),
                intensity_cd=6.0,
                color=(0.14, 1.06, 2.9),
                inner_rad=2.6,
                outer_rad=3.0,
            )
        )
        return Body(
            semantic=self.semantic,
            asset=parametric_asset("robot.amr", {"shell": self.shell}, licence=self.licence, version=VERSION),
            parts=tuple(parts),
            rest=rest,
            box_center_m=(float(center[0]), float(center[1]), float(center[2])),
            box_size_m=(float(size[0]), float(size[1]), float(size[2])),
            collision=(
                CollisionShape(
                    kind="box",
                    size_m=(LENGTH_M / 2 + NOSE_M[0], WIDTH_M, DECK_M - SILL_M),
                    body_from_shape=pose(((NOSE_M[0] - LENGTH_M / 2) / 2, 0.0, (DECK_M + SILL_M) / 2)),
                ),
                CollisionShape(
                    kind="box",
                    size_m=(LENGTH_M / 2 - NOSE_M[0], WIDTH_M, NOSE_M[1] - SILL_M),
                    body_from_shape=pose(((NOSE_M[0] + LENGTH_M / 2) / 2, 0.0, (NOSE_M[1] + SILL_M) / 2)),
                ),
            ),
            mass_kg=MASS_KG,
            friction=0.7,
            deck=Deck(
                center_m=((NOSE_M[0] - LENGTH_M / 2) / 2, 0.0),
                height_m=DECK_M,
                size_m=(LENGTH_M / 2 + NOSE_M[0] - 0.04, WIDTH_M - 0.04),
            ),
            joints=("wheel_left", "wheel_right"),
            joint_rest=(0.0, 0.0),
            articulate=articulate,
            lamps=tuple(lamps),
            mounts={"front": Mount(part="shell", part_from_mount=pose((LENGTH_M / 2 + 0.012, 0.0, 0.19)))},
            base=WheeledBase(
                wheels=(
                    Wheel(joint="wheel_left", x_m=0.0, y_m=TRACK_M / 2, radius_m=WHEEL_M),
                    Wheel(joint="wheel_right", x_m=0.0, y_m=-TRACK_M / 2, radius_m=WHEEL_M),
                ),
                load_share=0.7,
                track_m=TRACK_M,
                speed_mps=1.5,
                turn_radps=1.4,
                acceleration_mps2=0.8,
                stop_mps2=60.0,
                inertia_kg_m2=MASS_KG / 12 * (LENGTH_M**2 + WIDTH_M**2),
            ),
            keypoints={
                "dome": ("dome", (float(_DOME[0]), float(_DOME[1]), float(_DOME[2]) + 0.05)),
                "deck": ("deck", (-0.09, 0.0, DECK_M)),
                **{f"wheel_{side}": (f"wheel_{side}", (0.0, 0.0, 0.0)) for side in ("left", "right")},
                **{name: ("shell", at) for name, at in corners(low, high).items()},
            },
            notes={"eye_height_m": 0.19},
        )


_DOME = np.array([0.355, 0.0, NOSE_M[1]])
_DOME_PROFILE = [(0.046, 0.0), (0.046, 0.05), (0.042, 0.066), (0.028, 0.078), (0.0, 0.082)]


def _outline(grow_m: float, count: int = 48) -> Array:
    """(count + 4, 2) the plan: a rectangle with rounded corners of 9 cm, counter-clockwise; its long sides have points
    where the nose begins."""
    half = np.array([LENGTH_M, WIDTH_M]) / 2 + grow_m
    radius = 0.09 + grow_m
    angle = np.linspace(0.0, np.pi / 2, count // 4)
    arc = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    corners = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        c, s = np.cos(k * np.pi / 2), np.sin(k * np.pi / 2)
        corners.append(arc @ np.array([[c, s], [-s, c]]) + (half - radius) * (sx, sy))
        if k % 2 == 0:
            slope = [(NOSE_M[0] + 0.03, half[1]), (NOSE_M[0], half[1])]
            corners.append(np.array(slope) if k == 0 else np.array(slope[::-1]) * (1, -1))
    return np.concatenate(corners)


def _wall(levels: list[tuple[float, float]]) -> Shape:
    """A wall around the plan at (height, growth) levels, lower than the deck over the nose."""
    rows = []
    for z, grow in levels:
        plan = _outline(grow)
        heights = np.minimum(z, _roof(plan[:, 0]))
        rows.append(np.column_stack([plan, heights]))
    closed = np.concatenate([np.array(rows), np.array(rows)[:, :1]], axis=1)
    return grid(closed)


def _roof(x_m: Array) -> Array:
    """Height of the covers along x: the deck, a slope, the nose."""
    return np.interp(x_m, [NOSE_M[0], NOSE_M[0] + 0.03], [DECK_M - 0.012, NOSE_M[1]])


def _shell() -> Mesh:
    """The covers from the skirt to the deck's edge, and the nose's top."""
    top = DECK_M - 0.012
    wall = _wall(
        [(SKIRT_M, -0.004), (SKIRT_M + 0.012, 0.0), (0.20, 0.0), (0.22, 0.0), (top - 0.01, 0.0), (top, -0.008)]
    )
    # the roof, as strips across from the plan's one side to the other
    x = np.concatenate(
        [
            np.linspace(-LENGTH_M / 2 + 0.008, -LENGTH_M / 2 + 0.09, 12),
            [NOSE_M[0], NOSE_M[0] + 0.03],
            np.linspace(LENGTH_M / 2 - 0.09, LENGTH_M / 2 - 0.008, 12),
        ]
    )
    half, radius = np.array([LENGTH_M, WIDTH_M]) / 2 - 0.008, 0.082
    into = np.clip(np.abs(x) - (half[0] - radius), 0.0, radius)
    reach = half[1] - radius + np.sqrt(radius**2 - into**2)
    rows = np.stack([np.column_stack([x, side * reach, _roof(x)]) for side in (-1, 1)])
    return join([wall, grid(rows)]).smooth(0.5)


def _skirt() -> Mesh:
    wall = _wall([(SILL_M, -0.02), (SILL_M + 0.006, -0.012), (SKIRT_M, -0.012)])
    plan = _outline(-0.02)[::-1]
    floor = np.stack([np.column_stack([plan * k, np.full(len(plan), SILL_M)]) for k in (0.0, 1.0)])
    return join([wall, grid(np.concatenate([floor, floor[:, :1]], axis=1))]).smooth(0.5)


def _deck() -> Mesh:
    return moved(rounded_box((LENGTH_M / 2 + NOSE_M[0] - 0.05, WIDTH_M - 0.05, 0.014), 0.005),
                  pose(((NOSE_M[0] - LENGTH_M / 2) / 2, 0.0, DECK_M - 0.007)))  # fmt: skip


def _scanners() -> Mesh:
    """Safety scanners behind slits at two opposite corners, and the camera's window in the nose."""
    slit = [(0.098, -0.018), (0.098, 0.018)]
    corners = [
        moved(lathe([(0.0, -0.018), *slit, (0.0, 0.018)], 40), pose((s * 0.355, s * 0.20, 0.135))) for s in (1, -1)
    ]
    window = moved(rounded_box((0.02, 0.12, 0.035), 0.008), pose((LENGTH_M / 2 - 0.006, 0.0, 0.19)))
    return joined([*corners, window])


def _strip() -> Mesh:
    """The status light around the body, just over the skirt."""
    rows = [np.column_stack([_outline(0.0012), np.full(52, z)]) for z in (0.096, 0.108)]
    closed = np.concatenate([np.array(rows), np.array(rows)[:, :1]], axis=1)
    return grid(closed).smooth(0.5)


def _headlights() -> Mesh:
    return joined([
        moved(rounded_box((0.012, 0.075, 0.026), 0.005), pose((LENGTH_M / 2 - 0.002, y, 0.16))) for y in (0.15, -0.15)
    ])  # fmt: skip


def _castors() -> Mesh:
    wheel = lathe([(0, -0.013), (0.034, -0.013), (0.038, -0.008), (0.038, 0.008), (0.034, 0.013), (0, 0.013)], 24)
    turn = rotation_x(np.pi / 2)
    meshes = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            at = (sx * 0.34, sy * 0.19)
            meshes.append(moved(wheel, pose((at[0] - 0.02, at[1], 0.038), turn)))
            meshes.append(moved(box((0.05, 0.036, 0.02)), pose((at[0] - 0.008, at[1], 0.052))))
    return joined(meshes)


def _tyre() -> Mesh:
    profile = [(0.078, -0.02), (0.094, -0.02), (0.1, -0.014), (0.1, 0.014), (0.094, 0.02), (0.078, 0.02)]
    return moved(lathe(profile, 40), pose(rotation=rotation_x(np.pi / 2)))


def _hub() -> Mesh:
    """A disc with four holes' worth of marks, so that one sees it turn."""
    disc = lathe([(0, -0.016), (0.078, -0.016), (0.078, 0.016), (0, 0.016)], 40)
    bolts = [
        moved(
            lathe([(0, -0.019), (0.011, -0.019), (0.011, 0.019), (0, 0.019)], 12),
            pose((0.05 * np.cos(a), 0.05 * np.sin(a), 0.0)),
        )
        for a in np.arange(5) * 2 * np.pi / 5
    ]
    return moved(joined([disc, *bolts]), pose(rotation=rotation_x(np.pi / 2)))


def _turned(profile: list[tuple[float, float]], at: Array) -> Mesh:
    return moved(lathe(profile, 36), pose(at))
