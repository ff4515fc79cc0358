"""Props: bodies of a few named pieces, each a mesh in one material, with plain collision shapes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array, pose
from simgen.scene import prints, shapes, solids
from simgen.scene.body import Asset, Body, CollisionShape, Deck, Lamp, Part
from simgen.scene.mesh import Material, Mesh, Rgb
from simgen.scene.model import ActorModel
from simgen.scene.shapes import Shape
from simgen.scene.things import rigid_body

Point = tuple[float, float, float]

GALVANISED = Material(name="galvanised", base_color=(0.34, 0.35, 0.36), roughness=0.5, metallic=0.5)
ALUMINIUM = Material(name="aluminium", base_color=(0.58, 0.59, 0.60), roughness=0.38, metallic=0.7)
STAINLESS = Material(name="stainless", base_color=(0.55, 0.55, 0.54), roughness=0.24, metallic=0.9)
RUBBER = Material(name="rubber", base_color=(0.022, 0.022, 0.023), roughness=0.85)
BLACK_PLASTIC = Material(name="black_plastic", base_color=(0.025, 0.025, 0.027), roughness=0.55)


def painted(color: str, roughness: float = 0.45) -> Material:
    """Paint in a colour of ``prints.COLORS``."""
    return Material(name=f"paint_{color}", base_color=prints.paint(color), roughness=roughness)


def plain(name: str, color: Rgb, roughness: float, metallic: float = 0.0) -> Material:
    return Material(name=name, base_color=color, roughness=roughness, metallic=metallic)


class Kit:
    """Collects meshes by the name of the piece, in the order in which the names first came."""

    def __init__(self) -> None:
        self._meshes: dict[str, list[Mesh]] = {}
        self._materials: dict[str, Material] = {}

    def add(self, name: str, material: Material, *meshes: Mesh) -> None:
        self._materials[name] = material
        self._meshes.setdefault(name, []).extend(meshes)

    def parts(self) -> tuple[Part, ...]:
        return tuple(
            Part(name=name, mesh=solids.joined(self._meshes[name]), material=material)
            for name, material in self._materials.items()
        )

    def body(
        self,
        model: ActorModel,
        name: str,
        collision: Sequence[CollisionShape],
        *,
        mass_kg: float,
        friction: float = 0.6,
        restitution: float = 0.05,
        rolling_friction: float = 0.0,
        fixed: bool = False,
        lamps: Sequence[Lamp] = (),
        surface: str = "",
        deck: Deck | None = None,
        notes: Mapping[str, float] | None = None,
    ) -> Body:
        """One rigid body of all pieces; its digest covers the parameters and everything that is built."""
        body = rigid_body(
            model.semantic,
            f"simgen/{name}",
            model.licence,
            self.parts(),
            collision,
            mass_kg=mass_kg,
            friction=friction,
            restitution=restitution,
            rolling_friction=rolling_friction,
            fixed=fixed,
            lamps=lamps,
        )
        asset = identified(model, body.asset)
        return replace(body, asset=asset, surface=surface, deck=deck, notes=dict(notes or {}))


def identified(model: ActorModel, asset: Asset) -> Asset:
    """The asset with a digest that covers the values of the model's parameters too."""
    values = "\n".join(f"{key}={getattr(model, key)!r}" for key in sorted(model.parameters))
    return replace(asset, digest=hashlib.sha256(f"{asset.digest}\n{values}".encode()).hexdigest())


# Meshes


def beam(size_m: Point, center_m: Point = (0.0, 0.0, 0.0), tile_m: float = 1.0, turn: ArrayLike | None = None) -> Mesh:
    """A sharp-edged box whose texture repeats every ``tile_m`` and runs along the box when it is turned (3, 3)."""
    return shapes.box(size_m, tile_m=tile_m).moved(pose(center_m, turn)).flat()


def soft(
    size_m: Point, center_m: Point = (0.0, 0.0, 0.0), radius_m: float = 0.01, turn: ArrayLike | None = None
) -> Mesh:
    """A box with rounded edges, its sides on the atlas of ``solids.SIDES``."""
    return solids.moved(solids.rounded_box(size_m, radius_m, segments=2), pose(center_m, turn))


def bar(path_m: Sequence[Point], radius_m: float | Sequence[float], count: int = 10) -> Mesh:
    """A round bar with flat ends along a path."""
    return shapes.tube(path_m, radius_m, count=count).smooth(0.6)


def turned(
    profile_m: Sequence[tuple[float, float]],
    center_m: Point = (0.0, 0.0, 0.0),
    turn: ArrayLike | None = None,
    *,
    sectors: int = 28,
    crease_rad: float = 0.6,
) -> Mesh:
    """A surface of revolution about z (``solids.lathe``), turned and moved."""
    return solids.moved(solids.lathe(profile_m, sectors, crease_rad), pose(center_m, turn))


def extruded(outline_m: ArrayLike, depth_m: float, frame: Array) -> Mesh:
    """A closed plate: a star-shaped outline (N, 2) in the x-y plane of ``frame``, counter-clockwise, from z = 0 up."""
    flat = np.asarray(outline_m, dtype=np.float64)
    rings = [np.column_stack([flat, np.full(len(flat), z)]) for z in (0.0, depth_m)]
    return shapes.loft(np.array(rings)).moved(frame).flat()


def face(outline_m: ArrayLike, frame: Array, size_m: tuple[float, float]) -> Mesh:
    """A flat, star-shaped face (N, 2) in the x-y plane of ``frame``, seen from +z, with a picture of full size
    ``size_m`` around the frame's origin."""
    flat = np.asarray(outline_m, dtype=np.float64)
    disc = shapes.fan(np.column_stack([flat, np.zeros(len(flat))]))
    uv = 0.5 + disc.points_m[:, :2] / np.asarray(size_m)
    return Shape(disc.points_m, disc.faces, uv).moved(frame).flat()


FACING_FORWARD = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""Rotation of a frame whose z is the body's +x, x its left and y up: a picture on it is upright and not mirrored."""


# Collision


def block(size_m: Point, center_m: Point, turn: ArrayLike | None = None) -> CollisionShape:
    return CollisionShape(kind="box", size_m=size_m, body_from_shape=pose(center_m, turn))


def drum(radius_m: float, height_m: float, bottom_m: float = 0.0, x_m: float = 0.0, y_m: float = 0.0) -> CollisionShape:
    """An upright cylinder."""
    return CollisionShape(
        kind="cylinder", size_m=(radius_m, height_m), body_from_shape=pose((x_m, y_m, bottom_m + height_m / 2))
    )
