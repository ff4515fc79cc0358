"""What any actor may state of its physics, whatever its model."""

from __future__ import annotations

from simgen.core.declare import Declared, quantity
from simgen.scene.body import Body


class Matter(Declared):
    """Keys that any actor takes beside those of its model; they stand in place of what the model says."""

    mass: float | None = quantity("kg", low=1e-4, high=200_000, default=None, help="in place of the model's")
    friction: float | None = quantity(
        "", low=0, high=2, default=None, help="coefficient of friction, in place of the model's"
    )
    restitution: float | None = quantity(
        "", low=0, high=1, default=None, help="share of speed kept in a bounce, in place of the model's"
    )
    motor_gain: float | None = quantity(
        "", low=0.1, high=3, default=None, help="how stiffly a robot's motors follow, as a share of its model's"
    )
    joint_friction: float | None = quantity(
        "", low=0, high=0.5, default=None, help="of a robot's joints, as a share of what each motor can give"
    )


SPREAD = {"mass": 0.05, "friction": 0.1, "restitution": 0.1, "motor_gain": 0.2}
"""By which share of the model's figure each varies to either side when the file is silent: two of the same make weigh
about the same, and rubber, paint and cardboard differ from piece to piece."""
MOST_JOINT_FRICTION = 0.01
"""Joints vary from none to this when the file is silent: worn and cold ones hold more, and are for the file to state.
"""
OF_ROBOTS = frozenset({"motor_gain", "joint_friction"})


def stated_in_vain(body: Body, name: str) -> str | None:
    """Why a body cannot take a figure of its own by a name of ``Matter``; None when it can."""
    if name == "joint_friction":
        return None if body.urdf is not None else "no joints that motors drive"
    if name == "motor_gain":
        return None if body.urdf is not None or body.base is not None else "no motors"
    return None if body.urdf is None else f"its {name} fixed by its description, as a robot"


def spans(body: Body) -> dict[str, tuple[float, float]]:
    """Within which limits the figures of a body vary, by the names of ``Matter``: not those of what never moves, nor
    the masses of what a URDF describes."""
    held: dict[str, float] = {}
    if body.urdf is not None or body.base is not None:
        held["motor_gain"] = 1.0
    if not body.fixed and body.urdf is None and body.mass_kg > 0.0:
        held |= {"mass": body.mass_kg, "friction": body.friction, "restitution": body.restitution}
    limits = {
        name: (value * (1 - SPREAD[name]), min(value * (1 + SPREAD[name]), Matter.parameters[name].high))
        for name, value in held.items()
    }
    return limits | ({"joint_friction": (0.0, MOST_JOINT_FRICTION)} if body.urdf is not None else {})
