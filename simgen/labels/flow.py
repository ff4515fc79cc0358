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
from simgen.labels.covering import around, inverse_depth, nearest_around, nearest_of_four, surely_nearer
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.scene import SceneView

HIDDEN_M, HIDDEN_SHARE = 0.01, 0.01
"""A point is hidden where the surface before it is nearer by more than this: what depths may be wrong by."""


class FlowState(IntEnum):
    """What is known of a pixel's flow. INVALID: it shows the sky, or its point leaves the picture, comes to lie behind
    the camera or belongs to what is absent then; its vector is 0. OCCLUDED: the vector holds, but something nearer
    covers the point's place in the other picture, be it its own body's."""

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
    hidden = covered_share(here, there, u, v, z) > 0.5
    state[rows, columns] = np.where(hidden, FlowState.OCCLUDED, FlowState.VISIBLE)
    return Flow(vector_px=vector, state=state)


def landing(here: Shot, there: Shot) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[Array, Array, Array]]:
    """Rows and columns (P,) of the pixels that show a surface, and where their points are in the other picture: u, v in
    pixels and depth z (P,) as that camera counts it, which make sense where z is positive."""
    rows, columns = np.nonzero((here.node >= 0) & np.isfinite(here.depth_m) & (here.depth_m > 0))
    depth = here.depth_m[rows, columns].astype(np.float64)
    points = _points(here.camera, rows, columns, depth)
    return rows, columns, _image(there.camera, _carried(points, here.node[rows, columns], here, there))


def _points(camera: Camera, rows: NDArray[np.int64], columns: NDArray[np.int64], z: Array) -> Array:
    """(P, 3) points in the camera's frame."""
    if camera.lens is not None:
        return camera.grid()[rows, columns] * z[:, None]
    return np.stack([(columns - camera.cx_px) / camera.fx_px * z, (rows - camera.cy_px) / camera.fy_px * z, z], axis=1)


def _image(camera: Camera, points: Array) -> tuple[Array, Array, Array]:
    """u, v in pixels and depth z (P,) of points (P, 3) in the camera's frame; they make sense where z is positive."""
    if camera.lens is not None:
        return camera.image(points)
    return *camera.pixels(points), points[:, 2]


def _carried(points: Array, node: NDArray[np.int32], here: Shot, there: Shot) -> Array:
    """Points (P, 3) of these nodes (P,) in one camera's frame, where they are in the other's."""
    passage, index = passages(here, there)
    owner, moved = index[node], np.empty_like(points)
    # Most stand still: what moves is sought among the rest alone.
    moving = np.flatnonzero(owner)
    mover = owner[moving]
    groups = [(0, np.flatnonzero(owner == 0)), *((k, moving[mover == k]) for k in np.unique(mover))]
    for k, chosen in groups:
        moved[chosen] = points[chosen] @ passage[k, :3, :3].T + passage[k, :3, 3]
    return moved


def passages(here: Shot, there: Shot) -> tuple[Array, NDArray[np.int64]]:
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


def covered_share(
    here: Shot,
    there: Shot,
    u: Array,
    v: Array,
    z: Array,
    *,
    slack_m: Array | float = 0.0,
    nearest: NDArray[np.floating] | None = None,
) -> Array:
    """(P,) how much speaks for something nearer at the places u, v of the picture ``there``, where points that are seen
    in ``here`` lie at depth z: 0 where none of the four pixels around covers them, 1 where all do. ``nearest`` is
    ``nearest_of_four`` of the picture's depth, where it is known already.

    A pixel covers a point if its surface, as steep as it is, lies before the point by more than depths may be wrong by
    (and by ``slack_m``) at the point's place too. Between such a pixel and one that does not the outline of what stands
    before runs anywhere. The same outline is in ``here`` as well, between other centres of pixels: so what covers is
    looked for there too, and the shares of both pictures are averaged.
    """
    share = np.zeros(len(u))
    nearest = nearest_of_four(there.depth_m) if nearest is None else nearest
    with np.errstate(invalid="ignore"):
        limit_m = covered_beyond_m(z, slack_m)
        chosen = np.flatnonzero(nearest_around(nearest, u, v) < limit_m)
    u, v, limit_m = u[chosen], v[chosen], limit_m[chosen]
    slack_m = np.broadcast_to(slack_m, z.shape)[chosen]
    rows, columns, weights, _ = around(u, v, there.node.shape)
    covers = surely_nearer(there.depth_m, there.node, rows, columns, u, v, limit_m)
    found = np.where(covers.all(axis=0), 1.0, (weights * covers).sum(axis=0))
    doubt = np.flatnonzero(covers.any(axis=0) & ~covers.all(axis=0))
    # What covers is taken from the pixel that is nearest to the place.
    first = np.where(covers, weights, -1.0)[:, doubt].argmax(axis=0), doubt
    pixel = rows[first], columns[first]
    points = there.camera.directions(u[doubt], v[doubt]) * there.depth_m[pixel].astype(np.float64)[:, None]
    again, known = _shown_share(there, here, points, there.node[pixel], slack_m[doubt])
    found[doubt] = 0.5 * (found[doubt] + again + (1.0 - known) * found[doubt])
    share[chosen] = found
    return share


def covered_beyond_m(z: Array, slack_m: Array | float) -> Array:
    """How near a surface must be to cover points at depths z (...)."""
    limit_m: Array = z - _tolerance_m(z) - slack_m
    return limit_m


def _shown_share(
    here: Shot, there: Shot, points: Array, node: NDArray[np.int32], slack_m: Array
) -> tuple[Array, Array]:
    """Of surfaces of these nodes that would pass through points (P, 3) in the frame of the camera ``here``: the share
    (P,) of the pixels around their places in ``there`` which show them, and of those which tell: not ones that show
    something nearer."""
    u, v, z = _image(there.camera, _carried(points, node, here, there))
    # Of what is absent there, or behind the camera, its picture tells nothing.
    shown = np.bincount(there.node.reshape(-1) + 1, minlength=len(there.world_from_node) + 1)[1:] > 0
    with np.errstate(invalid="ignore"):
        ahead = shown[node] & (z > 0) & np.isfinite(u) & np.isfinite(v)
    u, v, z = np.where(ahead, u, 0.0), np.where(ahead, v, 0.0), np.where(ahead, z, 1.0)
    rows, columns, weights, real = around(u, v, there.node.shape)
    middle, change = inverse_depth(there.depth_m, there.node, rows, columns, u, v)
    farther = middle + change < 1.0 / (z + _tolerance_m(z) - slack_m)
    same = ~farther & (there.node[rows, columns] == node)
    if there.camera.lens is not None:
        real &= np.isfinite(there.camera.grid()[rows, columns, 2])
    weights = weights * (real & ahead)
    return (weights * same).sum(axis=0), (weights * (same | farther)).sum(axis=0)


def _tolerance_m(z: Array) -> Array:
    tolerance: Array = np.maximum(HIDDEN_M, HIDDEN_SHARE * z)
    return tolerance
