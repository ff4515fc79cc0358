"""The geometry pass's normals, read back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.rendering.protocol import RenderBuffers
from simgen.rendering.raster.targets import Targets

_REACH = 6.0
"""Of the coordinates, see bent.glsl."""


def normals(targets: Targets, buffers: RenderBuffers) -> NDArray[np.float32]:
    """(H, W, 3) unit normals of the frame that was drawn last, in the camera's frame; 0 where there is only sky."""
    data = targets.to_geometry.read(components=2, attachment=1, dtype="nu2", alignment=1)
    stored = np.frombuffer(data, dtype=np.uint16).reshape(*buffers.depth_m.shape, 2)
    found = straightened(stored)
    found[~np.isfinite(buffers.depth_m)] = 0.0
    return found


def straightened(stored: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Unit vectors (..., 3) of coordinates (..., 2), as bent.glsl stores them."""
    at = stored.astype(np.float32) * np.float32(2 * _REACH / 0xFFFF) - np.float32(_REACH)
    share = 2 / (1 + np.square(at).sum(axis=-1, keepdims=True))
    unit: NDArray[np.float32] = np.concatenate([at * share, 1 - share], axis=-1)
    return unit
