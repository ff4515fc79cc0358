"""A road network on OpenDRIVE's concepts: reference line, lanes, (s, t) to and from the world.

Right-hand traffic: lanes with negative ids lie to the right of the reference line and run along +s, those with
positive ids lie to the left and run along -s. t points to the left of the reference line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array, planar_pose

LaneKind = Literal["driving", "parking", "kerb", "sidewalk", "shoulder", "biking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One lane: the strip from ``inner_t_m`` to ``outer_t_m`` (signed like the id), at ``height_m``.

    ``surface`` names what it is made of ("asphalt", "gravel"); "" is the ground of the stage.
    """

    id: int
    kind: LaneKind
    inner_t_m: float
    outer_t_m: float
    height_m: float = 0.0
    speed_limit_mps: float = 13.9
    surface: str = ""

    @property
    def center_t_m(self) -> float:
        return 0.5 * (self.inner_t_m + self.outer_t_m)

    @property
    def width_m(self) -> float:
        return abs(self.outer_t_m - self.inner_t_m)

    @property
    def direction(self) -> int:
        """+1 along s, -1 against it."""
        return 1 if self.id < 0 else -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadNetwork:
    """One road with a straight reference line along +x from s = 0 at ``origin_m``; lanes of constant width."""

    length_m: float
    lanes: tuple[Lane, ...]
    origin_m: tuple[float, float] = (0.0, 0.0)
    heading_rad: float = 0.0

    def lane(self, lane_id: int) -> Lane:
        """Raises KeyError for an id that the road does not have."""
        for lane in self.lanes:
            if lane.id == lane_id:
                return lane
        raise KeyError(lane_id)

    def lane_at(self, s_m: float, t_m: float) -> Lane | None:
        for lane in self.lanes:
            low, high = sorted((lane.inner_t_m, lane.outer_t_m))
            if low <= t_m < high and 0.0 <= s_m <= self.length_m:
                return lane
        return None

    def height_at(self, s_m: float, t_m: float) -> float:
        lane = self.lane_at(s_m, t_m)
        return 0.0 if lane is None else lane.height_m

    def surface_at(self, s_m: float, t_m: float) -> str:
        """Name of what wheels and feet stand on; "" where the stage's ground says it."""
        lane = self.lane_at(s_m, t_m)
        return "" if lane is None else lane.surface

    def normal_at(self, s_m: float, t_m: float) -> Array:
        """(3,) unit normal of the road's surface in the world, pointing up."""
        return self.pose_at(s_m, t_m)[:3, 2]

    def pose_at(self, s_m: float, t_m: float) -> Array:
        """(4, 4) pose on the road's surface, x along +s, y along +t, z up."""
        c, s = np.cos(self.heading_rad), np.sin(self.heading_rad)
        x = self.origin_m[0] + c * s_m - s * t_m
        y = self.origin_m[1] + s * s_m + c * t_m
        return planar_pose(x, y, self.heading_rad, self.height_at(s_m, t_m))

    def heading_at(self, s_m: float) -> float:
        """Heading of +s in the world, radians."""
        return self.heading_rad

    def curvature_at(self, s_m: float) -> float:
        """1/m, positive to the left."""
        return 0.0

    def locate(self, position_m: ArrayLike) -> tuple[float, float]:
        """(s, t) of a world position (2,) or (3,)."""
        p = np.asarray(position_m, dtype=np.float64)
        dx, dy = p[0] - self.origin_m[0], p[1] - self.origin_m[1]
        c, s = np.cos(self.heading_rad), np.sin(self.heading_rad)
        return float(c * dx + s * dy), float(-s * dx + c * dy)
