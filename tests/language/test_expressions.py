from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.core import vocabulary
from simgen.core.errors import Place, ValueOutOfRange
from simgen.core.units import NUMBER, dimension_of
from simgen.language.expressions import (
    Expr,
    ExpressionError,
    Names,
    Result,
    bind,
    check,
    comparisons,
    evaluate,
    mentioned,
    operands,
    parse,
    told,
    unparse,
    walk,
)
from simgen.language.expressions import tree as t

HERE = Place("f", 3, 10)
NOWHERE = Place("", 1, 1)


def read(text: str) -> Expr:
    return parse(text, HERE)


@dataclass
class World:
    parameters: dict[str, Result] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def parameter(self, name: str) -> Result:
        return self.parameters[name]

    def property(self, owner: str, name: str) -> Result:
        return {"ego.speed": 12.0, "van.color": "red"}[f"{owner}.{name}"]

    def call(self, function: str, arguments: tuple[Expr, ...], where: Place) -> float | bool:
        self.asked.append(unparse(t.Call(function, arguments, where)))
        return {"time": 4.0, "yes": True, "no": False}.get(function, 7.0)


def value(text: str, **parameters: Result) -> Result:
    return evaluate(read(text), World(parameters))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 ^ 3", 8.0),
        ("-2 ^ 2", -4.0),
        ("2 ** -1", 0.5),
        ("8 / 4 / 2", 1.0),
        ("1 - 2 - 3", -4.0),
        ("36 km/h", 10.0),
        ("5 m/s^2 * (2 s)^2", 20.0),
        ("10 m / 2 s", 5.0),
        ("10 %", 0.1),
        ("100%", 1.0),
        ("0.5 1/s", 0.5),
        ("012 + 1e3", 1012.0),
        ("1e-3", 0.001),
        ("2.5E-08", 2.5e-8),
        ("1e+3 - 1e-3", 999.999),
        ("1e-2 m", 0.01),
        ("2.1e-06m", 2.1e-6),
        ("(1e - 3 e) / (1 e)", -2.0),
        (".5 + 1.", 1.5),
        ("180 deg", math.pi),
        ("180 °", math.pi),
        ("5 µm", 5e-6),
        ("22:40", 81600.0),
        ("22:40:30", 81630.0),
        ("min(1, 3 mm/h / (15 mm/h))", 0.2),
        ("max(1, 2, 3)", 3.0),
        ("clamp(5 m, 0 m, 2 m)", 2.0),
        ("abs(-3 s)", 3.0),
        ("sign(-3 s)", -1.0),
        ("sqrt(16 m^2)", 4.0),
        ("hypot(3 m, 4 m)", 5.0),
        ("floor(1.5) + ceil(1.5) + round(2.5)", 5.0),
        ("atan2(1 m, 1 m)", math.pi / 4),
        ("sin(90 deg)", 1.0),
        ("exp(log(2))", 2.0),
        ("1 < 2 <= 2 < 3", True),
        ("1 < 2 > 3", False),
        ("not 1 > 2 and true or false", True),
        ("not (1 < 2)", False),
        ("time > 3 s", True),
        ("time() > 5 s", False),
        ("$v * 2", 6.0),
        ("ego.speed >= 12 m/s", True),
        ("$word == rain", True),
        ("rain != $word", False),
        ("van.color == 'red'", True),
        ("distance(ego, van) < 8 m", True),
    ],
)
def test_values(text: str, expected: Result):
    found = value(text, v=3.0, word="rain")
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)
    assert isinstance(found, type(expected))


def test_and_or_stop_at_the_operand_that_decides():
    world = World()
    assert evaluate(read("no() and yes() or yes() or no()"), world) is True
    assert world.asked == ["no()", "yes()"]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("1 / (2 - 2)", "1 / (2 - 2) divides by zero", 10),
        ("3 + sqrt(1 - 2)", "sqrt(1 - 2) has no value", 14),
        ("log(0)", "log(0) has no value", 10),
        ("10 ^ 300 * 10 ^ 300", "is too large", 10),
        ("0 ^ -1", "has no value", 10),
        ("clamp(1, 3, 2)", "the lower bound 3 is above the upper one 2", 10),
        ("yes() + 1", "yes() is True, not a number", 10),
        ("time and yes()", "time is 4.0, neither true nor false", 10),
        ("$word < 3", "cannot be compared", 10),
    ],
)
def test_what_has_no_value_says_where(text: str, message: str, column: int):
    with pytest.raises(ValueOutOfRange) as caught:
        value(text, word="rain")
    assert message in caught.value.message
    assert isinstance(caught.value.where, Place) and caught.value.where.column == column


@pytest.mark.parametrize(
    ("text", "message", "column", "length"),
    [
        ("f(a, b", "this '(' is never closed", 11, 1),
        ("f(a))", "this ')' closes nothing", 14, 1),
        ("a b", "nothing joins 'a' and 'b'", 12, 1),
        ("9**9**9", "'**' raises what is a power already", 14, 2),
        ("2 ** $a", "an exponent is a number as it stands, found '$a'", 15, 2),
        ("2 ^ (3)", "an exponent is a number as it stands, found '('", 14, 1),
        ("3 * ** 2", "'**' cannot stand here", 14, 2),
        ("time = 3 s", "'=' compares nothing", 15, 1),
        ("a && b", "'&&' is not part of the language", 12, 2),
        ("!a", "'!' is not part of the language", 10, 1),
        ("5 metres per hour", "nothing joins 's' and 'per'", 19, 3),
        ("5 foo", "unknown unit 'foo'", 12, 3),
        ("5 KM", "unknown unit 'KM'", 12, 2),
        ("1.2.3", "'1.2.3' is no number", 10, 5),
        ("0x1F", "'0x1F' is no number", 10, 4),
        ("1_000", "'1_000' is no number", 10, 5),
        ("1e999", "1e999 is no quantity", 10, 5),
        ("1e9999999999999", "is no quantity", 10, 15),
        ("25:00", "there is no 25:00", 10, 5),
        ("a <", "the expression ends too early", 12, 1),
        ("< 3", "'<' cannot stand here", 10, 1),
        ("f(, a)", "',' cannot stand here", 12, 1),
        ("", "an expression is missing", 10, 1),
        ("  ", "an expression is missing", 10, 1),
        ("a ? b", "'?' cannot stand in an expression", 12, 1),
        ("$", "'$' names no parameter", 10, 1),
        ("(" * 300 + "1" + ")" * 300, "nested deeper than 60 levels", 70, 1),
        ("-" * 300 + "1", "nested deeper than 60 levels", None, 1),
        ("not " * 300 + "a", "nested deeper than 60 levels", None, 1),
        ("a" * 20_000, "an expression of 20000 characters", 10, 1),
        ("__import__('os').system('x')", "'.' cannot stand here", 26, 1),
    ],
)
def test_what_cannot_be_read_says_where(text: str, message: str, column: int | None, length: int):
    with pytest.raises(ExpressionError) as caught:
        read(text)
    assert message in caught.value.message
    where = caught.value.where
    assert isinstance(where, Place) and where.file == "f" and where.line == 3
    if column is not None:
        assert (where.column, where.length) == (column, length)


def test_places_point_inside_of_the_text():
    tree = read("a(b) < 5 m")
    places = {unparse(node): (node.place.column, node.place.length) for node in walk(tree)}
    assert places == {"a(b) < 5 m": (10, 10), "a(b)": (10, 1), "b": (12, 1), "5 m": (17, 3)}


def test_comparisons_are_found_with_their_operands():
    tree = read("not (distance(a, b) < 5 m) or $x and time > 3 s")
    found = comparisons(tree)
    assert [unparse(c) for c in found] == ["distance(a, b) < 5 m", "time > 3 s"]
    assert operands(found[0], World()) == (7.0, 5.0)
    assert mentioned(tree) == {"x"}


def test_words_that_begin_like_operators_are_names():
    assert unparse(read("order or android and notes")) == "order or android and notes"
    assert read("5 and 3") == t.Logic("and", (t.Number(5, NUMBER, "5", HERE), t.Number(3, NUMBER, "3", HERE)), HERE)


def test_a_unit_ends_where_a_call_begins():
    tree = read("5 m/speed(ego)")
    assert isinstance(tree, t.Arithmetic) and tree.left == t.Number(5, dimension_of("m"), "5 m", HERE)


_numbers = st.sampled_from(
    ["0", "1", "2.5", "012", "1e3", "5 m", "25 km/h", "9.81 m/s^2", "10 %", "3°", "22:40", "5 m²"]
)
_names = st.sampled_from(["a", "ego", "order", "notes", "time", "e", "m", "s1"])


def _wrap(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    def logic(operator: str, parts: list[Expr]) -> Expr:
        # The parser makes one node of a chain, so that only chains of something else are written.
        flat = [p for p in parts if not (isinstance(p, t.Logic) and p.operator == operator)] or [t.Flag(True, HERE)]
        return t.Logic(operator, tuple(flat), HERE) if len(flat) > 1 else flat[0]  # type: ignore[arg-type]

    return st.one_of(
        st.builds(lambda f, a: t.Call(f, tuple(a), HERE), _names, st.lists(inner, max_size=3)),
        st.builds(lambda o: t.Negative(o, HERE), inner),
        st.builds(lambda o: t.Not(o, HERE), inner),
        st.builds(lambda op, a, b: t.Arithmetic(op, a, b, HERE), st.sampled_from(["+", "-", "*", "/"]), inner, inner),
        st.builds(lambda a: t.Arithmetic("^", a, t.Number(2.0, NUMBER, "2", HERE), HERE), inner),
        st.builds(
            lambda op, a, b: t.Comparison((op,), (a, b), HERE), st.sampled_from(["<", "<=", "==", "!="]), inner, inner
        ),
        st.builds(lambda a, b, c: t.Comparison(("<", "<="), (a, b, c), HERE), inner, inner, inner),
        st.builds(logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    )


_trees = st.recursive(
    st.one_of(
        _numbers.map(read),
        _names.map(lambda n: t.Name(n, HERE)),
        _names.map(lambda n: t.Parameter(n, HERE)),
        st.booleans().map(lambda b: t.Flag(b, HERE)),
        st.sampled_from(["rain", "it's", 'a "b"', ""]).map(lambda v: t.Text(v, HERE)),
        st.builds(lambda a, b: t.Property(a, b, HERE), _names, _names),
    ),
    _wrap,
    max_leaves=12,
)


@given(_trees)
@settings(max_examples=150)
def test_what_is_printed_parses_to_the_same_tree(tree: Expr):
    text = unparse(tree)
    again = read(text)
    assert again == tree, text
    assert unparse(again) == text


_pieces = [*"ab(),.<=!$'\"0123 5m/s%^*+-:°é\n\t", " and ", " or ", " not ", "time", "3 m/s", "$x", "f("]


@given(st.lists(st.sampled_from(_pieces), max_size=20).map("".join))
@settings(max_examples=200)
def test_any_text_is_an_expression_or_an_expression_error(text: str):
    try:
        tree = read(text)
    except ExpressionError as error:
        assert error.message and error.remedy
        assert isinstance(error.where, Place) and 10 <= error.where.column <= 10 + max(1, len(text))
    else:
        assert read(unparse(tree)) == tree


@pytest.mark.usefixtures("small_vocabulary")
class TestChecking:
    names = Names(
        parameters=["v"],
        parameter_type=lambda name: dimension_of("m/s"),
        models={"ego": (), "van": ()},
        sensors=["front"],
        events=["go"],
    )

    def types(self, text: str) -> tuple[str, list[str]]:
        told: list[str] = []
        kind = check(read(text), self.names, lambda place, message, remedy: told.append(f"{place.column}: {message}"))
        return str(kind), told

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("$v * 3 s", "m"),
            ("$v^2 / (2 * 9.81 m/s^2)", "m"),
            ("sqrt(2 * 9.81 m/s^2 * 3 m)", "m/s"),
            ("distance(ego, van) / time", "m/s"),
            ("5 %", ""),
            ("ego.speed > $v and fired(go)", "flag"),
            ("atan2(1 m, 2 m)", "rad"),
            ("rising(time > 3 s)", "flag"),
            ("surface(ego)", "text"),
            ("time", "s"),
        ],
    )
    def test_types(self, text: str, kind: str):
        assert self.types(text) == (kind, [])

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("fired(front)", "16: unknown event 'front'"),
            ("visible_fraction(ego, frnt) < 1", "32: unknown sensor 'frnt'"),
            ("distance(3 m, van) > 1 m", "19: 3 m is not the name of one actor"),
            ("ego.x > 3", "10: ego.x is a length (m), 3 is a plain number"),
            ("distance(ego, van) < ego.speed", "10: distance(ego, van) is a length (m), ego.speed is a speed (m/s)"),
            ("$w > 1", "10: unknown parameter '$w'"),
            ("v > 1", "10: unknown condition 'v'"),
            ("time != 3 s", "10: time != 3 s always holds"),
            ("-fired(go) > 1", "11: fired(go) is true or false, not a number"),
            ("(3 m)^0.5 > 1", "16: a length (m) to the power 0.5 is no quantity"),
            ("rising(fired(go), 1)", "10: rising takes 1 argument, 2 given"),
            ("collision(ego, $v)", "25: $v is a speed (m/s), not the name of one actor"),
        ],
    )
    def test_mistakes(self, text: str, told: str):
        assert self.types(text)[1] == [told]

    def test_bind_gives_plain_values_in_declared_units(self):
        call = read("stand_still(ego, 90 min)")
        assert isinstance(call, t.Call)
        bound = bind(vocabulary.conditions.get("stand_still"), call.arguments, World(), HERE)
        assert bound == {"actor": "ego", "duration": 5400.0}
        rate = read("lens(9 mm/h)")
        assert isinstance(rate, t.Call)
        assert bind(vocabulary.effects.get("lens_drops"), rate.arguments, World(), HERE) == {"rate": 9.0}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("1 / (2 - 2)", "divide by what is never 0"),
        ("sqrt(1 - 2)", "sqrt takes what is not negative"),
        ("log(0)", "log takes what is above 0"),
        ("asin(2)", "asin takes numbers from -1 to 1"),
        ("2 ** 9999999", "calculate with smaller numbers"),
        ("0 ^ -1", "only whole powers of a negative number have a value, and of 0 those above 0"),
    ],
)
def test_what_has_no_value_says_what_to_do(text: str, remedy: str):
    with pytest.raises(ValueOutOfRange) as caught:
        value(text)
    assert caught.value.remedy == remedy and "math" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("speed(ego) > 30 km/h", 12.5, "45 km/h"),
        ("20 km/h < speed(ego)", 12.5, "45 km/h"),
        ("visible_fraction(ego, front) < 5 %", 0.073, "7.3 %"),
        ("angle(ego) > -20 deg", -0.5235988, "-30 deg"),
        ("distance(ego, van) < $gap", 7.31, "7.31 m"),
        ("ego.yaw > $turn", 0.5235988, "30 deg"),
        ("max_visible_pixels(ego, front) > 200", 30.0, "30"),
        ("distance(ego, van) < 5 m and speed(ego) > 3 m/s", 4.0, "4"),
        ("distance(ego, van) < 500 cm and distance(ego, kid) > 90 cm", 4.0, "400 cm"),
        ("time_of_day > 22:40", 43200.0, "12 h"),
    ],
)
def test_what_a_comparison_came_to_is_told_in_its_unit(text: str, value: float, said: str):
    assert told(comparisons(read(text)), value) == said
