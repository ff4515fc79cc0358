"""Pictures through lenses, made of pinhole pictures: every renderer draws pinholes, and this resamples them.

A lens's picture is taken from one pinhole picture where its rays allow, and else from the faces of a cube about the
camera. What is looked up differs by what it is:

- Light is averaged over each pixel's area. Near where two faces meet it fades from one to the other, because what a
  renderer does in the picture's plane (mirrors, occlusion, shadow maps) differs a little between them.
- Ids are those of the nearest pixel of the face, never blended. A face has at least ``faces.FINENESS`` pixels, on
  average of both axes, for one of the lens's picture, so that an edge is misplaced by at most 0.5 / ``FINENESS``
  pixels.
- Depth is that at the pixel's own centre, on the plane of the surface that is seen there. Where a surface is seen
  edge-on right where it ends, it is the depth of the nearest pixel of the face. It never leaves the box of its node,
  nor the far plane of the camera.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.rendering.faces import NOWHERE, Face, Float32, Plan, outside_of, plan_of
from simgen.rendering.protocol import RADIANCE_MAX, Beyond, Extra, RenderBuffers, Silhouette
from simgen.rendering.silhouette import NOTHING, box_corners, cut_out
from simgen.rendering.slivers import within_boxes
from simgen.scene.classes import VOID
from simgen.scene.scene import SceneView

Draw: TypeAlias = Callable[[SceneView, Camera, Collection[Extra]], RenderBuffers]
DrawAlone: TypeAlias = Callable[[SceneView, Camera, Sequence[int]], tuple[Silhouette, ...]]

_GENTLE, _ALIKE = 0.05, 0.1
"""A slope of the inverse depth counts as a surface's if it is at most this share of it a pixel, or if the slopes to
both sides differ by at most this share of it, as on a plane that is seen edge-on."""
_JUMP = 0.005
"""Share of the inverse depth by which neighbours differ that are looked at more closely."""


def render(draw: Draw, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
    """What ``Renderer.render`` gives, by a function that draws pinholes."""
    if camera.lens is None:
        return draw(view, camera, extras)
    plan = plan_of(camera.optics)
    height, width = camera.height_px, camera.width_px
    light = np.zeros((height, width, 3), dtype=np.float32)
    depth = np.full(height * width, np.inf, dtype=np.float32)
    instance = np.zeros(height * width, dtype=np.uint32)
    semantic = np.full(height * width, VOID.id, dtype=np.uint16)
    node = np.full(height * width, -1, dtype=np.int32)
    lamp_m = np.full(height * width, np.inf, dtype=np.float32)
    normal = np.zeros((height * width, 3), dtype=np.float32) if "normal" in extras else None
    without_nodes = False
    for face in plan.faces:
        seen = draw(view, face.camera(camera), extras)
        y, x = face.top, face.left
        h, w = face.weight.shape
        wide = np.ascontiguousarray(seen.radiance, dtype=np.float32)
        for whole, fraction in face.lookups:
            part = cv2.remap(wide, whole, fraction, cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
            light[y : y + h, x : x + w] += np.asarray(part, dtype=np.float32).reshape(h, w, 3) * face.weight[..., None]
        at, of = face.pixels, face.sources
        semantic[at], instance[at] = seen.semantic.reshape(-1)[of], seen.instance.reshape(-1)[of]
        if seen.node is None:
            without_nodes = True
            owner = seen.semantic.astype(np.int64) << 32 | seen.instance
        else:
            owner = seen.node.astype(np.int64)
            node[at] = seen.node.reshape(-1)[of]
        depth[at] = _depth_at(seen.depth_m, owner, face) * face.stretch
        if seen.light_depth_m is not None:
            before = seen.light_depth_m < seen.depth_m
            lamp_m[at] = np.where(before, seen.light_depth_m, np.inf).reshape(-1)[of] * face.stretch
        if normal is not None and seen.normal is not None:
            normal[at] = seen.normal.reshape(-1, 3)[of] @ face.turn.T.astype(np.float32)
    light[plan.owner == NOWHERE] = 0.0
    shape = (height, width)
    if camera.depth == "planar":
        np.minimum(depth, np.float32(camera.far_m), out=depth, where=np.isfinite(depth))
    if not without_nodes:
        _keep_in_boxes(depth.reshape(shape), node.reshape(shape), view, camera)
    return RenderBuffers(
        radiance=np.minimum(light, RADIANCE_MAX).astype(np.float16),
        depth_m=depth.reshape(shape),
        instance=instance.reshape(shape),
        semantic=semantic.reshape(shape),
        node=None if without_nodes else node.reshape(shape),
        light_depth_m=np.minimum(depth, lamp_m).reshape(shape) if np.isfinite(lamp_m).any() else None,
        normal=None if normal is None else normal.reshape(*shape, 3),
    )


def _keep_in_boxes(depth_m: Float32, node: NDArray[np.int32], view: SceneView, camera: Camera) -> None:
    """``within_boxes`` for all that is labelled, where its parts end or their depth jumps."""
    borders = np.zeros(node.shape, dtype=np.bool_)
    inverse = 1.0 / depth_m
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        differ = node[one] != node[other]
        differ |= np.abs(inverse[one] - inverse[other]) > _JUMP * inverse[one]
        borders[one] |= differ
        borders[other] |= differ
    scene = view.scene
    chosen = np.zeros(len(scene.nodes), dtype=np.bool_)
    boxes = np.zeros((len(scene.nodes), 8, 3))
    for i in np.unique(node[borders]):
        if i >= 0 and scene.entities[scene.nodes[i].entity].instance_id:
            chosen[i], boxes[i] = True, box_corners(scene.nodes[i].mesh)
    poses = np.array(view.snapshot.world_from_node, dtype=np.float64).reshape(-1, 4, 4)
    poses[:, :3, 3] -= camera.world_from_camera[:3, 3]
    within_boxes(depth_m, node, borders, camera, chosen, poses, boxes)


def silhouettes(
    draw: DrawAlone, view: SceneView, camera: Camera, instance_ids: Sequence[int]
) -> tuple[Silhouette, ...]:
    """What ``Renderer.silhouettes`` gives, by a function that draws pinholes.

    What lies outside of the picture comes in ``beyond``, in cells of some pixels, as far as the lens images and within
    one width and height of the picture.
    """
    if camera.lens is None:
        return draw(view, camera, instance_ids)
    plan = plan_of(camera.optics)
    alone = [_Alone() for _ in instance_ids]
    for k, face in enumerate(plan.faces):
        for one, drawn in zip(alone, draw(view, face.camera(camera), instance_ids), strict=True):
            if drawn.mask.size:
                one.add(k, drawn)
    result: list[Silhouette] = []
    leaving: list[int] = []
    for i, one in enumerate(alone):
        x, y, mask = one.within(plan, camera)
        left, top, cut = cut_out(mask)
        x, y = x + left, y + top
        result.append(Silhouette(instance_id=instance_ids[i], x_px=x, y_px=y, mask=cut if cut.size else NOTHING))
        h, w = cut.shape
        if cut.size and plan.outline[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2].any():
            leaving.append(i)
    if leaving:
        outside = outside_of(camera.optics)
        ids = [instance_ids[i] for i in leaving]
        cells = np.zeros((len(leaving), *outside.shape), dtype=np.bool_)
        for face in outside.faces:
            for row, drawn in enumerate(draw(view, face.camera(camera), ids)):
                if drawn.mask.size:
                    cells[row].reshape(-1)[face.pixels] = _looked_up(drawn, face.column, face.row)
        for i, mask in zip(leaving, cells, strict=True):
            x, y, cut = cut_out(mask)
            if cut.size:
                step = outside.step_px
                was = result[i]
                beyond = Beyond(x_px=outside.x_px + step * x, y_px=outside.y_px + step * y, step_px=step, mask=cut)
                result[i] = Silhouette(
                    instance_id=was.instance_id, x_px=was.x_px, y_px=was.y_px, mask=was.mask, beyond=beyond
                )
    return tuple(result)


class _Alone:
    """One object alone, on the faces."""

    def __init__(self) -> None:
        self._drawn: list[tuple[int, Silhouette]] = []

    def add(self, face: int, drawn: Silhouette) -> None:
        self._drawn.append((face, drawn))

    def within(self, plan: Plan, camera: Camera) -> tuple[int, int, NDArray[np.bool_]]:
        """Column, row and mask (h, w) of it within the picture."""
        windows = []
        for k, drawn in self._drawn:
            window = _window(plan.faces[k], drawn, camera)
            if window is not None:
                windows.append((k, drawn, window))
        if not windows:
            return 0, 0, NOTHING
        left, top = min(w[0] for *_, w in windows), min(w[1] for *_, w in windows)
        right, bottom = max(w[2] for *_, w in windows), max(w[3] for *_, w in windows)
        mask = np.zeros((bottom - top, right - left), dtype=np.bool_)
        for k, drawn, (x0, y0, x1, y1) in windows:
            part = plan.owner[y0:y1, x0:x1] == k
            found = _looked_up(drawn, plan.column[y0:y1, x0:x1][part], plan.row[y0:y1, x0:x1][part])
            mask[y0 - top : y1 - top, x0 - left : x1 - left][part] |= found
        return left, top, mask


def _looked_up(drawn: Silhouette, column: NDArray[np.int16], row: NDArray[np.int16]) -> NDArray[np.bool_]:
    """(P,) whether pixels of a face are in a silhouette that was drawn on it."""
    height, width = drawn.mask.shape
    x, y = column.astype(np.int32) - drawn.x_px, row.astype(np.int32) - drawn.y_px
    found: NDArray[np.bool_] = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    found[found] = drawn.mask[y[found], x[found]]
    return found


def _window(face: Face, drawn: Silhouette, camera: Camera) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom in the picture of the part of a face that a mask covers; None for nothing."""
    height, width = drawn.mask.shape
    x = np.linspace(max(drawn.x_px, 0) - 1, min(drawn.x_px + width, face.width_px), 48)
    y = np.linspace(max(drawn.y_px, 0) - 1, min(drawn.y_px + height, face.height_px), 48)
    if x[-1] <= x[0] or y[-1] <= y[0]:
        return None
    place = np.stack(np.meshgrid((x + face.x_px) / face.focal_px, (y + face.y_px) / face.focal_px), axis=-1)
    rays = np.concatenate([place, np.ones((*place.shape[:2], 1))], axis=-1) @ face.turn.T
    u, v, _ = camera.image(rays)
    if np.isnan(u).all():
        return None
    if np.isnan(u).any():
        box = face.left, face.top, face.left + face.weight.shape[1], face.top + face.weight.shape[0]
    else:
        # Between two of its samples the outline of a window bows by far less than a sixteenth of its size.
        slack = 2.0 + (u.max() - u.min() + v.max() - v.min()) / 32
        low, high = (u.min() - slack, v.min() - slack), (u.max() + slack, v.max() + slack)
        box = int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1
    left, top = max(box[0], 0), max(box[1], 0)
    right, bottom = min(box[2], camera.width_px), min(box[3], camera.height_px)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _depth_at(depth_m: Float32, owner: NDArray[np.int64], face: Face) -> Float32:
    """(P,) the face's planar depth at the exact places of the pixels that it owns.

    On a plane the inverse of planar depth is linear in the picture. So it is followed from the nearest pixel by its
    slopes, each the gentler one of those to the two neighbours, if they show the same surface: exact on planes up to
    their ends. Where a slope is none of a surface, depth is that of the nearest pixel.
    """
    near = np.isfinite(depth_m) & (depth_m > 0)
    inverse = np.where(near, 1.0 / np.maximum(depth_m, 1e-6), 0.0).astype(np.float32)
    at = face.sources
    x, y = face.spot[:, 0] - face.column, face.spot[:, 1] - face.row
    w = inverse.reshape(-1)[at]
    moved = w + x * _slope(inverse, owner, 1).reshape(-1)[at] + y * _slope(inverse, owner, 0).reshape(-1)[at]
    depth: Float32 = depth_m.reshape(-1)[at]
    followed = moved > 0.5 * w
    depth[followed] = 1.0 / moved[followed]
    return depth


def _slope(inverse: Float32, owner: NDArray[np.int64], axis: int) -> Float32:
    """(h, w) of the inverse depth along an axis, per pixel."""
    step = np.diff(inverse, axis=axis)
    step[np.diff(owner, axis=axis) != 0] = np.inf
    none = np.full_like(np.take(inverse, [0], axis=axis), np.inf)
    before, after = np.concatenate([none, step], axis=axis), np.concatenate([step, none], axis=axis)
    slope = np.where(np.abs(before) < np.abs(after), before, after)
    with np.errstate(invalid="ignore"):
        alike = np.abs(before - after) < _ALIKE * np.abs(slope)
        slope[~(alike | (np.abs(slope) < _GENTLE * inverse))] = 0.0
    return slope
