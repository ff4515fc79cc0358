"""A stream that lags."""

from __future__ import annotations

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame


@effects.register("latency")
class Latency(Effect):
    """Frames that arrive late: each tick hands over the newest picture that is at least this old."""

    stage = "transport"
    kind = "fault"
    labels = "two sets: of the content's time and of delivery time"
    shorthand = "delay"

    delay: float = quantity("s", low=0, high=2, help="age of the content at delivery")

    @property
    def looks_back_s(self) -> float:
        return self.delay

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        if self.delay == 0.0:
            return frame
        arrived = [f for f in moment.captured if f.measurement_time_s <= frame.time_s - self.delay + 1e-9]
        if arrived:
            return frame.showing(arrived[-1])
        # The stream stalls until the first picture is old enough.
        return frame.showing(moment.captured[0]) if moment.captured else frame
