from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("beta")
class Beta(Distribution):
    """The beta distribution, stretched to the span from low to high."""

    a: float = quantity("", help="first shape; above 1 keeps values away from low")
    b: float = quantity("", help="second shape; above 1 keeps values away from high")
    low: float = quantity("", default=0.0, help="lowest value")
    high: float = quantity("", default=1.0, help="highest value")

    dimensional: ClassVar[tuple[str, ...]] = ("low", "high")

    def fault(self) -> str | None:
        if not (self.a > 0 and self.b > 0):
            return f"a ({self.told('a')}) and b ({self.told('b')}) are not both above 0"
        return self.disorder()

    def quantile(self, u: float) -> float:
        from scipy.special import betaincinv

        return min(self.high, self.low + float(betaincinv(self.a, self.b, u)) * (self.high - self.low))
