"""Lamps of a pixel's size send the light of their solid angle, wherever they fall among the pixels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.rendering import Renderer
from simgen.scene.mesh import Material, Mesh
from tests.rendering.scenes import Thing, box_mesh, environment, sphere_mesh, view

LUMINANCE = 3000.0
GLOWING = Material(name="lamp", base_color=(0.0, 0.0, 0.0), emission_cd_m2=(LUMINANCE, 0.0, 0.0), roughness=1.0)
NIGHT = dataclasses.replace(
    environment(time_of_day=0.0),
    sun_illuminance_lux=np.zeros(3),
    sky_zenith_cd_m2=np.zeros(3),
    sky_horizon_cd_m2=np.zeros(3),
)
EYE = Camera.from_fov(160, 120, 1.0, camera_pose((0, 0, 1.5), (10, 0, 1.5)))


def lamp(distance_m: float, aside_m: float, up_m: float, radius_m: float = 0.1) -> Thing:
    return Thing(mesh=sphere_mesh(radius_m), at=pose((distance_m, aside_m, 1.5 + up_m)), material=GLOWING)


def light(raster: Renderer, *things: Thing) -> float:
    """Luminance times pixels, of the whole picture."""
    picture = raster.render(view(list(things), around=NIGHT), EYE)
    return float(picture.radiance[..., 0].astype(np.float64).sum())


@pytest.mark.parametrize("distance_m", [8.0, 20.0, 60.0, 150.0])
def test_it_is_as_bright_at_every_place_among_the_pixels(raster: Renderer, distance_m: float) -> None:
    pixel = distance_m / EYE.fx_px
    expected = LUMINANCE * np.pi * (EYE.fx_px * 0.1 / distance_m) ** 2
    places = [(0.13 + 0.31 * k, 0.07 + 0.23 * k) for k in range(9)]
    found = [light(raster, lamp(distance_m, x * pixel, y * pixel)) for x, y in places]
    # A ball of triangles has a little less than a ball's outline.
    assert min(found) > 0.93 * expected and max(found) < 1.02 * expected
    assert np.ptp(found) < 0.03 * expected


def test_its_light_lies_about_its_middle(raster: Renderer) -> None:
    for x, y in ((0.0, 0.0), (0.3, 0.4), (0.5, -0.2)):
        pixel = 40.0 / EYE.fx_px
        picture = raster.render(view([lamp(40.0, -x * pixel, -y * pixel)], around=NIGHT), EYE)
        red = picture.radiance[..., 0].astype(np.float64)
        rows, columns = np.mgrid[: red.shape[0], : red.shape[1]]
        middle = (red * columns).sum() / red.sum() - EYE.cx_px, (red * rows).sum() / red.sum() - EYE.cy_px
        assert middle == pytest.approx((x, y), abs=0.02)


def test_nothing_of_it_is_seen_through_a_wall_and_half_of_it_beside_one(raster: Renderer) -> None:
    free = light(raster, lamp(40.0, 0.0, 0.0))
    wall = Thing(
        mesh=box_mesh((0.2, 4.0, 4.0)),
        at=pose((20.0, 0.0, 1.5)),
        material=dataclasses.replace(GLOWING, emission_cd_m2=(0.0, 0.0, 0.0)),
    )
    assert light(raster, lamp(40.0, 0.0, 0.0), wall) == 0.0
    assert light(raster, lamp(15.0, 0.0, 0.0), wall) > 0.9 * light(raster, lamp(15.0, 0.0, 0.0)) > 0.0
    assert free > 0.0


def test_it_does_not_change_its_light_where_it_becomes_large(raster: Renderer) -> None:
    """Within what the pixels' middles make of a disc of eight pixels' diameter."""
    sizes = np.linspace(3.6, 4.6, 11)
    found = [light(raster, lamp(30.0, 0.1, 0.05, radius)) / radius**2 for radius in sizes * 30.0 / EYE.fx_px]
    assert np.ptp(found) < 0.12 * np.mean(found)


def test_what_does_not_glow_is_left_as_it_is(raster: Renderer) -> None:
    off = dataclasses.replace(lamp(40.0, 0.0, 0.0), material=dataclasses.replace(GLOWING, lamp="nobody"))
    assert light(raster, off) == 0.0


def test_two_lamps_of_one_part_far_from_each_other_are_as_steady_as_one(raster: Renderer) -> None:
    """As the tail lamps of a car: the part is large, and its lamps are not."""
    one = sphere_mesh(0.1)
    both = Mesh(
        vertices_m=np.concatenate([one.vertices_m - (0, 0.9, 0), one.vertices_m + (0, 0.9, 0)]).astype(np.float32),
        normals=np.concatenate([one.normals] * 2),
        faces=np.concatenate([one.faces, one.faces + len(one.vertices_m)]),
    )
    pixel = 40.0 / EYE.fx_px
    found = [
        light(raster, Thing(mesh=both, at=pose((40.0, 0.31 * k * pixel, 1.5 + 0.23 * k * pixel)), material=GLOWING))
        for k in range(8)
    ]
    expected = 2 * LUMINANCE * np.pi * (EYE.fx_px * 0.1 / 40.0) ** 2
    assert min(found) > 0.93 * expected and np.ptp(found) < 0.03 * expected


def test_its_light_comes_from_where_it_stands(raster: Renderer) -> None:
    """In fog, and before the sky, it would else pass through all the air there is."""
    picture = raster.render(view([lamp(40.0, 0.05, 0.05)], around=NIGHT), EYE)
    assert picture.light_depth_m is not None
    lit = picture.radiance[..., 0] > 0
    assert lit.any()
    np.testing.assert_allclose(picture.light_depth_m[lit], 40.0, atol=0.2)
    np.testing.assert_array_equal(picture.light_depth_m[~lit], picture.depth_m[~lit])
    none = raster.render(view([lamp(-40.0, 0.0, 0.0)], around=NIGHT), EYE)
    assert none.light_depth_m is None


def test_nothing_of_a_lamp_is_seen_through_two_metres_of_wall(raster: Renderer) -> None:
    dark = dataclasses.replace(GLOWING, emission_cd_m2=(0.0, 0.0, 0.0))
    wall = Thing(mesh=box_mesh((1.8, 4.0, 4.0)), at=pose((299.0, 0.0, 1.5)), material=dark)
    assert light(raster, lamp(301.0, 0.0, 0.0), wall) == 0.0
