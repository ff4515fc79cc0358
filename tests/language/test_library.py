"""The shipped scenarios and the whole vocabulary, as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.core import vocabulary
from simgen.core.errors import AssetError, Place, UnknownName
from simgen.core.units import parse_unit
from simgen.language import library, load, nodes, suite
from simgen.language.diagnostics import Report
from simgen.language.expressions import FUNCTIONS, Names
from simgen.language.schema import json_schema
from simgen.language.values import ValueReader

MEMBERS = [(kind, name) for kind, registry in vocabulary.KINDS.items() for name in registry.names()]


def test_there_are_scenarios_and_each_is_found_by_its_name():
    assert "child_chases_ball" in library.names()
    assert library.find("child_chases_ball").is_file()
    assert library.find("driving/child_chases_ball") == library.find("child_chases_ball")
    with pytest.raises(UnknownName, match="did you mean 'child_chases_ball'"):
        library.find("child_chase_ball")


def test_a_shipped_file_is_called_by_its_place_in_the_library():
    scenario = load("child_chases_ball")
    assert scenario.sources[0].file == "scenarios/driving/child_chases_ball.yaml"
    assert scenario.story[0].place.file == "scenarios/driving/child_chases_ball.yaml"


def test_an_installed_wheel_has_the_library_inside_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shipped = tmp_path / "simgen" / "_shipped"
    for folder, text in (("driving", "scenario: a\n"), ("suites", "suite: b\n"), ("weather", "environment: {}\n")):
        (shipped / "scenarios" / folder).mkdir(parents=True)
        (shipped / "scenarios" / folder / f"{folder[0]}.yaml").write_text(text)
    (shipped / "assets").mkdir()
    monkeypatch.setattr(library, "_PACKAGE", tmp_path / "simgen")
    assert library.root() == shipped / "scenarios" and library.root("assets") == shipped / "assets"
    assert (library.names(), library.names("suite"), library.names("fragment")) == (["d"], ["s"], ["weather/w"])
    assert library.label(library.find("d")) == "scenarios/driving/d.yaml"
    monkeypatch.setattr(library, "_PACKAGE", tmp_path / "elsewhere" / "simgen")
    with pytest.raises(AssetError, match="the folder 'scenarios' is missing"):
        library.root()


def test_the_repository_has_the_library_beside_the_package():
    assert library.root().name == "scenarios" and library.root("assets").name == "assets"


@pytest.mark.parametrize("name", library.names())
def test_every_scenario_of_the_library_is_valid(name: str):
    scenario = load(name)
    assert scenario.name == name
    assert scenario.summary and scenario.tags


@pytest.mark.parametrize("name", library.names("suite"))
def test_every_suite_of_the_library_is_valid(name: str):
    for case in suite.load(name).cases:
        load(case.scenario, case.overrides)


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_every_declaration_can_be_written_in_a_file(kind: str, name: str):
    member = vocabulary.KINDS[kind].get(name)
    assert member.help().endswith("."), "one line of help is a whole sentence"
    for parameter in getattr(member, "parameters", {}).values():
        parse_unit(parameter.unit)
        assert parameter.help
        if parameter.kind == "quantity" and isinstance(parameter.default, int | float) and not parameter.required:
            assert parameter.low <= parameter.default <= parameter.high
    shorthand = getattr(member, "shorthand", None)
    assert shorthand is None or shorthand in member.parameters
    if kind == "conditions":
        assert member.unit in ("flag", "text") or parse_unit(member.unit)
        assert name not in FUNCTIONS


@pytest.mark.parametrize(("kind", "name"), MEMBERS)
def test_what_a_declaration_varies_by_is_a_distribution_of_its_values(kind: str, name: str):
    member = vocabulary.KINDS[kind].get(name)
    for parameter in getattr(member, "parameters", {}).values():
        if parameter.vary is None:
            continue
        report = Report()
        node = nodes.read(json.dumps(parameter.vary), f"{kind}.{name}", report)
        assert node is not None
        value = ValueReader(report=report, names=Names()).value(node, parameter, Place("vary", 1, 1))
        assert not report.diagnostics(), [str(d) for d in report.diagnostics()]
        assert value is not None


def test_the_schema_names_the_whole_vocabulary():
    schema = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    actor = schema["$defs"]["actor"]["properties"]
    assert set(vocabulary.models.names()) == set(actor["model"]["anyOf"][0]["enum"])
    assert set(vocabulary.distributions.names()) == set(schema["$defs"]["distribution"]["properties"])
    deeds = schema["$defs"]["deed"]["anyOf"][1]["properties"]
    assert set(vocabulary.actions.names()) | set(vocabulary.effects.names()) == set(deeds)
    assert set(vocabulary.sensors.names()) < set(schema["$defs"]["sensor"]["properties"])
    settings = [form["properties"] for form in schema["properties"]["setting"]["anyOf"]]
    named = {form[group]["const"] for form in settings for group in form if "const" in form[group]}
    assert named == set(vocabulary.settings.names())


def test_references_of_the_schema_lead_somewhere():
    schema = json_schema()

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [r for child in node.values() for r in references(child)]
        return [r for child in node for r in references(child)] if isinstance(node, list) else []

    assert references(schema)
    for reference in references(schema):
        assert reference.removeprefix("#/$defs/") in schema["$defs"]


def test_importing_the_language_loads_neither_pint_nor_lark_nor_a_backend():
    code = (
        "import sys, simgen.language; "
        "print([m for m in ('pint', 'lark', 'pybullet', 'moderngl', 'OpenGL', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_checking_a_scenario_loads_neither_pint_nor_a_backend():
    code = (
        "import sys, simgen.language; simgen.language.load('child_chases_ball'); "
        "print([m for m in ('pint', 'pybullet', 'moderngl', 'OpenGL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
