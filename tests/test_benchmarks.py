"""What tools/bench adds up, compares and tells; how fast anything is, no test says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import benchmarks.baseline
    import benchmarks.memory
    import benchmarks.row
    import benchmarks.stages

    yield benchmarks
    for name in [n for n in sys.modules if n.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


def test_only_ratios_that_became_worse_are_told(benchmarks: ModuleType, tmp_path: Path) -> None:
    row, baseline = benchmarks.row.compared, benchmarks.baseline
    before = [
        row("cost", 1.0, "s", "base", 2.0),
        row("rate", 4.0, "1/s", "base", 2.0, "higher"),
        row("tiny", 0.001, "s", "base", 1.0),
        row("same", 1.0, "s", "base", 1.0),
    ]
    file = tmp_path / "baseline.json"
    file.write_text(baseline.as_json({}, before))
    kept = baseline.read(file)
    assert list(kept.values()) == before
    now = [
        row("cost", 1.4, "s", "base", 2.0),
        row("rate", 2.8, "1/s", "base", 2.0, "higher"),
        row("tiny", 0.01, "s", "base", 1.0),
        row("same", 1.2, "s", "base", 1.0),
        row("new", 9.0, "s", "base", 1.0),
    ]
    told = list(baseline.worse(now, kept, 0.3))
    assert [line.partition(":")[0] for line in told] == ["cost", "rate"]
    assert "worse by 40 %" in told[0]
    assert list(baseline.worse(before, kept, 0.0)) == []
    better = [row("cost", 0.1, "s", "base", 2.0), row("rate", 40.0, "1/s", "base", 2.0, "higher")]
    assert list(baseline.worse(better, kept, 0.3)) == []


def test_ratios_come_first(benchmarks: ModuleType) -> None:
    rows = [
        benchmarks.row.Row(name="alone", value=1.0, unit="s"),
        benchmarks.row.compared("ratio", 3.0, "s", "base", 2.0),
    ]
    first, second = benchmarks.row.table(rows).splitlines()
    assert first.startswith("ratio") and "1.500 × base" in first
    assert second.startswith("alone")


def test_a_stage_counts_its_own_time_alone(benchmarks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 4.0, 6.0])  # outer begins, inner begins and ends, outer ends
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    stages = benchmarks.stages.Stages()
    with stages.stage("write"), stages.stage("encode"):
        pass
    assert stages.wall_s["write"] == 3.0
    assert stages.wall_s["encode"] == 3.0
    assert sum(stages.wall_s.values()) == 6.0


def test_stages_are_timed_only_while_measured_and_make_the_same_episode(benchmarks: ModuleType, tmp_path: Path) -> None:
    import simgen
    from simgen import episode
    from simgen.rendering import select_renderer
    from simgen.simulation.world import World
    from tests.small import SMALL

    before = (episode.label, World.advance, episode.EpisodeWriter.write)
    stages = benchmarks.stages.Stages()
    short = simgen.load("dropped_object", (*SMALL["dropped_object"], "end=time > 0.2 s"))
    scenario = simgen.sample(short, index=0)
    with select_renderer("tiny") as renderer:
        with benchmarks.stages.measured(stages, type(renderer)):
            made = episode.render_episode(scenario, tmp_path / "staged", renderer)
        assert (episode.label, World.advance, episode.EpisodeWriter.write) == before
        again = episode.render_episode(scenario, tmp_path / "usual", renderer)
    assert made == again
    assert min(stages.wall_s.values()) > 0.0, stages.wall_s


def test_memory_after_so_many_frames(benchmarks: ModuleType) -> None:
    growth = benchmarks.memory.Growth(frames=[40, 90, 160], resident_mb=[10.0, 11.0, 12.0])
    assert growth.after(40) == 10.0
    assert growth.after(41) == 11.0
    assert growth.after(100) == 12.0


def test_the_slope_is_that_of_the_second_half(benchmarks: ModuleType) -> None:
    growth = benchmarks.memory.Growth(frames=[100, 150, 200, 300, 400], resident_mb=[1.0, 9.0, 50.0, 60.0, 62.0])
    assert growth.slope() == pytest.approx(60.0), "by least squares through (200, 50), (300, 60), (400, 62)"
    assert benchmarks.memory.Growth(frames=[100, 200], resident_mb=[1.0, 2.0]).slope() == 0.0


def test_resident_memory_is_seen() -> None:
    """In a process of its own: one that has freed memory before takes it from there."""
    program = """
from benchmarks.memory import peak_mb, resident_mb
before = resident_mb()
block = bytearray(b"x") * (64 << 20)
print(resident_mb() - before, peak_mb() - before, len(block))
"""
    command = [sys.executable, "-B", "-c", program]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tools")))}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    grown, peak, _ = map(float, done.stdout.split())
    assert 60 < grown < 70
    assert peak >= 60


@pytest.mark.parametrize(("words", "says"), [(["fast"], "unknown suite 'fast'"), (["--against", "gone"], "is no gone")])
def test_what_cannot_be_measured_is_refused(words: list[str], says: str) -> None:
    command = [sys.executable, "-B", str(ROOT / "tools" / "bench"), *words]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 2
    assert says in done.stderr


def test_a_python_without_the_dependencies_is_told_what_to_do() -> None:
    command = [sys.executable, "-S", "-E", "-B", str(ROOT / "tools" / "bench"), "memory"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "has no module" in done.stderr and "pip install" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("which", [(10, 0), (20, 20), (100, 0), None])
def test_the_worlds_that_are_measured_can_be_had(benchmarks: ModuleType, which: tuple[int, int] | None) -> None:
    import benchmarks.worlds

    scenario = benchmarks.worlds.motorway() if which is None else benchmarks.worlds.street(*which)
    assert len(scenario.actors) >= (sum(which) if which else 2)
