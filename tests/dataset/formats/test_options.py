"""Options of a format as a user types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simgen.cli.application import application
from simgen.core.vocabulary import formats
from simgen.dataset.reader import Frame, open_dataset


def export(written: Path, out: Path, *options: str, format: str = "coco") -> Result:
    words = ["export", str(written), "--format", format, "--out", str(out), *options]
    return CliRunner().invoke(application, words, env={"NO_COLOR": "1"}, prog_name="simgen")


def test_options_reach_the_format(written: Path, tmp_path: Path) -> None:
    done = export(written, tmp_path / "out", "--set", "amodal=true", "--set", "categories=coco")
    assert done.exit_code == 0, done.output
    document = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert {"id": 3, "name": "car"} in document["categories"]
    assert all("bbox_amodal" in annotation for annotation in document["annotations"])


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("amodall=true", "did you mean 'amodal'"),
        ("categories=nuscenes", "--set categories: unknown categories 'nuscenes'; known: coco, simgen"),
        ("amodal", "--set name=value"),
        ("=true", "--set name=value"),
        ("amodal=[1,", "its value is not YAML; expected true or false"),
        ("categories=2024-13-45", "its value is not YAML; one of simgen, coco"),
        ("where=x", "unknown option 'where'"),
        ("sensors=", "--set sensors=: sets no value; expected a list of values"),
        ("sensors=frnot", "sensors: unknown sensor with pictures 'frnot'; did you mean 'front'?"),
        ("self=x", "unknown option 'self'"),
    ],
)
def test_a_mistaken_option_is_told_and_nothing_written(written: Path, tmp_path: Path, option: str, why: str) -> None:
    done = export(written, tmp_path / "out", "--set", option)
    assert done.exit_code == 2
    assert why in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("names", ["right", "[right]", "right, right"])
def test_cameras_are_chosen_by_name(of_two_cameras: Path, tmp_path: Path, names: str) -> None:
    done = export(of_two_cameras, tmp_path / "out", "--set", f"sensors={names}")
    assert done.exit_code == 0, done.output
    images = json.loads((tmp_path / "out" / "annotations.json").read_text())["images"]
    assert images and all("_right_" in image["file_name"] for image in images)


@pytest.mark.parametrize("options", [("coco",), ("yolo", "--set", "objects=polygon")])
def test_a_camera_without_masks_is_told_where_they_are_needed(
    written: Path, tmp_path: Path, rerecorded: Callable[..., None], options: tuple[str, ...]
) -> None:
    kept = tuple(o for o in open_dataset(written)[0].record.outputs if o.name != "instance")
    rerecorded(0, outputs=kept)
    done = export(written, tmp_path / "out", *options[1:], format=options[0])
    assert done.exit_code == 2
    told = " ".join(done.stderr.split())
    assert "/front/000000: its camera stores no 'instance', of which the masks are made" in told
    assert "--set sensors=NAME,NAME" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", sorted(formats.names()))
def test_an_export_of_no_pictures_is_told(
    written: Path, tmp_path: Path, rerecorded: Callable[..., None], format: str
) -> None:
    for index in range(4):
        rerecorded(index, outputs=())
    done = export(written, tmp_path / "out", format=format)
    assert done.exit_code == 2
    told = f"{written}: has no picture to export; render again with rgb among the outputs of its cameras"
    assert told in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_an_export_of_what_has_not_begun_is_told(tmp_path: Path) -> None:
    (tmp_path / "in" / "episodes").mkdir(parents=True)
    done = export(tmp_path / "in", tmp_path / "out", format="yolo")
    assert done.exit_code == 2
    told = "has no picture to export; let its render end: the same command goes on where it stopped"
    assert told in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_coco_needs_no_picture_of_classes(written: Path, tmp_path: Path, rerecorded: Callable[..., None]) -> None:
    assert export(written, tmp_path / "whole").exit_code == 0
    rerecorded(0, outputs=tuple(o for o in open_dataset(written)[0].record.outputs if o.name != "semantic"))
    done = export(written, tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out/annotations.json").read_text() == (tmp_path / "whole/annotations.json").read_text()


@pytest.mark.parametrize("share", ["50 %", "50%", "0.5"])
def test_shares_may_be_percent(written: Path, tmp_path: Path, share: str) -> None:
    done = export(written, tmp_path / "out", "--set", f"val={share}", format="yolo")
    assert done.exit_code == 0, done.output
    assert [len(list((tmp_path / "out/images" / side).iterdir())) for side in ("train", "val")] == [3, 3]


@pytest.mark.parametrize(
    ("share", "why"),
    [
        ("20 m", "20 m has another unit; expected a number from 0 to 1"),
        ("20 furlogs", "--set val=20 furlogs: unknown unit 'furlogs'"),
        ("120 %", "val is 1.2; expected a number from 0 to 1"),
        (f"{'9' * 400} %", "is not a number; expected a number from 0 to 1"),
        ("most", "'most' is not a number; expected a number from 0 to 1"),
    ],
)
def test_a_mistaken_share_is_told(written: Path, tmp_path: Path, share: str, why: str) -> None:
    done = export(written, tmp_path / "out", "--set", f"val={share}", format="yolo")
    assert done.exit_code == 2
    assert why in " ".join(done.stderr.split())


def test_notes_are_told_beside_the_data(of_two_cameras: Path, tmp_path: Path) -> None:
    done = export(of_two_cameras, tmp_path / "out", format="yolo")
    assert "there is one episode" in done.stderr and "there is one episode" not in done.stdout
    listed = json.loads(export(of_two_cameras, tmp_path / "again", "--json", format="yolo").stdout)["notes"]
    assert len(listed) == 1 and listed[0] in done.stderr


def test_cameras_without_pictures_are_told(
    of_two_cameras: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = Frame.output
    monkeypatch.setattr(
        Frame, "output", lambda frame, name: None if (frame.sensor, name) == ("right", "rgb") else output(frame, name)
    )
    done = export(of_two_cameras, tmp_path / "out")
    assert done.exit_code == 0 and "left out, for rgb is not among what they store: right" in done.stderr
    assert not export(of_two_cameras, tmp_path / "again", "--set", "sensors=front").stderr


def test_no_option_is_set_twice(written: Path, tmp_path: Path) -> None:
    done = export(written, tmp_path / "out", "--set", "amodal=true", "--set", "amodal=false")
    assert done.exit_code == 2 and "'amodal' is set a second time; set it once" in done.stderr
