"""Trees and houses along roads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simgen.core.geometry import Array, planar_pose
from simgen.core.keeping import kept
from simgen.core.seeds import Key
from simgen.scene.assembly import frozen, merged, static_body
from simgen.scene.body import Body, CollisionShape, Part
from simgen.scene.environment import Season
from simgen.scene.model import parametric_asset
from simgen.scene.models.car import Hatchback, Sedan, Suv
from simgen.scene.models.tree import Tree
from simgen.scene.models.van import VAN_PAINTS, Van
from simgen.scene.models.vehicle import FROZEN_GROUPS, PLATES, USUAL_PAINTS, Vehicle, plate_material
from simgen.scene.settings.terrace import terrace
from simgen.scene.stage import Fixture

_GROVE = 6


@kept
def tree(look: int, size: int, plain: bool = False, season: Season = "summer") -> Body:
    """A tree of a size from 0 (7 m) to 5 (12 m); -1 is a slim one for narrow pavements; ``plain`` is for far away."""
    height, crown = (7.5, 1.2) if size < 0 else (7.0 + size, 1.75 + 0.45 * size)
    detail = "plain" if plain else "full"
    return frozen(Tree(look=1 + look, height=height, crown=crown, season=season, detail=detail).build(), ())


def trees(
    name: str,
    places: Sequence[Array],
    look: int,
    sizes: tuple[int, int] = (0, 3),
    *,
    plain: bool = False,
    season: Season = "summer",
) -> list[Fixture]:
    """Trees at these places (4, 4); six neighbours are one body. ``plain`` ones are for what nobody comes near."""
    rng = Key(look, 0, f"trees/{name}").generator()
    kinds = [tree((look + k) % 8, int(rng.integers(sizes[0], sizes[1] + 1)), plain, season) for k in range(4)]
    result = []
    for first in range(0, len(places), _GROVE):
        group = places[first : first + _GROVE]
        chosen = [kinds[int(rng.integers(0, len(kinds)))] for _ in group]
        spots = [at @ planar_pose(0, 0, float(rng.uniform(0, 2 * math.pi))) for at in group]
        parts = []
        for part in kinds[0].parts:
            meshes = [
                (next(p for p in body.parts if p.name == part.name).mesh, at)
                for body, at in zip(chosen, spots, strict=True)
            ]
            parts.append(Part(name=part.name, mesh=merged(meshes), material=part.material))
        solids = tuple(
            CollisionShape(kind=c.kind, size_m=c.size_m, body_from_shape=at @ c.body_from_shape)
            for body, at in zip(chosen, spots, strict=True)
            for c in body.collision
        )
        values = {
            "look": look,
            "first": first,
            "season": season,
            "at": [round(float(v), 3) for p in group for v in p[:3, 3]],
        }
        asset = parametric_asset(f"roadside/{name}", values, licence="Apache-2.0", version=5)
        body = static_body("vegetation", asset, parts, solids)
        result.append(Fixture(name=f"{name}_{first // _GROVE + 1}", body=body, world_from_body=np.eye(4)))
    return result


def houses(name: str, place: Array, length_m: float, look: int, lit_share: float) -> list[Fixture]:
    """A closed row of houses along +x of a place (4, 4), which face -y."""
    rng = Key(look, 0, f"houses/{name}").generator()
    values = {"length": length_m, "look": look, "lit": lit_share, "at": [float(v) for v in place[:3, 3]]}
    return terrace(name, place, length_m, rng, lit_share, asset=f"roadside/{name}", values=values)


@kept
def parked_car(kind: int, paint: float) -> Body:
    """A parked car: ``kind`` in 0 … 99 picks the model, ``paint`` in [0, 1) its colour, by their usual shares."""
    model = Sedan if kind < 28 else Hatchback if kind < 62 else Suv if kind < 90 else Van
    weights = VAN_PAINTS if model is Van else USUAL_PAINTS
    edges = np.cumsum(list(weights.values()))
    color = list(weights)[min(int(np.searchsorted(edges, paint * edges[-1])), len(weights) - 1)]
    look = (1 + kind * 100 + int(paint * 100)) % 10_000
    body, plates = _parked(model, color), plate_material(look)
    parts = (replace(part, material=plates) if part.name == PLATES else part for part in body.parts)
    return replace(body, asset=_plain(model, color, look).asset(), parts=tuple(parts))


@kept
def _parked(model: type[Vehicle], color: str) -> Body:
    """What all parked cars of a model and a colour are but for their number plates."""
    return frozen(_plain(model, color, 0).build(), FROZEN_GROUPS)


def _plain(model: type[Vehicle], color: str, look: int) -> Vehicle:
    size: dict[str, Any] = {"length": 5.0, "height": 2.1} if model is Van else {}
    return model(paint=color, lights="off", look=look, detail="plain", **size)
