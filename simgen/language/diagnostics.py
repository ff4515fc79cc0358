"""What is wrong in a file: place, cause and remedy, shown under the line it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from simgen.core.errors import Place, ScenarioInvalid, SimgenError, pointed_at, printable

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where YAML ends a line."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake. ``line_text`` is the source line it is on, "" when there is none.

    ``str()`` is that of ``pointed_at``.
    """

    place: Place
    message: str
    remedy: str = ""
    line_text: str = ""

    def __str__(self) -> str:
        if self.line_text.strip():
            return pointed_at(self.place, self.message, self.remedy, self.line_text)
        head, remedy = printable(f"{self.place}: {self.message}"), printable(self.remedy)
        return f"{head}; {remedy}" if remedy else head


class Report:
    """Collects the mistakes of one reading, so that all of them are told at once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}
        self._found: dict[tuple[Place, str], Diagnostic] = {}

    def add_text(self, file: str, text: str) -> None:
        """Makes the lines of ``file`` known, to be shown under its mistakes."""
        self._lines[file] = LINE_BREAK.split(text)

    def add(self, place: Place, message: str, remedy: str | None = "") -> None:
        """One more mistake; the same one at the same place counts once."""
        lines = self._lines.get(place.file, [])
        line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
        found = Diagnostic(place, message, remedy or "", line.removeprefix("\ufeff"))
        self._found.setdefault((place, message), found)

    def add_error(self, error: SimgenError, place: Place) -> None:
        """A mistake that was raised, at its own place if it has one."""
        self.add(error.where if isinstance(error.where, Place) else place, error.message, error.remedy)

    def __len__(self) -> int:
        return len(self._found)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All mistakes, by file in the order in which the files were read, then by line and column."""
        order = {file: number for number, file in enumerate(self._lines)}
        return tuple(sorted(self._found.values(), key=lambda d: (order.get(d.place.file, len(order)), d.place)))

    def raise_if_any(self) -> None:
        """Raises ScenarioInvalid when there is a mistake."""
        if self._found:
            raise ScenarioInvalid(self.diagnostics())


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names in a sentence: "a, b and c"."""
    items = list(names)
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {word} {items[-1]}"
