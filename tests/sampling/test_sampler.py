"""Samples: the same alone and among others, whatever is added elsewhere, in any process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from simgen import language
from simgen.core.errors import ScenarioRejected, SimgenError, ValueOutOfRange
from simgen.sampling import acceptance, sample, sampler, samples
from simgen.sampling.assembly import build_body
from simgen.sampling.concrete import ConcreteScenario
from simgen.sampling.placement import NoRoom
from simgen.sampling.sampler import HOPELESS, TELL_EVERY, start_situation

TEXT = """
simgen: 1
scenario: table
tags: [test]
randomize: none
parameters:
  size: {uniform: [2 cm, 6 cm]}
  delay: {truncated_normal: {mean: 0.8 s, std: 0.3 s, low: 0.2 s, high: 2 s}}
setting: {room: tabletop}
environment: {cloud_cover: {triangular: [0.1, 0.2, 0.6]}}
actors:
  a: {model: block, at: {on: mat}, length: $size}
  b: {model: block, at: {on: mat}}
sensors:
  top:
    camera: {mount: world, position: [1.4 m, -0.75 m, 1.85 m], look_at: [0.3 m, 0.1 m, 0.9 m], resolution: [320, 240]}
story:
  - event: change
    when: time >= 1 s
    do: {world: {environment: {cloud_cover: {uniform: [0, 1]}, over: $delay}}}
end: time > 2 s
sample: {count: 8, method: METHOD, seed: 5}
"""


def scenario(method: str = "sobol", extra: str = "") -> language.LogicalScenario:
    return language.parse(TEXT.replace("METHOD", method) + extra, "table.yaml")


def draws(concrete: ConcreteScenario) -> dict[str, float]:
    return {r.path: r.uniform for r in concrete.draws}


@pytest.mark.parametrize("method", ["random", "sobol", "halton", "latin_hypercube"])
def test_a_sample_is_the_same_alone_and_among_others(method: str) -> None:
    among = list(samples(scenario(method)))
    assert len(among) == 8
    assert sample(scenario(method), index=5) == among[5]
    assert len({c.digest() for c in among}) == 8
    assert next(samples(scenario(method), 1, first=5)) == among[5]


@pytest.mark.parametrize("method", ["random", "sobol", "latin_hypercube"])
def test_what_is_added_elsewhere_changes_no_other_draw(method: str) -> None:
    text = TEXT.replace("METHOD", method)
    more = text.replace("parameters:\n", "parameters:\n  first: {uniform: [0, 1]}\n").replace(
        "actors:\n", "actors:\n  new: {model: block, at: {on: tote}, length: {uniform: [2 cm, 4 cm]}}\n"
    )
    before, after = sample(language.parse(text), index=3), sample(language.parse(more), index=3)
    assert draws(before).items() <= draws(after).items()
    assert len(after.draws) == len(before.draws) + 5
    assert [a for a in after.actors if a.name != "new"] == list(before.actors)


def test_a_sample_is_the_same_in_another_process(tmp_path: Path) -> None:
    file = tmp_path / "table.yaml"
    file.write_text(TEXT.replace("METHOD", "sobol"), encoding="utf-8")
    program = (
        "import sys; from simgen import language; from simgen.sampling import sample;"
        "print(sample(language.load(sys.argv[1]), index=6).digest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.split()[-1] == sample(language.load(file), index=6).digest()


def test_seed_zero_is_a_seed() -> None:
    found = scenario()
    assert sample(found, seed=0).seed == 0
    assert draws(sample(found, seed=0)) != draws(sample(found))
    assert sample(found, seed=5) == sample(found)


@pytest.mark.parametrize(("seed", "index"), [(2**53, 0), (-1, 0), (0, -1), (0, 2**31)])
def test_what_cannot_be_recorded_is_told(seed: int, index: int) -> None:
    with pytest.raises(ValueOutOfRange):
        sample(scenario(), seed=seed, index=index)


OUTSIDE = """simgen: 1
scenario: outside
randomize: none
setting: {road: two_lane_urban}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: -20 m}, speed: 3 m/s}
end: time > 1 s
"""


def test_a_mistake_found_in_a_draw_is_shown_in_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(OUTSIDE)
    found = language.load(path)
    for _ in range(2):  # once as written, once when another text stands there
        with pytest.raises(ScenarioRejected) as told:
            sample(found)
        lines = str(told.value).splitlines()
        assert lines[0].startswith(f"{path}:6:27: 'ego' would stand at s = -20.0 m, and the road begins at 0 m")
        assert "start further on" in lines[-1]
        if path.read_text() == OUTSIDE:
            assert lines[1] == f"   6 | {OUTSIDE.splitlines()[5]}"
            assert lines[2].startswith(f"     | {' ' * 26}^^ ")
        else:
            assert len(lines) == 1
        path.write_text(f"# changed\n{OUTSIDE}")
    path.write_text(OUTSIDE)
    found = language.load(path, ["actors.ego.speed=1 m/s / (ego.length - ego.length) * (1 m)"])
    with pytest.raises(SimgenError, match="divides by zero") as told_set:
        sample(found)
    assert str(told_set.value).splitlines()[1].startswith("   1 | 1 m/s / (ego.length")


def test_everything_is_fixed_and_plain() -> None:
    concrete = sample(scenario(), index=1)
    paths = [r.path for r in concrete.draws]
    assert paths[:3] == ["parameters.size", "parameters.delay", "environment.cloud_cover"]
    assert set(paths) >= {"story.change.do.world.environment.cloud_cover", "actors.a.at.on.yaw", "actors.a.at.on.x"}
    assert concrete.parameters["size"] == concrete.actors[0].model.parameters["length"]
    assert concrete.story[0].do[0].action.parameters["over"] == concrete.parameters["delay"]
    assert concrete.story[0].defined_at.startswith("table.yaml:")
    assert concrete.sensors[0].sensor.parameters["resolution"] == [320, 240]
    assert concrete.actors[0].s_m is None
    assert (concrete.attempt, concrete.rejections) == (0, {})


def test_requirements_turn_draws_down_and_count_them() -> None:
    wanted = "require:\n  - distance(a, b) > 5 cm\n"
    found = scenario(extra=wanted)
    accepted = list(samples(found, 6))
    assert any(c.attempt > 0 for c in accepted)
    for concrete in accepted:
        assert concrete.rejections == ({"distance(a, b) > 5 cm": concrete.attempt} if concrete.attempt else {})
        situation = start_situation(concrete)
        assert situation.distance("a", "b") > 0.05
    # A draw that was accepted at once is the one that would have been made without the requirement.
    untouched = [c for c in accepted if c.attempt == 0]
    assert untouched
    assert all(c.draws == sample(scenario(), index=c.index).draws for c in untouched)


def test_a_requirement_that_never_holds_says_how_close_it_came() -> None:
    with pytest.raises(ScenarioRejected) as caught:
        sample(scenario(extra="require:\n  - distance(a, b) > 5 m\n  - time < 1 s\n"), max_attempts=4)
    told = str(caught.value)
    assert told.startswith("table.yaml:24:5: ")
    assert "sample 0 of 'table' was turned down 4 times: 'distance(a, b) > 5 m' 4 times (closest: 0." in told
    assert " m)" in told
    assert "time < 1 s" not in told


def test_acceptance_is_the_share_of_first_draws() -> None:
    report = acceptance(scenario(extra="require:\n  - distance(a, b) > 5 cm\n"), 8)
    first = [sample(scenario(extra="require:\n  - distance(a, b) > 5 cm\n"), index=i).attempt == 0 for i in range(8)]
    assert report.accepted == sum(first)
    assert report.rate == pytest.approx(sum(first) / 8)
    assert report.rejections == {"distance(a, b) > 5 cm": 8 - sum(first)}
    assert 0.0 < report.closest["distance(a, b) > 5 cm"] < 0.05


def test_no_room_whatever_is_drawn_ends_early() -> None:
    crowd = TEXT.replace("METHOD", "random").replace(
        "  b: {model: block, at: {on: mat}}", "  b: {model: block, at: {position: [0.52 m, -0.08 m, 0.72 m]}}"
    )
    with pytest.raises(ScenarioRejected, match=r"'b' .* would stand in 'table'") as caught:
        sample(language.parse(crowd))
    assert str(caught.value.where) == "<text>:13:21"
    report = acceptance(language.parse(crowd), 3)
    assert report.rate == 0.0
    assert report.rejections == {"room for b": 3}


def test_a_place_in_a_fixture_ends_early_for_a_body_that_is_another_size_in_every_draw() -> None:
    text = """
simgen: 1
scenario: walled_in
setting: {road: crosswalk_midblock}
actors:
  walker: {model: pedestrian.adult, at: {position: [85 m, -7.5 m, 0 m], yaw: 90 deg}}
"""
    told: list[int] = []
    with pytest.raises(NoRoom, match=r"'walker' .* would stand in 'crosswalk_midblock_sidewalk'"):
        sample(language.parse(text), on_rejections=lambda t: told.append(t.attempts))
    assert told == []


def test_who_would_stand_in_the_pavement_is_told_how_high_it_is() -> None:
    text = """
simgen: 1
scenario: sunk
randomize: none
setting: {road: two_lane_urban}
actors:
  walker: {model: pedestrian.adult, at: {position: [45 m, -6 m, 0 m]}}
"""
    with pytest.raises(NoRoom, match=r"'walker' .* would stand in 'sidewalk'") as caught:
        sample(language.parse(text))
    remedy = str(caught.value.remedy)
    told, _, place = remedy.partition(": ")
    assert told == "what one stands on there is 0.12 m high"
    assert sample(language.parse(text.replace("position: [45 m, -6 m, 0 m]", place))).actors[0].position_m[2] == 0.12
    # Within a house there is no ground to stand on
    inside = text.replace("-6 m", "-14 m")
    with pytest.raises(ScenarioRejected) as caught:
        sample(language.parse(inside))
    assert caught.value.remedy == "choose another position"


def test_who_would_stand_partly_in_a_mat_is_told_how_high_it_is() -> None:
    text = """
simgen: 1
scenario: straddling
randomize: none
setting: {room: tabletop}
actors:
  one: {model: block, at: {position: [0.32 m, -0.06 m, 0.75 m]}}
"""
    with pytest.raises(NoRoom, match=r"'one' .* would stand in 'mat'") as caught:
        sample(language.parse(text))
    assert caught.value.remedy == "the surface 'mat' is 0.753 m high: choose a position wholly on it, or beside it"


def test_an_actor_that_no_draw_has_room_for_is_given_up_as_soon_as_a_requirement() -> None:
    inside = "{position: [{uniform: [0.45 m, 0.55 m]}, -0.08 m, 0.72 m]}"
    crowd = TEXT.replace("METHOD", "random").replace(
        "  b: {model: block, at: {on: mat}}", f"  b: {{model: block, at: {inside}}}"
    )
    with pytest.raises(ScenarioRejected, match=f"turned down {HOPELESS} times: 'room for b' {HOPELESS} times"):
        sample(language.parse(crowd))


def test_the_actor_is_named_that_most_often_had_no_room() -> None:
    tally = sampler.Tally()
    for actor in ("a", "a", "b"):
        tally.crowd(NoRoom(actor, f"no room for {actor}", f"move {actor}"))
    place, remedy = tally.worst(scenario())
    assert remedy == "move a" and str(place).startswith("table.yaml:")
    assert tally.summary() == "'room for a' 2 times; 'room for b' 1 times; no room for a"
    tally.crowd(NoRoom("nobody", "no room", "move nobody"))
    tally.rejections["room for nobody"] = 9
    assert tally.worst(scenario()) == ("actors.nobody.at", "move nobody")


def test_what_no_draw_meets_is_given_up_soon_and_told_meanwhile() -> None:
    told: list[int] = []
    with pytest.raises(ScenarioRejected, match=f"turned down {HOPELESS} times"):
        sample(scenario(extra="require:\n  - distance(a, b) > 5 m\n"), on_rejections=lambda t: told.append(t.attempts))
    assert told == list(range(TELL_EVERY, HOPELESS, TELL_EVERY))


FIXED = """
simgen: 1
scenario: fixed
randomize: none
setting: {room: tabletop}
actors:
  a: {model: block, at: {position: [0.4 m, 0 m, 0.8 m]}}
  b: {model: block, at: {position: [X, 0 m, 0.8 m]}}
sensors:
  top: {camera: {mount: world, position: [1.4 m, -0.75 m, 1.85 m], look_at: [0.3 m, 0.1 m, 0.9 m]}}
end: time > 2 s
"""


@pytest.mark.parametrize(("x", "rate"), [("0.4 m", 0.0), ("0.6 m", 1.0)])
def test_what_draws_nothing_is_drawn_once(monkeypatch: pytest.MonkeyPatch, x: str, rate: float) -> None:
    drawn: list[int] = []
    once = sampler._attempt
    monkeypatch.setattr(sampler, "_attempt", lambda *args: drawn.append(args[2]) or once(*args))
    report = acceptance(language.parse(FIXED.replace("X", x), "fixed.yaml"), 20)
    assert drawn == [0]
    assert (report.trials, report.rate) == (20, rate)
    assert report.rejections == ({} if rate else {"room for b": 20})
    drawn.clear()
    if not rate:
        with pytest.raises(ScenarioRejected, match=r"fixed\.yaml:8:.* would stand in 'a'"):
            sample(language.parse(FIXED.replace("X", x), "fixed.yaml"))
        assert len(drawn) == 1


def test_what_is_drawn_for_one_place_only_is_drawn_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    once = sampler._attempt
    monkeypatch.setattr(sampler, "_attempt", lambda *args: drawn.append(args[2]) or once(*args))
    acceptance(language.parse(FIXED.replace("position: [X, 0 m, 0.8 m]", "on: mat"), "fixed.yaml"), 5)
    assert drawn == [0, 1, 2, 3, 4]


def test_equal_actors_share_one_body() -> None:
    actors = sample(language.parse(FIXED.replace("X", "0.6 m"), "fixed.yaml")).actors
    first, second = (build_body(actor.model, f"actors.{actor.name}") for actor in actors)
    assert first is second
