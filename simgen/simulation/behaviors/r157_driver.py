from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.geometry import Array, transform
from simgen.core.vocabulary import behaviors
from simgen.scene.situation import Situation
from simgen.simulation.action import Steps
from simgen.simulation.attention import eye_of
from simgen.simulation.behaviors.aeb import Others, sees
from simgen.simulation.behaviors.follow_lane import FollowLane
from simgen.simulation.driving import times_to_conflict, times_to_lane_objects
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World

COMFORT_MPS2 = 2.0
"""Braking while nothing is felt to be a danger."""
HARD_MPS2 = 5.0
"""Deceleration of who is ahead from which it is a danger."""
CALM_S = 0.5
"""Without danger for so long, the foot leaves the brake."""


@behaviors.register("r157_driver")
class R157Driver(FollowLane):
    """Follows the lane as the careful and competent human driver of UN R157: sees a danger, reacts, brakes hard."""

    needs = ("vehicle",)

    # UN Regulation 157, Annex 3, performance model 1: a risk is perceived within 0.4 s, the brake is reached 0.75 s
    # later and gives 0.774 g after another 0.6 s; a risk is a collision within 2 s, or hard braking ahead.

    perception: float = quantity("s", low=0, high=5, default=0.4, help="from a danger in sight to its perception")
    reaction: float = quantity("s", low=0, high=5, default=0.75, help="from there to the brake")
    deceleration: float = quantity("m/s^2", low=1, high=12, default=7.593, help="full braking (0.774 g)")
    build_up: float = quantity("s", low=0.05, high=3, default=0.6, help="from the first braking to full braking")
    ttc: float = quantity("s", low=0.3, high=8, default=2.0, help="time to collision that is felt to be a danger")
    view_angle: float = quantity("rad", low=0.1, high=6.3, default=3.0, help="full opening angle of its sight")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        eye_in_body = eye_of(vehicle)
        others = Others.of(world, actor)
        since: dict[int, float] = {}
        braking_since: float | None = None
        last_s = -1.0
        for _ in super().run(world, actor):
            if vehicle.crashed:
                yield
                continue
            situation, now = world.situation(), world.time_s
            eye = transform(vehicle.pose(), eye_in_body)
            seen = [i for i in self._dangers(vehicle, situation, others) if self._sees(vehicle, situation, eye, i)]
            since = {i: since.get(i, now) for i in seen}
            if any(now - begun >= self.perception + self.reaction - 1e-9 for begun in since.values()):
                braking_since = now if braking_since is None else braking_since
            last_s = now if since else last_s
            if braking_since is not None and now - last_s > CALM_S:
                braking_since = None
            demand = max(vehicle.wanted_mps2, -COMFORT_MPS2)
            if braking_since is not None:
                # Full after build_up; the tick that has just begun counts
                share = min(1.0, (now - braking_since + 1.0 / 60.0) / self.build_up)
                demand = min(demand, -share * self.deceleration)
            vehicle.drive(demand, vehicle.wanted_steer_rad)
            yield

    def _dangers(self, vehicle: Vehicle, situation: Situation, others: Others) -> list[int]:
        """Who is a danger now, by the index of the entity."""
        near = times_to_conflict(vehicle, situation, others.braked_for, others.margins_m) < self.ttc
        ahead = times_to_lane_objects(vehicle, situation, others.braked_for) < self.ttc
        slowing = situation.acceleration_mps2[others.braked_for] @ vehicle.pose()[:3, 0] < -HARD_MPS2
        found = others.braked_for[near | (ahead & slowing)]
        return sorted(i for i in found.tolist() if situation.snapshot.present[i])

    def _sees(self, vehicle: Vehicle, situation: Situation, eye_m: Array, index: int) -> bool:
        return sees(vehicle, situation, eye_m, index, self.view_angle)
