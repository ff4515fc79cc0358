"""What can be told to be wrong with an expression before anything runs: names, numbers of arguments, dimensions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from simgen.core import declare, vocabulary
from simgen.core.errors import Place, suggestion
from simgen.core.units import NUMBER, Dimension, dimension_of, from_si
from simgen.language.expressions.functions import EDGES, FUNCTIONS, Function
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
    walk,
)

Type: TypeAlias = "Dimension | Literal['flag', 'text']"
"""What an expression comes to: a quantity of a dimension, true or false, or a text."""

Complain: TypeAlias = Callable[[Place, str, str], None]
"""Takes the place, the message and the remedy of a mistake."""

STATE: dict[str, declare.Parameter] = {
    "speed": declare.quantity("m/s", help="speed"),
    "x": declare.quantity("m", help="position in the world"),
    "y": declare.quantity("m", help="position in the world"),
    "z": declare.quantity("m", help="position in the world"),
    "yaw": declare.quantity("rad", help="heading in the world"),
    "length": declare.quantity("m", help="of the body"),
    "width": declare.quantity("m", help="of the body"),
    "height": declare.quantity("m", help="of the body"),
    "mass": declare.quantity("kg", help="of the body"),
    "s": declare.quantity("m", help="position along the road"),
    "t": declare.quantity("m", help="position across the road, to the left"),
}
"""Properties that every actor has during a run. Before it, a value may read the parameters of the actor's model."""

BEFORE_THE_RUN = ("speed",)
"""Those of STATE that a value may read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What an expression may name.

    Attributes:
        parameter_type: the type of a parameter by name, None when it has none because of a mistake told already.
        models: actor -> the classes that its model may be, empty when unknown.
        environment: what ``environment.name`` may read.
        conditions: whether it is asked during the run (a condition) or before it (a value).
    """

    parameters: Collection[str] = ()
    parameter_type: Callable[[str], Type | None] = field(default=lambda name: None)
    models: Mapping[str, tuple[type[declare.Declared], ...]] = field(default_factory=dict)
    sensors: Collection[str] = ()
    events: Collection[str] = ()
    environment: Mapping[str, declare.Parameter] = field(default_factory=dict)
    conditions: bool = True

    def of_kind(self, kind: str) -> Collection[str]:
        """The names of the scenario's actors, events or sensors."""
        return {"actor": self.models.keys(), "event": self.events, "sensor": self.sensors}[kind]


def check(expr: Expr, names: Names, complain: Complain) -> Type | None:
    """The type of an expression, or None where a mistake leaves it open; every mistake goes to ``complain``."""
    return _Checker(names, complain).type_of(expr)


def describe(kind: Type) -> str:
    """For messages: "a speed (m/s)", "true or false", "a text"."""
    if isinstance(kind, Dimension):
        return kind.described()
    return "true or false" if kind == "flag" else "a text"


def declared_type(parameter: declare.Parameter) -> Type:
    """What a declared parameter holds."""
    match parameter.kind:
        case "quantity":
            return dimension_of(parameter.unit)
        case "integer":
            return NUMBER
        case "flag":
            return "flag"
        case _:
            return "text"


class _Checker:
    def __init__(self, names: Names, complain: Complain) -> None:
        self._names = names
        self._complain = complain

    def type_of(self, expr: Expr) -> Type | None:
        match expr:
            case Number(dimension=dimension):
                return dimension
            case Text():
                return "text"
            case Flag():
                return "flag"
            case Parameter():
                return self._parameter(expr)
            case Property():
                return self._property(expr)
            case Name():
                return self._name(expr)
            case Call():
                return self._call(expr)
            case Negative(operand=operand):
                return self._quantity(operand)
            case Arithmetic():
                return self._arithmetic(expr)
            case Comparison():
                self._comparison(expr)
                return "flag"
            case Not(operand=operand):
                self._flag(operand, "'not'")
                return "flag"
            case Logic(operator=operator, operands=operands):
                for operand in operands:
                    self._flag(operand, f"'{operator}'")
                return "flag"

    def _quantity(self, expr: Expr) -> Dimension | None:
        kind = self.type_of(expr)
        if kind is None or isinstance(kind, Dimension):
            return kind
        self._complain(expr.place, f"{unparse(expr)} is {describe(kind)}, not a number", "calculate with numbers")
        return None

    def _flag(self, expr: Expr, taker: str) -> None:
        kind = self.type_of(expr)
        if kind is not None and kind != "flag":
            message = f"{taker} takes true or false, and {unparse(expr)} is {describe(kind)}"
            self._complain(expr.place, message, "compare it: < > ==")

    def _parameter(self, expr: Parameter) -> Type | None:
        if expr.name not in self._names.parameters:
            remedy = suggestion(expr.name, self._names.parameters, "parameter")
            self._complain(expr.place, f"unknown parameter '${expr.name}'", remedy)
            return None
        return self._names.parameter_type(expr.name)

    def _property(self, expr: Property) -> Type | None:
        if expr.owner == "environment" and not self._names.conditions:
            return self._known_property(expr, self._names.environment, "the environment")
        if expr.owner not in self._names.models:
            known = [*self._names.models, *(() if self._names.conditions else ("environment",))]
            self._complain(expr.place, f"unknown actor '{expr.owner}'", suggestion(expr.owner, known, "actor"))
            return None
        if self._names.conditions:
            return self._known_property(expr, STATE, f"actor '{expr.owner}'")
        models = self._names.models[expr.owner]
        if not models:
            return None
        shared = {n: p for n, p in models[0].parameters.items() if all(n in m.parameters for m in models)}
        if expr.name in STATE and expr.name not in shared and expr.name not in BEFORE_THE_RUN:
            message = f"{unparse(expr)} is not known before the run"
            self._complain(expr.place, message, "values are drawn before it; conditions can ask for this")
            return declared_type(STATE[expr.name])
        before = {name: STATE[name] for name in BEFORE_THE_RUN}
        return self._known_property(expr, {**before, **shared}, f"actor '{expr.owner}'")

    def _known_property(self, expr: Property, known: Mapping[str, declare.Parameter], owner: str) -> Type | None:
        parameter = known.get(expr.name)
        if parameter is None:
            remedy = suggestion(expr.name, known, "property")
            self._complain(expr.place, f"unknown property '{expr.name}' of {owner}", remedy)
            return None
        return declared_type(parameter)

    def _name(self, expr: Name) -> Type | None:
        if expr.name in vocabulary.conditions:
            return self._condition(expr.name, (), expr.place)
        for kind in ("actor", "sensor", "event"):
            if expr.name in self._names.of_kind(kind):
                remedy = f"ask something of it, as in {_EXAMPLES[kind].format(expr.name)}"
                self._complain(expr.place, f"'{expr.name}' is the name of one {kind}, not a value", remedy)
                return None
        if expr.name in self._names.parameters:
            self._complain(expr.place, f"unknown condition '{expr.name}'", f"the parameter is written ${expr.name}")
            return None
        known = vocabulary.conditions.names()
        self._complain(expr.place, f"unknown condition '{expr.name}'", suggestion(expr.name, known, "condition"))
        return None

    def _call(self, expr: Call) -> Type | None:
        function = FUNCTIONS.get(expr.function)
        if function is not None:
            return self._function(expr, function)
        if expr.function in EDGES:
            if self._arity(expr, 1, 1):
                self._flag(expr.arguments[0], expr.function)
            if not self._names.conditions:
                self._complain(expr.place, f"{expr.function} means nothing before the run", "use it in a condition")
            return "flag"
        if expr.function not in vocabulary.conditions:
            known = [*vocabulary.conditions.names(), *FUNCTIONS, *EDGES]
            remedy = _SPOKEN.get(expr.function) or suggestion(expr.function, known, "condition")
            what = "condition" if self._names.conditions else "function"
            self._complain(expr.place, f"unknown {what} '{expr.function}'", remedy)
            return None
        return self._condition(expr.function, expr.arguments, expr.place)

    def _arity(self, expr: Call, least: int, most: int | None) -> bool:
        given = len(expr.arguments)
        if given >= least and (most is None or given <= most):
            return True
        takes = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        word = "argument" if takes == "1" else "arguments"
        remedy = FUNCTIONS[expr.function].help if expr.function in FUNCTIONS else f"{expr.function}(condition)"
        self._complain(expr.place, f"{expr.function} takes {takes} {word}, {given} given", remedy)
        return False

    def _function(self, expr: Call, function: Function) -> Type | None:
        kinds = [self._quantity(argument) for argument in expr.arguments]
        if not self._arity(expr, function.least, function.most):
            return None
        first = kinds[0]
        for argument, kind in zip(expr.arguments, kinds, strict=True):
            if kind is None:
                return None
            if function.takes is not None and kind not in function.takes:
                wanted = describe(function.takes[0])
                message = f"{expr.function} takes {wanted}, and {unparse(argument)} is {describe(kind)}"
                self._complain(argument.place, message, "divide by a unit of its own first")
                return None
            if function.takes is None and first is not None and kind != first:
                message = f"{unparse(argument)} is {describe(kind)}, the first argument {describe(first)}"
                self._complain(argument.place, message, f"{expr.function} takes quantities of one kind")
                return None
        return None if first is None else function.gives(first)

    def _condition(self, name: str, arguments: tuple[Expr, ...], place: Place) -> Type | None:
        condition: type[Any] = vocabulary.conditions.get(name)
        if not self._names.conditions:
            message = f"{name} has no answer before the run"
            self._complain(place, message, "values are drawn before it; write constants, parameters and functions")
        parameters = list(condition.parameters.values())
        required = [p.name for p in parameters if p.required]
        if len(arguments) < len(required) or len(arguments) > len(parameters):
            shape = ", ".join(p.name if p.required else f"[{p.name}]" for p in parameters)
            message = f"{name} takes {_count(len(required), len(parameters))}, {len(arguments)} given"
            self._complain(place, message, f"write {name}({shape})" if parameters else f"write {name}")
        for parameter, argument in zip(parameters, arguments, strict=False):
            self._argument(name, parameter, argument)
            self._fixed(name, parameter, argument)
        self._twice(name, parameters, arguments)
        unit: str = condition.unit
        return unit if unit in ("flag", "text") else dimension_of(unit)  # type: ignore[return-value]

    def _twice(self, name: str, parameters: Sequence[declare.Parameter], arguments: Sequence[Expr]) -> None:
        """Complains where a condition on several actors names one of them twice."""
        named: list[Expr] = []
        for parameter, argument in zip(parameters, arguments, strict=False):
            if parameter.kind != "actor":
                continue
            if argument in named:
                message = f"{name} is asked of '{unparse(argument)}' twice"
                self._complain(argument.place, message, "name two different actors")
            named.append(argument)

    def _argument(self, condition: str, parameter: declare.Parameter, argument: Expr) -> None:
        match parameter.kind:
            case "actor" | "event" | "sensor":
                self._reference(parameter.kind, argument)
            case "text" | "choice":
                word = self._word(argument)
                if word is not None and parameter.choices and word not in parameter.choices:
                    remedy = suggestion(word, parameter.choices, parameter.name)
                    self._complain(argument.place, f"unknown {parameter.name} '{word}'", remedy)
            case _:
                kind = self.type_of(argument)
                wanted = declared_type(parameter)
                if kind is None:
                    return
                if kind != wanted:
                    message = f"{condition} expects {describe(wanted)} for {parameter.name}, found {describe(kind)}"
                    self._complain(argument.place, message, unit_remedy(argument, parameter.unit, wanted))
                    return
                si = _constant(argument)
                if si is not None and not parameter.low <= from_si(si, parameter.unit) <= parameter.high:
                    message = f"{parameter.name} is {unparse(argument)}"
                    self._complain(argument.place, message, parameter.expected())

    def _fixed(self, condition: str, parameter: declare.Parameter, argument: Expr) -> None:
        """What a condition is asked about does not change along the run."""
        if parameter.kind not in ("quantity", "integer", "flag"):
            return
        for node in walk(argument):
            asks = isinstance(node, Call) and node.function not in FUNCTIONS
            if asks or isinstance(node, Property | Name):
                message = f"{unparse(argument)} changes along the run"
                self._complain(argument.place, message, f"{condition} takes constants and $parameters; compare with it")
                return

    def _reference(self, kind: str, argument: Expr) -> None:
        if isinstance(argument, Name | Text):
            name = argument.name if isinstance(argument, Name) else argument.value
            known = self._names.of_kind(kind)
            if name not in known:
                self._complain(argument.place, f"unknown {kind} '{name}'", suggestion(name, known, kind))
        elif isinstance(argument, Parameter):
            found = self._parameter(argument)
            if found is not None and found != "text":
                message = f"{unparse(argument)} is {describe(found)}, not the name of one {kind}"
                self._complain(argument.place, message, f"write the name of one {kind}")
        else:
            message = f"{unparse(argument)} is not the name of one {kind}"
            self._complain(argument.place, message, f"write the name of one {kind}")

    def _word(self, argument: Expr) -> str | None:
        """The text that an argument spells; None when it is a parameter or a mistake told already."""
        if isinstance(argument, Name):
            return argument.name
        if isinstance(argument, Text):
            return argument.value
        if isinstance(argument, Property):
            return unparse(argument)
        kind = self.type_of(argument)
        if kind is not None and kind != "text":
            self._complain(argument.place, f"{unparse(argument)} is {describe(kind)}, not a word", "write a word")
        return None

    def _arithmetic(self, expr: Arithmetic) -> Dimension | None:
        left, right = self._quantity(expr.left), self._quantity(expr.right)
        if left is None or right is None:
            return None
        match expr.operator:
            case "*":
                return left * right
            case "/":
                return left / right
            case "^":
                return self._power(expr, left)
        if left != right:
            message = f"{describe(left)} and {describe(right)} cannot be {_VERBS[expr.operator]}"
            self._complain(expr.place, message, "both sides of + and - need the same kind of quantity")
            return None
        return left

    def _power(self, expr: Arithmetic, base: Dimension) -> Dimension | None:
        negative = isinstance(expr.right, Negative)
        exponent = expr.right.operand if isinstance(expr.right, Negative) else expr.right
        assert isinstance(exponent, Number)
        if base == NUMBER:
            return base
        if exponent.value != int(exponent.value) or exponent.value > 9:
            message = f"{describe(base)} to the power {exponent.text} is no quantity"
            self._complain(exponent.place, message, "use a whole exponent up to 9, or sqrt( )")
            return None
        return base ** Fraction(int(exponent.value) * (-1 if negative else 1))

    def _comparison(self, expr: Comparison) -> None:
        kinds = self._compared(expr)
        for sign, left, right, a, b in zip(
            expr.operators, expr.operands, expr.operands[1:], kinds, kinds[1:], strict=False
        ):
            if a is None or b is None:
                continue
            if a != b:
                message = f"{unparse(left)} is {describe(a)}, {unparse(right)} is {describe(b)}"
                plain, other = (left, b) if a == NUMBER else (right, a)
                remedy = f"write {unparse(plain)} {other}" if _needs_unit(plain, other) else "compare like with like"
                self._complain(expr.place, message, remedy)
            elif sign in ("==", "!="):
                self._equality(expr, sign, left, right, a)
            elif not isinstance(a, Dimension):
                message = f"{describe(a)} has no order"
                self._complain(expr.place, message, "compare it with == or !=")

    def _compared(self, expr: Comparison) -> list[Type | None]:
        """Types of the operands; beside a text, a bare name is a text too."""
        bare = [isinstance(o, Name) and o.name not in vocabulary.conditions for o in expr.operands]
        kinds = [None if b else self.type_of(o) for b, o in zip(bare, expr.operands, strict=True)]
        texts = "text" in kinds
        return [
            ("text" if texts else self.type_of(o)) if b else k
            for b, o, k in zip(bare, expr.operands, kinds, strict=True)
        ]

    def _equality(self, expr: Comparison, sign: str, left: Expr, right: Expr, kind: Type) -> None:
        if not isinstance(kind, Dimension) or kind == NUMBER:
            return
        if sign == "!=":
            self._complain(expr.place, f"{unparse(expr)} always holds", "two quantities are never exactly equal")
        else:
            self._complain(
                expr.place,
                f"{unparse(expr)} never holds: no tick falls exactly on it",
                f"write {unparse(left)} >= {unparse(right)}",
            )


def told(comparisons: Sequence[Comparison], value: float) -> str:
    """The SI value of a left side as people would write it: in the unit of a constant that it is compared with, else of
    the condition that it asks for. Without one where neither is, or where several comparisons differ in it."""
    units = {_unit(comparison) for comparison in comparisons}
    unit = units.pop() if len(units) == 1 else ""
    unit = "deg" if unit == "rad" else unit
    return f"{from_si(value, unit):.4g} {unit}".rstrip()


def _unit(comparison: Comparison) -> str:
    """The unit that both sides of a comparison have; "" where it is not written."""
    bare = [operand.operand if isinstance(operand, Negative) else operand for operand in comparison.operands]
    for operand in sorted(bare, key=lambda operand: not isinstance(operand, Number)):
        match operand:
            case Number(text=text):
                return "h" if ":" in text else _DIGITS.sub("", text)
            case Call(function=name) | Name(name=name) if name in vocabulary.conditions:
                unit: str = vocabulary.conditions.get(name).unit
                return "" if unit in ("flag", "text") else unit
            case Property(name=name) if name in STATE:
                return STATE[name].unit
    return ""


_SPOKEN = dict.fromkeys(
    ("ended", "end", "finished", "done", "over", "completed"), "complete(event) holds once an event has ended"
)
"""What people call the end of an event."""
_DIGITS = re.compile(r"^[\d.]+(?:[eE][-+]?\d+)?\s*")
_EXAMPLES = {"actor": "speed({0}) or {0}.speed", "sensor": "visible_fraction(actor, {0})", "event": "started({0})"}
_VERBS = {"+": "added", "-": "subtracted"}


def _constant(expr: Expr) -> float | None:
    """The SI value of a number as written, with or without a sign."""
    match expr:
        case Number(value=value):
            return value
        case Negative(operand=Number(value=value)):
            return -value
    return None


def _needs_unit(plain: Expr, other: Type) -> bool:
    number = plain.operand if isinstance(plain, Negative) else plain
    return (
        isinstance(number, Number) and number.dimension == NUMBER and isinstance(other, Dimension) and other != NUMBER
    )


def _count(least: int, most: int) -> str:
    counted = f"{least}" if least == most else f"{least} to {most}"
    return f"{counted} argument" if counted == "1" else f"{counted} arguments"


def unit_remedy(found: Expr, unit: str, wanted: Type) -> str:
    """What to write in place of a value of the wrong kind."""
    if not isinstance(wanted, Dimension):
        return f"write {describe(wanted)}"
    if _needs_unit(found, wanted):
        return f"write {unparse(found)} {'deg' if unit == 'rad' else unit}"
    return f"write a value in {unit}" if unit else "write a plain number or one in %"
