"""How a thing that YAML can name declares its parameters, with units, ranges and one line of help.

    @effects.register("fog")
    class Fog(Effect):
        visibility: float = quantity("m", low=10, high=10_000, help="meteorological optical range")

The language checks a file against these declarations without running any of the code behind them. An instance
holds plain values in the declared unit: SI wherever the field uses SI, and otherwise the field's own unit (mm/h of
rain, lux, candela), which the attribute's help states.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, TypeAlias

from simgen.core.errors import UnknownName, ValueOutOfRange, nearest

ParameterKind = Literal[
    "quantity", "integer", "flag", "text", "choice", "actor", "event", "sensor", "vector", "list", "record"
]
"""quantity: a number with a unit. integer. flag: true or false. text: free text. choice: one of ``choices``.
actor, event, sensor: the name of one in the scenario. vector: ``length`` numbers with one unit. list: any number of
numbers, texts or flags, or of different ``choices`` where these are given. record: a mapping whose keys are declared in
``fields``."""

Plain: TypeAlias = "bool | int | float | str | tuple[bool | float | str, ...] | Mapping[str, Plain] | None"
"""A resolved value: what remains of a parameter once it is drawn."""

_REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of something that YAML can name.

    Attributes:
        unit: unit of the plain value, of ``low``, ``high`` and ``default`` (pint's spelling; "" is dimensionless).
        whole: for a vector, whether it takes whole numbers only.
        vary: a distribution in the language's own form (``{"normal": ["1.8 m", "0.08 m"]}``) that is drawn from when
            the file is silent and ``randomize: default`` holds; a list of them, one per component, for a vector.
        names: what of the setting or the story the text names ("traffic signal", "route", "variable"), so that a name
            that there is not is told before the run; "" for other text.
        shorthand: of a record, the field that a bare value stands for; "" for none.
    """

    kind: ParameterKind
    help: str
    name: str = ""
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    default: Any = _REQUIRED
    choices: tuple[str, ...] = ()
    length: int = 0
    whole: bool = False
    fields: tuple[Parameter, ...] = ()
    vary: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    names: str = ""
    shorthand: str = ""

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED

    def check(self, value: Plain, where: str) -> Plain:
        """The value in its plain type, or ValueOutOfRange at ``where``."""
        if value is None:
            if self.required or self.default is not None:
                raise ValueOutOfRange(f"{self.name} needs a value", where=where, remedy=self.expected())
            return None
        match self.kind:
            case "quantity":
                return self._number(value, where)
            case "integer":
                number = self._number(value, where)
                if number != int(number):
                    raise ValueOutOfRange(f"{value} is not a whole number", where=where, remedy=self.expected())
                return int(number)
            case "flag":
                if not isinstance(value, bool):
                    raise ValueOutOfRange(f"{value!r} is neither true nor false", where=where)
                return value
            case "choice":
                if value not in self.choices:
                    raise UnknownName(kind=self.name, name=str(value), known=self.choices, where=where)
                return value
            case "vector":
                if not isinstance(value, list | tuple) or len(value) != self.length:
                    raise ValueOutOfRange(f"{value!r} is not {self.length} numbers", where=where)
                one = replace(self, kind="integer" if self.whole else "quantity")
                numbers = (one.check(v, f"{where}[{i}]") for i, v in enumerate(value))
                return tuple(float(n) for n in numbers)  # type: ignore[arg-type]
            case "list":
                if not isinstance(value, list | tuple) or not all(
                    isinstance(v, bool | int | float | str) for v in value
                ):
                    raise ValueOutOfRange(f"{value!r} is not a list of values", where=where)
                if self.choices:
                    one = replace(self, kind="choice")
                    for i, v in enumerate(value):
                        one.check(v, f"{where}[{i}]")
                        if v in value[:i]:
                            message = f"{self.name} names '{v}' twice"
                            raise ValueOutOfRange(message, where=f"{where}[{i}]", remedy="remove one of them")
                    if not value:
                        raise ValueOutOfRange(f"{self.name} is empty", where=where, remedy=self.expected())
                return tuple(value)
            case "record":
                if self.shorthand and not isinstance(value, Mapping):
                    value = {self.shorthand: value}
                if not isinstance(value, Mapping):
                    raise ValueOutOfRange(f"{value!r} is not a mapping", where=where)
                return check_values({f.name: f for f in self.fields}, value, self.name, where)
            case _:
                if not isinstance(value, str):
                    raise ValueOutOfRange(f"{value!r} is not a name", where=where, remedy=self.expected())
                return value

    def _number(self, value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueOutOfRange(f"{value!r} is not a number", where=where, remedy=self.expected())
        if math.isnan(value) or not self.low <= value <= self.high:
            raise ValueOutOfRange(f"{self.name} is {self.typed(value)}", where=where, remedy=self.expected())
        return float(value)

    def typed(self, value: float) -> str:
        """A value as people write it: angles in degrees, everything else in its own unit."""
        if self.unit == "rad":
            return f"{math.degrees(value):.4g} deg"
        if self.kind == "integer" and value == int(value):
            return f"{value:.0f}"
        return f"{value:g} {self.unit}".rstrip()

    def expected(self) -> str:
        """What the parameter takes, in words."""
        if self.choices:
            return f"{'a list of' if self.kind == 'list' else 'one of'} {', '.join(self.choices)}"
        what = {
            "quantity": "a number",
            "integer": "a whole number",
            "flag": "true or false",
            "text": f"the name of one {self.names}" if self.names else "text",
            "list": "a list of values",
            "vector": f"{self.length} numbers",
            "record": "a mapping"
            + (f" of {', '.join(f.name for f in self.fields)}" if self.fields else "")
            + (f", or {self.shorthand} alone" if self.shorthand else ""),
        }.get(self.kind, f"the name of one {self.kind}")
        span = ""
        if math.isfinite(self.low) and math.isfinite(self.high):
            span = f" from {self.typed(self.low).partition(' ')[0]} to {self.typed(self.high)}"
        elif math.isfinite(self.low):
            span = f" of at least {self.typed(self.low)}"
        elif math.isfinite(self.high):
            span = f" of at most {self.typed(self.high)}"
        elif self.unit:
            span = f" in {'deg' if self.unit == 'rad' else self.unit}"
        return f"expected {what}{span}"


def quantity(
    unit: str,
    *,
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    default: float | None = _REQUIRED,
    vary: Mapping[str, Any] | None = None,
) -> Any:
    """A number with a unit; low, high and default in that unit."""
    return Parameter(kind="quantity", unit=unit, help=help, low=low, high=high, default=default, vary=vary)


def integer(
    *,
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    default: int | None = _REQUIRED,
    vary: Mapping[str, Any] | None = None,
) -> Any:
    return Parameter(kind="integer", help=help, low=low, high=high, default=default, vary=vary)


def flag(*, help: str, default: bool = _REQUIRED) -> Any:
    return Parameter(kind="flag", help=help, default=default)


def text(*, help: str, default: str | None = _REQUIRED, vary: Mapping[str, Any] | None = None, names: str = "") -> Any:
    return Parameter(kind="text", help=help, default=default, vary=vary, names=names)


def choice(
    *choices: str,
    help: str,
    default: str | None = _REQUIRED,
    vary: Mapping[str, Any] | None = None,
    names: str = "",
) -> Any:
    return Parameter(kind="choice", help=help, default=default, choices=choices, vary=vary, names=names)


def reference(kind: Literal["actor", "event", "sensor"], *, help: str, default: str | None = _REQUIRED) -> Any:
    """The name of an actor, event or sensor of the scenario."""
    return Parameter(kind=kind, help=help, default=default)


def vector(
    unit: str,
    length: int,
    *,
    help: str,
    low: float = -math.inf,
    high: float = math.inf,
    whole: bool = False,
    default: tuple[float, ...] | None = _REQUIRED,
    vary: Sequence[Mapping[str, Any]] | None = None,
) -> Any:
    """``length`` numbers with one unit, each between low and high."""
    return Parameter(
        kind="vector",
        unit=unit,
        length=length,
        help=help,
        low=low,
        high=high,
        whole=whole,
        default=default,
        vary=vary,
    )


def several(*choices: str, help: str, default: tuple[Plain, ...] | None = _REQUIRED, names: str = "") -> Any:
    """Any number of numbers, texts or flags; with ``choices``, of these, each at most once."""
    return Parameter(kind="list", help=help, default=default, choices=choices, names=names)


def record(*, help: str, default: Mapping[str, Plain] | None = _REQUIRED, shorthand: str = "", **fields: Any) -> Any:
    """A mapping with declared keys; a bare value stands for the one that ``shorthand`` names."""
    named = tuple(replace(f, name=n) for n, f in fields.items())
    return Parameter(kind="record", help=help, default=default, fields=named, shorthand=shorthand)


def check_values(
    parameters: Mapping[str, Parameter], values: Mapping[str, Plain], owner: str, where: str
) -> dict[str, Plain]:
    """The values with defaults filled in and types checked, in order of declaration."""
    for name in values:
        if name not in parameters:
            raise UnknownName(kind=f"parameter of {owner}", name=name, known=parameters, where=where)
    plain: dict[str, Plain] = {}
    for name, parameter in parameters.items():
        if name in values:
            plain[name] = parameter.check(values[name], f"{where}.{name}")
        elif parameter.required:
            raise ValueOutOfRange(f"{owner} needs '{name}'", where=where, remedy=parameter.expected())
        else:
            plain[name] = parameter.default
    return plain


class Declared:
    """Base of everything that YAML can name. Instances are read-only and hold plain values in declared units.

    A subclass declares its parameters as class attributes and is registered under the name that YAML uses. ``help``
    is the first line of its docstring, a whole sentence.
    """

    parameters: ClassVar[dict[str, Parameter]] = {}
    shorthand: ClassVar[str | None] = None
    """The parameter that a bare value stands for (``roll: 3 m/s``), if any."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {n: replace(p, name=n) for n, p in vars(cls).items() if isinstance(p, Parameter)}
        inherited: dict[str, Parameter] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited.update(vars(base).get("parameters", {}))
        cls.parameters = {**inherited, **own}

    def __init__(self, *, where: str = "", **values: Plain) -> None:
        owner = where.rpartition(".")[2] or type(self).__name__
        plain = check_values(self.parameters, values, owner, where or owner)
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only; '{name}' cannot be set")

    @classmethod
    def help(cls) -> str:
        return (cls.__doc__ or "").strip().splitlines()[0] if cls.__doc__ else ""

    @classmethod
    def nearest_parameter(cls, name: str) -> str | None:
        return nearest(name, cls.parameters)
