"""Patches of ground."""

import numpy as np
import pytest

from simgen.scene.mesh import linear
from simgen.scene.models.patch import Ice, Puddle, Snow


@pytest.mark.parametrize("look", [1, 7, 40])
def test_the_glaze_of_ice_thins_out_without_rings(look: int) -> None:
    body = Ice(length=6.0, width=2.5, look=look).build()
    glaze, ice = (next(p for p in body.parts if p.name == name) for name in ("glaze", "ice"))
    texture = glaze.material.texture
    assert texture is not None and texture.roughness is not None and glaze.mesh.uv is not None
    light = texture.pixels.astype(int)
    colors = np.apply_along_axis(linear, 2, texture.pixels / 255)
    for axis in (0, 1):
        assert np.abs(np.diff(light, axis=axis)).max() <= 24  # of 255, from texel to texel

    def texels(uv: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u, v = np.clip(uv * 256, 0, 255).astype(int).T
        return 255 - v, u

    # At the outline it is as dark and rough as wet asphalt, and where the ice begins as light as that.
    at = texels(glaze.mesh.uv[glaze.mesh.vertices_m[:, 2] == 0.0])
    base = np.array(glaze.material.base_color)
    assert np.allclose(colors[at].mean(axis=0) * base, 0.047, atol=0.004) and texture.roughness[at].mean() > 220
    rim = ice.mesh.vertices_m[ice.mesh.vertices_m[:, 2] == 0.0][:, :2]
    at = texels(rim / (6.0, 2.5) + 0.5)
    assert colors[at].mean() > 0.93 and texture.roughness[at].mean() < 100


def test_a_film_lies_level_to_its_rim_and_a_heap_does_not() -> None:
    for film in (Ice(), Puddle()):
        for part in film.build().parts:
            assert np.all(part.mesh.normals == (0, 0, 1)), part.name
    (snow,) = Snow().build().parts
    assert snow.mesh.normals[:, 2].min() < 0.99
