"""What a driver has noticed of what lies ahead: who drives there is followed all along, all else is a surprise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.geometry import Array, transform
from simgen.scene.sight import line_of_sight
from simgen.simulation.traffic import Gap

if TYPE_CHECKING:
    from simgen.simulation.vehicle import Vehicle
    from simgen.simulation.world import World

REACTION_S = 1.0
"""From the first sight of something in the way to the brake, of who does not expect it (Green 2000: 1.25 s for the
brake lamps of who is ahead, 1.5 s for what comes out of nowhere, 0.7 s for who is warned)."""


def eye_of(vehicle: Vehicle) -> Array:
    """(3,) where a driver or a camera behind the windscreen looks from, metres, in the body's frame."""
    mount = vehicle.entity.body.mounts.get("windscreen")
    return mount.part_from_mount[:3, 3] if mount is not None else np.array([0.5, 0.0, 1.3])


def leads(world: World, vehicle: Vehicle, ahead: Sequence[Gap]) -> Iterator[tuple[float, float]]:
    """(gap in m, speed in m/s along our way) of the nearest of those ahead that drives, of the nearest thing there that
    belongs to the setting, and of the nearest that the driver has noticed of all else. Fog hides what has no lamps.

    He takes REACTION_S from the first sight of it; what lies there when he first looks up he knows already.
    """
    load = world.holding.load_of(vehicle.name)
    others = [one for one in ahead if one.name not in load]
    driven = next((one for one in others if one.name in world.vehicles), None)
    sight_m = world.situation().snapshot.environment.sight_m
    things = [one for one in others if one.name not in world.vehicles and one.distance_m < sight_m]
    fixture = next((one for one in things if world.is_fixture(one.name)), None)
    surprises = [one for one in things if not world.is_fixture(one.name)]
    now, begins = world.time_s, vehicle.noticed_s is None
    before = vehicle.noticed_s or {}
    seen = {
        one.name: before.get(one.name, -math.inf if begins else now)
        for one in surprises
        if one.name in before or _sees(world, vehicle, one.name, load)
    }
    vehicle.noticed_s = seen
    noticed = next((one for one in surprises if now - seen.get(one.name, math.inf) >= REACTION_S), None)
    for one in (driven, fixture, noticed):
        if one is not None:
            yield one.distance_m, one.speed_mps


def _sees(world: World, vehicle: Vehicle, name: str, load: frozenset[str]) -> bool:
    eye = transform(vehicle.pose(), eye_of(vehicle))
    return line_of_sight(world.situation().view, eye, name, ignore=(vehicle.name, *load))
