"""Where everything lies on disk, and which directories are ours to write in."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from simgen.core.errors import NotFound, OutputError

SCENARIO = "scenario.yaml"
TRAJECTORY = "trajectory.npz"
FRAMES = "frames.parquet"
EPISODE = "episode.json"

_REMEDY = "choose another --out, or an empty directory"
DAMAGED = "`simgen verify` tells all that is wrong with the dataset"
"""What to do about a file that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of a dataset.

    ``staging`` holds what is being written; it is on the same file system, so that one rename publishes it.
    """

    out: Path

    @property
    def manifest(self) -> Path:
        return self.out / "dataset.json"

    @property
    def plan(self) -> Path:
        return self.out / "plan.jsonl"

    @property
    def episodes(self) -> Path:
        return self.out / "episodes"

    @property
    def staging(self) -> Path:
        return self.out / ".staging"

    @property
    def failures(self) -> Path:
        return self.out / "failures"

    @property
    def runs(self) -> Path:
        return self.out / "runs"

    def episode(self, job: str) -> Path:
        return self.episodes / job

    def is_dataset(self) -> bool:
        """Whether the directory is a dataset, or the beginning of one."""
        if self.manifest.is_file():
            try:
                manifest = from_json(self.manifest.read_bytes())
            except ValueError:
                manifest = None
            if isinstance(manifest, dict) and "simgen_dataset" in manifest:
                return True
            return self.episodes.is_dir()  # ours and damaged: verify tells, and a run writes it anew
        return any(p.exists() for p in (self.episodes, self.staging, self.plan)) and all(
            p in (self.manifest, self.plan, self.episodes, self.staging, self.failures, self.runs)
            for p in self.out.iterdir()
        )

    def claim(self) -> tuple[Path, ...] | None:
        """Makes the directory a dataset's, if it is one already, is empty or does not exist.

        Returns:
            The directories that had to be made, the innermost first; None where the dataset was there already.

        Raises:
            OutputError: when it holds something else or cannot be written.
        """
        try:
            if (self.out.exists() or self.out.is_symlink()) and not self.out.is_dir():
                what = "a file" if self.out.exists() else "a link that leads nowhere"
                raise OutputError(f"is {what}, and a dataset is a directory", where=str(self.out), remedy=_REMEDY)
            begun = self.out.is_dir() and any(self.out.iterdir())
            if begun and not self.is_dataset():
                raise OutputError("holds files that are not of a simgen dataset", where=str(self.out), remedy=_REMEDY)
            made = tuple(path for path in (self.out, *self.out.parents) if not path.exists())
            self.episodes.mkdir(parents=True, exist_ok=True)
            return None if begun else made
        except OSError as error:
            raise output_error(error, self.out) from error

    def require(self) -> None:
        """Raises NotFound for a directory that is no dataset."""
        if not self.out.is_dir():
            raise NotFound("there is no such directory", where=str(self.out), remedy="give the --out of a render")
        if not self.is_dataset():
            raise NotFound(
                "is not a simgen dataset: it has no dataset.json of one, and other files than a dataset's",
                where=str(self.out),
                remedy="give the --out of a render, which holds dataset.json",
            )

    def jobs(self) -> list[str]:
        """Job ids of the sealed episodes, sorted."""
        if not self.episodes.is_dir():
            return []
        return sorted(p.name for p in self.episodes.iterdir() if (p / EPISODE).is_file())


def image_path(sensor: str, plane: str, frame_index: int, extension: str) -> str:
    """Path of an image inside its episode: ``front/rgb/000000.jpg``."""
    return f"{sensor}/{plane}/{frame_index:06d}.{extension}"


def output_error(error: OSError, path: Path) -> OutputError:
    """What the operating system says, with a remedy."""
    where = str(error.filename or path)
    reason = error.strerror or str(error)
    remedies = {
        "ENOSPC": "free some space or choose an --out on another disk, and run the same again; a render goes on where "
        "it stopped",
        "EDQUOT": "your quota is used up; free some space or choose another --out",
        "EFBIG": "the file system or a limit (ulimit -f) forbids files of this size; choose another --out",
        "EROFS": "the file system is read-only; choose another --out",
        "EACCES": "you may not write here; choose another --out",
        "EPERM": "you may not write here; choose another --out",
        "ENOENT": "a folder was removed while files were written into it; run the same again",
        "ENOTDIR": "what should be a folder is a file; choose another --out",
        "EEXIST": "a file stands where a folder should; choose another --out",
        "EISDIR": "a folder stands where a file should; choose another --out",
        "EMFILE": "too many open files; raise the limit (ulimit -n)",
    }
    code = errno.errorcode.get(error.errno or 0, "")
    return OutputError(f"cannot write: {reason}", where=where, remedy=remedies.get(code, "choose another --out"))
