"""Spawned processes on this machine. A worker that dies, hangs or grows is replaced; its job is tried again."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from simgen.core.errors import SimgenError
from simgen.farm.cores import worker_environment
from simgen.farm.executors.process import StartFailed, failure, serve
from simgen.farm.executors.protocol import Executor, Limits, OpenWorker
from simgen.farm.jobs import Drawn, Event, Frames, JobError, JobResult, JobSpec, Ready, Started, TurnedDown

_STOP_S = 5.0
_SHORT_OF_MEMORY = ", as a system does that runs out of memory; fewer --workers or a lower resolution take less"
_DEATHS_AT_START = 3


class WorkersFail(SimgenError):
    """Workers that die before they are ready."""

    exit_code = 1


class RunStopped(SimgenError):
    """Something in which every job would fail alike: no renderer, an output that cannot be written."""


@dataclass(slots=True)
class _Attempt:
    job: JobSpec
    number: int
    deadline: float = 0.0
    started: float = 0.0


@dataclass(slots=True, eq=False)
class _Process:
    process: SpawnProcess
    connection: Connection
    deadline: float
    is_ready: bool = False
    attempt: _Attempt | None = None

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()

    def death(self) -> str:
        self.process.join(1.0)
        code = self.process.exitcode
        if code is not None and code < 0:
            killed = f"worker {self.process.pid} was killed by {signal.Signals(-code).name}"
            return f"{killed}{_SHORT_OF_MEMORY}" if -code == signal.SIGKILL else killed
        return f"worker {self.process.pid} exited with {code}"


@contextmanager
def _completed(environment: Mapping[str, str]) -> Iterator[None]:
    """Environment variables that the user has not set are set inside the block. A process that starts there has them
    from its birth: libraries for linear algebra read how many threads they may have when they are loaded."""
    missing = {name: value for name, value in environment.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


class LocalExecutor(Executor):
    """``workers`` processes, each with a renderer of its own.

    Args:
        open_worker: opens the worker in the spawned process.
        renderer: handed to ``open_worker``.
    """

    def __init__(self, open_worker: OpenWorker, *, renderer: str, workers: int, limits: Limits | None = None) -> None:
        self._open_worker = open_worker
        self._renderer = renderer
        self._limits = limits or Limits()
        self._environment = worker_environment(workers)
        self._context = multiprocessing.get_context("spawn")
        self._deaths_at_start = 0
        self._first: Ready | None = None
        self._idle: deque[_Process] = deque()
        self._processes: list[_Process] = []
        for _ in range(workers):
            self._spawn()

    def ready(self) -> Ready:
        while self._first is None:
            for _ in self._step():
                pass
        return self._first

    def run(self, jobs: Iterator[JobSpec]) -> Iterator[Event]:
        again: deque[_Attempt] = deque()
        more = True
        while True:
            while self._idle:
                attempt = again.popleft() if again else None
                if attempt is None:
                    job = next(jobs, None) if more else None
                    more = job is not None
                    if job is None:
                        break
                    attempt = _Attempt(job, 1)
                yield from self._give(self._idle.popleft(), attempt)
            if not again and not more and not any(p.attempt for p in self._processes):
                return
            for event in self._step():
                if isinstance(event, _Attempt):
                    again.append(event)
                else:
                    yield event

    def close(self) -> None:
        for process in self._processes:
            process.process.terminate()
        deadline = time.monotonic() + _STOP_S
        for process in self._processes:
            process.process.join(max(0.0, deadline - time.monotonic()))
            process.kill()
        self._processes.clear()
        self._idle.clear()

    def _spawn(self) -> None:
        mine, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._open_worker, self._renderer), name="simgen-worker"
        )
        with _completed(self._environment):
            process.start()
        theirs.close()
        self._processes.append(_Process(process, mine, time.monotonic() + self._limits.start_s))

    def _replace(self, process: _Process) -> None:
        process.kill()
        self._processes.remove(process)
        if process in self._idle:
            self._idle.remove(process)
        self._spawn()

    def _give(self, process: _Process, attempt: _Attempt) -> Iterator[Event]:
        attempt.started = time.monotonic()
        attempt.deadline = attempt.started + self._limits.time_s
        process.attempt = attempt
        job = attempt.job
        try:
            process.connection.send(job)
        except OSError:  # it died while idle; the next step sees its end and tries the job again
            return
        yield Started(
            number=job.number, scenario=job.scenario.name, index=job.index, worker_pid=process.process.pid or 0
        )

    def _step(self) -> Iterator[Event | _Attempt]:
        """Waits for something to happen and settles it; yields events, and attempts to be made."""
        now = time.monotonic()
        deadlines = [
            p.attempt.deadline if p.attempt else p.deadline for p in self._processes if p.attempt or not p.is_ready
        ]
        timeout = max(0.0, min(deadlines, default=now + 1.0) - now)
        by_source: dict[object, _Process] = {}
        for process in self._processes:
            by_source[process.connection] = process
            by_source[process.process.sentinel] = process
        happened = {id(by_source[s]): by_source[s] for s in wait(list(by_source), timeout)}  # type: ignore[arg-type]
        for process in happened.values():
            yield from self._hear(process)
        now = time.monotonic()
        for process in list(self._processes):
            if process.attempt is not None and now >= process.attempt.deadline:
                yield from self._lose(process, "TimeLimit", f"no end after {self._limits.time_s:g} s")
            elif not process.is_ready and now >= process.deadline:
                yield from self._lose(process, "TimeLimit", f"a worker was not ready after {self._limits.start_s:g} s")

    def _hear(self, process: _Process) -> Iterator[Event | _Attempt]:
        try:
            while process.connection.poll():
                message = process.connection.recv()
                if isinstance(message, Ready):
                    process.is_ready = True
                    self._deaths_at_start = 0
                    self._first = self._first or message
                    self._idle.append(process)
                elif isinstance(message, StartFailed):
                    raise RunStopped(message.message)
                elif isinstance(message, Drawn | Frames | TurnedDown):
                    yield message
                else:
                    yield from self._settle(process, message)
                    return
        except (EOFError, ConnectionError):
            yield from self._lose(process, "WorkerDied", process.death())

    def _settle(self, process: _Process, result: JobResult) -> Iterator[Event | _Attempt]:
        attempt, process.attempt = process.attempt, None
        assert attempt is not None
        doubtful = result.error is not None and result.error.retry
        if result.error is not None and result.error.stops_run:
            raise RunStopped(result.error.message)
        if doubtful or result.resident_bytes > self._limits.resident_bytes:
            self._replace(process)
        else:
            self._idle.append(process)
        if doubtful and attempt.number <= self._limits.retries:
            yield _Attempt(attempt.job, attempt.number + 1)
        else:
            yield result.model_copy(update={"attempts": attempt.number})

    def _lose(self, process: _Process, kind: str, message: str) -> Iterator[Event | _Attempt]:
        """A worker is gone, or must go."""
        attempt, was_ready = process.attempt, process.is_ready
        if not was_ready:
            self._deaths_at_start += 1
            if self._deaths_at_start >= _DEATHS_AT_START:
                raise WorkersFail(f"workers cannot start: {message}", remedy="simgen doctor says what is missing")
        self._replace(process)
        if attempt is None:
            return
        if attempt.number <= self._limits.retries:
            yield _Attempt(attempt.job, attempt.number + 1)
            return
        yield failure(
            attempt.job,
            JobError(kind=kind, message=message),
            attempts=attempt.number,
            wall_s=time.monotonic() - attempt.started,
            worker_pid=process.process.pid or 0,
        )
