"""``simgen sample`` into a folder."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simgen.cli.application import application


def run(*words: str) -> Result:
    return CliRunner().invoke(application, list(words), env={"NO_COLOR": "1"}, prog_name="simgen")


def test_a_sample_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # as a full disk does, it refuses what comes after
    try:
        done = run("sample", "cut_in", "--out", str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.exit_code == 2
    assert "cut_in-000000.yaml: cannot write: File too large" in done.stderr.replace("\n", " ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("below", "told"), [("", "File exists; a file stands where"), ("deep", "Not a directory; ")])
def test_a_file_where_the_folder_should_be_is_told(below: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("sample", "cut_in", "--out", str(tmp_path / "file" / below))
    assert done.exit_code == 2
    assert told in done.stderr and "choose another --out" in done.stderr
