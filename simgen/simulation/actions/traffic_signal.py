from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import choice, text
from simgen.core.vocabulary import actions
from simgen.scene import signals
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World


@actions.register("traffic_signal")
class TrafficSignal(Action):
    """Holds a traffic signal in a state, or gives it back to its plan."""

    subjects = ("world",)

    name: str = text(help="of the signal; the setting says which there are", names="traffic signal")
    state: str = choice("plan", *signals.STATES, help="what it shows from now on")

    def run(self, world: World, subject: str) -> Steps:
        signal = signals.find(world.scene.signals, self.name)
        if self.state == "plan":
            world.lights.held.pop(signal.name, None)
        else:
            world.lights.held[signal.name] = self.state
        world.lights.show_signals(world.time_s)
        world.story_changed()
        return
        yield
