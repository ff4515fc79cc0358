from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simgen.core.errors import DatasetFault
from simgen.dataset.pictures import degradation, picture_name, picture_size, pictures, shown, usable
from simgen.dataset.reader import Frame, open_dataset
from simgen.dataset.record import FrameRecord


def test_a_lost_frame_has_no_picture_and_a_frozen_one_shows_the_one_before(written: Path) -> None:
    found = [f for f in pictures(open_dataset(written)) if f.record.episode.scenario.index == 0]
    assert [f.frame_index for f in found] == [0, 1, 2]
    assert [shown(f).frame_index for f in found] == [0, 1, 1]
    assert shown(found[0]) is found[0]


def test_what_became_of_a_picture_is_told(written: Path) -> None:
    told = [degradation(f) for f in pictures(open_dataset(written)) if f.record.episode.scenario.index == 0]
    assert [t["faults"] for t in told] == [["noise"]] * 3
    assert [t["blind"] for t in told] == [False] * 3
    assert [t["repeated"] for t in told] == [False, False, True]


def test_only_faults_are_named_and_each_once(written: Path) -> None:
    frame = open_dataset(written)[0]
    (noise,) = frame.record.effects
    rain = noise.model_copy(update={"name": "rain", "kind": "triggering_condition"})
    frame.__dict__["record"] = frame.record.model_copy(update={"effects": (rain, noise, noise)})
    assert degradation(frame)["faults"] == ["noise"]


@pytest.mark.parametrize(("black", "left"), [((), [0, 1]), ((0,), [1]), ((1,), [0, 2]), ((1, 2), [0]), ((2,), [0, 1])])
def test_usable_is_what_is_neither_black_nor_a_repetition(
    written: Path, rerecorded: Callable[..., None], black: tuple[int, ...], left: list[int]
) -> None:
    for index in black:
        rerecorded(index, blind=True)
    found = [f for f in pictures(open_dataset(written)) if f.record.episode.scenario.index == 0]
    assert [f.frame_index for f in found if usable(f)] == left


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
