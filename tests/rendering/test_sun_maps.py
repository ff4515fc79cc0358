"""The sun's shadow maps: fine where a picture shows the ground large, and out to what can be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.core.vocabulary import renderers
from simgen.rendering import Renderer
from simgen.rendering.light import lighting
from simgen.rendering.raster.shadows import sun_views
from simgen.scene.scene import SceneView
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


POSTS = [
    Thing(mesh=box_mesh((0.3, 0.3, 4.0)), at=pose((x, y, 2.0)), material=GRAY, static=True)
    for x in np.arange(6.0, 300.0, 12.0)
    for y in (-4.0, 4.0)
]
WIDE = replace(GROUND, mesh=ground_mesh(400.0))
STREET = view([WIDE, *POSTS, Thing(mesh=box_mesh((6.0, 2.5, 4.0)), material=GRAY)], around=NOON)


def street(mover_x_m: float) -> SceneView:
    """Posts that stand along 300 m, and a box somewhere between them: one scene, at different times."""
    poses = STREET.snapshot.world_from_node.copy()
    poses[-1] = pose((mover_x_m, 0.0, 2.0))
    return replace(STREET, snapshot=replace(STREET.snapshot, world_from_node=poses, world_from_entity=poses.copy()))


def test_what_was_drawn_before_changes_no_picture(raster: Renderer) -> None:
    """A drive past things that stand, behind one that moves: maps are kept, moved on, and drawn over."""
    alone: dict[tuple[float, float], np.ndarray] = {}
    for x in (0.0, 0.0, 4.0, 9.0, 40.0, 9.0):
        eye = Camera.from_fov(320, 180, 1.1, camera_pose((x, 0.0, 1.5), (x + 10.0, 0.0, 1.2)))
        for ahead_m in (9.0, 30.0, 90.0):
            scene = street(x + ahead_m)
            if (x, ahead_m) not in alone:
                with renderers.get("raster").create() as fresh:
                    alone[x, ahead_m] = fresh.render(scene, eye).radiance
            found = raster.render(scene, eye).radiance
            assert np.array_equal(found, alone[x, ahead_m]), (x, ahead_m)


@pytest.mark.parametrize("ahead_m", [9.0, 40.0, 130.0])
def test_the_shadow_of_what_moves_goes_with_it(raster: Renderer, ahead_m: float) -> None:
    """In the maps of all distances: where it stood the ground is lit as if it had never been there."""
    eye = Camera.from_fov(640, 360, 0.5, camera_pose((0.0, 0.0, 0.4 * ahead_m), (ahead_m, 0.0, 0.0)))
    away = raster.render(street(1.6 * ahead_m), eye)
    there = raster.render(street(ahead_m), eye)
    gone = raster.render(street(1.6 * ahead_m), eye)
    assert np.array_equal(gone.radiance, away.radiance)
    ground = (there.instance == 0) & (away.instance == 0)
    darker = there.radiance[..., 1][ground].astype(float) < 0.7 * away.radiance[..., 1][ground].astype(float)
    assert darker.sum() > 50
