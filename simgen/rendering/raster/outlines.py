"""Silhouettes of single objects, drawn without depth into a picture of marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.rendering.frustum import camera_from_eye, column_major, projection
from simgen.rendering.protocol import Beyond, Silhouette
from simgen.rendering.raster.alone import around, layers
from simgen.rendering.raster.programs import put
from simgen.rendering.raster.stock import Prepared, Stock
from simgen.rendering.silhouette import (
    EMPTY,
    FINEST_PX,
    MARGIN,
    NOTHING,
    Canvas,
    box_canvases,
    cut_out,
    nodes_of,
    tight_canvas,
    trimmed,
)
from simgen.scene.scene import SceneView

_BLOCK = 4096
"""Pixels along each side of what is drawn at a time, so that the picture of marks stays small."""


class Outlines:
    """Draws objects alone, on one GL context."""

    def __init__(self, context: Any, stock: Stock) -> None:
        self._context = context
        self._stock = stock
        self._mark: Any = None

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        scene = self._stock.prepare(view.scene)
        eye = camera.world_from_camera[:3, 3].astype(np.float64)
        self._stock.place(scene, view, np.zeros(0, dtype=np.int64), eye)
        self._context.enable_only(moderngl.NOTHING)
        nodes = nodes_of(view, instance_ids)
        canvases = box_canvases(view, camera, nodes, scene.boxes_m)
        # What is drawn outside of the image can be large, and most of a box that the near plane cuts is empty.
        canvases = [
            tight_canvas(view, camera, n) if c.reaches_into(camera) and not c.inside(camera) else c
            for c, n in zip(canvases, nodes, strict=True)
        ]
        # Within the image everything is drawn where the picture has it, with the same viewport, so that what is seen
        # of an object is a subset of its silhouette to the pixel. Only what reaches outside is drawn a second time.
        image = Canvas(x_px=0, y_px=0, width_px=camera.width_px, height_px=camera.height_px)
        within = [_intersection(c, image) for c in canvases]
        found: dict[int, NDArray[np.bool_]] = {}
        for layer in layers(within):
            cut = around([within[i] for i in layer])
            marks = self._marks(scene, camera, image, cut, [nodes[i] for i in layer])
            for mark, i in enumerate(layer, start=1):
                c = within[i]
                x, y = c.x_px - cut.x_px, c.y_px - cut.y_px
                found[i] = marks[y : y + c.height_px, x : x + c.width_px] == mark
        result = []
        for i, instance_id in enumerate(instance_ids):
            canvas, mask, beyond = canvases[i], found.get(i, NOTHING), None
            if not mask.any():
                mask = NOTHING
            elif not canvas.inside(camera):
                c = within[i]
                drawn = self._outside(scene, camera, canvas, nodes[i])
                if isinstance(drawn, Beyond):
                    canvas, beyond = c, drawn
                else:
                    x, y = c.x_px - canvas.x_px, c.y_px - canvas.y_px
                    drawn[y : y + c.height_px, x : x + c.width_px] = mask
                    mask = drawn
            result.append(trimmed(instance_id, canvas.x_px, canvas.y_px, mask, beyond))
        return tuple(result)

    def _outside(
        self, scene: Prepared, camera: Camera, canvas: Canvas, nodes: Sequence[int]
    ) -> NDArray[np.bool_] | Beyond:
        """(h, w) where the nodes are on a canvas that leaves the image; on a large one, such as that of the vehicle
        which carries the camera, in cells of several pixels, and only those that do not lie in the image whole."""
        size = canvas.width_px * canvas.height_px
        step = 1 if size <= FINEST_PX else int(np.ceil(np.sqrt(size / FINEST_PX)))
        coarse = camera if step == 1 else _coarser(camera, step)
        x_px, width = _cells(canvas.x_px, canvas.width_px, step, camera.width_px)
        y_px, height = _cells(canvas.y_px, canvas.height_px, step, camera.height_px)
        drawn = np.zeros((height, width), dtype=np.bool_)
        for y in range(0, height, _BLOCK):
            for x in range(0, width, _BLOCK):
                block = Canvas(
                    x_px=x_px + x,
                    y_px=y_px + y,
                    width_px=min(_BLOCK, width - x),
                    height_px=min(_BLOCK, height - y),
                )
                marks = self._marks(scene, coarse, block, block, [nodes])
                drawn[y : y + block.height_px, x : x + block.width_px] = marks > 0
        if step == 1:
            return drawn
        # Those cells that the image's border cuts stay.
        below, right = camera.height_px // step - y_px, camera.width_px // step - x_px
        drawn[max(0, -y_px) : max(0, below), max(0, -x_px) : max(0, right)] = False
        x, y, cells = cut_out(drawn)
        return Beyond(x_px=step * (x_px + x), y_px=step * (y_px + y), step_px=step, mask=cells)

    def _marks(
        self, scene: Prepared, camera: Camera, window: Canvas, cut: Canvas, groups: Sequence[Sequence[int]]
    ) -> NDArray[np.uint8]:
        """(h, w) 1, 2, … where the groups of nodes are, drawn over each other on a window of the pixel grid.

        Of the window only the part ``cut`` is drawn and returned.
        """
        width, height = window.width_px, window.height_px
        if self._mark is None or self._mark.width < width or self._mark.height < height:
            extent = (width, height)
            if self._mark is not None:
                self._context.detect_framebuffer(0).use()  # one must not be released while it is bound
                extent = (max(width, self._mark.width), max(height, self._mark.height))
                self._mark.color_attachments[0].release()
                self._mark.release()
            self._mark = self._context.framebuffer([self._context.texture(extent, 1, dtype="f1")])
        self._mark.use()
        self._mark.viewport = (0, 0, width, height)
        part = (cut.x_px - window.x_px, cut.y_px - window.y_px, cut.width_px, cut.height_px)
        self._mark.scissor = part
        self._mark.clear(0.0, 0.0, 0.0, 0.0)
        seen = camera.crop(window.x_px, window.y_px, width, height)
        put(self._stock.programs["mask"], "clip_from_eye", column_major(projection(seen) @ camera_from_eye(camera)))
        for mark, group in enumerate(groups, start=1):
            put(self._stock.programs["mask"], "mark", mark / 255)
            self._stock.draw(scene, np.array(group, dtype=np.int64), None, "mask")
        data = self._mark.read(viewport=part, components=1, alignment=1)
        return np.frombuffer(data, dtype=np.uint8).reshape(cut.height_px, cut.width_px)


def _cells(start_px: int, length_px: int, step: int, size_px: int) -> tuple[int, int]:
    """The first one and the count of the cells that cover a stretch of pixels, up to the border of cells that is
    nearest to where the margin around the image ends."""
    half = step // 2
    first = max(start_px // step, -((MARGIN * size_px + half) // step))
    end = min(-(-(start_px + length_px) // step), ((MARGIN + 1) * size_px + half) // step)
    return first, max(end - first, 0)


def _coarser(camera: Camera, step: int) -> Camera:
    """The same view with pixels ``step`` times as wide and high."""
    return replace(
        camera,
        width_px=max(1, camera.width_px // step),
        height_px=max(1, camera.height_px // step),
        fx_px=camera.fx_px / step,
        fy_px=camera.fy_px / step,
        cx_px=(camera.cx_px + 0.5) / step - 0.5,
        cy_px=(camera.cy_px + 0.5) / step - 0.5,
    )


def _intersection(a: Canvas, b: Canvas) -> Canvas:
    x, y = max(a.x_px, b.x_px), max(a.y_px, b.y_px)
    width = min(a.x_px + a.width_px, b.x_px + b.width_px) - x
    height = min(a.y_px + a.height_px, b.y_px + b.height_px) - y
    return Canvas(x_px=x, y_px=y, width_px=width, height_px=height) if width > 0 and height > 0 else EMPTY
