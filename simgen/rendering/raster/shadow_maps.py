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
"""Things of a smaller diameter in the map of a lamp cast no shadow."""
_GRAIN = 1.3
"""Texels that a cell of a coarser version may have; it moves a corner by half of that, which filtering hides."""


@dataclass(slots=True)
class _Square:
    """What a square of an atlas shows; a content determines its every texel.

    Attributes:
        fixed: what of it does not move; all: all of it.
        layered: whether the layer below holds what does not move.
        covered: (2, 2) texels, first and end, that things which move have been drawn over.
        used: the frame that asked for it last.
    """

    fixed: bytes = b""
    all: bytes = b""
    layered: bool = False
    covered: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, 2), dtype=np.int64))
    used: int = 0


class _Atlas:
    """Shadow maps side by side, over a layer of what in them does not move. ``map``: the texture of depths."""

    def __init__(self, context: Any, size: int, columns: int, rows: int) -> None:
        self.size, self.columns = size, columns
        self.target, self.below = (_target(context, size * columns, size * rows) for _ in range(2))
        self.map = self.target.depth_attachment
        self.squares = [_Square() for _ in range(columns * rows)]
        for texture in (self.map, self.below.depth_attachment):
            texture.compare_func = ""
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def open(self, target: Any, k: int) -> None:
        """Draws go to one square of ``target`` or ``below`` from now on."""
        target.use()
        target.viewport = (k % self.columns * self.size, k // self.columns * self.size, self.size, self.size)
        target.scissor = target.viewport

    def covered(self, scene: Prepared, view: shadows.ShadowView, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """(2, 2) first and end of the texels that these nodes may be drawn to."""
        if len(chosen) == 0:
            return self.whole[::-1]
        clip = scene.boxes_in_world(chosen).reshape(-1, 3) @ view.clip[[0, 1, 3], :3].T + view.clip[[0, 1, 3], 3]
        if clip[:, 2].min() < shadows.LAMP_NEAR_M:
            return self.whole
        texels = (clip[:, :2] / clip[:, 2:] * 0.5 + 0.5) * self.size
        # A coarser version of a mesh reaches out of its box by some texels.
        found = np.stack([texels.min(axis=0) - 4, texels.max(axis=0) + 5]).astype(np.int64)
        return np.clip(found, 0, self.size)

    @property
    def whole(self) -> NDArray[np.int64]:
        return np.array([[0, 0], [self.size] * 2], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cast:
    """What is drawn into a square: nodes (M,) that stay and that move, in versions (N,) of all nodes.

    ``below`` and ``content`` determine what shows of the first alone, and of all.
    """

    view: shadows.ShadowView
    version: NDArray[np.int64]
    fixed: NDArray[np.int64]
    moved: NDArray[np.int64]
    below: bytes
    content: bytes

    @classmethod
    def of(
        cls,
        scene: Prepared,
        view: shadows.ShadowView,
        shown: NDArray[np.bool_],
        stays: NDArray[np.bool_],
        version: NDArray[np.int64],
    ) -> _Cast:
        fixed, moved = np.flatnonzero(shown & stays), np.flatnonzero(shown & ~stays)
        below = b"".join((scene.key, view.clip.tobytes(), fixed.tobytes(), scene.world_poses[fixed].tobytes()))
        content = below + moved.tobytes() + scene.world_poses[moved].tobytes()
        return cls(view=view, version=version, fixed=fixed, moved=moved, below=below, content=content)


class ShadowMaps:
    """``sun``: the cascades side by side. ``lamps``: one square per lamp.

    All are drawn in world coordinates, so that a map is the same from wherever it is looked at: it stays until its
    light or something in it moves, and what stands still there is drawn once. A frame never depends on those before it:
    the nearest surface is the same in whichever order it was drawn.
    """

    def __init__(self, context: Any, stock: Stock) -> None:
        self._context = context
        self._stock = stock
        self._sun = _Atlas(context, shadows.SUN_SIZE, shadows.CASCADES, 1)
        self._lamps = _Atlas(context, shadows.LAMP_SIZE, shadows.LAMP_COLUMNS, shadows.LAMP_ROWS)
        self.sun, self.lamps = self._sun.map, self._lamps.map
        self.sun.compare_func = "<="
        self.sun.filter = (moderngl.LINEAR, moderngl.LINEAR)  # bilinear percentage-closer filtering
        self._copy = context.vertex_array(compile_program(context, "screen.vert", "copy_depth.frag", ("source",)), [])
        self._frame = 0

    def draw_sun(
        self, scene: Prepared, present: NDArray[np.bool_], centers_m: Array, views: Sequence[shadows.ShadowView]
    ) -> None:
        """Draws what has changed of the cascades. ``centers_m``: (N, 3) of the nodes, world frame."""
        for k, view in enumerate(views):
            shown = present & visible_spheres(view.clip, centers_m, scene.radii_m)
            shown &= scene.radii_m > 1.5 * view.texel_m  # what is smaller than the map's grain
            shown &= view.reaches(centers_m, scene.radii_m)
            version = version_for(np.full(len(centers_m), view.texel_m))
            self._show(scene, self._sun, k, _Cast.of(scene, view, shown, scene.table.static, version))
        self._context.polygon_offset = (0.0, 0.0)

    def draw_lamps(
        self, scene: Prepared, present: NDArray[np.bool_], centers_m: Array, views: Sequence[shadows.ShadowView]
    ) -> list[int]:
        """Draws what has changed; returns the square of each view."""
        self._frame += 1
        casts = []
        for view in views:
            shown = present & visible_spheres(view.clip, centers_m, scene.radii_m)
            shown &= scene.table.entity != view.entity
            distance = np.linalg.norm(centers_m - view.origin_m, axis=1)
            shown &= scene.radii_m * view.whole * shadows.LAMP_SIZE > _SMALLEST_TEXELS * distance
            texel = np.maximum(distance - scene.radii_m, 0.0) * (2.0 / (view.whole * shadows.LAMP_SIZE))
            # In the light of a lamp that moves nothing stands still.
            stays = scene.table.static & scene.scene.entities[view.entity].static
            casts.append(_Cast.of(scene, view, shown, stays, version_for(_GRAIN * texel)))
        places = self._assign([cast.below for cast in casts])
        for cast, k in zip(casts, places, strict=True):
            self._lamps.squares[k].used = self._frame
            self._show(scene, self._lamps, k, cast)
        self._context.polygon_offset = (0.0, 0.0)
        return places

    def _show(self, scene: Prepared, atlas: _Atlas, k: int, cast: _Cast) -> None:
        """Has a square show what is cast."""
        held = atlas.squares[k]
        if held.all == cast.content:
            return
        covers = atlas.covered(scene, cast.view, cast.moved)
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = "<"
        self._context.polygon_offset = (1.5, 2.0)
        again = held.fixed == cast.below
        held.layered &= again
        # Worth a layer of its own is what will be asked for again, and what is.
        if len(cast.fixed) and (again or cast.view.lasts):
            bare = np.stack([np.minimum(held.covered[0], covers[0]), np.maximum(held.covered[1], covers[1])])
            if not held.layered:
                atlas.open(atlas.below, k)
                atlas.below.clear(depth=1.0)
                self._draw(scene, cast, cast.fixed)
                held.layered = True
                bare = atlas.whole
            self._restore(atlas, k, bare)
            self._draw(scene, cast, cast.moved)
        else:
            atlas.open(atlas.target, k)
            atlas.target.clear(depth=1.0)
            self._draw(scene, cast, np.concatenate([cast.fixed, cast.moved]))
        held.fixed, held.all, held.covered = cast.below, cast.content, covers

    def _restore(self, atlas: _Atlas, k: int, texels: NDArray[np.int64]) -> None:
        """Lays bare what does not move, in these ``texels`` of a square (2, 2); draws go to the square from then on."""
        atlas.open(atlas.target, k)
        x, y = atlas.target.viewport[:2] + texels[0]
        width, height = np.maximum(texels[1] - texels[0], 0)
        atlas.target.scissor = (int(x), int(y), int(width), int(height))
        self._context.depth_func = "1"  # always
        atlas.below.depth_attachment.use(0)
        self._copy.render(moderngl.TRIANGLES, vertices=3)
        self._context.depth_func = "<"
        atlas.target.scissor = atlas.target.viewport

    def _assign(self, contents: Sequence[bytes]) -> list[int]:
        """A square of the lamps for each: the one that holds it already, else the one whose content was not used for
        longest."""
        squares = self._lamps.squares
        there = {square.fixed: k for k, square in enumerate(squares) if square.fixed}
        result = [there.get(content, -1) for content in contents]
        taken = set(result)
        free = sorted((k for k in range(len(squares)) if k not in taken), key=lambda k: (squares[k].used, k))
        return [k if k >= 0 else free.pop(0) for k in result]

    def _draw(self, scene: Prepared, cast: _Cast, chosen: NDArray[np.int64]) -> None:
        put(self._stock.programs["depth"], "clip_from_eye", column_major(cast.view.clip))
        self._stock.draw(scene, chosen, cast.version, "depth", cast.view.viewer_m)


def _target(context: Any, width: int, height: int) -> Any:
    texture = context.depth_texture((width, height))
    texture.repeat_x = texture.repeat_y = False
    return context.framebuffer(depth_attachment=texture)
