"""Someone on legs: follows a path with a gait until struck; from then on the body is the physics'."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simgen.core.geometry import Array, planar_pose, wrap_angle, yaw_of
from simgen.scene.footing import Spot
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Entity
from simgen.simulation.footwork import Footwork, Motion

TURN_RATE_RADPS = 5.0
TWIST_RAD = 0.78
SIDEWAYS_MPS2 = 4.0
"""Acceleration with which a course bends, at most."""
SHARP_RAD = 1.0
"""A course that turns by more is not bent: the walker stops first."""
STOPPING_MPS2 = 2.5
ARRIVING_MPS = 0.3
"""Slower than this, who reaches the last waypoint stands; faster (without room to brake), he comes to rest beyond."""
STEP_UP_M = 0.25
"""Length over which the body rises or sinks at a kerb."""
STUMBLE_RADPS = 1.8
LIMP_S = 0.35
"""Time constant with which limbs that nobody holds sink to where gravity wants them."""


class Walker:
    """One walker. Holds no array that it writes into: a shallow copy stays as it is.

    Attributes:
        position_m: (2,) on the ground; speed_mps along its course.
        struck: hit by a vehicle, or fallen; the physics moves the body.
        idles: fidgets a little while it stands.
        orders: how often it was told where to go; a behaviour that was overruled by the story sees it here.
    """

    def __init__(self, entity: Entity, start: Array, road: RoadNetwork | None) -> None:
        assert entity.body.gait is not None
        self.name = entity.name
        self.entity = entity
        self.gait = entity.body.gait
        self.road = road
        self.position_m = start[:2, 3].copy()
        self.height_m = float(start[2, 3])
        self.yaw_rad = yaw_of(start)
        self.course_rad = self._facing_rad = self.yaw_rad
        self.speed_mps = 0.0
        self.travelled_m = 0.0
        self.struck = False
        self.idles = False
        self.orders = 0
        self.footwork = Footwork.standing(self.gait, self._spot(), self._ground)
        self._fallen: Array | None = None
        self._path: tuple[Array, ...] = ()
        self._schedule: tuple[Array, Array] | None = None
        self._clock_s = 0.0
        self._wanted_mps = 0.0
        self._acceleration_mps2 = 2.0

    @property
    def arrived(self) -> bool:
        return not self._path and self._schedule is None

    @property
    def cycles(self) -> float:
        """Strides (two steps) taken so far."""
        return self.footwork.cycles

    def go(self, waypoints_m: Sequence[Array], speed_mps: float, acceleration_mps2: float) -> None:
        """Walks through the waypoints (2,) in turn, and stops at the last."""
        self._path = tuple(np.asarray(w, dtype=np.float64)[:2] for w in waypoints_m)
        self._schedule = None
        self.orders += 1
        self._wanted_mps = speed_mps
        self._acceleration_mps2 = acceleration_mps2

    def follow(self, times_s: Array, positions_m: Array) -> None:
        """Is at the positions (N, 2) at the times (N,), counted from now; straight between them."""
        self._path = ()
        self.orders += 1
        self._schedule = (np.asarray(times_s) + self._clock_s, np.asarray(positions_m, dtype=np.float64))

    def stop(self) -> None:
        self._path = ()
        self._schedule = None
        self.orders += 1

    def step(self, dt_s: float) -> None:
        self._clock_s += dt_s
        before = self.speed_mps
        if self._schedule is not None:
            self._keep_schedule(dt_s)
            wanted = self.speed_mps
        else:
            wanted = self._keep_path(dt_s)
        self.travelled_m += self.speed_mps * dt_s
        self._follow_ground(dt_s)
        motion = Motion(
            at=self._spot(),
            course_rad=self.course_rad,
            speed_mps=self.speed_mps,
            acceleration_mps2=(self.speed_mps - before) / dt_s if self._schedule is None else 0.0,
            wanted_mps=wanted,
            facing_rad=self._facing_rad,
            remaining_m=self._remaining_m(),
        )
        self.footwork = self.footwork.after(motion, self._ground, dt_s)

    def _remaining_m(self) -> float:
        if len(self._path) == 1:
            return math.hypot(*(self._path[0] - self.position_m))
        return math.inf

    def _keep_path(self, dt_s: float) -> float:
        """Moves the body by one step; returns the speed it wants to have."""
        wanted, gain, gap = 0.0, self._acceleration_mps2, 0.0
        if self._path:
            ahead = self._path[0] - self.position_m
            gap = math.hypot(*ahead)
            heading = math.atan2(ahead[1], ahead[0]) if gap > 1e-9 else self.course_rad
            bend = wrap_angle(heading - self.course_rad)
            wanted = self._wanted_mps
            if len(self._path) == 1:
                wanted = min(wanted, math.sqrt(2.0 * gain * max(0.0, gap - self.speed_mps * dt_s)))
            if self.speed_mps < 0.25 or gap < 0.5:
                self.course_rad = heading
            elif abs(bend) > SHARP_RAD:
                wanted, gain = 0.0, max(gain, STOPPING_MPS2)
            else:
                most = SIDEWAYS_MPS2 / self.speed_mps * dt_s
                self.course_rad += math.copysign(min(abs(bend), most), bend)
            self._turn_to(self.course_rad, dt_s)
        change = min(gain * dt_s, abs(wanted - self.speed_mps))
        self.speed_mps += math.copysign(change, wanted - self.speed_mps)
        travel = self.speed_mps * dt_s
        last = len(self._path) == 1
        if self._path and last and gap - travel < 3e-3:
            self.position_m = self._path[0].copy()
            self.speed_mps = min(self.speed_mps, gap / dt_s)
            if self.speed_mps < ARRIVING_MPS:
                self.speed_mps = 0.0
            self._path = ()
            return 0.0
        self.position_m = self.position_m + travel * np.array([math.cos(self.course_rad), math.sin(self.course_rad)])
        if self._path and not last and gap - travel < 0.05 + 0.12 * self.speed_mps:
            self._path = self._path[1:]
        return wanted

    def _keep_schedule(self, dt_s: float) -> None:
        assert self._schedule is not None
        times, positions = self._schedule
        there = np.array([np.interp(self._clock_s, times, positions[:, k]) for k in (0, 1)])
        step = there - self.position_m
        gap = math.hypot(*step)
        self.speed_mps = gap / dt_s
        if gap > 1e-6:
            self.course_rad = math.atan2(step[1], step[0])
            self._turn_to(self.course_rad, dt_s)
        self.position_m = there
        if self._clock_s >= times[-1]:
            self._schedule = None

    def face(self, yaw_rad: float, dt_s: float) -> None:
        """Turns on the spot, as far as one step of time allows."""
        self._turn_to(yaw_rad, dt_s)

    def _turn_to(self, yaw_rad: float, dt_s: float) -> None:
        self._facing_rad = yaw_rad
        turn = wrap_angle(yaw_rad - self.yaw_rad)
        turn = math.copysign(min(abs(turn), TURN_RATE_RADPS * dt_s), turn)
        for foot in self.footwork.feet:
            # No hip turns further against a foot that stands: the body waits for the next step.
            twist = wrap_angle(self.yaw_rad - foot.spot[3])
            if foot.stands and twist * turn > 0.0:
                turn = math.copysign(min(abs(turn), max(0.0, TWIST_RAD - abs(twist))), turn)
        self.yaw_rad = wrap_angle(self.yaw_rad + turn)

    def joints(self) -> Array:
        """(J,) as it stands now."""
        if self._fallen is not None:
            return self._fallen
        frame = self._spot()
        seen = [foot.seen_from(frame) for foot in self.footwork.feet]
        joints = self.gait.on_feet(seen, self.footwork.cycles, self.speed_mps, self.travelled_m)
        if self.idles and self.speed_mps == 0.0:
            # Whoever stands beside another does not breathe in step with him.
            joints = self.gait.fidget(joints, self._clock_s + 7.0 * math.sin(float(self.position_m.sum())))
        return joints

    def _xy(self) -> tuple[float, float]:
        return float(self.position_m[0]), float(self.position_m[1])

    def _spot(self) -> Spot:
        return (*self._xy(), self.height_m, self.yaw_rad)

    def _ground_of_road(self, x_m: float, y_m: float) -> float:
        return 0.0 if self.road is None else self.road.ground_at((x_m, y_m))[0]

    def _ground(self, x_m: float, y_m: float) -> float:
        """Height of the ground that a foot finds; without a road, the level of the body."""
        return self.height_m if self.road is None else self._ground_of_road(x_m, y_m)

    def _follow_ground(self, dt_s: float) -> None:
        if self.road is None:
            return
        ground = self._ground_of_road(*self._xy())
        slope = 0.5 * max(self.speed_mps, 0.3) / STEP_UP_M * dt_s
        self.height_m += min(slope, max(-slope, ground - self.height_m))

    def pose(self) -> Array:
        """world_from_body (4, 4)."""
        return planar_pose(self.position_m[0], self.position_m[1], self.yaw_rad, self.height_m)

    def linear_velocity(self) -> Array:
        return self.speed_mps * np.array([math.cos(self.course_rad), math.sin(self.course_rad), 0.0])

    def stumble(self) -> tuple[Array, Array]:
        """Lets itself fall, people forwards and animals to their side; the velocity and spin, (3,) each in the world,
        with which the physics takes over."""
        axis = np.array([0.0, 1.0, 0.0]) if len(self.gait.feet) < 4 else np.array([1.0, 0.0, 0.0])
        spin = STUMBLE_RADPS * self.pose()[:3, :3] @ axis
        # It turns about its feet.
        velocity = 0.7 * self.linear_velocity() + np.cross(spin, (0.0, 0.0, self.entity.body.box_center_m[2]))
        self.struck = True
        self.stop()
        return velocity, spin

    def fall(self, dt_s: float, world_from_body: Array) -> None:
        """Lets all limbs go limp: they sink the way gravity pulls them in the body as it lies now."""
        down = -world_from_body[2, :3]
        share = 1.0 - math.exp(-dt_s / LIMP_S)
        joints = self.joints()
        self._fallen = joints + share * (self.gait.limp(down) - joints)
