"""Worlds without a sensor: how long they take to build, and how many times real time they run."""

from __future__ import annotations

import functools

from benchmarks.row import Row, compared, cpu_seconds
from simgen import language, sampling
from simgen.sampling.concrete import ConcreteScenario
from simgen.simulation.world import TICK_S, World

STREET = """
simgen: 1
scenario: bench_street
randomize: none
setting: {{road: two_lane_urban, length: 400 m, parked: 0, trees: 0}}
environment: {{time_of_day: "12:00"}}
actors:
{actors}
story:
{story}
end: "time > 120 s"
"""


def street(cars: int, people: int) -> ConcreteScenario:
    """Cars that follow their lanes and each other, and people who walk along the pavements."""
    actors = [
        f"  car_{i}: {{model: car.sedan, at: {{lane: {-1 if i % 2 else 1}, s: {6 + 7.6 * (i // 2):g} m}}, "
        "speed: 3 m/s, behavior: follow_lane}"
        for i in range(cars)
    ] + [
        f"  person_{i}: {{model: pedestrian.adult, "
        f"at: {{position: [{8 + 9 * i} m, {6.6 if i % 2 else -6.6} m, 0.12 m], yaw: 0 deg}}}}"
        for i in range(people)
    ]
    story = [f"  - {{event: walk_{i}, do: {{person_{i}: {{walk: {{distance: 60 m}}}}}}}}" for i in range(people)]
    text = STREET.format(actors="\n".join(actors), story="\n".join(story) or "  []")
    return sampling.sample(language.parse(text), seed=7, index=0)


STREETS = ((10, 0), (20, 20), (100, 0))
"""Cars and people on the streets that are measured."""

MOTORWAY = """
simgen: 1
scenario: bench_motorway
randomize: none
setting: {road: motorway, length: 600 m}
environment: {time_of_day: "12:00"}
actors:
  ego: {model: car.sedan, at: {lane: -2, s: 120 m}, speed: 30 m/s, behavior: lane_change}
traffic: {density: 15 1/km, clear: 20 m}
end: "time > 120 s"
"""


def motorway() -> ConcreteScenario:
    """Drivers who follow each other and change lanes on a bent motorway."""
    return sampling.sample(language.parse(MOTORWAY), seed=7, index=0)


def _build(scenario: ConcreteScenario) -> None:
    World(scenario).close()


def _seconds_of(world: World) -> None:
    for _ in range(round(1.0 / TICK_S)):
        world.advance()


def bench_worlds() -> list[Row]:
    """Building a world from a warm cache, and how many times real time it runs without a sensor, one core."""
    rows, per_actor = [], {}
    cases = {f"{cars}+{people}" if people else f"{cars}": street(cars, people) for cars, people in STREETS}
    cases["motorway"] = motorway()
    for name, scenario in cases.items():
        World(scenario).close()
        build_s = cpu_seconds(functools.partial(_build, scenario), 5)
        with World(scenario) as world:
            world.begin()
            spent = cpu_seconds(functools.partial(_seconds_of, world), 6)
        actors = len(scenario.actors)
        per_actor[name] = spent / actors
        rows += [
            Row(name=f"worlds.build_{name}", value=1000 * build_s, unit="ms"),
            Row(
                name=f"worlds.run_{name}",
                value=spent,
                unit="s",
                against="1 s of the world",
                ratio=1.0 / spent,
                better="higher",
            ),
        ]
    rows.append(Row(name="worlds.sample_motorway", value=1000 * cpu_seconds(motorway, 2), unit="ms"))
    few, many = per_actor["10"], per_actor["100"]
    rows.append(compared("worlds.per_actor", 1000 * many, "ms/(s actor)", "that of 10 vehicles", 1000 * few))
    return rows
