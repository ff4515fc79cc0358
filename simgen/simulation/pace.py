"""How fast somebody walks when nobody says it."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simgen.simulation.world import World

_WITHIN = 2.5
"""Standard deviations beyond which nobody walks."""


def walking_speed_mps(world: World, actor: str) -> float:
    """The walking speed of this actor in this sample: one keyed draw around the mean of its kind."""
    notes = world.scene.entity(actor).body.notes
    mean, std = notes.get("walk_mean_mps", 1.31), notes.get("walk_std_mps", 0.15)
    share = NormalDist().inv_cdf(world.key.child("walking_speed", actor).uniform())
    return mean + std * max(-_WITHIN, min(_WITHIN, share))
