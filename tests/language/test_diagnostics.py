from __future__ import annotations

import pytest

from simgen.core.errors import Place, ScenarioInvalid, SimgenError
from simgen.language.diagnostics import Diagnostic, Report, listed


def test_the_form():
    message, remedy = "unknown behavior 'folow_lane' for actor 'ego'", "did you mean 'follow_lane'?"
    told = Diagnostic(Place("x.yaml", 14, 37, 10), message, remedy, "  ego: {model: car.sedan, behavior:   folow_lane}")
    assert str(told) == (
        "x.yaml:14:37: unknown behavior 'folow_lane' for actor 'ego'\n"
        "  14 |   ego: {model: car.sedan, behavior:   folow_lane}\n"
        "     |                                     ^^^^^^^^^^ did you mean 'follow_lane'?"
    )


def test_without_a_line_it_is_one_line():
    assert str(Diagnostic(Place("x", 1, 1), "empty", "write")) == "x:1:1: empty; write"


def test_of_a_long_line_the_part_around_the_caret_is_shown():
    line = "a" * 300 + "HERE" + "b" * 300
    _, shown, caret = str(Diagnostic(Place("x", 1, 301, 4), "m", "r", line)).splitlines()
    assert len(shown) < 140 and shown.count("…") == 2
    assert shown[caret.index("^") :].startswith("HERE") and caret.count("^") == 4


def test_tabs_and_control_characters_do_not_move_the_caret():
    text = str(Diagnostic(Place("x", 1, 3, 1), "m \x1b[31m", "r", "\ta\x1bb"))
    assert "\x1b" not in text and "\t" not in text
    _, shown, caret = text.splitlines()
    assert shown[caret.index("^")] == "\ufffd"


def test_a_span_beyond_the_line_stays_in_it():
    _, _, caret = str(Diagnostic(Place("x", 1, 3, 99), "m", "", "abcd")).splitlines()
    assert caret == "     |   ^^"


def test_a_report_sorts_by_file_and_place_and_tells_each_mistake_once():
    report = Report()
    report.add_text("b", "one\ntwo")
    report.add_text("a", "uno")
    for place in (Place("a", 1, 1), Place("b", 2, 1), Place("b", 1, 2), Place("b", 1, 2)):
        report.add(place, "m")
    report.add_error(SimgenError("raised", where=Place("b", 1, 1), remedy="do"), Place("c", 1, 1))
    assert [str(d.place) for d in report.diagnostics()] == ["b:1:1", "b:1:2", "b:2:1", "a:1:1"]
    assert report.diagnostics()[0].line_text == "one"
    with pytest.raises(ScenarioInvalid) as caught:
        report.raise_if_any()
    assert str(caught.value).count("\n     |") == 4


def test_an_empty_report_raises_nothing():
    Report().raise_if_any()


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(names: list[str], text: str):
    assert listed(names) == text
