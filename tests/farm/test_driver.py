"""A whole run with fake workers: ledger, failures, plan, summary, status."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import resource
import shlex
import shutil
from pathlib import Path

import pytest

from simgen.core.errors import (
    DatasetFault,
    ExpectationMissed,
    NotFound,
    OutOfMemory,
    OutputError,
    RendererUnavailable,
    ScenarioRejected,
    SimgenError,
)
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import read_plan
from simgen.farm import driver
from simgen.farm.executors.local import RunStopped
from simgen.farm.executors.process import described
from simgen.farm.jobs import Event, JobResult, Ready, Started
from simgen.farm.ledger import FailedJob, Late, RunLog, status
from simgen.farm.planning import Order, Plan, Shard, orders
from simgen.sampling.concrete import ConcreteScenario, Use
from tests.farm.fakes import open_fake


def plan(*overrides: str, count: int = 4, shard: Shard | None = None) -> Plan:
    scenario = ConcreteScenario(concrete="fake", seed=1, index=0, setting=Use(name="two_lane_urban"))
    one = Order(source="a b.yaml", scenario=scenario, overrides=overrides, seed=1, indices=range(count))
    return Plan(orders=(one,), shard=shard or Shard())


def test_a_run_keeps_a_ledger_and_sets_failures_aside(tmp_path: Path) -> None:
    out = tmp_path / "out"
    events: list[Ready | Event] = []
    summary = driver.run(plan("reject", "only=2"), out, workers=2, open_worker=open_fake, on_event=events.append)
    assert (summary.sealed, summary.failed, summary.present) == (3, 1, 0)
    assert (summary.frames, summary.size_bytes, summary.renderer) == (6, 30, "tiny")
    assert [e for e in events if isinstance(e, Ready)] == [Ready(renderer="tiny", note="told once")]
    assert sum(isinstance(e, JobResult) for e in events) == 4

    (path,) = (out / "failures").iterdir()
    failed = FailedJob.model_validate_json(path.read_bytes())
    assert failed.error.message == "actors.van: no room for the van"
    words = shlex.split(failed.command)
    assert words[:3] == ["simgen", "render", "a b.yaml"]
    assert words[words.index("--out") + 1] == str(out)

    assert [job.index for job in read_plan(out)] == [0, 1, 2, 3]
    (log,) = (out / "runs").glob("*.jsonl")
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert sum("started" in row for row in rows) == sum("ended" in row for row in rows) == 4
    (record,) = (out / "runs").glob("*Z-*.json")
    assert json.loads(record.read_text())["summary"]["failed"] == 1
    assert json.loads((out / "dataset.json").read_text())["merkle_root"] == summary.merkle_root

    found = status(out)
    assert (found.planned, found.failed, found.running) == (4, 1, 0)


def test_a_job_that_succeeds_later_leaves_failures(tmp_path: Path) -> None:
    out = tmp_path / "out"
    orders = ("reject_once", "only=1")
    assert driver.run(plan(*orders), out, workers=1, open_worker=open_fake).failed == 1
    assert len(list((out / "failures").iterdir())) == 1
    assert driver.run(plan(*orders), out, workers=1, open_worker=open_fake).failed == 0
    assert list((out / "failures").iterdir()) == []


def test_episodes_that_were_cut_off_are_counted(tmp_path: Path) -> None:
    run = driver.run(plan("cut_off", count=3), tmp_path / "out", workers=1, open_worker=open_fake)
    assert run.cut_off == 3
    assert driver.run(plan(count=3), tmp_path / "other", workers=1, open_worker=open_fake).cut_off == 0


def test_events_that_began_too_late_are_counted_and_the_worst_is_known(tmp_path: Path) -> None:
    run = driver.run(plan("late", count=3), tmp_path / "out", workers=1, open_worker=open_fake)
    assert run.late == {"crosses": Late(episodes=3, at_most_s=0.75)}
    assert driver.run(plan(count=3), tmp_path / "other", workers=1, open_worker=open_fake).late == {}


def test_a_shard_runs_its_part(tmp_path: Path) -> None:
    summary = driver.run(plan(count=5, shard=Shard(1, 2)), tmp_path / "out", workers=1, open_worker=open_fake)
    assert (summary.planned, summary.shard_jobs, summary.sealed) == (5, 2, 2)
    assert [job.index for job in read_plan(tmp_path / "out")] == [1, 3]


def test_outputs_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(OutputError, match="not of a simgen dataset"):
        driver.run(plan(), tmp_path, workers=1, open_worker=open_fake)
    assert [p.name for p in tmp_path.iterdir()] == ["diary.txt"]
    with pytest.raises(RunStopped, match="no space left"):
        driver.run(plan("disk_full"), tmp_path / "out", workers=1, open_worker=open_fake)
    with pytest.raises(NotFound):
        status(tmp_path / "nothing")


def test_nothing_is_left_of_a_run_that_could_make_nothing(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with pytest.raises(driver.NothingMade) as caught:
        driver.run(plan("reject", count=3), out, workers=1, open_worker=open_fake)
    told = str(caught.value).splitlines()
    assert told == ["actors.van: no room for the van", "none of the 3 episodes can be made"]
    assert caught.value.exit_code == 2
    with pytest.raises(RunStopped):
        driver.run(plan("disk_full"), out, workers=1, open_worker=open_fake)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["attempts"]

    out.mkdir(parents=True)
    with pytest.raises(driver.NothingMade):
        driver.run(plan("reject"), out, workers=1, open_worker=open_fake)
    assert list(out.iterdir()) == []


def test_what_a_run_found_stays_when_it_could_make_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    driver.run(plan("error", count=1), out, workers=1, open_worker=open_fake)
    (failure,) = (out / "failures").iterdir()
    with pytest.raises(driver.NothingMade):
        driver.run(plan("reject", count=1), out, workers=1, open_worker=open_fake)
    assert "no room for the van" in failure.read_text()
    assert len(list((out / "runs").glob("*.jsonl"))) == 2


def test_a_shard_that_can_make_nothing_sets_it_aside_whichever_of_them_is_first(tmp_path: Path) -> None:
    left = []
    for order in ((0, 1), (1, 0)):
        out = tmp_path / str(order)
        for index in order:
            part = plan("reject", "only=0", count=2, shard=Shard(index, 2))
            summary = driver.run(part, out, workers=1, open_worker=open_fake)
            assert summary.failed == (index == 0)
        left.append([(out / "plan.jsonl").read_bytes(), *(path.name for path in (out / "failures").iterdir())])
    assert left[0] == left[1] and len(left[0]) == 2


def test_what_there_is_to_find_out_stays(tmp_path: Path) -> None:
    """A job crashes, and after it the disk is full."""
    out = tmp_path / "out"
    crash = plan("error", "only=0", count=1).orders[0]
    full = dataclasses.replace(crash, overrides=("disk_full",), seed=2)
    with pytest.raises(RunStopped):
        driver.run(Plan(orders=(crash, full), shard=Shard()), out, workers=1, open_worker=open_fake)
    (path,) = (out / "failures").iterdir()
    assert "ZeroDivisionError" in path.read_text()


def test_a_run_begins_anew_what_another_has_just_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, claim = tmp_path / "out", Layout.claim
    gone = []

    def claimed(self: Layout) -> object:
        made = claim(self)
        if not gone:
            gone.append(True)
            shutil.rmtree(out)
        return made

    monkeypatch.setattr(Layout, "claim", claimed)
    with pytest.raises(SimgenError), RunLog(out, "simgen render", asked=[ASKED]):
        assert len(list((out / "runs").iterdir())) == 1
        raise SimgenError("a mistake")
    assert gone and not out.exists()


def test_a_damaged_plan_is_told_before_any_work(tmp_path: Path) -> None:
    out = tmp_path / "out"
    driver.run(plan(count=2), out, workers=1, open_worker=open_fake)
    (tmp_path / "attempts").unlink()
    written = (out / "plan.jsonl").read_bytes()
    (out / "plan.jsonl").write_bytes(written[:-20])
    with pytest.raises(DatasetFault, match=r"plan\.jsonl:2: not a readable job"):
        driver.run(plan(count=4), out, workers=1, open_worker=open_fake)
    assert not (tmp_path / "attempts").exists()
    assert (out / "plan.jsonl").read_bytes() == written[:-20]


def test_a_missed_expectation_is_a_finding_and_no_mistake() -> None:
    assert described(ScenarioRejected("no room")).mistake
    assert not described(ExpectationMissed("it did not hold")).mistake
    assert not described(RendererUnavailable("the context is lost")).mistake
    assert not described(ZeroDivisionError()).mistake


def test_what_may_go_well_in_another_process_is_tried_again() -> None:
    for error in (RendererUnavailable("the context is lost"), OutOfMemory("no memory is left")):
        told = described(error)
        assert (told.retry, told.mistake, told.stops_run, told.trace) == (True, False, False, "")
    assert not described(ScenarioRejected("no room")).retry


def test_a_run_beside_another_one_takes_nothing_back(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(SimgenError), RunLog(out, "simgen render", asked=[ASKED]):
        with RunLog(out, "simgen render", asked=[ASKED]):
            pass
        raise SimgenError("a mistake")
    assert len(list((out / "runs").iterdir())) == 2


ASKED = {"of": ["x", 1], "samples": [[0, 5], [7, 11]]}


def test_status_adds_up_what_different_runs_asked_for(tmp_path: Path) -> None:
    Layout(tmp_path).claim()
    for order in (ASKED, {"of": ["x", 1], "samples": [[0, 8]]}, {"of": ["y", 1], "samples": [[0, 2]]}):
        with RunLog(tmp_path, "simgen render", asked=[order]):
            pass
    assert status(tmp_path).planned == 11 + 2


def test_status_counts_once_what_is_asked_for_again_and_apart_what_another_renderer_makes(tmp_path: Path) -> None:
    def ask(renderer: str | None) -> None:
        with RunLog(tmp_path, "simgen render", asked=[ASKED]) as log:
            if renderer is not None:
                log.ready(renderer)

    for renderer, planned in ((None, 9), ("raster", 9), ("raster", 9), ("tiny", 18), (None, 18)):
        ask(renderer)
        assert status(tmp_path).planned == planned


def test_what_is_asked_for_is_the_same_wherever_the_file_lies_and_another_when_it_is_edited(tmp_path: Path) -> None:
    text = "simgen: 1\nscenario: s\nsetting: {road: two_lane_urban}\nactors: {}\nend: time > 1 s\n"
    text = text.replace("actors: {}", "sensors: {top: {camera: {mount: world}}}")
    here, there, edited = (tmp_path / name for name in ("here.yaml", "there.yaml", "edited.yaml"))
    for path in (here, there):
        path.write_text(text)
    edited.write_text(text.replace("1 s", "2 s"))
    of = [orders(str(path), count=1)[0].asked()["of"] for path in (here, there, edited)]
    assert of[0] == of[1] != of[2]


def test_status_passes_over_lines_that_a_loss_of_power_left(tmp_path: Path) -> None:
    Layout(tmp_path).claim()
    with RunLog(tmp_path, "simgen render", asked=[ASKED]):
        pass
    (log,) = (tmp_path / "runs").iterdir()
    log.write_bytes(log.read_bytes() + b"\0\0\0\n[1]\n\xff{\n" + b'{"started": ')
    (tmp_path / "runs" / "empty.jsonl").write_bytes(b"\0\0\n")
    assert status(tmp_path).planned == 9


def test_status_tells_no_rate_when_the_clock_was_set_back(tmp_path: Path) -> None:
    result = JobResult(plan_id="p", scenario="s", index=0, number=0, status="sealed", frames=10)
    Layout(tmp_path).claim()
    with RunLog(tmp_path, "simgen render", asked=[ASKED]) as log:
        log.started(Started(number=0, scenario="s", index=0, worker_pid=1))
        log.ended(result)
        (path,) = (tmp_path / "runs").iterdir()
        path.write_text(path.read_text().replace('"started": "20', '"started": "30'))
        told = status(tmp_path)
    assert (told.frames_per_s, told.jobs_per_s, told.left_s) == (0, 0, None)


def test_who_looks_is_not_taken_for_a_run_at_work(tmp_path: Path) -> None:
    Layout(tmp_path).claim()
    with RunLog(tmp_path, "simgen render", asked=[ASKED]) as log:
        log.started(Started(number=0, scenario="s", index=0, worker_pid=1))
    (path,) = (tmp_path / "runs").iterdir()
    with path.open("rb") as another:
        fcntl.flock(another, fcntl.LOCK_SH)
        assert status(tmp_path).running == 0


def test_status_tells_a_run_at_work_from_one_that_ended(tmp_path: Path) -> None:
    (tmp_path / "episodes").mkdir()
    with RunLog(tmp_path, "simgen render", asked=[ASKED]) as log:
        log.started(Started(number=0, scenario="fake", index=0, worker_pid=1))
        assert (status(tmp_path).running, status(tmp_path).planned) == (1, 9)
    assert status(tmp_path).running == 0


@pytest.mark.parametrize("room_bytes", [10, 2000])
def test_a_disk_that_is_full_for_the_log_is_told_and_nothing_stays(tmp_path: Path, room_bytes: int) -> None:
    out = tmp_path / "new" / "out"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, hard))  # as a full disk does, it refuses what comes after
    try:
        with (
            pytest.raises(OutputError, match=r"\.jsonl: cannot write: File too large; .*choose another --out"),
            RunLog(out, "simgen render", asked=[]) as log,
        ):
            for number in range(100):
                log.started(Started(number=number, scenario="a", index=number, worker_pid=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir(parents=True)
    (tmp_path / "episodes").mkdir()
    (tmp_path / "failures").touch()
    with pytest.raises(OutputError, match=r"failures: cannot write: File exists; .*; choose another --out"):
        driver.run(plan("error", count=1), tmp_path, workers=1, open_worker=open_fake)
