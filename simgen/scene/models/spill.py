"""A puddle on the floor of a hall, on which wheels lose their hold."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.core.vocabulary import models
from simgen.scene.body import Body, Part
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset

VERSION = 2
FILM_M = 0.003
"""Height of the puddle's surface: over the paint on the floor."""
LIQUIDS: dict[str, tuple[Rgb, float, str]] = {
    "oil": ((0.030, 0.022, 0.010), 0.05, "oil"),
    "hydraulic": ((0.065, 0.020, 0.007), 0.06, "oil"),
    "water": ((0.11, 0.115, 0.12), 0.03, "water"),
    "coolant": ((0.08, 0.16, 0.12), 0.04, "water"),
}
"""Colour over grey concrete, roughness, and what wheels find there (simulation/mobile.py, friction.py)."""


@models.register("spill")
class Spill(ActorModel):
    """A puddle of oil or water on a floor; wheels on it lose their hold."""

    semantic: ClassVar[str] = "ground_patch"

    liquid: str = choice(*LIQUIDS, default="oil", help="what was spilt")
    length: float = quantity("m", low=0.1, high=20, default=2.0, help="along x", vary={"uniform": ["1.6 m", "2.6 m"]})
    width: float = quantity("m", low=0.1, high=10, default=1.3, help="along y", vary={"uniform": ["1 m", "1.7 m"]})
    look: int = integer(low=0, high=10_000, default=1, help="number of its outline", vary={"integer": [0, 9999]})

    def build(self) -> Body:
        color, roughness, surface = LIQUIDS[self.liquid]
        film = Material(name=f"spill_{self.liquid}", base_color=color, roughness=roughness, mirrors=True)
        outline = _outline(self.length, self.width, self.look)
        parts = (Part(name="film", mesh=_film(outline), material=film),)
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                "spill", {n: getattr(self, n) for n in self.parameters}, licence=self.licence, version=VERSION
            ),
            parts=parts,
            rest=np.eye(4)[None],
            box_center_m=(0.0, 0.0, FILM_M / 2),
            box_size_m=(self.length, self.width, FILM_M),
            fixed=True,
            surface=surface,
            outline_m=tuple((float(x), float(y)) for x, y in outline),
        )


def _outline(length_m: float, width_m: float, look: int) -> Array:
    """(N, 2) of a lobed film that touches all four sides of its rectangle."""
    rng = Key(look, 0, "spill").generator()
    angle = np.linspace(0.0, 2 * np.pi, 96, endpoint=False)
    lobes: Array = np.ones_like(angle)
    for k in range(2, 9):
        lobes += rng.uniform(0.3, 1.0) * 0.11 / k * np.cos(k * angle + rng.uniform(0.0, 2 * np.pi)) * np.sqrt(k)
    outline = lobes[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    low, high = outline.min(axis=0), outline.max(axis=0)
    filled: Array = (outline - (low + high) / 2) / (high - low) * (length_m, width_m)
    return filled


def _film(outline: Array) -> Mesh:
    """A flat film that thins out at its rim."""
    rim = np.column_stack([outline, np.zeros(len(outline))])
    top = np.column_stack([0.97 * outline, np.full(len(outline), FILM_M)])
    vertices = np.vstack([rim, top, [[0.0, 0.0, FILM_M]]])
    n = len(outline)
    i = np.arange(n)
    j = (i + 1) % n
    faces = np.concatenate(
        [np.stack([i, j, n + j], 1), np.stack([i, n + j, n + i], 1), np.stack([n + i, n + j, np.full(n, 2 * n)], 1)]
    )
    return Mesh.smooth(vertices, faces, 0.2)
