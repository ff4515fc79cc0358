from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simgen.core.declare import choice, several
from simgen.core.geometry import Array
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps, named
from simgen.simulation.driving import pursuit
from simgen.simulation.route import timed

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World

AHEAD_S, NEAR_M = 0.5, 4.0
STEP_S = 0.1
SPEED_PER_S, PLACE_PER_S2 = 2.5, 1.2


@actions.register("follow_trajectory")
class FollowTrajectory(Action):
    """Is at given places at given times, straight between them; a vehicle as far as its tyres allow."""

    needs = ("vehicle", "legs")
    moves = ("legs", "pedals", "steering")

    points: tuple[object, ...] = several(
        help="time, x and y in turn, times from the start of the event: [0 s, 0 m, 0 m, 2 s, 3 m, 0 m]"
    )
    frame: str = choice(
        "actor", "world", default="actor", help="of x and y: ahead and left of where the actor stands, or the world"
    )

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        with named("points"):
            timed(self.points)

    def run(self, world: World, subject: str) -> Steps:
        times, positions = timed(self.points)
        if self.frame == "actor":
            pose = world.situation().pose(subject)
            positions = positions @ pose[:2, :2].T + pose[:2, 3]
        if subject in world.vehicles:
            yield from self._drive(world, subject, times, positions)
            return
        walker = world.walker(subject)
        walker.follow(times, positions)
        while not walker.arrived and not walker.struck:
            yield

    def _drive(self, world: World, subject: str, times: Array, positions: Array) -> Steps:
        """A vehicle steers to where it should be a little later, as far as its tyres allow."""
        vehicle = world.vehicle(subject)
        begun = world.time_s

        def at(time_s: float) -> Array:
            inside = min(max(time_s, times[0]), times[-1])
            k = min(max(int(np.searchsorted(times, inside, side="right")), 1), len(times) - 1)
            pace = (positions[k] - positions[k - 1]) / (times[k] - times[k - 1])
            place: Array = positions[k - 1] + (max(time_s, times[0]) - times[k - 1]) * pace
            return place

        while not vehicle.crashed and (now := world.time_s - begun) < times[-1]:
            pace = float(np.linalg.norm(at(now + STEP_S) - at(now))) / STEP_S
            x, y = at(now + max(AHEAD_S, NEAR_M / max(pace, 1.0))).tolist()
            behind = float((at(now) - vehicle.position_m) @ vehicle.pose()[:2, 0])
            demand = SPEED_PER_S * (pace - vehicle.speed_mps) + PLACE_PER_S2 * behind
            vehicle.cruise_mps = pace
            vehicle.drive(min(5.0, max(-9.0, demand)), pursuit(vehicle, x, y))
            yield
