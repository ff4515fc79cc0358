"""Fog."""

from __future__ import annotations

from simgen.core.declare import quantity
from simgen.core.vocabulary import effects
from simgen.scene.environment import CONTRAST_AT_VISIBILITY
from simgen.sensing.effect import Effect, Moment
from simgen.sensing.frame import WorkingFrame
from simgen.sensing.medium import Medium


@effects.register("fog")
class Fog(Effect):
    """Homogeneous fog after Koschmieder: L = L0 t + A (1 - t), t = exp(-2.996 d / visibility)."""

    stage = "medium"
    kind = "triggering_condition"
    labels = "geometry unchanged; transmittance and contrast of each object fall with its distance"
    source = "Koschmieder (1924); WMO No. 8 (5 % contrast)"
    shorthand = "visibility"

    visibility: float = quantity("m", low=5, high=20_000, help="meteorological optical range, 5 % contrast")
    layer: float = quantity(
        "m", low=1, high=5000, default=300.0, help="height of the layer; the sky is seen through it"
    )

    def apply(self, frame: WorkingFrame, moment: Moment) -> WorkingFrame:
        beta = CONTRAST_AT_VISIBILITY / self.visibility
        return frame.filled(Medium(extinction_per_m=beta, layer_m=self.layer, forward=0.15))
