"""The kinds of thing that YAML can name, and the package in which each kind's members live.

A member's module must import neither pybullet nor GL when it is loaded: ``check``, ``schema`` and ``vocabulary`` run
without either.
"""

from __future__ import annotations

from typing import Any

from simgen.core.declare import Declared
from simgen.core.registry import Registry

# The concrete base classes live in the layers above; what a lower layer may rely on is that a member is Declared.
Members = Registry[type[Any]]

settings: Members = Registry("setting", "simgen.scene.settings", "simgen.settings")
models: Members = Registry("model", "simgen.scene.models", "simgen.models")
sensors: Members = Registry("sensor", "simgen.sensing.sensors", "simgen.sensors")
effects: Members = Registry("effect", "simgen.sensing.effects", "simgen.effects")
behaviors: Members = Registry("behavior", "simgen.simulation.behaviors", "simgen.behaviors")
actions: Members = Registry("action", "simgen.simulation.actions", "simgen.actions")
conditions: Members = Registry("condition", "simgen.simulation.conditions", "simgen.conditions")
distributions: Members = Registry("distribution", "simgen.sampling.distributions", "simgen.distributions")
renderers: Members = Registry("renderer", "simgen.rendering.renderers", "simgen.renderers")
formats: Members = Registry("format", "simgen.dataset.formats", "simgen.formats")

KINDS: dict[str, Members] = {
    "settings": settings,
    "models": models,
    "sensors": sensors,
    "effects": effects,
    "behaviors": behaviors,
    "actions": actions,
    "conditions": conditions,
    "distributions": distributions,
    "renderers": renderers,
    "formats": formats,
}

__all__ = ["KINDS", "Declared", *KINDS]
