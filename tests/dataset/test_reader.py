from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simgen.core.errors import DatasetFault, NotFound
from simgen.dataset.layout import FRAMES, SCENARIO, TRAJECTORY
from simgen.dataset.reader import Dataset, open_dataset
from simgen.dataset.rows import read_rows, table_bytes
from simgen.dataset.trajectory import Trajectory
from tests.dataset import small


@pytest.fixture(scope="module")
def frames(written: Path) -> Dataset:
    return open_dataset(written)


def test_frames_come_back_as_they_were_made(frames: Dataset) -> None:
    for bundle, frame in zip(small.bundles(0), frames, strict=False):
        assert frame.frame_id == bundle.record.frame_id
        assert frame.time_s == pytest.approx(bundle.time_s)
        assert np.array_equal(frame.instance, bundle.instance)
        assert frame.instance.dtype == np.uint32
        assert np.array_equal(frame.semantic, bundle.semantic)
        seen = np.isfinite(bundle.depth_m) & (bundle.depth_m < 600)
        assert np.abs(frame.depth_m[seen] - bundle.depth_m[seen]).max() <= 0.005 + 1e-4
        assert np.array_equal(np.isfinite(frame.depth_m), np.isfinite(bundle.depth_m))
        assert frame.labels == bundle.labels
        assert frame.record == bundle.record
        if bundle.image is None:
            assert frame.image is None
        else:
            assert frame.image is not None
            assert np.abs(frame.image.astype(int) - bundle.image).mean() < 8  # noise, after JPEG


def test_what_is_printed_of_them_is_one_line(frames: Dataset) -> None:
    frame = frames[0]
    episode = frame.episode
    assert (
        repr(frame)
        == f"<Frame {frame.frame_id} at {frame.time_s:.3f} s: {', '.join(o.name for o in frame.record.outputs)}>"
    )
    assert repr(episode) == f"<Episode {episode.job} of {episode.summary.record.scenario.name} #0: 4 frames>"
    assert repr(frames) == f"<Dataset {frames.path}: 2 episodes, 8 frames>"
    assert all(len(line) < 300 for line in (repr(frame), repr(episode)))


def test_a_late_picture_keeps_the_labels_of_what_it_shows(frames: Dataset) -> None:
    before, frozen = frames[1], frames[2]
    assert frozen.content_labels == before.labels
    assert frozen.content_labels != frozen.labels
    assert before.content_labels == before.labels


def test_what_a_frame_lacks_is_none(frames: Dataset) -> None:
    assert frames[3].image is None
    assert frames[0].measured_depth_m is None
    assert frames[0].depth_cause is None
    assert frames[1].lens_blocked is None
    assert np.array_equal(frames[0].lens_blocked, frames[0].instance == 2)
    with pytest.raises(DatasetFault, match="has no 'rgb'; it has depth, instance, semantic"):
        frames[3].path("rgb")


def test_a_dataset_is_a_sequence(frames: Dataset) -> None:
    assert len(frames) == 8
    assert [f.episode.summary.record.scenario.index for f in frames] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert frames[-1].frame_id == frames[7].frame_id
    assert [f.frame_id for f in frames[2:6:2]] == [frames[2].frame_id, frames[4].frame_id]
    assert [f.frame_index for f in list(frames)] == [0, 1, 2, 3] * 2
    for place in (8, -9):
        with pytest.raises(IndexError, match=f"frame {place} of 8"):
            frames[place]


def test_a_dataset_goes_to_other_processes(frames: Dataset) -> None:
    again = pickle.loads(pickle.dumps(frames))
    assert again[5].frame_id == frames[5].frame_id
    assert np.array_equal(again[5].depth_m, frames[5].depth_m)


def test_an_episode_gives_back_scenario_and_trajectory(frames: Dataset) -> None:
    episode = frames.episodes[1]
    assert episode.concrete == small.concrete(1)
    assert isinstance(episode.trajectory, Trajectory)
    assert episode.trajectory.snapshot(6).state_digest == episode.frames[2].record.state_digest
    assert episode.summary.report == {"ended_by": "time > 0.2 s", "missed": []}


def test_an_episode_is_found_by_the_beginning_of_its_id(frames: Dataset) -> None:
    job = frames.episodes[0].job
    assert frames.episode(job[:8]).job == job
    with pytest.raises(NotFound, match="2 episodes have a job id that begins with ''; give more of the id"):
        frames.episode("")
    with pytest.raises(NotFound, match="no episodes have a job id that begins with 'zz'"):
        frames.episode("zz")


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_what_is_no_dataset_is_refused_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotFound, match="give the --out of a render") as caught:
        open_dataset(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)


def test_a_damaged_file_is_named_when_it_is_needed(dataset: Path) -> None:
    frames = open_dataset(dataset)
    path = frames[0].path("depth")
    path.write_bytes(b"no image")
    with pytest.raises(DatasetFault, match=r"depth/000000\.png: not a readable image"):
        _ = frames[0].depth_m
    path.unlink()
    with pytest.raises(DatasetFault, match=r"depth/000000\.png: cannot be read"):
        _ = frames[0].depth_m
    (frames.episodes[1].path / "frames.parquet").write_bytes(b"no table")
    with pytest.raises(DatasetFault, match=r"frames\.parquet: not a readable table of frames"):
        frames[4]


def test_a_table_that_lacks_frames_is_told_and_does_not_end_the_dataset_early(dataset: Path) -> None:
    whole = open_dataset(dataset)
    table = whole.episodes[0].path / FRAMES
    table.write_bytes(table_bytes(read_rows(table)[:-1]))
    told = rf"{FRAMES}: has 3 of 4 frames; `simgen verify` tells all"
    with pytest.raises(DatasetFault, match=told):
        list(whole)  # an IndexError would be taken for its end, and the second episode be passed over
    with pytest.raises(DatasetFault, match=told):
        _ = whole.episodes[0].frames
    assert len(list(whole.episodes[1].frames)) == 4


@pytest.mark.parametrize("name", [SCENARIO, TRAJECTORY, FRAMES])
@pytest.mark.parametrize("damage", ["missing", "empty", "folder"])
def test_a_damaged_file_of_an_episode_is_told_with_a_remedy(dataset: Path, name: str, damage: str) -> None:
    episode = open_dataset(dataset).episodes[0]
    path = episode.path / name
    path.unlink()
    if damage == "empty":
        path.touch()
    elif damage == "folder":
        path.mkdir()
    needs: dict[str, Callable[[], object]] = {
        SCENARIO: lambda: episode.concrete,
        TRAJECTORY: lambda: episode.trajectory,
        FRAMES: lambda: episode.frames,
    }
    with pytest.raises(DatasetFault, match=rf"^{re.escape(str(path))}: .*; `simgen verify` tells all"):
        needs[name]()
