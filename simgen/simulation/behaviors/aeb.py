from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from simgen.core.declare import quantity
from simgen.core.geometry import Array, transform, wrap_angle
from simgen.core.vocabulary import behaviors
from simgen.scene.scene import Entity
from simgen.scene.sight import line_of_sight
from simgen.scene.situation import Situation
from simgen.simulation.action import Steps
from simgen.simulation.behaviors.follow_lane import FollowLane
from simgen.simulation.driving import time_to_conflict, time_to_lane_object
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World


VULNERABLE = frozenset({"pedestrian", "child", "cyclist", "bicycle", "scooter_rider", "animal"})
VEHICLES = frozenset({"motorcycle", "car", "van", "truck", "bus", "trailer"})
BESIDE_PEOPLE_M = 0.1
BESIDE_VEHICLES_M = -0.15
"""How far beside the outline the braked-for corridor reaches. The outline holds the mirrors, which pass over those of
parked cars with little room; people are given a little more."""
CAUTION_TTC_S = 2.5
CAUTION_AFTER_S = 1.0


@behaviors.register("aeb")
class AutonomousEmergencyBraking(FollowLane):
    """Follows the lane, slows for a thing on the road, brakes hard when a collision with someone in sight is near."""

    ttc: float = quantity("s", low=0.3, high=5, default=1.7, help="time to collision below which it brakes")
    latency: float = quantity("s", low=0, high=2, default=0.2, help="from first sight of a conflict to the demand")
    deceleration: float = quantity("m/s^2", low=1, high=12, default=9.0, help="demand; the road may give less")
    caution: float = quantity("m/s^2", low=0, high=9, default=1.5, help="while a loose thing is in its way; 0: none")
    view_angle: float = quantity("rad", low=0.1, high=3.2, default=2.1, help="full opening angle of its sensor")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        lane_keeping = super().run(world, actor)
        mount = vehicle.entity.body.mounts.get("windscreen")
        eye_in_body = mount.part_from_mount[:3, 3] if mount is not None else np.array([0.5, 0.0, 1.3])
        others = [e for e in world.scene.entities if not e.static and e.name != actor]
        seen_since: dict[str, float] = {}
        cautious_until = -1.0
        braking = False
        while True:
            next(lane_keeping)
            braking = braking and vehicle.speed_mps > 0.0
            if not braking and not vehicle.crashed:
                situation = world.situation()
                eye = transform(vehicle.pose(), eye_in_body)
                for other in others:
                    danger = self._danger(vehicle, situation, other)
                    if danger == "none" or not self._sees(vehicle, situation, eye, other.name):
                        seen_since.pop(other.name, None)
                        continue
                    since = seen_since.setdefault(other.name, world.time_s)
                    if world.time_s - since < self.latency:
                        continue
                    if danger == "collision":
                        braking = True
                    else:
                        cautious_until = world.time_s + CAUTION_AFTER_S
            if braking:
                vehicle.drive(-self.deceleration, vehicle.steer_rad)
                vehicle.cruise_mps = 0.0
            elif world.time_s < cautious_until:
                vehicle.drive(-self.caution, vehicle.steer_rad)
            yield

    def _danger(self, vehicle: Vehicle, situation: Situation, other: Entity) -> Literal["none", "caution", "collision"]:
        if not situation.snapshot.present[situation.scene.index(other.name)]:
            return "none"
        semantic = other.body.semantic
        if semantic in VULNERABLE or semantic in VEHICLES:
            margin = BESIDE_PEOPLE_M if semantic in VULNERABLE else BESIDE_VEHICLES_M
            return "collision" if time_to_conflict(vehicle, situation, other.name, margin) < self.ttc else "none"
        return "caution" if time_to_lane_object(vehicle, situation, other.name) < CAUTION_TTC_S else "none"

    def _sees(self, vehicle: Vehicle, situation: Situation, eye_m: Array, other: str) -> bool:
        offset = situation.position(other)[:2] - eye_m[:2]
        bearing = wrap_angle(float(np.arctan2(offset[1], offset[0])) - vehicle.yaw_rad)
        in_view = abs(bearing) <= 0.5 * self.view_angle
        return in_view and line_of_sight(situation.view, eye_m, other, ignore=(vehicle.name,))
