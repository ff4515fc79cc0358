"""Boxes that stand for bodies when the sky's light on the ground beside and below them is asked for.

A shadow map of the sun says nothing about the sky. What hides it most from the ground is what stands on it: the form
factor of a box over a level surface has a closed form (Lambert 1760; the sum over edges that light.frag evaluates).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.rendering.silhouette import Canvas, cover
from simgen.scene.mesh import Mesh, bounds
from simgen.scene.scene import Scene

MAX_BOXES = 64
_GRID = 24
_SOLID = 0.6
"""A mesh counts as a box when it covers this share of its box as seen from above: a car does, a street lamp not."""
_LARGEST_M = 20.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Box:
    """Corners of a mesh's box: in the frame of its node, and around it in the body's frame at rest."""

    low: Array
    high: Array
    body_low: Array
    body_high: Array

    def beside(self, other: _Box) -> bool:
        """Whether its outline lies within the other's, as seen from above."""
        return bool(
            np.all(self.body_low[:2] >= other.body_low[:2] - 0.1)
            and np.all(self.body_high[:2] <= other.body_high[:2] + 0.1)
        )

    def lies_over(self, other: _Box) -> bool:
        return self.beside(other) and bool(self.body_low[2] > other.body_low[2] - 0.02)

    def lowered(self, body_low_z: float) -> _Box:
        low = self.low.copy()
        low[2] += body_low_z - self.body_low[2]
        body_low = self.body_low.copy()
        body_low[2] = body_low_z
        return replace(self, low=low, body_low=body_low)


def _box(mesh: Mesh, body_from_part: Array) -> _Box | None:
    """The box of a mesh, if it is of a size that matters and stands upright at rest."""
    if len(mesh.faces) == 0 or body_from_part[2, 2] < 0.97:
        return None
    low, high = bounds(mesh)
    size = high - low
    if size[0] * size[1] < 0.002 or size[2] < 0.02 or size.max() > _LARGEST_M:
        return None
    center = body_from_part[:3, :3] @ (0.5 * (low + high)) + body_from_part[:3, 3]
    half = 0.5 * np.abs(body_from_part[:3, :3]) @ size
    return _Box(low=low, high=high, body_low=center - half, body_high=center + half)


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
            found = []
            for index, body_from_part in zip(
                range(entity.nodes.start, entity.nodes.stop), entity.body.rest, strict=True
            ):
                box = _box(scene.nodes[index].mesh, body_from_part)
                if box is not None:
                    found.append((-float(np.prod(box.body_high[:2] - box.body_low[:2])), index, box))
            kept: list[tuple[int, _Box]] = []
            for area, index, box in sorted(found, key=lambda f: (f[0], f[1])):
                mesh = scene.nodes[index].mesh
                if mesh.digest not in solid:
                    solid[mesh.digest] = is_solid(mesh)
                if not solid[mesh.digest]:
                    continue
                for at, (other_index, other) in enumerate(kept):
                    if box.lies_over(other):
                        break
                    if box.beside(other) and area < -0.6 * float(np.prod(other.body_high[:2] - other.body_low[:2])):
                        # Nearly the same outline, lower down: one box that begins where the lower one does.
                        kept[at] = (other_index, other.lowered(box.body_low[2]))
                        break
                else:
                    kept.append((index, box))
            for index, box in kept:
                node.append(index)
                boxes.append((0.5 * (box.low + box.high), 0.5 * (box.high - box.low)))
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
    distance = np.linalg.norm(center, axis=1)
    # Far away only the large ones show.
    shown = np.linalg.norm(occluders.half_m[:, :2], axis=1) > 0.01 * distance
    usable = present[occluders.node] & (own[:, 2, 2] > 0.97) & shown
    order = np.lexsort((occluders.node, distance))
    order = order[usable[order]][:MAX_BOXES]
    half = occluders.half_m[order]
    return Boxes(
        center_m=center[order],
        half_m=half,
        yaw_rad=np.arctan2(own[order, 1, 0], own[order, 0, 0]),
        reach_m=np.linalg.norm(half[:, :2], axis=1) + np.minimum(2.5 * half[:, 2], 4.0),
    )


def is_solid(mesh: Mesh) -> bool:
    """Whether the mesh covers most of its box as seen from above."""
    low, high = mesh.vertices_m.min(axis=0)[:2], mesh.vertices_m.max(axis=0)[:2]
    plan = (mesh.vertices_m[:, :2].astype(np.float64) - low) / np.maximum(high - low, 1e-9) * _GRID - 0.5
    grid = Canvas(x_px=0, y_px=0, width_px=_GRID, height_px=_GRID)
    return bool(cover(plan[mesh.faces], grid).mean() > _SOLID)


def packed(boxes: Boxes) -> Sequence[NDArray[np.float32]]:
    """Two tables (MAX_BOXES, 4) for the shader: centre and half height; half length and width, cosine and sine
    of the heading."""
    place = np.zeros((MAX_BOXES, 4), dtype=np.float32)
    shape = np.zeros((MAX_BOXES, 4), dtype=np.float32)
    count = len(boxes.reach_m)
    place[:count, :3], place[:count, 3] = boxes.center_m, boxes.half_m[:, 2]
    shape[:count, :2] = boxes.half_m[:, :2]
    shape[:count, 2], shape[:count, 3] = np.cos(boxes.yaw_rad), np.sin(boxes.yaw_rad)
    return place, shape
