from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.errors import SimgenError
from simgen.core.vocabulary import behaviors
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.pace import walking_speed_mps

if TYPE_CHECKING:
    from simgen.simulation.world import World

_TICK_S = 1.0 / 60.0
_ROLLING_MPS = 0.4
_BESIDE_M = 3.0
"""Room along the road within which a vehicle is in the way of who crosses."""


@behaviors.register("cross_road")
class CrossRoad(Behavior):
    """Turns to the road, looks, waits for a gap in the traffic and walks straight across."""

    needs = ("legs",)

    speed: float | None = quantity(
        "m/s", low=0.1, high=9, default=None, help="its own when left out: adults 1.31 m/s on average, over 60 1.16"
    )
    wait: float = quantity("s", low=0, high=600, default=0.0, help="before it turns to the road")
    look: float = quantity("s", low=0, high=30, default=1.0, help="how long it looks at least")
    margin: float = quantity(
        "s", low=-10, high=20, default=1.5, help="left of the gap once it is over; below 0 for the reckless"
    )

    def run(self, world: World, actor: str) -> Steps:
        walker = world.walker(actor)
        if world.stage.road is None:
            raise SimgenError("there is no road to cross", where=f"actors.{actor}.behavior")
        road = world.stage.road
        walker.idles = True
        start, orders = world.time_s, walker.orders
        while world.time_s < start + self.wait:
            yield
        s, t = road.locate(walker.position_m)
        lanes = [lane for lane in road.lanes if lane.kind in ("driving", "parking", "biking", "kerb")]
        side = math.copysign(1.0, t)
        far = max(-side * lane.outer_t_m for lane in lanes)
        goal = road.pose_at(s, -side * (far + 1.0))[:2, 3]
        speed = walking_speed_mps(world, actor) if self.speed is None else self.speed
        ahead = goal - walker.position_m
        since = world.time_s
        while world.time_s < since + self.look or not self._gap(world, actor, s, math.hypot(*ahead) / speed):
            walker.face(math.atan2(ahead[1], ahead[0]), _TICK_S)
            yield
            if walker.orders != orders or walker.struck:
                return
        walker.go([goal], speed, 1.5)

    def _gap(self, world: World, actor: str, s_m: float, needed_s: float) -> bool:
        """Whether no vehicle comes by while it would be on the road."""
        situation = world.situation()
        road = situation.road
        for name in world.vehicles:
            s, t = situation.road_position(name)
            lane = road.lane_at(s, t)
            if lane is None or lane.kind not in ("driving", "biking"):
                continue
            axis = road.heading_at(s)
            v = situation.velocity(name)
            along = float(v[0] * math.cos(axis) + v[1] * math.sin(axis))
            if abs(along) < _ROLLING_MPS:
                continue
            way = (s_m - s) * math.copysign(1.0, along)
            if way > -_BESIDE_M and way - _BESIDE_M < (needed_s + self.margin) * abs(along):
                return False
        return True
