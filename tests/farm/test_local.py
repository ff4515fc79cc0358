"""The local executor against workers that die, hang, fail and grow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simgen.farm.executors.local import LocalExecutor, RunStopped, WorkersFail
from simgen.farm.executors.protocol import Limits
from simgen.farm.jobs import Frames, JobResult, JobSpec, Started
from tests.farm.fakes import job, open_fake


def results(executor: LocalExecutor, jobs: list[JobSpec]) -> dict[int, JobResult]:
    events = list(executor.run(iter(jobs)))
    found = [e for e in events if isinstance(e, JobResult)]
    assert len({r.number for r in found}) == len(found) == len(jobs)
    assert {e.number for e in events if isinstance(e, Started)} == {j.number for j in jobs}
    assert all(e.count > 0 for e in events if isinstance(e, Frames))
    return {r.number: r for r in found}


@pytest.fixture
def two() -> Iterator[LocalExecutor]:
    with LocalExecutor(open_fake, renderer="auto", workers=2, limits=Limits(time_s=60)) as e:
        yield e


def pids(out: Path, number: int) -> list[str]:
    return [
        line.split()[1] for line in (out.parent / "attempts").read_text().splitlines() if line.split()[0] == str(number)
    ]


def test_what_goes_wrong_in_one_job_does_not_touch_the_others(two: LocalExecutor, tmp_path: Path) -> None:
    assert two.ready().renderer == "tiny"
    orders = {1: "kill", 2: "kill_once", 3: "error", 4: "reject"}
    jobs = [job(tmp_path, i, orders[i]) if i in orders else job(tmp_path, i) for i in range(8)]
    found = results(two, jobs)
    assert {n for n, r in found.items() if r.status == "failed"} == {1, 3, 4}

    dead, trapped, rejected = found[1].error, found[3].error, found[4].error
    assert dead is not None and dead.kind == "WorkerDied" and "SIGKILL" in dead.message
    assert "runs out of memory; fewer --workers" in dead.message
    assert found[1].attempts == 3 and len(set(pids(tmp_path, 1))) == 3
    assert found[2].status == "sealed" and found[2].attempts == 2
    assert trapped is not None and "ZeroDivisionError: a bug" in trapped.trace
    assert found[3].attempts == 3 and len(set(pids(tmp_path, 3))) == 3, "each attempt has a process of its own"
    assert rejected is not None and rejected.message == "actors.van: no room for the van"
    assert found[4].attempts == 1, "a sample that cannot be drawn is the same every time"


def test_a_worker_is_born_with_its_environment_and_the_drivers_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries read how many threads they may have when they are loaded, which is before a worker's first line."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("LP_NUM_THREADS", "3")
    with LocalExecutor(open_fake, renderer="tiny", workers=1) as executor:
        results(executor, [job(tmp_path / "out")])
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    threads, born = (tmp_path / "attempts").read_text().split()[2:]
    assert (threads, born) == ("3", "True"), "what the user has set goes before"


def test_a_worker_that_grew_is_replaced(tmp_path: Path) -> None:
    with LocalExecutor(open_fake, renderer="tiny", workers=1, limits=Limits(resident_bytes=150_000_000)) as executor:
        found = results(executor, [job(tmp_path, 0), job(tmp_path, 1, "grow"), job(tmp_path, 2)])
    assert found[0].worker_pid == found[1].worker_pid != found[2].worker_pid


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGHUP])
def test_what_a_terminal_sends_to_all_is_the_drivers_to_decide(signum: int, tmp_path: Path) -> None:
    with LocalExecutor(open_fake, renderer="tiny", workers=1) as executor:
        for event in executor.run(iter([job(tmp_path, 0, "sleep=0.5")])):
            if isinstance(event, Started):
                os.kill(event.worker_pid, signum)
    assert isinstance(event, JobResult) and (event.status, event.attempts) == ("sealed", 1)


def test_a_hung_job_is_killed(tmp_path: Path) -> None:
    limits = Limits(time_s=0.5, retries=0)
    with LocalExecutor(open_fake, renderer="tiny", workers=1, limits=limits) as executor:
        found = results(executor, [job(tmp_path, 0, "hang"), job(tmp_path, 1)])
    assert found[0].error is not None and found[0].error.kind == "TimeLimit"
    assert found[1].status == "sealed"


def test_a_run_that_cannot_work_stops(tmp_path: Path) -> None:
    with (
        LocalExecutor(open_fake, renderer="tiny", workers=1) as executor,
        pytest.raises(RunStopped, match="no space left"),
    ):
        results(executor, [job(tmp_path, 0, "disk_full"), job(tmp_path, 1)])
    with LocalExecutor(open_fake, renderer="missing", workers=1) as executor, pytest.raises(RunStopped) as stopped:
        executor.ready()
    assert "install libegl1" in str(stopped.value)
    with (
        LocalExecutor(open_fake, renderer="dies", workers=1) as executor,
        pytest.raises(WorkersFail, match="exited with 3"),
    ):
        executor.ready()


_DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.farm.fakes import job, open_fake
from simgen.farm.executors.local import LocalExecutor
from simgen.farm.jobs import Started
if __name__ == "__main__":
    with LocalExecutor(open_fake, renderer="tiny", workers=2) as executor:
        for event in executor.run(job(Path({out!r}), i, "hang") for i in range(2)):
            if isinstance(event, Started):
                print(event.worker_pid, flush=True)
"""


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.is_file() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="reads process states from /proc")
def test_workers_end_with_a_driver_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "driver.py"
    script.write_text(_DRIVER.format(root=str(Path(__file__).parents[2]), out=str(tmp_path / "out")))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        workers = [int(driver.stdout.readline()) for _ in range(2)]
        assert all(alive(pid) for pid in workers)
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in workers)
