from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgen.core.declare import quantity, reference, vector
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World

NEAR_M = 1.0


@actions.register("synchronize")
class Synchronize(Action):
    """A vehicle reaches a place at the moment at which another actor reaches one of its own: it adapts its speed."""

    needs = ("vehicle",)
    moves = ("pedals",)

    to: str = reference("actor", help="who is waited for")
    position: tuple[float, float] = vector("m", 2, help="where to be, world frame")
    their_position: tuple[float, float] = vector("m", 2, help="where the other one is then, world frame")
    final_speed: float | None = quantity(
        "m/s", low=0, high=60, default=None, help="on arrival; whatever it takes when left out"
    )
    top_speed: float = quantity("m/s", low=1, high=80, default=40.0, help="it goes no faster than this")
    rate: float = quantity("m/s^2", low=0.2, high=9, default=3.0, help="most that it speeds up and slows down with")

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        before = math.inf
        while not vehicle.crashed:
            situation = world.situation()
            theirs = situation.position(self.to)
            way = math.hypot(self.their_position[0] - theirs[0], self.their_position[1] - theirs[1])
            left = math.hypot(*(vehicle.position_m - self.position).tolist())
            speed = situation.speed(self.to)
            if left < NEAR_M or left > before + NEAR_M:
                break
            before = min(before, left)
            if way < NEAR_M or speed < 0.1:
                demand = 2.0 * (vehicle.cruise_mps - vehicle.speed_mps)
            else:
                demand = self._demand(left, way / speed, vehicle.speed_mps)
            vehicle.drive(min(self.rate, max(-self.rate, demand)), vehicle.wanted_steer_rad)
            yield
        vehicle.cruise_mps = vehicle.speed_mps if self.final_speed is None else self.final_speed

    def _demand(self, way_m: float, time_s: float, speed_mps: float) -> float:
        """Acceleration now that leads over the way in the time: even, or with the final speed given, changing evenly
        (a polynomial of third degree in time)."""
        if self.final_speed is None:
            return min(2.0 * (way_m - speed_mps * time_s) / time_s**2, 4.0 * (self.top_speed - speed_mps))
        return min(
            6.0 * way_m / time_s**2 - (4.0 * speed_mps + 2.0 * self.final_speed) / time_s,
            4.0 * (self.top_speed - speed_mps),
        )
