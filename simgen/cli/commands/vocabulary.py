"""``simgen vocabulary``: all that YAML can name."""

from __future__ import annotations

from json import dumps
from math import degrees
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simgen.cli.options import Json
from simgen.cli.terminal import emit, say, table

if TYPE_CHECKING:
    from simgen.core.errors import SimgenError

PLACES = "places"
_A = {"actions": "an action", "effects": "an effect"}


def vocabulary(
    kind: Annotated[str | None, typer.Argument(help="One kind, with its parameters and units.")] = None,
    json: Json = False,
) -> None:
    """All that YAML can name: models, places, actions, conditions, behaviors, effects, distributions …"""
    from simgen.core.vocabulary import KINDS

    singular = {registry.kind: key for key, registry in KINDS.items()} | {"place": PLACES}
    kind = singular.get(kind, kind) if kind is not None else None
    if kind is not None and kind not in (*KINDS, PLACES):
        raise _unknown(kind)
    words = [
        _word(name, member, registry.kind)
        for key, registry in KINDS.items()
        if kind in (None, key)
        for name, member in registry.items()
    ]
    if kind in (None, PLACES):
        words += _places()
    if json:
        emit(words)
        return
    if kind is None:
        table(("kind", "name", "what it is"), [(w["kind"], w["name"], w["help"]) for w in words])
        return
    for word in words:
        say(f"{word['name']}", style="bold cyan")
        say(f"  {word['help']}")
        _list(word["parameters"], "  ")


def _unknown(kind: str) -> SimgenError:
    """What to say of a kind that there is not: it may be the name of one thing, which has a kind."""
    from simgen.core.errors import SimgenError, UnknownName
    from simgen.core.vocabulary import KINDS
    from simgen.language.placement import FORMS

    known = {key: registry.names() for key, registry in KINDS.items()} | {PLACES: list(FORMS)}
    found = [key for key, names in known.items() if kind in names]
    if not found:
        return UnknownName(kind="kind of vocabulary", name=kind, known=known)
    singular = " and ".join(_A.get(key, f"a {key[:-1]}") for key in found)
    remedy = " or ".join(f"simgen vocabulary {key}" for key in found)
    return SimgenError(f"'{kind}' is {singular}, no kind of vocabulary", remedy=f"{remedy} lists it with the others")


def _places() -> list[dict[str, Any]]:
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
