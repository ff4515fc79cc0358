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


SPREAD = {"mass": 0.05, "friction": 0.1, "restitution": 0.1}
"""By which share of the model's figure each varies to either side when the file is silent: two of the same make weigh
about the same, and rubber, paint and cardboard differ from piece to piece."""


def figures(body: Body) -> dict[str, float]:
    """The figures of a body by the names of ``Matter``; none for what never moves and for what a URDF describes."""
    if body.fixed or body.urdf is not None or body.mass_kg <= 0.0:
        return {}
    return {"mass": body.mass_kg, "friction": body.friction, "restitution": body.restitution}
