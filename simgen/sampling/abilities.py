"""What the story and behaviours ask of actors, held against what these are and where they stand: told before a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from simgen.core import vocabulary
from simgen.core.errors import SimgenError
from simgen.language.logical import LogicalScenario, Named
from simgen.sampling.concrete import ConcreteEvent, Use
from simgen.sampling.mistakes import Mistakes
from simgen.scene.body import Body
from simgen.scene.movement import Mover, mover, unfit
from simgen.scene.stage import Stage


def check_actions(
    scenario: LogicalScenario,
    story: Sequence[ConcreteEvent],
    bodies: Mapping[str, Body],
    stage: Stage,
    mistakes: Mistakes,
) -> None:
    """Keeps what an event asks of an actor or the world that it can never do, where it is written."""
    sensors = {sensor.name for sensor in scenario.sensors}
    for event, concrete in zip(scenario.story, story, strict=True):
        for do, done in zip(event.do, concrete.do, strict=True):
            if done.subject in sensors:
                continue
            with mistakes.kept(), _written(do.action):
                action = vocabulary.actions.get(done.action.name)(where=do.action.name, **done.action.parameters)
                body = bodies.get(done.subject)
                if body is not None and action.needs and mover(body) not in action.needs:
                    raise unfit(done.subject, *action.needs)
                action.check(done.subject, body, stage)


def check_behaviors(
    scenario: LogicalScenario, behaviors: Mapping[str, Use], bodies: Mapping[str, Body], mistakes: Mistakes
) -> None:
    """Keeps a behaviour that an actor can never have, where it is written."""
    for actor in scenario.actors:
        if actor.behavior is not None:
            needs = vocabulary.behaviors.get(behaviors[actor.name].name).needs
            with mistakes.kept(), _written(actor.behavior):
                if needs and mover(bodies[actor.name]) not in needs:
                    raise unfit(actor.name, *needs)


def check_speeds(
    scenario: LogicalScenario, speeds: Mapping[str, float], bodies: Mapping[str, Body], mistakes: Mistakes
) -> None:
    """Keeps a speed at the start of an actor that starts at rest all the same, where it is written."""
    for actor in scenario.actors:
        moved = mover(bodies[actor.name])
        if speeds[actor.name] != 0.0 and moved not in ("vehicle", "mobile"):
            message = f"'{actor.name}' starts at rest: only vehicles and mobile robots have a speed at the start"
            remedy = _PACED[moved].format(actor.name) if moved in _PACED else "remove it"
            mistakes.add([SimgenError(message, where=f"actors.{actor.name}.speed", remedy=remedy)])


_PACED: dict[Mover, str] = {
    "legs": "remove it, and write behavior: {{walk_route: {{speed: …}}}}, or do: {{{0}: {{walk: {{speed: …}}}}}}",
    "loose": "remove it, and write do: {{{0}: {{roll: {{speed: …}}}}}}, or throw",
}
"""How those are made to move that start at rest."""


@contextmanager
def _written(named: Named) -> Iterator[None]:
    """Gives a mistake the place of the parameter that its ``where`` names, or of the whole."""
    try:
        yield
    except SimgenError as error:
        value = named.values.get(str(error.where))
        error.where = named.place if value is None else value.place
        raise
