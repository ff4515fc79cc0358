"""From bodies and joints to the poses of everything drawn."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.scene import Entity, Scene


def entity_node_poses(entity: Entity, world_from_entity: Array, joints: Array | None) -> Array:
    """(n, 4, 4) world_from_node of one entity's parts at these joint positions (its own, or None at rest)."""
    poses: Array = world_from_entity @ entity.body.pose_parts(joints)
    return poses


def node_poses(scene: Scene, world_from_entity: Array, joints: Array) -> Array:
    """(N, 4, 4) world_from_node of the whole scene.

    Args:
        world_from_entity: (E, 4, 4).
        joints: (J,) of all entities.
    """
    poses = np.empty((len(scene.nodes), 4, 4))
    for i, entity in enumerate(scene.entities):
        own = joints[entity.joints] if entity.body.joints else None
        poses[entity.nodes] = entity_node_poses(entity, world_from_entity[i], own)
    return poses
