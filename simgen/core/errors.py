"""The one tree of exceptions. Every error says where, what is wrong and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of characters in a text: 1-based line and column, length in characters."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


_WINDOW = 120
"""Widest line that is shown whole; of a longer one the part around the caret is shown."""


def pointed_at(place: Place, message: str, remedy: str, line_text: str) -> str:
    """What is wrong, above the source line it is about, and the remedy behind a caret below it::

    scenarios/x.yaml:14:23: unknown behavior 'folow_lane' for actor 'ego'
      14 |   ego: {model: car.sedan, behavior: folow_lane}
         |                                     ^^^^^^^^^^ did you mean 'follow_lane'?
    """
    line, start = _window(printable(line_text), place.column)
    length = max(1, min(place.length, len(line) - start))
    head = printable(f"{place}: {message}")
    return f"{head}\n{place.line:>4} | {line}\n{'':>4} | {' ' * start}{'^' * length} {printable(remedy)}".rstrip()


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of the line that is shown, and where in it the caret starts."""
    start = min(column - 1, len(line))
    if len(line) <= _WINDOW:
        return line, start
    first = max(0, min(start - _WINDOW // 3, len(line) - _WINDOW))
    last = first + _WINDOW
    before, after = "…" if first > 0 else "", "…" if last < len(line) else ""
    return f"{before}{line[first:last]}{after}", start - first + len(before)


def printable(text: str) -> str:
    """The same number of characters, with none that a terminal would act on."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)


class SimgenError(Exception):
    """Something that a user can act on.

    Args:
        message: what is wrong, with the values found.
        where: the place in a file, or the path of the value (``actors.ego.speed``).
        remedy: what to do about it.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, where: Place | str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy
        self.line_text = ""
        """The source line of ``where``, once somebody has looked it up."""

    def __str__(self) -> str:
        if isinstance(self.where, Place) and self.line_text.strip():
            return pointed_at(self.where, self.message, self.remedy or "", self.line_text)
        where = f"{self.where}: " if self.where is not None else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{where}{self.message}{remedy}"


class UnknownName(SimgenError):
    """A name that nothing answers to."""

    def __init__(self, *, kind: str, name: str, known: Iterable[str], where: Place | str | None = None) -> None:
        self.kind = kind
        self.name = name
        super().__init__(f"unknown {kind} '{name}'", where=where, remedy=suggestion(name, known, kind))


class ValueOutOfRange(SimgenError):
    """A value outside of what its declaration allows, or of the wrong type."""


def check_type(value: object, wanted: type | tuple[type, ...], *, what: str, remedy: str) -> None:
    """Raises ValueOutOfRange for an argument of a type that the function cannot use.

    Args:
        what: the argument's name and the function's: "scenario of simgen.run()".
    """
    if not isinstance(value, wanted):
        raise ValueOutOfRange(f"the {what} cannot be {_shortly(value)}", remedy=remedy)


def _shortly(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 40 else f'{text[:39]}…'} ({type(value).__name__})"


class ScenarioInvalid(SimgenError):
    """A scenario file with mistakes, all of them.

    ``diagnostics`` holds one ``simgen.language.diagnostics.Diagnostic`` per mistake; ``str()`` shows them all.
    """

    def __init__(self, diagnostics: Sequence[object]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class ScenarioRejected(SimgenError):
    """A scenario that cannot be drawn or built: a requirement that never holds, a place without room."""


class ExpectationMissed(ScenarioRejected):
    """A run that missed what its scenario expects with ``on_miss: fail``."""

    exit_code = 1


class AssetError(SimgenError):
    """An asset that is missing or that cannot be read."""


class OutputError(SimgenError):
    """An output that cannot be written, or that holds something else."""


class RendererUnavailable(SimgenError):
    """A renderer that this machine cannot run."""


class OutOfMemory(SimgenError):
    """Work that this machine has no memory for, or not now."""


class NotFound(SimgenError):
    """A dataset, an episode or a frame that is not there."""


class DatasetFault(SimgenError):
    """A dataset that is not what it says."""

    exit_code = 1


class DivergenceError(SimgenError):
    """A replay that differs from its record."""

    exit_code = 1


FEW = 20
"""So many names are read at a glance."""
LISTED = frozenset({"model", "effect", "behavior", "action", "condition", "distribution", "renderer", "format"})
"""Kinds that ``simgen vocabulary`` lists, as they are called in messages."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that the user most likely meant, or None; ``cutoff`` is the least share of letters in common."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return matches[0] if matches else None


def suggestion(name: str, known: Iterable[str], kind: str) -> str:
    """The remedy for an unknown name: the nearest one, or all of them when they are few, or what lists them."""
    names = sorted(known)
    meant = nearest(name, names)
    if meant is not None:
        return f"did you mean '{meant}'?"
    if len(names) <= FEW:
        return f"known: {', '.join(names)}" if names else f"there is no {kind} to name"
    listed = f"; see simgen vocabulary {kind}s" if kind in LISTED else ""
    return f"{len(names)} are known, e.g. {', '.join(names[:6])}{listed}"
