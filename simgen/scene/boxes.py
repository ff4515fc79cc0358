"""Oriented boxes around bodies and their outlines on the ground: overlap, gaps, corners.

A footprint is a rectangle on the ground, (4, 2) corners in the world frame, counter-clockwise from the front left as
the body faces. The functions on footprints take any convex polygon in either order of its corners.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.body import Body, CollisionShape

_SIGNS = np.array([[x, y, z] for x in (1.0, -1.0) for y in (1.0, -1.0) for z in (1.0, -1.0)])
_AROUND = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])


def corners(world_from_entity: Array, body: Body) -> Array:
    """(8, 3) corners of the oriented box around the body at rest, world frame."""
    local = np.asarray(body.box_center_m) + 0.5 * _SIGNS * np.asarray(body.box_size_m)
    result: Array = local @ world_from_entity[:3, :3].T + world_from_entity[:3, 3]
    return result


def footprint(world_from_entity: Array, body: Body) -> Array:
    """(4, 2) the outline on the ground of the body's box.

    A tilted body's outline is the rectangle along its heading that holds its box seen from above. A body that is one
    sphere keeps its square whichever way it has rolled.
    """
    center, size = np.array([body.box_center_m]), np.array([body.box_size_m])
    result: Array = footprints(world_from_entity[None], center, size, np.array([is_round(body)]))[0]
    return result


def footprints(world_from_entity: Array, center_m: Array, size_m: Array, round: NDArray[np.bool_]) -> Array:
    """(n, 4, 2) ``footprint`` of n bodies: poses (n, 4, 4), centres and sizes (n, 3), and which are spheres (n,)."""
    rotation = world_from_entity[:, :2, :3]
    center = world_from_entity[:, :2, 3] + (rotation @ center_m[:, :, None])[:, :, 0]
    yaw = np.arctan2(world_from_entity[:, 1, 0], world_from_entity[:, 0, 0])
    c, s = np.cos(yaw), np.sin(yaw)
    turned = np.empty((len(c), 2, 2))
    turned[:, 0, 0] = turned[:, 1, 1] = c
    turned[:, 0, 1], turned[:, 1, 0] = s, -s
    half = 0.5 * (np.abs(turned @ rotation) @ size_m[:, :, None])[:, None, :, 0]
    half[round, 0] = 0.5 * size_m[round, :2]
    result: Array = center[:, None, :] + (_AROUND * half) @ turned
    return result


def box_outlines(world_from_frame: Array, shapes: Sequence[CollisionShape]) -> Array:
    """(P, 4, 2) what collision shapes, boxes all of them, cover on the ground."""
    poses = np.stack([world_from_frame @ shape.body_from_shape for shape in shapes])
    sizes = np.array([shape.size_m for shape in shapes])
    return footprints(poses, np.zeros_like(sizes), sizes, np.zeros(len(sizes), dtype=np.bool_))


def collision_boxes(body: Body) -> list[tuple[Array, Array, Array]]:
    """body_from_box (4, 4), centre and size (3,) of the box around each shape that collides of a body."""
    boxes = []
    for shape in body.collision:
        if shape.points_m is not None:
            low, high = shape.points_m.min(axis=0), shape.points_m.max(axis=0)
            boxes.append((shape.body_from_shape, 0.5 * (low + high), high - low))
            continue
        size = shape.size_m
        whole = np.array(size) if shape.kind == "box" else np.full(3, 2.0 * size[0])
        if shape.kind in ("capsule", "cylinder"):
            whole[2] += size[1]
        boxes.append((shape.body_from_shape, np.zeros(3), whole))
    return boxes


def box_below(body: Body, height_m: float) -> tuple[Array, Array]:
    """Middle and size (3,) of the box around what collides of an upright body below a height over its lowest point, as
    far as shapes that begin below it reach: of a tree the trunk, of a lamp the post. The whole box of a body of which
    nothing collides there, or whose parts move."""
    middle, size = np.array(body.box_center_m), np.array(body.box_size_m)
    top = middle[2] - 0.5 * size[2] + height_m
    lows, highs = [], []
    for pose, center, whole in collision_boxes(body) if not body.joints else ():
        at = pose[:3, :3] @ center + pose[:3, 3]
        reach = 0.5 * np.abs(pose[:3, :3]) @ whole
        if at[2] - reach[2] < top:
            lows.append(at - reach)
            highs.append(at + reach)
    if not lows:
        return middle, size
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    return 0.5 * (low + high), high - low


def is_round(body: Body) -> bool:
    """Whether a body is one sphere."""
    return len(body.collision) == 1 and body.collision[0].kind == "sphere"


def height_span(world_from_entity: Array, body: Body) -> tuple[float, float]:
    """Lowest and highest z of the body's box, world frame, metres."""
    z = corners(world_from_entity, body)[:, 2]
    return float(z.min()), float(z.max())


def overlap(a: Array, b: Array) -> bool:
    """Whether two footprints share an area; touching is not overlapping (separating axes)."""
    for polygon in (a, b):
        edges = np.roll(polygon, -1, axis=0) - polygon
        axes = np.stack([-edges[:, 1], edges[:, 0]])
        on_a, on_b = a @ axes, b @ axes
        if np.any((on_a.max(0) <= on_b.min(0)) | (on_b.max(0) <= on_a.min(0))):
            return False
    return True


def within(outline_m: Array, points_m: Array) -> NDArray[np.bool_]:
    """(...,) whether points (..., 2) lie within an outline (K, 2), convex or not, whichever way its corners run; of a
    point on the outline itself it is left open."""
    to_x = outline_m[:, 0] - points_m[..., None, 0]
    to_y = outline_m[:, 1] - points_m[..., None, 1]
    above = to_y > 0.0
    next_x, next_y = (np.concatenate((v[..., 1:], v[..., :1]), axis=-1) for v in (to_x, to_y))
    next_above = next_y > 0.0
    # A ray along +x crosses the outline an odd number of times (Shimrat 1962)
    crossed = (above != next_above) & ((to_x * next_y - to_y * next_x > 0.0) == next_above)
    inside: NDArray[np.bool_] = np.logical_xor.reduce(crossed, axis=-1)
    return inside


def covered(world_from_entity: Array, body: Body, points_m: Array) -> NDArray[np.bool_]:
    """(...,) whether points (..., 2) of the world lie within a body's outline on the ground, of which even a dent is
    free; within the outline of its box when it has none of its own."""
    if not body.outline_m:
        return within(footprint(world_from_entity, body), points_m)
    return within(np.array(body.outline_m) @ world_from_entity[:2, :2].T + world_from_entity[:2, 3], points_m)


def footprint_distance(a: Array, b: Array) -> float:
    """Shortest distance in metres between two footprints; 0 when they overlap or touch."""
    if overlap(a, b):
        return 0.0
    return float(np.sqrt(min(_nearest_squared(a, b), _nearest_squared(b, a))))


def _nearest_squared(points: Array, polygon: Array) -> float:
    """Squared distance from the nearest of the points (P, 2) to the edges of the polygon (Q, 2)."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    offset = points[:, None, :] - polygon[None, :, :]
    along = np.einsum("pqk,qk->pq", offset, edges) / np.maximum(np.einsum("qk,qk->q", edges, edges), 1e-18)
    gap = offset - np.clip(along, 0.0, 1.0)[..., None] * edges
    return float(np.min(np.einsum("pqk,pqk->pq", gap, gap)))


def expanded(polygon: Array, margin_m: float) -> Array:
    """The footprint (4, 2) with all its sides moved outwards by ``margin_m``."""
    result: Array = polygon.copy()
    for i in range(len(polygon)):
        for j in (i - 1, (i + 1) % len(polygon)):
            edge = polygon[i] - polygon[j]
            length = np.linalg.norm(edge)
            if length > 1e-12:
                result[i] += edge / length * margin_m
    return result
