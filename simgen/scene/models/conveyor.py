"""A belt conveyor on legs, whose belt carries what lies on it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import Array, pose, rotation_x
from simgen.core.vocabulary import models
from simgen.scene.body import Belt, Body, CollisionShape, Part
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.solids import box, joined, lathe, moved, rounded_box

VERSION = 1
FRAMES: dict[str, Rgb] = {
    "aluminium": (0.58, 0.59, 0.60),
    "blue": (0.03, 0.11, 0.34),
    "grey": (0.26, 0.27, 0.28),
    "green": (0.03, 0.20, 0.10),
}
RUBBER = Material(name="belt_rubber", base_color=(0.028, 0.030, 0.030), roughness=0.75)
SEAM = Material(name="belt_seam", base_color=(0.13, 0.135, 0.13), roughness=0.7)
STEEL = Material(name="conveyor_steel", base_color=(0.55, 0.56, 0.58), roughness=0.3, metallic=1.0)
DARK = Material(name="conveyor_motor", base_color=(0.05, 0.055, 0.06), roughness=0.5)
BELT_M, SEAM_M, DRUM_M = 0.004, 0.018, 0.04
"""Thickness of the belt, width of a seam along it, radius of the drums at its ends."""
SPACING_M = 0.5
"""About how far the seams lie apart, by which one sees the belt run."""
SKIN_M = 0.0008


@models.register("conveyor")
class BeltConveyor(ActorModel):
    """A belt conveyor; it carries things along its x axis. The action conveyor_speed changes its speed."""

    semantic: ClassVar[str] = "conveyor"

    length: float = quantity("m", low=0.5, high=20, default=3.0, help="along x, from drum to drum")
    width: float = quantity("m", low=0.15, high=1.5, default=0.45, help="of the belt")
    height: float = quantity("m", low=0.25, high=1.5, default=0.80, help="of the belt's top")
    speed: float = quantity("m/s", low=-2, high=2, default=0.25, help="of the belt at the start")
    frame: str = choice(
        *FRAMES, default="aluminium", help="paint of the frame", vary={"choice": ["aluminium", "blue", "grey", "green"]}
    )

    def build(self) -> Body:
        values = {name: getattr(self, name) for name in self.parameters}
        return conveyor_body(self.length, self.width, self.height, self.speed, FRAMES[self.frame], values, self.licence)


def conveyor_body(
    length_m: float,
    width_m: float,
    height_m: float,
    speed_mps: float,
    paint: Rgb,
    values: dict[str, object],
    licence: str = "Apache-2.0",
) -> Body:
    """The conveyor: a frame, a belt around two drums, seams that run with it."""
    top = height_m - SKIN_M
    frame = Material(name="conveyor_frame", base_color=paint, roughness=0.42)
    side = width_m / 2 + 0.02
    rails = [
        moved(rounded_box((length_m - 0.02, 0.036, 0.11), 0.005), pose((0.0, s * side, top - 0.062))) for s in (-1, 1)
    ]
    stations = np.linspace(-length_m / 2 + 0.25, length_m / 2 - 0.25, max(2, round(length_m / 1.6) + 1))
    legs, braces, feet = [], [], []
    tall = top - 0.11
    for x in stations:
        for s in (-1, 1):
            legs.append(moved(box((0.05, 0.04, tall - 0.03)), pose((float(x), s * side, 0.03 + (tall - 0.03) / 2))))
            feet.append(
                moved(
                    lathe([(0, 0), (0.045, 0), (0.045, 0.012), (0.012, 0.02), (0.012, 0.04), (0, 0.04)], 20),
                    pose((float(x), s * side, 0.0)),
                )
            )
        braces.append(moved(box((0.04, 2 * side, 0.03)), pose((float(x), 0.0, 0.30 * tall))))
    drum_profile = [
        (0.0, -width_m / 2),
        (DRUM_M - BELT_M, -width_m / 2),
        (DRUM_M - BELT_M, width_m / 2),
        (0.0, width_m / 2),
    ]
    turn = rotation_x(-np.pi / 2)
    ends = [s * (length_m / 2 - DRUM_M) for s in (-1, 1)]
    drums = [moved(lathe(drum_profile, 24), pose((x, 0.0, top - DRUM_M), turn)) for x in ends]
    shell = [(DRUM_M, -width_m / 2 + 0.004), (DRUM_M, width_m / 2 - 0.004)]
    wraps = [moved(lathe(shell, 28), pose((x, 0.0, top - DRUM_M), turn)) for x in ends]
    flat = length_m - 2 * DRUM_M
    upper = moved(box((flat, width_m - 0.008, BELT_M)), pose((0.0, 0.0, top - BELT_M / 2)))
    lower = moved(box((flat, width_m - 0.008, BELT_M)), pose((0.0, 0.0, top - 2 * DRUM_M + BELT_M / 2)))
    motor = [
        moved(rounded_box((0.20, 0.14, 0.14), 0.02), pose((length_m / 2 - 0.45, 0.0, top - 0.17))),
        moved(
            lathe([(0, -0.15), (0.055, -0.15), (0.055, 0.0), (0, 0.0)], 24),
            pose((length_m / 2 - 0.45, 0.0, top - 0.17), turn),
        ),
    ]
    parts = [
        Part(name="frame", mesh=joined([*rails, *legs, *braces]), material=frame),
        Part(name="feet", mesh=joined(feet), material=STEEL),
        Part(name="drums", mesh=joined(drums), material=STEEL),
        Part(name="belt", mesh=joined([upper, lower, *wraps]), material=RUBBER),
        Part(name="motor", mesh=joined(motor), material=DARK),
    ]
    still = len(parts)
    # The seams run over the top only: they come up at one end and go down at the other.
    count = max(1, round(flat / SPACING_M))
    pitch = flat / count
    seam = box((SEAM_M, width_m - 0.012, SKIN_M))
    parts += [Part(name=f"seam_{k}", mesh=seam, material=SEAM) for k in range(count)]

    def articulate(joints: Array) -> Array:
        poses = np.tile(np.eye(4), (len(parts), 1, 1))
        for k in range(count):
            x = (k * pitch + pitch / 2 + float(joints[0])) % flat - flat / 2
            poses[still + k, :3, 3] = (x, 0.0, top + SKIN_M / 2)
        return poses

    points = np.concatenate([p.mesh.vertices_m for p in parts[:still]]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    high[2] = height_m
    center, size = (low + high) / 2, high - low
    frame_shapes = [
        CollisionShape(kind="box", size_m=(length_m, 0.036, 0.11), body_from_shape=pose((0.0, s * side, top - 0.062)))
        for s in (-1, 1)
    ] + [
        CollisionShape(kind="box", size_m=(0.06, 2 * side, tall), body_from_shape=pose((float(x), 0.0, tall / 2)))
        for x in stations
    ]
    carrying = CollisionShape(
        kind="box", size_m=(length_m, width_m, 2 * DRUM_M), body_from_shape=pose((0.0, 0.0, height_m - DRUM_M))
    )
    return Body(
        semantic=BeltConveyor.semantic,
        asset=parametric_asset("conveyor", values, licence=licence, version=VERSION),
        parts=tuple(parts),
        rest=articulate(np.zeros(1)),
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        collision=tuple(frame_shapes),
        friction=0.35,
        restitution=0.05,
        fixed=True,
        joints=("belt",),
        joint_rest=(0.0,),
        articulate=articulate,
        belt=Belt(shape=carrying, speed_mps=speed_mps),
        keypoints={
            "infeed": ("frame", (-length_m / 2, 0.0, height_m)),
            "outfeed": ("frame", (length_m / 2, 0.0, height_m)),
        },
    )
