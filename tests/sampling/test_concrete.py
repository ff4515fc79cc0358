"""A concrete scenario as a file: the same bytes again, and every mistake at its place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.core.errors import ScenarioInvalid
from simgen.sampling.concrete import (
    ConcreteAction,
    ConcreteActor,
    ConcreteAfter,
    ConcreteEvent,
    ConcreteScenario,
    ConcreteSensor,
    DrawRecord,
    Use,
    read,
)

names = st.text(min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.one_of(st.booleans(), st.integers(-(10**9), 10**9), numbers, st.text(max_size=20), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def concretes(draw: st.DrawFn) -> ConcreteScenario:
    return ConcreteScenario(
        concrete=draw(names),
        summary=draw(st.text(max_size=200)),
        tags=tuple(draw(st.lists(names, max_size=3))),
        seed=draw(st.integers(0, 2**53 - 1)),
        index=draw(st.integers(0, 2**31 - 1)),
        rejections=draw(st.dictionaries(names, st.integers(0, 99), max_size=2)),
        parameters=draw(st.dictionaries(names, plain, max_size=4)),
        setting=Use(name="tabletop"),
        actors=(
            ConcreteActor(
                name=draw(names),
                model=Use(name="block"),
                position_m=(draw(numbers), draw(numbers), draw(numbers)),
                yaw_rad=draw(numbers),
                lane=draw(st.one_of(st.none(), st.integers(-9, 9))),
                behavior=Use(name="idle"),
            ),
        ),
        sensors=(ConcreteSensor(name="top", sensor=Use(name="camera", parameters={"mount": draw(st.text())})),),
        story=(
            ConcreteEvent(
                name="e",
                do=(ConcreteAction(subject="top", action=Use(name="frozen_frame")),),
                when="time > 1 s",
                after=ConcreteAfter(event="e", delay_s=draw(numbers)),
            ),
        ),
        draws=(DrawRecord(path=draw(names), distribution="uniform", parameters={}, uniform=0.5, value=draw(plain)),),
    )


@given(concretes())
@settings(max_examples=20)
def test_what_is_written_reads_back_equal_and_writes_the_same_bytes(concrete: ConcreteScenario) -> None:
    text = concrete.to_yaml()
    again = read(text, "x.yaml")
    assert again == concrete
    assert again.to_yaml() == text
    assert again.digest() == concrete.digest()


def test_every_line_break_survives() -> None:
    summary = "a\x85b\u2028c\u2029d\r\ne\n f\tg"
    concrete = ConcreteScenario(concrete="x", summary=summary, seed=0, index=0, setting=Use(name="tabletop"))
    assert read(concrete.to_yaml(), "x.yaml").summary == summary


@pytest.mark.parametrize("text", ["1e3", "0E0", "089", ".5", "-7", "null", "22:40"])
def test_a_text_that_looks_like_something_else_stays_a_text(text: str) -> None:
    concrete = ConcreteScenario(concrete="x", summary=text, seed=0, index=0, setting=Use(name="tabletop"))
    assert read(concrete.to_yaml(), "x.yaml").summary == text


GOOD: dict[str, Any] = {
    "simgen": 1,
    "concrete": "x",
    "seed": 1,
    "index": 0,
    "setting": {"name": "tabletop"},
    "actors": [
        {
            "name": "cup",
            "model": {"name": "cup", "parameters": {"diameter": 0.07}},
            "position_m": [0, 0, 1],
            "yaw_rad": 0,
        }
    ],
    "sensors": [{"name": "top", "sensor": {"name": "camera", "parameters": {"mount": "world"}}}],
    "end": "time > 2 s",
}


def told(text: str) -> list[str]:
    with pytest.raises(ScenarioInvalid) as caught:
        read(text, "x.yaml")
    return [str(d) for d in caught.value.diagnostics]


def dump(**changes: Any) -> str:
    return yaml.safe_dump({**GOOD, **changes}, sort_keys=False)


def test_a_hand_written_one_reads() -> None:
    assert read(dump(), "x.yaml").actors[0].model.parameters == {"diameter": 0.07}
    # Numbers as anyone writes them; no YAML 1.1 surprises.
    text = dump().replace("diameter: 0.07", "diameter: 7e-2") + "summary: on\n"
    assert read(text, "x.yaml").actors[0].model.parameters == {"diameter": 0.07}
    assert read(text, "x.yaml").summary == "on"


def test_every_mistake_is_told_at_its_place() -> None:
    text = dump(actors=[{"name": "cup", "modle": {"name": "cup"}, "position_m": [0, "x", 1], "yaw_rad": 0}], sead=3)
    found = told(text)
    assert len(found) == 4
    joined = "\n".join(found)
    assert "unknown key 'modle'; did you mean" not in joined  # the remedy stands under the line
    assert "did you mean 'model'?" in joined
    assert "did you mean 'seed'?" in joined
    assert "'actors.0.model' is missing" in joined
    assert "actors.0.position_m.1: input should be a valid number" in joined
    [line] = [i for i, row in enumerate(text.splitlines(), 1) if "- x" in row]
    assert any(d.startswith(f"x.yaml:{line}:") for d in found)


def test_names_and_ranges_are_checked_too() -> None:
    actors = [
        {"name": "cup", "model": {"name": "cupp"}, "position_m": [0, 0, 1], "yaw_rad": 0},
        {
            "name": "b",
            "model": {"name": "cup", "parameters": {"diameter": 9.0}},
            "position_m": [0, 0, 1],
            "yaw_rad": 0,
            "carrier": "cub",
        },
    ]
    text = dump(actors=actors, environment={"rain": -1}, require=["distance(a, b"])
    found = told(text)
    assert len(found) == 5
    rows = text.splitlines()
    for needle, message in (
        ("cupp", "unknown model 'cupp'"),
        ("diameter: 9.0", "diameter is 9 m"),
        ("carrier: cub", "unknown actor 'cub'"),
        ("rain: -1", "rain is -1 mm/h"),
        ("distance(a, b", ""),
    ):
        [line] = [i for i, row in enumerate(rows, 1) if needle in row]
        assert any(d.startswith(f"x.yaml:{line}:") and message in d for d in found), needle


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2", "not readable as YAML"),
        ("", "no concrete scenario"),
        ("just text", "no concrete scenario"),
        ("simgen: 1\nsimgen: 1\n", "the key 'simgen' is here twice"),
        ("? [1, 2]\n: 3\n", "a key must be a name"),
    ],
)
def test_what_is_no_concrete_scenario_is_told(text: str, message: str) -> None:
    assert any(message in d for d in told(text))
