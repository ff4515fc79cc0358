from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import quantity
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.pace import walking_speed_mps
from simgen.simulation.passage import driven_on

if TYPE_CHECKING:
    from simgen.simulation.world import World

_FROM_EDGE_M = 0.4
_STRETCH_M = (6.0, 25.0)
_ATTEMPTS = 16
"""Places that are looked at before one goes home."""


@behaviors.register("wander")
class Wander(Behavior):
    """Goes to and fro along its pavement, or around where it stands off the road, and pauses now and then.

    Who does not start on the carriageway keeps off it.
    """

    needs = ("legs",)

    speed: float | None = quantity(
        "m/s", low=0.1, high=9, default=None, help="its own when left out: adults 1.31 m/s on average, over 60 1.16"
    )
    radius: float = quantity("m", low=0.5, high=200, default=6.0, help="around its start where there is no pavement")
    pause: float = quantity("s", low=0, high=60, default=3.0, help="the longest that it stands before it goes on")

    def run(self, world: World, actor: str) -> Steps:
        walker = world.walker(actor)
        walker.idles = True
        speed = walking_speed_mps(world, actor) if self.speed is None else self.speed
        home = walker.position_m.copy()
        ahead = 1.0 if world.key.child("wander", actor, "way").uniform() < 0.5 else -1.0
        leg = 0
        while not walker.struck:
            key = world.key.child("wander", actor, leg)
            draws = [key.child(k).uniform() for k in range(4)]
            goal, ahead = self._goal(world, walker.position_m, home, ahead, draws, key)
            walker.go([goal], speed, 1.0)
            orders = walker.orders
            while not walker.halted and walker.orders == orders and not walker.struck:
                yield
            if walker.orders != orders:
                return
            rest = world.time_s + self.pause * max(0.0, 2.0 * draws[3] - 1.0)
            yield
            while world.time_s < rest and walker.orders == orders:
                yield
            if walker.orders != orders:
                return
            leg += 1

    def _goal(
        self, world: World, at: Array, home: Array, ahead: float, draws: list[float], key: Key
    ) -> tuple[Array, float]:
        """The next place (2,), and the way along the pavement (+1 or -1) that leads there."""
        road = world.stage.road
        lane = None if road is None else road.lane_at(*road.locate(at))
        if road is None or lane is None or lane.kind not in ("sidewalk", "shoulder"):
            for attempt in range(_ATTEMPTS):
                u, v = (key.child("off", attempt, k).uniform() for k in range(2)) if attempt else draws[:2]
                far, turn = self.radius * math.sqrt(u), 2.0 * math.pi * v
                goal = home + far * np.array([math.cos(turn), math.sin(turn)])
                if road is None or driven_on(road, home) or not any(driven_on(road, p) for p in _between(at, goal)):
                    return goal, ahead
            return home, ahead
        s = road.locate(at)[0]
        if draws[0] < 0.2:
            ahead = -ahead
        stretch = _STRETCH_M[0] + (_STRETCH_M[1] - _STRETCH_M[0]) * draws[1]
        if not 2.0 < s + ahead * stretch < road.length_m - 2.0:
            ahead = -ahead
        there = min(max(s + ahead * stretch, 2.0), road.length_m - 2.0)
        low, high = sorted((lane.inner_t_m, lane.outer_t_m))
        edge = min(_FROM_EDGE_M, 0.5 * (high - low))
        t = low + edge + (high - low - 2.0 * edge) * draws[2]
        along: Array = road.pose_at(there, t)[:2, 3]
        return along, ahead


def _between(start: Array, end: Array) -> Array:
    """(P, 2) places on the way, half a metre apart at most."""
    return np.linspace(start, end, 2 + int(np.linalg.norm(end - start) / 0.5))
