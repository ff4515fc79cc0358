"""The tree of an expression. Nodes are frozen and know their places; two trees are equal when they say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simgen.core.errors import Place
from simgen.core.units import Dimension


@dataclass(frozen=True, slots=True)
class Number:
    """A number or quantity. ``value`` is SI; ``text`` is as written ("25 km/h", "22:40")."""

    value: float
    dimension: Dimension
    text: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Flag:
    value: bool
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$name``."""

    name: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Property:
    """``owner.name``; ``name`` may hold further dots."""

    owner: str
    name: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name: of an actor, event or sensor, of one choice, or of a condition that takes no arguments."""

    name: str
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A condition, a mathematical function, or ``rising``/``falling``. ``place`` is that of the function's name."""

    function: str
    arguments: tuple[Expr, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expr
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left op right``; the right side of ``^`` is a Number or the Negative of one."""

    operator: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``a < b <= c``: one operator fewer than operands."""

    operators: tuple[Literal["<", "<=", ">", ">=", "==", "!="], ...]
    operands: tuple[Expr, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expr
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more operands, all joined by the same word."""

    operator: Literal["and", "or"]
    operands: tuple[Expr, ...]
    place: Place = field(compare=False)


Expr: TypeAlias = (
    "Number | Text | Flag | Parameter | Property | Name | Call | Negative | Arithmetic | Comparison | Not | Logic"
)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The operands or arguments of a node, in order."""
    match expr:
        case Call(arguments=arguments):
            return arguments
        case Negative(operand=operand) | Not(operand=operand):
            return (operand,)
        case Arithmetic(left=left, right=right):
            return (left, right)
        case Comparison(operands=operands) | Logic(operands=operands):
            return operands
    return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The node and everything below it, from left to right."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def comparisons(expr: Expr) -> tuple[Comparison, ...]:
    """The comparisons of an expression, so that how close each came to holding can be told."""
    return tuple(node for node in walk(expr) if isinstance(node, Comparison))


def mentioned(expr: Expr) -> frozenset[str]:
    """Names of the parameters that the expression reads."""
    return frozenset(node.name for node in walk(expr) if isinstance(node, Parameter))


_STRENGTH = {Logic: 1, Not: 3, Comparison: 4, Arithmetic: 5, Negative: 7}
_OPERATOR_STRENGTH = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "^": 8}


def _strength(expr: Expr) -> int:
    if isinstance(expr, Logic | Arithmetic):
        return _OPERATOR_STRENGTH[expr.operator]
    return _STRENGTH.get(type(expr), 9)


def _operand(expr: Expr, least: int) -> str:
    text = unparse(expr)
    return text if _strength(expr) >= least else f"({text})"


def unparse(expr: Expr) -> str:
    """The expression as text that parses to an equal tree."""
    match expr:
        case Number(text=text):
            return text
        case Text(value=value):
            return f'"{value}"' if "'" in value else f"'{value}'"
        case Flag(value=value):
            return "true" if value else "false"
        case Parameter(name=name):
            return f"${name}"
        case Property(owner=owner, name=name):
            return f"{owner}.{name}"
        case Name(name=name):
            return name
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(unparse(a) for a in arguments)})"
        case Negative(operand=operand):
            return f"-{_operand(operand, 7)}"
        case Arithmetic(operator=operator, left=left, right=right):
            own = _OPERATOR_STRENGTH[operator]
            if operator == "^":
                # "5 m^2" is an area of 5 square metres; the square of 5 m keeps its parentheses.
                bare = not (isinstance(left, Number) and left.text[-1:].isdigit() is False)
                return f"{_operand(left, 9 if bare else 10)}^{unparse(right)}"
            return f"{_operand(left, own)} {operator} {_operand(right, own + 1)}"
        case Comparison(operators=operators, operands=operands):
            parts = [_operand(operands[0], 5)]
            for compared, operand in zip(operators, operands[1:], strict=True):
                parts += [compared, _operand(operand, 5)]
            return " ".join(parts)
        case Not(operand=operand):
            return f"not {_operand(operand, 3)}"
        case Logic(operator=operator, operands=operands):
            own = _OPERATOR_STRENGTH[operator]
            return f" {operator} ".join(_operand(o, own + 1) for o in operands)
