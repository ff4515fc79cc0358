"""Names in a scenario that the language cannot know, as they depend on the setting, the models and their parameters:
traffic signals, variables, routes over roads, and doors."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence

from simgen.core import vocabulary
from simgen.core.declare import Parameter
from simgen.core.errors import Place, SimgenError, UnknownName
from simgen.core.geometry import yaw_of
from simgen.language import expressions
from simgen.language.expressions import Expr, unparse, walk
from simgen.language.expressions.tree import Call, Name, Text
from simgen.language.logical import Expression, LogicalScenario, Value
from simgen.sampling.assembly import opened_door
from simgen.sampling.concrete import ConcreteEvent, Use
from simgen.sampling.mistakes import Mistakes
from simgen.sampling.placement import Spot
from simgen.scene.body import Body
from simgen.scene.stage import Stage

_parsed = functools.lru_cache(maxsize=1024)(expressions.parse)


def check_names(scenario: LogicalScenario, story: Sequence[ConcreteEvent], stage: Stage, mistakes: Mistakes) -> None:
    """Keeps a traffic signal that the stage does not have, and a variable that nothing sets, where it is written."""
    known = {"traffic signal": [signal.name for signal in stage.signals], "variable": _variables(story)}
    for event, concrete in zip(scenario.story, story, strict=True):
        for do, done in zip(event.do, concrete.do, strict=True):
            member = vocabulary.actions.get(do.action.name) if do.action.name in vocabulary.actions else None
            for name, kind in _naming(member.parameters if member is not None else {}, known):
                written = do.action.values.get(name)
                with mistakes.kept():
                    place = do.place if written is None else written.place
                    _known(kind, str(done.action.parameters[name]), known[kind], place)
    for written in _conditions(scenario):
        for node in walk(_parsed(written.text, written.place)):
            if isinstance(node, Call) and node.function in vocabulary.conditions:
                parameters = vocabulary.conditions.get(node.function).parameters
                for name, kind in _naming(parameters, known):
                    number = list(parameters).index(name)
                    argument = node.arguments[number] if number < len(node.arguments) else None
                    if isinstance(argument, Name | Text):
                        with mistakes.kept():
                            _known(kind, _word(argument), known[kind], argument.place)


def check_doors(
    scenario: LogicalScenario, story: Sequence[ConcreteEvent], bodies: Mapping[str, Body], mistakes: Mistakes
) -> None:
    """Keeps a door that an actor's model does not have, where it is written."""
    for event, concrete in zip(scenario.story, story, strict=True):
        for do, done in zip(event.do, concrete.do, strict=True):
            door = opened_door(done)
            if door is None or done.subject not in bodies:
                continue
            known = [doorway.name for doorway in bodies[done.subject].doorways]
            if door not in known:
                message = f"'{done.subject}' has no door '{door}' that opens"
                remedy = f"it has {', '.join(known)}" if known else "open one of a car or a van"
                mistakes.add([SimgenError(message, where=do.place, remedy=remedy)])


def check_routes(
    scenario: LogicalScenario,
    behaviors: Mapping[str, Use],
    spots: Mapping[str, Spot],
    stage: Stage,
    mistakes: Mistakes,
) -> None:
    """Keeps a route that the roads do not have from where an actor starts, where it is written."""
    for actor in scenario.actors:
        use = behaviors.get(actor.name)
        if use is None or actor.behavior is None or stage.road is None:
            continue
        for name, _ in _naming(vocabulary.behaviors.get(use.name).parameters, ("route",)):
            value = use.parameters.get(name)
            if value is None:
                continue
            words = (value,) if isinstance(value, str) else tuple(str(word) for word in value)
            pose = spots[actor.name].pose
            written = actor.behavior.values.get(name)
            try:
                found = stage.road.lane_key(pose[:3, 3], yaw_of(pose))
                if found is None:
                    raise SimgenError(f"'{actor.name}' starts on no lane that a route could follow")
                stage.road.way(found[0], words)
            except SimgenError as error:
                error.where = actor.behavior.place if written is None else _place(written)
                mistakes.add([error])


def _variables(story: Sequence[ConcreteEvent]) -> list[str]:
    """Names of the variables that the story sets at any time."""
    return [str(do.action.parameters["name"]) for e in story for do in e.do if do.action.name == "set_variable"]


def _naming(parameters: Mapping[str, Parameter], kinds: Collection[str]) -> Iterator[tuple[str, str]]:
    """The parameters that name something of these kinds, each with its kind."""
    return ((name, parameter.names) for name, parameter in parameters.items() if parameter.names in kinds)


def _known(kind: str, name: str, known: Sequence[str], place: Place) -> None:
    if name not in known:
        raise UnknownName(kind=kind, name=name, known=known, where=place)


def _word(argument: Expr) -> str:
    return argument.value if isinstance(argument, Text) else unparse(argument)


def _place(value: Value) -> Place:
    return value.place


def _conditions(scenario: LogicalScenario) -> Iterator[Expression]:
    for event in scenario.story:
        yield from (tree for tree in (event.when, event.until) if tree is not None)
    if scenario.end is not None:
        yield scenario.end
    yield from scenario.require
    yield from (expectation.condition for expectation in scenario.expect)
