"""The command line: one thin file per command under ``commands``."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Entry point of ``simgen``. Exits 0 when done, 1 when the run found something, 2 for a mistake of the user's."""
    from simgen.cli.application import application

    try:
        application(prog_name="simgen")
    finally:
        _flush()
        gc.freeze()  # at its end Python would look for cycles among all that was loaded: a tenth of a second


def _flush() -> None:
    """Flushes standard output; a reader that has gone (``| head``) is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
