"""The world: the one mutable object. It builds a concrete scenario in the physics and runs it to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array
from simgen.core.seeds import Key
from simgen.sampling.assembly import assemble, driven, lamp_power
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene import signals
from simgen.scene.boxes import covered
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.posing import entity_node_poses
from simgen.scene.scene import ActiveEffect, Scene, SceneView, Snapshot
from simgen.scene.situation import Pair, Situation
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.conveyor import Conveyor
from simgen.simulation.fleet import Fleet
from simgen.simulation.friction import wheel_friction
from simgen.simulation.mobile import MobileRobot
from simgen.simulation.neighbours import Neighbours, grounds
from simgen.simulation.physics import STEP_S, Physics
from simgen.simulation.report import EpisodeReport
from simgen.simulation.robot import Robot
from simgen.simulation.story import Story
from simgen.simulation.underfoot import Underfoot
from simgen.simulation.vehicle import Vehicle
from simgen.simulation.walker import Walker

STEPS_PER_TICK = 4
TICK_S = STEPS_PER_TICK * STEP_S
HOVER_M = 0.025
BRAKING_MPS2 = -0.7
"""Deceleration from which the brake lamps shine (UN R13-H asks for them from 1.3 and allows them from 0.7 m/s²)."""


class World:
    """One concrete scenario in motion. A context manager over one physics client; never pickled.

    >>> with World(concrete) as world:
    ...     for snapshot in world.run():
    ...         ...
    ...     world.report()
    """

    def __init__(self, concrete: ConcreteScenario) -> None:
        assembly = assemble(concrete)
        self.concrete = concrete
        self.stage = assembly.stage
        self.scene: Scene = assembly.scene
        self.environment = assembly.environment
        self.key = Key(concrete.seed, concrete.index, "world")
        self.fleet = Fleet()
        self.vehicles: dict[str, Vehicle] = {}
        self.walkers: dict[str, Walker] = {}
        self.robots: dict[str, Robot] = {}
        self.mobiles: dict[str, MobileRobot] = {}
        self.conveyors: dict[str, Conveyor] = {}
        self._joined: dict[str, tuple[str, int]] = {}
        self.effects: list[ActiveEffect] = []
        self.variables: dict[str, float] = {}
        self.signals_held: dict[str, str] = {}
        self.lamp_power = assembly.start.lamp_power.copy()
        self._light = assembly.start.environment
        self._tick = 0
        self._present = assembly.start.present.copy()
        self._poses = assembly.start.world_from_entity.copy()
        self._still_nodes = assembly.start.world_from_node
        self._joints = assembly.start.joints.copy()
        self._velocity = assembly.start.velocity_mps.copy()
        self._spin = assembly.start.angular_velocity_radps.copy()
        self._acceleration = np.zeros_like(self._velocity)
        self._travelled = np.zeros(len(self.scene.entities))
        self._standing = np.zeros(len(self.scene.entities))
        self._contacts: dict[Pair, float] = {}
        self._collided: set[Pair] = set()
        self._digest = ""
        self._situation: Situation | None = None
        self._snapshot: Snapshot | None = None
        self._fixtures = frozenset(f.name for f in self.stage.fixtures) | {"ground"}
        self.physics = Physics()
        for fixture in self.stage.fixtures:
            self.physics.add(fixture.name, replace(fixture.body, fixed=True), fixture.world_from_body)
        self._behaviors: list[Steps] = []
        self._mobile = [i for i, e in enumerate(self.scene.entities) if not e.static]
        for actor in concrete.actors:
            entity = self.scene.entity(actor.name)
            pose = self._poses[self.scene.index(actor.name)]
            self.physics.add(actor.name, entity.body, pose)
            if entity.body.vehicle is not None:
                self.vehicles[actor.name] = Vehicle(entity, pose, actor.speed_mps, self.fleet)
                self._put_on_wheels(self.vehicles[actor.name])
            elif entity.body.gait is not None:
                self.walkers[actor.name] = Walker(entity, pose, self.stage.road)
            elif entity.body.urdf is not None:
                self.robots[actor.name] = Robot(entity, self.physics)
            elif entity.body.base is not None:
                self.mobiles[actor.name] = MobileRobot(entity, pose, actor.speed_mps)
        self.conveyors.update((e.name, Conveyor(e)) for e in self.scene.entities if e.body.belt is not None)
        self._patches = [e.name for e in self.scene.entities if e.body.surface]
        self._halves_m = 0.5 * np.array([e.body.box_size_m for e in self.scene.entities]).reshape(-1, 3)
        self._centers_m = np.array([e.body.box_center_m for e in self.scene.entities]).reshape(-1, 3)
        self._placed: list[str] = []
        self._near: list[str] = []
        self._loose: list[str] = []
        self._quiet = False
        self._steps_taken = b""
        self._brake_lamps = [
            (i, owner)
            for i, lamp in enumerate(self.scene.lamps)
            if lamp.lamp.name.startswith("brake") and (owner := self.scene.entities[lamp.entity].name) in self.vehicles
        ]
        self.sensors = {
            s.name: vocabulary.sensors.get(s.sensor.name)(where=f"sensors.{s.name}", **s.sensor.parameters)
            for s in concrete.sensors
        }
        self._underfoot = Underfoot(self.stage, self.scene)
        self._neighbours = Neighbours(self.physics, self.stage)
        self._chained = tuple(a.name for a in concrete.actors if a.name in self.physics)
        self._measure()
        self.story = Story(concrete, self)
        for actor in concrete.actors:
            if actor.behavior is not None:
                where = f"actors.{actor.name}.behavior"
                behavior: Behavior = vocabulary.behaviors.get(actor.behavior.name, where)(
                    where=where, **actor.behavior.parameters
                )
                self._behaviors.append(behavior.run(self, actor.name))

    def _put_on_wheels(self, vehicle: Vehicle) -> None:
        if vehicle.name in self.physics:
            inertia = self.fleet.yaw_inertia_kg_m2(vehicle.index)
            self.physics.put_on_wheels(vehicle.name, inertia, grounds(self.stage))

    # Running

    def run(self) -> Iterator[Snapshot]:
        """One snapshot per control tick (60 Hz) from time 0 to the end, the last included."""
        yield self.begin()
        while not self.story.over:
            yield self.advance()

    def begin(self) -> Snapshot:
        """The story at time 0, and the first snapshot."""
        self.story.tick()
        return self.snapshot()

    def advance(self) -> Snapshot:
        """One control tick: behaviours decide, the physics steps, the story reacts. Returns the snapshot after it."""
        for behavior in self._behaviors:
            next(behavior, None)
        self.story.act()
        contacts: dict[Pair, float] = {}
        for substep in range(STEPS_PER_TICK):
            for touching, force in self._step(first=substep == 0).items():
                contacts[touching] = max(force, contacts.get(touching, 0.0))
        for vehicle in self.vehicles.values():
            vehicle.swing(TICK_S)
        self._tick += 1
        self._contacts = contacts
        self._collided.update(contacts)
        self._measure()
        self.story.tick()
        return self.snapshot()

    def _step(self, *, first: bool) -> dict[Pair, float]:
        """One physics step; ``first`` of a tick."""
        if first:
            self._look_around()
        if self._quiet:
            # Nothing can touch anything: the physics would only carry along what the models move
            self.fleet.step(STEP_S)
            if first:
                self._walk()
            self._digest = self.physics.chain((), self.fleet.state.tobytes(), self._steps_taken)
            return {}
        names = self._placed if first else self._near
        chosen = np.array([self.vehicles[name].index for name in names], dtype=np.int64)
        before = self.fleet.poses(chosen)
        self.fleet.step(STEP_S)
        if names:
            after = self.fleet.poses(chosen)
            linear, spins = self.fleet.center_velocities(after, chosen), self.fleet.spins(after, chosen)
            self.physics.place_all(names, before, linear, spins)
        if first:
            self._walk()
        for robot in self.robots.values():
            robot.step()
        for mobile in self.mobiles.values():
            mobile.step(STEP_S, self._wheel_friction(mobile))
            self.physics.place(mobile.name, mobile.pose(), mobile.linear_velocity(), mobile.angular_velocity())
        for conveyor in self.conveyors.values():
            conveyor.step(STEP_S)
            self.physics.drive_belt(conveyor.name, conveyor.speed_mps)
        contacts = self.physics.step()
        for mobile in self.mobiles.values():
            mobile.pushed(*self.physics.velocity(mobile.name))
        if contacts:
            self._react(contacts)
        self._digest = self.physics.chain(self._loose, self.fleet.state.tobytes(), self._steps_taken)
        return contacts

    def _look_around(self) -> None:
        """Once per tick: what wheels stand on, and which bodies may meet before the next."""
        self.fleet.settle()
        if self.vehicles:
            ahead = self.situation().snapshot
            self._underfoot.update(self.fleet, list(self.vehicles.values()), ahead, self._light, TICK_S)
        bodies = [i for i in self._mobile if self._present[i]]
        centers = self._poses[bodies, :2, 3] + np.einsum(
            "nij,nj->ni", self._poses[bodies, :2, :3], self._centers_m[bodies]
        )
        speeds = np.sqrt((self._velocity[bodies] ** 2).sum(axis=1))
        halves = np.einsum("nij,nj->ni", np.abs(self._poses[bodies, :2, :3]), self._halves_m[bodies])
        near = self._neighbours.near(centers, halves, speeds, TICK_S)
        close = {self.scene.entities[i].name for i, found in zip(bodies, near, strict=True) if found}
        self._placed = [name for name in self.vehicles if name in self.physics]
        self._near = [name for name in self._placed if name in close]
        unstruck = {w.name for w in self.walkers.values() if not w.struck}
        self._loose = [n for n in self._chained if n not in self.vehicles and n not in unstruck]
        self._quiet = not close and not self._loose

    def _walk(self) -> None:
        """One tick of all walkers; their bodies in the physics go there at an even speed."""
        names, before, after, state = [], [], [], []
        for walker in self.walkers.values():
            if walker.struck:
                walker.fall(TICK_S, self._poses[self.scene.index(walker.name)])
                continue
            was = walker.pose()
            walker.step(TICK_S)
            state.append((*walker.position_m, walker.height_m, walker.yaw_rad, walker.cycles))
            if walker.name in self.physics and not self._quiet:
                names.append(walker.name)
                before.append(was)
                after.append((*walker.position_m, walker.height_m))
        self._steps_taken = np.array(state, dtype=np.float64).tobytes()
        if names:
            poses = np.stack(before)
            velocities = (np.array(after) - poses[:, :3, 3]) / TICK_S
            # Just above the ground, so that their soles do not rub on it
            poses[:, 2, 3] += HOVER_M
            self.physics.place_all(names, poses, velocities, np.zeros_like(velocities))

    def _wheel_friction(self, mobile: MobileRobot) -> Array:
        """(W,) coefficients under the wheels of a mobile robot, from the ground and the patches that lie on it."""
        outlines = [
            (self.scene.entity(name).body, self._poses[self.scene.index(name)])
            for name in self._patches
            if self._present[self.scene.index(name)]
        ]
        friction = []
        for place in mobile.wheel_places():
            patch = next((b.surface for b, pose in outlines if covered(pose, b, place)), "")
            friction.append(wheel_friction(self.stage.ground, patch))
        return np.array(friction)

    def _react(self, contacts: dict[Pair, float]) -> None:
        """Hands to the models what the physics made of contacts: who is struck, and how it moved whom."""
        hit: set[str] = set()
        for a, b in contacts:
            if a == "ground" or b == "ground":
                continue
            hit |= {a, b}
            for victim, other in ((a, b), (b, a)):
                walker = self.walkers.get(victim)
                if walker is not None and other in self.vehicles:
                    walker.struck = True
        for name in sorted(hit & self.vehicles.keys()):
            vehicle = self.vehicles[name]
            if name not in self._near:
                self._near.append(name)
            linear, angular = self.physics.velocity(name)
            vehicle.struck(linear - vehicle.center_velocity(), float(angular[2]) - vehicle.yaw_rate_radps)
            vehicle.moved_to(self.physics.pose(name))

    def _light_brake_lamps(self) -> None:
        for i, lamp in self._brake_lamps:
            self.lamp_power[i] = 1.0 if self.vehicles[lamp].acceleration_mps2 < BRAKING_MPS2 else 0.0

    def _measure(self) -> None:
        """Reads the state after a tick into the arrays that snapshots are made of."""
        self._situation = self._snapshot = None
        self._light_brake_lamps()
        signals.light(self.scene, self.lamp_power, self.time_s, self.signals_held)
        before = self._velocity.copy()
        was = self._poses[self._mobile, :3, 3].copy()
        if self.vehicles:
            poses = self.fleet.poses()
            linear, spins = self.fleet.velocities(poses), self.fleet.spins(poses)
            chosen = [v.index for v in self.vehicles.values()]
            rows = [self.scene.index(name) for name in self.vehicles]
            self._poses[rows], self._velocity[rows], self._spin[rows] = poses[chosen], linear[chosen], spins[chosen]
            for row, vehicle in zip(rows, self.vehicles.values(), strict=True):
                self._joints[self.scene.entities[row].joints] = vehicle.joints
        for i in self._mobile:
            name = self.scene.entities[i].name
            if name in self.vehicles:
                continue
            walker = self.walkers.get(name)
            if walker is not None and not walker.struck:
                self._poses[i], self._velocity[i], self._spin[i] = walker.pose(), walker.linear_velocity(), 0.0
            elif name in self.mobiles:
                mobile = self.mobiles[name]
                self._poses[i], self._velocity[i] = mobile.pose(), mobile.linear_velocity()
                self._spin[i] = mobile.angular_velocity()
                self._joints[self.scene.entities[i].joints] = mobile.joints
            elif name in self.conveyors:
                self._joints[self.scene.entities[i].joints] = self.conveyors[name].joints()
            elif name in self.physics:
                self._poses[i] = self.physics.pose(name)
                self._velocity[i], self._spin[i] = self.physics.velocity(name)
                if name in self.robots:
                    self._joints[self.scene.entities[i].joints] = self.robots[name].joints()
        moved = np.sqrt(((self._poses[self._mobile, :3, 3] - was) ** 2).sum(axis=1))
        self._travelled[self._mobile] += moved
        fast = (self._velocity[self._mobile] ** 2).sum(axis=1) >= 0.05**2
        self._standing[self._mobile] = np.where(fast, 0.0, self._standing[self._mobile] + TICK_S)
        if self._tick > 0:
            self._acceleration = (self._velocity - before) / TICK_S

    # What is seen of it

    @property
    def time_s(self) -> float:
        return self._tick * TICK_S

    @property
    def tick(self) -> int:
        return self._tick

    def snapshot(self) -> Snapshot:
        """How it stands now; made once per tick and change of the story."""
        if self._snapshot is None:
            poses, joints = self._poses.copy(), self._joints.copy()
            self._snapshot = Snapshot.posed_when_asked(
                self._posing(poses, joints),
                tick=self._tick,
                step=self._tick * STEPS_PER_TICK,
                time_s=self.time_s,
                world_from_entity=poses,
                velocity_mps=self._velocity.copy(),
                angular_velocity_radps=self._spin.copy(),
                present=self._present.copy(),
                lamp_power=self.lamp_power.copy(),
                environment=self._light,
                events=self.story.states(),
                effects=tuple(self.effects),
                state_digest=self._digest,
            )
        return self._snapshot

    def _posing(self, poses: Array, joints: Array) -> Callable[[], tuple[Array, Array]]:
        """Joints and nodes at these poses (E, 4, 4); those of walkers, whose gait costs most, as they stand now."""
        # A shallow copy stays as it is when the walker walks on: it replaces its values and never writes into them.
        standing = [(self.scene.index(name), copy(walker)) for name, walker in self.walkers.items()]

        def posed() -> tuple[Array, Array]:
            for i, walker in standing:
                joints[self.scene.entities[i].joints] = walker.joints()
            nodes = self._still_nodes.copy()
            for i in self._mobile:
                entity = self.scene.entities[i]
                own = joints[entity.joints] if entity.body.joints else None
                nodes[entity.nodes] = entity_node_poses(entity, poses[i], own)
            return joints, nodes

        return posed

    def situation(self) -> Situation:
        """What conditions and behaviours may know now; made once per tick and change of the story."""
        if self._situation is None:
            self._situation = self._look()
        return self._situation

    def _look(self) -> Situation:
        view = SceneView(scene=self.scene, snapshot=self.snapshot())
        return Situation(
            view=view,
            cameras=lambda name: self.camera(name, view.snapshot),
            contacts=dict(self._contacts),
            collided=frozenset(self._collided),
            acceleration_mps2=self._acceleration,
            travelled_m=self._travelled.copy(),
            standing_s=self._standing.copy(),
            extremes=self.story.extremes,
            variables=dict(self.variables),
        )

    def camera(self, sensor: str, snapshot: Snapshot) -> Camera:
        """The camera of a sensor. Raises UnknownName."""
        if sensor not in self.sensors:
            raise UnknownName(kind="sensor", name=sensor, known=self.sensors)
        camera: Camera = self.sensors[sensor].camera_at(self.scene, snapshot)
        return camera

    def report(self) -> EpisodeReport:
        """What happened, once the run is over."""
        return self.story.report()

    # What actions and behaviours do to it

    def vehicle(self, name: str) -> Vehicle:
        if name not in self.vehicles:
            raise SimgenError(f"'{name}' is no vehicle", where=f"actors.{name}", remedy="give the action to a vehicle")
        return self.vehicles[name]

    def walker(self, name: str) -> Walker:
        if name not in self.walkers:
            raise SimgenError(f"'{name}' has no legs", where=f"actors.{name}", remedy="give the action to a pedestrian")
        return self.walkers[name]

    def robot(self, name: str) -> Robot:
        if name not in self.robots:
            raise SimgenError(f"'{name}' is no robot", where=f"actors.{name}", remedy="give the action to a robot")
        return self.robots[name]

    def mobile(self, name: str) -> MobileRobot:
        if name not in self.mobiles:
            raise SimgenError(
                f"'{name}' is no mobile robot", where=f"actors.{name}", remedy="give the action to a robot on wheels"
            )
        return self.mobiles[name]

    def conveyor(self, name: str) -> Conveyor:
        if name not in self.conveyors:
            known = ", ".join(self.conveyors) or "none"
            raise SimgenError(f"'{name}' is no conveyor", where=f"actors.{name}", remedy=f"conveyors here: {known}")
        return self.conveyors[name]

    def throw(self, name: str, velocity_mps: Array, spin_radps: Array) -> None:
        """Sets a loose thing in motion: linear (3,) and angular velocity (3,), world frame."""
        driven_ones = (self.vehicles, self.walkers, self.robots, self.mobiles, self.conveyors)
        if name not in self.physics or any(name in ones for ones in driven_ones):
            raise SimgenError(f"'{name}' is not a loose thing", where=f"actors.{name}")
        self.physics.set_velocity(name, velocity_mps, spin_radps)

    def attach(self, thing: str, to: str) -> None:
        """Fixes a loose thing to an actor; to an arm, at its tool."""
        if thing in self._joined:
            raise SimgenError(f"'{thing}' is attached already", where=f"actors.{thing}", remedy="detach it first")
        for name in (thing, to):
            if name not in self.physics:
                raise SimgenError(f"'{name}' has no body that could be held", where=f"actors.{name}")
        link = self.robots[to].hand.tool_link if to in self.robots else None
        self._joined[thing] = (to, self.physics.join(thing, to, link))

    def detach(self, thing: str) -> None:
        if thing not in self._joined:
            raise SimgenError(f"'{thing}' is not attached", where=f"actors.{thing}", remedy="attach it before")
        self.physics.part(self._joined.pop(thing)[1])

    def stumble(self, name: str) -> None:
        """Somebody falls over; the physics moves the body from now on."""
        velocity, spin = self.walker(name).stumble()
        if name in self.physics:
            self.physics.set_velocity(name, velocity, spin)

    def set_environment(self, environment: EnvironmentSpec) -> None:
        """Changes weather and light from now on."""
        before = self._light
        self.environment = environment
        self._light = physical(environment)
        self.story_changed()
        if (before.lamps_on, before.lamp_level) != (self._light.lamps_on, self._light.lamp_level):
            power = lamp_power(self.scene, self._light, driven(self.concrete))
            steady = np.array([lamp.lamp.signal for lamp in self.scene.lamps], dtype=np.bool_)
            self.lamp_power = np.where(steady, self.lamp_power, power)
            signals.light(self.scene, self.lamp_power, self.time_s, self.signals_held)

    def story_changed(self) -> None:
        """Events or effects are not what the last situation says."""
        self._situation = self._snapshot = None

    def remove(self, name: str) -> None:
        """Takes an actor out of the world for good."""
        self._present[self.scene.index(name)] = False
        self.story_changed()
        for thing in [thing for thing, (to, _) in self._joined.items() if name in (thing, to)]:
            self.detach(thing)
        if name in self.physics:
            self.physics.remove(name)
            self._chained = tuple(n for n in self._chained if n != name)
        if name in self.vehicles:
            self.fleet.park(self.vehicles[name].index)
        for moved in (self.vehicles, self.walkers, self.robots, self.mobiles, self.conveyors):
            moved.pop(name, None)
        self._brake_lamps = [(i, owner) for i, owner in self._brake_lamps if owner != name]

    def close(self) -> None:
        self.physics.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
