from __future__ import annotations

import pytest

from simgen.core.declare import (
    Declared,
    choice,
    flag,
    integer,
    quantity,
    record,
    reference,
    several,
    text,
    vector,
)
from simgen.core.errors import UnknownName, ValueOutOfRange


class Thing(Declared):
    """A thing for the test.

    It has more than one line of help.
    """

    speed: float = quantity("m/s", low=0, high=10, help="speed")
    count: int = integer(low=1, default=2, help="how many")
    loud: bool = flag(default=False, help="whether it is loud")
    color: str = choice("red", "blue", default="red", help="color")
    who: str | None = reference("actor", default=None, help="who")
    note: str = text(default="", help="note")
    at: tuple[float, float] = vector("m", 2, default=(0.0, 0.0), help="where")
    items: tuple[float, ...] | None = several(default=None, help="some")
    lens: object = record(
        default=None, help="lens", focal=quantity("m", low=0, help="focal"), name=text(default="x", help="n")
    )


class Child(Thing):
    """A child."""

    speed: float = quantity("km/h", default=3.0, help="another speed")
    extra: float = quantity("", default=1.0, help="one more")


def test_defaults_are_filled_in_and_types_are_plain():
    thing = Thing(speed=3)
    assert (thing.speed, thing.count, thing.loud, thing.color, thing.who) == (3.0, 2, False, "red", None)
    assert isinstance(thing.speed, float)
    assert Thing(speed=0, at=[1, 2]).at == (1.0, 2.0)  # type: ignore[arg-type]
    assert Thing(speed=0, count=3.0).count == 3 and isinstance(Thing(speed=0, count=3.0).count, int)
    assert Thing(speed=0, lens={"focal": 1}).lens == {"focal": 1.0, "name": "x"}
    assert Thing(speed=0, items=[1.0, "a", True]).items == (1.0, "a", True)  # type: ignore[arg-type]


def test_a_subclass_inherits_and_replaces():
    assert list(Child.parameters) == ["speed", "count", "loud", "color", "who", "note", "at", "items", "lens", "extra"]
    assert Child().speed == 3.0 and Child.parameters["speed"].unit == "km/h"
    assert "extra" not in Thing.parameters
    assert all(name == parameter.name for name, parameter in Child.parameters.items())


def test_help_is_the_first_line():
    assert Thing.help() == "A thing for the test."
    assert Thing.nearest_parameter("sped") == "speed"


def test_an_instance_is_read_only():
    thing = Thing(speed=3)
    with pytest.raises(AttributeError, match="Thing is read-only; 'speed' cannot be set"):
        thing.speed = 4


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "here.thing: thing needs 'speed'; expected a number from 0 to 10 m/s"),
        ({"speed": 11}, "here.thing.speed: speed is 11 m/s; expected a number from 0 to 10 m/s"),
        ({"speed": float("nan")}, "speed is nan m/s"),
        ({"speed": True}, "True is not a number"),
        ({"speed": "3"}, "'3' is not a number"),
        ({"speed": None}, "speed needs a value"),
        ({"speed": 1, "count": 1.5}, "1.5 is not a whole number; expected a whole number of at least 1"),
        ({"speed": 1, "count": 0}, "count is 0"),
        ({"speed": 1, "loud": 1}, "1 is neither true nor false"),
        ({"speed": 1, "who": 3}, "3 is not a name; expected the name of one actor"),
        ({"speed": 1, "at": (1,)}, "is not 2 numbers"),
        ({"speed": 1, "at": (1, "x")}, "here.thing.at[1]: 'x' is not a number"),
        ({"speed": 1, "lens": 3}, "3 is not a mapping"),
        ({"speed": 1, "lens": {}}, "lens needs 'focal'"),
    ],
)
def test_values_out_of_what_is_declared(values: dict[str, object], message: str):
    with pytest.raises(ValueOutOfRange) as caught:
        Thing(where="here.thing", **values)  # type: ignore[arg-type]
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"speed": 1, "sped": 1}, "unknown parameter of thing 'sped'; did you mean 'speed'?"),
        ({"speed": 1, "color": "rad"}, "unknown color 'rad'; did you mean 'red'?"),
        ({"speed": 1, "lens": {"focal": 1, "focl": 2}}, "unknown parameter of lens 'focl'"),
    ],
)
def test_names_that_are_not_declared(values: dict[str, object], message: str):
    with pytest.raises(UnknownName) as caught:
        Thing(where="here.thing", **values)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_bounds_in_words():
    assert quantity("m", low=1, help="").expected() == "expected a number of at least 1 m"
    assert quantity("m", high=1, help="").expected() == "expected a number of at most 1 m"
    assert quantity("", help="").expected() == "expected a number"
    assert choice("a", "b", help="").expected() == "one of a, b"
    assert vector("m", 3, help="").expected() == "expected 3 numbers in m"
