"""WebDataset: read back by the webdataset package."""

from __future__ import annotations

import hashlib
import json
import tarfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from webdataset.filters import decode as decoded
from webdataset.tariterators import group_by_keys, tar_file_expander

from simgen.core.errors import DatasetFault, ValueOutOfRange
from simgen.core.vocabulary import formats
from simgen.dataset.codecs import decode
from simgen.dataset.formats.webdataset import WebDataset
from simgen.dataset.reader import Frame, open_dataset
from simgen.labels import FrameLabels


def shards(out: Path) -> list[Path]:
    return sorted(out.glob("*.tar"))


def members(shard: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(shard) as archive:
        return archive.getmembers()


def read(out: Path) -> list[dict[str, Any]]:
    """All samples, undecoded, as the package takes them from files; those that it opens itself it does not close."""
    with ExitStack() as opened:
        sources = [{"url": p.name, "stream": opened.enter_context(p.open("rb"))} for p in shards(out)]
        return list(group_by_keys(tar_file_expander(sources)))


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("webdataset") / "out"
    result = formats.get("webdataset")(samples=4).export(open_dataset(written), out)
    assert (result.path, result.images, result.annotations) == (out, 6, 12)
    assert result.size_bytes == sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    return out


@pytest.fixture(scope="module")
def frames(written: Path) -> dict[str, Frame]:
    return {f"{f.episode.job}_{f.sensor}_{f.frame_index:06d}": f for f in open_dataset(written)}


def test_a_sample_is_all_that_is_known_of_a_picture(exported: Path, frames: dict[str, Frame]) -> None:
    samples = read(exported)
    pictured = [key for key, frame in frames.items() if frame.output("rgb") is not None]
    assert [s["__key__"] for s in samples] == pictured
    for sample in samples:
        frame = frames[sample["__key__"]]
        images = {"jpg", "depth.png", "instance.png", "semantic.png"}
        images |= {"lens_blocked.png"} if frame.output("lens_blocked") else set()
        assert {k for k in sample if not k.startswith("__")} == images | {"labels.json", "record.json"}
        assert sample["jpg"] == frame.path("rgb").read_bytes()
        assert sample["record.json"] == frame.row.record.encode()
        labels = json.loads(sample["labels.json"])
        assert FrameLabels.from_json(sample["labels.json"]) == frame.content_labels
        assert labels["carrier"] == "world"
        instance = decode(sample["instance.png"], "uint8", "")
        assert set(np.unique(instance)) - {0} == {o["instance_id"] for o in labels["objects"] if o["visible_pixels"]}


def test_a_frozen_picture_has_the_masks_of_what_it_shows(exported: Path) -> None:
    first, second, third = read(exported)[:3]
    for name in ("depth.png", "instance.png", "semantic.png", "labels.json"):
        assert third[name] == second[name] != first[name]
    assert third["record.json"] != second["record.json"]


def test_the_package_decodes_pictures_and_labels(exported: Path, frames: dict[str, Frame]) -> None:
    samples = list(decoded("rgb8")(read(exported)))
    assert len(samples) == 6
    for sample in samples:
        # Pillow and OpenCV need not undo a JPEG to the same last bit.
        assert np.abs(sample["jpg"].astype(int) - frames[sample["__key__"]].image).max() <= 2
        assert [o["name"] for o in sample["labels.json"]["objects"]] == ["van", "ego"]


def test_a_shard_has_as_many_samples_as_asked_for(exported: Path, written: Path, tmp_path: Path) -> None:
    assert [len({m.name.partition(".")[0] for m in members(p)}) for p in shards(exported)] == [4, 2]
    WebDataset().export(open_dataset(written), tmp_path / "out")
    assert [p.name for p in sorted((tmp_path / "out").iterdir())] == ["episodes.jsonl", "simgen-000000.tar"]
    assert [s["__key__"] for s in read(tmp_path / "out")] == [s["__key__"] for s in read(exported)]
    with pytest.raises(ValueOutOfRange, match="expected a whole number from 1 to"):
        WebDataset(samples=0)


def test_bytes_follow_from_the_samples_alone(exported: Path, written: Path, tmp_path: Path) -> None:
    WebDataset(samples=4).export(open_dataset(written), tmp_path / "out")
    for path in exported.iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
    for member in members(shards(exported)[0]):
        assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")


def test_records_lead_to_their_episodes(exported: Path, frames: dict[str, Frame]) -> None:
    lines = (exported / "episodes.jsonl").read_bytes().splitlines()
    jobs = {hashlib.sha256(line).hexdigest(): json.loads(line)["job"] for line in lines}
    for sample in read(exported):
        assert jobs[json.loads(sample["record.json"])["episode"]] == frames[sample["__key__"]].episode.job


def test_an_image_that_was_changed_is_a_fault_and_nothing_stays(dataset: Path, tmp_path: Path) -> None:
    path = open_dataset(dataset)[1].path("depth")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetFault, match=r"depth/000001.png: has \d+ bytes of"):
        WebDataset().export(open_dataset(dataset), tmp_path / "export")
    assert not (tmp_path / "export").exists()
