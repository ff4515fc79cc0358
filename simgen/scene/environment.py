"""Time, light and weather in physical units: what a file states (``EnvironmentSpec``) and what it amounts to
(``Environment``): illuminances, luminances, water on the road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simgen.core.declare import Declared, Plain, choice, quantity
from simgen.core.geometry import Array, read_only

CONTRAST_AT_VISIBILITY = 2.996
"""Optical depth at the meteorological optical range, where 5 % of the contrast is left (Koschmieder 1924)."""
DAMP_FROM = 0.3
"""Road wetness at which the whole surface is damp and a film begins."""


class EnvironmentSpec(Declared):
    """What a file may state under ``environment:``.

    What varies when the file is silent is what nobody would notice on the road: a fair sky, a light wind, which way
    the road runs, a few weeks of the year. Whether it is day, and whether it rains, stays as it is.
    """

    time_of_day: float = quantity("h", low=0, high=24, default=12.0, help='local solar time; may be written "22:40"')
    day_of_year: float = quantity(
        "", low=1, high=366, default=172, help="1 is the first of January", vary={"integer": [142, 202]}
    )
    latitude: float = quantity("rad", low=-np.pi / 2, high=np.pi / 2, default=0.84, help="north is positive")
    road_heading: float = quantity(
        "rad",
        default=0.6,
        help="bearing of the world's +x axis, clockwise from north",
        vary={"uniform": ["0 deg", "360 deg"]},
    )
    cloud_cover: float = quantity(
        "", low=0, high=1, default=0.2, help="share of the sky under cloud", vary={"uniform": [0, 0.6]}
    )
    rain: float = quantity("mm/h", low=0, high=150, default=0.0, help="rain rate")
    snow: float = quantity("mm/h", low=0, high=20, default=0.0, help="snowfall as water")
    fog_visibility: float = quantity(
        "m", low=5, high=100_000, default=20_000.0, help="meteorological optical range (5 % contrast)"
    )
    road_wetness: float = quantity(
        "", low=0, high=1, default=None, help="0 dry, 0.3 damp, 1 a film of 1 mm; from the rain when left out"
    )
    road_snow: float = quantity("", low=0, high=1, default=0.0, help="share of the ground under snow")
    road_ice: float = quantity("", low=0, high=1, default=0.0, help="share of the road under clear ice")
    water_film: float | None = quantity(
        "mm", low=0, high=20, default=None, help="depth of the water on the road; from road_wetness when left out"
    )
    wind: float = quantity(
        "m/s", low=0, high=40, default=1.0, help="mean wind speed", vary={"uniform": ["0 m/s", "4 m/s"]}
    )
    wind_from: float = quantity(
        "rad", default=2.0, help="direction the wind comes from, world yaw", vary={"uniform": ["0 deg", "360 deg"]}
    )
    lighting: str = choice(
        "auto", "daylight", "street_lamps", "unlit", "indoor", default="auto", help="which lamps burn"
    )
    lamp_level: float = quantity(
        "", low=0, high=2, default=1.0, help="lamps' output as a share of rated", vary={"uniform": [0.85, 1.05]}
    )

    def __init__(self, *, where: str = "", **values: Plain) -> None:
        super().__init__(where=where, **values)
        if self.road_wetness is None:
            object.__setattr__(self, "road_wetness", wetness_in(self.rain))


_DRIZZLE_MM_H = 0.2
"""Rain that leaves no spot of a road dry: about what a wet road loses to the air at most."""


def wetness_in(rain_mm_h: float) -> float:
    """Wetness of a road on which it has rained so much for some minutes.

    The water's mean depth is 0.103·T^0.11·L^0.43·I^0.59 / S^0.42 mm (Gallaway et al. 1979, FHWA-RD-79-31), over the
    bottom of a texture T = 1 mm deep, L = 4 m down a road that falls by S = 2.5 % to its side: 0.2 mm at 2 mm/h,
    1 mm at 33 mm/h. Below some tenths of a mm/h the road is damp in part.
    """
    depth_mm = 0.103 * 4.0**0.43 * rain_mm_h**0.59 / 2.5**0.42
    damp = DAMP_FROM * min(1.0, rain_mm_h / _DRIZZLE_MM_H)
    return float(min(1.0, damp + (1.0 - DAMP_FROM) * depth_mm))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Environment:
    """The environment at an instant.

    Attributes:
        sun_direction: (3,) unit vector towards the sun (or moon), world frame.
        sun_illuminance_lux: on a surface that faces it, linear RGB (3,), luminance-weighted to lux.
        sky_zenith_cd_m2, sky_horizon_cd_m2: linear RGB (3,) luminance of the sky.
        cloud_cover: share of the sky under cloud, by what was stated, rain, snow or fog.
        rain_mm_h, snow_mm_h: precipitation.
        fog_visibility_m: meteorological optical range.
        road_wetness: 0 dry to 1; water_film_mm is its depth.
        road_snow, road_ice: share of the ground under snow, of the road under clear ice.
        wind_mps: (3,) velocity of the air, world frame.
        lamps_on: whether street lamps and head lamps burn.
    """

    time_of_day_h: float
    sun_direction: Array
    sun_illuminance_lux: Array
    sky_zenith_cd_m2: Array
    sky_horizon_cd_m2: Array
    cloud_cover: float
    rain_mm_h: float
    snow_mm_h: float
    fog_visibility_m: float
    road_wetness: float
    water_film_mm: float
    road_snow: float
    road_ice: float
    wind_mps: Array
    lamps_on: bool
    lamp_level: float
    indoor: bool
    sun_elevation_rad: float

    @property
    def extinction_per_m(self) -> float:
        """Attenuation of light along a path, by fog, rain and snow together."""
        veils = rain_extinction_per_m(self.rain_mm_h) + snow_extinction_per_m(self.snow_mm_h)
        return CONTRAST_AT_VISIBILITY / self.fog_visibility_m + veils

    @property
    def sight_m(self) -> float:
        """How far one sees what does not shine by day, through fog, rain and snow."""
        return CONTRAST_AT_VISIBILITY / self.extinction_per_m


def rain_extinction_per_m(rate_mm_h: float) -> float:
    """Attenuation of light by rain: 0.312 R^0.67 per km (Ulbrich & Atlas 1985)."""
    return float(0.312e-3 * rate_mm_h**0.67)


def snow_extinction_per_m(rate_mm_h: float) -> float:
    """Attenuation of light by snowfall: 3.02 R^0.41 per km, which is twice the area (van de Hulst 1957) of flakes of
    Sekhon & Srivastava's sizes (1970) and a tenth of water's density. At 1 mm/h one sees 1 km."""
    return float(3.02e-3 * rate_mm_h**0.41)


Season = Literal["summer", "autumn", "winter"]
"""What broad-leaved trees wear."""


def season(spec: EnvironmentSpec) -> Season:
    """Of the trees: bare where snow lies or falls and from mid-November to April, in colour from early October, by the
    phenology of central Europe; half a year later in the south; in leaf all the year within the tropics."""
    if spec.road_snow > 0.0 or spec.snow > 0.0:
        return "winter"
    if abs(spec.latitude) < np.radians(23.4):
        return "summer"
    day = spec.day_of_year if spec.latitude > 0 else (spec.day_of_year + 182) % 365
    if day < 100 or day > 320:
        return "winter"
    return "autumn" if day > 278 else "summer"


_CLEAR_AIR_M = 20_000.0
"""Visibility from which on haze hides nothing of the sky."""


def solar_position(time_h: float, day: float, latitude_rad: float) -> tuple[float, float]:
    """(elevation, azimuth clockwise from north) in radians at local solar time (Spencer 1971 declination)."""
    g = 2 * np.pi * (day - 1) / 365
    declination = (
        0.006918 - 0.399912 * np.cos(g) + 0.070257 * np.sin(g) - 0.006758 * np.cos(2 * g) + 0.000907 * np.sin(2 * g)
    )
    hour = np.radians(15.0 * (time_h - 12.0))
    up = np.sin(latitude_rad) * np.sin(declination) + np.cos(latitude_rad) * np.cos(declination) * np.cos(hour)
    elevation = np.arcsin(np.clip(up, -1, 1))
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(latitude_rad) * np.sin(declination) - np.sin(latitude_rad) * np.cos(declination) * np.cos(hour)
    return float(elevation), float(np.arctan2(east, north) % (2 * np.pi))


def _night_lux(lit: bool, cover: float) -> float:
    """Illuminance on level ground by the sky of a moonless night: airglow and stars, which clouds hide; over a lit town
    its glow, which clouds throw back about tenfold (Kyba et al. 2011, "Cloud coverage acts as an amplifier for
    ecological light pollution in urban ecosystems")."""
    return 0.015 * 10.0**cover if lit else 0.001 * (1.0 - 0.8 * cover)


def physical(spec: EnvironmentSpec) -> Environment:
    """The physical state that a spec amounts to.

    Direct sun: 133 klx outside of the atmosphere, attenuated with the air mass (Kasten & Young 1989) and the clouds.
    Sky: luminances after the CIE's clear and overcast figures; civil twilight falls to 3.4 lux at 6 degrees below the
    horizon, night to what is left without a moon, see ``_night_lux``.
    """
    elevation, azimuth = solar_position(spec.time_of_day, spec.day_of_year, spec.latitude)
    yaw = np.pi / 2 - (azimuth - spec.road_heading) - np.pi / 2
    degrees = np.degrees(elevation)
    direction = np.array([np.cos(elevation) * np.cos(yaw), np.cos(elevation) * np.sin(yaw), np.sin(elevation)])
    thicker_per_m = CONTRAST_AT_VISIBILITY / spec.fog_visibility - CONTRAST_AT_VISIBILITY / _CLEAR_AIR_M
    haze = float(np.clip(thicker_per_m * 400.0, 0.0, 1.0))
    cover = max(spec.cloud_cover, min(1.0, spec.rain / 2.0), min(1.0, spec.snow / 0.5), haze)
    if degrees > 0:
        mass = 1.0 / (np.sin(elevation) + 0.50572 * (degrees + 6.07995) ** -1.6364)
        direct = 133_000.0 * 0.72**mass**0.678 * (1.0 - cover) ** 1.5
        # Rayleigh's optical depths of 8 km of air for red, green and blue (Bucholtz 1995).
        warmth = np.exp(-np.array([0.046, 0.108, 0.265]) * min(mass, 12.0))
        warmth /= warmth @ (0.2126, 0.7152, 0.0722)
        overcast = 300.0 + 21_000.0 * np.sin(elevation)
        clear = 800.0 + 15_500.0 * np.sin(elevation) ** 0.5
        diffuse = (1.0 - cover) * clear + cover * overcast * 0.7
    else:
        direct, warmth = 0.0, np.ones(3)
        diffuse = max(_night_lux(spec.lighting != "unlit", cover), 800.0 * 10.0 ** (0.395 * degrees))
    night = degrees < -6
    blue = np.array([0.62, 0.95, 1.75]) if not night else np.array([1.15, 0.97, 0.82])
    gray = np.array([0.97, 1.0, 1.03])
    tint = blue * (1 - cover) + gray * cover
    tint = tint / (tint @ (0.2126, 0.7152, 0.0722))
    horizon_tint = 0.5 * tint + 0.5 * gray
    luminance = diffuse / np.pi
    lamps = spec.lighting == "street_lamps" or (spec.lighting == "auto" and degrees < 2.0)
    wind_yaw = spec.wind_from + np.pi
    film = spec.water_film
    if film is None:
        film = max(0.0, spec.road_wetness - DAMP_FROM) / (1.0 - DAMP_FROM)
    return Environment(
        time_of_day_h=spec.time_of_day,
        sun_direction=read_only(direction),
        sun_illuminance_lux=read_only(direct * warmth),
        # A clear sky is brightest at the horizon, an overcast one at the zenith.
        sky_zenith_cd_m2=read_only(luminance * (0.75 * (1 - cover) + 1.1 * cover) * tint),
        sky_horizon_cd_m2=read_only(luminance * (1.5 * (1 - cover) + 0.8 * cover) * horizon_tint),
        cloud_cover=cover,
        rain_mm_h=spec.rain,
        snow_mm_h=spec.snow,
        fog_visibility_m=spec.fog_visibility,
        road_wetness=spec.road_wetness,
        water_film_mm=film,
        road_snow=spec.road_snow,
        road_ice=spec.road_ice,
        wind_mps=read_only(spec.wind * np.array([np.cos(wind_yaw), np.sin(wind_yaw), 0.0])),
        lamps_on=lamps,
        lamp_level=spec.lamp_level,
        indoor=spec.lighting == "indoor",
        sun_elevation_rad=elevation,
    )
