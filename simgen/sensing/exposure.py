"""Automatic exposure and white balance: slow, with a memory of the frames before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgen.core.srgb import LUMINANCE
from simgen.sensing.imager import CHANNEL_RESPONSE, Imager

Float32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureControl:
    """How exposure is chosen.

    Attributes:
        fixed_s: exposure time when it is fixed, else None.
        fixed_gain: gain that goes with a fixed exposure.
        shortest_s, longest_s, gain_max: limits of the automatic; time is spent before gain.
        bias: stops brighter (positive) or darker.
        lag_s: time constant of the first-order lag.
    """

    fixed_s: float | None = None
    fixed_gain: float = 1.0
    shortest_s: float = 20e-6
    longest_s: float = 0.024
    gain_max: float = 16.0
    bias: float = 0.0
    lag_s: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What one frame says about the light.

    Attributes:
        luminance_cd_m2: its log mean; dark_cd_m2, bright_cd_m2: its 5th and 97th percentiles.
        color: mean linear RGB of the middle tones, luminance 1.
    """

    luminance_cd_m2: float
    dark_cd_m2: float
    bright_cd_m2: float
    color: tuple[float, float, float]


def meter(radiance: NDArray[np.floating], imaged: NDArray[np.bool_] | None = None) -> Metered:
    """Reads a grid of about 160 x 90 points of radiance (H, W, 3), of those that the lens images (H, W)."""
    step = max(1, min(radiance.shape[:2]) // 90)
    grid = slice(step // 2, None, step)
    points = np.asarray(radiance[grid, grid], dtype=np.float64).reshape(-1, 3)
    if imaged is not None and imaged[grid, grid].any():
        points = points[imaged[grid, grid].reshape(-1)]
    luminance = np.maximum(points @ LUMINANCE, 1e-3)
    mean = float(np.exp(np.log(luminance).mean()))
    middle = points[(luminance > 0.3 * mean) & (luminance < 6.0 * mean)]
    color = middle.mean(axis=0) if len(middle) else np.ones(3)
    color = np.maximum(color, 1e-6)
    color = color / (color @ LUMINANCE)
    dark, bright = np.percentile(luminance, (5, 97))
    return Metered(
        luminance_cd_m2=mean,
        dark_cd_m2=float(dark),
        bright_cd_m2=float(bright),
        color=(float(color[0]), float(color[1]), float(color[2])),
    )


def target_share(luminance_cd_m2: float) -> float:
    """The share of full scale at which the log mean is put. Night is exposed to look like night: from 13 % above
    100 cd/m² down to 1.2 % at 0.1 cd/m², as tuned cameras do (cf. Krawczyk, Myszkowski & Seidel 2005, equation 11)."""
    light = float(np.clip(np.log10(luminance_cd_m2 / 0.1) / 3.0, 0.0, 1.0))
    return float(0.012 * (0.13 / 0.012) ** light)


def highlight_lift(metered: Metered) -> float:
    """By how much the exposure goes up for a picture whose highlights would stay grey: snow, fog, a bright sky.

    The mean of a snowy field is the snow, and put at 13 % it is as grey as asphalt. In good light the brightest parts
    are raised to 90 % of full scale, by at most the two stops that photographers give snow. An even picture is
    left alone: without anything darker, nothing says that it is white.
    """
    if metered.luminance_cd_m2 <= 10.0:
        return 1.0
    stops = float(
        np.log2(0.9 * metered.luminance_cd_m2 / (target_share(metered.luminance_cd_m2) * metered.bright_cd_m2))
    )
    day = min(float(np.log(metered.luminance_cd_m2 / 10.0) / np.log(3.0)), 1.0)
    span = float(np.log2(metered.bright_cd_m2 / metered.dark_cd_m2))
    certain = min(max((span - 0.5) / 1.2, 0.0), 1.0)
    return float(2.0 ** (day * certain * min(max(stops, 0.0), 2.0)))


class Automatic:
    """The state of exposure and white balance of one sensor along an episode."""

    def __init__(self, control: ExposureControl, imager: Imager) -> None:
        self._control = control
        self._imager = imager
        self._log_product: float | None = None
        self._log_balance = np.zeros(3)

    def see(self, metered: Metered, elapsed_s: float) -> None:
        """Moves towards what ``metered`` asks for, ``elapsed_s`` after the last time; the first time, all the way."""
        wanted = np.log(
            target_share(metered.luminance_cd_m2)
            * highlight_lift(metered)
            * 2.0**self._control.bias
            * self._imager.full_well_e
            / (metered.luminance_cd_m2 * self._imager.electrons_per_cd_s)
        )
        # Two thirds of the way to grey: a warm street keeps some of its warmth.
        balance = -0.67 * np.log(metered.color)
        balance -= balance[1]
        if self._log_product is None:
            self._log_product, self._log_balance = float(wanted), balance
            return
        step = 1.0 - np.exp(-elapsed_s / self._control.lag_s)
        self._log_product += float(step * (wanted - self._log_product))
        slow = 1.0 - np.exp(-elapsed_s / (4.0 * self._control.lag_s))
        self._log_balance = self._log_balance + slow * (balance - self._log_balance)

    @property
    def ready(self) -> bool:
        return self._log_product is not None

    def setting(self) -> tuple[float, float]:
        """(exposure time in s, gain)."""
        control = self._control
        if control.fixed_s is not None:
            return control.fixed_s, control.fixed_gain
        product = np.exp(self._log_product if self._log_product is not None else 0.0)
        time = float(np.clip(product, control.shortest_s, control.longest_s))
        return time, float(np.clip(product / time, 1.0, control.gain_max))

    def balance(self) -> tuple[float, float, float]:
        """Gains of red, green and blue: the inverse of the chip's response, corrected for the light."""
        gains = np.exp(self._log_balance) / np.array(CHANNEL_RESPONSE)
        return float(gains[0]), float(gains[1]), float(gains[2])
