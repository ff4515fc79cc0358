"""One vehicle of the fleet: what a driver commands and what is seen of it. The motion itself is in fleet.py."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array, wrap_angle, yaw_of
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Entity
from simgen.simulation import fleet as rows
from simgen.simulation.balance import Balance
from simgen.simulation.course import Course
from simgen.simulation.fleet import BRAKE_BUILD_UP_MPS3, CRASH_SPEED_MPS, DRIVE_BUILD_UP_MPS3, GRAVITY_MPS2, Fleet
from simgen.simulation.stance import Lie, Undercarriage

__all__ = [
    "BRAKE_BUILD_UP_MPS3",
    "CRASH_SPEED_MPS",
    "DRIVE_BUILD_UP_MPS3",
    "GRAVITY_MPS2",
    "Vehicle",
]
_STEP_M = 0.25


class Vehicle:
    """One vehicle; without a fleet it makes its own.

    Attributes:
        position_m: (2,) of the body frame's origin; height_m above the world's zero.
        yaw_rad, yaw_rate_radps: heading.
        velocity_mps: (2,) of the body frame's origin, world frame.
        acceleration_mps2: along x, as the pedals ask for it now; the road may give less.
        steer_rad: angle of the front wheels, positive to the left.
        gear: 1 forward, -1 reverse: in forward gear a negative acceleration brakes to a stop, and never beyond.
        crashed: it slides out of control after an impact, its wheels locked.
        cruise_mps: the speed that its driver wants; lane_t_m: the line on the road that it keeps, None for where it
            started. Actions of the story change both.
        along: +1 for one that drives along s of the main road, -1 against it.
        course: the lanes that it follows; None for one that keeps its line on the main road, or is steered otherwise.
        noticed_s: when its driver first saw what lies in its way, by name; None before he has looked.
        spinning, steered: which of its joints turn with the wheels, and with the steering; balances: whether others
            move.
        overridden: an action holds the pedals and the wheel; what a behaviour asks for is not heard.
    """

    def __init__(self, entity: Entity, start: Array, speed_mps: float, fleet: Fleet | None = None) -> None:
        geometry = entity.body.vehicle
        assert geometry is not None
        self.name = entity.name
        self.entity = entity
        self.geometry = geometry
        self.wheelbase_m = geometry.wheelbase_m
        self.fleet = Fleet() if fleet is None else fleet
        self.index = self.fleet.add(entity, start, speed_mps)
        self._understeer_s2_per_m = self.fleet.understeer_s2_per_m(self.index)
        self.cruise_mps = speed_mps
        self.lane_t_m: float | None = None
        self.along = 1
        self.course: Course | None = None
        self.noticed_s: dict[str, float] | None = None
        self.overridden = False
        self._joints = np.array(entity.body.joint_rest, dtype=np.float64)
        self.spinning = [i for i, j in enumerate(entity.body.joints) if "spin" in j]
        self.steered = [i for i, j in enumerate(entity.body.joints) if "steer" in j]
        self.undercarriage = Undercarriage(entity.body)
        self._balance = Balance.of(entity.body)
        self.balances = self._balance is not None

    # What the driver does

    def drive(self, acceleration_mps2: float, steer_rad: float) -> None:
        """What the driver asks for until told otherwise: pedals make up for drag and slope as far as they can."""
        if not self.overridden:
            self._command(acceleration_mps2, steer_rad, feel=1.0)

    def steer_for(self, curvature_per_m: float) -> float:
        """Angle of the front wheels in radians that turns the vehicle on an arc at the speed that it has, while the
        tyres are far from their limit (single-track model in steady state)."""
        speed = self.speed_mps
        beyond = self._understeer_s2_per_m * speed * speed * curvature_per_m
        return math.atan(self.wheelbase_m * curvature_per_m) + beyond

    def override(self, *, throttle: float = 0.0, brake: float = 0.0, steer_rad: float = 0.0) -> None:
        """Holds the pedals (shares of full, 0 to 1) and the wheel where they are; with neither it rolls."""
        self.overridden = True
        p = self.fleet.limits(self.index)
        self._command(throttle * p.drive_mps2 - brake * p.brake_mps2, steer_rad, feel=0.0)

    def release(self) -> None:
        """Gives pedals and wheel back to the driver."""
        self.overridden = False
        self._command(0.0, self.steer_rad, feel=1.0)

    def _command(self, acceleration_mps2: float, steer_rad: float, feel: float) -> None:
        limit = self.geometry.max_steer_rad
        wish = self.fleet.wish
        wish[rows.WANT, self.index] = acceleration_mps2
        wish[rows.WANT_STEER, self.index] = min(limit, max(-limit, steer_rad))
        wish[rows.FEEL, self.index] = feel

    def step(self, dt_s: float, friction: float) -> None:
        """Advances its fleet by one physics step; ``friction`` is the peak coefficient under all axles."""
        self.fleet.ground[rows.MU_F : rows.MU_R + 1] = friction
        self.fleet.settle()
        self.fleet.step(dt_s)
        self.swing(dt_s)

    def swing(self, dt_s: float) -> None:
        """Moves the joints of a two-wheeler that keeps its balance, or loses it."""
        if self._balance is None:
            return
        if self.crashed:
            left = np.array([-math.sin(self.yaw_rad), math.cos(self.yaw_rad)])
            self._balance.fall(self._joints, float(self.velocity_mps @ left), dt_s)
        else:
            demand = float(self.fleet.wish[rows.WANT, self.index])
            self._balance.ride(self._joints, self.speed_mps, self.yaw_rate_radps, demand, dt_s)

    @property
    def fallen(self) -> float:
        """Share of the way that a two-wheeler which falls over has got from riding to lying on its side."""
        return 0.0 if self._balance is None else self._balance.fallen(self._joints)

    def lie_on(self, road: RoadNetwork) -> None:
        """Stands on the road below at once; from a height that wheels do not climb it takes the slope alone, for it
        stands on something else."""
        heights, ground = self.undercarriage.ground(road, self.position_m, self.yaw_rad)
        lie = self.undercarriage.lie(heights, ground)
        if abs(self.height_m - lie.height_m) >= _STEP_M:
            lie = replace(lie, height_m=self.height_m)
        self._take(lie)

    def follow_ground(self, road: RoadNetwork, dt_s: float) -> None:
        """Stands with all wheels on the road: on its slope, and within ``dt_s`` on steps in it, at which it arrives as
        fast as springs let the body follow."""
        heights, ground = self.undercarriage.ground(road, self.position_m, self.yaw_rad)
        was = self.lie()
        if ground.ahead == ground.left == was.ahead == was.left == 0.0 and (heights == was.height_m).all():
            return
        now = self.undercarriage.heights(was)
        most = self.undercarriage.lift_mps * dt_s
        lie = self.undercarriage.lie(now + np.clip(heights - now, -most, most), ground)
        self._take(lie, dt_s)
        # Astride a step it leans against the road, and goes on along the road all the same.
        self.fleet.rise_mps[self.index] += self.speed_mps * (
            math.sin(math.atan(ground.ahead)) - math.sin(math.atan(lie.ahead))
        )

    def lie(self) -> Lie:
        a, b, up = self.fleet.normal[:, self.index].tolist()
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        return Lie(height_m=self.height_m, ahead=-(c * a + s * b) / up, left=(s * a - c * b) / up)

    def _take(self, lie: Lie, dt_s: float = 0.0) -> None:
        """Lies like this, at once or within a time."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        normal = np.array((s * lie.left - c * lie.ahead, -c * lie.left - s * lie.ahead, 1.0))
        self.fleet.lie(self.index, normal / np.linalg.norm(normal), lie.height_m, dt_s)

    def struck(self, change_mps: Array, spin_radps: float) -> None:
        """Takes the change of the velocity of its centre of gravity (3,) that a contact made in the physics."""
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        state = self.fleet.state[:, self.index]
        state[rows.U] += c * change_mps[0] + s * change_mps[1]
        state[rows.V] += c * change_mps[1] - s * change_mps[0]
        state[rows.R] += spin_radps
        if math.hypot(change_mps[0], change_mps[1]) > CRASH_SPEED_MPS:
            self.crashed = True

    def moved_to(self, world_from_body: Array) -> None:
        """Takes the place and the heading to which the physics pushed it."""
        self.position_m = world_from_body[:2, 3]
        self.yaw_rad += wrap_angle(yaw_of(world_from_body) - self.yaw_rad)

    # What is seen of it

    def _get(self, row: int) -> float:
        return self.fleet.state.item(row, self.index)

    def motion(self) -> tuple[float, float, float, float, float]:
        """x, y and heading in the world; speed ahead, and that of the centre of gravity to the left."""
        x, y, yaw, ahead, left = self.fleet.state[: rows.R, self.index].tolist()
        return x, y, yaw, ahead, left

    @property
    def position_m(self) -> Array:
        state = self.fleet.state
        return np.array((state[rows.X, self.index], state[rows.Y, self.index]))

    @position_m.setter
    def position_m(self, value: ArrayLike) -> None:
        self.fleet.state[[rows.X, rows.Y], self.index] = np.asarray(value, dtype=np.float64)[:2]

    @property
    def height_m(self) -> float:
        return float(self.fleet.height_m[self.index])

    @height_m.setter
    def height_m(self, value: float) -> None:
        self.fleet.height_m[self.index] = value

    @property
    def yaw_rad(self) -> float:
        return self._get(rows.YAW)

    @yaw_rad.setter
    def yaw_rad(self, value: float) -> None:
        self.fleet.state[rows.YAW, self.index] = value

    @property
    def yaw_rate_radps(self) -> float:
        return self._get(rows.R)

    @yaw_rate_radps.setter
    def yaw_rate_radps(self, value: float) -> None:
        self.fleet.state[rows.R, self.index] = value

    @property
    def velocity_mps(self) -> Array:
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        ahead = self._get(rows.U)
        left = self._get(rows.V) - self._get(rows.R) * self.geometry.center_of_gravity_m
        return np.array([c * ahead - s * left, s * ahead + c * left])

    @velocity_mps.setter
    def velocity_mps(self, value: ArrayLike) -> None:
        """Of the whole vehicle, which then does not turn."""
        x, y = np.asarray(value, dtype=np.float64)[:2]
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        self.fleet.state[[rows.U, rows.V, rows.R], self.index] = c * x + s * y, c * y - s * x, 0.0

    @property
    def speed_mps(self) -> float:
        """Along the heading; negative in reverse."""
        return self._get(rows.U)

    @property
    def acceleration_mps2(self) -> float:
        return self._get(rows.PEDAL)

    @acceleration_mps2.setter
    def acceleration_mps2(self, value: float) -> None:
        self.fleet.state[rows.PEDAL, self.index] = value

    @property
    def steer_rad(self) -> float:
        return self._get(rows.STEER)

    @property
    def wanted_steer_rad(self) -> float:
        """Where the driver turns the front wheels to."""
        return float(self.fleet.wish[rows.WANT_STEER, self.index])

    @property
    def wanted_mps2(self) -> float:
        """What the driver asks of the pedals."""
        return float(self.fleet.wish[rows.WANT, self.index])

    @property
    def gear(self) -> int:
        return int(self.fleet.wish[rows.GEAR, self.index])

    @gear.setter
    def gear(self, value: int) -> None:
        self.fleet.wish[rows.GEAR, self.index] = value

    @property
    def crashed(self) -> bool:
        return bool(self.fleet.wish[rows.CRASHED, self.index])

    @crashed.setter
    def crashed(self, value: bool) -> None:
        self.fleet.wish[rows.CRASHED, self.index] = value

    @property
    def joints(self) -> Array:
        """(J,) as they stand now; what the motion does not turn keeps what is written here."""
        state = self.fleet.state[:, self.index]
        for i in self.spinning:
            self._joints[i] = state[rows.SPIN]
        for i in self.steered:
            self._joints[i] = state[rows.STEER]
        return self._joints

    @property
    def at_rest(self) -> bool:
        """It stands, and nobody asks it to move."""
        self.fleet.settle()
        return self.index not in self.fleet.moving

    def pose(self) -> Array:
        """world_from_body (4, 4)."""
        return self.fleet.pose(self.index)

    def linear_velocity(self) -> Array:
        """(3,) of the body frame's origin, world frame."""
        ahead = self._get(rows.U)
        left = self._get(rows.V) - self._get(rows.R) * self.geometry.center_of_gravity_m
        pose = self.fleet.pose(self.index)
        result: Array = ahead * pose[:3, 0] + left * pose[:3, 1]
        result[2] += self.fleet.rise_mps[self.index]
        return result

    def center_velocity(self) -> Array:
        """(3,) of the centre of gravity, world frame."""
        pose = self.fleet.pose(self.index)
        result: Array = self._get(rows.U) * pose[:3, 0] + self._get(rows.V) * pose[:3, 1]
        result[2] += self.fleet.rise_mps[self.index]
        return result

    def angular_velocity(self) -> Array:
        """(3,) world frame."""
        result: Array = self._get(rows.R) * self.fleet.normal[:, self.index] + self.fleet.tilt_radps[:, self.index]
        return result
