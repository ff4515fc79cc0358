"""The base of exporters."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

from simgen.core.declare import Declared
from simgen.core.errors import OutputError
from simgen.dataset.layout import output_error
from simgen.dataset.reader import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export came to."""

    path: Path
    images: int
    annotations: int
    size_bytes: int


class Format(Declared):
    """A foreign format, named by ``simgen export --format``. Its options are declared parameters."""

    @abstractmethod
    def export(self, dataset: Dataset, out: Path) -> Exported:
        """Writes all frames that have a picture into the directory ``out``, which must be empty or absent.

        Raises:
            OutputError: when ``out`` is not empty or cannot be written.
            DatasetFault: when the dataset is damaged.
        """


def empty_directory(out: Path) -> None:
    """Makes the directory. Raises OutputError when there is something in it."""
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError("exists and is not an empty directory", where=str(out), remedy="choose another --out")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, out) from error
