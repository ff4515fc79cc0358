from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.course import Course
    from simgen.simulation.world import World


@actions.register("lane_offset")
class LaneOffset(Action):
    """A vehicle moves sideways within a time and stays on the new line."""

    needs = ("vehicle",)
    moves = ("steering",)

    offset: float = quantity("m", low=-20, high=20, help="to the left of the line that it keeps")
    duration: float = quantity("s", low=0.5, high=30, default=3.0, help="of the manoeuvre")

    shorthand = "offset"

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        if vehicle.course is not None:
            yield from aside(world, vehicle.course, self.offset, self.duration)
            return
        situation = world.situation()
        s, t = situation.road_position(subject)
        sign = 1.0 if np.cos(situation.yaw(subject) - situation.road.heading_at(s)) >= 0 else -1.0
        start = t if vehicle.lane_t_m is None else vehicle.lane_t_m
        begun = world.time_s
        while world.time_s - begun < self.duration:
            share = (world.time_s - begun) / self.duration
            # A sinusoidal blend keeps the lateral acceleration continuous.
            vehicle.lane_t_m = start + sign * self.offset * 0.5 * (1.0 - np.cos(np.pi * share))
            yield
        vehicle.lane_t_m = start + sign * self.offset


def aside(world: World, course: Course, offset_m: float, duration_s: float) -> Steps:
    """Moves the line that a driver keeps on a course to the left within a time."""
    start, begun = course.keep_m, world.time_s
    while world.time_s - begun < duration_s:
        share = (world.time_s - begun) / duration_s
        course.keep_m = start + offset_m * 0.5 * (1.0 - math.cos(math.pi * share))
        yield
    course.keep_m = start + offset_m
