"""Asking a situation: what gives expressions their names, before the run (``require``) and along it (story)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simgen.core import vocabulary
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.units import from_si, to_si
from simgen.language import expressions
from simgen.language.expressions import Call, Comparison, Expr, Name, Text, unparse, walk
from simgen.scene.situation import Condition, Situation

EDGES = ("rising", "falling")


@dataclass(slots=True, eq=False)
class _Edge:
    """What ``rising(x)`` remembers of x: its truth at the last two ticks."""

    tick: int
    before: bool
    now: bool


@dataclass(slots=True, eq=False)
class Asking:
    """Evaluates the conditions of one scenario. ``parameters`` are the concrete scenario's, SI."""

    parameters: Mapping[str, Any]
    _built: dict[str, Condition] = field(default_factory=dict)
    _edges: dict[tuple[str, str], _Edge] = field(default_factory=dict)

    def of(self, situation: Situation, memory: str = "") -> Asked:
        """The namespace of expressions about ``situation``. Edges are remembered under ``memory``, so that two events
        that ask for the same edge do not disturb each other."""
        return Asked(self, situation, memory)

    def conditions(self, tree: Expr) -> Iterator[Condition]:
        """The conditions that an expression asks, in order."""
        for node in walk(tree):
            if isinstance(node, Call) and node.function in vocabulary.conditions:
                yield self.condition(node)

    def condition(self, call: Call) -> Condition:
        """The condition of a call, its arguments filled in by position."""
        key = unparse(call)
        if key not in self._built:
            self._built[key] = self._build(call)
        return self._built[key]

    def _build(self, call: Call) -> Condition:
        member: type[Condition] = vocabulary.conditions.get(call.function, call.place)
        names = list(member.parameters)
        if len(call.arguments) > len(names):
            raise SimgenError(
                f"'{call.function}' takes {len(names)} arguments, {len(call.arguments)} are given", where=call.place
            )
        values: dict[str, Any] = {}
        for name, argument in zip(names, call.arguments, strict=False):
            match argument:
                case Name(name=text) | Text(value=text):
                    values[name] = text
                case _:
                    value = expressions.evaluate(argument, _Fixed(self.parameters))
                    unit = member.parameters[name].unit
                    numeric = isinstance(value, float | int) and not isinstance(value, bool)
                    values[name] = from_si(float(value), unit) if numeric and unit else value
        return member(where=str(call.place), **values)


class _Fixed:
    """A namespace of parameters alone: the arguments of a condition do not change along the run."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = parameters

    def parameter(self, name: str) -> float | bool | str:
        if name not in self._parameters:
            raise UnknownName(kind="parameter", name=name, known=self._parameters)
        value: float | bool | str = self._parameters[name]
        return value

    def property(self, owner: str, name: str) -> float:
        raise SimgenError(f"'{owner}.{name}' cannot be an argument of a condition")

    def call(self, function: str, arguments: tuple[Expr, ...], where: object) -> float | bool:
        raise SimgenError(f"'{function}(…)' cannot be an argument of a condition")


class Asked(_Fixed):
    """One situation as the namespace of expressions."""

    def __init__(self, asking: Asking, situation: Situation, memory: str) -> None:
        super().__init__(asking.parameters)
        self._asking = asking
        self._situation = situation
        self._memory = memory

    def property(self, owner: str, name: str) -> float:
        return actor_property(self._situation, owner, name)

    def call(self, function: str, arguments: tuple[Expr, ...], where: Any) -> float | bool:
        if function in EDGES:
            edge = self._edge(arguments[0])
            return (edge.now and not edge.before) if function == "rising" else (edge.before and not edge.now)
        condition = self._asking.condition(Call(function, arguments, where))
        value = condition.measure(self._situation)
        return value if isinstance(value, bool) or condition.unit in ("", "flag") else to_si(value, condition.unit)

    def observe(self, tree: Expr) -> None:
        """Lets every edge in the tree see this tick, also where evaluation would not come past it."""
        for node in walk(tree):
            if isinstance(node, Call) and node.function in EDGES:
                self._edge(node.arguments[0])

    def _edge(self, inner: Expr) -> _Edge:
        edges, key = self._asking._edges, (self._memory, unparse(inner))
        tick = self._situation.snapshot.tick
        edge = edges.get(key)
        if edge is None or edge.tick != tick:
            now = bool(expressions.evaluate(inner, self))
            # An edge needs a before: what is true from the start has not risen.
            edge = edges[key] = _Edge(tick=tick, before=now if edge is None else edge.now, now=now)
        return edge

    def margin(self, comparison: Comparison) -> tuple[float, float] | None:
        """(how far the comparison's two sides lie apart, its left side), SI; None for what is no number."""
        left, right = (expressions.evaluate(side, self) for side in comparison.operands[:2])
        if isinstance(left, bool | str) or isinstance(right, bool | str):
            return None
        return abs(left - right), float(left)


def actor_property(situation: Situation, actor: str, name: str) -> float:
    """A property of an actor, SI. Raises UnknownName."""
    body = situation.body(actor)
    match name:
        case "speed":
            return situation.speed(actor)
        case "x" | "y" | "z":
            return float(situation.position(actor)["xyz".index(name)])
        case "yaw":
            return situation.yaw(actor)
        case "length" | "width" | "height":
            return body.box_size_m[("length", "width", "height").index(name)]
        case "mass":
            return body.mass_kg
        case "s" | "t":
            return situation.road_position(actor)["st".index(name)]
    raise UnknownName(kind=f"property of {actor}", name=name, known=PROPERTIES)


PROPERTIES: dict[str, str] = {
    "speed": "m/s",
    "x": "m",
    "y": "m",
    "z": "m",
    "yaw": "rad",
    "length": "m",
    "width": "m",
    "height": "m",
    "mass": "kg",
    "s": "m",
    "t": "m",
}
"""Properties of actors that expressions can name, with their SI units."""
