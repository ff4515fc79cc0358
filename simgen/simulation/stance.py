"""How a vehicle stands on a road: with all of its wheels, on slopes and over steps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.body import Body
from simgen.scene.road import RoadNetwork

LIFT_MPS = {False: 0.8, True: 3.0}
"""How fast a body rises or sinks at a step, on springs, and on two wheels without: a bump of 0.1 m is crossed by a car
in about half a period of its springs (1.3 Hz)."""
_REACHES = (-0.5, -0.25, 0.25, 0.5)
"""Where along its tread a wheel may meet an edge beside its lowest point, in radii."""
_STEP_M = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lie:
    """How a body lies on the road: height of its origin, and rise ahead and to the left."""

    height_m: float
    ahead: float
    left: float


_LEVEL = Lie(height_m=0.0, ahead=0.0, left=0.0)


class Undercarriage:
    """The wheels of a vehicle: two in line, or one on each side of the front and of the rear axle."""

    def __init__(self, body: Body) -> None:
        geometry = body.vehicle
        assert geometry is not None
        tyres = [abs(float(m[1, 3])) for part, m in zip(body.parts, body.rest, strict=True) if "tyre" in part.name]
        half = max(tyres, default=0.0)
        self.in_line = half < 0.05
        self.lift_mps = LIFT_MPS[self.in_line]
        sides = (0.0,) if self.in_line else (half, -half)
        axles = (geometry.front_axle_m, geometry.rear_axle_m)
        self.places_m = np.array([(x, y) for x in axles for y in sides])
        self.radius_m = geometry.wheel_radius_m
        self._ends_m = np.array([(axles[0] + 0.5 * self.radius_m, 0.0), (axles[1] - 0.5 * self.radius_m, 0.0)])
        farthest = float(np.hypot(*np.vstack([self.places_m, self._ends_m]).T).max())
        self._reach_m = farthest + max(_REACHES) * self.radius_m
        ones = np.ones((len(self.places_m), 1))
        columns = self.places_m[:, :1] if self.in_line else self.places_m
        self._fit: Array = np.linalg.pinv(np.hstack([ones, columns]))

    def heights(self, lie: Lie) -> Array:
        """(W,) of the wheels' lowest points."""
        result: Array = lie.height_m + self.places_m @ (lie.ahead, lie.left)
        return result

    def lie(self, heights_m: Array, ground: Lie) -> Lie:
        """Of a body whose wheels stand at heights (W,), as evenly as they can; on two wheels it leans as the ground."""
        found = (self._fit @ heights_m).tolist()
        return Lie(height_m=found[0], ahead=found[1], left=ground.left if self.in_line else found[2])

    def ground(self, road: RoadNetwork, position_m: Array, yaw_rad: float) -> tuple[Array, Lie]:
        """Heights (W,) at which wheels stand, and the road's own slope there, for a body at this place and heading."""
        x, y = position_m[:2].tolist()
        level = road.level_at(x, y, self._reach_m)
        if level is not None:
            return np.full(len(self.places_m), level), _LEVEL
        c, s = math.cos(yaw_rad), math.sin(yaw_rad)
        turn = np.array([[c, s], [-s, c]])

        def below(places: Array) -> Array:
            return np.array([road.ground_at(x, y) for x, y in (position_m + places @ turn).tolist()])

        a, b, up = road.normal_below(position_m)
        slope = Lie(height_m=0.0, ahead=-float(c * a + s * b) / up, left=float(s * a - c * b) / up)
        rise = np.array((slope.ahead, slope.left))
        heights = below(self.places_m)
        wheels = heights - self.places_m @ rise
        ends = below(self._ends_m) - self._ends_m @ rise
        if max(wheels.max(), ends.max()) - min(wheels.min(), ends.min()) < _STEP_M:
            return heights, slope
        # A step is near: a wheel that comes to it rolls over the edge.
        for reach in _REACHES:
            ahead = np.array((reach * self.radius_m, 0.0))
            met = below(self.places_m + ahead) - ahead @ rise
            np.maximum(heights, met - self.radius_m * (1.0 - math.sqrt(1.0 - reach * reach)), out=heights)
        return heights, slope
