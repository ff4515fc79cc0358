"""Routes as written: places and coordinates in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.errors import UnknownName, ValueOutOfRange
from simgen.core.geometry import Array

if TYPE_CHECKING:
    from simgen.simulation.world import World


def places(world: World, route: Sequence[object]) -> list[Array]:
    """(2,) each, of names of surfaces and actors, and of pairs of coordinates in metres.

    Raises:
        UnknownName: no surface or actor of this name.
        ValueOutOfRange: a coordinate without another, or no place at all.
    """
    goals: list[Array] = []
    rest = list(route)
    while rest:
        item = rest.pop(0)
        if isinstance(item, str):
            if item in world.stage.surfaces:
                goals.append(np.array(world.stage.surfaces[item].center_m))
            elif any(e.name == item for e in world.scene.entities):
                goals.append(world.situation().position(item)[:2].copy())
            else:
                known = [*world.stage.surfaces, *(e.name for e in world.scene.entities if not e.static)]
                raise UnknownName(kind="place", name=item, known=known)
            continue
        if not rest or isinstance(rest[0], str):
            raise ValueOutOfRange(f"{item} is a coordinate without another", remedy="write x and y in turn")
        goals.append(np.array([float(str(item)), float(str(rest.pop(0)))]))
    if not goals:
        raise ValueOutOfRange("the route has no places", remedy="name one at least")
    return goals


def timed(points: Sequence[object]) -> tuple[Array, Array]:
    """Times (N,) in s and positions (N, 2) in m of a list of time, x, y in turn.

    Raises:
        ValueOutOfRange: not three numbers for each point, fewer than two points, or times that do not rise.
    """
    remedy = "write time, x and y in turn: [0 s, 0 m, 0 m, 2 s, 3 m, 0 m]"
    if len(points) % 3 or len(points) < 6 or any(isinstance(p, str | bool) for p in points):
        raise ValueOutOfRange(f"{len(points)} values are not points of a trajectory", remedy=remedy)
    table = np.array([float(str(p)) for p in points]).reshape(-1, 3)
    if np.any(np.diff(table[:, 0]) <= 0.0) or table[0, 0] < 0.0:
        raise ValueOutOfRange("the times of a trajectory rise, from 0 on", remedy=remedy)
    return table[:, 0], table[:, 1:]
