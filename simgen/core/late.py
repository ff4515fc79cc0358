"""What is to happen once another package is imported, without importing it."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType


def once_imported(package: str, action: Callable[[], None]) -> None:
    """Calls ``action`` after ``package`` has been imported: now, if it already is.

    For registering with a package that costs time to import and that many users do without.
    """
    if package in sys.modules:
        action()
    else:
        sys.meta_path.insert(0, _Watcher(package, action))


class _Watcher(importlib.abc.MetaPathFinder):
    """Finds nothing itself; it lends the package's own loader one more step."""

    def __init__(self, package: str, action: Callable[[], None]) -> None:
        self._package = package
        self._action = action

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._package:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        load, action = spec.loader.exec_module, self._action

        def load_and_act(module: ModuleType) -> None:
            load(module)
            action()

        spec.loader.exec_module = load_and_act  # type: ignore[method-assign]
        return spec
