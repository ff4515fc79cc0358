"""``simgen export``: a dataset in another format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import yaml

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import emit, plural, say, size
from simgen.core.declare import Parameter, Plain
from simgen.core.errors import UnknownName, ValueOutOfRange


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
            }
        )
        return
    images, boxes = plural(exported.images, "image"), plural(exported.annotations, "annotation")
    say(f"{exported.path}: {images}, {boxes}, {size(exported.size_bytes)} as {format}")


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
        if name in values:
            raise ValueOutOfRange(f"'{name}' is set a second time", where=where, remedy="set it once")
        try:
            value = yaml.safe_load(written)
        except (yaml.YAMLError, ValueError) as error:  # a date that is none is no YAMLError
            raise ValueOutOfRange("its value is not YAML", where=where, remedy=parameters[name].expected()) from error
        values[name] = parameters[name].check(value, f"--set {name}")
    return values
