from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import flag, quantity
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.traffic import users

if TYPE_CHECKING:
    from simgen.simulation.world import World

LOOK_AHEAD_M = 3.0
BESIDE_M = 0.65
LONGEST_M = 20.0
"""Nobody who might be in the way reaches further from its middle."""
NEAR_M, FAR_M, OFF_M = 4.0, 12.0, 0.05
"""It aims so far ahead, where the road bends so far that the straight line there leaves its own by so much."""
AGAIN_M = 0.25
"""After so much of its way it aims anew."""
KEEPS_M = 0.7
"""Free distance behind somebody slower."""


@behaviors.register("walk_along")
class WalkAlong(Behavior):
    """Walks along the road, at the distance from it where it started, behind whoever is slower."""

    needs = ("legs",)

    speed: float = quantity("m/s", low=0.3, high=4, default=1.35, help="when nobody is in the way")
    leaves: bool = flag(default=False, help="it is gone when it reaches the end of the road; else it stops there")

    def run(self, world: World, actor: str) -> Steps:
        walker = world.walker(actor)
        situation = world.situation()
        road = situation.road
        s, t = situation.road_position(actor)
        along = 1 if math.cos(situation.yaw(actor) - road.heading_at(s)) >= 0 else -1
        planned_m = math.inf
        while not walker.struck:
            situation = world.situation()
            me = users(situation).by_name.get(actor)
            if me is None:
                return
            left = road.length_m - me.s_m if along > 0 else me.s_m
            if left < 0.8:
                if self.leaves:
                    world.remove(actor)
                else:
                    walker.stop()
                return
            speed = self.speed
            reach = LOOK_AHEAD_M + LONGEST_M
            near = (me.s_m, me.s_m + reach) if along > 0 else (me.s_m - reach, me.s_m)
            for other in users(situation).between(*near)[0]:
                ahead = along * (other.s_m - me.s_m)
                if ahead <= 0.0 or abs(other.t_m - me.t_m) > BESIDE_M + other.across_m - 0.3:
                    continue
                if world.passed_on_foot(other.name):
                    continue
                gap = ahead - me.nose_m(along) - other.tail_m(along)
                if gap < LOOK_AHEAD_M:
                    theirs = max(0.0, along * other.speed_mps)
                    speed = min(speed, theirs + max(0.0, gap - KEEPS_M))
            if speed < 0.15:
                walker.stop()
                planned_m = math.inf
            elif walker.sidesteps or abs(me.s_m - planned_m) < AGAIN_M:
                walker.hurry(speed)
            elif not (walker.halted and walker.blocked_by):
                planned_m = me.s_m
                bend = abs(road.curvature_at(me.s_m))
                far = FAR_M if bend == 0.0 else min(FAR_M, max(NEAR_M, math.sqrt(8.0 * OFF_M / bend)))
                goal = me.s_m + along * min(left, far)
                walker.go([np.asarray(road.pose_at(goal, t)[:2, 3])], speed, 1.5)
            yield
