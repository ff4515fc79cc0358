"""Small parcels."""

from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import integer, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.prints import carton
from simgen.scene.solids import moved, rounded_box
from simgen.scene.things import rigid_body


@models.register("box.carton")
class Carton(ActorModel):
    """A taped parcel carton with an address label, narrow enough for a hand."""

    semantic: ClassVar[str] = "box"

    length: float = quantity("m", low=0.02, high=0.6, default=0.11, help="along x", vary={"uniform": ["9 cm", "13 cm"]})
    width: float = quantity(
        "m", low=0.02, high=0.6, default=0.058, help="along y", vary={"uniform": ["4.5 cm", "6.6 cm"]}
    )
    height: float = quantity("m", low=0.02, high=0.6, default=0.07, help="along z", vary={"uniform": ["5 cm", "9 cm"]})
    density: float = quantity("kg/m**3", low=20, high=3000, default=450.0, help="of what is packed, with the carton")
    design: int = integer(low=0, high=9999, default=0, help="number of the print", vary={"integer": [0, 9999]})

    def build(self) -> Body:
        size = (self.length, self.width, self.height)
        up = pose((0.0, 0.0, self.height / 2))
        mesh = moved(rounded_box(size, 0.0015, segments=2), up)
        board = Material(name="board", base_color=(0.95, 0.95, 0.95), roughness=0.85, texture=carton(self.design, size))
        return rigid_body(
            self.semantic,
            "box.carton",
            self.licence,
            [Part(name="carton", mesh=mesh, material=board)],
            [CollisionShape(kind="box", size_m=size, body_from_shape=up)],
            mass_kg=self.density * self.length * self.width * self.height,
            friction=0.55,
            rolling_friction=0.0005,
        )
