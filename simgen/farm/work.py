"""What a worker does with a job: draw the sample, skip it if it is sealed, else run it and seal it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from simgen import episode, sampling
from simgen.dataset.episode_file import EpisodeFile, sealed
from simgen.dataset.job import job_id
from simgen.dataset.layout import Layout
from simgen.farm.jobs import Drawn, Frames, JobResult, JobSpec, Ready, TurnedDown
from simgen.rendering import select_renderer
from simgen.rendering.protocol import Renderer
from simgen.sampling.concrete import ConcreteScenario
from simgen.simulation import redrawing

Tell = Callable[[Drawn | Frames | TurnedDown], None]


def drawn(job: JobSpec, tell: Tell = lambda event: None) -> ConcreteScenario:
    """The job's sample, drawn now unless it came with the job. Raises ScenarioRejected."""
    if isinstance(job.scenario, ConcreteScenario):
        return job.scenario

    def turned_down(tally: sampling.Tally) -> None:
        tell(TurnedDown(number=job.number, attempts=tally.attempts, why=tally.summary()))

    return redrawing.sample(job.scenario, seed=job.seed, index=job.index, on_rejections=turned_down)


class EpisodeWorker:
    """Renders episodes with one renderer, which lives as long as the worker."""

    def __init__(self, renderer: Renderer, note: str = "") -> None:
        self._renderer = renderer
        self.ready = Ready(renderer=renderer.name, note=note)

    def work(self, job: JobSpec, tell: Tell) -> JobResult:
        """Raises SimgenError for a sample that cannot be, or an output that cannot be written."""
        concrete = drawn(job, tell)
        name = job_id(concrete, job.renderer)
        tell(Drawn(number=job.number, job_id=name, scenario_digest=concrete.digest()))
        result = JobResult(
            plan_id=job.plan_id,
            scenario=concrete.name,
            index=job.index,
            number=job.number,
            status="present",
            job_id=name,
        )
        if sealed(job.out, name):
            content = EpisodeFile.read(Layout(job.out).episode(name))
            return result.model_copy(update={"frames": sum(content.frames.values()), "size_bytes": content.size_bytes})
        one = Frames(number=job.number, count=1)
        with sampling.located(job.scenario):
            made = episode.render_episode(concrete, job.out, self._renderer, on_frame=lambda: tell(one))
        return result.model_copy(
            update={
                "status": "sealed",
                "frames": made.frames,
                "size_bytes": made.size_bytes,
                "missed": tuple(e.condition for e in made.report.missed),
                "cut_off": made.report.cut_off,
                "late_s": made.report.late_s,
            }
        )


@contextlib.contextmanager
def open_episode_worker(renderer: str) -> Iterator[EpisodeWorker]:
    """Raises RendererUnavailable."""
    with _Told() as told:
        chosen = select_renderer(renderer)
    with chosen:
        yield EpisodeWorker(chosen, note=" ".join(told.words))


class _Told(logging.Handler):
    """Keeps what simgen's logger warns of, so that the driver can tell it once for all workers. A context manager."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []
        self._logger = logging.getLogger("simgen")

    def emit(self, record: logging.LogRecord) -> None:
        self.words.append(record.getMessage())

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        self._logger.propagate = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._logger.propagate = True
        self._logger.removeHandler(self)
