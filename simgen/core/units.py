"""Units: text at the language's border, SI everywhere else.

A dimension is what a unit measures, with the plane angle as one of its own (``rad``), so that a speed in rad/s is not
taken for a frequency. Factors are exact fractions and are rounded once, when a float leaves this module.

pint knows the units. Loading it costs half a second, so the two dozen units that scenarios are full of are also
written down here; ``tests/core/test_units.py`` compares each of them with pint.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simgen.core.errors import SimgenError, nearest


class UnitError(SimgenError):
    """A unit that does not exist or cannot be used here."""


@dataclass(frozen=True, slots=True, order=True)
class Dimension:
    """A product of powers of SI base units, by symbol in alphabetical order. ``str()`` is the SI unit ("m/s", "")."""

    exponents: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, exponents: Mapping[str, Fraction | int]) -> Dimension:
        return cls(tuple(sorted((base, Fraction(power)) for base, power in exponents.items() if power)))

    def __mul__(self, other: Dimension) -> Dimension:
        total = dict(self.exponents)
        for base, power in other.exponents:
            total[base] = total.get(base, Fraction(0)) + power
        return Dimension.of(total)

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other**-1

    def __pow__(self, power: Fraction | int) -> Dimension:
        return Dimension.of({base: exponent * power for base, exponent in self.exponents})

    def __str__(self) -> str:
        named = _names().get(self)
        if named is not None:
            return named
        above = [_factor(b, p) for b, p in self.exponents if p > 0]
        below = [_factor(b, -p) for b, p in self.exponents if p < 0]
        return "/".join(["*".join(above) or "1", *below])

    @property
    def meaning(self) -> str:
        """What it measures, in words, where it has a common name ("a speed")."""
        return _MEANINGS.get(str(self), "")

    def described(self) -> str:
        """For messages: "a speed (m/s)"."""
        if not self.exponents:
            return "a plain number"
        return f"{self.meaning} ({self})" if self.meaning else f"a quantity in {self}"


NUMBER = Dimension()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: SI value = (value + offset) * factor. The offset is that of degrees Celsius and Fahrenheit."""

    factor: Fraction
    dimension: Dimension
    offset: Fraction = Fraction(0)


def _factor(base: str, power: Fraction) -> str:
    if power == 1:
        return base
    return f"{base}^{power}" if power.denominator == 1 else f"{base}^({power})"


_BASE = {
    "meter": "m",
    "gram": "kg",
    "second": "s",
    "ampere": "A",
    "kelvin": "K",
    "mole": "mol",
    "candela": "cd",
    "radian": "rad",
}
_PI = Fraction("3.14159265358979323846264338327950288419716939937510")


def _known(factor: Fraction | int | str, **exponents: int) -> Unit:
    return Unit(Fraction(factor), Dimension.of(exponents))


# Pixels and counts are pure numbers here; pint gives them dimensions of their own.
COMMON: dict[str, Unit] = {
    "m": _known(1, m=1),
    "km": _known(1000, m=1),
    "cm": _known("0.01", m=1),
    "mm": _known("0.001", m=1),
    "um": _known("1e-6", m=1),
    "s": _known(1, s=1),
    "ms": _known("0.001", s=1),
    "us": _known("1e-6", s=1),
    "min": _known(60, s=1),
    "h": _known(3600, s=1),
    "Hz": _known(1, s=-1),
    "kHz": _known(1000, s=-1),
    "rad": _known(1, rad=1),
    "mrad": _known("0.001", rad=1),
    "deg": Unit(_PI / 180, Dimension.of({"rad": 1})),
    "kg": _known(1, kg=1),
    "g": _known("0.001", kg=1),
    "N": _known(1, kg=1, m=1, s=-2),
    "lux": _known(1, cd=1, rad=2, m=-2),
    "lm": _known(1, cd=1, rad=2),
    "cd": _known(1, cd=1),
    "K": _known(1, K=1),
    "percent": _known("0.01"),
    "px": _known(1),
    "pixel": _known(1),
    "count": _known(1),
}
_ALIASES = {"%": "percent", "°": "deg", "µm": "um", "μm": "um", "µs": "us", "μs": "us", "lx": "lux", "pixels": "px"}

_MEANINGS = {
    "m": "a length",
    "m^2": "an area",
    "s": "a time",
    "Hz": "a rate",
    "m/s": "a speed",
    "m/s^2": "an acceleration",
    "m/s^3": "a jerk",
    "rad": "an angle",
    "rad/s": "an angular speed",
    "kg": "a mass",
    "N": "a force",
    "N*m": "a torque or energy",
    "lux": "an illuminance",
    "lm": "a luminous flux",
    "cd": "a luminous intensity",
    "cd/m^2": "a luminance",
    "K": "a temperature",
}


@functools.cache
def _names() -> dict[Dimension, str]:
    """Dimensions whose SI unit is better known by a name than by its base units."""
    newton = COMMON["N"].dimension
    metre = COMMON["m"].dimension
    second = COMMON["s"].dimension
    return {
        NUMBER: "",
        COMMON["Hz"].dimension: "Hz",
        newton: "N",
        newton * metre: "N*m",
        newton / metre: "N/m",
        newton / metre**2: "Pa",
        newton * metre / second: "W",
        COMMON["lux"].dimension: "lux",
        COMMON["lm"].dimension: "lm",
        COMMON["cd"].dimension / metre**2: "cd/m^2",
    }


ATOM = r"(?:%|°|[A-Za-zµμΩ]+)"
"""One unit's name, as a regular expression."""

_EXPONENT = r"(?:(?:\^|\*\*)-?\d|[²³])"
UNIT_TEXT = rf"{ATOM}{_EXPONENT}?(?:[*·/]{ATOM}{_EXPONENT}?)*"
"""A product and quotient of units without blanks ("m/s^2", "N*m"), as a regular expression."""

_PIECE = re.compile(rf"([*·/]?)({ATOM}|1)({_EXPONENT}?)")


@functools.lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """The unit that a text spells; "" is the pure number.

    Raises:
        UnitError: not a unit; the remedy names the nearest one.
    """
    spelled = text.strip()
    if spelled in ("", "1"):
        return Unit(Fraction(1), NUMBER)
    pieces = _pieces(spelled)
    if len(pieces) == 1 and pieces[0][1] == 1:
        return _atom(pieces[0][0], spelled)
    factor, dimension = Fraction(1), NUMBER
    for name, power in pieces:
        unit = _atom(name, spelled)
        if unit.offset:
            raise UnitError(f"'{spelled}' multiplies a temperature scale", remedy=f"write K in place of {name}")
        factor *= unit.factor**power
        dimension = dimension * unit.dimension**power
    return Unit(factor, dimension)


def _pieces(spelled: str) -> list[tuple[str, int]]:
    pieces: list[tuple[str, int]] = []
    position = 0
    while position < len(spelled):
        match = _PIECE.match(spelled, position)
        if match is None or bool(match[1]) != bool(pieces) or (match[2] == "1" and pieces):
            raise UnitError(f"'{spelled}' is not a unit", remedy="write units like m/s, m/s^2 or N*m")
        power = {"": 1, "²": 2, "³": 3}.get(match[3]) or int(match[3].lstrip("^*"))
        pieces.append((match[2], -power if match[1] == "/" else power))
        position = match.end()
    return pieces


@functools.lru_cache(maxsize=256)
def _atom(name: str, spelled: str) -> Unit:
    if name == "1":
        return Unit(Fraction(1), NUMBER)
    known = COMMON.get(_ALIASES.get(name, name))
    return known if known is not None else _from_pint(name, spelled)


@functools.cache
def _registry() -> object:
    # Imported on first use: it costs half a second, and most scenarios name only COMMON units.
    from decimal import Decimal

    import pint

    return pint.UnitRegistry(non_int_type=Decimal, cache_folder=None, autoconvert_offset_to_baseunit=True)


def _from_pint(name: str, spelled: str) -> Unit:
    """The unit of this name as pint defines it."""
    import pint

    registry = _registry()
    assert isinstance(registry, pint.UnitRegistry)
    shown = f"'{name}'" if name == spelled else f"'{name}' in '{spelled}'"
    try:
        factor, root = registry.get_root_units(name)
        zero = registry.Quantity(0, name).to_root_units().magnitude
    except (pint.errors.PintError, ArithmeticError, ValueError, TypeError, KeyError, AttributeError):
        raise UnitError(f"unknown unit {shown}", remedy=_unit_remedy(name)) from None
    exponents: dict[str, Fraction] = {}
    exact = _fraction(factor)
    for base, power in dict(root._units).items():
        symbol, exponent = _BASE.get(base), _fraction(power)
        if symbol is None and base != "count":
            raise UnitError(f"unit {shown} measures nothing that a scenario holds", remedy=_unit_remedy(name))
        if symbol is not None:
            exponents[symbol] = exponent
        if base == "gram":
            exact *= Fraction(1, 1000) ** int(exponent)
    # A temperature scale (degC) has its zero elsewhere.
    offset = _fraction(zero) / exact
    return Unit(exact, Dimension.of(exponents), offset)


def _fraction(number: Any) -> Fraction:
    """pint's numbers, which are whole ones and decimals here, as they are."""
    return Fraction(number)


_SPOKEN = {"kmh": "km/h", "kmph": "km/h", "mmh": "mm/h", "mmph": "mm/h"}
"""What people write for units that have a stroke or a sign in them."""


_CLOCK = re.compile(r"(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\.?", re.IGNORECASE)
_FRAMES = re.compile(r"([\d.]+)\s*fps", re.IGNORECASE)


def as_meant(text: str, unit: str) -> str | None:
    """How a time of day with am or pm, or a rate in frames per second, is written where a value in ``unit`` is taken;
    None for any other text.

    Both read as units of other dimensions: of picometres and attometres, and of feet per second.
    """
    clock, frames = _CLOCK.fullmatch(text.strip()), _FRAMES.fullmatch(text.strip())
    if clock is not None and unit == "h" and 1 <= int(clock[1]) <= 12:
        hour = int(clock[1]) % 12 + (12 if clock[3].lower() == "p" else 0)
        return f'"{hour:02}:{clock[2] or "00"}"'
    if frames is not None and unit == "Hz":
        return f"{frames[1]} Hz"
    return None


def _unit_remedy(name: str) -> str:
    spoken = _SPOKEN.get(name.lower())
    if spoken is not None:
        return f"did you mean '{spoken}'?"
    same_letters = [known for known in COMMON if known.lower() == name.lower()]
    meant = same_letters[0] if same_letters else nearest(name, [*COMMON, "mph", "kph", "degC"])
    return f"did you mean '{meant}'?" if meant else "units are written like m, km/h, m/s^2, deg, %, mm/h"


def dimension_of(unit: str) -> Dimension:
    """What a unit measures. Raises UnitError."""
    return parse_unit(unit).dimension


def si_unit(unit: str) -> str:
    """The SI unit of the same dimension: "m/s" of "km/h", "s" of "h", "" of "%". Raises UnitError."""
    return str(dimension_of(unit))


def exact(number: float | str) -> Fraction:
    """A float, or a number as written, without rounding. Raises ValueError."""
    return Fraction(number)


def to_si(value: float | str, unit: str) -> float:
    """A value in ``unit`` as SI, rounded once; ``value`` may be the digits as written ("0.1").

    Raises:
        UnitError: the unit does not exist.
        OverflowError: the result does not fit a float.
    """
    known = parse_unit(unit)
    if known.factor == 1 and not known.offset:
        return float(value)
    return float((exact(value) + known.offset) * known.factor)


def from_si(value: float, unit: str) -> float:
    """An SI value in ``unit``.

    Where that takes a conversion, the result is rounded to 15 significant digits: 5 mm/h and 24 h come back as the 5.0
    and 24.0 that were written, and pass the limits that are declared for them.
    """
    known = parse_unit(unit)
    if known.factor == 1 and not known.offset:
        return float(value)
    return float(f"{float(exact(value) / known.factor - known.offset):.15g}")
