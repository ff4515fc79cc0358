"""What the lens itself does: shading towards the corners, and light that strays inside of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.sensing import planes
from simgen.sensing.frame import ray_scale

Float32 = NDArray[np.float32]


def natural_shading(camera: Camera, strength: float = 1.0) -> Float32:
    """(H, W) cos⁴ of the angle to the axis, to the power of ``strength``."""
    return _shading(camera.width_px, camera.height_px, camera.fx_px, camera.fy_px, camera.cx_px, camera.cy_px, strength)


@lru_cache(maxsize=8)
def _shading(width: int, height: int, fx: float, fy: float, cx: float, cy: float, strength: float) -> Float32:
    camera = Camera(
        width_px=width, height_px=height, fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, world_from_camera=np.eye(4)
    )
    shading = (ray_scale(camera) ** np.float32(-4.0 * strength)).astype(np.float32)
    shading.setflags(write=False)
    return shading


def stray_light(radiance: Float32, share: float) -> Float32:
    """The picture with ``share`` of its light scattered in the lens: the point spread falls off by powers of two in
    width with equal energy in each, which is the 1/θ² of glare (CIE 146:2002). Energy is conserved."""
    height, width = radiance.shape[:2]
    if share <= 0 or min(height, width) < 32:
        return radiance
    small = planes.shrink(radiance, width // 4, height // 4)
    total = np.zeros_like(small)
    level = small
    levels = 5
    for _ in range(levels):
        level = planes.gaussian(level, 1.6)
        total += planes.enlarge(level, small.shape[1], small.shape[0])
        if min(level.shape[:2]) < 8:
            break
        level = planes.shrink(level, level.shape[1] // 2, level.shape[0] // 2)
    total *= np.float32(1.0 / levels)
    wide = planes.enlarge(total, width, height)
    return planes.blend(radiance, 1.0 - share, wide, share)
