"""The base of exporters."""

from __future__ import annotations

import json
import shutil
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from simgen.core.declare import Declared, flag, several
from simgen.core.errors import OutputError, UnknownName
from simgen.dataset.layout import Layout, output_error
from simgen.dataset.pictures import pictures, usable
from simgen.dataset.reader import Dataset, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export came to. ``notes``: what the user should know of it, a line each."""

    path: Path
    images: int
    annotations: int
    size_bytes: int
    notes: tuple[str, ...] = ()


class Format(Declared):
    """A foreign format, named by ``simgen export --format``. Its options are declared parameters."""

    unusable: bool = flag(
        default=True, help="keep pictures that a fault left black, or as a repetition of what the camera gave before"
    )

    sensors: tuple[str, ...] | None = several(
        default=None, help="the cameras whose pictures are exported, such as front,rear; all if not given"
    )

    def pictures(self, dataset: Dataset) -> Iterator[Frame]:
        """The frames to export, by episode and time.

        Raises:
            DatasetFault: as ``pictures.pictures`` does.
            UnknownName: a sensor that has no pictures in the dataset.
            OutputError: when there is none.
        """
        frames = pictures(dataset)
        if self.sensors is not None:
            known = sorted({frame.sensor for frame in pictures(dataset)})
            for name in self.sensors:
                if name not in known:
                    raise UnknownName(kind="sensor with pictures", name=name, known=known, where="sensors")
            frames = (frame for frame in frames if frame.sensor in self.sensors)
        found = False
        for frame in frames:
            if self.unusable or usable(frame):
                found = True
                yield frame
        if not found:
            raise OutputError(
                "has no picture to export", where=str(dataset.path), remedy=self._to_have_pictures(dataset)
            )

    def _to_have_pictures(self, dataset: Dataset) -> str:
        if not len(dataset):
            return "let its render end: the same command goes on where it stopped"
        if not self.unusable:
            return "leave unusable=false out: all that there are are black, or repeat earlier ones"
        return "render again with rgb among the outputs of its cameras"

    def export(self, dataset: Dataset, out: Path) -> Exported:
        """Writes the pictures and what is known of them into the directory ``out``, which must be empty or absent.

        Raises:
            OutputError: when ``out`` is not empty, lies in a dataset, or cannot be written, or there is no picture.
            DatasetFault: when the dataset is damaged.
            UnknownName: a sensor that has no pictures in the dataset.
        """
        exported = self._export(dataset, out)
        without = [] if self.sensors is not None else _without_pictures(dataset)
        if not without:
            return exported
        note = f"left out, for rgb is not among what they store: {', '.join(without)}"
        return replace(exported, notes=(*exported.notes, note))

    @abstractmethod
    def _export(self, dataset: Dataset, out: Path) -> Exported: ...


def _without_pictures(dataset: Dataset) -> list[str]:
    """The cameras that have no picture in any of their frames, by name."""
    pictured: dict[str, bool] = {}
    for frame in dataset:
        if not pictured.get(frame.sensor):
            pictured[frame.sensor] = frame.output("rgb") is not None
    return sorted(name for name, has in pictured.items() if not has)


def json_text(document: object) -> str:
    """JSON without spaces, keys in their order. Raises ValueError for a number that is not finite."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _require_outside_of_datasets(out: Path) -> None:
    """Raises OutputError for a folder of a dataset, in which nothing else may lie."""
    whole = out.resolve()
    for folder in (whole, *whole.parents):
        if folder.is_dir() and Layout(folder).is_dataset():
            remedy = f"choose another --out, e.g. {folder}-export"
            raise OutputError(
                f"lies in the dataset {folder}, whose files are all its own", where=str(out), remedy=remedy
            )


@contextmanager
def published(out: Path) -> Iterator[Path]:
    """A folder to write into. What is in it moves to ``out`` once all is written; after an error nothing is left.

    Who is killed leaves the folder itself, of which the next one tells.

    Raises:
        OutputError: when ``out`` is not empty, lies in a dataset, or cannot be written.
    """
    try:
        _require_outside_of_datasets(out)
        # Inside of ``out``, which may be a mount point or the directory that the user stands in.
        staging = out / ".writing"
        if staging.is_dir():
            remedy = "remove it unless one is at work here, or choose another --out"
            raise OutputError("was left by an export that did not end", where=str(staging), remedy=remedy)
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError("exists and is not an empty directory", where=str(out), remedy="choose another --out")
        missing = [p for p in (out, *out.parents) if not p.exists()]
        staging.mkdir(parents=True)
        targets: list[Path] = []
        try:
            yield staging
            # Folders first: the file that names what they hold appears last.
            for path in sorted(staging.iterdir(), key=lambda p: (p.is_file(), p.name)):
                targets.append(out / path.name)
                path.rename(targets[-1])
            staging.rmdir()
        except BaseException:
            for target in targets:
                target.unlink() if target.is_file() else shutil.rmtree(target, ignore_errors=True)
            shutil.rmtree(staging, ignore_errors=True)
            for path in missing:
                with suppress(OSError):
                    path.rmdir()
            raise
    except OSError as error:
        raise output_error(error, out) from error
