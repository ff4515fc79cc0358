"""Whatever a dataset's files say, ``verify`` names what is wrong and never fails, also where all digests fit."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simgen.dataset.canonical import canonical, pixels_digest, sha256
from simgen.dataset.codecs import Pixels, Plane, encode
from simgen.dataset.episode_file import EpisodeFile
from simgen.dataset.record import FrameRecord
from simgen.dataset.rows import read_rows
from simgen.dataset.verify import verify
from simgen.dataset.writer import image_note
from tests.dataset.test_verify import episode, named, reseal


def of_file(folder: Path, name: str, data: bytes) -> None:
    """Writes one of the episode's files anew, with a digest that fits."""
    (folder / name).write_bytes(data)
    document = json.loads((folder / "episode.json").read_bytes())
    for file in document["files"]:
        if file["path"] == name:
            file["sha256"], file["bytes"] = sha256(data), len(data)
    of_episode(folder, document)


def of_episode(folder: Path, document: dict[str, Any]) -> None:
    del document["sha256"]
    document["sha256"] = sha256(canonical(document))
    (folder / "episode.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def of_record(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    rows = read_rows(folder / "frames.parquet")
    document = json.loads(rows[1].record)
    change(document)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    reseal(folder, [rows[0], dataclasses.replace(rows[1], record=text, record_digest=sha256(text.encode())), *rows[2:]])


def of_labels(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    rows = read_rows(folder / "frames.parquet")
    document = json.loads(rows[1].labels)
    change(document)
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    reseal(folder, [rows[0], dataclasses.replace(rows[1], labels=text), *rows[2:]])


RECORDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a text for a number": lambda d: d.update(gain="1"),
    "a number for a list": lambda d: d.update(outputs=7),
    "no number": lambda d: d.update(extinction_per_m="nan"),
    "NaN": lambda d: d.update(gain=float("nan")),
    "no environment": lambda d: d.update(environment={}),
    "a camera of no pixels": lambda d: d["camera"].update(width_px=0),
    "a stated camera of no pixels": lambda d: d["nominal_camera"].update(width_px=0),
    "a vast camera": lambda d: d["camera"].update(width_px=2**40),
    "a path out of the dataset": lambda d: d["outputs"][1].update(path="../../../dataset.json"),
    "a path that is none": lambda d: d["outputs"][1].update(path="front\0"),
    "another step of depth": lambda d: d["outputs"][1].update(scale=0.5),
    "an unknown image": lambda d: d["outputs"][1].update(name="height"),
    "another environment": lambda d: d["environment"].update(rain_mm_h=70.0),
}
LABELS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a text for a number": lambda d: d["objects"][0].update(occlusion="none"),
    "a text for a size": lambda d: d["objects"][0]["box_world"].update(size_m="1"),
    "a box of three sides": lambda d: d["objects"][0]["bbox_amodal"].pop(),
    "no id": lambda d: d["objects"][0].pop("instance_id"),
    "a field more": lambda d: d["objects"][0].update(mood="good"),
    "NaN": lambda d: d["objects"][0]["box_ego"].update(yaw_rad=float("nan")),
    "a list for a name": lambda d: d["objects"][0].update(name=["x"]),
    "no objects": lambda d: d.update(objects=None),
    "a camera of no pixels": lambda d: d["camera"].update(width_px=0),
    "a vast camera": lambda d: d["camera"].update(width_px=2**40),
    "a lens of no model": lambda d: d["camera"].update(lens={}),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_forged_record_is_named(dataset: Path, name: str) -> None:
    of_record(episode(dataset), RECORDS[name])
    assert any("000001" in str(fault) for fault in verify(dataset).faults)


@pytest.mark.parametrize("name", LABELS)
def test_forged_labels_are_named(dataset: Path, name: str) -> None:
    of_labels(episode(dataset), LABELS[name])
    assert any("front/000001" in fault.message for fault in verify(dataset).faults)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "[" * 100_000])
@pytest.mark.parametrize("column", ["record", "labels", "content_labels"])
def test_a_text_that_is_none_of_ours_is_named(dataset: Path, column: str, text: str) -> None:
    folder = episode(dataset)
    rows = read_rows(folder / "frames.parquet")
    changes = {column: text, **({"record_digest": sha256(text.encode())} if column == "record" else {})}
    reseal(folder, [*rows[:2], dataclasses.replace(rows[2], **changes), rows[3]])
    assert any("front/000002" in fault.message for fault in verify(dataset).faults)


def forged_image(folder: Path, name: str, pixels: Pixels) -> None:
    """Puts other pixels in frame 0, told truly by its record."""
    rows = read_rows(folder / "frames.parquet")
    row, summary = rows[0], EpisodeFile.read(folder)
    document = json.loads(row.record)
    output = next(o for o in document["outputs"] if o["name"] == name)
    output |= {"dtype": pixels.dtype.name, "shape": list(pixels.shape), "pixels_sha256": pixels_digest(pixels)}
    record = FrameRecord.restore(document, summary.record)
    files = list(row.files)
    for i, one in enumerate(record.outputs):
        path = folder / one.path
        if one.name == name:
            data = encode(Plane(name=name, pixels=pixels, codec=one.codec), image_note(record))
            path.write_bytes(data)
            files[i] = dataclasses.replace(files[i], sha256=sha256(data), bytes=len(data))
    stored = record.stored.decode()
    changed = dataclasses.replace(row, record=stored, record_digest=record.digest, files=tuple(files))
    reseal(folder, [changed, *rows[1:]])


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        *((name, "uint16", (47, 64)) for name in ("depth", "instance", "semantic")),
        *((name, "uint16", (64, 48)) for name in ("depth", "instance", "semantic")),
        *((name, "uint8", (48, 64, 3)) for name in ("depth", "instance", "semantic", "lens_blocked")),
        ("instance", "uint32", (1, 1)),
        ("depth", "uint8", (48, 64)),
        ("depth", "uint32", (48, 64)),
        ("instance", "bool", (48, 64)),
        ("lens_blocked", "uint8", (48, 64)),
        ("lens_blocked", "bool", (48, 63)),
    ],
)
def test_an_image_of_another_form_is_named(dataset: Path, name: str, dtype: str, shape: tuple[int, ...]) -> None:
    forged_image(episode(dataset), name, np.ones(shape, dtype=dtype))
    path = episode(dataset).relative_to(dataset) / f"front/{name}/000000.png"
    assert path.as_posix() in named(verify(dataset))


def altered(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    with np.load(folder / "trajectory.npz") as archive:
        arrays = dict(archive)
    change(arrays)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    of_file(folder, "trajectory.npz", content.getvalue())


POSES = "world_from_node"
TRAJECTORIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a field too few": lambda a: a.pop("joints.first"),
    "fewer ticks": lambda a: a.update(tick=a["tick"][:-1]),
    "ticks that are texts": lambda a: a.update(tick=np.array(["a", "b", "c", "d"])),
    "one tick for all": lambda a: a.update(tick=np.zeros_like(a["tick"])),
    "a story that is not there": lambda a: a.update(story=a["story"] + 9),
    "stories that are none": lambda a: a.update(stories=np.frombuffer(b'[{"events":1}]', np.uint8)),
    "deep stories": lambda a: a.update(stories=np.frombuffer(b"[" * 100_000, np.uint8)),
    "poses that are no numbers": lambda a: a.update({f"{POSES}.values": a[f"{POSES}.values"] * np.nan}),
    "poses without a shape": lambda a: a.update({f"{POSES}.first": a[f"{POSES}.first"].reshape(-1)}),
    "poses of texts": lambda a: a.update({f"{POSES}.first": a[f"{POSES}.first"].astype("S4")}),
    "rows beyond the last": lambda a: a.update({f"{POSES}.rows": a[f"{POSES}.rows"] + 99}),
    "another environment": lambda a: a.update({"environment.rain_mm_h.values": a["environment.rain_mm_h.values"] + 1}),
    "objects": lambda a: a.update(tick=np.array([{}], dtype=object)),
}


@pytest.mark.parametrize("name", TRAJECTORIES)
def test_a_forged_trajectory_is_named(dataset: Path, name: str) -> None:
    altered(episode(dataset), TRAJECTORIES[name])
    faults = verify(dataset).faults
    assert any(f.path.endswith("trajectory.npz") or "not that of the trajectory" in f.message for f in faults)


def test_an_array_in_the_place_of_the_trajectory_is_named(dataset: Path) -> None:
    content = io.BytesIO()
    np.save(content, np.zeros(3))
    of_file(episode(dataset), "trajectory.npz", content.getvalue())
    assert any(path.endswith("trajectory.npz") for path in named(verify(dataset)))


def column_of(table: Any, name: str, kind: str) -> Any:
    return {
        "none": pa.nulls(len(table), table.schema.field(name).type),
        "numbers": pa.array([7] * len(table)),
        "texts": pa.array(["x"] * len(table)),
        "lists": pa.array([["x"]] * len(table)),
        "bytes": pa.array([b"\xff"] * len(table)),
    }[kind]


@pytest.mark.parametrize("kind", ["none", "numbers", "texts", "lists", "bytes"])
def test_a_forged_column_is_named(dataset: Path, kind: str) -> None:
    folder = episode(dataset)
    whole = (folder / "frames.parquet").read_bytes()
    table = pq.read_table(io.BytesIO(whole))
    for i, name in enumerate(table.column_names):
        content = io.BytesIO()
        pq.write_table(table.set_column(i, name, column_of(table, name, kind)), content)
        if content.getvalue() != whole:
            of_file(folder, "frames.parquet", content.getvalue())
            if pq.read_table(folder / "frames.parquet").column(name).equals(table.column(name)):
                continue
            faults = verify(dataset).faults
            same = kind == "numbers" and name == "delivered"  # reads as true
            assert same or any("frames.parquet" in fault.path or "front/" in str(fault) for fault in faults), name


@pytest.mark.parametrize("name", ["episode.json", "../../dataset.json", "../../plan.jsonl", "scenario.yaml"])
@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "7", "[" * 100_000, "\0", "\xff", "9" * 5000, "a: &a [*a]"])
def test_a_document_of_another_kind_is_named(dataset: Path, name: str, text: str) -> None:
    folder = episode(dataset)
    data = text.encode("latin-1")
    if name == "scenario.yaml":
        of_file(folder, name, data)
    else:
        (folder / name).write_bytes(data)
    assert any(path.endswith(Path(name).name) for path in named(verify(dataset)))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["files"][0].update(path="../../../dataset.json"),
        lambda d: d["files"][0].update(path="\0"),
        lambda d: d.update(files=[]),
        lambda d: d.update(frames={"front": 2**60}),
        lambda d: d.update(size_bytes="many"),
        lambda d: d["record"].update(job=7),
    ],
)
def test_a_forged_summary_is_named(dataset: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    folder = episode(dataset)
    document = json.loads((folder / "episode.json").read_bytes())
    change(document)
    try:
        of_episode(folder, document)
    except ValueError:  # a number that has no canonical form
        (folder / "episode.json").write_text(json.dumps(document))
    assert any(path.endswith("episode.json") for path in named(verify(dataset)))
