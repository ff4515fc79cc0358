"""Excess noise of an image sensor."""

from __future__ import annotations

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing import planes
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.imager import noise_bank, noise_rows


@effects.register("noise")
class Noise(Effect):
    """Noise on top of the image sensor's own: read noise, dark current of a hot chip, row noise."""

    stage = "imager"
    kind = "fault"
    labels = "unchanged"
    source = "EMVA Standard 1288, release 4.0"

    read_noise: float = quantity("", low=0, high=500, default=12.0, help="electrons per pixel and frame")
    dark_current: float = quantity("Hz", low=0, high=1e6, default=0.0, help="electrons per pixel and second")
    row_noise: float = quantity("", low=0, high=500, default=0.0, help="electrons per row and frame")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        assert frame.electrons is not None
        height, width = frame.electrons.shape
        generator = moment.generator()
        dark = self.dark_current * frame.exposure_s
        sigma = np.float32(np.sqrt(self.read_noise**2 + dark))
        runs, starts = noise_rows(noise_bank(moment.key.child("bank")), height, width, generator)
        shift = np.float32(dark) + np.float32(self.row_noise) * generator.standard_normal((height, 1), dtype=np.float32)
        electrons = np.empty_like(frame.electrons)
        for band in planes.bands(height, width):
            noisy = np.multiply(runs[starts[band]], sigma, out=electrons[band])
            noisy += frame.electrons[band]
            noisy += shift[band]
        return frame.replace(electrons=electrons)
