"""The sky: its luminance and colour in every direction, from where the sun stands and what covers it.

A clear sky is sunlight scattered once by air, haze and through ozone, over a round earth, with an even share for light
that was scattered more often (Nishita et al. 1993; coefficients of Bruneton & Neyret 2008), so that dusk, its glow and
the blue after it come out by themselves. Clouds are a layer of noise that drifts with the time of day. The whole is
scaled so that the level ground gets the illuminance that the environment states.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array, read_only
from simgen.core.seeds import Key
from simgen.core.srgb import LUMINANCE
from simgen.scene.environment import Environment

Float32 = NDArray[np.float32]

SIZE = 384
"""Texels across the map of the sky."""

_EARTH_M, _TOP_M, _EYE_M = 6_360_000.0, 6_420_000.0, 100.0
_AIR = np.array([5.802e-6, 13.558e-6, 33.1e-6])
_HAZE = 6.0e-6
_OZONE = np.array([0.65e-6, 1.881e-6, 0.085e-6])
_AIR_HEIGHT_M, _HAZE_HEIGHT_M = 8000.0, 1200.0
_FORWARD = 0.76
_OFTEN = 0.7
"""Light scattered more than once, as a share of what is scattered once, over the whole sky."""
_DRIFT_PER_H = np.array([3.1, 1.7])
_NOISE = 512


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """Luminance over the upper hemisphere on a square of octahedral coordinates (see ``directions``).

    Attributes:
        pixels: (S, S, 3) cd/m².
        lux: (3,) illuminance of level ground, the integral of ``pixels``.
        passes: (S, S) share of what shines from beyond the clouds that comes through them; negative where there is
            no sky but the same light from everywhere.
    """

    pixels: Float32
    lux: Array
    passes: Float32

    def luminance(self, direction: Array) -> Array:
        """(P, 3) cd/m² along unit directions (P, 3); below the horizon that of the horizon."""
        if len(self.pixels) == 1:
            return np.broadcast_to(self.pixels[0, 0].astype(np.float64), (len(direction), 3))
        place = octahedral(direction)
        return _lookup(self.pixels, place[:, 0], place[:, 1]).astype(np.float64)

    @classmethod
    def even(cls, luminance: Array) -> Sky:
        """The same luminance (3,) everywhere."""
        return cls(
            pixels=np.asarray(luminance, dtype=np.float32).reshape(1, 1, 3),
            lux=np.pi * luminance,
            passes=np.full((1, 1), -1.0, dtype=np.float32),
        )


def octahedral(direction: Array) -> Array:
    """(..., 2) coordinates in [0, 1] of directions (..., 3) of the upper hemisphere: the zenith in the middle, the
    horizon along the square's edge."""
    d = np.asarray(direction)
    up = np.maximum(d[..., 2], 0.0)
    plane = d[..., :2] / np.maximum(np.abs(d[..., 0]) + np.abs(d[..., 1]) + up, 1e-9)[..., None]
    x, y = plane[..., 0], plane[..., 1]
    result: Array = np.stack([x + y, x - y], axis=-1) * 0.5 + 0.5
    return result


@lru_cache(maxsize=4)
def directions(size: int) -> tuple[Array, Array]:
    """Unit directions (S, S, 3) of the texels' middles, rows by the second coordinate; their solid angles (S, S)."""
    a = (np.arange(size) + 0.5) / size * 2 - 1
    u, v = a[None, :], a[:, None]
    x, y = 0.5 * (u + v), 0.5 * (u - v)
    point = np.stack([x, y, 1 - np.abs(x) - np.abs(y)], axis=-1)
    length = np.linalg.norm(point, axis=-1)
    return read_only(point / length[..., None]), read_only((2 / size) ** 2 / 2 / length**3)


def sky(environment: Environment) -> Sky:
    """The sky of an environment out of doors."""
    sun = np.asarray(environment.sun_direction, dtype=np.float64)
    return _sky(
        tuple(float(x) for x in np.round(sun, 5)),
        tuple(float(x) for x in environment.sky_zenith_cd_m2),
        tuple(float(x) for x in environment.sky_horizon_cd_m2),
        tuple(float(x) for x in environment.sun_illuminance_lux),
        round(float(environment.cloud_cover), 3),
        round(float(environment.time_of_day_h), 3),
    )


def stated_lux(zenith: Array, horizon: Array) -> Array:
    """(3,) illuminance of level ground by a sky whose luminance runs from horizon to zenith with the square root of
    the sine of the elevation: π h + 2π (z - h) 2/5."""
    result: Array = np.pi * horizon + 0.8 * np.pi * (zenith - horizon)
    return result


Triple = tuple[float, ...]


@lru_cache(maxsize=8)
def _sky(sun: Triple, zenith: Triple, horizon: Triple, sun_lux: Triple, cover: float, time_h: float) -> Sky:
    high, low = np.array(zenith), np.array(horizon)
    stated = float(stated_lux(high, low) @ LUMINANCE)
    direction, angle = directions(SIZE)
    up = direction[..., 2]
    if stated <= 0:
        return Sky.even(np.zeros(3))
    weight = up * angle
    plain = low + (high - low) * np.sqrt(up)[..., None]
    elevation = float(np.degrees(np.arcsin(np.clip(sun[2], -1, 1))))
    by_day = _smooth((elevation + 11.0) / 5.0)
    pixels = plain
    if by_day > 0 and cover < 0.999:
        clear = _clear(np.array(sun), direction)
        clear *= stated / float(np.einsum("ij,ijc->c", weight, clear) @ LUMINANCE)
        pixels = plain + (clear - plain) * (by_day * (1.0 - _smooth((cover - 0.75) / 0.25)))
    passes = np.ones(up.shape)
    if cover > 0.02:
        direct = float(np.array(sun_lux) @ LUMINANCE)
        pixels, passes = _clouded(pixels, plain, np.array(sun), direct, stated, cover, time_h)
    pixels = pixels * (stated / float(np.einsum("ij,ijc->c", weight, pixels) @ LUMINANCE))
    lux = np.einsum("ij,ijc->c", weight, pixels)
    return Sky(
        pixels=read_only(pixels.astype(np.float32)), lux=read_only(lux), passes=read_only(passes.astype(np.float32))
    )


def _smooth(x: float) -> float:
    t = min(max(x, 0.0), 1.0)
    return t * t * (3 - 2 * t)


# A clear sky


def _clear(sun: Array, direction: Array) -> Array:
    """(S, S, 3) relative radiance of a clear sky."""
    table = _scattered(round(float(sun[2]), 5))
    rows, columns = table.shape[:2]
    level = np.hypot(direction[..., 0], direction[..., 1])
    ahead = np.hypot(sun[0], sun[1])
    cosine = (direction[..., 0] * sun[0] + direction[..., 1] * sun[1]) / np.maximum(level * ahead, 1e-9)
    around = np.arccos(np.clip(cosine, -1, 1)) / np.pi
    u = around * (columns - 1)
    v = np.sqrt(np.arcsin(np.clip(direction[..., 2], 0, 1)) / (np.pi / 2)) * (rows - 1)
    picture = cv2.remap(
        table.astype(np.float32),
        u.astype(np.float32),
        v.astype(np.float32),
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(picture, dtype=np.float64)


@lru_cache(maxsize=8)
def _scattered(sun_up: float) -> Array:
    """(40, 33, 3) relative radiance by elevation (its square root) and by azimuth from the sun's (0 to π)."""
    elevation = (np.linspace(0, 1, 40) ** 2 * np.pi / 2)[:, None]
    azimuth = np.linspace(0, np.pi, 33)[None, :]
    ray = np.stack(
        np.broadcast_arrays(
            np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)
        ),
        axis=-1,
    ).reshape(-1, 3)
    sun = np.array([np.sqrt(max(1 - sun_up**2, 0.0)), 0.0, sun_up])
    foot = np.array([0.0, 0.0, _EARTH_M + _EYE_M])
    b = ray @ foot
    reach = -b + np.sqrt(b * b - foot @ foot + _TOP_M**2)
    edges = np.linspace(0, 1, 29) ** 2
    middle, width = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    point = foot + ray[:, None] * (reach[:, None] * middle)[..., None]
    step = reach[:, None] * width
    air, haze, ozone = _densities(np.linalg.norm(point, axis=-1) - _EARTH_M)
    depth_here = _optical(*(np.cumsum(d * step, axis=1) - 0.5 * d * step for d in (air, haze, ozone)))
    lit, depth_sun = _toward_sun(point, sun)
    passed = np.exp(-depth_here - depth_sun) * lit[..., None]
    cosine = ray @ sun
    rayleigh = 3 / (16 * np.pi) * (1 + cosine**2)
    g = _FORWARD
    mie = 3 / (8 * np.pi) * (1 - g * g) * (1 + cosine**2) / ((2 + g * g) * (1 + g * g - 2 * g * cosine) ** 1.5)
    once = np.einsum("pk,pkc->pc", air * step, passed) * _AIR * rayleigh[:, None]
    once += np.einsum("pk,pkc->pc", haze * step, passed) * _HAZE * mie[:, None]
    full = _optical(*((d * step).sum(axis=1) for d in (air, haze, np.zeros_like(ozone))))
    share = 1 - np.exp(-full)
    often = share * (_OFTEN * once.mean(axis=0) / np.maximum(share.mean(axis=0), 1e-9))
    # Once the sun is down, the high sky is lit by what was scattered again and again: blue.
    blue = 1 + (np.array([0.45, 1.0, 1.2]) - 1) * _smooth((0.06 - sun_up) / 0.12)
    result: Array = (once + often).reshape(40, 33, 3) * blue ** (1 - np.exp(-elevation / 0.25))[..., None]
    return result


def _densities(height_m: Array) -> tuple[Array, Array, Array]:
    h = np.maximum(height_m, 0.0)
    return (
        np.exp(-h / _AIR_HEIGHT_M),
        np.exp(-h / _HAZE_HEIGHT_M),
        np.maximum(0.0, 1 - np.abs(h - 25_000.0) / 15_000.0),
    )


def _optical(air: Array, haze: Array, ozone: Array) -> Array:
    """(..., 3) optical depth of columns in metres of density one."""
    result: Array = air[..., None] * _AIR + (1.1 * _HAZE * haze)[..., None] + ozone[..., None] * _OZONE
    return result


def _toward_sun(point: Array, sun: Array) -> tuple[Array, Array]:
    """Whether the earth leaves the sun to points (P, K, 3), with a soft edge, and the optical depth (P, K, 3) there."""
    b = point @ sun
    square = (point * point).sum(axis=-1)
    nearest = np.sqrt(np.maximum(square - b * b, 0.0)) - _EARTH_M
    lit = np.where(b > 0, 1.0, np.clip(nearest / 2000.0 + 0.5, 0.0, 1.0))
    reach = -b + np.sqrt(np.maximum(b * b - square + _TOP_M**2, 0.0))
    edges = np.linspace(0, 1, 17) ** 1.3
    columns = [np.zeros(b.shape) for _ in range(3)]
    for start, end in itertools.pairwise(edges):
        at = reach * 0.5 * (start + end)
        height = np.sqrt(square + 2 * b * at + at * at) - _EARTH_M
        for column, density in zip(columns, _densities(height), strict=True):
            column += density * reach * (end - start)
    return lit, _optical(*columns)


# Clouds


@lru_cache(maxsize=1)
def _noise() -> Float32:
    """(N, N) tiling noise with the spectrum of cumulus fields, as ranks in [0, 1]."""
    rng = Key(0, 0, "sky").child("clouds").generator()
    frequency = np.hypot(np.fft.fftfreq(_NOISE)[:, None], np.fft.rfftfreq(_NOISE)[None, :])
    gain = 1.0 / np.maximum(frequency, 1 / 90.0) ** 1.75
    gain[0, 0] = 0.0
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((_NOISE, _NOISE))) * gain, s=(_NOISE, _NOISE))
    rank = np.empty(field.size, dtype=np.float32)
    rank[np.argsort(field, axis=None, kind="stable")] = np.linspace(0, 1, field.size, dtype=np.float32)
    return np.asarray(read_only(rank.reshape(field.shape)), dtype=np.float32)


def _thickness(place: Array, cover: float) -> Array:
    """Thickness (0 to 1) of the clouds over points (S, S, 2) of their layer, in tiles of the noise."""
    at = (place % 1.0) * _NOISE
    wrapped = np.pad(_noise(), ((0, 1), (0, 1)), mode="wrap")
    rank = cv2.remap(
        wrapped,
        at[..., 0].astype(np.float32),
        at[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    over = np.maximum(np.asarray(rank, dtype=np.float64) - (1 - cover) + 0.04, 0.0) / (0.12 + 0.25 * cover)
    # An edge spans some texels, so that the map's own grid does not show in it.
    result: Array = np.asarray(cv2.GaussianBlur(1 - np.exp(-over), (0, 0), 0.7), dtype=np.float64)
    return result


def _clouded(
    clear: Array, plain: Array, sun: Array, sun_lux: float, sky_lux: float, cover: float, time_h: float
) -> tuple[Array, Array]:
    """(S, S, 3) the sky with clouds before it, which thin out into the haze near the horizon; (S, S) the share of
    direct light that they let through."""
    direction, _ = directions(SIZE)
    up = direction[..., 2]
    place = direction[..., :2] / (up + 0.12)[..., None] * 0.16 + _DRIFT_PER_H * time_h
    thick = _thickness(place, cover)
    toward = sun[:2] / max(float(np.hypot(sun[0], sun[1])), 1e-6)
    beyond = 0.5 * (_thickness(place + toward * 0.006, cover) + _thickness(place + toward * 0.014, cover))
    alpha = (1 - np.exp(-3.5 * thick)) * np.clip((up - 0.01) / 0.12, 0, 1)
    gray = plain / np.maximum(plain @ LUMINANCE, 1e-9)[..., None]
    # Light of the sun that the part towards it has left over, light of the sky, and light that comes straight through.
    direct = sun_lux / max((1 - cover) ** 1.5, 0.15)
    near = np.clip(direction @ sun, 0, 1) ** 24
    sunlit = direct * (0.10 + 0.42 * np.exp(-1.6 * beyond) + 0.8 * near * (1 - thick) ** 2) / np.pi
    skylit = sky_lux * (1.0 - 0.45 * thick) / np.pi
    cloud = skylit[..., None] * gray + sunlit[..., None] * _warmth(sun)
    if sun_lux <= 0 and sun[2] < -0.1:
        cloud = plain * (1 + 0.8 * thick)[..., None]  # lit from below, by the town
    # A closed cover keeps the overcast gradient, with its bulges.
    closed = plain * (1.0 + 0.35 * (0.5 - thick))[..., None]
    shut = _smooth((cover - 0.75) / 0.25)
    cloud = cloud + (closed - cloud) * shut
    pixels: Array = clear + (cloud - clear) * alpha[..., None]
    # A cloud's drops scatter all of a beam within some tens of metres.
    passes: Array = np.exp(-30.0 * np.maximum(thick - 0.05, 0.0)) * (1.0 - shut)
    return pixels, passes


def _warmth(sun: Array) -> Array:
    """(3,) colour of direct light, luminance one."""
    mass = 1.0 / (max(float(sun[2]), 0.0) + 0.06)
    color = np.exp(-_AIR * _AIR_HEIGHT_M * min(mass, 10.0))
    result: Array = color / (color @ LUMINANCE)
    return result


def _lookup(pixels: Float32, u: Array, v: Array) -> Float32:
    """Bilinear, at coordinates (P,) in [0, 1], clamped at the edge."""
    size = len(pixels)
    x, y = np.clip(u * size - 0.5, 0, size - 1), np.clip(v * size - 0.5, 0, size - 1)
    i, j = np.minimum(x.astype(np.int64), size - 2), np.minimum(y.astype(np.int64), size - 2)
    fx, fy = (x - i)[:, None], (y - j)[:, None]
    top = pixels[j, i] * (1 - fx) + pixels[j, i + 1] * fx
    bottom = pixels[j + 1, i] * (1 - fx) + pixels[j + 1, i + 1] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, dtype=np.float32)
