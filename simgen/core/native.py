"""Keeping native libraries from writing to the terminal, which belongs to the user."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discards what C code writes to standard output and error inside the block (pybullet greets with its build)."""
    sys.stdout.flush()
    sys.stderr.flush()
    libc = ctypes.CDLL(None)
    libc.fflush(None)
    with contextlib.ExitStack() as stack:
        sink = os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, sink)
        for descriptor in (1, 2):
            try:
                kept = os.dup(descriptor)
            except OSError:  # closed: nothing to protect
                continue
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, descriptor)
            os.dup2(sink, descriptor)
        stack.callback(libc.fflush, None)
        yield
