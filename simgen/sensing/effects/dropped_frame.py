"""Lost frames."""

from __future__ import annotations

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame


@effects.register("dropped_frame")
class DroppedFrame(Effect):
    """Frames that never arrive."""

    stage = "transport"
    kind = "fault"
    labels = "kept; there is no image"

    probability: float = quantity("", low=0, high=1, default=1.0, help="of losing each frame")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        if moment.key.child(moment.tick).uniform() >= self.probability:
            return frame
        return frame.replace(delivered=False, image=None, depth_m=None, depth_cause=None)
