"""Rigid bodies by name on one pybullet client: the only module of the simulation that imports pybullet.

Every call names the client; time step, solver iterations and ERP are set explicitly, pair order is deterministic and
nothing sleeps, so that a run from the start is bit-exact (provenance.md).
"""

from __future__ import annotations

import hashlib
import math
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from simgen.core.errors import AssetError
from simgen.core.geometry import (
    Array,
    inverse,
    matrix_from_quaternion,
    pose,
    quaternion_from_matrix,
    quaternions_from_upright,
)
from simgen.core.native import quiet
from simgen.scene import urdf
from simgen.scene.body import Belt, Body, CollisionShape, Door
from simgen.scene.situation import Pair, pair

with quiet():
    import pybullet as p

STEP_S = 1.0 / 240.0
SOLVER_ITERATIONS = 60
ERP = 0.2
_NEVER_TILTS_KG_M2 = 1e9
_MOVES, _MEETS_ALL = 1, -1
"""Bullet's filter group of what has a mass, and a mask of all groups."""
_STATE = struct.Struct("13d")
GRAVITY_MPS2 = 9.81
BELT_MASS_KG, BELT_FORCE_N = 1000.0, 1e6
JOINED_FORCE_N = 5000.0
"""What a strap or a latch between two bodies holds."""


Placing: TypeAlias = "tuple[str, list[float], list[float], list[float], list[float]]"
"""Name, position and quaternion xyzw of Bullet's frame, linear and angular velocity: of a body that a model drives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handle:
    """A body in the client: its id and the fixed offset from the body frame to Bullet's inertial frame."""

    id: int
    offset_m: tuple[float, float, float]
    joints: Mapping[str, int]
    links: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicsFacts:
    """What determines the physics, for the FrameRecord."""

    engine: str
    api_version: int
    step_s: float
    solver_iterations: int
    erp: float


class Physics:
    """One world of rigid bodies. A context manager; never pickled."""

    def __init__(self) -> None:
        self._client = p.connect(p.DIRECT)
        self._handles: dict[str, _Handle] = {}
        self._names: dict[int, str] = {}
        self._aside: set[str] = set()
        self._surfaced: set[tuple[str, str]] = set()
        self._chain = hashlib.blake2b(digest_size=16).digest()
        self.steps = 0
        p.setGravity(0, 0, -GRAVITY_MPS2, physicsClientId=self._client)
        p.setPhysicsEngineParameter(
            fixedTimeStep=STEP_S,
            numSolverIterations=SOLVER_ITERATIONS,
            numSubSteps=0,
            erp=ERP,
            contactERP=ERP,
            frictionERP=ERP,
            deterministicOverlappingPairs=1,
            enableFileCaching=0,
            physicsClientId=self._client,
        )
        ground = p.createCollisionShape(p.GEOM_PLANE, planeNormal=[0, 0, 1], physicsClientId=self._client)
        ground_id = p.createMultiBody(0, ground, physicsClientId=self._client)
        p.changeDynamics(ground_id, -1, lateralFriction=1.0, restitution=0.5, physicsClientId=self._client)
        self._handles["ground"] = _Handle(id=ground_id, offset_m=(0, 0, 0), joints={}, links={})
        self._names[ground_id] = "ground"

    @staticmethod
    def facts() -> PhysicsFacts:
        return PhysicsFacts(
            engine="bullet3",
            api_version=int(p.getAPIVersion()),
            step_s=STEP_S,
            solver_iterations=SOLVER_ITERATIONS,
            erp=ERP,
        )

    def close(self) -> None:
        if self._client >= 0:
            p.disconnect(physicsClientId=self._client)
            self._client = -1

    # Bodies

    def add(self, name: str, body: Body, world_from_body: Array, *, aloof: bool = False) -> None:
        """Adds a body with its collision shapes; a fixed one has no mass. Bodies without shapes are left out.

        Args:
            aloof: of Bullet's older kind, for what is fixed and seldom touched: it costs next to nothing at each step.
                What touches it is solved by another path, which may round otherwise.
        """
        if body.urdf is not None:
            self._add_urdf(name, body, world_from_body)
            return
        if body.belt is not None:
            self._add_conveyor(name, body, body.belt, world_from_body)
            return
        if not body.collision:
            return
        offset = (0.0, 0.0, 0.0) if body.fixed else body.box_center_m
        if body.vehicle is not None and not body.fixed:
            offset = (body.vehicle.center_of_gravity_m, 0.0, body.box_center_m[2])
        shape = self._shape(body.collision, offset)
        id = p.createMultiBody(
            baseMass=0.0 if body.fixed else body.mass_kg,
            baseCollisionShapeIndex=shape,
            basePosition=list(world_from_body[:3, :3] @ offset + world_from_body[:3, 3]),
            baseOrientation=list(quaternion_from_matrix(world_from_body)),
            useMaximalCoordinates=int(aloof),
            physicsClientId=self._client,
        )
        p.changeDynamics(
            id,
            -1,
            lateralFriction=body.friction,
            restitution=body.restitution,
            rollingFriction=body.rolling_friction,
            spinningFriction=body.rolling_friction,
            linearDamping=0.0,
            angularDamping=0.0,
            physicsClientId=self._client,
        )
        self._handles[name] = _Handle(id=id, offset_m=offset, joints={}, links={})
        self._names[id] = name

    def put_on_wheels(self, name: str, yaw_inertia_kg_m2: float, grounds: Iterable[str]) -> None:
        """Lets a vehicle move in the plane of its wheels only: contacts turn it about its upright axis and tilt it
        never, and it touches none of the bodies that make up the ground."""
        id = self._handles[name].id
        upright = [_NEVER_TILTS_KG_M2, _NEVER_TILTS_KG_M2, yaw_inertia_kg_m2]
        p.changeDynamics(id, -1, localInertiaDiagonal=upright, physicsClientId=self._client)
        for ground in grounds:
            if ground in self._handles:
                other = self._handles[ground].id
                p.setCollisionFilterPair(id, other, -1, -1, 0, physicsClientId=self._client)

    def add_leaf(self, name: str, door: Door, owner: str) -> None:
        """Adds the leaf of a door of a body: what touches it touches its owner, and it never touches that itself. It
        touches nothing until it is placed, and turns about upright axes only."""
        shape = self._shape(door.collision, door.middle_m)
        id = p.createMultiBody(
            baseMass=door.mass_kg, baseCollisionShapeIndex=shape, basePosition=[0, 0, 0], physicsClientId=self._client
        )
        upright = [_NEVER_TILTS_KG_M2, _NEVER_TILTS_KG_M2, door.mass_kg * door.length_m**2 / 12.0]
        p.changeDynamics(
            id,
            -1,
            lateralFriction=0.4,
            restitution=0.1,
            linearDamping=0.0,
            angularDamping=0.0,
            localInertiaDiagonal=upright,
            physicsClientId=self._client,
        )
        own = [other for other, called in self._names.items() if called in (owner, "ground")]
        for other in own:
            p.setCollisionFilterPair(id, other, -1, -1, 0, physicsClientId=self._client)
        self._handles[name] = _Handle(id=id, offset_m=door.middle_m, joints={}, links={})
        self._names[id] = owner
        self.set_aside(name)

    def _shape(self, shapes: Sequence[CollisionShape], offset_m: Sequence[float]) -> int:
        if len(shapes) == 1 and shapes[0].kind == "hull":
            shape = shapes[0]
            points = np.asarray(shape.points_m) @ shape.body_from_shape[:3, :3].T + shape.body_from_shape[:3, 3]
            return int(
                p.createCollisionShape(
                    p.GEOM_MESH, vertices=(points - np.asarray(offset_m)).tolist(), physicsClientId=self._client
                )
            )
        types = {"box": p.GEOM_BOX, "sphere": p.GEOM_SPHERE, "capsule": p.GEOM_CAPSULE, "cylinder": p.GEOM_CYLINDER}
        kinds, extents, radii, lengths, positions, orientations = [], [], [], [], [], []
        for shape in shapes:
            if shape.kind == "hull":
                raise AssetError("a hull cannot be one of several collision shapes", remedy="split it into boxes")
            kinds.append(types[shape.kind])
            box = shape.kind == "box"
            extents.append([s / 2 for s in shape.size_m] if box else [1.0, 1.0, 1.0])
            radii.append(1.0 if box else shape.size_m[0])
            lengths.append(shape.size_m[1] if shape.kind in ("capsule", "cylinder") else 1.0)
            positions.append(list(shape.body_from_shape[:3, 3] - np.asarray(offset_m)))
            orientations.append(list(quaternion_from_matrix(shape.body_from_shape)))
        return int(
            p.createCollisionShapeArray(
                shapeTypes=kinds,
                halfExtents=extents,
                radii=radii,
                lengths=lengths,
                collisionFramePositions=positions,
                collisionFrameOrientations=orientations,
                physicsClientId=self._client,
            )
        )

    def _add_urdf(self, name: str, body: Body, world_from_body: Array) -> None:
        assert body.urdf is not None
        with _file(body.urdf) as path:
            if not path.is_file():
                raise AssetError(f"'{path}' is missing", where=f"actors.{name}", remedy="reinstall pybullet")
            try:
                with quiet():
                    id = p.loadURDF(
                        str(path),
                        basePosition=list(world_from_body[:3, 3]),
                        baseOrientation=list(quaternion_from_matrix(world_from_body)),
                        useFixedBase=body.fixed,
                        flags=p.URDF_USE_SELF_COLLISION_EXCLUDE_PARENT,
                        physicsClientId=self._client,
                    )
            except p.error as error:
                message = f"the physics cannot load its URDF: {error}"
                raise AssetError(message, where=f"actors.{name}", remedy="mend the URDF") from None
        joints, links = {}, {}
        for i in range(p.getNumJoints(id, physicsClientId=self._client)):
            facts = p.getJointInfo(id, i, physicsClientId=self._client)
            links[facts[12].decode()] = i
            if facts[2] in (p.JOINT_REVOLUTE, p.JOINT_PRISMATIC):
                joints[facts[1].decode()] = i
        # Bullet reports the base's centre of mass, which a URDF may put anywhere in the base link
        center = p.getDynamicsInfo(id, -1, physicsClientId=self._client)[3]
        self._handles[name] = _Handle(id=id, offset_m=tuple(center), joints=joints, links=links)
        self._names[id] = name
        for joint, rest in zip(body.joints, body.joint_rest, strict=True):
            p.resetJointState(id, joints[joint], rest, physicsClientId=self._client)

    def _add_conveyor(self, name: str, body: Body, belt: Belt, world_from_body: Array) -> None:
        """A fixed frame whose belt is a link on a slide along x. ``drive_belt`` gives it a speed, and puts it back to
        where it was before each step, so that it runs without end."""
        frame = self._shape(body.collision, (0.0, 0.0, 0.0)) if body.collision else -1
        id = p.createMultiBody(
            baseMass=0.0,
            baseCollisionShapeIndex=frame,
            basePosition=list(world_from_body[:3, 3]),
            baseOrientation=list(quaternion_from_matrix(world_from_body)),
            linkMasses=[BELT_MASS_KG],
            linkCollisionShapeIndices=[self._shape((belt.shape,), (0.0, 0.0, 0.0))],
            linkVisualShapeIndices=[-1],
            linkPositions=[[0.0, 0.0, 0.0]],
            linkOrientations=[[0.0, 0.0, 0.0, 1.0]],
            linkInertialFramePositions=[[0.0, 0.0, 0.0]],
            linkInertialFrameOrientations=[[0.0, 0.0, 0.0, 1.0]],
            linkParentIndices=[0],
            linkJointTypes=[p.JOINT_PRISMATIC],
            linkJointAxis=[[1.0, 0.0, 0.0]],
            physicsClientId=self._client,
        )
        for link, friction in ((-1, body.friction), (0, belt.friction)):
            p.changeDynamics(
                id,
                link,
                lateralFriction=friction,
                restitution=body.restitution,
                linearDamping=0.0,
                angularDamping=0.0,
                jointDamping=0.0,
                maxJointVelocity=100.0,
                physicsClientId=self._client,
            )
        p.setCollisionFilterPair(id, id, -1, 0, 0, physicsClientId=self._client)
        self._handles[name] = _Handle(id=id, offset_m=(0.0, 0.0, 0.0), joints={"belt": 0}, links={"belt": 0})
        self._names[id] = name

    def drive_belt(self, name: str, speed_mps: float) -> None:
        """Speed of a conveyor's belt in the next step."""
        handle = self._handles[name]
        p.resetJointState(handle.id, 0, 0.0, speed_mps, physicsClientId=self._client)
        p.setJointMotorControl2(
            handle.id,
            0,
            p.VELOCITY_CONTROL,
            targetVelocity=speed_mps,
            force=BELT_FORCE_N,
            physicsClientId=self._client,
        )

    def __contains__(self, name: str) -> bool:
        return name in self._handles

    def pose(self, name: str) -> Array:
        """world_from_body (4, 4)."""
        handle = self._handles[name]
        position, quaternion = p.getBasePositionAndOrientation(handle.id, physicsClientId=self._client)
        rotation = matrix_from_quaternion(quaternion)
        return pose(np.asarray(position) - rotation @ handle.offset_m, rotation)

    def velocity(self, name: str) -> tuple[Array, Array]:
        """Linear velocity of the middle of the box (of a vehicle: of its centre of gravity) and angular velocity, (3,)
        each, world frame."""
        linear, angular = p.getBaseVelocity(self._handles[name].id, physicsClientId=self._client)
        return np.asarray(linear), np.asarray(angular)

    def set_aside(self, name: str) -> None:
        """Lets a body touch nothing until it is placed again: one that a model moves far from everything else need
        not be told to the physics."""
        if name not in self._aside:
            self._aside.add(name)
            p.setCollisionFilterGroupMask(self._handles[name].id, -1, 0, 0, physicsClientId=self._client)

    def _bring_back(self, name: str) -> None:
        if name in self._aside:
            self._aside.remove(name)
            p.setCollisionFilterGroupMask(self._handles[name].id, -1, _MOVES, _MEETS_ALL, physicsClientId=self._client)

    def place(self, name: str, world_from_body: Array, linear: Array, angular: Array) -> None:
        """Sets pose and velocity of a body that a model of ours drives."""
        handle = self._handles[name]
        position = world_from_body[:3, :3] @ handle.offset_m + world_from_body[:3, 3]
        quaternion = quaternion_from_matrix(world_from_body)
        self._bring_back(name)
        p.resetBasePositionAndOrientation(handle.id, list(position), list(quaternion), physicsClientId=self._client)
        p.resetBaseVelocity(handle.id, list(linear), list(angular), physicsClientId=self._client)

    def carry(self, name: str, world_from_body: Array, linear: Array, angular: Array) -> None:
        """``place`` for a body that something carries: it touches nothing until it is placed again."""
        handle = self._handles[name]
        position = world_from_body[:3, :3] @ handle.offset_m + world_from_body[:3, 3]
        quaternion = quaternion_from_matrix(world_from_body)
        self.set_aside(name)
        p.resetBasePositionAndOrientation(handle.id, list(position), list(quaternion), physicsClientId=self._client)
        p.resetBaseVelocity(handle.id, list(linear), list(angular), physicsClientId=self._client)

    def place_upright(
        self, name: str, position_m: tuple[float, float, float], yaw_rad: float, linear: tuple[float, float, float]
    ) -> None:
        """``place`` for one that stands upright at a position of the world, with this heading, and does not turn."""
        handle = self._handles[name]
        c, s = math.cos(yaw_rad), math.sin(yaw_rad)
        (x, y, z), (dx, dy, dz) = position_m, handle.offset_m
        middle = (x + c * dx - s * dy, y + s * dx + c * dy, z + dz)
        turned = (0.0, 0.0, math.sin(0.5 * yaw_rad), math.cos(0.5 * yaw_rad))
        self._bring_back(name)
        p.resetBasePositionAndOrientation(handle.id, middle, turned, physicsClientId=self._client)
        p.resetBaseVelocity(handle.id, linear, (0.0, 0.0, 0.0), physicsClientId=self._client)

    def placings(self, names: Sequence[str], poses: Array, linear: Array, angular: Array) -> list[Placing]:
        """What ``place_all`` takes, of bodies that stand upright: poses (n, 4, 4), velocities (n, 3) each."""
        handles = [self._handles[name] for name in names]
        offsets = np.array([h.offset_m for h in handles])
        positions = ((poses[:, :3, :3] @ offsets[:, :, None])[:, :, 0] + poses[:, :3, 3]).tolist()
        turned = quaternions_from_upright(poses).tolist()
        return list(zip(names, positions, turned, linear.tolist(), angular.tolist(), strict=True))

    def place_all(self, placings: Iterable[Placing]) -> None:
        """``place`` for many."""
        for name, position, quaternion, linear, angular in placings:
            self._bring_back(name)
            id = self._handles[name].id
            p.resetBasePositionAndOrientation(id, position, quaternion, physicsClientId=self._client)
            p.resetBaseVelocity(id, linear, angular, physicsClientId=self._client)

    def span(self, name: str) -> tuple[Array, Array]:
        """Lowest and highest corner (3,) of what collides of a body that has one link."""
        low, high = p.getAABB(self._handles[name].id, physicsClientId=self._client)
        return np.asarray(low), np.asarray(high)

    def set_velocity(self, name: str, linear: Array, angular: Array) -> None:
        p.resetBaseVelocity(self._handles[name].id, list(linear), list(angular), physicsClientId=self._client)

    def set_link_dynamics(
        self,
        name: str,
        link: str,
        *,
        friction: float,
        spinning_friction: float = 0.0,
        rolling_friction: float = 0.0,
        anchored: bool = True,
    ) -> None:
        """Surface of one link of a robot, from the next step on. ``anchored``: Bullet pulls a contact that creeps back
        to where it began; such a contact holds beyond Coulomb's limit."""
        handle = self._handles[name]
        p.changeDynamics(
            handle.id,
            handle.links[link],
            lateralFriction=friction,
            spinningFriction=spinning_friction,
            rollingFriction=rolling_friction,
            frictionAnchor=int(anchored),
            physicsClientId=self._client,
        )
        # Bullet keeps the points of a contact that does not move, each with the friction of when it was found: what is
        # held firmly would hang on pads without any. A link that is put anew into the search for contacts has none.
        if (name, link) in self._surfaced:
            p.setCollisionFilterGroupMask(
                handle.id, handle.links[link], _MOVES, _MEETS_ALL, physicsClientId=self._client
            )
        self._surfaced.add((name, link))

    def load_link(self, name: str, link: str, mass_kg: float) -> float:
        """Adds a mass to a link of a robot, at its centre of mass. Returns the mass that it had."""
        handle = self._handles[name]
        index = handle.links[link]
        before = float(p.getDynamicsInfo(handle.id, index, physicsClientId=self._client)[0])
        p.changeDynamics(handle.id, index, mass=before + mass_kg, physicsClientId=self._client)
        return before

    def join(self, name: str, other: str, link: str | None = None) -> int:
        """Fixes a body to another one (or to a link of it) as they stand now. Returns the number of the joint."""
        child, parent = self._handles[name], self._handles[other]
        index = -1 if link is None else parent.links[link]
        if link is None:
            position, quaternion = p.getBasePositionAndOrientation(parent.id, physicsClientId=self._client)
        else:
            position, quaternion = p.getLinkState(parent.id, index, physicsClientId=self._client)[:2]
        world_from_parent = pose(position, matrix_from_quaternion(quaternion))
        place, turn = p.getBasePositionAndOrientation(child.id, physicsClientId=self._client)
        parent_from_child = inverse(world_from_parent) @ pose(place, matrix_from_quaternion(turn))
        joint = p.createConstraint(
            parent.id,
            index,
            child.id,
            -1,
            p.JOINT_FIXED,
            [0.0, 0.0, 0.0],
            list(parent_from_child[:3, 3]),
            [0.0, 0.0, 0.0],
            list(quaternion_from_matrix(parent_from_child)),
            physicsClientId=self._client,
        )
        p.changeConstraint(joint, maxForce=JOINED_FORCE_N, physicsClientId=self._client)
        return int(joint)

    def part(self, joint: int) -> None:
        """Ends what ``join`` began."""
        p.removeConstraint(joint, physicsClientId=self._client)

    def replace(self, name: str, body: Body, world_from_body: Array, grounds: Iterable[str]) -> bool:
        """Puts another body in the place of one if it touches nothing there but the ground; whether it has."""
        before = self._handles.pop(name)
        self.add(name, body, world_from_body)
        id = self._handles[name].id
        low, high = p.getAABB(id, physicsClientId=self._client)
        around = p.getOverlappingObjects(low, high, physicsClientId=self._client) or ()
        ground = {self._handles[one].id for one in grounds if one in self._handles}
        others = sorted({other for other, _ in around} - {id, before.id} - ground)
        free = not any(p.getClosestPoints(id, other, 0.0, physicsClientId=self._client) for other in others)
        gone = before
        if free:
            self._aside.discard(name)
        else:
            gone, self._handles[name] = self._handles[name], before
        del self._names[gone.id]
        p.removeBody(gone.id, physicsClientId=self._client)
        return free

    def remove(self, name: str) -> None:
        handle = self._handles.pop(name)
        self._aside.discard(name)
        del self._names[handle.id]
        p.removeBody(handle.id, physicsClientId=self._client)

    # Robots

    def joint_positions(self, name: str, joints: Sequence[str]) -> Array:
        """(J,) radians or metres."""
        handle = self._handles[name]
        states = p.getJointStates(handle.id, [handle.joints[j] for j in joints], physicsClientId=self._client)
        return np.array([s[0] for s in states or ()])

    def drive_joint(
        self, name: str, joint: str, target: float, *, force: float, gain: float = 0.1, max_velocity: float = 10.0
    ) -> None:
        """Position control of one joint: target in rad or m, force in N m or N, velocity limit in rad/s or m/s."""
        handle = self._handles[name]
        p.setJointMotorControl2(
            handle.id,
            handle.joints[joint],
            p.POSITION_CONTROL,
            targetPosition=target,
            force=force,
            positionGain=gain,
            velocityGain=1.0,
            maxVelocity=max_velocity,
            physicsClientId=self._client,
        )

    def apply_torque(self, name: str, joint: str, torque: float) -> None:
        """Torque control of one joint for the next step, N m or N: no motor holds it."""
        handle = self._handles[name]
        index = handle.joints[joint]
        p.setJointMotorControl2(
            handle.id, index, p.VELOCITY_CONTROL, targetVelocity=0.0, force=0.0, physicsClientId=self._client
        )
        p.setJointMotorControl2(handle.id, index, p.TORQUE_CONTROL, force=torque, physicsClientId=self._client)

    def link_pose(self, name: str, link: str) -> Array:
        """world_from_link (4, 4) of the URDF link frame."""
        handle = self._handles[name]
        state = p.getLinkState(
            handle.id, handle.links[link], computeForwardKinematics=True, physicsClientId=self._client
        )
        return pose(state[4], matrix_from_quaternion(state[5]))

    # Time

    def step(self) -> dict[Pair, float]:
        """One step of 1/240 s. Returns the normal force in N between each pair of bodies that touch."""
        p.stepSimulation(physicsClientId=self._client)
        self.steps += 1
        return self._contacts()

    def touching(self) -> dict[Pair, float]:
        """The pairs of bodies that touch as they stand; no time passes, and no force acts."""
        p.performCollisionDetection(physicsClientId=self._client)
        return dict.fromkeys(self._contacts(), 0.0)

    def _contacts(self) -> dict[Pair, float]:
        forces: dict[Pair, float] = {}
        for contact in p.getContactPoints(physicsClientId=self._client):
            a, b = self._names[contact[1]], self._names[contact[2]]
            # A pair that would meet within the step feels a force before it touches
            if a != b and (contact[8] <= 1e-3 or contact[9] > 0.0):
                key = pair(a, b)
                forces[key] = forces.get(key, 0.0) + contact[9]
        return forces

    def link_contacts(self, name: str, link: str, other: str) -> float:
        """Normal force in N between one link of a robot and another body in the last step."""
        handle = self._handles[name]
        contacts = p.getContactPoints(
            bodyA=handle.id,
            bodyB=self._handles[other].id,
            linkIndexA=handle.links[link],
            physicsClientId=self._client,
        )
        return float(sum(c[9] for c in contacts))

    def chain(self, names: Iterable[str], *others: bytes) -> str:
        """Digest over the exact state of these bodies, of what ``others`` hold, and of all chained before it; hex."""
        hasher = hashlib.blake2b(self._chain, digest_size=16)
        for state in others:
            hasher.update(state)
        for name in names:
            handle = self._handles[name]
            position, quaternion = p.getBasePositionAndOrientation(handle.id, physicsClientId=self._client)
            linear, angular = p.getBaseVelocity(handle.id, physicsClientId=self._client)
            hasher.update(_STATE.pack(*position, *quaternion, *linear, *angular))
            if handle.joints:
                states = p.getJointStates(handle.id, sorted(handle.joints.values()), physicsClientId=self._client)
                hasher.update(np.array([(s[0], s[1]) for s in states]).tobytes())
        self._chain = hasher.digest()
        return self._chain.hex()


@contextmanager
def _file(source: str) -> Iterator[Path]:
    """A file with the URDF of a body (Body.urdf): Bullet reads nothing else."""
    if not urdf.is_text(source):
        yield Path(source)
        return
    with tempfile.TemporaryDirectory(prefix="simgen-") as folder:
        path = Path(folder) / "robot.urdf"
        path.write_text(source, encoding="utf-8")
        yield path
