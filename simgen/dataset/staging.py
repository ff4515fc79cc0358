"""Directories in which an episode grows out of sight, and from which one rename publishes it."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from simgen.dataset.layout import Layout, output_error

_counter = itertools.count()


class StagingDirectory:
    """``.staging/<job id>.<process>.<n>``, held by a lock that ends with the process, however it ends.

    Raises:
        OutputError: when it cannot be made.
    """

    def __init__(self, layout: Layout, job: str) -> None:
        name = f"{job}.{os.getpid()}.{next(_counter)}"
        self.path = layout.staging / name
        self._lock_path = layout.staging / f"{name}.lock"
        try:
            layout.staging.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self._lock_path)
            self.path.mkdir()
        except OSError as error:
            raise output_error(error, layout.staging) from error

    def publish(self, target: Path) -> bool:
        """Renames it to ``target``; False when something is there already, which then stays as it is.

        Raises:
            OSError: for any other reason.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.path.rename(target)
        except OSError:
            if target.is_dir():
                return False
            raise
        return True

    def take_over(self, target: Path) -> None:
        """Makes room at ``target`` by moving what is there into staging, from where it is removed.

        Raises:
            OSError: when it cannot be moved.
        """
        aside = self.path.with_name(f"{self.path.name}.replaced")
        target.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)

    def discard(self) -> None:
        """Removes what is left of it, and the lock."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)
        with contextlib.suppress(OSError):  # others are at work in it
            self.path.parent.rmdir()


def write_whole(path: Path, text: str) -> None:
    """Writes a file by one rename, in the folder in which it will lie.

    Raises:
        OutputError: when it cannot be written; nothing of it stays.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise output_error(error, path) from error


def remove_stale(layout: Layout) -> int:
    """Removes what dead processes left in staging and says how many directories that were."""
    removed = 0
    if not layout.staging.is_dir():
        return removed
    for path in sorted(layout.staging.iterdir()):
        lock = path if path.suffix == ".lock" else path.with_name(f"{path.name}.lock")
        with _lock_of_the_dead(lock) as dead:
            if dead:
                removed += path.is_dir()
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        layout.staging.rmdir()
    return removed


def _locked(path: Path) -> int:
    """A descriptor that holds the lock on the file at ``path``, and not on one that a cleaner has just removed."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        except FileNotFoundError:  # a process that has just finished removed the empty folder
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        os.close(descriptor)


@contextlib.contextmanager
def _lock_of_the_dead(path: Path) -> Iterator[bool]:
    """Takes the lock if nobody alive holds it."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield True
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held; or the file system has no locks, and then nobody can be called dead
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """One process at a time for a directory; the lock is on the directory itself, so it leaves no file.

    Raises:
        FileNotFoundError: there is no such directory, or it was removed while one waited for it.
    """
    while True:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_ino == directory.stat().st_ino:
                yield
                return
        finally:
            os.close(descriptor)
