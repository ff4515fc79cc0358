"""Objects alone that reach out of the picture: cells against pixels, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose, pose
from simgen.core.lens import KannalaBrandt
from simgen.labels.masks import AmodalExtent, amodal_extent
from simgen.rendering import Renderer
from simgen.rendering.protocol import Beyond, Silhouette
from simgen.rendering.silhouette import MARGIN
from tests.rendering.conftest import raster as raster
from tests.rendering.scenes import Thing, box_mesh, sphere_mesh, view

SIZES = [(640, 360), (641, 359), (643, 363), (517, 389), (1279, 719)]


def camera(width: int, height: int, fov: float = 1.0) -> Camera:
    return Camera.from_fov(width, height, fov, camera_pose((0, 0, 1), (10, 0, 1)))


def extent_of(renderer: Renderer, thing: Thing, seen: Camera) -> AmodalExtent:
    (alone,) = renderer.silhouettes(view([thing]), seen, [1])
    extent = amodal_extent(seen, alone, None)
    assert extent is not None and alone.beyond is not None
    return extent


def solid_angle_of(seen: Camera, box: tuple[float, ...]) -> float:
    """Of a rectangle of pixel edges, by its corners: the sum of ± atan(x y / sqrt(1 + x² + y²))."""
    x = (np.array([box[0], box[2]]) - 0.5 - seen.cx_px) / seen.fx_px
    y = (np.array([box[1], box[3]]) - 0.5 - seen.cy_px) / seen.fy_px
    corners: Array = np.arctan(x[:, None] * y / np.sqrt(1 + x[:, None] ** 2 + y**2))
    return float(corners[0, 0] - corners[0, 1] - corners[1, 0] + corners[1, 1])


def blob(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:rows, 0:columns]
    middle, reach = rng.uniform(0, (rows, columns)), rng.uniform(0.2, 0.8) * max(rows, columns)
    mask: NDArray[np.bool_] = np.hypot(y - middle[0], x - middle[1]) < reach
    return mask


@pytest.mark.parametrize(("lens", "close"), [(None, 2e-3), (KannalaBrandt(), 1e-2)])
def test_cells_and_pixels_say_the_same(lens: KannalaBrandt | None, close: float) -> None:
    """The same shape, made of whole cells, on a grid that fits none of the picture's edges: given as pixels, and as
    pixels within the picture and cells beyond it."""
    rng = np.random.default_rng(1)
    compared = 0
    for _ in range(60):
        seen = Camera.from_fov(int(rng.integers(20, 90)), int(rng.integers(20, 90)), 1.2, np.eye(4), lens=lens)
        step = int(rng.integers(2, 9))
        x, y = (int(n) for n in rng.integers(-60, 1, 2))
        cells = blob(rng, (seen.height_px + 60) // step, (seen.width_px + 60) // step)
        pixels = cells.repeat(step, axis=0).repeat(step, axis=1)
        inside = np.zeros((seen.height_px, seen.width_px), dtype=np.bool_)
        part = pixels[-y : seen.height_px - y, -x : seen.width_px - x]
        inside[: part.shape[0], : part.shape[1]] = part
        for row, column in np.argwhere(cells):
            top, left = y + step * row, x + step * column
            if min(top, left) >= 0 and top + step <= seen.height_px and left + step <= seen.width_px:
                cells[row, column] = False
        one = amodal_extent(seen, Silhouette(instance_id=1, x_px=x, y_px=y, mask=pixels), None)
        beyond = Beyond(x_px=x, y_px=y, step_px=step, mask=cells)
        other = amodal_extent(seen, Silhouette(instance_id=1, x_px=0, y_px=0, mask=inside, beyond=beyond), None)
        assert (one is None) == (other is None)
        if one is None or other is None:
            continue
        compared += 1
        assert (other.box, other.pixels) == (one.box, one.pixels)
        assert other.angle == pytest.approx(one.angle, rel=close)
    assert compared > 40


@pytest.mark.parametrize("size", SIZES)
def test_what_fills_the_canvas_has_all_its_pixels_once(raster: Renderer, size: tuple[int, int]) -> None:
    seen = camera(*size)
    extent = extent_of(raster, Thing(mesh=box_mesh((0.01, 90.0, 90.0)), at=pose((1.0, 0, 1))), seen)
    x_min, y_min, x_max, y_max = extent.box
    assert extent.pixels == (x_max - x_min) * (y_max - y_min)
    assert extent.pixels_inside == size[0] * size[1]
    # Cells may reach beyond the canvas by less than one of them.
    assert extent.box == pytest.approx(
        (-MARGIN * size[0], -MARGIN * size[1], (MARGIN + 1) * size[0], (MARGIN + 1) * size[1]), abs=16
    )
    assert extent.angle_inside == pytest.approx(solid_angle_of(seen, (0, 0, *size)), rel=1e-5)
    assert extent.angle == pytest.approx(solid_angle_of(seen, extent.box), rel=3e-5)


@pytest.mark.parametrize("size", SIZES)
def test_what_leaves_the_picture_is_a_rectangle_to_the_pixel(raster: Renderer, size: tuple[int, int]) -> None:
    """Plates over the picture's right and lower edges to the canvas's end. Their own edges lie between cells, so that
    every pixel of the rectangle counts, in the picture, on its edges and beyond."""
    seen = camera(*size)
    rng = np.random.default_rng(3)
    step = compared = 0
    for _ in range(12):
        low = rng.uniform(0.1, 0.9, 2) * size
        if step:
            low = step * np.rint(low / step)
        corners = (np.stack([low - 0.25, 5.0 * np.array(size)]) - 0.5 - (seen.cx_px, seen.cy_px)) / seen.fx_px
        middle, wide = corners.mean(axis=0), corners[1] - corners[0]
        plate = Thing(mesh=box_mesh((1e-4, *wide)), at=pose((1.0, -middle[0], 1.0 - middle[1])))
        (alone,) = raster.silhouettes(view([plate]), seen, [1])
        extent = amodal_extent(seen, alone, None)
        assert extent is not None and alone.beyond is not None
        if step == alone.beyond.step_px:
            compared += 1
            assert extent.box[:2] == tuple(low)
            assert extent.pixels == np.prod(extent.box[2:] - low)
            inside, whole = (solid_angle_of(seen, (*low, *end)) for end in (size, extent.box[2:]))
            assert 1 - extent.angle_inside / extent.angle == pytest.approx(1 - inside / whole, abs=1e-4)
        step = alone.beyond.step_px
    assert compared >= 4


@pytest.mark.parametrize("size", [(320, 200), (321, 201), (319, 203)])
def test_what_surrounds_a_lens_has_all_its_pixels_once(raster: Renderer, size: tuple[int, int]) -> None:
    seen = Camera.from_fov(*size, 0.4, camera_pose((0, 0, 1), (10, 0, 1)), lens=KannalaBrandt())
    shell = sphere_mesh(4.0)
    extent = extent_of(raster, Thing(mesh=shell, at=pose((0, 0, 1))), seen)
    x_min, y_min, x_max, y_max = extent.box
    assert extent.pixels == (x_max - x_min) * (y_max - y_min)
