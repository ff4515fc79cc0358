from __future__ import annotations

from pathlib import Path

import pytest

from simgen.core.errors import ScenarioInvalid
from simgen.language import load, suite
from tests.language.small import MINIMAL

pytestmark = pytest.mark.usefixtures("small_vocabulary")

TEXT = """\
suite: rainy
summary: Two scenarios, dry and wet.
scenarios: [one.yaml, two.yaml]
overrides: {slow: {actors.ego.speed: 5 m/s}, fast: {actors.ego.speed: {uniform: [20 m/s, 30 m/s]}}}
environments:
  dry: none
  wet: {environment.rain: 9 mm/h, environment.road_wetness: "min(1, 0.5)"}
faults: [none, frozen]
exclude:
  - {scenario: two, environment: wet}
  - {override: fast, fault: [frozen]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(MINIMAL)
    (tmp_path / "frozen.yaml").write_text("story:\n  - {event: freeze, do: {front: frozen_frame}}\n")
    (tmp_path / "suite.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_matrix_without_what_is_excluded(folder: Path):
    read = suite.load(folder / "suite.yaml")
    assert (read.name, read.summary) == ("rainy", "Two scenarios, dry and wet.")
    assert [case.name for case in read.cases] == [
        "one/slow/dry",
        "one/slow/dry/frozen",
        "one/slow/wet",
        "one/slow/wet/frozen",
        "one/fast/dry",
        "one/fast/wet",
        "two/slow/dry",
        "two/slow/dry/frozen",
        "two/fast/dry",
    ]
    wet = read.cases[3]
    assert wet.overrides == (
        "actors.ego.speed=5 m/s",
        "environment.rain=9 mm/h",
        'environment.road_wetness="min(1, 0.5)"',
        "use=[frozen]",
    )


def test_every_case_can_be_loaded(folder: Path):
    for case in suite.load("suite.yaml").cases:
        scenario = load(case.scenario, case.overrides)
        assert bool(scenario.story) == ("frozen" in case.name)
        assert bool(scenario.environment) == ("wet" in case.name)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("suite: rainy\n", "", "the suite has no name"),
        ("summary:", "sumary:", "1:2:1: unknown section 'sumary' in a suite; did you mean 'summary'?"),
        ("[one.yaml, two.yaml]", "[one.yaml, three]", "unknown scenario 'three'"),
        ("[one.yaml, two.yaml]", "[]", "a suite needs a list of scenarios"),
        ("[one.yaml, two.yaml]", "[{a: b}]", "a scenario is a name or a path, found a mapping"),
        ("{scenario: two, environment: wet}", "{scenario: tow}", "unknown scenario 'tow'"),
        ("{scenario: two, environment: wet}", "{place: two}", "unknown axis 'place'"),
        ("{scenario: two, environment: wet}", "two", "an exclusion is a mapping, found 'two'"),
        ("{scenario: two, environment: wet}", "{scenario: [one, two]}", "nothing is left of the matrix"),
        ("faults: [none, frozen]", "faults: [[a]]", "a point without a name is a fragment"),
        ("faults: [none, frozen]", "faults: 3", "'faults' is a list or a mapping, found '3'"),
    ],
)
def test_mistakes(folder: Path, old: str, new: str, expected: str):
    assert old in TEXT
    with pytest.raises(ScenarioInvalid) as caught:
        suite.parse(TEXT.replace(old, new), "1", folder)
    assert any(expected in f"{d.place}: {d.message}; {d.remedy}" for d in caught.value.diagnostics), str(caught.value)


@pytest.mark.parametrize("text", ["", "- a", "a", "suite: [", "scenarios: 3\nexclude: 4"])
def test_what_is_no_suite(text: str):
    with pytest.raises(ScenarioInvalid):
        suite.parse(text)
