"""The three renderers agree on every scenario of the library, through every sensor."""

from __future__ import annotations

import pytest

import simgen
from simgen.core import vocabulary
from simgen.language import library
from simgen.rendering import Renderer
from simgen.sampling.concrete import ConcreteSensor
from simgen.scene.scene import SceneView
from simgen.sensing.sensor import Sensor
from simgen.simulation.world import World
from tests.rendering.test_agreement import assert_agree

WIDTH_PX = 192
AFTER_S = {"child_chases_ball": 4.0, "dropped_object": 0.5}
"""When the pictures are taken, at the start if not given here: by then a child runs, and an arm has moved."""


def small(spec: ConcreteSensor) -> Sensor:
    """The sensor with so few pixels that all of its picture stays and little of the time."""
    width, height = spec.sensor.parameters["resolution"]
    parameters = {**spec.sensor.parameters, "resolution": [WIDTH_PX, round(WIDTH_PX * height / width)]}
    made: Sensor = vocabulary.sensors.get(spec.sensor.name)(where=f"sensors.{spec.name}", **parameters)
    return made


@pytest.mark.parametrize("name", library.names())
def test_renderers_agree(name: str, raster: Renderer, tiny: Renderer, pyrender: Renderer) -> None:
    concrete = simgen.sample(simgen.load(name), index=1)
    with World(concrete) as world:
        snapshot = next(s for s in world.run() if s.time_s >= AFTER_S.get(name, 0.0))
        view = SceneView(scene=world.scene, snapshot=snapshot)
        for spec in concrete.sensors:
            camera = small(spec).camera_at(view.scene, snapshot)
            ours = raster.render(view, camera)
            for other in (tiny, pyrender):
                assert_agree(ours, other.render(view, camera))
