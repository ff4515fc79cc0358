"""Meshes and textures on the GPU, each uploaded once, known by its digest."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.keeping import Block, ByteCache
from simgen.core.srgb import LINEAR
from simgen.rendering.raster.detail import versions
from simgen.scene.mesh import Mesh, Texture, ball, distinct_rows

MESH_BYTES = 64 * 2**20
TEXTURE_BYTES = 96 * 2**20
"""Budgets of one context: of meshes as the buffers want them, and of textures with their mipmaps. What the scene
at hand needs is there whatever they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where one version of a mesh lies in the pool.

    ``base_vertex`` counts in the full vertices, ``base_position`` in the positions without repetition; the indices of
    both start at ``first_index``. ``closed``: seen from outside, no face shows its back.
    """

    first_index: int
    index_count: int
    base_vertex: int
    base_position: int
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A mesh in the pool: its versions from fine to coarse, and the sphere around it in its own frame."""

    versions: tuple[Range, ...]
    center_m: tuple[float, float, float]
    radius_m: float


class MeshPool:
    """The meshes of one scene in one vertex and one index buffer, so that any set of them is one multi-draw.

    ``positions`` and ``position_indices`` hold the same triangles for passes that ask for depth alone: vertices that
    differ only in normal or texture are one there.

    ``generation`` changes whenever the buffers hold something else. What of a mesh goes into them is kept for the
    scenes to come.
    """

    def __init__(self, context: Any, budget_bytes: int = MESH_BYTES) -> None:
        self._context = context
        self._pieces: ByteCache[str, _Piece] = ByteCache(budget_bytes)
        self._pooled: dict[str, Pooled] = {}
        self._buffers: list[Any] = [None] * 4
        self.generation = 0

    @property
    def vertices(self) -> Any:
        return self._buffers[0]

    @property
    def indices(self) -> Any:
        return self._buffers[1]

    @property
    def positions(self) -> Any:
        return self._buffers[2]

    @property
    def position_indices(self) -> Any:
        return self._buffers[3]

    def pooled(self, meshes: Sequence[Mesh]) -> list[Pooled]:
        """One per mesh; when one is missing, these replace what the buffers held."""
        if self.generation == 0 or any(m.digest not in self._pooled for m in meshes):
            self._upload({m.digest: m for m in meshes})
        return [self._pooled[m.digest] for m in meshes]

    def _upload(self, meshes: dict[str, Mesh]) -> None:
        self._pooled = {}
        pieces = []
        first = base = base_position = 0
        for digest, mesh in meshes.items():
            piece = self._pieces.get(digest, functools.partial(_piece, mesh))
            pieces.append(piece)
            self._pooled[digest] = replace(
                piece.place,
                versions=tuple(
                    replace(
                        v,
                        first_index=first + v.first_index,
                        base_vertex=base + v.base_vertex,
                        base_position=base_position + v.base_position,
                    )
                    for v in piece.place.versions
                ),
            )
            first += len(piece.indices)
            base += len(piece.vertices)
            base_position += len(piece.positions)
        self._fill(0, [p.vertices for p in pieces])
        self._fill(1, [p.indices for p in pieces])
        self._fill(2, [p.positions for p in pieces])
        self._fill(3, [p.position_indices for p in pieces])
        self.generation += 1

    def _fill(self, which: int, arrays: Sequence[NDArray[Any]]) -> None:
        """Writes them one after the other. A buffer is replaced only where it is too small, or far too large."""
        size = max(sum(a.nbytes for a in arrays), 32)
        buffer = self._buffers[which]
        if buffer is None or not size <= buffer.size <= 4 * size + 2**20:
            if buffer is not None:
                buffer.release()
            buffer = self._buffers[which] = self._context.buffer(reserve=size + size // 4)
        if arrays:
            buffer.write(np.concatenate(arrays))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """What of one mesh goes into the buffers, all its versions, and where they lie in it.

    vertices: (V, 8) position, normal, uv; indices: (3 F,); positions: (P, 3); position_indices: (3 F,).
    """

    vertices: NDArray[np.float32]
    indices: NDArray[np.uint32]
    positions: NDArray[np.float32]
    position_indices: NDArray[np.uint32]
    place: Pooled


def _piece(mesh: Mesh) -> _Piece:
    packed = np.zeros((len(mesh.vertices_m), 8), dtype=np.float32)
    packed[:, 0:3] = mesh.vertices_m
    packed[:, 3:6] = mesh.normals
    if mesh.uv is not None:
        packed[:, 6:8] = mesh.uv
    faces = mesh.faces.astype(np.uint32)
    pile = _Pile()
    found = [pile.add(packed, faces)]
    for version in versions(packed, faces, pile.positions[0], pile.position_indices[0].reshape(-1, 3)):
        found.append(found[-1] if version is None else pile.add(version.vertices, version.faces))
    center, radius = ball(mesh)
    return _Piece(
        vertices=np.concatenate(pile.vertices),
        indices=np.concatenate(pile.indices),
        positions=np.concatenate(pile.positions),
        position_indices=np.concatenate(pile.position_indices),
        place=Pooled(
            versions=tuple(found),
            center_m=center,
            radius_m=1.0001 * radius + 1e-6 if len(mesh.vertices_m) else 0.0,
        ),
    )


class _Pile:
    """Versions of a mesh, one after the other."""

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
            closed=is_closed(place, index),
        )
        self.vertices.append(vertices)
        self.indices.append(faces.ravel())
        self.positions.append(place)
        self.position_indices.append(index)
        self._first += faces.size
        self._base += len(vertices)
        self._base_position += len(place)
        return result


def welded(
    vertices_m: NDArray[np.float32], faces: NDArray[np.uint32]
) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Positions (P, 3) without repetition, in the order in which they come, and indices (3 F,) of them."""
    vertices = np.ascontiguousarray(vertices_m, dtype=np.float32)
    if len(vertices) == 0:
        return np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.uint32)
    first, index = distinct_rows(vertices)
    return vertices[first], index[faces.ravel()].astype(np.uint32)


def is_closed(vertices_m: NDArray[np.float32], indices: NDArray[np.uint32]) -> bool:
    """Whether triangles bound a volume and face away from it: each edge is passed once either way."""
    if len(indices) == 0:
        return False
    faces = indices.reshape(-1, 3).astype(np.int64)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    count = len(vertices_m)
    there, back = np.sort(edges[:, 0] * count + edges[:, 1]), np.sort(edges[:, 1] * count + edges[:, 0])
    if not np.array_equal(there, back) or (there[1:] == there[:-1]).any():  # open, or folded onto itself
        return False
    a, b, c = (vertices_m[faces[:, k]].astype(np.float64) - vertices_m[0] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c))) > 0.0


class TexturePool:
    """Textures with mipmaps: square root of linear colour, roughness factor in alpha. Row 0 stays the top: shaders
    flip v.

    The square root spreads eight bits as evenly to the eye as sRGB does, and costs a shader nothing: the G-buffer
    holds square roots too. Only the mipmaps have to be means of light, and those are made here, once.
    """

    def __init__(self, context: Any, budget_bytes: int = TEXTURE_BYTES) -> None:
        self._context = context
        self._textures: ByteCache[str, Any] = ByteCache(
            budget_bytes, blocks=_texture_blocks, release=lambda texture: texture.release()
        )

    def get(self, texture: Texture, wanted: Collection[str]) -> Any:
        """The texture on the GPU; those whose digests are ``wanted`` besides stay there."""
        return self._textures.get(texture.digest, lambda: self._make(texture), wanted)

    def _make(self, source: Texture) -> Any:
        height, width = source.pixels.shape[:2]
        pixels = np.full((height, width, 4), 255, dtype=np.uint8)
        pixels[..., :3] = source.pixels
        if source.roughness is not None:
            pixels[..., 3] = source.roughness
        light = np.asarray(cv2.LUT(pixels, _LIGHT), dtype=np.float32)
        texture = self._context.texture((width, height), 4, cv2.LUT(pixels, _rooted(_LIGHT)))
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


def _light() -> NDArray[np.float32]:
    """(1, 256, 4) linear colour of an sRGB byte, and roughness factor of one of roughness."""
    linear = LINEAR.astype(np.float32)
    return np.stack([linear, linear, linear, np.arange(256, dtype=np.float32) / np.float32(255)], axis=-1)[None]


_LIGHT = _light()


def _rooted(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    root = np.sqrt(light)
    root[..., 3] = light[..., 3]
    root *= np.float32(255)
    root += np.float32(0.5)
    return root.astype(np.uint8)


def _texture_blocks(texture: Any) -> Iterator[Block]:
    yield id(texture), texture.width * texture.height * 4 * 4 // 3
