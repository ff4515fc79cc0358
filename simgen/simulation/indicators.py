"""Indicators: drivers on a course tell where they turn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from simgen.simulation.course import Course
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World

BEFORE_M = 30.0
"""How far before a junction they begin."""
LEAVING_M = 14.0
"""How far before the end of a roundabout they tell that they leave it."""
FLASHES_HZ = 1.5
"""UN R48: 90 a minute, give or take 30."""
TURN_RAD = math.radians(30.0)

_LAMPS: WeakKeyDictionary[World, dict[str, dict[str, list[int]]]] = WeakKeyDictionary()


def indicate(world: World, vehicle: Vehicle, course: Course) -> None:
    """Lights the indicators of a vehicle at this instant; a driver who does not turn leaves them as they are."""
    side = _side(world, course)
    if side == "" and course.indicates == "":
        return
    lamps = _lamps(world).get(vehicle.name, {})
    for name in {side, course.indicates} - {""}:
        lit = name == side and (world.time_s * FLASHES_HZ) % 1.0 < 0.5
        world.lights.power[lamps.get(name, [])] = 1.0 if lit else 0.0
    course.indicates = side


def _side(world: World, course: Course) -> str:
    network = world.stage.road
    for crossing in course.way.crossings if network is not None else ():
        assert network is not None
        if course.distance_m > crossing.end_m:
            continue
        if network.junction(crossing.key).rule == "roundabout":
            return "right" if course.distance_m > crossing.end_m - LEAVING_M else ""
        turn = network.turn_rad(crossing.key)
        if crossing.start_m - course.distance_m > BEFORE_M or abs(turn) < TURN_RAD:
            return ""
        return "left" if turn > 0.0 else "right"
    return ""


def _lamps(world: World) -> dict[str, dict[str, list[int]]]:
    """Indices of the indicators by vehicle and side."""
    known = _LAMPS.get(world)
    if known is None:
        known = _LAMPS[world] = {}
        for i, lamp in enumerate(world.scene.lamps):
            word, _, side = lamp.lamp.name.partition("_")
            if word == "indicator":
                owner = world.scene.entities[lamp.entity].name
                known.setdefault(owner, {}).setdefault(side, []).append(i)
    return known
