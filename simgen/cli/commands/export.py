"""``simgen export``: a dataset in another format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import yaml

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import emit, note, plural, say, size
from simgen.core.declare import Parameter, Plain
from simgen.core.errors import UnknownName, ValueOutOfRange
from simgen.core.units import UnitError, dimension_of, from_si, to_si

_QUANTITY = re.compile(r"(?P<number>[+-]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})) *(?P<unit>[^\d\s.].*)")


def export(
    dataset: Dataset,
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    format: Annotated[str, typer.Option("--format", help="A name from `simgen vocabulary formats`.")],
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="An option of the format, as `simgen vocabulary formats` lists them."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Writes a dataset in another format."""
    from simgen.core.vocabulary import formats
    from simgen.dataset.reader import open_dataset

    kind = formats.get(format, where="--format")
    exported = kind(**_values(kind.parameters, options or [])).export(open_dataset(dataset), out)
    if json:
        emit(
            {
                "format": format,
                "path": str(exported.path),
                "images": exported.images,
                "annotations": exported.annotations,
                "notes": list(exported.notes),
            }
        )
        return
    images, boxes = plural(exported.images, "image"), plural(exported.annotations, "annotation")
    say(f"{exported.path}: {images}, {boxes}, {size(exported.size_bytes)} as {format}")
    for line in exported.notes:
        note(line)


def _values(parameters: Mapping[str, Parameter], options: list[str]) -> dict[str, Plain]:
    """Values by the names of options. Raises ValueOutOfRange or UnknownName for what sets none of them."""
    values: dict[str, Plain] = {}
    for option in options:
        name, equals, written = (part.strip() for part in option.partition("="))
        where = f"--set {option}"
        if not equals or not name:
            raise ValueOutOfRange("sets no option", where=where, remedy="write --set name=value")
        if name not in parameters:
            raise UnknownName(kind="option", name=name, known=parameters, where=where)
        if not written:
            raise ValueOutOfRange("sets no value", where=where, remedy=parameters[name].expected())
        if name in values:
            raise ValueOutOfRange(f"'{name}' is set a second time", where=where, remedy="set it once")
        try:
            value = yaml.safe_load(written)
        except (yaml.YAMLError, ValueError) as error:  # a date that is none is no YAMLError
            raise ValueOutOfRange("its value is not YAML", where=where, remedy=parameters[name].expected()) from error
        values[name] = parameters[name].check(_plain(value, parameters[name], where), f"--set {name}")
    return values


def _plain(value: Plain, parameter: Parameter, where: str) -> Plain:
    """A quantity that is written with a unit ("20 %") as a number in the parameter's own, and a list without brackets
    as a list; all else as it is."""
    if parameter.kind == "list" and isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    written = _QUANTITY.fullmatch(value) if parameter.kind == "quantity" and isinstance(value, str) else None
    if written is None:
        return value
    try:
        number, unit = written["number"], written["unit"]
        if dimension_of(unit) != dimension_of(parameter.unit):
            raise ValueOutOfRange(f"{value} has another unit", where=where, remedy=parameter.expected())
        return from_si(to_si(number, unit), parameter.unit)
    except UnitError as error:
        raise ValueOutOfRange(error.message, where=where, remedy=error.remedy) from error
