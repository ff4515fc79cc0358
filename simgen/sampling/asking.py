"""Asking a situation: what gives expressions their names, before the run (``require``) and along it (story)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simgen.core import vocabulary
from simgen.core.declare import Parameter
from simgen.core.errors import Place, SimgenError, UnknownName
from simgen.core.units import to_si
from simgen.language import expressions
from simgen.language.expressions import EDGES, Comparison, Expr, Result, walk
from simgen.language.expressions.tree import Call
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.environment import EnvironmentSpec
from simgen.scene.situation import Condition, Situation


@dataclass(slots=True, eq=False)
class _Edge:
    """What ``rising(x)`` remembers of x: its truth at the last two ticks."""

    tick: int
    before: bool
    now: bool


@dataclass(slots=True, eq=False)
class Asking:
    """Evaluates the conditions of one concrete scenario."""

    concrete: ConcreteScenario
    _built: dict[tuple[str, tuple[Expr, ...]], Condition] = field(default_factory=dict)
    _edges: dict[tuple[str, Expr], _Edge] = field(default_factory=dict)

    def of(self, situation: Situation, memory: str = "") -> Asked:
        """The namespace of expressions about ``situation``. Edges are remembered under ``memory``, so that two events
        that ask for the same edge do not disturb each other."""
        return Asked(self, situation, memory)

    def conditions(self, tree: Expr) -> Iterator[Condition]:
        """The conditions that an expression asks, in order."""
        for node in walk(tree):
            if isinstance(node, Call) and node.function in vocabulary.conditions:
                yield self.condition(node.function, node.arguments, node.place)

    def condition(self, function: str, arguments: tuple[Expr, ...], where: Place) -> Condition:
        """The condition of a call, its arguments filled in by position."""
        known = self._built.get((function, arguments))
        if known is None:
            member: type[Condition] = vocabulary.conditions.get(function, where)
            values = expressions.bind(member, arguments, _Fixed(self.concrete), where)
            known = self._built[function, arguments] = member(where=f"{where}: {function}", **values)
        return known


class _Fixed:
    """The part of a namespace that does not change along the run: parameters, what models and environment were
    given. Arguments of conditions may name nothing else."""

    def __init__(self, concrete: ConcreteScenario) -> None:
        self._concrete = concrete

    def parameter(self, name: str) -> Result:
        known = self._concrete.parameters
        if name not in known:
            raise UnknownName(kind="parameter", name=name, known=known)
        value: Result = known[name]
        return value

    def property(self, owner: str, name: str) -> Result:
        for actor in self._concrete.actors:
            if actor.name == owner:
                model = vocabulary.models.get(actor.model.name)
                return _given(model.parameters, actor.model.parameters, owner, name)
        if owner == "environment":
            return _given(EnvironmentSpec.parameters, self._concrete.environment, owner, name)
        raise UnknownName(kind="actor", name=owner, known=[a.name for a in self._concrete.actors])

    def call(self, function: str, arguments: tuple[Expr, ...], where: Place) -> float | bool:
        raise SimgenError(f"'{function}(…)' cannot be an argument of a condition")


class Asked(_Fixed):
    """One situation as the namespace of expressions."""

    def __init__(self, asking: Asking, situation: Situation, memory: str) -> None:
        super().__init__(asking.concrete)
        self._asking = asking
        self._situation = situation
        self._memory = memory

    def property(self, owner: str, name: str) -> Result:
        now = self._situation
        match name if any(a.name == owner for a in self._concrete.actors) else "":
            case "speed":
                return now.speed(owner)
            case "x" | "y" | "z":
                return float(now.position(owner)["xyz".index(name)])
            case "yaw":
                return now.yaw(owner)
            case "s" | "t":
                return now.road_position(owner)["st".index(name)]
        return super().property(owner, name)

    def call(self, function: str, arguments: tuple[Expr, ...], where: Place) -> float | bool:
        if function in EDGES:
            edge = self._edge(arguments[0])
            return (edge.now and not edge.before) if function == "rising" else (edge.before and not edge.now)
        condition = self._asking.condition(function, arguments, where)
        value = condition.measure(self._situation)
        return value if isinstance(value, bool) or condition.unit in ("", "flag") else to_si(value, condition.unit)

    def observe(self, tree: Expr) -> None:
        """Lets every edge in the tree see this tick, also where evaluation would not come past it."""
        for node in walk(tree):
            if isinstance(node, Call) and node.function in EDGES:
                self._edge(node.arguments[0])

    def _edge(self, inner: Expr) -> _Edge:
        edges, key = self._asking._edges, (self._memory, inner)
        tick = self._situation.snapshot.tick
        edge = edges.get(key)
        if edge is None or edge.tick != tick:
            now = bool(expressions.evaluate(inner, self))
            # An edge needs a before: what is true from the start has not risen.
            edge = edges[key] = _Edge(tick=tick, before=now if edge is None else edge.now, now=now)
        return edge

    def margin(self, comparison: Comparison) -> tuple[float, float] | None:
        """(how far the comparison's two sides lie apart, its left side), SI; None for what is no number."""
        left, right = expressions.operands(comparison, self)[:2]
        if isinstance(left, bool | str) or isinstance(right, bool | str):
            return None
        return abs(left - right), float(left)


def _given(parameters: Mapping[str, Parameter], values: Mapping[str, Any], owner: str, name: str) -> Result:
    """A declared parameter's value, SI."""
    if name not in parameters:
        raise UnknownName(kind=f"property of {owner}", name=name, known=parameters)
    parameter = parameters[name]
    value: Result = values.get(name, parameter.default)
    return to_si(value, parameter.unit) if parameter.unit and not isinstance(value, bool | str) else value
