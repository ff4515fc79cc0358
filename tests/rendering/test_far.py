"""What lies close together far from the camera, against the order in which it stands there."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose, rotation_z
from simgen.core.vocabulary import renderers
from simgen.rendering import Renderer
from simgen.rendering.raster.reversed_depth import ReversedDepth
from simgen.scene.mesh import Material
from tests.rendering.scenes import Thing, box_mesh, view

FACE = Material(name="face", base_color=(0.0, 0.1, 0.6))


@pytest.mark.parametrize(
    ("distance_m", "before_m"), [(20.0, 0.0002), (80.0, 0.001), (200.0, 0.002), (400.0, 0.005), (590.0, 0.01)]
)
def test_of_two_plates_the_nearer_is_seen(raster: Renderer, distance_m: float, before_m: float):
    """As of a sign's face before its plate; both a little askew, so that no two pixels have the same depth."""
    camera = Camera.from_fov(160, 160, float(np.radians(2.0)), camera_pose((0, 0, 2.0), (1, 0.0, 2.0)))
    plate, middle = box_mesh((0.001, 60.0, 60.0)), np.array([distance_m, 0.0, 2.0])
    along = np.array([np.cos(0.2), np.sin(0.2), 0.0])
    back, front = (pose(middle - along * step, rotation_z(0.2)) for step in (0.0, before_m))
    seen = raster.render(view([Thing(mesh=plate, at=back), Thing(mesh=plate, at=front, material=FACE)]), camera)
    assert (seen.instance == 2).all()


def test_without_control_of_clip_space_depth_still_orders(raster: Renderer, monkeypatch: pytest.MonkeyPatch):
    """As on an OpenGL older than 4.5: coarser far away, but right."""
    monkeypatch.setattr(ReversedDepth, "__init__", lambda self, context: setattr(self, "_clip_control", None))
    camera = Camera.from_fov(160, 160, float(np.radians(60.0)), camera_pose((0, 0, 2.0), (1, 0.0, 2.0)))
    boxes = [Thing(mesh=box_mesh((1.0, 1.0, 1.0)), at=pose((x, 0.0, 2.0))) for x in (6.0, 4.0)]
    with renderers.get("raster").create() as old:
        seen = old.render(view(boxes), camera)
    assert seen.instance[80, 80] == 2
    np.testing.assert_allclose(seen.depth_m[80, 80], 3.5, rtol=1e-5)
    usual = raster.render(view(boxes), camera)
    np.testing.assert_array_equal(seen.node, usual.node)
    np.testing.assert_array_equal(seen.radiance[:40], usual.radiance[:40])  # sky
