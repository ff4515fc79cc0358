"""A lens out of focus."""

from __future__ import annotations

import cv2
import numpy as np

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame


@effects.register("defocus")
class Defocus(Effect):
    """A lens out of focus everywhere: each point becomes a disc."""

    stage = "lens"
    kind = "fault"
    labels = "unchanged"
    shorthand = "circle"

    circle: float = quantity("", low=0, high=100, default=6.0, help="diameter of the circle of confusion in pixels")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        if self.circle <= 1.0:
            return frame
        reach = int(np.ceil(self.circle / 2))
        v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        # Coverage of each pixel by the disc, with an edge one pixel soft.
        disc = np.clip(self.circle / 2 + 0.5 - np.hypot(u, v), 0.0, 1.0).astype(np.float32)
        blurred = cv2.filter2D(frame.radiance, -1, disc / disc.sum(), borderType=cv2.BORDER_REPLICATE)
        return frame.replace(radiance=blurred)
