from __future__ import annotations

import math
from itertools import pairwise
from typing import ClassVar

from simgen.core.declare import several
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("histogram")
class Histogram(Distribution):
    """Measured counts in bins; within a bin every value is equally likely."""

    edges: tuple[float, ...] = several(help="the n + 1 edges of the n bins, rising")
    counts: tuple[float, ...] = several(help="the n counts")

    dimensional: ClassVar[tuple[str, ...]] = ("edges",)

    def fault(self) -> str | None:
        if any(isinstance(v, bool | str) or not math.isfinite(v) for v in (*self.edges, *self.counts)):
            return "edges and counts are not all numbers"
        if len(self.counts) < 1 or len(self.edges) != len(self.counts) + 1:
            return f"{len(self.counts)} counts have {len(self.edges)} edges; n bins have n + 1 edges"
        if any(low >= high for low, high in pairwise(self.edges)):
            return f"the edges {self.told('edges')} do not rise"
        if any(count < 0 for count in self.counts) or not sum(self.counts) > 0:
            return f"the counts {self.told('counts')} are not all from 0, with one above"
        return None

    def quantile(self, u: float) -> float:
        mark = u * math.fsum(self.counts)
        last = 0.0
        for (low, high), count in zip(pairwise(self.edges), self.counts, strict=True):
            if count > 0:
                if mark <= count:
                    return low + mark / count * (high - low)
                mark -= count
                last = high
        return last
