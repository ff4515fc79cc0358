"""Light through air that scatters: extinction, airlight, the glow of lamps."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.sensing import planes
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.surroundings import LUMINANCE, Lamps, Surroundings

Float32 = NDArray[np.float32]

CONTRAST_AT_VISIBILITY = 2.996
"""-ln 0.05: extinction times meteorological optical range (5 % contrast, WMO No. 8)."""

_CELL = 32
_SAMPLES = 8


def veil(frame: WorkingFrame, extinction_per_m: float, depth_of_layer_m: float) -> WorkingFrame:
    """The frame through a homogeneous medium: L = L0·t + A·(1 - t), t = exp(-β·d), d along the ray (Koschmieder 1924).

    A is the horizon's luminance, and what the lamps add to it by single scattering. The sky is seen through the layer
    only: at elevation e its path is ``depth_of_layer_m`` / sin e.
    """
    surroundings = frame.surroundings
    height, width = frame.true_depth_m.shape
    airlight = surroundings.horizon_cd_m2
    depth = np.where(
        np.isinf(frame.true_depth_m), _sky_depth(frame.camera, surroundings, depth_of_layer_m), frame.range_m
    )
    glow = _glow(frame.camera, surroundings.lamps, depth, extinction_per_m)
    halo = _halo(frame.radiance, depth, extinction_per_m, float(airlight @ LUMINANCE))
    result = np.empty((height, width, 3), dtype=np.float32)
    shade = (float(airlight[0]), float(airlight[1]), float(airlight[2]))
    for top in range(0, height, 16):
        band = slice(top, top + 16)
        t = planes.exp(depth[band] * np.float32(-extinction_per_m))
        out = planes.subtract(frame.radiance[band], shade)
        planes.multiply(out, planes.triple(t), out=out)
        planes.add(out, shade, out=result[band])
    for light in (glow, halo):
        if light is not None:
            planes.add(result, light, out=result)
    return frame.replace(radiance=result, extinction_per_m=frame.extinction_per_m + extinction_per_m)


def _sky_depth(camera: Camera, surroundings: Surroundings, layer_m: float) -> Float32:
    """(H, W) path in metres through a layer of this height, at most 40 km."""
    u = (np.arange(camera.width_px) - camera.cx_px) / camera.fx_px
    v = (np.arange(camera.height_px) - camera.cy_px) / camera.fy_px
    up = surroundings.up
    rise = (up[0] * u)[None, :] + (up[1] * v)[:, None] + up[2]
    sine = rise / np.sqrt(1.0 + u[None, :] ** 2 + v[:, None] ** 2)
    path: Float32 = (layer_m / np.maximum(sine, layer_m / 40_000.0)).astype(np.float32)
    return path


def _glow(camera: Camera, lamps: Lamps, depth_m: Float32, extinction_per_m: float) -> Float32 | None:
    """(H, W, 3) light of the lamps scattered once into each pixel, ∫ β·E·p/4π·e^(-βs) ds up to the surface; on a grid
    of one point every 32 pixels, because it has no edges of its own. None without lamps."""
    if len(lamps) == 0:
        return None
    height, width = depth_m.shape
    rows, columns = max(2, height // _CELL + 1), max(2, width // _CELL + 1)
    v = np.linspace(0, height - 1, rows)
    u = np.linspace(0, width - 1, columns)
    rays = np.stack(
        np.broadcast_arrays(
            ((u - camera.cx_px) / camera.fx_px)[None, :], ((v - camera.cy_px) / camera.fy_px)[:, None], np.array(1.0)
        ),
        axis=-1,
    )
    rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    reach = np.minimum(planes.nearest(depth_m, columns, rows), 80.0)
    edges = np.geomspace(0.5, 80.0, _SAMPLES + 1)
    total = np.zeros((rows, columns, 3))
    for near, far in itertools.pairwise(edges):
        middle = 0.5 * (near + far)
        points = (rays * middle).reshape(-1, 3)
        length = np.clip(reach - near, 0.0, far - near).reshape(-1, 1)
        each = lamps.scattered(points) * (length * extinction_per_m * np.exp(-extinction_per_m * middle))
        total += (each @ lamps.color).reshape(rows, columns, 3)
    return planes.enlarge(total.astype(np.float32), width, height, cubic=True)


def _halo(radiance: Float32, depth_m: Float32, extinction_per_m: float, horizon_cd_m2: float) -> Float32 | None:
    """(H, W, 3) light of sources far brighter than the horizon, scattered forward about them: half of what the medium
    takes from them, spread by Gaussians after the point spread of Narasimhan & Nayar (2003)."""
    height, width = depth_m.shape
    if min(height, width) < 32:
        return None
    small = (width // 8, height // 8)
    lost = 0.5 * (1.0 - np.exp(-extinction_per_m * np.minimum(depth_m[::8, ::8], 400.0)))
    share = planes.shrink(lost.astype(np.float32), *small)
    bright = planes.shrink(radiance, *small)
    threshold = 20.0 * max(horizon_cd_m2, 0.5)
    excess = np.maximum(bright - np.float32(threshold), 0.0) * share[..., None]
    if not excess.any():
        return None
    spread = np.zeros_like(excess)
    for sigma, weight in ((1.5, 0.4), (4.0, 0.35), (10.0, 0.25)):
        spread += np.float32(weight) * planes.gaussian(excess, sigma)
    return planes.enlarge(spread, width, height)
