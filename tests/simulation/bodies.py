"""Plain bodies for tests of the physics: no looks, known masses and sizes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.body import Asset, Body, CollisionShape, VehicleGeometry
from simgen.scene.scene import Entity, Scene, Snapshot

ASSET = Asset(id="test", digest="", licence="Apache-2.0")


def sphere(radius_m: float = 0.11, mass_kg: float = 0.43, restitution: float = 0.0) -> Body:
    return Body(
        semantic="ball",
        asset=ASSET,
        parts=(),
        rest=np.zeros((0, 4, 4)),
        box_center_m=(0.0, 0.0, radius_m),
        box_size_m=(2 * radius_m,) * 3,
        collision=(CollisionShape(kind="sphere", size_m=(radius_m,), body_from_shape=_up(radius_m)),),
        mass_kg=mass_kg,
        restitution=restitution,
    )


def car(mass_kg: float = 1500.0) -> Body:
    return Body(
        semantic="car",
        asset=ASSET,
        parts=(),
        rest=np.zeros((0, 4, 4)),
        box_center_m=(0.0, 0.0, 0.85),
        box_size_m=(4.6, 1.8, 1.3),
        collision=(CollisionShape(kind="box", size_m=(4.6, 1.8, 1.2), body_from_shape=_up(0.85)),),
        mass_kg=mass_kg,
        restitution=0.1,
        vehicle=VehicleGeometry(front_axle_m=1.35, rear_axle_m=-1.35, wheel_radius_m=0.32),
    )


def entity(name: str, body: Body) -> Entity:
    return Entity(
        name=name, model="test", body=body, instance_id=1, semantic_id=19, first_node=0, first_joint=0, static=False
    )


def _up(height_m: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[2, 3] = height_m
    return matrix


def strays(snapshots: Iterable[Snapshot], scene: Scene) -> dict[str, float]:
    """By how much each entity's way over a tick, m/s, differs at most from the mean of its velocities before and after,
    beyond the half of their difference that a change of them within the tick explains: of its origin, or of the middle
    of its box, whichever the velocity is that of."""
    middles = np.array([e.body.box_center_m for e in scene.entities])
    most = np.zeros(len(scene.entities))
    last: tuple[Array, Snapshot] | None = None
    for now in snapshots:
        poses = now.world_from_entity
        origins = poses[:, :3, 3]
        places = np.stack([origins, np.einsum("eij,ej->ei", poses[:, :3, :3], middles) + origins])
        if last is not None:
            before, then = last
            seen = (places - before) / (now.time_s - then.time_s)
            off = np.linalg.norm(seen - 0.5 * (now.velocity_mps + then.velocity_mps), axis=2).min(axis=0)
            off -= 0.5 * np.linalg.norm(now.velocity_mps - then.velocity_mps, axis=1)
            most = np.maximum(most, np.where(now.present & then.present, off, 0.0))
        last = places, now
    return {entity.name: float(one) for entity, one in zip(scene.entities, most, strict=True)}
