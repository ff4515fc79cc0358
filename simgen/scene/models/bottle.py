"""Bottles."""

from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import pose
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.prints import paint, wrap_label
from simgen.scene.solids import lathe
from simgen.scene.things import rigid_body


@models.register("bottle")
class Bottle(ActorModel):
    """An opaque plastic bottle with a label and a screw cap."""

    semantic: ClassVar[str] = "bottle"

    diameter: float = quantity(
        "m", low=0.03, high=0.1, default=0.056, help="of the body", vary={"uniform": ["4.8 cm", "6.2 cm"]}
    )
    height: float = quantity(
        "m", low=0.08, high=0.35, default=0.155, help="with the cap", vary={"uniform": ["13 cm", "17 cm"]}
    )
    color: str = choice(
        "white",
        "yellow",
        "green",
        "blue",
        "teal",
        "red",
        default="yellow",
        help="of the plastic",
        vary={"choice": ["white", "yellow", "green", "blue", "teal", "red"]},
    )
    design: int = integer(low=0, high=9999, default=0, help="number of the print", vary={"integer": [0, 9999]})

    def build(self) -> Body:
        r, cap_r = self.diameter / 2, 0.0155
        cap = self.height - 0.030
        shoulder = cap - 0.030
        low, high = 0.018, shoulder - 0.010
        plastic = Material(name="plastic", base_color=paint(self.color), roughness=0.38)
        capped = Material(name="cap", base_color=paint("white" if self.color != "white" else "red"), roughness=0.45)
        label = Material(
            name="label",
            base_color=(0.95, 0.95, 0.95),
            roughness=0.42,
            texture=wrap_label("blue" if self.color == "white" else self.color, self.design, "cleaner"),
        )
        body = [
            (0, 0.004), (r - 0.008, 0.002), (r - 0.005, 0.0), (r - 0.001, 0.004), (r, 0.008), (r, low),
            (r - 0.0006, low), (r - 0.0006, high), (r, high), (r, shoulder), (0.93 * r, shoulder + 0.008),
            (0.75 * r, shoulder + 0.017), (0.55 * r, shoulder + 0.024), (cap_r - 0.003, shoulder + 0.028),
            (cap_r - 0.003, cap + 0.002),
        ]  # fmt: skip
        lid = [(cap_r - 0.003, cap), (cap_r, cap), (cap_r, self.height - 0.002), (cap_r - 0.002, self.height)]
        return rigid_body(
            self.semantic,
            "bottle",
            self.licence,
            [
                Part(name="plastic", mesh=lathe(body, crease_rad=0.8), material=plastic),
                Part(name="label", mesh=lathe([(r - 0.0003, low), (r - 0.0003, high)], sectors=48), material=label),
                Part(name="cap", mesh=lathe([*lid, (0, self.height)], crease_rad=0.5), material=capped),
            ],
            [
                CollisionShape(kind="cylinder", size_m=(r, shoulder), body_from_shape=pose((0, 0, shoulder / 2))),
                CollisionShape(
                    kind="cylinder",
                    size_m=(0.62 * r, 0.030),
                    body_from_shape=pose((0, 0, shoulder + 0.015)),
                ),
                CollisionShape(
                    kind="cylinder",
                    size_m=(cap_r, 0.030),
                    body_from_shape=pose((0, 0, self.height - 0.015)),
                ),
            ],
            mass_kg=0.6 * 1000.0 * 3.14159 * r * r * shoulder,
            friction=0.5,
            rolling_friction=0.0008,
        )
