"""What traffic signals show."""

from __future__ import annotations

from simgen.core.declare import choice, text
from simgen.core.vocabulary import conditions
from simgen.scene import signals
from simgen.scene.situation import Condition, Situation


@conditions.register("traffic_signal")
class TrafficSignal(Condition):
    """A traffic signal shows a colour (of a flashing lamp: while it is lit)."""

    name: str = text(help="of the signal", names="traffic signal")
    color: str = choice("red", "amber", "green", "off", default="red", help="which lamp burns; off for none")

    def measure(self, situation: Situation) -> bool:
        signal = signals.find(situation.scene.signals, self.name)
        burning = {
            lamp.lamp.name.split("_")[0]
            for lamp, power in zip(situation.scene.lamps, situation.snapshot.lamp_power, strict=True)
            if power > 0 and situation.scene.entities[lamp.entity].name in signal.heads
        }
        return not burning if self.color == "off" else self.color in burning
