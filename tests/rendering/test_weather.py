"""What lies on surfaces changes how they look where it can lie, and nothing else."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.core.srgb import LUMINANCE
from simgen.rendering import RenderBuffers, Renderer
from simgen.rendering.raster.weather import TRODDEN, holds_snow
from simgen.scene.mesh import Material
from simgen.scene.scene import Entity
from tests.rendering.scenes import ASPHALT, Thing, box_mesh, environment, ground_mesh, view

DARK = Material(name="dark", base_color=(0.1, 0.1, 0.1), roughness=1.0)
EYE = Camera.from_fov(160, 120, 1.0, camera_pose((-7, 0, 4), (0, 0, 0.8)))


def drawn(raster: Renderer, **weather: float) -> RenderBuffers:
    things = [
        Thing(mesh=ground_mesh(30.0), material=DARK, semantic="terrain", labelled=False, static=True),
        Thing(mesh=box_mesh((2, 3, 2)), at=pose((0, 0, 1.0)), material=DARK, semantic="building", static=True),
    ]
    around = dataclasses.replace(
        environment(cloud_cover=1.0), sky_zenith_cd_m2=np.full(3, 900.0), sky_horizon_cd_m2=np.full(3, 900.0), **weather
    )
    return raster.render(view(things, around=around), EYE)


def test_snow_whitens_what_faces_up_and_leaves_ids_and_depth(raster: Renderer) -> None:
    bare, white = drawn(raster), drawn(raster, road_snow=1.0)
    assert white.depth_m.tobytes() == bare.depth_m.tobytes()
    assert white.instance.tobytes() == bare.instance.tobytes()
    assert white.semantic.tobytes() == bare.semantic.tobytes()
    pixels = np.stack(np.meshgrid(np.arange(160), np.arange(120)), axis=-1)
    points = EYE.unproject(pixels, np.minimum(bare.depth_m, 1e3))
    ratio = (white.radiance.astype(float) @ LUMINANCE) / np.maximum(bare.radiance.astype(float) @ LUMINANCE, 1e-6)
    box = bare.instance == 1
    top, front = box & (points[..., 2] > 1.99), box & (points[..., 2] < 1.9) & (points[..., 2] > 0.1)
    assert top.sum() > 100
    assert front.sum() > 300
    assert np.median(ratio[top]) > 4.0
    # The front sees brighter ground, and that alone.
    assert np.median(ratio[front]) < 2.9
    ground = (bare.instance == 0) & np.isfinite(bare.depth_m) & (np.hypot(points[..., 0], points[..., 1]) > 3)
    assert np.median(ratio[ground]) > 4.0


def test_ice_mirrors_what_stands_on_it(raster: Renderer) -> None:
    red = Material(name="red", base_color=(0.02, 0.02, 0.02), emission_cd_m2=(900.0, 0.0, 0.0), roughness=1.0)
    board = Thing(mesh=box_mesh((0.1, 4, 2)), at=pose((12, 0, 1.0)), material=red)
    road = Thing(mesh=ground_mesh(30.0), material=ASPHALT, semantic="road", labelled=False)
    eye = Camera.from_fov(120, 90, 1.0, camera_pose((0, 0, 1.5), (12, 0, 0.5)))
    night = dataclasses.replace(environment(time_of_day=0.0), sun_illuminance_lux=np.zeros(3))

    def below(**weather: float) -> float:
        around = dataclasses.replace(night, **weather)
        return float(raster.render(view([road, board], around=around), eye).radiance[62:68, 60, 0].mean())

    assert below(road_ice=1.0) > 10 * below()


def test_a_liquid_mirrors_in_any_weather_and_what_is_dry_beside_it_does_not(raster: Renderer) -> None:
    """By Fresnel's law, in Schlick's form: a board that shines, seen in a pool of oil at some six degrees."""
    red = Material(name="red", base_color=(0.02, 0.02, 0.02), emission_cd_m2=(900.0, 0.0, 0.0), roughness=1.0)
    oil = Material(name="oil", base_color=(0.01, 0.01, 0.01), roughness=0.05, mirrors=True)
    board = Thing(mesh=box_mesh((0.1, 8, 2)), at=pose((12, 0, 1.0)), material=red)
    road = Thing(mesh=ground_mesh(30.0), material=ASPHALT, semantic="road", labelled=False)
    pool = Thing(mesh=box_mesh((4, 2, 0.004)), at=pose((8, 0, 0.002)), material=oil, semantic="ground_patch")
    eye = Camera.from_fov(120, 90, 1.0, camera_pose((0, 0, 1.0), (12, 0, 0.5)))
    night = dataclasses.replace(environment(time_of_day=0.0), sun_illuminance_lux=np.zeros(3))
    rows, columns = np.mgrid[0:90, 0:120]
    rays = eye.directions(columns, rows)
    down = -(rays @ eye.world_from_camera[:3, :3].T)[..., 2] / np.linalg.norm(rays, axis=-1)
    fresnel = 0.02 + 0.93 * (1 - down) ** 5
    # What is merely damp, and lies at another height than the pool, has no part in it.
    for below, indoor, weather in (
        (0.0, False, {}),
        (0.0, True, {}),
        (0.0, False, {"road_wetness": 0.1}),
        (0.4, False, {"road_wetness": 0.1}),
    ):
        around, lower = dataclasses.replace(night, **weather), dataclasses.replace(road, at=pose((0, 0, -below)))
        picture = raster.render(view([lower, pool, board], around=around, indoor=indoor), eye)
        of_pool, five = (picture.instance == 1).astype(np.uint8), np.ones((5, 5), np.uint8)
        inside = cv2.erode(of_pool, five) > 0
        assert inside.sum() > 60
        ratio = picture.radiance[..., 0][inside] / (900.0 * fresnel[inside])
        assert 0.9 < np.median(ratio) < 1.1
        beside = np.isfinite(picture.depth_m) & (cv2.dilate(of_pool, five) == 0) & (rows > 55)
        assert picture.radiance[..., 0][beside].max() < 0.2 * picture.radiance[..., 0][inside].min()


def test_deep_water_shows_a_sharper_image_than_a_thin_film(raster: Renderer) -> None:
    lamp = Material(name="lamp", base_color=(0.0, 0.0, 0.0), emission_cd_m2=(900.0, 900.0, 900.0), roughness=1.0)
    spot = Thing(mesh=box_mesh((0.1, 0.4, 0.4)), at=pose((12, 0, 2.0)), material=lamp)
    road = Thing(mesh=ground_mesh(30.0), material=ASPHALT, semantic="road", labelled=False)
    eye = Camera.from_fov(120, 180, 0.9, camera_pose((0, 0, 1.5), (12, 0, 0.0)))
    night = dataclasses.replace(environment(time_of_day=0.0), sun_illuminance_lux=np.zeros(3))

    def peak(**weather: float) -> float:
        image = raster.render(view([road, spot], around=dataclasses.replace(night, **weather)), eye)
        return float(image.radiance[110:, 60, 1].astype(float).max())

    assert peak(road_wetness=1.0, water_film_mm=6.0) > 1.3 * peak(road_wetness=1.0, water_film_mm=0.5)


def test_weather_of_one_frame_leaves_nothing_to_the_next(raster: Renderer) -> None:
    first = drawn(raster)
    drawn(raster, road_snow=0.7, road_ice=0.5, road_wetness=0.9)
    assert drawn(raster).radiance.tobytes() == first.radiance.tobytes()


def test_snow_stays_on_houses_and_is_rubbed_off_people(raster: Renderer) -> None:
    """By the brightness of a dark top that snow whitens: all of it on what stands, some on what drives, none on who
    walks, and none on a lamp."""

    def top(semantic: str, static: bool, material: Material = DARK) -> float:
        thing = Thing(
            mesh=box_mesh((2, 2, 1)), at=pose((0, 0, 0.5)), material=material, semantic=semantic, static=static
        )
        around = dataclasses.replace(environment(cloud_cover=1.0), road_snow=1.0)
        eye = Camera.from_fov(33, 33, 0.2, camera_pose((0, 0, 8), (0, 0, 0), up=(1, 0, 0)))
        return float(np.median(raster.render(view([thing], around=around), eye).radiance.astype(float) @ LUMINANCE))

    bare = top("pedestrian", False)
    assert top("building", True) > 5 * bare
    assert 2 * bare < top("car", False) < 0.95 * top("building", True)
    glowing = dataclasses.replace(DARK, emission_cd_m2=(1.0, 1.0, 1.0))
    assert top("building", True, glowing) < 1.5 * bare
    assert holds_snow(*_part("road")) == TRODDEN and holds_snow(*_part("pedestrian")) == 0.0


def _part(semantic: str) -> tuple[Entity, Material]:
    scene = view([Thing(mesh=box_mesh((1, 1, 1)), material=DARK, semantic=semantic, static=True)]).scene
    return scene.entities[0], DARK
