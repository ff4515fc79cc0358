"""Turns what the stations before made of one frame into a FrameBundle with its record."""

from __future__ import annotations

from collections.abc import Sequence

from simgen.core.camera import Camera
from simgen.core.geometry import quaternion_from_matrix
from simgen.dataset.bundle import USUAL, FrameBundle
from simgen.dataset.canonical import plain
from simgen.dataset.codecs import Encoding
from simgen.dataset.job import job_id
from simgen.dataset.platform import platform_facts
from simgen.dataset.record import (
    AssetFacts,
    CameraFacts,
    EffectFacts,
    EpisodeRecord,
    EventDefinition,
    EventFacts,
    FrameRecord,
    OutputFacts,
    PhysicsFacts,
    PoseFacts,
    RendererFacts,
    ScenarioFacts,
)
from simgen.labels import FrameLabels
from simgen.rendering.protocol import RenderBuffers, RendererInfo
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.scene import EGO, Entity, Scene, SceneView
from simgen.sensing.frame import SensorFrame


class Recorder:
    """Records the frames of one episode. Frames of one sensor must come in time order: their records form a chain.

    Args:
        concrete, scene: what is run.
        renderer: what draws it.
        physics: what determines the physics: a dataclass with ``engine``, ``step_s`` and the engine's settings.
    """

    def __init__(
        self,
        concrete: ConcreteScenario,
        scene: Scene,
        renderer: RendererInfo,
        *,
        physics: object,
    ) -> None:
        self._scene = scene
        self._last: dict[str, tuple[int, str]] = {}
        self.episode = EpisodeRecord(
            job=job_id(concrete, renderer.name),
            scenario=ScenarioFacts(
                name=concrete.name,
                digest=concrete.digest(),
                sources=concrete.sources,
                tags=concrete.tags,
                seed=concrete.seed,
                index=concrete.index,
                method=concrete.method,
                attempt=concrete.attempt,
                rejections=concrete.rejections,
                parameters=concrete.parameters,
                setting=concrete.setting,
                draws=concrete.draws,
            ),
            events=tuple(
                EventDefinition(name=e.name, defined_at=e.defined_at, subjects=tuple(a.subject for a in e.do))
                for e in concrete.story
            ),
            assets=_assets(scene.entities),
            physics=PhysicsFacts.of(physics),
            renderer=RendererFacts(
                name=renderer.name,
                vendor=renderer.vendor,
                version=renderer.version,
                antialiasing=renderer.antialiasing,
            ),
            platform=platform_facts(),
        )

    def bundle(
        self,
        view: SceneView,
        sensor: str,
        camera: Camera,
        buffers: RenderBuffers,
        frame: SensorFrame,
        labels: FrameLabels,
        content_labels: FrameLabels | None = None,
        nominal_camera: Camera | None = None,
        outputs: Sequence[str] = USUAL,
        encoding: Encoding | None = None,
    ) -> FrameBundle:
        """The next frame of ``sensor``.

        Args:
            camera: the one that ``buffers`` were rendered with.
            content_labels: of the instant that ``frame`` shows, where that is not the view's.
            nominal_camera: what the sensor states of itself, where that is not the truth.
            outputs, encoding: which images will be stored, and how.
        """
        index, previous = self._last.get(sensor, (-1, ""))
        index += 1
        self._last[sensor] = index, view.snapshot.state_digest

        def draft(outputs: tuple[OutputFacts, ...]) -> FrameRecord:
            return self._record(view, sensor, index, previous, camera, nominal_camera or camera, frame, outputs)

        return FrameBundle(
            sensor=sensor,
            frame_index=index,
            view=view,
            camera=camera,
            buffers=buffers,
            frame=frame,
            labels=labels,
            content_labels=content_labels,
            outputs=tuple(outputs),
            encoding=encoding or Encoding(),
            draft=draft,
        )

    def _record(
        self,
        view: SceneView,
        sensor: str,
        index: int,
        previous_state_digest: str,
        camera: Camera,
        nominal_camera: Camera,
        frame: SensorFrame,
        outputs: tuple[OutputFacts, ...],
    ) -> FrameRecord:
        snapshot = view.snapshot
        environment = plain(snapshot.environment)
        assert isinstance(environment, dict)
        true = CameraFacts.of(camera)
        return FrameRecord(
            episode=self.episode,
            sensor=sensor,
            frame_index=index,
            tick=snapshot.tick,
            step=snapshot.step,
            time_ns=_nanoseconds(snapshot.time_s),
            content_tick=frame.content_tick,
            measurement_time_ns=_nanoseconds(frame.measurement_time_s),
            delivery_time_ns=_nanoseconds(frame.delivery_time_s),
            delivered=frame.delivered,
            events=tuple(
                EventFacts(name=e.name, phase=e.phase, start_s=e.start_s, end_s=e.end_s, actors=e.actors)
                for e in snapshot.events
            ),
            ego=_pose(view, EGO),
            blind=frame.blind,
            camera=true,
            content_camera=true if frame.camera is camera else CameraFacts.of(frame.camera),
            nominal_camera=true if nominal_camera is camera else CameraFacts.of(nominal_camera),
            environment=environment,
            exposure_s=frame.exposure_s,
            gain=frame.gain,
            extinction_per_m=frame.extinction_per_m,
            effects=tuple(EffectFacts.model_validate(plain(effect)) for effect in frame.effects),
            outputs=outputs,
            state_digest=snapshot.state_digest,
            previous_state_digest=previous_state_digest,
        )


def _nanoseconds(time_s: float) -> int:
    return round(time_s * 1e9)


def _assets(entities: Sequence[Entity]) -> tuple[AssetFacts, ...]:
    worn: dict[tuple[str, str, str], list[str]] = {}
    for entity in entities:
        asset = entity.body.asset
        worn.setdefault((asset.id, asset.digest, asset.licence), []).append(entity.name)
    return tuple(
        AssetFacts(id=id, digest=digest, licence=licence, entities=tuple(names))
        for (id, digest, licence), names in sorted(worn.items())
    )


def _pose(view: SceneView, name: str) -> PoseFacts | None:
    for i, entity in enumerate(view.scene.entities):
        if entity.name == name:
            snapshot = view.snapshot
            world_from_entity = snapshot.world_from_entity[i]
            return PoseFacts.model_validate(
                {
                    "entity": name,
                    "position_m": world_from_entity[:3, 3].tolist(),
                    "quaternion_xyzw": quaternion_from_matrix(world_from_entity[:3, :3]).tolist(),
                    "velocity_mps": snapshot.velocity_mps[i].tolist(),
                    "angular_velocity_radps": snapshot.angular_velocity_radps[i].tolist(),
                }
            )
    return None
