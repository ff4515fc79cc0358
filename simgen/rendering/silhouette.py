"""Silhouettes of single objects, drawn without any graphics library, and the canvases that hold them.

A pixel belongs to a triangle when its centre does; centres on a left or top edge count, on a right or bottom edge not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, transform
from simgen.rendering.protocol import Beyond, Silhouette
from simgen.scene.mesh import Mesh, bounds
from simgen.scene.scene import SceneView

MARGIN = 3
"""A canvas reaches this many image widths and heights beyond the image."""
FINEST_PX = 250_000
"""A canvas of more pixels may be known in cells of several pixels where it lies outside of the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """A window of the image's pixel grid; ``x_px``, ``y_px`` may be negative."""

    x_px: int
    y_px: int
    width_px: int
    height_px: int

    @property
    def empty(self) -> bool:
        return self.width_px <= 0 or self.height_px <= 0

    def inside(self, camera: Camera) -> bool:
        """Whether it lies within the image."""
        return (
            self.x_px >= 0
            and self.y_px >= 0
            and self.x_px + self.width_px <= camera.width_px
            and self.y_px + self.height_px <= camera.height_px
        )

    def reaches_into(self, camera: Camera) -> bool:
        """Whether a part of it lies within the image."""
        image = Canvas(x_px=0, y_px=0, width_px=camera.width_px, height_px=camera.height_px)
        return not self.empty and self.overlaps(image)

    def overlaps(self, other: Canvas) -> bool:
        return (
            self.x_px < other.x_px + other.width_px
            and other.x_px < self.x_px + self.width_px
            and self.y_px < other.y_px + other.height_px
            and other.y_px < self.y_px + self.height_px
        )


EMPTY = Canvas(x_px=0, y_px=0, width_px=0, height_px=0)
NOTHING: NDArray[np.bool_] = np.zeros((0, 0), dtype=np.bool_)


def nodes_of(view: SceneView, instance_ids: Sequence[int]) -> list[range]:
    """The nodes to draw for each instance; none for one that is absent. Raises KeyError for an unknown id."""
    places = {e.instance_id: (i, e.nodes) for i, e in enumerate(view.scene.entities)}
    found = [places[i] for i in instance_ids]
    present = view.snapshot.present
    return [range(nodes.start, nodes.stop) if present[i] else range(0) for i, nodes in found]


def canvas_of(pixels: Array, camera: Camera) -> Canvas:
    """The smallest canvas that holds points (P, 2) in pixels, within the margin around the image."""
    if len(pixels) == 0:
        return EMPTY
    return _canvases(pixels.min(axis=0)[None], pixels.max(axis=0)[None], camera)[0]


def _canvases(low_px: Array, high_px: Array, camera: Camera) -> list[Canvas]:
    """The smallest ones that hold rectangles between corners (P, 2), within the margin around the image."""
    size = np.array([camera.width_px, camera.height_px])
    low = np.clip(np.floor(low_px), -MARGIN * size, (MARGIN + 1) * size).astype(int)
    high = np.clip(np.ceil(high_px) + 1, -MARGIN * size, (MARGIN + 1) * size).astype(int)
    return [
        Canvas(x_px=x, y_px=y, width_px=width, height_px=height) if width > 0 and height > 0 else EMPTY
        for (x, y), (width, height) in zip(low.tolist(), (high - low).tolist(), strict=True)
    ]


def trimmed(instance_id: int, x_px: int, y_px: int, mask: NDArray[np.bool_], beyond: Beyond | None) -> Silhouette:
    """The silhouette with the canvas cut down to what is set."""
    left, top, cut = cut_out(mask)
    return Silhouette(instance_id=instance_id, x_px=x_px + left, y_px=y_px + top, mask=cut, beyond=beyond)


def cut_out(mask: NDArray[np.bool_]) -> tuple[int, int, NDArray[np.bool_]]:
    """Column and row of the smallest window (h, w) that holds all that is set, and the window; (0, 0) for none."""
    if mask.size == 0:
        return 0, 0, NOTHING
    x, y, width, height = cv2.boundingRect(np.ascontiguousarray(mask).view(np.uint8))
    return x, y, np.ascontiguousarray(mask[y : y + height, x : x + width])


def clip_depth(triangles: Array, limit_m: float, sign: int) -> Array:
    """Triangles (T, 3, 3) cut at a planar depth: what lies beyond it stays (sign 1), or what lies before it (-1)."""
    distance = sign * (triangles[..., 2] - limit_m)
    inside = distance >= 0
    count = inside.sum(axis=1)
    kept = [triangles[count == 3]]
    for wanted in (1, 2):
        chosen = count == wanted
        if not chosen.any():
            continue
        t, d = triangles[chosen], distance[chosen]
        # Turn each triangle so that its odd corner comes first.
        odd = np.argmax(inside[chosen] == (wanted == 1), axis=1)
        order = (odd[:, None] + np.arange(3)) % 3
        t, d = np.take_along_axis(t, order[..., None], axis=1), np.take_along_axis(d, order, axis=1)
        a, b, c = t[:, 0], t[:, 1], t[:, 2]
        ab = a + (b - a) * (d[:, 0] / (d[:, 0] - d[:, 1]))[:, None]
        ac = a + (c - a) * (d[:, 0] / (d[:, 0] - d[:, 2]))[:, None]
        if wanted == 1:
            kept.append(np.stack([a, ab, ac], axis=1))
        else:
            kept += [np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)]
    return np.concatenate(kept)


def project_triangles(view: SceneView, camera: Camera, nodes: Sequence[int]) -> Array:
    """(T, 3, 2) pixels of the triangles of these nodes, as far as they lie between the near and far planes."""
    camera_from_world = camera.camera_from_world
    parts = []
    for index in nodes:
        node = view.scene.nodes[index]
        local = transform(camera_from_world @ view.snapshot.world_from_node[index], node.mesh.vertices_m)
        parts.append(local[node.mesh.faces])
    triangles = np.concatenate(parts) if parts else np.zeros((0, 3, 3))
    triangles = clip_depth(clip_depth(triangles, camera.near_m, 1), camera.far_m, -1)
    z = triangles[..., 2:]
    focal, middle = np.array([camera.fx_px, camera.fy_px]), np.array([camera.cx_px, camera.cy_px])
    pixels: Array = triangles[..., :2] / z * focal + middle
    return pixels


def cover(triangles_px: Array, canvas: Canvas) -> NDArray[np.bool_]:
    """(h, w) pixels of the canvas whose centres lie in any of the triangles (T, 3, 2)."""
    width, height = canvas.width_px, canvas.height_px
    t = triangles_px - np.array([canvas.x_px, canvas.y_px])
    first = np.clip(np.ceil(t[..., 1].min(axis=1)), 0, height).astype(np.int64)
    last = np.clip(np.ceil(t[..., 1].max(axis=1)), 0, height).astype(np.int64)
    rows = np.maximum(last - first, 0)
    owner = np.repeat(np.arange(len(t)), rows)
    y = np.arange(len(owner)) - np.repeat(np.cumsum(rows) - rows, rows) + first[owner]
    left, right = np.full(len(owner), np.inf), np.full(len(owner), -np.inf)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        a, b = t[owner, i], t[owner, j]
        crossed = (np.minimum(a[:, 1], b[:, 1]) <= y) & (y < np.maximum(a[:, 1], b[:, 1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            x = a[:, 0] + (y - a[:, 1]) * (b[:, 0] - a[:, 0]) / (b[:, 1] - a[:, 1])
        left = np.where(crossed, np.minimum(left, x), left)
        right = np.where(crossed, np.maximum(right, x), right)
    some = right > left
    y, left, right = y[some], left[some], right[some]
    begin = np.clip(np.ceil(left), 0, width).astype(np.int64)
    end = np.clip(np.ceil(right), 0, width).astype(np.int64)
    size = height * (width + 1)
    steps = np.bincount(y * (width + 1) + begin, minlength=size) - np.bincount(y * (width + 1) + end, minlength=size)
    result: NDArray[np.bool_] = np.cumsum(steps.reshape(height, width + 1), axis=1)[:, :width] > 0
    return result


def silhouettes(view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
    """Each object alone, as protocol.Renderer.silhouettes says, computed on the CPU."""
    result = []
    for instance_id, nodes in zip(instance_ids, nodes_of(view, instance_ids), strict=True):
        triangles = project_triangles(view, camera, nodes)
        canvas = canvas_of(triangles.reshape(-1, 2), camera)
        mask = cover(triangles, canvas) if canvas.reaches_into(camera) else NOTHING
        inside = mask[max(0, -canvas.y_px) :, max(0, -canvas.x_px) :]
        inside = inside[: camera.height_px - max(0, canvas.y_px), : camera.width_px - max(0, canvas.x_px)]
        result.append(trimmed(instance_id, canvas.x_px, canvas.y_px, mask if inside.any() else NOTHING, None))
    return tuple(result)


_BOX_FACES = np.array(
    [
        (0, 1, 3),
        (0, 3, 2),
        (4, 5, 7),
        (4, 7, 6),
        (0, 1, 5),
        (0, 5, 4),
        (2, 3, 7),
        (2, 7, 6),
        (0, 2, 6),
        (0, 6, 4),
        (1, 3, 7),
        (1, 7, 5),
    ]
)


def box_corners(mesh: Mesh) -> Array:
    """(8, 3) corners of the mesh's box in its own frame, x slowest; NaN for a mesh without vertices."""
    if len(mesh.vertices_m) == 0:
        return np.full((8, 3), np.nan)
    low, high = bounds(mesh)
    return np.array([(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])


def box_canvases(view: SceneView, camera: Camera, groups: Sequence[Sequence[int]], corners_m: Array) -> list[Canvas]:
    """For each group of nodes a canvas that holds the projection of their boxes; cheaper than their triangles, and
    never too small.

    Args:
        corners_m: (N, 8, 3) of all nodes of the scene, see ``box_corners``.
    """
    nodes = np.concatenate([np.asarray(g, dtype=np.int64) for g in groups]) if groups else np.zeros(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    some = ~np.isnan(corners_m[nodes, 0, 0])
    nodes, owner = nodes[some], owner[some]
    pose = camera.camera_from_world @ np.asarray(view.snapshot.world_from_node)[nodes]
    corners = np.matmul(corners_m[nodes], pose[:, :3, :3].transpose(0, 2, 1)) + pose[:, None, :3, 3]
    ahead = (corners[..., 2] >= camera.near_m).all(axis=1)
    # Few boxes are cut by the near plane, and only these need their faces.
    cut = np.bincount(owner[~ahead], minlength=len(groups)) > 0
    focal, middle = np.array([camera.fx_px, camera.fy_px]), np.array([camera.cx_px, camera.cy_px])
    pixels = corners[ahead, :, :2] / corners[ahead, :, 2:] * focal + middle
    low, high = np.full((len(groups), 2), np.inf), np.full((len(groups), 2), -np.inf)
    np.minimum.at(low, owner[ahead], pixels.min(axis=1))
    np.maximum.at(high, owner[ahead], pixels.max(axis=1))
    for group in np.flatnonzero(cut):
        faces = corners[(owner == group) & ~ahead][:, _BOX_FACES].reshape(-1, 3, 3)
        triangles = clip_depth(faces, camera.near_m, 1).reshape(-1, 3)
        points = triangles[:, :2] / triangles[:, 2:] * focal + middle
        low[group] = np.minimum(low[group], points.min(axis=0, initial=np.inf))
        high[group] = np.maximum(high[group], points.max(axis=0, initial=-np.inf))
    return _canvases(low, high, camera)


def tight_canvas(view: SceneView, camera: Camera, nodes: Sequence[int]) -> Canvas:
    """A canvas that holds the projection of these nodes' triangles, with a pixel to spare on each side for a renderer
    of less precision."""
    pixels = project_triangles(view, camera, nodes).reshape(-1, 2)
    return canvas_of(np.concatenate([pixels - 1.0, pixels + 1.0]), camera)
