"""A concrete scenario's file, read with the place of every mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from simgen.core import vocabulary
from simgen.core.declare import check_values
from simgen.core.errors import Place, SimgenError, UnknownName, suggestion
from simgen.core.vocabulary import Members
from simgen.language import expressions
from simgen.language.diagnostics import Report
from simgen.sampling.concrete import NUMBER, ConcreteScenario, Use
from simgen.scene.environment import EnvironmentSpec

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value."""


def read_concrete(text: str, file: str) -> ConcreteScenario:
    """See ``simgen.sampling.concrete.read``."""
    report = Report()
    report.add_text(file, text)
    document = _Document(text, file, report)
    report.raise_if_any()
    try:
        concrete = ConcreteScenario.model_validate(document.data)
    except ValidationError as error:
        for detail in error.errors():
            report.add(*document.explain(detail["type"], tuple(detail["loc"]), detail["msg"]))
        report.raise_if_any()
        raise
    for path, fault in _faults(concrete):
        report.add(document.place((*path, *_tail(fault, path))), fault.message, fault.remedy)
    report.raise_if_any()
    return concrete


class _Document:
    """YAML data with the place of each value.

    Plain scalars are numbers, true, false and null where they look like that in JSON, and else text; YAML 1.1's other
    readings (``on``, ``22:40``, ``012``) are left out.
    """

    def __init__(self, text: str, file: str, report: Report) -> None:
        self._file = file
        self._report = report
        self._places: dict[Path, Place] = {(): Place(file, 1, 1)}
        self.data: Any = None
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            root = yaml.compose(text, Loader=loader)
            if root is not None:
                self.data = self._value(root, ())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file, 1, 1)
            report.add(place, f"not readable as YAML: {error.problem}", "undo the last edit around this line")
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            report.add(Place(file, 1, 1), f"not readable as YAML: {error}", "write it anew with 'simgen sample'")

    def place(self, path: Path) -> Place:
        """Where the value at ``path`` stands, or the nearest one around it."""
        while path not in self._places:
            path = path[:-1]
        return self._places[path]

    def explain(self, kind: str, path: Path, message: str) -> tuple[Place, str, str]:
        """A fault of validation in words: place, message, remedy."""
        name = ".".join(str(part) for part in path)
        if kind == "missing":
            return self.place(path), f"'{name}' is missing", f"add '{path[-1]}: …'"
        if kind == "extra_forbidden":
            known = _keys_around(path)
            return self.place(path), f"unknown key '{path[-1]}'", suggestion(str(path[-1]), known, "key")
        if not path:
            return self.place(path), "this is no concrete scenario", "it is a mapping that starts with 'simgen: 1'"
        return self.place(path), f"{name}: {message[:1].lower()}{message[1:]}", ""

    def _value(self, node: yaml.Node, path: Path) -> Any:
        start, end = node.start_mark, node.end_mark
        length = end.column - start.column if end.line == start.line else 1
        place = Place(self._file, start.line + 1, start.column + 1, max(1, length))
        self._places.setdefault(path, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        assert isinstance(node, yaml.ScalarNode)
        return node.value if node.style in _QUOTED else _scalar(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = Place(self._file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._report.add(place, "a key must be a name", "write name: value")
                continue
            key = key_node.value
            if key in data:
                self._report.add(place, f"the key '{key}' is here twice", "remove one of them")
            data[key] = self._value(value_node, (*path, key))
        return data


_QUOTED = ("'", '"', "|", ">")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_WORDS = {"": None, "null": None, "~": None, "true": True, "false": False}


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) else text


def _keys_around(path: Path) -> list[str]:
    """The keys that the mapping which holds ``path`` may have."""
    model: type[BaseModel] | None = ConcreteScenario
    for part in path[:-1]:
        if isinstance(part, str) and model is not None:
            field = model.model_fields.get(part)
            model = None if field is None else _model_in(field.annotation)
    return [] if model is None else list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in ``Model``, ``Model | None`` or ``tuple[Model, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for argument in get_args(annotation) if (found := _model_in(argument)) is not None), None)


def _uses(concrete: ConcreteScenario) -> Iterator[tuple[Members, Use, Path]]:
    """Everything registered that the scenario names, with the path of its mapping."""
    yield vocabulary.settings, concrete.setting, ("setting",)
    for i, actor in enumerate(concrete.actors):
        yield vocabulary.models, actor.model, ("actors", i, "model")
        if actor.behavior is not None:
            yield vocabulary.behaviors, actor.behavior, ("actors", i, "behavior")
    for i, sensor in enumerate(concrete.sensors):
        yield vocabulary.sensors, sensor.sensor, ("sensors", i, "sensor")
        for k, effect in enumerate(sensor.effects):
            yield vocabulary.effects, effect, ("sensors", i, "effects", k)
    sensors = {sensor.name for sensor in concrete.sensors}
    for i, event in enumerate(concrete.story):
        for k, do in enumerate(event.do):
            members = vocabulary.effects if do.subject in sensors else vocabulary.actions
            yield members, do.action, ("story", i, "do", k, "action")


def _faults(concrete: ConcreteScenario) -> Iterator[tuple[Path, SimgenError]]:
    """What validation by types does not see, with the path of what is wrong."""
    for members, use, path in _uses(concrete):
        try:
            parameters = members.get(use.name).parameters
        except SimgenError as error:
            yield (*path, "name"), error
            continue
        try:
            check_values(parameters, use.parameters, use.name, "")
        except SimgenError as error:
            yield (*path, "parameters"), error
    names = [actor.name for actor in concrete.actors]
    for i, actor in enumerate(concrete.actors):
        if actor.carrier is not None and actor.carrier not in names:
            yield ("actors", i, "carrier"), UnknownName(kind="actor", name=actor.carrier, known=names)
    try:
        check_values(EnvironmentSpec.parameters, concrete.environment, "environment", "")
    except SimgenError as error:
        yield ("environment",), error
    for path, text in _conditions(concrete):
        try:
            expressions.parse(text, Place("", 1, 1))
        except SimgenError as error:
            yield path, error


def _conditions(concrete: ConcreteScenario) -> Iterator[tuple[Path, str]]:
    for i, event in enumerate(concrete.story):
        for key, condition in (("when", event.when), ("until", event.until)):
            if condition is not None:
                yield ("story", i, key), condition
    if concrete.end is not None:
        yield ("end",), concrete.end
    for i, requirement in enumerate(concrete.require):
        yield ("require", i), requirement
    for i, expectation in enumerate(concrete.expect):
        yield ("expect", i, "condition"), expectation.condition


def _tail(fault: SimgenError, path: Path) -> Path:
    """The rest of the path, from the place that a check of parameters names (".height", ".position[2]")."""
    if path[-1] not in ("parameters", "environment") or not isinstance(fault.where, str):
        return ()
    parts: list[str | int] = []
    for name, position in re.findall(r"(\w+)|\[(\d+)\]", fault.where):
        parts.append(name or int(position))
    return tuple(parts)
