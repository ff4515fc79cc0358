"""MOTChallenge: read back by the columns that its paper names, against masks and labels."""

from __future__ import annotations

import configparser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from simgen.core.vocabulary import formats
from simgen.dataset.formats.mot import Mot
from simgen.dataset.reader import open_dataset
from simgen.scene.classes import CLASSES


@dataclass(frozen=True)
class Line:
    frame: int
    identity: int
    left: float
    top: float
    width: float
    height: float
    considered: int
    kind: int
    visibility: float

    @classmethod
    def read(cls, text: str) -> Line:
        frame, identity, left, top, width, height, considered, kind, visibility = text.split(",")
        numbers = map(float, (left, top, width, height))
        return cls(int(frame), int(identity), *numbers, int(considered), int(kind), float(visibility))


def truth(sequence: Path) -> list[Line]:
    return [Line.read(line) for line in (sequence / "gt/gt.txt").read_text().splitlines()]


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mot") / "out"
    result = formats.get("mot")(categories="simgen").export(open_dataset(written), out)
    assert (result.path, result.images, result.annotations) == (out / "train", 6, 12)
    assert result.size_bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return out


def test_a_sequence_is_one_camera_of_one_episode(exported: Path, written: Path) -> None:
    jobs = sorted({f.episode.job for f in open_dataset(written)})
    sequences = sorted((exported / "train").iterdir())
    assert [p.name for p in sequences] == [f"{job}_front" for job in jobs]
    for sequence in sequences:
        ini = configparser.ConfigParser()
        ini.read(sequence / "seqinfo.ini")
        about = ini["Sequence"]
        assert (about["name"], about["imDir"], about["imExt"]) == (sequence.name, "img1", ".jpg")
        assert (about.getint("imWidth"), about.getint("imHeight"), about.getint("seqLength")) == (64, 48, 4)
        first, second = [f for f in open_dataset(written) if f.episode.job == sequence.name.split("_")[0]][:2]
        seconds = 1e-9 * (second.record.time_ns - first.record.time_ns)
        assert about.getfloat("frameRate") == pytest.approx(1 / seconds, rel=1e-3)
        assert sorted(p.name for p in (sequence / "img1").iterdir()) == [f"{k:06d}.jpg" for k in (1, 2, 3)]


def test_a_gap_stays_a_gap_and_is_named(
    written: Path, tmp_path: Path, rerecorded: Callable[..., None], exported: Path
) -> None:
    rerecorded(1, blind=True)
    Mot(categories="simgen", unusable=False).export(open_dataset(written), tmp_path / "out")
    for sequence in (tmp_path / "out/train").iterdir():
        ini = configparser.ConfigParser()
        ini.read(sequence / "seqinfo.ini")
        # The second is black and left out, the fourth was lost.
        assert (ini["Sequence"]["seqLength"], ini["Sequence"]["missing"]) == ("4", "2,4")
        assert sorted(p.name for p in (sequence / "img1").iterdir()) == ["000001.jpg", "000003.jpg"]
        whole = truth(exported / "train" / sequence.name)
        assert truth(sequence) == [line for line in whole if line.frame != 2]


def test_boxes_are_those_of_the_masks_and_count_from_one(exported: Path, written: Path) -> None:
    looked_at = 0
    for sequence in (exported / "train").iterdir():
        frames = [f for f in open_dataset(written) if f.episode.job == sequence.name.split("_")[0]]
        for line in truth(sequence)[:2]:
            frame = frames[line.frame - 1]
            label = next(o for o in frame.labels.objects if o.instance_id == line.identity)
            assert line.kind == label.semantic_id and line.considered == 1
            assert line.visibility == pytest.approx(label.visible_fraction, abs=1e-5)
            if label.visible_fraction < 1:
                continue
            rows, columns = np.nonzero(frame.instance == line.identity)
            assert (line.left, line.top) == (columns.min() + 1, rows.min() + 1)
            assert (line.width, line.height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
            looked_at += 1
    assert looked_at >= 2


def test_a_frozen_picture_has_the_truth_of_what_it_shows(exported: Path, written: Path) -> None:
    frozen = next(f for f in open_dataset(written) if f.row.content_labels)
    lines = truth(exported / "train" / f"{frozen.episode.job}_front")
    before, after = ([x for x in lines if x.frame == k] for k in (frozen.frame_index, frozen.frame_index + 1))
    assert [(x.identity, x.left, x.top) for x in before] == [(x.identity, x.left, x.top) for x in after] != []


def test_classes_have_the_names_of_their_numbers(exported: Path, written: Path, tmp_path: Path) -> None:
    names = next((exported / "train").iterdir()) / "gt/labels.txt"
    assert names.read_text().splitlines() == [c.name for c in CLASSES[1:]]
    Mot().export(open_dataset(written), tmp_path / "out")
    (sequence, _) = sorted((tmp_path / "out/train").iterdir())
    named = (sequence / "gt/labels.txt").read_text().splitlines()
    # Of a van and a ball MOT knows the van, as a car.
    assert {named[x.kind - 1] for x in truth(sequence)} == {"car"}


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"visible_fraction": 0.0, "visible_pixels": 0, "bbox_visible": None}, 12),
        ({"bbox_amodal_unclipped": (-30.0, 5.0, 0.0, 9.0)}, 0),
        ({"bbox_amodal_unclipped": (-30.0, 5.0, 0.5, 9.0)}, 12),
    ],
)
def test_who_is_hidden_stays_and_who_is_outside_does_not(
    written: Path, tmp_path: Path, relabelled: Callable[..., None], values: dict[str, object], left: int
) -> None:
    relabelled(**values)
    result = Mot(categories="simgen").export(open_dataset(written), tmp_path / "out")
    assert (result.images, result.annotations) == (6, left)
