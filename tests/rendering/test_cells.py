"""Where the light is asked for, and what stands in cells without a surface."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.rendering import Renderer
from simgen.rendering.raster.cells import asked_at, spread
from tests.rendering.scenes import Thing, box_mesh, environment, ground_mesh, view


@pytest.mark.parametrize(("height", "width"), [(9, 7), (8, 8), (1, 1), (1, 5), (2, 3)])
@pytest.mark.parametrize("sky", [0.0, 0.3, 0.9, 1.0])
def test_a_cell_is_asked_at_its_first_surface(height: int, width: int, sky: float) -> None:
    rng = np.random.default_rng(2)
    node = np.where(rng.random((height, width)) < sky, -1, rng.integers(0, 5, (height, width))).astype(np.int32)
    asked = asked_at(node)
    assert asked.shape == ((height + 1) // 2, (width + 1) // 2)
    for v in range(asked.shape[0]):
        for u in range(asked.shape[1]):
            cell = [(2 * v, 2 * u), (2 * v, 2 * u + 1), (2 * v + 1, 2 * u), (2 * v + 1, 2 * u + 1)]
            inside = [(y, x) for y, x in cell if y < height and x < width]
            y, x = next((at for at in inside if node[at] >= 0), inside[0])
            assert asked[v, u] == y * width + x


def test_cells_beside_a_surface_get_the_mean_of_its_light_and_others_none() -> None:
    lit = np.zeros((5, 6), dtype=np.bool_)
    lit[1, 1] = lit[2, 2] = lit[4, 5] = True
    plane = np.zeros((5, 6), dtype=np.float32)
    plane[1, 1], plane[2, 2], plane[4, 5] = 2.0, 6.0, 7.0
    spread([plane], lit)
    expected = [
        [2, 2, 2, 0, 0, 0],
        [2, 2, 4, 6, 0, 0],
        [2, 4, 6, 6, 0, 0],
        [0, 6, 6, 6, 7, 7],
        [0, 0, 0, 0, 7, 7],
    ]
    assert plane.tolist() == expected


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 0.75])
def test_a_pole_one_pixel_wide_before_the_sky_is_as_bright_as_a_thick_one(raster: Renderer, shift: float) -> None:
    eye = Camera.from_fov(200, 150, 1.0, camera_pose((0, 0, 1.5), (10, 0, 1.5)))
    wide = 40 / eye.fx_px  # of a pixel, at 40 m

    def pole(width_m: float, y_m: float) -> Thing:
        return Thing(mesh=box_mesh((width_m, width_m, 20.0)), at=pose((40, y_m, 11.0)))

    made = view(
        [
            Thing(mesh=ground_mesh(), labelled=False),
            *(pole(1.2 * wide, (k * 9 + shift) * 2 * wide) for k in range(-3, 3)),
            pole(20 * wide, -60 * wide),
        ],
        around=environment(cloud_cover=1.0),  # none stands in another's shadow
    )
    buffers = raster.render(made, eye)
    above = buffers.radiance[:50].astype(np.float64).mean(axis=-1)
    ids = buffers.instance[:50]
    thick = above[ids == ids.max()].mean()
    thin = above[(ids > 0) & (ids < ids.max())]
    assert len(thin) > 100
    assert thin.min() > 0.7 * thick
