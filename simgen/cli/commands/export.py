"""``simgen export``: a dataset in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simgen.cli.options import Dataset, Json
from simgen.cli.terminal import emit, plural, say, size


def export(
    dataset: Dataset,
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    format: Annotated[str, typer.Option("--format", help="A name from `simgen vocabulary formats`.")],
    json: Json = False,
) -> None:
    """Writes a dataset in another format."""
    from simgen.core.vocabulary import formats
    from simgen.dataset.reader import open_dataset

    exported = formats.get(format, where="--format")().export(open_dataset(dataset), out)
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
