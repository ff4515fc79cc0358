"""What a benchmark says: rows, the clock behind them, and how they are printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Better = Literal["lower", "higher"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. ``against`` names what ``ratio`` compares it with, "" for none; ``better`` is about the ratio."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    better: Better = "lower"


def compared(name: str, value: float, unit: str, against: str, base: float, better: Better = "lower") -> Row:
    """A row whose ratio is its value over ``base``."""
    return Row(name=name, value=value, unit=unit, against=against, ratio=value / base if base else None, better=better)


def cpu_seconds(action: Callable[[], object], times: int = 1) -> float:
    """The least of several runs, in CPU time of this process: what others do on the machine counts less."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        action()
        spent.append(time.process_time() - began)
    return min(spent)


def table(rows: Iterable[Row]) -> str:
    """Ratios first, then what stands alone."""
    lines = []
    for row in sorted(rows, key=lambda r: r.ratio is None):
        ratio = "" if row.ratio is None else f"{row.ratio:9.3f} × {row.against}"
        lines.append(f"{row.name:28} {ratio:48} {row.value:12.2f} {row.unit}".rstrip())
    return "\n".join(lines)
