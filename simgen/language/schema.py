"""The JSON Schema (draft 2020-12) of scenario files, made from the language's structure and the registries, so that an
editor completes and checks what somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simgen.core import vocabulary
from simgen.core.declare import Declared, Parameter
from simgen.language import placement, reader, story
from simgen.language.composition import SECTIONS, setting_groups
from simgen.scene.environment import EnvironmentSpec
from simgen.scene.matter import Matter
from simgen.scene.traffic import TrafficSpec

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_CONDITION: Schema = {"type": "string", "minLength": 1, "description": "a condition: time > 3 s and collision(a, b)"}
_PARAMETER: Schema = {"type": "string", "pattern": r"^\$[A-Za-z_]\w*$"}
_NAME = r"^[A-Za-z_]\w*$"


def json_schema() -> Schema:
    """The schema of a scenario file; a fragment is one without ``scenario`` and ``setting``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "simgen scenario",
        "description": "A rare event as simgen simulates it: actors, a story, sensors, and what varies.",
        "type": "object",
        "required": ["simgen"],
        "properties": _sections(),
        "additionalProperties": False,
        "$defs": {
            "number": {"anyOf": [{"type": ["number", "string"]}, {"$ref": "#/$defs/distribution"}]},
            "flag": {"anyOf": [{"type": ["boolean", "string"]}, {"$ref": "#/$defs/distribution"}]},
            "word": {"anyOf": [{"type": ["string", "number", "boolean"]}, {"$ref": "#/$defs/distribution"}]},
            "distribution": _one_of({n: _distribution(m) for n, m in vocabulary.distributions.items()}),
            "actor": _actor(),
            "sensor": _sensor(),
            "event": _event(),
            "effect": _use(vocabulary.effects.items()),
            "behavior": _use(vocabulary.behaviors.items()),
            "deed": _deed(),
        },
    }


def _sections() -> Schema:
    schemas = {
        "simgen": {"const": 1},
        "scenario": _TEXT,
        "summary": _TEXT,
        "tags": {"type": "array", "items": _TEXT, "uniqueItems": True},
        "use": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "extends": _TEXT,
        "parameters": _named({"$ref": "#/$defs/word"}),
        "assets": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "setting": _setting(),
        "environment": _object(EnvironmentSpec.parameters, ""),
        "randomize": _randomize(),
        "actors": _named({"$ref": "#/$defs/actor"}),
        "traffic": _object(TrafficSpec.parameters, ""),
        "sensors": _named({"$ref": "#/$defs/sensor"}),
        "story": {"type": "array", "items": {"$ref": "#/$defs/event"}},
        "end": {"anyOf": [_CONDITION, *(_any_or_all(key) for key in reader.END)]},
        "require": {"type": "array", "items": _CONDITION},
        "expect": {"type": "array", "items": _expectation()},
        "sample": _object(reader.SAMPLE, "", required=False),
    }
    return {name: {**schemas[name], "description": help} for name, help in SECTIONS.items()}


def _randomize() -> Schema:
    word = {"enum": ["default", "none"]}
    sections = {"type": "object", "properties": dict.fromkeys(reader.RANDOMIZE, word), "additionalProperties": False}
    return {"anyOf": [word, sections]}


def _named(schema: Schema) -> Schema:
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": _NAME},
        "additionalProperties": schema,
    }


def _any_or_all(key: str) -> Schema:
    conditions = {"type": "array", "items": {"anyOf": [_CONDITION, {"type": "object"}]}, "minItems": 1}
    return {"type": "object", "properties": {key: conditions}, "required": [key], "additionalProperties": False}


def _expectation() -> Schema:
    keys = {"condition": _CONDITION, "on_miss": _value(reader.EXPECTATION["on_miss"])}
    full = {"type": "object", "properties": keys, "required": ["condition"], "additionalProperties": False}
    return {"anyOf": [_CONDITION, full]}


def _described(parameter: Parameter) -> str:
    takes = parameter.expected().removeprefix("expected ")
    return f"{parameter.help} ({takes})" if parameter.help else takes


def _value(parameter: Parameter) -> Schema:
    """What may stand for a declared parameter: a constant, an expression, or a distribution."""
    described: Schema = {"description": _described(parameter)}
    if isinstance(parameter.default, bool | int | float | str) and parameter.kind != "quantity":
        described["default"] = parameter.default
    match parameter.kind:
        case "quantity" | "integer":
            return {"$ref": "#/$defs/number", **described}
        case "flag":
            return {"$ref": "#/$defs/flag", **described}
        case "choice":
            options = [{"enum": list(parameter.choices)}, _PARAMETER, {"$ref": "#/$defs/distribution"}]
            return {"anyOf": options, **described}
        case "vector":
            items = {"$ref": "#/$defs/number"}
            return {
                "type": "array",
                "items": items,
                "minItems": parameter.length,
                "maxItems": parameter.length,
                **described,
            }
        case "list":
            if parameter.choices:
                return {
                    "type": "array",
                    "items": {"enum": list(parameter.choices)},
                    "uniqueItems": True,
                    **described,
                }
            return {"type": "array", "items": {"$ref": "#/$defs/word"}, **described}
        case "record":
            fields = {f.name: f for f in parameter.fields}
            whole = _object(fields, "")
            if parameter.shorthand:
                whole = {"anyOf": [_value(fields[parameter.shorthand]), whole]}
            return {**whole, **described}
        case _:
            return {"$ref": "#/$defs/word", **described}


def _object(parameters: Mapping[str, Parameter], description: str, *, required: bool = True) -> Schema:
    needed = [name for name, p in parameters.items() if required and p.required and p.vary is None]
    return {
        "type": ["object", "null"],
        **({"description": description} if description else {}),
        "properties": {name: _value(parameter) for name, parameter in parameters.items()},
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def _member(member: type[Declared]) -> Schema:
    """The parameters of a registered thing: by name, or as its shorthand."""
    full = _object(member.parameters, member.help())
    if member.shorthand is None:
        return full
    return {"description": member.help(), "anyOf": [_value(member.parameters[member.shorthand]), full]}


def _one_of(members: Mapping[str, Schema]) -> Schema:
    """A mapping with exactly one of these keys."""
    return {
        "type": "object",
        "properties": dict(members),
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }


def _use(members: Iterable[tuple[str, type[Declared]]]) -> Schema:
    """A bare name, or ``{name: {parameter: value}}``."""
    known = dict(members)
    return {"anyOf": [{"enum": sorted(known)}, _one_of({name: _member(m) for name, m in known.items()})]}


def _distribution(member: type[Any]) -> Schema:
    forms: list[Schema] = [{"type": "array"}]
    if member.many is not None:
        forms.append({"type": "object"})
    else:
        names = {name: {"description": p.help} for name, p in member.parameters.items()}
        forms.append({"type": "object", "properties": names})
    if member.shorthand is not None:
        forms.append({"type": ["number", "string"]})
    return {"anyOf": forms, "description": member.remedy()}


def _setting() -> Schema:
    forms = []
    for group in setting_groups():
        for name, member in vocabulary.settings.items():
            if member.group != group:
                continue
            form = _object(member.parameters, member.help())
            form["type"] = "object"
            form["properties"] = {group: {"const": name}, **form["properties"]}
            form["required"] = [group, *form.get("required", [])]
            forms.append(form)
    return {"anyOf": forms or [{"type": "object"}]}


def _actor() -> Schema:
    parameters: dict[str, Schema] = {}
    for _, member in vocabulary.models.items():
        for name, parameter in member.parameters.items():
            if name not in reader.ACTOR:
                parameters.setdefault(name, _value(parameter))
    for name, parameter in Matter.parameters.items():
        parameters.setdefault(name, _value(parameter))
    needs = [
        {
            "if": {"properties": {"model": {"const": name}}, "required": ["model"]},
            "then": {"required": [n for n, p in member.parameters.items() if p.required and p.vary is None]},
        }
        for name, member in vocabulary.models.items()
        if any(p.required and p.vary is None for p in member.parameters.values())
    ]
    models: Schema = {
        "description": reader.ACTOR["model"].help,
        "anyOf": [{"enum": vocabulary.models.names()}, _PARAMETER, {"$ref": "#/$defs/distribution"}],
    }
    return {
        "type": "object",
        "properties": {
            "model": models,
            "at": {"description": reader.ACTOR["at"].help, "anyOf": [_place(form) for form in placement.FORMS]},
            "speed": _value(reader.ACTOR["speed"]),
            "behavior": {"$ref": "#/$defs/behavior"},
            "count": {"type": "integer", "minimum": 1, "maximum": int(reader.ACTOR["count"].high)},
            **parameters,
        },
        "additionalProperties": False,
        **({"allOf": needs} if needs else {}),
    }


def _place(form: Any) -> Schema:
    known = _object(placement.FORMS[form], "")
    known["type"] = "object"
    known["required"] = sorted({form, *known.get("required", [])})
    return known


def _sensor() -> Schema:
    kinds = {name: _member(member) for name, member in vocabulary.sensors.items()}
    return {
        "type": "object",
        "properties": {**kinds, "effects": {"type": "array", "items": {"$ref": "#/$defs/effect"}}},
        "additionalProperties": False,
    }


def _deed() -> Schema:
    """What is done to one subject: an action or an effect, or several."""
    members = {**dict(vocabulary.effects.items()), **dict(vocabulary.actions.items())}
    several: Schema = {
        "type": "object",
        "properties": {name: _member(member) for name, member in sorted(members.items())},
        "additionalProperties": False,
        "minProperties": 1,
    }
    one: Schema = {"anyOf": [{"enum": sorted(members)}, several]}
    return {"anyOf": [*one["anyOf"], {"type": "array", "items": one, "minItems": 1}]}


def _event() -> Schema:
    parts = {name: _object(fields, "") for name, fields in story.PARTS.items()}
    for part in parts.values():
        part["type"] = "object"
    schemas: dict[str, Schema] = {
        **{name: _value(parameter) for name, parameter in story.KEYS.items()},
        "event": {"type": "string", "pattern": _NAME},
        "do": {"type": "object", "additionalProperties": {"$ref": "#/$defs/deed"}},
        "when": _CONDITION,
        "until": _CONDITION,
        **parts,
        "after": {"anyOf": [_TEXT, parts["after"]]},
    }
    required = [name for name, parameter in story.KEYS.items() if parameter.required]
    return {
        "type": "object",
        "required": required,
        "properties": {n: {**schema, "description": _described(story.KEYS[n])} for n, schema in schemas.items()},
        "additionalProperties": False,
    }
