"""Cups."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose, rotation_z
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.prints import paint
from simgen.scene.solids import lathe, tube
from simgen.scene.things import rigid_body

WALL_M = 0.0042
STAVES = 12


@models.register("cup")
class Cup(ActorModel):
    """A glazed mug with a handle; hollow for other things too."""

    semantic: ClassVar[str] = "cup"

    diameter: float = quantity(
        "m", low=0.04, high=0.12, default=0.070, help="at the lip", vary={"uniform": ["6.4 cm", "7.1 cm"]}
    )
    height: float = quantity(
        "m", low=0.04, high=0.15, default=0.085, help="upright", vary={"uniform": ["7.5 cm", "9.5 cm"]}
    )
    color: str = choice(
        "white",
        "blue",
        "teal",
        "red",
        "grey",
        "yellow",
        default="white",
        help="of the glaze outside",
        vary={"choice": ["white", "blue", "teal", "red", "grey", "yellow"]},
    )

    def build(self) -> Body:
        r, top = self.diameter / 2, self.height
        inside = r - WALL_M
        outer = [(0, 0.002), (r - 0.008, 0.002), (r - 0.007, 0.0), (r - 0.004, 0.0015), (r, 0.008), (r, top - 0.003)]
        lip = [(r, top - 0.003), (r - 0.0012, top - 0.0006), (r - WALL_M / 2, top), (r - WALL_M, top - 0.0016)]
        bowl = [(inside, top - 0.0016), (inside, 0.012), (inside - 0.003, 0.008), (inside - 0.008, 0.006), (0, 0.006)]
        glaze = Material(name="glaze", base_color=paint(self.color), roughness=0.14)
        white = Material(name="glaze_inside", base_color=(0.80, 0.79, 0.76), roughness=0.14)
        bend = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 15)
        reach, rise = 0.026, 0.28 * top
        handle = [(r - 0.003 + reach * float(np.cos(a)), 0.0, 0.5 * top + rise * float(np.sin(a))) for a in bend]
        return rigid_body(
            self.semantic,
            "cup",
            self.licence,
            [
                Part(name="outside", mesh=lathe(outer, sectors=48), material=glaze),
                Part(name="inside", mesh=lathe([*lip, *bowl[1:]], sectors=48), material=white),
                Part(name="handle", mesh=tube(handle, 0.0048), material=glaze),
            ],
            _collision(r, top, reach, rise),
            mass_kg=2300.0 * 3.14159 * (r * r - inside * inside) * top + 0.05,
            friction=0.5,
            rolling_friction=0.0008,
        )


def _collision(radius_m: float, height_m: float, reach_m: float, rise_m: float) -> list[CollisionShape]:
    """A bottom, a ring of staves and a slab for the handle."""
    wide = 2 * radius_m * float(np.tan(np.pi / STAVES))
    shapes = [CollisionShape(kind="cylinder", size_m=(radius_m - 0.004, 0.006), body_from_shape=pose((0, 0, 0.003)))]
    for k in range(STAVES):
        turn = rotation_z(2 * np.pi * k / STAVES)
        center = turn @ (radius_m - WALL_M / 2, 0.0, height_m / 2)
        shapes.append(CollisionShape(kind="box", size_m=(WALL_M, wide, height_m), body_from_shape=pose(center, turn)))
    middle = pose((radius_m + 0.5 * reach_m, 0.0, 0.5 * height_m))
    shapes.append(CollisionShape(kind="box", size_m=(reach_m, 0.0096, 2 * rise_m), body_from_shape=middle))
    return shapes
