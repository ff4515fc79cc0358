"""Drops of water on the lens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.declare import quantity
from simgen.core.seeds import Key
from simgen.core.vocabulary import effects
from simgen.sensing import planes
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.effects.rain import fall_speed, marshall_palmer
from simgen.sensing.frame import Float32, WorkingFrame

Float64 = NDArray[np.float64]

WATER = 1.33
_DROPS_MAX = 160
_FIELD = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GlassDrops:
    """Drops on the glass: centre (P, 2) and radius (P,) in metres on its surface, x right, y down from the axis;
    ``shape`` (P,) in [0, 1) is the outline's."""

    center_m: Float64
    radius_m: Float64
    shape: Float64


@effects.register("lens_drops")
class LensDrops(Effect):
    """Rain drops that land on the glass before the lens, stay, slide and pile up, each a little wide-angle lens."""

    stage = "lens"
    kind = "triggering_condition"
    labels = "geometry unchanged; lens_blocked_fraction says what share of each object lies under drops"
    source = "Snell's law on spherical caps; Marshall & Palmer (1948) for what lands; circle of confusion"
    shorthand = "rate"

    rate: float = quantity("mm/h", low=0, high=200, default=10.0, help="rain rate")
    accumulated: float = quantity("s", low=0, high=600, default=0.0, help="how long it rained on the glass before")
    distance: float = quantity("m", low=0.01, high=2, default=0.06, help="from the lens to the glass")
    contact_angle: float = quantity("rad", low=0.5, high=1.6, default=0.85, help="of the drops on the glass")
    aperture: float = quantity("m", low=1e-4, high=0.05, default=1.2e-3, help="entrance pupil; it blurs the drops")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        height, width = frame.true_depth_m.shape
        if min(height, width) < 4 or self.rate == 0.0:
            return frame
        drops = self.drops_at(frame.camera, moment.key, moment.elapsed_s)
        if len(drops.radius_m) == 0:
            return frame
        return self._refract(frame, drops)

    def drops_at(self, camera: Camera, key: Key, elapsed_s: float) -> GlassDrops:
        """The drops in view after this time. What lands in each second is drawn from a key of its own, so that a drop
        stays where it fell, whatever the times at which one looks."""
        half_x = 0.5 * self.distance * camera.width_px / camera.fx_px * 1.1
        half_y = 0.5 * self.distance * camera.height_px / camera.fy_px * 1.1
        law = marshall_palmer(max(self.rate, 0.01))
        smallest = 0.8
        mean_speed = float(fall_speed(np.array(smallest + 1.0 / law.slope_per_mm)))
        # The glass leans: half of the drops' flux meets it.
        landing_per_s = 0.5 * float(law.count_above(smallest)) * mean_speed * 4 * half_x * half_y
        spread = _cap_radius(self.contact_angle)
        centers, radii, shapes = [], [], []
        total = self.accumulated + elapsed_s
        oldest = max(0, int(total) - int(np.ceil(_DROPS_MAX / max(landing_per_s, 1e-6))) - 1)
        for second in range(oldest, int(np.floor(total)) + 1):
            generator = key.child("landing", second).generator()
            count = min(int(generator.poisson(landing_per_s)), 2 * _DROPS_MAX)
            u = generator.random((5, count))
            age = total - (second + u[0])
            diameter_mm = law.draw_above(np.full(count, smallest), u[1])
            # A drop of volume πD³/6 flattens to a cap; it takes in its neighbours as it stays.
            radius = spread * 1e-3 * diameter_mm * (1.0 + 0.5 * (1.0 - np.exp(-np.maximum(age, 0) / 20.0)))
            slide = np.maximum(radius - 1.8e-3, 0.0) * 6.0 * (0.5 + u[4])
            x = (2 * u[2] - 1) * half_x + 0.15 * slide * np.sin(8.0 * u[4] + 2.0 * np.maximum(age, 0)) * 0.3
            y = (2 * u[3] - 1) * half_y + slide * np.maximum(age, 0.0)
            landed = (age >= 0) & (np.abs(y) < half_y + radius)
            centers.append(np.stack([x, y], axis=1)[landed])
            radii.append(radius[landed])
            shapes.append(u[4][landed])
        center, radius, shape = np.concatenate(centers), np.concatenate(radii), np.concatenate(shapes)
        return GlassDrops(center_m=center[-_DROPS_MAX:], radius_m=radius[-_DROPS_MAX:], shape=shape[-_DROPS_MAX:])

    def _refract(self, frame: WorkingFrame, drops: GlassDrops) -> WorkingFrame:
        camera = frame.camera
        height, width = frame.true_depth_m.shape
        # The glass is out of focus: everything on it is spread over the image of the entrance pupil.
        # A Gaussian with the second moment of the uniform disc.
        blur_px = 0.25 * camera.fx_px * self.aperture / self.distance
        scale = 4 if blur_px > 4 and min(height, width) > 64 else 2
        small_w, small_h = width // scale, height // scale
        # A drop shows a wide field on a few pixels: each of them the mean of many.
        field = planes.shrink(frame.radiance, max(1, width // _FIELD), max(1, height // _FIELD))
        seen, alpha = self._view(field, camera, drops, small_w, small_h)
        sigma = max(0.3, blur_px / scale)
        wide = planes.enlarge(planes.gaussian(alpha, sigma), width, height)
        result = planes.enlarge(planes.gaussian(seen, sigma), width, height)
        spare = planes.spare(height, width)
        for band in planes.bands(height, 3 * width):
            clear = np.float32(1.0) - wide[band]
            planes.gather(result[band], frame.radiance[band], clear, spare[: len(clear)])
        return frame.replace(radiance=result, lens_blocked=frame.cover(wide > 0.5))

    def _view(
        self, field: Float32, camera: Camera, drops: GlassDrops, width: int, height: int
    ) -> tuple[Float32, Float32]:
        """What the drops show (h, w, 3) of the field of view on a picture of this size, black where there is none,
        and where they are (h, w)."""
        scale = camera.width_px / width
        fx = camera.fx_px / scale
        deflection, passed = _cap(round(self.contact_angle, 3))
        u = (camera.cx_px + 0.5) / scale + drops.center_m[:, 0] / self.distance * fx
        v = (camera.cy_px + 0.5) / scale + drops.center_m[:, 1] / self.distance * fx
        radius = drops.radius_m / self.distance * fx
        x, y, owner = _windows(u, v, 1.3 * radius, width, height)
        dx, dy = (x + 0.5 - u[owner]).astype(np.float32), (y + 0.5 - v[owner]).astype(np.float32)
        r = radius[owner].astype(np.float32)
        rho = _outline(dx / r, dy / r, drops.shape[owner])
        inside = np.flatnonzero(rho < 1.0)
        x, y, dx, dy, r, rho = x[inside], y[inside], dx[inside], dy[inside], r[inside], rho[inside]
        step = (rho * 255.0).astype(np.int32)
        bend = deflection[step] * np.float32(fx) / np.maximum(rho * r, 1e-3)
        source_x = (x - dx * bend + 0.5) * (field.shape[1] / width) - 0.5
        source_y = (y - dy * bend + 0.5) * (field.shape[0] / height) - 0.5
        shown = planes.sample(field, source_x, source_y)
        # Of drops that overlap the later one is seen: of several values for a place, the last remains.
        place = y * width + x
        seen, alpha = np.zeros((height, width, 3), dtype=np.float32), np.zeros((height, width), dtype=np.float32)
        seen.reshape(-1, 3)[place] = shown * passed[step, None]
        alpha.reshape(-1)[place] = 1.0
        return seen, alpha


def _windows(
    u: Float64, v: Float64, reach: Float64, width: int, height: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """(N,) columns and rows of the pixels within ``reach`` of each centre along either axis, inside of the picture,
    and which centre each belongs to, in order."""
    left, top = np.maximum((u - reach).astype(np.int64), 0), np.maximum((v - reach).astype(np.int64), 0)
    columns = np.maximum(np.minimum((u + reach).astype(np.int64) + 2, width) - left, 0)
    rows = np.maximum(np.minimum((v + reach).astype(np.int64) + 2, height) - top, 0)
    counts = columns * rows
    owner = np.repeat(np.arange(len(u)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    row = place // columns[owner]
    return left[owner] + place - row * columns[owner], top[owner] + row, owner


def _outline(x: Float32, y: Float32, shape: Float64) -> Float32:
    """Relative radius: 1 on the outline of a drop that glass has pinned here and there; heavier below."""
    square = x * x + y * y
    radius = np.sqrt(square)
    turn = (2 * np.pi * shape).astype(np.float32)
    second = ((x * x - y * y) * np.cos(turn) + 2 * x * y * np.sin(turn)) / np.maximum(square, 1e-6)
    third = (y * square - 4 * y * x * x) / np.maximum(square * radius, 1e-6)
    bumps = 1.0 + 0.10 * second + 0.06 * np.cos(3 * turn) * third + 0.05 * y / np.maximum(radius, 1e-3)
    outline: Float32 = (radius / bumps).astype(np.float32)
    return outline


def _cap_radius(contact_angle_rad: float) -> float:
    """Radius on the glass of a cap over the diameter of the free drop of the same volume."""
    c, s = np.cos(contact_angle_rad), np.sin(contact_angle_rad)
    return float((s**3 / (2.0 * (2.0 - 3.0 * c + c**3))) ** (1.0 / 3.0))


@lru_cache(maxsize=16)
def _cap(contact_angle_rad: float) -> tuple[Float32, Float32]:
    """Of a spherical cap, at 256 relative radii: tangent of the angle by which a ray along the axis is bent inwards,
    and the share of light that passes. Beyond the critical angle the ray stays inside and the rim is dark."""
    rho = np.linspace(0.0, 1.0, 256)
    slope = np.arcsin(np.clip(rho * np.sin(min(contact_angle_rad, np.pi / 2)), 0.0, 1.0))
    refracted = np.clip(WATER * np.sin(slope), 0.0, 1.0)
    bend = np.arcsin(refracted) - slope
    passed = np.clip((1.0 - WATER * np.sin(slope)) / 0.12, 0.0, 1.0) * 0.9 + 0.06
    return np.tan(np.minimum(bend, 0.7)).astype(np.float32), passed.astype(np.float32)
