"""The faces of a lens: from which pinhole pictures, and from where in them, the picture through a lens is put together.
What is made for a lens is made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera, Optics
from simgen.core.geometry import Array, pose, read_only

Float32 = NDArray[np.float32]

FINENESS = 1.25
"""Pixels of a face in the place of one of the picture, along each axis, where there are fewest."""
MARGIN = 1
"""What lies outside of the picture is drawn within this many widths and heights of it, as far as the lens images."""

NOWHERE = 255
"""In ``Plan.owner``: the lens has no image there."""
_FLAT = 1.75
"""Slope up to which one pinhole picture is enough."""
_FADE = 0.06
"""Slope to either side of the line where two faces meet over which light fades from one to the other."""
_LARGEST_PX = 8192
"""Side of the largest face, whatever ``FINENESS`` asks for."""
_ROUND = 32
"""Pixels that the sides of faces are multiples of, see ``_face``."""
_OUTSIDE_CELLS = 1_500_000
"""Cells at most that what lies outside of the picture is divided into."""
_NONE: Float32 = np.zeros((0, 0), dtype=np.float32)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
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
        """The pinhole camera that takes this face of the picture of ``camera``."""
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
class Plan:
    """How a lens's picture is put together.

    Attributes:
        owner: (H, W) index of the face that each pixel's ids come from; 255 where the lens has no image.
        column, row: (H, W) the pixel of that face.
        outline: (H, W) the pixels at the picture's or the image's end.
    """

    faces: tuple[Face, ...]
    owner: NDArray[np.uint8]
    column: NDArray[np.int16]
    row: NDArray[np.int16]
    outline: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outside:
    """What of the lens's image lies outside of the picture, in cells; faces own cells in the place of pixels.

    Attributes:
        x_px, y_px: image coordinates of the top-left cell's top-left pixel, see ``Beyond``; step_px: a cell's side.
        shape: rows and columns of cells.
    """

    x_px: int
    y_px: int
    step_px: int
    shape: tuple[int, int]
    faces: tuple[Face, ...]


@lru_cache(maxsize=6)
def plan_of(optics: Optics) -> Plan:
    """How the picture of a camera with a lens is put together; wherever the camera stands it is the same."""
    camera = Camera.of_optics(optics)
    rays = _unit(camera.grid())
    size = rays.shape[:2]
    solid = camera.solid_angles(np.arange(size[1])[None, :], np.arange(size[0])[:, None])
    owner = _owners(rays)
    quarter = _quarters(rays)
    shares = _shares(rays, sorted(set(owner[owner >= 0].tolist())))
    faces: list[Face] = []
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
    return Plan(
        faces=tuple(faces),
        owner=read_only(named),
        column=read_only(column),
        row=read_only(row),
        outline=read_only(outline),
    )


@lru_cache(maxsize=6)
def outside_of(optics: Optics) -> Outside:
    """What the lens images outside of the picture, within ``MARGIN``; cells that lie in the picture whole are left out.
    Pixels of it are divided into cells of two, four, … as ``_OUTSIDE_CELLS`` asks for."""
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
    first = -(-low // step) * step
    count = (high - first) // step
    u = first[0] + step * np.arange(count[0]) + 0.5 * (step - 1)
    v = first[1] + step * np.arange(count[1]) + 0.5 * (step - 1)
    rays = _unit(camera.directions(u[None, :], v[:, None]))
    reach = 0.5 * (step - 1)
    whole = [(at - reach >= 0) & (at + reach <= size - 1) for at, size in ((u, width), (v, height))]
    rays[whole[1][:, None] & whole[0][None, :]] = np.nan
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
    return Outside(
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
) -> Face:
    low, high = bounds
    # Renderers keep what they need for a size; equal cameras that differ by a tolerance shall have equal sizes.
    width, height = (-(-int(n) // _ROUND) * _ROUND for n in high - low)
    at = spot - low
    nearest = np.floor(at + 0.5).astype(np.int16)
    return Face(
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
