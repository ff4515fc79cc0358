"""Named points of an object in the picture."""

from __future__ import annotations

import numpy as np

from simgen.core.camera import Camera
from simgen.labels.frame_labels import Keypoint, KeypointState
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.scene import Entity, SceneView

INSIDE_BODY_M = 0.15
"""A joint lies within its limb: it counts as visible when the surface before it is its own body's, no farther than
this in front of it."""
OFF_SURFACE_M = 0.03


def keypoints(view: SceneView, camera: Camera, buffers: RenderBuffers, entity: Entity) -> tuple[Keypoint, ...]:
    """The entity's keypoints in the order of its model."""
    if not entity.body.keypoints:
        return ()
    part_of = {part.name: i for i, part in enumerate(entity.body.parts)}
    nodes = [entity.first_node + part_of[part] for part, _ in entity.body.keypoints.values()]
    places = np.array([position for _, position in entity.body.keypoints.values()], dtype=np.float64)
    world_from_part = view.snapshot.world_from_node[nodes]
    world = np.einsum("kij,kj->ki", world_from_part[:, :3, :3], places) + world_from_part[:, :3, 3]
    pixels, depths = camera.project(world)
    found = []
    for name, pixel, depth in zip(entity.body.keypoints, pixels, depths, strict=True):
        u, v, z = (float(pixel[0]), float(pixel[1]), float(depth)) if depth > 0 else (0.0, 0.0, float(depth))
        state = _state(camera, buffers, entity, u, v, z) if depth > 0 else KeypointState.OUTSIDE
        found.append(Keypoint(name=name, u_px=u, v_px=v, depth_m=z, state=state))
    return tuple(found)


def _state(
    camera: Camera, buffers: RenderBuffers, entity: Entity, u_px: float, v_px: float, depth_m: float
) -> KeypointState:
    if not (-0.5 <= u_px < camera.width_px - 0.5 and -0.5 <= v_px < camera.height_px - 0.5):
        return KeypointState.OUTSIDE
    row, column = int(np.floor(v_px + 0.5)), int(np.floor(u_px + 0.5))
    own = int(buffers.instance[row, column]) == entity.instance_id
    before = depth_m - float(buffers.depth_m[row, column])
    return KeypointState.VISIBLE if before <= (INSIDE_BODY_M if own else OFF_SURFACE_M) else KeypointState.OCCLUDED
