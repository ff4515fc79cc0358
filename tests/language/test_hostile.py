"""Whatever is given, there is a scenario or ScenarioInvalid, soon, and nothing else."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.core.errors import ScenarioInvalid
from simgen.language import LogicalScenario, parse
from tests.language.small import MINIMAL
from tests.language.test_reader import CHILD_CHASES_BALL

pytestmark = pytest.mark.usefixtures("small_vocabulary")


def outcome(text: str, overrides: tuple[str, ...] = ()) -> LogicalScenario | ScenarioInvalid:
    try:
        return parse(text, "x.yaml", overrides)
    except ScenarioInvalid as error:
        assert error.diagnostics
        for diagnostic in error.diagnostics:
            assert diagnostic.message and "\n" not in diagnostic.message  # type: ignore[attr-defined]
            assert "Error" not in str(diagnostic) and "object at 0x" not in str(diagnostic)
        return error


DEEP_ANY = "end: " + "{any: [" * 20 + "time > 3 s" + "]}" * 20

NASTY = [
    "",
    "\ufeff",
    "\x00\x01\x02",
    "\ud800",
    "%",
    "0\n\n0",
    "---\n...\n---",
    "null",
    "[]",
    "{}",
    "simgen",
    "- simgen: 1",
    "simgen: 1\nscenario:\n",
    "simgen: []\nscenario: {}\nsetting: []\nactors: []\nsensors: []\nstory: {}\nend: {}\nexpect: x\nsample: []\n",
    "simgen: 1\nscenario: x\nsetting: ~\nactors: ~\nsensors: ~\nstory: ~\nend: ~\nrequire: ~\nexpect: ~\nsample: ~\n",
    "simgen: 1\nscenario: x\nsetting: {road: {road: road}}\nactors: {e: {model: {choice: {}}, at: {lane: {}}}}\n",
    "simgen: 1\nscenario: x\nuse: /etc/passwd\nextends: ../../../etc/shadow\n",
    "simgen: 1\nscenario: x\nuse: ['', ' ', '.', '..', '/', \"\\0\"]\n",
    "a: " + "9" * 100_000,
    MINIMAL.replace("30 km/h", "9" * 5_000 + " km/h"),
    MINIMAL.replace("30 km/h", "1e308 km/h * 1e308"),
    MINIMAL.replace("30 km/h", "1e-400 km/h"),
    MINIMAL.replace("30 km/h", "2 ^ 2 ^ 2"),
    MINIMAL.replace("30 km/h", "(9 ^ 999) * 1 km/h"),
    MINIMAL.replace("30 km/h", "5 m^9*m^9*m^9/s"),
    MINIMAL.replace("30 km/h", "1 / 3 m/s" + " + 1 m/s" * 2_000),
    MINIMAL.replace("30 km/h", "'" + "(" * 500 + "'"),
    MINIMAL.replace("s: 20 m", "s: {uniform: {uniform: {uniform: [1 m, 2 m]}}}"),
    MINIMAL.replace("s: 20 m", "s: {choice: []}"),
    MINIMAL.replace("s: 20 m", "s: {choice: [[1 m], {a: 2 m}]}"),
    MINIMAL.replace("s: 20 m", "s: {choice: {[1]: 2}}"),
    MINIMAL.replace("s: 20 m", "s: {histogram: [[0 m, 1 m], [0]]}"),
    MINIMAL.replace("s: 20 m", "s: {fit: [/dev/null, a, foo]}"),
    MINIMAL.replace("s: 20 m", "s: {fit: {csv: /, column: [a], unit: m}}"),
    MINIMAL.replace("s: 20 m", "s: {poisson: 0 m}"),
    MINIMAL.replace("s: 20 m", "s: {truncated_normal: [0 m, 0 m, 0 m, 0 m]}"),
    MINIMAL.replace("lane: -1", "lane: {choice: [-1, 1.5]}"),
    MINIMAL.replace("ego:", "? {a: b}\n  :"),
    MINIMAL + "parameters: {a: {choice: [$a, $b]}, b: $b}\nend: $a == $b\n",
    MINIMAL + "parameters: {" + ", ".join(f"p{i}: $p{i + 1}" for i in range(900)) + ", p900: 1}\n",
    MINIMAL + "actors: {}\n",
    MINIMAL + DEEP_ANY + "\n",
    MINIMAL + "end: " + " or ".join(["time > 3 s"] * 500) + "\n",
    MINIMAL + "story: [" + ", ".join(f"{{event: e{i}, do: {{ego: stop}}, after: e{i + 1}}}" for i in range(99)) + "]\n",
    MINIMAL + "story:\n  - &e {event: a, do: {ego: stop}}\n  - *e\n",
    CHILD_CHASES_BALL.replace(" ", "\t"),
    CHILD_CHASES_BALL.replace("\n", "\r"),
    CHILD_CHASES_BALL.replace("\n", "\r\n"),
    CHILD_CHASES_BALL.replace(":", ""),
    CHILD_CHASES_BALL.replace("{", "").replace("}", ""),
    CHILD_CHASES_BALL.upper(),
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nasty_texts(text: str):
    started = time.perf_counter()
    outcome(text)
    assert time.perf_counter() - started < 10


def test_line_endings_make_no_difference():
    windows = outcome(CHILD_CHASES_BALL.replace("\n", "\r\n"))
    unix = outcome(CHILD_CHASES_BALL)
    assert isinstance(windows, LogicalScenario) and isinstance(unix, LogicalScenario)
    assert windows.model_copy(update={"sources": ()}) == unix.model_copy(update={"sources": ()})


@pytest.mark.parametrize("seed", range(40))
def test_a_scenario_with_pieces_cut_doubled_and_swapped(seed: int):
    random_ = random.Random(seed)
    text = CHILD_CHASES_BALL
    junk = [
        "{",
        "}",
        "[",
        "]",
        ":",
        "- ",
        "'",
        '"',
        "(",
        ")",
        ",",
        "&a ",
        "*a",
        "\n",
        "  ",
        "$",
        "#",
        "|",
        ">",
        "!x ",
        "1e9",
        "~",
    ]
    for _ in range(random_.randint(1, 5)):
        at = random_.randrange(len(text))
        to = min(len(text), at + random_.randint(0, 12))
        text = text[:at] + random_.choice([*junk, "", text[at:to] * 2]) + text[to:]
    outcome(text)


_words = st.sampled_from(
    [
        "1",
        "5 m/s",
        "$v",
        "$w",
        "ego",
        "true",
        "~",
        "on",
        "22:40",
        "time > 3 s",
        "car.sedan",
        "follow_lane",
        "stop",
        "front",
    ]
)
_data = st.recursive(
    _words,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(
                [
                    "uniform",
                    "choice",
                    "lane",
                    "s",
                    "at",
                    "model",
                    "event",
                    "do",
                    "any",
                    "camera",
                    "ego",
                    "v",
                    "w",
                    "road",
                ]
            ),
            inner,
            max_size=3,
        ).map(lambda d: f"{{{', '.join(f'{k}: {v}' for k, v in d.items())}}}"),
    ),
    max_leaves=8,
)
_sections = [
    "parameters",
    "setting",
    "environment",
    "actors",
    "sensors",
    "story",
    "end",
    "require",
    "expect",
    "sample",
    "tags",
]


@given(st.dictionaries(st.sampled_from(_sections), _data, max_size=5))
@settings(max_examples=150)
def test_sections_of_any_shape(sections: dict[str, str]):
    outcome("simgen: 1\nscenario: x\n" + "".join(f"{name}: {data}\n" for name, data in sections.items()))


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_any_text(text: str):
    assert isinstance(outcome(text), ScenarioInvalid)


@given(
    st.sampled_from(["environment.rain", "actors.ego.at", "story.0", "end", "a.b", "use", "sample"]),
    st.text(max_size=30),
)
@settings(max_examples=60)
def test_any_override(path: str, value: str):
    outcome(MINIMAL, (f"{path}={value}",))
