"""Fruit."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.prints import fruit_skin
from simgen.scene.solids import lathe
from simgen.scene.things import rigid_body

STALK = Material(name="stalk", base_color=(0.09, 0.055, 0.03), roughness=0.9)


@models.register("fruit")
class Fruit(ActorModel):
    """An apple, orange, lemon or lime."""

    semantic: ClassVar[str] = "fruit"

    kind: str = choice(
        "apple",
        "orange",
        "lemon",
        "lime",
        default="apple",
        help="which fruit",
        vary={"choice": ["apple", "orange", "lemon", "lime"]},
    )
    size: float = quantity(
        "m", low=0.03, high=0.12, default=0.064, help="diameter across", vary={"uniform": ["5.2 cm", "6.8 cm"]}
    )

    def build(self) -> Body:
        r = self.size / 2
        profile = _profile(self.kind, r)
        skin = Material(
            name="skin",
            base_color=(0.95, 0.95, 0.95),
            roughness=0.3 if self.kind == "apple" else 0.48,
            texture=fruit_skin(self.kind),
        )
        parts = [Part(name="skin", mesh=lathe(profile, sectors=40, crease_rad=0.9), material=skin)]
        if self.kind == "apple":
            dip = profile[-1][1]
            stalk = [(0.0016, dip - 0.002), (0.0013, dip + 0.014), (0.0, dip + 0.0145)]
            parts.append(Part(name="stalk", mesh=lathe(stalk, sectors=8), material=STALK))
        return rigid_body(
            self.semantic,
            f"fruit.{self.kind}",
            self.licence,
            parts,
            [CollisionShape(kind="sphere", size_m=(r,), body_from_shape=pose((0, 0, r)))],
            mass_kg=850.0 * 4 / 3 * 3.14159 * r**3,
            friction=0.6,
            restitution=0.2,
            rolling_friction=0.002,
        )


def _profile(kind: str, r: float) -> list[tuple[float, float]]:
    """From the bottom to the stem; the widest circle has radius r at height r, where the collision sphere has it."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 25)
    points = []
    for a in angles:
        x, z = float(np.cos(a)), float(np.sin(a))
        if kind == "apple":
            dent = 0.26 * float(np.exp(-((x / 0.30) ** 2))) if z > 0 else 0.12 * float(np.exp(-((x / 0.22) ** 2)))
            z = z * 0.94 - dent if z > 0 else z + dent
        elif kind in ("lemon", "lime"):
            tip = 0.10 * float(np.exp(-((x / 0.22) ** 2)))
            z = z * 0.94 + (tip if z > 0 else 0.0)
        points.append((max(r * x, 0.0) if abs(x) > 1e-9 else 0.0, r * (1.0 + z)))
    return points
