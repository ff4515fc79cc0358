from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("uniform")
class Uniform(Distribution):
    """Every value between low and high is equally likely."""

    low: float = quantity("", help="lowest value")
    high: float = quantity("", help="highest value")

    dimensional: ClassVar[tuple[str, ...]] = ("low", "high")

    def fault(self) -> str | None:
        return self.disorder()

    def quantile(self, u: float) -> float:
        return min(self.high, self.low + u * (self.high - self.low))
