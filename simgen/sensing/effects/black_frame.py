"""Black frames."""

from __future__ import annotations

import numpy as np

from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import DepthCause, WorkingFrame


@effects.register("black_frame")
class BlackFrame(Effect):
    """A picture that is black, and a depth map that is one hole."""

    stage = "transport"
    kind = "fault"
    labels = "kept; nothing is discernible"

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        changed = frame.replace(blind=True)
        if frame.image is not None:
            changed = changed.replace(image=np.zeros_like(frame.image))
        if frame.depth_m is not None:
            cause = np.full(frame.depth_m.shape, DepthCause.DROPOUT, dtype=np.uint8)
            changed = changed.replace(depth_m=np.zeros_like(frame.depth_m), depth_cause=cause)
        return changed
