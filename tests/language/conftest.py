from __future__ import annotations

import pytest

from simgen.core import vocabulary
from simgen.core.registry import Registry
from tests.language.small import SMALL


@pytest.fixture
def small_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the few members of tests/language/small.py in place of what is registered."""
    for kind, members in SMALL.items():
        registry: Registry[type] = Registry(vocabulary.KINDS[kind].kind, "simgen.core")
        registry._members.update(members)
        registry._loaded = True
        monkeypatch.setattr(vocabulary, kind, registry)
        monkeypatch.setitem(vocabulary.KINDS, kind, registry)
