"""Building meshes from a few numbers: grids, lofts, tubes, lathes, boxes. Triangles are counter-clockwise from outside.

A ``Shape`` is what a mesh is before it is decided how it is shaded: shapes are moved, mirrored and joined, and end as
``flat()`` or ``smooth()`` meshes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.geometry import Array, transform
from simgen.scene.mesh import Mesh


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Triangles without normals: ``points_m (V, 3)``, ``faces (F, 3)``, texture coordinates ``uv (V, 2)`` or None."""

    points_m: Array
    faces: NDArray[np.int64]
    uv: Array | None = None

    def moved(self, matrix: Array) -> Shape:
        """Through a rigid transform (4, 4)."""
        return Shape(transform(matrix, self.points_m), self.faces, self.uv)

    def shifted(self, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0) -> Shape:
        return Shape(self.points_m + np.array([x_m, y_m, z_m]), self.faces, self.uv)

    def scaled(self, x: float, y: float, z: float) -> Shape:
        """By positive factors."""
        return Shape(self.points_m * np.array([x, y, z]), self.faces, self.uv)

    def mirrored(self) -> Shape:
        """The other side of the plane y = 0."""
        return Shape(self.points_m * np.array([1.0, -1.0, 1.0]), self.faces[:, ::-1], self.uv)

    def turned_inside_out(self) -> Shape:
        return Shape(self.points_m, self.faces[:, ::-1], self.uv)

    def flat(self) -> Mesh:
        return Mesh.flat(self.points_m, self.faces, self.uv)

    def smooth(self, crease_rad: float = 0.7) -> Mesh:
        """Without texture coordinates."""
        return Mesh.smooth(self.points_m, self.faces, crease_rad)


def join(shapes: Iterable[Shape]) -> Shape:
    """One shape of many; texture coordinates survive when all of them have some."""
    parts = list(shapes)
    if not parts:
        return Shape(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64))
    offsets = np.cumsum([0, *(len(p.points_m) for p in parts[:-1])])
    uvs = [p.uv for p in parts if p.uv is not None]
    return Shape(
        np.vstack([p.points_m for p in parts]),
        np.vstack([p.faces + offset for p, offset in zip(parts, offsets, strict=True)]),
        np.vstack(uvs) if len(uvs) == len(parts) else None,
    )


def both_sides(shape: Shape) -> Shape:
    """The shape and its mirror image in y."""
    return join([shape, shape.mirrored()])


def grid(points_m: ArrayLike, cells: NDArray[np.bool_] | None = None, uv: ArrayLike | None = None) -> Shape:
    """A surface over ``points_m (R, C, 3)``; its front is where columns run right and rows run up.

    Args:
        cells: (R - 1, C - 1); only the true ones are filled.
        uv: (R, C, 2).
    """
    p = np.asarray(points_m, dtype=np.float64)
    rows, columns = p.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    chosen = np.ones(a.shape, dtype=bool) if cells is None else cells
    quads = np.stack([a[chosen], b[chosen], c[chosen], d[chosen]], axis=1)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return Shape(p.reshape(-1, 3), faces, None if uv is None else np.asarray(uv, dtype=np.float64).reshape(-1, 2))


def fan(outline_m: ArrayLike) -> Shape:
    """A flat, star-shaped polygon (N, 3), counter-clockwise from its front, around its mean."""
    p = np.asarray(outline_m, dtype=np.float64)
    n = len(p)
    i = np.arange(n)
    faces = np.stack([i, (i + 1) % n, np.full(n, n)], axis=1)
    return Shape(np.vstack([p, p.mean(axis=0)]), faces)


def loft(sections_m: ArrayLike, *, caps: bool = True) -> Shape:
    """A skin over closed sections (R, C, 3), each counter-clockwise as seen from the end that the rows run to."""
    p = np.asarray(sections_m, dtype=np.float64)
    closed = np.concatenate([p, p[:, :1]], axis=1)
    parts = [grid(closed)]
    if caps:
        parts += [fan(p[0, ::-1]), fan(p[-1])]
    return join(parts)


def ring(radius_x_m: float, radius_y_m: float, count: int, exponent: float = 2.0) -> Array:
    """(count, 2) points of a superellipse, counter-clockwise from +x; exponent 2 is an ellipse, more is boxier."""
    angle = 2.0 * np.pi * np.arange(count) / count
    c, s = np.cos(angle), np.sin(angle)
    power = 2.0 / exponent
    return np.stack([radius_x_m * np.sign(c) * np.abs(c) ** power, radius_y_m * np.sign(s) * np.abs(s) ** power], 1)


def stack(
    heights_m: Sequence[float],
    radii_m: Sequence[tuple[float, float]],
    offsets_m: Sequence[tuple[float, float]] | None = None,
    *,
    count: int = 12,
    exponent: float = 2.0,
) -> Shape:
    """A closed body of ellipses stacked along z: half axes along x and y, and centres (x, y), at rising heights."""
    shifts = offsets_m if offsets_m is not None else [(0.0, 0.0)] * len(heights_m)
    sections = [
        np.column_stack([ring(rx, ry, count, exponent) + np.array(shift), np.full(count, z)])
        for z, (rx, ry), shift in zip(heights_m, radii_m, shifts, strict=True)
    ]
    return loft(np.array(sections))


def limb(length_m: float, radii_m: Sequence[tuple[float, float]], *, count: int = 10, squash: float = 0.75) -> Shape:
    """A limb that hangs from the origin along -z, with rounded ends that overlap its neighbours' at the joints.

    Args:
        radii_m: half axes (x, y) at equal steps from the upper joint to the lower one.
        squash: height of the end caps as a share of their radius.
    """
    radii = np.array(radii_m, dtype=np.float64)
    z = np.linspace(0.0, -length_m, len(radii))
    angle = np.array([0.28, 0.64]) * np.pi / 2
    top, bottom = squash * radii[0].mean(), squash * radii[-1].mean()
    heights = [*(z[-1] - bottom * np.cos(angle)), *z[::-1], *(z[0] + top * np.cos(angle[::-1]))]
    sizes = [
        *(np.sin(angle)[:, None] * radii[-1]),
        *radii[::-1],
        *(np.sin(angle[::-1])[:, None] * radii[0]),
    ]
    return stack([float(h) for h in heights], [(float(a), float(b)) for a, b in sizes], count=count)


def ellipsoid(radii_m: tuple[float, float, float], center_m: ArrayLike = (0.0, 0.0, 0.0), *, count: int = 14) -> Shape:
    """Rings around z, with points at the poles."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, max(count // 2, 3) + 1)[1:-1]
    rings = [np.column_stack([np.cos(a) * ring(1.0, 1.0, count), np.full(count, np.sin(a))]) for a in latitude]
    p = np.vstack([*rings, [[0.0, 0.0, -1.0], [0.0, 0.0, 1.0]]])
    body = loft(np.array(rings), caps=False)
    i = np.arange(count)
    ends = np.arange(len(p) - 2 - count, len(p) - 2)
    south = np.stack([i, np.full(count, len(p) - 2), (i + 1) % count], axis=1)
    north = np.stack([ends, np.roll(ends, -1), np.full(count, len(p) - 1)], axis=1)
    # The loft repeats its first column to close; the poles need the plain rings.
    step = np.arange(len(rings))[:, None] * (count + 1) + np.arange(count)[None, :]
    plain = np.full(len(body.points_m), -1, dtype=np.int64)
    plain[step.reshape(-1)] = np.arange(len(rings) * count)
    plain[np.arange(len(rings)) * (count + 1) + count] = np.arange(len(rings)) * count
    faces = np.vstack([plain[body.faces], south, north])
    return Shape(p * np.array(radii_m) + np.asarray(center_m, dtype=np.float64), faces)


def lathe(profile_m: ArrayLike, *, count: int = 24) -> Shape:
    """A profile (N, 2) of (radius, y) turned around the y axis; y rises along it where its outside faces outward."""
    profile = np.asarray(profile_m, dtype=np.float64)
    angle = 2.0 * np.pi * np.arange(count + 1) / count
    r, y = profile[:, 0][:, None], profile[:, 1][:, None]
    points = np.stack([r * np.sin(angle), np.broadcast_to(y, (len(profile), count + 1)), r * np.cos(angle)], axis=-1)
    return grid(points)


def tube(path_m: ArrayLike, radius_m: float | Sequence[float], *, count: int = 8, caps: bool = True) -> Shape:
    """A round bar along a path (N, 3), with flat ends or (no ``caps``) open ones; one radius, or one per point."""
    p = np.asarray(path_m, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), len(p))
    tangent = np.gradient(p, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(tangent[0], (0.0, 0.0, 1.0) if abs(tangent[0, 2]) < 0.9 else (1.0, 0.0, 0.0))
    sections = []
    for center, axis, radius in zip(p, tangent, radii, strict=True):
        side = side - axis * (side @ axis)
        side = side / np.linalg.norm(side)
        up = np.cross(axis, side)
        sections.append(center + radius * ring(1.0, 1.0, count) @ np.stack([side, up]))
    return loft(np.array(sections), caps=caps)


Vector: TypeAlias = "Sequence[float] | Array"
Tile: TypeAlias = float | tuple[float, float]
"""How far a texture reaches before it repeats, metres: either way, or along u and along v."""
_QUAD = np.array([[0, 1, 3], [0, 3, 2]])


def rectangle(corner_m: Vector, across_m: Vector, up_m: Vector, tile_m: Tile = 1.0) -> Shape:
    """A flat quad from a corner along two edges at right angles; its front is across x up. Texture coordinates:
    metres / ``tile_m``, measured along the edges from the origin's projection, so that neighbours continue each other.
    """
    # Streets are made of tens of thousands of these: plain floats are several times faster than small arrays.
    cx, cy, cz = (float(v) for v in corner_m)
    ax, ay, az = (float(v) for v in across_m)
    bx, by, bz = (float(v) for v in up_m)
    long, tall = math.sqrt(ax * ax + ay * ay + az * az), math.sqrt(bx * bx + by * by + bz * bz)
    tile_u, tile_v = tile_m if isinstance(tile_m, tuple) else (tile_m, tile_m)
    u, v = (cx * ax + cy * ay + cz * az) / (long * tile_u), (cx * bx + cy * by + cz * bz) / (tall * tile_v)
    du, dv = long / tile_u, tall / tile_v
    points = (
        (cx, cy, cz),
        (cx + ax, cy + ay, cz + az),
        (cx + bx, cy + by, cz + bz),
        (cx + ax + bx, cy + ay + by, cz + az + bz),
    )
    return Shape(np.array(points), _QUAD, np.array(((u, v), (u + du, v), (u, v + dv), (u + du, v + dv))))


def box(
    size_m: tuple[float, float, float], center_m: Vector = (0.0, 0.0, 0.0), tile_m: Tile = 1.0, sides: str = "xXyYzZ"
) -> Shape:
    """A box by its full lengths; ``sides`` names the ones that are drawn, capitals those that face along -."""
    x, y, z = size_m
    cx, cy, cz = (float(v) for v in center_m)
    x0, x1, y0, y1, z0, z1 = cx - x / 2, cx + x / 2, cy - y / 2, cy + y / 2, cz - z / 2, cz + z / 2
    faces = {
        "x": ((x1, y0, z0), (0.0, y, 0.0), (0.0, 0.0, z)),
        "X": ((x0, y1, z0), (0.0, -y, 0.0), (0.0, 0.0, z)),
        "y": ((x1, y1, z0), (-x, 0.0, 0.0), (0.0, 0.0, z)),
        "Y": ((x0, y0, z0), (x, 0.0, 0.0), (0.0, 0.0, z)),
        "z": ((x0, y0, z1), (x, 0.0, 0.0), (0.0, y, 0.0)),
        "Z": ((x0, y1, z0), (x, 0.0, 0.0), (0.0, -y, 0.0)),
    }
    return join(rectangle(*faces[name], tile_m) for name in sides)


Quad: TypeAlias = tuple[float, float, float, float, float, float, float, float, float, float]
"""A rectangle as plain numbers: its corner, its edges across and up, and the size of a tile in metres (0: its texture
fits it once; -1 - k: all of it has the colour k of a palette, textures.palette).

Facades are made of tens of thousands of them, so ``quads`` turns them into arrays all at once."""


def box_quads(
    size_m: tuple[float, float, float], center_m: tuple[float, float, float], tile_m: float = 1.0, sides: str = "xXyYzZ"
) -> list[Quad]:
    """As ``box``."""
    x, y, z = size_m
    x0, y0, z0 = center_m[0] - x / 2, center_m[1] - y / 2, center_m[2] - z / 2
    x1, y1, z1 = x0 + x, y0 + y, z0 + z
    faces: dict[str, Quad] = {
        "x": (x1, y0, z0, 0.0, y, 0.0, 0.0, 0.0, z, tile_m),
        "X": (x0, y1, z0, 0.0, -y, 0.0, 0.0, 0.0, z, tile_m),
        "y": (x1, y1, z0, -x, 0.0, 0.0, 0.0, 0.0, z, tile_m),
        "Y": (x0, y0, z0, x, 0.0, 0.0, 0.0, 0.0, z, tile_m),
        "z": (x0, y0, z1, x, 0.0, 0.0, 0.0, y, 0.0, tile_m),
        "Z": (x0, y1, z0, x, 0.0, 0.0, 0.0, -y, 0.0, tile_m),
    }
    return [faces[side] for side in sides]


def quads(rows: Sequence[Quad]) -> Shape:
    """One shape of many rectangles, with texture coordinates as ``rectangle`` gives them."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 10)
    corner, across, up, tile = table[:, 0:3], table[:, 3:6], table[:, 6:9], table[:, 9]
    points = np.stack([corner, corner + across, corner + up, corner + across + up], axis=1)
    fit = tile <= 0.0
    size = np.where(fit, 1.0, tile)
    long, tall = np.linalg.norm(across, axis=1), np.linalg.norm(up, axis=1)
    u0 = np.where(fit, 0.0, np.einsum("ij,ij->i", corner, across) / (long * size))
    v0 = np.where(fit, 0.0, np.einsum("ij,ij->i", corner, up) / (tall * size))
    u1, v1 = u0 + np.where(fit, 1.0, long / size), v0 + np.where(fit, 1.0, tall / size)
    uv = np.stack([u0, v0, u1, v0, u0, v1, u1, v1], axis=1)
    flat = tile < 0.0
    uv[flat] = np.tile(palette_uv(-1.0 - tile[flat]), 4)
    faces = (4 * np.arange(len(table))[:, None, None] + _QUAD).reshape(-1, 3)
    return Shape(points.reshape(-1, 3), faces, uv.reshape(-1, 2))


def palette_uv(index: ArrayLike) -> Array:
    """(..., 2) texture coordinates of the middles of a palette's squares (textures.palette)."""
    k = np.asarray(index, dtype=np.float64)
    return np.stack([(k % 4 + 0.5) / 4, 1.0 - (k // 4 + 0.5) / 4], axis=-1)


def rounded_box(
    size_m: tuple[float, float, float], radius_m: float, center_m: ArrayLike = (0.0, 0.0, 0.0), *, count: int = 16
) -> Shape:
    """A box with rounded edges: a superellipse in plan, and chamfered at the top and bottom."""
    x, y, z = np.asarray(size_m) / 2
    r = min(radius_m, z)
    heights = [-z, -z + 0.3 * r, -z + r, z - r, z - 0.3 * r, z]
    inset = [0.8 * r, 0.25 * r, 0.0, 0.0, 0.25 * r, 0.8 * r]
    radii = [(float(x - i), float(y - i)) for i in inset]
    shape = stack([float(h) for h in heights], radii, count=count, exponent=5.0)
    c = np.asarray(center_m, dtype=np.float64)
    return shape.shifted(float(c[0]), float(c[1]), float(c[2]))


def icosphere(subdivisions: int) -> tuple[Array, NDArray[np.int64], NDArray[np.int64], Array]:
    """A unit sphere of 20 * 4^n triangles.

    Returns:
        points (V, 3), faces (F, 3), the icosahedron's nearest corner (F,) to each face's middle, and the barycentric
        weight (F,) of that corner, by which panels of a ball are told apart.
    """
    g = (1 + 5**0.5) / 2
    corners = np.array(
        [(-1, g, 0), (1, g, 0), (-1, -g, 0), (1, -g, 0), (0, -1, g), (0, 1, g),
         (0, -1, -g), (0, 1, -g), (g, 0, -1), (g, 0, 1), (-g, 0, -1), (-g, 0, 1)],
        dtype=np.float64,
    )  # fmt: skip
    triangles = np.array(
        [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6),
         (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10),
         (8, 6, 7), (9, 8, 1)],
        dtype=np.int64,
    )  # fmt: skip
    n = 2**subdivisions
    weights = np.array([(n - i - j, i, j) for i in range(n + 1) for j in range(n + 1 - i)], dtype=np.float64) / n
    index = {(i, j): k for k, (i, j) in enumerate((i, j) for i in range(n + 1) for j in range(n + 1 - i))}
    small = []
    for i in range(n):
        for j in range(n - i):
            small.append((index[i, j], index[i + 1, j], index[i, j + 1]))
            if i + j < n - 1:
                small.append((index[i + 1, j], index[i + 1, j + 1], index[i, j + 1]))
    pattern = np.array(small)
    points, faces, nearest, weight = [], [], [], []
    for k, triangle in enumerate(triangles):
        points.append(weights @ corners[triangle])
        faces.append(pattern + k * len(weights))
        middle = weights[pattern].mean(axis=1)
        nearest.append(triangle[np.argmax(middle, axis=1)])
        weight.append(middle.max(axis=1))
    p = np.vstack(points)
    _, first, welded = np.unique(np.round(p, 9), axis=0, return_index=True, return_inverse=True)
    unit = p[first] / np.linalg.norm(p[first], axis=1, keepdims=True)
    return unit, welded.reshape(-1)[np.vstack(faces)], np.concatenate(nearest), np.concatenate(weight)
