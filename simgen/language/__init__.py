"""YAML text in, LogicalScenario out, or all of its mistakes at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from simgen.core.errors import SimgenError, check_type
from simgen.language import library
from simgen.language.composition import Composition
from simgen.language.diagnostics import Diagnostic, Report
from simgen.language.logical import LogicalScenario
from simgen.language.nodes import Mapping

__all__ = ["Diagnostic", "LogicalScenario", "library", "load", "parse"]


def load(source: str | Path, overrides: Sequence[str] = ()) -> LogicalScenario:
    """The scenario of a file, or of a name in the library.

    Args:
        source: "child_chases_ball", "driving/child_chases_ball" or a path.
        overrides: ``path=value``, as after ``--set``: "environment.rain=5 mm/h".

    Raises:
        ScenarioInvalid: the file has mistakes; it holds all of them.
        ValueOutOfRange: the source is neither a name nor a path.
        UnknownName: neither a file nor a name of the library.
        SimgenError: the file cannot be read.
    """
    composition = Composition(report=Report())
    return _finish(composition, composition.read_file(locate(source)), overrides)


def parse(text: str, file: str = "<text>", overrides: Sequence[str] = ()) -> LogicalScenario:
    """The scenario of a YAML text; ``file`` is what messages call it, and what it includes is looked for beside it.

    Raises:
        ScenarioInvalid: the text has mistakes; it holds all of them.
    """
    composition = Composition(report=Report())
    return _finish(composition, composition.read_text(text, file, Path(file).parent), overrides)


def locate(source: str | Path) -> Path:
    """The file of a path, or of a name in the library. Raises UnknownName, or SimgenError for a path to nothing."""
    check_type(
        source, (str, os.PathLike), what="source of load()", remedy="name a scenario of the library, or a file's path"
    )
    path = Path(source)
    if path.is_file():
        return path
    if isinstance(source, Path) or path.suffix in (".yaml", ".yml"):
        raise SimgenError("there is no such file", where=str(source), remedy="check the path, or name a scenario")
    return library.find(source)


def _finish(composition: Composition, tree: Mapping | None, overrides: Sequence[str]) -> LogicalScenario:
    # Imported on first use: it knows the whole vocabulary, and `import simgen` need not.
    from simgen.language import reader

    for override in overrides:
        tree = None if tree is None else composition.override(tree, override)
    if tree is not None:
        sources = tuple(composition.sources.values())
        scenario = reader.read(tree, composition.report, composition.resolve, sources)
        if scenario is not None:
            return scenario
    composition.report.raise_if_any()
    raise AssertionError("a scenario that cannot be read has a mistake to tell")
