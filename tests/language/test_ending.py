"""When an episode can end at the earliest."""

from __future__ import annotations

import pytest

from simgen.core.errors import Place
from simgen.language import expressions
from simgen.language.ending import earliest_s, too_late
from simgen.language.expressions.evaluation import Constants
from tests.language.small import minimal, mistakes


@pytest.mark.parametrize(
    ("condition", "earliest"),
    [
        ("time > 130 s", 130.0),
        ("2 min <= time", 120.0),
        ("1 s < time < 9 s", 1.0),
        ("time < 130 s", 0.0),
        ("not time > 130 s", 0.0),
        ("time > 3 s or time > 2 s or time > 7 s", 2.0),
        ("time > 3 s and (time > 9 s or time > 7 s)", 7.0),
        ("time > 3 s or collision(ego, van)", 0.0),
        ("time > 3 s and collision(ego, van)", 3.0),
        ("time > $late", 0.0),
        ("distance(ego, van) > 130 m", 0.0),
    ],
)
def test_before_this_time_the_condition_cannot_hold(condition: str, earliest: float) -> None:
    assert earliest_s(expressions.parse(condition, Place("x.yaml", 1, 1)), Constants()) == earliest


@pytest.mark.parametrize(
    "end",
    [
        "end: time > 120 s\n",
        "end: {any: ['collision(ego, van)', time > 130 s]}\n",
        "end: {any: [time > 90 s, time > 130 s]}\n",
        "parameters: {late: {uniform: [100 s, 130 s]}}\nend: time > $late\n",
    ],
)
def test_an_end_that_may_come_in_time_is_no_mistake(end: str) -> None:
    assert minimal(end).end is not None


@pytest.mark.parametrize(
    ("event", "end", "told"),
    [
        ("when: time > 50 s", "time > 3 s", (50.0, 3.0)),
        ("when: time > $late", "{any: ['time >= 3 s', 'collision(ego, van)']}", (50.0, 3.0)),
        ("when: 50 s < time and speed(ego) < 1 m/s", "{all: ['time > 3 s', 4 s < time]}", (50.0, 4.0)),
        ("when: time > 130 s", "collision(ego, van)", (130.0, 120.0)),
        ("after: {event: first, delay: 2 s}", "time > 3 s", (4.0, 3.0)),
        ("when: time > 3 s", "time > 3 s", None),
        ("when: time > 50 s or speed(ego) < 1 m/s", "time > 3 s", None),
        ("when: time > 50 s", "{all: ['time > 3 s', 'collision(ego, van)']}", None),
        ("when: time > 50 s", "time > $drawn", None),
        ("when: time > 50 s", "not (time > 3 s)", None),
        ("when: time > $drawn", "time > 3 s", None),
    ],
)
def test_events_that_wait_for_longer_than_any_episode_are_found(event, end, told):
    scenario = minimal(
        "parameters: {late: 50 s, drawn: {uniform: [10 s, 60 s]}}\n"
        "story:\n"
        "  - {event: first, when: time > 2 s, do: {ego: stop}}\n"
        f"  - {{event: late, {event}, do: {{ego: stop}}}}\n"
        f"end: {end}\n"
    )
    assert [(e.name, *times) for e, *times in too_late(scenario)] == ([("late", *told)] if told else [])


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("time > 5 s and time < 2 s", "a time after 5 s and before 2 s"),
        ("2 s > time and (speed(ego) < 1 m/s and $late < time)", "a time after 50 s and before 2 s"),
        ("time < 2 s and (time > 3 s or time > 4 s)", "a time after 3 s and before 2 s"),
        ("5 s < time < 2 s", "a time after 5 s and before 2 s"),
        ("time > 5 s or time < 2 s", None),
        ("time > 2 s and time < 5 s", None),
        ("time >= 2 s and time <= 2 s", None),
        ("time > 5 s and not (time > 6 s)", None),
    ],
)
@pytest.mark.parametrize(
    "section", ["story: [{{event: a, when: '{}', do: {{ego: stop}}}}]", "end: '{}'", "expect: ['{}']"]
)
def test_a_condition_that_no_time_fulfils_is_told(section: str, condition: str, told: str | None) -> None:
    text = f"parameters: {{late: 50 s}}\n{section.format(condition)}\n"
    if told is None:
        minimal(text)
    else:
        (found,) = mistakes(text)
        assert told in found
