"""The story: what starts when, what ends, and what is said of that which never came."""

from __future__ import annotations

import pytest

import simgen
from simgen.language import parse
from simgen.simulation.report import EpisodeReport
from simgen.simulation.world import TICK_S, World

HEAD = """
simgen: 1
scenario: told
randomize: none
setting: {road: two_lane_urban, length: 90 m, parked: 0, trees: 0}
environment: {time_of_day: "12:00"}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}, speed: 10 m/s, behavior: follow_lane}
  walker: {model: pedestrian.adult, at: {position: [60 m, -7 m, 0.12 m], yaw: 90 deg}}
"""


def told(story: str, end: str = "time > 3 s", expect: str = "[]") -> EpisodeReport:
    text = f'{HEAD}story:\n{story}\nend: "{end}"\nexpect: {expect}\n'
    with World(simgen.sample(parse(text))) as world:
        for _ in world.run():
            pass
        return world.report()


def times(report: EpisodeReport) -> dict[str, tuple[float | None, float | None]]:
    return {e.name: (e.start_s, e.end_s) for e in report.events}


def test_an_event_without_a_trigger_starts_with_the_scenario():
    assert times(told("  - {event: a, do: {walker: stop}}"))["a"][0] == 0.0


def test_a_level_that_is_true_at_the_start_fires_and_an_edge_does_not():
    report = told(
        """  - {event: level, when: speed(ego) > 5 m/s, do: {walker: stop}}
  - {event: edge, when: rising(speed(ego) > 5 m/s), do: {walker: stop}}"""
    )
    assert times(report)["level"][0] == 0.0
    assert times(report)["edge"][0] is None


def test_rising_fires_at_the_tick_of_the_edge():
    report = told("  - {event: a, when: rising(time > 1 s), do: {walker: stop}}")
    assert times(report)["a"][0] == pytest.approx(1.0 + TICK_S, abs=1e-6)


def test_after_waits_for_the_other_and_its_delay():
    report = told(
        """  - {event: first, when: time > 0.5 s, do: {walker: stop}}
  - {event: second, after: {event: first, delay: 0.7 s}, do: {walker: stop}}"""
    )
    starts = times(report)
    assert starts["second"][0] - starts["first"][0] == pytest.approx(0.7, abs=TICK_S + 1e-9)


def test_before_starts_the_herald_and_holds_the_other_back():
    report = told(
        """  - {event: herald, before: {event: main, by: 0.5 s}, do: {walker: stop}}
  - {event: main, when: time > 1 s, do: {walker: stop}}"""
    )
    starts = times(report)
    assert starts["main"][0] - starts["herald"][0] == pytest.approx(0.5, abs=TICK_S + 1e-9)


def test_for_and_until_end_what_would_go_on():
    report = told(
        """  - {event: timed, for: 0.5 s, do: {walker: {walk: {distance: 20 m}}}}
  - {event: guarded, until: time > 1 s, do: {ego: {speed: {target: 30 m/s}}}}"""
    )
    assert times(report)["timed"][1] == pytest.approx(0.5, abs=TICK_S)
    assert times(report)["guarded"][1] == pytest.approx(1.0 + TICK_S, abs=1e-6)


def test_an_action_that_is_done_completes_its_event():
    report = told("  - {event: a, do: {walker: {walk: {distance: 1 m, speed: 1.3 m/s}}}}")
    # A metre at 1.3 m/s, and one change of speed at 1.5 m/s² to begin with and another to end with; whole ticks.
    assert times(report)["a"][1] == pytest.approx(1.0 / 1.3 + 1.3 / 1.5, abs=2.5 / 60)


def test_what_never_fires_says_how_near_it_came():
    report = told("  - {event: never, when: 'distance(ego, walker) < 2 m', do: {walker: stop}}", end="time > 6 s")
    (event,) = report.events
    assert not event.fired
    (closest,) = event.closest
    # The ego passes on t = -1.625 m: 5.4 m to the middle of the walker, less the half widths of both.
    assert closest.value == pytest.approx(5.375 - 1.09 - 0.25, abs=0.25)
    assert closest.time_s == pytest.approx(4.0, abs=0.6)


def test_expectations_report_what_they_found():
    report = told("  - {event: a, do: {walker: stop}}", expect="[fired(a), speed(ego) > 50 m/s]")
    fired, fast = report.expectations
    assert fired.held
    assert not fast.held
    assert fast.value == pytest.approx(10.0, abs=0.2)
    assert report.ended_by == "time > 3 s"


def test_a_meeting_comes_out_as_planned_when_nobody_brakes():
    report = told(
        """  - event: crosses
    do: {walker: {run_across: {ahead_of: ego, speed: 3 m/s}}}
    meet: {actor: ego, point: front, overlap: 50 %}""",
        end="time > 8 s",
    )
    meet = report.events[0].meet
    assert meet is not None
    assert meet.achieved_overlap == pytest.approx(0.5, abs=0.05)
    assert ("ego", "walker") in {c.actors for c in report.collisions}


@pytest.mark.parametrize("when", ["", "    when: distance(ego, walker) < 26 m\n"])
def test_a_meeting_that_cannot_begin_in_time_says_how_late_it_began(when):
    story = f"""story:
  - event: crosses
{when}    do: {{walker: {{run_across: {{ahead_of: ego, speed: 0.6 m/s}}}}}}
    meet: {{actor: ego, point: front, overlap: 50 %}}
end: time > 6 s
"""
    with World(simgen.sample(parse(HEAD + story))) as world:
        for _ in world.run():
            pass
        report, width_m = world.report(), world.situation().body("ego").box_size_m[1]
    meet = report.events[0].meet
    assert meet is not None and meet.achieved_overlap is not None
    # When the front comes, the walker is as far from where it should be as it walks in the time that it had too little.
    missing_m = width_m * (meet.planned_overlap - meet.achieved_overlap)
    assert report.late_s == {"crosses": meet.late_s}
    assert meet.late_s * 0.6 == pytest.approx(missing_m, abs=0.15)


def test_a_herald_that_cannot_begin_in_time_delays_its_meeting():
    report = told(
        """  - event: warns
    do: {walker: stop}
    before: {event: crosses, by: 3 s}
  - event: crosses
    do: {walker: {run_across: {ahead_of: ego, speed: 3 m/s}}}
    meet: {actor: ego, point: front, overlap: 50 %}""",
        end="time > 6 s",
    )
    assert times(report)["crosses"][0] == pytest.approx(3.0)
    assert report.late_s["crosses"] > 1.0


def test_a_meeting_in_time_is_not_late():
    report = told(
        """  - event: crosses
    do: {walker: {run_across: {ahead_of: ego, speed: 3 m/s}}}
    meet: {actor: ego, point: front, overlap: 50 %}"""
    )
    assert report.late_s == {}


def test_the_environment_changes_over_its_time():
    story = "story:\n  - {event: wet, do: {world: {environment: {rain: 20 mm/h, over: 2 s}}}}\nend: time > 3 s\n"
    with World(simgen.sample(parse(HEAD + story))) as world:
        rain = [snapshot.environment.rain_mm_h for snapshot in world.run()]
    assert rain[0] == 0.0
    assert rain[60] == pytest.approx(10.0, abs=0.5)
    assert rain[-1] == 20.0


def test_what_only_the_run_shows_is_told_at_the_event() -> None:
    with pytest.raises(simgen.SimgenError, match="attach it") as caught:
        told("  - {event: fine, do: {walker: stop}}\n  - {event: loose, when: time > 0.1 s, do: {walker: detach}}")
    assert str(caught.value).startswith("<text>:12:13: 'walker' is not attached")


def test_a_condition_that_fails_in_the_run_is_told_at_its_event() -> None:
    with pytest.raises(simgen.SimgenError, match="unknown variable 'alarm'") as caught:
        told(
            "  - {event: rings, when: variable(alarm) > 0, do: {walker: stop}}\n"
            "  - {event: sets, when: time > 1 s, do: {world: {set_variable: {name: alarm, value: 1}}}}"
        )
    assert str(caught.value).startswith("<text>:11:13: ")


def test_what_only_the_end_asks_of_the_run_so_far_is_remembered():
    report = told("  - {event: a, do: {walker: stop}}", end="min_distance(ego, walker) < 30 m or time > 3 s")
    assert "min_distance" in report.ended_by
