"""Falling drops and flakes: how many, where, and what they leave on the picture during one exposure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.sensing import planes
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.surroundings import LUMINANCE

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

NEAREST_M, FARTHEST_M = 0.35, 40.0
_SHELLS = 24
_COARSE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLaw:
    """Exponential size distribution N(D) = n0·exp(-slope·D) per m³ and mm, D in mm, cut at ``largest_mm``."""

    n0: float
    slope_per_mm: float
    largest_mm: float

    def count_above(self, diameter_mm: NDArray[np.floating] | float) -> Float64:
        """Particles per m³ larger than ``diameter_mm``."""
        d = np.minimum(np.asarray(diameter_mm, dtype=np.float64), self.largest_mm)
        tail = np.exp(-self.slope_per_mm * self.largest_mm)
        count: Float64 = self.n0 / self.slope_per_mm * (np.exp(-self.slope_per_mm * d) - tail)
        return count

    def draw_above(self, smallest_mm: Float64, uniform: Float64) -> Float64:
        """Diameters in mm larger than ``smallest_mm``, at these quantiles."""
        low = np.exp(-self.slope_per_mm * np.minimum(smallest_mm, self.largest_mm))
        high = np.exp(-self.slope_per_mm * self.largest_mm)
        diameter: Float64 = -np.log(low - uniform * (low - high)) / self.slope_per_mm
        return diameter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Particles:
    """P particles in the air before a camera: position (P, 3) in its frame, at mid exposure, and diameter (P,)."""

    position_m: Float64
    diameter_mm: Float64


def scatter(
    camera: Camera,
    law: SizeLaw,
    smallest_mm: Callable[[Float64], Float64],
    generator: np.random.Generator,
    *,
    nearest_m: float = NEAREST_M,
    farthest_m: float = FARTHEST_M,
    margin: float = 1.15,
) -> Particles:
    """Particles in the camera's view, widened by ``margin``, between two depths: a Poisson process with the law's
    density, of those larger than ``smallest_mm(depth)``."""
    edges = np.geomspace(nearest_m, farthest_m, _SHELLS + 1)
    area = margin**2 * camera.width_px / camera.fx_px * camera.height_px / camera.fy_px
    volume = area * (edges[1:] ** 3 - edges[:-1] ** 3) / 3.0
    # The threshold of a shell is that of its near side; no particle that counts is lost.
    threshold = smallest_mm(edges[:-1])
    counts = generator.poisson(volume * law.count_above(threshold))
    total = int(counts.sum())
    shell = np.repeat(np.arange(_SHELLS), counts)
    u = generator.random((4, total))
    z = np.cbrt(edges[shell] ** 3 + u[0] * (edges[shell + 1] ** 3 - edges[shell] ** 3))
    middle_x = (0.5 * (camera.width_px - 1) - camera.cx_px) / camera.fx_px
    middle_y = (0.5 * (camera.height_px - 1) - camera.cy_px) / camera.fy_px
    x = z * (middle_x + margin * (u[1] - 0.5) * camera.width_px / camera.fx_px)
    y = z * (middle_y + margin * (u[2] - 0.5) * camera.height_px / camera.fy_px)
    return Particles(position_m=np.stack([x, y, z], axis=1), diameter_mm=law.draw_above(threshold[shell], u[3]))


def visible_threshold(
    camera: Camera, law: SizeLaw, speed_mps: float, exposure_s: float, budget: int
) -> Callable[[Float64], Float64]:
    """Depth in m -> the diameter in mm below which a streak is too faint to draw.

    A streak's opacity is about D²·f / (z·v·T) until it is a pixel wide; the limit on it is raised until no more than
    ``budget`` particles remain. The fainter ones are part of the veil.
    """
    edges = np.geomspace(NEAREST_M, FARTHEST_M, _SHELLS + 1)
    area = camera.width_px / camera.fx_px * camera.height_px / camera.fy_px
    volume = area * (edges[1:] ** 3 - edges[:-1] ** 3) / 3.0
    path = max(speed_mps * exposure_s, 2e-3)

    def smallest(opacity: float, depth_m: Float64) -> Float64:
        return np.maximum(1e3 * np.sqrt(opacity * depth_m * path / camera.fx_px), 0.4)

    low, high = -4.0, 0.0
    for _ in range(14):
        middle = 0.5 * (low + high)
        expected = float((volume * law.count_above(smallest(10.0**middle, edges[:-1]))).sum())
        low, high = (middle, high) if expected > budget else (low, middle)
    return lambda depth_m: smallest(10.0**high, depth_m)


def draw(
    frame: WorkingFrame,
    particles: Particles,
    velocity_mps: Float64,
    brightness: Callable[[Float64], tuple[Float64, Float64]],
    aperture_m: float,
) -> WorkingFrame:
    """The frame with the particles' streaks: L = (1 - α)·L + α·Lp, α the share of the exposure for which the particle
    covers the pixel (Garg & Nayar 2007).

    Args:
        velocity_mps: (P, 3) relative to the camera.
        brightness: positions (P, 3) -> luminance of the particles' discs by daylight (P,) and by lamps (P,), cd/m².
        aperture_m: diameter of the entrance pupil; what is near is out of focus and its streak wide and faint.
    """
    camera, time = frame.camera, frame.exposure_s
    height, width = frame.true_depth_m.shape
    half = 0.5 * time * velocity_mps
    start, end = particles.position_m - half, particles.position_m + half
    keep = np.flatnonzero((start[:, 2] > 0.2) & (end[:, 2] > 0.2))
    a, b = _pixels(camera, start[keep]), _pixels(camera, end[keep])
    z = particles.position_m[keep, 2]
    spread = np.hypot(particles.diameter_mm[keep] * 1e-3, aperture_m) * camera.fx_px / z
    length = np.hypot(*(b - a).T)
    inside = _touches(a, b, spread, width, height) & (length < 2.0 * width)
    keep, a, b, z, spread, length = keep[inside], a[inside], b[inside], z[inside], spread[inside], length[inside]
    size = particles.diameter_mm[keep] * 1e-3 * camera.fx_px / z
    daylight, lamplight = brightness(particles.position_m[keep])
    # The disc's area is spread over the streak's: its length and width, either at least a pixel.
    opacity = np.minimum(0.785 * size**2 / (np.maximum(length + size, 1.0) * np.maximum(spread, 1.0)), 0.9)
    result = frame.radiance.copy()
    for scale, chosen in ((1, spread < 2.5), (_COARSE, spread >= 2.5)):
        layer_w, layer_h = -(-width // scale), -(-height // scale)
        index, alpha, lamp = _points(
            (a[chosen] + 0.5) / scale - 0.5,
            (b[chosen] + 0.5) / scale - 0.5,
            z[chosen],
            opacity[chosen],
            (opacity * lamplight)[chosen],
            (opacity * daylight)[chosen],
            frame.true_depth_m[scale // 2 :: scale, scale // 2 :: scale]
            if scale > 1 and min(height, width) > scale
            else frame.true_depth_m,
            layer_w,
            layer_h,
        )
        if len(index) == 0:
            continue
        _compose(result, frame, index, alpha, lamp, scale, layer_w, layer_h)
    return frame.replace(radiance=result)


def _compose(
    result: Float32,
    frame: WorkingFrame,
    index: NDArray[np.int64],
    alpha: Float64,
    light: tuple[Float64, Float64],
    scale: int,
    layer_w: int,
    layer_h: int,
) -> None:
    day_color = frame.surroundings.horizon_cd_m2 / max(float(frame.surroundings.horizon_cd_m2 @ LUMINANCE), 1e-6)
    lamps = frame.surroundings.lamps
    lamp_color = np.ones(3)
    if len(lamps):
        weight = lamps.intensity_cd / lamps.intensity_cd.sum()
        lamp_color = weight @ lamps.color
    cells = layer_w * layer_h
    cover = np.minimum(np.bincount(index, weights=alpha, minlength=cells), 1.0).astype(np.float32)
    day = np.bincount(index, weights=light[0], minlength=cells).astype(np.float32)
    lamp = np.bincount(index, weights=light[1], minlength=cells).astype(np.float32) if len(lamps) else None
    height, width = result.shape[:2]
    if scale > 1:

        def enlarge(layer: Float32) -> Float32:
            soft = planes.box(layer.reshape(layer_h, layer_w), 3)
            return planes.enlarge(soft, layer_w * scale, layer_h * scale)[:height, :width].reshape(-1)

        cover, day = enlarge(cover), enlarge(day)
        lamp = enlarge(lamp) if lamp is not None else None
    touched = np.flatnonzero(cover > 1e-5)
    pixels = result.reshape(-1, 3)
    values = pixels[touched] * (1.0 - cover[touched])[:, None]
    values += day[touched][:, None] * day_color.astype(np.float32)
    if lamp is not None:
        values += lamp[touched][:, None] * lamp_color.astype(np.float32)
    pixels[touched] = values


def _pixels(camera: Camera, points_m: Float64) -> Float64:
    u = camera.fx_px * points_m[:, 0] / points_m[:, 2] + camera.cx_px
    v = camera.fy_px * points_m[:, 1] / points_m[:, 2] + camera.cy_px
    return np.stack([u, v], axis=1)


def _touches(a: Float64, b: Float64, spread: Float64, width: int, height: int) -> NDArray[np.bool_]:
    low, high = np.minimum(a, b) - spread[:, None], np.maximum(a, b) + spread[:, None]
    inside: NDArray[np.bool_] = (high[:, 0] > 0) & (low[:, 0] < width) & (high[:, 1] > 0) & (low[:, 1] < height)
    return inside


def _points(
    a: Float64,
    b: Float64,
    z: Float64,
    opacity: Float64,
    lamp: Float64,
    day: Float64,
    depth_m: Float32,
    width: int,
    height: int,
) -> tuple[NDArray[np.int64], Float64, tuple[Float64, Float64]]:
    """Streaks as weighted pixels: flat indices, opacity, and (daylight, lamp light), for those before the surface."""
    length = np.hypot(*(b - a).T)
    steps = np.clip(np.ceil(length), 1, 600).astype(np.int64)
    owner = np.repeat(np.arange(len(z)), steps)
    first = np.repeat(np.cumsum(steps) - steps, steps)
    share = (np.arange(len(owner)) - first + 0.5) / steps[owner]
    x = a[owner, 0] + share * (b - a)[owner, 0]
    y = a[owner, 1] + share * (b - a)[owner, 1]
    # A streak shorter than a pixel still covers one; longer steps than a pixel carry more.
    weight = (np.maximum(length, 1.0) / steps)[owner]
    x0, y0 = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    fx, fy = x - x0, y - y0
    indices, weights, owners = [], [], []
    rows, columns = depth_m.shape
    for dx, dy, w in ((0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy)):
        px, py = x0 + dx, y0 + dy
        ok = (px >= 0) & (px < width) & (py >= 0) & (py < height)
        px, py, w, own = px[ok], py[ok], w[ok] * weight[ok], owner[ok]
        near = z[own] < depth_m[np.minimum(py, rows - 1), np.minimum(px, columns - 1)]
        indices.append((py * width + px)[near])
        weights.append(w[near])
        owners.append(own[near])
    index, w, own = np.concatenate(indices), np.concatenate(weights), np.concatenate(owners)
    return index, w * opacity[own], (w * day[own], w * lamp[own])
