"""``simgen vocabulary``: all that YAML can name."""

from __future__ import annotations

from json import dumps
from math import degrees
from typing import Annotated, Any

import typer

from simgen.cli.options import Json
from simgen.cli.terminal import emit, say, table


def vocabulary(
    kind: Annotated[str | None, typer.Argument(help="One kind, with its parameters and units.")] = None,
    json: Json = False,
) -> None:
    """All that YAML can name: models, actions, conditions, behaviors, effects, distributions …"""
    from simgen.core.errors import UnknownName
    from simgen.core.vocabulary import KINDS

    if kind is not None and kind not in KINDS:
        raise UnknownName(kind="kind of vocabulary", name=kind, known=KINDS)
    words = [
        _word(name, member, registry.kind)
        for key, registry in KINDS.items()
        if kind in (None, key)
        for name, member in registry.items()
    ]
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
