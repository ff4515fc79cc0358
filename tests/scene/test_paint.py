"""Colours of faces' corners, in a texture: what its filter gives is what is interpolated over the face."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.srgb import decoded
from simgen.scene import paint
from simgen.scene.mesh import Texture
from simgen.scene.textures import srgb


def filtered(texture: Texture, uv: np.ndarray) -> np.ndarray:
    """(P, 3) bytes between the four nearest texels, as OpenGL 4.6, section 8.14.2, has it."""
    height, width = texture.pixels.shape[:2]
    x, y = uv[:, 0] * width - 0.5, (1.0 - uv[:, 1]) * height - 0.5
    left, top = np.floor(x + 1e-6).astype(int), np.floor(y + 1e-6).astype(int)
    a, b = (x - left)[:, None], (y - top)[:, None]
    near = [texture.pixels[(top + j) % height, (left + i) % width].astype(float) for j in (0, 1) for i in (0, 1)]
    return (1 - b) * ((1 - a) * near[0] + a * near[1]) + b * ((1 - a) * near[2] + a * near[3])


@pytest.mark.parametrize("count", [1, 7, 300])
def test_between_its_corners_a_face_is_interpolated(count: int):
    rng = np.random.default_rng(count)
    # within a range in which the fourth texel of a block is no colour beyond white or black
    bytes_ = rng.integers(90, 165, size=(count, 3, 3))
    texture, uv = paint.painted("p", decoded(bytes_ / 255.0), rng.normal(size=(count, 3)))
    assert uv.shape == (count, 3, 2)
    weights = rng.dirichlet((1, 1, 1), size=count)
    for w in (*np.eye(3), np.full(3, 1 / 3)):
        at = np.einsum("k,fkc->fc", w, uv)
        np.testing.assert_allclose(filtered(texture, at), np.einsum("k,fkc->fc", w, bytes_), atol=0.05)
    at = np.einsum("fk,fkc->fc", weights, uv)
    np.testing.assert_allclose(filtered(texture, at), np.einsum("fk,fkc->fc", weights, bytes_), atol=0.05)


def test_sides_are_powers_of_two_and_hold_little_more_than_the_faces():
    rng = np.random.default_rng(0)
    texture, _ = paint.painted("p", rng.random((200_000, 3, 3)), rng.normal(size=(200_000, 3)))
    assert texture.pixels.shape == (1024, 1024, 3)


def test_faces_of_one_colour_each_share_the_texel_of_their_colour():
    rng = np.random.default_rng(2)
    some = rng.integers(0, 256, size=(50, 3))
    index = rng.integers(0, 50, size=4000)
    texture, uv = paint.painted("p", decoded(np.repeat(some[index][:, None], 3, axis=1) / 255.0), np.zeros((4000, 3)))
    assert texture.pixels.shape[0] * texture.pixels.shape[1] <= 64
    assert (uv == uv[:, :1]).all()
    np.testing.assert_array_equal(filtered(texture, uv[:, 0]), some[index])


def test_neighbours_in_space_are_neighbours_in_the_texture():
    """A mean of 8 x 8 texels, as a mipmap has it, is of faces that lie together: of a gradient it is hardly spread."""
    places = np.random.default_rng(3).random((4096, 3)) * (1.0, 1.0, 0.01)
    colors = np.repeat(places[:, None, [0, 1, 1]], 3, axis=1) * 0.9 + 0.05
    colors[:, 1] += 0.004
    texture, _ = paint.painted("p", colors, places)
    bytes_ = texture.pixels.astype(float)
    tiles = bytes_.reshape(16, 8, 16, 8, 3).transpose(0, 2, 1, 3, 4).reshape(256, 64, 3)
    assert tiles.std(axis=1).mean() < 0.25 * bytes_.std(axis=(0, 1)).mean()


def test_more_faces_than_fit_have_a_colour_each(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paint, "MAX_BLOCKS", 100)
    rng = np.random.default_rng(4)
    colors = rng.random((500, 3, 3))
    texture, uv = paint.painted("p", colors, rng.normal(size=(500, 3)))
    assert (uv == uv[:, :1]).all()
    mean = srgb(colors).astype(float).mean(axis=1)
    np.testing.assert_allclose(filtered(texture, uv[:, 0]), mean, atol=0.51 * 255 / 63 + 0.5)
