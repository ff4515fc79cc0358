"""pybullet's TinyRenderer as a source of depth, ids and colour; light is added in NumPy (shading.py)."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.errors import RendererUnavailable
from simgen.core.geometry import Array, camera_pose, pose, quaternion_from_matrix
from simgen.core.native import quiet
from simgen.core.srgb import LINEAR
from simgen.rendering.drawn import NodeTable
from simgen.rendering.grazed import Balls, step_back_m
from simgen.rendering.light import Lighting, lighting
from simgen.rendering.protocol import Extra, RenderBuffers, RendererInfo
from simgen.rendering.shading import (
    FILM_CATCHES,
    FILM_REFLECTS,
    Float32,
    Surfaces,
    background,
    in_camera,
    normals_from_depth,
    rays,
    shade,
)
from simgen.rendering.silhouette import silhouettes
from simgen.scene.mesh import Mesh, Texture
from simgen.scene.scene import Scene, SceneView

with quiet():
    import pybullet

_FACES = 15_000
"""Faces per visual shape: pybullet refuses meshes beyond its shared memory's size."""
_ABSENT_M = (0.0, 0.0, -1e6)
"""Where what is absent is put, out of all pictures."""
_ROOTS = np.rint(np.sqrt(LINEAR) * 255).astype(np.uint8)
"""Of each sRGB byte the square root of its linear value, as a byte."""
_SUN_MAP_PX = 1024
_SUN_REACH_M = 45.0
"""Half the side of the square, across the sun's rays, in which there are shadows."""
_SUN_AWAY_M = 3000.0
"""Where the sun's picture is taken from: so far that its rays are all but parallel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loaded:
    """A scene in the client. ``bodies``: (body id, node index); ``node_of_body``: by body id, -1 for none."""

    scene: Scene
    table: NodeTable
    balls: Balls
    bodies: tuple[tuple[int, int], ...]
    node_of_body: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """What TinyRenderer gives: planar depth (0 where there is nothing), node (-1) and albedo, (H, W[, 3])."""

    depth_m: Float32
    node: NDArray[np.int64]
    albedo: Float32


class BulletPainter:
    """One DIRECT client of its own, so that a simulation elsewhere in the process is not disturbed."""

    silhouettes = staticmethod(silhouettes)

    def __init__(self) -> None:
        self._client = int(pybullet.connect(pybullet.DIRECT))
        if self._client < 0:
            raise RendererUnavailable(
                "renderer 'tiny' got no physics client", remedy="close other pybullet clients in this process"
            )
        self._loaded: Loaded | None = None

    def info(self) -> RendererInfo:
        version = pybullet.getAPIVersion(physicsClientId=self._client)
        return RendererInfo(name="tiny", vendor="pybullet TinyRenderer", version=str(version), antialiasing="none")

    def close(self) -> None:
        if self._client >= 0:
            pybullet.disconnect(physicsClientId=self._client)
            self._client = -1

    def render(self, view: SceneView, camera: Camera, extras: Collection[Extra] = ()) -> RenderBuffers:
        if self._client < 0:
            raise RendererUnavailable("renderer 'tiny' is closed", remedy="make a new one")
        loaded = self._load(view.scene)
        self._place(loaded, view)
        eye = camera.world_from_camera[:3, 3].astype(np.float64)
        light = lighting(view, eye)
        picture = self._picture(loaded, camera, step_back_m(view, camera, loaded.balls))
        directions = rays(camera)
        points = directions * picture.depth_m[..., None]
        seen = picture.node >= 0
        radiance = np.zeros((camera.height_px, camera.width_px, 3), dtype=np.float32)
        radiance[~seen] = background(light, directions[~seen])
        normal = normals_from_depth(points, picture.depth_m, picture.node)
        if seen.any():
            node = picture.node[seen]
            materials = [n.material for n in view.scene.nodes]
            surfaces = Surfaces(
                point_m=points[seen],
                normal=normal[seen],
                albedo=picture.albedo[seen],
                emission_cd_m2=loaded.table.emission(view).astype(np.float32)[node],
                roughness=np.array([m.roughness for m in materials], dtype=np.float32)[node],
                metallic=np.array([m.metallic for m in materials], dtype=np.float32)[node],
                retroreflectance=np.array([m.retroreflectance for m in materials], dtype=np.float32)[node],
                sun=self._sun(loaded, light, points[seen], normal[seen], eye),
            )
            wetness = 0.0 if view.scene.indoor else view.snapshot.environment.road_wetness
            if wetness > 0:
                surfaces = wetted(surfaces, np.array([m.wettable for m in materials])[node], wetness)
            radiance[seen] = shade(surfaces, light, eye)
        depth = np.where(seen, picture.depth_m, np.float32(np.inf))
        return RenderBuffers(
            radiance=radiance.astype(np.float16),
            depth_m=depth,
            instance=loaded.table.instance_of(picture.node),
            semantic=loaded.table.semantic_of(picture.node),
            node=picture.node.astype(np.int32),
            normal=in_camera(normal, seen, camera) if "normal" in extras else None,
        )

    def _load(self, scene: Scene) -> Loaded:
        if self._loaded is not None and self._loaded.scene is scene:
            return self._loaded
        pybullet.resetSimulation(physicsClientId=self._client)
        shapes: dict[tuple[str, object], list[int]] = {}
        bodies: list[tuple[int, int]] = []
        with tempfile.TemporaryDirectory(prefix="simgen-tiny-") as folder:
            textures: dict[str, int] = {}
            for index, node in enumerate(scene.nodes):
                material = node.material
                key = (node.mesh.digest, material.base_color)
                if key not in shapes:
                    shapes[key] = [self._shape(piece, material.base_color) for piece in pieces(node.mesh)]
                for shape in shapes[key]:
                    body = pybullet.createMultiBody(
                        baseMass=0.0, baseVisualShapeIndex=shape, physicsClientId=self._client
                    )
                    if material.texture is not None:
                        texture = self._texture(material.texture, textures, Path(folder))
                        pybullet.changeVisualShape(body, -1, textureUniqueId=texture, physicsClientId=self._client)
                    bodies.append((body, index))
        node_of_body = np.full(max((b for b, _ in bodies), default=0) + 2, -1, dtype=np.int64)
        for body, index in bodies:
            node_of_body[body] = index
        self._loaded = Loaded(
            scene=scene,
            table=NodeTable.of(scene),
            balls=Balls.of(scene),
            bodies=tuple(bodies),
            node_of_body=node_of_body,
        )
        return self._loaded

    def _shape(self, mesh: Mesh, base_color: tuple[float, float, float]) -> int:
        # TinyRenderer drops faces that look away; a sheet has two sides, so each face is given twice. Colours go in
        # as square roots: eight bits then resolve dark surfaces too.
        faces = np.concatenate([mesh.faces, mesh.faces[:, ::-1]])
        uv = mesh.uv if mesh.uv is not None else np.zeros((len(mesh.vertices_m), 2), dtype=np.float32)
        shape = pybullet.createVisualShape(
            pybullet.GEOM_MESH,
            vertices=mesh.vertices_m.tolist(),
            indices=faces.ravel().tolist(),
            normals=mesh.normals.tolist(),
            uvs=uv.tolist(),
            rgbaColor=(*(float(np.sqrt(c)) for c in base_color), 1.0),
            specularColor=(0.0, 0.0, 0.0),
            physicsClientId=self._client,
        )
        return int(shape)

    def _texture(self, texture: Texture, known: dict[str, int], folder: Path) -> int:
        if texture.digest not in known:
            path = folder / f"{texture.digest[:24]}.png"
            cv2.imwrite(str(path), _ROOTS[texture.pixels][..., ::-1])
            known[texture.digest] = int(pybullet.loadTexture(str(path), physicsClientId=self._client))
        return known[texture.digest]

    def _place(self, loaded: Loaded, view: SceneView) -> None:
        present = view.node_present()
        for body, node in loaded.bodies:
            at = view.snapshot.world_from_node[node]
            position = at[:3, 3].tolist() if present[node] else _ABSENT_M
            pybullet.resetBasePositionAndOrientation(
                body, position, quaternion_from_matrix(at).tolist(), physicsClientId=self._client
            )

    def _picture(self, loaded: Loaded, camera: Camera, back_m: float = 0.0) -> Picture:
        """Drawn from so much farther back along the camera's axis; depths are those from where it stands."""
        n, f = camera.near_m + back_m, camera.far_m + back_m
        width, height = camera.width_px, camera.height_px
        # TinyRenderer takes the lower left corner of a pixel for its centre, and flips the rows.
        projection = np.array(
            [
                [2 * camera.fx_px / width, 0, 1 - 2 * camera.cx_px / width, 0],
                [0, 2 * camera.fy_px / height, 2 * (camera.cy_px + 1) / height - 1, 0],
                [0, 0, -(f + n) / (f - n), -2 * f * n / (f - n)],
                [0, 0, -1, 0],
            ]
        )
        view = np.diag([1.0, -1.0, -1.0, 1.0]) @ pose((0.0, 0.0, back_m)) @ camera.camera_from_world
        _, _, color, depth, body = pybullet.getCameraImage(
            width,
            height,
            viewMatrix=view.T.ravel().tolist(),
            projectionMatrix=projection.T.ravel().tolist(),
            shadow=0,
            lightAmbientCoeff=1.0,
            lightDiffuseCoeff=0.0,
            lightSpecularCoeff=0.0,
            renderer=pybullet.ER_TINY_RENDERER,
            physicsClientId=self._client,
        )
        bodies = np.asarray(body, dtype=np.int64).reshape(height, width)
        node = np.where(bodies >= 0, loaded.node_of_body[np.clip(bodies, 0, len(loaded.node_of_body) - 1)], -1)
        window = 2 * np.asarray(depth, dtype=np.float64).reshape(height, width) - 1
        planar = 2 * f * n / (f + n - window * (f - n))
        node[planar > f * 0.9999] = -1
        planar -= back_m
        root: Float32 = np.asarray(color, dtype=np.float32).reshape(height, width, 4)[..., :3] / np.float32(255)
        return Picture(depth_m=np.where(node >= 0, planar, 0.0).astype(np.float32), node=node, albedo=root * root)

    def _sun(self, loaded: Loaded, light: Lighting, points: Float32, normals: Float32, eye: Array) -> Float32:
        """(P,) 1 where the sun reaches: from a picture that the sun takes from afar, as far as that picture reaches."""
        if not light.has_sun:
            return np.ones(len(points), dtype=np.float32)
        near = points[np.linalg.norm(points, axis=1) < 2 * _SUN_REACH_M]
        center = eye + (np.median(near, axis=0) if len(near) else 0.0)
        focal = 0.5 * _SUN_MAP_PX * _SUN_AWAY_M / _SUN_REACH_M
        camera = Camera(
            width_px=_SUN_MAP_PX,
            height_px=_SUN_MAP_PX,
            fx_px=focal,
            fy_px=focal,
            cx_px=0.5 * (_SUN_MAP_PX - 1),
            cy_px=0.5 * (_SUN_MAP_PX - 1),
            world_from_camera=camera_pose(center + _SUN_AWAY_M * light.sun_direction, center),
            near_m=_SUN_AWAY_M - 400.0,
            far_m=_SUN_AWAY_M + 400.0,
        )
        depth = self._picture(loaded, camera).depth_m
        depth = np.where(depth > 0, depth, np.float32(np.inf))
        texel = 2 * _SUN_REACH_M / _SUN_MAP_PX
        pixels, z = camera.project(points + normals * (2.0 * texel) + eye)
        lit = np.zeros(len(points), dtype=np.float32)
        for dx, dy in ((-0.4, -0.4), (0.4, -0.4), (-0.4, 0.4), (0.4, 0.4)):
            x, y = np.rint(pixels[:, 0] + dx).astype(np.int64), np.rint(pixels[:, 1] + dy).astype(np.int64)
            inside = (x >= 0) & (y >= 0) & (x < _SUN_MAP_PX) & (y < _SUN_MAP_PX)
            x, y = np.clip(x, 0, _SUN_MAP_PX - 1), np.clip(y, 0, _SUN_MAP_PX - 1)
            lit += 0.25 * (~inside | (depth[y, x] > z - 1.5 * texel))
        return lit


def wetted(surfaces: Surfaces, wettable: NDArray[np.bool_], wetness: float) -> Surfaces:
    """Darker and smoother where rain wets (``shading.FILM_CATCHES``)."""
    damp = (wettable & (surfaces.normal[:, 2] > 0.3)) * np.float32(min(wetness / 0.3, 1.0))
    wet = (1 - FILM_REFLECTS) * surfaces.albedo * (1 - FILM_CATCHES) / (1 - FILM_CATCHES * surfaces.albedo)
    film = damp * np.float32(np.clip((wetness - 0.15) / 0.85, 0.0, 1.0))
    return replace(
        surfaces,
        albedo=surfaces.albedo + (wet - surfaces.albedo) * damp[:, None],
        roughness=surfaces.roughness + (0.45 - 0.28 * film - surfaces.roughness) * damp,
    )


def pieces(mesh: Mesh) -> Iterator[Mesh]:
    """The mesh in parts of at most 15,000 faces, each with only the vertices that it needs."""
    if len(mesh.faces) <= _FACES:
        if len(mesh.faces):
            yield mesh
        return
    for start in range(0, len(mesh.faces), _FACES):
        used, faces = np.unique(mesh.faces[start : start + _FACES], return_inverse=True)
        yield Mesh(
            vertices_m=mesh.vertices_m[used],
            normals=mesh.normals[used],
            faces=faces.reshape(-1, 3).astype(np.int32),
            uv=None if mesh.uv is None else mesh.uv[used],
        )
