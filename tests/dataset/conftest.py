"""One small dataset, written once; a test that damages it works on a copy."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from simgen.dataset.job import job_id
from simgen.dataset.manifest import PlannedJob, add_to_plan, write_manifest
from simgen.dataset.reader import Frame
from simgen.dataset.record import FrameRecord
from tests.dataset import small


def planned(index: int) -> PlannedJob:
    scenario = small.concrete(index)
    return PlannedJob(
        job=job_id(scenario, small.RENDERER.name),
        scenario=scenario.name,
        scenario_digest=scenario.digest(),
        seed=scenario.seed,
        index=index,
        renderer=small.RENDERER.name,
    )


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two episodes of four frames; read-only by agreement."""
    out = tmp_path_factory.mktemp("dataset") / "out"
    add_to_plan(out, [planned(0), planned(1)])
    for index in (0, 1):
        small.write_episode(out, index)
    write_manifest(out)
    return out


@pytest.fixture(scope="session")
def of_two_cameras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One episode of "front" and "right"; read-only by agreement."""
    out = tmp_path_factory.mktemp("dataset") / "out"
    small.write_episode(out, sensors=("front", "right"))
    write_manifest(out)
    return out


@pytest.fixture
def dataset(written: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(written, tmp_path / "out"))


@pytest.fixture
def rerecorded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes the records of the frames with an index, before they are read."""

    def change(index: int, **values: object) -> None:
        read = Frame.record.func if isinstance(Frame.record, functools.cached_property) else Frame.record.fget

        def changed(frame: Frame) -> FrameRecord:
            record: FrameRecord = read(frame)
            return record.model_copy(update=values) if frame.frame_index == index else record

        monkeypatch.setattr(Frame, "record", property(changed))

    return change


@pytest.fixture
def relabelled(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes the labels of what the pictures show before they are read."""

    def change(**values: object) -> None:
        read = Frame.content_labels.func

        def changed(frame: Frame) -> object:
            labels = read(frame)
            return replace(labels, objects=tuple(replace(o, **values) for o in labels.objects))

        monkeypatch.setattr(Frame, "content_labels", property(changed))

    return change
