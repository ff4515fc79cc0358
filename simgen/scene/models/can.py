"""Tins."""

from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.prints import wrap_label
from simgen.scene.solids import joined, lathe
from simgen.scene.things import rigid_body

TIN = Material(name="tin", base_color=(0.66, 0.65, 0.62), roughness=0.28, metallic=1.0)


@models.register("can.soup")
class SoupCan(ActorModel):
    """A tin of soup with a paper label."""

    semantic: ClassVar[str] = "can"

    diameter: float = quantity(
        "m", low=0.03, high=0.12, default=0.066, help="of the rim", vary={"uniform": ["5.4 cm", "6.8 cm"]}
    )
    height: float = quantity(
        "m", low=0.03, high=0.2, default=0.101, help="upright", vary={"uniform": ["8 cm", "11 cm"]}
    )
    color: str = choice(
        "red",
        "green",
        "blue",
        "orange",
        "teal",
        "violet",
        default="red",
        help="of the label",
        vary={"choice": ["red", "green", "blue", "orange", "teal", "violet"]},
    )
    design: int = integer(low=0, high=9999, default=0, help="number of the print", vary={"integer": [0, 9999]})

    def build(self) -> Body:
        rim, top = self.diameter / 2, self.height
        wall = rim - 0.0015
        lower = lathe(
            [(0, 0.003), (rim - 0.003, 0.003), (rim - 0.002, 0.0), (rim, 0.0005), (rim, 0.003), (wall, 0.005)]
        )
        upper = lathe(
            [
                (wall, top - 0.005),
                (rim, top - 0.003),
                (rim, top - 0.0005),
                (rim - 0.002, top),
                (rim - 0.003, top - 0.004),
                (0.75 * rim, top - 0.004),
                (0.72 * rim, top - 0.005),
                (0.68 * rim, top - 0.004),
                (0, top - 0.004),
            ]
        )
        label = Material(
            name="label",
            base_color=(0.95, 0.95, 0.95),
            roughness=0.5,
            texture=wrap_label(self.color, self.design, "soup"),
        )
        volume = 3.14159 * rim * rim * top
        return rigid_body(
            self.semantic,
            "can.soup",
            self.licence,
            [
                Part(name="tin", mesh=joined([lower, upper]), material=TIN),
                Part(name="label", mesh=lathe([(wall, 0.005), (wall, top - 0.005)], sectors=48), material=label),
            ],
            [CollisionShape(kind="cylinder", size_m=(rim, top), body_from_shape=pose((0, 0, top / 2)))],
            mass_kg=1010.0 * volume,
            friction=0.5,
            rolling_friction=0.0008,
        )
