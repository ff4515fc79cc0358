"""Meshes and textures on the GPU, each uploaded once, known by its digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.mesh import Mesh, Texture

_SRGB8_ALPHA8 = 0x8C43
_KEEP_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where a mesh lies in the pool, and the sphere around it in its own frame.

    ``base_vertex`` counts in the full vertices, ``base_position`` in the positions without repetition; the indices of
    both start at ``first_index``.
    """

    first_index: int
    index_count: int
    base_vertex: int
    base_position: int
    center_m: tuple[float, float, float]
    radius_m: float


class MeshPool:
    """All meshes in one vertex and one index buffer, so that any set of them is one multi-draw.

    ``positions`` and ``position_indices`` hold the same triangles for passes that ask for depth alone: vertices that
    differ only in normal or texture are one there.

    ``generation`` changes whenever the buffers are other ones.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._ranges: dict[str, Range] = {}
        self._meshes: dict[str, Mesh] = {}
        self.vertices: Any = None
        self.indices: Any = None
        self.positions: Any = None
        self.position_indices: Any = None
        self.generation = 0

    def ranges(self, meshes: Sequence[Mesh]) -> list[Range]:
        """One range per mesh; what is missing is uploaded."""
        if any(m.digest not in self._ranges for m in meshes):
            wanted = {m.digest: m for m in meshes}
            kept = self._meshes if sum(m.vertices_m.nbytes for m in self._meshes.values()) < _KEEP_BYTES else {}
            self._upload({**kept, **wanted})
        return [self._ranges[m.digest] for m in meshes]

    def _upload(self, meshes: dict[str, Mesh]) -> None:
        self.release()
        vertices: list[NDArray[np.float32]] = []
        indices: list[NDArray[np.uint32]] = []
        positions: list[NDArray[np.float32]] = []
        position_indices: list[NDArray[np.uint32]] = []
        first, base, base_position = 0, 0, 0
        for digest, mesh in meshes.items():
            packed = np.zeros((len(mesh.vertices_m), 8), dtype=np.float32)
            packed[:, 0:3] = mesh.vertices_m
            packed[:, 3:6] = mesh.normals
            if mesh.uv is not None:
                packed[:, 6:8] = mesh.uv
            center, radius = bounding_sphere(mesh)
            self._ranges[digest] = Range(
                first_index=first,
                index_count=mesh.faces.size,
                base_vertex=base,
                base_position=base_position,
                center_m=(float(center[0]), float(center[1]), float(center[2])),
                radius_m=radius,
            )
            place, index = welded(mesh)
            positions.append(place)
            position_indices.append(index)
            base_position += len(place)
            vertices.append(packed)
            indices.append(mesh.faces.astype(np.uint32).ravel())
            first += mesh.faces.size
            base += len(mesh.vertices_m)
        self._meshes = dict(meshes)
        self.vertices = self._context.buffer(_bytes(vertices) or bytes(32))
        self.indices = self._context.buffer(_bytes(indices) or bytes(12))
        self.positions = self._context.buffer(_bytes(positions) or bytes(12))
        self.position_indices = self._context.buffer(_bytes(position_indices) or bytes(12))
        self.generation += 1

    def release(self) -> None:
        for buffer in (self.vertices, self.indices, self.positions, self.position_indices):
            if buffer is not None:
                buffer.release()
        self.vertices = self.indices = self.positions = self.position_indices = None
        self._ranges = {}


def bounding_sphere(mesh: Mesh) -> tuple[Array, float]:
    """Centre of the mesh's box and the distance of its farthest vertex."""
    if len(mesh.vertices_m) == 0:
        return np.zeros(3), 0.0
    vertices = mesh.vertices_m.astype(np.float64)
    center = 0.5 * (vertices.min(axis=0) + vertices.max(axis=0))
    return center, float(np.linalg.norm(vertices - center, axis=1).max()) * 1.0001 + 1e-6


def welded(mesh: Mesh) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Positions (P, 3) of the mesh without repetition, in the order in which they come, and indices (3 F,) of them."""
    vertices = np.ascontiguousarray(mesh.vertices_m, dtype=np.float32)
    if len(vertices) == 0:
        return np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.uint32)
    bits = vertices.view(np.dtype((np.void, 12))).ravel()
    _, first, group = np.unique(bits, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    return vertices[first[order]], rank[group.ravel()[mesh.faces.ravel()]]


class TexturePool:
    """Textures with mipmaps: sRGB colour, roughness factor in alpha. Row 0 stays the top: shaders flip v."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._textures: dict[str, Any] = {}
        self._plain = self._make(np.full((1, 1, 4), 255, dtype=np.uint8))

    def get(self, texture: Texture | None) -> Any:
        if texture is None:
            return self._plain
        if texture.digest not in self._textures:
            height, width = texture.pixels.shape[:2]
            packed = np.full((height, width, 4), 255, dtype=np.uint8)
            packed[..., :3] = texture.pixels
            if texture.roughness is not None:
                packed[..., 3] = texture.roughness
            self._textures[texture.digest] = self._make(packed)
        return self._textures[texture.digest]

    def keep(self, digests: Iterable[str]) -> None:
        """Drops every texture that is not named, once there are many."""
        if len(self._textures) > 256:
            wanted = set(digests)
            for digest in [d for d in self._textures if d not in wanted]:
                self._textures.pop(digest).release()

    def _make(self, packed: NDArray[np.uint8]) -> Any:
        height, width = packed.shape[:2]
        texture = self._context.texture((width, height), 4, packed.tobytes(), internal_format=_SRGB8_ALPHA8)
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        texture.repeat_x = texture.repeat_y = True
        return texture


def _bytes(arrays: Sequence[NDArray[np.generic]]) -> bytes:
    return b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)
