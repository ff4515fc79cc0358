"""Defective pixels."""

from __future__ import annotations

import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame


@effects.register("dead_pixels")
class DeadPixels(Effect):
    """Pixels of the image sensor that stay dark or saturated, the same ones in every frame."""

    stage = "imager"
    kind = "fault"
    labels = "unchanged"

    dead: float = quantity("", low=0, high=1, default=2e-4, help="share of pixels that stay dark")
    hot: float = quantity("", low=0, high=1, default=2e-4, help="share of pixels that stay saturated")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        assert frame.electrons is not None
        electrons = frame.electrons.copy()
        generator = moment.key.generator()
        for share, value in ((self.dead, 0.0), (self.hot, 1e9)):
            count = generator.binomial(electrons.size, share)
            electrons.reshape(-1)[generator.integers(0, electrons.size, size=count)] = np.float32(value)
        return frame.replace(electrons=electrons)
