"""Mistakes that only the sampled world shows, with their places in the file, all told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from simgen.core.errors import Place, ScenarioInvalid, ScenarioRejected, SimgenError
from simgen.language import library
from simgen.language.logical import LogicalScenario


class Mistakes:
    """Those of one draw of a scenario."""

    def __init__(self, scenario: LogicalScenario) -> None:
        self._scenario = scenario
        self._found: list[tuple[Place | str | None, SimgenError]] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """A mistake within is kept, and what follows goes on; what another draw may do better is raised as ever."""
        try:
            yield
        except ScenarioRejected:
            raise
        except SimgenError as error:
            self.add((error,))

    def add(self, errors: Iterable[SimgenError]) -> None:
        """More of them. The second one at the same place is the first once more, of another one of a group."""
        for error in errors:
            where = place_of(self._scenario, error.where)
            if where is None or all(where != known for known, _ in self._found):
                self._found.append((where, error))

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        """Raises the mistake, or ScenarioInvalid with all of them."""
        errors = [error for _, error in sorted(self._found, key=_in_order)]
        if len(errors) == 1:
            raise errors[0]
        for error in errors:
            locate(self._scenario, error)
        if errors:
            raise ScenarioInvalid(errors)


def _in_order(found: tuple[Place | str | None, SimgenError]) -> tuple[bool, Place]:
    """As they stand in the file; what has no place in it comes last."""
    where = found[0]
    return (False, where) if isinstance(where, Place) else (True, Place("", 0, 0))


def locate(scenario: LogicalScenario, error: SimgenError) -> None:
    """Gives the error the place in the file, and the line there."""
    error.where = place_of(scenario, error.where)
    if isinstance(error.where, Place) and not error.line_text:
        error.line_text = library.line_at(error.where, scenario.sources)


def place_of(scenario: LogicalScenario, where: Place | str | None) -> Place | str | None:
    """Where in the file a value's path leads; what leads nowhere stays."""
    return scenario.place_of(where) or where if isinstance(where, str) else where
