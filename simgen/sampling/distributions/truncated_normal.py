from __future__ import annotations

import math
from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("truncated_normal")
class TruncatedNormal(Distribution):
    """The normal distribution cut off below low and above high; mean and std are those before the cut."""

    mean: float = quantity("", help="mean of the normal distribution before it is cut")
    std: float = quantity("", help="standard deviation before it is cut")
    low: float = quantity("", help="lowest value")
    high: float = quantity("", help="highest value")

    dimensional: ClassVar[tuple[str, ...]] = ("mean", "std", "low", "high")

    def fault(self) -> str | None:
        if not self.std > 0:
            return f"std ({self.told('std')}) is not above 0"
        return self.disorder()

    def quantile(self, u: float) -> float:
        a = (self.low - self.mean) / self.std
        b = (self.high - self.mean) / self.std
        # The left tail keeps its digits in logarithms; a cut that lies in the right tail is mirrored into the left.
        x = -_left(-b, -a, 1.0 - u) if a > 0 else _left(a, b, u)
        return min(max(self.mean + self.std * x, self.low), self.high)


def _left(a: float, b: float, u: float) -> float:
    """Quantile of the standard normal between a and b, a <= 0."""
    from scipy.special import log_ndtr, ndtri_exp

    log_a, log_b = float(log_ndtr(a)), float(log_ndtr(b))
    log_mass = log_b + math.log1p(-math.exp(log_a - log_b))
    tail, body = sorted((log_a, math.log(u) + log_mass))
    return float(ndtri_exp(body + math.log1p(math.exp(tail - body))))
