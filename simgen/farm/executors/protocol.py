"""What every executor answers to, and what a worker is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from simgen.farm.jobs import Drawn, Event, Frames, JobResult, JobSpec, Ready, TurnedDown


class Worker(Protocol):
    """What one process does: made once, then asked job by job."""

    ready: Ready

    def work(self, job: JobSpec, tell: Callable[[Drawn | Frames | TurnedDown], None]) -> JobResult:
        """Does one job and tells how it goes; raises whatever goes wrong."""
        ...


OpenWorker = Callable[[str], AbstractContextManager[Worker]]
"""Opens a worker for a renderer ("auto" too) in the process that will use it. A function of a module, so that a
spawned process can import it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When an attempt or a worker is given up.

    Attributes:
        time_s: wall time of one attempt.
        start_s: wall time until a new worker must be ready.
        resident_bytes: a worker that holds more after a job is replaced.
        retries: further attempts after the first one.
    """

    time_s: float = 1800.0
    start_s: float = 180.0
    resident_bytes: int = 3 * 2**30
    retries: int = 2


class Executor(ABC):
    """Runs jobs somewhere. A context manager: workers live as long as it does."""

    @abstractmethod
    def ready(self) -> Ready:
        """Waits for the first worker and tells which renderer it has. Raises what kept it from starting."""

    @abstractmethod
    def run(self, jobs: Iterator[JobSpec]) -> Iterator[Event]:
        """Takes jobs as workers become free and yields what happens; one JobResult per job."""

    @abstractmethod
    def close(self) -> None:
        """Stops all workers; what is not sealed is discarded."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
