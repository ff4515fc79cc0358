"""Light on surfaces, per pixel, in NumPy: for renderers that give geometry and colour but no light of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import Array, pose
from simgen.rendering.enclosed import share
from simgen.rendering.light import SHEETING_GAIN, SUN_RADIUS_RAD, Lighting, sky_luminance
from simgen.rendering.protocol import RADIANCE_MAX

Float32 = NDArray[np.float32]

FILM_REFLECTS, FILM_CATCHES = 0.066, 0.47
"""Wet surfaces after Lekner & Dorf (1988): of the light from above a share does not enter the film of water, and of
that which the surface sends back the film reflects a share down again, totally. So an albedo a becomes
(1 - 0.066) a (1 - 0.47) / (1 - 0.47 a)."""
_SUN_SR = 6.79e-5
"""Solid angle of the sun's disc: 2π (1 - cos ``SUN_RADIUS_RAD``)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surfaces:
    """What the P pixels that show a surface show. World axes; points relative to the eye.

    Attributes:
        point_m, normal, albedo, emission_cd_m2: (P, 3); roughness, metallic, retroreflectance: (P,).
        sun: (P,) share of the sun that is not hidden.
    """

    point_m: Float32
    normal: Float32
    albedo: Float32
    emission_cd_m2: Float32
    roughness: Float32
    metallic: Float32
    retroreflectance: Float32
    sun: Float32


def rays(camera: Camera) -> Float32:
    """(H, W, 3) world directions of the pixels with planar depth 1."""
    x, y = camera.places(np.arange(camera.width_px), np.arange(camera.height_px))
    local = np.stack(np.broadcast_arrays(x[None, :], y[:, None], np.ones(())), axis=-1)
    result: Float32 = (local @ camera.world_from_camera[:3, :3].T).astype(np.float32)
    return result


def normals_from_depth(points: Float32, depth_m: Float32, node: NDArray[np.int64]) -> Float32:
    """(H, W, 3) unit normals that face the eye, from the points (H, W, 3) of neighbouring pixels of the same node.

    Of the two neighbours on either side the one with the closer depth on the same node is taken; a pixel without any
    looks at the eye.
    """

    def slope(axis: int) -> Float32:
        ahead, behind = np.roll(points, -1, axis) - points, points - np.roll(points, 1, axis)
        apart = [np.abs(np.roll(depth_m, s, axis) - depth_m) for s in (-1, 1)]
        same = [np.roll(node, s, axis) == node for s in (-1, 1)]
        edge = np.arange(depth_m.shape[axis])
        shape = (-1, 1) if axis == 0 else (1, -1)
        same[0] = same[0] & (edge < edge[-1]).reshape(shape)
        same[1] = same[1] & (edge > 0).reshape(shape)
        cost = [np.where(s, a, np.inf) for s, a in zip(same, apart, strict=True)]
        chosen = np.where((cost[0] <= cost[1])[..., None], ahead, behind)
        return np.where((same[0] | same[1])[..., None], chosen, np.float32(0))

    with np.errstate(invalid="ignore"):
        cross = np.cross(slope(1), slope(0))
        length = np.linalg.norm(cross, axis=-1, keepdims=True)
        toward = -points / np.maximum(np.linalg.norm(points, axis=-1, keepdims=True), 1e-9)
        normal = np.where(length > 1e-12, cross / np.maximum(length, 1e-12), toward)
        away = (normal * toward).sum(axis=-1, keepdims=True) < 0
    result: Float32 = np.where(away, -normal, normal).astype(np.float32)
    return result


def in_camera(normal: Float32, seen: NDArray[np.bool_], camera: Camera) -> Float32:
    """Unit normals (H, W, 3) of the world's frame in the camera's; 0 where nothing is ``seen``."""
    turned = normal.astype(np.float64) @ camera.world_from_camera[:3, :3]
    turned[~seen] = 0.0
    return turned.astype(np.float32)


def background(light: Lighting, rays: Float32) -> Array:
    """(P, 3) cd/m² of what lies beyond all surfaces: sky and ground, the sun's disc and the haze around it.

    Args:
        rays: (P, 3) directions in the world's frame, of any length.
    """
    away = rays.astype(np.float64)
    directions = away / np.linalg.norm(away, axis=1, keepdims=True)
    radiance = sky_luminance(light, directions)
    if light.has_sun:
        apart = np.linalg.norm(directions - light.sun_direction, axis=-1)
        angle = 2 * np.arcsin(np.clip(0.5 * apart, 0.0, 1.0))[:, None]
        haze = 0.30 * np.exp(-angle / 0.035) + 0.04 * np.exp(-angle / 0.2)
        radiance = radiance + light.sun_lux * haze * (directions[:, 2:3] > -0.02)
        radiance = radiance + np.where(angle < SUN_RADIUS_RAD, light.sun_lux / _SUN_SR, 0.0)
    return np.minimum(radiance, RADIANCE_MAX)


def shade(surface: Surfaces, light: Lighting, eye_m: Array) -> Float32:
    """(P, 3) cd/m² towards the eye: emission, sky, sun and lamps, with GGX highlights. Lamps cast no shadows here."""
    n, p = surface.normal, surface.point_m
    v = -p / np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-6)
    metallic = surface.metallic[:, None]
    diffuse = surface.albedo * (1 - metallic) / np.float32(np.pi)
    f0 = np.float32(0.04) * (1 - metallic) + surface.albedo * metallic
    up = n[:, 2:3]
    skylit = light.sky_lux * (0.5 + 0.5 * up) + np.pi * light.near_ground * (0.5 - 0.5 * up)
    seen: Array | float = 1.0
    threshold: Array | float = light.threshold_lux
    if light.enclosed:
        at = share(light.enclosed, eye_m + p, light.threshold_lux)
        seen, threshold = at.sky[:, None], at.threshold_lux
        skylit = skylit * seen + at.bounced_lux
    threshold = threshold / np.maximum(1.0, SHEETING_GAIN * surface.retroreflectance)
    radiance = surface.emission_cd_m2 + diffuse * skylit
    nv = np.clip((n * v).sum(axis=1), 0.02, 1.0)
    mirrored = 2 * (n * v).sum(axis=1, keepdims=True) * n - v
    gloss = ((1 - surface.roughness) ** 2)[:, None] * (f0 + (1 - f0) * ((1 - nv) ** 5)[:, None])
    radiance = radiance + gloss * seen * sky_luminance(light, mirrored)
    if light.has_sun:
        toward = np.broadcast_to(light.sun_direction.astype(np.float32), n.shape)
        lit = surface.sun[:, None] * light.sun_lux
        radiance = radiance + lit * _reflect(surface, diffuse, f0, v, nv, toward)
    lamps = light.lamps.seen_from(pose(-eye_m))
    for k in range(len(lamps)):
        to = lamps.position_m[k].astype(np.float32) - p
        square = np.maximum((to * to).sum(axis=1), 0.01)
        toward = to / np.sqrt(square)[:, None]
        candela = lamps.only(np.array([k])).shine(p).intensity_cd(np.float32(1.0), 1 / np.sqrt(square)[:, None])[:, 0]
        lux = candela / square
        lux = lux * np.maximum(1 - threshold / np.maximum(lux, 1e-12), 0.0)
        some = np.flatnonzero(lux > 0)
        if len(some) == 0:
            continue
        part = _reflect(surface, diffuse, f0, v, nv, toward, some)
        away = 1 + (np.cross(v[some], toward[some]) ** 2).sum(axis=1) / 0.035**2
        back = surface.retroreflectance[some] * 250.0 / away**2
        part = part + back[:, None] * surface.albedo[some] / np.maximum(surface.albedo[some].max(axis=1), 0.01)[:, None]
        radiance[some] += lux[some, None] * lamps.color[k] * part
    result: Float32 = np.minimum(radiance, RADIANCE_MAX).astype(np.float32)
    return result


def _reflect(
    surface: Surfaces,
    diffuse: Float32,
    f0: Float32,
    v: Float32,
    nv: Float32,
    toward: Float32,
    some: NDArray[np.int64] | slice = slice(None),
) -> Array:
    """(Q, 3) BRDF times cosine of chosen pixels for light from unit directions (P, 3): Lambert plus GGX."""
    n, v, nv, toward = surface.normal[some], v[some], nv[some], toward[some]
    nl = np.maximum((n * toward).sum(axis=1), 0.0)
    h = v + toward
    h = h / np.maximum(np.linalg.norm(h, axis=1, keepdims=True), 1e-6)
    nh, vh = np.maximum((n * h).sum(axis=1), 0.0), np.maximum((v * h).sum(axis=1), 0.0)
    a = np.maximum(np.maximum(surface.roughness[some], 0.06) ** 2, 0.004)
    d = a**2 / (np.pi * (nh * nh * (a**2 - 1) + 1) ** 2)
    g = 0.5 / np.maximum(nl * (nv * (1 - a) + a) + nv * (nl * (1 - a) + a), 1e-5)
    fresnel = f0[some] + (1 - f0[some]) * ((1 - vh) ** 5)[:, None]
    result: Array = diffuse[some] * nl[:, None] + fresnel * (d * g * nl)[:, None]
    return result
