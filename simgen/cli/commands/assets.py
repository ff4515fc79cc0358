"""``simgen assets``: the models of actors."""

from __future__ import annotations

from typing import Any

from simgen.cli.options import Json
from simgen.cli.terminal import emit, table


def assets(json: Json = False) -> None:
    """The asset catalogue: every model with its class, size and licence."""
    from simgen.core.vocabulary import models

    rows = [_row(name, model) for name, model in models.items()]
    if json:
        emit(rows)
        return
    table(
        ("name", "class", "size (m)", "licence", "what it is"),
        [(r["name"], r["class"], " × ".join(f"{s:.2f}" for s in r["size_m"]), r["licence"], r["help"]) for r in rows],
    )


def _row(name: str, model: Any) -> dict[str, Any]:
    body = model().build()
    return {
        "name": name,
        "class": body.semantic,
        "size_m": [round(float(length), 3) for length in body.box_size_m],
        "asset": body.asset.id,
        "digest": body.asset.digest,
        "licence": body.asset.licence,
        "help": model.help(),
    }
