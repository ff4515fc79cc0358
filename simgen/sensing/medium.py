"""Light through air that scatters: extinction, airlight, the glow of lamps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.sensing import planes
from simgen.sensing.frame import WorkingFrame, ray_scale
from simgen.sensing.surroundings import Lamps, Surroundings, phase

Float32 = NDArray[np.float32]

CONTRAST_AT_VISIBILITY = 2.996
"""-ln 0.05: extinction times meteorological optical range (5 % contrast, WMO No. 8)."""

_CELL = 24
_SAMPLES = 8
_REACH_M = 120.0


def veil(frame: WorkingFrame, extinction_per_m: float, *, layer_m: float, forward: float) -> WorkingFrame:
    """The frame through a homogeneous medium: L = L0·t + A·(1 - t), t = exp(-β·d), d along the ray (Koschmieder 1924).

    A is the horizon's luminance, and what the lamps add to it by single scattering. The sky is seen through the layer
    only: at elevation e its path is ``layer_m`` / sin e. Of what the medium takes from a lamp, ``forward`` arrives
    as a halo about it.
    """
    surroundings = frame.surroundings
    height, width = frame.true_depth_m.shape
    airlight = surroundings.horizon_cd_m2
    depth = np.where(np.isinf(frame.true_depth_m), _sky_depth(frame.camera, surroundings, layer_m), frame.range_m)
    lights = [
        light
        for light in (
            _glow(frame.camera, surroundings.lamps, depth, extinction_per_m),
            _halo(frame.radiance, depth, extinction_per_m, forward),
        )
        if light is not None
    ]
    result = np.empty((height, width, 3), dtype=np.float32)
    shade = (float(airlight[0]), float(airlight[1]), float(airlight[2]))
    for top in range(0, height, 16):
        band = slice(top, top + 16)
        t = planes.exp(depth[band] * np.float32(-extinction_per_m))
        out = planes.subtract(frame.radiance[band], shade)
        planes.multiply(out, planes.triple(t), out=out)
        planes.add(out, shade, out=result[band])
    if len(lights) > 0:
        small = sum(lights[1:], start=lights[0])
        planes.add(result, planes.enlarge(small, width, height), out=result)
    return frame.replace(radiance=result, extinction_per_m=frame.extinction_per_m + extinction_per_m)


def _sky_depth(camera: Camera, surroundings: Surroundings, layer_m: float) -> Float32:
    """(H, W) path in metres through a layer of this height, at most 40 km."""
    u = ((np.arange(camera.width_px) - camera.cx_px) / camera.fx_px).astype(np.float32)
    v = ((np.arange(camera.height_px) - camera.cy_px) / camera.fy_px).astype(np.float32)
    up = surroundings.up.astype(np.float32)
    rise = planes.multiply(ray_scale(camera), layer_m)
    sine = np.maximum((up[0] * u)[None, :] + (up[1] * v + up[2])[:, None], np.float32(layer_m / 40_000.0))
    path: Float32 = np.divide(rise, sine, out=rise)
    return path


def _glow(camera: Camera, lamps: Lamps, depth_m: Float32, extinction_per_m: float) -> Float32 | None:
    """(H/8, W/8, 3) light of the lamps scattered once into each pixel, up to the surface behind it:
    ∫ β·I/d²·p(θ)/4π·e^(-β(s+d)) ds.

    Along a ray that passes a lamp at distance b, ds/d² is dθ/b with θ the scattering angle: sampling in θ needs few
    points however near the ray passes. On a grid of one ray every 24 pixels at most, because it has no edges of its
    own. None without lamps.
    """
    if len(lamps) == 0:
        return None
    height, width = depth_m.shape
    pitch = max(1, min(_CELL, height // 9, width // 9))
    rows, columns = max(2, height // pitch + 1), max(2, width // pitch + 1)
    x = (np.linspace(0, width - 1, columns) - camera.cx_px) / camera.fx_px
    y = (np.linspace(0, height - 1, rows) - camera.cy_px) / camera.fy_px
    rays = np.stack([*np.broadcast_arrays(x[None, :], y[:, None]), np.ones((rows, columns))], axis=-1).reshape(-1, 3)
    rays = (rays / np.linalg.norm(rays, axis=-1, keepdims=True)).astype(np.float32)
    reach = np.minimum(planes.nearest(depth_m, columns, rows), np.float32(_REACH_M)).reshape(-1, 1)
    lamp = lamps.position_m.astype(np.float32)
    nearest = rays @ lamp.T
    square = np.maximum(np.einsum("kc,kc->k", lamp, lamp) - nearest * nearest, 0.0)
    # A cell of the grid cannot tell a lamp from its neighbourhood: half a cell is as near as a ray passes.
    cell = 0.5 * pitch / camera.fx_px * np.maximum(nearest, 1.0)
    miss = np.maximum(np.sqrt(square), np.maximum(cell, 0.1)).astype(np.float32)
    first = np.arctan2(miss, nearest)
    span = np.arctan2(miss, nearest - reach) - first
    facing = rays @ lamps.direction.astype(np.float32).T
    total = np.zeros((len(rays), len(lamps)), dtype=np.float32)
    for i in range(_SAMPLES):
        # More of the samples where light goes nearly straight on.
        q = np.float32((i + 0.5) / _SAMPLES)
        angle = first + span * q * q
        sine = np.maximum(np.sin(angle), np.float32(1e-4))
        distance = miss / sine
        along = nearest - distance * np.cos(angle)
        density = phase(np.cos(angle)) * np.exp(-extinction_per_m * (along + distance)) * (2.0 / _SAMPLES * q)
        total += density * lamps.intensity((along * facing - lamps.offset_m) / distance)
    total *= span / miss * np.float32(extinction_per_m / (4 * np.pi))
    glow = (total @ lamps.color.astype(np.float32)).reshape(rows, columns, 3)
    return planes.enlarge(glow, *_small(width, height))


def _small(width: int, height: int) -> tuple[int, int]:
    """Size of the picture in which light without edges is added up."""
    return max(1, width // 8), max(1, height // 8)


def _halo(radiance: Float32, depth_m: Float32, extinction_per_m: float, forward: float) -> Float32 | None:
    """(H/8, W/8, 3) light of sources far brighter than the picture, scattered forward about them: a share of what the
    medium takes from them, spread by Gaussians after the point spread of Narasimhan & Nayar (2003)."""
    height, width = depth_m.shape
    if min(height, width) < 32:
        return None
    small = _small(width, height)
    lost = forward * (1.0 - np.exp(-extinction_per_m * np.minimum(depth_m[::8, ::8], 400.0)))
    share = planes.shrink(lost.astype(np.float32), *small)
    bright = planes.shrink(radiance, *small)
    threshold = 50.0 * max(float(np.median(bright)), 0.5)
    excess = np.maximum(bright - np.float32(threshold), 0.0) * share[..., None]
    if not excess.any():
        return None
    spread: Float32 = np.zeros_like(excess)
    for sigma, weight in ((1.5, 0.4), (4.0, 0.35), (10.0, 0.25)):
        spread += np.float32(weight) * planes.gaussian(excess, sigma)
    return spread
