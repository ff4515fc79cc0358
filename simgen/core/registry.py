"""How a thing that YAML can name is found: by scanning one package of ours and one entry-point group for plug-ins."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from simgen.core.errors import Place, UnknownName

T = TypeVar("T")


class Registry(Generic[T]):
    """The members of one kind, by name.

    The package is named as text and imported on first use, so that a lower layer can ask what exists without
    depending on the layer that implements it. Adding a member is adding a module to the package.

    Args:
        kind: what one member is called in messages ("effect").
        package: dotted name of the package whose modules register members.
        group: entry-point group through which other distributions add members.
    """

    def __init__(self, kind: str, package: str, group: str | None = None) -> None:
        self.kind = kind
        self._package = package
        self._group = group
        self._members: dict[str, T] = {}
        self._unlisted: set[str] = set()
        self._loaded = False

    def register(self, name: str, *, listed: bool = True) -> Callable[[T], T]:
        """Keeps a member. One that is not listed answers to ``get`` alone: records name it, users do not."""

        def keep(member: T) -> T:
            if name in self._members and self._members[name] is not member:
                raise ValueError(f"{self.kind} '{name}' is registered twice")
            self._members[name] = member
            if not listed:
                self._unlisted.add(name)
            return member

        return keep

    def get(self, name: str, where: Place | str | None = None) -> T:
        """The member of this name. Raises UnknownName, with the nearest name."""
        self._load()
        try:
            return self._members[name]
        except KeyError:
            raise UnknownName(kind=self.kind, name=name, known=self.names(), where=where) from None

    def names(self) -> list[str]:
        self._load()
        return sorted(self._members.keys() - self._unlisted)

    def items(self) -> Iterator[tuple[str, T]]:
        for name in self.names():
            yield name, self._members[name]

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._members and name not in self._unlisted

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self._package)
        for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
            importlib.import_module(f"{self._package}.{module}")
        if self._group is not None:
            for entry in sorted(_entry_points().select(group=self._group), key=lambda e: e.name):
                self.register(entry.name)(entry.load())


@functools.cache
def _entry_points() -> Any:
    """Of all distributions: reading them takes ten milliseconds, whichever group is asked for."""
    return importlib.metadata.entry_points()
