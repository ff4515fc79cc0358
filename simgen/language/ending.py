"""When an episode can end at the earliest, as far as its ``end`` says, and when every one is cut off."""

from __future__ import annotations

from collections.abc import Mapping

from simgen.core.errors import ValueOutOfRange
from simgen.language.diagnostics import Report
from simgen.language.expressions import Comparison, Expr, Name, Namespace, number, parse
from simgen.language.expressions.evaluation import Constants, Result
from simgen.language.expressions.tree import Logic
from simgen.language.logical import Constant, Expression, Value

LONGEST_S = 120.0
"""A scenario without an end, or whose end never comes, stops here."""


def check(end: Expression, parameters: Mapping[str, Value], report: Report) -> None:
    """Tells of an end that no episode can come to, since each of its alternatives waits for too late a time."""
    earliest = earliest_s(parse(end.text, end.place), _Fixed(parameters))
    if earliest > LONGEST_S:
        message = f"the end comes at {earliest:g} s at the earliest, and every episode is cut off at {LONGEST_S:g} s"
        report.add(end.place, message, f"end by then, e.g. time > {LONGEST_S:g} s, or list another end beside it")


def earliest_s(condition: Expr, namespace: Namespace) -> float:
    """Before this time the condition cannot hold; 0 where nothing says so. ``namespace`` knows what is fixed."""
    match condition:
        case Logic(operator="or", operands=operands):
            return min(earliest_s(o, namespace) for o in operands)
        case Logic(operands=operands):
            return max(earliest_s(o, namespace) for o in operands)
        case Comparison(operators=operators, operands=operands):
            pairs = zip(operands, operators, operands[1:], strict=False)
            return max(_after_s(*((a, b) if sign[0] == ">" else (b, a)), namespace) for a, sign, b in pairs)
    return 0.0


def _after_s(larger: Expr, smaller: Expr, namespace: Namespace) -> float:
    """The time that ``larger > smaller`` waits for, where it is one of ``time > constant``."""
    if not (isinstance(larger, Name) and larger.name == "time"):
        return 0.0
    try:
        return number(smaller, namespace)
    except ValueOutOfRange:
        return 0.0


class _Fixed(Constants):
    """What is the same in every sample: numbers, and parameters that are constants."""

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        self._parameters = parameters

    def parameter(self, name: str) -> Result:
        value = self._parameters.get(name)
        return value.value if isinstance(value, Constant) else super().parameter(name)
