"""Pictures through lenses, made of pinhole pictures: every renderer draws pinholes, and this resamples them.

A lens's picture is taken from one pinhole picture where its rays allow, and else from the faces of a cube about the
camera. Light is averaged over each pixel's area, and faded from one face to the next, because what a renderer does in
the picture's plane (mirrors, occlusion, shadow maps) differs a little between them. Ids are those of the face's nearest
pixel, never blended: ``FINENESS`` says how many of the faces' pixels a pixel has at least on average of both axes where
it has fewest, so that the place at which a surface's edge is taken errs by no more than 0.5 / ``FINENESS`` of a pixel
there and less everywhere else. Depth is that at the pixel's own centre, by the surface's plane, unless the surface ends
or bends there; then it is that of the nearest pixel of the face.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera, Optics
from simgen.core.geometry import Array, pose, read_only
from simgen.rendering.protocol import Beyond, Extra, RenderBuffers, Silhouette
from simgen.rendering.silhouette import NOTHING, cut_out
from simgen.scene.classes import VOID
from simgen.scene.scene import SceneView

Draw: TypeAlias = Callable[[SceneView, Camera, Collection[Extra]], RenderBuffers]
DrawAlone: TypeAlias = Callable[[SceneView, Camera, Sequence[int]], tuple[Silhouette, ...]]
Float32 = NDArray[np.float32]

FINENESS = 1.25
MARGIN = 1
"""What lies outside of the picture is drawn within this many widths and heights of it, as far as the lens images."""

NOWHERE = 255
_FLAT = 1.75
"""Slope up to which one pinhole picture is enough."""
_FADE = 0.06
_LARGEST_PX = 8192
_ROUND = 32
_OUTSIDE_CELLS = 1_500_000
_NONE: Float32 = np.zeros((0, 0), dtype=np.float32)
_BEND = 0.01
"""Share of the inverse depth that its second difference over a pixel may be on a surface that counts as smooth."""

_TURNS: tuple[Array, ...] = tuple(
    np.array(columns, dtype=np.float64).T
    for columns in (
        ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        ((0, 0, -1), (0, 1, 0), (1, 0, 0)),
        ((0, 0, 1), (0, 1, 0), (-1, 0, 0)),
        ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
        ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
        ((-1, 0, 0), (0, 1, 0), (0, 0, -1)),
    )
)
"""(3, 3) camera_from_face: ahead, right, left, below, above, behind."""


def render(draw: Draw, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
    """What ``Renderer.render`` gives, by a function that draws pinholes."""
    if camera.lens is None:
        return draw(view, camera, extras)
    plan = _plan(camera.optics)
    height, width = camera.height_px, camera.width_px
    light = np.zeros((height, width, 3), dtype=np.float32)
    depth = np.full(height * width, np.inf, dtype=np.float32)
    instance = np.zeros(height * width, dtype=np.uint32)
    semantic = np.full(height * width, VOID.id, dtype=np.uint16)
    node = np.full(height * width, -1, dtype=np.int32)
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
        if normal is not None and seen.normal is not None:
            normal[at] = seen.normal.reshape(-1, 3)[of] @ face.turn.T.astype(np.float32)
    light[plan.owner == NOWHERE] = 0.0
    shape = (height, width)
    return RenderBuffers(
        radiance=np.minimum(light, 65_000.0).astype(np.float16),
        depth_m=depth.reshape(shape),
        instance=instance.reshape(shape),
        semantic=semantic.reshape(shape),
        node=None if without_nodes else node.reshape(shape),
        normal=None if normal is None else normal.reshape(*shape, 3),
    )


def silhouettes(
    draw: DrawAlone, view: SceneView, camera: Camera, instance_ids: Sequence[int]
) -> tuple[Silhouette, ...]:
    """What ``Renderer.silhouettes`` gives, by a function that draws pinholes.

    What lies outside of the picture comes in ``beyond``, in cells of some pixels, as far as the lens images and within
    one width and height of the picture.
    """
    if camera.lens is None:
        return draw(view, camera, instance_ids)
    plan = _plan(camera.optics)
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
        outside = _outside(camera.optics)
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

    def within(self, plan: _Plan, camera: Camera) -> tuple[int, int, NDArray[np.bool_]]:
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


def _window(face: _Face, drawn: Silhouette, camera: Camera) -> tuple[int, int, int, int] | None:
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Face:
    """A pinhole picture in which a part of the lens's picture is looked up.

    Attributes:
        turn: (3, 3) camera_from_face.
        focal_px: of it; x_px, y_px: its first pixel, from its principal point.
        pixels: flat indices of the pixels of the lens's picture that it owns (P,); sources: its own pixels nearest to
            them; column, row: the same, apart.
        spot: (P, 2) their exact places in it.
        stretch: (P,) factor from its depth to that of the lens's picture.
        left, top: where in the lens's picture the lookups begin.
        lookups: places (h, w) in it of points spread over each pixel, in OpenCV's fixed point (1/32 pixel).
        weight: (h, w) of each of them: the face's share of the pixel's light.
    """

    turn: Array
    focal_px: float
    x_px: int
    y_px: int
    width_px: int
    height_px: int
    pixels: NDArray[np.int32]
    column: NDArray[np.int16]
    row: NDArray[np.int16]
    sources: NDArray[np.int32]
    spot: Float32
    stretch: Float32
    left: int
    top: int
    lookups: tuple[tuple[NDArray[np.int16], NDArray[np.uint16]], ...]
    weight: Float32

    def camera(self, camera: Camera) -> Camera:
        return Camera(
            width_px=self.width_px,
            height_px=self.height_px,
            fx_px=self.focal_px,
            fy_px=self.focal_px,
            cx_px=-self.x_px,
            cy_px=-self.y_px,
            world_from_camera=camera.world_from_camera @ pose(rotation=self.turn),
            near_m=camera.near_m,
            far_m=camera.far_m,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """How a lens's picture is put together.

    Attributes:
        owner: (H, W) index of the face that each pixel's ids come from; 255 where the lens has no image.
        column, row: (H, W) the pixel of that face.
        outline: (H, W) the pixels at the picture's or the image's end.
    """

    faces: tuple[_Face, ...]
    owner: NDArray[np.uint8]
    column: NDArray[np.int16]
    row: NDArray[np.int16]
    outline: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Outside:
    """What of the lens's image lies outside of the picture, in cells; faces own cells in the place of pixels."""

    x_px: int
    y_px: int
    step_px: int
    shape: tuple[int, int]
    faces: tuple[_Face, ...]


@lru_cache(maxsize=6)
def _plan(optics: Optics) -> _Plan:
    camera = Camera.of_optics(optics)
    rays = _unit(camera.grid())
    size = rays.shape[:2]
    solid = camera.solid_angles(np.arange(size[1])[None, :], np.arange(size[0])[:, None])
    owner = _owners(rays)
    quarter = _quarters(rays)
    shares = _shares(rays, sorted(set(owner[owner >= 0].tolist())))
    faces: list[_Face] = []
    column, row = np.zeros(size, dtype=np.int16), np.zeros(size, dtype=np.int16)
    named = np.full(size, NOWHERE, dtype=np.uint8)
    for k, turn in enumerate(_TURNS):
        mine = owner == k
        if not mine.any():
            continue
        focal = _focal(rays[mine], solid[mine], turn)
        used = shares[k] > 0
        rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
        region = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        places = [_on_plane(fine[region], turn) * focal for fine in quarter]
        spot = _on_plane(rays[mine], turn) * focal
        every = np.concatenate([spot, *(p[used[region]] for p in places)])
        low = np.floor(every.min(axis=0)).astype(int) - 2
        high = np.ceil(every.max(axis=0)).astype(int) + 3
        lookups = []
        for place in places:
            # Where it has no share a lookup may lie anywhere; OpenCV wants it finite.
            at = np.clip(np.nan_to_num(place - low, nan=0.0), -1.0, high - low).astype(np.float32)
            whole, fraction = cv2.convertMaps(at[..., 0].copy(), at[..., 1].copy(), cv2.CV_16SC2)
            lookups.append((read_only(np.asarray(whole, np.int16)), read_only(np.asarray(fraction, np.uint16))))
        face = _face(
            turn, focal, (low, high), np.flatnonzero(mine), spot, _stretch(rays[mine], turn, camera),
            (int(columns[0]), int(rows[0])), tuple(lookups), read_only(shares[k][region] / np.float32(len(lookups))),
        )  # fmt: skip
        column[mine], row[mine] = face.column, face.row
        named[mine] = len(faces)
        faces.append(face)
    bounded = cv2.copyMakeBorder((named != NOWHERE).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    outline = cv2.erode(bounded, np.ones((3, 3), dtype=np.uint8))[1:-1, 1:-1] == 0
    return _Plan(
        faces=tuple(faces),
        owner=read_only(named),
        column=read_only(column),
        row=read_only(row),
        outline=read_only(outline),
    )


@lru_cache(maxsize=6)
def _outside(optics: Optics) -> _Outside:
    camera = Camera.of_optics(optics)
    width, height = camera.width_px, camera.height_px
    assert camera.lens is not None
    low = np.array([-MARGIN * width, -MARGIN * height])
    high = np.array([(MARGIN + 1) * width, (MARGIN + 1) * height])
    if camera.depth == "range":
        # The image is a circle.
        reach = camera.lens.radius(camera.lens.widest_rad)
        middle, radii = np.array([camera.cx_px, camera.cy_px]), reach * np.array([camera.fx_px, camera.fy_px])
        low = np.maximum(low, np.floor(middle - radii).astype(int) - 1)
        high = np.minimum(high, np.ceil(middle + radii).astype(int) + 2)
    step = 2
    while (high - low).prod() > _OUTSIDE_CELLS * step * step:
        step *= 2
    # Cells fit the picture's edges, so that none lies half inside.
    first = -(-low // step) * step
    count = (high - first) // step
    u = first[0] + step * np.arange(count[0]) + 0.5 * (step - 1)
    v = first[1] + step * np.arange(count[1]) + 0.5 * (step - 1)
    rays = _unit(camera.directions(u[None, :], v[:, None]))
    within = ((u >= 0) & (u <= width - 1))[None, :] & ((v >= 0) & (v <= height - 1))[:, None]
    rays[within] = np.nan
    solid = camera.solid_angles(u[None, :], v[:, None]) * step**2
    owner = _owners(rays)
    faces = []
    for k, turn in enumerate(_TURNS):
        mine = owner == k
        if not mine.any():
            continue
        focal = _focal(rays[mine], solid[mine], turn)
        spot = _on_plane(rays[mine], turn) * focal
        bounds = np.floor(spot.min(axis=0)).astype(int) - 2, np.ceil(spot.max(axis=0)).astype(int) + 3
        faces.append(
            _face(turn, focal, bounds, np.flatnonzero(mine), spot, np.zeros(0, dtype=np.float32), (0, 0), (), _NONE)
        )
    return _Outside(
        x_px=int(first[0]),
        y_px=int(first[1]),
        step_px=step,
        shape=(len(v), len(u)),
        faces=tuple(faces),
    )


def _face(
    turn: Array,
    focal: float,
    bounds: tuple[NDArray[np.int64], NDArray[np.int64]],
    pixels: NDArray[np.int64],
    spot: Array,
    stretch: Float32,
    corner: tuple[int, int],
    lookups: tuple[tuple[NDArray[np.int16], NDArray[np.uint16]], ...],
    weight: Float32,
) -> _Face:
    low, high = bounds
    # Renderers keep what they need for a size; equal cameras that differ by a tolerance shall have equal sizes.
    width, height = (-(-int(n) // _ROUND) * _ROUND for n in high - low)
    at = spot - low
    nearest = np.floor(at + 0.5).astype(np.int16)
    return _Face(
        turn=turn,
        focal_px=focal,
        x_px=int(low[0]),
        y_px=int(low[1]),
        width_px=width,
        height_px=height,
        pixels=read_only(pixels.astype(np.int32)),
        column=read_only(nearest[:, 0].copy()),
        row=read_only(nearest[:, 1].copy()),
        sources=read_only(nearest[:, 1].astype(np.int32) * np.int32(width) + nearest[:, 0]),
        spot=read_only(at.astype(np.float32)),
        stretch=read_only(stretch),
        left=corner[0],
        top=corner[1],
        lookups=lookups,
        weight=weight,
    )


def _unit(rays: Array) -> Array:
    result: Array = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    return result


def _owners(rays: Array) -> NDArray[np.int64]:
    """For each ray the face nearest to whose axis it lies, where one face is not enough; -1 for none."""
    none = np.isnan(rays[..., 0])
    with np.errstate(invalid="ignore"):
        flat = (rays[..., 2] > 0) & (np.abs(rays[..., :2]).max(axis=-1) <= _FLAT * rays[..., 2])
    if (flat | none).all():
        return np.where(none, -1, 0)
    along = np.stack([rays @ turn[:, 2] for turn in _TURNS])
    return np.where(none, -1, np.argmax(np.nan_to_num(along, nan=-2.0), axis=0))


def _quarters(rays: Array) -> list[Array]:
    """Rays (H, W, 3) through the middles of the quarters of each pixel, by linear interpolation: the lens hardly bends
    over half a pixel. At an end of the image they are the pixel's own."""
    ends = np.concatenate([2 * rays[:1] - rays[1:2], rays, 2 * rays[-1:] - rays[-2:-1]]) if len(rays) > 1 else rays
    if len(rays) == 1:
        ends = np.concatenate([rays, rays, rays])
    first, last = (2 * ends[:, :1] - ends[:, 1:2], 2 * ends[:, -1:] - ends[:, -2:-1])
    if rays.shape[1] == 1:
        first, last = ends, ends
    wide = np.concatenate([first, ends, last], axis=1)
    result = []
    for rows in (slice(0, -2), slice(2, None)):
        upright = 0.75 * wide[1:-1] + 0.25 * wide[rows]
        for columns in (slice(0, -2), slice(2, None)):
            fine = 0.75 * upright[:, 1:-1] + 0.25 * upright[:, columns]
            result.append(np.where(np.isnan(fine), rays, fine))
    return result


def _shares(rays: Array, faces: Sequence[int]) -> dict[int, Float32]:
    """(H, W) of each of the faces what share of a ray's light comes from it: all, but near where two of them meet."""
    none = np.isnan(rays[..., 0])
    if len(faces) == 1:
        return {faces[0]: np.where(none, 0.0, 1.0).astype(np.float32)}
    weights = {}
    for k in faces:
        local = (rays @ _TURNS[k]).astype(np.float32)
        with np.errstate(divide="ignore", invalid="ignore"):
            steep = np.maximum(np.abs(local[..., 0]), np.abs(local[..., 1])) / local[..., 2]
            t = np.clip((1.0 + _FADE - steep) / (2 * _FADE), 0.0, 1.0)
        faded = t * t * (3 - 2 * t)
        faded[none | (local[..., 2] <= 0)] = 0.0
        weights[k] = faded
    total = np.maximum(sum(weights.values()), np.float32(1e-12))
    return {k: np.asarray(w / total, dtype=np.float32) for k, w in weights.items()}


def _on_plane(rays: Array, turn: Array) -> Array:
    local = rays @ turn
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = local[..., :2] / local[..., 2:]
    return result


def _focal(rays: Array, solid_angles: Array, turn: Array) -> float:
    """The focal length with which every pixel has ``FINENESS``² of the face's pixels at least."""
    along = rays @ turn[:, 2]
    finest = float(np.sqrt((solid_angles / along**3).min()))
    widest = float(np.abs(_on_plane(rays, turn)).max()) + 2 * _FADE
    return min(FINENESS / finest, 0.5 * _LARGEST_PX / widest)


def _stretch(rays: Array, turn: Array, camera: Camera) -> Float32:
    length = 1.0 / (rays @ turn[:, 2])
    return (length if camera.depth == "range" else length * rays[:, 2]).astype(np.float32)


def _depth_at(depth_m: Float32, owner: NDArray[np.int64], face: _Face) -> Float32:
    """(P,) the face's planar depth at the exact places of the pixels that it owns.

    On a plane the inverse of planar depth is linear in the picture: between four pixels that show the same smooth
    surface it is interpolated, which is exact there. Elsewhere it is that of the nearest pixel.
    """
    nearest = depth_m.reshape(-1)[face.sources]
    inverse = np.where(np.isfinite(depth_m) & (depth_m > 0), 1.0 / np.maximum(depth_m, 1e-6), 0.0).astype(np.float32)
    smooth = inverse > 0
    for axis in (0, 1):
        middle = inverse[1:-1] if axis == 0 else inverse[:, 1:-1]
        before, after = (inverse[:-2], inverse[2:]) if axis == 0 else (inverse[:, :-2], inverse[:, 2:])
        same = owner[:-2] == owner[2:] if axis == 0 else owner[:, :-2] == owner[:, 2:]
        same = same & (owner[:-2] == owner[1:-1] if axis == 0 else owner[:, :-2] == owner[:, 1:-1])
        fits = np.zeros_like(smooth)
        inner = same & (np.abs(before + after - 2 * middle) < _BEND * middle)
        if axis == 0:
            fits[1:-1] = inner
        else:
            fits[:, 1:-1] = inner
        smooth &= fits
    height, width = depth_m.shape
    x0 = np.clip(np.floor(face.spot[:, 0]).astype(np.int64), 0, width - 2)
    y0 = np.clip(np.floor(face.spot[:, 1]).astype(np.int64), 0, height - 2)
    at = y0 * width + x0
    flat = smooth.reshape(-1)
    even = flat[at] & flat[at + 1] & flat[at + width] & flat[at + width + 1]
    ids = owner.reshape(-1)
    mine = ids[face.sources]
    for corner in (0, 1, width, width + 1):
        even &= ids[at + corner] == mine
    at = at[even]
    x, y = face.spot[even, 0] - x0[even], face.spot[even, 1] - y0[even]
    w = inverse.reshape(-1)
    top, bottom = w[at] * (1 - x) + w[at + 1] * x, w[at + width] * (1 - x) + w[at + width + 1] * x
    nearest[even] = 1.0 / (top * (1 - y) + bottom * y)
    return nearest


__all__ = ["FINENESS", "render", "silhouettes"]
