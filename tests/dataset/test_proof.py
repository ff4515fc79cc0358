from __future__ import annotations

import json
from pathlib import Path

import pytest

from simgen.core.errors import DatasetFault
from simgen.dataset.proof import FrameProof, prove
from simgen.dataset.reader import open_dataset


def test_every_frame_can_be_proven_and_the_proof_travels_as_json(written: Path) -> None:
    frames = open_dataset(written)
    root = json.loads((written / "dataset.json").read_bytes())["merkle_root"]
    for frame in frames:
        proof = FrameProof.model_validate_json(prove(written, frame).model_dump_json())
        assert proof.holds(root)
        assert json.loads(proof.frame_leaf)["record"] == frame.record.digest


def test_a_proof_of_something_else_does_not_hold(written: Path) -> None:
    frames = open_dataset(written)
    proof, other = prove(written, frames[1]), prove(written, frames[6])
    root = proof.merkle_root
    leaf = json.loads(proof.frame_leaf)
    leaf["labels"] = "0" * 64
    assert not proof.holds("0" * 64)
    job, _, name = proof.frame.partition("/")
    other_job = other.frame.partition("/")[0]
    for claimed in (f"{other_job}/{name}", f"{job}/front/000003", other.frame):
        assert not proof.model_copy(update={"frame": claimed}).holds(root)
    assert not proof.model_copy(update={"frame_leaf": other.frame_leaf, "frame": other.frame}).holds(root)
    changed = json.dumps(leaf, sort_keys=True, separators=(",", ":"))
    assert not proof.model_copy(update={"frame_leaf": changed}).holds(root)
    assert not proof.model_copy(update={"episode_leaf": other.episode_leaf}).holds(root)
    assert not proof.model_copy(update={"in_episode": other.in_episode}).holds(root)


def test_a_damaged_dataset_proves_nothing(dataset: Path) -> None:
    path = dataset / "dataset.json"
    frame = open_dataset(dataset)[0]
    path.write_text(path.read_text().replace(prove(dataset, frame).merkle_root, "0" * 64))
    with pytest.raises(DatasetFault, match="no proof leads to the dataset's root; simgen verify"):
        prove(dataset, frame)
