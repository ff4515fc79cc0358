"""Traffic signals: what each group of heads shows when, by a plan of phases that repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simgen.core.errors import UnknownName

if TYPE_CHECKING:
    from simgen.core.geometry import Array
    from simgen.scene.scene import Scene

BURNING: dict[str, tuple[str, ...]] = {
    "red": ("red",),
    "red_amber": ("red", "amber"),
    "green": ("green",),
    "amber": ("amber",),
    "flashing_amber": ("amber",),
    "flashing_red": ("red",),
    "on": ("lamp",),
    "off": (),
}
"""Which lamps burn in each state; flashing ones half of the time, and "on" is for lamps that light a place."""
STATES = tuple(BURNING)
FLASH_S = 1.0
"""Period of flashing."""
LIT_POWER = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A group of heads that show the same.

    Attributes:
        heads: names of the fixtures; their lamps are named after their colours.
        phases: (state, seconds), repeated.
        offset_s: how far into the plan the episode starts.
        stop_lines: (road, lane, s in metres) at which traffic waits for it.
    """

    name: str
    heads: tuple[str, ...]
    phases: tuple[tuple[str, float], ...]
    offset_s: float = 0.0
    stop_lines: tuple[tuple[str, int, float], ...] = ()

    def state_at(self, time_s: float) -> str:
        cycle = sum(duration for _, duration in self.phases)
        left = (time_s + self.offset_s) % cycle
        for state, duration in self.phases:
            if left < duration:
                return state
            left -= duration
        return self.phases[-1][0]


def find(signals: Sequence[Signal], name: str) -> Signal:
    """Raises UnknownName."""
    for signal in signals:
        if signal.name == name:
            return signal
    raise UnknownName(kind="traffic signal", name=name, known=[s.name for s in signals])


def shown(signal: Signal, time_s: float, held: Mapping[str, str]) -> str:
    """The state of a signal: the one that it is held in, else its plan's."""
    return held.get(signal.name) or signal.state_at(time_s)


def light(scene: Scene, power: Array, time_s: float, held: Mapping[str, str], lamp_level: float) -> None:
    """Sets the output of all signals' lamps in ``power`` (L,); they burn by day as by night, those that light a
    place at the environment's ``lamp_level``."""
    for signal, lamps in zip(scene.signals, scene.signal_lamps, strict=True):
        state = shown(signal, time_s, held)
        dark = state.startswith("flashing") and time_s % FLASH_S >= 0.5 * FLASH_S
        burning = () if dark else BURNING[state]
        for i, color in lamps:
            level = LIT_POWER if scene.lamps[i].lamp.signal else lamp_level
            power[i] = level if color in burning else 0.0
