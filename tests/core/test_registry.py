from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from simgen.core.errors import LISTED, Place, UnknownName, nearest, suggestion
from simgen.core.registry import Registry
from simgen.core.vocabulary import KINDS


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of two modules, each of which registers a member with the registry in ``registry_of_zoo``."""
    folder = tmp_path / "zoo_of_members"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from simgen.core.registry import Registry\nzoo = Registry('animal', __name__)\n"
    )
    for name in ("zebra", "ape"):
        (folder / f"{name}.py").write_text(
            f"from zoo_of_members import zoo\nzoo.register('{name}')('{name.upper()}')\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "zoo_of_members"
    for module in [m for m in sys.modules if m.startswith("zoo_of_members")]:
        del sys.modules[module]


def zoo(package: str) -> Registry[str]:
    found: Registry[str] = __import__(package).zoo
    return found


def test_members_are_found_in_the_modules_of_the_package_when_first_asked_for(package: str):
    registry = zoo(package)
    assert f"{package}.ape" not in sys.modules
    assert registry.names() == ["ape", "zebra"]
    assert registry.get("ape") == "APE" and "zebra" in registry and "ant" not in registry
    assert list(registry.items()) == [("ape", "APE"), ("zebra", "ZEBRA")]


def test_a_name_is_taken_once(package: str):
    registry = zoo(package)
    registry.register("ape")("APE")
    with pytest.raises(ValueError, match="animal 'ape' is registered twice"):
        registry.register("ape")("other")


def test_an_unknown_name_tells_the_nearest_and_where(package: str):
    with pytest.raises(UnknownName) as caught:
        zoo(package).get("zebar", Place("x.yaml", 3, 5))
    assert str(caught.value) == "x.yaml:3:5: unknown animal 'zebar'; did you mean 'zebra'?"


def test_plug_ins_add_members(package: str, monkeypatch: pytest.MonkeyPatch):
    entries = [
        EntryPoint(name="yak", value="string:digits", group="simgen.animals"),
        EntryPoint(name="yew", value="string:digits", group="simgen.plants"),
    ]
    monkeypatch.setattr("simgen.core.registry._entry_points", lambda: EntryPoints(entries))
    monkeypatch.setattr("pkgutil.iter_modules", lambda path: [])
    registry: Registry[str] = Registry("animal", "json", "simgen.animals")
    assert registry.names() == ["yak"]
    assert registry.get("yak") == "0123456789"


def test_suggestions():
    assert nearest("folow_lane", ["follow_lane", "idle"]) == "follow_lane"
    assert nearest("xyz", ["follow_lane"]) is None
    assert suggestion("xyz", ["b", "a"], "thing") == "known: a, b"
    assert suggestion("xyz", [], "thing") == "there is no thing to name"
    names = [f"name{i:02}" for i in range(21)]
    assert suggestion("xyz", names[:20], "thing") == f"known: {', '.join(names[:20])}"
    assert suggestion("xyz", names, "thing") == f"21 are known, e.g. {', '.join(names[:6])}"
    assert suggestion("xyz", names, "model").endswith("; see simgen vocabulary models")


def test_what_messages_say_is_listed_is_listed():
    assert {f"{kind}s": kind for kind in LISTED}.items() <= {key: kinds.kind for key, kinds in KINDS.items()}.items()
