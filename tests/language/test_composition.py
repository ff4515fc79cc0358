from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from simgen.core.errors import ScenarioInvalid, SimgenError, UnknownName
from simgen.language import LogicalScenario, load, parse
from simgen.language.logical import Constant, Value
from tests.language.small import MINIMAL

pytestmark = pytest.mark.usefixtures("small_vocabulary")


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def told(source: Path, overrides: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(source, overrides)
    return [
        f"{Path(d.place.file).name}:{d.place.line}:{d.place.column}: {d.message} -> {d.remedy}"
        for d in caught.value.diagnostics
    ]


def constant(value: Value | None) -> object:
    assert isinstance(value, Constant)
    return value.value


RAIN = "summary: rain\nenvironment: {rain: 12 mm/h, road_wetness: 1}\ntags: [rain]\n"
FROZEN = "story:\n  - event: freeze\n    when: time > 2 s\n    do: {front: frozen_frame}\n"


def test_fragments_merge_in_order_below_the_file_itself(tmp_path: Path):
    own = (
        MINIMAL
        + "use: [rain, faults/frozen]\nenvironment: {rain: 5 mm/h}\ntags: [mine]\n"
        + "story:\n  - {event: a, do: {ego: stop}}\n"
    )
    write(tmp_path, rain=RAIN, faults__frozen=FROZEN, x=own)
    scenario = load(tmp_path / "x.yaml")
    assert scenario.summary == ""
    assert scenario.environment.keys() == {"rain", "road_wetness"}
    assert constant(scenario.environment["rain"]) == pytest.approx(5e-3 / 3600)
    assert scenario.tags == ("rain", "mine")
    assert [e.name for e in scenario.story] == ["freeze", "a"]
    wet = scenario.environment["road_wetness"]
    assert wet.place.file == str(tmp_path / "rain.yaml") and wet.place.line == 2
    assert [Path(s.file).name for s in scenario.sources] == ["x.yaml", "rain.yaml", "frozen.yaml"]
    assert scenario.sources[1].sha256 == hashlib.sha256(RAIN.encode()).hexdigest()


def test_a_scenario_extends_another(tmp_path: Path):
    write(tmp_path, base=MINIMAL + "end: time > 3 s\n")
    write(
        tmp_path,
        x="simgen: 1\nscenario: derived\nextends: base.yaml\nactors:\n  ego: {speed: 5 m/s, at: {lane: 1, s: 1 m}}\n"
        "sensors: {front: {camera: {rate: 5 Hz}, effects: [frozen_frame]}}\n"
        "setting: {road: two_lane_urban, lanes: 3}\n",
    )
    scenario = load(tmp_path / "x.yaml")
    assert scenario.name == "derived" and scenario.end is not None
    ego = scenario.actors[0]
    assert constant(ego.speed) == 5.0 and constant(ego.model.name) == "car.sedan"
    assert {k: constant(v) for k, v in ego.at.values.items()} == {"lane": 1.0, "s": 1.0}
    assert scenario.sensors[0].sensor.values.keys() == {"mount", "rate"}
    assert [e.name for e in scenario.sensors[0].effects] == ["frozen_frame"]
    assert constant(scenario.setting.values["lanes"]) == 3.0


def test_naming_another_setting_or_kind_of_sensor_replaces_what_belonged_to_the_old_one(tmp_path: Path):
    write(tmp_path, base=MINIMAL.replace("two_lane_urban", "two_lane_urban, lanes: 3"))
    write(
        tmp_path,
        x="simgen: 1\nscenario: y\nextends: base\nsetting: {room: tabletop}\n"
        "sensors: {front: {depth_camera: {mount: ego.windscreen}}}\n",
    )
    scenario = load(tmp_path / "x.yaml")
    assert scenario.setting.name == "tabletop" and scenario.setting.values == {}
    assert scenario.sensors[0].sensor.name == "depth_camera"


def test_a_value_replaces_a_value_whole(tmp_path: Path):
    write(tmp_path, base=MINIMAL + "parameters: {v: {uniform: [1 m/s, 2 m/s]}}\n")
    write(tmp_path, x="simgen: 1\nscenario: y\nextends: base\nparameters: {v: {normal: [1 m/s, 0.1 m/s]}}\n")
    assert load(tmp_path / "x.yaml").parameters["v"].name == "normal"  # type: ignore[union-attr]


def test_an_event_of_the_same_name_is_replaced_in_place(tmp_path: Path):
    write(tmp_path, base=MINIMAL + FROZEN + "  - {event: b, do: {ego: stop}}\n")
    write(tmp_path, x="simgen: 1\nscenario: y\nextends: base\nstory:\n  - {event: freeze, do: {van: stop}}\n")
    story = load(tmp_path / "x.yaml").story
    assert [(e.name, e.do[0].subject) for e in story] == [("freeze", "van"), ("b", "ego")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"x": MINIMAL + "use: [rian]\n", "rain": RAIN}, "x.yaml:9:7: there is no fragment 'rian'"),
        ({"x": MINIMAL + "use: [{a: b}]\n"}, "x.yaml:9:7: 'use' names files, found a mapping"),
        ({"x": MINIMAL + "extends: [a]\n"}, "x.yaml:9:10: 'extends' names one file, found a list"),
        ({"x": MINIMAL + "extends: x\n"}, "x.yaml:9:10: files include each other"),
        ({"x": MINIMAL + "use: a\n", "a": "use: b\n", "b": "use: a\n"}, "b.yaml:1:6: files include each other"),
        (
            {"x": MINIMAL + "use: a\n", "a": "environment: {rain: 3}\n"},
            "a.yaml:1:21: rain: expected a quantity in mm/h",
        ),
        ({"x": MINIMAL + "use: a\n", "a": "enviroment: {rain: 3}\n"}, "a.yaml:1:1: unknown section 'enviroment'"),
        ({"x": MINIMAL + "use: a\n", "a": "- b\n"}, "a.yaml:1:1: a scenario is a mapping, found a list"),
        ({"x": MINIMAL + "use: a\n", "a": "simgen: 2\n"}, "a.yaml:1:9: version '2' of the language is unknown"),
    ],
)
def test_mistakes_are_told_in_the_file_they_are_in(tmp_path: Path, files: dict[str, str], expected: str):
    write(tmp_path, **files)
    found = told(tmp_path / "x.yaml")
    assert any(one.startswith(expected) or expected in one for one in found), found


def changed(*overrides: str, more: str = "") -> LogicalScenario:
    return parse(MINIMAL + more, "x.yaml", overrides)


def test_overrides_set_one_path():
    scenario = changed(
        "environment.rain=5 mm/h",
        "actors.ego.speed={uniform: [1 m/s, 2 m/s]}",
        "actors.van.at.gap=12 m",
        "sensors.front.camera.rate=5 Hz",
        "sample.count=3",
        "end=time > 9 s",
        "actors.ego.behavior={follow_lane: {headway: 2 s}}",
        "story.go.do.ego.stop.hard=true",
        "story.0.when=time > 1 s",
        more="story:\n  - event: go\n    do: {ego: {stop: {}}}\n",
    )
    rain = scenario.environment["rain"]
    assert constant(rain) == pytest.approx(5e-3 / 3600)
    assert (rain.place.file, rain.place.line, rain.place.column) == ("--set environment.rain", 1, 1)
    assert scenario.actors[0].speed.name == "uniform"  # type: ignore[union-attr]
    assert constant(scenario.actors[1].at.values["gap"]) == 12.0
    assert constant(scenario.sensors[0].sensor.values["rate"]) == 5.0
    assert scenario.sample.count == 3 and scenario.end is not None and scenario.end.text == "time > 9 s"
    assert constant(scenario.story[0].do[0].action.values["hard"]) is True
    assert scenario.story[0].when is not None
    assert "--set environment.rain=5 mm/h" in [s.file for s in scenario.sources]


def test_later_overrides_win():
    assert constant(changed("actors.ego.speed=1 m/s", "actors.ego.speed=2 m/s").actors[0].speed) == 2.0


def test_a_fragment_can_be_put_over_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, rain=RAIN)
    monkeypatch.chdir(tmp_path)
    scenario = changed("use=[rain]", more="environment: {rain: 1 mm/h}\n")
    assert constant(scenario.environment["rain"]) == pytest.approx(12e-3 / 3600)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("environment.rain", "--set environment.rain:1:1: nothing is set"),
        ("=3", "--set =3:1:1: nothing is set"),
        ("environment.rain=5", "--set environment.rain:1:1: rain: expected a quantity in mm/h, found a plain number"),
        ("environment.rain=5 mm/h + 3 s", "--set environment.rain:1:1: a speed (m/s) and a time (s) cannot be added"),
        ("environment.rian=5 mm/h", "unknown parameter 'rian' of the environment"),
        ("environment.rain={", "--set environment.rain:1:2: "),
        ("environment.rain=", "rain has no value"),
        ("enviroment.rain=5", "--set enviroment.rain:1:1: unknown section 'enviroment'"),
        ("v=3 m/s", "unknown section 'v'"),
        ("parameters.w=3 m/s", "'parameters' has no 'w'"),
        ("actors.egoo.speed=3 m/s", "'actors' has no 'egoo'"),
        ("actors.ego.speed.x=3 m/s", "'actors.ego.speed' is the value '30 km/h'; it has no 'x'"),
        ("actors.ego.sped=3 m/s", "unknown parameter 'sped' of actor 'ego'"),
        ("story.no.when=time > 3 s", "'story' has no 'no'"),
        ("time_of_day=12 h", "did you mean 'environment.time_of_day'?"),
        ("ego.speed=3 m/s", "did you mean 'actors.ego.speed'?"),
        ("sensors.camera.fov=60 deg", "did you mean 'sensors.front.camera.fov'?"),
        ("actors.ego.s=3 m", "unknown parameter 's' of actor 'ego' (model car.sedan)"),
        ("actors.ego.s=3 m", "did you mean 'actors.ego.at.s'?"),
        ("sensors.front.rate=5 Hz", "--set sensors.front.rate:1:1: unknown key 'rate' in sensor 'front'"),
        ("sensors.front.rate=5 Hz", "did you mean 'sensors.front.camera.rate'?"),
        ("sensors.front.resolutoin=[64, 48]", "did you mean 'sensors.front.camera.resolution'?"),
        ("sensors.front.camera.focal=3 mm", "did you mean 'sensors.front.camera.lens.focal'?"),
        ("simgen=2", "'simgen' cannot be set"),
        ("use=[nothing]", "--set use:1:2: there is no fragment 'nothing'"),
    ],
)
def test_a_wrong_override_is_told_with_its_name(override: str, expected: str):
    with pytest.raises(ScenarioInvalid) as caught:
        changed(override, more="parameters: {vv: 3 m/s}\nstory:\n  - {event: go, do: {ego: stop}}\n")
    assert expected in str(caught.value), str(caught.value)


def test_what_is_neither_a_file_nor_a_name(tmp_path: Path):
    with pytest.raises(UnknownName, match="unknown scenario 'child_chases_bal'"):
        load("child_chases_bal")
    with pytest.raises(SimgenError, match="there is no such file"):
        load(tmp_path / "none.yaml")
    with pytest.raises(SimgenError, match="there is no such file"):
        load("none.yaml")


def test_bytes_that_are_not_text(tmp_path: Path):
    (tmp_path / "x.yaml").write_bytes(b"simgen: 1\nscenario: \xff\xfe\n")
    assert told(tmp_path / "x.yaml") == ["x.yaml:2:1: byte 20 is not UTF-8 text -> save the file as UTF-8"]
