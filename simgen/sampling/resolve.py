"""From values as written to plain values: parameters in order of dependency, expressions, draws, declared defaults."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simgen.core import vocabulary
from simgen.core.declare import Parameter, ParameterKind, check_values
from simgen.core.errors import Place, SimgenError, UnknownName, ValueOutOfRange
from simgen.core.units import from_si, to_si
from simgen.core.vocabulary import Members
from simgen.language import expressions, nodes
from simgen.language.diagnostics import Report
from simgen.language.expressions import Expr, Names
from simgen.language.logical import (
    Constant,
    Distribution,
    Expression,
    LogicalScenario,
    Named,
    Value,
    ValueList,
    ValueMap,
    varies,
)
from simgen.language.values import ValueReader, written_texts
from simgen.sampling.concrete import DrawRecord, Use
from simgen.sampling.draws import Draws, plain
from simgen.scene.body import Body
from simgen.scene.environment import EnvironmentSpec, wetness_in
from simgen.scene.matter import Matter, spans, stated_in_vain


class Resolver:
    """Gives every value of one scenario its plain value for one attempt at one sample.

    It is the namespace of the expressions among them, too.
    """

    def __init__(self, scenario: LogicalScenario, draws: Draws) -> None:
        self.scenario = scenario
        self.draws = draws
        self.parameters: dict[str, Any] = {}
        self._underway: list[str] = []
        self._actors = {actor.name: actor for actor in scenario.actors}
        self._models: dict[str, Use] = {}
        self._speeds: dict[str, float] = {}
        self._environment: dict[str, Any] = {}
        for name in scenario.parameters:
            self.parameter(name)
        # An expression may have resolved one parameter before another; the file's order is the one to show.
        self.parameters = {name: self.parameters[name] for name in scenario.parameters}

    # Values

    def value(self, value: Value, path: str) -> Any:
        """The SI value of what stands at ``path``."""
        match value:
            case Constant():
                return value.value
            case Expression():
                return expressions.evaluate(_tree(value.text, value.place), self)
            case Distribution():
                return self._drawn(value, path)
            case ValueList():
                return [self.value(item, f"{path}[{i}]") for i, item in enumerate(value.items)]
            case ValueMap():
                return {name: self.value(item, f"{path}.{name}") for name, item in value.items.items()}

    def _drawn(self, value: Distribution, path: str) -> Any:
        arguments = {name: self.value(item, f"{path}.{name}") for name, item in value.arguments.items()}
        member = vocabulary.distributions.get(value.name, value.place)
        shown = dict(arguments)
        for name in member.files:
            # The record holds the file's name as written and its digest, not where it lay on this machine.
            file, written = Path(str(arguments[name])), value.arguments[name]
            shown[name] = written.text if isinstance(written, Constant) else file.name
            if file.is_file():
                shown["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        record = self.draws.draw(
            value.name, member(where=path, written=written_texts(value.arguments), **arguments), path, shown
        )
        self.draws.keep(record)
        return record.value

    # What is declared

    def varies(self, path: str) -> bool:
        """Whether what the file leaves out at a path is drawn."""
        return varies(self.scenario.randomize, path.partition(".")[0])

    def use(self, members: Members, named: Named, path: str) -> Use:
        """Something registered with all its parameters, in declared units."""
        member = members.get(named.name, named.place)
        return Use(name=named.name, parameters=self.declared(member.parameters, named.values, path, named.name))

    def declared(
        self, parameters: Mapping[str, Parameter], values: Mapping[str, Value], path: str, owner: str
    ) -> dict[str, Any]:
        """The values of declared parameters, in declared units, checked. What the file leaves out is drawn from the
        declaration's ``vary``, unless ``randomize`` says none for that section, or is the default.

        Raises:
            UnknownName, ValueOutOfRange: at the path of the value; a drawn one tells what it was drawn from.
        """
        given: dict[str, Any] = {}
        for name, parameter in parameters.items():
            if name in values:
                given[name] = _in_declared_unit(parameter, self.value(values[name], f"{path}.{name}"))
            elif parameter.vary is not None and self.varies(path):
                written = json.dumps(parameter.vary)
                varied = _vary(written, parameter.kind, parameter.unit, parameter.choices, parameter.length)
                given[name] = _in_declared_unit(parameter, self.value(varied, f"{path}.{name}"))
        given.update({name: None for name in values if name not in parameters})
        try:
            return {name: plain(v) for name, v in check_values(parameters, given, owner, path).items()}
        except ValueOutOfRange as error:
            record = self.draws.of(str(error.where))
            if record is None:
                raise
            raise ValueOutOfRange(
                f"{error.message}, drawn from {describe(record)}",
                where=error.where,
                remedy=f"{error.remedy}; narrow the distribution, or cut it off with truncated_normal",
            ) from None

    @contextmanager
    def for_all_samples(self) -> Iterator[None]:
        """What is drawn within is drawn for the scenario: every sample and attempt gets the same."""
        own, self.draws = self.draws, self.draws.of_scenario()
        try:
            yield
        finally:
            self.draws = own

    # The namespace of expressions

    def parameter(self, name: str) -> float | bool | str:
        """The SI value of ``$name``. Raises UnknownName, or SimgenError for a circle."""
        if name not in self.parameters:
            if name not in self.scenario.parameters:
                raise UnknownName(kind="parameter", name=name, known=self.scenario.parameters)
            path = f"parameters.{name}"
            with self._underway_at(path):
                self.parameters[name] = plain(self.value(self.scenario.parameters[name], path))
        value: float | bool | str = self.parameters[name]
        return value

    def property(self, owner: str, name: str) -> float | bool | str:
        """What is known before the actors are placed, SI: an actor's speed and model parameters, the environment."""
        if owner == "environment":
            parameters, values = EnvironmentSpec.parameters, self.environment((name,))
        elif owner not in self._actors:
            raise UnknownName(kind="actor", name=owner, known=self._actors)
        elif name == "speed":
            return self.speed(owner)
        else:
            model = self.model(owner)
            parameters, values = vocabulary.models.get(model.name).parameters, model.parameters
        if name not in values:
            raise UnknownName(kind=f"property of {owner}", name=name, known=[*values, "speed"])
        value: float | bool | str = values[name]
        return value if isinstance(value, bool | str) else to_si(value, parameters[name].unit)

    def call(self, function: str, arguments: tuple[Expr, ...], where: object) -> float | bool:
        raise SimgenError(
            f"'{function}(…)' asks for a world that does not stand yet",
            where=where if isinstance(where, Place) else None,
            remedy="use it under 'require', in an event or in 'end'",
        )

    # What expressions may ask for before it is next in order

    def environment(self, names: Iterable[str] = tuple(EnvironmentSpec.parameters)) -> dict[str, Any]:
        """The environment's parameters of these names, in declared units."""
        for name in names:
            if name in self._environment or name not in EnvironmentSpec.parameters:
                continue
            path = f"environment.{name}"
            with self._underway_at(path):
                stated = self.scenario.environment
                given = {name: stated[name]} if name in stated else {}
                one = {name: EnvironmentSpec.parameters[name]}
                found = self.declared(one, given, "environment", "environment")
                if name == "road_wetness" and found[name] is None:
                    # Here and not in the world alone, so that expressions and the record know it.
                    found[name] = wetness_in(self.environment(("rain",))["rain"])
                self._environment.update(found)
        return {name: self._environment[name] for name in names if name in self._environment}

    def model(self, actor_name: str) -> Use:
        """The model of an actor with all its parameters."""
        if actor_name not in self._models:
            actor = self._actors[actor_name]
            path = f"actors.{actor_name}"
            with self._underway_at(f"{path}.model"):
                chosen = str(self.value(actor.model.name, f"{path}.model"))
                named = self.scenario.assets.get(chosen) or Named(
                    name=chosen, values=actor.model.values, place=actor.model.place
                )
                self._models[actor_name] = self.use(vocabulary.models, named, path)
        return self._models[actor_name]

    def matter(self, actor_name: str, body: Body) -> dict[str, float | None]:
        """Mass (kg), friction, restitution and, of robots, motor gain and joint friction of an actor where they are not
        its model's: as stated, or drawn around the model's figure.

        Raises:
            ValueOutOfRange: stated for a robot, whose masses its description fixes, or of motors for what has none.
        """
        path, stated = f"actors.{actor_name}", self._actors[actor_name].matter
        held = dict(self.declared(Matter.parameters, stated, path, actor_name))
        for name in stated:
            if (reason := stated_in_vain(body, name)) is not None:
                message = f"'{actor_name}' has {reason}"
                raise ValueOutOfRange(message, where=f"{path}.{name}", remedy="leave it out")
        if self.varies(path):
            for name, (low, high) in spans(body).items():
                if name in stated or name in vocabulary.models.get(self.model(actor_name).name).parameters:
                    continue
                drawn = self.draws.uniform(f"{path}.{name}", low, high)
                self.draws.keep(drawn)
                held[name] = drawn.value
        return held

    def speed(self, actor_name: str) -> float:
        """Speed of an actor at the start, m/s."""
        if actor_name not in self._speeds:
            given = self._actors[actor_name].speed
            path = f"actors.{actor_name}.speed"
            with self._underway_at(path):
                self._speeds[actor_name] = 0.0 if given is None else float(self.value(given, path))
        return self._speeds[actor_name]

    @contextmanager
    def _underway_at(self, path: str) -> Iterator[None]:
        """Notices values that depend on each other in a circle."""
        if path in self._underway:
            circle = " -> ".join([*self._underway[self._underway.index(path) :], path])
            raise SimgenError(
                f"values depend on each other in a circle: {circle}", where=path, remedy="state one of them by itself"
            )
        self._underway.append(path)
        yield
        self._underway.pop()


def describe(record: DrawRecord) -> str:
    """A draw in words: "normal (mean 1.15, std 0.08) at quantile 0.994"."""
    arguments = ", ".join(f"{k} {v:g}" if isinstance(v, float) else f"{k} {v}" for k, v in record.parameters.items())
    return f"{record.distribution} ({arguments}) at quantile {record.uniform:.4g}"


def _in_declared_unit(parameter: Parameter, value: Any) -> Any:
    """An SI value in the units of its declaration."""
    if isinstance(value, bool | str) or value is None:
        return value
    if parameter.kind == "record" and isinstance(value, Mapping):
        fields = {f.name: f for f in parameter.fields}
        return {name: _in_declared_unit(fields[name], v) if name in fields else v for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_in_declared_unit(parameter, v) for v in value]
    return from_si(value, parameter.unit) if parameter.kind in ("quantity", "vector") else value


_tree = functools.lru_cache(maxsize=4096)(expressions.parse)


@functools.lru_cache(maxsize=1024)
def _vary(written: str, kind: ParameterKind, unit: str, choices: tuple[str, ...], length: int) -> Value:
    """The distribution that a declaration varies by, read as if it stood in a file."""
    report = Report()
    place = Place("<vary>", 1, 1)
    slot = Parameter(kind=kind, unit=unit, choices=choices, length=length, help="", name="vary")
    value = ValueReader(report=report, names=Names()).value(_node(json.loads(written), place), slot, place)
    report.raise_if_any()
    assert value is not None
    return value


def _node(data: Any, place: Place) -> nodes.Node:
    """JSON data as the node of a file."""
    match data:
        case dict():
            return nodes.Mapping(
                tuple(nodes.Entry(nodes.Scalar(str(k), place), _node(v, place)) for k, v in data.items()), place
            )
        case list():
            return nodes.Sequence(tuple(_node(item, place) for item in data), place)
        case bool():
            return nodes.Scalar("true" if data else "false", place)
        case _:
            return nodes.Scalar(str(data), place)
