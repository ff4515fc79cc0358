"""The whole pipeline: the same bytes whatever ran before, every frame again, and a story that happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.core.errors import OutOfMemory
from simgen.dataset.verify import verify
from simgen.episode import Episode, render_episode
from simgen.rendering import select_renderer
from simgen.simulation.world import World
from tests.small import SMALL, concrete


@pytest.fixture(scope="module")
def raster():
    with select_renderer("raster") as renderer:
        yield renderer


def simgen_command(*words: str) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    return subprocess.run([sys.executable, "-m", "simgen", *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """Sample 5 alone, made by the command line."""
    out = tmp_path_factory.mktemp("dataset") / "out"
    overrides = [word for override in SMALL["child_chases_ball"] for word in ("--set", override)]
    made = simgen_command("render", "child_chases_ball", "--index", "5", "--out", str(out), *overrides)
    assert made.returncode == 0, made.stderr
    return out


def test_frames_carry_what_the_interface_promises(raster):
    bundle = next(iter(Episode(concrete("child_chases_ball", 5), raster)))
    assert bundle.image is not None
    assert bundle.image.shape == (126, 224, 3)
    assert bundle.image.dtype == np.uint8
    assert bundle.depth_m.shape == bundle.instance.shape == bundle.semantic.shape == (126, 224)
    assert {o.semantic for o in bundle.labels.objects} & {"van", "car"}
    assert bundle.record.episode.scenario.draws


def test_a_sample_is_the_same_alone_and_among_others(dataset, raster, tmp_path):
    """In another process, after another scenario and another sample, sample 5 gives the same bytes in every file."""
    out = tmp_path / "several"
    for name, index in (("dropped_object", 0), ("child_chases_ball", 4)):
        next(iter(Episode(concrete(name, index), raster)))
    render_episode(concrete("child_chases_ball", 5), out, raster)
    alone = {p.relative_to(dataset): p.read_bytes() for p in (dataset / "episodes").rglob("*") if p.is_file()}
    assert len(alone) > 40
    for name, data in alone.items():
        assert (out / name).read_bytes() == data, name


def test_a_frame_comes_out_again_in_a_fresh_process(dataset):
    frames = simgen.open_dataset(dataset)
    address = frames[len(frames) // 2].frame_id
    again = simgen_command("replay", str(dataset), address)
    assert again.returncode == 0, again.stderr
    assert "came out as recorded" in again.stdout


def test_verify_names_what_was_changed(dataset):
    assert verify(dataset).ok
    image = sorted((dataset / "episodes").rglob("front/rgb/*.jpg"))[2]
    data = bytearray(image.read_bytes())
    data[len(data) // 2] ^= 1
    original = image.read_bytes()
    image.write_bytes(data)
    report = verify(dataset)
    assert not report.ok
    assert any(image.name in fault.path for fault in report.faults)
    image.write_bytes(original)
    assert verify(dataset).ok


def test_frozen_frames_repeat_their_picture_and_keep_both_label_sets(dataset):
    frozen = [f for f in simgen.open_dataset(dataset) if f.record.content_tick != f.record.tick]
    assert frozen
    for frame in frozen:
        assert {e.name for e in frame.record.effects} >= {"frozen_frame"}
        assert frame.content_labels is not None


@pytest.mark.parametrize("index", range(6))
def test_the_story_happens(index):
    """Whatever was drawn, the ball rolls, the child runs after it by the drawn head start, and meets the ego's path."""
    scenario = concrete("child_chases_ball", index)
    with World(scenario) as world:
        for _ in world.run():
            pass
        report = world.report()
    events = {e.name: e for e in report.events}
    assert events["ball_rolls"].fired
    assert events["child_runs"].fired
    lead = events["child_runs"].start_s - events["ball_rolls"].start_s
    assert lead == pytest.approx(scenario.parameters["head_start"], abs=1 / 60 + 1e-9)
    assert report.ended_by
    hit = ("child", "ego") in {c.actors for c in report.collisions}
    assert hit is (report.ended_by == "collision(ego, child)")
    assert report.expectations and all(e.held for e in report.expectations)


def test_small_scenarios_are_of_the_library():
    assert set(SMALL) <= set(simgen.language.library.names("scenario"))


def test_a_picture_that_there_is_no_memory_for_is_told(raster, tmp_path, monkeypatch):
    def full(*_):
        return np.zeros(1 << 60, np.uint8)

    told = r"sensors\.front\.resolution: no memory is left for a picture of 224 x 126 pixels"
    small = concrete("child_chases_ball", 5)
    with monkeypatch.context() as patched:
        patched.setattr("simgen.dataset.writer.encode", full)
        with pytest.raises(OutOfMemory, match=told):
            render_episode(small, tmp_path / "out", raster)
    assert not list((tmp_path / "out" / "episodes").iterdir())
    monkeypatch.setattr(raster, "silhouettes", full)
    with pytest.raises(OutOfMemory, match=told):
        next(iter(Episode(small, raster)))
