"""Vignetting."""

from __future__ import annotations

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.optics import natural_shading


@effects.register("vignetting")
class Vignetting(Effect):
    """Corners darker than the lens's own shading, as by a hood that has slipped."""

    stage = "lens"
    kind = "fault"
    labels = "unchanged"

    strength: float = quantity("", low=0, high=20, default=4.0, help="cos^4 of the field angle to this power")

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        shading = natural_shading(frame.camera, self.strength)
        return frame.replace(radiance=frame.radiance * shading[..., None])
