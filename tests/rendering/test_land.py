"""Land reaches as far as a camera sees: a ray that falls meets it, and its depth is that of the plain or of what
stands on it."""

import functools
import math

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose
from simgen.core.vocabulary import settings
from simgen.rendering import Renderer
from simgen.scene.roadside.surfaces import TERRAIN_M
from simgen.scene.scene import SceneView
from simgen.scene.stage import Stage
from tests.rendering.scenes import environment, staged


@functools.lru_cache(maxsize=1)
def seen(name: str) -> tuple[Stage, SceneView]:
    """A setting by day and its view, for all tests of the setting that follow each other."""
    stage = settings.get(name)().build("daylight")
    return stage, staged(stage, [], around=environment())


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("name", sorted(n for n in settings.names() if settings.get(n)().group == "road"))
def test_every_ray_to_the_ground_meets_something(raster: Renderer, name: str, share: float) -> None:
    stage, scene = seen(name)
    assert stage.road is not None
    road = stage.road.roads[0]
    at = road.points(np.array([share * road.length_m]), np.zeros(1), np.array([14.0]))[0]
    for heading in np.arange(6) * math.pi / 3 + 0.2:  # all around, for each picture is 60° wide
        ahead = at + (math.cos(heading), math.sin(heading), -0.05)
        camera = Camera.from_fov(480, 160, math.radians(60), camera_pose(at, ahead))
        depth = raster.render(scene, camera).depth_m
        v, u = np.mgrid[0:160, 0:480]
        rays = np.stack([(u - camera.cx_px) / camera.fx_px, (v - camera.cy_px) / camera.fy_px, np.ones(u.shape)], -1)
        down = -(rays @ camera.world_from_camera[:3, :3].T)[..., 2]
        plain = np.where(down > 1e-6, (at[2] - TERRAIN_M) / np.maximum(down, 1e-6), np.inf)
        falls = plain < 0.99 * camera.far_m
        assert falls.sum() > 480 * 40
        assert np.isfinite(depth[falls]).all(), f"{name}: {(~np.isfinite(depth[falls])).sum()} rays meet nothing"
        assert np.all(depth[falls] < 1.01 * plain[falls])
