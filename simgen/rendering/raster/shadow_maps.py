"""Shadow maps of the sun and of the lamps on the GPU. What has not changed since the last frame is not drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.rendering.frustum import column_major, visible_spheres
from simgen.rendering.raster import shadows
from simgen.rendering.raster.detail import version_for
from simgen.rendering.raster.programs import compile_program, put
from simgen.rendering.raster.stock import Prepared, Stock

_SMALLEST_TEXELS = 8.0
"""Things of a smaller diameter in the map cast no shadow."""
_GRAIN = 1.3
"""Texels that a cell of a coarser version may have; it moves a corner by half of that, which filtering hides."""
_WHOLE = np.array([[0, 0], [shadows.LAMP_SIZE] * 2], dtype=np.int64)


@dataclass(slots=True)
class _Slot:
    """What a square of the lamps' atlas shows; a content determines its every texel.

    Attributes:
        fixed: what is in the layer of things that do not move; all: in the map itself.
        covered: (2, 2) texels, first and end, that things which move have been drawn over.
        used: the frame that asked for it last.
    """

    fixed: bytes = b""
    all: bytes = b""
    covered: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, 2), dtype=np.int64))
    used: int = 0


class ShadowMaps:
    """``sun``: the cascades side by side. ``lamps``: one square per lamp.

    All are drawn in world coordinates, so that a map is the same from wherever it is looked at: a lamp's map stays
    until the lamp or something in its light moves, and what stands still there is drawn once. A frame never depends on
    those before it: the nearest surface is the same in whichever order it was drawn.
    """

    def __init__(self, context: Any, stock: Stock) -> None:
        self._context = context
        self._stock = stock
        columns, rows = shadows.LAMP_COLUMNS, shadows.LAMP_ROWS
        self._sun_target = _target(context, shadows.SUN_SIZE * shadows.CASCADES, shadows.SUN_SIZE)
        self._lamp_target = _target(context, shadows.LAMP_SIZE * columns, shadows.LAMP_SIZE * rows)
        self._fixed_target = _target(context, shadows.LAMP_SIZE * columns, shadows.LAMP_SIZE * rows)
        self.sun = self._sun_target.depth_attachment
        self.sun.compare_func = "<="
        self.sun.filter = (moderngl.LINEAR, moderngl.LINEAR)  # bilinear percentage-closer filtering
        self.lamps = self._lamp_target.depth_attachment
        for texture in (self.lamps, self._fixed_target.depth_attachment):
            texture.compare_func = ""
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._copy = context.vertex_array(compile_program(context, "screen.vert", "copy_depth.frag", ("source",)), [])
        self._slots = [_Slot() for _ in range(shadows.LAMP_SLOTS)]
        self._frame = 0

    def draw_sun(
        self, scene: Prepared, present: NDArray[np.bool_], centers_m: Array, views: Sequence[shadows.ShadowView]
    ) -> None:
        """Draws the cascades. ``centers_m``: (N, 3) of the nodes, world frame."""
        if not views:
            return
        self._sun_target.use()
        self._sun_target.clear(depth=1.0)
        self._begin()
        for k, view in enumerate(views):
            self._sun_target.viewport = (k * shadows.SUN_SIZE, 0, shadows.SUN_SIZE, shadows.SUN_SIZE)
            shown = present & visible_spheres(view.clip, centers_m, scene.radii_m)
            shown &= scene.radii_m > 1.5 * view.texel_m  # what is smaller than the map's grain
            shown &= view.reaches(centers_m, scene.radii_m)
            self._draw(scene, view, np.flatnonzero(shown), version_for(np.full(len(centers_m), view.texel_m)))
        self._end()

    def draw_lamps(
        self, scene: Prepared, present: NDArray[np.bool_], centers_m: Array, views: Sequence[shadows.ShadowView]
    ) -> list[int]:
        """Draws what has changed; returns the slot of each view."""
        if not views:
            return []
        self._frame += 1
        moves = ~scene.table.static
        casts = []
        for view in views:
            shown = present & visible_spheres(view.clip, centers_m, scene.radii_m)
            shown &= scene.table.entity != view.entity
            distance = np.linalg.norm(centers_m - view.origin_m, axis=1)
            shown &= scene.radii_m * view.whole * shadows.LAMP_SIZE > _SMALLEST_TEXELS * distance
            texel = np.maximum(distance - scene.radii_m, 0.0) * (2.0 / (view.whole * shadows.LAMP_SIZE))
            # In the light of a lamp that moves nothing stands still.
            stays = np.zeros_like(moves) if not scene.scene.entities[view.entity].static else ~moves
            fixed, moved = np.flatnonzero(shown & stays), np.flatnonzero(shown & ~stays)
            below = b"".join((scene.key, view.clip.tobytes(), fixed.tobytes(), scene.world_poses[fixed].tobytes()))
            above = moved.tobytes() + scene.world_poses[moved].tobytes()
            casts.append((view, version_for(_GRAIN * texel), fixed, moved, below, below + above))
        slots = self._assign([c[4] for c in casts])
        for (view, version, fixed, moved, below, content), slot in zip(casts, slots, strict=True):
            held = self._slots[slot]
            held.used = self._frame
            if held.all == content:
                continue
            held.all = content
            covers = _covered(scene, view, moved)
            if len(fixed) == 0:
                held.fixed = below
                self._open(self._lamp_target, slot)
                self._lamp_target.clear(depth=1.0)
            else:
                old = held.covered
                if held.fixed != below:
                    held.fixed = below
                    self._open(self._fixed_target, slot)
                    self._fixed_target.clear(depth=1.0)
                    self._draw(scene, view, fixed, version)
                    old = _WHOLE
                self._restore(slot, np.stack([np.minimum(old[0], covers[0]), np.maximum(old[1], covers[1])]))
            held.covered = covers
            self._draw(scene, view, moved, version)
        self._end()
        return slots

    def _restore(self, slot: int, texels: NDArray[np.int64]) -> None:
        """Lays bare what does not move, in these ``texels`` of a square (2, 2); draws go to the square from then on."""
        self._open(self._lamp_target, slot)
        x, y = self._lamp_target.viewport[:2] + texels[0]
        width, height = np.maximum(texels[1] - texels[0], 0)
        self._lamp_target.scissor = (int(x), int(y), int(width), int(height))
        self._context.depth_func = "1"  # always
        self._fixed_target.depth_attachment.use(0)
        self._copy.render(moderngl.TRIANGLES, vertices=3)
        self._context.depth_func = "<"
        self._lamp_target.scissor = self._lamp_target.viewport

    def _open(self, target: Any, slot: int) -> None:
        """Draws go to one square of the atlas from now on."""
        size = shadows.LAMP_SIZE
        target.use()
        target.viewport = (*shadows.slot_corner(slot), size, size)
        target.scissor = target.viewport
        self._begin()

    def _assign(self, contents: Sequence[bytes]) -> list[int]:
        """A slot for each: the one that holds it already, else the one whose content was not used for longest."""
        there = {slot.fixed: k for k, slot in enumerate(self._slots) if slot.fixed}
        result = [there.get(content, -1) for content in contents]
        taken = set(result)
        free = sorted((k for k in range(len(self._slots)) if k not in taken), key=lambda k: (self._slots[k].used, k))
        return [k if k >= 0 else free.pop(0) for k in result]

    def _begin(self) -> None:
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = "<"
        self._context.polygon_offset = (1.5, 2.0)

    def _end(self) -> None:
        self._context.polygon_offset = (0.0, 0.0)

    def _draw(
        self, scene: Prepared, view: shadows.ShadowView, chosen: NDArray[np.int64], version: NDArray[np.int64]
    ) -> None:
        put(self._stock.programs["depth"], "clip_from_eye", column_major(view.clip))
        self._stock.draw(scene, chosen, version, "depth", view.viewer_m)


def _covered(scene: Prepared, view: shadows.ShadowView, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """(2, 2) first and end of the texels that these nodes may be drawn to."""
    if len(chosen) == 0:
        return _WHOLE[::-1]
    clip = scene.boxes_in_world(chosen).reshape(-1, 3) @ view.clip[[0, 1, 3], :3].T + view.clip[[0, 1, 3], 3]
    if clip[:, 2].min() < shadows.LAMP_NEAR_M:
        return _WHOLE
    texels = (clip[:, :2] / clip[:, 2:] * 0.5 + 0.5) * shadows.LAMP_SIZE
    # A coarser version of a mesh reaches out of its box by some texels.
    found = np.stack([texels.min(axis=0) - 4, texels.max(axis=0) + 5]).astype(np.int64)
    return np.clip(found, 0, shadows.LAMP_SIZE)


def _target(context: Any, width: int, height: int) -> Any:
    texture = context.depth_texture((width, height))
    texture.repeat_x = texture.repeat_y = False
    return context.framebuffer(depth_attachment=texture)
