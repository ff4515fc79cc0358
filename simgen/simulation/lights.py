"""What the lamps of a world give: by the light of day, the mains, the signals and the brakes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.sampling.assembly import lamp_power
from simgen.scene import signals
from simgen.scene.environment import Environment
from simgen.scene.scene import Scene
from simgen.simulation.fleet import PEDAL, Fleet
from simgen.simulation.vehicle import Vehicle

BRAKING_MPS2 = -0.7
"""Deceleration from which the brake lamps shine (UN R13-H asks for them from 1.3 and allows them from 0.7 m/s²)."""
BRAKE_LAMP_TICKS = 30
"""How long they shine at least, half a second: who touches the brake again and again is seen to brake, and does not
flicker."""


class Lights:
    """The L lamps of a scene; signals shine by their plans, the others as the story and their vehicles have it.

    Attributes:
        power: (L,) output as a share of rated.
        held: what the story makes signals show, by their names, in place of their plans.
        mains: share of what lamps on the mains want, that these supply.
    """

    def __init__(self, scene: Scene, environment: Environment, power: Array, driven: frozenset[str]) -> None:
        self._scene = scene
        self._environment = environment
        self._driven = driven
        self.power = power.copy()
        self.held: dict[str, str] = {}
        self.mains = 1.0
        owners = [scene.entities[lamp.entity] for lamp in scene.lamps]
        self._on_mains = np.array([one.static or one.body.fixed for one in owners], dtype=np.bool_)
        self._steady = np.array([not lamp.lamp.signal for lamp in scene.lamps], dtype=np.bool_)
        self._braked_tick = np.full(len(self.power), -BRAKE_LAMP_TICKS, dtype=np.int64)
        self._brake_lamps = self._braking = np.zeros(0, dtype=np.int64)

    @property
    def level(self) -> float:
        """Output of lamps on the mains as a share of rated."""
        return self._environment.lamp_level * self.mains

    def wire(self, vehicles: Mapping[str, Vehicle]) -> None:
        """Connects the brake lamps of these vehicles, and of no others, with their pedals."""
        pairs = [
            (i, vehicles[owner].index)
            for i, lamp in enumerate(self._scene.lamps)
            if lamp.lamp.name.startswith("brake") and (owner := self._scene.entities[lamp.entity].name) in vehicles
        ]
        self._brake_lamps, self._braking = np.array(pairs, dtype=np.int64).reshape(-1, 2).T

    def tick(self, fleet: Fleet, tick: int, time_s: float) -> None:
        """Brake lamps and signals as they shine now."""
        self._braked_tick[self._brake_lamps[fleet.state[PEDAL, self._braking] < BRAKING_MPS2]] = tick
        self.power[self._brake_lamps] = tick < self._braked_tick[self._brake_lamps] + BRAKE_LAMP_TICKS
        self.show_signals(time_s)

    def show_signals(self, time_s: float) -> None:
        """Signals as they shine now; to be called when what is ``held`` has changed."""
        signals.light(self._scene, self.power, time_s, self.held, self.level)

    def set_environment(self, environment: Environment, time_s: float) -> None:
        """All lamps as this light of day has them, if that is another for lamps than before."""
        before, self._environment = self._environment, environment
        if (before.lamps_on, before.lamp_level) != (environment.lamps_on, environment.lamp_level):
            self._relight(np.ones(len(self.power), dtype=np.bool_), time_s)

    def set_mains(self, share: float, time_s: float) -> None:
        """The mains supply this share of what lamps on them want, from now on; 0 where they have failed."""
        self.mains = share
        self._relight(self._on_mains, time_s)

    def _relight(self, changed: NDArray[np.bool_], time_s: float) -> None:
        """Gives those of the lamps (L,) that have ``changed`` the output which the environment and the mains set."""
        power = lamp_power(self._scene, self._environment, self._driven)
        power[self._on_mains] *= self.mains
        self.power = np.where(changed & self._steady, power, self.power)
        self.show_signals(time_s)
