from __future__ import annotations

from typing import TYPE_CHECKING

from simgen.core.declare import quantity
from simgen.core.vocabulary import actions
from simgen.scene.environment import EnvironmentSpec
from simgen.simulation.action import Action, Steps

if TYPE_CHECKING:
    from simgen.simulation.world import World

CHANGING = ("rain", "snow", "fog_visibility", "road_wetness", "cloud_cover", "wind", "lamp_level")


@actions.register("environment")
class ChangeEnvironment(Action):
    """Changes weather or light to new values over a time; what is not named stays, the water on the road too."""

    subjects = ("world",)

    over: float = quantity("s", low=0, high=3600, default=0.0, help="time that the change takes")
    rain: float | None = quantity("mm/h", low=0, high=150, default=None, help="rain rate")
    snow: float | None = quantity("mm/h", low=0, high=20, default=None, help="snowfall as water")
    fog_visibility: float | None = quantity("m", low=5, high=100_000, default=None, help="meteorological optical range")
    road_wetness: float | None = quantity("", low=0, high=1, default=None, help="0 dry, 1 a film of 1 mm")
    cloud_cover: float | None = quantity("", low=0, high=1, default=None, help="share of the sky")
    wind: float | None = quantity("m/s", low=0, high=40, default=None, help="mean wind speed")
    lamp_level: float | None = quantity("", low=0, high=2, default=None, help="output of all lamps, share of rated")

    def run(self, world: World, subject: str) -> Steps:
        start = {name: getattr(world.environment, name) for name in EnvironmentSpec.parameters}
        goals = {name: value for name in CHANGING if (value := getattr(self, name)) is not None}
        begun = world.time_s
        while True:
            share = 1.0 if self.over <= 0 else min(1.0, (world.time_s - begun) / self.over)
            changed = {name: start[name] + share * (goal - start[name]) for name, goal in goals.items()}
            world.set_environment(EnvironmentSpec(where="environment", **{**start, **changed}))
            if share >= 1.0:
                return
            yield
