"""What is no mistake in a scenario, and is most likely not what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

from pydantic import BaseModel

from simgen.core import vocabulary
from simgen.language.expressions import mentioned, parse
from simgen.language.logical import Constant, Do, Event, Expression, LogicalScenario


def remarks(scenario: LogicalScenario) -> Iterator[str]:
    """A sentence on each, with its line."""
    yield from _unused(scenario)
    yield from _backwards(scenario)
    events = {event.name: event for event in scenario.story}
    for event in scenario.story:
        yield from _at_once(event)
        if event.after is not None and event.after.event in events:
            yield from _cutting_in(event, events[event.after.event])


def _unused(scenario: LogicalScenario) -> Iterator[str]:
    used = {name for e in _expressions(scenario) for name in mentioned(parse(e.text, e.place))}
    for name, value in scenario.parameters.items():
        if name not in used:
            yield f"parameter '{name}' (line {value.place.line}) is used by nothing; others read it as ${name}"


def _expressions(part: Any) -> Iterator[Expression]:
    """All expressions within a part of a scenario."""
    match part:
        case Expression():
            yield part
        case BaseModel():
            yield from _expressions(dict(part))
        case dict():
            yield from _expressions(tuple(part.values()))
        case tuple():
            for inner in part:
                yield from _expressions(inner)


def _backwards(scenario: LogicalScenario) -> Iterator[str]:
    for actor in scenario.actors:
        speed, behavior = actor.speed, actor.behavior
        if behavior is not None and isinstance(speed, Constant) and isinstance(speed.value, float) and speed.value < 0:
            yield (
                f"'{actor.name}' (line {speed.place.line}) starts at {speed.text}, backwards, and its behavior "
                f"'{behavior.name}' looks and drives forwards only"
            )


def _at_once(event: Event) -> Iterator[str]:
    """Two actions of one event that move the same thing."""
    for one, other in combinations(event.do, 2):
        if one.subject == other.subject and _moves(one) & _moves(other):
            yield (
                f"event '{event.name}' (line {event.place.line}) does {one.action.name} and {other.action.name} to "
                f"'{one.subject}' at once, which stand against each other; give one an event of its own, with when: "
                "complete(event)"
            )


def _cutting_in(event: Event, first: Event) -> Iterator[str]:
    """What an event moves as soon as another one that moves the same has started."""
    assert event.after is not None
    delay = event.after.delay
    if event.when is not None or not (delay is None or (isinstance(delay, Constant) and delay.value == 0)):
        return
    for do, running in product(event.do, first.do):
        if do.subject == running.subject and _moves(do) & _moves(running):
            yield (
                f"event '{event.name}' (line {event.place.line}) starts as '{first.name}' starts, and its "
                f"{do.action.name} cuts into the {running.action.name} of '{do.subject}'; in place of 'after', "
                f"when: complete({first.name}) waits for its end"
            )
            return


def _moves(do: Do) -> frozenset[str]:
    """What of its subject an action moves as long as it runs."""
    known = vocabulary.actions
    moves: tuple[str, ...] = getattr(known.get(do.action.name), "moves", ()) if do.action.name in known else ()
    return frozenset(moves)
