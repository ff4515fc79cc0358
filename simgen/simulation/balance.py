"""What a rider does on two wheels beyond steering: pedals, and after a crash falls over. The lean of a curve is the
fleet's (fleet.py)."""

from __future__ import annotations

import math
from typing import Self

from simgen.core.geometry import Array
from simgen.scene.body import Body

_GRAVITY_MPS2 = 9.81
_FALLEN_RAD = 1.38
_PUSH_RADPS = 1.2
COASTING_MPS2 = -0.4
"""Deceleration from which nobody pedals."""


class Balance:
    """Cranks and fall of one body. ``lean_rad`` is positive to the left."""

    def __init__(self, body: Body) -> None:
        assert body.vehicle is not None
        self._crank = body.joints.index("crank") if "crank" in body.joints else None
        self._way_m = 2 * math.pi * body.vehicle.wheel_radius_m * body.notes.get("gear", 1.0)
        self._height_m = max(0.4, body.vehicle.cog_height_m)
        self.lean_rad = 0.0
        self._rate_radps = 0.0

    @classmethod
    def of(cls, body: Body) -> Self | None:
        """Of a body that leans; None for what stands on more than two wheels."""
        return cls(body) if "lean" in body.joints else None

    def ride(self, joints: Array, lean_rad: float, speed_mps: float, demand_mps2: float, dt_s: float) -> None:
        """Turns the cranks unless the rider brakes."""
        self.lean_rad = lean_rad
        if self._crank is not None and demand_mps2 > COASTING_MPS2:
            turned = 2 * math.pi * speed_mps * dt_s / self._way_m
            joints[self._crank] = (joints[self._crank] + turned) % (2 * math.pi)

    def fall(self, sideways_mps: float, dt_s: float) -> None:
        """Topples like a rod about its foot, to the side that it was thrown to (left is positive)."""
        if self._rate_radps == 0.0:
            side = sideways_mps if abs(sideways_mps) > 0.05 else self.lean_rad
            self._rate_radps = math.copysign(_PUSH_RADPS, side)
        if abs(self.lean_rad) < _FALLEN_RAD:
            # A rod of twice the height of its centre of gravity: 3 g / (2 l) sin(lean), l = 2 h.
            self._rate_radps += 0.75 * _GRAVITY_MPS2 / self._height_m * math.sin(self.lean_rad) * dt_s
            self.lean_rad += self._rate_radps * dt_s
            self.lean_rad = min(_FALLEN_RAD, max(-_FALLEN_RAD, self.lean_rad))
