"""When an episode ends at the earliest and at the latest, as far as ``end`` says, and when every one is cut off."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from simgen.core.errors import ValueOutOfRange
from simgen.language.diagnostics import Report
from simgen.language.expressions import Comparison, Expr, Name, Namespace, number, parse
from simgen.language.expressions.evaluation import Constants, Result
from simgen.language.expressions.tree import Logic
from simgen.language.logical import Constant, Event, Expression, LogicalScenario, Value

LONGEST_S = 120.0
"""A scenario without an end, or whose end never comes, stops here."""


def check(end: Expression, parameters: Mapping[str, Value], report: Report) -> None:
    """Tells of an end that no episode can come to, since each of its alternatives waits for too late a time."""
    earliest = earliest_s(parse(end.text, end.place), _Fixed(parameters))
    if earliest > LONGEST_S:
        message = f"the end comes at {earliest:g} s at the earliest, and every episode is cut off at {LONGEST_S:g} s"
        report.add(end.place, message, f"end by then, e.g. time > {LONGEST_S:g} s, or list another end beside it")


def check_times(condition: Expression, parameters: Mapping[str, Value], report: Report) -> None:
    """Tells of a condition that no time fulfils: ``time > 5 s and time < 2 s``."""
    tree, namespace = parse(condition.text, condition.place), _Fixed(parameters)
    earliest, last = earliest_s(tree, namespace), last_s(tree, namespace)
    if earliest > last:
        message = f"this never holds: it asks for a time after {earliest:g} s and before {last:g} s"
        report.add(condition.place, message, "exchange the two, or write 'or' in place of 'and'")


def earliest_s(condition: Expr, namespace: Namespace) -> float:
    """Before this time the condition cannot hold; 0 where nothing says so. ``namespace`` knows what is fixed."""
    match condition:
        case Logic(operator="or", operands=operands):
            return min(earliest_s(o, namespace) for o in operands)
        case Logic(operands=operands):
            return max(earliest_s(o, namespace) for o in operands)
        case Comparison(operators=operators, operands=operands):
            pairs = zip(operands, operators, operands[1:], strict=False)
            return max(_bound_s(*((a, b) if sign[0] == ">" else (b, a)), namespace) for a, sign, b in pairs)
    return 0.0


def last_s(condition: Expr, namespace: Namespace) -> float:
    """After this time the condition cannot hold; infinite where nothing says so."""
    match condition:
        case Logic(operator="or", operands=operands):
            return max(last_s(o, namespace) for o in operands)
        case Logic(operands=operands):
            return min(last_s(o, namespace) for o in operands)
        case Comparison(operators=operators, operands=operands):
            pairs = zip(operands, operators, operands[1:], strict=False)
            below = ((b, a) if sign[0] == ">" else (a, b) for a, sign, b in pairs)
            return min(_bound_s(smaller, larger, namespace, unknown=math.inf) for smaller, larger in below)
    return math.inf


def latest_s(condition: Expr, namespace: Namespace) -> float:
    """At this time the condition holds at the latest, and from then on; infinite where nothing says so."""
    match condition:
        case Logic(operator="or", operands=operands):
            return min(latest_s(o, namespace) for o in operands)
        case Logic(operands=operands):
            return max(latest_s(o, namespace) for o in operands)
        case Comparison(operators=(sign,), operands=(left, right)) if sign[0] in "<>":
            larger, smaller = (left, right) if sign[0] == ">" else (right, left)
            return _bound_s(larger, smaller, namespace, unknown=math.inf)
    return math.inf


def too_late(scenario: LogicalScenario) -> Iterator[tuple[Event, float, float]]:
    """Events that wait for longer than any episode lasts: each with the time in s that it waits for at least, and that
    at which every episode is over."""
    namespace = _Fixed(scenario.parameters)
    end = scenario.end
    over = LONGEST_S if end is None else min(LONGEST_S, latest_s(parse(end.text, end.place), namespace))
    events = {event.name: event for event in scenario.story}

    def begins_s(event: Event) -> float:
        begins = 0.0 if event.when is None else earliest_s(parse(event.when.text, event.when.place), namespace)
        if event.after is None or event.after.event not in events:
            return begins
        delay = event.after.delay
        waits = float(delay.value) if isinstance(delay, Constant) else 0.0
        return max(begins, begins_s(events[event.after.event]) + waits)

    for event in scenario.story:
        begins = begins_s(event)
        if begins > over:
            yield event, begins, over


def _bound_s(side: Expr, other: Expr, namespace: Namespace, unknown: float = 0.0) -> float:
    """The constant with which ``time`` is compared on one side; ``unknown`` for other comparisons."""
    if not (isinstance(side, Name) and side.name == "time"):
        return unknown
    try:
        return number(other, namespace)
    except ValueOutOfRange:
        return unknown


class _Fixed(Constants):
    """What is the same in every sample: numbers, and parameters that are constants."""

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        self._parameters = parameters

    def parameter(self, name: str) -> Result:
        value = self._parameters.get(name)
        return value.value if isinstance(value, Constant) else super().parameter(name)
