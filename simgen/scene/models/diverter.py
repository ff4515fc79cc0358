"""A blade that stands across a conveyor and leads things off it, or stops them."""

from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.solids import box, joined, lathe, moved, rounded_box
from simgen.scene.things import rigid_body

GAP_M = 0.012
"""Between the blade and the belt."""
RAIL_M = -0.006
"""Height of the side rail's top against the belt."""


@models.register("diverter")
class Diverter(ActorModel):
    """A fixed blade over a belt, that leads goods aside.

    Its origin lies on the belt's level over the side rail that carries it, its y axis points along the blade.
    """

    semantic: ClassVar[str] = "machine"

    length: float = quantity("m", low=0.1, high=2, default=0.52, help="of the blade, along y")
    height: float = quantity("m", low=0.03, high=0.5, default=0.14, help="of the blade")
    friction: float = quantity("", low=0, high=1.5, default=0.25, help="of the blade's face")

    def build(self) -> Body:
        yellow = Material(name="diverter_yellow", base_color=(0.76, 0.50, 0.02), roughness=0.4)
        steel = Material(name="diverter_steel", base_color=(0.56, 0.57, 0.58), roughness=0.35, metallic=1.0)
        dark = Material(name="diverter_motor", base_color=(0.05, 0.055, 0.06), roughness=0.5)
        at = pose((0.0, self.length / 2, GAP_M + self.height / 2))
        blade_m = (0.024, self.length, self.height)
        post_m = self.height + 0.05
        post = lathe([(0, 0), (0.02, 0), (0.02, post_m), (0, post_m)], 28)
        foot = moved(box((0.09, 0.034, 0.012)), pose((0.0, 0.0, RAIL_M + 0.006)))
        motor_m = (0.10, 0.10, 0.13)
        motor = moved(rounded_box(motor_m, 0.012), pose((0.0, 0.0, post_m + 0.065)))
        return rigid_body(
            self.semantic,
            "diverter",
            self.licence,
            [
                Part(name="blade", mesh=moved(rounded_box(blade_m, 0.006, segments=2), at), material=yellow),
                Part(name="post", mesh=joined([post, foot]), material=steel),
                Part(name="motor", mesh=motor, material=dark),
            ],
            [
                CollisionShape(kind="box", size_m=blade_m, body_from_shape=at),
                CollisionShape(kind="box", size_m=motor_m, body_from_shape=pose((0.0, 0.0, post_m + 0.065))),
            ],
            friction=self.friction,
            restitution=0.05,
            fixed=True,
        )
