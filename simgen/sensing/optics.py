"""What the lens itself does: shading towards the corners, and light that strays inside of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera, Optics
from simgen.sensing import planes
from simgen.sensing.frame import ray_scale

Float32 = NDArray[np.float32]


def natural_shading(camera: Camera, strength: float = 1.0) -> Float32:
    """(H, W) cos⁴ of the angle to the axis, to the power of ``strength``; for a lens the law of its own, and 0 where it
    has no image."""
    return _shading(camera.optics, strength)


@lru_cache(maxsize=8)
def _shading(optics: Optics, strength: float) -> Float32:
    camera = Camera.of_optics(optics)
    if camera.lens is None:
        shading = (ray_scale(camera) ** np.float32(-4.0 * strength)).astype(np.float32)
    else:
        rays = camera.grid()
        light = camera.lens.relative_illumination(rays / np.linalg.norm(rays, axis=-1, keepdims=True))
        shading = np.where(np.isnan(light), 0.0, np.maximum(light, 0.0) ** strength).astype(np.float32)
    shading.setflags(write=False)
    return shading


def point_spread(radiance: Float32, sigma_px: float) -> Float32:
    """The picture as the lens and its low-pass filter draw it: a Gaussian about as wide as a pixel, without which a
    mosaic sensor sees colours in every fine line."""
    return radiance if sigma_px <= 0 else planes.gaussian3(radiance, sigma_px)


def stray_light(radiance: Float32, share: float) -> Float32:
    """The picture with ``share`` of its light scattered in the lens: the point spread falls off by powers of two in
    width with equal energy in each, which is the 1/θ² of glare (CIE 146:2002). Energy is conserved."""
    height, width = radiance.shape[:2]
    if share <= 0 or min(height, width) < 32:
        return radiance
    small = planes.shrink(radiance, width // 4, height // 4)
    levels = [planes.gaussian(small, 1.6)]
    while len(levels) < 5 and min(levels[-1].shape[:2]) >= 16:
        last = levels[-1]
        levels.append(planes.gaussian(planes.shrink(last, last.shape[1] // 2, last.shape[0] // 2), 1.6))
    total = levels[-1]
    for level in reversed(levels[:-1]):
        total = planes.add(level, planes.enlarge(total, level.shape[1], level.shape[0]), out=level)
    wide = planes.enlarge(total, width, height)
    return planes.weigh(radiance, 1.0 - share, wide, share / len(levels), 0.0, out=wide)
