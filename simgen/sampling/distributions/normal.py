from __future__ import annotations

from typing import ClassVar

from simgen.core.declare import quantity
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("normal")
class Normal(Distribution):
    """The normal (Gaussian) distribution, unbounded."""

    mean: float = quantity("", help="mean")
    std: float = quantity("", help="standard deviation")

    dimensional: ClassVar[tuple[str, ...]] = ("mean", "std")

    def fault(self) -> str | None:
        return None if self.std > 0 else f"std ({self.told('std')}) is not above 0"

    def quantile(self, u: float) -> float:
        from scipy.special import ndtri

        return self.mean + self.std * float(ndtri(u))
