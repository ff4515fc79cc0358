"""``simgen list``: the scenarios that come with simgen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simgen.cli.options import Json
from simgen.cli.terminal import emit, table


def list_library(json: Json = False) -> None:
    """The scenario library and its suites, one line each."""
    from simgen.language import library

    entries = [_entry(name, path, "scenario") for name, path in library.files("scenario").items()]
    entries += [_entry(name, path, "suite") for name, path in library.files("suite").items()]
    if json:
        emit(entries)
        return
    table(("name", "group", "what happens"), [(e["name"], e["group"], e["summary"]) for e in entries])


def _entry(name: str, path: Path, kind: str) -> dict[str, Any]:
    """Only the head of the file is read: ``simgen check`` says whether the rest holds."""
    import yaml

    try:
        head = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        head = None
    if not isinstance(head, dict):
        head = {"summary": f"cannot be read; simgen check {name} says why"}
    return {
        "name": name,
        "kind": kind,
        "group": path.parent.name,
        "summary": str(head.get("summary", "")),
        "tags": [str(tag) for tag in head.get("tags") or ()],
        "path": str(path),
    }
