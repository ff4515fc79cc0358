"""nuScenes: read back as its schema describes the tables, against pictures and labels.

The devkit itself needs NumPy 1, and cannot be installed beside this package.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from simgen.core.errors import OutputError
from simgen.core.lens import BrownConrady
from simgen.core.vocabulary import formats
from simgen.dataset.formats import nuscenes
from simgen.dataset.formats.nuscenes import NuScenes
from simgen.dataset.reader import Frame, open_dataset
from simgen.dataset.record import CameraFacts
from simgen.scene.classes import semantic_class
from tests.dataset import small

COLUMNS = {
    "attribute": {"token", "name", "description"},
    "calibrated_sensor": {"token", "sensor_token", "translation", "rotation", "camera_intrinsic"},
    "category": {"token", "name", "description"},
    "ego_pose": {"token", "translation", "rotation", "timestamp"},
    "instance": {
        *("token", "category_token", "nbr_annotations"),
        *("first_annotation_token", "last_annotation_token"),
    },
    "log": {"token", "logfile", "vehicle", "date_captured", "location"},
    "map": {"token", "log_tokens", "category", "filename"},
    "sample": {"token", "timestamp", "scene_token", "next", "prev"},
    "sample_annotation": {
        *("token", "sample_token", "instance_token", "attribute_tokens", "visibility_token", "translation"),
        *("size", "rotation", "num_lidar_pts", "num_radar_pts", "next", "prev"),
    },
    "sample_data": {
        *("token", "sample_token", "ego_pose_token", "calibrated_sensor_token", "filename", "fileformat"),
        *("width", "height", "timestamp", "is_key_frame", "next", "prev"),
    },
    "scene": {
        *("token", "name", "description", "log_token", "nbr_samples"),
        *("first_sample_token", "last_sample_token"),
    },
    "sensor": {"token", "channel", "modality"},
    "visibility": {"token", "level", "description"},
}
"""The devkit's docs/schema_nuscenes.md."""

Row = dict[str, Any]
Tables = dict[str, dict[str, Row]]


def read(out: Path, version: str = "v1.0-simgen") -> Tables:
    """Rows by token of each table."""
    tables: Tables = {}
    for name in COLUMNS:
        rows = json.loads((out / version / f"{name}.json").read_text())
        tables[name] = {row["token"]: row for row in rows}
        assert len(tables[name]) == len(rows), f"tokens of {name} are not unique"
    return tables


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("nuscenes") / "out"
    result = formats.get("nuscenes")().export(open_dataset(written), out)
    assert (result.path, result.images, result.annotations) == (out / "v1.0-simgen", 6, 8)
    assert result.size_bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return out


@pytest.fixture(scope="module")
def frames(written: Path) -> dict[str, Frame]:
    """By the name of the picture."""
    return {f"{f.episode.job}_{f.sensor}_{f.frame_index:06d}": f for f in open_dataset(written)}


def test_tables_have_the_columns_of_the_schema(exported: Path) -> None:
    for name, rows in read(exported).items():
        assert rows, name
        for row in rows.values():
            assert set(row) == COLUMNS[name], name


def test_every_key_leads_to_a_row(exported: Path) -> None:
    tables = read(exported)
    named = {"first_annotation": "sample_annotation", "last_annotation": "sample_annotation"}
    named |= {"first_sample": "sample", "last_sample": "sample"}
    followed = 0
    for name, rows in tables.items():
        for row in rows.values():
            for column, value in row.items():
                kind = column.removesuffix("s").removesuffix("_token")
                if column.endswith(("_token", "_tokens")):
                    for token in value if isinstance(value, list) else [value]:
                        assert token in tables[named.get(kind, kind)], (name, column)
                        followed += 1
                elif column in ("prev", "next") and value:
                    other = {"prev": "next", "next": "prev"}[column]
                    assert rows[value][other] == row["token"]
                    followed += 1
    assert followed > 50


def chain(rows: dict[str, Row], first: str) -> list[Row]:
    found = [rows[first]]
    assert found[0]["prev"] == ""
    while found[-1]["next"]:
        found.append(rows[found[-1]["next"]])
    return found


def test_chains_hold_all_rows_in_time_order(exported: Path) -> None:
    tables = read(exported)
    samples = [chain(tables["sample"], s["first_sample_token"]) for s in tables["scene"].values()]
    for scene, row in zip(samples, tables["scene"].values(), strict=True):
        assert (scene[-1]["token"], len(scene)) == (row["last_sample_token"], row["nbr_samples"])
        assert {s["scene_token"] for s in scene} == {row["token"]}
    assert sum(map(len, samples)) == len(tables["sample"]) == 4
    times = [s["timestamp"] for scene in samples for s in scene]
    assert times == sorted(times) == [0, 50_000, 1_050_000, 1_100_000]
    for instance in tables["instance"].values():
        rows = chain(tables["sample_annotation"], instance["first_annotation_token"])
        assert (rows[-1]["token"], len(rows)) == (instance["last_annotation_token"], instance["nbr_annotations"])
        stamps = [tables["sample"][r["sample_token"]]["timestamp"] for r in rows]
        assert all(a < b for a, b in pairwise(stamps))
    starts = [d["token"] for d in tables["sample_data"].values() if not d["prev"]]
    assert [len(chain(tables["sample_data"], s)) for s in starts] == [3, 3]


def test_a_frozen_picture_is_no_key_frame_of_the_instant_that_it_shows(exported: Path) -> None:
    tables = read(exported)
    for row in tables["sample_data"].values():
        number = int(Path(row["filename"]).stem[-6:])
        assert row["is_key_frame"] == (number != 2)
        assert row["filename"].startswith("samples/CAM_FRONT/" if number != 2 else "sweeps/CAM_FRONT/")
        assert row["timestamp"] == tables["sample"][row["sample_token"]]["timestamp"]
        if number == 2:
            assert tables["sample_data"][row["prev"]]["sample_token"] == row["sample_token"]


def test_pictures_are_those_of_the_dataset(exported: Path, frames: dict[str, Frame]) -> None:
    for row in read(exported)["sample_data"].values():
        path = exported / row["filename"]
        assert path.read_bytes() == frames[path.stem].path("rgb").read_bytes()
        assert cv2.imread(str(path)).shape == (row["height"], row["width"], 3)
        assert path.suffix == f".{row['fileformat']}" == ".jpg"
    assert cv2.imread(str(exported / "maps/blank.png"), cv2.IMREAD_UNCHANGED).tolist() == [[0]]


def unplaced(row: Row, points: np.ndarray) -> np.ndarray:
    """Points (N, 3) in the frame that a row places."""
    w, x, y, z = row["rotation"]
    return Rotation.from_quat([x, y, z, w]).inv().apply(points - row["translation"])


def corners(annotation: Row) -> np.ndarray:
    """(8, 3) in the world, as the devkit's ``Box.corners``: x along the length."""
    width, length, height = annotation["size"]
    signs = np.array([(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)])
    w, x, y, z = annotation["rotation"]
    placed = Rotation.from_quat([x, y, z, w]).apply(signs * np.array([length, width, height]) / 2)
    return placed + annotation["translation"]


def project(tables: Tables, data: Row, annotation: Row) -> np.ndarray:
    """The box of the corners in pixel edges, inside the picture."""
    calibrated = tables["calibrated_sensor"][data["calibrated_sensor_token"]]
    ego = unplaced(tables["ego_pose"][data["ego_pose_token"]], corners(annotation))
    image = unplaced(calibrated, ego) @ np.array(calibrated["camera_intrinsic"]).T
    pixels = image[:, :2] / image[:, 2:] + 0.5
    return np.clip(np.concatenate([pixels.min(axis=0), pixels.max(axis=0)]), 0, [data["width"], data["height"]] * 2)


@pytest.mark.parametrize("mount", ["world", "ego"])
def test_projected_boxes_are_the_labels_loose_boxes(
    written: Path, tmp_path: Path, frames: dict[str, Frame], monkeypatch: pytest.MonkeyPatch, mount: str
) -> None:
    monkeypatch.setattr(nuscenes, "carrier", lambda frame: mount)
    NuScenes().export(open_dataset(written), tmp_path / "out")
    tables = read(tmp_path / "out")
    # The camera stands, and the ego moves: against it the camera is elsewhere at each of four instants.
    assert len(tables["calibrated_sensor"]) == {"world": 1, "ego": 4}[mount]
    compared = 0
    for data in tables["sample_data"].values():
        frame = frames[Path(data["filename"]).stem]
        labels = {o.box_world.center_m: o for o in frame.content_labels.objects}
        pose = tables["ego_pose"][data["ego_pose_token"]]
        if mount == "ego":
            (shown,) = (f for f in frame.episode.frames if f.row.tick == frame.record.content_tick)
            assert shown.record.ego is not None
            assert pose["translation"] == list(shown.record.ego.position_m)
        for annotation in tables["sample_annotation"].values():
            if annotation["sample_token"] == data["sample_token"]:
                label = labels[tuple(annotation["translation"])]
                assert annotation["rotation"] == list(np.roll(label.box_world.quaternion_xyzw, 1))
                assert project(tables, data, annotation) == pytest.approx(label.bbox_loose, abs=1e-4)
                compared += 1
    assert compared == 12


def test_size_is_width_length_height_and_categories_are_nuscenes_own(exported: Path) -> None:
    tables = read(exported)
    for annotation in tables["sample_annotation"].values():
        instance = tables["instance"][annotation["instance_token"]]
        category = tables["category"][instance["category_token"]]["name"]
        size = {"vehicle.car": [2, 4, 2], "movable_object.debris": [1, 1, 1]}[category]
        assert annotation["size"] == pytest.approx(size)
    names = {c["name"] for c in tables["category"].values()}
    assert {"human.pedestrian.child", "vehicle.bus.rigid", "animal"} <= names
    assert not any(n.startswith(("flat", "static")) for n in names)


@pytest.mark.parametrize(
    ("fraction", "level"),
    [(0.0, "v0-40"), (0.39, "v0-40"), (0.41, "v40-60"), (0.61, "v60-80"), (0.81, "v80-100"), (1.0, "v80-100")],
)
def test_visibility_has_nuscenes_four_levels(
    written: Path, tmp_path: Path, relabelled: Callable[..., None], fraction: float, level: str
) -> None:
    relabelled(visible_fraction=fraction)
    NuScenes().export(open_dataset(written), tmp_path / "out")
    tables = read(tmp_path / "out")
    assert list(tables["visibility"]) == ["1", "2", "3", "4"]
    found = {tables["visibility"][a["visibility_token"]]["level"] for a in tables["sample_annotation"].values()}
    assert found == {level}


@pytest.mark.parametrize(
    ("semantic", "model", "speed", "attributes"),
    [
        ("child", "pedestrian", 2.0, ["pedestrian.moving"]),
        ("pedestrian", "pedestrian", 0.0, ["pedestrian.standing"]),
        ("truck", "truck", 2.0, ["vehicle.moving"]),
        # Of the two only the one named ego acts in the story.
        ("truck", "truck", 0.0, ["vehicle.parked", "vehicle.stopped"]),
        ("cyclist", "cyclist", 0.0, ["cycle.with_rider"]),
        ("bicycle", "bicycle", 0.0, ["cycle.without_rider"]),
        ("motorcycle", "motorcycle", 9.0, ["cycle.with_rider"]),
        ("motorcycle", "motorcycle.parked", 0.0, ["cycle.without_rider"]),
        ("animal", "deer", 2.0, []),
    ],
)
def test_attributes_say_what_an_object_does(
    written: Path,
    tmp_path: Path,
    relabelled: Callable[..., None],
    semantic: str,
    model: str,
    speed: float,
    attributes: list[str],
) -> None:
    relabelled(semantic=semantic, semantic_id=semantic_class(semantic).id, model=model, velocity_mps=(0.0, speed, 0.0))
    NuScenes().export(open_dataset(written), tmp_path / "out")
    tables = read(tmp_path / "out")
    found = {
        tables["attribute"][t]["name"] for a in tables["sample_annotation"].values() for t in a["attribute_tokens"]
    }
    assert sorted(found) == attributes


@pytest.mark.parametrize(
    ("options", "values", "annotations"),
    [
        ({}, {"visible_pixels": 0}, 0),
        ({"hidden": True}, {"visible_pixels": 0}, 8),
        ({}, {"semantic_id": semantic_class("robot").id}, 0),
        ({}, {"semantic_id": semantic_class("traffic_light").id}, 0),
        ({"categories": "simgen"}, {"semantic_id": semantic_class("robot").id}, 8),
    ],
)
def test_what_is_hidden_or_has_no_category_is_left_out(
    written: Path,
    tmp_path: Path,
    relabelled: Callable[..., None],
    options: dict[str, bool | str],
    values: dict[str, object],
    annotations: int,
) -> None:
    relabelled(**values)
    result = NuScenes(version="v1.0-mini", **options).export(open_dataset(written), tmp_path / "out")
    assert (result.images, result.annotations) == (6, annotations)
    assert len(read(tmp_path / "out", "v1.0-mini")["instance"]) == annotations / 2


def test_cameras_share_samples_and_an_object_is_as_visible_as_to_the_best_of_them(
    of_two_cameras: Path, tmp_path: Path
) -> None:
    dataset = open_dataset(of_two_cameras)
    NuScenes().export(dataset, tmp_path / "out")
    tables = read(tmp_path / "out")
    (scene,) = tables["scene"].values()
    samples = [s["token"] for s in chain(tables["sample"], scene["first_sample_token"])]
    key_frames = [
        sorted(
            Path(d["filename"]).parent.name
            for d in tables["sample_data"].values()
            if d["is_key_frame"] and d["sample_token"] == sample
        )
        for sample in samples
    ]
    # In front the third picture shows the second instant again, and the fourth is lost.
    assert key_frames == [["CAM_FRONT", "CAM_RIGHT"]] * 2 + [["CAM_RIGHT"]] * 2
    starts = [d["token"] for d in tables["sample_data"].values() if not d["prev"]]
    channels = [[Path(d["filename"]).parent.name for d in chain(tables["sample_data"], s)] for s in starts]
    assert channels == [["CAM_FRONT"] * 3, ["CAM_RIGHT"] * 4]
    levels = {"1": (0, 0.4), "2": (0.4, 0.6), "3": (0.6, 0.8), "4": (0.8, 1)}
    best_was = set()
    for tick, sample in zip((0, 3, 6, 9), samples, strict=True):
        rows = [a for a in tables["sample_annotation"].values() if a["sample_token"] == sample]
        assert len(rows) == len({a["instance_token"] for a in rows}) == 2
        seen = [f for f in dataset if f.row.tick == tick and not (f.sensor == "front" and tick > 3)]
        for row in rows:
            shares = {
                f.sensor: o.visible_fraction
                for f in seen
                for o in f.labels.objects
                if o.box_world.center_m == tuple(row["translation"])
            }
            low, high = levels[row["visibility_token"]]
            assert low <= max(shares.values()) <= high
            best_was |= {s for s in shares if len(set(shares.values())) > 1 and shares[s] == max(shares.values())}
    assert "front" in best_was


def test_the_same_dataset_has_the_same_bytes(exported: Path, written: Path, tmp_path: Path) -> None:
    NuScenes().export(open_dataset(written), tmp_path / "out")
    for path in (p for p in exported.rglob("*") if p.is_file()):
        assert (tmp_path / "out" / path.relative_to(exported)).read_bytes() == path.read_bytes()


def test_a_bent_picture_is_refused_and_nothing_stays(
    written: Path, tmp_path: Path, rerecorded: Callable[..., None]
) -> None:
    rerecorded(1, content_camera=CameraFacts.of(replace(small.camera(), lens=BrownConrady(k1=-0.2))))
    with pytest.raises(OutputError, match=r"front/000001: .*brown_conrady lens, and nuScenes's pictures are rectified"):
        NuScenes().export(open_dataset(written), tmp_path / "made" / "out")
    assert list(tmp_path.iterdir()) == []


def test_cameras_of_one_channel_are_told_apart(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Frame, "sensor", property(lambda frame: "Front" if frame.frame_index else "front"))
    monkeypatch.setattr(nuscenes, "shown", lambda frame: frame)
    with pytest.raises(OutputError, match="'front' and 'Front' would both be CAM_FRONT; give one of them"):
        NuScenes().export(open_dataset(written), tmp_path / "out")
    assert not (tmp_path / "out").exists()
