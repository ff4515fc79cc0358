from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.core.units import (
    COMMON,
    NUMBER,
    Dimension,
    UnitError,
    _from_pint,
    dimension_of,
    from_si,
    parse_unit,
    si_unit,
    to_si,
)


@pytest.mark.parametrize(
    ("value", "unit", "si", "si_name"),
    [
        (36, "km/h", 10.0, "m/s"),
        (25, "km/h", 25 / 3.6, "m/s"),
        (180, "deg", 3.141592653589793, "rad"),
        (40, "%", 0.4, ""),
        (3.6, "mm/h", 1e-6, "m/s"),
        (22.5, "h", 81000.0, "s"),
        (9.81, "m/s^2", 9.81, "m/s^2"),
        (2, "m²", 2.0, "m^2"),
        (1, "kN", 1000.0, "N"),
        (5, "klx", 5000.0, "lux"),
        (3, "cd/m^2", 3.0, "cd/m^2"),
        (20, "Hz", 20.0, "Hz"),
        (20, "1/s", 20.0, "Hz"),
        (60, "rpm", 6.283185307179586, "rad/s"),
        (20, "degC", 293.15, "K"),
        (1, "t", 1000.0, "kg"),
        (50, "mph", 22.352, "m/s"),
        (7, "N*m", 7.0, "N*m"),
        (5, "px", 5.0, ""),
        (5, "", 5.0, ""),
    ],
)
def test_to_and_from_si(value: float, unit: str, si: float, si_name: str):
    assert to_si(value, unit) == pytest.approx(si, rel=1e-15)
    assert from_si(to_si(value, unit), unit) == pytest.approx(value, rel=1e-13)
    assert si_unit(unit) == si_name


def test_conversion_is_rounded_once():
    assert to_si("0.1", "mm") == 0.0001
    assert to_si(36, "km/h") == 10.0
    assert to_si("1", "%") == 0.01


@given(
    st.decimals(min_value=0, max_value=1000, places=3), st.sampled_from(["mm/h", "h", "%", "deg", "km/h", "ms", "mm"])
)
def test_a_value_as_written_comes_back_as_it_was(value: object, unit: str):
    assert from_si(to_si(str(value), unit), unit) == float(str(value))


def test_limits_hold_for_values_written_at_the_limit():
    for unit, limit in (("mm/h", 150), ("h", 24), ("deg", 360), ("km/h", 130), ("%", 100)):
        assert from_si(to_si(limit, unit), unit) == limit


@pytest.mark.parametrize("name", sorted(set(COMMON) - {"px", "pixel", "count"}))
def test_common_units_are_as_pint_defines_them(name: str):
    known = _from_pint(name, name)
    assert known.dimension == COMMON[name].dimension
    assert known.offset == COMMON[name].offset == 0
    assert float(known.factor) == float(COMMON[name].factor)


def test_an_angle_is_a_dimension_of_its_own():
    assert dimension_of("rad/s") != dimension_of("Hz")
    assert dimension_of("deg") != NUMBER
    assert dimension_of("rad/s").described() == "an angular speed (rad/s)"


def test_dimensions_multiply():
    speed, time = dimension_of("m/s"), dimension_of("s")
    assert speed * time == dimension_of("m")
    assert speed / time == dimension_of("m/s^2")
    assert speed / speed == NUMBER
    assert (dimension_of("m^2")) ** Fraction(1, 2) == dimension_of("m")
    assert str(Dimension.of({"m": Fraction(1, 2)})) == "m^(1/2)"
    assert str(dimension_of("1/m^3")) == "1/m^3"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("KM", "did you mean 'km'?"),
        ("kmh", "did you mean 'km/h'?"),
        ("KMH", "did you mean 'km/h'?"),
        ("mmh", "did you mean 'mm/h'?"),
        ("foo", "units are written like"),
        ("HZ", "did you mean 'Hz'?"),
        ("m//s", "write units like"),
        ("m s", "write units like"),
        ("/s", "write units like"),
        ("m^99", "write units like"),
        ("bit", "units are written like"),
        ("dB", "units are written like"),
        ("degC/s", "write K in place of degC"),
        ("__import__", "write units like"),
    ],
)
def test_what_is_no_unit(text: str, remedy: str):
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    assert remedy in (caught.value.remedy or "")


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_a_unit_error(text: str):
    try:
        unit = parse_unit(text)
    except UnitError:
        return
    assert unit.factor > 0


def test_common_units_need_no_pint():
    code = "import sys; from simgen.core.units import to_si; to_si(3, 'km/h'); print('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
