from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity, text
from simgen.core.errors import UnknownName
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("light_state")
class LightState(Action):
    """Switches the lamps of an actor."""

    level: float = quantity("", low=0, high=5, help="output as a share of rated; 0 is off")
    lamp: str = text(default="", help="name of one lamp; all of them when left out")

    shorthand = "level"

    def run(self, world: World, subject: str) -> Steps:
        own = [i for i, lamp in enumerate(world.scene.lamps) if lamp.name.startswith(f"{subject}.")]
        chosen = [i for i in own if self.lamp in ("", world.scene.lamps[i].lamp.name)]
        if not chosen:
            known = [world.scene.lamps[i].lamp.name for i in own]
            raise UnknownName(kind=f"lamp of {subject}", name=self.lamp or "any", known=known)
        world.lamp_power[chosen] = self.level
        return
        yield
