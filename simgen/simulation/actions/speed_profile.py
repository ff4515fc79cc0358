from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import several
from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World

GAIN_PER_S = 3.0


@actions.register("speed_profile")
class SpeedProfile(Action):
    """A vehicle has given speeds at given times, changing evenly between them; its driver then keeps the last."""

    needs = ("vehicle",)
    moves = ("pedals",)

    points: tuple[object, ...] = several(
        help="time and speed in turn, times from the start of the event: [0 s, 15 m/s, 2 s, 4 m/s, 6 s, 15 m/s]"
    )

    shorthand = "points"

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        self._table()

    def run(self, world: World, subject: str) -> Steps:
        times, speeds = self._table()
        vehicle = world.vehicle(subject)
        begun = world.time_s
        vehicle.cruise_mps = float(speeds[-1])
        while not vehicle.crashed and world.time_s - begun < times[-1]:
            now = world.time_s - begun
            wanted = float(np.interp(now, times, speeds))
            k = min(int(np.searchsorted(times, now, side="right")), len(times) - 1)
            slope = 0.0 if now < times[0] else float((speeds[k] - speeds[k - 1]) / (times[k] - times[k - 1]))
            vehicle.drive(slope + GAIN_PER_S * (wanted - vehicle.speed_mps), vehicle.wanted_steer_rad)
            yield

    def _table(self) -> tuple[Array, Array]:
        remedy = "write time and speed in turn: [0 s, 15 m/s, 2 s, 4 m/s]"
        if len(self.points) % 2 or len(self.points) < 4 or any(isinstance(p, str | bool) for p in self.points):
            raise ValueOutOfRange(f"{len(self.points)} values are no profile", where="points", remedy=remedy)
        table = np.array([float(str(p)) for p in self.points]).reshape(-1, 2)
        if np.any(np.diff(table[:, 0]) <= 0.0) or table[0, 0] < 0.0 or np.any(table[:, 1] < 0.0):
            raise ValueOutOfRange("times rise, from 0 on, and speeds are not negative", where="points", remedy=remedy)
        return table[:, 0], table[:, 1]
