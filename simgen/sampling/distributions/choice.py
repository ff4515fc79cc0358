from __future__ import annotations

import math
from itertools import accumulate
from typing import ClassVar

from simgen.core.declare import several
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution, Gives


@distributions.register("choice")
class Choice(Distribution):
    """One of several values, equally likely or with weights."""

    options: tuple[bool | float | str, ...] = several(help="what to choose from")
    weights: tuple[float, ...] | None = several(default=None, help="how likely each is, relative to the others")

    many: ClassVar[str | None] = "options"
    gives: ClassVar[Gives] = "option"

    def fault(self) -> str | None:
        if not self.options:
            return "there is nothing to choose from"
        if self.weights is None:
            return None
        if len(self.weights) != len(self.options):
            return f"{len(self.options)} options have {len(self.weights)} weights"
        for i, weight in enumerate(self.weights):
            if isinstance(weight, bool | str) or not math.isfinite(weight) or weight < 0:
                return f"the weight of {self.texts('options')[i]} is {self.texts('weights')[i]}, not a number from 0"
        return None if sum(self.weights) > 0 else "all weights are 0"

    def quantile(self, u: float) -> bool | float | str:
        weights = self.weights if self.weights is not None else (1.0,) * len(self.options)
        mark = u * math.fsum(weights)
        for option, weight, reached in zip(self.options, weights, accumulate(weights), strict=True):
            if weight > 0 and mark < reached:
                return option
        # Rounding of the running sum may leave the last mark just above it.
        return next(o for o, w in zip(reversed(self.options), reversed(weights), strict=True) if w > 0)
