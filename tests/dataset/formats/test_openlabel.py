"""OpenLABEL: held against ASAM's schema, and read back through Kognic's model of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
import pytest
from kognic.openlabel.models import OpenLabelAnnotation
from scipy.spatial.transform import Rotation

from simgen.core.camera import Camera
from simgen.core.lens import BrownConrady, KannalaBrandt, Lens
from simgen.core.vocabulary import formats
from simgen.dataset import pictures
from simgen.dataset.formats import openlabel
from simgen.dataset.formats.openlabel import OpenLabel, _intervals
from simgen.dataset.reader import Dataset, Frame, open_dataset
from simgen.dataset.record import CameraFacts, EventFacts, FrameRecord
from tests.dataset import small

SCHEMA = json.loads((files("kognic.openlabel") / "schemas/openlabel-1-0-0.json").read_text())


def read(out: Path) -> list[Any]:
    """All episodes by their job ids, each valid and as the model understands it."""
    found = []
    for path in sorted(out.glob("*.json")):
        if path.name != "classes.json":
            document = json.loads(path.read_text())
            jsonschema.Draft7Validator(SCHEMA).validate(document)
            understood = OpenLabelAnnotation.model_validate(document).model_dump(mode="json", exclude_none=True)
            assert understood == document
            found.append(understood["openlabel"])
    return found


def frames_of(dataset: Dataset, episode: Any) -> list[Frame]:
    """The frames with a picture, which here are numbered as the document numbers them."""
    job = episode["metadata"]["simgen_job"]
    return [f for f in dataset if f.episode.job == job and f.output("rgb") is not None]


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("openlabel") / "out"
    result = formats.get("openlabel")().export(open_dataset(written), out)
    assert (result.path, result.images, result.annotations) == (out, 6, 12)
    assert result.size_bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return out


@pytest.fixture
def taken_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Lens, int], Camera]:
    """Puts a lens on the camera from one frame on."""

    def change(lens: Lens, first: int) -> Camera:
        camera = replace(small.camera(), lens=lens)
        facts = CameraFacts.of(camera)
        read_record = Frame.record.func

        def record(frame: Frame) -> FrameRecord:
            plain: FrameRecord = read_record(frame)
            return plain.model_copy(update={"content_camera": facts}) if frame.frame_index >= first else plain

        monkeypatch.setattr(Frame, "record", property(record))
        return camera

    return change


def test_an_episode_is_a_file_and_says_which(exported: Path, written: Path) -> None:
    episodes = read(exported)
    jobs = {e.job: e for e in open_dataset(written).episodes}
    assert [e["metadata"]["simgen_job"] for e in episodes] == sorted(jobs)
    for episode in episodes:
        assert episode["metadata"]["schema_version"] == "1.0.0"
        assert episode["metadata"]["name"] == f"crossing_box #{jobs[episode['metadata']['simgen_job']].concrete.index}"
        assert list(episode["frames"]) == ["0", "1", "2"]
        assert [(i["frame_start"], i["frame_end"]) for i in episode["frame_intervals"]] == [(0, 2)]


def test_frames_name_pictures_times_and_what_a_frozen_picture_shows(exported: Path, written: Path) -> None:
    for episode in read(exported):
        frames = frames_of(open_dataset(written), episode)
        for frame, document in zip(frames, episode["frames"].values(), strict=True):
            properties = document["frame_properties"]
            assert properties["timestamp"] == frame.record.time_ns
            stream = properties["streams"]["front"]
            assert (exported / stream["uri"]).read_bytes() == frame.path("rgb").read_bytes()
            sync = stream["stream_properties"]["sync"]
            assert sync["frame_stream"] == frame.frame_index
            assert sync["timestamp"] == pytest.approx(1e9 * frame.record.content_tick / 60, abs=1)
            assert stream["stream_properties"]["simgen_faults"] == ["noise"]
            assert stream["stream_properties"]["simgen_repeated"] == (frame.frame_index == 2)


def test_visible_boxes_are_those_of_the_masks(exported: Path, written: Path) -> None:
    compared = 0
    for episode in read(exported):
        frames = frames_of(open_dataset(written), episode)
        for frame, document in zip(frames, episode["frames"].values(), strict=True):
            shown = frames[min(frame.frame_index, 1)]
            for uid, item in document["objects"].items():
                boxes = {b["name"]: b for b in item["object_data"]["bbox"]}
                assert set(boxes) == {"visible_front", "amodal_front"}
                assert {b["coordinate_system"] for b in boxes.values()} == {"front"}
                rows, columns = np.nonzero(shown.instance == int(uid))
                cx, cy, w, h = boxes["visible_front"]["val"]
                assert (cx - w / 2, cy - h / 2) == (columns.min(), rows.min())
                assert (cx + w / 2, cy + h / 2) == (columns.max() + 1, rows.max() + 1)
                label = next(o for o in frame.content_labels.objects if o.instance_id == int(uid))
                shares = {n["name"]: n["val"] for n in boxes["amodal_front"]["attributes"]["num"]}
                assert shares["visible_fraction"] == label.visible_fraction
                compared += 1
    assert compared == 12


def test_projected_cuboids_are_the_labels_loose_boxes(exported: Path, written: Path) -> None:
    compared = 0
    for episode in read(exported):
        matrix = np.array(episode["streams"]["front"]["stream_properties"]["intrinsics_pinhole"]["camera_matrix"])
        for frame, document in zip(frames_of(open_dataset(written), episode), episode["frames"].values(), strict=True):
            transform = document["frame_properties"]["transforms"]["front_to_world"]
            assert (transform["src"], transform["dst"]) == ("front", "world")
            placed = transform["transform_src_to_dst"]
            for uid, item in document["objects"].items():
                (cuboid,) = item["object_data"]["cuboid"]
                assert cuboid["coordinate_system"] == "world"
                v = np.array(cuboid["val"])
                signs = np.array([(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)])
                corners = Rotation.from_quat(v[3:7]).apply(signs * v[7:] / 2) + v[:3]
                seen = Rotation.from_quat(placed["quaternion"]).inv().apply(corners - placed["translation"])
                image = np.hstack([seen, np.ones((8, 1))]) @ matrix.reshape(3, 4).T
                pixels = image[:, :2] / image[:, 2:] + 0.5
                edges = np.clip(np.concatenate([pixels.min(axis=0), pixels.max(axis=0)]), 0, [64, 48, 64, 48])
                # Where things are at the time of the frame, whatever a frozen picture shows.
                label = next(o for o in frame.labels.objects if o.instance_id == int(uid))
                assert tuple(v[3:7]) == label.box_world.quaternion_xyzw
                assert edges == pytest.approx(np.array(label.bbox_loose), abs=1e-4)
                (velocity,) = item["object_data"]["vec"]
                assert tuple(velocity["val"]) == label.velocity_mps
                compared += 1
    assert compared == 12


def test_coordinate_systems_form_a_tree(exported: Path, written: Path) -> None:
    for episode in read(exported):
        systems = episode["coordinate_systems"]
        assert systems["world"]["children"] == ["ego", "front"]
        assert all(systems[child]["parent"] == "world" for child in systems["world"]["children"])
        # Readers that walk down the tree ask every system for them.
        assert all(systems[child]["children"] == [] for child in systems["world"]["children"])
        frames = frames_of(open_dataset(written), episode)
        for frame, document in zip(frames, episode["frames"].values(), strict=True):
            ego = document["frame_properties"]["transforms"]["ego_to_world"]["transform_src_to_dst"]
            assert frame.record.ego is not None
            assert tuple(ego["translation"]) == frame.record.ego.position_m


def test_objects_point_to_their_data_and_types_are_in_the_ontology(exported: Path) -> None:
    types = {c["type"]: c for c in json.loads((exported / "classes.json").read_text())}
    for episode in read(exported):
        assert episode["ontologies"] == {"0": {"uri": "classes.json"}}
        assert {o["name"]: o["type"] for o in episode["objects"].values()} == {"van": "van", "ego": "ball"}
        assert types["van"]["nuscenes"] == "vehicle.car"
        for uid, item in episode["objects"].items():
            assert item["type"] in types and item["ontology_uid"] == "0"
            for name, pointer in item["object_data_pointers"].items():
                for number, frame in episode["frames"].items():
                    data = frame["objects"][uid]["object_data"].get(pointer["type"], [])
                    runs = [(i["frame_start"], i["frame_end"]) for i in pointer["frame_intervals"]]
                    assert any(d["name"] == name for d in data) == any(a <= int(number) <= b for a, b in runs)


def test_the_story_is_told_as_actions_of_its_objects(exported: Path) -> None:
    for episode in read(exported):
        ((uid, action),) = episode["actions"].items()
        assert (action["name"], action["type"]) == ("crossing", "roll")
        assert [(i["frame_start"], i["frame_end"]) for i in action["frame_intervals"]] == [(2, 2)]
        assert [list(f["actions"]) for f in episode["frames"].values()] == [[], [], [uid]]
        (relation,) = episode["relations"].values()
        assert relation["type"] == "isSubjectOfAction"
        (subject,), (done,) = relation["rdf_subjects"], relation["rdf_objects"]
        assert episode["objects"][subject["uid"]]["name"] == "ego"
        assert done == {"type": "action", "uid": uid}


def test_what_ended_since_the_last_frame_is_told_once(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = EventFacts(name="crossing", phase="complete", start_s=0.02, end_s=0.03, actors=("ego",))
    read_record = Frame.record.func

    def record(frame: Frame) -> FrameRecord:
        plain: FrameRecord = read_record(frame)
        return plain.model_copy(update={"events": (short,)}) if plain.tick >= 3 else plain

    monkeypatch.setattr(Frame, "record", property(record))
    OpenLabel().export(open_dataset(written), tmp_path / "out")
    for episode in read(tmp_path / "out"):
        assert [(i["frame_start"], i["frame_end"]) for i in episode["actions"]["0"]["frame_intervals"]] == [(1, 1)]


@pytest.mark.parametrize("lens", [BrownConrady(k1=-0.2, p1=0.01, k3=0.03, k5=0.02), KannalaBrandt(k1=-0.02, k3=0.01)])
def test_opencv_reads_the_lenses(
    written: Path, tmp_path: Path, taken_by: Callable[[Lens, int], Camera], lens: Lens
) -> None:
    camera = taken_by(lens, 0)
    OpenLabel().export(open_dataset(written), tmp_path / "out")
    ahead = np.array([(-1.5, 0.4, 4.0), (0.3, -1.2, 3.0), (1.0, 1.0, 5.0)])
    expected = np.stack(camera.image(ahead)[:2], axis=1)
    for episode in read(tmp_path / "out"):
        properties = episode["streams"]["front"]["stream_properties"]
        zero = np.zeros(3)
        if isinstance(lens, BrownConrady):
            given = properties["intrinsics_pinhole"]
            matrix = np.array(given["camera_matrix"]).reshape(3, 4)[:, :3]
            pixels, _ = cv2.projectPoints(ahead, zero, zero, matrix, np.array(given["distortion_coeffs"]))
        else:
            given = properties["intrinsics_fisheye"]
            matrix = np.array(
                [
                    [given["focal_length_x"], 0, given["center_x_px"]],
                    [0, given["focal_length_y"], given["center_y_px"]],
                    [0, 0, 1],
                ]
            )
            pixels, _ = cv2.fisheye.projectPoints(ahead[:, None], zero, zero, matrix, np.array(given["lens_coeffs"]))
        assert pixels.reshape(-1, 2) == pytest.approx(expected, abs=1e-6)
        assert (given["width_px"], given["height_px"]) == (64, 48)


def test_a_frame_states_its_calibration_where_it_has_drifted(
    written: Path, tmp_path: Path, taken_by: Callable[[Lens, int], Camera]
) -> None:
    taken_by(BrownConrady(k1=-0.2), 1)
    OpenLabel().export(open_dataset(written), tmp_path / "out")
    for episode in read(tmp_path / "out"):
        frames = [f["frame_properties"] for f in episode["frames"].values()]
        own = [properties["streams"]["front"]["stream_properties"] for properties in frames]
        assert ["intrinsics_pinhole" in properties for properties in own] == [False, True, True]


def test_what_is_hidden_keeps_its_cuboid(written: Path, tmp_path: Path, relabelled: Callable[..., None]) -> None:
    relabelled(bbox_visible=None, visible_pixels=0)
    result = OpenLabel().export(open_dataset(written), tmp_path / "out")
    assert (result.images, result.annotations) == (6, 0)
    for episode in read(tmp_path / "out"):
        for frame in episode["frames"].values():
            for item in frame["objects"].values():
                assert [b["name"] for b in item["object_data"]["bbox"]] == ["amodal_front"]
                assert len(item["object_data"]["cuboid"]) == 1


def test_what_carries_the_camera_is_no_object(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "carrier", lambda frame: "ego")
    OpenLabel().export(open_dataset(written), tmp_path / "out")
    for episode in read(tmp_path / "out"):
        assert [o["name"] for o in episode["objects"].values()] == ["van"]
        # And so nobody is said to do what it does.
        assert len(episode["actions"]) == 1 and episode["relations"] == {}


def test_cameras_are_streams_of_one_frame(of_two_cameras: Path, tmp_path: Path) -> None:
    dataset = open_dataset(of_two_cameras)
    OpenLabel().export(dataset, tmp_path / "out")
    (episode,) = read(tmp_path / "out")
    assert list(episode["streams"]) == ["front", "right"]
    streams = [list(f["frame_properties"]["streams"]) for f in episode["frames"].values()]
    assert streams == [["front", "right"]] * 3 + [["right"]]
    for number, frame in enumerate(episode["frames"].values()):
        for uid, item in frame["objects"].items():
            assert len(item["object_data"]["cuboid"]) == len(item["object_data"]["vec"]) == 1
            boxes = {b["name"]: b["val"] for b in item["object_data"]["bbox"]}
            expected = {}
            for f in dataset:
                label = next(o for o in f.content_labels.objects if str(o.instance_id) == uid)
                if f.row.tick == 3 * number and f.output("rgb") is not None and label.bbox_visible is not None:
                    left, _, right, _ = label.bbox_visible
                    expected[f"visible_{f.sensor}"] = (left + right) / 2
            assert {name: val[0] for name, val in boxes.items() if name.startswith("visible")} == expected
            assert boxes["visible_right"] != boxes.get("visible_front")


def test_what_only_a_second_camera_has_in_its_picture_has_a_cuboid(
    of_two_cameras: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openlabel, "present", lambda frame: frame.labels.objects if frame.sensor == "right" else ())
    OpenLabel().export(open_dataset(of_two_cameras), tmp_path / "out")
    (episode,) = read(tmp_path / "out")
    for frame in episode["frames"].values():
        assert [len(item["object_data"]["cuboid"]) for item in frame["objects"].values()] == [1, 1]


def test_the_same_dataset_has_the_same_bytes(exported: Path, written: Path, tmp_path: Path) -> None:
    OpenLabel().export(open_dataset(written), tmp_path / "out")
    for path in (p for p in exported.rglob("*") if p.is_file()):
        assert (tmp_path / "out" / path.relative_to(exported)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("numbers", "runs"), [([], []), ([3], [(3, 3)]), ([2, 0, 1], [(0, 2)]), ([0, 1, 4, 5, 9], [(0, 1), (4, 5), (9, 9)])]
)
def test_intervals_are_the_runs_of_numbers(numbers: list[int], runs: list[tuple[int, int]]) -> None:
    found = [(i["frame_start"], i["frame_end"]) for i in _intervals(numbers)]
    assert found == runs
    assert all(b[0] - a[1] > 1 for a, b in pairwise(found))
