"""Rain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.declare import quantity
from simgen.core.srgb import LUMINANCE
from simgen.core.vocabulary import effects
from simgen.scene.environment import rain_extinction_per_m
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.medium import Medium
from simgen.sensing.particles import Falling, SizeLaw, scatter, scatter_about, visible_threshold

Float64 = NDArray[np.float64]

APERTURE_M = 1.2e-3
"""Entrance pupil of a small camera's lens."""

STREAKS_PER_PIXEL = 2e-3
"""Streaks drawn at most, per pixel of the picture; fainter ones are part of the veil."""


def marshall_palmer(rate_mm_h: float) -> SizeLaw:
    """Drop sizes at this rain rate: N0 = 8000 /m³/mm, slope 4.1·R^(-0.21) /mm (Marshall & Palmer 1948)."""
    return SizeLaw(n0=8000.0, slope_per_mm=4.1 * rate_mm_h**-0.21, largest_mm=6.0)


def fall_speed(diameter_mm: Float64) -> Float64:
    """Terminal speed in m/s (Atlas, Srivastava & Sekhon 1973)."""
    return np.maximum(9.65 - 10.3 * np.exp(-0.6 * diameter_mm), 0.1)


@effects.register("rain")
class Rain(Effect):
    """Rain: Marshall-Palmer drops as streaks behind and before things, lit by sky and lamps, and a veil."""

    stage = "medium"
    kind = "triggering_condition"
    labels = "geometry unchanged; transmittance and contrast of each object fall with its distance"
    source = "Marshall & Palmer (1948); Atlas et al. (1973); Garg & Nayar (2007); Ulbrich & Atlas (1985)"
    shorthand = "rate"

    rate: float = quantity("mm/h", low=0.01, high=200, help="rain rate")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        generator = moment.generator()
        law = marshall_palmer(self.rate)
        camera, around = frame.camera, frame.surroundings
        budget = max(200, round(STREAKS_PER_PIXEL * camera.width_px * camera.height_px))
        speed = 6.5 + float(np.linalg.norm(around.air_mps))
        smallest = visible_threshold(camera, law, speed, frame.exposure_s, budget)
        drops = scatter(camera, law, smallest, generator)
        drops = drops.and_also(scatter_about(camera, law, around.lamps, smallest, generator))
        velocity = around.air_mps - fall_speed(drops.diameter_mm)[:, None] * around.up
        # A drop shows the wide field behind it, squeezed together: mostly sky (Garg & Nayar 2007).
        sky = 0.5 * float((around.horizon_cd_m2 + around.zenith_cd_m2) @ LUMINANCE)
        falling = Falling(
            particles=drops,
            velocity_mps=velocity,
            daylight_cd_m2=0.94 * sky,
            lamplight_gain=1.0,
            aperture_m=APERTURE_M,
        )
        beta = rain_extinction_per_m(self.rate)
        return frame.filled(Medium(extinction_per_m=beta, layer_m=2000.0, forward=0.05, falling=falling))
