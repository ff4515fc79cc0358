from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgen.core.declare import integer, quantity, text, vector
from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import Array, planar_pose
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.driving import course_of

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("teleport")
class Teleport(Action):
    """Puts an actor somewhere else at once; a vehicle drives on there, at its speed or a new one."""

    position: tuple[float, float] | None = vector("m", 2, default=None, help="in the world")
    yaw: float | None = quantity("rad", default=None, help="heading there; as it is, or along the lane, when left out")
    lane: int | None = integer(low=-20, high=20, default=None, help="on the road, in place of a position")
    s: float | None = quantity("m", default=None, help="along the road, with 'lane'")
    road: str = text(default="main", help="name of a road of the setting, with 'lane'")
    speed: float | None = quantity("m/s", low=0, high=100, default=None, help="of a vehicle; its own when left out")

    shorthand = "position"

    def run(self, world: World, subject: str) -> Steps:
        world.teleport(subject, self._pose(world, subject), self.speed)
        if subject in world.vehicles:
            vehicle = world.vehicle(subject)
            if self.speed is not None:
                vehicle.cruise_mps = self.speed
            if world.stage.road is not None:
                s, vehicle.lane_t_m = world.stage.road.locate(vehicle.position_m)
                vehicle.along = 1 if math.cos(vehicle.yaw_rad - world.stage.road.heading_at(s)) >= 0.0 else -1
            if vehicle.course is not None:
                vehicle.course = course_of(world, subject, (), f"teleport of {subject}")
        return
        yield

    def _pose(self, world: World, subject: str) -> Array:
        network = world.stage.road
        if self.position is not None:
            x, y = self.position
            height = float(world.situation().position(subject)[2]) if network is None else network.ground_at(x, y)
            yaw = world.situation().yaw(subject) if self.yaw is None else self.yaw
            return planar_pose(x, y, yaw, height)
        where = f"teleport of {subject}"
        if self.lane is None or self.s is None or network is None:
            raise ValueOutOfRange("it says no place", where=where, remedy="state 'position', or 'lane' and 's'")
        road = network.road(self.road)
        try:
            lane = road.lane(self.lane, self.s)
        except KeyError:
            known = ", ".join(str(lane.id) for lane in road.cut(self.s))
            message = f"the road has no lane {self.lane}"
            raise ValueOutOfRange(message, where=where, remedy=f"its lanes are {known}") from None
        pose = road.pose_at(self.s, lane.center_t_m)
        return pose if lane.direction > 0 else pose @ planar_pose(0.0, 0.0, math.pi)
