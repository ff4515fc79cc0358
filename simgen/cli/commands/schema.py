"""``simgen schema``: JSON Schema of the scenario language."""

from __future__ import annotations

from simgen.cli.terminal import emit


def schema() -> None:
    """JSON Schema for editors, so that they complete and check scenario files."""
    from simgen.language.schema import json_schema

    emit(json_schema())
