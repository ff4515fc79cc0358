"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override one value, e.g. --set environment.rain='5 mm/h'."),
]
Seed = Annotated[int | None, typer.Option(help="Seed of all draws; as the scenario says, if not given.")]
Index = Annotated[int, typer.Option(min=0, help="Which sample.")]
RendererName = Annotated[str, typer.Option("--renderer", help="auto, or a name from `simgen vocabulary renderers`.")]
Dataset = Annotated[Path, typer.Argument(metavar="OUT", help="A dataset: the folder that `simgen render` wrote.")]
