"""Runs a plan: hands jobs to an executor, keeps the ledger, and publishes the dataset at the end."""

from __future__ import annotations

import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from simgen.core.errors import SimgenError
from simgen.core.vocabulary import renderers
from simgen.dataset.manifest import PlannedJob, add_to_plan, read_plan, write_manifest
from simgen.farm.cores import usable_cores
from simgen.farm.executors.local import LocalExecutor
from simgen.farm.executors.protocol import Limits, OpenWorker, Worker
from simgen.farm.jobs import Drawn, Event, JobResult, JobSpec, Ready, Started
from simgen.farm.ledger import FailedJob, Late, RunLog, RunSummary, failed_job
from simgen.farm.planning import Plan

Listener = Callable[[Ready | Event], None]

_PLAN_ROWS_AT_ONCE = 10_000
_MOST_FAILURES = 100
"""Failures that a summary lists; ``failures/`` has them all."""


class NothingMade(SimgenError):
    """A run of which nothing came, since what it was asked for cannot be; says why of each scenario."""

    def __init__(self, failures: Sequence[FailedJob]) -> None:
        first: dict[str, str] = {}
        for failure in failures:
            first.setdefault(failure.scenario, failure.error.message)
        lines = [*first.values()]
        if len(failures) > 1:
            lines.append(f"none of the {len(failures)} episodes can be made")
        super().__init__("\n".join(lines))


def _nobody(event: Ready | Event) -> None:
    """Listens to nothing."""


def _open_episode_worker(renderer: str) -> AbstractContextManager[Worker]:
    from simgen.farm.work import open_episode_worker  # the driver itself needs neither physics nor pictures

    return open_episode_worker(renderer)


def run(
    plan: Plan,
    out: Path,
    *,
    renderer: str = "auto",
    workers: int | None = None,
    limits: Limits | None = None,
    open_worker: OpenWorker | None = None,
    on_event: Listener = _nobody,
) -> RunSummary:
    """Makes every episode of the plan's shard that is not sealed yet, and publishes the dataset.

    What is sealed stays, whatever ends the run; the next one goes on from there. Scripts that call this must guard
    their top level with ``if __name__ == "__main__"``, since workers are spawned.

    Args:
        workers: processes; as many as there are cores, or jobs if fewer, when not given.
        open_worker: what a worker is; episodes by default.
        on_event: told once which renderer was chosen, then all that happens.

    Raises:
        UnknownName: there is no such renderer.
        OutputError: the output holds something else or cannot be written.
        DatasetFault: the plan that is there is damaged.
        RunStopped: a worker found that it has no renderer, or that the output cannot be written any more.
        NothingMade: a mistake of the user's kept every job of the whole plan from being made. Here and above, a
            dataset that this run began is gone again if it has no episode.
    """
    if renderer != "auto":
        renderers.get(renderer, where="renderer")
    if open_worker is None:
        open_worker = _open_episode_worker
    number = workers or max(1, min(plan.mine, usable_cores()))
    began = time.monotonic()
    tally = _Tally()
    in_flight: dict[int, JobSpec] = {}
    drawn: dict[int, PlannedJob] = {}
    plan_rows: list[PlannedJob] = []

    def jobs(chosen: str) -> Iterator[JobSpec]:
        for job in plan.jobs(out, chosen):
            in_flight[job.number] = job
            yield job

    with (
        RunLog(out, shlex.join(["simgen", *sys.argv[1:]]), asked=[o.asked() for o in plan.orders]) as log,
        LocalExecutor(open_worker, renderer=renderer, workers=number, limits=limits) as executor,
    ):
        for _ in read_plan(out):
            pass  # a damaged one is told now, and not when all is done
        ready = executor.ready()
        log.ready(ready.renderer)
        on_event(ready)
        for event in executor.run(jobs(ready.renderer)):
            if isinstance(event, Started):
                log.started(event)
            elif isinstance(event, Drawn):
                drawn[event.number] = planned_job(in_flight[event.number], event)
            elif isinstance(event, JobResult):
                log.ended(event)
                tally.add(event)
                job, planned = in_flight.pop(event.number), drawn.pop(event.number, None)
                if planned is not None:
                    plan_rows.append(planned)
                if len(plan_rows) >= _PLAN_ROWS_AT_ONCE:
                    add_to_plan(out, plan_rows)
                    plan_rows.clear()
                if event.status == "failed":
                    tally.failures.append(failed_job(job, event, planned))
                    log.failed(tally.failures[-1])
                else:
                    log.recovered(event)
            on_event(event)
        add_to_plan(out, plan_rows)
        manifest = write_manifest(out)
        summary = RunSummary(
            out=out,
            renderer=ready.renderer,
            workers=number,
            planned=len(plan),
            shard_jobs=plan.mine,
            sealed=tally.by_status["sealed"],
            present=tally.by_status["present"],
            failed=tally.by_status["failed"],
            frames=tally.frames,
            size_bytes=tally.size_bytes,
            wall_s=time.monotonic() - began,
            cpu_s=tally.cpu_s,
            missed=dict(sorted(tally.missed.items())),
            cut_off=tally.cut_off,
            late=dict(sorted(tally.late.items())),
            failures=tuple(tally.failures[:_MOST_FAILURES]),
            merkle_root=manifest.merkle_root,
            episodes=manifest.episodes,
        )
        log.finish(summary)
        if 0 < tally.mistakes == len(plan):  # of a shard one cannot say what the others come to
            raise NothingMade(tally.failures)
    return summary


def planned_job(job: JobSpec, drawn: Drawn) -> PlannedJob:
    """The job's row in plan.jsonl."""
    return PlannedJob(
        job=drawn.job_id,
        scenario=job.scenario.name,
        scenario_digest=drawn.scenario_digest,
        seed=job.seed,
        index=job.index,
        overrides=job.overrides,
        renderer=job.renderer,
    )


@dataclass(slots=True)
class _Tally:
    """What a run has come to so far."""

    by_status: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    failures: list[FailedJob] = field(default_factory=list)
    frames: int = 0
    size_bytes: int = 0
    cpu_s: float = 0.0
    mistakes: int = 0
    cut_off: int = 0
    late: dict[str, Late] = field(default_factory=dict)

    def add(self, result: JobResult) -> None:
        self.by_status[result.status] += 1
        self.cpu_s += result.cpu_s
        self.mistakes += result.error is not None and result.error.mistake
        if result.status == "sealed":
            self.frames += result.frames
            self.size_bytes += result.size_bytes
            self.missed.update(result.missed)
            self.cut_off += result.cut_off
            for event, late_s in result.late_s.items():
                self.late[event] = self.late.get(event, Late()).also(late_s)
