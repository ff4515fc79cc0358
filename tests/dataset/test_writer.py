from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simgen.core.errors import OutputError
from simgen.dataset.codecs import Encoding
from simgen.dataset.episode_file import sealed
from simgen.dataset.job import job_id
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import write_manifest
from simgen.dataset.staging import remove_stale
from simgen.dataset.writer import EpisodeWriter
from simgen.sampling.concrete import ConcreteSensor, Use
from tests.dataset import small

ROOT = Path(__file__).parents[2]


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *(str(a) for a in arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_an_episode_lies_where_the_design_says(tmp_path: Path) -> None:
    done = small.write_episode(tmp_path / "out")
    assert done.path == tmp_path / "out/episodes" / job_id(small.concrete(), "byhand")
    assert (done.frames, done.already) == (4, False)
    names = content(done.path)
    assert {n for n in names if "/" not in n} == {"episode.json", "frames.parquet", "scenario.yaml", "trajectory.npz"}
    assert "front/rgb/000002.jpg" in names
    assert "front/rgb/000003.jpg" not in names  # lost on the way
    assert "front/depth/000003.png" in names
    assert not (tmp_path / "out/.staging").exists()
    assert sealed(tmp_path / "out", done.job_id)


def test_a_picture_can_be_kept_to_the_bit(tmp_path: Path) -> None:
    done = small.write_episode(tmp_path / "out", encoding=Encoding(rgb="png"))
    assert (done.path / "front/rgb/000000.png").is_file()


def test_the_job_id_follows_from_what_determines_the_output() -> None:
    same = job_id(small.concrete(1), "raster")
    assert same == job_id(small.concrete(1), "raster")
    stored = ConcreteSensor(name="front", sensor=Use(name="camera", parameters={"encoding": {"quality": 94}}))
    others = [
        job_id(small.concrete(2), "raster"),
        job_id(small.concrete(1), "tiny"),
        job_id(small.concrete(1).model_copy(update={"sensors": (stored,)}), "raster"),
        job_id(small.concrete(1), "raster", version="0.0.0"),
    ]
    assert len({same, *others}) == 5


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    code = "import sys; from tests.dataset import small; small.write_episode(small.Path(sys.argv[1]))"
    process = python(code, tmp_path / "a")
    small.write_episode(tmp_path / "b")
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_without_a_seal_nothing_remains(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with EpisodeWriter(out, small.concrete(), "byhand") as writer:
        for bundle in small.bundles():
            writer.write(bundle)
    assert content(out) == {}
    with pytest.raises(RuntimeError, match="mid-way"), EpisodeWriter(out, small.concrete(), "byhand") as writer:
        writer.write(next(small.bundles()))
        raise RuntimeError("mid-way")
    assert content(out) == {}
    assert not (out / ".staging").exists()


def test_two_writers_of_one_job_converge(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        EpisodeWriter(out, small.concrete(), "byhand") as first,
        EpisodeWriter(out, small.concrete(), "byhand") as second,
    ):
        for bundle in small.bundles():
            first.write(bundle)
            second.write(bundle)
        one = first.seal(small.Report(ended_by="x"))
        before = content(one.path)
        two = second.seal(small.Report(ended_by="x"))
    assert (one.already, two.already) == (False, True)
    assert one.merkle_root == two.merkle_root
    assert content(one.path) == before
    assert [p.name for p in (out / "episodes").iterdir()] == [one.job_id]


def test_a_damaged_episode_is_replaced(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = small.write_episode(out)
    before = content(done.path)
    (done.path / "front/depth/000001.png").write_bytes(b"")  # as after a power cut
    assert not sealed(out, done.job_id)
    assert not small.write_episode(out).already
    assert content(done.path) == before
    assert not (out / ".staging").exists()


def test_kill_leaves_no_episode_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = """
import sys, time
from tests.dataset import small
with small.EpisodeWriter(small.Path(sys.argv[1]), small.concrete(), "byhand") as writer:
    for bundle in small.bundles():
        writer.write(bundle)
    while writer._pending:
        writer._collect()
    print("written", flush=True)
    time.sleep(60)
"""
    process = python(code, out)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    assert list((out / ".staging").glob("*/front/rgb/*.jpg"))
    assert remove_stale(Layout(out)) == 0  # its process lives
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert list((out / "episodes").iterdir()) == []
    assert list((out / ".staging").iterdir())
    done = small.write_episode(out)
    assert not done.already
    assert not (out / ".staging").exists()


def test_processes_on_one_job_leave_one_whole_episode(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.dataset import small; print(small.write_episode(small.Path(sys.argv[1])).merkle_root)"
    )
    processes = [python(code, tmp_path / "out") for _ in range(2)]
    roots = [p.communicate()[0] for p in processes]
    assert [p.returncode for p in processes] == [0, 0], roots
    assert len(set(roots)) == 1
    assert len(list((tmp_path / "out/episodes").iterdir())) == 1
    assert not (tmp_path / "out/.staging").exists()


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    # A limit on the size of files stands in for the disk: the same calls fail in the same places.
    code = """
import resource, sys
from simgen.core.errors import OutputError
from tests.dataset import small
out = small.Path(sys.argv[1])
sizes = {p.name: p.stat().st_size for p in small.write_episode(out / "whole").path.rglob("*") if p.is_file()}
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
for name in ("000001.jpg", "frames.parquet", "trajectory.npz"):
    resource.setrlimit(resource.RLIMIT_FSIZE, (sizes[name] - 1, most))
    try:
        small.write_episode(out / "full")
    except OutputError as error:
        print(f"{error.where}|{error.message}|{error.remedy}")
"""
    output, _ = python(code, tmp_path / "out").communicate()
    told = [line.split("|") for line in output.splitlines()]
    assert len(told) == 3, output
    for where, message, remedy in told:
        assert where.startswith(str(tmp_path / "out/full/.staging"))
        assert "File too large" in message
        assert "choose another --out" in remedy
    assert [Path(where).suffix for where, _, _ in told[1:]] == [".parquet", ".npz"]
    assert content(tmp_path / "out/full") == {}
    assert not (tmp_path / "out/full/.staging").exists()


def test_a_directory_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds files that are not of a simgen dataset; choose another --out"):
        EpisodeWriter(tmp_path, small.concrete(), "byhand")
    with pytest.raises(OutputError, match="is a file"):
        EpisodeWriter(tmp_path / "notes.txt", small.concrete(), "byhand")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        EpisodeWriter(tmp_path / "notes.txt" / "out", small.concrete(), "byhand")
    assert content(tmp_path).keys() == {"notes.txt"}
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="is a link that leads nowhere"):
        EpisodeWriter(tmp_path / "link", small.concrete(), "byhand")


def test_a_dataset_of_another_tool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text('{"name": "mine"}')
    with pytest.raises(OutputError, match="not of a simgen dataset"):
        write_manifest(tmp_path)
    (tmp_path / "dataset.json").unlink()
    (tmp_path / "runs").mkdir()
    with pytest.raises(OutputError, match="not of a simgen dataset"):
        write_manifest(tmp_path)


def test_frames_of_another_job_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="came to the writer of job"),
        EpisodeWriter(tmp_path / "out", small.concrete(1), "byhand") as writer,
    ):
        for bundle in small.bundles(0):
            writer.write(bundle)
        writer.seal(small.Report(ended_by="x"))
    assert content(tmp_path / "out") == {}


def test_writing_waits_before_memory_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.monotonic()
    store = EpisodeWriter._store
    monkeypatch.setattr(EpisodeWriter, "_store", lambda self, b: (time.sleep(0.02), store(self, b))[1])
    with EpisodeWriter(tmp_path / "out", small.concrete(), "byhand", encoders=1) as writer:
        for bundle in small.bundles(frames=10):
            writer.write(bundle)
            assert len(writer._pending) <= 2
    assert time.monotonic() - started > 0.1


def test_stale_staging_of_a_process_id_that_lives_again_is_removed(tmp_path: Path) -> None:
    stale = tmp_path / "out/.staging" / f"{'0' * 32}.{os.getpid()}.99"
    stale.mkdir(parents=True)
    (stale / "half.png").write_bytes(b"")
    assert remove_stale(Layout(tmp_path / "out")) == 1
    assert not stale.exists()
