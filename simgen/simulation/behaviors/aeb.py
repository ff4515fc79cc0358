from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simgen.core.declare import quantity
from simgen.core.geometry import Array, transform, wrap_angle
from simgen.core.vocabulary import behaviors
from simgen.scene.sight import line_of_sight
from simgen.scene.situation import LOW_M, Situation
from simgen.simulation.action import Steps
from simgen.simulation.attention import eye_of
from simgen.simulation.behaviors.follow_lane import FollowLane
from simgen.simulation.driving import times_to_conflict, times_to_lane_objects, ways_to_lane_objects
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World


VULNERABLE = frozenset({"pedestrian", "child", "cyclist", "bicycle", "scooter_rider", "animal"})
BESIDE_PEOPLE_M = 0.1
BESIDE_VEHICLES_M = -0.15
"""How far beside the outline the braked-for corridor reaches. The outline holds the mirrors, which pass over those of
parked cars with little room; people are given a little more."""
CAUTION_TTC_S = 2.5
CAUTION_AFTER_S = 1.0
HOLD_S = 1.5
"""For so long after the last conflict, and after it has come to stand, the brake is kept (series systems: 1 to 2 s;
UN R152 and Euro NCAP ask for no more)."""
CLOSE_M = 10.0
"""Who is in the way within so much of who stands there keeps it standing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Others:
    """Indices of the entities for which it brakes, with the room to leave beside each, and of those so low that it
    only slows down for them."""

    braked_for: NDArray[np.int64]
    margins_m: Array
    things: NDArray[np.int64]

    @classmethod
    def of(cls, world: World, actor: str) -> Others:
        moving = [(i, e.body.semantic) for i, e in enumerate(world.scene.entities) if not e.static and e.name != actor]
        load = world.holding.load_of(actor)
        moving = [(i, semantic) for i, semantic in moving if world.scene.entities[i].name not in load]
        high = world.scene.solid & (world.scene.box_size_m[:, 2] >= LOW_M)
        margins = {i: BESIDE_PEOPLE_M for i, semantic in moving if semantic in VULNERABLE}
        margins |= {i: BESIDE_VEHICLES_M for i, _ in moving if high[i] and i not in margins}
        return cls(
            braked_for=np.array(list(margins), dtype=np.int64),
            margins_m=np.array(list(margins.values())),
            things=np.array([i for i, _ in moving if i not in margins], dtype=np.int64),
        )


@behaviors.register("aeb")
class AutonomousEmergencyBraking(FollowLane):
    """Follows the lane, slows for a low thing on it, brakes hard when a collision with what is in sight is near.

    It drives on a while after the way is free, unless it has hit something.
    """

    needs = ("vehicle",)

    ttc: float = quantity("s", low=0.3, high=5, default=1.7, help="time to collision below which it brakes")
    latency: float = quantity("s", low=0, high=2, default=0.2, help="from first sight of a conflict to the demand")
    deceleration: float = quantity("m/s^2", low=1, high=12, default=9.0, help="demand; the road may give less")
    caution: float = quantity("m/s^2", low=0, high=9, default=1.5, help="while a low thing is in its way; 0: none")
    view_angle: float = quantity("rad", low=0.1, high=3.2, default=2.1, help="full opening angle of its sensor")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        lane_keeping = super().run(world, actor)
        eye_in_body = eye_of(vehicle)
        others = Others.of(world, actor)
        seen_since: dict[int, float] = {}
        cautious_until = -1.0
        release_s, stood = -1.0, False
        for _ in lane_keeping:
            braking, stands = world.time_s < release_s, vehicle.speed_mps <= 0.0
            if braking and ((stands and not stood) or self._holds(vehicle, world.situation(), others)):
                release_s = world.time_s + HOLD_S
            stood = stands
            if not braking and not vehicle.crashed:
                situation = world.situation()
                seen_now: dict[int, float] = {}
                for other, collision in self._dangers(vehicle, situation, others):
                    if not sees(vehicle, situation, transform(vehicle.pose(), eye_in_body), other, self.view_angle):
                        continue
                    since = seen_now[other] = seen_since.get(other, world.time_s)
                    if world.time_s - since < self.latency:
                        continue
                    if collision:
                        braking, release_s = True, world.time_s + HOLD_S
                    else:
                        cautious_until = world.time_s + CAUTION_AFTER_S
                seen_since = seen_now
            if braking:
                vehicle.drive(-self.deceleration, vehicle.steer_rad)
            elif world.time_s < cautious_until:
                vehicle.drive(min(vehicle.wanted_mps2, -self.caution), vehicle.steer_rad)
            yield

    def _holds(self, vehicle: Vehicle, situation: Situation, others: Others) -> bool:
        """Whether there is a reason yet to stay on the brake: somebody is still in its way, close or, while it moves,
        however late they would meet; or it has hit something."""
        if any(vehicle.name in touching for touching in situation.collided):
            return True
        present = situation.snapshot.present[others.braked_for]
        stays = ways_to_lane_objects(vehicle, situation, others.braked_for, others.margins_m) < CLOSE_M
        if vehicle.speed_mps > 0.0:
            stays |= times_to_conflict(vehicle, situation, others.braked_for, others.margins_m) < np.inf
        return bool((stays & present).any())

    def _dangers(self, vehicle: Vehicle, situation: Situation, others: Others) -> list[tuple[int, bool]]:
        """Who is in the way, by the index of the entity, and whether a collision is near."""
        present = situation.snapshot.present
        hit = times_to_conflict(vehicle, situation, others.braked_for, others.margins_m) < self.ttc
        met = times_to_lane_objects(vehicle, situation, others.things) < CAUTION_TTC_S
        found = [(i, True) for i in others.braked_for[hit].tolist()] + [(i, False) for i in others.things[met].tolist()]
        return sorted((i, collision) for i, collision in found if present[i])


def sees(vehicle: Vehicle, situation: Situation, eye_m: Array, index: int, view_angle_rad: float) -> bool:
    """Whether somebody at an eye (3,) has this entity in view, and neither fog nor anything else hides it."""
    other = situation.scene.entities[index].name
    offset = situation.position(other)[:2] - eye_m[:2]
    bearing = wrap_angle(float(np.arctan2(offset[1], offset[0])) - vehicle.yaw_rad)
    near = float(np.hypot(*offset)) < situation.snapshot.environment.sight_m
    in_view = near and abs(bearing) <= 0.5 * view_angle_rad
    return in_view and line_of_sight(situation.view, eye_m, other, ignore=(vehicle.name,))
