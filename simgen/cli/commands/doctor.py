"""``simgen doctor``: which renderer this machine has, and what is missing."""

from __future__ import annotations

from simgen.cli.options import Json
from simgen.cli.terminal import emit, say, table


def doctor(json: Json = False) -> None:
    """Which renderer is used and why, versions, what is missing and how to get it."""
    from simgen.farm.diagnosis import diagnose

    found = diagnose()
    if json:
        emit(found.model_dump(mode="json"))
        return
    rows = [
        ("simgen", found.simgen),
        ("python", found.python),
        ("platform", found.platform),
        ("cores", str(found.cores)),
    ]
    table(("what", "found"), [*rows, *found.packages.items()])
    say()
    table(
        ("renderer", "works", "with, or what is missing"),
        [(r.name, "yes" if r.works else "no", r.words) for r in found.renderers],
    )
    say()
    say(f"auto renders with {found.chosen}" if found.chosen else "no renderer works here", style="bold")
