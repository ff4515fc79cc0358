"""The sky against what the environment states, and against what everybody knows of skies."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.core.srgb import LUMINANCE
from simgen.rendering import Renderer
from simgen.rendering.light import lighting
from simgen.rendering.sky import directions, octahedral, sky, stated_lux
from simgen.rendering.skylight import surroundings
from tests.rendering.scenes import Thing, box_mesh, environment, view


def toward(elevation: float, azimuth: np.ndarray) -> np.ndarray:
    level = np.cos(elevation)
    return np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.full_like(azimuth, np.sin(elevation))], -1)


BEHIND = Thing(mesh=box_mesh((0.1, 0.1, 0.1)), at=pose((-50.0, 0.0, 0.0)))
AROUND = np.linspace(0, 2 * np.pi, 360, endpoint=False)


@pytest.mark.parametrize("hour", [12.0, 17.5, 19.5, 20.5, 23.0])
@pytest.mark.parametrize("cover", [0.0, 0.5, 1.0])
def test_its_luminance_integrates_to_the_stated_illuminance(hour: float, cover: float) -> None:
    around = environment(time_of_day=hour, cloud_cover=cover)
    rng = np.random.default_rng(3)
    up = np.sqrt(rng.uniform(size=60_000))  # cosine-weighted
    azimuth = rng.uniform(0, 2 * np.pi, len(up))
    level = np.sqrt(1 - up**2)
    ray = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), up], axis=-1)
    measured = np.pi * float((sky(around).luminance(ray) @ LUMINANCE).mean())
    stated = float(stated_lux(around.sky_zenith_cd_m2, around.sky_horizon_cd_m2) @ LUMINANCE)
    assert measured == pytest.approx(stated, rel=0.1)


def test_octahedral_coordinates_come_back() -> None:
    direction, angle = directions(32)
    place = octahedral(direction)
    expected = (np.arange(32) + 0.5) / 32
    np.testing.assert_allclose(place[..., 0], np.broadcast_to(expected, (32, 32)), atol=1e-9)
    np.testing.assert_allclose(place[..., 1], np.broadcast_to(expected[:, None], (32, 32)), atol=1e-9)
    assert angle.sum() == pytest.approx(2 * np.pi, rel=0.01)


def test_a_clear_sky_is_blue_and_whiter_at_the_horizon() -> None:
    clear = sky(environment(cloud_cover=0.0))
    high, low = clear.luminance(toward(1.4, AROUND)).mean(axis=0), clear.luminance(toward(0.03, AROUND)).mean(axis=0)
    assert high[2] > 1.5 * high[0]
    assert low[2] / low[0] < 0.8 * high[2] / high[0]


def test_dusk_glows_where_the_sun_went_down() -> None:
    around = environment(time_of_day=20.3, cloud_cover=0.0)
    assert around.sun_direction[2] < 0
    azimuth = np.arctan2(around.sun_direction[1], around.sun_direction[0])
    west = sky(around).luminance(toward(0.06, np.array([azimuth])))[0]
    east = sky(around).luminance(toward(0.06, np.array([azimuth + np.pi])))[0]
    assert west @ LUMINANCE > 3 * (east @ LUMINANCE)
    assert west[0] > 1.5 * west[2]


def test_cloud_cover_is_the_share_under_cloud() -> None:
    direction, angle = directions(384)
    high = direction[..., 2] > 0.4
    clear = sky(environment(time_of_day=15.0, cloud_cover=0.0)).pixels

    def white(cover: float) -> float:
        pixels = sky(environment(time_of_day=15.0, cloud_cover=cover)).pixels
        gray = pixels[..., 2] / pixels[..., 0] < 0.5 * (1.0 + clear[..., 2] / clear[..., 0])
        return float((gray & high)[high].astype(float) @ angle[high] / angle[high].sum())

    shares = [white(c) for c in (0.05, 0.3, 0.6)]
    assert np.all(np.diff(shares) > 0.1)
    assert abs(shares[1] - 0.3) < 0.2


def test_clouds_hide_the_suns_disc(raster: Renderer) -> None:
    direction, _ = directions(384)
    clear, half = (sky(environment(time_of_day=15.0, cloud_cover=c, fog_visibility=100_000.0)) for c in (0.0, 0.5))
    assert np.all(clear.passes == 1.0)
    high = direction[..., 2] > 0.3
    gray = half.pixels[..., 2] / half.pixels[..., 0] < 1.2
    assert half.passes[high & gray].mean() < 0.1 < 0.8 < half.passes[high & ~gray].mean()
    around = environment(time_of_day=15.0, cloud_cover=0.5, fog_visibility=100_000.0)
    inside = [
        high & (cv2.erode(m.astype(np.uint8), np.ones((9, 9))) > 0) for m in (half.passes < 1e-6, half.passes == 1)
    ]
    under, over = (direction[m][0] for m in inside)

    def contrast(at: np.ndarray) -> float:
        eye = Camera.from_fov(41, 41, 0.02, camera_pose((0, 0, 1.5), (0, 0, 1.5) + at))
        # The clouds are where they were: they drift with the time of day, and not with the sun. It is the sky of a
        # hundredth of the light, so that half floats hold what is around the disc.
        lit = dataclasses.replace(
            around,
            sun_direction=at,
            sun_illuminance_lux=0.01 * around.sun_illuminance_lux,
            sky_zenith_cd_m2=0.01 * around.sky_zenith_cd_m2,
            sky_horizon_cd_m2=0.01 * around.sky_horizon_cd_m2,
        )
        picture = raster.render(view([BEHIND], around=lit), eye).radiance.astype(np.float64) @ LUMINANCE
        return float(picture.max() / np.median(picture[:5]))

    assert contrast(over) > 50.0
    assert contrast(under) < 1.5


def test_open_land_fades_into_the_horizon_as_air_does(raster: Renderer) -> None:
    """Koschmieder: L = H + (G - H) exp(-beta d), on the plane beyond all that is modelled."""
    around = environment(time_of_day=15.0, cloud_cover=0.0)
    eye_m = 4.0
    eye = Camera.from_fov(9, 101, 0.009, camera_pose((0, 0, eye_m), (1, 0, eye_m)))
    image = raster.render(view([BEHIND], around=around), eye).radiance.astype(np.float64)[:, 4] @ LUMINANCE
    below = (np.arange(101) - 50) / eye.fy_px
    rows = below > 0.004
    distance = eye_m / below[rows]
    horizon = float(sky(around).luminance(toward(0.02, np.array([0.0])))[0] @ LUMINANCE)
    ground = _extrapolated(image[rows], horizon, distance)
    np.testing.assert_allclose(
        image[rows], horizon + (ground - horizon) * np.exp(-2.996 / 20_000 * distance), rtol=0.01
    )
    assert np.median(image[rows]) < 0.9 * horizon
    # The woods at the horizon are darker than the sky over them, and lighter than the land at the feet.
    rise = image[(below < -0.0005) & (below > -0.0015)]
    assert np.all(rise < 0.98 * horizon)


def _extrapolated(image: np.ndarray, horizon: float, distance_m: np.ndarray) -> float:
    """The luminance of the ground at no distance, from the nearest of what is seen."""
    return float(horizon + (image[-1] - horizon) * np.exp(2.996 / 20_000 * distance_m[-1]))


def test_houses_hide_the_sky_from_the_street_between_them() -> None:
    around = environment(cloud_cover=1.0)
    walls = [
        Thing(mesh=box_mesh((200, 4, 12)), at=_at(0, side * 8, 6), semantic="building", labelled=False, static=True)
        for side in (-1, 1)
    ]
    made, eye = view(walls, around=around), np.array([0.0, 0.0, 1.5])
    light = lighting(made, eye)
    street, field = (surroundings(made, light, eye, walls=w) for w in (True, False))

    def level(of: object) -> float:
        h = of.harmonics  # type: ignore[attr-defined]
        return float((h[0] + h[2] + 2 * h[6]) @ LUMINANCE)

    assert level(field) == pytest.approx(float(light.sky_lux @ LUMINANCE), rel=0.05)
    # Of a cosine-weighted sky a long canyon leaves the sine of the opening's half angle: 6 m beside, 10.5 m above.
    expected = np.sin(np.arctan2(6.0, 10.5))
    assert 0.8 * expected < level(street) / level(field) < 1.45 * expected
    assert dataclasses.is_dataclass(street)


def _at(x: float, y: float, z: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = (x, y, z)
    return matrix
