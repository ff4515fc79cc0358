"""A mobile robot on driven wheels: differential drive or skid steering, with Coulomb friction under each wheel.

The base drives a body of the physics by velocity, takes back what contacts did to it, and slides where the ground
gives way.
"""

from __future__ import annotations

import math

import numpy as np

from simgen.core.geometry import Array, planar_pose, wrap_angle, yaw_of
from simgen.scene.scene import Entity

GRAVITY_MPS2 = 9.81
ITERATIONS = 16
"""Sweeps of the contact solver, which starts from the impulses of the step before."""
TURN_GAIN, STRAIGHT_RAD = 2.5, 0.6
"""Turn rate per radian off the course; angle beyond which the base turns on the spot."""
ARRIVED_M = 0.03
REACTION_S = 0.06
"""From the scanner's beam to the brake."""


class MobileRobot:
    """One mobile robot.

    Attributes:
        position_m: (2,) of the body frame's origin; height_m above the world's zero.
        velocity_mps: (2,) world frame; yaw_rad, yaw_rate_radps: heading.
        wheel_mps: (W,) speed of each wheel's tread.
        stopped: a protective stop holds the wheels.
        payload_kg: what it carries beside its own mass.
        joints: (J,) angles of the wheels, in the order of the body's joints.
    """

    def __init__(self, entity: Entity, start: Array, speed_mps: float) -> None:
        base = entity.body.base
        assert base is not None
        self.name = entity.name
        self.entity = entity
        self.base = base
        self.position_m = start[:2, 3].copy()
        self.height_m = float(start[2, 3])
        self.yaw_rad = yaw_of(start)
        self.yaw_rate_radps = 0.0
        self.velocity_mps = speed_mps * np.array([math.cos(self.yaw_rad), math.sin(self.yaw_rad)])
        self.wheel_mps = np.full(len(base.wheels), speed_mps)
        self.stopped = False
        self.payload_kg = 0.0
        self.joints = np.array(entity.body.joint_rest, dtype=np.float64)
        self._index = [entity.body.joints.index(wheel.joint) for wheel in base.wheels]
        self._wanted = np.full(len(base.wheels), speed_mps)
        self._impulses = [(0.0, 0.0)] * len(base.wheels)

    @property
    def speed_mps(self) -> float:
        """Along the heading; negative backwards."""
        return float(self.velocity_mps @ (math.cos(self.yaw_rad), math.sin(self.yaw_rad)))

    @property
    def mass_kg(self) -> float:
        return self.entity.body.mass_kg + self.payload_kg

    def drive(self, speed_mps: float, turn_radps: float) -> None:
        """Speed of the middle and rate of turn that the wheels work towards, until told otherwise."""
        base = self.base
        speed = min(base.speed_mps, max(-base.speed_mps, speed_mps))
        turn = min(base.turn_radps, max(-base.turn_radps, turn_radps))
        half = 0.5 * base.track_m * turn
        self._wanted = np.array([speed - half if wheel.y_m > 0 else speed + half for wheel in base.wheels])

    def steer_to(self, goal_m: Array, speed_mps: float) -> bool:
        """Drives towards a point (2,), braking in time to stand on it. Returns whether it is there."""
        ahead = np.asarray(goal_m)[:2] - self.position_m
        gap = float(np.linalg.norm(ahead))
        if gap < ARRIVED_M:
            self.drive(0.0, 0.0)
            return True
        off = wrap_angle(math.atan2(ahead[1], ahead[0]) - self.yaw_rad)
        if abs(off) > STRAIGHT_RAD and gap > ARRIVED_M:
            self.drive(0.0, math.copysign(min(self.base.turn_radps, TURN_GAIN * abs(off)), off))
            return False
        braked = math.sqrt(2.0 * 0.8 * self.base.acceleration_mps2 * gap)
        # close to the goal its bearing swings round, and the course is held
        turn = TURN_GAIN * off if gap > 0.15 else 0.0
        if gap <= 0.15 and abs(off) > math.pi / 2:
            self.drive(0.0, 0.0)
            return True
        self.drive(min(speed_mps, braked) * math.cos(off), turn)
        return False

    def turn_to(self, yaw_rad: float) -> bool:
        """Turns on the spot towards a heading. Returns whether it faces there."""
        off = wrap_angle(yaw_rad - self.yaw_rad)
        if abs(off) < 0.01:
            self.drive(0.0, 0.0)
            return True
        self.drive(0.0, math.copysign(min(0.7, 2.0 * abs(off)), off))
        return False

    def stopping_distance_m(self, friction: float) -> float:
        """From now to standing, after a protective stop on this friction."""
        grip = min(self.base.stop_mps2, friction * GRAVITY_MPS2 * self.base.load_share)
        speed = float(np.linalg.norm(self.velocity_mps))
        return speed * REACTION_S + speed * speed / (2.0 * grip)

    def wheel_places(self) -> Array:
        """(W, 2) where the wheels touch the ground, world frame."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        local = np.array([(wheel.x_m, wheel.y_m) for wheel in self.base.wheels])
        places: Array = self.position_m + local @ np.array([[c, s], [-s, c]])
        return places

    def step(self, dt_s: float, friction: Array) -> None:
        """Advances by one physics step.

        Args:
            friction: (W,) coefficient under each wheel.
        """
        base = self.base
        wanted = np.zeros(len(base.wheels)) if self.stopped else self._wanted
        rate = base.stop_mps2 if self.stopped else base.acceleration_mps2 * self.entity.body.motor_gain
        self.wheel_mps = self.wheel_mps + np.clip(wanted - self.wheel_mps, -rate * dt_s, rate * dt_s)
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        vx, vy = (float(v) for v in (self.velocity_mps @ (c, s), self.velocity_mps @ (-s, c)))
        vx, vy, turn = self._grip(vx, vy, self.yaw_rate_radps, friction, dt_s)
        self.yaw_rate_radps = turn
        self.velocity_mps = np.array([c * vx - s * vy, s * vx + c * vy])
        middle = self.yaw_rad + 0.5 * turn * dt_s
        c, s = math.cos(middle), math.sin(middle)
        along = np.array([c * vx - s * vy, s * vx + c * vy])
        self.position_m = self.position_m + along * dt_s
        self.yaw_rad += turn * dt_s
        self.velocity_mps = self._turned(along, 0.5 * turn * dt_s)
        for index, wheel, tread in zip(self._index, base.wheels, self.wheel_mps, strict=True):
            self.joints[index] = (self.joints[index] + float(tread) * dt_s / wheel.radius_m) % (2 * math.pi)

    @staticmethod
    def _turned(vector: Array, angle_rad: float) -> Array:
        c, s = math.cos(angle_rad), math.sin(angle_rad)
        return np.array([c * vector[0] - s * vector[1], s * vector[0] + c * vector[1]])

    def _grip(self, vx: float, vy: float, turn: float, friction: Array, dt_s: float) -> tuple[float, float, float]:
        """Velocity (body frame) and yaw rate after the wheels' friction: impulses that bring the ground under each
        wheel to rest against its tread, as far as Coulomb's cone lets them (projected Gauss-Seidel)."""
        mass, inertia = self.mass_kg, self.base.inertia_kg_m2
        share = self.base.load_share / len(self.base.wheels)
        limits = [float(mu) * mass * GRAVITY_MPS2 * share * dt_s for mu in friction]
        treads = [float(v) for v in self.wheel_mps]
        impulses = self._impulses
        for (px, py), wheel in zip(impulses, self.base.wheels, strict=True):
            vx += px / mass
            vy += py / mass
            turn += (wheel.x_m * py - wheel.y_m * px) / inertia
        for _ in range(ITERATIONS):
            for i, wheel in enumerate(self.base.wheels):
                x, y = wheel.x_m, wheel.y_m
                # one gain for both directions, so that a wheel that slides is held against the way it slides
                gain = 1.0 / (1.0 / mass + (x * x + y * y) / inertia)
                before_x, before_y = impulses[i]
                px = before_x - gain * (vx - turn * y - treads[i])
                py = before_y - gain * (vy + turn * x)
                size = math.hypot(px, py)
                if size > limits[i]:
                    px, py = px * limits[i] / size, py * limits[i] / size
                dx, dy = px - before_x, py - before_y
                impulses[i] = (px, py)
                vx += dx / mass
                vy += dy / mass
                turn += (x * dy - y * dx) / inertia
        return vx, vy, turn

    def pose(self) -> Array:
        """world_from_body (4, 4)."""
        return planar_pose(self.position_m[0], self.position_m[1], self.yaw_rad, self.height_m)

    def linear_velocity(self) -> Array:
        return np.array([self.velocity_mps[0], self.velocity_mps[1], 0.0])

    def angular_velocity(self) -> Array:
        return np.array([0.0, 0.0, self.yaw_rate_radps])

    def pushed(self, linear_mps: Array, angular_radps: Array) -> None:
        """Takes the velocity (3,) and rate of turn (3,) that contacts and joints left it in the physics."""
        self.velocity_mps = linear_mps[:2].copy()
        self.yaw_rate_radps = float(angular_radps[2])
