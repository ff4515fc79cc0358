"""A renderer for tests: boxes and spheres by analytic ray casting. Same protocol, no GL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simgen.core.camera import Camera
from simgen.core.geometry import CAMERA_FROM_BODY, inverse, pose
from simgen.rendering.protocol import RenderBuffers, Silhouette
from simgen.scene.body import Asset, Body, Part
from simgen.scene.classes import semantic_class
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.mesh import Material, Mesh
from simgen.scene.scene import Entity, EventState, Node, Scene, SceneView, Snapshot

LOOKING_ALONG_X = pose((0.0, 0.0, 0.0), CAMERA_FROM_BODY.T)


@dataclass(frozen=True, kw_only=True)
class Solid:
    """A box of full lengths ``size`` or, with one number, a sphere of that radius; centred on its frame."""

    name: str
    size: tuple[float, ...]
    world_from_solid: np.ndarray
    luminance: float = 100.0
    semantic: str = "car"
    keypoints: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    present: bool = True


def camera(width: int = 160, height: int = 120, fov_deg: float = 60.0) -> Camera:
    return Camera.from_fov(width, height, np.radians(fov_deg), LOOKING_ALONG_X)


def _mesh(size: tuple[float, ...]) -> Mesh:
    if len(size) == 3:
        corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * np.array(size) / 2
        quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
        return Mesh.flat(corners, [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])
    # Fibonacci points; the hull of so many is within 0.1 % of the sphere.
    i = np.arange(4000) + 0.5
    polar, turn = np.arccos(1 - 2 * i / 4000), np.pi * (1 + 5**0.5) * i
    points = size[0] * np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], axis=1)
    # No test draws the faces; it is the vertices that labels look at.
    return Mesh.flat(points, np.arange(3999).reshape(-1, 3))


def view(*solids: Solid, events: tuple[EventState, ...] = (), parts: int = 1, **environment: object) -> SceneView:
    entities, nodes, first = [], [], 0
    for i, solid in enumerate(solids):
        mesh = _mesh(solid.size)
        material = Material(name="m", base_color=(0.5, 0.5, 0.5))
        body = Body(
            semantic=solid.semantic,
            asset=Asset(id=solid.name, digest="", licence="Apache-2.0"),
            parts=tuple(Part(name=f"part{k}", mesh=mesh, material=material) for k in range(parts)),
            rest=np.repeat(np.eye(4)[None], parts, axis=0),
            box_center_m=(0.0, 0.0, 0.0),
            box_size_m=(1.0, 1.0, 1.0),
            keypoints={n: ("part0", p) for n, p in solid.keypoints.items()},
        )
        entities.append(
            Entity(
                name=solid.name,
                model="solid",
                body=body,
                instance_id=i + 1,
                semantic_id=semantic_class(solid.semantic).id,
                first_node=first,
                first_joint=0,
                static=False,
            )
        )
        nodes += [Node(name=p.name, entity=i, mesh=p.mesh, material=p.material) for p in body.parts]
        first += parts
    poses = np.stack([s.world_from_solid for s in solids])
    snapshot = Snapshot(
        tick=0,
        step=0,
        time_s=0.0,
        world_from_node=np.repeat(poses, parts, axis=0),
        world_from_entity=poses,
        velocity_mps=np.array([s.velocity for s in solids], dtype=float),
        angular_velocity_radps=np.zeros((len(solids), 3)),
        joints=np.zeros(0),
        present=np.array([s.present for s in solids]),
        lamp_power=np.zeros(0),
        environment=physical(EnvironmentSpec(**environment)),
        events=events,
    )
    scene = Scene(
        entities=tuple(entities),
        nodes=tuple(nodes),
        lamps=(),
        joint_names=(),
        road=None,
        indoor=False,
        ground="asphalt",
    )
    return SceneView(scene=scene, snapshot=snapshot)


def _depth(solid: Solid, seen: Camera) -> np.ndarray:
    """(H, W) planar z of the first hit, +inf for none."""
    u, v = np.meshgrid(np.arange(seen.width_px), np.arange(seen.height_px))
    rays = np.stack([(u - seen.cx_px) / seen.fx_px, (v - seen.cy_px) / seen.fy_px, np.ones_like(u, float)], axis=-1)
    solid_from_camera = inverse(solid.world_from_solid) @ seen.world_from_camera
    d, o = rays @ solid_from_camera[:3, :3].T, solid_from_camera[:3, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        if len(solid.size) == 3:
            half = np.array(solid.size) / 2
            a, b = (-half - o) / d, (half - o) / d
            near, far = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
            hit = (near <= far) & (near > seen.near_m)
        else:
            dd, od, oo = (d * d).sum(-1), d @ o, o @ o - solid.size[0] ** 2
            root = od**2 - dd * oo
            near = (-od - np.sqrt(np.maximum(root, 0))) / dd
            hit = (root >= 0) & (near > seen.near_m)
    return np.where(hit, near, np.inf)


def buffers(solids: Sequence[Solid], seen: Camera, background: float = 20.0) -> RenderBuffers:
    shape = (seen.height_px, seen.width_px)
    depth, instance = np.full(shape, np.inf), np.zeros(shape, dtype=np.uint32)
    semantic, radiance = np.full(shape, 1, dtype=np.uint16), np.full((*shape, 3), background)
    node = np.full(shape, -1, dtype=np.int32)
    for i, solid in enumerate(solids):
        if not solid.present:
            continue
        z = _depth(solid, seen)
        front = z < depth
        depth[front], instance[front], node[front] = z[front], i + 1, i
        semantic[front], radiance[front] = semantic_class(solid.semantic).id, solid.luminance
    return RenderBuffers(
        radiance=radiance.astype(np.float16),
        depth_m=depth.astype(np.float32),
        instance=instance,
        semantic=semantic,
        node=node,
    )


def silhouettes(solids: Sequence[Solid], seen: Camera) -> tuple[Silhouette, ...]:
    wide = seen.crop(-seen.width_px, -seen.height_px, 3 * seen.width_px, 3 * seen.height_px)
    return tuple(
        Silhouette(instance_id=i + 1, x_px=-seen.width_px, y_px=-seen.height_px, mask=np.isfinite(_depth(solid, wide)))
        for i, solid in enumerate(solids)
        if solid.present
    )
