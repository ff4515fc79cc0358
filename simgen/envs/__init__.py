"""Gymnasium environments: the same scenarios, the same world; an agent takes over one actor.

``import simgen.envs`` registers them, and so does ``import simgen`` beside gymnasium, so that
``gymnasium.make("simgen:simgen/DartOut-v0")`` finds them.
"""

from __future__ import annotations

from typing import Any

import gymnasium

SCENARIOS = {
    "simgen/AnimalCrossing-v0": "animal_crossing",
    "simgen/BlackIce-v0": "black_ice_curve",
    "simgen/CutIn-v0": "cut_in",
    "simgen/CyclistDartOut-v0": "cyclist_from_occlusion",
    "simgen/DartOut-v0": "child_chases_ball",
    "simgen/DoorOpens-v0": "door_opens",
    "simgen/HardBrake-v0": "hard_brake_lead",
}
"""Id of an environment -> the scenario of the library that it trains on."""


def register() -> None:
    """Registers every environment, once."""
    entries: dict[str, dict[str, Any]] = {id: {"scenario": name} for id, name in SCENARIOS.items()}
    entries["simgen/Scenario-v0"] = {}
    for id, arguments in entries.items():
        if id not in gymnasium.registry:
            gymnasium.register(id, entry_point="simgen.envs.driving:DrivingEnv", kwargs=arguments)


register()
