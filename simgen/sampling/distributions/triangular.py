from __future__ import annotations

import math
from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("triangular")
class Triangular(Distribution):
    """The density rises from low to mode and falls to high, in straight lines."""

    low: float = quantity("", help="lowest value")
    mode: float = quantity("", help="most likely value")
    high: float = quantity("", help="highest value")

    dimensional: ClassVar[tuple[str, ...]] = ("low", "mode", "high")

    def fault(self) -> str | None:
        if self.low < self.high and not self.low <= self.mode <= self.high:
            return f"mode ({self.told('mode')}) is not between low ({self.told('low')}) and high ({self.told('high')})"
        return self.disorder()

    def quantile(self, u: float) -> float:
        span = self.high - self.low
        rise = self.mode - self.low
        if u * span < rise:
            return self.low + math.sqrt(u * span * rise)
        return self.high - math.sqrt((1.0 - u) * span * (self.high - self.mode))
