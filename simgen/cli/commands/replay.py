"""``simgen replay``: one frame again, from its record."""

from __future__ import annotations

from typing import Annotated

import typer

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import complain, emit, say

FrameAddress = Annotated[
    str, typer.Argument(metavar="FRAME", help="JOB/SENSOR/INDEX, or a number in the dataset's order, from 0.")
]


def replay(out: Dataset, frame: FrameAddress, json: Json = False) -> None:
    """Makes a frame again from its record and compares the pixels' digests. Exit 1 where they differ."""
    from simgen import episode

    report = episode.replay(out, frame)
    if json:
        emit(report.document())
    elif report.ok:
        say(str(report), style="green")
    else:
        complain(str(report))
    if not report.ok:
        raise typer.Exit(1)
