"""The only types that cross processes: what a worker is asked for, and what it answers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from simgen.dataset.canonical import canonical, plain, sha256
from simgen.language.logical import LogicalScenario
from simgen.sampling.concrete import ConcreteScenario


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JobSpec(_Frozen):
    """One episode to make.

    Attributes:
        source: the name or the path that the user gave; it stands in the reproducing command.
        scenario: a logical scenario, from which sample ``index`` is drawn with ``seed``; or a concrete one, as it is.
        number: position in the whole plan, from 0.
        renderer: a renderer's name, never "auto".
        out: the dataset's folder.
    """

    source: str
    scenario: LogicalScenario | ConcreteScenario
    overrides: tuple[str, ...] = ()
    seed: int
    index: int
    number: int
    renderer: str
    out: Path

    @property
    def plan_id(self) -> str:
        """32 hex digits that tell the job from others before its sample is drawn; the job id needs the sample."""
        if isinstance(self.scenario, ConcreteScenario):
            sources = [self.scenario.digest()]
        else:
            sources = [source.sha256 for source in self.scenario.sources]
        row = {
            "scenario": self.scenario.name,
            "sources": sources,
            "overrides": list(self.overrides),
            "seed": self.seed,
            "index": self.index,
            "renderer": self.renderer,
        }
        return sha256(canonical(plain(row)))[:32]

    def command(self) -> str:
        """The command that makes this one episode again."""
        words = ["simgen", "render", self.source]
        if isinstance(self.scenario, LogicalScenario):
            words += ["--seed", str(self.seed), "--index", str(self.index)]
        for override in self.overrides:
            words += ["--set", override]
        return shlex.join([*words, "--renderer", self.renderer, "--out", str(self.out)])


class JobError(_Frozen):
    """Why a job failed.

    Attributes:
        kind: name of the exception, "WorkerDied" or "TimeLimit".
        message: what the user is told.
        trace: the traceback, for what is not the user's mistake.
        mistake: whether it is the user's: such a job fails the same way again.
        retry: whether another attempt may end otherwise.
        stops_run: whether every other job would fail in the same way (the output cannot be written).
    """

    kind: str
    message: str
    trace: str = ""
    mistake: bool = False
    retry: bool = True
    stops_run: bool = False


class JobResult(_Frozen):
    """What became of a job. ``present``: it was sealed before and nothing was done. ``job_id`` is "" for a job whose
    sample was never drawn."""

    plan_id: str
    scenario: str
    index: int
    number: int
    status: Literal["sealed", "present", "failed"]
    job_id: str = ""
    frames: int = 0
    size_bytes: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    attempts: int = 1
    missed: tuple[str, ...] = ()
    cut_off: bool = False
    late_s: dict[str, float] = {}
    error: JobError | None = None
    worker_pid: int = 0
    resident_bytes: int = 0


class Started(_Frozen):
    """A worker took a job."""

    number: int
    scenario: str
    index: int
    worker_pid: int


class Drawn(_Frozen):
    """A worker drew the sample of a job: now its id is known."""

    number: int
    job_id: str
    scenario_digest: str


class Frames(_Frozen):
    """A worker wrote frames of a job since its last word."""

    number: int
    count: int


class TurnedDown(_Frozen):
    """A worker has drawn a sample so often in vain; ``why`` counts what turned the draws down."""

    number: int
    attempts: int
    why: str


class Ready(_Frozen):
    """A worker can take jobs. ``note`` is what the user should be told, once (a fallback of the renderer)."""

    renderer: str
    note: str = ""


Event = Started | Drawn | TurnedDown | Frames | JobResult
"""What a run tells while it goes on."""
