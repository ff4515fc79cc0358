"""What a run keeps about itself: ``runs/`` with clock, host and timings, and ``failures/``. Nothing of it is hashed."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from pydantic import BaseModel, ConfigDict

from simgen.core.errors import OutputError, SimgenError
from simgen.dataset.layout import Layout, output_error
from simgen.dataset.manifest import PlannedJob
from simgen.dataset.platform import simgen_version
from simgen.dataset.staging import exclusive, remove_stale, write_whole
from simgen.farm.jobs import JobError, JobResult, JobSpec, Started


class FailedJob(BaseModel):
    """One file in ``failures/``: a job that failed for good. It is named by the job id, or, where the sample could
    not be drawn, by ``plan_id``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    plan_id: str
    scenario: str
    index: int
    attempts: int
    error: JobError
    command: str


class Late(BaseModel):
    """In how many episodes an event began too late for what it should meet, and by how much in the worst of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    episodes: int = 0
    at_most_s: float = 0.0

    def also(self, late_s: float) -> Late:
        return Late(episodes=self.episodes + 1, at_most_s=max(self.at_most_s, late_s))


class RunSummary(BaseModel):
    """How a run went. Rates are over the frames that this run made, not over those it found.

    Attributes:
        planned: jobs of the whole plan; ``shard_jobs`` of this run's shard of it.
        sealed: episodes that this run made; ``present`` those that were there before.
        missed: expectation -> in how many of the new episodes it did not hold.
        cut_off: how many of the new episodes ended because none of their own ends came true.
        episodes: in the dataset after the run, with those of other runs: what ``merkle_root`` is over.
        late: event -> in how many of the new episodes it could not begin in time for its meeting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path
    renderer: str
    workers: int
    planned: int
    shard_jobs: int
    sealed: int = 0
    present: int = 0
    failed: int = 0
    frames: int = 0
    size_bytes: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    missed: dict[str, int] = {}
    cut_off: int = 0
    late: dict[str, Late] = {}
    failures: tuple[FailedJob, ...] = ()
    merkle_root: str = ""
    episodes: int = 0

    @property
    def frames_per_s(self) -> float:
        return self.frames / self.wall_s if self.wall_s > 0 else 0.0

    @property
    def core_seconds_per_frame(self) -> float:
        return self.cpu_s / self.frames if self.frames else 0.0

    @property
    def bytes_per_frame(self) -> float:
        return self.size_bytes / self.frames if self.frames else 0.0


_NOBODY_YET = ""


class Status(BaseModel):
    """A dataset at an instant, while runs may be at work on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    planned: int
    sealed: int
    failed: int
    running: int
    frames_per_s: float
    jobs_per_s: float
    left_s: float | None


class RunLog:
    """``runs/<start>.jsonl``, a line whenever a job starts or ends, and ``runs/<start>.json`` when the run is over.

    A lock on the first file ends with the process, so that ``status`` can tell a run at work from one that died. A
    run that begins a dataset, and ends with an error before it has an episode, takes back all that it wrote, unless
    another run has begun beside it or a job failed of which there is something to find out.

    Raises:
        OutputError: the output holds something else or cannot be written.
    """

    def __init__(self, out: Path, command: str, *, asked: Sequence[Mapping[str, object]]) -> None:
        self._layout = layout = Layout(out)
        now = datetime.datetime.now(datetime.UTC)
        self._name = name = f"{now:%Y%m%dT%H%M%S.%f}Z-{os.getpid()}"
        self._summary = layout.runs / f"{name}.json"
        self._failed: list[FailedJob] = []
        self._head = {
            "started": now.isoformat(timespec="milliseconds"),
            "host": platform.node(),
            "pid": os.getpid(),
            "command": command,
            "asked": asked,
        }
        self._made, self._lines = self._begin()
        try:
            self._write({"run": self._head})
        except OutputError as error:
            self._end(error)
            raise

    def _begin(self) -> tuple[Sequence[Path] | None, IO[str]]:
        """What ``Layout.claim`` made, and the log. No run can take back a dataset between the two."""
        layout = self._layout
        while True:
            made = layout.claim()
            try:
                with exclusive(layout.out):
                    layout.runs.mkdir(exist_ok=True)
                    lines = (layout.runs / f"{self._name}.jsonl").open("x", encoding="utf-8")
                    fcntl.flock(lines, fcntl.LOCK_EX)
                    return made, lines
            except FileNotFoundError:  # a run that began it has just taken it back
                continue
            except OSError as error:
                raise output_error(error, layout.runs) from error

    def ready(self, renderer: str) -> None:
        """The renderer is known; with simgen's version it tells what is asked for from the same by others."""
        self._write({"ready": {"renderer": renderer, "simgen": simgen_version()}, "at": _now()})

    def started(self, event: Started) -> None:
        self._write({"started": event.model_dump(), "at": _now()})

    def ended(self, result: JobResult) -> None:
        self._write({"ended": result.model_dump(exclude={"error": {"trace"}}), "at": _now()})

    def failed(self, job: FailedJob) -> None:
        """Writes ``failures/<id>.json`` whole or not at all."""
        self._failed.append(job)
        try:
            self._layout.failures.mkdir(exist_ok=True)
        except OSError as error:
            raise output_error(error, self._layout.failures) from error
        write_whole(self._failure(job), job.model_dump_json(indent=2) + "\n")

    def _failure(self, job: FailedJob) -> Path:
        return self._layout.failures / f"{job.job_id or job.plan_id}.json"

    def recovered(self, result: JobResult) -> None:
        """A job that may have failed in an earlier run is there now."""
        for name in (result.job_id, result.plan_id):
            (self._layout.failures / f"{name}.json").unlink(missing_ok=True)

    def finish(self, summary: RunSummary) -> None:
        rates = {
            "frames_per_s": summary.frames_per_s,
            "core_seconds_per_frame": summary.core_seconds_per_frame,
            "bytes_per_frame": summary.bytes_per_frame,
        }
        document = {**self._head, "ended": _now(), "summary": summary.model_dump(mode="json"), "rates": rates}
        write_whole(self._summary, json.dumps(document, indent=2) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)

    def _end(self, error: BaseException | None) -> None:
        with contextlib.suppress(OSError):  # what a full disk did not take was told when it was written
            self._lines.close()
        if isinstance(error, SimgenError) and self._made is not None:
            with contextlib.suppress(OSError), exclusive(self._layout.out):
                self._take_back(self._made)

    def _take_back(self, made: Sequence[Path]) -> None:
        layout = self._layout
        to_find_out = any(not job.error.mistake for job in self._failed)
        if to_find_out or layout.jobs() or {path.stem for path in layout.runs.iterdir()} != {self._name}:
            return
        remove_stale(layout)
        failures = [self._failure(job) for job in self._failed]
        log = layout.runs / f"{self._name}.jsonl"
        for path in (layout.manifest, layout.plan, *failures, self._summary, log):
            path.unlink(missing_ok=True)
        for folder in (layout.failures, layout.runs, layout.episodes, *made):
            if folder.is_dir():
                folder.rmdir()

    def _write(self, row: dict[str, object]) -> None:
        try:
            self._lines.write(json.dumps(row) + "\n")
            self._lines.flush()
        except OSError as error:
            raise output_error(error, Path(self._lines.name)) from error


def failed_job(job: JobSpec, result: JobResult, planned: PlannedJob | None) -> FailedJob:
    """What is kept of a result that failed."""
    assert result.error is not None
    return FailedJob(
        job_id=planned.job if planned is not None else "",
        plan_id=job.plan_id,
        scenario=job.scenario.name,
        index=job.index,
        attempts=result.attempts,
        error=result.error,
        command=job.command(),
    )


def status(out: Path) -> Status:
    """Counts what is planned, sealed, failed and running in a dataset. Raises NotFound for something else."""
    layout = Layout(out)
    layout.require()
    with contextlib.ExitStack() as stack:
        planned = sum(1 for _ in stack.enter_context(layout.plan.open("rb"))) if layout.plan.is_file() else 0
    sealed = len(layout.jobs())
    failed = len(list(layout.failures.glob("*.json")))
    asked: dict[str, dict[str, set[int]]] = {}
    running, frames_per_s, jobs_per_s = 0, 0.0, 0.0
    for log in sorted(layout.runs.glob("*.jsonl")):
        rows = _rows(log)
        head = next((row["run"] for row in rows if "run" in row), None)
        if head is None:
            continue
        made_by = next((json.dumps(row["ready"]) for row in rows if "ready" in row), _NOBODY_YET)
        for order in head["asked"]:
            samples = asked.setdefault(json.dumps(order["of"]), {}).setdefault(made_by, set())
            samples.update(index for first, end in order["samples"] for index in range(first, end))
        if not _at_work(log):
            continue
        begun = {row["started"]["number"] for row in rows if "started" in row}
        results = [row["ended"] for row in rows if "ended" in row]
        running += len(begun) - len({r["number"] for r in results})
        began = datetime.datetime.fromisoformat(head["started"])
        elapsed_s = (datetime.datetime.now(datetime.UTC) - began).total_seconds()
        if elapsed_s > 0:  # a clock that was set back since tells no rate
            frames_per_s += sum(r["frames"] for r in results) / elapsed_s
            jobs_per_s += sum(r["status"] == "sealed" for r in results) / elapsed_s
    for makers in asked.values():
        if len(makers) > 1:  # what is not ready, or never was, is taken for one of those that are
            makers[max(makers)] |= makers.pop(_NOBODY_YET, set())
    # Runs may ask for the same samples, or for more of them; what a merged dataset planned stands in its plan alone.
    planned = max(planned, sum(len(samples) for makers in asked.values() for samples in makers.values()))
    left = max(0, planned - sealed - failed)
    return Status(
        planned=planned,
        sealed=sealed,
        failed=failed,
        running=running,
        frames_per_s=frames_per_s,
        jobs_per_s=jobs_per_s,
        left_s=left / jobs_per_s if jobs_per_s > 0 else None,
    )


def _rows(log: Path) -> list[dict[str, Any]]:
    """What a run has told so far. Lines that are none, as after a loss of power, are passed over."""
    rows = []
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            row = json.loads(line)
            if isinstance(row, dict):
                rows.append(row)
    return rows


def _at_work(log: Path) -> bool:
    with log.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: whoever else looks is not at work
        except BlockingIOError:
            return True
    return False


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
