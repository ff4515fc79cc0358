from __future__ import annotations

from pathlib import Path

import pytest

from simgen.core.errors import DatasetFault
from simgen.dataset.pictures import picture_name, picture_size, pictures, shown
from simgen.dataset.reader import Frame, open_dataset
from simgen.dataset.record import FrameRecord


def test_a_lost_frame_has_no_picture_and_a_frozen_one_shows_the_one_before(written: Path) -> None:
    found = [f for f in pictures(open_dataset(written)) if f.record.episode.scenario.index == 0]
    assert [f.frame_index for f in found] == [0, 1, 2]
    assert [shown(f).frame_index for f in found] == [0, 1, 1]
    assert shown(found[0]) is found[0]


def test_names_are_unique_and_sizes_those_of_the_pictures(written: Path) -> None:
    found = list(pictures(open_dataset(written)))
    assert len({picture_name(f) for f in found}) == 6
    assert picture_name(found[2]) == f"{found[2].episode.job}_front_000002.jpg"
    assert {picture_size(f) for f in found} == {(64, 48)}


def test_a_picture_of_an_instant_without_a_frame_is_a_fault(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Frame.record.func

    def record(frame: Frame) -> FrameRecord:
        plain: FrameRecord = read(frame)
        return plain.model_copy(update={"content_tick": 1000})

    monkeypatch.setattr(Frame, "record", property(record))
    with pytest.raises(DatasetFault, match="front/000000: its picture shows tick 1000"):
        shown(open_dataset(written)[0])
