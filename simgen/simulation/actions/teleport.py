from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgen.core.declare import integer, quantity, text, vector
from simgen.core.errors import ScenarioRejected, ValueOutOfRange
from simgen.core.geometry import Array, planar_pose
from simgen.core.vocabulary import actions
from simgen.sampling.destinations import ELSEWHERE
from simgen.sampling.obstacles import Placed, blocked_by, in_the_way
from simgen.simulation.action import Action, Steps, named, require_road
from simgen.simulation.driving import course_of

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
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

    @property
    def turns(self) -> bool:
        """Whether it says which way the actor faces there."""
        return self.position is None or self.yaw is not None

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        self.destination(stage, 0.0, 0.0)

    def destination(self, stage: Stage, yaw_rad: float, height_m: float) -> Array:
        """world_from_actor (4, 4) there, of an actor that faces this way and stands this high before.

        Raises:
            ValueOutOfRange: it says no place, or one that the road has not.
            UnknownName: there is no such road.
        """
        if self.position is None:
            return self._on_lane(stage)
        x, y = self.position
        height = height_m if stage.road is None else stage.road.ground_at(x, y)
        return planar_pose(x, y, yaw_rad if self.yaw is None else self.yaw, height)

    def run(self, world: World, subject: str) -> Steps:
        situation = world.situation()
        height = float(situation.position(subject)[2])
        pose = self.destination(world.stage, situation.yaw(subject), height)
        there = Placed(name=subject, body=situation.body(subject), world_from_body=pose)
        blocker = blocked_by(there, _others(world, subject), world.stage)
        if blocker is not None:
            raise ScenarioRejected(in_the_way(there, blocker), remedy=ELSEWHERE)
        world.teleport(subject, pose, self.speed)
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

    def _on_lane(self, stage: Stage) -> Array:
        """(4, 4) on the lane at s, facing as it is driven."""
        if self.lane is None or self.s is None:
            raise ValueOutOfRange("teleport says no place", remedy="state 'position', or 'lane' and 's'")
        with named("road"):
            road = require_road(stage).road(self.road)
        if not 0.0 <= self.s <= road.length_m:
            message = f"s is {self.s:g} m, and the road '{self.road}' is {road.length_m:g} m long"
            raise ValueOutOfRange(message, where="s", remedy="choose another s")
        try:
            lane = road.lane(self.lane, self.s)
        except KeyError:
            known = ", ".join(str(lane.id) for lane in road.cut(self.s))
            message = f"the road has no lane {self.lane}"
            raise ValueOutOfRange(message, where="lane", remedy=f"its lanes are {known}") from None
        pose = road.pose_at(self.s, lane.center_t_m)
        return pose if lane.direction > 0 else pose @ planar_pose(0.0, 0.0, math.pi)


def _others(world: World, subject: str) -> list[Placed]:
    """Who is in the world as well, but for what goes along."""
    along = {subject, *world.holding.stacked_on(subject), *world.holding.carried_by(subject)}
    situation = world.situation()
    return [
        Placed(name=entity.name, body=entity.body, world_from_body=situation.pose(entity.name))
        for entity, present in zip(situation.scene.entities, situation.snapshot.present, strict=True)
        if present and not entity.static and entity.name not in along
    ]
