"""Solids with texture coordinates: boxes, rounded boxes and surfaces of revolution."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from simgen.core.geometry import Array, transform
from simgen.scene.mesh import Mesh

# The six sides of a box in the order of the texture atlas: outward axis, sign, and the axes along which u and v grow
# so that a print is upright and not mirrored. The atlas has four columns and two rows of square cells.
SIDES: tuple[tuple[int, int, tuple[int, int], tuple[int, int]], ...] = (
    (0, +1, (1, +1), (2, +1)),
    (0, -1, (1, -1), (2, +1)),
    (1, +1, (0, -1), (2, +1)),
    (1, -1, (0, +1), (2, +1)),
    (2, +1, (0, +1), (1, +1)),
    (2, -1, (0, +1), (1, -1)),
)


def box(size_m: Sequence[float]) -> Mesh:
    """A box with sharp edges around the origin, with the atlas of ``SIDES`` as texture coordinates."""
    cube = _cube()
    half = (np.asarray(size_m, dtype=np.float64) / 2).astype(np.float32)
    return Mesh(vertices_m=cube.vertices_m * half, normals=cube.normals, faces=cube.faces, uv=cube.uv)


@cache
def _cube() -> Mesh:
    """The box of half lengths 1, whose corners those of any other are multiples of."""
    return rounded_box((2.0, 2.0, 2.0), 0.0)


def rounded_box(size_m: Sequence[float], radius_m: float, segments: int = 3) -> Mesh:
    """A box of full lengths (3,) around the origin whose edges are rounded to ``radius_m``."""
    half = np.asarray(size_m, dtype=np.float64) / 2
    radius = min(radius_m, float(half.min()))
    inner = half - radius
    blocks = [_side(number, half, inner, radius, segments) for number in range(6)]
    counts = np.cumsum([0] + [len(b[0]) for b in blocks[:-1]])
    faces = np.concatenate([b[3] + offset for b, offset in zip(blocks, counts, strict=True)])
    return Mesh(
        vertices_m=np.concatenate([b[0] for b in blocks]).astype(np.float32),
        normals=np.concatenate([b[1] for b in blocks]).astype(np.float32),
        faces=faces.astype(np.int32),
        uv=np.concatenate([b[2] for b in blocks]).astype(np.float32),
    )


def _side(number: int, half: Array, inner: Array, radius: float, segments: int) -> tuple[Array, Array, Array, Array]:
    axis, sign, (u_axis, u_sign), (v_axis, v_sign) = SIDES[number]
    u_line, v_line = (_line(half[a], inner[a], radius, segments) for a in (u_axis, v_axis))
    u, v = (grid.ravel() for grid in np.meshgrid(u_line, v_line, indexing="ij"))
    cube = np.empty((len(u), 3))
    cube[:, axis] = sign * half[axis]
    cube[:, u_axis] = u_sign * u
    cube[:, v_axis] = v_sign * v
    core = np.clip(cube, -inner, inner)
    normals = np.zeros_like(cube)
    normals[:, axis] = sign
    if radius > 0:
        away = cube - core
        normals = away / np.linalg.norm(away, axis=1, keepdims=True)
    column, row = number % 4, number // 4
    cell_u = 0.5 + 0.5 * u / half[u_axis]
    cell_v = 0.5 + 0.5 * v / half[v_axis]
    uv = np.stack([(column + cell_u) / 4, (1 - row + cell_v) / 2], axis=1)
    n_u, n_v = len(u_line), len(v_line)
    i, j = (g.ravel() for g in np.meshgrid(np.arange(n_u - 1), np.arange(n_v - 1), indexing="ij"))
    a, b, c, d = i * n_v + j, (i + 1) * n_v + j, (i + 1) * n_v + j + 1, i * n_v + j + 1
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return core + radius * normals, normals, uv, faces


def _line(half: float, inner: float, radius: float, segments: int) -> Array:
    """Stations from -half to half: the rounded ends at equal angles, and nothing between them."""
    if radius == 0:
        return np.array([-half, half])
    # a point at the cube's coordinate inner + t lands at the angle atan(t / radius) of the edge's quarter circle
    ends = inner + radius * np.tan(np.linspace(0, np.pi / 4, segments + 1))
    line = np.concatenate([-ends[::-1], ends])
    return line if inner > 0 else np.unique(line)


def lathe(profile_m: Sequence[tuple[float, float]], sectors: int = 36, crease_rad: float = 0.6) -> Mesh:
    """A surface of revolution about z.

    Args:
        profile_m: (K, 2) radius and height, listed so that the outside lies to the right of the path: upwards along
            an outer wall, inwards along a top, downwards along an inner wall.
        crease_rad: turns of the profile that are sharper than this are edges.

    Texture coordinates: u once around, counter-clockwise seen from above; v along the profile from 0 to 1.
    """
    profile = np.asarray(profile_m, dtype=np.float64)
    step = np.diff(profile, axis=0)
    length = np.linalg.norm(step, axis=1)
    normal = np.stack([step[:, 1], -step[:, 0]], axis=1) / length[:, None]
    travelled = np.concatenate([[0.0], np.cumsum(length)]) / length.sum()
    start, end = normal.copy(), normal.copy()
    for k in range(len(normal) - 1):
        if float(normal[k] @ normal[k + 1]) > np.cos(crease_rad):
            mean = normal[k] + normal[k + 1]
            end[k] = start[k + 1] = mean / np.linalg.norm(mean)
    angle = np.linspace(0.0, 2 * np.pi, sectors + 1)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    vertices, normals, uv, faces = [], [], [], []
    for k in range(len(normal)):
        for ring, n in ((k, start[k]), (k + 1, end[k])):
            r, z = profile[ring]
            vertices.append(np.column_stack([r * around, np.full(sectors + 1, z)]))
            normals.append(np.column_stack([n[0] * around, np.full(sectors + 1, n[1])]))
            uv.append(np.column_stack([angle / (2 * np.pi), np.full(sectors + 1, travelled[ring])]))
        a = 2 * k * (sectors + 1) + np.arange(sectors)
        b, d = a + 1, a + sectors + 1
        if profile[k, 0] > 0:
            faces.append(np.stack([a, b, d + 1], axis=1))
        if profile[k + 1, 0] > 0:
            faces.append(np.stack([a, d + 1, d], axis=1))
    # a quad whose upper edge is a point keeps the triangle (a, b, d); (a, b, d + 1) is the same there
    return Mesh(
        vertices_m=np.concatenate(vertices).astype(np.float32),
        normals=np.concatenate(normals).astype(np.float32),
        faces=np.concatenate(faces).astype(np.int32),
        uv=np.concatenate(uv).astype(np.float32),
    )


def tube(path_m: Sequence[tuple[float, float, float]], radius_m: float, sectors: int = 12) -> Mesh:
    """A round bar along a path (K, 3) that lies in the plane y = 0; its ends are open."""
    path = np.asarray(path_m, dtype=np.float64)
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.array([0.0, 1.0, 0.0])
    angle = np.linspace(0.0, 2 * np.pi, sectors, endpoint=False)
    across = np.cross(tangent, side)
    normals = np.cos(angle)[None, :, None] * side + np.sin(angle)[None, :, None] * across[:, None, :]
    vertices = path[:, None, :] + radius_m * normals
    k, j = (g.ravel() for g in np.meshgrid(np.arange(len(path) - 1), np.arange(sectors), indexing="ij"))
    a, b = k * sectors + j, k * sectors + (j + 1) % sectors
    c, d = b + sectors, a + sectors
    return Mesh(
        vertices_m=vertices.reshape(-1, 3).astype(np.float32),
        normals=normals.reshape(-1, 3).astype(np.float32),
        faces=np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32),
    )


def moved(mesh: Mesh, matrix: Array) -> Mesh:
    """The mesh through a rigid transform (4, 4)."""
    return Mesh(
        vertices_m=transform(matrix, mesh.vertices_m).astype(np.float32),
        normals=(mesh.normals @ matrix[:3, :3].T).astype(np.float32),
        faces=mesh.faces.copy(),
        uv=None if mesh.uv is None else mesh.uv.copy(),
    )


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one; texture coordinates stay only if all have them."""
    offsets = np.cumsum([0] + [len(m.vertices_m) for m in meshes[:-1]])
    coordinates = [m.uv for m in meshes if m.uv is not None]
    return Mesh(
        vertices_m=np.concatenate([m.vertices_m for m in meshes]),
        normals=np.concatenate([m.normals for m in meshes]),
        faces=np.concatenate([m.faces + np.int32(o) for m, o in zip(meshes, offsets, strict=True)]).astype(np.int32),
        uv=np.concatenate(coordinates) if len(coordinates) == len(meshes) else None,
    )
