"""What C code does to this process: what it writes to the terminal, which is the user's, and how it gets memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from functools import cache


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discards what C code writes to standard output and error inside the block (pybullet greets with its build)."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a daemon has none
            stream.flush()
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


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 1 << 28
_MMAP_LIMIT_BYTES = 1 << 25


@cache
def keep_freed_memory() -> bool:
    """Has glibc's allocator keep up to 256 MiB of what is freed for the next array of a picture's size.

    Left alone it gives such memory back and gets it again several times a frame, and the kernel clears each page: up to
    a tenth of the time that sensing a 720p picture takes, a third of a 4K one's. Other C libraries are left as they
    are; says whether it worked.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    # Older versions take no more than 32 MiB for what goes past the heap.
    mapped = mallopt(_MMAP_THRESHOLD, _KEPT_BYTES) or mallopt(_MMAP_THRESHOLD, _MMAP_LIMIT_BYTES)
    return bool(mapped and mallopt(_TRIM_THRESHOLD, _KEPT_BYTES))


def give_back_memory() -> bool:
    """Has glibc give back all pages on which nothing is in use any more, also those amid others: some 10 ms.

    After an episode, whose scene goes, they would else stay with the process for as long as it runs. Says whether it
    worked.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))
