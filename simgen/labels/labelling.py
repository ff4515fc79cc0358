"""Clean buffers and a snapshot in, labels out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, inverse, transform
from simgen.labels.boxes import box_from, box_in_camera, vector
from simgen.labels.frame_labels import (
    BLOCKED_BEYOND,
    DISCERNIBLE_CONTRAST,
    DISCERNIBLE_TRANSMITTANCE,
    EventPart,
    FrameLabels,
    Intrinsics,
    ObjectLabel,
)
from simgen.labels.geometry import extent, projected_box
from simgen.labels.keypoints import keypoints
from simgen.labels.masks import VisiblePixels, amodal_extent, visible_pixels
from simgen.labels.visibility import blocked_fraction, contrast, transmittance
from simgen.rendering.protocol import RenderBuffers, Silhouette
from simgen.scene.classes import class_of_id
from simgen.scene.scene import Entity, SceneView

EGO = "ego"


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
    beta = view.snapshot.environment.extinction_per_m if extinction_per_m is None else extinction_per_m
    alone = {s.instance_id: s for s in silhouettes}
    visible = visible_pixels(buffers.instance)
    ego = next((i for i, e in enumerate(view.scene.entities) if e.name == EGO), None)
    ego_from_world = None if ego is None else inverse(view.snapshot.world_from_entity[ego])
    objects = []
    for index, entity in enumerate(view.scene.entities):
        if entity.instance_id == 0 or not view.snapshot.present[index]:
            continue
        seen = visible.get(entity.instance_id)
        made = _object(
            view,
            camera,
            buffers,
            entity,
            index,
            alone.get(entity.instance_id),
            seen,
            ego_from_world,
            lens_blocked,
            beta,
        )
        if made is not None:
            objects.append(made)
    return FrameLabels(objects=tuple(sorted(objects, key=lambda o: o.instance_id)), camera=Intrinsics.of(camera))


def _object(
    view: SceneView,
    camera: Camera,
    buffers: RenderBuffers,
    entity: Entity,
    index: int,
    silhouette: Silhouette | None,
    visible: VisiblePixels | None,
    ego_from_world: Array | None,
    lens_blocked: NDArray[np.bool_] | None,
    extinction_per_m: float,
) -> ObjectLabel | None:
    alone = amodal_extent(camera, silhouette, visible)
    if alone is None:
        return None
    snapshot = view.snapshot
    world_from_entity = snapshot.world_from_entity[index]
    low, high = extent(view, entity, index)
    box_camera = box_in_camera(camera.world_from_camera, world_from_entity, low, high)
    distance = float(np.linalg.norm(box_camera.center_m))
    passed = transmittance(extinction_per_m, distance)
    apparent = contrast(buffers, entity.instance_id, visible) * passed
    blocked = blocked_fraction(lens_blocked, visible)
    # Rounding in the sums may leave a share a few ulps outside of [0, 1].
    occlusion = min(max(1.0 - alone.angle_visible / alone.angle_inside, 0.0), 1.0)
    truncation = min(max(1.0 - alone.angle_inside / alone.angle, 0.0), 1.0)
    return ObjectLabel(
        instance_id=entity.instance_id,
        name=entity.name,
        model=entity.model,
        semantic=class_of_id(entity.semantic_id).name,
        semantic_id=entity.semantic_id,
        bbox_visible=None if visible is None else tuple(float(v) for v in visible.box),  # type: ignore[arg-type]
        bbox_amodal=alone.box_inside,
        bbox_amodal_unclipped=alone.box,
        bbox_loose=projected_box(camera, box_camera.corners_m),
        visible_fraction=min(alone.angle_visible / alone.angle, 1.0),
        occlusion=occlusion,
        truncation=truncation,
        visible_pixels=0 if visible is None else len(visible.index),
        amodal_pixels=alone.pixels_inside,
        amodal_pixels_unclipped=alone.pixels,
        box_world=box_from(world_from_entity, low, high),
        box_ego=None if ego_from_world is None else box_from(ego_from_world @ world_from_entity, low, high),
        box_camera=box_camera,
        velocity_mps=vector(snapshot.velocity_mps[index]),
        angular_velocity_radps=vector(snapshot.angular_velocity_radps[index]),
        distance_m=distance,
        depth_m=float(transform(camera.camera_from_world, box_from(world_from_entity, low, high).center_m)[2]),
        keypoints=keypoints(view, camera, buffers, entity),
        transmittance=passed,
        contrast=apparent,
        discernible=bool(
            visible is not None
            and apparent >= DISCERNIBLE_CONTRAST
            and passed >= DISCERNIBLE_TRANSMITTANCE
            and blocked <= BLOCKED_BEYOND
        ),
        lens_blocked_fraction=blocked,
        events=tuple(
            EventPart(event=e.name, phase=e.phase)
            for e in snapshot.events
            if e.phase != "waiting" and entity.name in e.actors
        ),
    )
