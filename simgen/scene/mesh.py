"""Triangles, materials and textures: plain arrays, shared by physics, renderers and labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.geometry import read_only

Float32 = NDArray[np.float32]
Rgb = tuple[float, float, float]


def linear(srgb: Rgb) -> Rgb:
    """Linear RGB of an sRGB colour, both in [0, 1] (IEC 61966-2-1)."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in srgb)
    return r, g, b


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Texture:
    """An image on a surface, repeated outside of [0, 1].

    Attributes:
        pixels: (H, W, 3) uint8, sRGB, row 0 at v = 1 (top); H and W powers of two. It multiplies the material's
            base colour.
        roughness: (H, W) uint8 or None; 255 is the material's own roughness.
        digest: hex SHA-256 of the pixels.
    """

    name: str
    pixels: NDArray[np.uint8]
    roughness: NDArray[np.uint8] | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        read_only(self.pixels)
        hasher = hashlib.sha256(repr(self.pixels.shape).encode())
        hasher.update(self.pixels.tobytes())
        if self.roughness is not None:
            read_only(self.roughness)
            hasher.update(self.roughness.tobytes())
        object.__setattr__(self, "digest", hasher.hexdigest())

    def __eq__(self, other: object) -> bool:
        """Whether it shows the same, made at once or twice: materials are told apart by it."""
        return isinstance(other, Texture) and (self.name, self.digest) == (other.name, other.digest)

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A physically based surface (metallic-roughness).

    Attributes:
        base_color: linear RGB albedo (or specular colour of a metal) in [0, 1].
        emission_cd_m2: linear RGB luminance that the surface sends out by itself when its lamp is on.
        lamp: name of the lamp of the same body that switches the emission, or "" for always on.
        wettable: rain darkens it and makes it mirror (asphalt, concrete, paving).
        mirrors: it lies level and smooth, and mirrors what stands around it in any weather (puddles, spilt oil, ice).
        retroreflectance: share of lamp light sent back towards the lamp (plates, signs, reflective strips).
        double_sided: both sides of its faces are seen; of one-sided faces the back need not be drawn, as where it is
            the inside of a house without a door.
    """

    name: str
    base_color: Rgb
    roughness: float = 0.8
    metallic: float = 0.0
    emission_cd_m2: Rgb = (0.0, 0.0, 0.0)
    lamp: str = ""
    texture: Texture | None = None
    wettable: bool = False
    mirrors: bool = False
    retroreflectance: float = 0.0
    double_sided: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """Triangles, counter-clockwise from outside, in the frame of their node.

    Attributes:
        vertices_m: (V, 3) float32.
        normals: (V, 3) float32, unit length; vertices are split where an edge is sharp.
        faces: (F, 3) int32.
        uv: (V, 2) float32 texture coordinates, or None.
    """

    vertices_m: Float32
    normals: Float32
    faces: NDArray[np.int32]
    uv: Float32 | None = None
    _digest: str = field(init=False, repr=False, default="")

    def __post_init__(self) -> None:
        for array in (self.vertices_m, self.normals, self.faces, self.uv):
            if array is not None:
                read_only(array)

    @property
    def digest(self) -> str:
        """Hex SHA-256 of all of the above. Most meshes are pieces of others, and nobody asks for it."""
        if not self._digest:
            hasher = hashlib.sha256()
            for array in (self.vertices_m, self.normals, self.faces, self.uv):
                if array is not None:
                    hasher.update(repr((array.shape, array.dtype.str)).encode())
                    hasher.update(array.tobytes())
            object.__setattr__(self, "_digest", hasher.hexdigest())
        return self._digest

    @classmethod
    def flat(cls, vertices_m: ArrayLike, faces: ArrayLike, uv: ArrayLike | None = None) -> Mesh:
        """Flat shading: every triangle gets vertices of its own. Degenerate triangles are dropped."""
        f = np.asarray(faces, dtype=np.int32)
        corners, normal, area = _triangles(vertices_m, f)
        keep = area > 0.0
        return cls(
            vertices_m=corners[keep].reshape(-1, 3),
            normals=np.repeat(normal[keep], 3, axis=0),
            faces=np.arange(3 * int(keep.sum()), dtype=np.int32).reshape(-1, 3),
            uv=None if uv is None else np.asarray(uv, dtype=np.float32)[f][keep].reshape(-1, 2),
        )

    @classmethod
    def smooth(
        cls, vertices_m: ArrayLike, faces: ArrayLike, crease_rad: float = 0.7, uv: ArrayLike | None = None
    ) -> Mesh:
        """Smooth shading: a corner's normal is the mean over the faces around it, weighted by area, that lie within
        ``crease_rad`` of its own face.

        Args:
            uv: (F, 3, 2) texture coordinates of the faces' corners.
        """
        corners, face_normal, area = _triangles(vertices_m, np.asarray(faces, dtype=np.int32))
        keep = area > 0.0
        vertices, face_normal, area = corners[keep].reshape(-1, 3), face_normal[keep], area[keep]
        if len(area) == 0:
            return cls.flat(vertices_m, faces, None if uv is None else np.zeros((len(np.asarray(vertices_m)), 2)))
        first, point = distinct_rows(np.round(vertices, 6))
        order = np.argsort(point, kind="stable")
        count = np.bincount(point)
        start = np.cumsum(count) - count
        # Where all faces around a point lie within half of the angle of one of them, all are near each other.
        leant = np.einsum("ij,ij->i", face_normal[first // 3][point], np.repeat(face_normal, 3, axis=0))
        edged = np.zeros(len(count), dtype=np.bool_)
        edged[point[leant <= np.cos(0.5 * crease_rad) + 1e-4]] = True
        weighted = area[:, None] * face_normal
        around: NDArray[np.float64] = np.stack(
            [np.bincount(point[order], weighted[order // 3, k], minlength=len(count)) for k in range(3)], axis=1
        )
        normals = around[point]
        # every pair of corners (own, other) that share another point
        chosen = order[edged[point[order]]]
        shared = count[point[chosen]]
        own = np.repeat(chosen, shared)
        rank = np.arange(len(own)) - np.repeat(np.cumsum(shared) - shared, shared)
        other = order[start[point[own]] + rank] // 3
        near = np.einsum("ij,ij->i", face_normal[own // 3], face_normal[other]) > np.cos(crease_rad)
        weight = np.where(near, area[other], 0.0)
        for k in range(3):
            normals[chosen, k] = np.bincount(own, weight * face_normal[other, k], minlength=len(point))[chosen]
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        at_corners = None if uv is None else np.asarray(uv, dtype=np.float32)[keep].reshape(-1, 2)
        return cls.of_corners(vertices, normals.astype(np.float32), at_corners)

    @classmethod
    def of_corners(cls, vertices_m: Float32, normals: Float32, uv: Float32 | None) -> Mesh:
        """Of the corners of faces, three after three: places (3 F, 3), normals (3 F, 3) and texture coordinates
        (3 F, 2); what is equal in all becomes one vertex."""
        packed = np.hstack([vertices_m, normals] if uv is None else [vertices_m, normals, uv])
        first, index = distinct_rows(packed)
        return cls(
            vertices_m=np.ascontiguousarray(packed[first, :3]),
            normals=np.ascontiguousarray(packed[first, 3:6]),
            faces=index.reshape(-1, 3).astype(np.int32),
            uv=None if uv is None else np.ascontiguousarray(packed[first, 6:]),
        )

    def mapped(
        self, u_m: tuple[float, float, float], v_m: tuple[float, float, float], tile_m: float, mirrored: bool = False
    ) -> Mesh:
        """With texture coordinates that grow by 1 / ``tile_m`` per metre along two directions, or as many times faster
        as these are longer than 1. Without a seam, but drawn out where the surface faces along one of them.

        Args:
            mirrored: those of the left side, y > 0, on both.
        """
        places = self.vertices_m.astype(np.float64)
        if mirrored:
            places[:, 1] = np.abs(places[:, 1])
        uv = places @ np.array([u_m, v_m]).T / tile_m
        return replace(self, uv=uv.astype(np.float32))


def bounds(mesh: Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(3,), (3,) lowest and highest coordinates in the mesh's own frame; of a mesh with vertices."""
    columns = np.ascontiguousarray(mesh.vertices_m.T)  # along rows of three NumPy takes twice as long
    return columns.min(axis=1).astype(np.float64), columns.max(axis=1).astype(np.float64)


def ball(mesh: Mesh) -> tuple[tuple[float, float, float], float]:
    """Centre of the mesh's box and the distance from there of its farthest vertex, in its own frame."""
    if len(mesh.vertices_m) == 0:
        return (0.0, 0.0, 0.0), 0.0
    columns = np.ascontiguousarray(mesh.vertices_m.T, dtype=np.float64)
    center = 0.5 * (columns.min(axis=1) + columns.max(axis=1))
    x, y, z = (columns - center[:, None]) ** 2
    return (float(center[0]), float(center[1]), float(center[2])), float(np.sqrt((x + y + z).max()))


def _triangles(vertices_m: ArrayLike, faces: NDArray[np.int32]) -> tuple[Float32, Float32, Float32]:
    """Corners (F, 3, 3), unit normals (F, 3) and areas (F,) of the faces; the area of a degenerate one is 0."""
    corners = np.asarray(vertices_m, dtype=np.float32)[faces]
    a, b = (corners[:, k] - corners[:, 0] for k in (1, 2))
    cross = np.stack([a[:, i] * b[:, j] - a[:, j] * b[:, i] for i, j in ((1, 2), (2, 0), (0, 1))], axis=1)
    length = np.sqrt(np.einsum("ij,ij->i", cross, cross))
    length[length <= 1e-12] = 0.0
    normals: Float32 = (cross / np.maximum(length, 1e-12)[:, None]).astype(np.float32)
    areas: Float32 = (0.5 * length).astype(np.float32)
    return corners, normals, areas


def distinct_rows(rows: Float32 | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of rows (N, k): the first of each that differs from all before it (D,), and which of these each row is (N,)."""
    if rows.dtype == np.float32:
        columns = np.array(rows.T, dtype=np.float32, order="C")
        columns += np.float32(0.0)  # makes -0 the same as 0
        return distinct(columns.view(np.uint32))
    return distinct(np.ascontiguousarray(rows.T, dtype=np.int64))


def distinct(columns: NDArray[np.uint32] | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As ``distinct_rows``, of the rows that columns (k, N) make."""
    key = _keys(columns)
    by_key = np.argsort(key, kind="stable")
    key = key[by_key]
    differs = np.ones(len(key), dtype=np.bool_)
    np.not_equal(key[1:], key[:-1], out=differs[1:])
    of_key = by_key[differs]
    is_first = np.zeros(len(key), dtype=np.bool_)
    is_first[of_key] = True
    rank = (np.cumsum(is_first) - 1)[of_key]
    index = np.empty_like(by_key)
    index[by_key] = rank[np.cumsum(differs) - 1]
    return np.flatnonzero(is_first), index


def count_distinct(columns: NDArray[np.uint32] | NDArray[np.int64]) -> int:
    """How many rows ``distinct`` finds, in a third of its time."""
    key = np.sort(_keys(columns))
    return int(np.count_nonzero(key[1:] != key[:-1])) + min(1, len(key))


def _keys(columns: NDArray[np.uint32] | NDArray[np.int64]) -> NDArray[np.uint64]:
    """(N,) a hash of each row: sorting these is ten times as fast as sorting rows."""
    key = np.zeros(columns.shape[1], dtype=np.uint64)
    for column in columns:
        key ^= column.astype(np.uint64)
        key *= np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key
