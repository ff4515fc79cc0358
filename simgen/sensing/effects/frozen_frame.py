"""A stream that has frozen."""

from __future__ import annotations

from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame


@effects.register("frozen_frame")
class FrozenFrame(Effect):
    """The last picture again and again, at every tick, byte for byte."""

    stage = "transport"
    kind = "fault"
    labels = "two sets: of the content's time and of delivery time"

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        return frame if moment.previous is None else frame.showing(moment.previous)
