"""A robot: an articulated body of the physics, driven through its joints by position or torque control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from simgen.core.errors import SimgenError
from simgen.core.geometry import Array, inverse, pose, quaternion_from_matrix
from simgen.core.seeds import Key
from simgen.scene import urdf
from simgen.scene.body import Hand
from simgen.scene.scene import Entity

if TYPE_CHECKING:
    # actions and behaviours import this module, and what YAML can name loads without the physics
    from simgen.simulation.physics import Physics

TICK_S, STEP_S = 1.0 / 60.0, 1.0 / 240.0
"""Control tick: how often targets change."""
STEPS_PER_TARGET = round(TICK_S / STEP_S)
"""Steps in which the arm is led to new targets: else the hand would start afresh at every tick, at first twice as fast
as at its end."""

# Share of the joint error that a motor takes away within one step; at 240 Hz a time constant of 1/36 s.
ARM_GAIN, FINGER_GAIN = 0.15, 0.10
FINGER_SPEED_MPS = 0.15
# Error of a joint at which its motor gives all it can: friction that a motor has to overcome leaves it short of its
# target by its share of that, on the side that it comes from (Prandtl's play).
YIELD_RAD, YIELD_M = 0.1, 0.01
STILL_RADPS = 0.02
"""Below this a joint under torque control sticks rather than slides."""
CLOSING_TICKS, OPENING_TICKS = 30, 18
"""Time that the fingers are given to close on a thing, and to open."""

# The two fingers of a parallel gripper run on one spindle. Bullet's two motors do not know of each other, so that the
# finger that lags gets more force and the one that leads gets less, by the difference of their travel.
SPINDLE_N_PER_M = 4000.0

# Pads: rubber on cardboard, tin and glazed ware. Bullet multiplies the coefficients of the two bodies.
PAD_FRICTION, PAD_SPINNING_FRICTION = 1.6, 0.02

# Damped least squares (Wampler 1986): error below which a pose counts as reached, and the damping.
REACHED_M, REACHED_RAD, DAMPING = 2e-4, 2e-3, 0.02
NULL_SPACE_GAIN = 0.04
RESTARTS = 24


class Unreachable(SimgenError):
    """A pose that the arm cannot bring its hand to."""


class Robot:
    """One robot. Joints are in the order of the body's ``joints``.

    Attributes:
        targets: (J,) rad or m, what position control holds.
        grip_share, pad_share: what is left of the grip force and of the pads' friction; 1 is all of it.
        torque_share, speed_share: (J,) what is left of each joint's torque and top speed.
        torques: (J,) N m or N of the joints under torque control; NaN for those under position control.
        pace: share of the planned speed at which motions go on; 0 holds them where they are.
    """

    def __init__(self, entity: Entity, physics: Physics) -> None:
        assert entity.body.urdf is not None
        self.name = entity.name
        self.entity = entity
        self.physics = physics
        self.model = urdf.load(entity.body.urdf)
        self.rest = np.array(entity.body.joint_rest, dtype=np.float64)
        self.targets = self.rest.copy()
        self.grip_share = 1.0
        self.torque_share = np.ones(len(self.rest))
        self.speed_share = np.ones(len(self.rest))
        self.torques = np.full(len(self.rest), np.nan)
        self.pace = 1.0
        names = list(entity.body.joints)
        self._lower = np.array([j.lower for j in self.model.movable])
        self._upper = np.array([j.upper for j in self.model.movable])
        self._effort = np.array([j.max_effort for j in self.model.movable])
        self._speed = np.array([j.max_velocity for j in self.model.movable])
        self._friction = entity.body.joint_friction
        self._gain = entity.body.motor_gain
        widest = np.array([YIELD_M if j.kind == "prismatic" else YIELD_RAD for j in self.model.movable])
        self._play = self._friction / self._gain * widest
        self._asked = self.rest.copy()
        self._aim = self.rest.copy()
        self._steps_left = 0
        self._held = self.rest.copy()
        self._before = self.rest.copy()
        hand = entity.body.hand
        self._fingers = [] if hand is None else [names.index(joint) for joint, _ in hand.fingers]
        self._arm = [i for i in range(len(names)) if i not in self._fingers]
        self.pad_share = 1.0
        self._applied_pad_share = -1.0

    @property
    def hand(self) -> Hand:
        """Raises SimgenError for a robot without a gripper."""
        if self.entity.body.hand is None:
            raise SimgenError(f"'{self.name}' has no hand", where=f"actors.{self.name}")
        return self.entity.body.hand

    # Control

    def step(self) -> None:
        """Commands the joints for the next physics step."""
        names = self.entity.body.joints
        free = not np.isnan(self.torques).all()
        now = self.joints() if free and self._friction > 0.0 else self._before
        if not np.array_equal(self.targets, self._asked):
            self._asked, self._steps_left = self.targets.copy(), STEPS_PER_TARGET
        if self._steps_left:
            self._aim = self._aim + (self._asked - self._aim) / self._steps_left
            self._steps_left -= 1
        aim = np.clip(self._aim, self._lower, self._upper)
        self._held = np.clip(self._held, aim - self._play, aim + self._play)
        for i in self._arm:
            if not np.isnan(self.torques[i]):
                limit = self._effort[i] * self.torque_share[i]
                torque = float(np.clip(self.torques[i], -limit, limit))
                rubbed = self._rubbed(torque, (now[i] - self._before[i]) / STEP_S, self._friction * self._effort[i])
                self.physics.apply_torque(self.name, names[i], rubbed)
                continue
            self.physics.drive_joint(
                self.name,
                names[i],
                float(self._held[i]),
                force=float(self._effort[i] * self.torque_share[i]),
                gain=ARM_GAIN * self._gain,
                max_velocity=float(self._speed[i] * self.speed_share[i]),
            )
        self._before = now
        if not self._fingers:
            return
        self._set_pads()
        travel = self.physics.joint_positions(self.name, [names[i] for i in self._fingers])
        mean = float(travel.mean())
        for i, position in zip(self._fingers, travel, strict=True):
            target = float(self.targets[i])
            lag = (position - mean) if target < mean else (mean - position)
            force = max(0.0, self.hand.force_n * self.grip_share + SPINDLE_N_PER_M * float(lag) * self.grip_share)
            self.physics.drive_joint(
                self.name, names[i], target, force=force, gain=FINGER_GAIN * self._gain, max_velocity=FINGER_SPEED_MPS
            )

    @staticmethod
    def _rubbed(torque: float, speed: float, friction: float) -> float:
        """What is left of a torque after Coulomb friction: a joint at rest sticks up to it, a moving one is slowed."""
        if abs(speed) < STILL_RADPS:
            return float(np.copysign(max(0.0, abs(torque) - friction), torque))
        return torque - float(np.copysign(friction, speed))

    def joints(self) -> Array:
        """(J,) positions now, rad or m."""
        return self.physics.joint_positions(self.name, self.entity.body.joints)

    def set_fingers(self, gap_m: float) -> None:
        """Drives both fingers towards a gap between them; on a thing they stop and press with the grip force."""
        half = float(np.clip(gap_m / 2, 0.0, self.hand.stroke_m / 2))
        self.targets[self._fingers] = half

    def _set_pads(self) -> None:
        if self.pad_share == self._applied_pad_share:
            return
        self._applied_pad_share = self.pad_share
        for _, link in self.hand.fingers:
            self.physics.set_link_dynamics(
                self.name,
                link,
                friction=PAD_FRICTION * self.pad_share,
                spinning_friction=PAD_SPINNING_FRICTION * self.pad_share,
                anchored=False,
            )

    # Where it is

    def gap_m(self) -> float:
        """Distance between the finger pads now."""
        names = self.entity.body.joints
        return float(self.physics.joint_positions(self.name, [names[i] for i in self._fingers]).sum())

    def tool(self) -> Array:
        """world_from_tool (4, 4) now."""
        return self.physics.link_pose(self.name, self.hand.tool_link)

    def grips(self, thing: str) -> bool:
        """Whether both fingers press on this thing."""
        return all(self.physics.link_contacts(self.name, link, thing) > 0.1 for _, link in self.hand.fingers)

    def commanded_tool(self) -> Array:
        """world_from_tool (4, 4) that the present targets amount to."""
        frames = self.model.forward(self.targets)
        return self.physics.pose(self.name) @ frames[self.hand.tool_link]

    # Inverse kinematics

    def solve(self, world_from_tool: Array, start: Array, iterations: int = 60) -> Array | None:
        """Joint positions (J,) near ``start`` that bring the tool to a pose, or None when it is out of reach.

        Damped least squares with the joint limits, and the null space drawn towards the rest pose.
        """
        wanted = inverse(self.physics.pose(self.name)) @ world_from_tool
        q = start.copy()
        arm = self._arm
        for _ in range(iterations):
            frames = self.model.forward(q)
            error = _twist(frames[self.hand.tool_link], wanted)
            if np.linalg.norm(error[:3]) < REACHED_M and np.linalg.norm(error[3:]) < REACHED_RAD:
                return q
            jacobian = self.model.jacobian(frames, self.hand.tool_link)[:, arm]
            # less damping close by, where it would only slow the last steps (Sugihara 2011)
            damping = DAMPING * (0.05 + 0.95 * min(1.0, float(np.linalg.norm(error)) / 0.1))
            damped = jacobian @ jacobian.T + damping**2 * np.eye(6)
            inverse_jacobian = jacobian.T @ np.linalg.inv(damped)
            idle = (NULL_SPACE_GAIN if len(arm) > 6 else 0.0) * (self.rest[arm] - q[arm])
            change = inverse_jacobian @ error + idle - inverse_jacobian @ (jacobian @ idle)
            q[arm] = np.clip(q[arm] + np.clip(change, -0.3, 0.3), self._lower[arm], self._upper[arm])
        return None

    def find(self, world_from_tool: Array) -> Array | None:
        """Joint positions (J,) that bring the tool to a pose, from wherever the arm stands; None when there are none.

        ``solve`` from the targets, from the rest pose and from postures drawn over the joints' ranges.
        """
        if (near := self.solve(world_from_tool, self.targets, iterations=120)) is not None:
            return near
        low, high = np.maximum(self._lower, -np.pi), np.minimum(self._upper, np.pi)
        for k in range(RESTARTS):
            start = self.rest.copy()
            if k > 0:
                share = Key(0, k, "robot.inverse_kinematics").generator().uniform(0.1, 0.9, len(start))
                start[self._arm] = (low + share * (high - low))[self._arm]
            if (found := self.solve(world_from_tool, start, iterations=120)) is not None:
                return found
        return None

    def payload(self, mass_kg: float) -> None:
        """Hangs a mass on the tool; a negative one takes it off again."""
        self.physics.load_link(self.name, self.hand.tool_link, mass_kg)

    def move_tool(self, world_from_tool: Array, speed_mps: float, turn_radps: float = 1.6) -> Iterator[None]:
        """Moves the tool along a straight line, one control tick per step, with a smooth start and end.

        Raises:
            Unreachable: a pose on the way is out of reach.
        """
        start = self.commanded_tool()
        twist = _twist(start, world_from_tool)
        distance, angle = float(np.linalg.norm(twist[:3])), float(np.linalg.norm(twist[3:]))
        # a quintic's top speed is 1.875 times its mean speed
        duration = 1.875 * max(distance / speed_mps, angle / turn_radps, TICK_S)
        for share in self._progress(duration):
            at = pose(start[:3, 3] + share * twist[:3], _rotation(share * twist[3:]) @ start[:3, :3])
            solution = self.solve(at, self.targets)
            if solution is None:
                x, y, z = world_from_tool[:3, 3]
                raise Unreachable(f"'{self.name}' cannot reach ({x:.2f}, {y:.2f}, {z:.2f}) m")
            self.targets[self._arm] = solution[self._arm]
            yield

    def move_joints(self, positions: Array, duration_s: float | None = None) -> Iterator[None]:
        """Moves the arm's joints to positions (J,), one control tick per step, all arriving together."""
        start = self.targets.copy()
        change = np.clip(positions, self._lower, self._upper) - start
        fastest = float(np.max(np.abs(change[self._arm]) / (0.5 * self._speed[self._arm])))
        duration = 1.875 * max(fastest, TICK_S) if duration_s is None else max(duration_s, TICK_S)
        for share in self._progress(duration):
            self.targets[self._arm] = start[self._arm] + share * change[self._arm]
            yield

    def wait(self, ticks: int) -> Iterator[None]:
        """Lets time pass, as long as the arm's pace lets it."""
        done = 0.0
        while done < ticks:
            done += self.pace
            yield

    def _progress(self, duration_s: float) -> Iterator[float]:
        """Shares of a motion done after each tick, with a smooth start and end (a quintic), at the arm's pace."""
        ticks = int(np.ceil(duration_s / TICK_S))
        done = 0.0
        while done < ticks:
            done = min(done + self.pace, ticks)
            s = done / ticks
            yield s**3 * (10.0 - 15.0 * s + 6.0 * s * s)


def _twist(start: Array, end: Array) -> Array:
    """(6,) translation and rotation vector from one pose to another, world axes."""
    q = quaternion_from_matrix(end[:3, :3] @ start[:3, :3].T)
    sine = float(np.linalg.norm(q[:3]))
    angle = 2.0 * np.arctan2(sine, q[3])
    turn = q[:3] / sine * angle if sine > 1e-12 else np.zeros(3)
    return np.concatenate([end[:3, 3] - start[:3, 3], turn])


def _rotation(vector: Array) -> Array:
    """(3, 3) of a rotation vector (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1.0 - np.cos(angle)) * (k @ k))
