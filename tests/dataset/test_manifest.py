from __future__ import annotations

import json
from pathlib import Path

import pytest

from simgen.core.errors import DatasetFault
from simgen.dataset import manifest
from simgen.dataset.manifest import DatasetFile, PlannedJob, add_to_plan, describe, read_plan, write_manifest
from simgen.scene.classes import CLASSES
from tests.dataset import small
from tests.dataset.conftest import planned


def job(number: int) -> PlannedJob:
    return PlannedJob(
        job=f"{number * 7919 % 1000:032d}", scenario="x", scenario_digest="0", seed=0, index=number // 2, renderer="r"
    )


def test_shards_in_any_order_come_to_the_same_bytes(tmp_path: Path, written: Path) -> None:
    other = tmp_path / "out"
    for index in (1, 0):  # each as a shard of its own, the last first
        add_to_plan(other, [planned(index)])
        small.write_episode(other, index)
        write_manifest(other)
    for name in ("dataset.json", "plan.jsonl"):
        assert (other / name).read_bytes() == (written / name).read_bytes(), name


def test_the_manifest_says_what_is_there(written: Path) -> None:
    stated = DatasetFile.read(written)
    assert (stated.planned, stated.episodes, stated.frames) == (2, 2, 8)
    assert stated.renderers == ("byhand",)
    assert [c["name"] for c in stated.classes] == [c.name for c in CLASSES]
    assert stated == describe(written)
    assert json.loads((written / "dataset.json").read_bytes())["merkle_root"] == stated.merkle_root


def test_the_root_depends_on_every_episode(tmp_path: Path) -> None:
    roots = []
    for index in range(3):
        small.write_episode(tmp_path / "out", index)
        roots.append(write_manifest(tmp_path / "out").merkle_root)
    assert len(set(roots)) == 3


def test_a_plan_is_sorted_and_names_each_job_once(tmp_path: Path) -> None:
    jobs = [job(i) for i in range(20)]
    add_to_plan(tmp_path / "out", reversed(jobs))
    add_to_plan(tmp_path / "out", jobs[5:9])
    found = list(read_plan(tmp_path / "out"))
    assert found == sorted(jobs, key=lambda j: (j.index, j.scenario, j.job))


def test_plans_that_were_joined_by_hand_are_put_in_order(tmp_path: Path) -> None:
    jobs = [job(i) for i in range(9)]
    add_to_plan(tmp_path / "whole", jobs)
    add_to_plan(tmp_path / "joined", jobs[4:])
    with (tmp_path / "joined/plan.jsonl").open("ab") as lines:
        lines.writelines(j.line() for j in jobs[:6])
    add_to_plan(tmp_path / "joined", jobs[:1])
    assert (tmp_path / "joined/plan.jsonl").read_bytes() == (tmp_path / "whole/plan.jsonl").read_bytes()


def test_a_plan_larger_than_memory_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [job(i) for i in range(50)]
    add_to_plan(tmp_path / "whole", jobs)
    monkeypatch.setattr(manifest, "_LINES_IN_MEMORY", 7)
    add_to_plan(tmp_path / "parts", jobs[25:])
    add_to_plan(tmp_path / "parts", (j for j in reversed(jobs[:30])))
    assert (tmp_path / "parts/plan.jsonl").read_bytes() == (tmp_path / "whole/plan.jsonl").read_bytes()


def test_a_damaged_plan_is_named_by_line(tmp_path: Path) -> None:
    add_to_plan(tmp_path / "out", [job(1)])
    with (tmp_path / "out/plan.jsonl").open("ab") as lines:
        lines.write(b"{}\n")
    with pytest.raises(DatasetFault, match=r"plan\.jsonl:2: not a readable job"):
        list(read_plan(tmp_path / "out"))


DAMAGES = {
    "cut": b'{"index": 1',
    "no object": b"[]\n",
    "too little": b'{"index": 1, "scenario": "x", "job": "y"}\n',
    "another type": job(1).line().replace(b'"index":0', b'"index":"one"'),
    "no end": job(1).line()[:-1],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_nothing_is_added_to_a_damaged_plan(tmp_path: Path, damage: bytes) -> None:
    add_to_plan(tmp_path, [job(0), job(1)])
    path = tmp_path / "plan.jsonl"
    path.write_bytes(path.read_bytes() + damage)
    before = path.read_bytes()
    with pytest.raises(DatasetFault, match="not a readable job") as caught:
        add_to_plan(tmp_path, [job(2)])
    assert caught.value.where == f"{path}:3" and caught.value.remedy
    assert path.read_bytes() == before


def test_a_missing_manifest_says_what_to_do(tmp_path: Path) -> None:
    small.write_episode(tmp_path / "out")
    with pytest.raises(DatasetFault, match=r"dataset\.json: is missing; run the same render again"):
        DatasetFile.read(tmp_path / "out")
