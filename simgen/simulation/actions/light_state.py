from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simgen.core.declare import choice, quantity, text
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.scene.body import Body
    from simgen.scene.stage import Stage
    from simgen.simulation.world import World


@actions.register("light_state")
class LightState(Action):
    """Switches the lamps of an actor on, off or flashing."""

    level: float = quantity("", low=0, high=5, help="output as a share of rated; 0 is off")
    lamp: str = text(
        default="", help="one lamp (indicator_left) or a pair by its first word (beacon); all of them when left out"
    )
    flash: float = quantity(
        "Hz", low=0, high=10, default=0.0, help="how often it lights up, until the event ends; 0: steady"
    )
    pairs: str = choice("together", "in_turn", default="together", help="how left and right lamps flash")

    shorthand = "level"

    def check(self, subject: str, body: Body | None, stage: Stage) -> None:
        assert body is not None
        self._chosen(subject, {i: lamp.name for i, lamp in enumerate(body.lamps)})

    def run(self, world: World, subject: str) -> Steps:
        own = {i: lamp.lamp.name for i, lamp in enumerate(world.scene.lamps) if lamp.name.startswith(f"{subject}.")}
        chosen = self._chosen(subject, own)
        if self.flash == 0.0:
            world.lights.power[chosen] = self.level
            return
        before = world.lights.power[chosen].copy()
        begun = world.time_s
        try:
            while True:
                first_half = ((world.time_s - begun) * self.flash) % 1.0 < 0.5
                for i in chosen:
                    late = self.pairs == "in_turn" and own[i].endswith("_right")
                    world.lights.power[i] = self.level if first_half != late else 0.0
                yield
        finally:
            world.lights.power[chosen] = before

    def _chosen(self, subject: str, own: Mapping[int, str]) -> list[int]:
        """Numbers of the lamps that are meant; ``own`` are those that the subject has, with their names."""
        if not own:
            raise SimgenError(f"'{subject}' has no lamps", remedy="switch those of an actor that has some")
        chosen = [i for i, name in own.items() if self.lamp in ("", name, name.partition("_")[0])]
        if not chosen:
            raise UnknownName(kind=f"lamp of {subject}", name=self.lamp, known=list(own.values()), where="lamp")
        return chosen
