"""``simgen verify``: whether a dataset is what it says."""

from __future__ import annotations

from itertools import groupby

import typer

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import complain, emit, plural, say


def verify(out: Dataset, json: Json = False) -> None:
    """Checks every digest, the Merkle root, the labels' consistency and completeness. Exit 1 on any fault."""
    from simgen.dataset.verify import verify as verified

    report = verified(out)
    if json:
        faults = [{"path": fault.path, "message": fault.message, "remedy": fault.remedy} for fault in report.faults]
        emit({"ok": report.ok, "faults": faults, "frames": report.frames, "merkle_root": report.merkle_root})
    elif report.ok:
        looked = (
            f"{plural(report.episodes, 'episode')}, {plural(report.frames, 'frame')}, {plural(report.files, 'file')}"
        )
        say(f"{out}: is what it says ({looked}; Merkle root {report.merkle_root})", style="green")
    else:
        for remedy, alike in groupby(report.faults, key=lambda fault: fault.remedy):
            for fault in alike:
                complain(f"{fault.path}: {fault.message}")
            complain(f"  {remedy}")
        complain(f"{out}: {plural(len(report.faults), 'fault')}")
    if not report.ok:
        raise typer.Exit(1)
