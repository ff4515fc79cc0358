from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import flag, quantity, vector
from simgen.core.errors import SimgenError
from simgen.core.vocabulary import actions
from simgen.scene.road.network import DRIVEN
from simgen.simulation.action import Action, Steps
from simgen.simulation.course import Course, way_over

if TYPE_CHECKING:
    from simgen.simulation.world import World


STOPPING_MPS2 = 2.0


@actions.register("acquire_position")
class AcquirePosition(Action):
    """A vehicle drives to a place on the roads by the shortest way over lanes, and stops there."""

    needs = ("vehicle",)

    position: tuple[float, float] = vector("m", 2, help="in the world, on a lane")
    tolerance: float = quantity("m", low=0.2, high=50, default=2.0, help="so near is there")
    stop: bool = flag(default=True, help="whether it stops there; else it drives on")

    shorthand = "position"

    def run(self, world: World, subject: str) -> Steps:
        vehicle, network = world.vehicle(subject), world.stage.road
        where = f"acquire_position of {subject}"
        found = None if network is None else network.where(self.position)
        start = None if network is None else network.lane_key(vehicle.position_m, vehicle.yaw_rad)
        if network is None or found is None or start is None or found[3].kind not in DRIVEN:
            raise SimgenError("no lane leads there", where=where, remedy="name a place on a driving lane")
        road, s, _, lane = found
        goal, _ = network.place_on("main" if road is network.main_road else road.id, lane.id, s)
        vehicle.course = Course(
            way_over(network, network.route(start[0], goal), world.stage.signals),
            vehicle.position_m,
            start_m=start[1],
        )
        distance = vehicle.course.way.path.locate(self.position)[0]
        while not vehicle.crashed:
            left = distance - vehicle.course.distance_m
            if left < self.tolerance and (not self.stop or vehicle.speed_mps < 0.1):
                break
            needed = vehicle.speed_mps**2 / (2.0 * max(left, 0.1))
            if self.stop and (needed > STOPPING_MPS2 or left < 0.5 * self.tolerance):
                vehicle.drive(-min(needed, 8.0), vehicle.wanted_steer_rad)
            yield
        if self.stop:
            vehicle.cruise_mps = 0.0
