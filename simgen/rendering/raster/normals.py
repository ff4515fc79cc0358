"""The geometry pass's normals, read back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.rendering.protocol import RenderBuffers
from simgen.rendering.raster.targets import Targets
from simgen.rendering.shading import in_camera


def normals(targets: Targets, buffers: RenderBuffers, camera: Camera) -> NDArray[np.float32]:
    """(H, W, 3) unit normals of the frame that was drawn last, in the camera's frame; 0 where there is only sky."""
    data = targets.to_geometry.read(components=2, attachment=1, dtype="nu2", alignment=1)
    stored = np.frombuffer(data, dtype=np.uint16).reshape(camera.height_px, camera.width_px, 2)
    return in_camera(from_octahedral(stored), np.isfinite(buffers.depth_m), camera)


def from_octahedral(stored: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Unit vectors (..., 3) of octahedral coordinates (..., 2), as geometry.frag stores them."""
    p = stored.astype(np.float32) * np.float32(2 / 0xFFFF) - 1
    z = 1 - np.abs(p).sum(axis=-1)
    folded = (1 - np.abs(p[..., ::-1])) * np.where(p >= 0, np.float32(1), np.float32(-1))
    vectors = np.concatenate([np.where(z[..., None] >= 0, p, folded), z[..., None]], axis=-1)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit
