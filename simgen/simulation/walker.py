"""Someone on legs: follows a path with a gait until struck; from then on the body is the physics'."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simgen.core.geometry import Array, planar_pose, wrap_angle, yaw_of
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Entity

TURN_RATE_RADPS = 6.0
STEP_UP_M = 0.25
"""Length over which the body rises or sinks at a kerb."""
LIMP_S = 0.35
LIMP = {
    "hip": 0.25,
    "knee": 0.55,
    "ankle": -0.25,
    "shoulder": 0.5,
    "shoulder_roll": 0.9,
    "elbow": 0.5,
    "neck_pitch": 0.3,
}
"""Where joints come to rest once nobody holds them, rad, by the end of their names; others go to their rest."""


class Walker:
    """One walker.

    Attributes:
        position_m: (2,) on the ground; speed_mps along the path.
        cycles: strides (two steps) taken so far.
        struck: hit by a vehicle; the physics moves the body.
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
        self.speed_mps = 0.0
        self.cycles = 0.0
        self.struck = False
        self._fallen: Array | None = None
        self._path: list[Array] = []
        self._wanted_mps = 0.0
        self._acceleration_mps2 = 2.0
        self._limp_s = 0.0
        rest = entity.body.joint_rest
        self._limp = np.array([_limp(name, q) for name, q in zip(entity.body.joints, rest, strict=True)])

    @property
    def arrived(self) -> bool:
        return not self._path

    def go(self, waypoints_m: Sequence[Array], speed_mps: float, acceleration_mps2: float) -> None:
        """Walks through the waypoints (2,) in turn, then stops."""
        self._path = [np.asarray(w, dtype=np.float64)[:2] for w in waypoints_m]
        self._wanted_mps = speed_mps
        self._acceleration_mps2 = acceleration_mps2

    def stop(self) -> None:
        self._path = []

    def step(self, dt_s: float) -> None:
        wanted = self._wanted_mps if self._path else 0.0
        change = min(self._acceleration_mps2 * dt_s, abs(wanted - self.speed_mps))
        self.speed_mps += math.copysign(change, wanted - self.speed_mps)
        if self._path:
            ahead = self._path[0] - self.position_m
            gap = float(np.linalg.norm(ahead))
            heading = math.atan2(ahead[1], ahead[0])
            turn = wrap_angle(heading - self.yaw_rad)
            self.yaw_rad += math.copysign(min(abs(turn), TURN_RATE_RADPS * dt_s), turn)
            travel = min(self.speed_mps * dt_s, gap)
            self.position_m = self.position_m + (ahead / gap * travel if gap > 0 else 0.0)
            self._stride(travel)
            if gap - travel < 1e-6:
                self._path.pop(0)
        elif self.speed_mps > 0:
            travel = self.speed_mps * dt_s
            self.position_m = self.position_m + travel * np.array([math.cos(self.yaw_rad), math.sin(self.yaw_rad)])
            self._stride(travel)
        self._follow_ground(dt_s)

    def joints(self) -> Array:
        """(J,) as it stands now."""
        if self._fallen is not None:
            return self._fallen
        return self.gait(self.cycles * self.gait.stride_m(self.speed_mps), self.speed_mps)

    def _stride(self, travel_m: float) -> None:
        """Counts strides rather than metres, so that feet stay put while the speed changes."""
        self.cycles += travel_m / self.gait.stride_m(self.speed_mps)

    def _follow_ground(self, dt_s: float) -> None:
        if self.road is None:
            return
        ground = self.road.height_at(*self.road.locate(self.position_m))
        slope = 0.5 * max(self.speed_mps, 0.3) / STEP_UP_M * dt_s
        self.height_m += min(slope, max(-slope, ground - self.height_m))

    def pose(self) -> Array:
        """world_from_body (4, 4)."""
        return planar_pose(self.position_m[0], self.position_m[1], self.yaw_rad, self.height_m)

    def linear_velocity(self) -> Array:
        return self.speed_mps * np.array([math.cos(self.yaw_rad), math.sin(self.yaw_rad), 0.0])

    def fall(self, dt_s: float) -> None:
        """Lets the limbs go limp after a strike."""
        if self._limp_s < LIMP_S:
            share = min(1.0, dt_s / (LIMP_S - self._limp_s))
            self._limp_s += dt_s
            joints = self.joints()
            self._fallen = joints + share * (self._limp - joints)


def _limp(joint: str, rest: float) -> float:
    for ending, angle in LIMP.items():
        if joint.endswith(ending):
            return angle
    return rest
