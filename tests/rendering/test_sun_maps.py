"""The sun's shadow maps: fine where a picture shows the ground large, and out to what can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.rendering import Renderer
from simgen.rendering.light import lighting
from simgen.rendering.raster.shadows import sun_views
from tests.rendering.scenes import GRAY, Thing, box_mesh, environment, ground_mesh, view

GROUND = Thing(mesh=ground_mesh(60.0), material=GRAY, labelled=False, semantic="road", static=True)
NOON = environment(time_of_day=12.0, cloud_cover=0.0)


@pytest.mark.parametrize("fov_deg", [40.0, 70.0, 100.0, 120.0])
def test_the_nearest_map_is_as_fine_however_wide_a_picture_is(fov_deg: float) -> None:
    seen = Camera.from_fov(640, 640, np.radians(fov_deg), camera_pose((0.0, 0.0, 1.5), (10.0, 0.0, 1.5)))
    maps = sun_views(seen, lighting(view([GROUND], around=NOON), np.zeros(3)), np.zeros((1, 3)), np.array([300.0]))
    ends = [one.far_z_m for one in maps]
    assert ends == sorted(ends) and ends[-1] == pytest.approx(300.0, rel=0.01)
    assert maps[0].texel_m < 0.04
    assert ends[0] > 2.0


def test_a_wide_camera_sees_the_shadow_of_a_stick_at_its_feet(raster: Renderer) -> None:
    """Six centimetres wide and two metres away, across the middle of what a camera under a mirror sees."""
    stick = Thing(mesh=box_mesh((0.06, 0.06, 1.2)), at=pose((2.0, 0.0, 0.6)), material=GRAY)
    seen = Camera.from_fov(640, 640, np.radians(110), camera_pose((0.0, 0.0, 1.0), (2.0, 0.0, 0.0)))
    far = Thing(mesh=box_mesh((1.0, 1.0, 1.0)), at=pose((280.0, 0.0, 0.5)), material=GRAY)
    lit = raster.render(view([GROUND, far], around=NOON), seen).radiance[..., 1].astype(float)
    with_it = raster.render(view([GROUND, far, stick], around=NOON), seen)
    shade = 1.0 - with_it.radiance[..., 1].astype(float) / lit
    shade[with_it.instance > 0] = 0.0
    to_sun = lighting(view([GROUND], around=NOON), np.zeros(3)).sun_direction
    share = np.linspace(0.25, 0.9, 27) * 1.2 / to_sun[2]
    on_ground = np.array([2.0, 0.0, 0.0]) - share[:, None] * (to_sun * (1.0, 1.0, 0.0))
    pixels, depth = seen.project(on_ground)
    columns, rows = np.rint(pixels).astype(int).T
    within = (depth > 0) & (columns >= 0) & (rows >= 0) & (columns < 640) & (rows < 640)
    within[within] &= with_it.instance[rows[within], columns[within]] == 0
    assert within.sum() > 10
    # In its middle hardly any sun; half a metre beside it all of it.
    assert (shade[rows[within], columns[within]] > 0.5).mean() > 0.9
    assert (shade > 0.3).mean() < 0.02
