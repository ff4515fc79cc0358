"""Closed rows of houses, cut into bodies few enough to draw at once and many enough to leave out what is not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simgen.core.geometry import Array, pose
from simgen.scene.assembly import Pile, static_body
from simgen.scene.body import CollisionShape
from simgen.scene.model import parametric_asset
from simgen.scene.settings.facade import ROOMS, WALLS, House, add_house, draw_house
from simgen.scene.stage import Fixture

_STRETCH_M = 80.0
_LEAST_M = 4.0
"""No house is narrower."""
_VERSION = 4


def draw_row(rng: np.random.Generator, length_m: float) -> list[tuple[float, House]]:
    """(start in metres, house) of a closed row of houses; the last one is cut to fit."""
    row: list[tuple[float, House]] = []
    x, wall = 0.0, int(rng.integers(0, len(WALLS)))
    while x < length_m - _LEAST_M:
        wall = (wall + int(rng.integers(1, 4))) % len(WALLS)
        house = draw_house(rng, wall)
        left = length_m - x
        if left - house.width_m < 5.5:
            bays = max(2, round((left - 0.8) / 2.6))
            house = replace(house, width_m=left, bays=bays, door_bay=min(house.door_bay, bays - 1))
        row.append((x, house))
        x += house.width_m
    return row


def terrace(
    name: str,
    place: Array,
    length_m: float,
    rng: np.random.Generator,
    lit_share: float,
    *,
    asset: str,
    values: Mapping[str, object],
    distant: bool = False,
) -> list[Fixture]:
    """A closed row of houses along +x of a place (4, 4), which face -y.

    Args:
        name: of the fixtures, which are numbered from 1.
        lit_share: share of the windows with light behind them.
        asset: name of the bodies' asset; ``values`` are its parameters, beside the stretch.
        distant: never seen from near by.
    """
    row = draw_row(rng, length_m)
    houses = [house for _, house in row]
    stretches: dict[int, tuple[Pile, list[CollisionShape]]] = {}
    for (x, house), left, right in zip(row, [None, *houses[:-1]], [*houses[1:], None], strict=True):
        pile, solids = stretches.setdefault(int(x / _STRETCH_M), (Pile(), []))
        add_house(pile, house, x, rng, lit_share, beside=(left, right), distant=distant)
        size = (house.width_m, house.depth_m, house.eaves_m)
        middle = pose((x + house.width_m / 2, house.depth_m / 2, house.eaves_m / 2))
        solids.append(CollisionShape(kind="box", size_m=size, body_from_shape=place @ middle))
    fixtures = []
    for k, (pile, solids) in enumerate(stretches.values()):
        made = parametric_asset(asset, {**values, "stretch": k}, licence="Apache-2.0", version=_VERSION)
        body = static_body("building", made, pile.parts(place), tuple(solids))
        if any(part.material.lamp for part in body.parts):
            body = replace(body, lamps=(ROOMS,))
        fixtures.append(Fixture(name=f"{name}_{k + 1}", body=body, world_from_body=np.eye(4)))
    return fixtures
