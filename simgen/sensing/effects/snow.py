"""Snowfall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgen.core.declare import quantity
from simgen.core.srgb import LUMINANCE
from simgen.core.vocabulary import effects
from simgen.scene.environment import CONTRAST_AT_VISIBILITY, snow_extinction_per_m
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.effects.rain import APERTURE_M, STREAKS_PER_PIXEL
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.medium import Medium
from simgen.sensing.particles import Falling, Particles, SizeLaw, scatter, visible_threshold

Float64 = NDArray[np.float64]

FLAKE_PER_DROP = 2.15
"""Diameter of a flake over that of the drop it melts to: a density of 0.1."""


def sekhon_srivastava(rate_mm_h: float) -> SizeLaw:
    """Sizes of flakes by melted diameter: N0 = 2500·R^(-0.94) /m³/mm, slope 2.29·R^(-0.45) /mm (Sekhon & Srivastava
    1970)."""
    return SizeLaw(n0=2.5e3 * rate_mm_h**-0.94, slope_per_mm=2.29 * rate_mm_h**-0.45, largest_mm=6.0)


@effects.register("snow")
class Snow(Effect):
    """Snowfall: white flakes by Sekhon & Srivastava's sizes, drifting with the wind, and a veil."""

    stage = "medium"
    kind = "triggering_condition"
    labels = "geometry unchanged; transmittance and contrast of each object fall with its distance"
    source = "Sekhon & Srivastava (1970); Locatelli & Hobbs (1974)"
    shorthand = "rate"

    rate: float = quantity("mm/h", low=0.01, high=50, help="snowfall as water")
    visibility: float | None = quantity(
        "m", low=5, high=20_000, default=None, help="meteorological optical range; that of the rate when left out"
    )

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        generator = moment.generator()
        law = sekhon_srivastava(self.rate)
        camera, around = frame.camera, frame.surroundings
        budget = max(200, round(STREAKS_PER_PIXEL * camera.width_px * camera.height_px))
        speed = 1.2 + float(np.linalg.norm(around.air_mps))
        flakes = scatter(camera, law, visible_threshold(camera, law, speed, frame.exposure_s, budget), generator)
        size = FLAKE_PER_DROP * flakes.diameter_mm
        # Aggregates fall at 0.8 D^0.16 m/s (Locatelli & Hobbs 1974), and flutter.
        fall = 0.8 * size**0.16
        velocity = around.air_mps - fall[:, None] * around.up + generator.normal(0.0, 0.25, (len(size), 3))
        white = 0.45 * float((around.horizon_cd_m2 + around.zenith_cd_m2) @ LUMINANCE)
        falling = Falling(
            particles=Particles(position_m=flakes.position_m, diameter_mm=size),
            velocity_mps=velocity,
            daylight_cd_m2=white,
            # Ice crystals scatter wider than drops: more of a lamp's light comes back.
            lamplight_gain=1.5,
            aperture_m=APERTURE_M,
        )
        stated = self.visibility
        beta = snow_extinction_per_m(self.rate) if stated is None else CONTRAST_AT_VISIBILITY / stated
        return frame.filled(Medium(extinction_per_m=beta, layer_m=1000.0, forward=0.1, falling=falling))
