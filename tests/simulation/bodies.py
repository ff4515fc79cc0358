"""Plain bodies for tests of the physics: no looks, known masses and sizes."""

from __future__ import annotations

import numpy as np

from simgen.scene.body import Asset, Body, CollisionShape, VehicleGeometry
from simgen.scene.scene import Entity

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
