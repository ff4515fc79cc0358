"""``simgen sample``: concrete scenarios as YAML."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from simgen.cli.options import Json, Overrides, Seed
from simgen.cli.terminal import emit, note, say


def sample(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A scenario of the library, or a file.")],
    count: Annotated[int, typer.Option(min=1, help="How many samples.")] = 1,
    seed: Seed = None,
    first: Annotated[int, typer.Option(min=0, help="Index of the first sample.")] = 0,
    overrides: Overrides = None,
    out: Annotated[Path | None, typer.Option(help="Write one file per sample into this folder.")] = None,
    json: Json = False,
) -> None:
    """Concrete scenarios as YAML: every value fixed, with the record of each draw."""
    from simgen import language
    from simgen.core.seeds import check_numbers
    from simgen.simulation import redrawing

    scenario = language.load(name, tuple(overrides or ()))
    check_numbers(seed or 0, first + count - 1)
    drawn = (redrawing.sample(scenario, seed=seed, index=i) for i in range(first, first + count))
    if json:
        emit([concrete.document() for concrete in drawn])
        return
    for number, concrete in enumerate(drawn):
        if out is None:
            if number:
                say("---")
            typer.echo(concrete.to_yaml(), nl=False)
            continue
        out.mkdir(parents=True, exist_ok=True)
        path = out / f"{concrete.name}-{concrete.index:06d}.yaml"
        path.write_text(concrete.to_yaml(), encoding="utf-8")
        say(str(path))
    if out is not None:
        note(f"each runs as it is: simgen render {shlex.quote(str(out))}/*.yaml --out DIR")
