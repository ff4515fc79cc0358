"""Someone on legs: follows a path with a gait until struck; from then on the body is the physics'."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from simgen.core.geometry import Array, planar_pose, wrap_angle, yaw_of
from simgen.scene.body import Gait
from simgen.scene.footing import Spot, turn_between
from simgen.scene.lying import GIVES_M, at_rest, lowest_m, lowest_shape_m
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Entity
from simgen.simulation.footwork import Footwork, Motion
from simgen.simulation.passage import Passage, Place, passage
from simgen.simulation.walls import Walls

TURN_RATE_RADPS = 5.0
TWIST_RAD = 0.78
SIDEWAYS_MPS2 = 4.0
"""Acceleration with which a course bends, at most."""
SHARP_RAD = 1.0
"""A course that turns by more is not bent: the walker stops first."""
STOPPING_MPS2 = 2.5
THERE_M = 3e-3
"""Nearer than this one is there; who stops gently nearer still, or he would stop with a jerk."""
ARRIVING_MPS = 0.3
"""Slower than this, who reaches the last waypoint stands; faster (without room to brake), he comes to rest beyond."""
STRAIGHT_RAD = 1e-6
"""A course that is off its goal by less is not corrected: one millimetre to the side after a kilometre."""
LOOKS_M = 0.3
"""So far ahead lies, at a standstill, what somebody aims at who goes round something."""
NEARLY_M = 1.0
"""From so far on it will not change its mind about how to get round something."""
REHEARSED_S = 1.0 / 60.0
"""Step of time with which a way is walked beforehand: that of the control ticks."""
KERB_M = 0.12
STEP_UP_M = 0.45
"""Way on which the body rises or sinks at a kerb of KERB_M: while the second foot swings."""
STUMBLE_RADPS = 1.8
LIMP_S = 0.10
"""Time constant with which limbs that nobody holds sink to where gravity wants them."""


class Goal(NamedTuple):
    """A place to go to.

    Attributes:
        left_m: the way from there to where one stops, in a straight line but for what is gone round; without end where
            one goes on to places beyond.
        aside: one of many that lead round something.
    """

    x_m: float
    y_m: float
    left_m: float = math.inf
    aside: bool = False


class Rehearsed(NamedTuple):
    """When somebody will be beside a place of a straight line, and how far from it (2,), in the world."""

    time_s: float
    aside_m: Array


class Posture(NamedTuple):
    """How somebody holds his limbs at an instant; the joints, which few instants need, are worked out when asked."""

    gait: Gait
    footwork: Footwork
    at: Spot
    speed_mps: float
    travelled_m: float
    idle_s: float | None
    fallen: Array | None

    def joints(self) -> Array:
        """(J,)."""
        if self.fallen is not None:
            return self.fallen
        seen = [foot.seen_from(self.at) for foot in self.footwork.feet]
        joints = self.gait.on_feet(seen, self.footwork.cycles, self.speed_mps, self.travelled_m)
        return joints if self.idle_s is None else self.gait.fidget(joints, self.idle_s)


class Walker:
    """One walker.

    Attributes:
        x_m, y_m: on the ground; height_m above the world's zero; speed_mps along its course.
        struck: hit by a vehicle, or fallen; the physics moves the body.
        idles: fidgets a little while it stands.
        orders: how often it was told where to go; a behaviour that was overruled by the story sees it here.
        blocked_by: name of what it stops before on its way, or "".
    """

    def __init__(self, entity: Entity, start: Array, road: RoadNetwork | None, walls: Walls | None = None) -> None:
        assert entity.body.gait is not None
        self.name = entity.name
        self.entity = entity
        self.gait: Gait = entity.body.gait
        self.road = road
        self.blocked_by = ""
        self._walls = walls
        self.x_m, self.y_m, self.height_m = start[:3, 3].tolist()
        self.yaw_rad = yaw_of(start)
        self.course_rad = self._facing_rad = self.yaw_rad
        self.speed_mps = 0.0
        self.travelled_m = 0.0
        self.struck = False
        self.idles = False
        self.orders = 0
        self.footwork = Footwork.standing(self.gait, self._spot(), self._ground)
        self._fallen: Array | None = None
        self._rest: dict[bool, Array] = {}
        self._raised_m: float | None = None
        self._path: tuple[Goal, ...] = ()
        self._foreseen: tuple[tuple[float, ...], Rehearsed | None] = ((), None)
        self._schedule: tuple[Array, Array] | None = None
        self._clock_s = 0.0
        self._wanted_mps = 0.0
        self._acceleration_mps2 = 2.0
        self._last = (0.0,) * 5
        self._rests = False

    @property
    def position_m(self) -> Array:
        """(2,) on the ground."""
        return np.array((self.x_m, self.y_m))

    @property
    def arrived(self) -> bool:
        return self.halted and not self.blocked_by

    @property
    def halted(self) -> bool:
        """Whether it goes nowhere: it has arrived, was told to stop, or stands before a wall."""
        return not self._path and self._schedule is None

    @property
    def cycles(self) -> float:
        """Strides (two steps) taken so far."""
        return self.footwork.cycles

    @property
    def sidesteps(self) -> bool:
        """Whether it is going round something, or about to."""
        if not self._path or not self._path[0].aside:
            return False
        return math.dist(self._path[0][:2], (self.x_m, self.y_m)) < NEARLY_M

    def go(self, waypoints_m: Sequence[ArrayLike], speed_mps: float, acceleration_mps2: float) -> None:
        """Walks through the waypoints (2,) in turn, and stops at the last, or before a wall; round what else stands in
        the way where there is room."""
        way = [(float(x), float(y)) for x, y in (np.asarray(w)[:2] for w in waypoints_m)]
        found = self._passage(way, speed_mps)
        self.blocked_by = found.blocked_by
        path: list[Goal] = []
        left = 0.0
        onto_last = math.ceil(found.places[-1].leg) - 1.0 if found.places else 0.0
        for place in reversed(found.places):
            here = left if place.leg > onto_last else math.inf
            if path and here < math.inf:
                left = here = left + math.hypot(path[-1].x_m - place.x_m, path[-1].y_m - place.y_m)
            path.append(Goal(place.x_m, place.y_m, here, place.aside))
        self._path = tuple(reversed(path))
        self._schedule = None
        self.orders += 1
        self._wanted_mps = speed_mps
        self._acceleration_mps2 = acceleration_mps2

    def hurry(self, speed_mps: float) -> None:
        """Goes on along its way at another speed."""
        self._wanted_mps = speed_mps

    def follow(self, times_s: Array, positions_m: Array) -> None:
        """Is at the positions (N, 2) at the times (N,), counted from now; straight between them, beside the line at the
        same times where it goes round something, and no further than to what it stops before."""
        times, positions = np.asarray(times_s) + self._clock_s, np.asarray(positions_m, dtype=np.float64)
        long = float(np.hypot(*np.diff(positions, axis=0).T).sum())
        found = self._passage([(x, y) for x, y in positions.tolist()], long / float(times[-1] - times[0]))
        self.blocked_by = found.blocked_by
        self._path = ()
        self.orders += 1
        # The first leg leads to the first position.
        legs = np.maximum([place.leg for place in found.places] or [0.0], 0.0)
        at = np.array([place[:2] for place in found.places] or positions[:1])
        self._schedule = (np.interp(legs, np.arange(len(times), dtype=np.float64), times), at)

    def rehearsed(
        self, goal_m: ArrayLike, distance_m: float, speed_mps: float, acceleration_mps2: float
    ) -> Rehearsed | None:
        """How it gets to the place that lies so far on the straight line to a goal (2,), if it sets out now and goes
        round something before that: found by walking there beforehand. None where the way is straight."""
        x, y = (float(v) for v in np.asarray(goal_m)[:2])
        # To the millimetre, so that it is not walked anew at each tick of somebody else's drive
        way = (round(x, 3), round(y, 3), round(distance_m, 3), speed_mps, acceleration_mps2)
        asked = (self.x_m, self.y_m, *way)
        if self._foreseen[0] != asked:
            self._foreseen = (asked, self._rehearse(*way))
        return self._foreseen[1]

    def _rehearse(
        self, x_m: float, y_m: float, distance_m: float, speed_mps: float, acceleration_mps2: float
    ) -> Rehearsed | None:
        double = copy.copy(self)
        double.go([(x_m, y_m)], speed_mps, acceleration_mps2)
        long = math.hypot(x_m - self.x_m, y_m - self.y_m)
        if not any(goal.aside for goal in double._path) or long < distance_m:
            return None
        c, s = (x_m - self.x_m) / long, (y_m - self.y_m) / long
        time_s = gone = before = 0.0
        while gone < distance_m and not double.halted:
            before = gone
            double._keep_path(REHEARSED_S)
            time_s += REHEARSED_S
            gone = c * (double.x_m - self.x_m) + s * (double.y_m - self.y_m)
        if gone < distance_m:
            return None
        left = c * (double.y_m - self.y_m) - s * (double.x_m - self.x_m)
        return Rehearsed(
            time_s - REHEARSED_S * (gone - distance_m) / max(gone - before, 1e-9), np.array((-s * left, c * left))
        )

    def _passage(self, way: Sequence[tuple[float, float]], speed_mps: float) -> Passage:
        here = (self.x_m, self.y_m)
        if self._walls is None:
            return Passage(tuple(Place(x, y, float(leg)) for leg, (x, y) in enumerate(way)))
        return passage(self._walls, self.entity.body, self.height_m, here, way, speed_mps, self.road)

    def stop(self) -> None:
        self._path = ()
        self._schedule = None
        self.blocked_by = ""
        self.orders += 1

    def step(self, dt_s: float) -> None:
        self._clock_s += dt_s
        before = self.speed_mps
        gain = 0.0
        if self._schedule is not None:
            self._keep_schedule(dt_s)
            wanted = self.speed_mps
        else:
            wanted = self._keep_path(dt_s)
            gain = (self.speed_mps - before) / dt_s
        self.travelled_m += self.speed_mps * dt_s
        self._follow_ground(dt_s)
        remaining = math.inf
        if self._path:
            x, y, left, _ = self._path[0]
            remaining = math.hypot(x - self.x_m, y - self.y_m) + left
        now = (self.course_rad, self.speed_mps, gain, self.yaw_rad, self._facing_rad)
        steady = gain == 0.0 and now == self._last
        self._last = now
        if steady and self.speed_mps == 0.0 and self._rests:
            return
        facing = self._facing_rad
        motion = Motion(self._spot(), self.course_rad, self.speed_mps, gain, wanted, facing, remaining, steady)
        feet = self.footwork
        self.footwork = feet.after(motion, self._ground, dt_s)
        self._rests = self.footwork is feet

    def _keep_path(self, dt_s: float) -> float:
        """Moves the body by one step; returns the speed it wants to have."""
        path, speed = self._path, self.speed_mps
        wanted, gain, gap, aside = 0.0, self._acceleration_mps2, 0.0, False
        last = len(path) == 1
        if path:
            to_x, to_y, left, aside = path[0]
            x, y = to_x - self.x_m, to_y - self.y_m
            gap = math.hypot(x, y)
            heading = math.atan2(y, x) if gap > 1e-9 else self.course_rad
            bend = turn_between(self.course_rad, heading)
            if -STRAIGHT_RAD < bend < STRAIGHT_RAD:
                heading, bend = self.course_rad, 0.0
            wanted = self._wanted_mps
            if left < math.inf:
                wanted = min(wanted, math.sqrt(2.0 * gain * max(0.0, gap + left - speed * dt_s)))
            if speed < 0.25 or (gap < 0.5 and not aside):
                self.course_rad = heading
            elif abs(bend) > SHARP_RAD:
                wanted, gain = 0.0, max(gain, STOPPING_MPS2)
            else:
                # What leads round something bends as gently as there is room for
                most = math.inf if aside else SIDEWAYS_MPS2 / speed * dt_s
                self.course_rad += max(-most, min(most, bend))
            self._turn_to(self.course_rad, dt_s)
        most = gain * dt_s
        self.speed_mps = speed = speed + max(-most, min(most, wanted - speed))
        travel = speed * dt_s
        if last and gap - travel < min(THERE_M, gain * dt_s * dt_s):
            self.x_m, self.y_m = path[0][:2]
            self.speed_mps = min(speed, gap / dt_s)
            if self.speed_mps < ARRIVING_MPS:
                self.speed_mps = 0.0
            self._path = ()
            return 0.0
        self.x_m += travel * math.cos(self.course_rad)
        self.y_m += travel * math.sin(self.course_rad)
        reach = (LOOKS_M if aside else 0.05) + 0.12 * speed
        if path and not last and gap - travel < reach:
            path = path[1:]
            while (
                len(path) > 1 and path[0].aside and math.hypot(path[0].x_m - self.x_m, path[0].y_m - self.y_m) < reach
            ):
                path = path[1:]
            self._path = path
        return wanted

    def _keep_schedule(self, dt_s: float) -> None:
        assert self._schedule is not None
        times, positions = self._schedule
        there_x, there_y = (float(np.interp(self._clock_s, times, positions[:, k])) for k in (0, 1))
        x, y = there_x - self.x_m, there_y - self.y_m
        gap = math.hypot(x, y)
        self.speed_mps = gap / dt_s
        if gap > 1e-6:
            self.course_rad = math.atan2(y, x)
            self._turn_to(self.course_rad, dt_s)
        self.x_m, self.y_m = there_x, there_y
        if self._clock_s >= times[-1]:
            self._schedule = None
            if self.blocked_by:
                self.speed_mps = 0.0

    def face(self, yaw_rad: float, dt_s: float) -> None:
        """Turns on the spot, as far as one step of time allows."""
        self._turn_to(yaw_rad, dt_s)

    def _turn_to(self, yaw_rad: float, dt_s: float) -> None:
        self._facing_rad = yaw_rad
        turn = turn_between(self.yaw_rad, yaw_rad)
        if turn == 0.0:
            return
        most = TURN_RATE_RADPS * dt_s
        turn = max(-most, min(most, turn))
        for foot in self.footwork.feet:
            # No hip turns further against a foot that stands: the body waits for the next step.
            if foot.swing < 0.0:
                twist = turn_between(foot.spot[3], self.yaw_rad)
                if twist * turn > 0.0:
                    turn = math.copysign(min(abs(turn), max(0.0, TWIST_RAD - abs(twist))), turn)
        self.yaw_rad = wrap_angle(self.yaw_rad + turn)

    def put(self, pose: Array) -> None:
        """Stands somewhere else, on both feet."""
        self.x_m, self.y_m, self.height_m = (float(v) for v in pose[:3, 3])
        self.yaw_rad = yaw_of(pose)
        self.speed_mps = 0.0
        self.footwork = Footwork.standing(self.gait, self._spot(), self._ground)

    def posture(self) -> Posture:
        """As it stands now; it stays so when the walker walks on."""
        # Whoever stands beside another does not breathe in step with him.
        idle_s = self._clock_s + 7.0 * math.sin(self.x_m + self.y_m) if self.idles and self.speed_mps == 0.0 else None
        return Posture(self.gait, self.footwork, self._spot(), self.speed_mps, self.travelled_m, idle_s, self._fallen)

    def joints(self) -> Array:
        """(J,) as it stands now."""
        return self.posture().joints()

    def state(self) -> tuple[float, float, float, float, float, float, float]:
        """x, y, z and yaw; velocity along x and y; strides taken: all in the world frame."""
        speed, course = self.speed_mps, self.course_rad
        return (
            *(self.x_m, self.y_m, self.height_m, self.yaw_rad),
            *(speed * math.cos(course), speed * math.sin(course)),
            self.footwork.cycles,
        )

    def _spot(self) -> Spot:
        return self.x_m, self.y_m, self.height_m, self.yaw_rad

    def _ground(self, x_m: float, y_m: float) -> float:
        """Height of the ground that a foot finds; without a road, the level of the body."""
        return self.height_m if self.road is None else self.road.ground_at(x_m, y_m)

    def _follow_ground(self, dt_s: float) -> None:
        if self.road is None:
            return
        missing = self.road.ground_at(self.x_m, self.y_m) - self.height_m
        if missing != 0.0:
            # Onto what is higher it gets in as many steps as it takes, and no slope leaves it behind
            most = max(abs(missing), KERB_M) / STEP_UP_M * max(self.speed_mps, 0.3) * dt_s
            self.height_m += max(-most, min(most, missing))

    def pose(self) -> Array:
        """world_from_body (4, 4)."""
        return planar_pose(self.x_m, self.y_m, self.yaw_rad, self.height_m)

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
        limp = self.gait.limp(down)
        target = limp
        for side in (1.0, -1.0):
            share = max(0.0, side * float(down[0])) ** 6
            if share > 0.0:
                target = target + share * (self._at_rest(prone=side > 0.0) - limp)
        share = 1.0 - math.exp(-dt_s / LIMP_S)
        joints = self.joints()
        self._fallen = joints + share * (target - joints)
        if self._raised_m is not None:
            self._raised_m *= 1.0 - share

    def _at_rest(self, *, prone: bool) -> Array:
        """(J,) of the body on its front or on its back."""
        if prone not in self._rest:
            down = np.array((1.0 if prone else -1.0, 0.0, 0.0))
            lying = self.gait.lying(prone=prone)
            sinks = lying if lying is not None and lying.limbs else None
            self._rest[prone] = self.gait.limp(down) if sinks is None else at_rest(self.entity.body, sinks, down)
        return self._rest[prone]

    def lowered(self, world_from_body: Array) -> Array:
        """world_from_body (4, 4) of the figure, which bends, where the physics has the shapes, which do not: its lowest
        point is as high as theirs, and from where it stood it gets there by and by."""
        lying = self.gait.lying(prone=True)
        if lying is None:
            return world_from_body
        body = self.entity.body
        lowest = lowest_m(body, self.joints(), lying.flesh, world_from_body)
        sunk_m = lowest - lowest_shape_m(body.collision, world_from_body) + GIVES_M
        if self._raised_m is None:
            self._raised_m = sunk_m
        lowered = world_from_body.copy()
        lowered[2, 3] -= sunk_m - self._raised_m
        return lowered
