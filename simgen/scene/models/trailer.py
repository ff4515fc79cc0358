"""A trailer that stands by itself: a box or a flat bed on two axles, on its landing legs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.models.heavy import (
    FURNITURE,
    STEEL_RIM,
    Frame,
    Pile,
    bar,
    block,
    heavy_wheel,
    ladder,
    mudguard,
    painted,
    rear_end,
    side_guards,
)
from simgen.scene.models.truck import box_body
from simgen.scene.models.vehicle import RUBBER, corner_keypoints, plate_material
from simgen.scene.shapes import Shape

VERSION = 1
RADIUS_M, TYRE_M = 0.48, 0.36

PANELS = {
    "white": (0.74, 0.74, 0.72),
    "blue": (0.02, 0.08, 0.30),
    "green": (0.04, 0.22, 0.09),
    "red": (0.40, 0.025, 0.02),
    "grey": (0.25, 0.255, 0.26),
}


@models.register("trailer")
class Trailer(ActorModel):
    """A box trailer parked without its truck."""

    semantic: ClassVar[str] = "trailer"
    length: float = quantity("m", low=6.0, high=13.7, default=10.0, help="overall", vary={"uniform": ["8 m", "13.6 m"]})
    width: float = quantity("m", low=2.3, high=2.6, default=2.5, help="overall", vary={"uniform": ["2.45 m", "2.55 m"]})
    height: float = quantity("m", low=3.0, high=4.1, default=3.8, help="overall", vary={"uniform": ["3.5 m", "4 m"]})
    panels: str = choice(
        *PANELS,
        default="white",
        help="colour of the sides",
        vary={"choice": {"white": 0.5, "blue": 0.15, "green": 0.1, "red": 0.1, "grey": 0.15}},
    )
    detail: str = choice("full", "plain", default="full", help="of the meshes; plain is for the background")
    look: int = integer(low=0, high=9999, default=1, help="seed of the number plate", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        plain = self.detail == "plain"
        half = self.width / 2 - 0.02
        rear = -self.length / 2 + 0.03
        last = -self.length / 2 + 1.9
        axles = (last + 1.32, last)
        frame = Frame(
            front_m=self.length / 2 - 0.15,
            rear_m=rear,
            top_m=1.12,
            half_m=half,
            axles_m=axles,
            wheel_radius_m=RADIUS_M,
            tyre_width_m=TYRE_M,
        )
        pile = Pile()
        ladder(pile, frame, plain=plain)
        rear_end(pile, frame, self.width, 0.82, plain=plain)
        box_body(pile, (-self.length / 2 + 0.032, self.length / 2), self.width, (1.18, self.height), plain=plain)
        pile.both("under", block((self.length - 0.4, 0.08, 0.06), (0.0, 0.41, 1.15)))
        for x in axles:
            pile.both("trim", mudguard(x, RADIUS_M, RADIUS_M + 0.06, (half - 0.42, half), (0.35, np.pi - 0.35)))
        legs = self.length / 2 - 2.4
        for side in (1.0, -1.0):
            pile.add("aluminium", block((0.14, 0.14, 0.62), (legs, side * 0.72, 0.80)))
            pile.add("aluminium", block((0.10, 0.10, 0.5), (legs, side * 0.72, 0.27)))
            pile.add("trim", block((0.3, 0.26, 0.03), (legs, side * 0.72, 0.015)))
        pile.add("under", bar((legs, -0.72, 0.75), (legs, 0.72, 0.75), 0.035))
        pile.add(
            "under",
            bar((legs, 0.72, 0.72), (legs - 0.8, 0.5, 1.05), 0.03),
            bar((legs, -0.72, 0.72), (legs - 0.8, -0.5, 1.05), 0.03),
        )
        pile.add("under", bar((self.length / 2 - 0.9, 0.0, 0.96), (self.length / 2 - 0.9, 0.0, 1.15), 0.045))
        side_guards(pile, legs - 0.3, axles[0] + RADIUS_M + 0.25, half - 0.015, (0.55, 0.86))
        materials = {**FURNITURE, "panels": painted("panels", PANELS[self.panels], 0.4)}
        # Nobody drives it: its lamps are only lenses.
        dark = {name: painted(name, m.base_color, m.roughness) for name, m in materials.items() if m.lamp}
        parts = pile.parts({**materials, **dark})
        tyre, rim = heavy_wheel(RADIUS_M, TYRE_M, self.detail, False)
        poses = [np.eye(4)] * len(parts)
        for number, x in enumerate(axles, start=1):
            for side_name, sign in (("left", 1.0), ("right", -1.0)):
                at = pose((x, sign * (half - TYRE_M / 2), RADIUS_M), np.diag([sign, sign, 1.0]))
                parts += [
                    Part(name=f"tyre_{side_name}_{number}", mesh=tyre, material=RUBBER),
                    Part(name=f"rim_{side_name}_{number}", mesh=rim, material=STEEL_RIM),
                ]
                poses += [at, at]
        face = shapes.rectangle((rear - 0.012, 0.26, 0.445), (0.0, -0.52, 0.0), (0.0, 0.0, 0.11))
        plate = Shape(face.points_m, face.faces, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        parts.append(Part(name="plates", mesh=plate.flat(), material=plate_material(self.look)))
        poses.append(np.eye(4))
        points = np.vstack([p.mesh.vertices_m @ m[:3, :3].T + m[:3, 3] for p, m in zip(parts, poses, strict=True)])
        low, high = points.min(axis=0), points.max(axis=0)
        box = (2 * float(max(-low[0], high[0])), 2 * float(max(-low[1], high[1])), float(high[2]))
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                "vehicle/trailer",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=tuple(parts),
            rest=np.array(poses),
            box_center_m=(0.0, 0.0, box[2] / 2),
            box_size_m=box,
            collision=(
                CollisionShape(
                    kind="box",
                    size_m=(self.length, self.width, self.height - 1.1),
                    body_from_shape=pose((0.0, 0.0, 0.5 * (self.height + 1.1))),
                ),
                CollisionShape(
                    kind="box",
                    size_m=(2.4, self.width - 0.04, 1.1),
                    body_from_shape=pose((0.5 * sum(axles), 0.0, 0.55)),
                ),
                CollisionShape(kind="box", size_m=(0.4, 1.7, 1.1), body_from_shape=pose((legs, 0.0, 0.55))),
            ),
            mass_kg=round(560.0 * self.length + 700.0, 1),
            friction=0.7,
            restitution=0.05,
            keypoints={name: ("panels", position) for name, position in corner_keypoints(box).items()}
            | {
                f"wheel_{side}_{number}": (f"rim_{side}_{number}", (0.0, 0.0, 0.0))
                for side in ("left", "right")
                for number in range(1, len(axles) + 1)
            },
            notes={"width_without_mirrors_m": self.width},
        )
