"""What a frame looks like with its truth drawn on it: panels, their mosaic, and the story's state beneath.

Pictures are (H, W, 3) uint8 sRGB in RGB order.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from simgen.core.geometry import Array
from simgen.dataset.bundle import FrameBundle
from simgen.labels import Box3D, FrameLabels, Intrinsics, ObjectLabel
from simgen.labels.geometry import BOX_EDGES
from simgen.scene.classes import CLASSES
from simgen.scene.scene import EventState

Picture = NDArray[np.uint8]
Color = tuple[int, int, int]

_INK: Color = (236, 238, 240)
_PAPER: Color = (24, 26, 30)
_PHASES: dict[str, Color] = {"waiting": (120, 124, 130), "running": (255, 176, 32), "complete": (80, 200, 120)}
_NEAR_M = 0.05
_FURTHEST_PX = 8_000  # OpenCV clips lines in 16-bit fixed point
_PANEL_TITLE_PX = 22
_CAPTION_SIZE_PX = 13
_CAPTION_HEIGHT_PX = 17


def instance_color(instance_id: int) -> Color:
    """A colour that neighbouring ids do not share: hues a golden section apart."""
    r, g, b = colorsys.hsv_to_rgb(instance_id * 0.6180339887 % 1.0, 0.75, 1.0)
    return int(255 * r), int(255 * g), int(255 * b)


@dataclass(frozen=True, slots=True)
class DepthScale:
    """The span of planar depths over which colours run, logarithmically, near is warm."""

    near_m: float
    far_m: float

    @classmethod
    def of(cls, depth_m: NDArray[np.float32]) -> DepthScale:
        """From the first to the 99th percentile of what is seen."""
        seen = depth_m[np.isfinite(depth_m) & (depth_m > 0)]
        if seen.size == 0:
            return cls(1.0, 100.0)
        near, far = (float(v) for v in np.percentile(seen, (1, 99)))
        return cls(near, max(far, 1.01 * near))

    def picture(self, depth_m: NDArray[np.float32]) -> Picture:
        """(H, W, 3); sky and holes are black."""
        seen = np.isfinite(depth_m) & (depth_m > 0)
        safe = np.where(seen, depth_m, self.far_m)
        share = np.log(safe / self.near_m) / np.log(self.far_m / self.near_m)
        warm = np.clip(255 * (1 - share), 0, 255).astype(np.uint8)
        colored = cv2.cvtColor(cv2.applyColorMap(warm, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
        colored[~seen] = 0
        return np.asarray(colored, dtype=np.uint8)


def masks(instance: NDArray[np.uint32], semantic: NDArray[np.uint16]) -> Picture:
    """Things in their instance's colour, stuff in its class's, darkened."""
    classes = (0.4 * np.array([c.color for c in CLASSES])).astype(np.uint8)
    picture = classes[np.minimum(semantic, len(CLASSES) - 1)]
    for instance_id in np.unique(instance[instance > 0]):
        picture[instance == instance_id] = instance_color(int(instance_id))
    return picture


def delivered(bundle: FrameBundle) -> Picture:
    """What the sensor delivered; a sensor without colour shows its measured depth, a lost frame is dark."""
    if bundle.image is not None:
        return bundle.image
    if bundle.frame.depth_m is not None and bundle.frame.delivered:
        return DepthScale.of(bundle.depth_m).picture(bundle.frame.depth_m)
    dark = np.zeros((bundle.camera.height_px, bundle.camera.width_px, 3), dtype=np.uint8)
    middle = bundle.camera.width_px // 2 - 80, bundle.camera.height_px // 2
    return text(dark, "no frame was delivered", origin_px=middle)


def boxes(picture: Picture, labels: FrameLabels, *, least_pixels: int = 20) -> Picture:
    """The picture, at whatever scale it comes, with the visible and the 3D box of every object that shows
    ``least_pixels`` at the sensor's own scale.

    Captions do not cover one another: who takes part in the story goes first, then who is near.
    """
    canvas = np.ascontiguousarray(picture).copy()
    zoom = picture.shape[1] / labels.camera.width_px
    seen = sorted((o for o in labels.objects if o.visible_pixels >= least_pixels), key=lambda o: -o.distance_m)
    for label in seen:
        _wire(canvas, labels.camera, label.box_camera, instance_color(label.instance_id), zoom)
    for label in seen:
        if label.bbox_visible is not None:
            x0, y0, x1, y1 = (round(zoom * v) for v in label.bbox_visible)
            cv2.rectangle(canvas, (x0, y0), (x1 - 1, y1 - 1), instance_color(label.instance_id), 2)
    return _captions(canvas, sorted(seen, key=lambda o: (not o.events, o.distance_m)), zoom)


def text(picture: Picture, words: str, *, origin_px: tuple[int, int], color: Color = _INK) -> Picture:
    """The picture with words on a dark ground, whose top-left corner is at ``origin_px`` or as near as it fits."""
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image, "RGB")
    left, top, right, bottom = _room(words, origin_px, picture.shape)
    pen.rectangle((left, top, right - 1, bottom - 1), fill=_PAPER)
    pen.text((left + 3, top), words, fill=color, font=_font(_CAPTION_SIZE_PX))
    return np.array(image)


def labelled(bundle: FrameBundle, width_px: int) -> Picture:
    """The delivered picture with the boxes of the instant that it shows, ``width_px`` wide."""
    return boxes(_resized(delivered(bundle), width_px), bundle.content_labels or bundle.labels)


def panels(bundle: FrameBundle, scale: DepthScale, width_px: int) -> list[Picture]:
    """Delivered, boxes, depth and masks, each ``width_px`` wide and captioned."""
    late = " of the earlier instant that the picture shows" if bundle.content_labels is not None else ""
    counted = "range" if bundle.camera.depth == "range" else "depth"
    named = {
        f"{bundle.sensor}, as delivered": delivered(bundle),
        f"visible and 3D boxes{late}": labelled(bundle, width_px),
        f"{counted}, {scale.near_m:.3g} to {scale.far_m:.3g} m": scale.picture(bundle.depth_m),
        "instances and classes": masks(bundle.instance, bundle.semantic),
    }
    return [_captioned(_resized(picture, width_px), caption) for caption, picture in named.items()]


def mosaic(bundle: FrameBundle, scale: DepthScale, *, width_px: int = 1280) -> Picture:
    """Four panels, two by two, over the story's state. Width and height are even, as video codecs want them."""
    width_px = width_px // 2 * 2
    a, b, c, d = panels(bundle, scale, width_px // 2)
    story = story_line(bundle.view.snapshot.events, bundle.time_s, width_px)
    whole = np.vstack([np.hstack([a, b]), np.hstack([c, d]), story])
    return whole[: whole.shape[0] // 2 * 2]


def moment_row(bundle: FrameBundle, scale: DepthScale, title: str, *, panel_px: int = 480) -> Picture:
    """One row of a contact sheet: a title, then the four panels side by side."""
    row = np.hstack(panels(bundle, scale, panel_px))
    return np.vstack([_strip(f"{bundle.time_s:.2f} s   {title}", row.shape[1], 26, 16), row])


def story_line(events: Sequence[EventState], time_s: float, width_px: int) -> Picture:
    """Simulation time and every event of the story, in the colour of its phase; wraps to as many lines as it needs."""
    font, line_px, gap_px = _font(15), 24, 26
    words = [(f"{time_s:6.2f} s", _INK)] + [(_event_words(e), _PHASES[e.phase]) for e in events]
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    placed: list[tuple[float, int, str, Color]] = []
    x, row = 8.0, 0
    for word, color in words:
        length = measure.textlength(word, font=font) + gap_px
        if x + length > width_px and x > 8:
            x, row = 8.0, row + 1
        placed.append((x, row, word, color))
        x += length
    image = Image.new("RGB", (width_px, (row + 1) * line_px + 6), _PAPER)
    pen = ImageDraw.Draw(image)
    for x, row, word, color in placed:
        y = 4 + row * line_px
        pen.ellipse((x, y + 5, x + 9, y + 14), fill=color)
        pen.text((x + 14, y), word, fill=color, font=font)
    return np.array(image)


def _captions(canvas: Picture, labels: Sequence[ObjectLabel], zoom: float) -> Picture:
    """Names above boxes, as long as there is room; the first in line have the first choice."""
    taken: list[tuple[int, int, int, int]] = []
    for label in labels:
        if label.bbox_visible is None:
            continue
        words = f"{label.name} {label.distance_m:.1f} m {label.visible_fraction:.0%}"
        origin = round(zoom * label.bbox_visible[0]), round(zoom * label.bbox_visible[1]) - _CAPTION_HEIGHT_PX
        room = _room(words, origin, canvas.shape)
        if any(room[0] < t[2] and t[0] < room[2] and room[1] < t[3] and t[1] < room[3] for t in taken):
            continue
        taken.append(room)
        canvas = text(canvas, words, origin_px=origin, color=instance_color(label.instance_id))
    return canvas


def _room(words: str, origin_px: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a caption inside a picture of this shape."""
    width = round(_font(_CAPTION_SIZE_PX).getlength(words)) + 6
    left = max(0, min(origin_px[0], shape[1] - width))
    top = max(0, min(origin_px[1], shape[0] - _CAPTION_HEIGHT_PX))
    return left, top, left + width, top + _CAPTION_HEIGHT_PX


def _event_words(event: EventState) -> str:
    if event.start_s is None:
        return event.name
    return f"{event.name} {event.start_s:.2f} s" + ("" if event.end_s is None else f" to {event.end_s:.2f} s")


def _wire(canvas: Picture, camera: Intrinsics, box_camera: Box3D, color: Color, zoom: float) -> None:
    """Draws the box's edges, cut where they pass behind the camera."""
    corners_m = box_camera.corners_m
    if camera.lens is not None:
        _bent_wire(canvas, camera, corners_m, color, zoom)
        return
    for i, j in BOX_EDGES:
        a, b = corners_m[i], corners_m[j]
        if a[2] > b[2]:
            a, b = b, a
        if b[2] <= _NEAR_M:
            continue
        if a[2] < _NEAR_M:
            a = a + (_NEAR_M - a[2]) / (b[2] - a[2]) * (b - a)
        centres = [
            (camera.fx_px * p[0] / p[2] + camera.cx_px, camera.fy_px * p[1] / p[2] + camera.cy_px) for p in (a, b)
        ]
        ends = [(zoom * (u + 0.5) - 0.5, zoom * (v + 0.5) - 0.5) for u, v in centres]
        if max(abs(v) for end in ends for v in end) < _FURTHEST_PX:
            (u0, v0), (u1, v1) = ((round(4 * u), round(4 * v)) for u, v in ends)
            cv2.line(canvas, (u0, v0), (u1, v1), color, 1, cv2.LINE_AA, shift=2)


def _bent_wire(canvas: Picture, camera: Intrinsics, corners_m: Array, color: Color, zoom: float) -> None:
    """The box's edges as the lens bends them, as far as it images them."""
    share = np.linspace(0.0, 1.0, 49)[:, None]
    for i, j in BOX_EDGES:
        u, v, depth = camera.at_origin.image(corners_m[i] + share * (corners_m[j] - corners_m[i]))
        ends = np.stack([zoom * (u + 0.5) - 0.5, zoom * (v + 0.5) - 0.5], axis=-1)
        drawn = (depth > _NEAR_M) & (np.abs(np.nan_to_num(ends, nan=np.inf)).max(axis=1) < _FURTHEST_PX)
        for k in np.flatnonzero(drawn[:-1] & drawn[1:]):
            (u0, v0), (u1, v1) = np.rint(4 * ends[k : k + 2]).astype(int).tolist()
            cv2.line(canvas, (u0, v0), (u1, v1), color, 1, cv2.LINE_AA, shift=2)


def _resized(picture: Picture, width_px: int) -> Picture:
    height_px = round(picture.shape[0] * width_px / picture.shape[1])
    shrinks = width_px < picture.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(picture, (width_px, height_px), interpolation=method), dtype=np.uint8)


def _captioned(picture: Picture, caption: str) -> Picture:
    return np.vstack([_strip(caption, picture.shape[1], _PANEL_TITLE_PX, 13), picture])


def _strip(words: str, width_px: int, height_px: int, size_px: int) -> Picture:
    image = Image.new("RGB", (width_px, height_px), _PAPER)
    ImageDraw.Draw(image).text((8, (height_px - size_px) // 2 - 1), words, fill=_INK, font=_font(size_px))
    return np.array(image)


@lru_cache(maxsize=8)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)
