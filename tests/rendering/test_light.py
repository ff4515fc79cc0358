"""Light in physical units, against closed forms, on the renderer that carries the full model."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose, rotation_z
from simgen.core.srgb import LUMINANCE
from simgen.rendering import Renderer, select_renderer
from simgen.rendering.light import GROUND_ALBEDO, MAX_LAMPS, lighting, sky_luminance
from simgen.rendering.raster import pool
from simgen.scene import beams, shapes, textures
from simgen.scene.body import Lamp
from simgen.scene.environment import Environment
from simgen.scene.mesh import Material, Texture
from tests.rendering.scenes import ASPHALT, Thing, box_mesh, environment, ground_mesh, sphere_mesh, view

MATT = Material(name="matt", base_color=(0.5, 0.5, 0.5), roughness=1.0)
DOWN = Camera.from_fov(33, 33, 0.3, camera_pose((0, 0, 6), (0, 0, 0), up=(1, 0, 0)))


def dark(**changed: object) -> Environment:
    """A night without any light of its own."""
    none = np.zeros(3)
    return dataclasses.replace(
        environment(time_of_day=0.0), sky_zenith_cd_m2=none, sky_horizon_cd_m2=none, sun_illuminance_lux=none, **changed
    )


def sunny(lux: float, direction: tuple[float, float, float]) -> Environment:
    unit = np.array(direction) / np.linalg.norm(direction)
    return dataclasses.replace(dark(), sun_illuminance_lux=np.full(3, lux), sun_direction=unit)


def lamp(height_m: float = 4.0, candela: float = 1000.0, **changed: object) -> Thing:
    made = Lamp(name="lamp", position_m=(0, 0, 0), intensity_cd=candela, **changed)
    return Thing(mesh=box_mesh((0.02, 0.02, 0.02)), at=pose((0, 0, height_m)), labelled=False, lamps=(made,))


def luminance(renderer: Renderer, things: list[Thing], around: Environment, camera: Camera = DOWN) -> np.ndarray:
    return renderer.render(view(things, around=around), camera).radiance.astype(np.float64) @ LUMINANCE


GROUND = Thing(mesh=ground_mesh(30.0), material=MATT, labelled=False)


def test_a_lamp_lights_by_the_inverse_square(raster: Renderer) -> None:
    """Lambert: L = rho / pi * I cos^3 / h^2 on the ground below a lamp of intensity I at height h."""
    image = luminance(raster, [GROUND, lamp(outer_rad=3.0, inner_rad=2.5)], dark())
    x = 6 * (np.arange(33) - 16) / DOWN.fx_px
    square = x[None, :] ** 2 + x[:, None] ** 2
    expected = 0.5 / np.pi * 1000 * 4 / (16 + square) ** 1.5
    away = np.hypot(*np.meshgrid(np.arange(33) - 16, np.arange(33) - 16)) > 3  # the lamp itself stands in the middle
    # On top of Lambert a rough dielectric reflects some per cent.
    ratio = image[away] / expected[away]
    assert np.all((ratio > 0.98) & (ratio < 1.12))
    farther = luminance(raster, [GROUND, lamp(8.0, outer_rad=3.0, inner_rad=2.5)], dark())
    assert image[16, 26] / farther[16, 26] == pytest.approx(4.0, rel=0.1)


def test_a_lamp_fades_to_nothing_without_a_step(raster: Renderer) -> None:
    eye = Camera.from_fov(400, 9, 2.4, camera_pose((0, 0, 30), (0, 0, 0), up=(1, 0, 0)))
    wide = Thing(mesh=ground_mesh(400.0), material=MATT, labelled=False)
    row = luminance(raster, [wide, lamp(4.0, 20.0, outer_rad=np.pi, inner_rad=np.pi)], dark(), eye)[4]
    assert row.max() > 0.05
    steps = np.abs(np.diff(row)) / np.maximum(row[:-1], 0.002)
    assert np.all(steps[np.abs(np.arange(399) - 199.5) > 12] < 0.35)


def test_a_cone_ends_at_its_outer_angle(raster: Renderer) -> None:
    eye = Camera.from_fov(201, 3, 1.6, camera_pose((0, 0, 5), (0, 0, 0), up=(1, 0, 0)))
    row = luminance(raster, [GROUND, lamp(4.0, inner_rad=0.3, outer_rad=0.5)], dark(), eye)[1]
    angle = np.arctan(5 * np.abs(np.arange(201) - 100) / eye.fx_px / 4)
    assert np.all(row[(angle > 0.51)] == 0)
    assert np.all(row[(angle < 0.45) & (angle > 0.05)] > 0)


@pytest.mark.parametrize("name", ["raster", "tiny", "pyrender"])
def test_what_a_lamp_spills_goes_all_round(name: str) -> None:
    """On the ground beside the beam, and on a face above the lamp."""
    eye = Camera.from_fov(201, 3, 1.6, camera_pose((0, 0, 5), (0, 0, 0), up=(1, 0, 0)))
    spilling = lamp(4.0, inner_rad=0.3, outer_rad=0.5, spill=0.02)
    with select_renderer(name) as renderer:
        row = luminance(renderer, [GROUND, spilling], dark(), eye)[1]
        over = Thing(mesh=box_mesh((2.0, 2.0, 2.0)), at=pose((0, 0, 7)), material=MATT)
        up = Camera.from_fov(33, 33, 0.1, camera_pose((0.6, 0, 4.5), (0.6, 0, 7), up=(1, 0, 0)))
        above = luminance(renderer, [over, spilling], dark(), up)[16, 16]
    x = 5 * (np.arange(201) - 100) / eye.fx_px
    beside = np.arctan(np.abs(x) / 4) > 0.52
    expected = 0.5 / np.pi * 0.02 * 1000 * 4 / (16 + x**2) ** 1.5
    assert row[beside] == pytest.approx(expected[beside], rel=0.12)
    assert above == pytest.approx(0.5 / np.pi * 20 * 2 / (4 + 0.6**2) ** 1.5, rel=0.12)


def test_a_dipped_beam_ends_above_its_edge_and_rises_on_the_right(raster: Renderer) -> None:
    """On a wall at 10 m, as UN R112 measures it: dark above the axis, but on the right up to 15 degrees."""
    beam = Lamp(
        name="beam", position_m=(0, 0, 0), direction=(1, 0, 0), intensity_cd=10_000.0, inner_rad=0.3, outer_rad=0.6,
        edge_rad=0.0,
    )  # fmt: skip
    source = Thing(mesh=box_mesh((0.01,) * 3), at=pose((0, 0, 1)), labelled=False, lamps=(beam,))
    wall = Thing(mesh=box_mesh((0.1, 20, 20)), at=pose((10.05, 0, 1)), material=MATT)
    eye = Camera.from_fov(201, 201, 0.8, camera_pose((0, 0, 1), (10, 0, 1)))
    seen = luminance(raster, [source, wall], dark(), eye)
    row = {degrees: round(100 - eye.fy_px * float(np.tan(np.radians(degrees)))) for degrees in (-3, 1.5, 3, 6)}
    left, right = int(100 - eye.fx_px * np.tan(0.2)), int(100 + eye.fx_px * np.tan(0.2))
    assert seen[row[1.5], left] < 0.06 * seen[row[-3], left]
    assert seen[row[1.5], right] == pytest.approx(seen[row[-3], right], rel=0.1)  # below 15 degrees' rise: 3.1
    assert seen[row[6], right] < 0.1 * seen[row[-3], right]


def test_a_dipped_beam_on_a_wall_is_what_its_formula_says(raster: Renderer) -> None:
    """E = I(direction) cos^3 / d^2 on a wall across the axis, with the intensity that sensing works with."""
    beam = Lamp(
        name="beam", position_m=(0, 0, 0), direction=(1, 0, 0), intensity_cd=10_000.0, inner_rad=0.3, outer_rad=0.6,
        edge_rad=0.02,
    )  # fmt: skip
    source = Thing(mesh=box_mesh((0.01,) * 3), at=pose((0, 0, 1)), labelled=False, lamps=(beam,))
    wall = Thing(mesh=box_mesh((0.1, 20, 20)), at=pose((10.05, 0, 1)), material=MATT)
    eye = Camera.from_fov(201, 201, 0.3, camera_pose((0, 0, 1), (10, 0, 1)))
    seen = luminance(raster, [source, wall], dark(), eye).ravel()
    rays = eye.directions(*np.meshgrid(np.arange(201.0), np.arange(201.0))).reshape(-1, 3)
    aside, rise, aim = (rays * (1, -1, 1) / np.linalg.norm(rays, axis=1)[:, None]).T.astype(np.float32)[..., None]
    share = beams.within_cone(aim, np.cos([0.3]), np.cos([0.6]), np.zeros(1), np.array([True])) * beams.below_edge(
        rise, aside, np.sin([0.02])
    )
    expected = 0.5 / np.pi * 10_000 / 100 * (share * aim**4)[:, 0].astype(np.float64)
    away = np.hypot(rays[:, 0], rays[:, 1]) > 0.01  # the lamp itself
    np.testing.assert_allclose(
        seen[away], expected[away], rtol=0.12, atol=0.25
    )  # light is worked out for every other pixel


def test_the_sun_lights_by_its_cosine_and_what_stands_in_it_casts_a_shadow(raster: Renderer) -> None:
    around = sunny(50_000.0, (1, 0, 1))
    lit = luminance(raster, [GROUND], around)
    expected = 0.5 / np.pi * 50_000 * np.sqrt(0.5)
    assert np.median(lit) == pytest.approx(expected, rel=0.08)
    # A wall of 1 m at x = 0 throws a shadow of 1 m towards -x.
    eye = Camera.from_fov(240, 5, 0.9, camera_pose((0, 0, 6), (0, 0, 0), up=(0, 1, 0)))
    wall = Thing(mesh=box_mesh((0.02, 20, 1)), at=pose((0, 0, 0.5)), labelled=False)
    row = luminance(raster, [GROUND, wall], around, eye)[2]
    x = (np.arange(240) - eye.cx_px) / eye.fx_px * 6
    shadow = row < 0.5 * expected
    assert x[shadow].min() == pytest.approx(-1.0, abs=0.06)
    # It begins at the wall's foot: neither a gap of light nor a detached edge.
    assert np.all(shadow[(x > -0.95) & (x < -0.06)])
    assert not np.any(shadow[(x < -1.07) | (x > 0.2)])


def test_the_plain_renderer_has_the_suns_shadow_too(tiny: Renderer) -> None:
    eye = Camera.from_fov(120, 5, 0.9, camera_pose((0, 0, 6), (0, 0, 0), up=(0, 1, 0)))
    wall = Thing(mesh=box_mesh((0.2, 20, 2)), at=pose((0, 0, 1.0)), labelled=False)
    row = luminance(tiny, [GROUND, wall], sunny(50_000.0, (1, 0, 1)), eye)[2]
    x = (np.arange(120) - eye.cx_px) / eye.fx_px * 6
    lit = 0.5 / np.pi * 50_000 * np.sqrt(0.5)
    assert np.all(row[(x > -1.8) & (x < -0.4)] < 0.3 * lit)
    assert row[x < -2.4] == pytest.approx(lit, rel=0.25)


def test_no_surface_shades_itself(raster: Renderer) -> None:
    for elevation in (0.1, 0.5, 1.2):
        around = sunny(50_000.0, (np.cos(elevation), 0.3, np.sin(elevation)))
        eye = Camera.from_fov(160, 90, 1.2, camera_pose((0, 0, 1.5), (10, 0, 0.5)))
        ball = Thing(mesh=box_mesh((1, 1, 1)), at=pose((400, 300, 0)))  # nothing near
        image = luminance(raster, [GROUND, ball], around, eye)
        ground = image[60:]
        # Highlights vary over the picture, neighbouring pixels must not.
        assert np.all(np.abs(np.diff(ground, axis=1)) < 0.05 * ground[:, 1:])


def test_a_lamp_casts_a_shadow(raster: Renderer) -> None:
    post = Thing(mesh=box_mesh((0.05, 3, 1.0)), at=pose((0.8, 0, 0.5)), labelled=False)
    eye = Camera.from_fov(240, 5, 0.9, camera_pose((0, 0, 6), (0, 0, 0), up=(0, 1, 0)))
    row = luminance(raster, [GROUND, post, lamp(4.0, inner_rad=1.0, outer_rad=1.2)], dark(), eye)[2]
    x = (np.arange(240) - eye.cx_px) / eye.fx_px * 6
    free = luminance(raster, [GROUND, lamp(4.0, inner_rad=1.0, outer_rad=1.2)], dark(), eye)[2]
    # A top edge 1 m above the ground at x = 0.825 shades the ground up to 0.825 * 4 / 3; the eye sees it from 0.99.
    behind = (x > 1.0) & (x < 0.825 * 4 / 3 - 0.02)
    assert behind.sum() >= 2
    assert np.all(row[behind] < 0.1 * free[behind])
    beyond = x > 0.825 * 4 / 3 + 0.05
    np.testing.assert_allclose(row[beyond], free[beyond], rtol=0.02)


def test_shadows_do_not_ask_whether_backs_of_closed_bodies_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither those of a lamp and of the sun, nor what a mirror of water shows."""
    bodies = [
        Thing(mesh=sphere_mesh(0.4, 12, 16), at=pose((-1.0, 0.5, 0.6))),
        Thing(mesh=box_mesh((0.5, 0.3, 0.8)), at=pose((1.0, -0.5, 0.4))),
        Thing(mesh=box_mesh((1.0, 1.0, 1.0)), at=pose((0.2, 1.0, 4.0)), labelled=False),
    ]
    ground = Thing(mesh=ground_mesh(30.0), material=ASPHALT, labelled=False)
    low = Camera.from_fov(160, 120, 1.2, camera_pose((-5, -1, 1.4), (0, 0, 0.3)))
    wet = dataclasses.replace(sunny(3000.0, (0.3, -0.5, 0.8)), road_wetness=1.0)

    def drawn() -> list[np.ndarray]:
        with select_renderer("raster") as renderer:
            return [
                luminance(renderer, [ground, *bodies, lamp(outer_rad=1.2, inner_rad=1.0)], dark(road_wetness=1.0), low),
                luminance(renderer, [ground, *bodies], wet, low),
                luminance(renderer, [ground, bodies[2], lamp(outer_rad=1.2, inner_rad=1.0)], dark(), low),
            ]

    usual = drawn()
    monkeypatch.setattr(pool, "is_closed", lambda vertices_m, indices: False)
    for mine, other in zip(usual, drawn(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-3)


@pytest.mark.parametrize("static", [False, True], ids=["lamps move", "lamps stand"])
def test_what_was_drawn_before_changes_no_shadow(raster: Renderer, static: bool) -> None:
    """Shadow maps of lamps are kept from frame to frame: a frame among others is the same as alone."""
    wall = Thing(mesh=box_mesh((0.1, 3, 1.0)), at=pose((1.2, 0, 0.5)), static=True, labelled=False)
    mover = Thing(mesh=sphere_mesh(0.3, 12, 16), at=pose((-0.8, 0, 0.4)))
    lights = [dataclasses.replace(lamp(4.0 + 0.1 * k, inner_rad=1.0, outer_rad=1.2), static=static) for k in range(9)]
    ground = dataclasses.replace(GROUND, static=static)
    scene = view([ground, wall, mover, *lights], around=dark())
    eye = Camera.from_fov(96, 64, 0.9, camera_pose((0, -5, 5), (0, 0, 0)))

    def frame(x_m: float, camera: Camera, within: Renderer) -> bytes:
        poses = scene.snapshot.world_from_node.copy()
        poses[2, 0, 3] = x_m
        moved = dataclasses.replace(scene.snapshot, world_from_node=poses, world_from_entity=poses)
        return within.render(dataclasses.replace(scene, snapshot=moved), camera).radiance.tobytes()

    order = [
        (-0.8, eye),
        (0.1, eye),
        (0.1, Camera.from_fov(96, 64, 0.9, camera_pose((2, -5, 5), (0, 0, 0)))),
        (-0.8, eye),
    ]
    among = [frame(x, camera, raster) for x, camera in order]
    assert among[0] == among[3]
    assert len(set(among)) == 3
    for (x, camera), found in zip(order[1:3], among[1:3], strict=True):
        raster.render(view([GROUND]), eye)  # another scene: nothing of the last one is kept
        assert frame(x, camera, raster) == found


def test_a_lamp_is_not_shaded_by_its_own_housing(raster: Renderer) -> None:
    housing = Thing(
        mesh=box_mesh((0.6, 0.6, 0.3)),
        at=pose((0, 0, 4)),
        labelled=False,
        lamps=(Lamp(name="lamp", position_m=(0, 0, 0), intensity_cd=1000.0, inner_rad=0.8, outer_rad=1.0),),
    )
    image = luminance(
        raster,
        [GROUND, housing],
        dark(),
        Camera.from_fov(33, 33, 1.0, camera_pose((1.5, 0, 3), (1.5, 0, 0), up=(1, 0, 0))),
    )
    assert image.min() > 2


def test_sky_light_on_level_ground_is_the_integral_of_its_luminance(raster: Renderer) -> None:
    around = dataclasses.replace(
        environment(cloud_cover=1.0), sun_illuminance_lux=np.zeros(3), sky_zenith_cd_m2=np.full(3, 900.0)
    )
    light = lighting(view([], around=around), np.zeros(3))
    rng = np.random.default_rng(0)
    up = np.sqrt(rng.uniform(size=20_000))  # cosine-weighted
    directions = np.stack([np.sqrt(1 - up**2), np.zeros_like(up), up], axis=-1)
    np.testing.assert_allclose(np.pi * sky_luminance(light, directions).mean(axis=0), light.sky_lux, rtol=0.02)
    image = luminance(raster, [GROUND], around)
    assert np.median(image) == pytest.approx(0.5 / np.pi * float(light.sky_lux @ LUMINANCE), rel=0.12)


def test_the_suns_disc_holds_the_suns_illuminance(raster: Renderer) -> None:
    around = sunny(1.0, (1, 0, 0.5))  # so dim that the disc stays within half floats
    eye = Camera.from_fov(101, 101, 0.03, camera_pose((0, 0, 0), (1, 0, 0.5)))
    image = luminance(raster, [], around, eye)
    pixel = (1 / eye.fx_px) ** 2
    disc = image > 0.5 * image.max()
    assert image[disc].sum() * pixel == pytest.approx(1.0, rel=0.06)


def test_emission_follows_its_lamp(raster: Renderer) -> None:
    glow = Material(name="glow", base_color=(0, 0, 0), roughness=1.0, emission_cd_m2=(40, 40, 40), lamp="lamp")
    thing = Thing(
        mesh=box_mesh((1, 1, 1)),
        material=glow,
        lamps=(Lamp(name="lamp", position_m=(0, 0, 0), intensity_cd=1.0, direction=(0, 0, 1)),),
    )
    made = view([thing], around=dark())
    for power, expected in ((0.0, 0.0), (0.5, 20.0), (1.0, 40.0)):
        snapshot = dataclasses.replace(made.snapshot, lamp_power=np.array([power]))
        image = raster.render(dataclasses.replace(made, snapshot=snapshot), DOWN).radiance
        assert float(image[16, 16, 1]) == pytest.approx(expected, abs=0.05)


def test_the_ground_throws_light_of_a_lamp_up_to_what_hangs_over_it(raster: Renderer) -> None:
    """A lamp of flux F right below the eye: E = F / (pi r^2) on the ground, and a share a of it comes back; an upright
    face sees it in half of its hemisphere, one that faces down in all of it."""
    flux = 2 * np.pi * 1000 * (1 - np.cos(0.55))
    luminous = GROUND_ALBEDO * flux / (np.pi * 20.0**2) / np.pi
    over = Thing(mesh=box_mesh((2.0, 2.0, 2.0)), at=pose((0, 0, 9)), material=MATT)
    below = lamp(inner_rad=0.5, outer_rad=0.6)
    for eye, target, share in (((-8, 0, 9), (0, 0, 9), 0.5), ((0, 0, 5), (0, 0, 9), 1.0)):
        camera = Camera.from_fov(33, 33, 0.1, camera_pose(eye, target, up=(1, 0, 0) if share == 1.0 else (0, 0, 1)))
        near = np.exp(-((eye[0] / 20.0) ** 2))
        seen = luminance(raster, [GROUND, over, below], dark(), camera)[16, 16]
        assert seen == pytest.approx(0.5 * share * luminous * near, rel=0.12)  # and some gloss
    assert luminance(raster, [GROUND, over], dark(), camera)[16, 16] == 0.0


def test_only_what_matters_most_shines_and_the_order_stays(raster: Renderer) -> None:
    lamps = [dataclasses.replace(lamp(), at=pose((x, 0, 4))) for x in range(0, 400, 10)]
    light = lighting(view(lamps, around=dark()), np.array([200.0, 0, 1]))
    assert len(light.lamps) == MAX_LAMPS
    assert np.all(np.diff(light.lamps.position_m[:, 0]) > 0)
    assert np.abs(light.lamps.position_m[:, 0] - 200).max() <= 130


def test_wet_asphalt_is_darker_by_the_published_formula(raster: Renderer) -> None:
    """From (1 - Rl) a (1 - p) / (1 - p a): 0.10 becomes 0.052 under diffuse light from above."""
    ground = dataclasses.replace(GROUND, material=dataclasses.replace(ASPHALT, roughness=1.0))
    around = sunny(10_000.0, (0, 0, 1))
    # Seen at an angle, away from the mirror image of the sun.
    eye = Camera.from_fov(33, 33, 0.2, camera_pose((-4, 0, 4), (0, 0, 0)))
    dry = luminance(raster, [ground], around, eye).mean()
    damp = luminance(raster, [ground], dataclasses.replace(around, road_wetness=0.3), eye).mean()
    wet = luminance(raster, [ground], dataclasses.replace(around, road_wetness=1.0), eye).mean()
    assert dry == pytest.approx(0.1 / np.pi * 10_000, rel=0.15)
    assert 0.40 < damp / dry < 0.65
    assert 0.40 < wet / dry < 0.65


def test_a_wet_road_shows_a_lamp_as_an_upright_streak(raster: Renderer) -> None:
    eye = Camera.from_fov(160, 120, 1.0, camera_pose((0, 0, 1.3), (20, 0, 0.3)))
    head = Thing(
        mesh=box_mesh((0.1, 0.2, 0.2)),
        at=pose((25, 0, 0.8)),
        labelled=False,
        lamps=(
            Lamp(
                name="lamp",
                position_m=(0, 0, 0),
                intensity_cd=10_000.0,
                direction=(-1, 0, 0),
                inner_rad=0.6,
                outer_rad=1.0,
            ),
        ),
    )
    road = dataclasses.replace(GROUND, mesh=ground_mesh(60.0), material=ASPHALT)
    dry = luminance(raster, [road, head], dark(), eye)
    wet = luminance(raster, [road, head], dark(road_wetness=1.0), eye)
    below = slice(66, 110)
    assert wet[below, 80].mean() > 5 * dry[below, 80].mean()
    assert wet[below, 80].mean() > 5 * wet[below, 20].mean()
    assert np.all(wet[below, 79:82] > dry[below, 20:23])
    bright = wet > 0.2 * wet[below].max()
    bright[:64] = False
    v, u = np.nonzero(bright)
    assert np.ptp(v) > 2.0 * np.ptp(u)


def test_a_wet_road_mirrors_what_stands_on_it(raster: Renderer) -> None:
    red = Material(name="red", base_color=(0.02, 0.02, 0.02), emission_cd_m2=(900.0, 0.0, 0.0), roughness=1.0)
    board = Thing(mesh=box_mesh((0.1, 4, 2)), at=pose((12, 0, 1.0)), material=red)
    road = dataclasses.replace(GROUND, material=ASPHALT)
    eye = Camera.from_fov(120, 90, 1.0, camera_pose((0, 0, 1.5), (12, 0, 0.5)))
    image = raster.render(view([road, board], around=dark(road_wetness=1.0)), eye)
    below = image.radiance[62:68, 60].astype(np.float64)
    assert np.all(image.instance[62:68, 60] == 0)
    assert np.all(below[:, 0] > 15.0)
    assert np.all(below[:, 0] > 20 * below[:, 1])


def test_the_shade_below_a_body_ends_at_its_edge(raster: Renderer) -> None:
    """It is found for every fourth pixel, and must not spread onto what stands before it."""
    body = Thing(mesh=box_mesh((4.0, 1.8, 1.2)), at=pose((0, 0, 0.8), rotation_z(0.5)), material=MATT)
    eye = Camera.from_fov(320, 240, 0.9, camera_pose((-6, 0, 1.3), (0, 0, 0.4)))
    image = raster.render(view([GROUND, body], around=environment(time_of_day=12.0, cloud_cover=1.0)), eye)
    light, seen = image.radiance[..., 1].astype(np.float64), image.instance == 1
    below = np.array([np.flatnonzero(seen[:, u])[-1] for u in range(320) if seen[:, u].any()])
    columns, below = np.flatnonzero(seen.any(axis=0))[8:-8], below[8:-8]
    assert len(columns) > 100 and np.ptp(below) > 10
    # Anti-aliasing mixes the last pixel with the ground.
    edge, above = light[below - 1, columns], light[below - 7, columns]
    assert (edge / above).min() > 0.9


def test_a_wet_road_mirrors_undersides_in_their_own_colour_and_shade(raster: Renderer) -> None:
    """They are in no picture, so that the mirror has to know: of a palette which of its colours the thing has."""
    road = dataclasses.replace(GROUND, material=ASPHALT)
    plank, eye = box_mesh((4.0, 3.0, 0.6)), Camera.from_fov(240, 180, 0.8, camera_pose((-6, 0, 1.2), (0, 0, 0)))
    around = environment(time_of_day=12.0, cloud_cover=1.0, road_wetness=1.0)

    def below(material: Material, square: int | None = None) -> float:
        uv = None if square is None else shapes.palette_uv(np.full(len(plank.vertices_m), square)).astype(np.float32)
        hung = Thing(mesh=dataclasses.replace(plank, uv=uv), at=pose((0, 0, 0.6)), material=material)
        image = raster.render(view([road, hung], around=around), eye)
        v, u = np.mgrid[:180, :240]
        place = np.minimum(image.depth_m, 1e3)[..., None] * eye.directions(u, v) @ eye.world_from_camera[:3, :3].T + (
            -6,
            0,
            1.2,
        )
        under = (image.instance == 0) & (np.abs(place - (-1.0, 0.0, 0.0)) < (0.6, 1.0, 0.1)).all(axis=-1)
        assert under.sum() > 100
        return float((image.radiance[under].astype(np.float64) @ LUMINANCE).mean())

    def plain(share: float) -> Material:
        return Material(name="plain", base_color=(share,) * 3, roughness=1.0)

    two = dataclasses.replace(plain(1.0), texture=textures.palette(((0.02,) * 3, (0.8,) * 3), (1.0, 1.0)))
    black, white = below(plain(0.02)), below(plain(0.8))
    assert black < 0.6 * white
    assert below(two, 0) == pytest.approx(black, rel=0.03)
    assert below(two, 1) == pytest.approx(white, rel=0.03)
    # Even a white one lies in its own shade: the sky's mirror image is far brighter.
    sky = raster.render(view([road], around=around), eye).radiance[120, 120].astype(np.float64) @ LUMINANCE
    assert white < 0.3 * sky


def test_retroreflection_sends_light_back_to_its_lamp(raster: Renderer) -> None:
    def plate(retro: float, lamp_at: tuple[float, float, float], candela: float = 5000.0) -> float:
        sheet = Material(name="sheet", base_color=(0.6, 0.6, 0.6), roughness=1.0, retroreflectance=retro)
        target = Thing(mesh=box_mesh((0.05, 1, 1)), at=pose((30, 0, 1)), material=sheet)
        source = Thing(
            mesh=box_mesh((0.01, 0.01, 0.01)),
            at=pose(lamp_at),
            lamps=(
                Lamp(
                    name="lamp",
                    position_m=(0, 0, 0),
                    intensity_cd=candela,
                    direction=(1, 0, 0),
                    inner_rad=0.6,
                    outer_rad=0.9,
                ),
            ),
        )
        street = lamp(candela=5000.0, outer_rad=1.0, inner_rad=0.9)  # next to which what is faint does not count
        eye = Camera.from_fov(33, 33, 0.02, camera_pose((0, 0, 1), (30, 0, 1)))
        return float(np.median(luminance(raster, [target, source, street], dark(), eye)))

    beside, aside = (-0.5, 0.3, 0.7), (0.0, 12.0, 1.0)
    assert plate(0.5, beside) > 50 * plate(0.0, beside)
    assert plate(0.5, aside) < 1.2 * plate(0.0, aside)
    # A sign far over the road is seen by what strays from the head lamps.
    strayed = plate(0.5, beside, 30.0) - plate(0.0, beside, 30.0)
    assert strayed == pytest.approx(plate(0.5, beside) * 30 / 5000, rel=0.1)


def test_textures_colour_surfaces_upright(each: Renderer) -> None:
    """Row 0 of the pixels lies at v = 1; sRGB 188 is a linear 0.5."""
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    pixels[:32, :, 0] = 188
    pixels[32:, :, 2] = 188
    texture = Texture(name="halves", pixels=pixels)
    panel = ground_mesh(1.0)
    unit = dataclasses.replace(
        Thing(mesh=panel), material=Material(name="t", base_color=(1, 1, 1), roughness=1.0, texture=texture)
    )
    mesh = type(panel)(
        vertices_m=panel.vertices_m.copy(),
        normals=panel.normals.copy(),
        faces=panel.faces.copy(),
        uv=np.ascontiguousarray(panel.vertices_m[:, :2] * 0.5 + 0.5).astype(np.float32),
    )
    eye = Camera.from_fov(65, 65, 0.6, camera_pose((0, 0, 4), (0, 0, 0), up=(0, 1, 0)))
    image = each.render(view([dataclasses.replace(unit, mesh=mesh)], around=sunny(10_000.0, (0, 0, 1))), eye).radiance
    top, bottom = image[20, 32].astype(float), image[44, 32].astype(float)
    assert top[0] > 5 * top[2]
    assert bottom[2] > 5 * bottom[0]
    assert top[0] == pytest.approx(0.5 / np.pi * 10_000, rel=0.2)


def test_indoors_the_lamps_light_the_room(raster: Renderer) -> None:
    made = view([GROUND, lamp(2.5, 300.0, outer_rad=1.2, inner_rad=1.0)], indoor=True, around=environment())
    light = lighting(made, np.zeros(3))
    assert not light.has_sun
    # An integrating sphere of half of white: E = F / A, in a box about what stands fixed.
    room = Thing(mesh=box_mesh((10, 8, 4)), at=pose((0, 0, 2)), static=True)
    walled = lighting(view([room, lamp(2.5, 300.0, outer_rad=1.2, inner_rad=1.0)], indoor=True), np.zeros(3))
    flux = float(walled.lamps.flux_lm.sum(axis=0) @ LUMINANCE)
    assert flux == pytest.approx(2 * np.pi * 300 * (1 - np.cos(1.1)), rel=0.05)
    assert float(walled.sky_lux @ LUMINANCE) == pytest.approx(flux / (2 * (80 + 40 + 32)), rel=1e-6)
    image = raster.render(made, DOWN).radiance.astype(np.float64) @ LUMINANCE
    assert 0.5 < np.median(image) < 100


def test_what_is_out_of_the_picture_casts_its_shadow_into_it(raster: Renderer) -> None:
    """Walls around the view, each in turn between the sun and the ground that is seen."""
    eye = Camera.from_fov(60, 40, 0.5, camera_pose((0, 0, 3), (14, 3, 0)))
    for azimuth in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        toward = np.array([np.cos(azimuth), np.sin(azimuth), 0.4])
        around = sunny(50_000.0, tuple(toward))
        foot = np.array([14, 3, 0]) + 15 * toward
        wall = Thing(mesh=box_mesh((0.5, 40, 12)), at=pose(foot, rotation_z(azimuth)), labelled=False)
        image = raster.render(view([GROUND, wall], around=around), eye)
        pixels = np.stack(np.meshgrid(np.arange(60), np.arange(40)), axis=-1)
        points = eye.unproject(pixels, np.minimum(image.depth_m, 1e4))
        ground = (np.abs(points[..., 2]) < 0.01) & (np.linalg.norm(points - (14, 3, 0), axis=-1) < 4)
        assert ground.sum() > 100
        free = 0.5 / np.pi * 50_000 * 0.4 / np.linalg.norm(toward)
        lit = image.radiance.astype(np.float64) @ LUMINANCE
        assert np.all(lit[ground] < 0.05 * free)


@pytest.mark.parametrize("name", ["raster", "tiny"])
def test_damp_ground_darkens_by_its_albedo(name: str, request: pytest.FixtureRequest) -> None:
    """Half wetted, without a film yet: the mean of 0.5 and 0.934 * 0.5 * 0.53 / (1 - 0.47 * 0.5)."""
    ground = dataclasses.replace(GROUND, material=dataclasses.replace(MATT, wettable=True))
    eye = Camera.from_fov(33, 33, 0.2, camera_pose((-4, 0, 4), (0, 0, 0)))
    renderer = request.getfixturevalue(name)
    dry = luminance(renderer, [ground], sunny(10_000.0, (0, 0, 1)), eye).mean()
    damp = luminance(renderer, [ground], dataclasses.replace(sunny(10_000.0, (0, 0, 1)), road_wetness=0.15), eye).mean()
    wet_albedo = 0.934 * 0.5 * 0.53 / (1 - 0.47 * 0.5)
    assert damp / dry == pytest.approx((0.5 + wet_albedo) / 2 / 0.5, rel=0.04)


def test_a_body_hides_the_sky_from_the_ground_below_it(raster: Renderer) -> None:
    """Under an even sky: dark below a raised box, half lit at the foot of a long wall, untouched far away."""
    around = dataclasses.replace(dark(), sky_zenith_cd_m2=np.full(3, 100.0), sky_horizon_cd_m2=np.full(3, 100.0))
    eye = Camera.from_fov(240, 9, 1.2, camera_pose((-6, 0, 0.3), (0, 0, 0.0)))
    side = Camera.from_fov(160, 9, 1.6, camera_pose((0, -8, 6), (0, 0, 0)))
    box = Thing(mesh=box_mesh((4, 1.8, 1.2)), at=pose((0, 0, 0.85)))
    open_sky = luminance(raster, [GROUND], around, eye)
    image = raster.render(view([GROUND, box], around=around), eye)
    below = (image.instance == 0) & (np.abs(image.depth_m - 6) < 1.0)
    below[:, :105] = below[:, 135:] = False
    lit = image.radiance.astype(np.float64) @ LUMINANCE
    assert below.sum() > 20
    assert np.median((lit / open_sky)[below]) < 0.35
    far = luminance(raster, [GROUND, box], around, side)[4]
    free = luminance(raster, [GROUND], around, side)[4]
    assert far[2] == pytest.approx(free[2], rel=0.02)
    assert far[-3] == pytest.approx(free[-3], rel=0.02)
