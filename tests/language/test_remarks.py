"""What ``check`` notes beside mistakes, and that the library of scenarios gives no cause for it."""

from __future__ import annotations

import pytest

from simgen import language
from simgen.language import library
from simgen.language.remarks import remarks

HEAD = """\
simgen: 1
scenario: noted
setting: {road: two_lane_urban}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 30 km/h}
  kid: {model: pedestrian.child, at: {lane: 3, s: 60 m}}
  arm: {model: franka_panda, at: {position: [0 m, 20 m, 0 m]}}
"""


def noted(more: str = "", **replaced: str) -> list[str]:
    text = HEAD
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return list(remarks(language.parse(text + more)))


def test_a_parameter_that_nothing_reads_is_noted() -> None:
    used = "far: 30 m, wide: {uniform: [$far, 40 m]}, when: 3 s, hue: silver"
    (only,) = noted(
        f"parameters: {{{used}, idle: 3 m}}\n"
        "environment: {fog_visibility: $wide}\n"
        "story: [{event: a, when: time > $when, do: {ego: {speed: 1 m/s}}}]\n",
        **{"lane: -1": "lane: -1", "model: car.sedan,": "model: car.sedan, paint: $hue,"},
    )
    assert only == "parameter 'idle' (line 8) is used by nothing; others read it as $idle"


def test_who_starts_backwards_with_a_driver_is_noted() -> None:
    (only,) = noted(**{"speed: 30 km/h": "speed: -5 km/h, behavior: aeb"})
    assert only.startswith("'ego' (line 5) starts at -5 km/h, backwards, and its behavior 'aeb'")
    assert not noted(**{"speed: 30 km/h": "speed: -5 km/h"})
    assert not noted(**{"speed: 30 km/h": "speed: 5 km/h, behavior: aeb"})


@pytest.mark.parametrize(
    ("do", "told"),
    [
        ("{kid: [{walk: {}}, {turn_back: {}}]}", "walk and turn_back to 'kid' at once"),
        ("{ego: [{speed: 3 m/s}, {speed: 5 m/s}]}", "speed and speed to 'ego' at once"),
        ("{arm: [{reach: [0.4 m, 20 m, 0.3 m]}, grasp]}", "reach and grasp to 'arm' at once"),
        ("{ego: [{speed: 3 m/s}, {lane_change: {lane: 1}}]}", None),
        ("{ego: {speed: 3 m/s}, kid: {walk: {}}}", None),
        ("{arm: [{reach: [0.4 m, 20 m, 0.3 m]}, release]}", None),
    ],
)
def test_two_movements_of_one_actor_in_one_event_are_noted(do: str, told: str | None) -> None:
    found = noted(f"story: [{{event: a, do: {do}}}]\n")
    assert len(found) == (told is not None) and (told is None or told in found[0])


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("after: a, do: {arm: grasp}", True),
        ("after: {event: a, delay: 0 s}, do: {arm: grasp}", True),
        ("after: {event: a, delay: 2 s}, do: {arm: grasp}", False),
        ("after: a, do: {arm: release}", False),
        ("after: a, do: {kid: {walk: {}}}", False),
        ("after: a, when: complete(a), do: {arm: grasp}", False),
        ("when: complete(a), do: {arm: grasp}", False),
    ],
)
def test_an_event_that_cuts_into_the_one_that_it_comes_after_is_noted(second: str, told: bool) -> None:
    found = noted(f"story: [{{event: a, do: {{arm: {{reach: [0.4 m, 20 m, 0.3 m]}}}}}}, {{event: b, {second}}}]\n")
    assert found == (
        [
            "event 'b' (line 8) starts as 'a' starts, and its grasp cuts into the reach of 'arm'; in place of 'after', "
            "when: complete(a) waits for its end"
        ]
        if told
        else []
    )


@pytest.mark.parametrize("name", library.names())
def test_the_library_gives_no_cause_for_notes(name: str) -> None:
    assert list(remarks(language.load(name))) == []
