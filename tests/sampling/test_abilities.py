"""What the story asks in vain is told before anything runs, at its place, with all the rest that is wrong."""

from __future__ import annotations

import pytest

import simgen
from simgen.core.errors import Place, ScenarioInvalid, SimgenError
from simgen.language import parse

HEAD = """\
simgen: 1
scenario: asked
randomize: none
setting: {road: two_lane_urban, parked: 0, trees: 0}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 30 km/h}
  walker: {model: pedestrian.adult, at: {lane: -3, s: 60 m}}
  box: {model: box.carton, at: {lane: -3, s: 80 m}}
"""


def mistakes(text: str) -> list[str]:
    """ "line:column: message -> remedy" of each."""
    with pytest.raises(SimgenError) as caught:
        simgen.sample(parse(text, "asked.yaml"))
    error = caught.value
    found = error.diagnostics if isinstance(error, ScenarioInvalid) else (error,)
    told = []
    for one in found:
        assert isinstance(one, SimgenError) and isinstance(one.where, Place) and one.remedy
        assert str(one).splitlines()[0].startswith("asked.yaml:")
        told.append(f"{one.where.line}:{one.where.column}: {one.message} -> {one.remedy}")
    return told


def asked(subject: str, action: str, when: str = "time > 1 s") -> list[str]:
    """What is wrong with one event, whose action is written in line 11."""
    return mistakes(f'{HEAD}story:\n- event: one\n  do: {{{subject}: {{{action}}}}}\n  when: "{when}"\n')


@pytest.mark.parametrize(
    ("subject", "action", "told"),
    [
        ("ego", "stop: {}", "11:14: 'ego' has no legs -> give it to a pedestrian or an animal"),
        ("ego", "run_across: {ahead_of: walker, speed: 2 m/s}", "11:14: 'ego' has no legs"),
        ("ego", "fall: {}", "11:14: 'ego' has no legs"),
        ("ego", "joint_fault: {joint: x}", "11:14: 'ego' is no robot -> give it to a robot arm"),
        ("ego", "roll: 1 m/s", "11:14: 'ego' is not a loose thing"),
        ("walker", "speed: 3 m/s", "11:17: 'walker' is no vehicle -> give it to a vehicle"),
        ("box", "follow_trajectory: {points: [0 s, 0 m, 0 m, 1 s, 1 m, 0 m]}", "is no vehicle and has no legs"),
        ("ego", "lane_change: {lane: -7}", "11:34: no road has a lane -7 to drive on -> they have -1, 1"),
        ("ego", "lane_change: {by: 5}", "11:32: no road has 5 lanes beside another one"),
        ("ego", "lane_change: {}", "11:14: lane_change states neither 'lane' nor 'by' -> write {by: 1}"),
        ("ego", "lane_change: {by: 1, lane: 1}", "11:32: lane_change states both 'lane' and 'by'"),
        ("ego", "activate_behavior: aeeb", "11:33: unknown behavior 'aeeb' -> did you mean 'aeb'?"),
        ("ego", "activate_behavior: wander", "11:14: 'ego' has no legs"),
        ("walker", "activate_behavior: walk_route", "11:36: walk_route needs 'route'"),
        ("ego", "assign_route: [mars]", "11:28: unknown turn or road 'mars' -> known: left, main, right, straight"),
        ("ego", "light_state: {level: 1, lamp: laser}", "11:44: unknown lamp of ego 'laser' -> known: brake"),
        ("box", "light_state: {level: 1}", "11:14: 'box' has no lamps"),
        ("ego", "follow_trajectory: {points: [0 s, 1 m]}", "11:42: 2 values are not points of a trajectory"),
        ("ego", "speed_profile: [2 s, 1 m/s, 1 s, 4 m/s]", "11:29: times rise, from 0 on"),
        ("ego", "teleport: {lane: -1, s: 9999 m}", "11:38: s is 9999 m, and the road 'main' is 220 m long"),
        ("ego", "teleport: {lane: -9, s: 9 m}", "11:31: the road has no lane -9 -> its lanes are"),
        ("ego", "teleport: {yaw: 1 rad}", "11:14: teleport says no place -> state 'position'"),
        ("ego", "longitudinal_distance: {to: walker}", "11:14: state either 'distance' or 'headway'"),
    ],
)
def test_what_can_never_be_done_is_told_where_it_is_written(subject: str, action: str, told: str) -> None:
    (found,) = asked(subject, action)
    assert told in found


def test_a_variable_that_nothing_sets_is_told() -> None:
    assert asked("walker", "stop: {}", "variable(nosuch) > 2") == [
        "12:19: unknown variable 'nosuch' -> there is no variable to name"
    ]


def test_a_variable_that_the_story_sets_is_known() -> None:
    sets = "story:\n- {event: one, do: {world: {set_variable: {name: alarm, value: 1}}}}\nend: variable(alarm) > 0\n"
    assert simgen.sample(parse(HEAD + sets)).story[0].name == "one"


def test_a_behaviour_that_the_actor_cannot_have_is_told() -> None:
    (found,) = mistakes(HEAD.replace("speed: 30 km/h", "behavior: wander"))
    assert found.startswith("6:62: 'ego' has no legs")


def test_a_group_is_told_once() -> None:
    group = "  crowd: {model: pedestrian.adult, count: 3, at: {near: walker, radius: 9 m}}\n"
    assert len(mistakes(f"{HEAD}{group}story:\n- {{event: one, do: {{crowd: {{speed: 2 m/s}}}}}}\n")) == 1


def test_all_mistakes_are_told_at_once_and_in_order() -> None:
    found = mistakes(
        """\
simgen: 1
scenario: asked
randomize: none
setting: {road: two_lane_urban, parked: 0, trees: 0}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}}
  late: {model: car.sedan, at: {lane: -1, s: 50 m}}
sensors:
  nose: {camera: {mount: ego.nose}}
  ghost: {camera: {mount: ghost.windscreen}}
  wide: {camera: {mount: ego.windscreen, fov: 170 deg}}
story:
- {event: one, do: {ego: stop}}
- {event: two, do: {world: {traffic_signal: {name: nosuch, state: red}}}}
- {event: three, do: {ego: {open_door: {side: left, door: rear}, walk: {}}}}
"""
    )
    assert [told.partition(":")[0] for told in found] == ["9", "10", "11", "13", "14", "15"]


def test_all_impossible_places_are_told_at_once() -> None:
    found = mistakes(
        """\
simgen: 1
scenario: asked
randomize: none
setting: {road: two_lane_urban, parked: 0, trees: 0}
actors:
  far: {model: car.sedan, at: {lane: -1, s: 20000 m}}
  ego: {model: car.sedan, at: {lane: -7, s: 20 m}}
  mars: {model: car.sedan, at: {lane: -1, s: 20 m, road: mars}}
  aisle: {model: car.sedan, at: {aisle: 2, s: 1 m}}
story:
- {event: one, do: {ego: stop}}
"""
    )
    assert [told.partition(":")[0] for told in found] == ["6", "7", "8", "9", "11"]


def test_a_speed_of_who_starts_at_rest_is_told() -> None:
    fast = HEAD.replace("s: 60 m}}", "s: 60 m}, speed: 2 m/s}").replace("s: 80 m}}", "s: 80 m}, speed: 1 m/s}")
    walker, box = mistakes(fast)
    assert walker.startswith("7:69: 'walker' starts at rest: only vehicles and mobile robots have a speed at the start")
    assert "do: {walker: {walk: {speed: …}}}" in walker
    assert box.startswith("8:") and "do: {box: {roll: {speed: …}}}" in box
    simgen.sample(parse(HEAD.replace("s: 60 m}}", "s: 60 m}, speed: 0 m/s}")))


def test_the_speed_of_a_belt_is_its_models() -> None:
    text = HEAD + "  belt: {model: conveyor, at: {position: [100 m, 30 m, 0 m]}, speed: 0.1 m/s}\n"
    belt = next(a for a in simgen.sample(parse(text)).actors if a.name == "belt")
    assert (belt.model.parameters["speed"], belt.speed_mps) == (0.1, 0.0)
    with pytest.raises(ScenarioInvalid, match="expected a number from -2 to 2 m/s"):
        parse(text.replace("0.1 m/s", "3 m/s"))
