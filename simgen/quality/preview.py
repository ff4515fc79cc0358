"""One episode as something to look at: a film, an animated picture, or a contact sheet of its key moments."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from simgen.core.errors import OutputError
from simgen.dataset.bundle import FrameBundle
from simgen.dataset.layout import output_error
from simgen.dataset.overlay import DepthScale, Picture, moment_row, mosaic
from simgen.scene.scene import SceneView

Writer = Callable[[Iterable[FrameBundle], Path, float], int]

_GIF_RATE_HZ = 10.0
_GIF_WIDTH_PX = 960
_MOST_MOMENTS = 8


def preview(bundles: Iterable[FrameBundle], out: Path, *, rate_hz: float) -> int:
    """Writes the frames of one sensor to ``out`` (.mp4, .gif or .png) and returns how many there were.

    The file appears when it is complete.

    Raises:
        OutputError: as ``writer_of``, or for a file that cannot be written.
    """
    write = writer_of(out)
    partial = out.with_name(f".partial-{out.name}")
    try:
        count = write(bundles, partial, rate_hz)
        if count == 0:
            raise OutputError("the episode has no frame of this sensor", where=str(out))
        partial.replace(out)
    except OSError as error:
        raise output_error(OSError(error.errno, error.strerror or str(error)), out) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return count


def writer_of(out: Path) -> Writer:
    """What writes a preview to this file. Raises OutputError for another suffix, or a folder that does not exist."""
    writers: dict[str, Writer] = {".mp4": _film, ".gif": _animation, ".png": _contact_sheet}
    write = writers.get(out.suffix.lower())
    if write is None:
        raise OutputError(f"cannot write '{out.suffix}'", where=str(out), remedy="name a .mp4, .gif or .png file")
    if not out.parent.is_dir():
        raise OutputError(f"there is no folder '{out.parent}'", where=str(out), remedy="create it, or name another")
    return write


def _film(bundles: Iterable[FrameBundle], path: Path, rate_hz: float) -> int:
    video: cv2.VideoWriter | None = None
    shape: tuple[int, ...] = ()
    count = 0
    try:
        for picture in _mosaics(bundles, 1280):
            count += 1
            if video is None:
                shape = picture.shape
                video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate_hz, (shape[1], shape[0]))
                if not video.isOpened():
                    raise _refused(path)
            video.write(cv2.cvtColor(_fitted(picture, shape), cv2.COLOR_RGB2BGR))
    finally:
        if video is not None:
            video.release()
    # OpenCV keeps to itself that a disk was full.
    if video is not None and _frames_of(path) != count:
        raise OSError(errno.ENOSPC, "the film is cut off")
    return count


def _refused(path: Path) -> OSError:
    """Why a file cannot be written, which OpenCV keeps to itself too."""
    try:
        path.write_bytes(bytes(1))
    except OSError as error:
        return error
    return OSError("OpenCV has no encoder for it")


def _frames_of(path: Path) -> int:
    film = cv2.VideoCapture(str(path))
    try:
        return round(film.get(cv2.CAP_PROP_FRAME_COUNT)) if film.isOpened() else 0
    finally:
        film.release()


def _animation(bundles: Iterable[FrameBundle], path: Path, rate_hz: float) -> int:
    step = max(1, round(rate_hz / _GIF_RATE_HZ))
    count = 0
    pictures: list[Image.Image] = []
    for picture in _mosaics(bundles, _GIF_WIDTH_PX):
        count += 1
        if (count - 1) % step == 0:
            fitted = picture if not pictures else _fitted(picture, (pictures[0].height, pictures[0].width))
            pictures.append(Image.fromarray(fitted).quantize(128, dither=Image.Dither.NONE))
    if pictures:
        duration_ms = round(1000 * step / rate_hz)
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=duration_ms, loop=0)
    return count


def _contact_sheet(bundles: Iterable[FrameBundle], path: Path, rate_hz: float) -> int:
    sheet = ContactSheet()
    count = 0
    for bundle in bundles:
        count += 1
        sheet.see(bundle)
    if count:
        Image.fromarray(sheet.picture()).save(path)
    return count


def _mosaics(bundles: Iterable[FrameBundle], width_px: int) -> Iterator[Picture]:
    scale: DepthScale | None = None
    for bundle in bundles:
        scale = scale or DepthScale.of(bundle.depth_m)
        yield mosaic(bundle, scale, width_px=width_px)


def _fitted(picture: Picture, shape: tuple[int, ...]) -> Picture:
    """Padded or cut at the bottom to ``shape``: the story may need another line later on."""
    fitted = np.zeros((shape[0], shape[1], 3), dtype=np.uint8)
    rows = min(shape[0], picture.shape[0])
    fitted[:rows] = picture[:rows]
    return fitted


@dataclass(slots=True)
class ContactSheet:
    """Rows of panels for the moments that matter: the start, each event's start, the closest approach, the end.

    It holds drawn rows and at most two frames, however long the episode.
    """

    _scale: DepthScale | None = None
    _rows: list[tuple[float, Picture]] = field(default_factory=list)
    _begun: set[str] = field(default_factory=set)
    _closest: tuple[float, FrameBundle] | None = None
    _last: FrameBundle | None = None

    def see(self, bundle: FrameBundle) -> None:
        """Takes the next frame, in time order."""
        first = self._scale is None
        self._scale = self._scale or DepthScale.of(bundle.depth_m)
        begun = [e.name for e in bundle.view.snapshot.events if e.phase != "waiting" and e.name not in self._begun]
        self._begun.update(begun)
        if first or (begun and len(self._rows) < _MOST_MOMENTS - 2):
            title = ", ".join((["start"] if first else []) + [f"{name} begins" for name in begun])
            self._rows.append((bundle.time_s, moment_row(bundle, self._scale, title)))
        gap_m = closest_approach_m(bundle.view)
        if gap_m is not None and (self._closest is None or gap_m < self._closest[0]):
            self._closest = gap_m, bundle
        self._last = bundle

    def picture(self) -> Picture:
        """(H, W, 3) all rows so far. Raises ValueError before the first frame."""
        if self._last is None or self._scale is None:
            raise ValueError("no frame was seen")
        rows = dict(reversed(self._rows))
        if self._closest is not None:
            gap_m, bundle = self._closest
            title = f"closest approach, {gap_m:.2f} m between centres"
            rows.setdefault(bundle.time_s, moment_row(bundle, self._scale, title))
        rows.setdefault(self._last.time_s, moment_row(self._last, self._scale, "end"))
        return np.vstack([rows[time_s] for time_s in sorted(rows)])


def closest_approach_m(view: SceneView) -> float | None:
    """Distance between the centres of the two nearest actors of which one is "ego" and the other acts in a running or
    complete event; None where there is no such pair."""
    scene, snapshot = view.scene, view.snapshot
    acting = {name for e in snapshot.events if e.phase != "waiting" for name in e.actors}
    place = {e.name: snapshot.world_from_entity[i][:3, 3] for i, e in enumerate(scene.entities) if snapshot.present[i]}
    if "ego" not in place:
        return None
    others = [place[name] for name in sorted(acting) if name in place and name != "ego"]
    return min((float(np.linalg.norm(p - place["ego"])) for p in others), default=None)
