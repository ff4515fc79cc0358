"""Putting many static pieces together: one part per material, one body for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from simgen.core.geometry import Array
from simgen.scene import shapes, textures
from simgen.scene.body import Asset, Body, CollisionShape, Part
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.shapes import Quad, Shape, join, quads


class Pile:
    """Collects shapes by material, in the order in which the materials first came."""

    def __init__(self) -> None:
        self._shapes: dict[str, list[Shape]] = {}
        self._quads: dict[str, list[tuple[float, list[Quad]]]] = {}
        self._materials: dict[str, Material] = {}

    def add(self, material: Material, *pieces: Shape) -> None:
        """Materials are told apart by their names."""
        self._materials[material.name] = material
        self._shapes.setdefault(material.name, []).extend(pieces)

    def add_quads(self, material: Material, rectangles: Sequence[Quad], x_m: float) -> None:
        """Rectangles that are moved by ``x_m`` along x after their texture coordinates were measured."""
        self._materials[material.name] = material
        self._quads.setdefault(material.name, []).append((x_m, list(rectangles)))

    def parts(self, matrix: Array | None = None) -> tuple[Part, ...]:
        """Flat-shaded parts named after their materials, all moved by a rigid transform (4, 4) if there is one."""
        parts = []
        for name, material in self._materials.items():
            shape = join([*self._shapes.get(name, ()), *self._rectangles(name)])
            moved = shape if matrix is None else shape.moved(matrix)
            parts.append(Part(name=name, mesh=moved.flat(), material=material))
        return tuple(parts)

    def _rectangles(self, name: str) -> list[Shape]:
        groups = self._quads.get(name)
        if not groups:
            return []
        shape = quads([quad for _, group in groups for quad in group])
        shift = np.repeat([x for x, _ in groups], [4 * len(group) for _, group in groups])
        return [Shape(shape.points_m + shift[:, None] * np.array([1.0, 0.0, 0.0]), shape.faces, shape.uv)]


def merged(meshes: Sequence[tuple[Mesh, Array]]) -> Mesh:
    """One mesh of several, each moved by a rigid transform (4, 4); texture coordinates survive if all have some."""
    offsets = np.cumsum([0, *(len(m.vertices_m) for m, _ in meshes[:-1])])
    with_uv = all(m.uv is not None for m, _ in meshes)
    return Mesh(
        vertices_m=np.vstack([m.vertices_m @ t[:3, :3].T + t[:3, 3] for m, t in meshes]).astype(np.float32),
        normals=np.vstack([m.normals @ t[:3, :3].T for m, t in meshes]).astype(np.float32),
        faces=np.vstack([m.faces + o for (m, _), o in zip(meshes, offsets, strict=True)]).astype(np.int32),
        uv=np.vstack([m.uv for m, _ in meshes if m.uv is not None]).astype(np.float32) if with_uv else None,
    )


def _dimmed(color: Rgb, share: float) -> Rgb:
    return (color[0] * share, color[1] * share, color[2] * share)


def _one(name: str, group: Sequence[tuple[Part, Array]]) -> Part:
    """One unlit part of several, each moved by a rigid transform (4, 4)."""
    materials = list(dict.fromkeys(part.material for part, _ in group))
    if len(materials) == 1:
        unlit = replace(materials[0], emission_cd_m2=(0.0, 0.0, 0.0), lamp="")
        return Part(name=name, mesh=merged([(part.mesh, matrix) for part, matrix in group]), material=unlit)
    painted = []
    for part, matrix in group:
        square = shapes.palette_uv(np.full(len(part.mesh.vertices_m), materials.index(part.material)))
        mesh = part.mesh
        with_uv = Mesh(vertices_m=mesh.vertices_m, normals=mesh.normals, faces=mesh.faces, uv=square.astype(np.float32))
        painted.append((with_uv, matrix))
    # A palette has no metal: what a metal mirrors of a dark street is less than its colour says.
    colors = tuple(_dimmed(m.base_color, 1.0 - 0.6 * m.metallic) for m in materials)
    texture = textures.palette(colors, tuple(m.roughness for m in materials))
    material = Material(name=name, base_color=(1.0, 1.0, 1.0), roughness=1.0, texture=texture)
    return Part(name=name, mesh=merged(painted), material=material)


def frozen(body: Body, groups: Sequence[tuple[str, Sequence[str]]]) -> Body:
    """The body at rest, without joints, lamps, light and mounts, with its parts merged: it will never move.

    Its keypoints must lie on parts that rest in the body frame.

    Args:
        groups: (name of the merged part, beginnings of the names of the parts in it); the parts of a group have no
            textures, and their colours become a palette. A part that no group names stays as it is.
    """
    taken: dict[str, list[tuple[Part, Array]]] = {}
    for part, matrix in zip(body.parts, body.rest, strict=True):
        name = next((g for g, starts in groups if part.name.startswith(tuple(starts))), part.name)
        taken.setdefault(name, []).append((part, matrix))
    parts = tuple(_one(name, group) for name, group in taken.items())
    return Body(
        semantic=body.semantic,
        asset=body.asset,
        parts=parts,
        rest=np.broadcast_to(np.eye(4), (len(parts), 4, 4)).copy(),
        box_center_m=body.box_center_m,
        box_size_m=body.box_size_m,
        collision=body.collision,
        friction=body.friction,
        restitution=body.restitution,
        fixed=True,
        keypoints={name: (parts[0].name, position) for name, (_, position) in body.keypoints.items()},
        notes=body.notes,
    )


def static_body(
    semantic: str,
    asset: Asset,
    parts: Iterable[Part],
    collision: tuple[CollisionShape, ...] = (),
    friction: float = 0.8,
) -> Body:
    """A body that never moves, with its box around its parts, all in the body frame."""
    pieces = tuple(parts)
    low = np.min([p.mesh.vertices_m.min(axis=0) for p in pieces], axis=0).astype(np.float64)
    high = np.max([p.mesh.vertices_m.max(axis=0) for p in pieces], axis=0).astype(np.float64)
    center, size = (low + high) / 2, high - low
    return Body(
        semantic=semantic,
        asset=asset,
        parts=pieces,
        rest=np.broadcast_to(np.eye(4), (len(pieces), 4, 4)).copy(),
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        collision=collision,
        friction=friction,
        fixed=True,
    )
