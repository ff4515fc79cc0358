"""What the command line writes: data to standard output, all else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def data() -> Console:
    """Standard output; colours and width follow the terminal, and ``NO_COLOR`` is honoured."""
    return _Console(highlight=False, soft_wrap=True)


def messages() -> Console:
    """Standard error."""
    return _Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str = "", style: str = "") -> None:
    """One line of data."""
    data().print(Text(message, style=style))


def note(message: str) -> None:
    """One line for the user that is not data."""
    messages().print(Text(message, style="dim"))


@contextmanager
def noted_if_long(message: str, after_s: float = 4.0) -> Iterator[None]:
    """Says what is going on within, if that takes its time."""
    timer = Timer(after_s, note, (message,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def complain(message: str) -> None:
    """What went wrong, as it stands: diagnostics keep their columns."""
    console = messages()
    if console.is_terminal and "\n" not in message:
        console.print(Text.assemble(("error: ", "bold red"), message))
    else:
        console.print(Text(message))


def emit(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on a terminal; elsewhere whole lines in aligned columns, nothing cut."""
    console = data()
    if console.is_terminal:
        drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for i, column in enumerate(columns):
            drawn.add_column(column, style="cyan" if i == 0 else "", no_wrap=i == 0, overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(cell) for cell in row))
        console.print(drawn, soft_wrap=False)
        return
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    for row in [columns, *rows]:
        sys.stdout.write("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n")


def size(count: float) -> str:
    """Bytes in words: "1.2 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def duration(seconds: float) -> str:
    """Time in words: "42 s", "3 min 20 s", "2 h 05 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
