"""A world small enough to render by hand: a parked box, a box that crosses, and the ground."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simgen.core.camera import Camera
from simgen.core.geometry import CAMERA_FROM_BODY, pose
from simgen.dataset.bundle import FrameBundle
from simgen.dataset.codecs import Encoding
from simgen.dataset.recorder import Recorder
from simgen.dataset.writer import EpisodeWriter, SealedEpisode
from simgen.labels import label
from simgen.language.logical import Source
from simgen.rendering.protocol import RenderBuffers, RendererInfo, Silhouette
from simgen.sampling.concrete import (
    ConcreteAction,
    ConcreteActor,
    ConcreteEvent,
    ConcreteScenario,
    ConcreteSensor,
    DrawRecord,
    Use,
)
from simgen.scene.body import Asset, Body, Part
from simgen.scene.classes import semantic_class
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.mesh import Material, Mesh
from simgen.scene.scene import ActiveEffect, Entity, EventState, Node, Scene, SceneView, Snapshot
from simgen.sensing.frame import AppliedEffect, SensorFrame

RENDERER = RendererInfo(name="byhand", vendor="numpy", version="1", antialiasing="none")
WIDTH_PX, HEIGHT_PX = 64, 48
ENVIRONMENT = physical(EnvironmentSpec())


@dataclass(frozen=True)
class Engine:
    engine: str = "none"
    step_s: float = 1 / 240
    solver_iterations: int = 60


@dataclass(frozen=True)
class Report:
    ended_by: str
    missed: tuple[str, ...] = ()


def concrete(index: int = 0) -> ConcreteScenario:
    return ConcreteScenario(
        concrete="crossing_box",
        tags=("test",),
        seed=7,
        index=index,
        sources=(Source(file="crossing_box.yaml", sha256="0" * 64),),
        parameters={"speed": 2.5},
        setting=Use(name="nowhere"),
        actors=(ConcreteActor(name="ego", model=Use(name="carton"), position_m=(12.0, -2.0, 0.0), yaw_rad=0.0),),
        sensors=(ConcreteSensor(name="front", sensor=Use(name="camera")),),
        story=(
            ConcreteEvent(
                name="crossing",
                do=(ConcreteAction(subject="ego", action=Use(name="roll")),),
                defined_at="crossing_box.yaml:12",
            ),
        ),
        draws=(
            DrawRecord(
                path="parameters.speed",
                distribution="uniform",
                parameters={"low": 1.0, "high": 4.0},
                uniform=0.5,
                value=2.5,
            ),
        ),
    )


def _box_body(semantic: str, name: str, size_m: tuple[float, float, float]) -> Body:
    corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0, 1)]) * size_m
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = Mesh.flat(corners, [face for a, b, c, d in sides for face in ((a, b, c), (a, c, d))])
    return Body(
        semantic=semantic,
        asset=Asset(id=name, digest=mesh.digest, licence="Apache-2.0"),
        parts=(Part(name="hull", mesh=mesh, material=Material(name="paint", base_color=(0.5, 0.1, 0.1))),),
        rest=np.eye(4)[None],
        box_center_m=(0.0, 0.0, size_m[2] / 2),
        box_size_m=size_m,
    )


def scene() -> Scene:
    bodies = [
        ("van", _box_body("van", "van", (4.0, 2.0, 2.0)), True),
        ("ego", _box_body("ball", "box", (1.0, 1.0, 1.0)), False),
    ]
    return Scene(
        entities=tuple(
            Entity(
                name=name,
                model=name,
                body=body,
                instance_id=i + 1,
                semantic_id=semantic_class(body.semantic).id,
                first_node=i,
                first_joint=0,
                static=static,
            )
            for i, (name, body, static) in enumerate(bodies)
        ),
        nodes=tuple(
            Node(name=f"{name}/hull", entity=i, mesh=body.parts[0].mesh, material=body.parts[0].material)
            for i, (name, body, _) in enumerate(bodies)
        ),
        lamps=(),
        joint_names=(),
        road=None,
        indoor=False,
        ground="asphalt",
    )


def snapshot(tick: int, index: int = 0) -> Snapshot:
    poses = np.stack([pose((16.0, 3.0, 0.0)), pose((12.0 - 0.01 * index, -2.0 + 0.3 * tick / 3, 0.0))])
    started = tick >= 6
    return Snapshot(
        tick=tick,
        step=4 * tick,
        time_s=tick / 60,
        world_from_node=poses.copy(),
        world_from_entity=poses,
        velocity_mps=np.array([[0.0, 0.0, 0.0], [0.0, 6.0, -0.0]]),
        angular_velocity_radps=np.zeros((2, 3)),
        joints=np.zeros(0),
        present=np.ones(2, dtype=np.bool_),
        lamp_power=np.zeros(0),
        environment=replace(ENVIRONMENT, rain_mm_h=5.0) if started else ENVIRONMENT,
        events=(
            EventState(
                name="crossing",
                phase="running" if started else "waiting",
                start_s=0.1 if started else None,
                actors=("ego",),
            ),
        ),
        effects=(
            ActiveEffect(
                sensor="front", effect="noise", values={"at": (1.0, 2.0)}, event="crossing", start_s=0.1, end_s=None
            ),
        )
        if started
        else (),
        state_digest=f"{index:016x}{tick:016x}",
    )


def camera(y_m: float = 0.0) -> Camera:
    return Camera.from_fov(WIDTH_PX, HEIGHT_PX, 1.2, pose((0.0, y_m, 1.5), np.linalg.inv(CAMERA_FROM_BODY)))


def _rays(cam: Camera) -> tuple[np.ndarray, np.ndarray]:
    u, v = np.meshgrid(np.arange(cam.width_px), np.arange(cam.height_px))
    far = cam.unproject(np.stack([u, v], -1), np.ones((cam.height_px, cam.width_px)))
    eye = cam.world_from_camera[:3, 3]
    return eye, far - eye


def _depth_of_box(cam: Camera, entity: Entity, world_from_entity: np.ndarray) -> np.ndarray:
    """(H, W) planar depth by slabs; +inf beside the box. A direction has unit planar depth, so t is the depth."""
    eye, direction = _rays(cam)
    center = world_from_entity[:3, 3] + entity.body.box_center_m
    half = np.asarray(entity.body.box_size_m) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (center - half - eye) / direction, (center + half - eye) / direction
    near, far = np.minimum(a, b).max(-1), np.maximum(a, b).min(-1)
    return np.where((near <= far) & (near > 0), near, np.inf)


def render(view: SceneView, cam: Camera) -> RenderBuffers:
    eye, direction = _rays(cam)
    with np.errstate(divide="ignore"):
        ground = -eye[2] / direction[..., 2]
    depth = np.where(ground > 0, ground, np.inf)
    instance = np.zeros(depth.shape, np.uint32)
    node = np.full(depth.shape, -1, np.int32)
    semantic = np.where(ground > 0, semantic_class("road").id, semantic_class("sky").id).astype(np.uint16)
    for index, (entity, world_from_entity) in enumerate(
        zip(view.scene.entities, view.snapshot.world_from_entity, strict=True)
    ):
        own = _depth_of_box(cam, entity, world_from_entity)
        nearer = own < depth
        depth[nearer] = own[nearer]
        instance[nearer] = entity.instance_id
        semantic[nearer] = entity.semantic_id
        node[nearer] = index
    radiance = np.repeat((instance[..., None] * 40 + 20).astype(np.float16), 3, axis=2)
    return RenderBuffers(
        radiance=radiance, depth_m=depth.astype(np.float32), instance=instance, semantic=semantic, node=node
    )


def silhouettes(view: SceneView, cam: Camera) -> tuple[Silhouette, ...]:
    wide = cam.crop(-WIDTH_PX, -HEIGHT_PX, 3 * WIDTH_PX, 3 * HEIGHT_PX)
    return tuple(
        Silhouette(
            instance_id=e.instance_id,
            x_px=-WIDTH_PX,
            y_px=-HEIGHT_PX,
            mask=np.isfinite(_depth_of_box(wide, e, view.snapshot.world_from_entity[i])),
        )
        for i, e in enumerate(view.scene.entities)
    )


def bundles(
    index: int = 0, frames: int = 4, encoding: Encoding | None = None, sensor: str = "front"
) -> Iterator[FrameBundle]:
    """Frames every third tick. Of "front" frame 2 shows the content of frame 1, and frame 3 is lost; any other sensor
    has no faults and stands to the right."""
    scenario, world, cam = concrete(index), scene(), camera(0.0 if sensor == "front" else -7.0)
    recorder = Recorder(scenario, world, RENDERER, physics=Engine())
    before = None
    for number in range(frames):
        view = SceneView(scene=world, snapshot=snapshot(3 * number, index))
        buffers = render(view, cam)
        blocked = buffers.instance == 2 if number == 0 else None
        labels = label(view, cam, buffers, silhouettes(view, cam), lens_blocked=blocked, extinction_per_m=0.0)
        noise = np.random.default_rng([index, number]).integers(0, 30, (HEIGHT_PX, WIDTH_PX, 3))
        frozen, lost = (sensor == "front" and number == k for k in (2, 3))
        frame = SensorFrame(
            sensor=sensor,
            tick=3 * number,
            content_tick=3 if frozen else 3 * number,
            image=None if lost else (buffers.radiance + noise).astype(np.uint8),
            depth_m=None,
            depth_cause=None,
            lens_blocked=blocked,
            measurement_time_s=view.snapshot.time_s,
            delivery_time_s=view.snapshot.time_s,
            delivered=not lost,
            blind=False,
            exposure_s=0.01,
            gain=1.0,
            extinction_per_m=0.0,
            camera=cam,
            effects=(
                AppliedEffect(
                    name="noise", kind="fault", stage="imager", values={"read": 3.0, "at": (1.0, 2.0)}, origin="sensor"
                ),
            ),
        )
        yield recorder.bundle(view, sensor, cam, buffers, frame, labels, before if frozen else None, encoding=encoding)
        before = labels


def write_episode(
    out: Path, index: int = 0, encoding: Encoding | None = None, sensors: tuple[str, ...] = ("front",)
) -> SealedEpisode:
    with EpisodeWriter(out, concrete(index), RENDERER.name) as writer:
        for instant in zip(*(bundles(index, encoding=encoding, sensor=s) for s in sensors), strict=True):
            for bundle in instant:
                writer.write(bundle)
        return writer.seal(Report(ended_by="time > 0.2 s"))


if __name__ == "__main__":
    for number in sys.argv[2:]:
        write_episode(Path(sys.argv[1]), int(number))
