"""The library's scenarios made small, so that a test of the whole pipeline takes seconds."""

from __future__ import annotations

import functools

import simgen
from simgen.sampling.concrete import ConcreteScenario

SMALL = {
    "child_chases_ball": (
        "sensors.front.camera.resolution=[224, 126]",
        "sensors.front.camera.rate=2 Hz",
        "actors.van.at.gap=45 m",
    ),
    "dropped_object": (
        "sensors.wrist.camera.resolution=[160, 120]",
        "sensors.wrist.camera.rate=3 Hz",
        "sensors.overhead.depth_camera.resolution=[192, 108]",
        "sensors.overhead.depth_camera.rate=3 Hz",
    ),
}


@functools.cache
def concrete(name: str, index: int) -> ConcreteScenario:
    """Sample ``index`` of the small version of a scenario."""
    return simgen.sample(simgen.load(name, SMALL[name]), index=index)
