from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simgen.core.declare import integer, quantity
from simgen.core.errors import SimgenError, ValueOutOfRange
from simgen.core.vocabulary import actions
from simgen.scene.road import Lane, Road
from simgen.simulation.action import Action, Steps, require_road
from simgen.simulation.driving import course_of

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.course import Course
    from simgen.simulation.vehicle import Vehicle
    from simgen.simulation.world import World

_CHANGED_TO = ("driving", "shoulder")
"""Kinds of lane."""


@actions.register("lane_change")
class LaneChange(Action):
    """A vehicle moves to another lane within a time or over a distance, and keeps that lane."""

    needs = ("vehicle",)
    moves = ("steering",)

    lane: int | None = integer(low=-20, high=20, default=None, help="number of the new lane")
    by: int | None = integer(low=-10, high=10, default=None, help="lanes to the left (negative: to the right)")
    duration: float = quantity("s", low=0.5, high=60, default=4.0, help="of the manoeuvre")
    distance: float | None = quantity("m", low=1, high=1000, default=None, help="of the manoeuvre, instead of a time")

    shorthand = "by"

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        """Where the vehicle will be is open; a lane that no road has is not, nor a number that none has beside it."""
        if (self.lane is None) == (self.by is None):
            said = "neither 'lane' nor 'by'" if self.lane is None else "both 'lane' and 'by'"
            raise ValueOutOfRange(
                f"lane_change states {said}",
                where=None if self.lane is None else "by",
                remedy="write {by: 1} for one lane to the left, {by: -1} to the right, or {lane: -1}",
            )
        sections = [section.spans for road in require_road(stage).roads for section in road.sections]
        lanes = [[span.id for span in spans if span.kind in _CHANGED_TO] for spans in sections]
        ids = sorted({number for section in lanes for number in section})
        if self.lane is not None and self.lane not in ids:
            known = ", ".join(str(number) for number in ids) or "none"
            raise SimgenError(f"no road has a lane {self.lane} to drive on", where="lane", remedy=f"they have {known}")
        most = max(len(section) for section in lanes) - 1
        if self.by is not None and abs(self.by) > most:
            message = f"no road has {abs(self.by)} lanes beside another one"
            raise SimgenError(message, where="by", remedy=f"change by {most} at most" if most > 0 else "take it out")

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        if vehicle.course is not None:
            yield from self._on_course(world, subject, vehicle, vehicle.course)
            return
        situation = world.situation()
        road = situation.road
        s, t = situation.road_position(subject)
        start = t if vehicle.lane_t_m is None else vehicle.lane_t_m
        sign = 1.0 if math.cos(situation.yaw(subject) - road.heading_at(s)) >= 0 else -1.0
        goal = self._goal(road.main_road, subject, s, start, sign).center_t_m
        for share in self._shares(world, vehicle):
            vehicle.lane_t_m = start + (goal - start) * share
            yield
        vehicle.lane_t_m = goal

    def _on_course(self, world: World, subject: str, vehicle: Vehicle, course: Course) -> Steps:
        """Along the lane that it is in; once in a lane of the same direction, its course leads over that."""
        road, s, direction = course.stands()
        own = road.lane(course.here.lane, s)
        goal = self._goal(road, subject, s, own.center_t_m, float(direction))
        start, end = course.keep_m, direction * (goal.center_t_m - own.center_t_m)
        for share in self._shares(world, vehicle):
            course.keep_m = start + (end - start) * share
            yield
        course.keep_m = end
        if goal.direction == direction:
            found = course_of(world, subject, course.onward(), f"lane_change of {subject}")
            vehicle.course = found if found is not None and vehicle.course is course else vehicle.course
            if vehicle.course is found and found is not None:
                found.keep_m = 0.0

    def _shares(self, world: World, vehicle: Vehicle) -> Iterator[float]:
        """How much of the way aside is done, tick by tick, until all is."""
        done, before, begun = 0.0, vehicle.position_m, world.time_s
        while done < 1.0:
            # The path of least jerk (Flash & Hogan 1985): a polynomial of degree 5, at rest sideways at both ends
            yield done**3 * (10.0 - 15.0 * done + 6.0 * done**2)
            if self.distance is None:
                done = (world.time_s - begun) / self.duration
            else:
                now = vehicle.position_m
                done += math.dist(now.tolist(), before.tolist()) / self.distance
                before = now

    def _goal(self, road: Road, subject: str, s_m: float, t_m: float, sign: float) -> Lane:
        lanes = sorted((x for x in road.cut(s_m) if x.kind in _CHANGED_TO), key=lambda x: x.center_t_m)
        if self.lane is not None:
            chosen = [x for x in lanes if x.id == self.lane]
        else:
            own = road.lane_at(min(max(s_m, 0.0), road.length_m), t_m)
            place = next((i for i, x in enumerate(lanes) if own is not None and x.id == own.id), None)
            wanted = -1 if place is None else place + round(sign) * (self.by or 0)
            chosen = lanes[wanted : wanted + 1] if wanted >= 0 else []
        if not chosen:
            by = self.by or 0
            aside = f"{abs(by)} lane(s) to the {'left' if by > 0 else 'right'}"
            asked = f"lane {self.lane}" if self.lane is not None else aside
            known = ", ".join(str(x.id) for x in lanes)
            raise SimgenError(
                f"no {asked} to change to", where=f"lane_change of {subject}", remedy=f"lanes of this road: {known}"
            )
        return chosen[0]
