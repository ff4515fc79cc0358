"""Toy blocks."""

from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.prints import COLORS, wood
from simgen.scene.solids import moved, rounded_box
from simgen.scene.things import rigid_body


@models.register("block")
class Block(ActorModel):
    """A cube or bar of painted wood."""

    semantic: ClassVar[str] = "thing"

    length: float = quantity("m", low=0.01, high=0.3, default=0.05, help="along x", vary={"uniform": ["4 cm", "9 cm"]})
    width: float = quantity("m", low=0.01, high=0.3, default=0.05, help="along y", vary={"uniform": ["3 cm", "6 cm"]})
    height: float = quantity("m", low=0.01, high=0.3, default=0.05, help="along z", vary={"uniform": ["3 cm", "6 cm"]})
    color: str = choice(
        "red",
        "orange",
        "yellow",
        "green",
        "teal",
        "blue",
        "violet",
        default="red",
        help="of the paint",
        vary={"choice": ["red", "orange", "yellow", "green", "teal", "blue", "violet"]},
    )

    def build(self) -> Body:
        size = (self.length, self.width, self.height)
        up = pose((0.0, 0.0, self.height / 2))
        paint = Material(
            name="painted_wood", base_color=(0.92, 0.92, 0.92), roughness=0.55, texture=wood(COLORS[self.color])
        )
        return rigid_body(
            self.semantic,
            "block",
            self.licence,
            [Part(name="block", mesh=moved(rounded_box(size, 0.003), up), material=paint)],
            [CollisionShape(kind="box", size_m=size, body_from_shape=up)],
            mass_kg=650.0 * self.length * self.width * self.height,
            friction=0.6,
            rolling_friction=0.0005,
        )
