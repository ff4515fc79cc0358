"""The whole system on one page: a concrete scenario in, labelled frames out. Everything else calls this."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import DivergenceError, ExpectationMissed, ScenarioRejected, check_type
from simgen.core.native import give_back_memory, keep_freed_memory
from simgen.core.room import room_for_picture
from simgen.core.seeds import Key
from simgen.dataset.bundle import FrameBundle
from simgen.dataset.codecs import Encoding
from simgen.dataset.reader import open_dataset
from simgen.dataset.recorder import Recorder
from simgen.dataset.replay import ReplayReport, compare, find_frame, first_divergence
from simgen.dataset.writer import EpisodeWriter
from simgen.labels import FrameLabels, label
from simgen.labels.flow import Shot, flow
from simgen.rendering import select_renderer
from simgen.rendering.protocol import Extra, Renderer
from simgen.sampling.concrete import ConcreteScenario, ConcreteSensor
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
        ValueOutOfRange: at once, for what is no concrete scenario.
        RendererUnavailable: the machine cannot run the renderer.
        OutOfMemory: there is no room for a picture.
    """
    return iter(Episode(concrete, renderer))


class Episode:
    """One run of a concrete scenario: iterate it for its frames; then ``report`` says what happened.

    Args:
        only: the one sensor to render; its frames are the same as beside the others.

    Raises:
        ScenarioRejected: when iterated, as ``run``; at the end, where it came before the first frame of any sensor.
    """

    report: EpisodeReport

    def __init__(
        self, concrete: ConcreteScenario, renderer: Renderer | None = None, *, only: str | None = None
    ) -> None:
        check_type(
            concrete, ConcreteScenario, what="scenario of run()", remedy="sample it first: simgen.run(simgen.sample(…))"
        )
        self.concrete = concrete
        self._renderer = renderer
        self._only = only

    def __iter__(self) -> Iterator[FrameBundle]:
        keep_freed_memory()
        with ExitStack() as stack:
            renderer = self._renderer or stack.enter_context(select_renderer())
            world = stack.enter_context(World(self.concrete))
            recorder = Recorder(self.concrete, world.scene, renderer.info(), physics=Physics.facts())
            rig = [_Mounted.of(self.concrete, s) for s in self.concrete.sensors if self._only in (None, s.name)]
            line: deque[_Taken] = deque()
            for snapshot in world.run():
                view = SceneView(scene=world.scene, snapshot=snapshot)
                for mounted in rig:
                    if mounted.sensor.due(snapshot.tick):
                        line.append(mounted.shoot(view, renderer, recorder))
                while line and not line[0].waits:
                    yield line.popleft().bundle
            self.report = world.report()
            for last in line:
                yield last.bundle
            if rig and not any(mounted.shots for mounted in rig):
                raise _nothing_seen(rig, self.report)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeResult:
    """What a sealed episode came to."""

    job_id: str
    frames: int
    size_bytes: int
    report: EpisodeReport


def render_episode(
    concrete: ConcreteScenario, out: Path, renderer: Renderer, *, on_frame: Callable[[], None] | None = None
) -> EpisodeResult:
    """Runs one concrete scenario into a sealed episode of the dataset at ``out``.

    Args:
        on_frame: called after each frame, for progress.

    Raises:
        ExpectationMissed: an expectation with ``on_miss: fail`` or ``reject`` did not hold; nothing is sealed.
        OutputError: the output cannot be written; nothing half written stays.
    """
    episode = Episode(concrete, renderer)
    with EpisodeWriter(out, concrete, renderer.name) as writer:
        for bundle in episode:
            writer.write(bundle)
            if on_frame is not None:
                on_frame()
        refused = [e.condition for e in episode.report.missed if e.on_miss != "report"]
        if refused:
            raise ExpectationMissed(
                f"expected {' and '.join(repr(c) for c in refused)}, and it did not hold",
                where=f"{concrete.name} #{concrete.index}",
                remedy="on_miss: report keeps such episodes",
            )
        sealed = writer.seal(episode.report)
    give_back_memory()
    return EpisodeResult(
        job_id=sealed.job_id, frames=sealed.frames, size_bytes=sealed.size_bytes, report=episode.report
    )


def replay(dataset: Path, address: str) -> ReplayReport:
    """Makes one frame of a dataset again, from the scenario that its episode keeps, and compares it with its record.

    Raises:
        DatasetFault: no such dataset or frame.
        RendererUnavailable: the machine cannot run the renderer that made it.
    """
    frame = find_frame(open_dataset(dataset), address)
    recorded, concrete, trajectory = frame.record, frame.episode.concrete, frame.episode.trajectory
    snapshots: list[Snapshot] = []
    with select_renderer(recorded.episode.renderer.name) as renderer:
        for bundle in Episode(concrete, renderer, only=recorded.sensor):
            snapshots.append(bundle.view.snapshot)
            if bundle.frame_index == recorded.frame_index:
                return ReplayReport(
                    frame_id=recorded.frame_id,
                    comparison=compare(recorded, bundle.record),
                    diverged=first_divergence(trajectory, snapshots),
                )
    raise DivergenceError(
        f"the episode ended before frame {recorded.frame_index} of '{recorded.sensor}'", where=recorded.frame_id
    )


def _nothing_seen(rig: Sequence[_Mounted], report: EpisodeReport) -> ScenarioRejected:
    """What is wrong with an episode that ended before its first frame."""
    first = min(rig, key=lambda mounted: mounted.sensor.phase)
    return ScenarioRejected(
        f"the episode ends at {report.duration_s:.4g} s ({report.ended_by}), before the first frame of "
        f"'{first.name}' at {first.sensor.phase:g} s",
        where=f"sensors.{first.name}.phase",
        remedy="lower the phase, or let the episode end later",
    )


@dataclass(slots=True, kw_only=True, eq=False)
class _Taken:
    """A frame; ``waits`` while its flow to the next one of its sensor is not known, with its ``shot``."""

    bundle: FrameBundle
    shot: Shot | None
    waits: bool


@dataclass(slots=True, kw_only=True, eq=False)
class _Mounted:
    """A sensor in the world, with what it remembers along the episode."""

    name: str
    sensor: Sensor
    chain: Chain
    seen: dict[int, FrameLabels]
    last: _Taken | None = None
    shots: int = 0

    @classmethod
    def of(cls, concrete: ConcreteScenario, spec: ConcreteSensor) -> _Mounted:
        where = f"sensors.{spec.name}"
        sensor: Sensor = vocabulary.sensors.get(spec.sensor.name, where)(where=where, **spec.sensor.parameters)
        effects = [
            vocabulary.effects.get(e.name, where)(where=f"{where}.{e.name}", **e.parameters) for e in spec.effects
        ]
        key = Key(concrete.seed, concrete.index, where)
        return cls(name=spec.name, sensor=sensor, chain=sensor.chain(spec.name, key, effects), seen={})

    def shoot(self, view: SceneView, renderer: Renderer, recorder: Recorder) -> _Taken:
        """One frame: rendered, degraded as the sensor delivers it, labelled from the clean buffers."""
        self.shots += 1
        camera = self.sensor.camera_at(view.scene, view.snapshot)
        with room_for_picture(self.name, camera.width_px, camera.height_px):
            return self._taken(view, camera, renderer, recorder)

    def _taken(self, view: SceneView, camera: Camera, renderer: Renderer, recorder: Recorder) -> _Taken:
        outputs = self.sensor.outputs
        extras: tuple[Extra, ...] = ("normal",) if "normal" in outputs else ()
        buffers = renderer.render(view, camera, extras)
        alone = renderer.silhouettes(view, camera, view.labelled_ids())
        frame = self.chain.deliver(view, camera, buffers)
        labels = label(
            view, camera, buffers, alone, lens_blocked=frame.lens_blocked, extinction_per_m=frame.extinction_per_m
        )
        if frame.blind:
            labels = labels.blinded()
        content_labels = self._of_content(view.snapshot, labels, frame.content_tick)
        bundle = recorder.bundle(
            view,
            self.name,
            camera,
            buffers,
            frame,
            labels,
            content_labels,
            outputs=outputs,
            encoding=Encoding.model_validate(self.sensor.encoding),
        )
        if "flow" not in outputs:
            return _Taken(bundle=bundle, shot=None, waits=False)
        return self._with_flow(bundle, Shot.of(view, camera, buffers))

    def _with_flow(self, bundle: FrameBundle, shot: Shot) -> _Taken:
        """The frame with its flow to the one before, which in turn gets its flow to this one and waits no longer."""
        before = self.last
        if before is not None and before.shot is not None:
            before.bundle = replace(before.bundle, flow_forward=flow(before.shot, shot))
            before.waits = False
            bundle = replace(bundle, flow_backward=flow(shot, before.shot))
            before.shot = None
        self.last = _Taken(bundle=bundle, shot=shot, waits=True)
        return self.last

    def _of_content(self, snapshot: Snapshot, labels: FrameLabels, content_tick: int) -> FrameLabels | None:
        """The labels of the instant that the delivered picture shows, where that is an earlier one."""
        self.seen[snapshot.tick] = labels
        for tick in [t for t in self.seen if t < content_tick]:
            del self.seen[tick]
        return None if content_tick == snapshot.tick else self.seen.get(content_tick)
