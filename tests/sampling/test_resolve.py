"""Values as written to plain values, with the record of each draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgen import language
from simgen.core.errors import SimgenError, ValueOutOfRange
from simgen.language.logical import LogicalScenario
from simgen.sampling.draws import Draws
from simgen.sampling.resolve import Resolver
from simgen.scene.environment import wetness_in

HEAD = "simgen: 1\nscenario: s\nsetting: {room: tabletop}\n"


def resolver(text: str, index: int = 0, attempt: int = 0) -> Resolver:
    return resolve(language.parse(HEAD + text), index, attempt)


def resolve(scenario: LogicalScenario, index: int = 0, attempt: int = 0) -> Resolver:
    return Resolver(scenario, Draws(method="sobol", seed=2, index=index, count=8, attempt=attempt))


def test_parameters_are_si_and_in_the_files_order_whatever_they_depend_on() -> None:
    found = resolver(
        "parameters:\n"
        "  stop: $speed * 2 s + 1 m\n"
        "  speed: {uniform: [36 km/h, $fastest]}\n"
        "  fastest: 72 km/h\n"
        "  hot: {choice: {yes_please: 1, no_thanks: 0}}\n"
    )
    assert list(found.parameters) == ["stop", "speed", "fastest", "hot"]
    assert found.parameters["fastest"] == pytest.approx(20.0)
    assert 10.0 < found.parameters["speed"] < 20.0
    assert found.parameters["stop"] == pytest.approx(2 * found.parameters["speed"] + 1)
    assert found.parameters["hot"] == "yes_please"
    [speed, hot] = found.draws.records
    assert (speed.path, speed.distribution, speed.value) == ("parameters.speed", "uniform", found.parameters["speed"])
    assert speed.parameters == pytest.approx({"low": 10.0, "high": 20.0})
    assert speed.value == pytest.approx(10.0 + 10.0 * speed.uniform)
    assert hot.parameters == {"options": ["yes_please", "no_thanks"], "weights": [1.0, 0.0]}


def test_distributions_of_distributions_record_both() -> None:
    found = resolver("parameters:\n  x: {normal: [{uniform: [1 m, 2 m]}, 10 cm]}\n")
    assert [r.path for r in found.draws.records] == ["parameters.x.mean", "parameters.x"]
    assert found.draws.records[1].parameters["mean"] == found.draws.records[0].value


def test_environment_arrives_in_declared_units() -> None:
    environment = resolver(
        "parameters: {wet: {uniform: [2 mm/h, 4 mm/h]}}\n"
        "environment:\n"
        '  time_of_day: "22:40"\n'
        "  rain: $wet\n"
        "  road_wetness: min(1, environment.rain / (15 mm/h))\n"
        "  latitude: 45 deg\n"
    ).environment()
    assert environment["time_of_day"] == pytest.approx(22 + 40 / 60)
    assert 2.0 < environment["rain"] < 4.0
    assert environment["road_wetness"] == pytest.approx(environment["rain"] / 15)
    assert environment["latitude"] == pytest.approx(0.785398163)
    assert environment["lighting"] == "auto"


def test_rain_wets_a_road_of_which_the_file_says_nothing() -> None:
    found = resolver("environment: {rain: 12 mm/h}\n")
    assert found.property("environment", "road_wetness") == wetness_in(12.0)
    assert found.environment()["road_wetness"] == wetness_in(12.0)
    assert resolver("environment: {rain: 12 mm/h, road_wetness: 0}\n").environment()["road_wetness"] == 0.0


def test_what_the_file_leaves_out_is_varied_unless_told_not_to() -> None:
    text = "actors:\n  cup: {model: cup, at: {on: table}}\n"
    varied = resolver(text)
    first = varied.model("cup")
    paths = [r.path for r in varied.draws.records]
    assert "actors.cup.diameter" in paths
    assert varied.model("cup") == first
    assert [r.path for r in varied.draws.records] == paths
    assert resolver(text, index=1).model("cup") != first
    fixed = resolver("randomize: none\n" + text)
    fixed.model("cup")
    assert fixed.draws.records == []


def test_a_stated_value_is_not_varied_and_models_may_be_drawn() -> None:
    text = "actors:\n  thing: {model: {choice: [cup, bottle]}, diameter: 6.6 cm, at: {on: table}}\n"
    models = {resolver(text, index=i).model("thing").name for i in range(4)}
    assert models == {"cup", "bottle"}
    found = resolver(text)
    assert found.model("thing").parameters["diameter"] == pytest.approx(0.066)
    assert "actors.thing.model" in [r.path for r in found.draws.records]


def test_a_draw_outside_of_the_declared_range_names_itself() -> None:
    drawn = resolver("environment:\n  road_wetness: {normal: [5, 0.1]}\n")
    with pytest.raises(ValueOutOfRange) as caught:
        drawn.environment()
    told = str(caught.value)
    assert told.startswith("environment.road_wetness: road_wetness is ")
    assert "drawn from normal (mean 5, std 0.1) at quantile" in told
    assert "from 0 to 1" in told


def test_another_attempt_draws_other_values() -> None:
    text = "parameters:\n  x: {uniform: [1 m, 2 m]}\n"
    values = [resolver(text, attempt=k).parameters["x"] for k in range(4)]
    assert len(set(values)) == 4
    assert resolver(text, attempt=2).draws.records[0].path == "parameters.x"


def test_fit_reads_beside_the_scenario_and_records_the_files_digest(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "v.csv").write_text("v\n36\n72\n", encoding="utf-8")
    file = tmp_path / "s.yaml"
    file.write_text(HEAD + "parameters:\n  v: {fit: {csv: data/v.csv, column: v, unit: km/h}}\n", encoding="utf-8")
    found = resolve(language.load(file))
    [record] = found.draws.records
    assert record.parameters["csv"] == "data/v.csv"
    assert len(record.parameters["sha256"]) == 64
    assert found.parameters["v"] == pytest.approx(10.0 + 10.0 * record.uniform)


def test_circles_are_told() -> None:
    scenario = language.parse(HEAD + "parameters:\n  a: $b\n  b: 1 m\n")
    broken = scenario.model_copy(update={"parameters": {"a": scenario.parameters["a"], "b": scenario.parameters["a"]}})
    with pytest.raises(SimgenError, match=r"in a circle: parameters\.b -> parameters\.b"):
        resolve(broken)
