"""One frame on the GPU: geometry into a G-buffer, shadow maps, occlusion, light, water, read-back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable
from simgen.core.geometry import Array
from simgen.rendering.drawn import NodeTable
from simgen.rendering.frustum import projection, visible_spheres
from simgen.rendering.light import Lighting, lighting
from simgen.rendering.protocol import RenderBuffers, RendererInfo
from simgen.rendering.raster import shadows
from simgen.rendering.raster.context import REMEDY, open_context
from simgen.rendering.raster.pool import MeshPool, Range, TexturePool
from simgen.rendering.raster.programs import compile_program, put
from simgen.rendering.raster.targets import Targets
from simgen.scene.classes import SKY
from simgen.scene.scene import Scene, SceneView

_TEXELS = 8
_ROW = 4096
_COMMAND = np.dtype([("count", "u4"), ("instances", "u4"), ("first", "u4"), ("base_vertex", "i4"), ("node", "u4")])
_BIAS = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1.0]])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A scene on the GPU. ``groups`` are the nodes in the order of drawing, one group per texture."""

    scene: Scene
    generation: int
    table: NodeTable
    ranges: tuple[Range, ...]
    commands: NDArray[np.void]
    centers_m: Array
    radii_m: Array
    material: NDArray[np.float32]
    texture_of_node: NDArray[np.int64]
    textures: tuple[Any, ...]


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
            self._open = compile_program(
                context, "screen.vert", "occlusion.frag", ("nodes", "g_albedo", "g_normal", "g_place")
            )
            self._blur = compile_program(
                context, "screen.vert", "occlusion_blur.frag", ("open_raw", "g_albedo", "g_normal", "g_place")
            )
            self._light = compile_program(
                context,
                "screen.vert",
                "light.frag",
                ("nodes", "g_albedo", "g_normal", "g_place", "sun_shadow", "lamp_shadow", "occlusion"),
            )
            self._water = compile_program(
                context, "screen.vert", "water.frag", ("radiance", "g_albedo", "g_normal", "g_place")
            )
            self._screens = {
                p: context.vertex_array(p, [])
                for p in (self._open, self._blur, self._light, self._water)
            }
            self._sun_map = _shadow_map(context, shadows.SUN_SIZE * shadows.CASCADES, shadows.SUN_SIZE)
            self._lamp_map = _shadow_map(
                context, shadows.LAMP_SIZE * shadows.LAMP_COLUMNS, shadows.LAMP_SIZE * shadows.LAMP_ROWS
            )
            self._white = context.texture((1, 1), 1, b"\xff")
        self._targets: dict[tuple[int, int], Targets] = {}
        self._prepared: Prepared | None = None
        self._nodes: Any = None
        self._node_index: Any = None
        self._commands: Any = None
        self._vaos: dict[str, Any] = {}
        self._vao_generation = -1

    def info(self) -> RendererInfo:
        info = self._context.info
        return RendererInfo(
            name="raster", vendor=str(info["GL_RENDERER"]), version=str(info["GL_VERSION"]), antialiasing="none"
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
                "renderer 'raster' was made in another process", remedy="make a renderer in each process, after the fork"
            )
        return self._context

    def render(self, view: SceneView, camera: Camera) -> RenderBuffers:
        with self.usable() as context:
            buffers = self._render(context, view, camera)
            self._check(context)
            return buffers

    def _check(self, context: Any) -> None:
        error = context.error
        if error != "GL_NO_ERROR":
            raise RendererUnavailable(f"renderer 'raster' lost its OpenGL context: {error}", remedy=REMEDY)

    def _render(self, context: Any, view: SceneView, camera: Camera) -> RenderBuffers:
        import moderngl  # noqa: PLC0415

        scene = self._prepare(context, view.scene)
        eye = camera.world_from_camera[:3, 3].astype(np.float64)
        light = lighting(view, eye)
        centers = self._place(context, scene, view, eye)
        present = view.node_present()
        camera_from_eye = np.eye(4)
        camera_from_eye[:3, :3] = camera.world_from_camera[:3, :3].T
        clip = projection(camera) @ camera_from_eye
        targets = self._target(context, camera.width_px, camera.height_px)
        size = (camera.width_px, camera.height_px)

        targets.geometry.use()
        targets.geometry.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST)
        context.depth_func = "<"
        context.front_face = "cw"  # image rows run downwards, see projection()
        self._nodes.use(0)
        put(self._geometry, "clip_from_eye", _column_major(clip))
        self._draw(context, scene, present & visible_spheres(clip, centers, scene.radii_m), "geometry", textured=True)

        sun = light.has_sun and bool(light.sun_direction[2] > -0.01)
        sun_views = shadows.sun_views(camera, light, centers[present], scene.radii_m[present]) if sun else []
        self._shadow_pass(context, scene, present, centers, sun_views, self._sun_map, shadows.SUN_SIZE)
        lamp_views = shadows.lamp_views(light.lamps, eye, light.threshold_lux)
        self._shadow_pass(context, scene, present, centers, lamp_views, self._lamp_map, shadows.LAMP_SIZE)

        context.enable_only(moderngl.NOTHING)
        targets.albedo.use(1)
        targets.normal.use(2)
        targets.place.use(3)
        self._surroundings(camera, targets)
        targets.light.use()
        self._nodes.use(0)
        self._sun_map.depth_attachment.use(4)
        self._lamp_map.depth_attachment.use(5)
        targets.open.use(6)
        self._set_pixel(self._light, camera)
        self._set_light(self._light, light, view, eye, sun, camera)
        self._set_shadows(self._light, light, sun_views, lamp_views, eye)
        self._screens[self._light].render(moderngl.TRIANGLES, vertices=3)
        result = targets.light
        if view.snapshot.environment.road_wetness > 0.15 and not view.scene.indoor:
            targets.radiance.build_mipmaps(max_level=5)
            targets.wet.use()
            targets.radiance.use(0)
            self._set_pixel(self._water, camera)
            self._set_light(self._water, light, view, eye, sun, camera)
            put(self._water, "clip_from_eye", _column_major(clip))
            self._screens[self._water].render(moderngl.TRIANGLES, vertices=3)
            result = targets.wet
        radiance = np.frombuffer(result.read(components=4, attachment=0, dtype="f2"), dtype=np.float16)
        depth = np.frombuffer(targets.light.read(components=1, attachment=1, dtype="f4"), dtype=np.float32)
        place = np.frombuffer(targets.geometry.read(components=2, attachment=2, dtype="f4"), dtype=np.float32)
        node = place.reshape(size[1], size[0], 2)[..., 1].astype(np.int32)
        return RenderBuffers(
            radiance=np.ascontiguousarray(radiance.reshape(size[1], size[0], 4)[..., :3]),
            depth_m=depth.reshape(size[1], size[0]).copy(),
            instance=np.r_[np.uint32(0), scene.table.instance].astype(np.uint32)[node],
            semantic=np.r_[np.uint16(SKY.id), scene.table.semantic].astype(np.uint16)[node],
        )

    # What is drawn

    def _prepare(self, context: Any, scene: Scene) -> Prepared:
        ready = self._prepared
        if ready is not None and ready.scene is scene and ready.generation == self._meshes.generation:
            return ready
        ranges = tuple(self._meshes.ranges([n.mesh for n in scene.nodes]))
        count = len(scene.nodes)
        commands = np.zeros(count, dtype=_COMMAND)
        material = np.zeros((count, _TEXELS, 4), dtype=np.float32)
        textures: dict[str, int] = {}
        bound: list[Any] = []
        texture_of_node = np.zeros(count, dtype=np.int64)
        self._textures.keep(n.material.texture.digest for n in scene.nodes if n.material.texture is not None)
        for i, (node, span) in enumerate(zip(scene.nodes, ranges, strict=True)):
            m = node.material
            commands[i] = (span.index_count, 1, span.first_index, span.base_vertex, i)
            material[i, 3] = (*m.base_color, m.roughness)
            material[i, 4, 3] = m.metallic
            material[i, 5, :2] = (float(m.wettable), m.retroreflectance)
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
            centers_m=np.array([r.center_m for r in ranges]).reshape(-1, 3),
            radii_m=np.array([r.radius_m for r in ranges], dtype=np.float64),
            material=material,
            texture_of_node=texture_of_node,
            textures=tuple(bound),
        )
        return self._prepared

    def _grow(self, context: Any, count: int) -> None:
        """Room for the tables of this many nodes, and vertex arrays on the pool's present buffers."""
        rows = -(-max(count, 1) * _TEXELS // _ROW)
        if self._nodes is None or self._nodes.height < rows:
            for old in (self._nodes, self._node_index, self._commands):
                if old is not None:
                    old.release()
            room = rows * _ROW // _TEXELS
            self._nodes = context.texture((_ROW, rows), 4, dtype="f4")
            self._nodes.filter = (0x2600, 0x2600)  # GL_NEAREST
            self._node_index = context.buffer(np.arange(room, dtype=np.int32).tobytes())
            self._commands = context.buffer(reserve=room * _COMMAND.itemsize)
            self._vao_generation = -1
        if self._vao_generation != self._meshes.generation:
            for vao in self._vaos.values():
                vao.release()
            full = (self._meshes.vertices, "3f 3f 2f", "in_position", "in_normal", "in_uv")
            bare = (self._meshes.vertices, "3f 20x", "in_position")
            index = (self._node_index, "1i/i", "in_node")
            self._vaos = {
                name: context.vertex_array(program, [layout, index], index_buffer=self._meshes.indices)
                for name, program, layout in (
                    ("geometry", self._geometry, full),
                    ("depth", self._depth, bare),
                    ("mask", self._mask, bare),
                )
            }
            self._vao_generation = self._meshes.generation

    def _place(self, context: Any, scene: Prepared, view: SceneView, eye: Array) -> Array:
        """Uploads poses and materials. Returns the nodes' centres (N, 3) relative to the eye."""
        pose = np.array(view.snapshot.world_from_node, dtype=np.float64).reshape(-1, 4, 4)
        pose[:, :3, 3] -= eye
        table = scene.material
        table[:, :3] = pose[:, :3]
        table[:, 4, :3] = scene.table.emission(view)
        flat = np.zeros((self._nodes.height * _ROW, 4), dtype=np.float32)
        flat[: table.shape[0] * _TEXELS] = table.reshape(-1, 4)
        self._nodes.write(flat.tobytes())
        centers: Array = np.einsum("nij,nj->ni", pose[:, :3, :3], scene.centers_m) + pose[:, :3, 3]
        return centers

    def _draw(
        self, context: Any, scene: Prepared, shown: NDArray[np.bool_], vao: str, *, textured: bool = False
    ) -> None:
        import moderngl  # noqa: PLC0415

        chosen = np.flatnonzero(shown)
        if len(chosen) == 0:
            return
        if not textured:
            self._commands.write(scene.commands[chosen].tobytes())
            self._vaos[vao].render_indirect(self._commands, moderngl.TRIANGLES, count=len(chosen))
            return
        chosen = chosen[np.argsort(scene.texture_of_node[chosen], kind="stable")]
        self._commands.write(scene.commands[chosen].tobytes())
        texture = scene.texture_of_node[chosen]
        starts = np.flatnonzero(np.r_[True, np.diff(texture) > 0])
        for first, end in zip(starts, np.r_[starts[1:], len(chosen)], strict=True):
            scene.textures[texture[first]].use(1)
            self._vaos[vao].render_indirect(
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
        import moderngl  # noqa: PLC0415

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
            put(self._depth, "clip_from_eye", _column_major(shadow.clip))
            self._draw(context, scene, shown, "depth")
        context.polygon_offset = (0.0, 0.0)

    def _surroundings(self, camera: Camera, targets: Targets) -> None:
        """Ambient occlusion at half resolution, smoothed."""
        import moderngl  # noqa: PLC0415

        targets.open_raw_target.use()
        self._set_pixel(self._open, camera)
        put(self._open, "focal", camera.fx_px)
        self._screens[self._open].render(moderngl.TRIANGLES, vertices=3)
        targets.open_target.use()
        targets.open_raw.use(0)
        self._screens[self._blur].render(moderngl.TRIANGLES, vertices=3)

    def _set_pixel(self, program: Any, camera: Camera) -> None:
        put(program, "world_from_camera", _column_major(camera.world_from_camera[:3, :3]))
        put(program, "pinhole", (1 / camera.fx_px, 1 / camera.fy_px, camera.cx_px + 0.5, camera.cy_px + 0.5))

    def _set_light(
        self, program: Any, light: Lighting, view: SceneView, eye: Array, sun: bool, camera: Camera
    ) -> None:
        for name, value in (
            ("sun_direction", light.sun_direction),
            ("sun_lux", light.sun_lux),
            ("zenith", light.zenith),
            ("horizon", light.horizon),
            ("ground", light.ground),
            ("sky_lux", light.sky_lux),
            ("eye", eye),
        ):
            put(program, name, tuple(float(x) for x in value))
        put(program, "wetness", 0.0 if view.scene.indoor else float(view.snapshot.environment.road_wetness))
        put(program, "pixel_angle", (1 / camera.fx_px, 1 / camera.fy_px) if sun else (0.0, 0.0))

    def _set_shadows(
        self,
        program: Any,
        light: Lighting,
        sun_views: Sequence[shadows.ShadowView],
        lamp_views: Sequence[shadows.ShadowView],
        eye: Array,
    ) -> None:
        if sun_views:
            matrices = []
            for k, shadow in enumerate(sun_views):
                cell = np.eye(4)
                cell[0, 0] = 1 / shadows.CASCADES
                cell[0, 3] = k / shadows.CASCADES
                matrices.append(_column_major(cell @ _BIAS @ shadow.clip))
            put(program, "sun_matrix", b"".join(matrices))
            put(program, "sun_far", tuple(s.far_z_m for s in sun_views))
            put(program, "sun_texel", tuple(s.texel_m for s in sun_views))
        put(program, "sun_atlas", (1 / self._sun_map.width, 1 / self._sun_map.height))
        put(program, "lamp_atlas", (1 / self._lamp_map.width, 1 / self._lamp_map.height))
        lamps = light.lamps
        count = len(lamps)
        place = np.zeros((24, 4), dtype=np.float32)
        axis = np.zeros((24, 4), dtype=np.float32)
        power = np.zeros((24, 4), dtype=np.float32)
        place[:count, :3] = lamps.position_m - eye
        place[:, 3] = -1.0
        axis[:count, :3] = lamps.direction
        axis[:count, 3] = lamps.cos_outer
        power[:count, :3] = lamps.intensity_cd
        power[:count, 3] = 1 / (lamps.cos_inner - lamps.cos_outer)
        matrices = [_column_major(np.eye(4))] * shadows.LAMP_SLOTS
        texel = 0.0
        for slot, shadow in enumerate(lamp_views):
            place[shadow.lamp, 3] = slot
            cell = np.eye(4)
            cell[0, 0], cell[0, 3] = 1 / shadows.LAMP_COLUMNS, slot % shadows.LAMP_COLUMNS / shadows.LAMP_COLUMNS
            cell[1, 1], cell[1, 3] = 1 / shadows.LAMP_ROWS, slot // shadows.LAMP_COLUMNS / shadows.LAMP_ROWS
            matrices[slot] = _column_major(cell @ _BIAS @ shadow.clip)
            texel = max(texel, shadow.texel_m)
        put(program, "lamp_count", count)
        put(program, "lamp_place", place.tobytes())
        put(program, "lamp_axis", axis.tobytes())
        put(program, "lamp_power", power.tobytes())
        put(program, "lamp_matrix", b"".join(matrices))
        put(program, "lamp_texel", texel)
        put(program, "threshold", light.threshold_lux)

    def _target(self, context: Any, width: int, height: int) -> Targets:
        key = (width, height)
        if key not in self._targets:
            if len(self._targets) >= 8:
                self._targets.pop(next(iter(self._targets))).release()
            self._targets[key] = Targets.make(context, width, height)
        return self._targets[key]


def _shadow_map(context: Any, width: int, height: int) -> Any:
    texture = context.depth_texture((width, height))
    texture.compare_func = "<="
    texture.filter = (0x2601, 0x2601)  # GL_LINEAR: bilinear percentage-closer filtering
    texture.repeat_x = texture.repeat_y = False
    return context.framebuffer(depth_attachment=texture)


def _column_major(matrix: Array) -> bytes:
    return np.ascontiguousarray(np.asarray(matrix, dtype=np.float32).T).tobytes()
