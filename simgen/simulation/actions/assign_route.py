from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import several
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps, named, require_road
from simgen.simulation.driving import course_of

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


@actions.register("assign_route")
class AssignRoute(Action):
    """Gives a vehicle another route, from where it is; its driver follows it from now on."""

    needs = ("vehicle",)

    route: tuple[object, ...] = several(help="turns (left, right, straight) and names of roads in turn: [right, north]")

    shorthand = "route"

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        with named("route"):
            require_road(stage).check_route([str(word) for word in self.route])

    def run(self, world: World, subject: str) -> Steps:
        vehicle = world.vehicle(subject)
        vehicle.course = course_of(world, subject, tuple(str(w) for w in self.route), f"assign_route of {subject}")
        return
        yield
