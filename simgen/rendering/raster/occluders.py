"""Boxes that stand for bodies when the sky's light on the ground beside and below them is asked for.

A shadow map of the sun says nothing about the sky. What hides it most from the ground is what stands on it: the form
factor of a box over a level surface has a closed form (Lambert 1760; the sum over edges that light.frag evaluates).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.rendering.silhouette import Canvas, cover
from simgen.scene.mesh import Mesh
from simgen.scene.scene import Scene

MAX_BOXES = 96
_GRID = 24
_SOLID = 0.6
"""A mesh counts as a box when it covers this share of its box as seen from above: a car does, a street lamp not."""
_LARGEST_M = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occluders:
    """The nodes of a scene that count as boxes: K node indices, and their boxes (K, 3) in the nodes' frames."""

    node: NDArray[np.int64]
    center_m: Array
    half_m: Array

    @classmethod
    def of(cls, scene: Scene) -> Occluders:
        solid: dict[str, bool] = {}
        node: list[int] = []
        boxes: list[tuple[Array, Array]] = []
        for entity in scene.entities:
            kept: list[tuple[Array, Array]] = []
            found = []
            for index, body_from_part in zip(
                range(entity.nodes.start, entity.nodes.stop), entity.body.rest, strict=True
            ):
                mesh = scene.nodes[index].mesh
                if len(mesh.faces) == 0:
                    continue
                low, high = mesh.vertices_m.min(axis=0).astype(float), mesh.vertices_m.max(axis=0).astype(float)
                size = high - low
                if not (size[0] * size[1] > 0.005 and size[2] > 0.02 and size.max() < _LARGEST_M):
                    continue
                center = body_from_part[:3, :3] @ (0.5 * (low + high)) + body_from_part[:3, 3]
                half = 0.5 * np.abs(body_from_part[:3, :3]) @ size
                found.append((-size[0] * size[1], index, low, high, center - half, center + half))
            for _, index, low, high, body_low, body_high in sorted(found, key=lambda f: (f[0], f[1])):
                hidden = any(
                    np.all(body_low[:2] >= a[:2] - 0.1)
                    and np.all(body_high[:2] <= b[:2] + 0.1)
                    and body_low[2] > a[2] - 0.02
                    for a, b in kept
                )
                mesh = scene.nodes[index].mesh
                if hidden or not solid.setdefault(mesh.digest, is_solid(mesh)):
                    continue
                kept.append((body_low, body_high))
                node.append(index)
                boxes.append((0.5 * (low + high), 0.5 * (high - low)))
        return cls(
            node=np.array(node, dtype=np.int64),
            center_m=np.array([b[0] for b in boxes]).reshape(-1, 3),
            half_m=np.array([b[1] for b in boxes]).reshape(-1, 3),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Boxes:
    """K upright boxes near the eye: centres (K, 3) relative to the eye, half sizes (K, 3), headings (K,), and the
    distance from the centre (K,) beyond which they are left out."""

    center_m: Array
    half_m: Array
    yaw_rad: Array
    reach_m: Array


def near_boxes(occluders: Occluders, pose: Array, present: NDArray[np.bool_]) -> Boxes:
    """The nearest boxes that stand upright.

    Args:
        pose: (N, 4, 4) of all nodes, relative to the eye, in world axes.
    """
    own = pose[occluders.node]
    center = np.einsum("kij,kj->ki", own[:, :3, :3], occluders.center_m) + own[:, :3, 3]
    usable = present[occluders.node] & (own[:, 2, 2] > 0.97)
    distance = np.linalg.norm(center, axis=1)
    order = np.lexsort((occluders.node, distance))
    order = order[usable[order]][:MAX_BOXES]
    half = occluders.half_m[order]
    return Boxes(
        center_m=center[order],
        half_m=half,
        yaw_rad=np.arctan2(own[order, 1, 0], own[order, 0, 0]),
        reach_m=np.linalg.norm(half[:, :2], axis=1) + np.minimum(4.0 * half[:, 2], 4.0),
    )


def is_solid(mesh: Mesh) -> bool:
    """Whether the mesh covers most of its box as seen from above."""
    low, high = mesh.vertices_m.min(axis=0)[:2], mesh.vertices_m.max(axis=0)[:2]
    plan = (mesh.vertices_m[:, :2].astype(np.float64) - low) / np.maximum(high - low, 1e-9) * _GRID - 0.5
    grid = Canvas(x_px=0, y_px=0, width_px=_GRID, height_px=_GRID)
    return bool(cover(plan[mesh.faces], grid).mean() > _SOLID)


def packed(boxes: Boxes) -> Sequence[NDArray[np.float32]]:
    """Two tables (MAX_BOXES, 4) for the shader: centre and reach; half sizes and heading."""
    place = np.zeros((MAX_BOXES, 4), dtype=np.float32)
    shape = np.zeros((MAX_BOXES, 4), dtype=np.float32)
    count = len(boxes.reach_m)
    place[:count, :3], place[:count, 3] = boxes.center_m, boxes.reach_m
    shape[:count, :3], shape[:count, 3] = boxes.half_m, boxes.yaw_rad
    return place, shape
