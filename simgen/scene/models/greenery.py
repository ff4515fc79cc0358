"""Hedges, bushes, conifers and rocks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from simgen.core.declare import integer, quantity
from simgen.core.geometry import Array
from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.core.vocabulary import models
from simgen.scene import shapes
from simgen.scene.body import Body
from simgen.scene.mesh import Mesh
from simgen.scene.model import ActorModel
from simgen.scene.models.tree import leaf_mesh
from simgen.scene.props import Kit, block, drum, plain

LIGHT, DARK = plain("leaf_light", (0.062, 0.120, 0.026), 0.8), plain("leaf_dark", (0.034, 0.075, 0.016), 0.8)
SHADE = plain("leaf_shade", (0.020, 0.042, 0.010), 1.0)
NEEDLE, DEEP = plain("needle", (0.030, 0.070, 0.030), 0.85), plain("needle_deep", (0.016, 0.040, 0.018), 0.9)
BARK = plain("bark", (0.10, 0.075, 0.055), 0.95)


def _foliage(kit: Kit, points: Array, outward: Array, size_m: tuple[float, float], rng: np.random.Generator) -> None:
    tilt = outward + rng.normal(0, 0.45, outward.shape)
    tilt /= np.linalg.norm(tilt, axis=1, keepdims=True)
    soft = outward + rng.normal(0, 0.25, outward.shape)
    soft /= np.linalg.norm(soft, axis=1, keepdims=True)
    size, turn = rng.uniform(*size_m, len(points)), rng.uniform(0, 2 * np.pi, len(points))
    bright = rng.random(len(points)) < 0.55
    for name, material, k in (("leaves", LIGHT, bright), ("dark_leaves", DARK, ~bright)):
        kit.add(name, material, leaf_mesh(points[k], tilt[k], size[k], turn[k], soft[k]))


@models.register("hedge")
class Hedge(ActorModel):
    """A clipped hedge along x."""

    semantic: ClassVar[str] = "vegetation"
    length: float = quantity("m", low=0.8, high=10, default=2.5, help="along x")
    height: float = quantity("m", low=0.4, high=2.5, default=1.1, help="above ground")
    width: float = quantity("m", low=0.3, high=1.2, default=0.6, help="along y")
    look: int = integer(low=0, high=9999, default=1, help="seed of the form", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        rng, kit = Key(self.look, 0, "hedge").generator(), Kit()
        size = np.array([self.length, self.width, self.height])
        areas = np.array([size[1] * size[2], size[0] * size[2], size[0] * size[1]])
        # Two thirds of a triangle of 5 cm cover the surface about twice; long hedges get larger leaves, not more.
        total = int(min(420 * (2 * areas[:2].sum() + areas[2]), 9000))
        axis = rng.choice(3, total, p=np.array([2, 2, 1]) * areas / (np.array([2, 2, 1]) * areas).sum())
        sign = np.where(axis == 2, 1.0, rng.choice([-1.0, 1.0], total))
        p = rng.uniform(-0.5, 0.5, (total, 3))
        p[np.arange(total), axis] = 0.5 * sign
        outward = np.zeros((total, 3))
        outward[np.arange(total), axis] = sign
        points = p * (size - 0.1) + outward * rng.normal(0, 0.018, (total, 1)) + (0, 0, self.height / 2)
        kit.add(
            "shade",
            SHADE,
            shapes.box((size[0] - 0.14, size[1] - 0.14, size[2] - 0.07), (0, 0, (size[2] - 0.07) / 2)).flat(),
        )
        _foliage(kit, points, outward, (0.035, 0.06), rng)
        return kit.body(
            self,
            "hedge",
            [block((size[0], size[1], size[2]), (0, 0, size[2] / 2))],
            mass_kg=40.0 * self.length,
            fixed=True,
        )


@models.register("bush")
class Bush(ActorModel):
    """A round shrub."""

    semantic: ClassVar[str] = "vegetation"
    height: float = quantity(
        "m", low=0.3, high=3, default=1.2, help="above ground", vary={"uniform": ["0.8 m", "1.6 m"]}
    )
    look: int = integer(low=0, high=9999, default=1, help="seed of the form", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        rng, kit, h = Key(self.look, 0, "bush").generator(), Kit(), self.height
        points, outward = [], []
        for k in range(7):
            angle = 2 * np.pi * k / 6 + rng.normal(0, 0.2)
            out = 0.0 if k == 6 else 0.30 * h * rng.uniform(0.8, 1.2)
            center = np.array([out * np.cos(angle), out * np.sin(angle), (0.38 if k < 6 else 0.6) * h])
            radius = h * rng.uniform(0.28, 0.36)
            n = 420
            d = rng.standard_normal((n, 3))
            d /= np.linalg.norm(d, axis=1, keepdims=True)
            spot = center + d * radius * rng.uniform(0.85, 1.08, (n, 1))
            up = spot[:, 2] > 0.03 * h
            points.append(spot[up])
            outward.append(d[up])
            low = float(min(0.84 * radius, center[2]))
            ball = shapes.ellipsoid((0.84 * radius, 0.84 * radius, low), center, count=10)
            kit.add("shade", SHADE, ball.smooth(1.2))
        _foliage(kit, np.vstack(points), np.vstack(outward), (0.04 * h, 0.075 * h), rng)
        return kit.body(self, "bush", [drum(0.4 * h, 0.7 * h)], mass_kg=round(14 * h**2, 1), fixed=True)


@kept
def _conifer(height_m: float, look: int) -> tuple[Mesh, Mesh, Mesh, Mesh]:
    """(trunk, bright boughs, dark boughs, inside)."""
    rng, h = Key(look, 0, "conifer").generator(), height_m
    tiers, spread = 16, 0.21 * h
    points, normals, shades, sizes, turns = [], [], [], [], []
    for k in range(tiers):
        share = k / (tiers - 1)
        z, reach = h * (0.12 + 0.84 * share), spread * (1 - share) ** 0.85 + 0.02 * h
        count = int(150 * (1 - share) + 24)
        angle = rng.uniform(0, 2 * np.pi, count)
        out = reach * np.sqrt(rng.uniform(0.12, 1.0, count)) * (1 + 0.16 * np.sin(5 * angle + k))
        drop = 0.20 * out + rng.normal(0, 0.012 * h, count)
        away = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(count)])
        points.append(away * out[:, None] + np.column_stack([np.zeros((count, 2)), z - drop]))
        tilt = away * 0.55 + (0, 0, 1) + rng.normal(0, 0.3, (count, 3))
        normals.append(tilt / np.linalg.norm(tilt, axis=1, keepdims=True))
        shade = away + (0, 0, 0.55) + rng.normal(0, 0.15, (count, 3))
        shades.append(shade / np.linalg.norm(shade, axis=1, keepdims=True))
        sizes.append(rng.uniform(0.028, 0.05, count) * h * (0.55 + 0.6 * (1 - share)))
        turns.append(angle)
    p, n, s = np.vstack(points), np.vstack(normals), np.vstack(shades)
    size, turn = np.concatenate(sizes), np.concatenate(turns)
    bright = rng.random(len(p)) < 0.5
    trunk = shapes.tube([(0, 0, 0), (0, 0, 0.5 * h), (0, 0, 0.95 * h)], [0.02 * h, 0.013 * h, 0.003 * h], count=9)
    core = shapes.stack(
        [0.14 * h, 0.5 * h, 0.93 * h], [(0.66 * spread,) * 2, (0.36 * spread,) * 2, (0.02 * spread,) * 2], count=12
    )
    meshes = [leaf_mesh(p[k], n[k], size[k], turn[k], s[k]) for k in (bright, ~bright)]
    return trunk.smooth(), meshes[0], meshes[1], core.smooth(0.9)


@models.register("tree.conifer")
class Conifer(ActorModel):
    """A spruce."""

    semantic: ClassVar[str] = "vegetation"
    height: float = quantity("m", low=2, high=20, default=9.0, help="to the top", vary={"uniform": ["6 m", "12 m"]})
    look: int = integer(low=0, high=9999, default=1, help="seed of the form", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        trunk, bright, dark, core = _conifer(self.height, self.look)
        kit = Kit()
        kit.add("trunk", BARK, trunk)
        kit.add("leaves", NEEDLE, bright)
        kit.add("dark_leaves", DEEP, dark)
        kit.add("shade", plain("needle_shade", (0.010, 0.022, 0.011), 1.0), core)
        return kit.body(
            self,
            "tree.conifer",
            [drum(0.02 * self.height, 0.9 * self.height)],
            mass_kg=9.0 * self.height**2,
            fixed=True,
        )


@models.register("rock")
class Rock(ActorModel):
    """A boulder."""

    semantic: ClassVar[str] = "debris"
    size: float = quantity("m", low=0.05, high=3, default=0.6, help="across", vary={"uniform": ["0.3 m", "0.9 m"]})
    look: int = integer(low=0, high=9999, default=1, help="seed of the form", vary={"integer": [1, 9999]})

    def build(self) -> Body:
        rng, kit = Key(self.look, 0, "rock").generator(), Kit()
        unit, faces, _, _ = shapes.icosphere(3)
        radius = np.ones(len(unit))
        for _ in range(16):
            # Cut by planes, as stone breaks.
            normal = rng.standard_normal(3)
            normal /= np.linalg.norm(normal)
            along, cut = unit @ normal, rng.uniform(0.62, 0.92)
            radius = np.where(along > 0.05, np.minimum(radius, cut / np.maximum(along, 0.05)), radius)
        radius = radius + rng.normal(0, 0.012, len(unit))
        p = unit * radius[:, None] * np.array([1.0, 0.82, 0.66]) * self.size / 2
        p[:, 2] -= p[:, 2].min() * 0.75
        p[:, 2] = np.maximum(p[:, 2], 0.0)
        kit.add("stone", plain("stone", (0.20, 0.19, 0.175), 0.92), Mesh.smooth(p, faces, 0.35))
        size = (0.8 * float(np.ptp(p[:, 0])), 0.8 * float(np.ptp(p[:, 1])), 0.9 * float(np.ptp(p[:, 2])))
        volume = 0.5 * float(np.prod(np.ptp(p, axis=0)))
        return kit.body(self, "rock", [block(size, (0, 0, size[2] / 2))], mass_kg=round(2600 * volume, 3), friction=0.8)
