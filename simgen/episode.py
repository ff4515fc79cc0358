"""The whole system on one page: a concrete scenario in, labelled frames out. Everything else calls this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from simgen.core import vocabulary
from simgen.core.seeds import Key
from simgen.dataset.bundle import FrameBundle
from simgen.dataset.recorder import Recorder
from simgen.dataset.writer import EpisodeWriter
from simgen.labels import FrameLabels, label, labelled_in_view
from simgen.rendering import select_renderer
from simgen.rendering.protocol import Renderer
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.scene import SceneView, Snapshot
from simgen.sensing.chain import Chain
from simgen.sensing.sensor import Sensor
from simgen.simulation.physics import Physics
from simgen.simulation.report import EpisodeReport
from simgen.simulation.world import World


def run(concrete: ConcreteScenario, renderer: Renderer | None = None) -> Iterator[FrameBundle]:
    """Simulates one concrete scenario and yields what each sensor delivered, in time order.

    Args:
        renderer: stays open for the next episode; without one, the best that the machine has is made and closed.

    Raises:
        ScenarioRejected: the world cannot be built as sampled; names the actors.
        RendererUnavailable: the machine cannot run the renderer.
    """
    return iter(Episode(concrete, renderer))


class Episode:
    """One run of a concrete scenario: iterate it once for its frames; then ``report`` says what happened."""

    report: EpisodeReport

    def __init__(self, concrete: ConcreteScenario, renderer: Renderer | None = None) -> None:
        self.concrete = concrete
        self._renderer = renderer

    def __iter__(self) -> Iterator[FrameBundle]:
        with ExitStack() as stack:
            renderer = self._renderer or stack.enter_context(select_renderer())
            world = stack.enter_context(World(self.concrete))
            recorder = Recorder(self.concrete, world.scene, renderer.info(), physics=Physics.facts())
            rig = [_Mounted.of(self.concrete, index) for index in range(len(self.concrete.sensors))]
            for snapshot in world.run():
                view = SceneView(scene=world.scene, snapshot=snapshot)
                for mounted in rig:
                    if mounted.sensor.due(snapshot.tick):
                        yield mounted.shoot(view, renderer, recorder)
            self.report = world.report()


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeResult:
    """What a sealed episode came to."""

    job_id: str
    frames: int
    size_bytes: int
    report: EpisodeReport


def render_episode(
    concrete: ConcreteScenario, out: Path, renderer: Renderer, on_frame: Callable[[], None] | None = None
) -> EpisodeResult:
    """Runs one concrete scenario into a sealed episode of the dataset at ``out``.

    Args:
        on_frame: called after each frame: for progress.

    Raises:
        OutputError: the output cannot be written; nothing half written stays.
    """
    episode = Episode(concrete, renderer)
    frames = 0
    with EpisodeWriter(out, concrete, renderer.name) as writer:
        for bundle in episode:
            writer.write(bundle)
            frames += 1
            if on_frame is not None:
                on_frame()
        sealed = writer.seal(episode.report)
    return EpisodeResult(job_id=sealed.job_id, frames=frames, size_bytes=sealed.size_bytes, report=episode.report)


@dataclass(slots=True, kw_only=True, eq=False)
class _Mounted:
    """A sensor in the world, with what it remembers along the episode."""

    name: str
    sensor: Sensor
    chain: Chain
    seen: dict[int, FrameLabels]

    @classmethod
    def of(cls, concrete: ConcreteScenario, index: int) -> _Mounted:
        spec = concrete.sensors[index]
        where = f"sensors.{spec.name}"
        sensor: Sensor = vocabulary.sensors.get(spec.sensor.name, where)(where=where, **spec.sensor.parameters)
        effects = [
            vocabulary.effects.get(e.name, where)(where=f"{where}.{e.name}", **e.parameters) for e in spec.effects
        ]
        key = Key(concrete.seed, concrete.index, where)
        return cls(name=spec.name, sensor=sensor, chain=sensor.chain(spec.name, key, effects), seen={})

    def shoot(self, view: SceneView, renderer: Renderer, recorder: Recorder) -> FrameBundle:
        """One frame: rendered, degraded as the sensor delivers it, labelled from the clean buffers."""
        camera = self.sensor.camera_at(view.scene, view.snapshot)
        buffers = renderer.render(view, camera)
        alone = renderer.silhouettes(view, camera, labelled_in_view(view, camera))
        frame = self.chain.deliver(view, camera, buffers)
        labels = label(view, camera, buffers, alone, lens_blocked=frame.lens_blocked)
        content_labels = self._of_content(view.snapshot, labels, frame.content_tick)
        return recorder.bundle(view, self.name, camera, buffers, frame, labels, content_labels)

    def _of_content(self, snapshot: Snapshot, labels: FrameLabels, content_tick: int) -> FrameLabels | None:
        """The labels of the instant that the delivered picture shows, where that is an earlier one."""
        self.seen[snapshot.tick] = labels
        for tick in [t for t in self.seen if t < content_tick]:
            del self.seen[tick]
        return None if content_tick == snapshot.tick else self.seen.get(content_tick)
