"""Workers that do as a job's overrides say, for tests of the farm without physics or pictures."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from simgen.core.errors import OutputError, RendererUnavailable, ScenarioRejected
from simgen.farm.jobs import Drawn, Frames, JobResult, JobSpec, Ready
from simgen.sampling.concrete import ConcreteScenario, Use

_BORN = b"OPENBLAS_NUM_THREADS=1" in Path("/proc/self/environ").read_bytes().split(b"\0")


class FakeWorker:
    """Obeys ``job.overrides``: words such as ``kill``, ``hang``, ``error``, ``reject``, ``disk_full``, ``grow``.

    ``kill_once`` and ``reject_once`` act the first time only; ``only=N`` restricts all of them to sample N. Every
    attempt leaves a line in ``attempts`` beside the output: job, process, threads of the rasterizer, and whether the
    process was born with a number of threads for linear algebra.
    """

    def __init__(self, renderer: str) -> None:
        self.ready = Ready(renderer="tiny" if renderer == "auto" else renderer, note="told once")
        self._ballast = b""

    def work(self, job: JobSpec, tell: Callable[[Drawn | Frames], None]) -> JobResult:
        job.out.mkdir(parents=True, exist_ok=True)
        attempts = job.out.parent / "attempts"
        with attempts.open("a") as log:
            log.write(f"{job.number} {os.getpid()} {os.environ['LP_NUM_THREADS']} {_BORN}\n")
        tried = sum(line.startswith(f"{job.number} ") for line in attempts.read_text().splitlines())
        tell(Drawn(number=job.number, job_id=f"{job.index:032x}", scenario_digest="0" * 64))
        orders = dict(o.split("=") if "=" in o else (o, "") for o in job.overrides)
        if orders.get("only") in (None, str(job.index)):
            self._obey(orders, tried)
        tell(Frames(number=job.number, count=2))
        return JobResult(
            plan_id=job.plan_id,
            scenario=job.scenario.name,
            index=job.index,
            number=job.number,
            status="sealed",
            job_id=f"{job.index:032x}",
            frames=2,
            size_bytes=10,
            cut_off="cut_off" in orders,
            late_s={"crosses": 0.25 * (1 + job.index)} if "late" in orders else {},
        )

    def _obey(self, orders: dict[str, str], tried: int) -> None:
        if "sleep" in orders:
            time.sleep(float(orders["sleep"]))
        if "kill" in orders or ("kill_once" in orders and tried == 1):
            os.kill(os.getpid(), signal.SIGKILL)
        if "hang" in orders:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            time.sleep(600)
        if "error" in orders:
            raise ZeroDivisionError("a bug")
        if "reject" in orders or ("reject_once" in orders and tried == 1):
            raise ScenarioRejected("no room for the van", where="actors.van")
        if "disk_full" in orders:
            raise OutputError("no space left", where="out")
        if "grow" in orders:
            self._ballast = os.urandom(1) * 200_000_000


@contextlib.contextmanager
def open_fake(renderer: str) -> Iterator[FakeWorker]:
    if renderer == "missing":
        raise RendererUnavailable("no EGL", remedy="install libegl1")
    if renderer == "dies":
        os._exit(3)
    yield FakeWorker(renderer)


def job(out: Path, index: int = 0, *orders: str) -> JobSpec:
    scenario = ConcreteScenario(concrete="fake", seed=1, index=index, setting=Use(name="two_lane_urban"))
    return JobSpec(
        source="fake", scenario=scenario, overrides=orders, seed=1, index=index, number=index, renderer="tiny", out=out
    )
