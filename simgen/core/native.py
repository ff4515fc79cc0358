"""Keeping native libraries from writing to standard output, which belongs to the user's data."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_stdout() -> Iterator[None]:
    """Discards what C code prints to file descriptor 1 inside the block (pybullet greets with its build time)."""
    sys.stdout.flush()
    libc = ctypes.CDLL(None)
    libc.fflush(None)
    try:
        kept = os.dup(1)
    except OSError:  # no standard output at all: nothing to protect
        yield
        return
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 1)
        yield
        libc.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(sink)
        os.close(kept)
