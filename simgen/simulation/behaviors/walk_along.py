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
            for other in users(situation).between(*near):
                ahead = along * (other.s_m - me.s_m)
                if ahead <= 0.0 or abs(other.t_m - me.t_m) > BESIDE_M + other.across_m - 0.3:
                    continue
                gap = ahead - me.nose_m(along) - other.tail_m(along)
                if gap < LOOK_AHEAD_M:
                    theirs = max(0.0, along * other.speed_mps)
                    speed = min(speed, theirs + max(0.0, gap - KEEPS_M))
            goal = me.s_m + along * min(left, 4.0)
            if speed < 0.15:
                walker.stop()
            else:
                walker.go([np.asarray(road.pose_at(goal, t)[:2, 3])], speed, 1.5)
            yield
