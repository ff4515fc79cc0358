"""``simgen export``: a dataset in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import emit, plural, say, size
from simgen.core.errors import ValueOutOfRange


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
    exported = kind(where=f"--set.{format}", **_values(options or [])).export(open_dataset(dataset), out)
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


def _values(options: list[str]) -> dict[str, Any]:
    """Values by the names of options. Raises ValueOutOfRange for what is not ``name=value``."""
    values = {}
    for option in options:
        name, equals, written = option.partition("=")
        try:
            values[name.strip()] = yaml.safe_load(written)
        except yaml.YAMLError:
            equals = ""
        if not equals or not name.strip():
            raise ValueOutOfRange("no option is set", where=f"--set {option}", remedy="write --set name=value")
    return values
