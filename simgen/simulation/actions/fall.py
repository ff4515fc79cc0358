from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.errors import SimgenError
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


@actions.register("fall")
class Fall(Action):
    """A pedestrian with free hands or an animal stumbles and lies; it does not get up."""

    needs = ("legs",)
    moves = ("legs",)

    duration: float = quantity("s", low=0.2, high=20, default=2.0, help="after which the fall counts as over")

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        if body is not None and body.gait is not None and body.gait.lying(prone=True) is None:
            raise SimgenError(
                f"'{subject}' cannot fall: what this model sits in, draws or holds would stay in its hands",
                remedy="let one with free hands fall, as pedestrian.adult",
            )

    def run(self, world: World, subject: str) -> Steps:
        until = world.time_s + self.duration
        if not world.walker(subject).struck:
            world.stumble(subject)
        while world.time_s < until:
            yield
