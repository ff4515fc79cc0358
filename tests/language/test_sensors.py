"""Sensors of the real vocabulary whose parameters, or the lists and numbers in them, contradict themselves."""

import pytest

from simgen.core import vocabulary
from simgen.core.errors import ScenarioInvalid, ValueOutOfRange
from simgen.language import parse

SCENARIO = """\
simgen: 1
scenario: one_cup
summary: A cup on a table.
setting: {room: tabletop}
actors:
  cup: {model: cup, at: {position: [0.5 m, 0 m, 0.8 m]}}
sensors:
  c: {KIND: {mount: world, position: [1 m, 0 m, 1.5 m], look_at: [0 m, 0 m, 0.8 m], WITH}}
end: time > 1 s
"""


def written(kind: str, parameters: str) -> str:
    return SCENARIO.replace("KIND", kind).replace("WITH", parameters)


@pytest.mark.parametrize(
    ("kind", "parameters", "at", "message"),
    [
        ("camera", "outputs: [rgb, depth, rgb]", "rgb]", "outputs names 'rgb' twice"),
        ("camera", "outputs: []", "[]", "outputs is empty"),
        ("camera", "encoding: {rgb: png, quality: 50}", "50", "quality is of a JPEG"),
        ("depth_camera", "nearest: 50 m, farthest: 1 m", "50 m", "nothing lies between the nearest depth, 50 m"),
        ("depth_camera", "nearest: 50 m", "50 m", "and the farthest, 30 m"),
        ("depth_camera", "farthest: 10 cm", "10 cm", "the nearest depth, 0.2 m, and the farthest, 0.1 m"),
        ("camera", "principal_point: [.nan, 0]", ".nan", ".nan is not a finite number"),
        ("camera", "fov: -.inf deg", "-.inf", "-.inf deg is not a finite number"),
        ("camera", "resolution: [16384, 64]", "16384", "resolution is 16384"),
        ("camera", "gain: .NaN", ".NaN", ".NaN is not a finite number"),
        ("camera", "gain: inf", "inf}", "inf is not a finite number"),
    ],
)
def test_what_contradicts_itself_is_told_where_it_stands(kind, parameters, at, message):
    text = written(kind, parameters)
    with pytest.raises(ScenarioInvalid) as told:
        parse(text, "cup.yaml")
    (found,) = told.value.diagnostics
    assert message in found.message
    assert found.remedy
    line = text.splitlines()[7]
    assert (found.place.line, found.place.column) == (8, line.rindex(at) + 1)
    assert found.line_text == line


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("camera", "outputs: [rgb, depth]"),
        ("camera", "encoding: {quality: 50}"),
        ("camera", "encoding: {rgb: jpeg, quality: 50}"),
        ("camera", "encoding: {rgb: png}"),
        ("depth_camera", "nearest: {uniform: [1 m, 50 m]}, farthest: 40 m"),
    ],
)
def test_what_may_be_true_is_no_mistake(kind, parameters):
    parse(written(kind, parameters), "cup.yaml")


@pytest.mark.parametrize("outputs", [(), ("rgb", "rgb")])
def test_lists_of_choices_are_held_to_the_same_from_python(outputs):
    with pytest.raises(ValueOutOfRange, match="outputs") as told:
        vocabulary.sensors.get("camera")(where="sensors.c", mount="world", outputs=outputs)
    assert told.value.remedy
