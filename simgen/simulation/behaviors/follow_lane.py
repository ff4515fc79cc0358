from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgen.core.declare import choice, flag, quantity, several
from simgen.core.errors import ValueOutOfRange
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.course import Course
from simgen.simulation.driving import DRIVER_TICKS, at_end, course_of, drive_on, lane_steering, road_acceleration
from simgen.simulation.lines import Line

if TYPE_CHECKING:
    from simgen.simulation.world import World


@behaviors.register("follow_lane")
class FollowLane(Behavior):
    """Keeps the lane, its speed and the distance (intelligent-driver model), and stops for what is in the way."""

    needs = ("vehicle",)

    every_ticks = DRIVER_TICKS

    headway: float = quantity("s", low=0.2, high=10, default=1.5, help="time gap to the vehicle ahead")
    speed: float | None = quantity("m/s", low=0, high=100, default=None, help="wanted; as it started when left out")
    turn: str | None = choice(
        "straight", "left", "right", default=None, help="at the next junction; straight on when left out", names="route"
    )
    route: tuple[object, ...] | None = several(
        default=None, help="turns and names of roads in turn: [right, north]; after it straight on", names="route"
    )
    obey_signals: bool = flag(default=True, help="whether it stops at red; false for who runs red lights")
    leaves: bool = flag(default=False, help="it is gone when it reaches the end of the road")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        if self.speed is not None:
            vehicle.cruise_mps = self.speed
        situation = world.situation()
        s, t = situation.road_position(actor)
        vehicle.along = 1 if math.cos(situation.yaw(actor) - situation.road.heading_at(s)) >= 0.0 else -1
        vehicle.course = self._course(world, actor)
        road = situation.road.main_road
        kept = Line.through(road, road.lane_at(s, t), s, t)
        while True:
            if vehicle.course is not None:
                vehicle.course.leaves = self.leaves
                drive_on(world, vehicle, vehicle.course, headway_s=self.headway, obey_signals=self.obey_signals)
                if self.leaves and at_end(vehicle, vehicle.course):
                    world.remove(actor)
                    return
            else:
                line = kept if vehicle.lane_t_m is None else Line(middle=None, offset_m=vehicle.lane_t_m)
                acceleration = road_acceleration(world, vehicle, line, vehicle.along, headway_s=self.headway)
                vehicle.drive(acceleration, lane_steering(vehicle, world.situation(), line, vehicle.along))
            yield

    def _course(self, world: World, actor: str) -> Course | None:
        words = tuple(str(word) for word in self.route or ())
        where = f"actors.{actor}.behavior"
        if self.turn is not None:
            if words:
                raise ValueOutOfRange("'turn' and 'route' both say where to", where=where, remedy="leave one out")
            words = (self.turn,)
        return course_of(world, actor, words, where) if words or world.winding else None
