"""What surfaces see of their surroundings: the sky over the roofs, the house fronts below, the ground.

Glass and paint in a street mirror the other side of it, and its ground gets less of the sky than an open field.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.rendering.light import Lighting
from simgen.rendering.sky import directions
from simgen.scene.classes import semantic_class
from simgen.scene.scene import SceneView

SIZE = 64
"""Texels along each side of ``Surroundings.pixels``."""
FRONT_ALBEDO = 0.3
"""Mean albedo of house fronts."""
_AZIMUTHS = 128
_TALL_M, _WIDE_M = 3.0, 2.5
"""What is lower, or narrower in plan, hides too little of the sky to count."""
_BLOCKING = ("building", "wall", "tunnel")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """Light that comes to a surface near the eye from all sides. World frame.

    Attributes:
        pixels: (S, S, 3) cd/m² over the upper hemisphere, in the octahedral coordinates of ``sky``: sky and house
            fronts, for what mirrors.
        harmonics: (9, 3) coefficients of the irradiance in the normal's x, y, z: 1, y, z, x, xy, yz, 3 z² - 1, xz,
            x² - y² (Ramamoorthi & Hanrahan 2001), for what is matt.
    """

    pixels: NDArray[np.float32]
    harmonics: Array


def surroundings(view: SceneView, light: Lighting, eye_m: Array, *, walls: bool) -> Surroundings:
    """What is around an eye (3,) in the world frame. Without ``walls``, as in a room, nothing but sky and ground; with
    them also the fronts of the buildings, walls and tunnels that stand fixed."""
    direction, angle = directions(SIZE)
    size = len(light.sky.pixels)
    if size == 1:
        pixels = np.broadcast_to(light.sky.pixels.astype(np.float64), (SIZE, SIZE, 3))
    else:
        pixels = cv2.resize(light.sky.pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float64)
    if walls:
        skyline = _skyline(view, eye_m)
        if skyline.max() > 0.01:
            pixels = _fronts(pixels, direction, skyline, light)
    # Both halves: the lower one is the ground, seen along the mirrored directions.
    x, y, z = direction[..., 0].ravel(), direction[..., 1].ravel(), direction[..., 2].ravel()
    upper, weight = pixels.reshape(-1, 3), angle.ravel()
    lower = np.broadcast_to(light.near_ground, upper.shape)
    weighted = np.concatenate([upper, lower]) * np.r_[weight, weight][:, None]
    x, y, z = np.r_[x, x], np.r_[y, y], np.r_[z, -z]
    basis = np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y])
    norms = np.array([0.282095, 0.488603, 0.488603, 0.488603, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
    cosine = np.pi * np.array([1, 2 / 3, 2 / 3, 2 / 3, 0.25, 0.25, 0.25, 0.25, 0.25])
    return Surroundings(pixels=pixels.astype(np.float32), harmonics=(norms**2 * cosine)[:, None] * (basis @ weighted))


def _skyline(view: SceneView, eye_m: Array) -> Array:
    """(A,) elevation in radians up to which what stands fixed hides the sky, by azimuth from 0 to 2π."""
    blocking = {semantic_class(name).id for name in _BLOCKING}
    frames, lows, highs = [], [], []
    for entity, pose in zip(view.scene.entities, view.snapshot.world_from_entity, strict=True):
        size = entity.body.box_size_m
        if not entity.static or entity.semantic_id not in blocking or size[2] < _TALL_M or min(size[:2]) < _WIDE_M:
            continue
        center, half = np.asarray(entity.body.box_center_m), 0.5 * np.asarray(size)
        frames.append(pose)
        lows.append(center - half)
        highs.append(center + half)
    if not frames:
        return np.zeros(_AZIMUTHS)
    poses, low, high = np.asarray(frames), np.array(lows), np.array(highs)
    local = np.einsum("kji,kj->ki", poses[:, :3, :3], eye_m - poses[:, :3, 3])
    azimuth = np.arange(_AZIMUTHS) * (2 * np.pi / _AZIMUTHS)
    ray = np.stack([np.cos(azimuth), np.sin(azimuth)], axis=-1)
    way = np.einsum("kji,aj->kai", poses[:, :2, :2], ray)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = (low[:, None, :2] - local[:, None, :2]) / way
        second = (high[:, None, :2] - local[:, None, :2]) / way
    enter = np.minimum(first, second).max(axis=-1)
    leave = np.maximum(first, second).min(axis=-1)
    met = (enter < leave) & (enter > 0.3)
    rise = np.where(met, np.arctan2(high[:, 2:] - local[:, 2:], np.where(met, enter, 1.0)), 0.0)
    result: Array = np.maximum(rise.max(axis=0), 0.0)
    return result


def _fronts(pixels: Array, direction: Array, skyline: Array, light: Lighting) -> Array:
    """The sky with fronts of an even albedo before it, lit by the sun that faces them and by half of the sky."""
    turn = np.arctan2(direction[..., 1], direction[..., 0]) / (2 * np.pi) % 1.0 * _AZIMUTHS
    index = np.floor(turn).astype(np.int64)
    share = turn - index
    top = skyline[index % _AZIMUTHS] * (1 - share) + skyline[(index + 1) % _AZIMUTHS] * share
    hidden = np.clip((top - np.arcsin(direction[..., 2])) / 0.06 + 0.5, 0, 1)
    hidden = np.where(top > 0.01, hidden, 0.0)
    facing = np.clip(-(direction[..., :2] @ light.sun_direction[:2]), 0, 1)
    # The lower part of a front stands in the shade of the other side.
    sun = 0.6 * facing[..., None] * (light.sun_lux if light.has_sun else np.zeros(3))
    front = FRONT_ALBEDO / np.pi * (0.4 * light.sky_lux + 0.5 * np.pi * light.near_ground + sun)
    # Windows in them show the sky across.
    glass = 0.04 * light.sky_lux / np.pi
    result: Array = pixels + (front + glass - pixels) * hidden[..., None]
    return result
