"""A vehicle on its wheels: a single-track model whose tyres give way at the friction limit. It drives a body of the
physics by velocity; after an impact the vehicle slides as the collision left it."""

from __future__ import annotations

import math

import numpy as np

from simgen.core.geometry import Array, planar_pose, yaw_of
from simgen.scene.scene import Entity
from simgen.simulation.balance import Balance

GRAVITY_MPS2 = 9.81
BRAKE_BUILD_UP_MPS3 = 35.0
"""How fast deceleration builds up: a full stop of 8.5 m/s² after 0.25 s, a hydraulic brake with booster."""
DRIVE_BUILD_UP_MPS3 = 8.0
STEER_RATE_RADPS = 0.7
CRASH_SPEED_MPS = 0.7
"""A change of velocity by contact beyond which the driver no longer controls the vehicle."""


class Vehicle:
    """One vehicle.

    Attributes:
        position_m: (2,) of the body frame's origin; height_m above the world's zero.
        yaw_rad, yaw_rate_radps: heading.
        velocity_mps: (2,) world frame.
        acceleration_mps2: along x, as the brakes and the engine deliver it now.
        crashed: it slides out of control after an impact.
        cruise_mps: the speed that its driver wants; lane_t_m: the line on the road that it keeps, None for where it
            started. Actions of the story change both.
    """

    def __init__(self, entity: Entity, start: Array, speed_mps: float) -> None:
        geometry = entity.body.vehicle
        assert geometry is not None
        self.name = entity.name
        self.entity = entity
        self.geometry = geometry
        self.wheelbase_m = geometry.front_axle_m - geometry.rear_axle_m
        self.position_m = start[:2, 3].copy()
        self.height_m = float(start[2, 3])
        self.yaw_rad = yaw_of(start)
        self.yaw_rate_radps = 0.0
        self.velocity_mps = speed_mps * np.array([math.cos(self.yaw_rad), math.sin(self.yaw_rad)])
        self.acceleration_mps2 = 0.0
        self.steer_rad = 0.0
        self.crashed = False
        self.cruise_mps = speed_mps
        self.lane_t_m: float | None = None
        self.joints = np.array(entity.body.joint_rest, dtype=np.float64)
        self._spin = [i for i, j in enumerate(entity.body.joints) if "spin" in j]
        self._steer = [i for i, j in enumerate(entity.body.joints) if "steer" in j]
        self._balance = Balance.of(entity.body)
        self._wanted_acceleration = 0.0
        self._wanted_steer = 0.0

    @property
    def speed_mps(self) -> float:
        """Along the heading; negative in reverse."""
        return float(self.velocity_mps @ (math.cos(self.yaw_rad), math.sin(self.yaw_rad)))

    @property
    def at_rest(self) -> bool:
        """It stands, and nobody asks it to move."""
        return not self.velocity_mps.any() and self.yaw_rate_radps == 0.0 and self._wanted_acceleration <= 0.0

    def drive(self, acceleration_mps2: float, steer_rad: float) -> None:
        """What the driver asks for until told otherwise."""
        self._wanted_acceleration = acceleration_mps2
        limit = self.geometry.max_steer_rad
        self._wanted_steer = min(limit, max(-limit, steer_rad))

    def step(self, dt_s: float, friction: float) -> None:
        """Advances by one physics step; ``friction`` is the peak coefficient under the axles."""
        if self.crashed:
            self._slide(dt_s, friction)
        else:
            self._roll(dt_s, friction)
        self.position_m = self.position_m + self.velocity_mps * dt_s
        self.yaw_rad += self.yaw_rate_radps * dt_s
        speed = self.speed_mps
        for i in self._spin:
            self.joints[i] = (self.joints[i] + speed * dt_s / self.geometry.wheel_radius_m) % (2 * math.pi)
        for i in self._steer:
            self.joints[i] = self.steer_rad
        if self._balance is not None and self.crashed:
            left = np.array([-math.sin(self.yaw_rad), math.cos(self.yaw_rad)])
            self._balance.fall(self.joints, float(self.velocity_mps @ left), dt_s)
        elif self._balance is not None:
            self._balance.ride(self.joints, speed, self.yaw_rate_radps, self._wanted_acceleration, dt_s)

    def _roll(self, dt_s: float, friction: float) -> None:
        change = self._wanted_acceleration - self.acceleration_mps2
        rate = BRAKE_BUILD_UP_MPS3 if self._wanted_acceleration < 0 else DRIVE_BUILD_UP_MPS3
        self.acceleration_mps2 += min(rate * dt_s, max(-rate * dt_s, change))
        turn = self._wanted_steer - self.steer_rad
        self.steer_rad += min(STEER_RATE_RADPS * dt_s, max(-STEER_RATE_RADPS * dt_s, turn))
        grip = friction * GRAVITY_MPS2
        # The whole of the velocity: its direction is the slip angle away from the heading.
        speed = math.copysign(float(np.linalg.norm(self.velocity_mps)), self.speed_mps)
        # Friction circle: braking has the first claim, cornering takes what remains.
        along = min(grip, max(-grip, self.acceleration_mps2))
        across = math.sqrt(max(0.0, grip**2 - along**2))
        yaw_rate = speed * math.tan(self.steer_rad) / self.wheelbase_m
        if abs(speed * yaw_rate) > across:
            yaw_rate = math.copysign(across / max(abs(speed), 1e-6), yaw_rate)
        after = speed + along * dt_s
        if speed > 0 >= after and along < 0:
            after, self.acceleration_mps2 = 0.0, 0.0
        elif speed == 0 and along < 0:
            after = 0.0
        self.yaw_rate_radps = yaw_rate
        middle = self.yaw_rad + 0.5 * yaw_rate * dt_s
        # The body frame's origin lies between the axles, so it moves at the slip angle of the single-track model.
        slip = math.atan(-self.geometry.rear_axle_m / self.wheelbase_m * math.tan(self.steer_rad))
        self.velocity_mps = after * np.array([math.cos(middle + slip), math.sin(middle + slip)])

    def _slide(self, dt_s: float, friction: float) -> None:
        speed = float(np.linalg.norm(self.velocity_mps))
        loss = friction * GRAVITY_MPS2 * dt_s
        self.velocity_mps = self.velocity_mps * max(0.0, 1.0 - loss / max(speed, 1e-9))
        turning = loss / (0.35 * self.wheelbase_m)
        self.yaw_rate_radps = math.copysign(max(0.0, abs(self.yaw_rate_radps) - turning), self.yaw_rate_radps)

    def pose(self) -> Array:
        """world_from_body (4, 4)."""
        return planar_pose(self.position_m[0], self.position_m[1], self.yaw_rad, self.height_m)

    def linear_velocity(self) -> Array:
        return np.array([self.velocity_mps[0], self.velocity_mps[1], 0.0])

    def angular_velocity(self) -> Array:
        return np.array([0.0, 0.0, self.yaw_rate_radps])

    def struck(self, change_mps: Array, spin_radps: float) -> None:
        """Takes the change of velocity (3,) that a contact made in the physics."""
        self.velocity_mps = self.velocity_mps + change_mps[:2]
        self.yaw_rate_radps += spin_radps
        if float(np.linalg.norm(change_mps[:2])) > CRASH_SPEED_MPS:
            self.crashed = True
