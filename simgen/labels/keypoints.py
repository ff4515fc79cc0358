"""Named points of an object in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.core.keeping import while_alive
from simgen.labels.covering import around, error_per_m, inverse_depth
from simgen.labels.frame_labels import Keypoint, KeypointState
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.scene import Scene, SceneView

INSIDE_BODY_M = 0.15
"""A joint lies within its limb: it counts as visible when the surface before it is its own body's, no farther than
this in front of it."""
OFF_SURFACE_M = 0.03
HIDDEN_SHARE = 0.4
"""A keypoint is hidden if the pixels around that show something before it weigh more than this share of those that show
this or its body: less than half, since more keypoints lie behind an outline than before it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Points:
    """The keypoints of all entities of a scene, one after the other: names, nodes (P,), positions (P, 3) in the nodes'
    frames, and where those of each entity begin (E + 1,)."""

    names: tuple[str, ...]
    nodes: NDArray[np.int64]
    positions_m: Array
    starts: NDArray[np.int64]


@while_alive
def _points(scene: Scene) -> _Points:
    names: list[str] = []
    nodes: list[int] = []
    positions: list[tuple[float, float, float]] = []
    starts = [0]
    for entity in scene.entities:
        if entity.body.keypoints:
            part_of = {part.name: i for i, part in enumerate(entity.body.parts)}
            names += entity.body.keypoints
            nodes += [entity.first_node + part_of[part] for part, _ in entity.body.keypoints.values()]
            positions += [position for _, position in entity.body.keypoints.values()]
        starts.append(len(names))
    return _Points(
        names=tuple(names),
        nodes=np.array(nodes, dtype=np.int64),
        positions_m=np.array(positions, dtype=np.float64).reshape(-1, 3),
        starts=np.array(starts, dtype=np.int64),
    )


def keypoints(
    view: SceneView, camera: Camera, buffers: RenderBuffers, indices: NDArray[np.int64]
) -> list[tuple[Keypoint, ...]]:
    """The keypoints of these entities, each entity's in the order of its model."""
    points = _points(view.scene)
    counts = points.starts[indices + 1] - points.starts[indices]
    ends = np.cumsum(counts)
    if len(ends) == 0 or ends[-1] == 0:
        return [()] * len(indices)
    chosen = np.arange(ends[-1]) + np.repeat(points.starts[indices] - (ends - counts), counts)
    world_from_part = view.snapshot.world_from_node[points.nodes[chosen]]
    local = np.einsum("kij,kj->ki", world_from_part[:, :3, :3], points.positions_m[chosen])
    pixels, depth = camera.project(local + world_from_part[:, :3, 3])
    pixels[depth <= 0] = 0.0
    ids = np.repeat([view.scene.entities[i].instance_id for i in indices], counts)
    states = _states(camera, buffers, ids, pixels, depth)
    made = [
        Keypoint(name=points.names[i], u_px=u, v_px=v, depth_m=z, state=_STATES[state])
        for i, (u, v), z, state in zip(chosen.tolist(), pixels.tolist(), depth.tolist(), states.tolist(), strict=True)
    ]
    return [tuple(made[end - count : end]) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)]


_STATES = tuple(KeypointState)


def _states(
    camera: Camera, buffers: RenderBuffers, ids: NDArray[np.int64], pixels: Array, depth_m: Array
) -> NDArray[np.int64]:
    """(K,) states of points at these pixels (K, 2) and depths (K,) of the instances ``ids`` (K,)."""
    column, row = np.floor(pixels.T + 0.5)
    inside = (depth_m > 0) & (column >= 0) & (column < camera.width_px) & (row >= 0) & (row < camera.height_px)
    share = hidden_share(buffers.instance, buffers.depth_m, ids[inside], pixels[inside], depth_m[inside])
    states = np.full(len(ids), int(KeypointState.OUTSIDE))
    states[inside] = np.where(share > HIDDEN_SHARE, int(KeypointState.OCCLUDED), int(KeypointState.VISIBLE))
    return states


def hidden_share(
    instance: NDArray[np.unsignedinteger],
    depth_m: NDArray[np.floating],
    ids: NDArray[np.int64],
    pixels: Array,
    z: Array,
    *,
    slack_m: Array | float = 0.0,
    error_m: float = 0.0,
) -> Array:
    """(K,) share of what the pixels around say of points at places (K, 2) and depths z (K,), each of one of the
    instances ``ids``, that is something nearer. It must be nearer by ``slack_m`` (K,) more than else, also with depths
    that are off by ``error_m``, and what lies behind the body farther; where these are negative, it need only be so
    with one error or another."""
    u, v = pixels.T
    rows, columns, weights, _ = around(u, v, depth_m.shape)
    middle, change = inverse_depth(depth_m, instance, rows, columns, u, v)
    if error_m != 0.0:
        change = change + error_m * error_per_m(depth_m, instance, rows, columns, u, v)
    own = instance[rows, columns] == ids
    covers = middle - change > 1.0 / np.maximum(z - np.where(own, INSIDE_BODY_M, OFF_SURFACE_M) - slack_m, 1e-9)
    # Where the body is not, a pixel that shows what lies behind tells nothing of what stands before it.
    silent = ~own & (middle + change < 1.0 / (z + INSIDE_BODY_M + slack_m))
    told = (weights * ~silent).sum(axis=0)
    share: Array = np.where(told > 0, (weights * covers).sum(axis=0) / np.maximum(told, 1e-12), 0.0)
    return share
