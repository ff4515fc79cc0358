"""The command line: one thin file per command under ``commands``."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Entry point of ``simgen``. Exits 0 when done, 1 when the run found something, 2 for a mistake of the user's."""
    _open_what_is_closed()
    from simgen.cli.application import application

    try:
        application(prog_name="simgen")
    finally:
        _flush()
        gc.freeze()  # at its end Python would look for cycles among all that was loaded: a tenth of a second


def _open_what_is_closed() -> None:
    """Gives a process without standard streams (``>&-``, a daemon) the null device for them.

    Else the next files that are opened would get their numbers, and what C code prints would be written into these.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        null = os.open(os.devnull, os.O_RDWR)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
        os.set_inheritable(descriptor, True)  # for the workers
        setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", encoding="utf-8"))


def _flush() -> None:
    """Flushes standard output; a reader that has gone (``| head``) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
