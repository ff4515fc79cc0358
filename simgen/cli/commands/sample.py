"""``simgen sample``: concrete scenarios as YAML."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simgen.cli.options import Json, Overrides, Seed
from simgen.cli.terminal import emit, note, say

if TYPE_CHECKING:
    from simgen.sampling.concrete import ConcreteScenario


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
        say(str(_written(concrete, out)))
    if out is not None:
        note(f"each runs as it is: simgen render {shlex.quote(str(out))}/*.yaml --out DIR")


def _written(concrete: ConcreteScenario, folder: Path) -> Path:
    """The file that it was written to, whole. Raises OutputError."""
    from simgen.dataset.layout import output_error
    from simgen.dataset.staging import write_whole

    path = folder / f"{concrete.name}-{concrete.index:06d}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, folder) from error
    write_whole(path, concrete.to_yaml())
    return path
