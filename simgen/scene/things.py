"""Rigid things that a hand can take: from meshes and collision shapes to a Body."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simgen.scene.body import Asset, Body, CollisionShape, Lamp, Part


def rigid_body(
    semantic: str,
    asset_id: str,
    licence: str,
    parts: Sequence[Part],
    collision: Sequence[CollisionShape],
    *,
    mass_kg: float = 0.0,
    friction: float = 0.6,
    restitution: float = 0.05,
    rolling_friction: float = 0.0,
    fixed: bool = False,
    lamps: Sequence[Lamp] = (),
    keypoints: Mapping[str, tuple[str, tuple[float, float, float]]] | None = None,
    asset: Asset | None = None,
) -> Body:
    """A body of one piece whose parts stand in the body frame; box and digest follow from the parts, unless
    ``asset`` says where it comes from."""
    points = np.concatenate([p.mesh.vertices_m for p in parts]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    center, size = (low + high) / 2, high - low

    def digest() -> str:
        hasher = hashlib.sha256(asset_id.encode())
        for part in parts:
            texture = "" if part.material.texture is None else part.material.texture.digest
            hasher.update(repr((part.name, part.mesh.digest, replace(part.material, texture=None), texture)).encode())
        hasher.update(repr([(s.kind, s.size_m, s.body_from_shape.tolist()) for s in collision]).encode())
        hasher.update(repr((mass_kg, friction, restitution, rolling_friction)).encode())
        return hasher.hexdigest()

    return Body(
        semantic=semantic,
        asset=asset or Asset(id=asset_id, digest=digest(), licence=licence),
        parts=tuple(parts),
        rest=np.tile(np.eye(4), (len(parts), 1, 1)),
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        collision=tuple(collision),
        mass_kg=mass_kg,
        friction=friction,
        restitution=restitution,
        rolling_friction=rolling_friction,
        fixed=fixed,
        lamps=tuple(lamps),
        keypoints=dict(keypoints or {}),
    )
