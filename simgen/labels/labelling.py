"""Clean buffers and a snapshot in, labels out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import inverse
from simgen.labels.boxes import boxes
from simgen.labels.frame_labels import (
    BLOCKED_BEYOND,
    DISCERNIBLE_CONTRAST,
    DISCERNIBLE_TRANSMITTANCE,
    Box3D,
    EventPart,
    FrameLabels,
    Intrinsics,
    ObjectLabel,
)
from simgen.labels.geometry import box_corners, extents, projected_boxes
from simgen.labels.keypoints import keypoints
from simgen.labels.masks import AmodalExtent, amodal_extent, visible_pixels
from simgen.labels.visibility import blocked_fraction, contrast, transmittance
from simgen.rendering.protocol import RenderBuffers, Silhouette
from simgen.scene.classes import class_of_id
from simgen.scene.scene import EGO, Entity, SceneView


def label(
    view: SceneView,
    camera: Camera,
    buffers: RenderBuffers,
    silhouettes: Sequence[Silhouette],
    *,
    lens_blocked: NDArray[np.bool_] | None = None,
    extinction_per_m: float | None = None,
) -> FrameLabels:
    """Labels of every labelled entity that is present and projects into the image, by instance id.

    Args:
        buffers: of ``view`` through ``camera``, undegraded.
        silhouettes: each object alone. One that is visible but has none counts as unoccluded and untruncated.
        lens_blocked: (H, W) where drops or dirt cover the picture, or None.
        extinction_per_m: attenuation of light in the air; None takes the environment's.
    """
    snapshot, entities = view.snapshot, view.scene.entities
    beta = snapshot.environment.extinction_per_m if extinction_per_m is None else extinction_per_m
    alone = {s.instance_id: s for s in silhouettes}
    visible = visible_pixels(buffers.instance)
    shown: list[tuple[int, Entity, AmodalExtent]] = []
    for index, entity in enumerate(entities):
        if entity.instance_id == 0 or not snapshot.present[index]:
            continue
        extent = amodal_extent(camera, alone.get(entity.instance_id), visible.get(entity.instance_id))
        if extent is not None:
            shown.append((index, entity, extent))
    shown.sort(key=lambda s: s[1].instance_id)
    if not shown:
        return FrameLabels(objects=(), camera=Intrinsics.of(camera))

    indices = np.array([index for index, _, _ in shown])
    world_from_entity = snapshot.world_from_entity[indices]
    camera_from_entity = camera.camera_from_world @ world_from_entity
    low, high = extents(view, indices)
    upright = [world_from_entity]
    ego = next((i for i, e in enumerate(entities) if e.name == EGO), None)
    if ego is not None:
        upright.append(inverse(snapshot.world_from_entity[ego]) @ world_from_entity)
    in_camera, (in_world, *others) = boxes(camera_from_entity, upright, low, high)
    in_ego: Sequence[Box3D | None] = others[0] if others else [None] * len(shown)
    loose = projected_boxes(camera, box_corners(camera_from_entity, low, high))
    points = keypoints(view, camera, buffers, indices)
    velocity, spin = snapshot.velocity_mps[indices].tolist(), snapshot.angular_velocity_radps[indices].tolist()

    objects = []
    for k, (_, entity, extent) in enumerate(shown):
        seen, box = visible.get(entity.instance_id), in_camera[k]
        distance = math.sqrt(sum(v * v for v in box.center_m))
        passed = transmittance(beta, distance)
        apparent = contrast(buffers, entity.instance_id, seen) * passed
        blocked = blocked_fraction(lens_blocked, seen)
        # Rounding in the sums may leave a share a few ulps outside of [0, 1].
        occlusion = min(max(1.0 - extent.angle_visible / extent.angle_inside, 0.0), 1.0)
        truncation = min(max(1.0 - extent.angle_inside / extent.angle, 0.0), 1.0)
        objects.append(
            ObjectLabel(
                instance_id=entity.instance_id,
                name=entity.name,
                model=entity.model,
                semantic=class_of_id(entity.semantic_id).name,
                semantic_id=entity.semantic_id,
                bbox_visible=None if seen is None else tuple(float(v) for v in seen.box),  # type: ignore[arg-type]
                bbox_amodal=extent.box_inside,
                bbox_amodal_unclipped=extent.box,
                bbox_loose=loose[k],
                visible_fraction=min(extent.angle_visible / extent.angle, 1.0),
                occlusion=occlusion,
                truncation=truncation,
                visible_pixels=0 if seen is None else len(seen.index),
                amodal_pixels=extent.pixels_inside,
                amodal_pixels_unclipped=extent.pixels,
                box_world=in_world[k],
                box_ego=in_ego[k],
                box_camera=box,
                velocity_mps=tuple(velocity[k]),
                angular_velocity_radps=tuple(spin[k]),
                distance_m=distance,
                depth_m=box.center_m[2],
                keypoints=points[k],
                transmittance=passed,
                contrast=apparent,
                discernible=seen is not None
                and apparent >= DISCERNIBLE_CONTRAST
                and passed >= DISCERNIBLE_TRANSMITTANCE
                and blocked <= BLOCKED_BEYOND,
                lens_blocked_fraction=blocked,
                events=tuple(
                    EventPart(event=e.name, phase=e.phase)
                    for e in snapshot.events
                    if e.phase != "waiting" and entity.name in e.actors
                ),
            )
        )
    return FrameLabels(objects=tuple(objects), camera=Intrinsics.of(camera))
