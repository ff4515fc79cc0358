"""The inside of a worker process: jobs come in through a pipe, results go out, and it ends when its driver does."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType

from simgen.core.errors import OutOfMemory, OutputError, RendererUnavailable, SimgenError
from simgen.farm.executors.protocol import OpenWorker, Worker
from simgen.farm.jobs import Drawn, Frames, JobError, JobResult, JobSpec, TurnedDown

_SAY_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class StartFailed:
    """A worker that cannot work, for a reason that the user can act on."""

    message: str


def serve(connection: Connection, open_worker: OpenWorker, renderer: str) -> None:
    """Main function of a worker process."""
    for of_the_terminal in (signal.SIGINT, signal.SIGHUP):  # reach the whole group; the driver decides what stops
        signal.signal(of_the_terminal, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with_driver, daemon=True).start()
    try:
        with open_worker(renderer) as worker:
            connection.send(worker.ready)
            while True:
                job = connection.recv()
                connection.send(_attempt(worker, job, connection))
    except SimgenError as error:
        connection.send(StartFailed(str(error)))
    except (EOFError, ConnectionError):
        return


def _stop(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)  # unwinds the stack, so that a half-written episode is removed


def _end_with_driver() -> None:
    """Ends this process as soon as the one that spawned it is gone, even by SIGKILL, whatever it is doing."""
    driver = multiprocessing.parent_process()
    assert driver is not None
    wait([driver.sentinel])
    os._exit(1)


def _attempt(worker: Worker, job: JobSpec, connection: Connection) -> JobResult:
    started, cpu_started = time.monotonic(), time.process_time()
    said, unsaid = started, 0

    def tell(event: Drawn | Frames | TurnedDown) -> None:
        nonlocal said, unsaid
        if not isinstance(event, Frames):
            connection.send(event)
            return
        unsaid += event.count
        if time.monotonic() - said >= _SAY_EVERY_S:
            connection.send(Frames(number=job.number, count=unsaid))
            said, unsaid = time.monotonic(), 0

    try:
        result = worker.work(job, tell)
    except Exception as error:  # whatever a job does, the farm goes on; the trace is kept with the failure
        result = failure(job, described(error))
    return result.model_copy(
        update={
            "wall_s": time.monotonic() - started,
            "cpu_s": time.process_time() - cpu_started,
            "worker_pid": os.getpid(),
            "resident_bytes": resident_bytes(),
        }
    )


def described(error: Exception) -> JobError:
    """The error as a result carries it.

    A sample that cannot be is the same every time. A renderer that fails in the middle (a lost context) may work in
    another process, and memory that was short may be there later. An output that cannot be written fails every job.
    """
    if isinstance(error, SimgenError):
        retry = isinstance(error, RendererUnavailable | OutOfMemory)
        return JobError(
            kind=type(error).__name__,
            message=str(error),
            mistake=error.exit_code == 2 and not retry,
            retry=retry,
            stops_run=isinstance(error, OutputError),
        )
    return JobError(
        kind=type(error).__name__,
        message=str(error) or type(error).__name__,
        trace="".join(traceback.format_exception(error)),
    )


def failure(job: JobSpec, error: JobError, *, attempts: int = 1, wall_s: float = 0.0, worker_pid: int = 0) -> JobResult:
    """The result of a job that failed."""
    return JobResult(
        plan_id=job.plan_id,
        scenario=job.scenario.name,
        index=job.index,
        number=job.number,
        status="failed",
        attempts=attempts,
        wall_s=wall_s,
        error=error,
        worker_pid=worker_pid or os.getpid(),
    )


def resident_bytes() -> int:
    """Memory that this process holds now (Linux); 0 where it cannot be told."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.is_file() else 0
