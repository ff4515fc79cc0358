"""A ball to run after."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.geometry import pose
from simgen.core.keeping import kept
from simgen.core.vocabulary import models
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.shapes import icosphere

VERSION = 1

COLORS: dict[str, Rgb] = {
    "white": (0.75, 0.75, 0.73),
    "black": (0.02, 0.02, 0.02),
    "red": (0.60, 0.03, 0.03),
    "blue": (0.03, 0.12, 0.50),
    "yellow": (0.80, 0.55, 0.03),
    "green": (0.06, 0.35, 0.08),
    "orange": (0.75, 0.22, 0.02),
}


@kept
def _panels(radius_m: float) -> tuple[Mesh, Mesh]:
    """(the twelve pentagons, the rest) of a football around the origin."""
    points, faces, _, weight = icosphere(3)
    pentagon = weight > 0.66
    meshes = []
    for chosen in (pentagon, ~pentagon):
        used, index = np.unique(faces[chosen], return_inverse=True)
        normals = points[used].astype(np.float32)
        meshes.append(
            Mesh(
                vertices_m=(radius_m * points[used]).astype(np.float32),
                normals=normals / np.linalg.norm(normals, axis=1, keepdims=True),
                faces=index.reshape(-1, 3).astype(np.int32),
            )
        )
    return meshes[0], meshes[1]


@models.register("ball")
class Ball(ActorModel):
    """A football in two colours."""

    semantic: ClassVar[str] = "ball"
    radius: float = quantity(
        "m", low=0.03, high=0.5, default=0.11, help="half the diameter", vary={"uniform": ["0.09 m", "0.13 m"]}
    )
    color: str = choice(
        *COLORS,
        default="white",
        help="of the ball",
        vary={"choice": {"white": 0.4, "yellow": 0.2, "orange": 0.15, "red": 0.15, "blue": 0.1}},
    )
    panels: str = choice(
        *COLORS,
        default="black",
        help="colour of the pentagons",
        vary={"choice": {"black": 0.5, "red": 0.2, "blue": 0.3}},
    )

    def build(self) -> Body:
        pentagons, rest = _panels(self.radius)
        center = pose((0.0, 0.0, self.radius))
        # A size 5 football: 430 g at a radius of 0.11 m; the mass of a skin grows with its area.
        mass = 0.43 * (self.radius / 0.11) ** 2
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                "ball",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=(
                Part(
                    name="pentagons",
                    mesh=pentagons,
                    material=Material(name=f"ball_{self.panels}", base_color=COLORS[self.panels], roughness=0.45),
                ),
                Part(
                    name="skin",
                    mesh=rest,
                    material=Material(name=f"ball_{self.color}", base_color=COLORS[self.color], roughness=0.45),
                ),
            ),
            rest=np.stack([center, center]),
            box_center_m=(0.0, 0.0, self.radius),
            box_size_m=(2 * self.radius,) * 3,
            collision=(CollisionShape(kind="sphere", size_m=(self.radius,), body_from_shape=center),),
            mass_kg=round(mass, 4),
            friction=0.6,
            restitution=0.7,
            rolling_friction=0.002,
            keypoints={"center": ("skin", (0.0, 0.0, 0.0))},
            notes={"radius_m": self.radius},
        )
