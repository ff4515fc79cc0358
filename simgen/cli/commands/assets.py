"""``simgen assets``: the models of actors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simgen.cli.options import Json
from simgen.cli.terminal import emit, note, table

if TYPE_CHECKING:
    from simgen.scene.body import Body


def assets(
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The models of this catalogue of your own, not simgen's.")
    ] = None,
    sheet: Annotated[Path | None, typer.Option(help="Draw every model on a contact sheet (.png).")] = None,
    json: Json = False,
) -> None:
    """The asset catalogue: every model with its class, size, mass and licence."""
    from simgen.core.vocabulary import models

    if catalogue is None:
        bodies = {name: model().build() for name, model in models.items()}
        rows = [_row(name, body, models.get(name).help()) for name, body in bodies.items()]
    else:
        bodies, rows, notes = _of_catalogue(catalogue)
        for one in notes:
            note(one)
    if json:
        emit(rows)
    else:
        table(
            ("name", "class", "size (m)", "kg", "licence", "triangles", "what it is"),
            [
                (
                    r["name"],
                    r["class"],
                    " × ".join(f"{s:.2f}" for s in r["size_m"]),
                    "fixed" if r["fixed"] else f"{r['mass_kg']:.4g}",
                    r["licence"],
                    str(r["triangles"]),
                    r["help"],
                )
                for r in rows
            ],
        )
    if sheet is not None:
        _draw(bodies, sheet)


def _of_catalogue(path: Path) -> tuple[dict[str, Body], list[dict[str, Any]], list[str]]:
    """The bodies and the rows of a user's catalogue, and what of its materials is not shown."""
    from simgen.core.vocabulary import models
    from simgen.language import catalogue
    from simgen.language.logical import Constant

    bodies, rows = {}, []
    own = catalogue.load(path)
    for name, named in sorted(own.items()):
        values = {key: v.value for key, v in named.values.items() if isinstance(v, Constant)}
        bodies[name] = models.get(named.name)(where=name, **values).build()
        rows.append(_row(name, bodies[name], Path(str(values["file"])).name))
    return bodies, rows, catalogue.left_out(own)


def _row(name: str, body: Body, help: str) -> dict[str, Any]:
    return {
        "name": name,
        "class": body.semantic,
        "size_m": [round(float(length), 3) for length in body.box_size_m],
        "mass_kg": body.mass_kg,
        "fixed": body.fixed,
        "triangles": sum(len(part.mesh.faces) for part in body.parts),
        "asset": body.asset.id,
        "digest": body.asset.digest,
        "licence": body.asset.licence,
        "help": help,
    }


def _draw(bodies: dict[str, Body], path: Path) -> None:
    from PIL import Image

    from simgen.core.errors import OutputError
    from simgen.quality.sheet import contact_sheet
    from simgen.rendering import select_renderer

    if path.suffix.lower() != ".png":
        raise OutputError(f"cannot write '{path.suffix}'", where=str(path), remedy="name a .png file")
    with select_renderer("raster") as renderer:
        picture = contact_sheet(list(bodies.items()), renderer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    except OSError as error:
        raise OutputError(f"cannot write: {error.strerror or error}", where=str(path)) from error
