"""One frame on the GPU: geometry into a G-buffer, shadow maps, occlusion, light, water, read-back."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable
from simgen.core.geometry import Array
from simgen.rendering.drawn import NodeTable
from simgen.rendering.frustum import projection, visible_spheres
from simgen.rendering.light import MAX_LAMPS, Lighting, lighting
from simgen.rendering.protocol import Beyond, Extra, RenderBuffers, RendererInfo, Silhouette
from simgen.rendering.raster import shadows
from simgen.rendering.raster.alone import around, layers
from simgen.rendering.raster.context import REMEDY, open_context
from simgen.rendering.raster.normals import normals
from simgen.rendering.raster.occluders import Boxes, Occluders, near_boxes, packed
from simgen.rendering.raster.pool import MeshPool, Range, TexturePool
from simgen.rendering.raster.programs import compile_program, put
from simgen.rendering.raster.skymap import SkyMap
from simgen.rendering.raster.targets import Targets
from simgen.rendering.raster.tiles import LIST_ROW, TILE_PX, TileLists, tile_lists
from simgen.rendering.raster.weather import Weather, holds_snow
from simgen.rendering.silhouette import (
    EMPTY,
    NOTHING,
    Canvas,
    box_canvases,
    box_corners,
    cut_out,
    nodes_of,
    tight_canvas,
    trimmed,
)
from simgen.rendering.skylight import Surroundings, surroundings
from simgen.rendering.slivers import within_boxes
from simgen.rendering.smoothing import smooth
from simgen.scene.scene import Scene, SceneView

_TEXELS = 2
_INSTANCE = 20
"""Floats per node: three rows of the pose, base colour and roughness, mark (node + 1) and padding."""
_ROW = 4096
_BLOCK = 4096
_FINE_PX = 250_000
_COMMAND = np.dtype([("count", "u4"), ("instances", "u4"), ("first", "u4"), ("base_vertex", "i4"), ("node", "u4")])
_PIXEL = ("nodes", "g_albedo", "g_normal", "g_place")
_BIAS = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A scene on the GPU: tables over its N nodes.

    Attributes:
        commands: (N,) draw commands; position_commands: the same for positions alone.
        boxes_m: (N, 8, 3) corners of boxes in the node's frame; centers_m, radii_m: spheres there.
        occluders: which nodes hide the sky from the ground.
        poses: (N, 4, 4) of the last frame, relative to its eye.
        instances: (N, 20) and material (N, 2, 4): what is uploaded, with poses and emission of the last frame.
        texture_of_node: (N,) index into ``textures``.
    """

    scene: Scene
    generation: int
    table: NodeTable
    ranges: tuple[Range, ...]
    commands: NDArray[np.void]
    position_commands: NDArray[np.void]
    boxes_m: Array
    centers_m: Array
    radii_m: Array
    occluders: Occluders
    poses: Array
    instances: NDArray[np.float32]
    material: NDArray[np.float32]
    texture_of_node: NDArray[np.int64]
    textures: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """What the passes of one frame share. ``clip``: (4, 4) clip coordinates from coordinates relative to the eye."""

    view: SceneView
    camera: Camera
    light: Lighting
    around: Surroundings
    eye_m: Array
    clip: Array
    weather: Weather


class Engine:
    """Draws on one GL context, in the process that made it."""

    def __init__(self) -> None:
        self._context = open_context()
        self._process = os.getpid()
        self._closed = False
        with self._context as context:
            self._meshes = MeshPool(context)
            self._textures = TexturePool(context)
            self._geometry = compile_program(context, "geometry.vert", "geometry.frag", ("nodes", "surface"))
            self._depth = compile_program(context, "depth.vert", "depth.frag", ("nodes",))
            self._mask = compile_program(context, "depth.vert", "mask.frag", ("nodes",))
            self._mirror = compile_program(context, "mirror.vert", "mirror.frag", ("nodes", "radiance", "", "g_place"))
            self._screens = {
                name: _screen(context, name, samplers)
                for name, samplers in (
                    ("occlusion_blur", ("open_raw", *_PIXEL[1:])),
                    ("sky", (*_PIXEL, "", "", "", "", "around", "sky")),
                    ("film", ("radiance", *_PIXEL[1:], "mirror", "mirror_z", "", "", "around")),
                    ("wet", ("radiance", *_PIXEL[1:], "film")),
                )
            }
            self._sky_map = SkyMap(context)
            self._tiled: dict[tuple[str, ...], Any] = {}
            self._tiles: Any = context.buffer(reserve=2**16)
            self._lists: Any = None
            self._sun_map = _shadow_map(context, shadows.SUN_SIZE * shadows.CASCADES, shadows.SUN_SIZE)
            self._lamp_map = _shadow_map(
                context, shadows.LAMP_SIZE * shadows.LAMP_COLUMNS, shadows.LAMP_SIZE * shadows.LAMP_ROWS
            )
        self._mark: Any = None
        self._targets: dict[tuple[int, int], Targets] = {}
        self._prepared: Prepared | None = None
        self._nodes: Any = None
        self._instances: Any = None
        self._commands: Any = None
        self._vaos: dict[str, Any] = {}
        self._vao_generation = -1

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
        return self._context

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        with self._working() as context:
            buffers = self._render(context, view, camera)
            if "normal" in extras:
                targets = self._target(context, camera.width_px, camera.height_px)
                buffers = replace(buffers, normal=normals(targets, buffers, camera))
            return buffers

    @contextmanager
    def _working(self) -> Iterator[Any]:
        """The context, current; raises RendererUnavailable when it is lost, before or during the work."""
        context = self.usable()
        try:
            with context:
                yield context
                error = context.error
        except moderngl.Error as failure:
            raise RendererUnavailable(
                f"renderer 'raster' lost its OpenGL context: {failure}", remedy=REMEDY
            ) from failure
        if error != "GL_NO_ERROR":
            raise RendererUnavailable(f"renderer 'raster' lost its OpenGL context: {error}", remedy=REMEDY)

    def _render(self, context: Any, view: SceneView, camera: Camera) -> RenderBuffers:
        scene = self._prepare(context, view.scene)
        eye = camera.world_from_camera[:3, 3].astype(np.float64)
        light = lighting(view, eye)
        centers = self._place(scene, view, light.lamps.index, eye)
        present = view.node_present()
        clip = projection(camera) @ _camera_from_eye(camera)
        targets = self._target(context, camera.width_px, camera.height_px)
        size = (camera.width_px, camera.height_px)

        targets.geometry.use()
        targets.geometry.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = "<"
        context.front_face = "cw"  # image rows run downwards, see projection()
        self._nodes.use(0)
        put(self._geometry, "clip_from_eye", _column_major(clip))
        distance = np.linalg.norm(centers, axis=1)
        shown = present & visible_spheres(clip, centers, scene.radii_m)
        self._draw_surfaces(scene, shown, distance)

        place = np.frombuffer(targets.geometry.read(components=2, attachment=2, dtype="f4"), dtype=np.float32)
        place = place.reshape(size[1], size[0], 2)
        node = place[..., 1].astype(np.int32) - 1

        sun_views = shadows.sun_views(camera, light, centers[present], scene.radii_m[present]) if light.has_sun else []
        self._shadow_pass(context, scene, present, centers, sun_views, self._sun_map, shadows.SUN_SIZE)
        lamp_views = shadows.lamp_views(light.lamps, eye)
        self._shadow_pass(context, scene, present, centers, lamp_views, self._lamp_map, shadows.LAMP_SIZE)

        boxes = near_boxes(scene.occluders, scene.poses, present)
        lists = tile_lists(camera, place[..., 0], light.lamps, boxes, eye, light.threshold_lux)
        self._write_lists(context, lists)
        self._lists.use(7)
        self._occlusion_pass(context, camera, targets, boxes, len(lists.tiles))
        weather = Weather.of(view)
        around = surroundings(view, light, eye, walls=not view.scene.indoor)
        self._sky_map.show(light.sky, around)
        frame = Frame(view=view, camera=camera, light=light, around=around, eye_m=eye, clip=clip, weather=weather)
        self._light_pass(context, frame, targets, sun_views, lamp_views, len(lists.tiles))
        result = targets.light_target
        level = self._water_level(frame, scene, place, node) if weather.mirrors else None
        if level is not None:
            above = centers[:, 2] + scene.radii_m > level + 0.03
            large = scene.radii_m * camera.fx_px > 1.5 * distance
            shown = present & above & large & visible_spheres(clip @ _mirror(level), centers, scene.radii_m)
            self._water_pass(context, frame, scene, targets, np.flatnonzero(shown), level)
            result = targets.wet_target
        radiance = np.frombuffer(result.read(components=4, dtype="f2"), dtype=np.float16)
        depth = place[..., 0].copy()
        depth[node < 0] = np.inf
        within_boxes(depth, node, camera, scene.table.instance > 0, scene.poses, scene.boxes_m)
        return RenderBuffers(
            radiance=smooth(np.ascontiguousarray(radiance.reshape(size[1], size[0], 4)[..., :3]), place[..., 0], node),
            depth_m=depth,
            instance=scene.table.instance_of(node),
            semantic=scene.table.semantic_of(node),
            node=node,
        )

    def silhouettes(self, view: SceneView, camera: Camera, instance_ids: Sequence[int]) -> tuple[Silhouette, ...]:
        with self._working() as context:
            return self._silhouettes(context, view, camera, instance_ids)

    def _silhouettes(
        self, context: Any, view: SceneView, camera: Camera, instance_ids: Sequence[int]
    ) -> tuple[Silhouette, ...]:
        scene = self._prepare(context, view.scene)
        eye = camera.world_from_camera[:3, 3].astype(np.float64)
        self._place(scene, view, np.zeros(0, dtype=np.int64), eye)
        self._nodes.use(0)
        context.enable_only(moderngl.NOTHING)
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
            marks = self._marks(context, camera, image, cut, [nodes[i] for i in layer])
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
                drawn = self._outside(context, camera, canvas, nodes[i])
                if isinstance(drawn, Beyond):
                    canvas, beyond = c, drawn
                else:
                    x, y = c.x_px - canvas.x_px, c.y_px - canvas.y_px
                    drawn[y : y + c.height_px, x : x + c.width_px] = mask
                    mask = drawn
            result.append(trimmed(instance_id, canvas.x_px, canvas.y_px, mask, beyond))
        return tuple(result)

    def _outside(
        self, context: Any, camera: Camera, canvas: Canvas, nodes: Sequence[int]
    ) -> NDArray[np.bool_] | Beyond:
        """(h, w) where the nodes are on a canvas that leaves the image; on a large one, such as that of the vehicle
        which carries the camera, in cells of several pixels, and only where it lies outside."""
        size = canvas.width_px * canvas.height_px
        step = 1 if size <= _FINE_PX else int(np.ceil(np.sqrt(size / _FINE_PX)))
        coarse = camera if step == 1 else _coarser(camera, step)
        x_px, y_px = canvas.x_px // step, canvas.y_px // step
        width = -(-(canvas.x_px + canvas.width_px) // step) - x_px
        height = -(-(canvas.y_px + canvas.height_px) // step) - y_px
        drawn = np.zeros((height, width), dtype=np.bool_)
        for y in range(0, height, _BLOCK):
            for x in range(0, width, _BLOCK):
                block = Canvas(
                    x_px=x_px + x,
                    y_px=y_px + y,
                    width_px=min(_BLOCK, width - x),
                    height_px=min(_BLOCK, height - y),
                )
                marks = self._marks(context, coarse, block, block, [nodes])
                drawn[y : y + block.height_px, x : x + block.width_px] = marks > 0
        if step == 1:
            return drawn
        row = step * (y_px + np.arange(height)) + 0.5 * (step - 1)
        column = step * (x_px + np.arange(width)) + 0.5 * (step - 1)
        rows = np.flatnonzero((row >= 0) & (row <= camera.height_px - 1))
        columns = np.flatnonzero((column >= 0) & (column <= camera.width_px - 1))
        if len(rows) and len(columns):
            drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = False
        x, y, cells = cut_out(drawn)
        return Beyond(x_px=step * (x_px + x), y_px=step * (y_px + y), step_px=step, mask=cells)

    def _marks(
        self, context: Any, camera: Camera, window: Canvas, cut: Canvas, groups: Sequence[Sequence[int]]
    ) -> NDArray[np.uint8]:
        """(h, w) 1, 2, … where the groups of nodes are, drawn over each other on a window of the pixel grid.

        Of the window only the part ``cut`` is drawn and returned.
        """
        width, height = window.width_px, window.height_px
        if self._mark is None or self._mark.width < width or self._mark.height < height:
            extent = (width, height)
            if self._mark is not None:
                self._sun_map.use()  # a framebuffer must not be released while it is bound
                extent = (max(width, self._mark.width), max(height, self._mark.height))
                self._mark.color_attachments[0].release()
                self._mark.release()
            self._mark = context.framebuffer([context.texture(extent, 1, dtype="f1")])
        self._mark.use()
        self._mark.viewport = (0, 0, width, height)
        part = (cut.x_px - window.x_px, cut.y_px - window.y_px, cut.width_px, cut.height_px)
        self._mark.scissor = part
        self._mark.clear(0.0, 0.0, 0.0, 0.0)
        seen = camera.crop(window.x_px, window.y_px, width, height)
        put(self._mask, "clip_from_eye", _column_major(projection(seen) @ _camera_from_eye(camera)))
        scene = self._prepared
        assert scene is not None
        for mark, group in enumerate(groups, start=1):
            put(self._mask, "mark", mark / 255)
            self._draw(scene, np.array(group, dtype=np.int64), "mask")
        data = self._mark.read(viewport=part, components=1, alignment=1)
        return np.frombuffer(data, dtype=np.uint8).reshape(cut.height_px, cut.width_px)

    # What is drawn

    def _prepare(self, context: Any, scene: Scene) -> Prepared:
        ready = self._prepared
        if ready is not None and ready.scene is scene and ready.generation == self._meshes.generation:
            return ready
        ranges = tuple(self._meshes.ranges([n.mesh for n in scene.nodes]))
        count = len(scene.nodes)
        commands, position_commands = np.zeros(count, dtype=_COMMAND), np.zeros(count, dtype=_COMMAND)
        instances = np.zeros((count, _INSTANCE), dtype=np.float32)
        material = np.zeros((count, _TEXELS, 4), dtype=np.float32)
        textures: dict[str, int] = {}
        bound: list[Any] = []
        texture_of_node = np.zeros(count, dtype=np.int64)
        self._textures.keep(n.material.texture.digest for n in scene.nodes if n.material.texture is not None)
        for i, (node, span) in enumerate(zip(scene.nodes, ranges, strict=True)):
            m = node.material
            commands[i] = (span.index_count, 1, span.first_index, span.base_vertex, i)
            position_commands[i] = (span.index_count, 1, span.first_index, span.base_position, i)
            instances[i, 12:16] = (*m.base_color, m.roughness)
            instances[i, 16] = i + 1
            material[i, 0, 3] = m.metallic
            material[i, 1, :2] = (float(m.wettable), m.retroreflectance)
            material[i, 1, 3] = holds_snow(scene.entities[node.entity], m)
            name = m.texture.digest if m.texture is not None else ""
            if name not in textures:
                textures[name] = len(textures)
                bound.append(self._textures.get(m.texture))
            texture_of_node[i] = textures[name]
        self._grow(context, count)
        self._prepared = Prepared(
            scene=scene,
            generation=self._meshes.generation,
            table=NodeTable.of(scene),
            ranges=ranges,
            commands=commands,
            position_commands=position_commands,
            boxes_m=np.array([box_corners(n.mesh) for n in scene.nodes]).reshape(-1, 8, 3),
            centers_m=np.array([r.center_m for r in ranges]).reshape(-1, 3),
            radii_m=np.array([r.radius_m for r in ranges], dtype=np.float64),
            occluders=Occluders.of(scene),
            poses=np.zeros((count, 4, 4)),
            instances=instances,
            material=material,
            texture_of_node=texture_of_node,
            textures=tuple(bound),
        )
        return self._prepared

    def _grow(self, context: Any, count: int) -> None:
        """Room for the tables of this many nodes, and vertex arrays on the pool's present buffers."""
        rows = -(-max(count, 1) * _TEXELS // _ROW)
        if self._nodes is None or self._nodes.height < rows:
            for old in (self._nodes, self._instances, self._commands):
                if old is not None:
                    old.release()
            room = rows * _ROW // _TEXELS
            self._nodes = context.texture((_ROW, rows), 4, dtype="f4")
            self._nodes.filter = (0x2600, 0x2600)  # GL_NEAREST
            self._instances = context.buffer(reserve=room * _INSTANCE * 4)
            self._commands = context.buffer(reserve=room * _COMMAND.itemsize)
            self._vao_generation = -1
        if self._vao_generation != self._meshes.generation:
            for vao in self._vaos.values():
                vao.release()
            vertices, instances = self._meshes.vertices, self._instances
            axes = ("in_x", "in_y", "in_z")
            positions, bare_indices = self._meshes.positions, self._meshes.position_indices
            bare = [(positions, "3f", "in_position"), (instances, "4f 4f 4f 32x/i", *axes)]
            marked = (instances, "4f 4f 4f 4f 1f 12x/i", *axes, "in_base", "in_mark")
            self._vaos = {
                name: context.vertex_array(program, layout, index_buffer=indices)
                for name, program, layout, indices in (
                    (
                        "geometry",
                        self._geometry,
                        [(vertices, "3f 3f 2f", "in_position", "in_normal", "in_uv"), marked],
                        self._meshes.indices,
                    ),
                    ("depth", self._depth, bare, bare_indices),
                    ("mask", self._mask, bare, bare_indices),
                    (
                        "mirror",
                        self._mirror,
                        [(vertices, "3f 3f 8x", "in_position", "in_normal"), marked],
                        self._meshes.indices,
                    ),
                )
            }
            self._vao_generation = self._meshes.generation

    def _place(self, scene: Prepared, view: SceneView, lit: NDArray[np.int64], eye: Array) -> Array:
        """Uploads poses and materials; ``lit`` (K,) are the scene's lamps that shine on surfaces.

        Returns the nodes' centres (N, 3) relative to the eye.
        """
        pose = np.array(view.snapshot.world_from_node, dtype=np.float64).reshape(-1, 4, 4)
        pose[:, :3, 3] -= eye
        table = scene.material
        scene.poses[:] = pose
        scene.instances[:, :12] = pose[:, :3].reshape(-1, 12)
        if len(pose):
            self._instances.write(scene.instances.tobytes())
        table[:, 0, :3] = scene.table.emission(view)
        table[:, 1, 2] = ~np.isin(scene.table.lamp, lit)
        flat = np.zeros((self._nodes.height * _ROW, 4), dtype=np.float32)
        flat[: table.shape[0] * _TEXELS] = table.reshape(-1, 4)
        self._nodes.write(flat.tobytes())
        centers: Array = np.einsum("nij,nj->ni", pose[:, :3, :3], scene.centers_m) + pose[:, :3, 3]
        return centers

    def _draw(self, scene: Prepared, chosen: NDArray[np.int64], vao: str) -> None:
        """Draws the nodes of these indices, in this order, without textures."""
        if len(chosen):
            commands = scene.commands if vao == "mirror" else scene.position_commands
            self._commands.write(commands[chosen].tobytes())
            self._vaos[vao].render_indirect(self._commands, moderngl.TRIANGLES, count=len(chosen))

    def _draw_surfaces(self, scene: Prepared, shown: NDArray[np.bool_], distance_m: Array) -> None:
        """Draws the nodes that are ``shown`` texture by texture, the near ones first: what they hide costs less."""
        chosen = np.flatnonzero(shown)
        if len(chosen) == 0:
            return
        texture = scene.texture_of_node[chosen]
        nearest = np.full(len(scene.textures), np.inf)
        np.minimum.at(nearest, texture, distance_m[chosen])
        order = np.lexsort((chosen, distance_m[chosen], texture, nearest[texture]))
        chosen, texture = chosen[order], texture[order]
        self._commands.write(scene.commands[chosen].tobytes())
        starts = np.flatnonzero(np.r_[True, np.diff(texture) != 0])
        for first, end in zip(starts, np.r_[starts[1:], len(chosen)], strict=True):
            scene.textures[texture[first]].use(1)
            self._vaos["geometry"].render_indirect(
                self._commands, moderngl.TRIANGLES, count=int(end - first), first=int(first)
            )

    # Shadows and light

    def _shadow_pass(
        self,
        context: Any,
        scene: Prepared,
        present: NDArray[np.bool_],
        centers: Array,
        views: Sequence[shadows.ShadowView],
        target: Any,
        size: int,
    ) -> None:
        if not views:
            return
        target.use()
        target.clear(depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST)
        context.polygon_offset = (1.5, 2.0)
        columns = target.width // size
        for slot, shadow in enumerate(views):
            target.viewport = (slot % columns * size, slot // columns * size, size, size)
            shown = present & visible_spheres(shadow.clip, centers, scene.radii_m)
            if shadow.excluded_entity >= 0:
                shown &= scene.table.entity != shadow.excluded_entity
            if shadow.lamp < 0:
                shown &= scene.radii_m > 1.5 * shadow.texel_m  # what is smaller than the map's grain
                shown &= shadow.reaches(centers, scene.radii_m)
            else:
                distance = np.linalg.norm(centers - shadow.origin_m, axis=1)
                shown &= scene.radii_m * shadow.scale * shadows.LAMP_SIZE > 6.0 * distance
            put(self._depth, "clip_from_eye", _column_major(shadow.clip))
            self._draw(scene, np.flatnonzero(shown), "depth")
        context.polygon_offset = (0.0, 0.0)

    def _occlusion_pass(self, context: Any, camera: Camera, targets: Targets, boxes: Boxes, squares: int) -> None:
        """How much of the sky each surface sees, at half resolution, smoothed."""
        context.enable_only(moderngl.NOTHING)
        targets.albedo.use(1)
        targets.normal.use(2)
        targets.place.use(3)
        targets.open_raw_target.use()
        targets.open_raw_target.clear(1.0, 0.0)
        vao = self._tiled_program(context, "occlusion")
        put(vao.program, "focal", camera.fx_px)
        for name, table in zip(("box_place", "box_shape"), packed(boxes), strict=True):
            put(vao.program, name, table.tobytes())
        if squares:
            self._run_tiles(vao, camera, squares)
        targets.open_target.use()
        targets.open_raw.use(0)
        self._run("occlusion_blur", camera)

    def _light_pass(
        self,
        context: Any,
        frame: Frame,
        targets: Targets,
        sun_views: Sequence[shadows.ShadowView],
        lamp_views: Sequence[shadows.ShadowView],
        squares: int,
    ) -> None:
        light = frame.light
        targets.light_target.use()
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = "<="  # the far plane, where nothing was drawn
        self._sky_map.around.use(8)
        self._sky_map.sky.use(9)
        sky = self._screens["sky"].program
        self._set_light(sky, frame)
        pixel = (1 / frame.camera.fx_px, 1 / frame.camera.fy_px) if sun_views else (0.0, 0.0)
        put(sky, "pixel_angle", pixel)
        self._run("sky", frame.camera)
        context.depth_func = ">"  # everything in front of it
        variant = tuple(
            name
            for name, wanted in (
                ("SUN", sun_views),
                ("LAMPS", len(light.lamps)),
                ("WATER", frame.weather.wet),
                ("SNOW", frame.weather.snow > 0),
            )
            if wanted
        )
        vao = self._tiled_program(context, "light", variant)
        self._nodes.use(0)
        self._sun_map.depth_attachment.use(4)
        self._lamp_map.depth_attachment.use(5)
        targets.open.use(6)
        self._set_light(vao.program, frame)
        self._set_shadows(vao.program, frame, sun_views, lamp_views)
        if squares:
            self._run_tiles(vao, frame.camera, squares)
        context.depth_func = "<"

    def _write_lists(self, context: Any, lists: TileLists) -> None:
        if self._tiles is None or self._tiles.size < lists.tiles.nbytes:
            if self._tiles is not None:
                self._tiles.release()
                for vao in self._tiled.values():
                    vao.release()
            self._tiles = context.buffer(reserve=max(lists.tiles.nbytes, 2**16))
            self._tiled = {key: self._lit(context, key[0], vao.program) for key, vao in self._tiled.items()}
        if len(lists.tiles):
            self._tiles.write(lists.tiles.tobytes())
        rows = len(lists.entries)
        if self._lists is None or self._lists.height < rows:
            if self._lists is not None:
                self._lists.release()
            self._lists = context.texture((LIST_ROW, rows), 1, dtype="f4")
            self._lists.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._lists.write(lists.entries.tobytes(), viewport=(0, 0, LIST_ROW, rows))

    def _lit(self, context: Any, name: str, program: Any) -> Any:
        layout = "16x 4i/i" if name == "occlusion" else "4i 16x/i"
        return context.vertex_array(program, [(self._tiles, layout, "in_tile")])

    def _tiled_program(self, context: Any, name: str, variant: tuple[str, ...] = ()) -> Any:
        """The vertex array of a program that runs square by square."""
        key = (name, *variant)
        if key not in self._tiled:
            samplers = (*_PIXEL, "sun_shadow", "lamp_shadow", "occlusion", "lists", "around")
            program = compile_program(context, "tile.vert", f"{name}.frag", samplers, variant)
            self._tiled[key] = self._lit(context, name, program)
        return self._tiled[key]

    def _run_tiles(self, vao: Any, camera: Camera, count: int) -> None:
        put(vao.program, "image_size", (float(camera.width_px), float(camera.height_px)))
        put(vao.program, "tile_size", float(TILE_PX))
        self._set_pixel(vao.program, camera)
        vao.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=count)

    def _water_level(
        self, frame: Frame, scene: Prepared, place: NDArray[np.float32], node: NDArray[np.int32]
    ) -> float | None:
        """Height over the eye of the middle of what is wet in the picture; None when nothing is."""
        step = max(1, min(place.shape[:2]) // 90)
        z = place[::step, ::step, 0].astype(np.float64)
        wettable = np.append(scene.material[:, 1, 0] > 0, False)[node[::step, ::step]]
        y = (np.arange(0, place.shape[0], step) - frame.camera.cy_px) / frame.camera.fy_px
        x = (np.arange(0, place.shape[1], step) - frame.camera.cx_px) / frame.camera.fx_px
        up = frame.camera.world_from_camera[2, :3]
        heights = (z * (x[None, :] * up[0] + y[:, None] * up[1] + up[2]))[wettable]
        return float(np.median(heights)) if len(heights) else None

    def _water_pass(
        self, context: Any, frame: Frame, scene: Prepared, targets: Targets, chosen: NDArray[np.int64], level: float
    ) -> None:
        """The mirror image of the scene, spread as rough water does, added to what is wet."""
        targets.mirror_target.use()
        targets.mirror_target.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST)
        self._nodes.use(0)
        targets.radiance.use(1)
        put(self._mirror, "clip_from_eye", _column_major(frame.clip))
        put(self._mirror, "level", level)
        around = frame.light.sky_lux + 0.3 * frame.light.sun_lux
        put(self._mirror, "around_lux", tuple(float(x) for x in around))
        self._draw(scene, chosen, "mirror")
        context.enable_only(moderngl.NOTHING)
        targets.mirror.build_mipmaps(max_level=4)
        targets.mirror_z.use(5)
        targets.albedo.use(1)
        targets.radiance.use(0)
        for name, target, unit in (
            ("film", targets.film_target, targets.mirror),
            ("wet", targets.wet_target, targets.film),
        ):
            target.use()
            unit.use(4)
            self._set_light(self._screens[name].program, frame)
            self._run(name, frame.camera)

    def _run(self, name: str, camera: Camera) -> None:
        """One screen program over the framebuffer in use."""
        self._set_pixel(self._screens[name].program, camera)
        self._screens[name].render(moderngl.TRIANGLES, vertices=3)

    def _set_pixel(self, program: Any, camera: Camera) -> None:
        put(program, "world_from_camera", _column_major(camera.world_from_camera[:3, :3]))
        put(program, "pinhole", (1 / camera.fx_px, 1 / camera.fy_px, camera.cx_px + 0.5, camera.cy_px + 0.5))

    def _set_light(self, program: Any, frame: Frame) -> None:
        light = frame.light
        for name, value in (
            ("sun_direction", light.sun_direction),
            ("sun_lux", light.sun_lux),
            ("ground", light.ground),
            ("eye", frame.eye_m),
        ):
            put(program, name, tuple(float(x) for x in value))
        put(program, "harmonics", frame.around.harmonics.astype(np.float32).tobytes())
        for name, amount in frame.weather.uniforms():
            put(program, name, amount)

    def _set_shadows(
        self,
        program: Any,
        frame: Frame,
        sun_views: Sequence[shadows.ShadowView],
        lamp_views: Sequence[shadows.ShadowView],
    ) -> None:
        if sun_views:
            scales, offsets = np.zeros((3, 3), dtype=np.float32), np.zeros((3, 3), dtype=np.float32)
            basis = np.linalg.qr(sun_views[0].clip[:3, :3].T)[0].T  # its rows are orthogonal; only their signs may turn
            basis *= np.sign(np.sum(basis * sun_views[0].clip[:3, :3], axis=1))[:, None]
            for k, shadow in enumerate(sun_views):
                cell = np.eye(4)
                cell[0, 0], cell[0, 3] = 1 / shadows.CASCADES, k / shadows.CASCADES
                window = cell @ _BIAS @ shadow.clip
                scales[k] = np.sum(window[:3, :3] * basis, axis=1)
                offsets[k] = window[:3, 3]
            put(program, "sun_basis", _column_major(basis))
            put(program, "sun_scale", scales.tobytes())
            put(program, "sun_offset", offsets.tobytes())
            put(program, "sun_far", tuple(s.far_z_m for s in sun_views))
            put(program, "sun_texel", tuple(s.texel_m for s in sun_views))
        put(program, "sun_atlas", (1 / self._sun_map.width, 1 / self._sun_map.height))
        lamps = frame.light.lamps
        count = len(lamps)
        place = np.zeros((MAX_LAMPS, 4), dtype=np.float32)
        axis = np.zeros((MAX_LAMPS, 4), dtype=np.float32)
        power = np.zeros((MAX_LAMPS, 4), dtype=np.float32)
        place[:count, :3] = lamps.position_m - frame.eye_m
        place[:, 3] = -1.0
        axis[:count, :3] = lamps.direction
        axis[:count, 3] = lamps.cos_outer
        power[:count, :3] = lamps.intensity_cd
        power[:count, 3] = 1 / (lamps.cos_inner - lamps.cos_outer)
        right = np.zeros((MAX_LAMPS, 4), dtype=np.float32)
        for slot, shadow in enumerate(lamp_views):
            place[shadow.lamp, 3] = slot
            right[shadow.lamp] = (*shadow.right, shadow.scale)
        near, far = shadows.LAMP_NEAR_M, shadows.LAMP_FAR_M
        put(program, "lamp_depth", (far / (far - near), -far * near / (far - near)))
        put(program, "lamp_size", float(shadows.LAMP_SIZE))
        put(program, "lamp_right", right.tobytes())
        put(program, "lamp_place", place.tobytes())
        put(program, "lamp_axis", axis.tobytes())
        put(program, "lamp_power", power.tobytes())
        put(program, "threshold", frame.light.threshold_lux)

    def _target(self, context: Any, width: int, height: int) -> Targets:
        key = (width, height)
        if key not in self._targets:
            if len(self._targets) >= 8:
                self._sun_map.use()  # a framebuffer must not be released while it is bound
                self._targets.pop(next(iter(self._targets))).release()
            self._targets[key] = Targets.make(context, width, height)
        return self._targets[key]


def _screen(context: Any, name: str, samplers: tuple[str, ...]) -> Any:
    return context.vertex_array(compile_program(context, "screen.vert", f"{name}.frag", samplers), [])


def _mirror(level_m: float) -> Array:
    """(4, 4) reflection about the level plane at this height."""
    matrix = np.diag([1.0, 1.0, -1.0, 1.0])
    matrix[2, 3] = 2 * level_m
    return matrix


def _camera_from_eye(camera: Camera) -> Array:
    matrix = np.eye(4)
    matrix[:3, :3] = camera.world_from_camera[:3, :3].T
    return matrix


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


def _shadow_map(context: Any, width: int, height: int) -> Any:
    texture = context.depth_texture((width, height))
    texture.compare_func = "<="
    texture.filter = (0x2601, 0x2601)  # GL_LINEAR: bilinear percentage-closer filtering
    texture.repeat_x = texture.repeat_y = False
    return context.framebuffer(depth_attachment=texture)


def _column_major(matrix: Array) -> bytes:
    return np.ascontiguousarray(np.asarray(matrix, dtype=np.float32).T).tobytes()
