"""Light through air that scatters: extinction, airlight, the glow of lamps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.sensing import planes
from simgen.sensing.frame import WorkingFrame, ray_scale
from simgen.sensing.streaks import Curtain
from simgen.sensing.surroundings import Lamps, phase

Float32 = NDArray[np.float32]

CONTRAST_AT_VISIBILITY = 2.996
"""-ln 0.05: extinction times meteorological optical range (5 % contrast, WMO No. 8)."""

_CELL = 32
_SAMPLES = 8
_REACH_M = 120.0
_LONGEST_M = 40_000.0


def veil(
    frame: WorkingFrame, extinction_per_m: float, *, layer_m: float, forward: float, falling: Curtain | None = None
) -> WorkingFrame:
    """The frame through a homogeneous medium: L = L0·t + A·(1 - t), t = exp(-β·d), d along the ray (Koschmieder 1924).

    A is the horizon's luminance, and what the lamps add to it by single scattering. The medium is a layer: at
    elevation e the path through it is at most ``layer_m`` / sin e. Of what the medium takes from a lamp, ``forward``
    arrives as a halo about it. What falls through it is seen before all of that.
    """
    height, width = frame.true_depth_m.shape
    horizon = frame.surroundings.horizon_cd_m2
    airlight = (float(horizon[0]), float(horizon[1]), float(horizon[2]))
    path = _path(frame, layer_m)
    small = _small(width, height)
    light = np.empty((small[1], small[0], 3), dtype=np.float32)
    light[:] = airlight
    for scattered in (
        _glow(frame.camera, frame.surroundings.lamps, path, extinction_per_m),
        _halo(frame.radiance, path, extinction_per_m, forward),
    ):
        if scattered is not None:
            light += scattered
    # L0·t + A·(1 - t) is (L0 - A)·t + A, and to the last A goes the light of the lamps.
    result = planes.enlarge(light, width, height)
    for band in planes.bands(height, 3 * width):
        t = planes.multiply(path[band], -extinction_per_m)
        out = planes.subtract(frame.radiance[band], planes.even(airlight, *t.shape))
        planes.multiply(out, planes.triple(planes.exp(t, out=t)), out=out)
        planes.add(out, result[band], out=result[band])
        if falling is not None:
            opacity, light = planes.split(falling.cover[band])
            clear = np.maximum(np.float32(1.0) - opacity, np.float32(0.0), out=opacity)
            planes.multiply(result[band], planes.triple(clear), out=result[band])
            planes.add(result[band], planes.tinted(light, falling.tint), out=result[band])
    return frame.replace(radiance=result, extinction_per_m=frame.extinction_per_m + extinction_per_m)


def _path(frame: WorkingFrame, layer_m: float) -> Float32:
    """(H, W) metres within a layer of this height, along the ray, to the surface or out of the layer; 40 km at most."""
    camera, up, depth = frame.camera, frame.surroundings.up, frame.true_depth_m
    height, width = depth.shape
    scale = ray_scale(camera)
    across = (up[0] * (np.arange(width) - camera.cx_px) / camera.fx_px).astype(np.float32)
    down = (up[1] * (np.arange(height) - camera.cy_px) / camera.fy_px + up[2]).astype(np.float32)
    least = np.float32(layer_m / _LONGEST_M)
    steepest = max(float(across.max() + down.max()), float(least))
    path = np.empty((height, width), dtype=np.float32)
    for band in planes.bands(height, width):
        z = depth[band]
        if z.max() * steepest > layer_m:
            rise = np.maximum(down[band, None] + across, least)
            z = np.minimum(z, np.divide(np.float32(layer_m), rise, out=rise), out=rise)
        planes.multiply(z, scale[band], out=path[band])
    return path


def _glow(camera: Camera, lamps: Lamps, path_m: Float32, extinction_per_m: float) -> Float32 | None:
    """(H/8, W/8, 3) light of the lamps scattered once into each pixel, up to the surface behind it:
    ∫ β·I/d²·p(θ)/4π·e^(-β(s+d)) ds.

    Along a ray that passes a lamp at distance b, ds/d² is dθ/b with θ the scattering angle: sampling in θ needs few
    points however near the ray passes. On a grid of one ray every 32 pixels at most, because it has no edges of its
    own. None without lamps.
    """
    if len(lamps) == 0:
        return None
    height, width = path_m.shape
    pitch = max(1, min(_CELL, height // 9, width // 9))
    rows, columns = max(2, height // pitch + 1), max(2, width // pitch + 1)
    x = (np.linspace(0, width - 1, columns) - camera.cx_px) / camera.fx_px
    y = (np.linspace(0, height - 1, rows) - camera.cy_px) / camera.fy_px
    rays = np.stack([*np.broadcast_arrays(x[None, :], y[:, None]), np.ones((rows, columns))], axis=-1).reshape(-1, 3)
    rays = (rays / np.linalg.norm(rays, axis=-1, keepdims=True)).astype(np.float32)
    reach = np.minimum(planes.nearest(path_m, columns, rows), np.float32(_REACH_M)).reshape(-1, 1)
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
        angle = first + span * (q * q)
        inverse = 1.0 / np.maximum(np.sin(angle), np.float32(1e-4))
        cosine = np.cos(angle)
        distance = miss * inverse
        along = nearest - distance * cosine
        passed = planes.exp((along + distance) * np.float32(-extinction_per_m))
        aim = (along * facing - lamps.offset_m) / distance
        total += phase(cosine) * passed * lamps.intensity(aim) * np.float32(2.0 / _SAMPLES * q)
    total *= span / miss * np.float32(extinction_per_m / (4 * np.pi))
    glow = (total @ lamps.color.astype(np.float32)).reshape(rows, columns, 3)
    return planes.enlarge(glow, *_small(width, height))


def _small(width: int, height: int) -> tuple[int, int]:
    """Size of the picture in which light without edges is added up."""
    return max(1, width // 8), max(1, height // 8)


def _halo(radiance: Float32, path_m: Float32, extinction_per_m: float, forward: float) -> Float32 | None:
    """(H/8, W/8, 3) light of sources far brighter than the picture, scattered forward about them: a share of what the
    medium takes from them, spread by Gaussians after the point spread of Narasimhan & Nayar (2003)."""
    height, width = path_m.shape
    if min(height, width) < 32:
        return None
    small = _small(width, height)
    lost = forward * (1.0 - np.exp(-extinction_per_m * np.minimum(path_m[::8, ::8], 400.0)))
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
