"""Domain randomization: what a file leaves open differs from sample to sample, in the scene and not only on paper."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest

import simgen
from simgen.core.camera import Camera
from simgen.language import parse
from simgen.sampling.assembly import Assembly, assemble
from simgen.sampling.concrete import ConcreteScenario
from simgen.sampling.sampler import start_situation
from simgen.scene.body import Body

STREET = """
simgen: 1
scenario: street
randomize: {how}
setting: {{road: two_lane_urban, length: 90 m}}
environment: {{lighting: street_lamps}}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 20 m}}, speed: 10 m/s, behavior: follow_lane}}
  adult: {{model: pedestrian.adult, at: {{position: [60 m, -7 m, 0.12 m]}}}}
  ball: {{model: ball, at: {{position: [64 m, -7 m, 0.12 m]}}}}
traffic: {{density: 20 /km, pedestrians: 20 /km}}
sensors:
  front: {{camera: {{mount: ego.windscreen, rate: 10 Hz}}}}
end: time > 1 s
"""
BENCH = """
simgen: 1
scenario: bench
randomize: {how}
setting: {{room: tabletop}}
environment: {{lighting: indoor}}
actors:
  arm: {{model: franka_panda, at: {{position: [0 m, 0 m, 0.75 m]}}}}
  carton: {{model: box.carton, at: {{position: [0.5 m, 0 m, 0.76 m]}}}}
end: time > 1 s
"""


class Sample:
    """One sample and what it amounts to."""

    def __init__(self, text: str, how: str, index: int) -> None:
        self.concrete: ConcreteScenario = simgen.sample(parse(text.format(how=how)), seed=3, index=index)
        self.assembly: Assembly = assemble(self.concrete)

    def body(self, name: str) -> Body:
        return self.assembly.scene.entity(name).body

    def camera(self) -> Camera:
        return start_situation(self.concrete).cameras("front")

    def fixtures(self, semantic: str) -> list[tuple[str, str]]:
        """What of one class stands around: looks and places."""
        return [
            (f.body.asset.digest, f.world_from_body.tobytes().hex())
            for f in self.assembly.stage.fixtures
            if f.body.semantic == semantic
        ]


def colors(body: Body) -> list[object]:
    return [(p.name, p.material.base_color) for p in body.parts]


def size(body: Body) -> tuple[float, ...]:
    return tuple(body.box_size_m)


STREETS: dict[str, Callable[[Sample], object]] = {
    "shapes": lambda s: (size(s.body("ego")), size(s.body("ball"))),
    "paint": lambda s: (colors(s.body("ego")), colors(s.body("ball"))),
    "clothing": lambda s: colors(s.body("adult")),
    "textures": lambda s: s.fixtures("road"),
    "clutter": lambda s: s.fixtures("car"),
    "vegetation": lambda s: s.fixtures("vegetation"),
    "buildings": lambda s: s.fixtures("building"),
    "lights": lambda s: s.assembly.start.lamp_power.tolist(),
    "sun": lambda s: np.asarray(s.assembly.start.environment.sun_direction).tolist(),
    "sky": lambda s: s.assembly.start.environment.cloud_cover,
    "camera pose": lambda s: s.camera().world_from_camera.tolist(),
    "camera intrinsics": lambda s: (s.camera().fx_px, s.camera().cx_px, s.camera().cy_px),
    "mass": lambda s: s.body("ball").mass_kg,
    "friction": lambda s: s.body("ball").friction,
    "restitution": lambda s: s.body("ball").restitution,
    "traffic": lambda s: [(a.name, a.model.name, a.position_m) for a in s.concrete.actors if "traffic" in a.name],
}
BENCHES: dict[str, Callable[[Sample], object]] = {
    "shapes": lambda s: size(s.body("carton")),
    "textures": lambda s: s.body("carton").asset.digest,
    "furniture": lambda s: [f.body.asset.digest for f in s.assembly.stage.fixtures],
    "lamps": lambda s: s.assembly.start.lamp_power.tolist(),
    "mass": lambda s: s.body("carton").mass_kg,
    "motor gain": lambda s: s.body("arm").motor_gain,
    "joint friction": lambda s: s.body("arm").joint_friction,
}


@functools.cache
def sample_of(text: str, how: str, index: int) -> Sample:
    return Sample(text, how, index)


@pytest.mark.parametrize(
    ("text", "aspect", "seen"),
    [
        *(pytest.param(STREET, name, seen, id=f"street-{name}") for name, seen in STREETS.items()),
        *(pytest.param(BENCH, name, seen, id=f"bench-{name}") for name, seen in BENCHES.items()),
    ],
)
def test_it_differs_between_two_samples_unless_it_is_held(text: str, aspect: str, seen: Callable[[Sample], object]):
    assert seen(sample_of(text, "default", 0)) != seen(sample_of(text, "default", 1)), aspect
    held = seen(sample_of(text, "none", 0))
    assert held == seen(sample_of(text, "none", 1)), aspect
    assert held not in (None, []), aspect


def test_motors_are_stated_for_what_has_some() -> None:
    stated = BENCH.replace("{{model: franka_panda,", "{{model: franka_panda, motor_gain: 0.7, joint_friction: 3 %,")
    arm = Sample(stated, "default", 0).body("arm")
    assert (arm.motor_gain, arm.joint_friction) == (0.7, 0.03)
    for key in ("motor_gain: 0.7", "joint_friction: 1 %"):
        wrong = BENCH.replace("{{model: box.carton,", f"{{{{model: box.carton, {key},")
        with pytest.raises(simgen.SimgenError, match=r"'carton' has no (motors|joints)"):
            Sample(wrong, "none", 0)
    heavy = BENCH.replace("{{model: franka_panda,", "{{model: franka_panda, mass: 30 kg,")
    with pytest.raises(simgen.SimgenError, match="its mass fixed by its description"):
        Sample(heavy, "none", 0)
