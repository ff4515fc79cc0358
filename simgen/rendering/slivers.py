"""Depth of surfaces that are seen edge-on, or that end within a pixel.

A rasterizer interpolates over corners that it has snapped to a fraction of a pixel. Where a triangle is hardly wider
than that, its plane is ill-conditioned, and the depth at a pixel's centre may come out metres before or behind it, or
as no number.
What a node draws lies within the node's box, so that a depth outside of it is known to be wrong, and by how much.
Such pixels stand alone, so that only those are looked at which differ from a neighbour. So it is with the depth of a
pixel behind a lens, which was followed from a pixel beside it and may have left the surface.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array

TOLERANCE = 0.002
"""Share of the distance that a point may lie outside of its box before it counts as wrong."""


def within_boxes(
    depth_m: NDArray[np.float32],
    node: NDArray[np.int32],
    edges: NDArray[np.bool_],
    camera: Camera,
    chosen: NDArray[np.bool_],
    poses: Array,
    boxes_m: Array,
) -> None:
    """Moves depths of the chosen nodes that lie outside of their box to its surface, in place: to the nearest place on
    their ray, its front or its back, since where in between the surface is seen is not known. What is no number, of any
    node, comes to the front.

    Args:
        depth_m: (H, W) as the camera counts it; node: (H, W) index of the node, -1 for sky.
        edges: (H, W) pixels that show another node, or quite another depth, than a neighbour of theirs.
        chosen: (N,) which nodes to look at.
        poses: (N, 4, 4) pose of the nodes in a frame with the world's axes and its origin at the camera.
        boxes_m: (N, 8, 3) corners of the boxes, in the nodes' frames.
    """
    at = np.flatnonzero(edges)
    owner = node.reshape(-1).take(at).astype(np.intp)
    unknown = np.isnan(depth_m.reshape(-1).take(at)) & (owner >= 0)
    of_interest = np.append(chosen, False)[owner] | unknown
    owner = owner[of_interest]
    if not len(owner):
        return
    rows, columns = np.divmod(at[of_interest], node.shape[1])
    z = np.nan_to_num(depth_m[rows, columns].astype(np.float64))
    rays = camera.directions(columns, rows) @ camera.world_from_camera[:3, :3].T
    rotation = poses[:, :3, :3]
    origin = -np.einsum("nji,nj->ni", rotation, poses[:, :3, 3])[owner]
    along = np.einsum("pji,pj->pi", rotation[owner], rays)
    margin = (TOLERANCE * np.minimum(z, np.linalg.norm(origin, axis=1)) + 1e-3)[:, None]
    which, box = np.unique(owner, return_inverse=True)
    low, high = boxes_m[which].min(axis=1)[box] - margin, boxes_m[which].max(axis=1)[box] + margin
    place = origin + z[:, None] * along
    wrong = np.flatnonzero(((place < low) | (place > high)).any(axis=1) | unknown[of_interest])
    if not len(wrong):
        return
    along, origin, low, high = along[wrong], origin[wrong], low[wrong], high[wrong]
    steep = np.where(np.abs(along) < 1e-12, 1e-12, along)
    first, second = (low - origin) / steep, (high - origin) / steep
    # Where the ray enters and leaves the box
    enter, leave = np.minimum(first, second).max(axis=1), np.maximum(first, second).min(axis=1)
    mended = np.where(enter <= leave, np.clip(z[wrong], enter, leave), _nearest(origin, along, low, high))
    good = mended > 0.0
    depth_m[rows[wrong][good], columns[wrong][good]] = mended[good]


def _nearest(origin: Array, along: Array, low: Array, high: Array) -> Array:
    """(P,) how far along rays (P, 3) from origins (P, 3) they come nearest to boxes with these corners (P, 3): by
    thirds, since the distance to a box first falls and then rises."""
    near = np.zeros(len(origin))
    reach = np.linalg.norm(np.maximum(np.abs(low - origin), np.abs(high - origin)), axis=1)
    far = reach / np.maximum(np.linalg.norm(along, axis=1), 1e-12)
    for _ in range(60):
        a, b = near + (far - near) / 3.0, far - (far - near) / 3.0
        places = [origin + t[:, None] * along for t in (a, b)]
        at_a, at_b = (np.linalg.norm(place - np.clip(place, low, high), axis=1) for place in places)
        falling = at_a > at_b
        near, far = np.where(falling, a, near), np.where(falling, far, b)
    middle: Array = 0.5 * (near + far)
    return middle
