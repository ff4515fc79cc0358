"""A camera at a test stand: hand-made pictures, a scene with one entity, no renderer."""

from __future__ import annotations

import numpy as np

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.geometry import CAMERA_FROM_BODY, pose
from simgen.core.seeds import Key
from simgen.rendering.protocol import RenderBuffers
from simgen.scene.body import Asset, Body, Lamp, Mount, Part
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.mesh import Material, Mesh
from simgen.scene.scene import ActiveEffect, Entity, Node, Scene, SceneLamp, SceneView, Snapshot
from simgen.sensing.chain import Chain
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.medium import veiled
from simgen.sensing.surroundings import Surroundings

KEY = Key(7, 42)


def camera(width: int = 96, height: int = 54, fov_deg: float = 60.0) -> Camera:
    return Camera.from_fov(width, height, np.radians(fov_deg), pose((0, 0, 1.3), CAMERA_FROM_BODY.T))


def buffers(seen: Camera, luminance: float = 300.0, depth_m: float = 20.0) -> RenderBuffers:
    """A wall with a soft pattern at one depth; the top fifth is sky."""
    height, width = seen.height_px, seen.width_px
    v, u = np.mgrid[0:height, 0:width]
    pattern = luminance * (1.0 + 0.5 * np.sin(u / 5.0) * np.cos(v / 7.0))
    depth = np.full((height, width), depth_m, dtype=np.float32)
    depth[: height // 5] = np.inf
    return RenderBuffers(
        radiance=np.repeat(pattern[..., None], 3, axis=2).astype(np.float16),
        depth_m=depth,
        instance=np.zeros((height, width), dtype=np.uint32),
        semantic=np.ones((height, width), dtype=np.uint16),
    )


def scene(lamps: tuple[Lamp, ...] = ()) -> Scene:
    mesh = Mesh.flat([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]])
    body = Body(
        semantic="car",
        asset=Asset(id="stand", digest="", licence="Apache-2.0"),
        parts=(Part(name="shell", mesh=mesh, material=Material(name="m", base_color=(0.5, 0.5, 0.5))),),
        rest=np.eye(4)[None],
        box_center_m=(0, 0, 0),
        box_size_m=(1, 1, 1),
        lamps=lamps,
        mounts={"windscreen": Mount(part="shell", part_from_mount=pose((0.5, 0.0, 1.3)))},
    )
    entity = Entity(
        name="ego", model="car", body=body, instance_id=1, semantic_id=19, first_node=0, first_joint=0, static=False
    )
    return Scene(
        entities=(entity,),
        nodes=(Node(name="shell", entity=0, mesh=mesh, material=body.parts[0].material),),
        lamps=tuple(SceneLamp(name=lamp.name, entity=0, node=-1, lamp=lamp) for lamp in lamps),
        joint_names=(),
        road=None,
        indoor=False,
        ground="asphalt",
    )


def view(
    tick: int,
    of: Scene | None = None,
    effects: tuple[ActiveEffect, ...] = (),
    world_from_ego: np.ndarray | None = None,
    **environment: object,
) -> SceneView:
    built = of if of is not None else scene()
    placed = (np.eye(4) if world_from_ego is None else world_from_ego)[None]
    snapshot = Snapshot(
        tick=tick,
        step=4 * tick,
        time_s=tick / 60,
        world_from_node=placed.copy(),
        world_from_entity=placed.copy(),
        velocity_mps=np.zeros((1, 3)),
        angular_velocity_radps=np.zeros((1, 3)),
        joints=np.zeros(0),
        present=np.ones(1, dtype=bool),
        lamp_power=np.ones(len(built.lamps)),
        environment=physical(EnvironmentSpec(**environment)),
        effects=effects,
    )
    return SceneView(scene=built, snapshot=snapshot)


def chain(kind: str = "camera", effects: tuple[Effect, ...] = (), name: str = "front", **values: object) -> Chain:
    return vocabulary.sensors.get(kind)(mount="ego", **values).chain(name, KEY, effects)


def working(
    seen: Camera,
    radiance: np.ndarray,
    true_depth_m: np.ndarray,
    *,
    tick: int = 6,
    exposure_s: float = 0.01,
    **more: object,
) -> WorkingFrame:
    fields: dict[str, object] = {"surroundings": Surroundings.plain(), "gain": 1.0, **more}
    return WorkingFrame(
        sensor="front",
        tick=tick,
        content_tick=tick,
        time_s=tick / 60,
        measurement_time_s=tick / 60,
        delivery_time_s=tick / 60,
        camera=seen,
        exposure_s=exposure_s,
        radiance=radiance.astype(np.float32),
        true_depth_m=true_depth_m.astype(np.float32),
        **fields,
    )


def through(frame: WorkingFrame, *effects: Effect) -> WorkingFrame:
    """The frame through air that these effects have filled."""
    for effect in effects:
        frame = effect.apply(frame, moment())
    return veiled(frame)


def moment(tick: int = 6, elapsed_s: float = 5.0, **more: object) -> Moment:
    return Moment(key=KEY.child("effect"), tick=tick, elapsed_s=elapsed_s, **more)
