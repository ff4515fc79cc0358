from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import choice, several
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps
from simgen.simulation.route import timed

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("follow_trajectory")
class FollowTrajectory(Action):
    """Is at given places at given times, straight between them."""

    points: tuple[object, ...] = several(
        help="time, x and y in turn, times from the start of the event: [0 s, 0 m, 0 m, 2 s, 3 m, 0 m]"
    )
    frame: str = choice(
        "actor", "world", default="actor", help="of x and y: ahead and left of where the actor stands, or the world"
    )

    def run(self, world: World, subject: str) -> Steps:
        times, positions = timed(self.points)
        walker = world.walker(subject)
        if self.frame == "actor":
            pose = world.situation().pose(subject)
            positions = positions @ pose[:2, :2].T + pose[:2, 3]
        walker.follow(times, positions)
        while not walker.arrived and not walker.struck:
            yield
