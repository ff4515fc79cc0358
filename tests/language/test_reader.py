from __future__ import annotations

import math
from pathlib import Path

import pytest

from simgen.core.errors import ScenarioInvalid
from simgen.language import parse
from simgen.language.logical import Constant, Distribution, Expression, ValueList, ValueMap
from tests.language.small import MINIMAL, minimal, mistakes, mistakes_of

pytestmark = pytest.mark.usefixtures("small_vocabulary")

CHILD_CHASES_BALL = """\
simgen: 1
scenario: child_chases_ball
summary: At night in the rain a ball rolls out from behind a parked van, and a child runs after it.
tags: [pedestrian, occlusion, night, rain]

parameters:
  ego_speed: {uniform: [25 km/h, 55 km/h]}
  rain_rate: {uniform: [2 mm/h, 25 mm/h]}
  overlap:   {uniform: [25 %, 75 %]}
  head_start: {truncated_normal: {mean: 0.8 s, std: 0.3 s, low: 0.2 s, high: 2 s}}

setting: {road: two_lane_urban}
environment:
  time_of_day: "22:40"
  rain: $rain_rate
  road_wetness: min(1, $rain_rate / (15 mm/h))
  lighting: street_lamps

actors:
  ego:   {model: car.sedan, at: {lane: -1, s: 20 m}, speed: $ego_speed, behavior: follow_lane}
  van:   {model: van, at: {parked: right, ahead_of: ego, gap: {uniform: [45 m, 70 m]}}}
  ball:  {model: ball, at: {hidden_behind: van}}
  child: {model: pedestrian.child, at: {hidden_behind: van}, height: {normal: [1.15 m, 0.08 m]}}

sensors:
  front: {camera: {mount: ego.windscreen, resolution: [1280, 720], fov: 60 deg, rate: 20 Hz}}

story:
  - event: ball_rolls
    do: {ball: {roll: {across: ego, speed: 3 m/s}}}
    before: {event: child_runs, by: $head_start}
  - event: child_runs
    do: {child: {run_across: {ahead_of: ego, speed: {uniform: [2.5 m/s, 4.5 m/s]}}}}
    meet: {actor: ego, point: front, overlap: $overlap}
  - event: drops_on_lens
    do: {front: {lens_drops: {rate: $rain_rate}}}
  - event: camera_freezes
    when: rising(in_lane(child, ego))
    for: 0.5 s
    do: {front: {frozen_frame: {}}}

end: {any: ["collision(ego, child)", "stand_still(ego, 1 s)", "time > 15 s"]}
require:
  - visible_fraction(child, front) < 5 %
expect:
  - fired(child_runs)
  - max_visible_pixels(child, front) > 200
sample: {count: 200, method: sobol, seed: 7}
"""


def test_the_scenario_of_the_language_description_is_read_whole():
    scenario = parse(CHILD_CHASES_BALL, "x.yaml")
    assert scenario.name == "child_chases_ball"
    assert scenario.tags == ("pedestrian", "occlusion", "night", "rain")
    assert scenario.setting.name == "two_lane_urban"
    speed = scenario.parameters["ego_speed"]
    assert isinstance(speed, Distribution) and speed.name == "uniform"
    low = speed.arguments["low"]
    assert isinstance(low, Constant) and low.dimension == "m/s"
    assert low.value == pytest.approx(25 / 3.6) and low.text == "25 km/h"
    assert low.place.line == 7 and low.place.column == CHILD_CHASES_BALL.splitlines()[6].index("25 km/h") + 1
    time = scenario.environment["time_of_day"]
    assert isinstance(time, Constant) and time.value == 22 * 3600 + 40 * 60 and time.dimension == "s"
    wetness = scenario.environment["road_wetness"]
    assert isinstance(wetness, Expression) and wetness.text == "min(1, $rain_rate / (15 mm/h))"
    assert [a.name for a in scenario.actors] == ["ego", "van", "ball", "child"]
    assert [a.at.form for a in scenario.actors] == ["lane", "parked", "hidden_behind", "hidden_behind"]
    child = scenario.actors[3]
    assert child.model.values.keys() == {"height"}
    resolution = scenario.sensors[0].sensor.values["resolution"]
    assert isinstance(resolution, ValueList) and [i.value for i in resolution.items] == [1280, 720]  # type: ignore[union-attr]
    fov = scenario.sensors[0].sensor.values["fov"]
    assert isinstance(fov, Constant) and fov.value == pytest.approx(math.pi / 3)
    rolls, runs, drops, freezes = scenario.story
    assert rolls.before is not None and rolls.before.event == "child_runs"
    assert runs.meet is not None and runs.meet.point == "front"
    assert drops.do[0].subject == "front" and drops.do[0].action.name == "lens_drops"
    assert freezes.when is not None and freezes.when.text == "rising(in_lane(child, ego))"
    assert isinstance(freezes.duration, Constant) and freezes.duration.value == 0.5
    assert scenario.end is not None
    assert scenario.end.text == "(collision(ego, child)) or (stand_still(ego, 1 s)) or (time > 15 s)"
    assert [r.text for r in scenario.require] == ["visible_fraction(child, front) < 5 %"]
    assert [e.condition.text for e in scenario.expect] == [
        "fired(child_runs)",
        "max_visible_pixels(child, front) > 200",
    ]
    assert (scenario.sample.count, scenario.sample.method, scenario.sample.seed) == (200, "sobol", 7)
    assert [s.file for s in scenario.sources] == ["x.yaml"]


def test_all_mistakes_are_told_at_once_in_order():
    text = CHILD_CHASES_BALL
    for right, wrong in {
        "behavior: follow_lane": "behavior: folow_lane",
        "model: van,": "model: vann,",
        "speed: 3 m/s": "speed: 3",
        "hidden_behind: van}, height": "hidden_behind: vam}, height",
        "rain: $rain_rate\n": "rain: $rain_rte\n",
        "fired(child_runs)": "fired(child_run)",
        "gap: {uniform: [45 m, 70 m]}": "gap: {unifrm: [45 m, 70 m]}",
        "sobol": "sobel",
        "for: 0.5 s": "for: 0.5 m",
        "tags:": "tagz:",
    }.items():
        assert right in text
        text = text.replace(right, wrong)
    assert mistakes_of(text) == [
        "4:1: unknown section 'tagz' -> did you mean 'tags'?",
        "15:9: unknown parameter '$rain_rte' -> did you mean 'rain_rate'?",
        "20:83: unknown behavior 'folow_lane' for actor 'ego' -> did you mean 'follow_lane'?",
        "21:18: unknown model 'vann' for actor 'van' -> did you mean 'van'?",
        "21:65: unknown distribution 'unifrm' for gap -> did you mean 'uniform'?",
        "23:56: unknown actor 'vam' for hidden_behind -> did you mean 'van'?",
        "30:44: speed: expected a speed (m/s), found a plain number -> write 3 m/s",
        "39:10: for: expected a time (s), found a length (m) -> write a value in s",
        "46:11: unknown event 'child_run' -> did you mean 'child_runs'?",
        "48:30: unknown method 'sobel' -> did you mean 'sobol'?",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"speed: 30 km/h": "speed: 25"}, "5:59: speed: expected a speed (m/s), found a plain number -> write 25 m/s"),
        ({"speed: 30 km/h": "speed: -2.5"}, "found a plain number -> write -2.5 m/s"),
        ({"speed: 30 km/h": "speed: 3 s"}, "found a time (s) -> write a value in m/s"),
        ({"speed: 30 km/h": "speed:"}, "speed has no value -> expected a number from -30 to 120 m/s"),
        ({"speed: 30 km/h": "speed: 900 km/h"}, "5:59: speed is 900 km/h -> expected a number from -30 to 120 m/s"),
        ({"speed: 30 km/h": "speed: [1 m/s]"}, "speed is one value, found a list"),
        (
            {"speed: 30 km/h": "sped: 30 km/h"},
            "unknown parameter 'sped' of actor 'ego' (model car.sedan) -> did you mean",
        ),
        ({"speed: 30 km/h": "speed: 1 / 0 * 1 m/s"}, "1 / 0 divides by zero"),
        (
            {"speed: 30 km/h": "speed: fast"},
            "speed: expected a speed (m/s), found the text 'fast' -> expected a number from",
        ),
        ({"speed: 30 km/h": "speed: speed(van)"}, "speed has no answer before the run"),
        ({"speed: 30 km/h": "speed: van.x / (1 s)"}, "van.x is not known before the run"),
        ({"speed: 30 km/h": "speed: van.wheels"}, "unknown property 'wheels' of actor 'van'"),
        (
            {"mount: ego.windscreen": "mount: ego.windscreen, rain: 5 mm/h"},
            "unknown parameter 'rain' of sensor 'camera' -> it stands in a section of its own: environment: {rain: …}",
        ),
        (
            {"mount: ego.windscreen": "mount: ego.windscreen, rate: 4 fps"},
            "rate: expected a rate (Hz), found '4 fps' -> write 4 Hz",
        ),
        (
            {"speed: 30 km/h": "speed: {uniform: [9 m/s, 3 m/s]}"},
            "low (9 m/s) is not below high (3 m/s) -> swap them: low 3 m/s, high 9 m/s",
        ),
        ({"speed: 30 km/h": "speed: {uniform: [9 m/s, 3 s]}"}, "speed: expected a speed (m/s), found a time (s)"),
        ({"speed: 30 km/h": "speed: {uniform: [1 m/s, 999 m/s]}"}, "speed is 999 m/s"),
        ({"speed: 30 km/h": "speed: {uniform: [9 m/s]}"}, "uniform needs 'high' (highest value)"),
        ({"speed: 30 km/h": "speed: {uniform: [1 m/s, 2 m/s, 3 m/s]}"}, "uniform takes 2 arguments, found 3"),
        ({"speed: 30 km/h": "speed: {normal: {mean: 1 m/s, sdt: 1 m/s}}"}, "unknown argument 'sdt' of normal"),
        ({"speed: 30 km/h": "speed: {uniform: 3 m/s}"}, "uniform has no arguments in '3 m/s'"),
        ({"speed: 30 km/h": "speed: {uniform: }"}, "uniform has no arguments in nothing"),
        ({"speed: 30 km/h": "speed: {a: 1, b: 2}"}, "speed is one value, found the keys a, b"),
        (
            {"speed: 30 km/h": "speed: {von_mises: [1 rad, 2]}"},
            "speed: expected a speed (m/s), and von_mises gives an angle",
        ),
        ({"speed: 30 km/h": "speed: {poisson: 3}"}, "speed: expected a speed (m/s), and poisson gives a plain number"),
        ({"lane: -1": "lane: 1.5"}, "lane is 1.5 -> expected a whole number"),
        ({"lane: -1": "lane: {uniform: [-2, 2]}"}, "lane is a whole number, and uniform gives any"),
        ({"lane: -1, s: 20 m": "lane: -1"}, "place 'lane' needs 's'"),
        ({"lane: -1, s: 20 m": "s: 20 m"}, "nothing says how 'ego' is placed"),
        ({"lane: -1, s: 20 m": "on_top: van"}, "unknown key 'on_top' in the place of 'ego'"),
        ({"at: {lane: -1, s: 20 m}": "at: table"}, "the place of 'ego' is a mapping, found 'table'"),
        ({"at: {lane: -1, s: 20 m}": "at: {}"}, "actor 'ego' has no place"),
        ({"at: {lane: -1, s: 20 m}, ": ""}, "actor 'ego' has no place"),
        ({"lane: -1, s: 20 m": "behind: ego, gap: 3 m"}, "'ego' is placed relative to itself"),
        ({"lane: -1, s: 20 m": "behind: van, gap: 3 m"}, "the places refer to each other: ego -> van -> ego"),
        ({"parked: right": "parked: front"}, "unknown parked 'front' -> known: left, right"),
        ({"model: car.sedan, ": ""}, "actor 'ego' has no model"),
        ({"model: car.sedan": "model: [a]"}, "model is one value, found a list"),
        ({"model: car.sedan": "model: {choice: [car.sedan, vam]}"}, "unknown model 'vam'"),
        (
            {"model: car.sedan": "model: {choice: [car.sedan, van]}, roof: low"},
            "unknown parameter 'roof' of actor 'ego'",
        ),
        ({"behavior: follow_lane": "behavior: {follow_lane: {hedway: 1 s}}"}, "unknown parameter 'hedway'"),
        (
            {"behavior: follow_lane": "behavior: {follow_lane: 3 s}"},
            "behavior 'follow_lane' takes its parameters by name",
        ),
        ({"behavior: follow_lane": "behavior: {}"}, "names one behavior, found an empty mapping"),
        ({"behavior: follow_lane": "behavior: {follow_lane: {}, aeb: {}}"}, "names one behavior, found 2 keys"),
        ({"road: two_lane_urban": "road: two_lane_urbn"}, "unknown road 'two_lane_urbn' -> did you mean"),
        ({"road: two_lane_urban": "road: tabletop"}, "'tabletop' is no road -> write {room: tabletop}"),
        ({"road: two_lane_urban": "rode: two_lane_urban"}, "unknown kind of setting 'rode' -> did you mean 'road'?"),
        ({"road: two_lane_urban": "road: two_lane_urban, room: tabletop"}, "found road and room"),
        (
            {"road: two_lane_urban": "road: two_lane_urban, lanes: 9"},
            "lanes is 9 -> expected a whole number from 1 to 6",
        ),
        ({"setting: {road: two_lane_urban}": "setting: two_lane_urban"}, "write {road: two_lane_urban}"),
        ({"setting: {road: two_lane_urban}\n": ""}, "the scenario has no setting"),
        ({"scenario: minimal\n": ""}, "the scenario has no name"),
        ({"scenario: minimal": "scenario: two words"}, "'two words' cannot be a scenario's name"),
        ({"simgen: 1\n": ""}, "the version of the language is missing"),
        ({"simgen: 1": "simgen: 2"}, "version '2' of the language is unknown"),
        (
            {"mount: ego.windscreen": "mount: ego.windscreen, fov: 3"},
            "fov: expected an angle (rad), found a plain number",
        ),
        ({"mount: ego.windscreen": "mount: egoo.windscreen"}, "unknown actor 'egoo' to mount the sensor on"),
        ({"mount: ego.windscreen": "resolution: [1, 2]"}, "sensor 'camera' needs 'mount' (where it sits)"),
        (
            {"mount: ego.windscreen": "mount: ego.x, resolution: [1]"},
            "resolution takes 2 numbers (width and height), found 1 -> write [1, 480]",
        ),
        (
            {"mount: ego.windscreen": "mount: ego.x, resolution: 640x360"},
            "found '640x360' -> write [640, 480]",
        ),
        ({"mount: ego.windscreen": "mount: ego.x, lens: 3"}, "lens is a mapping, found '3'"),
        ({"mount: ego.windscreen": "mount: ego.x, lens: {focl: 3 m}"}, "unknown parameter 'focl' of 'lens'"),
        ({"camera: {": "lidar: {"}, "unknown sensor 'lidar' for sensor 'front'"),
        ({"camera: {mount: ego.windscreen}": "effects: []"}, "sensor 'front' is of one kind, found none"),
        (
            {"camera: {mount: ego.windscreen}": "camera: {mount: ego.windscreen}, colour: red"},
            "unknown key 'colour' in sensor 'front' -> known: camera, effects",
        ),
        (
            {"front: {camera: {mount: ego.windscreen}}": "ego: {camera: {mount: ego.x}}"},
            "'ego' is the name of an actor",
        ),
        ({"  van: {model": "  the van: {model"}, "'the van' cannot be the name of one actor"),
        ({"  van: {model": "  world: {model"}, "'world' has a meaning of its own"),
        ({"gap: 50 m": "gap: 50 m}, count: 0"}, "count is 0 -> expected a whole number from 1 to 500"),
    ],
)
def test_a_mistake_is_told(changes: dict[str, str], expected: str):
    text = MINIMAL
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    if text.count("{") != text.count("}"):
        text = text.replace("count: 0}}", "count: 0}")
    assert any(expected in told for told in mistakes_of(text)), mistakes_of(text)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("end: time == 3 s\n", "9:6: time == 3 s never holds: no tick falls exactly on it -> write time >= 3 s"),
        ("end: time > 3\n", "time is a time (s), 3 is a plain number -> write 3 s"),
        ("end: time\n", "'end' is true or false, found a time (s)"),
        ("end: ego\n", "'ego' is the name of one actor, not a value"),
        ("end: collision(ego)\n", "collision takes 2 arguments, 1 given -> write collision(a, b)"),
        ("end: distance(ego, van, sideways) < 3 m\n", "unknown how 'sideways' -> known: centers, free"),
        ("end: distance(ego, cat) < 3 m\n", "9:20: unknown actor 'cat'"),
        ("end: colision(ego, van)\n", "9:6: unknown condition 'colision' -> did you mean 'collision'?"),
        ("end: stand_still(ego, 5 m)\n", "stand_still expects a time (s) for duration, found a length (m)"),
        ("end: stand_still(ego, -5 s)\n", "9:23: duration is -5 s -> expected a number of at least 0 s"),
        ("end: stand_still(ego, ego.s / 1 m * 1 s)\n", "changes along the run"),
        ("end: ego.speed > 3 m/s and van.height\n", "'and' takes true or false, and van.height is a length (m)"),
        ("end: time > 3 s + 2 m\n", "a time (s) and a length (m) cannot be added"),
        ("end: sqrt(2, 3) > 1\n", "sqrt takes 1 argument, 2 given"),
        ("end: max(2 s, 3 m) > 1 s\n", "3 m is a length (m), the first argument a time (s)"),
        ("end: sin(3 m) > 1\n", "sin takes an angle (rad), and 3 m is a length (m)"),
        ("end: rising(time) \n", "rising takes true or false, and time is a time (s)"),
        ("end: surface(ego) > ice\n", "a text has no order"),
        ("end: 'time > 3 s or (time'\n", "9:21: this '(' is never closed"),
        ("end: {any: [collision(ego, van), time > 3 s]}\n", "the comma after 'collision(ego' ends the value"),
        ("end: {some: [time > 3 s]}\n", "'end' is one condition, or any or all of several"),
        ("end: {any: []}\n", "'any' of no conditions"),
        ("end: [time > 3 s]\n", "'end' is one condition, or any or all of several; found a list"),
        (
            "end: time > 130 s\n",
            "9:6: the end comes at 130 s at the earliest, and every episode is cut off at 120 s -> ",
        ),
        ("end: {any: [time >= 121 s, 130 s < time]}\n", "9:6: the end comes at 121 s at the earliest"),
        ("end: {any: [{all: ['collision(ego, van)', time > 2 h]}, time > 130 s]}\n", "the end comes at 130 s"),
        ("parameters: {late: 500 s}\nend: time > $late / 2 + 1 s\n", "10:6: the end comes at 251 s"),
        ("require: time > 3 s\n", "'require' is a list, found 'time > 3 s'"),
        ("require: [{a: b}]\n", "a requirement is a condition, found a mapping"),
        (
            "story: [{event: e, do: {ego: stop}}]\nrequire: [not fired(e)]\n",
            "'fired' is known only once the story runs, and requirements are checked before -> ask for it under 'ex",
        ),
        ("expect:\n  - {on_miss: fail}\n", "this expectation has no condition"),
        ("expect:\n  - {condition: time > 3 s, on_miss: fial}\n", "unknown on_miss 'fial' -> did you mean 'fail'?"),
        ("sample: {count: 0}\n", "count is 0"),
        ("sample: {count: {integer: [1, 3]}}\n", "count is the same in every sample"),
        (
            "sample: {seed: 9007199254740992}\n",
            "9:16: seed is 9007199254740992 -> expected a whole number from 0 to 9007199254740991",
        ),
        ("sample: {seed: -1}\n", "seed is -1 -> expected a whole number from 0 to 9007199254740991"),
        ("sample: {count: 2147483649}\n", "count is 2147483649 -> expected a whole number from 1 to 2147483648"),
        ("sample: 3\n", "'sample' is a mapping, found '3'"),
        ("randomize: yes\n", "unknown randomize 'yes' -> known: default, none"),
        (
            "environment: {rain: 3 m}\n",
            "rain: expected a quantity in mm/h, found a length (m) -> write a value in mm/h",
        ),
        ("environment: {rain: 3}\n", "found a plain number -> write 3 mm/h"),
        ("environment: {rain: 151 mm/h}\n", "rain is 151 mm/h -> expected a number from 0 to 150 mm/h"),
        ("environment: {time_of_day: 25:00}\n", "there is no 25:00"),
        ("environment: {wind: 22:40}\n", "wind: expected a speed (m/s), found a time (s)"),
        ("environment: {lighting: on}\n", "unknown lighting 'on'"),
        ("environment: {cloud_cover: 120 %}\n", "cloud_cover is 120 %"),
        ("parameters: {a: $b, b: $c, c: $a}\n", "the parameters go in a circle: a -> b -> c -> a"),
        ("parameters: {a: {choice: [1 m, 2 s]}}\n", "choice mixes a length (m) and a time (s)"),
        ("parameters: {a: {uniform: [x, y]}}\n", "uniform draws numbers, found a text"),
        ("parameters: {a: [1, 2]}\n", "parameter 'a' is one value, found a list"),
        ("parameters: {a: }\n", "parameter 'a' has no value"),
        ("parameters: {a b: 1}\n", "'a b' cannot be the name of one parameter"),
        ("parameters: {a: {fit: {csv: no.csv, column: x}}}\n", "there is no file 'no.csv'"),
        ("parameters: {a: {choice: {x: 1, y: -1}}}\n", "the weight of y is -1, not a number"),
        ("parameters: {a: {choice: {30 km/h: 1, 45 km/h: -2}}}\n", "the weight of 45 km/h is -2, not a number"),
        ("end: collision(ego, ego)\n", "collision is asked of 'ego' twice -> name two different actors"),
        ("end: distance(van, van) < 3 m\n", "distance is asked of 'van' twice"),
        ("story: [{event: a, do: {ego: stop}}]\nend: ended(a)\n", "complete(event) holds once an event has ended"),
        ("environment: {time_of_day: 2pm}\n", "time_of_day: expected a time (s), found '2pm' -> write \"14:00\""),
        ("environment: {time_of_day: 12:30 a.m.}\n", 'write "00:30"'),
        ("parameters: {a: {integer: [7, 5]}}\n", "low (7) is above high (5) -> swap them: low 5, high 7"),
        ("parameters: {a: {histogram: {edges: [9 km/h, 5 km/h], counts: [1]}}}\n", "the edges [9 km/h, 5 km/h] do not"),
        ("story: {event: a}\n", "'story' is a list, found a mapping"),
        ("story: [a]\n", "an event is a mapping, found 'a'"),
        ("story:\n  - {do: {ego: stop}}\n", "this event has no name"),
        ("story:\n  - {event: a}\n", "event 'a' does nothing"),
        ("story:\n  - {event: a, do: {ego: }}\n", "'ego' does nothing"),
        ("story:\n  - {event: a, do: {cat: stop}}\n", "unknown actor or sensor 'cat'"),
        ("story:\n  - {event: a, do: {ego: stpo}}\n", "unknown action 'stpo' for 'ego' -> did you mean 'stop'?"),
        ("story:\n  - {event: a, do: {ego: {environment: {}}}}\n", "is done to world, and 'ego' is an actor"),
        ("story:\n  - {event: a, do: {world: stop}}\n", "action 'stop' is done to actor, and 'world' is the world"),
        ("story:\n  - {event: a, do: {ego: frozen_frame}}\n", "'frozen_frame' is an effect on a sensor"),
        ("story:\n  - {event: a, do: {front: {lens_drops: {}}}}\n", "effect 'lens_drops' needs 'rate'"),
        (
            "story:\n  - {event: a, do: {ego: {stop: {hard: on}}}}\n",
            "hard is true or false, found the text 'on' -> write true",
        ),
        (
            "story:\n  - {event: a, do: {ego: stop}, wen: time > 3 s}\n",
            "unknown key 'wen' in event 'a' -> did you mean 'when'?",
        ),
        ("story:\n  - {event: a, do: {ego: stop}, after: b}\n", "unknown event 'b' for event"),
        ("story:\n  - {event: a, do: {ego: stop}, before: {event: a}}\n", "'before' of event 'a' needs 'by'"),
        ("story:\n  - {event: a, do: {ego: stop}, after: a}\n", "the events wait for each other: a -> a"),
        (
            "story:\n  - {event: a, do: {ego: stop}, repeat: often}\n",
            "repeat: expected a plain number, found the text 'often' -> expected a whole number from",
        ),
        (
            "story:\n  - {event: a, do: {ego: stop}, when: {a: b}}\n",
            "'when' of event 'a' is a condition, found a mapping",
        ),
        ("story:\n  - {event: a, do: {ego: stop}, meet: van}\n", "'meet' of event 'a' is a mapping, found 'van'"),
        (
            "story:\n  - {event: a, do: {van: stop, ego: stop}, meet: {actor: van, overlap: 50 %}}\n",
            "10:58: 'van' cannot meet itself -> name whom it meets; who arrives is 'van'",
        ),
        (
            "story:\n  - {event: a, do: {front: frozen_frame, ego: stop}, meet: {actor: van, overlap: 50 %}}\n",
            "10:54: event 'a' is to meet 'van', and the first that it does is to 'front' -> begin 'do' with the actor",
        ),
        (
            "story:\n  - {event: a, do: {ego: stop}, repeat: 3, once: true}\n",
            "event 'a' is once, and 3 times -> remove 'once', or 'repeat'",
        ),
        (
            "story:\n  - {event: a, do: {ego: stop}}\n  - {event: a, do: {ego: stop}}\n",
            "the event 'a' is here twice -> it is already in line 10",
        ),
        (
            "story:\n  - {event: a, do: {ego: stop}, after: b}\n  - {event: b, do: {ego: stop}, after: a}\n",
            "the events wait for each other: a -> b -> a",
        ),
    ],
)
def test_a_mistake_in_a_further_section_is_told(more: str, expected: str):
    told = mistakes(more)
    assert any(expected in one for one in told), told


def test_a_value_that_needs_itself_through_an_actor_is_told():
    text = MINIMAL.replace("speed: 30 km/h", "speed: $a").replace("gap: 50 m", "gap: $a * 1 s")
    told = mistakes_of(text + "parameters: {a: ego.speed}\n")
    assert told == ["9:17: the values need each other: $a -> ego.speed -> $a -> give one of them a value of its own"]


def test_count_makes_several_actors_that_are_addressed_together():
    scenario = minimal(
        "  crowd: {model: ball, at: {near: van, radius: 3 m}, count: 3}\n"
        "story:\n  - {event: go, do: {crowd: {roll: 2 m/s}, crowd_2: stop}}\n",
        **{"sensors:\n  front: {camera: {mount: ego.windscreen}}\n": ""},
    )
    assert [a.name for a in scenario.actors] == ["ego", "van", "crowd_1", "crowd_2", "crowd_3"]
    assert [(d.subject, d.action.name) for d in scenario.story[0].do] == [
        ("crowd_1", "roll"),
        ("crowd_2", "roll"),
        ("crowd_3", "roll"),
        ("crowd_2", "stop"),
    ]
    speed = scenario.story[0].do[0].action.values["speed"]
    assert isinstance(speed, Constant) and speed.value == 2.0


def test_forms_of_doing():
    scenario = minimal(
        "story:\n"
        "  - event: one\n    do: {ego: [stop, {stop: {hard: true}}], world: {environment: {rain: 5 mm/h}}}\n"
        "  - event: two\n    after: one\n    do: {van: {roll: {uniform: [1 m/s, 2 m/s]}}}\n"
        "  - event: three\n    after: {event: two, delay: 2 s}\n    do:\n      van:\n        stop:\n"
    )
    one, two, three = scenario.story
    assert [(d.subject, d.action.name) for d in one.do] == [("ego", "stop"), ("ego", "stop"), ("world", "environment")]
    assert two.after is not None and two.after.event == "one" and two.after.delay is None
    assert isinstance(two.do[0].action.values["speed"], Distribution)
    assert three.after is not None and isinstance(three.after.delay, Constant) and three.after.delay.value == 2.0
    assert three.do[0].action.values == {}


@pytest.mark.parametrize(
    ("keys", "repeat", "once"),
    [
        ("", 1, True),
        (", repeat: 3", 3, False),
        (", once: false", 10_000, False),
        (", once: false, repeat: 2", 2, False),
    ],
)
def test_how_often_an_event_starts(keys: str, repeat: int, once: bool):
    (event,) = minimal(f"story:\n  - {{event: a, do: {{ego: stop}}, when: time > 1 s{keys}}}\n").story
    assert (event.repeat, event.once) == (repeat, once)


def test_forms_of_distributions():
    scenario = minimal(
        "parameters:\n"
        "  a: {choice: {red: 1, white: 2}}\n"
        "  b: {exponential: 3 s}\n"
        "  c: {integer: [1, 6]}\n"
        "  d: {histogram: {edges: [0 m, 1 m, 2 m], counts: [3, 4]}}\n"
        "  e: {choice: [true, false]}\n"
        "  f: {uniform: {low: 1 m, high: $g}}\n"
        "  g: 3 m + 20 cm\n"
        "  h: {lognormal: {median: 2 s, sigma: 0.3}}\n"
        "  i: {von_mises: {mean: 90 deg, concentration: 4}}\n"
        "  j: {choice: [car.sedan, car.sedan]}\n",
        **{"model: car.sedan,": "model: $j, color: $a,"},
    )
    names = {name: getattr(value, "arguments", None) for name, value in scenario.parameters.items()}
    assert names["a"].keys() == {"options", "weights"}
    assert [o.value for o in names["a"]["options"].items] == ["red", "white"]
    assert names["b"].keys() == {"mean"}
    assert names["c"]["high"].value == 6
    assert [e.value for e in names["d"]["edges"].items] == [0, 1, 2]
    assert [e.value for e in names["e"]["options"].items] == [True, False]
    assert isinstance(names["f"]["high"], Expression)
    g = scenario.parameters["g"]
    assert isinstance(g, Constant) and g.value == 3.2 and g.dimension == "m" and g.text == "3 m + 20 cm"
    assert names["i"]["mean"].value == pytest.approx(math.pi / 2)
    assert isinstance(scenario.actors[0].model.name, Expression)


def test_records_and_all_are_read():
    scenario = minimal(
        "end: {all: [time > 3 s, {any: [time > 4 s, time > 5 s]}]}\n",
        **{"mount: ego.windscreen": "mount: ego.windscreen, lens: {focal: 35 mm}"},
    )
    lens = scenario.sensors[0].sensor.values["lens"]
    assert isinstance(lens, ValueMap) and lens.items["focal"].value == 0.035  # type: ignore[union-attr]
    assert scenario.end is not None and scenario.end.text == "(time > 3 s) and ((time > 4 s) or (time > 5 s))"


def test_a_bare_name_beside_a_text_is_a_text():
    assert minimal("end: surface(ego) == ice\n").end is not None
    assert minimal("parameters: {weather: {choice: [ice, dry]}}\nend: $weather == ice\n").end is not None


def test_null_sections_are_empty():
    scenario = minimal("parameters:\nstory:\nexpect: ~\nenvironment: {}\n")
    assert scenario.story == () and scenario.parameters == {} and scenario.expect == ()


def test_a_file_of_measurements_is_found_beside_the_scenario(tmp_path: Path):
    (tmp_path / "gaps.csv").write_text("gap\n1.5\n2.5\n")
    text = MINIMAL + "parameters: {gap: {fit: {csv: gaps.csv, column: gap, unit: s}}}\n"
    scenario = parse(text, str(tmp_path / "x.yaml"))
    gap = scenario.parameters["gap"]
    assert isinstance(gap, Distribution)
    csv = gap.arguments["csv"]
    assert isinstance(csv, Constant) and csv.value == str(tmp_path / "gaps.csv") and csv.text == "gaps.csv"
    with pytest.raises(ScenarioInvalid, match="has no column 'gaap'; it has gap"):
        parse(text.replace("column: gap", "column: gaap"), str(tmp_path / "x.yaml"))


def test_a_diagnostic_has_the_form_of_the_language_description():
    text = "simgen: 1\n" + MINIMAL.removeprefix("simgen: 1\n").replace("behavior: follow_lane", "behavior: folow_lane")
    with pytest.raises(ScenarioInvalid) as caught:
        parse(text, "scenarios/x.yaml")
    line = text.splitlines()[4]
    column = line.index("folow_lane")
    assert str(caught.value) == (
        f"scenarios/x.yaml:5:{column + 1}: unknown behavior 'folow_lane' for actor 'ego'\n"
        f"   5 | {line}\n"
        f"     | {' ' * column}^^^^^^^^^^ did you mean 'follow_lane'?"
    )


@pytest.mark.parametrize(("written", "shown"), [("parameters: [1]", "parameters"), ("parameters: 5", "parameters")])
def test_parameters_that_are_no_mapping_are_a_mistake(written, shown):
    (found,) = mistakes(f"{written}\n")
    assert f"'{shown}' is a mapping, found" in found and "write the name of each parameter" in found


@pytest.mark.parametrize("written", ["{a: b}", "[a, b]"])
def test_a_summary_is_text(written):
    (found,) = mistakes(f"summary: {written}\n")
    assert "'summary' is text, found" in found and "write a sentence" in found


def test_a_summary_may_be_empty_or_a_number():
    assert minimal("summary:\n").summary == ""
    assert minimal("summary: 5\n").summary == "5"


def test_an_empty_choice_is_a_mistake_alone_and_beside_others():
    assert [m.partition(" ->")[0].partition(": ")[2] for m in mistakes("parameters: {h: {choice: []}}\n")] == [
        "there is nothing to choose from"
    ]
    both = mistakes("parameters: {h: {choice: []}, k: $zzz}\n")
    assert len(both) == 2 and "there is nothing to choose from" in both[0]


def test_an_empty_choice_of_a_declared_value_is_a_mistake():
    (found,) = mistakes("traffic: {density: {choice: []}}\n")
    assert "there is nothing to choose from" in found


def test_a_reserved_word_as_the_name_of_an_event_is_told_to_be_one():
    (found,) = mistakes("story:\n  - {event: all, do: {ego: stop}}\n")
    assert found == "10:13: 'all' has a meaning of its own, and cannot be the name of one event -> choose another name"


def test_a_word_for_a_number_is_told_to_be_one():
    (found,) = mistakes("sample: {seed: x}\n")
    assert "seed: expected a plain number, found the text 'x' -> expected a whole number from 0 to" in found


def test_a_position_says_how_many_numbers_it_takes():
    (found,) = mistakes(**{"{lane: -1, s: 20 m}": "{position: [85 m, -7.5 m]}"})
    assert "position takes 3 numbers (x, y and z in the world), found 2 -> write [85 m, -7.5 m, 1 m]" in found
