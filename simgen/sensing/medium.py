"""Light through air that scatters: extinction, airlight, the glow of lamps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.scene.lamps import Lamps
from simgen.sensing import planes
from simgen.sensing.frame import WorkingFrame, ray_scale
from simgen.sensing.particles import Falling, draw
from simgen.sensing.surroundings import phase

Float32 = NDArray[np.float32]


_STEP = 8
_COARSE = 16
_CELL = 32
_SAMPLES = 6
_REACH_M = 120.0
_LONGEST_M = 40_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Medium:
    """Something that fills the air evenly.

    Attributes:
        layer_m: how high it reaches over the camera: at elevation e the path through it is at most ``layer_m`` / sin e.
        forward: of what it takes from a lamp, the share that arrives as a halo about it.
        falling: those of its particles that are seen one by one.
    """

    extinction_per_m: float
    layer_m: float
    forward: float
    falling: Falling | None = None


def veiled(frame: WorkingFrame) -> WorkingFrame:
    """The frame through all that fills its air: L = L0·t + A·(1 - t), t = exp(-Σ β·d), d along the ray within each
    medium (Koschmieder 1924).

    A is the horizon's luminance, and what the lamps add to it by single scattering. Media that share the air add up:
    each takes its part of the light, and scatters it, in the proportion of its β, and what one has scattered the others
    take from as they do from all else. What falls is seen before all of that.
    """
    if not frame.media:
        return frame
    falling = [medium.falling for medium in frame.media if medium.falling is not None]
    curtain = draw(frame, falling) if falling else None
    height, width = frame.true_depth_m.shape
    horizon = frame.surroundings.horizon_cd_m2
    airlight = (float(horizon[0]), float(horizon[1]), float(horizon[2]))
    rays = _Rays.of(frame)
    light = np.zeros((max(1, height // _COARSE), max(1, width // _COARSE), 3), dtype=np.float32)
    coarse = slice(None, None, _STEP)
    paths = [rays.path_m(medium.layer_m, coarse, coarse) for medium in frame.media]
    for scattered in (
        _glow(frame.camera, frame.surroundings.lamps, frame.media, paths),
        _halo(frame.radiance, frame.media, paths),
    ):
        if scattered is not None:
            light += planes.enlarge(scattered, light.shape[1], light.shape[0])
    result = planes.enlarge(light, width, height)
    spare = planes.spare(height, width)
    for band in planes.bands(height, 3 * width):
        through = rays.passed(frame.media, band)
        if curtain is not None:
            clear = planes.weigh(curtain.cover[band], -1.0, through, 0.0, 1.0)
            planes.multiply(through, planes.maximum(clear, 0.0, out=clear), out=through)
        lost = planes.weigh(through, -1.0, through, 0.0, 1.0)
        lit, tint = (lost, (0.0, 0.0, 0.0)) if curtain is None else (curtain.light[band], curtain.tint)
        own = planes.tinted(lost, airlight, lit, tint, out=spare[: len(through)])
        planes.add(result[band], own, out=result[band])
        planes.gather(result[band], frame.radiance[band], through, spare[: len(through)])
    return frame.replace(radiance=result, media=())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rays:
    """The rays of a camera's pixels, up to what they meet.

    Attributes:
        depth_m, scale: (H, W) depth, and the range over it.
        across, down: (W,) and (H,) whose sum is how far the ray of a pixel rises for each metre of depth.
        rise: (H, W) the same for a lens, which needs all of it; None for a pinhole.
    """

    depth_m: Float32
    scale: Float32
    across: Float32
    down: Float32
    rise: Float32 | None = None

    @classmethod
    def of(cls, frame: WorkingFrame) -> _Rays:
        camera, up = frame.camera, frame.surroundings.up
        across = up[0] * (np.arange(camera.width_px) - camera.cx_px) / camera.fx_px
        down = up[1] * (np.arange(camera.height_px) - camera.cy_px) / camera.fy_px + up[2]
        return cls(
            depth_m=frame.true_depth_m if frame.light_depth_m is None else frame.light_depth_m,
            scale=ray_scale(camera),
            across=across.astype(np.float32),
            down=down.astype(np.float32),
            rise=None if camera.lens is None else np.nan_to_num(camera.grid() @ up).astype(np.float32),
        )

    def path_m(self, layer_m: float, rows: slice, columns: slice = slice(None)) -> Float32:
        """(h, w) metres within a layer along the ray: to the surface, or out of the layer; 40 km at most."""
        z, scale, least = self.depth_m[rows, columns], self.scale[rows, columns], np.float32(layer_m / _LONGEST_M)
        if self.rise is not None:
            steep = np.maximum(self.rise[rows, columns], least)
            return np.asarray(np.minimum(z, np.float32(layer_m) / steep) * scale, dtype=np.float32)
        across, down = self.across[columns], self.down[rows]
        steepest = max(float(across.max() + down.max()), float(least))
        if z.max() * steepest > layer_m:
            rise = np.add(down[:, None], across)
            planes.maximum(rise, float(least), out=rise)
            z = np.minimum(z, np.divide(np.float32(layer_m), rise, out=rise), out=rise)
        return np.multiply(z, scale)

    def passed(self, media: Sequence[Medium], rows: slice) -> Float32:
        """(h, W) share of a surface's light that comes through all of the media."""
        total: Float32 | None = None
        for medium in media:
            depth = self.path_m(medium.layer_m, rows)
            planes.multiply(depth, -medium.extinction_per_m, out=depth)
            total = depth if total is None else planes.add(total, depth, out=total)
        assert total is not None
        return planes.exp(total, out=total)


def _glow(camera: Camera, lamps: Lamps, media: Sequence[Medium], paths: Sequence[Float32]) -> Float32 | None:
    """(h, w, 3) light of the lamps scattered once into each pixel, up to the surface behind it:
    ∫ β·I/d²·p(θ)/4π·e^(-β(s+d)) ds, with the mean β along the ray.

    Along a ray that passes a lamp at distance b, ds/d² is dθ/b with θ the scattering angle: sampling in θ needs few
    points however near the ray passes. On a grid of one ray every 32 pixels at most, because it has no edges of its
    own: of a narrow or dipped beam the points lie on the stretch of a ray that it lights. None without lamps.
    """
    if len(lamps) == 0:
        return None
    height, width = camera.height_px, camera.width_px
    pitch = max(1, min(_CELL, height // 9, width // 9))
    rows, columns = max(2, height // pitch + 1), max(2, width // pitch + 1)
    # At the middles of the cells, which is where enlarging a picture puts its values.
    u = ((np.arange(columns) + 0.5) * width / columns - 0.5)[None, :]
    v = ((np.arange(rows) + 0.5) * height / rows - 0.5)[:, None]
    # Where a lens has no image the light goes nowhere.
    rays = np.nan_to_num(camera.directions(u, v), nan=1.0).reshape(-1, 3)
    rays = (rays / np.linalg.norm(rays, axis=-1, keepdims=True)).astype(np.float32)
    near = (planes.shrink(np.minimum(path, np.float32(_REACH_M)), columns, rows) for path in paths)
    ways = [each.reshape(-1, 1) for each in near]
    reach = np.maximum.reduce(ways)
    extinction = _sum((m.extinction_per_m for m in media), ways) / np.maximum(reach, np.float32(1e-3))
    lamps = lamps.with_dipped_apart()
    lamp = lamps.position_m.astype(np.float32)
    # One lamp after the other in memory, here and in all that follows from it: loops run along the rays.
    nearest = (lamp @ rays.T).T
    square = np.maximum(np.einsum("kc,kc->k", lamp, lamp) - nearest * nearest, 0.0)
    # A cell of the grid cannot tell a lamp from its neighbourhood: half a cell is as near as a ray passes.
    cell = 0.5 * pitch / camera.fx_px * np.maximum(nearest, 1.0)
    miss = np.maximum(np.sqrt(square), np.maximum(cell, 0.1)).astype(np.float32)
    beams = lamps.shine(rays)
    enters, leaves = lamps.lit(rays)
    begin = np.clip(enters, 0.0, reach)
    end = np.clip(leaves, begin, reach)
    first = np.arctan2(miss, nearest - begin)
    span = np.arctan2(miss, nearest - end) - first
    total: Float32 = np.zeros_like(nearest)
    for i in range(_SAMPLES):
        # More of the samples where light goes nearly straight on.
        q = np.float32((i + 0.5) / _SAMPLES)
        angle = first + span * (q * q)
        inverse = 1.0 / np.maximum(np.sin(angle), np.float32(1e-4))
        cosine = np.cos(angle)
        distance = miss * inverse
        along = nearest - distance * cosine
        passed = planes.exp(((along + distance) * -extinction).T).T
        total += (
            phase(cosine)
            * passed
            * beams.intensity_cd(along, np.float32(1.0) / distance)
            * np.float32(2.0 / _SAMPLES * q)
        )
    total *= span / miss * (extinction * np.float32(0.25 / np.pi))
    return (total @ lamps.color.astype(np.float32)).reshape(rows, columns, 3)


def _sum(per_m: Iterable[float], paths_m: Sequence[Float32]) -> Float32:
    """What adds up along a ray, of so much for each metre in each medium."""
    total = np.zeros_like(paths_m[0])
    for rate, path in zip(per_m, paths_m, strict=True):
        total += np.float32(rate) * path
    return total


def _halo(radiance: Float32, media: Sequence[Medium], paths: Sequence[Float32]) -> Float32 | None:
    """(h, w, 3) light of sources far brighter than the picture, scattered forward about them: a share of what the
    medium takes from them, spread by Gaussians after the point spread of Narasimhan & Nayar (2003)."""
    height, width = radiance.shape[:2]
    if min(height, width) < 32:
        return None
    bright = planes.shrink(radiance, width // _COARSE, height // _COARSE)
    ways = [np.minimum(path, np.float32(400.0)) for path in paths]
    depth = _sum((m.extinction_per_m for m in media), ways)
    forward = _sum((m.extinction_per_m * m.forward for m in media), ways)
    lost = planes.multiply(forward, (-np.expm1(-depth) / np.maximum(depth, np.float32(1e-9))).astype(np.float32))
    share = planes.shrink(lost, bright.shape[1], bright.shape[0])
    threshold = 50.0 * max(float(np.median(bright)), 0.5)
    excess = np.maximum(bright - np.float32(threshold), 0.0) * share[..., None]
    if not excess.any():
        return None
    spread: Float32 = np.zeros_like(excess)
    for sigma_px, weight in ((12.0, 0.4), (32.0, 0.35), (80.0, 0.25)):
        spread += np.float32(weight) * planes.gaussian(excess, sigma_px / _COARSE)
    return spread
