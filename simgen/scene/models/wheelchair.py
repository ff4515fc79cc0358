"""Somebody in a wheelchair who drives it by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import Array, pose
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import CollisionShape
from simgen.scene.footing import Foot, Pace
from simgen.scene.mesh import Material
from simgen.scene.models.figure import Skeleton
from simgen.scene.models.gait import JOINTS, Bearing, Gait
from simgen.scene.models.pedestrian import CLOTH, Adult, Carried, wheel
from simgen.scene.shapes import Shape, join

WHEEL_M = 0.30
CASTER_M = 0.09
SEAT_M = 0.49
PUSH_M = 1.1
"""What one push of the hands covers (Vanlandewijck et al. 2001: about 1 push/s at everyday speeds)."""


@dataclass(frozen=True, slots=True)
class WheelchairGait(Gait):
    """Joints of somebody who sits and pushes the rims; nothing steps."""

    @property
    def feet(self) -> tuple[tuple[float, float], ...]:
        return ()

    def stride_m(self, speed_mps: float) -> float:
        return PUSH_M

    def pace(self, speed_mps: float) -> Pace:
        return Pace(stride_m=PUSH_M, duty=1.0, ahead=0.0, offsets=())

    def __call__(self, distance_m: float, speed_mps: float) -> Array:
        return self.on_feet((), distance_m / PUSH_M, speed_mps, distance_m)

    def on_feet(self, feet: Sequence[Foot], cycles: float, speed_mps: float, distance_m: float = 0.0) -> Array:
        joints = self._seated()
        # The hands follow the rims for 40 % of a push, and return.
        p = cycles % 1.0
        reach = 0.5 - 0.5 * math.cos(math.pi * p / 0.4) if p < 0.4 else 0.5 + 0.5 * math.cos(math.pi * (p - 0.4) / 0.6)
        effort = min(1.0, abs(speed_mps) / 0.3)
        for k in (0, 1):
            joints[11 + 3 * k] = -0.28 + effort * (-0.22 + 0.66 * reach)
            joints[12 + 3 * k] = 0.24
            joints[13 + 3 * k] = 0.80 + effort * (0.32 - 0.75 * reach)
        joints[1] = 0.06 + effort * (0.04 + 0.10 * reach)
        joints[3] = -0.8 * joints[1]
        return np.append(joints, distance_m)

    def _seated(self) -> Array:
        joints = np.zeros(len(JOINTS))
        joints[0] = SEAT_M + 0.08 - self.legs.stand_m
        for k in (0, 1):
            joints[5 + 3 * k : 8 + 3 * k] = 1.46, 1.22, 0.0
            joints[17 + 2 * k] = 0.05
        joints[[7, 10]] = -(1.46 - 1.22) + 0.12
        return joints

    def limp(self, down: Array) -> Array:
        joints = self._seated()
        for k in (0, 1):
            joints[11 + 3 * k : 14 + 3 * k] = 0.4 + 0.3 * k, 0.4, 0.4
        joints[3], joints[4] = 0.3, 0.3
        return np.append(joints, 0.0)


@models.register("pedestrian.wheelchair")
class WheelchairUser(Adult):
    """Somebody in a wheelchair."""

    semantic: ClassVar[str] = "wheelchair_user"
    lopsided: ClassVar[bool] = True
    burdened: ClassVar[bool] = True
    chair_mass_kg: ClassVar[float] = 15.0
    legwear: str = choice(
        "trousers", "shorts", default="trousers", help="on the legs", vary={"choice": {"trousers": 0.9, "shorts": 0.1}}
    )
    outer: str = choice(
        "none", "vest", default="none", help="a warning vest with retroreflective bands over the upper garment"
    )
    backpack: str = choice("no", default="no", help="not between back and chair")
    height: float = quantity(
        "m",
        low=1.4,
        high=2.1,
        default=1.72,
        help="stature when standing",
        vary={"truncated_normal": {"mean": "1.72 m", "std": "0.09 m", "low": "1.5 m", "high": "1.95 m"}},
    )
    frame: str = choice(
        *CLOTH,
        default="black",
        help="colour of the chair",
        vary={"choice": {"black": 0.6, "blue": 0.15, "red": 0.15, "grey": 0.1}},
    )

    def gait_of(self, skeleton: Skeleton, bearing: Bearing, rolls: bool) -> Gait:
        return WheelchairGait(skeleton.legs, bearing, free=False)

    def collision(self, radius_m: float, tall_m: float) -> tuple[CollisionShape, ...]:
        return (
            CollisionShape(kind="box", size_m=(0.95, 0.60, 0.55), body_from_shape=pose((0.12, 0.0, 0.30))),
            CollisionShape(kind="box", size_m=(0.30, 0.42, 0.75), body_from_shape=pose((-0.05, 0.0, 0.94))),
        )

    def carries(self, skeleton: Skeleton, posture: Array) -> list[Carried]:
        paint = Material(name=f"chair_{self.frame}", base_color=CLOTH[self.frame], roughness=0.4)
        steel = Material(name="steel", base_color=(0.45, 0.45, 0.46), roughness=0.3, metallic=0.8)
        cloth = Material(name="seat", base_color=(0.02, 0.02, 0.022), roughness=0.85)
        rubber = Material(name="tyres", base_color=(0.025, 0.025, 0.025), roughness=0.8)
        long = skeleton.legs.thigh_m
        foot_x = long + 0.02 - 0.20 * skeleton.legs.shank_m
        tubes: list[Shape] = [
            shapes.tube([(-0.16, 0.215, 0.95), (-0.15, 0.215, 0.30), (-0.10, 0.215, 0.22)], 0.012, count=6),
            shapes.tube([(-0.24, 0.215, 0.95), (-0.15, 0.215, 0.94)], 0.014, count=6),
            shapes.tube(
                [(-0.15, 0.215, SEAT_M - 0.03), (0.36, 0.215, SEAT_M - 0.02), (foot_x, 0.12, 0.10)], 0.012, count=6
            ),
            shapes.tube([(-0.12, 0.215, 0.23), (0.33, 0.215, 0.23), (0.36, 0.215, SEAT_M - 0.02)], 0.012, count=6),
            shapes.tube([(0.33, 0.215, 0.23), (0.32, 0.215, 2 * CASTER_M)], 0.010, count=6),
        ]
        axle = shapes.tube([(-0.02, -0.29, WHEEL_M), (-0.02, 0.29, WHEEL_M)], 0.012, count=6)
        seat = join(
            [
                shapes.rounded_box((0.46, 0.42, 0.04), 0.015, (0.10, 0.0, SEAT_M - 0.02), count=12),
                shapes.rounded_box((0.025, 0.42, 0.42), 0.01, (-0.165, 0.0, SEAT_M + 0.22), count=12),
            ]
        )
        plate = shapes.rounded_box((0.14, 0.30, 0.015), 0.006, (foot_x + 0.03, 0.0, 0.09), count=12)
        here = np.eye(4)
        out = [
            Carried(
                name="chair_frame", shape=join([shapes.both_sides(join(tubes)), axle, plate]), material=paint, at=here
            ),
            Carried(name="chair_seat", shape=seat, material=cloth, at=here),
        ]
        angle = 2 * np.pi * np.arange(25) / 24
        for side, name in ((1.0, "left"), (-1.0, "right")):

            def ring(radius: float, thick: float, y: float) -> Shape:
                path = np.column_stack([radius * np.sin(angle), np.full(25, y), radius * np.cos(angle)])
                return shapes.tube(path, thick, count=4)

            spokes = [
                shapes.tube([(0.0, 0.0, 0.0), (0.28 * np.sin(a), 0.0, 0.28 * np.cos(a))], 0.004, count=3)
                for a in 2 * np.pi * np.arange(8) / 8
            ]
            at = pose((-0.02, side * 0.27, WHEEL_M))
            tyre, rim = ring(WHEEL_M - 0.014, 0.014, 0.0), ring(0.255, 0.008, side * 0.035)
            out.append(Carried(name=f"wheel_tyre_{name}", shape=tyre, material=rubber, at=at, radius_m=WHEEL_M))
            out.append(
                Carried(name=f"wheel_rim_{name}", shape=join([rim, *spokes]), material=steel, at=at, radius_m=WHEEL_M)
            )
            caster = pose((0.32, side * 0.215, CASTER_M))
            out.append(
                Carried(
                    name=f"caster_{name}",
                    shape=wheel(CASTER_M, 0.03, 10),
                    material=rubber,
                    at=caster,
                    radius_m=CASTER_M,
                )
            )
        return out
