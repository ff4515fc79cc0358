"""Leaves of doors: whoever opens one swings it evenly; what runs into it turns it on its hinges, or bends it round.
Drop sides of load beds: once unlocked they fall open."""

from __future__ import annotations

import math
import struct

import numpy as np

from simgen.core.geometry import Array
from simgen.scene.body import Door, Gate
from simgen.scene.boxes import box_outlines
from simgen.scene.gates import HANGING_RAD
from simgen.scene.situation import Protrusion
from simgen.simulation.physics import GRAVITY_MPS2, STEP_S, Physics
from simgen.simulation.vehicle import Vehicle

HOLD_NM = 30.0
"""Friction of hinges and check strap, which keeps a door where it was left."""
STOP_RAD = math.radians(70.0)
"""Where the check strap ends the way of a door."""
BENDS_NM = 1000.0
"""Torque about the hinges beyond that stop at which sheet metal gives way, by order of magnitude."""
FOLDED_RAD = math.radians(165.0)
"""A door bent round as far as this lies on the fender."""
STRUCK_RADPS = 1e-3
UNLOCKED_RADPS = 1.0
"""How fast a drop side begins to fall, as its load leans on it."""
_STATE = struct.Struct("2d")


class Leaf:
    """One door of one vehicle.

    Attributes:
        name: of its body in the physics.
        angle_rad, rate_radps: how far it is open, and how fast it opens; open_s: for how long it has not been shut.
        joint: index of its angle in Snapshot.joints.
    """

    def __init__(self, door: Door, vehicle: Vehicle, physics: Physics) -> None:
        self.door = door
        self.vehicle = vehicle
        self.name = f"{vehicle.name}/{door.name}"
        self.joint = vehicle.entity.first_joint + vehicle.entity.body.joints.index(door.joint)
        self.angle_rad = 0.0
        self.rate_radps = 0.0
        self.open_s = 0.0
        self._physics = physics
        self._placed = False
        self._swing: tuple[float, float, float, float] | None = None
        # About the hinge: a slender rod about its end
        self._inertia_kg_m2 = door.mass_kg * door.length_m**2 / 3.0
        physics.add_leaf(self.name, door, vehicle.name)

    def swing(self, angle_rad: float, over_s: float) -> None:
        """Somebody moves it to this angle within this time, and lets go of it when something strikes it."""
        self._swing = (self.angle_rad, angle_rad - self.angle_rad, over_s, 0.0)

    @property
    def swinging(self) -> bool:
        """Whether somebody moves it."""
        return self._swing is not None

    def stands_out(self, entity: int) -> Protrusion | None:
        """What others see of it, of the entity of this index; None while it is shut."""
        if self.angle_rad == 0.0:
            return None
        return Protrusion(entity=entity, outlines_m=box_outlines(self._pose(), self.door.collision), out_s=self.open_s)

    def step(self, dt_s: float) -> None:
        """Advances by one step."""
        self._turn(dt_s)
        self.open_s = self.open_s + dt_s if self.angle_rad > 0.0 else 0.0

    def _turn(self, dt_s: float) -> None:
        if self._swing is not None:
            start, way, over_s, time_s = self._swing
            time_s += dt_s
            t = min(1.0, time_s / over_s)
            angle = start + way * t * t * (3.0 - 2.0 * t)
            self.rate_radps = (angle - self.angle_rad) / dt_s if t < 1.0 else 0.0
            self.angle_rad = angle
            self._swing = (start, way, over_s, time_s) if t < 1.0 else None
            return
        if self.rate_radps == 0.0:
            return
        bent = self.angle_rad > STOP_RAD and self.rate_radps > 0.0
        slowed = (BENDS_NM if bent else HOLD_NM) / self._inertia_kg_m2 * dt_s
        self.rate_radps = math.copysign(max(0.0, abs(self.rate_radps) - slowed), self.rate_radps)
        angle = self.angle_rad + self.rate_radps * dt_s
        self.angle_rad = min(FOLDED_RAD, max(0.0, angle))
        if self.angle_rad != angle:
            self.rate_radps = 0.0

    def place(self, *, within_reach: bool) -> None:
        """Tells the physics where it is, as long as it is open and somebody may touch it."""
        self._placed = within_reach and (self.angle_rad > 0.0 or self.swinging)
        if not self._placed:
            self._physics.set_aside(self.name)
            return
        pose, (linear, spin) = self._pose(), self._velocity()
        self._physics.place(self.name, pose, linear, spin)

    def pushed(self) -> bool:
        """Takes the turn about its hinges that contacts gave it in the last step of the physics. Returns whether there
        was one."""
        if not self._placed:
            return False
        linear, spin = self._physics.velocity(self.name)
        was_linear, was_spin = self._velocity()
        arm = self._pose()[:3, :3] @ self.door.middle_m
        about_middle = self.door.mass_kg * self.door.length_m**2 / 12.0
        turn = self.door.mass_kg * np.cross(arm, linear - was_linear)[2] + about_middle * (spin - was_spin)[2]
        change = -self.door.side * float(turn) / self._inertia_kg_m2
        if abs(change) <= STRUCK_RADPS:
            return False
        self.rate_radps += change
        self._swing = None
        return True

    def state(self) -> bytes:
        return _STATE.pack(self.angle_rad, self.rate_radps)

    def _pose(self) -> Array:
        """world_from_leaf (4, 4)."""
        pose: Array = self.vehicle.pose() @ self.door.body_from_leaf(self.angle_rad)
        return pose

    def _velocity(self) -> tuple[Array, Array]:
        """Of its centre of gravity, and its rate of turn, (3,) each, world frame."""
        pose, vehicle = self._pose(), self.vehicle
        spin = vehicle.angular_velocity()
        turn = spin - self.door.side * self.rate_radps * pose[:3, 2]
        arm = pose[:3, :3] @ self.door.middle_m
        hinge = vehicle.linear_velocity() + np.cross(spin, pose[:3, 3] - vehicle.pose()[:3, 3])
        return hinge + np.cross(turn, arm), turn


class DropSide:
    """A drop side of a load bed that has come unlocked, and falls open.

    Attributes:
        angle_rad, rate_radps: 0 when it stands, pi when it hangs; how fast it falls.
        joint: index of its angle in Snapshot.joints.
    """

    def __init__(self, gate: Gate, joint: int) -> None:
        self.gate = gate
        self.joint = joint
        self.angle_rad = 0.0
        self.rate_radps = UNLOCKED_RADPS
        # A thin board about its edge: m g L / 2 over m L² / 3
        self._pull_per_s2 = 1.5 * GRAVITY_MPS2 / gate.height_m

    def step(self, dt_s: float) -> None:
        """Advances by a time; where it hangs, it stays."""
        for _ in range(round(dt_s / STEP_S)):
            if self.angle_rad >= HANGING_RAD:
                break
            self.rate_radps += self._pull_per_s2 * math.sin(self.angle_rad) * STEP_S
            self.angle_rad += self.rate_radps * STEP_S
            if self.angle_rad >= HANGING_RAD:
                self.angle_rad, self.rate_radps = HANGING_RAD, 0.0

    @property
    def clear(self) -> bool:
        """Whether it is out of the way of what slides off the bed: level, or lower."""
        return self.angle_rad >= 0.5 * math.pi

    def state(self) -> bytes:
        return _STATE.pack(self.angle_rad, self.rate_radps)
