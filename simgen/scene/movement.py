"""What moves a body, which decides what may be done to it."""

from __future__ import annotations

from typing import Literal

from simgen.core.errors import SimgenError
from simgen.scene.body import Body

Mover = Literal["vehicle", "legs", "robot", "mobile", "conveyor", "loose", "fixed"]
"""vehicle: wheels and a driver. legs: its own. robot: an arm's motors. mobile: the wheels of a mobile robot. conveyor:
it stands, and its belt moves. loose: physics alone. fixed: nothing."""

_MISSING: dict[Mover, tuple[str, str]] = {
    "vehicle": ("is no vehicle", "a vehicle"),
    "legs": ("has no legs", "a pedestrian or an animal"),
    "robot": ("is no robot", "a robot arm"),
    "mobile": ("is no mobile robot", "a robot on wheels"),
    "conveyor": ("is no conveyor", "a conveyor"),
    "loose": ("is not a loose thing", "a loose thing"),
    "fixed": ("moves", "what stands for good"),
}


def mover(body: Body) -> Mover:
    """What moves a body; the first of several."""
    if body.vehicle is not None:
        return "vehicle"
    if body.gait is not None:
        return "legs"
    if body.urdf is not None:
        return "robot"
    if body.base is not None:
        return "mobile"
    if body.belt is not None:
        return "conveyor"
    return "fixed" if body.fixed else "loose"


def unfit(name: str, *wanted: Mover) -> SimgenError:
    """What is wrong where something is asked of an actor that only what is moved in another way can do."""
    faults = " and ".join(_MISSING[one][0] for one in wanted)
    able = " or ".join(_MISSING[one][1] for one in wanted)
    return SimgenError(f"'{name}' {faults}", where=f"actors.{name}", remedy=f"give it to {able}")
