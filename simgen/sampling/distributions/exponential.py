from __future__ import annotations

import math
from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("exponential")
class Exponential(Distribution):
    """Waiting times between events that come at a constant rate."""

    mean: float = quantity("", help="mean; the rate is its inverse")

    dimensional: ClassVar[tuple[str, ...]] = ("mean",)
    shorthand: ClassVar[str | None] = "mean"

    def fault(self) -> str | None:
        return None if self.mean > 0 else f"mean ({self.told('mean')}) is not above 0"

    def quantile(self, u: float) -> float:
        return -self.mean * math.log1p(-u)
