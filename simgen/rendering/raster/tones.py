"""Mean colours of what has a texture, for a mirror that shows it without."""

from __future__ import annotations

import numpy as np

from simgen.core.geometry import Array
from simgen.core.srgb import LINEAR
from simgen.scene.mesh import Mesh, Texture

_MOST = 4096
"""Triangles of a mesh that are looked at."""


def mean_color(mesh: Mesh, texture: Texture) -> Array:
    """(3,) linear factor of the base colour. Of a palette by the area that has each of its colours, else of the whole
    picture."""
    pixels = texture.pixels
    if mesh.uv is not None and len(mesh.faces):
        corners = mesh.faces[:: -(-len(mesh.faces) // _MOST)].T
        uv = mesh.uv[corners]
        if (uv == uv[0]).all():
            a, b, c = mesh.vertices_m[corners].astype(np.float64)
            area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
            height, width = pixels.shape[:2]
            column = np.floor(uv[0, :, 0] % 1.0 * width).astype(np.intp) % width
            row = np.floor((1.0 - uv[0, :, 1]) % 1.0 * height).astype(np.intp) % height
            shown: Array = area @ LINEAR[pixels[row, column]] / max(float(area.sum()), 1e-12)
            return shown
    counts = np.stack([np.bincount(pixels[..., k].ravel(), minlength=256) for k in range(3)])
    mean: Array = counts @ LINEAR / (pixels.shape[0] * pixels.shape[1])
    return mean
