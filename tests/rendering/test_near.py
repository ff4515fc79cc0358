"""What is close to the camera, and beside it, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.core.lens import KannalaBrandt
from simgen.rendering import Renderer
from simgen.scene.mesh import Material, Mesh, Texture
from tests.rendering.scenes import Thing, ground_mesh, view

HEIGHT_M = 0.15
WIDE_RAD = float(np.radians(135))


def plate(step_m: float = 0.3, count: int = 8) -> Mesh:
    """Level, around the origin, with rows of corners along x = 0."""
    along = step_m * np.arange(-count, count + 1)
    x, y = np.meshgrid(along, along, indexing="ij")
    corners = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    side = 2 * count + 1
    first = (side * np.arange(side - 1)[:, None] + np.arange(side - 1)).reshape(-1)
    a, b, c, d = first, first + side, first + side + 1, first + 1
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return Mesh.flat(corners, faces, uv=corners[:, :2] / 8.0 + 0.5)


@pytest.mark.parametrize("behind_m", [0.0, 1e-9, 1e-7, 1e-5, 1e-3, -1e-9, -1e-6])
def test_a_plate_is_seen_whole_wherever_its_corners_lie(each: Renderer, behind_m: float):
    """Corners in the camera's own plane are projected to nowhere, and the triangles that have them are seen ahead."""
    things = [Thing(mesh=plate()), Thing(mesh=ground_mesh(20.0, z_m=-1.0))]
    camera = Camera.from_fov(
        200, 200, WIDE_RAD, camera_pose((-behind_m, 0.02, HEIGHT_M), (1.0 - behind_m, 0.02, HEIGHT_M))
    )
    seen = each.render(view(things), camera)
    down = (np.arange(200) - camera.cy_px) / camera.fy_px
    depth = np.broadcast_to((HEIGHT_M / np.where(down > 0, down, np.nan))[:, None], (200, 200))
    across = depth * (np.arange(200) - camera.cx_px) / camera.fx_px
    firm = (depth > camera.near_m) & (depth < 2.0) & (np.abs(across) < 2.0)
    assert firm.mean() > 0.2 and depth[firm].min() < 0.07
    assert (seen.instance[firm] == 1).all()
    np.testing.assert_allclose(seen.depth_m[firm], depth[firm], rtol=2e-3)


def test_a_cut_plate_keeps_its_picture(tiny: Renderer):
    """The same texture at the same places, whether a row of corners lies in the camera's plane or far behind it."""
    checks = np.kron(np.indices((64, 64)).sum(axis=0) % 2, np.ones((2, 2))).astype(np.uint8) * 200 + 30
    material = Material(
        name="checks", base_color=(1.0, 1.0, 1.0), texture=Texture(name="checks", pixels=np.dstack([checks] * 3))
    )
    camera = Camera.from_fov(200, 200, WIDE_RAD, camera_pose((0, 0.02, HEIGHT_M), (1, 0.02, HEIGHT_M)))
    light = []
    for shift in (0.0, 0.11):
        mesh = plate()
        corners = mesh.vertices_m + np.array([shift, 0, 0], dtype=np.float32)
        moved = Mesh.flat(corners, mesh.faces, uv=corners[:, :2] / 8.0 + 0.5)
        light.append(tiny.render(view([Thing(mesh=moved, material=material)]), camera).radiance.astype(np.float64))
    close = light[0][130:, 20:180], light[1][130:, 20:180]
    assert close[1].std() > 0.3 * close[1].mean()
    assert np.mean(np.abs(close[0] / close[1] - 1) < 0.02) > 0.97


def test_a_fisheye_close_above_a_plate_sees_it_at_its_distance(each: Renderer):
    camera = Camera.from_fov(
        240,
        160,
        float(np.radians(190)),
        camera_pose((0.0, 0.02, HEIGHT_M), (1.0, 0.02, HEIGHT_M)),
        lens=KannalaBrandt(),
    )
    seen = each.render(view([Thing(mesh=plate(), at=pose()), Thing(mesh=ground_mesh(20.0, z_m=-1.0))]), camera)
    rays = camera.grid()
    distance = HEIGHT_M / np.maximum(rays[..., 1], 1e-9)
    firm = (rays[..., 1] > 0) & (np.linalg.norm(rays[..., (0, 2)], axis=-1) * distance < 2.0)
    assert firm.mean() > 0.15
    assert np.mean(seen.instance[firm] == 1) > 0.999
    np.testing.assert_allclose(seen.depth_m[firm], distance[firm], rtol=2e-3)
