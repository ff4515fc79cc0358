"""Patches of ground that wheels and feet stand on: water, ice, oil, gravel, leaves and snow. They are no obstacle."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Body
from simgen.scene.mesh import Material, Mesh, Texture
from simgen.scene.model import ActorModel
from simgen.scene.models.tree import leaf_mesh
from simgen.scene.props import Kit, plain
from simgen.scene.textures import srgb

EDGE = 72
_CLEAR = 0.70
"""Share of the way to the outline that clear ice reaches."""
_FILM_M = 0.01
"""Thickness up to which a patch is a film."""
_GLAZE = (0.046, 0.047, 0.049), (0.064, 0.067, 0.071)
_GLAZE_ROUGHNESS = 0.45, 0.12
"""Of the glaze, at its rim and beside the clear ice."""


class Patch(ActorModel):
    """An irregular area on the ground."""

    semantic: ClassVar[str] = "ground_patch"
    surface: ClassVar[str] = ""
    thickness_m: ClassVar[float] = 0.006
    material: ClassVar[Material]
    roughness: ClassVar[float] = 0.12
    """Of the outline: deviation of the radius as a share of it."""
    length: float = quantity("m", low=0.2, high=40, default=2.4, help="along x", vary={"uniform": ["1.5 m", "4 m"]})
    width: float = quantity("m", low=0.2, high=20, default=1.6, help="along y", vary={"uniform": ["1 m", "2.5 m"]})
    look: int = integer(low=0, high=9999, default=1, help="seed of the outline", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        rng = Key(self.look, 0, f"patch.{self.surface}").generator()
        outline = self._outline(rng)
        kit = Kit()
        self.spread(kit, outline, rng)
        name = f"patch.{type(self).__name__.lower()}"
        body = kit.body(self, name, (), mass_kg=0.0, fixed=True, surface=self.surface)
        return replace(body, outline_m=tuple((float(x), float(y)) for x, y in outline))

    def _outline(self, rng: np.random.Generator) -> Array:
        """(EDGE, 2), counter-clockwise, that fills length and width exactly."""
        angle = 2 * np.pi * np.arange(EDGE) / EDGE
        radius = np.ones(EDGE)
        for k in range(2, 11):
            radius += self.roughness * rng.normal(0, 1.6 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi))
        radius = np.maximum(radius, 0.35)
        p = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        low, high = p.min(axis=0), p.max(axis=0)
        filled: Array = ((p - low) / (high - low) - 0.5) * np.array([self.length, self.width])
        return filled

    def spread(self, kit: Kit, outline: Array, rng: np.random.Generator) -> None:
        kit.add("sheet", self.material, self.sheet(outline))

    def sheet(self, outline: Array, height_m: float | None = None, scale: float = 1.0) -> Mesh:
        """A slab whose rim thins out to the ground."""
        h = self.thickness_m if height_m is None else height_m
        rings = [
            np.column_stack([outline * scale * s, np.full(len(outline), z)])
            for s, z in ((1.0, 0.0), (0.985, 0.55 * h), (0.95, 0.85 * h), (0.85, h))
        ]
        skin = shapes.loft(np.array(rings), caps=False)
        mesh = shapes.join([skin, shapes.fan(rings[-1])]).smooth(1.0)
        if h > _FILM_M:
            return mesh
        # A film is steep for millimetres and level within: smoothed from ring to ring it would look like a cushion.
        return replace(mesh, normals=np.tile(np.array([0, 0, 1], dtype=np.float32), (len(mesh.normals), 1)))


@models.register("patch.puddle")
class Puddle(Patch):
    """A puddle: still water over dark asphalt, with a damp rim."""

    surface: ClassVar[str] = "water"
    thickness_m: ClassVar[float] = 0.006
    material: ClassVar[Material] = Material(
        name="water", base_color=(0.016, 0.017, 0.018), roughness=0.06, mirrors=True
    )

    def spread(self, kit: Kit, outline: Array, rng: np.random.Generator) -> None:
        damp = Material(name="damp_asphalt", base_color=(0.045, 0.045, 0.044), roughness=0.55, wettable=True)
        kit.add("rim", damp, self.sheet(outline, 0.004))
        kit.add("water", self.material, self.sheet(outline, 0.007, 0.92))


@models.register("patch.ice")
class Ice(Patch):
    """A sheet of clear ice over the road."""

    surface: ClassVar[str] = "ice"
    material: ClassVar[Material] = Material(name="ice", base_color=_GLAZE[1], roughness=0.10, mirrors=True)

    def spread(self, kit: Kit, outline: Array, rng: np.random.Generator) -> None:
        """Clear ice in a glaze that thins out to wet asphalt."""
        glaze = Material(
            name="glaze", base_color=_GLAZE[1], roughness=_GLAZE_ROUGHNESS[0], texture=_thinning(outline, rng)
        )
        rim = self.sheet(outline, 0.004).mapped((1 / self.length, 0, 0), (0, 1 / self.width, 0), 1.0)
        assert rim.uv is not None
        kit.add("glaze", glaze, replace(rim, uv=rim.uv + np.float32(0.5)))
        kit.add("ice", self.material, self.sheet(outline * (_CLEAR + _wander(rng, 0.018))[:, None], 0.0078))


@models.register("patch.oil")
class Oil(Patch):
    """Spilt oil with a dark sheen."""

    surface: ClassVar[str] = "oil"
    thickness_m: ClassVar[float] = 0.005
    material: ClassVar[Material] = Material(name="oil", base_color=(0.010, 0.008, 0.006), roughness=0.10, mirrors=True)
    roughness: ClassVar[float] = 0.2


@models.register("patch.gravel")
class Gravel(Patch):
    """Loose gravel on the road."""

    surface: ClassVar[str] = "gravel"
    material: ClassVar[Material] = plain("grit", (0.20, 0.185, 0.165), 0.95)

    def spread(self, kit: Kit, outline: Array, rng: np.random.Generator) -> None:
        kit.add("grit", self.material, self.sheet(outline, 0.005, 0.9))
        unit, faces, _, _ = shapes.icosphere(0)
        count = 340
        shade = rng.integers(0, 3, count)
        spots = _scattered(outline, count, rng)
        for k, tone in enumerate(((0.26, 0.25, 0.235), (0.17, 0.16, 0.145), (0.33, 0.31, 0.28))):
            stones = []
            for x, y in spots[shade == k]:
                size = rng.uniform(0.008, 0.024) * np.array([1.0, rng.uniform(0.6, 1.0), rng.uniform(0.5, 0.8)])
                p = unit * rng.uniform(0.8, 1.1, (len(unit), 1)) * size
                low = float(p[:, 2].min())
                stones.append(shapes.Shape(p + (x, y, 0.004 - 0.8 * low), faces))
            if stones:
                kit.add(f"stones_{k}", plain(f"stone_{k}", tone, 0.95), shapes.join(stones).flat())


@models.register("patch.leaves")
class Leaves(Patch):
    """Wet autumn leaves."""

    surface: ClassVar[str] = "leaves"
    material: ClassVar[Material] = plain("leaf_litter", (0.085, 0.045, 0.018), 0.7)

    def spread(self, kit: Kit, outline: Array, rng: np.random.Generator) -> None:
        kit.add("litter", replace(self.material, wettable=True), self.sheet(outline, 0.005, 0.88))
        tones = ((0.30, 0.12, 0.015), (0.42, 0.25, 0.03), (0.17, 0.065, 0.015))
        for k, tone in enumerate(tones):
            spots = _scattered(outline, 1200, rng)
            n = len(spots)
            up = np.column_stack([rng.normal(0, 0.25, (n, 2)), np.ones(n)])
            up /= np.linalg.norm(up, axis=1, keepdims=True)
            points = np.column_stack([spots, rng.uniform(0.012, 0.022, n)])
            size, turn = rng.uniform(0.03, 0.055, n), rng.uniform(0, 2 * np.pi, n)
            kit.add(f"leaves_{k}", plain(f"leaf_{k}", tone, 0.6), leaf_mesh(points, up, size, turn, up))


@models.register("patch.snow")
class Snow(Patch):
    """Snow that has been left lying."""

    surface: ClassVar[str] = "snow"
    thickness_m: ClassVar[float] = 0.04
    material: ClassVar[Material] = plain("snow", (0.82, 0.84, 0.87), 0.85)
    roughness: ClassVar[float] = 0.16


def _thinning(outline: Array, rng: np.random.Generator) -> Texture:
    """Over the rectangle around an outline: the glaze's colour, as a share of that of clear ice, and its roughness,
    from the ice outwards; the ice ends now further in and now further out."""
    size = 256
    x, y = np.meshgrid(*[(np.arange(size) + 0.5) / size - 0.5] * 2)
    high, wide = np.ptp(outline[:, 1]), np.ptp(outline[:, 0])
    x, y = x * wide, -y * high  # row 0 is the top
    turn = np.arctan2(outline[:, 1], outline[:, 0])
    order = np.argsort(turn)
    angle = np.arctan2(y, x)
    rim = np.interp(angle, turn[order], np.hypot(*outline[order].T), period=2 * np.pi)
    ragged = np.interp(angle, 2 * np.pi * np.arange(EDGE) / EDGE, _wander(rng, 0.04), period=2 * np.pi)
    inwards = np.clip((0.99 - np.hypot(x, y) / rim + ragged) / (0.99 - _CLEAR), 0.0, 1.0)
    share = (inwards * inwards * (3 - 2 * inwards))[..., None]
    light = np.array(_GLAZE[0]) / np.array(_GLAZE[1]) * (1 - share) + share
    rough = 1 - share[..., 0] * (1 - _GLAZE_ROUGHNESS[1] / _GLAZE_ROUGHNESS[0])
    return Texture(
        name="glaze",
        pixels=srgb(light),
        roughness=np.round(255 * rough).astype(np.uint8),
    )


def _wander(rng: np.random.Generator, deviation: float) -> Array:
    """(EDGE,) a smooth, closed wander about 0 along an outline."""
    angle = 2 * np.pi * np.arange(EDGE) / EDGE
    waves = [rng.normal(0, 1) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) / np.sqrt(k) for k in range(3, 19)]
    wander: Array = np.sum(waves, axis=0)
    clipped: Array = np.clip(deviation * wander / wander.std(), -1.9 * deviation, 1.9 * deviation)
    return clipped


def _scattered(outline: Array, count: int, rng: np.random.Generator) -> Array:
    """(count, 2) points within a star-shaped outline, denser in its middle."""
    corner = rng.integers(0, len(outline), count)
    share = rng.uniform(0, 1, (count, 1))
    rim = outline[corner] + share * (np.roll(outline, -1, axis=0)[corner] - outline[corner])
    inside: Array = rim * np.sqrt(rng.uniform(0, 0.94, (count, 1)))
    return inside
