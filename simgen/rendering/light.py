"""The light of a scene at an instant, in physical units: sun, sky, lamps and what the surroundings throw back.

All three renderers take their light from here, so that they differ in how they draw and not in what they draw. In an
enclosure ``raster`` weighs the sky by each surface's view of the openings, ``tiny`` by that of its points whichever way
they face, and ``pyrender``, which has one ambient light, by the eye's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array
from simgen.core.srgb import LUMINANCE
from simgen.rendering.enclosed import Enclosed
from simgen.rendering.sky import Sky, sky
from simgen.scene.lamps import Lamps
from simgen.scene.scene import SceneView

MAX_LAMPS = 24
"""Lamps that light a picture at most."""
GROUND_ALBEDO, SNOW_ALBEDO = 0.15, 0.75
"""Mean albedo of what lies below the horizon, bare and under snow; it lights surfaces that face down."""
FAINT_LUX, FAINT_SHARE = 0.05, 8e-5
"""Next to lamps, light of another one that is fainter than this is left out: 0.05 lux, a hundredth of a lit street's,
or less where even the strongest lamp gives less than that in 25 m."""
SHEETING_GAIN = 100.0
"""On what sends light back, a lamp counts from an illuminance on that is smaller by this times its retroreflectance:
towards the lamp it is hundreds of times as bright as paint."""
SUN_RADIUS_RAD = np.radians(0.2665)
ROOM_ALBEDO = 0.5
"""Mean albedo of what bounds and fills a room."""
_AROUND_M = 20.0
"""How far around the eye the ground counts as near: about the width of a street with its houses."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lighting:
    """Everything that sends light.

    Attributes:
        sun_direction: (3,) towards the sun; sun_lux: (3,) on a surface that faces it.
        sky: its luminance in every direction; the same in all where there is no sky.
        sky_lux: (3,) illuminance by the sky on level ground.
        ground: (3,) luminance of what lies below the horizon; near_ground: of the ground around the eye, which lamps
            light too.
        threshold_lux: illuminance below which a lamp is left out. Each lamp's light falls to zero there without
            a step.
        enclosed: the enclosures, in which other light counts.
    """

    sun_direction: Array
    sun_lux: Array
    sky: Sky
    sky_lux: Array
    ground: Array
    near_ground: Array
    lamps: Lamps
    threshold_lux: float
    enclosed: tuple[Enclosed, ...] = ()

    @property
    def has_sun(self) -> bool:
        return bool(self.sun_lux @ LUMINANCE > 0.01 * (self.sky_lux @ LUMINANCE))

    @property
    def faintest_lux(self) -> float:
        """The least of all thresholds: what a lamp must give to count anywhere."""
        return min([self.threshold_lux, *(e.threshold_lux for e in self.enclosed)])


def lighting(view: SceneView, eye_m: Array) -> Lighting:
    """The light around an eye (3,) in the world frame."""
    environment = view.snapshot.environment
    if view.scene.indoor or environment.indoor:
        return _indoor(view, eye_m)
    return _outdoor(view, eye_m)


def sky_luminance(light: Lighting, directions: Array) -> Array:
    """(P, 3) cd/m² of the sky without the sun's disc along unit directions (P, 3); below the horizon, the ground."""
    return np.where(directions[..., 2:3] >= 0.0, light.sky.luminance(directions), light.ground)


def _outdoor(view: SceneView, eye_m: Array) -> Lighting:
    environment = view.snapshot.environment
    sun_lux = np.asarray(environment.sun_illuminance_lux, dtype=np.float64)
    direction = np.asarray(environment.sun_direction, dtype=np.float64)
    above = sky(environment)
    level = above.lux + sun_lux * max(0.0, float(direction[2]))
    burning = Lamps.burning(view)
    least = min(FAINT_LUX, FAINT_SHARE * float(burning.intensity_cd.max(initial=0.0)))
    threshold = _threshold_lux(level, least)
    enclosed = _enclosed(view, burning, least)
    albedo = GROUND_ALBEDO + (SNOW_ALBEDO - GROUND_ALBEDO) * float(environment.road_snow)
    ground = albedo * level / np.pi
    lamps = _select(burning, eye_m, min([threshold, *(e.threshold_lux for e in enclosed)]))
    return Lighting(
        sun_direction=direction,
        sun_lux=sun_lux if direction[2] > -0.01 else np.zeros(3),
        sky=above,
        sky_lux=above.lux,
        ground=ground,
        near_ground=ground + albedo * _lit_around(lamps, eye_m) / np.pi,
        lamps=lamps,
        threshold_lux=threshold,
        enclosed=enclosed,
    )


def _threshold_lux(level: Array, least: float) -> float:
    """Beside an illuminance ``level`` (3,) a lamp is seen from 1.5 % of it on, at least from ``least``."""
    return max(0.002 + 0.015 * float(level @ LUMINANCE), least)


def _enclosed(view: SceneView, lamps: Lamps, least_lux: float) -> tuple[Enclosed, ...]:
    """The enclosures with the light of the lamps in them, which their walls throw back as those of a room do."""
    result = []
    for one in view.scene.enclosures:
        flux = lamps.flux_lm[one.holds(lamps.position_m)].sum(axis=0)
        bounced = flux * one.albedo / (one.wall_m2 * (1 - one.albedo))
        result.append(Enclosed(enclosure=one, bounced_lux=bounced, threshold_lux=_threshold_lux(bounced, least_lux)))
    return tuple(result)


def _lit_around(lamps: Lamps, eye_m: Array) -> Array:
    """(3,) mean illuminance by lamps on the ground around an eye: what of their flux goes down, the nearer the more, in
    plan; at whatever height the eye and the lamps are.

    Without what a lit street throws back, everything above its lamps would be black at night.
    """
    down = 0.5 - 0.5 * lamps.direction[:, 2:]
    away = np.linalg.norm((lamps.position_m - eye_m)[:, :2], axis=1, keepdims=True)
    near = np.exp(-((away / _AROUND_M) ** 2)) / (np.pi * _AROUND_M**2)
    lux: Array = np.sum(lamps.flux_lm * down * near, axis=0)
    return lux


def _indoor(view: SceneView, eye_m: Array) -> Lighting:
    """No sun and no sky; the walls throw back the lamps' flux as in an integrating sphere: E = F r / (A (1 - r))."""
    lamps = _select(Lamps.burning(view), eye_m, 0.002)
    ambient = lamps.flux_lm.sum(axis=0) * ROOM_ALBEDO / (_room_area(view) * (1 - ROOM_ALBEDO))
    luminance = ambient / np.pi
    return Lighting(
        sun_direction=np.array([0.0, 0.0, 1.0]),
        sun_lux=np.zeros(3),
        sky=Sky.even(luminance),
        sky_lux=ambient,
        ground=luminance * 0.6,
        near_ground=luminance * 0.6,
        lamps=lamps,
        threshold_lux=0.002 + 0.001 * float(ambient @ LUMINANCE),
    )


def _room_area(view: SceneView) -> float:
    """Surface in m² of the box around the fixtures, at least that of a small room."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for entity, pose in zip(view.scene.entities, view.snapshot.world_from_entity, strict=True):
        if entity.static:
            center = pose[:3, :3] @ entity.body.box_center_m + pose[:3, 3]
            half = 0.5 * np.abs(pose[:3, :3]) @ entity.body.box_size_m
            low, high = np.minimum(low, center - half), np.maximum(high, center + half)
    x, y, z = np.clip(high - low, 3.0, 100.0) if np.all(np.isfinite(low)) else (5.0, 5.0, 3.0)
    return float(2 * (x * y + y * z + z * x))


def _select(lamps: Lamps, eye_m: Array, threshold_lux: float) -> Lamps:
    """Those that matter most around the eye: by the illuminance that each can give within what the eye sees."""
    away = lamps.position_m - eye_m
    # A lamp lights what stands around it; how large that looks falls with the square of its distance.
    relevance = lamps.intensity_cd / (25.0 + np.sum(away * away, axis=1))
    relevance[lamps.intensity_cd / 0.25 < threshold_lux] = 0.0
    most = np.argsort(-relevance, kind="stable")[:MAX_LAMPS]
    return lamps.only(np.sort(most[relevance[most] > 0.0]))
