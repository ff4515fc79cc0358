from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import inverse, transform
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World

GAIN_PER_S2, DAMPING_PER_S = 0.6, 1.5


@actions.register("longitudinal_distance")
class LongitudinalDistance(Action):
    """A vehicle keeps a distance, or a time gap, to another actor ahead or behind, until the event ends."""

    needs = ("vehicle",)
    moves = ("pedals",)

    to: str = reference("actor", help="to whom")
    distance: float | None = quantity("m", low=0, high=500, default=None, help="free distance between the two bodies")
    headway: float | None = quantity("s", low=0, high=20, default=None, help="time gap at the own speed, instead")
    acceleration: float = quantity("m/s^2", low=0.1, high=8, default=2.0, help="most that it speeds up with")
    deceleration: float = quantity("m/s^2", low=0.1, high=9, default=3.0, help="most that it slows down with")

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        if (self.distance is None) == (self.headway is None):
            raise ValueOutOfRange("state either 'distance' or 'headway'", remedy="leave one out, and state the other")

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        body = vehicle.entity.body
        while not vehicle.crashed:
            situation = world.situation()
            outline = situation.footprint(self.to).reshape(-1, 2)
            corners = np.column_stack([outline, np.zeros(len(outline))])
            ahead = transform(inverse(vehicle.pose()), corners)[:, 0]
            half, middle = 0.5 * body.box_size_m[0], body.box_center_m[0]
            leads = float(ahead.mean()) > middle
            gap = float(ahead.min()) - middle - half if leads else middle - half - float(ahead.max())
            wanted = self.distance if self.distance is not None else (self.headway or 0.0) * vehicle.speed_mps
            theirs = float(situation.velocity(self.to) @ vehicle.pose()[:3, 0])
            missing = (gap - wanted) * (1.0 if leads else -1.0)
            demand = GAIN_PER_S2 * missing + DAMPING_PER_S * (theirs - vehicle.speed_mps)
            vehicle.cruise_mps = max(0.0, theirs)
            vehicle.drive(min(self.acceleration, max(-self.deceleration, demand)), vehicle.wanted_steer_rad)
            yield
