"""The lines that drivers keep along the main road: in the middle of a lane, also where it shifts or narrows."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.road import Lane, Road

DRIVABLE_M = 2.5
"""Width that a lane needs for somebody to drive along its middle: where it has less, it is about to end."""
_STATION_M = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A line along a road.

    Attributes:
        middle: s and t (n,) of a line that it runs beside, which goes straight on before and beyond; None for t = 0.
        offset_m: how far it runs to the left of that.
    """

    middle: tuple[Array, Array] | None
    offset_m: float = 0.0

    @classmethod
    def in_middle(cls, road: Road, lane: Lane) -> Self:
        """Of a lane; where that is too narrow, as it was before."""
        middle = _middle(road, lane.id)
        return cls(middle=middle, offset_m=lane.center_t_m if middle is None else 0.0)

    @classmethod
    def through(cls, road: Road, lane: Lane | None, s_m: float, t_m: float) -> Self:
        """Through a place, as the lane there runs; along the road where there is none."""
        return cls(middle=None, offset_m=t_m) if lane is None else cls.in_middle(road, lane).to(s_m, t_m)

    def to(self, s_m: float, t_m: float) -> Self:
        """Beside this one, through a place."""
        return self.beside(t_m - self.at(s_m))

    def beside(self, left_m: float) -> Self:
        """So far to the left of this one."""
        return replace(self, offset_m=self.offset_m + left_m)

    def at(self, s_m: float) -> float:
        """t at s."""
        return self.offset_m if self.middle is None else self.offset_m + float(np.interp(s_m, *self.middle))

    def along(self, s_m: Array) -> Array | float:
        """t at s (n,)."""
        result: Array | float = self.offset_m if self.middle is None else self.offset_m + np.interp(s_m, *self.middle)
        return result


@functools.lru_cache(maxsize=64)
def _middle(road: Road, lane: int) -> tuple[Array, Array] | None:
    """s and t of the middle of a lane where it is wide enough; None where it is straight, or nowhere wide enough."""
    if len(road.sections) == 1 and road.sections[0].constant:
        return None
    stations = np.linspace(0.0, road.length_m, 2 + math.ceil(road.length_m / _STATION_M)).tolist()
    cuts = [(s, one) for s in stations for one in road.cut(s) if one.id == lane]
    wide = [(s, one.center_t_m) for s, one in cuts if one.kind == "driving" and one.width_m >= DRIVABLE_M]
    return tuple(np.array(wide).T) if wide else None
