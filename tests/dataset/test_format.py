from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simgen.core.errors import DatasetFault, OutputError
from simgen.core.vocabulary import formats
from simgen.dataset import pictures
from simgen.dataset.format import published
from simgen.dataset.reader import open_dataset
from simgen.sampling.concrete import ConcreteSensor, Use
from tests.dataset import small


def test_what_is_written_appears_at_once(tmp_path: Path) -> None:
    with published(tmp_path / "made" / "out") as folder:
        (folder / "images").mkdir()
        (folder / "images" / "a.png").write_text("a")
        (folder / "index").write_text("b")
        assert not (tmp_path / "made" / "out" / "index").exists()
    out = tmp_path / "made" / "out"
    assert sorted(p.name for p in out.iterdir()) == ["images", "index"]
    assert (out / "images" / "a.png").read_text() == "a"


@pytest.mark.parametrize("error", [KeyboardInterrupt, DatasetFault("is damaged"), OSError(28, "No space left")])
@pytest.mark.parametrize("there", [False, True])
def test_after_an_error_all_is_as_before(tmp_path: Path, error: BaseException, there: bool) -> None:
    out = tmp_path / "made" / "out"
    if there:
        out.mkdir(parents=True)
    with pytest.raises((KeyboardInterrupt, DatasetFault, OutputError)) as told, published(out) as folder:
        (folder / "half").write_text("x")
        raise error
    assert out.exists() == there and out.parent.exists() == there
    assert not there or list(out.iterdir()) == []
    if isinstance(error, OSError):
        assert "No space left" in str(told.value) and isinstance(told.value, OutputError)


def test_folders_appear_before_the_file_that_names_what_they_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, order = Path.rename, []

    def renamed(self: Path, target: Path) -> Path:
        order.append(target.name)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    with published(tmp_path / "out") as folder:
        (folder / "a.json").write_text("")
        (folder / "z").mkdir()
    assert order == ["z", "a.json"]


def test_nothing_stays_of_what_stops_between_two_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        if target.name == "z.json":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(KeyboardInterrupt), published(out) as folder:
        (folder / "images").mkdir()
        (folder / "images" / "a.png").write_text("a")
        (folder / "a.json").write_text("")
        (folder / "z.json").write_text("")
    assert list(out.iterdir()) == []


def test_what_a_killed_export_left_is_named(tmp_path: Path) -> None:
    (tmp_path / ".writing" / "images").mkdir(parents=True)
    with (
        pytest.raises(OutputError, match=r"\.writing: was left by an export that did not end; remove it"),
        published(tmp_path),
    ):
        pass
    assert (tmp_path / ".writing" / "images").is_dir()


def test_the_folder_in_which_the_user_stands_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with published(Path()) as folder:
        (folder / "index").write_text("b")
    assert [p.name for p in tmp_path.iterdir()] == ["index"]


@pytest.mark.parametrize("inside", ["", "coco", "new/coco", "episodes/coco"])
def test_nothing_is_written_into_a_dataset(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    there = sorted(dataset.rglob("*"))
    monkeypatch.chdir(dataset)
    for out in (dataset / inside, Path(inside)):
        with pytest.raises(OutputError, match=r"lies in the dataset .*choose another --out"), published(out):
            pass
    assert sorted(dataset.rglob("*")) == there
    with published(tmp_path / "out-coco") as folder:  # beside of it will do
        (folder / "index").write_text("b")


@pytest.mark.parametrize("name", formats.names())
def test_what_carries_the_camera_is_left_out(
    written: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two objects in each of six pictures one is the van, upon which the camera stands. nuScenes annotates instants,
    of which the pictures show four."""
    whole = formats.get(name)().export(open_dataset(written), tmp_path / "whole").annotations
    front = ConcreteSensor(name="front", sensor=Use(name="camera", parameters={"mount": "van.roof"}))
    carried = small.concrete(0).model_copy(update={"sensors": (front,)})
    monkeypatch.setattr(pictures, "read_scenario", lambda path: carried)
    pictures._carriers.cache_clear()
    rest = formats.get(name)().export(open_dataset(written), tmp_path / "rest").annotations
    pictures._carriers.cache_clear()
    assert whole - rest == (4 if name == "nuscenes" else 6)


@pytest.mark.parametrize("name", formats.names())
def test_every_format_refuses_what_is_not_empty_and_cleans_up(dataset: Path, tmp_path: Path, name: str) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="not an empty directory"):
        formats.get(name)().export(open_dataset(dataset), taken)
    assert [p.name for p in taken.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", formats.names())
def test_every_format_refuses_a_damaged_picture_and_cleans_up(dataset: Path, tmp_path: Path, name: str) -> None:
    picture = open_dataset(dataset)[2].path("rgb")
    whole = picture.read_bytes()
    flipped = bytes([*whole[:-9], whole[-9] ^ 1, *whole[-8:]])
    for data, told in ((whole[:500], f"has 500 bytes of {len(whole)}"), (flipped, "was changed: its bytes")):
        picture.write_bytes(data)
        with pytest.raises(DatasetFault, match=rf"front/rgb/.*{told}.*`simgen verify` tells all"):
            formats.get(name)().export(open_dataset(dataset), tmp_path / "broken")
        assert not (tmp_path / "broken").exists()
    open_dataset(dataset)[2].path("rgb").unlink()
    with pytest.raises(DatasetFault, match=r"front/rgb/.*cannot be read"):
        formats.get(name)().export(open_dataset(dataset), tmp_path / "broken")
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize("name", formats.names())
def test_every_format_refuses_changed_tables_and_missing_episodes(dataset: Path, tmp_path: Path, name: str) -> None:
    episode = open_dataset(dataset).episodes[0].path
    for file in ("frames.parquet", "scenario.yaml"):
        whole = (episode / file).read_bytes()
        (episode / file).write_bytes(whole + b"\n")
        with pytest.raises(DatasetFault, match=rf"{file}.*was changed: its bytes.*`simgen verify` tells all"):
            formats.get(name)().export(open_dataset(dataset), tmp_path / "broken")
        (episode / file).write_bytes(whole)
    shutil.rmtree(episode)
    with pytest.raises(DatasetFault, match=r"\d of its \d episodes are there.*`simgen verify` tells all"):
        formats.get(name)().export(open_dataset(dataset), tmp_path / "broken")
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize("name", formats.names())
def test_every_format_leaves_out_what_is_of_no_use_on_request(written: Path, tmp_path: Path, name: str) -> None:
    kept = formats.get(name)().export(open_dataset(written), tmp_path / "all")
    left = formats.get(name)(unusable=False).export(open_dataset(written), tmp_path / "usable")
    # The third picture of each of the two episodes is a frozen second.
    assert (kept.images, left.images) == (6, 4)


@pytest.mark.parametrize("name", formats.names())
def test_every_format_takes_the_chosen_cameras_alone(of_two_cameras: Path, tmp_path: Path, name: str) -> None:
    make = formats.get(name)
    whole = make().export(open_dataset(of_two_cameras), tmp_path / "all")
    parts = [
        make(sensors=(camera,)).export(open_dataset(of_two_cameras), tmp_path / camera) for camera in ("front", "right")
    ]
    assert [part.images for part in parts] == [3, 4]  # the last picture of "front" was lost
    assert whole.images == sum(part.images for part in parts)
