from __future__ import annotations

import functools
import math
from typing import ClassVar

import numpy as np

from simgen.core.declare import quantity
from simgen.core.geometry import Array
from simgen.core.vocabulary import distributions
from simgen.sampling.distribution import Distribution


@distributions.register("von_mises")
class VonMises(Distribution):
    """Angles around a mean direction: a normal distribution on the circle."""

    mean: float = quantity("rad", help="mean direction")
    concentration: float = quantity("", low=0.0, high=1e5, help="0 is every direction alike; 1 / variance when large")

    dimensional: ClassVar[tuple[str, ...]] = ("mean",)

    def quantile(self, u: float) -> float:
        if self.concentration == 0.0:
            return self.mean + math.pi * (2.0 * u - 1.0)
        order, weight = _series(self.concentration)
        low, high = -math.pi, math.pi
        for _ in range(54):
            middle = 0.5 * (low + high)
            if middle / (2 * math.pi) + 0.5 + float(weight @ np.sin(order * middle)) < u:
                low = middle
            else:
                high = middle
        return self.mean + 0.5 * (low + high)


@functools.lru_cache(maxsize=64)
def _series(concentration: float) -> tuple[Array, Array]:
    """Orders j and weights I_j / (pi j I_0) of the CDF's Fourier series (Mardia & Jupp 2000, eq. 3.5.13)."""
    from scipy.special import ive

    # I_j / I_0 falls like exp(-j^2 / 2k): beyond 9 sqrt(k) terms lie under the rounding of a double.
    order = np.arange(1, 24 + math.ceil(9.0 * math.sqrt(concentration)), dtype=np.float64)
    weight = ive(order, concentration) / ive(0, concentration) / (math.pi * order)
    return order, weight
