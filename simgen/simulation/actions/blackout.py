from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import flag
from simgen.core.vocabulary import actions
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.scene.signals import Signal
    from simgen.simulation.world import World


def _says(world: World, signal: Signal) -> bool:
    """Whether it says something to traffic; the lamps of a tunnel only light it."""
    lamps = [lamp for lamp in world.scene.lamps if world.scene.entities[lamp.entity].name in signal.heads]
    return any(lamp.lamp.signal for lamp in lamps)


@actions.register("blackout")
class Blackout(Action):
    """The mains fail until the event ends: streets, halls, windows and traffic signals are dark; vehicles are not."""

    subjects = ("world",)

    lamps: bool = flag(default=True, help="whether lamps go out")
    signals: bool = flag(default=True, help="whether traffic signals go out")

    def run(self, world: World, subject: str) -> Steps:
        share, held = world.lights.mains, dict(world.lights.held)
        if self.signals:
            world.lights.held.update((signal.name, "off") for signal in world.scene.signals if _says(world, signal))
        try:
            if self.lamps:
                world.set_mains(0.0)
            while True:
                yield
        finally:
            if self.signals:
                world.lights.held.clear()
                world.lights.held.update(held)
            if self.lamps:
                world.set_mains(share)
