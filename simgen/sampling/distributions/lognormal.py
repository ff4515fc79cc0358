from __future__ import annotations

import math
from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("lognormal")
class Lognormal(Distribution):
    """Its logarithm is normal: positive, with a long tail of high values; ``shift`` moves the whole of it up."""

    median: float = quantity("", help="half of the values lie below")
    sigma: float = quantity("", help="standard deviation of the natural logarithm")
    shift: float = quantity("", default=0.0, help="lowest value; the median counts from there")

    dimensional: ClassVar[tuple[str, ...]] = ("median", "shift")

    def fault(self) -> str | None:
        if not self.median > 0:
            return f"median ({self.told('median')}) is not above 0"
        return None if self.sigma > 0 else f"sigma ({self.told('sigma')}) is not above 0"

    def quantile(self, u: float) -> float:
        from scipy.special import ndtri

        return self.shift + self.median * math.exp(self.sigma * float(ndtri(u)))
