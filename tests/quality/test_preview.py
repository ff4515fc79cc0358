"""Films, animations and contact sheets of an episode."""

from __future__ import annotations

import errno
import resource
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from simgen.core.errors import OutputError
from simgen.dataset.overlay import DepthScale, moment_row
from simgen.quality.preview import ContactSheet, preview
from tests.dataset import small


def test_a_film_has_every_frame(tmp_path: Path) -> None:
    path = tmp_path / "look.mp4"
    assert preview(small.bundles(frames=4), path, rate_hz=20) == 4
    film = cv2.VideoCapture(str(path))
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 4
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(20)
    read, picture = film.read()
    assert read and picture.shape[1] == 1280 and picture.std() > 10
    film.release()
    assert [p.name for p in path.parent.iterdir()] == ["look.mp4"]


def test_an_animation_is_thinned_to_ten_frames_a_second(tmp_path: Path) -> None:
    path = tmp_path / "look.gif"
    assert preview(small.bundles(frames=4), path, rate_hz=20) == 4
    with Image.open(path) as picture:
        assert picture.n_frames == 2
        assert picture.info["duration"] == 100


def test_a_contact_sheet_shows_the_moments_that_matter(tmp_path: Path) -> None:
    path = tmp_path / "look.png"
    bundles = list(small.bundles(frames=4))
    assert preview(iter(bundles), path, rate_hz=20) == 4
    row_px = moment_row(bundles[0], DepthScale.of(bundles[0].depth_m), "start").shape[0]
    sheet = np.array(Image.open(path))
    assert sheet.shape[0] % row_px == 0
    assert 2 <= sheet.shape[0] // row_px <= 4


def test_a_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no frame"):
        ContactSheet().picture()


@pytest.mark.parametrize("name", ["look.mp4", "look.gif", "look.png"])
def test_a_disk_that_is_full_is_told(name: str, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))  # as a full disk does, it refuses what comes after
    try:
        with pytest.raises(OutputError, match="cannot write"):
            preview(small.bundles(frames=4), tmp_path / name, rate_hz=20)
        assert list(tmp_path.iterdir()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(("name", "frames"), [("look.avi", 2), ("look.mp4", 0), ("look.png", 0), ("deep/look.mp4", 2)])
def test_nothing_is_left_of_a_preview_that_fails(name: str, frames: int, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        preview(small.bundles(frames=frames), tmp_path / name, rate_hz=20)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["look.mp4", "look.gif", "look.png"])
def test_what_cannot_be_written_is_told_with_its_name_and_a_remedy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))  # as for one that was never there

    partial = tmp_path / f".partial-{name}"
    partial.mkdir()  # so that it cannot be written
    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(OutputError, match=rf"^{tmp_path / name}: cannot write: .*; .*choose another --out"):
        preview(small.bundles(frames=1), tmp_path / name, rate_hz=20)
