"""Patches of ground."""

import numpy as np
import pytest

from simgen.scene.models.patch import Ice


@pytest.mark.parametrize("look", [1, 7, 40])
def test_the_glaze_of_ice_thins_out_without_rings(look: int) -> None:
    body = Ice(length=6.0, width=2.5, look=look).build()
    glaze, ice = (next(p for p in body.parts if p.name == name) for name in ("glaze", "ice"))
    texture = glaze.material.texture
    assert texture is not None and texture.roughness is not None and glaze.mesh.uv is not None
    light = texture.pixels.astype(int)
    for axis in (0, 1):
        assert np.abs(np.diff(light, axis=axis)).max() <= 24  # of 255, from texel to texel

    def texels(uv: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u, v = np.clip(uv * 256, 0, 255).astype(int).T
        return 255 - v, u

    # At the outline it is as dark and rough as wet asphalt, and where the ice begins as light as that.
    at = texels(glaze.mesh.uv[glaze.mesh.vertices_m[:, 2] == 0.0])
    assert light[at].mean() < 175 and texture.roughness[at].mean() > 220
    rim = ice.mesh.vertices_m[ice.mesh.vertices_m[:, 2] == 0.0][:, :2]
    at = texels(rim / (6.0, 2.5) + 0.5)
    assert light[at].mean() > 230 and texture.roughness[at].mean() < 100
