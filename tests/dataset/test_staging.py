"""Files that appear whole, or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from simgen.core.errors import OutputError
from simgen.dataset.staging import write_whole


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_whole(path, "first\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))  # as a full disk does, it refuses what comes after
    try:
        with pytest.raises(OutputError, match=r"a\.yaml: cannot write: File too large; .*choose another --out"):
            write_whole(path, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "first\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_or_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"Not a directory; what should be a folder is a file; choose another --out"):
        write_whole(tmp_path / "file" / "a.yaml", "")
    with pytest.raises(OutputError, match=r"No such file .*; a folder was removed while .*; run the same again"):
        write_whole(tmp_path / "gone" / "a.yaml", "")
