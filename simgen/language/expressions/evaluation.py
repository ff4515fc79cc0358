"""What an expression comes to, given a namespace that knows parameters, properties and conditions."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Protocol

from simgen.core.declare import Declared, Plain
from simgen.core.errors import Place, ValueOutOfRange
from simgen.core.units import from_si
from simgen.language.expressions.functions import FUNCTIONS
from simgen.language.expressions.tree import (
    Arithmetic,
    Call,
    Comparison,
    Expr,
    Flag,
    Logic,
    Name,
    Negative,
    Not,
    Number,
    Parameter,
    Property,
    Text,
    unparse,
)

Result = float | bool | str


class Namespace(Protocol):
    """Where an expression finds what it names. Quantities are SI."""

    def parameter(self, name: str) -> Result: ...

    def property(self, owner: str, name: str) -> Result: ...

    def call(self, function: str, arguments: tuple[Expr, ...], where: Place) -> float | bool:
        """A condition, or ``rising``/``falling``, whose one argument is a condition."""
        ...


class Constants:
    """A namespace in which there is nothing: for expressions of numbers alone."""

    def parameter(self, name: str) -> Result:
        raise ValueOutOfRange(f"${name} is not a constant")

    def property(self, owner: str, name: str) -> Result:
        raise ValueOutOfRange(f"{owner}.{name} is not a constant")

    def call(self, function: str, arguments: tuple[Expr, ...], where: Place) -> float | bool:
        raise ValueOutOfRange(f"{function} is not a constant", where=where)


_COMPARE: dict[str, Callable[[Result, Result], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def evaluate(expr: Expr, namespace: Namespace) -> Result:
    """The value of an expression: SI number, flag or text. ``and`` and ``or`` stop at the operand that decides.

    Raises:
        ValueOutOfRange: it has no value (a division by zero, the root of a negative number), or one of another type
            than its place needs; ``where`` is the place inside of the expression.
    """
    match expr:
        case Number(value=value):
            return value
        case Text(value=text):
            return text
        case Flag(value=flag):
            return flag
        case Parameter(name=name):
            return namespace.parameter(name)
        case Property(owner=owner, name=name):
            return namespace.property(owner, name)
        case Name(name=name, place=place):
            return namespace.call(name, (), place)
        case Negative(operand=operand):
            return -number(operand, namespace)
        case Arithmetic():
            return _arithmetic(expr, namespace)
        case Comparison():
            return _compare(expr, namespace)
        case Not(operand=operand):
            return not truth(operand, namespace)
        case Logic(operator="and", operands=operands):
            return all(truth(o, namespace) for o in operands)
        case Logic(operands=operands):
            return any(truth(o, namespace) for o in operands)
        case Call(function=function, arguments=arguments, place=place):
            known = FUNCTIONS.get(function)
            if known is None:
                return namespace.call(function, arguments, place)
            values = [number(a, namespace) for a in arguments]
            return _finite(lambda: known.compute(values), expr)


def number(expr: Expr, namespace: Namespace) -> float:
    """The value of an expression that is a number. Raises ValueOutOfRange."""
    value = evaluate(expr, namespace)
    if isinstance(value, bool | str):
        raise ValueOutOfRange(f"{unparse(expr)} is {value!r}, not a number", where=expr.place)
    return value


def truth(expr: Expr, namespace: Namespace) -> bool:
    """The value of an expression that is true or false. Raises ValueOutOfRange."""
    value = evaluate(expr, namespace)
    if not isinstance(value, bool):
        raise ValueOutOfRange(f"{unparse(expr)} is {value!r}, neither true nor false", where=expr.place)
    return value


def operands(comparison: Comparison, namespace: Namespace) -> tuple[Result, ...]:
    """The values that are compared. A bare name beside a text is that text (``$surface == ice``)."""
    named = [isinstance(o, Name) for o in comparison.operands]
    values = [None if n else evaluate(o, namespace) for n, o in zip(named, comparison.operands, strict=True)]
    texts = any(isinstance(v, str) for v in values)
    return tuple(
        o.name if texts and isinstance(o, Name) else evaluate(o, namespace) if v is None else v
        for o, v in zip(comparison.operands, values, strict=True)
    )


def bind(
    condition: type[Declared], arguments: tuple[Expr, ...], namespace: Namespace, where: Place
) -> dict[str, Plain]:
    """The arguments of a call as the plain values of a condition's parameters, in declared units and order.

    Raises:
        ValueOutOfRange: more arguments than parameters, or one that has no value.
    """
    if len(arguments) > len(condition.parameters):
        raise ValueOutOfRange(f"{len(arguments)} arguments, {len(condition.parameters)} can be given", where=where)
    values: dict[str, Plain] = {}
    for parameter, argument in zip(condition.parameters.values(), arguments, strict=False):
        match argument:
            case Name(name=name) if parameter.kind not in ("quantity", "integer", "flag"):
                values[parameter.name] = name
            case Property(owner=owner, name=name) if parameter.kind not in ("quantity", "integer", "flag"):
                values[parameter.name] = f"{owner}.{name}"
            case _:
                value = evaluate(argument, namespace)
                convert = parameter.kind == "quantity" and not isinstance(value, bool | str)
                values[parameter.name] = from_si(float(value), parameter.unit) if convert else value
    return values


def _arithmetic(expr: Arithmetic, namespace: Namespace) -> float:
    left, right = number(expr.left, namespace), number(expr.right, namespace)
    match expr.operator:
        case "+":
            return _finite(lambda: left + right, expr)
        case "-":
            return _finite(lambda: left - right, expr)
        case "*":
            return _finite(lambda: left * right, expr)
        case "/":
            return _finite(lambda: left / right, expr)
        case "^":
            return _finite(lambda: math.pow(left, right), expr)


def _finite(compute: Callable[[], float], expr: Expr) -> float:
    try:
        value = compute()
    except ZeroDivisionError:
        message = f"{unparse(expr)} divides by zero"
        raise ValueOutOfRange(message, where=expr.place, remedy="divide by what is never 0") from None
    except ValueError as error:
        # Where it is the mathematics that fails, Python's words for it say less than the remedy.
        why = "" if str(error).startswith("math ") else f" ({error})"
        raise ValueOutOfRange(f"{unparse(expr)} has no value{why}", where=expr.place, remedy=_defined(expr)) from None
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        message = f"{unparse(expr)} is too large"
        raise ValueOutOfRange(message, where=expr.place, remedy="calculate with smaller numbers")
    return value


def _defined(expr: Expr) -> str:
    """Where what has no value has one."""
    if isinstance(expr, Call):
        function = FUNCTIONS[expr.function]
        return f"{expr.function} takes {function.domain}" if function.domain else f"{expr.function}: {function.help}"
    return "only whole powers of a negative number have a value, and of 0 those above 0"


def _compare(expr: Comparison, namespace: Namespace) -> bool:
    values = operands(expr, namespace)
    for sign, left, right in zip(expr.operators, values, values[1:], strict=False):
        try:
            holds = _COMPARE[sign](left, right)
        except TypeError:
            message = f"{left!r} and {right!r} cannot be compared"
            raise ValueOutOfRange(message, where=expr.place) from None
        if not holds:
            return False
    return True
