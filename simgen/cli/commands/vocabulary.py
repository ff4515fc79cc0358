"""``simgen vocabulary``: all that YAML can name."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps
from math import degrees
from typing import Annotated, Any, TypeAlias

import typer

from simgen.cli.options import Json
from simgen.cli.terminal import emit, say, table

PLACES, SECTIONS = "places", "sections"
_OFFERED = {
    "surfaces": "Surfaces, to put things on or near: at: {on: name}",
    "roads": "Roads, with their lanes: at: {lane: -1, s: 20 m, road: name}",
    "signals": "Signals, for the action and the condition traffic_signal",
}

Word: TypeAlias = "dict[str, Any]"


def vocabulary(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND|NAME", help="One kind, or the name of one thing, with parameters and units."),
    ] = None,
    json: Json = False,
) -> None:
    """All that YAML can name: sections, models, places, actions, conditions, behaviors, effects, distributions …"""
    words = _asked(kind)
    if json:
        emit(words)
        return
    if kind is None:
        table(("kind", "name", "what it is"), [(w["kind"], w["name"], w["help"]) for w in words])
        return
    several = len({word["kind"] for word in words}) > 1
    for word in words:
        say(f"{word['name']} ({word['kind']})" if several else word["name"], style="bold cyan")
        say(f"  {word['help']}")
        _list(word["parameters"], "  ")
        _list_offers(word.get("offers", {}))
    if words[0]["kind"] == "setting" and "offers" not in words[0]:
        say("\nsimgen vocabulary NAME of one lists its surfaces, roads and signals")


def _asked(kind: str | None) -> list[Word]:
    """The words of one kind, of one name, or all."""
    from simgen.core.errors import UnknownName, nearest
    from simgen.core.vocabulary import KINDS

    words = {
        SECTIONS: _sections(),
        **{
            key: [_word(name, member, registry.kind) for name, member in registry.items()]
            for key, registry in KINDS.items()
        },
        PLACES: _places(),
    }
    if kind is None:
        return [word for held in words.values() for word in held]
    singular = {registry.kind: key for key, registry in KINDS.items()} | {"place": PLACES, "section": SECTIONS}
    # What is a kind and a section, as a setting is, is asked for as a kind.
    kind = singular.get(kind, kind)
    if kind in words:
        return words[kind]
    found = [word for held in words.values() for word in held if word["name"] == kind]
    if not found:
        names = [word["name"] for held in words.values() for word in held]
        known = [*words, *names] if nearest(kind, names) else list(words)
        raise UnknownName(kind="kind of vocabulary", name=kind, known=known)
    return [word | _offers(word) for word in found]


def _sections() -> list[Word]:
    from simgen.language.composition import SECTIONS as HELP
    from simgen.language.sections import keys

    return [
        {
            "kind": "section",
            "name": name,
            "help": HELP[name],
            "parameters": [_parameter(p) for p in declared.values()],
        }
        for name, declared in keys().items()
    ]


def _places() -> list[Word]:
    """The forms of ``at:``, by the key that decides."""
    from simgen.language.placement import FORMS, HELP

    return [
        {
            "kind": "place",
            "name": form,
            "help": HELP[form],
            "parameters": [_parameter(p) for p in parameters.values()],
        }
        for form, parameters in FORMS.items()
    ]


def _offers(word: Word) -> Word:
    """What a scenario can name of a setting, as it is built when nothing is said of its parameters."""
    from simgen.core.vocabulary import settings

    if word["kind"] != "setting" or any(p["required"] for p in word["parameters"]):
        return {}
    return {"offers": settings.get(word["name"])().build("daylight").offers()}


def _list_offers(offers: Mapping[str, Mapping[str, str]]) -> None:
    for key, names in offers.items():
        if names:
            say(f"  {_OFFERED[key]}")
        for name, shown in names.items():
            say(f"  - {name}{f' ({shown})' if shown else ''}")


def _list(parameters: list[dict[str, Any]], indent: str) -> None:
    for p in parameters:
        varies = f"; varies by {dumps(p['varies'])}" if "varies" in p else ""
        say(f"{indent}- {p['name']}: {p['help']} ({_takes(p)}{varies})")
        _list(p.get("fields", []), indent + "  ")


def _word(name: str, member: Any, kind: str) -> dict[str, Any]:
    parameters = getattr(member, "parameters", {})
    return {
        "kind": kind,
        "name": name,
        "help": member.help(),
        "parameters": [_parameter(p) for p in parameters.values()],
    }


def _parameter(parameter: Any) -> dict[str, Any]:
    from math import isfinite

    described: dict[str, Any] = {
        "name": parameter.name,
        "kind": parameter.kind,
        "help": parameter.help,
        "expects": parameter.expected().removeprefix("expected "),
        "required": parameter.required,
    }
    if parameter.unit:
        described["unit"] = parameter.unit
    if not parameter.required:
        described["default"] = parameter.default
    if parameter.choices:
        described["choices"] = list(parameter.choices)
    for bound in ("low", "high"):
        if isfinite(getattr(parameter, bound)):
            described[bound] = getattr(parameter, bound)
    if parameter.vary is not None:
        described["varies"] = parameter.vary
    if parameter.fields:
        described["fields"] = [_parameter(f) for f in parameter.fields]
    return described


def _takes(parameter: dict[str, Any]) -> str:
    if parameter["required"]:
        return f"{parameter['expects']}; required"
    default = parameter["default"]
    if parameter.get("unit") == "rad" and isinstance(default, float):
        default = f"{degrees(default):.4g} deg"
    return parameter["expects"] if default is None else f"{parameter['expects']}; {default} if not given"
