"""What a two-wheeler does with its joints: it leans into turns, its cranks turn, and after a crash it falls over."""

from __future__ import annotations

import math
from typing import Self

from simgen.core.geometry import Array
from simgen.scene.body import Body

_GRAVITY_MPS2 = 9.81
_LEAN_LAG_S = 0.18
_STEEPEST_RAD = 0.75
_FALLEN_RAD = 1.38
_PUSH_RADPS = 1.2
_LETS_GO_RAD = 0.5
"""Lean from which a rider who falls comes off, and the fork turns by itself."""
_SETTLES_S = 0.12
_FREEWHEELS_S = 0.15
"""Time in which feet come to rest on their pedals, and take up the chain again."""
COASTING_MPS2 = -0.4
"""Deceleration from which nobody pedals."""


class Balance:
    """Lean, crank and fall of one body.

    Attributes:
        lean_rad: positive to the left, as in a left turn.
    """

    def __init__(self, body: Body) -> None:
        assert body.vehicle is not None
        names = body.joints
        self._lean = names.index("lean")
        self._crank = names.index("crank") if "crank" in names else None
        self._fallen = names.index("fallen") if "fallen" in names else None
        self._wheel_m = body.vehicle.wheel_radius_m
        self._gear = body.notes.get("gear", 1.0)
        self._height_m = max(0.4, body.vehicle.cog_height_m)
        self.lean_rad = 0.0
        self._rate_radps = 0.0
        self._pedals = 1.0

    @classmethod
    def of(cls, body: Body) -> Self | None:
        """Of a body that leans; None for what stands on more than two wheels."""
        return cls(body) if "lean" in body.joints else None

    def ride(self, joints: Array, speed_mps: float, yaw_rate_radps: float, demand_mps2: float, dt_s: float) -> None:
        """Leans so that gravity and the turn balance, tan(lean) = v w / g, and pedals unless it brakes."""
        wanted = math.atan(speed_mps * yaw_rate_radps / _GRAVITY_MPS2)
        wanted = min(_STEEPEST_RAD, max(-_STEEPEST_RAD, wanted))
        self.lean_rad += (wanted - self.lean_rad) * min(1.0, dt_s / _LEAN_LAG_S)
        joints[self._lean] = self.lean_rad
        if self._crank is None:
            return
        share = dt_s / _FREEWHEELS_S
        self._pedals = min(1.0, max(0.0, self._pedals + (share if demand_mps2 > COASTING_MPS2 else -share)))
        if self._pedals > 0.0:
            turned = self._pedals * speed_mps * dt_s / (self._wheel_m * self._gear)
            joints[self._crank] = (joints[self._crank] + turned) % (2 * math.pi)

    def fallen(self, joints: Array) -> float:
        """Share of the way from riding to lying on the ground."""
        return 0.0 if self._fallen is None else float(joints[self._fallen])

    def fall(self, joints: Array, sideways_mps: float, dt_s: float) -> None:
        """Topples like a rod about its foot, to the side that it was thrown to (left is positive), and lies there."""
        if self._rate_radps == 0.0:
            side = 1.0 if sideways_mps > 0.05 or (abs(sideways_mps) <= 0.05 and self.lean_rad > 0) else -1.0
            self._rate_radps = side * _PUSH_RADPS
        if abs(self.lean_rad) < _FALLEN_RAD:
            # A rod of twice the height of its centre of gravity: 3 g / (2 l) sin(lean), l = 2 h.
            self._rate_radps += 0.75 * _GRAVITY_MPS2 / self._height_m * math.sin(self.lean_rad) * dt_s
            self.lean_rad += self._rate_radps * dt_s
            self.lean_rad = min(_FALLEN_RAD, max(-_FALLEN_RAD, self.lean_rad))
        joints[self._lean] = self.lean_rad
        if self._fallen is not None:
            down = max(0.0, (abs(self.lean_rad) - _LETS_GO_RAD) / (_FALLEN_RAD - _LETS_GO_RAD))
            joints[self._fallen] += (down - joints[self._fallen]) * min(1.0, dt_s / _SETTLES_S)
