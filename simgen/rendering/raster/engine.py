"""One frame on the GPU: geometry into a G-buffer, shadow maps, light, water, colour, read-back."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable
from simgen.core.geometry import Array
from simgen.rendering.enclosed import share
from simgen.rendering.frustum import camera_from_eye, column_major, projection, visible_spheres
from simgen.rendering.light import lighting
from simgen.rendering.protocol import Extra, RenderBuffers, RendererInfo, Silhouette
from simgen.rendering.raster import shadows
from simgen.rendering.raster.cells import asked_at, spread
from simgen.rendering.raster.compose import Surfaces, compose
from simgen.rendering.raster.context import REMEDY, Pulse, open_context
from simgen.rendering.raster.detail import version_for
from simgen.rendering.raster.edges import edges_of
from simgen.rendering.raster.glints import LARGEST_PX, glints
from simgen.rendering.raster.lit import Frame, Lit
from simgen.rendering.raster.normals import normals
from simgen.rendering.raster.occluders import near_boxes
from simgen.rendering.raster.outlines import Outlines
from simgen.rendering.raster.programs import put
from simgen.rendering.raster.reversed_depth import FARTHEST, NEARER, ReversedDepth
from simgen.rendering.raster.shadow_maps import ShadowMaps
from simgen.rendering.raster.stock import MIRRORS, SURFACES, Prepared, Stock
from simgen.rendering.raster.targets import Targets
from simgen.rendering.raster.tiles import tile_lists
from simgen.rendering.raster.weather import Weather
from simgen.rendering.skylight import surroundings
from simgen.rendering.slivers import within_boxes
from simgen.rendering.smoothing import smooth
from simgen.scene.classes import semantic_class
from simgen.scene.scene import SceneView

_SIZES = 8
"""Image sizes whose targets are kept."""
_DTYPES = {"f1": np.uint8, "f2": np.float16, "f4": np.float32, "nu2": np.uint16}
_CUT_M = 0.03
"""Above the water, at which its mirror image of what stands in it begins."""
_CLIP_DISTANCE = 0x3000
"""GL_CLIP_DISTANCE0."""
_BOUNDS = [semantic_class(name).id for name in ("floor", "wall")]


class Engine:
    """Draws on one GL context, in the process that made it."""

    def __init__(self) -> None:
        self._context = open_context()
        self._process = os.getpid()
        self._closed = False
        with self._context as context:
            self._pulse = Pulse(context)
            self._depth = ReversedDepth(context)
            self._stock = Stock(context)
            self._maps = ShadowMaps(context, self._stock)
            self._lit = Lit(context, self._maps)
            self._outlines = Outlines(context, self._stock)
        self._targets: dict[tuple[int, int], Targets] = {}

    def info(self) -> RendererInfo:
        info = self._context.info
        return RendererInfo(
            name="raster",
            vendor=str(info["GL_RENDERER"]),
            version=str(info["GL_VERSION"]),
            antialiasing="morphological",
        )

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            if os.getpid() == self._process:
                self._context.release()

    def usable(self) -> Any:
        """The context. Raises RendererUnavailable when this process cannot use it."""
        if self._closed:
            raise RendererUnavailable("renderer 'raster' is closed", remedy="make a new one")
        if os.getpid() != self._process:
            raise RendererUnavailable(
                "renderer 'raster' was made in another process",
                remedy="make a renderer in each process, after the fork",
            )
        if self._released():
            raise _lost("it was released")
        return self._context

    def _released(self) -> bool:
        """Whether somebody else has done it, who got at the context through moderngl."""
        return isinstance(self._context.mglo, moderngl.InvalidObject)

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        with self._working() as context:
            buffers = self._render(context, view, camera)
            if "normal" in extras:
                targets = self._target(context, camera.width_px, camera.height_px)
                buffers = replace(buffers, normal=normals(targets, buffers))
            return buffers

    @contextmanager
    def _working(self) -> Iterator[Any]:
        """The context, current; raises RendererUnavailable when it is lost, before or during the work."""
        context = self.usable()
        try:
            # On a context that is gone calls do nothing, and what is read back is anything: no number, too.
            with context, np.errstate(invalid="ignore"):
                yield context
                error = context.error
                answers = self._pulse.beats()
        except Exception as failure:
            if self._released():
                raise _lost("it was released") from failure
            with context:
                if not isinstance(failure, moderngl.Error) and self._pulse.beats():
                    raise
            raise _lost(str(failure)) from failure
        if error != "GL_NO_ERROR" or not answers:
            raise _lost(error if answers else "it no longer answers")

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        with self._working():
            return self._outlines.silhouettes(view, camera, instance_ids)

    def _render(self, context: Any, view: SceneView, camera: Camera) -> RenderBuffers:
        scene = self._stock.prepare(view.scene)
        eye = camera.world_from_camera[:3, 3].astype(np.float64)
        light = lighting(view, eye)
        centers = self._stock.place(scene, view, light.lamps.index, eye)
        present = view.node_present()
        clip = projection(camera) @ camera_from_eye(camera)
        targets = self._target(context, camera.width_px, camera.height_px)
        distance = np.linalg.norm(centers, axis=1)
        seen = present & visible_spheres(clip, centers, scene.radii_m)

        targets.to_geometry.use()
        targets.to_geometry.clear(0.0, 0.0, 0.0, 0.0, depth=FARTHEST)
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = NEARER
        for name in SURFACES:
            put(self._stock.programs[name], "clip_from_eye", column_major(self._depth.clip(clip)))
            put(self._stock.programs[name], "camera_from_world", column_major(camera.world_from_camera[:3, :3].T))
        with self._depth.mapped():
            self._stock.draw_surfaces(scene, seen, distance, _near_m(camera))
        context.depth_func = "<"
        depth = _read(targets.to_geometry, 1, "f4", attachment=2)[..., 0]
        node = _read(targets.to_geometry, 1, "f4", attachment=3)[..., 0].astype(np.int32)
        node -= 1
        index = node.astype(np.intp)  # once: each look-up in a table would make its own
        edges = edges_of(depth, node, _read(targets.to_geometry, 2, "nu2", attachment=1))

        world = centers + eye
        sun_views = shadows.sun_views(camera, light, world[present], scene.radii_m[present]) if light.has_sun else []
        self._maps.draw_sun(scene, present, world, sun_views)
        boxes = near_boxes(scene.occluders, scene.poses, present)
        weather = Weather.of(view)
        holds = np.append(scene.material[:, 1, 0], 0.0)
        wettable, mirrors = holds > 0.0, holds >= MIRRORS
        sheeting = np.append(scene.material[:, 1, 1], np.float32(0.0))
        asked = asked_at(node)
        asked_node = index.reshape(-1).take(asked)
        lists = tile_lists(
            camera,
            depth.reshape(-1).take(asked),
            sheeting[asked_node],
            (wettable if weather.wet else mirrors)[asked_node],
            light.lamps,
            boxes,
            eye,
            light.faintest_lux,
        )
        lamp_views = shadows.lamp_views(light.lamps, lists.lit, eye, *_things_indoors(scene, present))
        slots = self._maps.draw_lamps(scene, present, world, lamp_views)
        frame = Frame(
            camera=camera,
            light=light,
            around=surroundings(view, light, eye, walls=not view.scene.indoor),
            eye_m=eye,
            clip=clip,
            weather=weather,
            sun_views=sun_views,
            lamp_views=lamp_views,
            slots=slots,
        )
        self._lit.illuminate(frame, self._stock.nodes, targets, boxes, lists)
        level = _water_level(frame, wettable if weather.mirrors else mirrors, depth, node)
        if level is not None:
            low, high = _heights(scene)
            above = high > level + _CUT_M
            large = scene.radii_m * camera.fx_px > 0.75 * targets.mirror_step * distance
            grain = np.maximum(distance - scene.radii_m, 0.0) * (2.0 * targets.mirror_step / camera.fx_px)
            shown = present & above & large & visible_spheres(clip @ _mirror(level), centers, scene.radii_m)
            chosen = np.flatnonzero(shown)
            chosen = chosen[np.argsort(distance[chosen], kind="stable")]  # what the near ones hide costs less
            dips = low[chosen] < level + _CUT_M
            self._draw_mirror(context, frame, scene, targets, chosen, dips, version_for(grain), level)
            self._lit.reflect(frame, targets, lists, level)
        sky = None
        empty = node < 0
        if empty.any():
            self._lit.sky(frame, targets, empty)
            sky = _read(targets.to_sky, 4, "f2")
        small = seen & (scene.emitters.longest_m * camera.fx_px < LARGEST_PX * distance)
        points = glints(scene.emitters, small, scene.material[:, 0, :3], scene.poses, camera, depth)
        material = scene.material.copy()
        material[points.nodes, 0, :3] = 0.0
        special = np.append((material[:, 0] != 0).any(axis=1), False)
        surfaces = Surfaces(
            albedo=_read(targets.to_geometry, 4, "f1"),
            node=node,
            edges=edges,
            special=np.flatnonzero(special[index]),
            material=material,
        )
        light_cells = _cells(targets)
        spread(light_cells, asked_node >= 0)
        radiance = compose(surfaces, light_cells, sky)
        # At the far plane the land is cut off within a pixel, whose middle may lie beyond.
        np.minimum(depth, np.float32(camera.far_m), out=depth)
        depth[empty] = np.inf
        within_boxes(depth, node, edges.jumps, camera, scene.table.instance > 0, scene.poses, scene.boxes_m)
        radiance = smooth(radiance, edges.right, edges.below)
        return RenderBuffers(
            radiance=radiance,
            depth_m=depth,
            light_depth_m=points.add_to(radiance, depth),
            instance=scene.table.instance_of(index),
            semantic=scene.table.semantic_of(index),
            node=node,
        )

    def _draw_mirror(
        self,
        context: Any,
        frame: Frame,
        scene: Prepared,
        targets: Targets,
        chosen: NDArray[np.int64],
        dips: NDArray[np.bool_],
        version: NDArray[np.int64],
        level: float,
    ) -> None:
        """The scene as a level of water shows it: the nodes ``chosen`` (M,), of which some stand in the water."""
        targets.to_mirror.use()
        targets.to_mirror.clear(0.0, 0.0, 0.0, 0.0, depth=FARTHEST)
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = NEARER
        self._stock.nodes.use(0)
        targets.albedo.use(1)
        targets.depth.use(3)
        targets.diffuse.use(4)
        targets.gloss.use(5)
        program = self._stock.programs["mirror"]
        put(program, "clip_from_eye", column_major(self._depth.clip(frame.clip)))
        put(program, "level", level)
        put(program, "cut", level + _CUT_M)
        around = frame.light.sky_lux + 0.3 * frame.light.sun_lux
        if frame.light.enclosed:
            at = share(frame.light.enclosed, frame.eye_m[None], 0.0)
            around = around * at.sky[0] + at.bounced_lux[0]
        put(program, "around_lux", tuple(float(x) for x in around))
        # Of what stands in the water the cut shows its inside, which a blurred reflection mixes with its foot.
        with self._depth.mapped():
            context.enable_direct(_CLIP_DISTANCE)  # a discard would cost the early depth test
            self._stock.draw(scene, chosen[dips], version, "mirror")
            context.disable_direct(_CLIP_DISTANCE)
            self._stock.draw(scene, chosen[~dips], version, "mirror", np.array([0.0, 0.0, 2.0 * level]))
        context.depth_func = "<"

    def _target(self, context: Any, width: int, height: int) -> Targets:
        key = (width, height)
        if key not in self._targets:
            if len(self._targets) >= _SIZES:
                context.detect_framebuffer(0).use()  # one must not be released while it is bound
                self._targets.pop(next(iter(self._targets))).release()
            self._targets[key] = Targets(context, width, height)
        return self._targets[key]


def _lost(why: str) -> RendererUnavailable:
    return RendererUnavailable(f"renderer 'raster' lost its OpenGL context: {why}", remedy=REMEDY)


def _read(target: Any, components: int, dtype: str, attachment: int = 0) -> NDArray[Any]:
    """(H, W, components) what has been drawn."""
    data = np.empty((target.height, target.width, components), dtype=_DTYPES[dtype])
    target.read_into(data, components=components, attachment=attachment, dtype=dtype)
    return data


def _cells(targets: Targets) -> list[Any]:
    """7 planes (h, w) of the light as ``compose`` takes it."""
    diffuse = cv2.split(_read(targets.to_light, 4, "f4"))
    gloss = cv2.split(_read(targets.to_light, 4, "f4", attachment=1))
    return [*diffuse[:3], *gloss]


def _heights(scene: Prepared) -> tuple[Array, Array]:
    """(N,), (N,) heights over the eye between which each node's box lies."""
    z = (scene.boxes_m @ scene.poses[:, 2, :3, None])[..., 0] + scene.poses[:, 2, 3, None]
    return z.min(axis=1), z.max(axis=1)


def _things_indoors(scene: Prepared, present: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """(M, 8, 3) corners of the boxes of all that stands in a room, and (M,) the entities; none outdoors. What bounds a
    room casts no shadow into it."""
    if not scene.scene.indoor:
        return np.zeros((0, 8, 3)), np.zeros(0, dtype=np.int64)
    things = np.flatnonzero(present & ~np.isin(scene.table.semantic, _BOUNDS))
    return scene.boxes_in_world(things), scene.table.entity[things]


def _water_level(
    frame: Frame, holds: NDArray[np.bool_], depth_m: NDArray[np.float32], node: NDArray[np.int32]
) -> float | None:
    """Height over the eye of the middle of what mirrors in the picture; None when nothing does.

    Args:
        holds: (N + 1,) which nodes do, and no node.
    """
    if not holds.any():
        return None
    step = max(1, min(depth_m.shape[:2]) // 90)
    z = depth_m[::step, ::step].astype(np.float64)
    x, y = frame.camera.places(np.arange(0, depth_m.shape[1], step), np.arange(0, depth_m.shape[0], step))
    up = frame.camera.world_from_camera[2, :3]
    heights = (z * (x[None, :] * up[0] + y[:, None] * up[1] + up[2]))[holds[node[::step, ::step]]]
    return float(np.median(heights)) if len(heights) else None


def _near_m(camera: Camera) -> float:
    """Distance from the eye of the near plane's farthest corner."""
    x = max(camera.cx_px, camera.width_px - camera.cx_px) / camera.fx_px
    y = max(camera.cy_px, camera.height_px - camera.cy_px) / camera.fy_px
    return float(camera.near_m * np.sqrt(1.0 + x * x + y * y))


def _mirror(level_m: float) -> Array:
    """(4, 4) reflection about the level plane at this height."""
    matrix = np.diag([1.0, 1.0, -1.0, 1.0])
    matrix[2, 3] = 2 * level_m
    return matrix
