from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from simgen.core.errors import OutputError
from simgen.core.geometry import pose, rotation_rpy
from simgen.core.lens import BrownConrady
from simgen.core.vocabulary import formats
from simgen.dataset.codecs import Encoding
from simgen.dataset.formats.kitti import Kitti
from simgen.dataset.manifest import write_manifest
from simgen.dataset.reader import Dataset, Frame, open_dataset
from simgen.dataset.record import CameraFacts
from simgen.labels import Box3D, ObjectLabel
from tests.dataset import small


@dataclass(frozen=True)
class Line:
    """One line of a label file, by the columns of the object development kit's readme."""

    type: str
    truncated: float
    occluded: int
    alpha: float
    bbox: np.ndarray
    height: float
    width: float
    length: float
    location: np.ndarray
    rotation_y: float

    @classmethod
    def read(cls, text: str) -> Line:
        name, truncated, occluded, *rest = text.split(" ")
        v = [float(r) for r in rest]
        assert len(v) == 12
        return cls(name, float(truncated), int(occluded), v[0], np.array(v[1:5]), *v[5:8], np.array(v[8:11]), v[11])

    def corners(self) -> np.ndarray:
        """(8, 3): length along x and width along z before the turn about y, which points down; the origin is below."""
        x = self.length / 2 * np.array([1, 1, -1, -1, 1, 1, -1, -1])
        y = self.height * np.array([0, 0, 0, 0, -1, -1, -1, -1])
        z = self.width / 2 * np.array([1, -1, -1, 1, 1, -1, -1, 1])
        c, s = np.cos(self.rotation_y), np.sin(self.rotation_y)
        return np.stack([c * x + s * z, y, -s * x + c * z], axis=1) + self.location


def lines(out: Path, number: int) -> list[Line]:
    return [Line.read(line) for line in (out / f"training/label_2/{number:06d}.txt").read_text().splitlines()]


def calibration(out: Path, number: int) -> dict[str, np.ndarray]:
    texts = (out / f"training/calib/{number:06d}.txt").read_text().splitlines()
    found = {name: np.array([float(v) for v in rest.split()]) for name, rest in (t.split(": ") for t in texts)}
    return {name: v.reshape(3, 3 if name == "R0_rect" else 4) for name, v in found.items()}


def frames(out: Path, dataset: Dataset) -> list[Frame]:
    """The frame of each number."""
    by_id = {f.frame_id: f for f in dataset}
    pairs = [line.split(" ") for line in (out / "frames.txt").read_text().splitlines()]
    assert [int(number) for number, _ in pairs] == list(range(len(pairs)))
    return [by_id[name] for _, name in pairs]


def shown(frame: Frame) -> list[ObjectLabel]:
    return [o for o in frame.content_labels.objects if o.visible_pixels]


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kitti") / "out"
    result = formats.get("kitti")().export(open_dataset(written), out)
    assert (result.images, result.annotations) == (6, 12)
    assert result.size_bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return out


def test_each_number_has_a_picture_a_label_and_a_calibration(exported: Path) -> None:
    numbers = [f"{i:06d}" for i in range(6)]
    for folder, ending in (("image_2", ".png"), ("label_2", ".txt"), ("calib", ".txt")):
        assert sorted(p.name for p in (exported / "training" / folder).iterdir()) == [n + ending for n in numbers]
    assert sorted(p.name for p in exported.iterdir()) == ["frames.txt", "training"]


def test_projected_boxes_are_the_labels_loose_boxes(exported: Path, written: Path) -> None:
    compared = 0
    for number, frame in enumerate(frames(exported, open_dataset(written))):
        p2 = calibration(exported, number)["P2"]
        for line, label in zip(lines(exported, number), shown(frame), strict=True):
            image = np.hstack([line.corners(), np.ones((8, 1))]) @ p2.T
            pixels = image[:, :2] / image[:, 2:]
            box = np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])
            # Their pixel (0, 0) is a centre; our boxes count from its outer edges, and end at the picture's.
            edges = np.clip(box + 0.5, 0, [64, 48, 64, 48])
            assert edges == pytest.approx(np.array(label.bbox_loose), abs=0.02)
            compared += 1
    assert compared == 12


@pytest.mark.parametrize(
    ("roll_rad", "pitch_rad", "yaw_rad"), [(0.0, 0.35, 0.0), (0.2, -0.1, 0.3), (0.1, 0.5, -0.2), (np.pi, 0.0, 0.0)]
)
def test_boxes_of_a_tilted_camera_enclose_and_calibration_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roll_rad: float, pitch_rad: float, yaw_rad: float
) -> None:
    level = small.camera()
    world_from_level = level.world_from_camera
    turned = pose(world_from_level[:3, 3], rotation_rpy(roll_rad, pitch_rad, yaw_rad) @ world_from_level[:3, :3])
    monkeypatch.setattr(small, "camera", lambda _y_m: replace(level, world_from_camera=turned))
    small.write_episode(tmp_path / "in")
    write_manifest(tmp_path / "in")
    dataset = open_dataset(tmp_path / "in")
    Kitti().export(dataset, tmp_path / "out")
    compared = 0
    for number, frame in enumerate(frames(tmp_path / "out", dataset)):
        found = calibration(tmp_path / "out", number)
        assert found["P2"][:, :3] @ found["R0_rect"] == pytest.approx(level.matrix, abs=1e-9)
        up = found["R0_rect"] @ turned[:3, :3].T @ [0.0, 0.0, 1.0]
        assert up == pytest.approx([0.0, -1.0, 0.0], abs=1e-9)
        for line, label in zip(lines(tmp_path / "out", number), shown(frame), strict=True):
            image = np.hstack([line.corners(), np.ones((8, 1))]) @ found["P2"].T
            pixels = image[:, :2] / image[:, 2:]
            edges = np.clip(np.concatenate([pixels.min(axis=0), pixels.max(axis=0)]) + 0.5, 0, [64, 48, 64, 48])
            assert edges == pytest.approx(np.array(label.bbox_loose), abs=0.02)
            # In whole pixels, whose middles are inside.
            assert (edges[:2] <= line.bbox[:2] + 0.5).all() and (line.bbox[2:] + 0.5 <= edges[2:]).all()
            x, _, z = line.location
            assert np.cos(line.alpha - (line.rotation_y - np.arctan2(x, z))) == pytest.approx(1.0)
            compared += 1
    assert compared >= 3


def test_fields_are_those_of_the_labels(exported: Path, written: Path) -> None:
    for number, frame in enumerate(frames(exported, open_dataset(written))):
        for line, label in zip(lines(exported, number), shown(frame), strict=True):
            assert line.type == {"van": "Van", "ball": "Misc"}[label.semantic]
            assert (line.length, line.width, line.height) == pytest.approx(label.box_world.size_m)
            assert line.truncated == pytest.approx(label.truncation, abs=1e-4)
            assert line.occluded == label.kitti_occlusion
            x, _, z = line.location
            assert line.alpha == pytest.approx(line.rotation_y - np.arctan2(x, z), abs=2e-4)
            # Both stand on the ground, and the camera is 1.5 m above it and looks ahead.
            assert line.location[1] == pytest.approx(1.5)
            assert line.rotation_y == pytest.approx(-np.pi / 2, abs=1e-4)


def test_a_box_spans_the_first_and_the_last_pixel_of_what_stands_free(exported: Path, written: Path) -> None:
    (frame, *_) = frames(exported, open_dataset(written))
    for line, label in zip(lines(exported, 0), shown(frame), strict=True):
        if label.visible_fraction < 1:
            continue
        rows, columns = np.nonzero(frame.instance == label.instance_id)
        assert line.bbox.tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]


def test_a_frozen_picture_has_the_labels_of_what_it_shows(exported: Path) -> None:
    first, second, third = ((exported / f"training/label_2/{i:06d}.txt").read_text() for i in range(3))
    assert third == second != first


def test_calibration_is_complete_and_lidar_points_ahead_lie_ahead(exported: Path, written: Path) -> None:
    found = calibration(exported, 0)
    assert list(found) == ["P0", "P1", "P2", "P3", "R0_rect", "Tr_velo_to_cam", "Tr_imu_to_velo"]
    camera = open_dataset(written)[0].record.camera.restored()
    assert found["P2"] == pytest.approx(np.hstack([camera.matrix, np.zeros((3, 1))]), rel=1e-12)
    ahead_left_up = found["R0_rect"] @ found["Tr_velo_to_cam"] @ [9.0, 2.0, 1.0, 1.0]
    assert ahead_left_up.tolist() == [-2.0, -1.0, 9.0]


def test_jpeg_becomes_png_pixel_by_pixel(exported: Path, written: Path) -> None:
    for number, frame in enumerate(frames(exported, open_dataset(written))):
        assert frame.path("rgb").suffix == ".jpg"
        data = (exported / f"training/image_2/{number:06d}.png").read_bytes()
        assert data.startswith(b"\x89PNG")
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert np.array_equal(bgr[..., ::-1], frame.image)


def test_png_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgen.dataset.formats.kitti.encode", lambda *_: b"encoded anew")
    small.write_episode(tmp_path / "in", encoding=Encoding(rgb="png"))
    write_manifest(tmp_path / "in")
    source = open_dataset(tmp_path / "in")[0].path("rgb")
    Kitti().export(open_dataset(tmp_path / "in"), tmp_path / "out")
    assert (tmp_path / "out/training/image_2/000000.png").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("values", [{"visible_pixels": 0, "bbox_visible": None}, {"semantic_id": 11}])
def test_what_is_hidden_or_has_no_name_is_left_out(
    written: Path, tmp_path: Path, relabelled: Callable[..., None], values: dict[str, object]
) -> None:
    relabelled(**values)
    result = Kitti().export(open_dataset(written), tmp_path / "out")
    assert (result.images, result.annotations) == (6, 0)
    assert (tmp_path / "out/training/label_2/000005.txt").read_text() == ""


def test_a_box_that_has_fallen_over_keeps_its_middle(
    written: Path, tmp_path: Path, relabelled: Callable[..., None]
) -> None:
    upside_down = Box3D(
        center_m=(1.0, 0.5, 9.0), size_m=(3.0, 2.0, 1.0), yaw_rad=0.3, quaternion_xyzw=(1.0, 0.0, 0.0, 0.0)
    )
    relabelled(box_camera=upside_down)
    Kitti().export(open_dataset(written), tmp_path / "out")
    for line in lines(tmp_path / "out", 0):
        assert line.corners().mean(axis=0) == pytest.approx([1.0, 0.5, 9.0], abs=1e-3)


def test_a_bent_picture_is_refused_and_nothing_stays(
    written: Path, tmp_path: Path, rerecorded: Callable[..., None]
) -> None:
    rerecorded(1, content_camera=CameraFacts.of(replace(small.camera(), lens=BrownConrady(k1=-0.2))))
    with pytest.raises(
        OutputError, match=r"front/000001: .*bent by a brown_conrady lens.*; export the other cameras alone"
    ) as told:
        Kitti().export(open_dataset(written), tmp_path / "made" / "out")
    assert told.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []
