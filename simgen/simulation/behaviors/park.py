from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import choice, quantity
from simgen.core.errors import SimgenError
from simgen.core.geometry import Array, planar_pose
from simgen.core.vocabulary import behaviors
from simgen.sampling.obstacles import Placed, blocked_by
from simgen.scene.body import Body
from simgen.scene.road import Road
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.attention import leads
from simgen.simulation.course import Course
from simgen.simulation.driving import NEAR_M, course_of, course_steering, intelligent_driver
from simgen.simulation.leads import ahead_on_course
from simgen.simulation.vehicle import Vehicle

if TYPE_CHECKING:
    from simgen.simulation.world import World

KERB_GAP_M = 0.25
ROOM_M = 0.6
"""Free length before and behind it in a row of parked vehicles."""
BRAKING_MPS2 = 1.5
SLOWEST_MPS = 1.5
"""Pace of the last metres."""
ACROSS_M = 3.5
"""Strips for parking that are wider than this hold bays at an angle to the road."""
STRAIGHT = 0.35
"""Share of the way in which it only straightens up, along the kerb."""
BESIDE = 0.75
"""Share of the way, up to its end, on which it may be too far aside to pass a vehicle that is parked there."""
STEP_M = 0.5
LOW_M = 0.3
"""What is lower, a kerb, is in nobody's way."""


@behaviors.register("park")
class Park(Behavior):
    """Drives on to the next free place at the side of the road, pulls in forwards and stands there."""

    needs = ("vehicle",)

    side: str = choice("right", "left", default="right", help="of the road, as it drives")
    after: float = quantity("m", low=0, high=500, default=0.0, help="way that it drives at least before it pulls in")
    pull_in: float = quantity("m", low=8, high=60, default=18.0, help="way on which it moves to the side")

    def run(self, world: World, actor: str) -> Steps:
        vehicle = world.vehicle(actor)
        course = vehicle.course = course_of(world, actor, (), f"actors.{actor}.behavior")
        if course is None:
            raise SimgenError(
                f"'{actor}' stands on no lane to park from",
                where=f"actors.{actor}.behavior",
                remedy="start it on a lane",
            )
        need = vehicle.speed_mps**2 / (2.0 * BRAKING_MPS2)
        stop, aside = self._place(world, vehicle, course, course.distance_m + max(self.after + self.pull_in, need))
        start = course.keep_m
        while not vehicle.crashed:
            course.follow(vehicle.position_m)
            left = stop - course.distance_m
            straight = STRAIGHT * self.pull_in
            # The line is that of the point which the driver steers to, some way ahead
            done = min(1.0, max(0.0, 1.0 - (left - NEAR_M - straight) / (self.pull_in - straight)))
            # The path of least jerk, so that the car stands along the kerb at its end
            course.keep_m = start + (aside - start) * done**3 * (10.0 - 15.0 * done + 6.0 * done**2)
            if left <= 0.02 or (left < 0.5 and vehicle.speed_mps < 0.05):
                break
            pace = max(math.sqrt(2.0 * BRAKING_MPS2 * max(left, 0.0)), 0.0)
            if vehicle.speed_mps > pace or left < SLOWEST_MPS**2 / (2.0 * BRAKING_MPS2):
                demand = -(vehicle.speed_mps**2) / (2.0 * max(left, 0.05))
            else:
                pace = min(vehicle.cruise_mps, max(pace, SLOWEST_MPS))
                demand = min(1.0, 2.0 * (pace - vehicle.speed_mps))
            if done == 0.0:
                # On its way aside it passes close to those that are parked there
                speed, wanted = max(vehicle.speed_mps, 0.0), max(vehicle.cruise_mps, 0.1)
                ahead = (None, *leads(world, vehicle, ahead_on_course(world, actor)))
                demand = min(demand, *(intelligent_driver(speed, lead, wanted_mps=wanted) for lead in ahead))
            vehicle.drive(demand, course_steering(vehicle, course))
            yield
        vehicle.cruise_mps = 0.0
        while True:
            vehicle.drive(-3.0, 0.0)
            yield

    def _place(self, world: World, vehicle: Vehicle, course: Course, from_m: float) -> tuple[float, float]:
        """How far along its course it stops, and how far to the left of its lane's middle."""
        body = vehicle.entity.body
        half, width = 0.5 * body.box_size_m[0] + ROOM_M, body.box_size_m[1]
        behind = half + BESIDE * self.pull_in
        situation = world.situation()
        outlines, _ = situation.footprints(
            [
                i
                for i, (entity, present) in enumerate(
                    zip(world.scene.entities, situation.snapshot.present, strict=True)
                )
                if present and not entity.static and entity.name != vehicle.name and _stays(entity.body)
            ]
        )
        # Of a size that holds its place and the way into it
        swept = replace(
            body,
            box_size_m=(behind + half, width, body.box_size_m[2]),
            box_center_m=(0.5 * (half - behind), 0.0, body.box_center_m[2]),
        )
        for d in np.arange(from_m, course.way.length_m - half, STEP_M):
            road, s, way = course.at(float(d))
            if any(s + half > low and s - half < high for low, high in road.no_parking_m):
                continue
            aside = self._aside(road, s, way, course.at_lane(float(d)), width)
            x, y, heading = (float(v[0]) for v in course.way.along(np.array([float(d)])))
            c, sn = math.cos(heading), math.sin(heading)
            spot = np.array([x - sn * aside, y + c * aside])
            if any(_meets(outline - spot, c, sn, (-behind, half), 0.5 * width) for outline in outlines):
                continue
            there = planar_pose(float(spot[0]), float(spot[1]), heading, vehicle.height_m)
            if blocked_by(Placed(name=vehicle.name, body=swept, world_from_body=there), [], world.stage, sink_m=LOW_M):
                continue
            return float(d), aside
        raise SimgenError(
            f"'{vehicle.name}' finds no free place to park on the rest of its road",
            where=f"actors.{vehicle.name}.behavior",
            remedy="start it earlier, park fewer cars, or take the other side",
        )

    def _aside(self, road: Road, s_m: float, way: int, lane: int, width_m: float) -> float:
        """From the middle of the lane to where a vehicle of this width stands at the side, positive to the left."""
        sign = way if self.side == "left" else -way
        own = road.lane(lane, s_m)
        edge = own.center_t_m
        for other in sorted(road.cut(s_m), key=lambda one: sign * one.center_t_m):
            if other.kind == "parking" and sign * (other.center_t_m - own.center_t_m) > 0.0:
                if other.width_m > ACROSS_M:
                    raise SimgenError(
                        "the parking bays lie across the road, and 'park' stands along it",
                        where="behavior park",
                        remedy="choose a street with places along the kerb, such as two_lane_urban",
                    )
                return way * (other.center_t_m - own.center_t_m)
            if other.kind in ("driving", "shoulder", "biking"):
                edge = max(other.inner_t_m, other.outer_t_m) if sign > 0 else min(other.inner_t_m, other.outer_t_m)
        return way * (edge - sign * (0.5 * width_m + KERB_GAP_M) - own.center_t_m)


def _stays(body: Body) -> bool:
    """Whether somebody who parks takes account of it: who walks is elsewhere by then."""
    return body.gait is None and body.box_size_m[2] > LOW_M


def _meets(offsets_m: Array, c: float, s: float, reach_m: tuple[float, float], half_width_m: float) -> bool:
    """Whether an outline (4, 2), seen from a spot, lies in a rectangle from behind it to before it."""
    ahead, left = offsets_m @ (c, s), offsets_m @ (-s, c)
    beyond = ahead.min() > reach_m[1] or ahead.max() < reach_m[0]
    return not (beyond or left.min() > half_width_m or left.max() < -half_width_m)
