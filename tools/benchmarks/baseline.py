"""Ratios of one run against those of an earlier one: told, never a test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.row import Row

WORSE = 0.3
"""By what share a ratio must be worse to be told."""
LEAST = 0.02
"""Ratios below this, on both sides, are of parts too small to be told apart from noise."""


def as_json(machine: dict[str, object], rows: Sequence[Row]) -> str:
    return json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2) + "\n"


def read(path: Path) -> dict[str, Row]:
    """The rows of a file that ``as_json`` made, by name."""
    return {row["name"]: Row(**row) for row in json.loads(path.read_text())["rows"]}


def worse(rows: Sequence[Row], before: dict[str, Row], share: float = WORSE) -> Iterator[str]:
    """One line for each row whose ratio is worse by more than ``share``."""
    for row in rows:
        old = before.get(row.name)
        if row.ratio is None or old is None or old.ratio is None or max(row.ratio, old.ratio) < LEAST:
            continue
        now, then = (row.ratio, old.ratio) if row.better == "lower" else (old.ratio, row.ratio)
        if now > then * (1 + share):
            change = f"worse by {100 * (now / then - 1):.0f} %" if then > 0 else "worse"
            yield f"{row.name}: {old.ratio:.3f} -> {row.ratio:.3f} × {row.against}, {change}"
