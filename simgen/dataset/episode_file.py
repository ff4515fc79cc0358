"""episode.json: what an episode's frames have in common, what happened in it, and the root of its Merkle tree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from simgen.core.errors import DatasetFault
from simgen.dataset import merkle
from simgen.dataset.canonical import canonical, plain, sha256
from simgen.dataset.layout import EPISODE, FRAMES, Layout
from simgen.dataset.record import EpisodeRecord
from simgen.dataset.rows import FileFacts, FrameRow, read_rows


class EpisodeFile(BaseModel):
    """A sealed episode in short.

    Attributes:
        record: what all frame records refer to by its digest.
        report: events, expectations and outcome, as the simulation reports them.
        frames: by sensor.
        files: everything in the folder but the images, which are listed frame by frame, and this file.
        size_bytes: of all files but this one.
        merkle_root: over ``leaves``.

    On disk it has one more key, ``sha256``: the digest of the canonical JSON of all others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: EpisodeRecord
    report: dict[str, Any]
    frames: dict[str, int]
    files: tuple[FileFacts, ...]
    size_bytes: int
    merkle_root: str

    @classmethod
    def read(cls, folder: Path) -> EpisodeFile:
        """Raises DatasetFault for a file that is missing or damaged."""
        path = folder / EPISODE
        try:
            data = path.read_bytes()
            document = from_json(data)
            document.pop("sha256")
            episode = cls.model_validate(document)
            as_written = episode.to_bytes() == data
        except ValidationError as error:
            raise DatasetFault(f"not a readable episode ({error.errors()[0]['msg']})", where=str(path)) from error
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise DatasetFault(f"not a readable episode ({error})", where=str(path)) from error
        if not as_written:
            raise DatasetFault("was changed after it was written: its content has another digest", where=str(path))
        return episode

    def to_bytes(self) -> bytes:
        document = plain(self)
        assert isinstance(document, dict)
        document["sha256"] = sha256(canonical(document))
        return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def leaves(rows: Sequence[FrameRow], files: Sequence[FileFacts]) -> list[bytes]:
    """The leaves of an episode's tree: its frames by time and sensor, then its other files by path."""
    return [row.leaf() for row in sorted(rows, key=lambda r: r.place)] + [
        canonical(plain(file)) for file in sorted(files, key=lambda f: f.path)
    ]


def episode_root(rows: Sequence[FrameRow], files: Sequence[FileFacts]) -> str:
    return merkle.root(leaves(rows, files)).hex()


def sealed(out: Path, job: str) -> bool:
    """Whether the job's episode is there with all of its files at their full length.

    This is the check that a resumed run can afford; ``verify`` reads every byte.
    """
    folder = Layout(out).episode(job)
    try:
        files = [*EpisodeFile.read(folder).files]
        for row in read_rows(folder / FRAMES):
            files += row.files
        return all((folder / f.path).stat().st_size == f.bytes for f in files)
    except (DatasetFault, OSError):
        return False
