"""Pictures from albedo and the light in cells, against the formulas in double precision."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.rendering.protocol import RADIANCE_MAX
from simgen.rendering.raster import compose as module
from simgen.rendering.raster.compose import Surfaces, compose
from simgen.rendering.raster.edges import edges_of

HEIGHT, WIDTH = 31, 37


def surfaces(node: np.ndarray, material: np.ndarray, albedo: np.ndarray | None = None) -> Surfaces:
    height, width = node.shape
    if albedo is None:
        albedo = np.random.default_rng(1).integers(0, 256, (height, width, 4)).astype(np.uint8)
    flat = np.zeros((height, width, 2), dtype=np.uint16)
    special = np.append((material[:, 0] != 0).any(axis=1), False)
    return Surfaces(
        albedo=albedo,
        node=node,
        edges=edges_of(np.where(node < 0, 0, 10).astype(np.float32), node, flat),
        special=np.flatnonzero(special[node]),
        material=material,
    )


def cells(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Light that grows evenly along rows and columns."""
    y, x = np.mgrid[0 : (height + 1) // 2, 0 : (width + 1) // 2].astype(np.float32)
    return np.stack([2.0 + x, 3.0 + y, 1.0 + x + y, 0.5 * x, 0.25 * y, 0 * x, 0 * x]).astype(np.float32)


@pytest.mark.parametrize(("height", "width"), [(31, 37), (32, 38), (1, 1), (2, 1), (60, 5)])
@pytest.mark.parametrize("damp", [0.0, 0.7])
@pytest.mark.parametrize("rows", [3, 100])
def test_light_between_cells_is_their_mean(
    height: int, width: int, damp: float, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BAND_CELLS", rows)
    seen = surfaces(np.zeros((height, width), dtype=np.int32), np.zeros((1, 2, 4), dtype=np.float32))
    light = cells(height, width)
    light[6] = damp
    picture = compose(seen, light, None).astype(np.float64)
    own = (seen.albedo[..., :3] / 255.0) ** 2
    own *= 1 + damp * (0.934 * 0.53 / (1 - 0.47 * own) - 1)
    # Beyond the last cell the light stays as it is.
    y = np.minimum(np.arange(height) / 2, (height - 1) // 2)[:, None] + np.zeros(width)
    x = np.minimum(np.arange(width) / 2, (width - 1) // 2) + np.zeros((height, 1))
    expected = own * np.stack([2 + x, 3 + y, 1 + x + y], -1) + np.stack([0.5 * x, 0.25 * y, 0 * x], -1)
    assert picture.shape == (height, width, 3)
    assert picture == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_at_an_edge_the_light_comes_from_the_pixels_own_surface() -> None:
    node = np.zeros((HEIGHT, WIDTH), dtype=np.int32)
    node[:, 15:] = 1  # the pixel 15 lies between the cells of 14 and 16
    node[21:] = 2
    light = np.zeros((7, 16, 19), dtype=np.float32)
    owner = node[::2, ::2]
    light[0] = np.choose(owner, [1.0, 10.0, 100.0])
    white = np.full((HEIGHT, WIDTH, 4), 255, dtype=np.uint8)
    picture = compose(surfaces(node, np.zeros((3, 2, 4), dtype=np.float32), white), light, None)
    assert np.array_equal(picture[..., 0], np.choose(node, [1, 10, 100]).astype(np.float16))


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_metals_do_not_scatter_lamps_glow_and_the_sky_is_put_in(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BAND_CELLS", rows)
    node = np.zeros((HEIGHT, WIDTH), dtype=np.int32)
    node[:, 10:20], node[:, 20:30], node[:, 30:] = 1, 2, -1
    material = np.zeros((3, 2, 4), dtype=np.float32)
    material[1, 0] = (0, 0, 0, 0.75)
    material[2, 0] = (7.0, 8.0, 1e6, 0.0)
    sky = np.zeros((HEIGHT, WIDTH, 4), dtype=np.float16)
    sky[..., :3] = (21.0, 22.0, 23.0)
    light = np.ones((7, 16, 19), dtype=np.float32)
    light[6] = 0
    white = np.full((HEIGHT, WIDTH, 4), 255, dtype=np.uint8)
    picture = compose(surfaces(node, material, white), light, sky).astype(np.float64)
    assert np.allclose(picture[:, :10], 2.0)
    assert np.allclose(picture[:, 10:20], 1.25)
    assert np.allclose(picture[:, 20:30, :2], (9.0, 10.0))
    assert np.isfinite(picture).all(), "what is too bright for 16 bits is cut off"
    assert np.allclose(picture[:, 30:], (21.0, 22.0, 23.0))


def test_light_beyond_what_half_floats_hold_is_clipped() -> None:
    seen = surfaces(
        np.zeros((4, 4), dtype=np.int32), np.zeros((1, 2, 4), dtype=np.float32), np.full((4, 4, 4), 255, np.uint8)
    )
    light = np.full((7, 2, 2), 40_000.0, dtype=np.float32)
    light[6] = 0.0
    assert (compose(seen, light, None) == np.float16(RADIANCE_MAX)).all()
