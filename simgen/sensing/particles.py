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
    *,
    daylight_cd_m2: float,
    lamplight_gain: float,
    aperture_m: float,
) -> WorkingFrame:
    """The frame with the particles' streaks: L = (1 - α)·L + α·Lp, α the share of the exposure for which the particle
    covers the pixel (Garg & Nayar 2007).

    Args:
        velocity_mps: (P, 3) relative to the camera.
        daylight_cd_m2: luminance of the particles' discs by daylight.
        lamplight_gain: their luminance by lamps, over that of clear drops.
        aperture_m: diameter of the entrance pupil; what is near is out of focus and its streak wide and faint.
    """
    camera, time, around = frame.camera, frame.exposure_s, frame.surroundings
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
    lamplight = lamplight_gain * around.lamps.scattered(particles.position_m[keep]).astype(np.float64)
    # The disc's area is spread over the streak's: its length and width, either at least a pixel.
    opacity = np.minimum(0.785 * size**2 / (np.maximum(length + size, 1.0) * np.maximum(spread, 1.0)), 0.9)
    layers = Streaks(a=a, b=b, depth_m=z, opacity=opacity, lamplight=opacity * lamplight)
    cover = np.zeros((height, width), dtype=np.float32)
    light = np.zeros((height, width), dtype=np.float32)
    for scale, chosen in ((1, spread < 2.5), (_COARSE, spread >= 2.5)):
        if scale == 1 or min(height, width) > 2 * scale:
            _accumulate(cover, light, layers.only(chosen), frame.true_depth_m, scale)
    day = around.horizon_cd_m2 / max(float(around.horizon_cd_m2 @ LUMINANCE), 1e-6) * daylight_cd_m2
    lamp = around.lamps.mean_color()
    result = np.empty_like(frame.radiance)
    for top in range(0, height, 16):
        band = slice(top, top + 16)
        share = planes.triple(np.minimum(cover[band], np.float32(1.0)))
        # L + α (Lp - L), then the lamps' light.
        out = planes.subtract((float(day[0]), float(day[1]), float(day[2])), frame.radiance[band])
        planes.multiply(out, share, out=out)
        planes.add(out, frame.radiance[band], out=result[band])
        if len(around.lamps):
            glints = planes.multiply(planes.triple(light[band]), (float(lamp[0]), float(lamp[1]), float(lamp[2])))
            planes.add(result[band], glints, out=result[band])
    return frame.replace(radiance=result)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streaks:
    """S streaks in the picture: ends (S, 2) in pixels, depth, opacity, and lamp light times opacity (S,)."""

    a: Float64
    b: Float64
    depth_m: Float64
    opacity: Float64
    lamplight: Float64

    def only(self, chosen: NDArray[np.bool_]) -> Streaks:
        return Streaks(
            a=self.a[chosen],
            b=self.b[chosen],
            depth_m=self.depth_m[chosen],
            opacity=self.opacity[chosen],
            lamplight=self.lamplight[chosen],
        )


def _accumulate(cover: Float32, light: Float32, streaks: Streaks, depth_m: Float32, scale: int) -> None:
    """Adds the streaks' opacity and lamp light (H, W) in place, by way of a layer ``scale`` times smaller."""
    height, width = depth_m.shape
    layer_w, layer_h = -(-width // scale), -(-height // scale)
    index, cover_at, light_at = _points(streaks, depth_m[::scale, ::scale], scale)
    if len(index) == 0:
        return
    for total, amounts in ((cover, cover_at), (light, light_at)):
        if not amounts.any():
            continue
        sums = np.bincount(index, weights=amounts, minlength=layer_w * layer_h)
        layer: Float32 = sums.astype(np.float32).reshape(layer_h, layer_w)
        if scale > 1:
            layer = planes.enlarge(planes.box(layer, 3), layer_w * scale, layer_h * scale)[:height, :width]
        planes.add(total, layer, out=total)


def _pixels(camera: Camera, points_m: Float64) -> Float64:
    u = camera.fx_px * points_m[:, 0] / points_m[:, 2] + camera.cx_px
    v = camera.fy_px * points_m[:, 1] / points_m[:, 2] + camera.cy_px
    return np.stack([u, v], axis=1)


def _touches(a: Float64, b: Float64, spread: Float64, width: int, height: int) -> NDArray[np.bool_]:
    low, high = np.minimum(a, b) - spread[:, None], np.maximum(a, b) + spread[:, None]
    inside: NDArray[np.bool_] = (high[:, 0] > 0) & (low[:, 0] < width) & (high[:, 1] > 0) & (low[:, 1] < height)
    return inside


def _points(streaks: Streaks, surface_m: Float32, scale: int) -> tuple[NDArray[np.int32], Float32, Float32]:
    """Streaks as weighted pixels (flat index, opacity, lamp light) where they pass before the surface (h, w).

    Along its longer axis a streak has a point at every pixel; across, the point is shared between the two pixels that
    it lies between.
    """
    height, width = surface_m.shape
    a, b = (streaks.a + 0.5) / scale - 0.5, (streaks.b + 0.5) / scale - 0.5
    step = b - a
    longer = np.abs(step).max(axis=1)
    counts = np.clip(np.ceil(longer), 1, 600).astype(np.int64)
    # A streak's weight is its length, at least a pixel, however many points it has.
    weight = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1.0) / counts
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    place = np.arange(len(owner), dtype=np.int32) - np.repeat((np.cumsum(counts) - counts).astype(np.int32), counts)
    share = (place + np.float32(0.5)) / counts.astype(np.float32)[owner]
    start, way = a.astype(np.float32), step.astype(np.float32)
    x = start[:, 0][owner] + share * way[:, 0][owner]
    y = start[:, 1][owner] + share * way[:, 1][owner]
    upright = (np.abs(step[:, 1]) >= np.abs(step[:, 0]))[owner]
    major, minor = np.where(upright, y, x), np.where(upright, x, y)
    along = np.floor(major + np.float32(0.5)).astype(np.int32)
    across = np.floor(minor).astype(np.int32)
    part = minor - across
    found = []
    for aside, portion in ((0, 1.0 - part), (1, part)):
        column = np.where(upright, across + aside, along)
        row = np.where(upright, along, across + aside)
        ok = np.flatnonzero((column >= 0) & (column < width) & (row >= 0) & (row < height))
        flat = row[ok] * np.int32(width) + column[ok]
        whose = owner[ok]
        before = streaks.depth_m.astype(np.float32)[whose] < surface_m.reshape(-1)[flat]
        flat, whose, ok = flat[before], whose[before], ok[before]
        found.append((flat, portion[ok] * weight.astype(np.float32)[whose], whose))
    index = np.concatenate([f[0] for f in found])
    amount = np.concatenate([f[1] for f in found])
    whose = np.concatenate([f[2] for f in found])
    cover = amount * streaks.opacity.astype(np.float32)[whose]
    return index, cover, amount * streaks.lamplight.astype(np.float32)[whose]
