"""Corners of triangles that lie in the camera's own plane, beside its eye.

TinyRenderer cuts a triangle at the near plane only where a corner lies behind the eye. One with a corner in the eye's
plane it projects as it is, with that corner infinitely far away, and what single precision makes of it is lost or
wrong. So the eye takes a step along its axis, small enough to be seen by no pixel, to where there is no such corner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, transform
from simgen.rendering.silhouette import clip_depth
from simgen.scene.mesh import ball
from simgen.scene.scene import Scene, SceneView

_FARTHEST_PX = 2.0**22
"""Single precision places what is projected farther away than this no better than to half a pixel."""
_STEP_M = 4e-5
_STEPS = (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Balls:
    """Around each node's mesh: centers (N, 3) in its own frame, and radii (N,) in metres."""

    center_m: Array
    radius_m: Array

    @classmethod
    def of(cls, scene: Scene) -> Balls:
        known = {node.mesh.digest: node.mesh for node in scene.nodes}
        found = {digest: ball(mesh) for digest, mesh in known.items()}
        balls = [found[node.mesh.digest] for node in scene.nodes]
        return cls(
            center_m=np.array([center for center, _ in balls], dtype=np.float64).reshape(-1, 3),
            radius_m=np.array([radius for _, radius in balls], dtype=np.float64),
        )


def step_back_m(view: SceneView, camera: Camera, balls: Balls) -> float:
    """How far the eye of a pinhole steps back along its axis; 0 where no triangle in the picture asks for it."""
    # What single precision makes of a place in the world.
    blur = 4.0 * float(np.spacing(np.float32(np.abs(camera.world_from_camera[:3, 3]).max() + 1.0)))
    step = _STEP_M + 2.0 * blur
    depth, reach = _grazed(view, camera, balls, max(_STEPS) * step, blur)
    if not len(depth):
        return 0.0
    wrong = [int((np.abs(depth + k * step) < reach).sum()) for k in _STEPS]
    return _STEPS[int(np.argmin(wrong))] * step


def _grazed(view: SceneView, camera: Camera, balls: Balls, slack_m: float, blur_m: float) -> tuple[Array, Array]:
    """(K,), (K,) of the corners that a step of up to ``slack_m`` may bring too close to the eye's plane, of triangles
    that are in the picture: their planar depth, and how close is too close."""
    camera_from_world = camera.camera_from_world
    poses = camera_from_world @ np.asarray(view.snapshot.world_from_node, dtype=np.float64).reshape(-1, 4, 4)
    middle = np.einsum("ni,ni->n", poses[:, 2, :3], balls.center_m) + poses[:, 2, 3]
    focal = max(camera.fx_px, camera.fy_px)
    depths, reaches = [], []
    for index in np.flatnonzero(view.node_present() & (np.abs(middle) <= balls.radius_m + camera.near_m)):
        mesh = view.scene.nodes[index].mesh
        local = transform(poses[index], mesh.vertices_m)
        reach = np.abs(local[:, :2]).max(axis=1, initial=0.0) * (focal / _FARTHEST_PX) + blur_m
        close = np.abs(local[:, 2]) < reach + slack_m
        if not close.any():
            continue
        faces = mesh.faces[close[mesh.faces].any(axis=1)]
        corners = faces[_in_picture(local[faces], camera)]
        corners = np.unique(corners[close[corners]])
        depths.append(local[corners, 2])
        reaches.append(reach[corners])
    if not depths:
        return np.zeros(0), np.zeros(0)
    return np.concatenate(depths), np.concatenate(reaches)


def _in_picture(triangles: Array, camera: Camera) -> NDArray[np.bool_]:
    """(T,) whether the box around what is ahead of the near plane of triangles (T, 3, 3) reaches into the picture."""
    numbered = np.concatenate(
        [triangles, np.broadcast_to(np.arange(len(triangles))[:, None, None], (*triangles.shape[:2], 1))], axis=2
    )
    cut = clip_depth(numbered, camera.near_m, 1)
    x = cut[..., 0] / cut[..., 2] * camera.fx_px + camera.cx_px
    y = cut[..., 1] / cut[..., 2] * camera.fy_px + camera.cy_px
    inside = (x.max(axis=1) > -1) & (x.min(axis=1) < camera.width_px) & (y.max(axis=1) > -1)
    inside &= y.min(axis=1) < camera.height_px
    result = np.zeros(len(triangles), dtype=np.bool_)
    result[np.rint(cut[inside, 0, 3]).astype(np.int64)] = True
    return result
