"""Street trees."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from simgen.core.declare import choice, integer, quantity
from simgen.core.geometry import Array, pose
from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.core.vocabulary import models
from simgen.scene import shapes, textures
from simgen.scene.assembly import merged
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel, parametric_asset
from simgen.scene.shapes import join

VERSION = 5

LEAVES: dict[str, Rgb] = {"summer": (0.10, 0.185, 0.038), "autumn": (0.50, 0.22, 0.03)}
"""Albedo of the lightest leaves."""
_TILE_M = 2.0
"""Side of the leaves' texture."""
_BALLS = 11
"""Of leaves, that a crown is made of."""
_ONE_THING = 0.85
"""How much more than its balls a crown is lit as one."""
_BARK = Material(name="bark", base_color=(0.11, 0.085, 0.062), roughness=0.95)


def leaf_mesh(center_m: Array, normal: Array, size_m: Array, turn_rad: Array, shade: Array) -> Mesh:
    """Clusters of leaves, one triangle each, lit as the crown's surface is (``shade`` (N, 3) normals)."""
    helper = np.where(np.abs(normal[:, 2:]) < 0.9, np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]))
    a = np.cross(helper, normal)
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b = np.cross(normal, a)
    corners = []
    for k in range(3):
        angle = (turn_rad + 2 * np.pi * k / 3)[:, None]
        corners.append(center_m + size_m[:, None] * (np.cos(angle) * a + np.sin(angle) * b))
    return Mesh(
        vertices_m=np.stack(corners, axis=1).reshape(-1, 3).astype(np.float32),
        normals=np.repeat(shade, 3, axis=0).astype(np.float32),
        faces=np.arange(3 * len(center_m), dtype=np.int32).reshape(-1, 3),
    )


@kept
def _meshes(height_m: float, crown_m: float, look: int, plain: bool) -> tuple[Mesh, Mesh]:
    """(wood, leaves)."""
    sides = 6 if plain else 8
    rng = Key(look, 0, "tree").generator()
    bole = 0.36 * height_m
    lean = rng.normal(0, 0.08, 2)
    trunk_path = np.array(
        [
            [0.0, 0.0, 0.0],
            [*(lean * 0.05), 0.12 * bole],
            [*(lean * 0.3), 0.5 * bole],
            [*lean, bole],
            [*(1.3 * lean), 0.75 * height_m],
        ]
    )
    thick = (0.03 if plain else 0.018) * height_m  # far away a thinner one would be a row of dots
    wood = [
        shapes.tube(trunk_path, [1.75 * thick, 1.15 * thick, thick, 0.9 * thick, 0.3 * thick], count=sides, caps=False)
    ]
    middle = np.array([*(1.2 * lean), bole + 0.52 * (height_m - bole)])
    half = 0.5 * (height_m - bole)
    centers, radii = np.empty((_BALLS, 3)), np.empty((_BALLS, 3))
    for i in range(_BALLS - 1):
        angle = 2 * np.pi * i / (_BALLS - 1) * 2.4 + rng.normal(0, 0.3)
        level = -0.62 + 1.3 * i / (_BALLS - 2) + rng.normal(0, 0.06)
        out = crown_m * rng.uniform(0.48, 0.64) * np.sqrt(max(0.05, 1 - level**2 * 0.95))
        centers[i] = middle + np.array([out * np.cos(angle), out * np.sin(angle), half * 0.78 * level])
        radii[i] = crown_m * rng.uniform(0.34, 0.54) * np.array([1.0, 1.0, 0.78])
        start = np.array([*lean, bole * rng.uniform(0.85, 1.15)])
        if i % (3 if plain else 2):
            continue
        wood.append(
            shapes.tube(
                [start, 0.5 * (start + centers[i]) + (0, 0, 0.1), centers[i]],
                [0.45 * thick, 0.3 * thick, 0.1 * thick],
                count=4 if plain else 5,
                caps=False,
            )
        )
    centers[-1], radii[-1] = middle, crown_m * np.array([0.78, 0.78, 0.72])
    return join(wood).smooth(), _crown(centers, radii, rng, plain)


def _crown(centers_m: Array, radii_m: Array, rng: np.random.Generator, plain: bool) -> Mesh:
    """Balls of leaves (N, 3), (N, 3), the last one in the middle, and a loose shell of sprays about them."""
    inner, of_inner = _balls(centers_m, radii_m, rng, plain)
    shell, of_shell = _shell(centers_m, radii_m, rng, plain)
    p, of, below = np.concatenate([inner, shell]), np.concatenate([of_inner, of_shell]), len(inner)
    # Lit as the crown's surface is: outwards from the ball, and from the middle of the crown; but of a spray, which may
    # stand across that, as much by its own face, for no normal should look away from who sees it.
    size = radii_m[-1, 0]
    soft = _units((p - centers_m[of][:, None]) / radii_m[of][:, None] + _ONE_THING * (p - centers_m[-1]) / size)
    own = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])[:, None]
    inwards = (own * soft).sum(axis=(1, 2)) < 0.0
    p[inwards], soft[inwards] = p[inwards][:, ::-1], soft[inwards][:, ::-1]
    own[inwards] *= -1.0
    soft[below:] += 0.7 * _units(own[below:]) + rng.normal(0, 0.1, (len(shell), 1, 3))
    # The leaves of the balls lie in the shade of the sprays.
    u, v = rng.random(len(p)), np.concatenate([rng.uniform(0.05, 0.2, below), rng.uniform(0.3, 0.8, len(shell))])
    return Mesh(
        vertices_m=p.reshape(-1, 3).astype(np.float32),
        normals=_units(soft.reshape(-1, 3)).astype(np.float32),
        faces=np.arange(3 * len(p), dtype=np.int32).reshape(-1, 3),
        uv=(_flattened(p) / _TILE_M + np.stack([u, v], axis=1)[:, None]).reshape(-1, 2).astype(np.float32),
    )


def _balls(centers_m: Array, radii_m: Array, rng: np.random.Generator, plain: bool) -> tuple[Array, NDArray[np.int64]]:
    """Corners (F, 3, 3) of lumpy balls a little smaller than these, and (F,) whose they are."""
    ball = shapes.ellipsoid((1.0, 1.0, 1.0), count=5 if plain else 6)
    corners, owners = [], []
    for k, (center, radius) in enumerate(zip(centers_m, radii_m, strict=True)):
        points = center + ball.points_m * radius * rng.uniform(0.75, 0.94, (len(ball.points_m), 1))
        # What lies within what is left of another one at its thinnest is not seen.
        deep = _in_others(points, np.full(len(points), k), centers_m, 0.58 * radii_m)
        faces = ball.faces[~deep[ball.faces].all(axis=1)]
        corners.append(points[faces])
        owners.append(np.full(len(faces), k))
    return np.concatenate(corners), np.concatenate(owners)


def _shell(centers_m: Array, radii_m: Array, rng: np.random.Generator, plain: bool) -> tuple[Array, NDArray[np.int64]]:
    """Corners (F, 3, 3) of sprays that stick out of the balls wherever that is seen, and (F,) out of which."""
    count = 235 if plain else 740
    drawn = 4 * count  # of which those within other balls are left out
    owner = rng.choice(len(radii_m), drawn, p=radii_m[:, 0] ** 2 / (radii_m[:, 0] ** 2).sum())
    direction = _units(rng.standard_normal((drawn, 3)))
    base = centers_m[owner] + direction * radii_m[owner] * rng.uniform(0.72, 0.98, (drawn, 1))
    seen = np.flatnonzero(~_in_others(base, owner, centers_m, 0.75 * radii_m))[:count]
    owner, direction, base = owner[seen], direction[seen], base[seen]
    along = _units(np.cross(direction, rng.standard_normal(direction.shape)))
    way = _units(along + direction * rng.uniform(0.0, 1.0, (len(seen), 1)) - (0, 0, 0.25))
    across = _units(np.cross(direction + rng.normal(0, 0.5, direction.shape), way))
    length = (0.3 if plain else 0.205) * np.sqrt(radii_m[-1, 0]) * rng.uniform(0.9, 1.9, len(seen))
    return _sprays(base - 0.3 * length[:, None] * way, way, across, length), owner


def _sprays(base_m: Array, way: Array, across: Array, length_m: Array) -> Array:
    """(N, 3, 3) corners of narrow triangles, which taper from a base along unit vectors ``way``."""
    half = 0.3 * length_m[:, None] * across
    return np.stack([base_m - half, base_m + half, base_m + length_m[:, None] * way], axis=1)


def _in_others(points_m: Array, owner: NDArray[np.int64], centers_m: Array, radii_m: Array) -> NDArray[np.bool_]:
    """(N,) whether points (N, 3) of balls lie in another ball than their own (N,)."""
    within = (((points_m[:, None] - centers_m) / radii_m) ** 2).sum(axis=2) < 1.0
    within[np.arange(len(points_m)), owner] = False
    result: NDArray[np.bool_] = within.any(axis=1)
    return result


def _units(vectors: Array) -> Array:
    lengths: Array = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / lengths


def _flattened(corners_m: Array) -> Array:
    """(N, 3, 2) corners of triangles (N, 3, 3) in their planes, from their middles."""
    a = _units(corners_m[:, 1] - corners_m[:, 0])
    normal = _units(np.cross(a, corners_m[:, 2] - corners_m[:, 0]))
    frame = np.stack([a, np.cross(normal, a)], axis=2)
    result: Array = (corners_m - corners_m.mean(axis=1, keepdims=True)) @ frame
    return result


@kept
def _bare(height_m: float, crown_m: float, look: int, plain: bool) -> Mesh:
    """Trunk, limbs, branches and twigs of a tree without leaves; its crown is as large as it is in leaf."""
    rng = Key(look, 0, "tree/bare").generator()
    h, thick = height_m, 0.018 * height_m
    bole = 0.36 * h
    lean = rng.normal(0, 0.08, 2)
    trunk = np.array(
        [
            [0.0, 0.0, 0.0],
            [*(lean * 0.3), 0.5 * bole],
            [*lean, bole],
            [*(1.3 * lean), 0.7 * h],
            [*(1.5 * lean), 0.9 * h],
        ]
    )
    radii = [1.25 * thick, thick, 0.85 * thick, 0.42 * thick, 0.1 * thick]
    wood = [shapes.tube(trunk, radii, count=6 if plain else 8, caps=False)]
    middle, half = np.array([*(1.2 * lean), bole + 0.52 * (h - bole)]), 0.5 * (h - bole)
    limbs, forks, twigs = (7, 4, 3) if plain else (10, 6, 4)
    starts, ends = [], []
    for i in range(limbs):
        share = i / (limbs - 1)
        angle = 2.4 * i + rng.normal(0, 0.25)
        foot = _between(trunk, bole * 0.95 + share * 0.42 * (h - bole))
        level = -0.35 + 1.15 * share
        out = crown_m * max(0.25, float(np.sqrt(max(0.0, 1 - level**2)))) * rng.uniform(0.85, 1.05)
        tip = middle + np.array([out * np.cos(angle), out * np.sin(angle), half * level])
        elbow = 0.5 * (foot + tip) + rng.normal(0, 0.05, 3) * crown_m - (0, 0, 0.06 * crown_m)
        size = thick * (0.5 - 0.22 * share)
        limb = np.array([foot, elbow, tip])
        wood.append(shapes.tube(limb, [size, 0.6 * size, 0.15 * size], count=4 if plain else 5, caps=False))
        reach = float(np.linalg.norm(tip - foot))
        for k in range(forks):
            at = 0.3 + 0.65 * k / (forks - 1)
            root = _along(limb, at)
            way = (tip - foot) / reach + rng.normal(0, 0.45, 3) + (0, 0, 0.25)
            end = root + way / np.linalg.norm(way) * reach * rng.uniform(0.3, 0.45) * (1.15 - 0.5 * at)
            wood.append(shapes.tube([root, end], [0.42 * size, 0.2 * size], count=3, caps=False))
            for n in range(twigs):
                sprout = root + (end - root) * (0.25 + 0.75 * n / (twigs - 1))
                turn = (end - root) / np.linalg.norm(end - root) + rng.normal(0, 0.6, 3) + (0, 0, 0.2)
                starts.append(sprout)
                ends.append(sprout + turn / np.linalg.norm(turn) * crown_m * rng.uniform(0.16, 0.34))
    a, b = np.array(starts), np.array(ends)
    # A twig is one long triangle across a direction of its own.
    across = np.cross(b - a, rng.standard_normal(a.shape))
    across *= 0.0032 * h * (1.8 if plain else 1.0) / np.linalg.norm(across, axis=1, keepdims=True)
    normal = np.cross(across, b - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    spikes = Mesh(
        vertices_m=np.stack([a - across, a + across, b], axis=1).reshape(-1, 3).astype(np.float32),
        normals=np.repeat(normal, 3, axis=0).astype(np.float32),
        faces=np.arange(3 * len(a), dtype=np.int32).reshape(-1, 3),
    )
    fit = np.diag([1.0, 1.0, h / float(b[:, 2].max()), 1.0])
    return merged([(join(wood).smooth(), fit), (spikes, fit)])


def _between(path_m: Array, z_m: float) -> Array:
    """The point of a rising path (N, 3) at a height."""
    return np.array([np.interp(z_m, path_m[:, 2], path_m[:, k]) for k in range(3)])


def _along(path_m: Array, share: float) -> Array:
    """The point of a path (3, 3) at a share of its steps."""
    steps = np.linspace(0.0, 1.0, len(path_m))
    return np.array([np.interp(share, steps, path_m[:, k]) for k in range(3)])


@models.register("tree")
class Tree(ActorModel):
    """A broad-leaved tree."""

    semantic: ClassVar[str] = "vegetation"
    height: float = quantity("m", low=3, high=15, default=7.5, help="to the top", vary={"uniform": ["6 m", "9 m"]})
    crown: float = quantity("m", low=0.8, high=5, default=1.9, help="radius", vary={"uniform": ["1.6 m", "2.3 m"]})
    season: str = choice("summer", "autumn", "winter", default="summer", help="colour of the leaves; bare in winter")
    look: int = integer(low=0, high=9999, default=1, help="seed of the form", vary={"integer": [1, 9999]})
    detail: str = choice("full", "plain", default="full", help="of the meshes; plain is for the background")

    def build(self) -> Body:
        parts = self._bare() if self.season == "winter" else self._in_leaf()
        low = np.min([p.mesh.vertices_m.min(axis=0) for p in parts], axis=0).astype(np.float64)
        high = np.max([p.mesh.vertices_m.max(axis=0) for p in parts], axis=0).astype(np.float64)
        center, size = (low + high) / 2, high - low
        return Body(
            semantic=self.semantic,
            asset=parametric_asset(
                "tree",
                {name: getattr(self, name) for name in self.parameters},
                licence=self.licence,
                version=VERSION,
            ),
            parts=parts,
            rest=np.broadcast_to(np.eye(4), (len(parts), 4, 4)).copy(),
            box_center_m=(float(center[0]), float(center[1]), float(center[2])),
            box_size_m=(float(size[0]), float(size[1]), float(size[2])),
            collision=(
                CollisionShape(
                    kind="cylinder",
                    size_m=(0.02 * self.height, 0.4 * self.height),
                    body_from_shape=pose((0.0, 0.0, 0.2 * self.height)),
                ),
            ),
            mass_kg=round(9.0 * self.height**2, 1),
            fixed=True,
            notes={"height_m": float(high[2])},
        )

    def _bare(self) -> tuple[Part, ...]:
        mesh = _bare(self.height, self.crown, self.look, self.detail == "plain")
        return (Part(name="wood", mesh=mesh, material=_BARK),)

    def _in_leaf(self) -> tuple[Part, ...]:
        wood, leaves = _meshes(self.height, self.crown, self.look, self.detail == "plain")
        look = Material(
            name=f"leaf_{self.season}",
            base_color=LEAVES[self.season],
            roughness=1.0,
            texture=textures.foliage(1),
        )
        return (Part(name="wood", mesh=wood, material=_BARK), Part(name="leaves", mesh=leaves, material=look))
