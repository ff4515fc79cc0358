"""A mesh file of a user (glTF, OBJ, STL) as parts in the body frame, with its materials and textures.

Colours follow the formats: factors of glTF 2.0 and its vertex colours are linear, its absent factors are 1 (section
3.9.2 of the specification), and what an OBJ's material library states is sRGB. What colours of vertices or faces say is
kept, in a texture where they are many. An emissive factor of 1 is ``EMISSION_CD_M2``. All surfaces are opaque;
``user_materials.left_out`` says what of a file's materials is not shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from simgen.core.errors import AssetError
from simgen.core.geometry import Array
from simgen.core.srgb import decoded
from simgen.scene import user_materials
from simgen.scene.body import CollisionShape, Part
from simgen.scene.mesh import Material, Mesh, Rgb, Texture, linear
from simgen.scene.paint import painted
from simgen.scene.user_materials import Emissive

_INDEX = re.compile(r"-?[0-9]{1,18}")

GREY: Rgb = (0.55, 0.55, 0.55)
MAX_TEXTURE_PX = 2048
MAX_COLORS = 32
"""Faces painted in more colours than these, or in several each, get a texture."""
EMISSION_CD_M2 = 203.0
"""What an emissive factor of 1 sends out: the reference white of ITU-R BT.2408, section 2.1. glTF 2.0 counts candela
per square metre too, but leaves open what a factor of 1 is (section 3.9.3); to most programs it is the white of a
screen."""
MAX_HULL_POINTS = 128
MANY_POINTS = 20_000
FLAT_M = 0.002
"""Thickness of the box that stands for a mesh without volume."""
FARTHEST = 1e12
"""Of a coordinate, in any unit: beyond it single precision has nothing left of a shape."""
LEAST_AREA = 1e-7
"""Share of the square of its length below which a mesh is a line: that of a wire of a ten-millionth of its length."""
LEAST_AREA_M2 = 1e-10
AXES = {"x": (1, 0, 0), "-x": (-1, 0, 0), "y": (0, 1, 0), "-y": (0, -1, 0), "z": (0, 0, 1), "-z": (0, 0, -1)}


def read(path: Path, *, up: str, forward: str, scale: float, size_m: float | None) -> list[Part]:
    """The parts of a file, standing in the body frame: the middle of the footprint at the origin, the lowest point on
    the ground, x along ``forward`` and z along ``up``.

    Args:
        up, forward: axes of the file ("y", "-z"), at right angles.
        scale: metres per unit of the file.
        size_m: length that the longest side gets, in place of ``scale``.

    Raises:
        AssetError: no reader makes triangles of the file, or these are no surface.
    """
    pieces = _pieces(path)
    points = np.concatenate([piece.vertices for piece in pieces])
    x, z = np.array(AXES[forward], dtype=np.float64), np.array(AXES[up], dtype=np.float64)
    turn = np.stack([x, np.cross(z, x), z])
    points = points @ turn.T
    low, high = points.min(axis=0), points.max(axis=0)
    longest = float((high - low).max())
    if longest <= 0.0:
        message = "the mesh has no area: all of its points are one"
        raise AssetError(message, where=str(path), remedy="export its surfaces")
    factor = scale if size_m is None else size_m / longest
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    parts = [Part(name=p.name, mesh=p.mesh(turn, origin, factor), material=p.material) for p in pieces]
    areas = [_area_m2(part.mesh) for part in parts]
    if sum(areas) <= max(LEAST_AREA * (longest * factor) ** 2, LEAST_AREA_M2):
        message = f"the mesh has no area: its triangles are lines or points; it is {longest * factor:.3g} m long"
        remedy = "export its surfaces" if longest * factor > 1e-3 else "state its size, or a larger scale"
        raise AssetError(message, where=str(path), remedy=remedy)
    return [part for part, area in zip(parts, areas, strict=True) if area > 0.0]


def hull(parts: list[Part]) -> CollisionShape:
    """The convex hull around all parts, or a thin box where they lie in one plane."""
    import trimesh

    points = np.concatenate([p.mesh.vertices_m for p in parts]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    if float((high - low).min()) < FLAT_M:
        middle = np.eye(4)
        middle[:3, 3] = (low + high) / 2
        size = np.maximum(high - low, FLAT_M)
        return CollisionShape(kind="box", size_m=tuple(float(s) for s in size), body_from_shape=middle)
    points = _thick(points)
    # Farthest points are corners of the hull. Where they tell that it has too many, nobody need know all of them: of a
    # ball of a million triangles that takes a minute.
    round_ = len(points) > MANY_POINTS and len(_farthest(points, 4 * MAX_HULL_POINTS)) > MAX_HULL_POINTS
    corners = points
    if not round_:
        corners = np.asarray(cast(Any, trimesh.convex.convex_hull(points)).vertices, dtype=np.float64)
    if len(corners) > MAX_HULL_POINTS:
        corners = _farthest(corners, MAX_HULL_POINTS)
    return CollisionShape(kind="hull", points_m=corners)


def _farthest(points: Array, count: int) -> Array:
    """(C, 3) the farthest of points along ``count`` directions spread evenly over the sphere (Fibonacci's lattice), and
    along the axes."""
    k = np.arange(count) + 0.5
    polar, around = np.arccos(1 - 2 * k / count), np.pi * (1 + 5**0.5) * k
    ways = np.stack([np.cos(around) * np.sin(polar), np.sin(around) * np.sin(polar), np.cos(polar)], axis=1)
    ways = np.vstack([ways, np.eye(3), -np.eye(3)])
    found = [np.argmax(some @ points.T, axis=1) for some in np.array_split(ways, 1 + len(ways) // 16)]
    return np.unique(points[np.concatenate(found)], axis=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """A part as the file has it: vertices (V, 3) in the file's units, its own normals (V, 3) and texture coordinates
    (V, 2) where it has any, or those of its faces' corners (F, 3, 2)."""

    name: str
    vertices: Array
    faces: NDArray[np.int64]
    normals: Array | None
    uv: Array | None
    material: Material
    corner_uv: NDArray[np.float32] | None = None

    def mesh(self, turn: Array, origin: Array, factor: float) -> Mesh:
        """In the body frame, with the file's own normals, or with smooth ones; a textured mesh without normals is
        flat."""
        vertices_m = (self.vertices @ turn.T - origin) * factor
        if self.normals is None:
            if self.uv is not None:
                return Mesh.flat(vertices_m, self.faces, self.uv)
            return Mesh.smooth(vertices_m, self.faces, uv=self.corner_uv)
        if self.corner_uv is not None:
            at = self.faces.reshape(-1)
            normals = self.normals[at] @ turn.T
            return Mesh.of_corners(
                vertices_m[at].astype(np.float32), normals.astype(np.float32), self.corner_uv.reshape(-1, 2)
            )
        used, index = np.unique(self.faces, return_inverse=True)
        return Mesh(
            vertices_m=vertices_m[used].astype(np.float32),
            normals=(self.normals[used] @ turn.T).astype(np.float32),
            faces=index.reshape(-1, 3).astype(np.int32),
            uv=None if self.uv is None else self.uv[used].astype(np.float32),
        )


def _sound(points: Array, path: Path) -> None:
    """Raises AssetError where a coordinate is no number that can be calculated with."""
    finite = np.isfinite(points)
    if not finite.all():
        message = f"a coordinate of the mesh is {points[~finite][0]}: not a finite number"
        raise AssetError(message, where=str(path), remedy="export it again")
    farthest = float(np.abs(points).max())
    if farthest > FARTHEST:
        message = f"a coordinate of the mesh is {farthest:.3g}: it is read up to {FARTHEST:.0e}"
        raise AssetError(message, where=str(path), remedy="move the mesh to its origin and export it again")


def _thick(points: Array) -> Array:
    """Points (N, 3) that lie in a plane, or along a line, at any angle get the thickness that physics needs."""
    middle = points.mean(axis=0)
    axes = np.linalg.svd(points - middle, full_matrices=False)[2] if len(points) > 2 else np.eye(3)
    for axis in axes:
        if float(np.ptp((points - middle) @ axis)) < FLAT_M:
            points = np.concatenate([points - axis * FLAT_M / 2, points + axis * FLAT_M / 2])
    return points


def _area_m2(mesh: Mesh) -> float:
    a, b, c = (mesh.vertices_m[mesh.faces[:, k]].astype(np.float64) for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2


def _pieces(path: Path) -> list[_Piece]:
    """With the scene graph's transforms applied."""
    import trimesh  # costs over a second to import

    kind = path.suffix.lower().lstrip(".")
    gltf = path.suffix.lower() in user_materials.GLTF_SUFFIXES
    strengths = user_materials.emissive_strengths(path) if gltf else {}
    if gltf and user_materials.has_short_colors(path):
        message = "its vertices have colours of 16 bits and no material"
        raise AssetError(message, where=str(path), remedy="export colours of 8 bits, or with a material")
    try:
        scene = cast(Any, trimesh.load(path, force="scene", process=False))
        found = [
            piece
            for node in sorted(scene.graph.nodes_geometry)
            for piece in _of_node(
                str(node), scene.graph[node][0], scene.geometry[scene.graph[node][1]], path, strengths
            )
        ]
    except AssetError:
        raise
    except ImportError:  # a text of no known encoding, which readers try once the binary form does not fit
        message = f"cannot be read as {kind}: it is damaged, or cut off, or another kind of file"
        raise AssetError(message, where=str(path), remedy="export it again") from None
    except Exception as error:  # readers of files raise whatever a broken file makes them stumble over
        message = f"cannot be read as {kind}: {(_stray_index(path) if kind == 'obj' else None) or error}"
        raise AssetError(message, where=str(path), remedy="export it again") from None
    if not found:
        raise AssetError("there is no triangle in the file", where=str(path), remedy="export its meshes, too")
    return [replace(piece, name=f"{number}_{piece.name}") for number, piece in enumerate(found)]


def _stray_index(path: Path) -> str | None:
    """The first face of an OBJ that names a vertex which the file has not; readers, who count from zero, say neither
    where nor of what. None for a file whose faces are sound."""
    lines = [line.split() for line in path.read_bytes().splitlines()]
    vertices = sum(words[:1] == [b"v"] for words in lines)
    for number, words in enumerate(lines, start=1):
        for corner in words[1:] if words[:1] == [b"f"] else ():
            named = corner.split(b"/")[0].decode(errors="replace")
            if _INDEX.fullmatch(named) and not 1 <= abs(int(named)) <= vertices:
                return f"the face in line {number} names vertex {named}, and the file has {vertices} of them"
    return None


def _of_node(node: str, matrix: Array, source: Any, path: Path, strengths: dict[Emissive, float]) -> list[_Piece]:
    faces = np.asarray(getattr(source, "faces", np.empty((0, 3))), dtype=np.int64)
    if not len(faces):
        return []
    linear_part = np.asarray(matrix, dtype=np.float64)[:3, :3]
    own = np.asarray(source.vertices, dtype=np.float64)
    _sound(own, path)
    vertices = own @ linear_part.T + np.asarray(matrix)[:3, 3]
    if np.linalg.det(linear_part) < 0:
        faces = faces[:, ::-1]
    if faces.min() < 0 or faces.max() >= len(vertices):
        message = f"a triangle names vertex {faces.max()} of {len(vertices)}"
        raise AssetError(message, where=str(path), remedy="export it again")
    normals = None
    if "vertex_normals" in source._cache.cache:
        normals = np.asarray(source.vertex_normals, dtype=np.float64) @ np.linalg.inv(linear_part)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        normals = normals if np.isfinite(normals).all() else None
    srgb = path.suffix.lower() == ".obj"
    visual = source.visual
    kind = getattr(visual, "kind", None)
    colors: Array | None = None
    if kind == "texture":
        uv = None if visual.uv is None else np.asarray(visual.uv, dtype=np.float64)
        material = _material(node, visual.material, strengths, textured=uv is not None)
        beside = visual.vertex_attributes.get("color")
        if material.texture is not None or beside is None or len(beside) != len(vertices):
            shown = uv if material.texture is not None else None
            return [_Piece(name=node, vertices=vertices, faces=faces, normals=normals, uv=shown, material=material)]
        colors = _unit(beside)[faces, :3]
    else:
        material = Material(name=node, base_color=GREY)
        if kind == "vertex":
            colors = _unit(visual.vertex_colors)[faces, :3]
        elif kind == "face":
            colors = np.repeat(_unit(visual.face_colors)[:, None, :3], 3, axis=1)
        if colors is not None:
            material = replace(material, base_color=(1.0, 1.0, 1.0))
    if colors is None:
        return [_Piece(name=f"{node}_0", vertices=vertices, faces=faces, normals=normals, uv=None, material=material)]
    return _painted(
        _Piece(name=node, vertices=vertices, faces=faces, normals=normals, uv=None, material=material),
        decoded(colors) if srgb else colors,
    )


def _painted(piece: _Piece, colors: Array) -> list[_Piece]:
    """A piece in the colours (F, 3, 3), linear RGB, of its faces' corners: a piece for each of a few colours, or one
    with a texture."""
    tint = np.asarray(piece.material.base_color)
    if (colors == colors[:, :1]).all():
        distinct, index = np.unique(colors[:, 0], axis=0, return_inverse=True)
        if len(distinct) <= MAX_COLORS:
            return [
                replace(
                    piece,
                    name=f"{piece.name}_{k}",
                    faces=piece.faces[index.reshape(-1) == k],
                    material=replace(piece.material, name=f"{piece.name}_{k}", base_color=_rgb(color * tint, False)),
                )
                for k, color in enumerate(distinct)
            ]
    texture, uv = painted(piece.name, colors, piece.vertices[piece.faces].mean(axis=1))
    return [replace(piece, corner_uv=uv, material=replace(piece.material, texture=texture))]


def _material(name: str, source: Any, strengths: dict[Emissive, float], *, textured: bool) -> Material:
    if not hasattr(source, "baseColorFactor"):
        image = getattr(source, "image", None)
        color = (1.0, 1.0, 1.0) if image is not None else _rgb(np.asarray(source.diffuse)[:3] / 255.0, True)
        texture = None if image is None or not textured else Texture(name=name, pixels=_pixels(image))
        return Material(name=name, base_color=color, roughness=0.7, texture=texture)
    factor = source.baseColorFactor
    color = (1.0, 1.0, 1.0) if factor is None else _rgb(_unit(factor)[:3], False)
    roughness = 1.0 if source.roughnessFactor is None else float(source.roughnessFactor)
    metallic = 1.0 if source.metallicFactor is None else float(source.metallicFactor)
    texture = None
    painted, rough = source.baseColorTexture, source.metallicRoughnessTexture
    if textured and (painted is not None or rough is not None):
        pixels = np.full((4, 4, 3), 255, dtype=np.uint8) if painted is None else _pixels(painted)
        shares: NDArray[np.uint8] | None = None
        if rough is not None:
            # glTF 2.0, 3.9.2: roughness in green, metalness in blue
            both = _pixels(rough, None if painted is None else (pixels.shape[1], pixels.shape[0]))
            shares = np.ascontiguousarray(both[..., 1])
            metallic *= float(both[..., 2].mean()) / 255.0
            if painted is None:
                pixels = np.full_like(both, 255)
        texture = Texture(name=name, pixels=pixels, roughness=shares)
    return Material(
        name=name,
        base_color=color,
        roughness=roughness,
        metallic=metallic,
        texture=texture,
        emission_cd_m2=_emission(source, strengths),
    )


def _emission(source: Any, strengths: dict[Emissive, float]) -> Rgb:
    """cd/m² of a glTF material, even over its surface: that of an emissive texture's mean."""
    if source.emissiveFactor is None:
        return 0.0, 0.0, 0.0
    factor = np.asarray(source.emissiveFactor, dtype=np.float64)
    light = EMISSION_CD_M2 * factor * strengths.get((source.name, tuple(factor.tolist())), 1.0)
    if source.emissiveTexture is not None:
        light = light * decoded(_pixels(source.emissiveTexture) / 255.0).mean(axis=(0, 1))
    r, g, b = (float(value) for value in light)
    return r, g, b


def _unit(factor: Any) -> Array:
    """Colours in [0, 1]; the reader keeps factors in bytes, and colours beside a material as the file has them."""
    values = np.asarray(factor)
    return values / np.iinfo(values.dtype).max if values.dtype.kind in "ui" else values.astype(np.float64)


def _rgb(values: Array, srgb: bool) -> Rgb:
    r, g, b = (float(np.clip(v, 0.0, 1.0)) for v in values[:3])
    return linear((r, g, b)) if srgb else (r, g, b)


def _pixels(image: Any, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """(H, W, 3) of a picture, its sides powers of two."""
    from PIL import Image

    picture = image.convert("RGB")
    if size is None:
        width, height = (min(MAX_TEXTURE_PX, 2 ** max(2, round(float(np.log2(n))))) for n in picture.size)
        size = (width, height)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    return np.array(picture, dtype=np.uint8)
