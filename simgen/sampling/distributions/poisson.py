from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution, Gives


@distributions.register("poisson")
class Poisson(Distribution):
    """How many events happen when so many are expected."""

    mean: float = quantity("", high=1e6, help="number expected")

    shorthand: ClassVar[str | None] = "mean"
    gives: ClassVar[Gives] = "integer"

    def fault(self) -> str | None:
        return None if self.mean > 0 else f"mean ({self.told('mean')}) is not above 0"

    def quantile(self, u: float) -> int:
        from scipy.special import pdtr, pdtrik

        # pdtrik solves for a real number of events; rounding may leave it on either side of the whole one.
        count = max(0, int(pdtrik(u, self.mean)) - 1)
        while pdtr(count, self.mean) < u:
            count += 1
        return count
