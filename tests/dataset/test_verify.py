from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simgen.cli.application import application
from simgen.core.errors import NotFound
from simgen.dataset.canonical import compact, sha256
from simgen.dataset.episode_file import EpisodeFile, episode_root
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import write_manifest
from simgen.dataset.rows import FileFacts, FrameRow, read_rows, table_bytes
from simgen.dataset.verify import VerifyReport, verify
from tests.dataset import small

FILES = [
    "front/rgb/000001.jpg",
    "front/depth/000000.png",
    "front/instance/000002.png",
    "front/semantic/000003.png",
    "front/lens_blocked/000000.png",
    "scenario.yaml",
    "trajectory.npz",
    "frames.parquet",
    "episode.json",
]


def episode(out: Path) -> Path:
    return Layout(out).episode(Layout(out).jobs()[0])


def say(report: VerifyReport) -> set[str]:
    return {fault.remedy for fault in report.faults}


def named(report: VerifyReport) -> set[str]:
    return {fault.path for fault in report.faults}


def reseal(folder: Path, rows: list[FrameRow]) -> None:
    """Writes an episode's table anew with digests that fit, as a clumsy tool (or a forger) would."""
    rows = [dataclasses.replace(r, flat={**r.flat, "labels_digest": r.labels_digest}) for r in rows]
    data = table_bytes(rows)
    (folder / "frames.parquet").write_bytes(data)
    old = EpisodeFile.read(folder)
    table = FileFacts(path="frames.parquet", sha256=sha256(data), bytes=len(data))
    files = tuple(table if f.path == table.path else f for f in old.files)
    new = old.model_copy(update={"files": files, "merkle_root": episode_root(rows, files)})
    (folder / "episode.json").write_bytes(new.to_bytes())
    write_manifest(folder.parents[1])


def test_a_dataset_as_written_is_what_it_says(written: Path) -> None:
    report = verify(written)
    assert report.faults == ()
    assert (report.episodes, report.frames) == (2, 8)
    # per episode: 3 rgb, 4 depth, 4 instance, 4 semantic, 1 lens_blocked, table, scenario, trajectory
    assert report.files == 2 * 19
    assert report.merkle_root == json.loads((written / "dataset.json").read_bytes())["merkle_root"]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_is_named(dataset: Path, name: str, share: float) -> None:
    path = episode(dataset) / name
    data = bytearray(path.read_bytes())
    data[int(share * (len(data) - 1))] ^= 0x01
    path.write_bytes(data)
    assert named(verify(dataset)) == {path.relative_to(dataset).as_posix()}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("scenario.yaml", "seed: 7", "seed: 8"), ("scenario.yaml", "summary: ''", 'summary: ""'), ("plan.jsonl", "", " ")],
)
def test_a_change_that_still_reads_is_named(dataset: Path, name: str, old: str, new: str) -> None:
    path = dataset / name if name == "plan.jsonl" else episode(dataset) / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert named(verify(dataset)) == {path.relative_to(dataset).as_posix()}


@pytest.mark.parametrize(("old", "new"), [("time > 0.2 s", "time > 0.3 s"), ('"step_s": 0.0', '"step_s":  0.0')])
def test_one_changed_character_of_a_summary_is_named(dataset: Path, old: str, new: str) -> None:
    path = episode(dataset) / "episode.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert named(verify(dataset)) == {path.relative_to(dataset).as_posix()}


@pytest.mark.parametrize("name", FILES)
def test_one_missing_file_is_named(dataset: Path, name: str) -> None:
    path = episode(dataset) / name
    path.unlink()
    faults = {f.path for f in verify(dataset).faults}
    expected = path.relative_to(dataset)
    assert {expected.as_posix(), expected.parent.as_posix()} & faults


@pytest.mark.parametrize("name", ["runs", "failures"])
def test_a_file_in_the_place_of_a_folder_is_named(dataset: Path, name: str) -> None:
    (dataset / name).mkdir(exist_ok=True)
    assert verify(dataset).ok
    shutil.rmtree(dataset / name)
    (dataset / name).write_text("x")
    assert named(verify(dataset)) == {name}


@pytest.mark.parametrize("name", ["dataset.json", "plan.jsonl"])
def test_every_flipped_byte_of_manifest_and_plan_is_named(dataset: Path, name: str) -> None:
    data = (dataset / name).read_bytes()
    for place in range(0, len(data), len(data) // 7):
        damaged = bytearray(data)
        damaged[place] ^= 0x01
        (dataset / name).write_bytes(damaged)
        assert name in named(verify(dataset)), place


@pytest.mark.parametrize("name", ["dataset.json", "plan.jsonl"])
def test_a_missing_manifest_or_plan_is_named(dataset: Path, name: str) -> None:
    (dataset / name).unlink()
    assert named(verify(dataset)) == {name}


def test_what_became_of_a_plan_is_told_apart_and_so_is_what_to_do(dataset: Path) -> None:
    def told() -> tuple[str, str]:
        (fault,) = (f for f in verify(dataset).faults if f.path == "plan.jsonl")
        return fault.message, fault.remedy

    plan = dataset / "plan.jsonl"
    content = plan.read_bytes()
    plan.unlink()
    assert told() == ("is missing: dataset.json states its digest", "run the same renders again, which write it anew")
    write_manifest(dataset)
    plan.write_bytes(content)
    assert told() == ("extra: dataset.json knows of no plan", "remove it, or keep it elsewhere")
    write_manifest(dataset)
    plan.write_bytes(content.splitlines(keepends=True)[0])
    message, remedy = told()
    assert message.startswith("was changed") and remedy.startswith("remove it, and run the same renders again")


def test_the_command_tells_each_remedy_once_below_what_it_is_for(dataset: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (dataset / name).write_text("stray")
    done = CliRunner().invoke(application, ["verify", str(dataset)], env={"NO_COLOR": "1"}, prog_name="simgen")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "a.txt: extra: it is not part of the dataset",
        "b.txt: extra: it is not part of the dataset",
        "  remove it, or keep it elsewhere",
        f"{dataset}: 2 faults",
    ]


@pytest.mark.parametrize(
    "name", ["stray.txt", "episodes/stray.txt", "episodes/{job}/stray.txt", "episodes/{job}/front/rgb/000009.jpg"]
)
def test_an_extra_file_is_named(dataset: Path, name: str) -> None:
    path = dataset / name.format(job=episode(dataset).name)
    path.write_bytes(b"stray")
    assert named(verify(dataset)) == {path.relative_to(dataset).as_posix()}


def test_an_extra_folder_is_named(dataset: Path) -> None:
    (episode(dataset) / "rear/rgb").mkdir(parents=True)
    (dataset / "episodes/unknown").mkdir()
    job = episode(dataset).name
    assert named(verify(dataset)) == {f"episodes/{job}/rear", f"episodes/{job}/rear/rgb", "episodes/unknown"}


def test_what_lies_in_runs_and_failures_is_nobodys_business(dataset: Path) -> None:
    for name in ("runs", "failures"):
        (dataset / name).mkdir()
        (dataset / name / "x.json").write_text("{}")
    assert verify(dataset).ok


def test_a_missing_episode_is_named_from_the_plan(dataset: Path) -> None:
    folder = episode(dataset)
    folder.rename(dataset.parent / "elsewhere")
    faults = {f.path: f.message for f in verify(dataset).faults}
    assert set(faults) == {f"episodes/{folder.name}", "dataset.json"}
    assert "missing: sample" in faults[f"episodes/{folder.name}"]


def test_an_episode_that_nobody_planned_is_named(dataset: Path) -> None:
    done = small.write_episode(dataset, 5)
    write_manifest(dataset)
    assert named(verify(dataset)) == {f"episodes/{done.job_id}"}


def test_what_an_interrupted_run_left_is_named(dataset: Path) -> None:
    (dataset / ".staging/x").mkdir(parents=True)
    assert named(verify(dataset)) == {".staging"}


def test_swapped_images_are_named(dataset: Path) -> None:
    folder = episode(dataset)
    a, b = folder / "front/depth/000000.png", folder / "front/depth/000001.png"
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)
    assert named(verify(dataset)) == {p.relative_to(dataset).as_posix() for p in (a, b)}


def test_wrong_labels_are_found_even_with_digests_that_fit(dataset: Path) -> None:
    folder = episode(dataset)
    rows = read_rows(folder / "frames.parquet")
    labels = json.loads(rows[1].labels)
    labels["objects"][0]["visible_pixels"] += 1
    rows[1] = dataclasses.replace(rows[1], labels=compact(labels))
    reseal(folder, rows)
    faults = verify(dataset).faults
    assert faults
    assert any("front/000001: labels:" in f.message for f in faults)
    # Frame 2 shows what frame 1 saw, and carries its labels as they were.
    assert all("front/000001: labels:" in f.message or "those of frame 000001" in f.message for f in faults)


def test_a_broken_chain_of_states_is_found_even_with_digests_that_fit(dataset: Path) -> None:
    folder = episode(dataset)
    rows = read_rows(folder / "frames.parquet")
    document = json.loads(rows[2].record)
    document["previous_state_digest"] = "f" * 32
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    rows[2] = dataclasses.replace(rows[2], record=text, record_digest=sha256(text.encode()))
    reseal(folder, rows)
    assert "the chain of states breaks before front/000002" in {f.message for f in verify(dataset).faults}


def test_a_changed_record_is_found_even_with_digests_that_fit(dataset: Path) -> None:
    folder = episode(dataset)
    rows = read_rows(folder / "frames.parquet")
    text = rows[0].record.replace('"gain":1', '"gain":2')
    rows[0] = dataclasses.replace(rows[0], record=text, record_digest=sha256(text.encode()))
    reseal(folder, rows)
    messages = {f.path.rpartition("/")[2]: f.message for f in verify(dataset).faults}
    # The images still carry the digest of the record that they were written with.
    assert messages["000000.jpg"] == messages["000000.png"] == "names another frame or record in its metadata"


def test_a_dropped_row_is_found_even_with_digests_that_fit(dataset: Path) -> None:
    folder = episode(dataset)
    rows = read_rows(folder / "frames.parquet")
    reseal(folder, [rows[0], *rows[2:]])
    messages = {f.message for f in verify(dataset).faults}
    assert "frame front/000001 is missing or out of order" in messages
    assert "extra: no frame refers to it" in messages


def test_remedies_mend(dataset: Path) -> None:
    sound = verify(dataset).merkle_root
    folder = episode(dataset)
    index = EpisodeFile.read(folder).record.scenario.index
    image = folder / "front/depth/000000.png"
    image.write_bytes(image.read_bytes()[:-1] + b"x")
    (dataset / "stray.txt").write_text("mine")
    again = f"remove episodes/{folder.name} and run the same render again, or copy the episode anew"
    assert say(verify(dataset)) == {again, "remove it, or keep it elsewhere"}
    (dataset / "stray.txt").unlink()
    shutil.rmtree(folder)
    assert "run the same render again, which makes it" in say(verify(dataset))
    small.write_episode(dataset, index)
    write_manifest(dataset)
    assert verify(dataset).ok and verify(dataset).merkle_root == sound


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no such directory"):
        verify(tmp_path / "nowhere")
    with pytest.raises(NotFound, match="is not a simgen dataset"):
        verify(tmp_path)
