"""``simgen status``: how far the runs on a dataset are."""

from __future__ import annotations

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import duration, emit, say


def status(out: Dataset, json: Json = False) -> None:
    """Jobs planned, sealed, running and failed, the rate and the time left."""
    from simgen.farm.ledger import status as counted

    found = counted(out)
    if json:
        emit(found.model_dump(mode="json"))
        return
    say(f"{out}: {found.sealed} of {found.planned} sealed, {found.running} running, {found.failed} failed")
    if found.running:
        left = "" if found.left_s is None else f", about {duration(found.left_s)} left"
        say(f"  {found.frames_per_s:.1f} frames/s{left}")
