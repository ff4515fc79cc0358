"""Meshes and textures on the GPU, each uploaded once, known by its digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.rendering.raster.detail import versions
from simgen.scene.mesh import Mesh, Texture

_KEEP_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where one version of a mesh lies in the pool.

    ``base_vertex`` counts in the full vertices, ``base_position`` in the positions without repetition; the indices of
    both start at ``first_index``.
    """

    first_index: int
    index_count: int
    base_vertex: int
    base_position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A mesh in the pool: its versions from fine to coarse, and the sphere around it in its own frame.

    ``closed``: seen from outside, no face shows its back.
    """

    versions: tuple[Range, ...]
    center_m: tuple[float, float, float]
    radius_m: float
    closed: bool


class MeshPool:
    """All meshes in one vertex and one index buffer, so that any set of them is one multi-draw.

    ``positions`` and ``position_indices`` hold the same triangles for passes that ask for depth alone: vertices that
    differ only in normal or texture are one there.

    ``generation`` changes whenever the buffers are other ones.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._pooled: dict[str, Pooled] = {}
        self._meshes: dict[str, Mesh] = {}
        self.vertices: Any = None
        self.indices: Any = None
        self.positions: Any = None
        self.position_indices: Any = None
        self.generation = 0

    def pooled(self, meshes: Sequence[Mesh]) -> list[Pooled]:
        """One per mesh; what is missing is uploaded."""
        if any(m.digest not in self._pooled for m in meshes):
            wanted = {m.digest: m for m in meshes}
            kept = self._meshes if sum(m.vertices_m.nbytes for m in self._meshes.values()) < _KEEP_BYTES else {}
            self._upload({**kept, **wanted})
        return [self._pooled[m.digest] for m in meshes]

    def _upload(self, meshes: dict[str, Mesh]) -> None:
        self.release()
        pile = _Pile()
        for digest, mesh in meshes.items():
            packed = np.zeros((len(mesh.vertices_m), 8), dtype=np.float32)
            packed[:, 0:3] = mesh.vertices_m
            packed[:, 3:6] = mesh.normals
            if mesh.uv is not None:
                packed[:, 6:8] = mesh.uv
            faces = mesh.faces.astype(np.uint32)
            found = [pile.add(packed, faces)]
            for version in versions(packed, faces):
                found.append(found[-1] if version is None else pile.add(version.vertices, version.faces))
            center, radius = bounding_sphere(mesh)
            self._pooled[digest] = Pooled(
                versions=tuple(found),
                center_m=(float(center[0]), float(center[1]), float(center[2])),
                radius_m=radius,
                closed=is_closed(*welded(packed[:, :3], faces)),
            )
        self._meshes = dict(meshes)
        self.vertices = self._context.buffer(_bytes(pile.vertices) or bytes(32))
        self.indices = self._context.buffer(_bytes(pile.indices) or bytes(12))
        self.positions = self._context.buffer(_bytes(pile.positions) or bytes(12))
        self.position_indices = self._context.buffer(_bytes(pile.position_indices) or bytes(12))
        self.generation += 1

    def release(self) -> None:
        for buffer in (self.vertices, self.indices, self.positions, self.position_indices):
            if buffer is not None:
                buffer.release()
        self.vertices = self.indices = self.positions = self.position_indices = None
        self._pooled = {}


class _Pile:
    """What goes into the buffers, one piece after the other."""

    def __init__(self) -> None:
        self.vertices: list[NDArray[np.float32]] = []
        self.indices: list[NDArray[np.uint32]] = []
        self.positions: list[NDArray[np.float32]] = []
        self.position_indices: list[NDArray[np.uint32]] = []
        self._first = self._base = self._base_position = 0

    def add(self, vertices: NDArray[np.float32], faces: NDArray[np.uint32]) -> Range:
        place, index = welded(vertices[:, :3], faces)
        result = Range(
            first_index=self._first,
            index_count=faces.size,
            base_vertex=self._base,
            base_position=self._base_position,
        )
        self.vertices.append(vertices)
        self.indices.append(faces.ravel())
        self.positions.append(place)
        self.position_indices.append(index)
        self._first += faces.size
        self._base += len(vertices)
        self._base_position += len(place)
        return result


def bounding_sphere(mesh: Mesh) -> tuple[Array, float]:
    """Centre of the mesh's box and the distance of its farthest vertex."""
    if len(mesh.vertices_m) == 0:
        return np.zeros(3), 0.0
    vertices = mesh.vertices_m.astype(np.float64)
    center = 0.5 * (vertices.min(axis=0) + vertices.max(axis=0))
    return center, float(np.linalg.norm(vertices - center, axis=1).max()) * 1.0001 + 1e-6


def welded(
    vertices_m: NDArray[np.float32], faces: NDArray[np.uint32]
) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Positions (P, 3) without repetition, in the order in which they come, and indices (3 F,) of them."""
    vertices = np.ascontiguousarray(vertices_m, dtype=np.float32)
    if len(vertices) == 0:
        return np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.uint32)
    bits = vertices.view(np.dtype((np.void, 12))).ravel()
    _, first, group = np.unique(bits, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    return vertices[first[order]], rank[group.ravel()[faces.ravel()]]


def is_closed(vertices_m: NDArray[np.float32], indices: NDArray[np.uint32]) -> bool:
    """Whether triangles bound a volume and face away from it: each edge is passed once either way."""
    if len(indices) == 0:
        return False
    faces = indices.reshape(-1, 3).astype(np.int64)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    count = len(vertices_m)
    there, back = np.sort(edges[:, 0] * count + edges[:, 1]), np.sort(edges[:, 1] * count + edges[:, 0])
    if not np.array_equal(there, back):
        return False
    a, b, c = (vertices_m[faces[:, k]].astype(np.float64) - vertices_m[0] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c))) > 0.0


class TexturePool:
    """Textures with mipmaps: square root of linear colour, roughness factor in alpha. Row 0 stays the top: shaders
    flip v.

    The square root spreads eight bits as evenly to the eye as sRGB does, and costs a shader nothing: the G-buffer
    holds square roots too. Only the mipmaps have to be means of light, and those are made here, once.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._textures: dict[str, Any] = {}

    def get(self, texture: Texture) -> Any:
        if texture.digest not in self._textures:
            self._textures[texture.digest] = self._make(texture)
        return self._textures[texture.digest]

    def keep(self, digests: Iterable[str]) -> None:
        """Drops every texture that is not named, once there are many."""
        if len(self._textures) > 256:
            wanted = set(digests)
            for digest in [d for d in self._textures if d not in wanted]:
                self._textures.pop(digest).release()

    def _make(self, source: Texture) -> Any:
        height, width = source.pixels.shape[:2]
        light = np.ones((height, width, 4), dtype=np.float32)
        light[..., :3] = _LINEAR_OF_SRGB[source.pixels]
        if source.roughness is not None:
            light[..., 3] = source.roughness / np.float32(255)
        texture = self._context.texture((width, height), 4, _rooted(light))
        texture.build_mipmaps()
        level = 0
        while width > 1 or height > 1:
            width, height, level = max(width // 2, 1), max(height // 2, 1), level + 1
            smaller = cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA)
            light = np.asarray(smaller, dtype=np.float32).reshape(height, width, 4)
            texture.write(_rooted(light), level=level)
        texture.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        texture.repeat_x = texture.repeat_y = True
        return texture


_LINEAR_OF_SRGB = np.where(
    np.arange(256) <= 0.04045 * 255, np.arange(256) / 255 / 12.92, ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4
).astype(np.float32)


def _rooted(light: NDArray[np.float32]) -> bytes:
    packed = light.copy()
    np.sqrt(packed[..., :3], out=packed[..., :3])
    return (packed * 255 + np.float32(0.5)).astype(np.uint8).tobytes()


def _bytes(arrays: Sequence[NDArray[np.generic]]) -> bytes:
    return b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
