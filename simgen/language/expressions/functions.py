"""The mathematical functions of expressions: what they take, what they give, how they are computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from simgen.core.units import NUMBER, Dimension, dimension_of

ANGLE = dimension_of("rad")


@dataclass(frozen=True, slots=True)
class Function:
    """One function. ``least`` and ``most`` count its arguments (``most`` None: any number).

    Attributes:
        takes: the dimensions that its arguments may have, or None for any one that they share.
        gives: the dimension of the result, from that of the first argument.
        domain: where it is defined; "" for everywhere.
        compute: on SI values; raises ValueError, OverflowError or ZeroDivisionError where it is not defined.
    """

    least: int
    most: int | None
    takes: tuple[Dimension, ...] | None
    gives: Callable[[Dimension], Dimension]
    compute: Callable[[Sequence[float]], float]
    help: str
    domain: str = ""


def _same(dimension: Dimension) -> Dimension:
    return dimension


def _number(dimension: Dimension) -> Dimension:
    return NUMBER


def _angle(dimension: Dimension) -> Dimension:
    return ANGLE


def _root(dimension: Dimension) -> Dimension:
    return dimension ** Fraction(1, 2)


def _clamp(values: Sequence[float]) -> float:
    value, low, high = values
    if low > high:
        raise ValueError(f"the lower bound {low:g} is above the upper one {high:g}")
    return min(max(value, low), high)


_TRIGONOMETRIC = (ANGLE, NUMBER)
_PLAIN = (NUMBER,)

FUNCTIONS: dict[str, Function] = {
    "min": Function(1, None, None, _same, min, "the lowest of its arguments"),
    "max": Function(1, None, None, _same, max, "the highest of its arguments"),
    "clamp": Function(3, 3, None, _same, _clamp, "clamp(x, low, high): x, kept between the bounds"),
    "abs": Function(1, 1, None, _same, lambda v: abs(v[0]), "without its sign"),
    "sign": Function(1, 1, None, _number, lambda v: float((v[0] > 0) - (v[0] < 0)), "-1, 0 or 1"),
    "sqrt": Function(1, 1, None, _root, lambda v: math.sqrt(v[0]), "square root", "what is not negative"),
    "hypot": Function(2, 2, None, _same, lambda v: math.hypot(v[0], v[1]), "sqrt(a^2 + b^2)"),
    "floor": Function(1, 1, _PLAIN, _same, lambda v: float(math.floor(v[0])), "the whole number below"),
    "ceil": Function(1, 1, _PLAIN, _same, lambda v: float(math.ceil(v[0])), "the whole number above"),
    "round": Function(1, 1, _PLAIN, _same, lambda v: float(round(v[0])), "the nearest whole number, ties to even"),
    "exp": Function(1, 1, _PLAIN, _number, lambda v: math.exp(v[0]), "e to the power"),
    "log": Function(1, 1, _PLAIN, _number, lambda v: math.log(v[0]), "natural logarithm", "what is above 0"),
    "sin": Function(1, 1, _TRIGONOMETRIC, _number, lambda v: math.sin(v[0]), "sine"),
    "cos": Function(1, 1, _TRIGONOMETRIC, _number, lambda v: math.cos(v[0]), "cosine"),
    "tan": Function(1, 1, _TRIGONOMETRIC, _number, lambda v: math.tan(v[0]), "tangent"),
    "asin": Function(1, 1, _PLAIN, _angle, lambda v: math.asin(v[0]), "the angle of a sine", "numbers from -1 to 1"),
    "acos": Function(1, 1, _PLAIN, _angle, lambda v: math.acos(v[0]), "the angle of a cosine", "numbers from -1 to 1"),
    "atan": Function(1, 1, _PLAIN, _angle, lambda v: math.atan(v[0]), "the angle of a tangent"),
    "atan2": Function(2, 2, None, _angle, lambda v: math.atan2(v[0], v[1]), "atan2(y, x): the angle of a direction"),
}

EDGES = ("rising", "falling")
"""Functions of a condition's course: true at the tick at which it becomes true, or ceases to be."""
