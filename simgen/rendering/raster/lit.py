"""From a G-buffer to a picture: what hides the sky, light at half resolution, water, every pixel's own colour, smooth
edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array
from simgen.rendering.frustum import column_major
from simgen.rendering.light import MAX_LAMPS, Lighting
from simgen.rendering.raster import shadows
from simgen.rendering.raster.enclosures import packed as packed_enclosures
from simgen.rendering.raster.occluders import Boxes, packed
from simgen.rendering.raster.programs import compile_program, put
from simgen.rendering.raster.reversed_depth import NO_FARTHER
from simgen.rendering.raster.shadow_maps import ShadowMaps
from simgen.rendering.raster.skymap import SkyMap
from simgen.rendering.raster.targets import Targets
from simgen.rendering.raster.tiles import LIST_ROW, TILE_PX, TileLists, sky_squares
from simgen.rendering.raster.weather import Weather
from simgen.rendering.skylight import Surroundings
from simgen.scene.beams import DIPPED

_BIAS = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1.0]])
_LAND = 0.05
"""Sine of the elevation below which sky.frag draws the land far away."""
_UNITS = (
    "nodes",
    "g_albedo",
    "g_normal",
    "g_depth",
    "diffuse",
    "gloss",
    "occlusion",
    "lists",
    "around",
    "sky",
    "g_node",
    "open_raw",
)
_FILM_UNITS = ("diffuse", "film", "g_normal", "g_depth", "mirror", "mirror_z", "", "", "around")
_LIGHT_UNITS = ("nodes", "g_albedo", "g_normal", "g_depth", "sun_shadow", "lamp_shadow", *_UNITS[6:])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """What the passes of one frame share.

    Attributes:
        clip: (4, 4) clip coordinates from coordinates relative to the eye.
        sun_views, lamp_views: shadow maps; slots: where those of the lamps lie in the atlas.
    """

    camera: Camera
    light: Lighting
    around: Surroundings
    eye_m: Array
    clip: Array
    weather: Weather
    sun_views: Sequence[shadows.ShadowView]
    lamp_views: Sequence[shadows.ShadowView]
    slots: Sequence[int]


class Lit:
    """The screen programs, on one GL context."""

    def __init__(self, context: Any, maps: ShadowMaps) -> None:
        self._context = context
        self._maps = maps
        self._sky_map = SkyMap(context)
        self._blur = context.vertex_array(
            compile_program(context, "screen.vert", "occlusion_blur.frag", ("open_raw",)), []
        )
        self._tiled: dict[tuple[str, ...], Any] = {}
        self._tiles: Any = context.buffer(reserve=2**16)
        self._lists: Any = None

    def illuminate(self, frame: Frame, nodes: Any, targets: Targets, boxes: Boxes, lists: TileLists) -> None:
        """Fills ``targets.diffuse`` and ``targets.gloss``. ``nodes``: the texture of materials."""
        self._write_lists(lists)
        targets.normal.use(2)
        targets.depth.use(3)
        self._lists.use(7)
        self._sky_map.show(frame.light.sky, frame.around)
        self._context.enable_only(moderngl.NOTHING)
        self._occlusion(frame, targets, boxes, lists)
        variant = tuple(
            name
            for name, wanted in (
                ("SUN", frame.sun_views),
                ("SNOW", frame.weather.snow > 0),
                ("ENCLOSED", frame.light.enclosed),
                ("LAMPS", len(frame.light.lamps)),
                ("CUTOFF", frame.light.lamps.dipped.any()),
            )
            if wanted
        )
        targets.to_light.use()
        targets.to_light.clear(0.0, 0.0, 0.0, 0.0)
        nodes.use(0)
        targets.albedo.use(1)
        self._maps.sun.use(4)
        self._maps.lamps.use(5)
        targets.open.use(6)
        targets.node.use(10)
        targets.open_raw.use(11)
        self._sky_map.around.use(8)
        lamps = _lamp_table(frame)
        for run in lists.runs:
            own = ("WATER",) if run.wettable else ()
            if "LAMPS" in variant:
                own += (f"COUNT {run.at_hand}", *(("RETROREFLECTION",) if run.throws_back else ()))
            vao = self._tiled_program("light", _LIGHT_UNITS, (*variant, *own))
            self._set_light(vao.program, frame)
            self._set_shadows(vao.program, frame)
            put(vao.program, "lamps", lamps)
            if frame.light.enclosed:
                _set_boxes(vao.program, boxes)
            self._run_tiles(vao, frame.camera, targets.to_light, 2, run.first, run.count)

    def _occlusion(self, frame: Frame, targets: Targets, boxes: Boxes, lists: TileLists) -> None:
        """How much of the sky each surface sees, smoothed."""
        targets.to_open_raw.use()
        targets.to_open_raw.clear(1.0, 0.0)
        for variant, first, end in (((), 0, lists.boxless), (("BOXES",), lists.boxless, len(lists.tiles))):
            vao = self._tiled_program("occlusion", _LIGHT_UNITS, variant)
            put(vao.program, "focal", frame.camera.fx_px)
            _set_boxes(vao.program, boxes)
            self._run_tiles(vao, frame.camera, targets.to_open_raw, 4, first, end - first)
        targets.to_open.use()
        targets.open_raw.use(0)
        self._blur.render(moderngl.TRIANGLES, vertices=3)

    def reflect(self, frame: Frame, targets: Targets, lists: TileLists, level_m: float) -> None:
        """Adds to ``targets.gloss`` what water shows of ``targets.mirror``, drawn for this level over the eye."""
        film = self._tiled_program("film", _FILM_UNITS, ("ENCLOSED",) if frame.light.enclosed else ())
        wet = self._tiled_program("wet", _FILM_UNITS)
        targets.mirror.build_mipmaps(max_level=4)
        targets.diffuse.use(0)
        targets.film.use(1)
        targets.normal.use(2)
        targets.depth.use(3)
        targets.mirror.use(4)
        targets.mirror_z.use(5)
        self._sky_map.around.use(8)
        self._context.enable_only(moderngl.NOTHING)
        targets.to_film.use()
        targets.to_film.clear(0.0, 0.0, 0.0, 0.0)
        self._set_light(film.program, frame)
        put(film.program, "mirror_step", targets.mirror_step)
        put(film.program, "level", level_m)
        self._run_tiles(film, frame.camera, targets.to_film, targets.mirror_step, *lists.wettable)
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE
        targets.to_gloss.use()
        self._set_light(wet.program, frame)
        put(wet.program, "cells", 2.0 / targets.mirror_step)
        self._run_tiles(wet, frame.camera, targets.to_gloss, 2, *lists.wettable)

    def sky(self, frame: Frame, targets: Targets, empty: NDArray[np.bool_]) -> None:
        """Fills ``targets.sky`` where nothing was drawn, which is where ``empty`` (H, W) holds."""
        squares, high = sky_squares(frame.camera, empty, _LAND)
        self._write_tiles(squares)
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = NO_FARTHER
        targets.to_sky.use()
        self._sky_map.sky.use(9)
        sun = ("SUN",) if frame.sun_views else ()
        for variant, first, end in ((sun, 0, high), ((*sun, "LAND"), high, len(squares))):
            vao = self._tiled_program("sky", _UNITS, variant)
            self._set_light(vao.program, frame)
            put(vao.program, "ground", tuple(float(x) for x in frame.light.ground))  # of the land far away
            put(vao.program, "pixel_angle", 1 / frame.camera.fx_px)
            self._run_tiles(vao, frame.camera, targets.to_sky, 1, first, end - first)
        self._context.depth_func = "<"

    def _write_tiles(self, tiles: NDArray[np.int32]) -> None:
        if self._tiles.size < tiles.nbytes:
            programs = {key: vao.program for key, vao in self._tiled.items()}  # a released vertex array forgets its own
            for thing in (self._tiles, *self._tiled.values()):
                thing.release()
            self._tiles = self._context.buffer(reserve=tiles.nbytes)
            self._tiled = {key: self._tiles_of(key[0], program) for key, program in programs.items()}
        if len(tiles):
            self._tiles.write(tiles.tobytes())

    def _write_lists(self, lists: TileLists) -> None:
        self._write_tiles(lists.tiles)
        rows = len(lists.entries)
        if self._lists is None or self._lists.height < rows:
            if self._lists is not None:
                self._lists.release()
            self._lists = self._context.texture((LIST_ROW, rows), 1, dtype="f4")
            self._lists.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._lists.write(lists.entries.tobytes(), viewport=(0, 0, LIST_ROW, rows))

    def _tiled_program(self, name: str, units: tuple[str, ...], variant: tuple[str, ...] = ()) -> Any:
        """The vertex array of a program that runs square by square."""
        key = (name, *variant)
        if key not in self._tiled:
            program = compile_program(self._context, "tile.vert", f"{name}.frag", units, variant)
            self._tiled[key] = self._tiles_of(name, program)
        return self._tiled[key]

    def _tiles_of(self, name: str, program: Any) -> Any:
        if name == "occlusion":
            return self._context.vertex_array(program, [(self._tiles, "16x 4i 16x", "in_tile")])
        if "in_lamps" in program:
            return self._context.vertex_array(program, [(self._tiles, "4i 16x 4i", "in_tile", "in_lamps")])
        return self._context.vertex_array(program, [(self._tiles, "4i 32x", "in_tile")])

    def _run_tiles(self, vao: Any, camera: Camera, target: Any, step: int, first: int, count: int) -> None:
        """Shades squares. ``target``: the framebuffer in use, of which a pixel stands for ``step`` x ``step`` of the
        image."""
        if not count:
            return
        covered = [-(-length // TILE_PX) * TILE_PX for length in (camera.width_px, camera.height_px)]
        target.viewport = (0, 0, covered[0] // step, covered[1] // step)  # no point's middle may lie outside
        self._context.point_size = float(TILE_PX // step)
        put(vao.program, "covered", (float(covered[0]), float(covered[1])))
        put(vao.program, "tile_size", float(TILE_PX))
        self._set_pixel(vao.program, camera)
        vao.render(moderngl.POINTS, vertices=count, first=first)

    def _set_pixel(self, program: Any, camera: Camera) -> None:
        put(program, "world_from_camera", column_major(camera.world_from_camera[:3, :3]))
        put(program, "pinhole", (1 / camera.fx_px, 1 / camera.fy_px, camera.cx_px + 0.5, camera.cy_px + 0.5))

    def _set_light(self, program: Any, frame: Frame) -> None:
        light = frame.light
        for name, value in (
            ("sun_direction", light.sun_direction),
            ("sun_lux", light.sun_lux),
            ("ground", light.near_ground),
            ("eye", frame.eye_m),
        ):
            put(program, name, tuple(float(x) for x in value))
        put(program, "harmonics", frame.around.harmonics.astype(np.float32).tobytes())
        for name, amount in frame.weather.uniforms():
            put(program, name, amount)
        if light.enclosed:
            for name, table in packed_enclosures(light.enclosed, frame.eye_m).items():
                put(program, name, table)

    def _set_shadows(self, program: Any, frame: Frame) -> None:
        sun_views = frame.sun_views
        if sun_views:
            world_from_eye = np.eye(4)
            world_from_eye[:3, 3] = frame.eye_m
            scales, offsets = np.zeros((3, 3), dtype=np.float32), np.zeros((3, 3), dtype=np.float32)
            basis = np.linalg.qr(sun_views[0].clip[:3, :3].T)[0].T  # its rows are orthogonal; only their signs may turn
            basis *= np.sign(np.sum(basis * sun_views[0].clip[:3, :3], axis=1))[:, None]
            for k, shadow in enumerate(sun_views):
                cell = np.eye(4)
                cell[0, 0], cell[0, 3] = 1 / shadows.CASCADES, k / shadows.CASCADES
                window = cell @ _BIAS @ shadow.clip @ world_from_eye
                scales[k] = np.sum(window[:3, :3] * basis, axis=1)
                offsets[k] = window[:3, 3]
            put(program, "sun_basis", column_major(basis))
            put(program, "sun_scale", scales.tobytes())
            put(program, "sun_offset", offsets.tobytes())
            put(program, "sun_far", tuple(s.far_z_m for s in sun_views))
            put(program, "sun_texel", tuple(s.texel_m for s in sun_views))
        put(program, "sun_atlas", (1 / self._maps.sun.width, 1 / self._maps.sun.height))
        near, far = shadows.LAMP_NEAR_M, shadows.LAMP_FAR_M
        put(program, "lamp_depth", (far / (far - near), -far * near / (far - near)))
        put(program, "lamp_size", float(shadows.LAMP_SIZE))
        put(program, "lamp_columns", float(shadows.LAMP_COLUMNS))
        put(program, "lamp_atlas", (1 / self._maps.lamps.width, 1 / self._maps.lamps.height))
        put(program, "threshold", frame.light.threshold_lux)


def _set_boxes(program: Any, boxes: Boxes) -> None:
    for name, table in zip(("box_place", "box_shape"), packed(boxes), strict=True):
        put(program, name, table.tobytes())
    put(program, "box_count", len(boxes.reach_m))


def _lamp_table(frame: Frame) -> bytes:
    """What ``lamp.glsl`` says of each lamp."""
    lamps = frame.light.lamps
    count = len(lamps)
    table = np.zeros((MAX_LAMPS + 1, 7, 4), dtype=np.float32)
    place, axis, power, right, up, middle, forward = (table[:count, k] for k in range(7))
    place[:, :3], place[:, 3] = lamps.position_m - frame.eye_m, -1.0
    axis[:, :3], axis[:, 3] = lamps.direction, lamps.cos_outer
    power[:, :3], power[:, 3] = lamps.rgb_cd, 1 / (lamps.cos_inner - lamps.cos_outer)
    turned = shadows.TURNED @ lamps.axes
    right[:, :3], up[:, :3] = turned[:, 0], turned[:, 1]
    up[:, 3], middle[:, 3] = np.where(lamps.dipped, DIPPED, 0.0), np.where(lamps.dipped, lamps.edge_sin, 0.0)
    forward[:, 3] = lamps.spill
    for slot, shadow in zip(frame.slots, frame.lamp_views, strict=True):
        for k in shadow.lamps:
            place[k, 3] = slot
            # Along the map's rows and columns, which need not be at right angles to where it looks
            right[k] = (*(shadow.clip[0, :3] / shadow.scale), shadow.scale)
            up[k, :3] = shadow.clip[1, :3] / shadow.scale
            middle[k, :3], forward[k, :3] = shadow.origin_m - frame.eye_m, shadow.forward
    return table.tobytes()
