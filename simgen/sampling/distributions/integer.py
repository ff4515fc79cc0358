from __future__ import annotations

import math
from typing import ClassVar

from simgen.core.declare import integer
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution, Gives


@distributions.register("integer")
class Integer(Distribution):
    """Every whole number from low to high, both included, is equally likely."""

    low: int = integer(help="lowest number")
    high: int = integer(help="highest number")

    gives: ClassVar[Gives] = "integer"

    def fault(self) -> str | None:
        return None if self.low <= self.high else f"low ({self.told('low')}) is above high ({self.told('high')})"

    def quantile(self, u: float) -> int:
        return min(self.high, self.low + math.floor(u * (self.high - self.low + 1)))
