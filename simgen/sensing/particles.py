"""Falling drops and flakes: how many, where, and what they leave on the picture during one exposure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera, Optics
from simgen.core.srgb import LUMINANCE
from simgen.scene.lamps import Lamps
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.streaks import Curtain, Streaks, accumulate
from simgen.sensing.surroundings import scattered

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

NEAREST_M, FARTHEST_M = 0.35, 40.0
_SHELLS = 24
_COARSE = 4
_PER_LAMP = 250
_LAMP_REACH_M = 3.0
_LAMP_FARTHEST_M = 60.0


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

    def and_also(self, others: Particles) -> Particles:
        return Particles(
            position_m=np.concatenate([self.position_m, others.position_m]),
            diameter_mm=np.concatenate([self.diameter_mm, others.diameter_mm]),
        )


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
    if camera.lens is not None:
        area = 2.0 * np.pi * (1.0 - float(np.cos(margin * _half_angle(camera.optics))))
    volume = area * (edges[1:] ** 3 - edges[:-1] ** 3) / 3.0
    # The threshold of a shell is that of its near side; no particle that counts is lost.
    threshold = smallest_mm(edges[:-1])
    counts = generator.poisson(volume * law.count_above(threshold))
    total = int(counts.sum())
    shell = np.repeat(np.arange(_SHELLS), counts)
    u = generator.random((4, total))
    z = np.cbrt(edges[shell] ** 3 + u[0] * (edges[shell + 1] ** 3 - edges[shell] ** 3))
    if camera.lens is not None:
        # In a cone that holds the view, evenly over its solid angle.
        rise = 1.0 - u[1] * (1.0 - np.cos(margin * _half_angle(camera.optics)))
        level, turn = np.sqrt(np.maximum(1.0 - rise**2, 0.0)), 2.0 * np.pi * u[2]
        rays = np.stack([level * np.cos(turn), level * np.sin(turn), rise], axis=1)
        return Particles(position_m=z[:, None] * rays, diameter_mm=law.draw_above(threshold[shell], u[3]))
    middle_x = (0.5 * (camera.width_px - 1) - camera.cx_px) / camera.fx_px
    middle_y = (0.5 * (camera.height_px - 1) - camera.cy_px) / camera.fy_px
    x = z * (middle_x + margin * (u[1] - 0.5) * camera.width_px / camera.fx_px)
    y = z * (middle_y + margin * (u[2] - 0.5) * camera.height_px / camera.fy_px)
    return Particles(position_m=np.stack([x, y, z], axis=1), diameter_mm=law.draw_above(threshold[shell], u[3]))


def scatter_about(
    camera: Camera, law: SizeLaw, lamps: Lamps, largest_mm: Callable[[Float64], Float64], generator: np.random.Generator
) -> Particles:
    """Particles about the lamps in view, smaller than ``largest_mm(depth)``: those that only a lamp nearby makes worth
    drawing. As many of the largest as ``_PER_LAMP`` allows within ``_LAMP_REACH_M`` of each lamp."""
    volume = 4.0 / 3.0 * np.pi * _LAMP_REACH_M**3
    density = _PER_LAMP / volume
    tail = np.exp(-law.slope_per_mm * law.largest_mm)
    share = density * law.slope_per_mm / law.n0 + tail
    smallest = max(0.6, -float(np.log(min(share, 1.0))) / law.slope_per_mm)
    about = lamps.position_m[:, 2] if camera.lens is None else np.linalg.norm(lamps.position_m, axis=1)
    near = lamps.position_m[about < _LAMP_FARTHEST_M]
    expected, draws = volume * float(law.count_above(smallest)), [np.zeros((4, 0))]
    draws += [generator.random((4, int(generator.poisson(expected)))) for _ in near]
    u = np.concatenate(draws, axis=1)
    lamp = np.repeat(near, np.array([each.shape[1] for each in draws[1:]], dtype=np.intp), axis=0)
    away = _LAMP_REACH_M * np.cbrt(u[0])
    rise, turn = 2.0 * u[1] - 1.0, 2.0 * np.pi * u[2]
    level = np.sqrt(1.0 - rise**2)
    place = lamp + away[:, None] * np.stack([level * np.cos(turn), level * np.sin(turn), rise], axis=1)
    diameter = law.draw_above(np.full(len(place), smallest), u[3])
    away = place[:, 2] if camera.lens is None else np.linalg.norm(place, axis=1)
    ahead = away > 1.0
    kept = np.flatnonzero(ahead)[diameter[ahead] < largest_mm(away[ahead])]
    return Particles(position_m=place[kept], diameter_mm=diameter[kept])


def visible_threshold(
    camera: Camera, law: SizeLaw, speed_mps: float, exposure_s: float, budget: int
) -> Callable[[Float64], Float64]:
    """Depth in m -> the diameter in mm below which a streak is too faint to draw.

    A streak's opacity is about D²·f / (z·v·T) until it is a pixel wide; the limit on it is raised until no more than
    ``budget`` particles remain. The fainter ones are part of the veil.
    """
    edges = np.geomspace(NEAREST_M, FARTHEST_M, _SHELLS + 1)
    area = camera.width_px / camera.fx_px * camera.height_px / camera.fy_px
    if camera.lens is not None:
        area = _solid_angle(camera.optics)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Falling:
    """Particles as they move and shine.

    Attributes:
        velocity_mps: (P, 3) relative to the camera.
        daylight_cd_m2: luminance of the particles' discs by daylight.
        lamplight_gain: their luminance by lamps, over that of clear drops.
        aperture_m: diameter of the entrance pupil; what is near is out of focus and its streak wide and faint.
    """

    particles: Particles
    velocity_mps: Float64
    daylight_cd_m2: float
    lamplight_gain: float
    aperture_m: float


def draw(frame: WorkingFrame, falling: Sequence[Falling]) -> Curtain:
    """The particles' streaks before the surfaces of the frame, through all of its air."""
    height, width = frame.true_depth_m.shape
    around = frame.surroundings
    cover, light = np.zeros((2, height, width), dtype=np.float32)
    total, by_lamps = 0.0, 0.0
    for some in falling:
        streaks, spread, lit = _streaks(frame, some)
        for scale, chosen in ((1, spread < 2.5), (_COARSE, spread >= 2.5)):
            if chosen.any() and (scale == 1 or min(height, width) > 2 * scale):
                accumulate(cover, light, streaks.only(chosen), frame.true_depth_m, scale)
        total += float(np.sum(streaks.opacity * (some.daylight_cd_m2 + lit)))
        by_lamps += float(np.sum(streaks.opacity * lit))
    share = by_lamps / max(total, 1e-9)
    air = float(around.horizon_cd_m2 @ LUMINANCE)
    tint = (1.0 - share) * around.horizon_cd_m2 / max(air, 1e-6) + share * around.lamps.mean_color()
    return Curtain(cover=cover, light=light, tint=(float(tint[0]), float(tint[1]), float(tint[2])))


def _streaks(frame: WorkingFrame, falling: Falling) -> tuple[Streaks, Float64, Float64]:
    """The S streaks that touch the picture, their widths in pixels and their luminances by lamps (S,)."""
    camera, time, around, beta = frame.camera, frame.exposure_s, frame.surroundings, frame.extinction_per_m
    height, width = frame.true_depth_m.shape
    particles = falling.particles
    half = 0.5 * time * falling.velocity_mps
    start, end = particles.position_m - half, particles.position_m + half
    if camera.lens is None:
        ahead = (start[:, 2] > 0.2) & (end[:, 2] > 0.2)
        depth = particles.position_m[:, 2]
    else:
        depth = camera.image(particles.position_m)[2]
        ahead = (depth > 0.2) & (camera.image(start)[2] > 0.2) & (camera.image(end)[2] > 0.2)
    keep = np.flatnonzero(ahead)
    a, b = (np.stack(camera.pixels(points_m[keep]), axis=1) for points_m in (start, end))
    z = depth[keep]
    spread = np.hypot(particles.diameter_mm[keep] * 1e-3, falling.aperture_m) * camera.fx_px / z
    length = np.hypot(*(b - a).T)
    inside = _touches(a, b, spread, width, height) & (length < 2.0 * width)
    keep, a, b, z, spread, length = keep[inside], a[inside], b[inside], z[inside], spread[inside], length[inside]
    size = particles.diameter_mm[keep] * 1e-3 * camera.fx_px / z
    place = particles.position_m[keep]
    lamplight = falling.lamplight_gain * scattered(around.lamps, place, beta).astype(np.float64)
    # The disc's area is spread over the streak's: its length and width, either at least a pixel.
    opacity = np.minimum(0.785 * size**2 / (np.maximum(length + size, 1.0) * np.maximum(spread, 1.0)), 0.9)
    air = float(around.horizon_cd_m2 @ LUMINANCE)
    # The air before a streak dims it as it dims anything else, and has its own light already.
    passed = np.exp(-beta * np.linalg.norm(place, axis=1))
    luminance = (falling.daylight_cd_m2 + lamplight - air) * passed
    return Streaks(a=a, b=b, depth_m=z, opacity=opacity, luminance=luminance), spread, lamplight


@lru_cache(maxsize=8)
def _half_angle(optics: Optics) -> float:
    """The largest angle to the axis in a lens's picture."""
    rays = Camera.of_optics(optics).grid()
    angle = np.arctan2(np.hypot(rays[..., 0], rays[..., 1]), rays[..., 2])
    return float(np.nanmax(angle))


@lru_cache(maxsize=8)
def _solid_angle(optics: Optics) -> float:
    """Steradians that a lens's picture shows."""
    camera = Camera.of_optics(optics)
    return float(camera.solid_angles(np.arange(camera.width_px)[None, :], np.arange(camera.height_px)[:, None]).sum())


def _touches(a: Float64, b: Float64, spread: Float64, width: int, height: int) -> NDArray[np.bool_]:
    low, high = np.minimum(a, b) - spread[:, None], np.maximum(a, b) + spread[:, None]
    inside: NDArray[np.bool_] = (high[:, 0] > 0) & (low[:, 0] < width) & (high[:, 1] > 0) & (low[:, 1] < height)
    return inside
