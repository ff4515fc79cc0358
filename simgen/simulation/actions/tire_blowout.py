from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import choice, quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


LATERAL_LEFT = 0.3
"""Share of its lateral force that a tyre without air keeps (Blythe, Day & Grimes 1998: cornering stiffness falls to
about a quarter; Tandy et al. 2013)."""
ROLLING = 0.13
"""Resistance of a wheel that rolls on its sidewalls, over its load: ten times and more that of a sound tyre."""
TICK_S = 1.0 / 60.0


@actions.register("tire_blowout")
class TireBlowout(Action):
    """A tyre bursts: its axle loses grip and stiffness, the wheel drags and pulls the vehicle to its side, for good."""

    needs = ("vehicle",)

    wheel: str = choice(
        "front_left", "front_right", "rear_left", "rear_right", default="front_left", help="which tyre bursts"
    )
    over: float = quantity(
        "s", low=0, high=30, default=0.15, help="in which its air escapes; a slow puncture takes more"
    )

    shorthand = "wheel"

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        body = vehicle.entity.body
        end, side = self.wheel.split("_")
        single = body.box_size_m[1] < 1.2
        # Of the two wheels of an axle one is left whole; a two-wheeler has but one
        kept = LATERAL_LEFT if single else 0.5 * (1.0 + LATERAL_LEFT)
        track = 0.0 if single else 0.42 * body.box_size_m[1]
        begun = world.time_s
        share = 0.0
        while share < 1.0:
            share = 1.0 if self.over <= 0.0 else min(1.0, (world.time_s - begun + TICK_S) / self.over)
            vehicle.fleet.blow(
                vehicle.index,
                0 if end == "front" else 1,
                share,
                grip=kept,
                stiffness=kept,
                drag=2.0 * ROLLING if single else ROLLING,
                arm_m=track if side == "left" else -track,
            )
            yield
