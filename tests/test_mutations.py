"""The tables of tools/mutants: each mutation still fits the code, and each proven test is turned red by one."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("mutants", str(ROOT / "tools" / "mutants"))
    spec = importlib.util.spec_from_loader("mutants", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = writes
    return module


def test_no_table_has_rotted(mutants: ModuleType) -> None:
    tables = mutants.read_tables()
    assert "physics" in [table.name for table in tables]
    for table in tables:
        assert table.faults() == []
        names = [mutation.name for mutation in table.mutations]
        assert len(set(names)) == len(names)


def test_rot_is_told(mutants: ModuleType) -> None:
    (table,) = mutants.read_tables(["physics"])
    sound = table.mutations[0]
    for change, says in (
        ({"text": "no such text"}, "occurs 0 times"),
        ({"text": "\n"}, "times in"),
        ({"put": sound.text}, "changes nothing"),
        ({"put": "GRAVITY_MPS2 ="}, "leaves no Python"),
        ({"red": ("tests/simulation/test_physics.py::test_gone",)}, "there is no test"),
        ({"red": ()}, "names no test"),
        ({"file": "simgen/gone.py"}, "does not exist"),
    ):
        assert any(says in fault for fault in replace(sound, **change).faults()), says
    assert replace(table, mutations=table.mutations[1:], proves=("tests/test_mutations.py",)).faults()
