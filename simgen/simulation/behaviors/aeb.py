from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.geometry import transform
from simgen.core.vocabulary import behaviors
from simgen.scene.sight import line_of_sight
from simgen.simulation.action import Steps
from simgen.simulation.behaviors.follow_lane import FollowLane
from simgen.simulation.driving import time_to_conflict

if TYPE_CHECKING:
    from simgen.simulation.world import World


BRAKES_FOR = frozenset(
    {"pedestrian", "child", "cyclist", "bicycle", "motorcycle", "car", "van", "truck", "bus", "trailer", "animal"}
)
"""Classes that its perception tells from clutter: it does not brake for a ball."""


@behaviors.register("aeb")
class AutonomousEmergencyBraking(FollowLane):
    """Follows the lane and brakes hard when a collision with someone in sight is near."""

    ttc: float = quantity("s", low=0.3, high=5, default=1.7, help="time to collision below which it brakes")
    latency: float = quantity("s", low=0, high=2, default=0.2, help="from first sight of a conflict to the demand")
    deceleration: float = quantity("m/s^2", low=1, high=12, default=9.0, help="demand; the road may give less")
    view_angle: float = quantity("rad", low=0.1, high=3.2, default=2.1, help="full opening angle of its sensor")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        lane_keeping = super().run(world, actor)
        mount = vehicle.entity.body.mounts.get("windscreen")
        eye_in_body = mount.part_from_mount[:3, 3] if mount is not None else np.array([0.5, 0.0, 1.3])
        others = [
            e.name for e in world.scene.entities if not e.static and e.name != actor and e.body.semantic in BRAKES_FOR
        ]
        seen_since: dict[str, float] = {}
        braking = False
        while True:
            next(lane_keeping)
            if vehicle.speed_mps <= 0.0:
                braking = False
            if not braking and not vehicle.crashed:
                situation = world.situation()
                eye = transform(vehicle.pose(), eye_in_body)
                for other in others:
                    near = time_to_conflict(vehicle, situation, other) < self.ttc
                    if (
                        near
                        and self._in_view(vehicle.yaw_rad, eye, situation.position(other))
                        and line_of_sight(situation.view, eye, other, ignore=(actor,))
                    ):
                        seen_since.setdefault(other, world.time_s)
                        braking |= world.time_s - seen_since[other] >= self.latency
                    else:
                        seen_since.pop(other, None)
            if braking:
                vehicle.drive(-self.deceleration, vehicle.steer_rad)
                vehicle.cruise_mps = 0.0
            yield

    def _in_view(self, yaw_rad: float, eye_m: np.ndarray, target_m: np.ndarray) -> bool:
        offset = target_m[:2] - eye_m[:2]
        bearing = np.arctan2(offset[1], offset[0]) - yaw_rad
        return bool(abs((bearing + np.pi) % (2 * np.pi) - np.pi) <= 0.5 * self.view_angle)
