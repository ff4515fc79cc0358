"""The scenarios that simgen ships: where they are and what they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from simgen.core.errors import AssetError, Place, UnknownName
from simgen.language.diagnostics import LINE_BREAK
from simgen.language.logical import Source

_PACKAGE = Path(__file__).resolve().parents[1]
_KIND = re.compile(r"^(scenario|suite)[ \t]*:", re.MULTILINE)

Kind = Literal["scenario", "suite", "fragment"]


def root(folder: Literal["scenarios", "assets"] = "scenarios") -> Path:
    """The shipped folder: inside of the package when installed from a wheel, beside it in a checkout.

    Raises:
        AssetError: the installation has lost it.
    """
    for path in (_PACKAGE / "_shipped" / folder, _PACKAGE.parent / folder):
        if path.is_dir():
            return path
    raise AssetError(f"the folder '{folder}' is missing", where=str(_PACKAGE), remedy="install simgen again")


def files(kind: Kind = "scenario") -> dict[str, Path]:
    """Path by name, in the order of the names.

    A scenario is called by its file's name alone ("cut_in"), a suite too, and a fragment by its folder and name
    ("weather/heavy_rain").
    """
    found: dict[str, Path] = {}
    top = root()
    for path in sorted(top.rglob("*.yaml")):
        declared = _KIND.search(path.read_text(encoding="utf-8", errors="replace"))
        if (declared[1] if declared else "fragment") == kind:
            within = path.relative_to(top).with_suffix("")
            found[within.as_posix() if kind == "fragment" else within.name] = path
    return dict(sorted(found.items()))


def names(kind: Kind = "scenario") -> list[str]:
    """What can be loaded by name."""
    return list(files(kind))


def find(name: str, kind: Kind = "scenario") -> Path:
    """The file of a name, with or without its folder ("cut_in", "driving/cut_in").

    Raises:
        UnknownName: with the nearest name.
    """
    known = files(kind)
    if name in known:
        return known[name]
    top = root()
    for path in known.values():
        if path.relative_to(top).with_suffix("").as_posix() == name.removesuffix(".yaml"):
            return path
    raise UnknownName(kind=kind, name=name, known=known)


def line_at(place: Place, sources: Sequence[Source]) -> str:
    """The line of a place, as long as the text is there of which the scenario was read; "" otherwise."""
    for source in sources:
        option, equals, written = source.file.partition("=")
        if equals and option.strip() == place.file:
            return _line(written, place.line)
        if source.file != place.file:
            continue
        for path in (Path(place.file), root().parent / place.file):
            try:
                data = path.read_bytes()
            except OSError:
                continue
            if hashlib.sha256(data).hexdigest() == source.sha256:
                return _line(data.decode("utf-8-sig"), place.line)
    return ""


def _line(text: str, number: int) -> str:
    lines = LINE_BREAK.split(text)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def label(path: Path) -> str:
    """How a file is called in messages and records: from ``scenarios/`` on where it is shipped, else as given."""
    resolved = path.resolve()
    top = root()
    return f"scenarios/{resolved.relative_to(top).as_posix()}" if resolved.is_relative_to(top) else str(path)
