from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import flag
from simgen.core.vocabulary import actions
from simgen.scene.environment import EnvironmentSpec
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
    """The power fails until the event ends: lamps of streets and halls, and traffic signals, are dark."""

    subjects = ("world",)

    lamps: bool = flag(default=True, help="whether lamps go out")
    signals: bool = flag(default=True, help="whether traffic signals go out")

    def run(self, world: World, subject: str) -> Steps:
        level, held = world.environment.lamp_level, dict(world.signals_held)
        if self.signals:
            world.signals_held.update((signal.name, "off") for signal in world.scene.signals if _says(world, signal))
        try:
            self._set(world, 0.0 if self.lamps else level)
            while True:
                yield
        finally:
            if self.signals:
                world.signals_held.clear()
                world.signals_held.update(held)
            self._set(world, level)

    def _set(self, world: World, level: float) -> None:
        values = {name: getattr(world.environment, name) for name in EnvironmentSpec.parameters}
        world.set_environment(EnvironmentSpec(where="environment", **{**values, "lamp_level": level}))
