"""The sky in an enclosure: what comes through its openings, by closed forms, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose, pose
from simgen.core.srgb import LUMINANCE
from simgen.rendering import Renderer
from simgen.rendering.light import GROUND_ALBEDO
from simgen.scene.enclosure import Enclosure, Opening
from simgen.scene.environment import Environment
from simgen.scene.mesh import Material
from simgen.scene.scene import SceneView
from simgen.sensing.surroundings import Surroundings
from simgen.simulation.world import World
from tests.rendering.scenes import Thing, box_mesh, environment, ground_mesh, staged, view
from tests.rendering.test_light import MATT, dark, sunny

WIDE_M, HIGH_M, LONG_M = 9.5, 5.6, 400.0
TUNNEL = Enclosure(
    world_from_box=pose((0.5 * LONG_M, 0.0, 0.5 * HIGH_M - 0.1)),
    size_m=(LONG_M, WIDE_M, HIGH_M + 0.2),
    openings=(Opening.upright(np.zeros(3), np.array([-1.0, 0.0, 0.0]), WIDE_M, HIGH_M),),
    albedo=0.25,
)
FLOOR = Thing(mesh=ground_mesh(500.0), material=MATT, labelled=False)
EVEN = dataclasses.replace(dark(), sky_zenith_cd_m2=np.full(3, 5000.0), sky_horizon_cd_m2=np.full(3, 5000.0))


def at_floor(renderer: Renderer, x_m: float, around: Environment, things: tuple[Thing, ...] = (FLOOR,)) -> float:
    """Luminance in the middle of a picture that looks down at the floor at x."""
    eye = Camera.from_fov(17, 17, 0.1, camera_pose((x_m, 0, 2), (x_m, 0, 0), up=(1, 0, 0)))
    image = renderer.render(view(things, around=around, enclosures=(TUNNEL,)), eye)
    return float(image.radiance[8, 8].astype(np.float64) @ LUMINANCE)


def form_factor(x_m: float) -> float:
    """From level ground to an upright rectangle that stands on it, its middle ahead (Hamilton & Morgan 1952)."""
    x, y = HIGH_M / (0.5 * WIDE_M), x_m / (0.5 * WIDE_M)
    a = 1 / np.hypot(x, y)
    return float((np.arctan(1 / y) - y * a * np.arctan(a)) / np.pi)


def light_vector(x_m: float) -> Array:
    """Of an opening of even luminance, summed over its parts."""
    y, z = (np.arange(300) + 0.5) / 300 * WIDE_M - 0.5 * WIDE_M, (np.arange(300) + 0.5) / 300 * HIGH_M
    to = np.stack(np.broadcast_arrays(-x_m, y[:, None], z[None, :]), axis=-1).reshape(-1, 3)
    away = np.linalg.norm(to, axis=1, keepdims=True)
    vector: Array = np.sum(to * x_m / away**4, axis=0) * (WIDE_M * HIGH_M / len(to) / np.pi)
    return vector


@pytest.mark.parametrize("depth_m", [2.0, 10.0, 30.0, 100.0, 250.0])
def test_the_floor_gets_its_form_factors_share_of_the_sky(raster: Renderer, depth_m: float) -> None:
    vector = light_vector(depth_m)
    assert vector[2] == pytest.approx(form_factor(depth_m), rel=1e-3)
    rise = np.sqrt(0.5 * (1 + vector[2] / np.linalg.norm(vector)))  # of the way halfway to the floor's normal
    outside = np.pi * 5000.0 * (0.5 * (1 + rise) + GROUND_ALBEDO * 0.5 * (1 - rise))
    expected = 0.5 / np.pi * form_factor(depth_m) * outside
    # On top of Lambert a rough dielectric reflects some per cent.
    assert at_floor(raster, depth_m, EVEN) == pytest.approx(expected, rel=0.08)


def test_before_the_opening_its_darkness_is_missed_and_far_away_nothing(raster: Renderer) -> None:
    free = at_floor(raster, -300.0, EVEN)
    for away in (0.5, 4.0, 12.0):
        assert at_floor(raster, -away, EVEN) == pytest.approx(free * (1 - form_factor(away)), rel=0.05)
    # One light falls into the other, but for what a rough floor mirrors of the sky above it.
    assert at_floor(raster, 0.1, EVEN) == pytest.approx(at_floor(raster, -0.1, EVEN), rel=0.15)


@pytest.mark.parametrize("name", ["tiny", "pyrender"])
def test_the_other_renderers_keep_the_sky_out_too(name: str, request: pytest.FixtureRequest) -> None:
    renderer = request.getfixturevalue(name)
    free, deep = at_floor(renderer, -300.0, EVEN), at_floor(renderer, 150.0, EVEN)
    assert deep < 0.02 * free


def test_the_sun_shines_in_only_through_the_opening(raster: Renderer) -> None:
    high, low = (sunny(50_000.0, (-1.0, 0.0, up)) for up in (2.0, 0.5))
    assert at_floor(raster, -50.0, high) > 5000.0
    # Above the opening passes at 3 m a ray of slope 2 and not one of slope 0.5, at 20 m either.
    assert at_floor(raster, 3.0, high) < 0.05 * at_floor(raster, -50.0, high)
    assert at_floor(raster, 3.0, low) > 0.8 * at_floor(raster, -50.0, low)
    assert at_floor(raster, 20.0, low) < 0.02 * at_floor(raster, -50.0, low)


def test_paint_mirrors_the_sky_where_the_opening_is_unless_a_body_stands_before_it(raster: Renderer) -> None:
    paint = Material(name="paint", base_color=(0.9, 0.9, 0.9), roughness=0.05, metallic=1.0)
    mirror = Thing(mesh=box_mesh((0.2, 2, 2)), at=pose((40, 0, 1.5)), material=paint)
    eye = Camera.from_fov(33, 33, 0.1, camera_pose((30, 0, 1.5), (40, 0, 1.5)))

    def seen(*more: Thing) -> float:
        image = raster.render(view([mirror, *more], around=EVEN, enclosures=(TUNNEL,)), eye)
        return float(image.radiance[16, 16].astype(np.float64) @ LUMINANCE)

    assert seen() > 1000.0
    behind = Thing(mesh=box_mesh((4.0, 1.8, 2.9)), at=pose((25, 0, 1.5)))
    assert seen(behind) < 0.1 * seen()
    aside = Thing(mesh=box_mesh((0.2, 2, 2)), at=pose((40, 0, 1.5), np.diag([-1.0, -1.0, 1.0])), material=paint)
    other = Camera.from_fov(33, 33, 0.1, camera_pose((50, 0, 1.5), (40, 0, 1.5)))
    image = raster.render(view([aside], around=EVEN, enclosures=(TUNNEL,)), other)
    assert image.radiance[16, 16].max() < 1.0


def test_a_wall_deep_inside_is_dark_by_day_and_lamps_light_it(raster: Renderer) -> None:
    stage = vocabulary.settings.get("tunnel")(length=500.0, portal=100.0).build("daylight")
    made = staged(stage, [], around=environment())
    lit = dataclasses.replace(
        made, snapshot=dataclasses.replace(made.snapshot, lamp_power=np.ones(len(made.scene.lamps)))
    )

    def wall(seen: SceneView, eye: tuple[float, float, float], target: tuple[float, float, float]) -> float:
        image = raster.render(seen, Camera.from_fov(33, 33, 0.3, camera_pose(eye, target)))
        return float(np.median(image.radiance.astype(np.float64) @ LUMINANCE))

    outside = wall(made, (85, -9, 2), (100, -9, 2))
    unlit, burning = (wall(v, (240, 0, 1.5), (240, 4.75, 1.5)) for v in (made, lit))
    assert burning < outside / 20
    assert unlit < burning / 5
    assert 2.0 < burning < 30.0  # by 9000 lm on 12 m: tens of lux


SCENARIO = """simgen: 1
scenario: dark_tunnel
summary: The power fails in a tunnel.
tags: []
setting: {{road: tunnel, length: 600 m, portal: 80 m}}
environment: {{time_of_day: "12:00", lighting: {lighting}, lamp_level: 0.9}}
actors:
  ego: {{model: car.sedan, at: {{lane: -1, s: 300 m}}, speed: 30 km/h, behavior: follow_lane}}
sensors:
  front: {{camera: {{mount: ego.windscreen, resolution: [96, 54], fov: 60 deg, rate: 10 Hz}}}}
story:
  - event: dark
    when: time > 0.2 s
    do: {{world: {{blackout: {action}}}}}
end: {{any: ["time > 0.4 s"]}}
sample: {{count: 1, seed: 1}}
"""


def first_and_last(folder: Path, lighting: str, action: str = "{}") -> tuple[SceneView, SceneView]:
    file = folder / "dark_tunnel.yaml"
    file.write_text(SCENARIO.format(lighting=lighting, action=action))
    with World(simgen.sample(simgen.load(file), index=0)) as world:
        views = [SceneView(scene=world.scene, snapshot=s) for s in world.run()]
    return views[0], views[-1]


def tunnel_lamps(seen: SceneView) -> Array:
    own = [seen.scene.entities[lamp.entity].name.startswith("tunnel_lamp") for lamp in seen.scene.lamps]
    assert any(own)
    return np.asarray(seen.snapshot.lamp_power)[own]


def test_a_blackout_at_noon_darkens_the_tunnel(raster: Renderer, tmp_path: Path) -> None:
    before, after = first_and_last(tmp_path, "auto")
    np.testing.assert_allclose(tunnel_lamps(before), 0.9)
    np.testing.assert_array_equal(tunnel_lamps(after), 0.0)
    eye = Camera.from_fov(96, 54, 1.0, camera_pose((320, -1.75, 1.4), (340, 1.0, 1.0)))
    light, night = (raster.render(v, eye).radiance.astype(np.float64) @ LUMINANCE for v in (before, after))
    assert np.median(night) < 0.25 * np.median(light)


def test_lamps_of_a_tunnel_are_out_when_unlit_and_stay_in_a_blackout_of_signals_alone(tmp_path: Path) -> None:
    for seen in first_and_last(tmp_path, "unlit"):
        np.testing.assert_array_equal(tunnel_lamps(seen), 0.0)
    for seen in first_and_last(tmp_path, "auto", "{lamps: false}"):
        np.testing.assert_allclose(tunnel_lamps(seen), 0.9)


def test_no_weather_reaches_a_camera_inside() -> None:
    seen = view([FLOOR], around=environment(rain=10.0), enclosures=(TUNNEL,))
    eyes = (Camera.from_fov(16, 16, 1.0, camera_pose((x, 0, 1.5), (x + 1, 0, 1.5))) for x in (-5.0, 5.0))
    assert [Surroundings.about(seen, eye, np.zeros(3)).sheltered for eye in eyes] == [False, True]
