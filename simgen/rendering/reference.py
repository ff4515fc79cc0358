"""pyrender as the independent reference: its own geometry, its own light, its own context."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable
from simgen.core.geometry import Array, camera_pose
from simgen.core.srgb import LUMINANCE
from simgen.rendering.drawn import NodeTable
from simgen.rendering.enclosed import share
from simgen.rendering.light import Lighting, lighting
from simgen.rendering.protocol import RADIANCE_MAX, Extra, RenderBuffers, RendererInfo
from simgen.rendering.raster.context import REMEDY, open_context
from simgen.rendering.shading import background, in_camera, normals_from_depth, rays
from simgen.rendering.silhouette import silhouettes
from simgen.scene.beams import FADE
from simgen.scene.classes import SKY
from simgen.scene.mesh import Material, Mesh
from simgen.scene.scene import Scene, SceneView

_FLIP = np.diag([1.0, -1.0, -1.0, 1.0])
_EXPOSURES = (1.0, 256.0)
"""pyrender writes eight bits after a gamma of 2.2: two exposures, 256 apart, cover what a night holds."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A scene of ours as a scene of pyrender's."""

    scene: Scene
    table: NodeTable
    graph: Any
    nodes: tuple[Any, ...]
    colors: dict[Any, tuple[int, int, int]]


class ReferencePainter:
    """Draws with pyrender on an EGL context of its own."""

    silhouettes = staticmethod(silhouettes)

    def __init__(self) -> None:
        open_context("pyrender").release()  # a plain answer where there is no GL, before pyrender stumbles over it
        os.environ["PYOPENGL_PLATFORM"] = "egl"
        vars(np).setdefault("infty", float("inf"))  # pyrender 0.1.45 asks for what NumPy 2 removed
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pyrender
        except ImportError as error:
            raise RendererUnavailable(
                f"renderer 'pyrender' cannot be imported: {error}", remedy="pip install pyrender"
            ) from error
        self._pyrender = pyrender
        self._loaded: Loaded | None = None
        self._process = os.getpid()
        self._offscreen: Any = pyrender.OffscreenRenderer(16, 16)

    def info(self) -> RendererInfo:
        return RendererInfo(
            name="pyrender", vendor="pyrender", version=str(self._pyrender.__version__), antialiasing="4x MSAA"
        )

    def close(self) -> None:
        if self._offscreen is not None:
            if os.getpid() == self._process:
                self._release()
            self._offscreen = None

    def _release(self) -> None:
        """Frees what pyrender holds. Its own ``delete`` also terminates the EGL display, and with it every other
        context of the process."""
        from OpenGL.EGL import EGL_NO_CONTEXT, EGL_NO_SURFACE, eglDestroyContext, eglMakeCurrent

        platform = self._offscreen._platform
        platform.make_current()
        self._offscreen._renderer.delete()
        eglMakeCurrent(platform._egl_display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT)
        eglDestroyContext(platform._egl_display, platform._egl_context)
        # What is left must find nothing to terminate when it is collected.
        platform._egl_context = platform._egl_display = None

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        if self._offscreen is None:
            raise RendererUnavailable("renderer 'pyrender' is closed", remedy="make a new one")
        if os.getpid() != self._process:
            raise RendererUnavailable("renderer 'pyrender' was made in another process", remedy=REMEDY)
        loaded = self._load(view.scene)
        self._place(loaded, view, camera)
        light = lighting(view, camera.world_from_camera[:3, 3].astype(np.float64))
        self._offscreen.viewport_width, self._offscreen.viewport_height = camera.width_px, camera.height_px
        flags = self._pyrender.RenderFlags
        if not loaded.graph.mesh_nodes:
            return self._empty(camera, light, extras)
        marked, depth = self._draw(loaded.graph, flags.SEG, loaded.colors)
        node = number(marked) - 1
        seen = node >= 0
        # pyrender gives no depth to what its depth buffer rounds to the far plane.
        depth[seen & ~((depth > 0) & (depth < camera.far_m))] = camera.far_m
        radiance = self._light(loaded, view, camera, light)
        if seen.any():
            radiance[seen] += loaded.table.emission(view)[node[seen]]
        radiance[~seen] = background(light, rays(camera)[~seen])
        normal = None
        if "normal" in extras:
            points = rays(camera) * np.where(seen, depth, 0.0).astype(np.float32)[..., None]
            normal = in_camera(normals_from_depth(points, depth, node), seen, camera)
        return RenderBuffers(
            radiance=np.minimum(radiance, RADIANCE_MAX).astype(np.float16),
            depth_m=np.where(seen, depth, np.float32(np.inf)).astype(np.float32),
            instance=loaded.table.instance_of(node),
            semantic=loaded.table.semantic_of(node),
            node=node.astype(np.int32),
            normal=normal,
        )

    def _empty(self, camera: Camera, light: Lighting, extras: Collection[Extra]) -> RenderBuffers:
        """pyrender refuses to draw nothing."""
        shape = (camera.height_px, camera.width_px)
        radiance = background(light, rays(camera).reshape(-1, 3))
        return RenderBuffers(
            radiance=radiance.reshape(*shape, 3).astype(np.float16),
            depth_m=np.full(shape, np.inf, dtype=np.float32),
            instance=np.zeros(shape, dtype=np.uint32),
            semantic=np.full(shape, SKY.id, dtype=np.uint16),
            node=np.full(shape, -1, dtype=np.int32),
            normal=np.zeros((*shape, 3), dtype=np.float32) if "normal" in extras else None,
        )

    def _load(self, scene: Scene) -> Loaded:
        if self._loaded is not None and self._loaded.scene is scene:
            return self._loaded
        graph = _in_order(self._pyrender)(bg_color=(0.0, 0.0, 0.0, 1.0))
        meshes: dict[tuple[str, Material], Any] = {}
        nodes = []
        for i, node in enumerate(scene.nodes):
            key = (node.mesh.digest, node.material)
            if key not in meshes:
                meshes[key] = self._pyrender.Mesh(primitives=[self._mesh(drawable(node.mesh), node.material)])
            nodes.append(graph.add(meshes[key], name=_numbered(i)))
        colors = {n: mark(i + 1) for i, n in enumerate(nodes)}
        self._loaded = Loaded(scene=scene, table=NodeTable.of(scene), graph=graph, nodes=tuple(nodes), colors=colors)
        return self._loaded

    def _mesh(self, mesh: Mesh, material: Material) -> Any:
        texture = None
        if material.texture is not None:
            # pyrender takes v upwards from the first row, as GL does; our row 0 is at the top, as in an image.
            texture = self._pyrender.Texture(source=material.texture.pixels, source_channels="RGB")
        surface = self._pyrender.MetallicRoughnessMaterial(
            baseColorFactor=(*material.base_color, 1.0),
            metallicFactor=material.metallic,
            roughnessFactor=material.roughness,
            baseColorTexture=texture,
        )
        return self._pyrender.Primitive(
            positions=mesh.vertices_m,
            normals=mesh.normals,
            texcoord_0=mesh.uv if texture is not None else None,
            # Its segmentation drops faces that look away; a sheet has two sides, so each face is given twice.
            indices=np.concatenate([mesh.faces, mesh.faces[:, ::-1]]).astype(np.uint32),
            material=surface,
        )

    def _place(self, loaded: Loaded, view: SceneView, camera: Camera) -> None:
        graph = loaded.graph
        present = view.node_present()
        for index, node in enumerate(loaded.nodes):
            if present[index] != graph.has_node(node):
                (graph.add_node if present[index] else graph.remove_node)(node)
            if present[index]:
                graph.set_pose(node, view.snapshot.world_from_node[index])
        if graph.main_camera_node is not None:
            graph.remove_node(graph.main_camera_node)
        eye = self._pyrender.IntrinsicsCamera(
            camera.fx_px, camera.fy_px, camera.cx_px + 0.5, camera.cy_px + 0.5, znear=camera.near_m, zfar=camera.far_m
        )
        graph.main_camera_node = graph.add(eye, pose=camera.world_from_camera @ _FLIP)

    def _light(self, loaded: Loaded, view: SceneView, camera: Camera, light: Lighting) -> Array:
        """(H, W, 3) cd/m² by pyrender's own light: the sun with its shadow, plain sky light, the nearest lamps."""
        graph = loaded.graph
        brightest = float(light.sky_lux @ LUMINANCE + light.sun_lux @ LUMINANCE) / np.pi * 1.5
        if len(light.lamps):
            brightest = max(brightest, 200.0)
        total = np.zeros((camera.height_px, camera.width_px, 3))
        for gain in _EXPOSURES if len(light.lamps) else _EXPOSURES[:1]:
            scale = gain / brightest
            graph.ambient_light = _ambient(light, camera.world_from_camera[:3, 3]) * scale
            added = self._lamps(light, scale)
            for i, (lamp, pose) in enumerate(added):
                graph.add_node(self._pyrender.Node(light=lamp, matrix=pose, name=_numbered(i)))
            flags = self._pyrender.RenderFlags
            shadows = flags.SHADOWS_DIRECTIONAL if light.has_sun else 0
            color, _ = self._draw(graph, shadows)
            for node in list(graph.light_nodes):
                graph.remove_node(node)
            linear = (color.astype(np.float64) / 255) ** 2.2 / scale
            total = linear if gain == _EXPOSURES[0] else np.where(color.max(axis=2, keepdims=True) < 250, linear, total)
        return total

    def _lamps(self, light: Lighting, scale: float) -> list[tuple[Any, Array]]:
        result = []
        if light.has_sun:
            lux = light.sun_lux * scale
            sun = self._pyrender.DirectionalLight(color=lux / lux.max(), intensity=float(lux.max()))
            result.append((sun, _aimed(100.0 * light.sun_direction, -light.sun_direction)))
        for k in range(len(light.lamps)):
            candela = light.lamps.rgb_cd[k] * scale
            color, intensity, spill = candela / candela.max(), float(candela.max()), float(light.lamps.spill[k])
            outer = float(np.arccos(np.clip(light.lamps.cos_outer[k], -1.0, 1.0)))
            if outer >= 0.5 * np.pi:
                lamp = self._pyrender.PointLight(color=color, intensity=intensity)
            else:
                inner = float(np.arccos(np.clip(light.lamps.cos_inner[k], -1.0, 1.0)))
                if light.lamps.dipped[k]:
                    outer = _faded_rad(float(light.lamps.cos_inner[k]), float(light.lamps.cos_outer[k]))
                lamp = self._pyrender.SpotLight(
                    color=color, intensity=(1 - spill) * intensity, innerConeAngle=inner, outerConeAngle=outer
                )
                if spill > 0.0:
                    around = self._pyrender.PointLight(color=color, intensity=spill * intensity)
                    result.append((around, _aimed(light.lamps.position_m[k], light.lamps.direction[k])))
            result.append((lamp, _aimed(light.lamps.position_m[k], light.lamps.direction[k])))
        return result

    def _draw(
        self, graph: Any, flags: int, colors: dict[Any, tuple[int, int, int]] | None = None
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyrender 0.1.45 uses what NumPy deprecates
            color, depth = self._offscreen.render(graph, flags, colors)
        return color, depth


def _faded_rad(cos_inner: float, cos_outer: float) -> float:
    """Half angle at which pyrender's cone, which falls with the square of the way to its rim, sends out as much as that
    of a dipped beam."""
    return float(np.arccos(cos_inner - 3 / (FADE + 1) * (cos_inner - cos_outer)))


def _numbered(index: int) -> str:
    """The name of a node, by which nodes are put in order."""
    return f"{index:09}"


def _in_order(pyrender: Any) -> Any:
    """pyrender's scene, whose nodes are drawn and shine in the order of their names. It keeps them in sets, by address,
    and sums of light and faces at one depth come out otherwise in each process."""

    class Ordered(pyrender.Scene):  # type: ignore[misc]
        @property
        def mesh_nodes(self) -> list[Any]:
            return sorted(super().mesh_nodes, key=attrgetter("name"))

        @property
        def light_nodes(self) -> list[Any]:
            return sorted(super().light_nodes, key=attrgetter("name"))

    return Ordered


def drawable(mesh: Mesh) -> Mesh:
    """The mesh, or a point, which shows nothing either, in the place of one without faces: pyrender asks for bounds."""
    if len(mesh.faces):
        return mesh
    corners = np.zeros((3, 3), dtype=np.float32)
    return Mesh(
        vertices_m=corners,
        normals=corners + np.array([0, 0, 1], dtype=np.float32),
        faces=np.array([[0, 1, 2]], dtype=np.int32),
        uv=None if mesh.uv is None else np.zeros((3, 2), dtype=np.float32),
    )


def mark(value: int) -> tuple[int, int, int]:
    """A number below 2**24 as three bytes of colour."""
    return value % 256, value // 256 % 256, value // 65_536


def number(marks: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The numbers (H, W) in colours (H, W, 3)."""
    result: NDArray[np.int64] = marks.astype(np.int64) @ np.array([1, 256, 65_536])
    return result


def _ambient(light: Lighting, eye_m: Array) -> Array:
    """(3,) cd/m² over albedo that pyrender gives every surface: as much of the sky as the eye (3,) has around it."""
    even: Array = 0.8 * (0.6 * light.sky_lux / np.pi + 0.4 * light.near_ground)
    if light.enclosed:
        at = share(light.enclosed, eye_m[None].astype(np.float64), light.threshold_lux)
        even = even * at.sky[0] + at.bounced_lux[0] / np.pi
    return even


def _aimed(position: Array, direction: Array) -> Array:
    """Pose of a light there whose -z axis has this direction."""
    return camera_pose(position, np.asarray(position) + direction) @ _FLIP
