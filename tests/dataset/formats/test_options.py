"""Options of a format as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simgen.cli.application import application


def export(written: Path, out: Path, *options: str, format: str = "coco") -> Result:
    words = ["export", str(written), "--format", format, "--out", str(out), *options]
    return CliRunner().invoke(application, words, env={"NO_COLOR": "1"}, prog_name="simgen")


def test_options_reach_the_format(written: Path, tmp_path: Path) -> None:
    done = export(written, tmp_path / "out", "--set", "amodal=true", "--set", "categories=coco")
    assert done.exit_code == 0, done.output
    document = json.loads((tmp_path / "out" / "annotations.json").read_text())
    assert {"id": 3, "name": "car"} in document["categories"]
    assert all("bbox_amodal" in annotation for annotation in document["annotations"])


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("amodall=true", "did you mean 'amodal'"),
        ("categories=nuscenes", "--set categories: unknown categories 'nuscenes'; known: coco, simgen"),
        ("amodal", "--set name=value"),
        ("=true", "--set name=value"),
        ("amodal=[1,", "its value is not YAML; expected true or false"),
        ("categories=2024-13-45", "its value is not YAML; one of simgen, coco"),
        ("where=x", "unknown option 'where'"),
        ("self=x", "unknown option 'self'"),
    ],
)
def test_a_mistaken_option_is_told_and_nothing_written(written: Path, tmp_path: Path, option: str, why: str) -> None:
    done = export(written, tmp_path / "out", "--set", option)
    assert done.exit_code == 2
    assert why in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()


def test_no_option_is_set_twice(written: Path, tmp_path: Path) -> None:
    done = export(written, tmp_path / "out", "--set", "amodal=true", "--set", "amodal=false")
    assert done.exit_code == 2 and "'amodal' is set a second time; set it once" in done.stderr
