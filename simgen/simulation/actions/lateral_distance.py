from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity, reference
from simgen.core.geometry import inverse, transform
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World

TICK_S = 1.0 / 60.0


@actions.register("lateral_distance")
class LateralDistance(Action):
    """A vehicle moves sideways until a free distance to another actor's side is reached, and keeps it."""

    needs = ("vehicle",)
    moves = ("steering",)

    to: str = reference("actor", help="to whom")
    distance: float = quantity("m", low=0, high=20, help="free distance between the two sides")
    speed: float = quantity("m/s", low=0.05, high=3, default=0.6, help="sideways")

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        half = 0.5 * vehicle.entity.body.box_size_m[1]
        while not vehicle.crashed:
            situation = world.situation()
            outline = situation.footprint(self.to).reshape(-1, 2)
            corners = np.column_stack([outline, np.zeros(len(outline))])
            left = transform(inverse(vehicle.pose()), corners)[:, 1]
            on_left = float(left.mean()) > 0.0
            gap = float(left.min()) - half if on_left else -half - float(left.max())
            # Towards the other where the gap is too wide
            missing = (gap - self.distance) * (1.0 if on_left else -1.0)
            step = max(-self.speed * TICK_S, min(self.speed * TICK_S, missing))
            course = vehicle.course
            if course is not None:
                ahead = missing + course.offset_m - course.keep_m
                course.keep_m += max(-self.speed * TICK_S, min(self.speed * TICK_S, ahead))
            else:
                s, t = situation.road_position(subject)
                way = 1.0 if math.cos(vehicle.yaw_rad - situation.road.heading_at(s)) >= 0.0 else -1.0
                keeps = t if vehicle.lane_t_m is None else vehicle.lane_t_m
                ahead = missing + way * (t - keeps)
                step = max(-self.speed * TICK_S, min(self.speed * TICK_S, ahead))
                vehicle.lane_t_m = keeps + way * step
            yield
