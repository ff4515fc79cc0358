"""Optical flow from poses: where each point of a picture is in another one.

It needs no search: a pixel's depth and node say which point of which part it shows, and the part's pose at the other
instant says where that point went. So it is exact, for moving and articulated bodies too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, inverse
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.scene import SceneView

HIDDEN_M, HIDDEN_SHARE = 0.01, 0.01
"""A point is hidden where the surface before it is nearer by more than this: what depths may be wrong by."""


class FlowState(IntEnum):
    """What is known of a pixel's flow. INVALID: it shows the sky, or its point leaves the picture, comes to lie behind
    the camera or belongs to what is absent then; its vector is 0. OCCLUDED: the vector holds, but something else
    is in front of the point in the other picture."""

    INVALID = 0
    VISIBLE = 1
    OCCLUDED = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flow:
    """Attributes:
    vector_px: (H, W, 2) float32, right and down, from each pixel's centre to where its point is.
    state: (H, W) uint8 of FlowState.
    """

    vector_px: NDArray[np.float32]
    state: NDArray[np.uint8]

    @classmethod
    def joined(cls, plane: NDArray[np.float32]) -> Flow:
        """From (H, W, 3): right, down, state."""
        return cls(vector_px=plane[..., :2], state=np.rint(plane[..., 2]).astype(np.uint8))

    @property
    def plane(self) -> NDArray[np.float32]:
        """(H, W, 3): right, down, state."""
        return np.concatenate([self.vector_px, self.state[..., None].astype(np.float32)], axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """A picture as flow knows it: ``node`` (H, W) is -1 for sky, ``world_from_node`` (N, 4, 4), ``present`` (N,)."""

    camera: Camera
    depth_m: NDArray[np.float32]
    node: NDArray[np.int32]
    world_from_node: Array
    present: NDArray[np.bool_]

    @classmethod
    def of(cls, view: SceneView, camera: Camera, buffers: RenderBuffers) -> Shot:
        """Raises ValueError for buffers of a renderer that draws without nodes."""
        if buffers.node is None:
            raise ValueError("flow needs a renderer that tells nodes apart")
        return cls(
            camera=camera,
            depth_m=buffers.depth_m,
            node=buffers.node,
            world_from_node=np.asarray(view.snapshot.world_from_node, dtype=np.float64),
            present=view.node_present(),
        )


def flow(here: Shot, there: Shot) -> Flow:
    """Flow of ``here`` to ``there``: forward when ``there`` is later, backward when it is earlier."""
    rows, columns, place = landing(here, there)
    height, width = here.node.shape
    u, v, z = place
    camera = there.camera
    with np.errstate(invalid="ignore"):
        inside = (
            (z > camera.near_m)
            & (u >= -0.5)
            & (v >= -0.5)
            & (u < camera.width_px - 0.5)
            & (v < camera.height_px - 0.5)
            & there.present[here.node[rows, columns]]
        )
    rows, columns, u, v, z = rows[inside], columns[inside], u[inside], v[inside], z[inside]
    vector = np.zeros((height, width, 2), dtype=np.float32)
    state = np.zeros((height, width), dtype=np.uint8)
    vector[rows, columns, 0] = u - columns
    vector[rows, columns, 1] = v - rows
    shown = found_again(here.node[rows, columns], u, v, z, there)
    state[rows, columns] = np.where(shown, FlowState.VISIBLE, FlowState.OCCLUDED)
    return Flow(vector_px=vector, state=state)


def landing(here: Shot, there: Shot) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[Array, Array, Array]]:
    """Rows and columns (P,) of the pixels that show a surface, and where their points are in the other picture: u, v in
    pixels and depth z (P,) as that camera counts it, which make sense where z is positive."""
    rows, columns = np.nonzero((here.node >= 0) & np.isfinite(here.depth_m) & (here.depth_m > 0))
    node = here.node[rows, columns]
    depth = here.depth_m[rows, columns].astype(np.float64)
    points = _points(here.camera, rows, columns, depth)
    moved = np.empty_like(points)
    passage, index = _passages(here, there)
    owner = index[node]
    for k in np.unique(owner):
        chosen = owner == k
        moved[chosen] = points[chosen] @ passage[k, :3, :3].T + passage[k, :3, 3]
    camera = there.camera
    if camera.lens is not None:
        return rows, columns, camera.image(moved)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = camera.fx_px * moved[:, 0] / moved[:, 2] + camera.cx_px
        v = camera.fy_px * moved[:, 1] / moved[:, 2] + camera.cy_px
    return rows, columns, (u, v, moved[:, 2])


def _points(camera: Camera, rows: NDArray[np.int64], columns: NDArray[np.int64], z: Array) -> Array:
    """(P, 3) points in the camera's frame."""
    if camera.lens is not None:
        return camera.grid()[rows, columns] * z[:, None]
    return np.stack([(columns - camera.cx_px) / camera.fx_px * z, (rows - camera.cy_px) / camera.fy_px * z, z], axis=1)


def _passages(here: Shot, there: Shot) -> tuple[Array, NDArray[np.int64]]:
    """(K, 4, 4) camera then from camera now, and the one (N,) of each node; the first is of all that stand still."""
    still = np.all(here.world_from_node == there.world_from_node, axis=(1, 2))
    moving = np.flatnonzero(~still)
    index = np.zeros(len(still), dtype=np.int64)
    index[moving] = np.arange(1, len(moving) + 1)
    world_now, camera_then = here.camera.world_from_camera, there.camera.camera_from_world
    passages = np.empty((len(moving) + 1, 4, 4))
    same = np.array_equal(world_now, there.camera.world_from_camera)
    passages[0] = np.eye(4) if same else camera_then @ world_now
    change = there.world_from_node[moving] @ inverse(here.world_from_node[moving])
    passages[1:] = camera_then @ change @ world_now
    return passages, index


def found_again(
    node: NDArray[np.int32], u: Array, v: Array, z: Array, there: Shot, *, slack_m: Array | float = 0.0
) -> NDArray[np.bool_]:
    """(P,) whether points of these nodes that land at u, v with depth z are seen there: one of the four pixels around
    shows the same node, and no nearer than they are (by more than ``slack_m`` beyond the usual tolerance)."""
    height, width = there.node.shape
    with np.errstate(invalid="ignore"):
        left, top = (np.clip(np.nan_to_num(np.floor(x), nan=-9.0), -9, 1e6).astype(np.int64) for x in (u, v))
    shown = np.zeros(len(node), dtype=np.bool_)
    for dy in (0, 1):
        for dx in (0, 1):
            x, y = np.clip(left + dx, 0, width - 1), np.clip(top + dy, 0, height - 1)
            before = z - there.depth_m[y, x]
            shown |= (there.node[y, x] == node) & (before <= np.maximum(HIDDEN_M, HIDDEN_SHARE * z) + slack_m)
    return shown
