from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from simgen.core.errors import DatasetFault
from simgen.core.vocabulary import formats
from simgen.dataset.formats.yolo import Yolo, _sides
from simgen.dataset.reader import Frame, open_dataset
from simgen.scene.classes import CLASSES


def read(out: Path) -> list[tuple[str, np.ndarray, list[tuple[str, np.ndarray]]]]:
    """Name, picture (H, W, 3) and objects (class, numbers in pixels) of all pictures, found as Ultralytics finds them:
    from where data.yaml lies, and the text where "images" in the picture's path is "labels"."""
    data = yaml.safe_load((out / "data.yaml").read_text())
    assert list(data) == ["train", "val", "names"]
    assert list(data["names"]) == list(range(len(data["names"])))
    found = []
    for path in sorted(p for side in {data["train"], data["val"]} for p in (out / side).iterdir()):
        image = cv2.imread(str(path))
        before, _, after = str(path).rpartition("/images/")
        text = Path(f"{before}/labels/{after}").with_suffix(".txt").read_text()
        objects = []
        for line in text.splitlines():
            index, *shares = line.split(" ")
            numbers = np.array([float(s) for s in shares])
            assert numbers.min() >= 0 and numbers.max() <= 1
            pixels = numbers.reshape(-1, 2) * (image.shape[1], image.shape[0])
            objects.append((data["names"][int(index)], pixels))
        found.append((path.stem, image, objects))
    return found


def edges(pixels: np.ndarray) -> np.ndarray:
    """x_min, y_min, x_max, y_max of middle and size (2, 2)."""
    middle, size = pixels
    return np.concatenate([middle - size / 2, middle + size / 2])


@pytest.fixture(scope="module")
def frames(written: Path) -> dict[str, Frame]:
    """The frame whose labels each picture has, by the picture's name: number 2 is a frozen number 1."""
    dataset = open_dataset(written)
    by_id = {f.frame_id: f for f in dataset}
    return {
        f"{f.episode.job}_front_{f.frame_index:06d}": by_id[f.frame_id.replace("000002", "000001")] for f in dataset
    }


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("yolo") / "out"
    result = formats.get("yolo")().export(open_dataset(written), out)
    assert (result.path, result.images, result.annotations) == (out / "data.yaml", 6, 12)
    assert result.size_bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return out


def test_boxes_are_those_of_the_masks(exported: Path, frames: dict[str, Frame]) -> None:
    found = read(exported)
    assert len(found) == 6
    for name, _, objects in found:
        frame = frames[name]
        for (semantic, pixels), label in zip(objects, frame.labels.objects, strict=True):
            assert semantic == label.semantic
            rows, columns = np.nonzero(frame.instance == label.instance_id)
            expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert edges(pixels) == pytest.approx(expected, abs=1e-3)


def test_pictures_are_the_datasets_files(exported: Path, written: Path) -> None:
    for frame in open_dataset(written):
        if frame.frame_index < 3:
            (copy,) = exported.glob(f"images/*/{frame.episode.job}_front_{frame.frame_index:06d}.jpg")
            assert copy.read_bytes() == frame.path("rgb").read_bytes()


def episodes(out: Path, side: str) -> set[str]:
    """The jobs whose pictures data.yaml names for a side."""
    folder = out / yaml.safe_load((out / "data.yaml").read_text())[side]
    return {path.name.split("_")[0] for path in folder.iterdir()}


def test_an_export_may_be_moved(written: Path, tmp_path: Path) -> None:
    Yolo().export(open_dataset(written), tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert len(read(tmp_path / "there")) == 6
    assert str(tmp_path) not in (tmp_path / "there/data.yaml").read_text()


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.99])
def test_each_episode_is_whole_on_one_side_and_both_sides_have_one(written: Path, tmp_path: Path, share: float) -> None:
    done = Yolo(val=share).export(open_dataset(written), tmp_path / "out")
    train, val = (episodes(tmp_path / "out", side) for side in ("train", "val"))
    assert (len(train), len(val)) == (1, 1) and train != val
    assert done.notes == ()


def test_sides_follow_from_job_ids_in_the_share_that_was_asked_for() -> None:
    jobs = [hashlib.sha256(str(i).encode()).hexdigest()[:32] for i in range(1000)]
    sides = _sides(jobs, 0.2)
    assert sides == _sides(reversed(jobs), 0.2)
    val = {job for job in jobs if sides[job] == "val"}
    assert len(val) == pytest.approx(200, abs=3 * (1000 * 0.2 * 0.8) ** 0.5)
    assert val < {job for job, side in _sides(jobs, 0.4).items() if side == "val"}
    assert _sides(jobs[:300], 0.2).items() <= sides.items()


@pytest.mark.parametrize(("share", "folder"), [(0.0, "images/train"), (1.0, "images/val")])
def test_all_on_one_side_are_train_and_val(written: Path, tmp_path: Path, share: float, folder: str) -> None:
    done = Yolo(val=share).export(open_dataset(written), tmp_path / "out")
    data = yaml.safe_load((tmp_path / "out/data.yaml").read_text())
    assert data["train"] == data["val"] == folder
    assert len(read(tmp_path / "out")) == 6
    assert [f"val is {share:g}:" in note for note in done.notes] == [True]


def test_one_episode_is_not_divided_and_that_is_said(of_two_cameras: Path, tmp_path: Path) -> None:
    done = Yolo().export(open_dataset(of_two_cameras), tmp_path / "out")
    assert episodes(tmp_path / "out", "train") == episodes(tmp_path / "out", "val") != set()
    assert len(read(tmp_path / "out")) == done.images
    assert [note.startswith("train and val name the same pictures, for there is one episode") for note in done.notes]


def test_classes_are_ours_without_void(exported: Path) -> None:
    names = yaml.safe_load((exported / "data.yaml").read_text())["names"]
    assert list(names.values()) == [c.name for c in CLASSES[1:]]


def test_cocos_classes_are_those_of_models_trained_on_it(written: Path, tmp_path: Path) -> None:
    Yolo(categories="coco").export(open_dataset(written), tmp_path / "out")
    names = yaml.safe_load((tmp_path / "out/data.yaml").read_text())["names"]
    known = {0: "person", 2: "car", 9: "traffic light", 16: "dog", 32: "sports ball", 60: "dining table"}
    assert len(names) == 80 and names[79] == "toothbrush"
    assert known.items() <= names.items()
    assert {c.coco for c in CLASSES} - {None} <= set(names.values())
    for _, _, objects in read(tmp_path / "out"):
        assert [name for name, _ in objects] == ["car", "sports ball"]


def test_amodal_boxes_on_request(written: Path, tmp_path: Path, relabelled: Callable[..., None]) -> None:
    relabelled(bbox_amodal=(10.0, 20.0, 30.0, 48.0))
    Yolo(objects="amodal").export(open_dataset(written), tmp_path / "out")
    for _, _, objects in read(tmp_path / "out"):
        assert len(objects) == 2
        for _, pixels in objects:
            assert edges(pixels) == pytest.approx([10, 20, 30, 48], abs=1e-3)


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, {"bbox_visible": None}),
        ({"objects": "amodal"}, {"bbox_visible": None}),
        ({"objects": "polygon"}, {"bbox_visible": None}),
        ({"categories": "coco"}, {"semantic_id": 28}),
    ],
)
def test_what_is_hidden_or_has_no_class_is_left_out(
    written: Path, tmp_path: Path, relabelled: Callable[..., None], options: dict[str, str], values: dict[str, object]
) -> None:
    relabelled(**values)
    result = Yolo(**options).export(open_dataset(written), tmp_path / "out")
    assert (result.images, result.annotations) == (6, 0)
    assert all(objects == [] for _, _, objects in read(tmp_path / "out"))


def test_polygons_fill_the_masks(written: Path, tmp_path: Path, frames: dict[str, Frame]) -> None:
    Yolo(objects="polygon").export(open_dataset(written), tmp_path / "out")
    fine = 16
    for name, image, objects in read(tmp_path / "out"):
        frame = frames[name]
        height, width = image.shape[:2]
        for (semantic, pixels), label in zip(objects, frame.labels.objects, strict=True):
            assert semantic == label.semantic
            # OpenCV fills the line itself also: on a finer grid the middle of a pixel is far from it.
            canvas = np.zeros((height * fine, width * fine), np.uint8)
            cv2.fillPoly(canvas, [np.rint(pixels * fine).astype(np.int32)], 1)
            middles = canvas[fine // 2 :: fine, fine // 2 :: fine].astype(bool)
            assert np.array_equal(middles, frame.instance == label.instance_id)


def test_a_polygon_of_no_pixel_is_a_fault(written: Path, tmp_path: Path, relabelled: Callable[..., None]) -> None:
    relabelled(bbox_visible=(0.0, 0.0, 2.0, 2.0))
    with pytest.raises(DatasetFault, match="front/000000: 'van' has a visible box and no pixel in it"):
        Yolo(objects="polygon").export(open_dataset(written), tmp_path / "out")
    assert not (tmp_path / "out").exists()
