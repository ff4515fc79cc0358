"""The world: the one mutable object. It builds a concrete scenario in the physics and runs it to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array, inverse, planar_poses, yaw_of
from simgen.core.seeds import Key
from simgen.sampling.assembly import assemble, beneath, driven, is_loose, rides
from simgen.sampling.concrete import ConcreteActor, ConcreteScenario, Use
from simgen.scene.body import Body
from simgen.scene.boxes import covered
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.gates import opened
from simgen.scene.movement import unfit
from simgen.scene.posing import entity_node_poses
from simgen.scene.scene import ActiveEffect, Entity, Scene, SceneView, Snapshot
from simgen.scene.situation import Pair, Protrusion, Situation
from simgen.scene.stage import Fixture
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.conveyor import Conveyor
from simgen.simulation.course import needs_courses
from simgen.simulation.doors import DropSide, Leaf
from simgen.simulation.fallen import Fallen
from simgen.simulation.fleet import SPIN, STEER, Fleet
from simgen.simulation.friction import wheel_friction
from simgen.simulation.holding import Holding
from simgen.simulation.lights import Lights
from simgen.simulation.mobile import MobileRobot
from simgen.simulation.neighbours import Boxes, Neighbours, grounds
from simgen.simulation.physics import STEP_S, Physics, Placing
from simgen.simulation.report import EpisodeReport
from simgen.simulation.robot import Robot
from simgen.simulation.story import Story
from simgen.simulation.underfoot import Underfoot
from simgen.simulation.vehicle import Vehicle
from simgen.simulation.walker import Walker
from simgen.simulation.walls import Walls

STEPS_PER_TICK = 4
TICK_S = STEPS_PER_TICK * STEP_S
HOVER_M = 0.025
ARM_REACH_M = 2.0
LOOKED_AHEAD_TICKS = 6
"""How far ahead it is looked who may touch whom, while only models move anything."""
BLOW_MPS = 0.5
"""What is slower is set down on a fixture, or leans on it, and does not collide with it."""
STANDS_MPS = 0.1
"""What is slower stands, for those on foot who look for their way past it."""
PUSHED_KG = 15.0
"""What is lighter and loose, who walks against it pushes aside."""


class _Running(NamedTuple):
    """A behaviour that somebody has now, and since when."""

    steps: Steps
    every_ticks: int
    since_tick: int


class _Passed(NamedTuple):
    """How vehicles near something stood after a step, exactly; their poses, and if they did not move in it, what the
    physics was told of them."""

    stance: bytes
    poses: Array
    placings: list[Placing] | None


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
        self._leaves: dict[str, list[Leaf]] = {}
        self._drop_sides: dict[str, list[DropSide]] = {}
        self._beds: dict[str, Body] = {}
        added = {do.subject for event in concrete.story for do in event.do if do.action.name == "add_entity"}
        self._awaited = {a.name: a for a in concrete.actors if a.name in added}
        self.effects: list[ActiveEffect] = []
        self.variables: dict[str, float] = {}
        self._light = assembly.start.environment
        self.lights = Lights(self.scene, self._light, assembly.start.lamp_power, driven(concrete))
        self._tick = 0
        self._present = assembly.start.present.copy()
        self._present[[self.scene.index(name) for name in self._awaited]] = False
        self._hidden = np.zeros_like(self._present)
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
        self._fallen = Fallen(self.stage.road)
        self._digest = ""
        self._situation: Situation | None = None
        self._snapshot: Snapshot | None = None
        self._fixtures = frozenset(f.name for f in self.stage.fixtures) | {"ground"}
        self._grounds = frozenset(grounds(self.stage))
        self.physics = Physics()
        # What stands along a road is seldom touched; nothing is pushed along it as along the edges of a workplace.
        outdoors = self.stage.road is not None
        for fixture in self.stage.fixtures:
            body = replace(fixture.body, fixed=True)
            self.physics.add(fixture.name, body, fixture.world_from_body, aloof=outdoors)
        self._beneath = beneath(concrete)
        self.holding = Holding(
            self.scene, self.physics, self._beneath, self.vehicles, self.robots, self._poses, self._hand_over
        )
        self._walls = Walls(self.physics, self.stage, self._standing_about)
        self._about: tuple[Fixture, ...] = ()
        self._about_rows, self._about_poses = np.zeros(0, dtype=np.int64), np.zeros((0, 4, 4))
        self._behaviors: dict[str, _Running] = {}
        self._underfoot = Underfoot(self.stage, self.scene)
        for actor in concrete.actors:
            if actor.name not in self._awaited:
                self._enter(actor)
        self.conveyors.update((e.name, Conveyor(e)) for e in self.scene.entities if e.body.belt is not None)
        self._patches = [e.name for e in self.scene.entities if e.body.surface]
        self._on_feet: list[Walker] = []
        self._beside: list[Walker] = []
        self._rows_on_feet = np.zeros(0, dtype=np.int64)
        self._close: set[str] = set()
        self._steps_taken = np.zeros((0, 7))
        self._near: list[str] = []
        self._near_rows = np.zeros(0, dtype=np.int64)
        self._passed = _Passed(b"", np.zeros((0, 4, 4)), None)
        self._loose: list[str] = []
        self._quiet = False
        self._look_at = 0
        self._movable = [(i, e) for i, e in enumerate(self.scene.entities) if not e.static]
        self._list_present()
        self.sensors = {
            s.name: vocabulary.sensors.get(s.sensor.name)(where=f"sensors.{s.name}", **s.sensor.parameters)
            for s in concrete.sensors
        }
        self.winding = needs_courses(self.stage)
        self._load_up()
        self._neighbours = Neighbours(self.physics, self.stage)
        self._measure()
        self.story = Story(concrete, self)
        for actor in concrete.actors:
            if actor.behavior is not None and actor.name not in self._awaited:
                self.behave(actor.name, actor.behavior)

    def _enter(self, actor: ConcreteActor) -> None:
        """Puts an actor where it starts."""
        entity = self.scene.entity(actor.name)
        pose = self._poses[self.scene.index(actor.name)]
        self.physics.add(actor.name, entity.body, pose)
        if actor.carrier is not None:
            self.holding.stand(actor.name, actor.carrier, self._tick)
        if entity.body.vehicle is not None:
            vehicle = self.vehicles[actor.name] = Vehicle(entity, pose, actor.speed_mps, self.fleet)
            self._underfoot.lay_down(vehicle)
            self._put_on_wheels(vehicle)
            if entity.body.doors and actor.name in self.physics:
                self._leaves[actor.name] = [Leaf(door, vehicle, self.physics) for door in entity.body.doors]
        elif entity.body.gait is not None:
            self.walkers[actor.name] = Walker(entity, pose, self.stage.road, self._walls)
        elif entity.body.urdf is not None:
            self.robots[actor.name] = Robot(entity, self.physics)
        elif entity.body.base is not None:
            self.mobiles[actor.name] = MobileRobot(entity, pose, actor.speed_mps)

    def _standing_about(self) -> tuple[Fixture, ...]:
        """The actors that stand about like fixtures, as they stand now: what nobody pushes aside in passing."""
        if not len(self._furniture):
            return ()
        rows = self._furniture[self._present[self._furniture]]
        rows = rows[(self._velocity[rows] ** 2).sum(axis=1) < STANDS_MPS**2]
        poses = self._poses[rows]
        if not np.array_equal(rows, self._about_rows) or not np.array_equal(poses, self._about_poses):
            self._about_rows, self._about_poses = rows, poses
            entities = [self.scene.entities[i] for i in rows.tolist()]
            self._about = tuple(
                Fixture(name=e.name, body=e.body, world_from_body=pose) for e, pose in zip(entities, poses, strict=True)
            )
        return self._about

    def passed_on_foot(self, name: str) -> bool:
        """Whether those on foot find their own way past it: fixtures, and what stands about like them."""
        return self.is_fixture(name) or any(fixture.name == name for fixture in self._standing_about())

    def is_fixture(self, name: str) -> bool:
        """Whether it belongs to the setting."""
        return name in self._fixtures

    def _load_up(self) -> None:
        """Gives loose things that stand on a vehicle its slope and its velocity."""
        for actor in self.concrete.actors:
            if not rides(actor, self.scene) or actor.name not in self.physics:
                continue
            i, pose = self.scene.index(actor.name), self._poses[self.scene.index(actor.name)]
            vehicle = self.vehicles.get(self._beneath[actor.name][-1])
            if vehicle is not None:
                start = inverse(self._poses[self.scene.index(vehicle.name)])
                pose = vehicle.pose() @ start @ pose
            self.physics.place(actor.name, pose, self._velocity[i], np.zeros(3))

    def behave(self, name: str, use: Use) -> None:
        """Gives an actor this behaviour, in place of the one that it has."""
        where = f"actors.{name}.behavior"
        behavior: Behavior = vocabulary.behaviors.get(use.name, where)(where=where, **use.parameters)
        before = self._behaviors.pop(name, None)
        if before is not None:
            before.steps.close()
        self._behaviors[name] = _Running(behavior.run(self, name), behavior.every_ticks, self._tick)

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
        for behavior in list(self._behaviors.values()):
            if (self._tick - behavior.since_tick) % behavior.every_ticks == 0:
                next(behavior.steps, None)
        self.holding.rest()
        self.story.act()
        self._look_around()
        self._walk()
        contacts = self._move()
        for vehicle in self._balanced:
            vehicle.swing(TICK_S)
            if vehicle.fallen > 0.0:
                self._lie(vehicle)
        for side in self._all_drop_sides():
            side.step(TICK_S)
        swings = b"".join(hung.state() for hung in self._hung())
        state = (self.fleet.state.tobytes(), self._steps_taken.tobytes(), swings)
        self._digest = self.physics.chain(self._loose, *state)
        self._tick += 1
        self._contacts = contacts
        self.holding.part(contacts, self._tick)
        new = contacts.keys() - self.holding.borne() - self._collided
        self._collided.update(touching for touching in new if self._is_collision(touching))
        self._measure()
        self.story.tick()
        return self.snapshot()

    def _is_collision(self, touching: Pair) -> bool:
        """Whether a contact is more than standing on the ground, or lying on or against a fixture."""
        if self._grounds.intersection(touching):
            return False
        still = [name for name in touching if name in self._fixtures]
        others = [name for name in touching if name not in self._fixtures and is_loose(self.scene.entity(name).body)]
        speed = [float(np.linalg.norm(self._velocity[self.scene.index(name)])) for name in others]
        return not still or all(one >= BLOW_MPS for one in speed)

    def _move(self) -> dict[Pair, float]:
        """One tick of all that moves; returns the greatest force in N between each pair of bodies that touched."""
        if not self._near:
            # Contacts need shorter steps, tyres do not: a slalom at the limit ends within 0.1 m after 150 m
            self.fleet.step(TICK_S)
        if self._quiet:
            # Nothing can push anything: the physics would only carry along what the models move
            for leaf in self._all_leaves():
                leaf.step(TICK_S)
            return self.physics.touching() if self._close else {}
        contacts: dict[Pair, float] = {}
        for _ in range(STEPS_PER_TICK):
            for touching, force in self._step().items():
                contacts[touching] = max(force, contacts.get(touching, 0.0))
        return contacts

    def _step(self) -> dict[Pair, float]:
        """One step of the physics."""
        leaves = self._all_leaves()
        for leaf in leaves:
            leaf.place(within_reach=leaf.vehicle.name in self._close)
        if self._near:
            self._drive()
        for robot in self.robots.values():
            robot.step()
        for mobile in self.mobiles.values():
            mobile.step(STEP_S, self._wheel_friction(mobile))
            self.physics.place(mobile.name, mobile.pose(), mobile.linear_velocity(), mobile.angular_velocity())
        for conveyor in self.conveyors.values():
            conveyor.step(STEP_S)
            self.physics.drive_belt(conveyor.name, conveyor.speed_mps)
        contacts = self.physics.step()
        struck = {leaf.vehicle.name for leaf in leaves if leaf.pushed()}
        for leaf in leaves:
            leaf.step(STEP_S)
        self.holding.carry()
        for mobile in self.mobiles.values():
            mobile.pushed(*self.physics.velocity(mobile.name))
        if contacts:
            self._react(contacts, struck)
        return contacts

    def _drive(self) -> None:
        """One step of the fleet; in the physics, those who may touch something set out from where they were, at the
        speed that they have after it. Who stands is told to the physics again as before."""
        fleet, rows, last = self.fleet, self._near_rows, self._passed
        stance = fleet.stance(rows)
        before = last.poses if stance == last.stance else fleet.poses(rows)
        fleet.step(STEP_S)
        passed = fleet.stance(rows)
        if last.placings is not None and stance == passed == last.stance:
            self.physics.place_all(last.placings)
            return
        after = before if stance == passed else fleet.poses(rows)
        linear, spins = fleet.center_velocities(after, rows), fleet.spins(after, rows)
        placings = self.physics.placings(self._near, before, linear, spins)
        self.physics.place_all(placings)
        self._passed = _Passed(passed, after, placings if stance == passed else None)

    def _lie(self, vehicle: Vehicle) -> None:
        """Lets a two-wheeler that falls over lie, and collide as it does so."""
        name = vehicle.name
        if name not in self._fallen:
            self._fallen.begin(vehicle, self._tick)
            self._list_present()
        if name not in self.physics or name in self.holding.joined():
            return
        if self._fallen.settle(vehicle, lambda body: self.physics.replace(name, body, vehicle.pose(), self._grounds)):
            self._put_on_wheels(vehicle)

    def _look_around(self) -> None:
        """Once per tick: what wheels stand on, and which bodies may meet soon."""
        self.fleet.settle()
        if self.vehicles:
            vehicles = list(self.vehicles.values())
            self._underfoot.update(self.fleet, vehicles, self.situation(), self._light, TICK_S)
        # What the physics moves may be anywhere soon; the models never surprise.
        if self._loose or self._contacts or self._tick >= self._look_at:
            self._find_near()

    def _find_near(self) -> None:
        """Who may touch something within the next ticks, and what the physics has to do for it."""
        self._look_at = self._tick + LOOKED_AHEAD_TICKS
        bodies = self._bodies
        boxes = Boxes.around(self._poses[bodies], self.scene.box_center_m[bodies], self.scene.box_size_m[bodies]).grown(
            self._reach_m
        )
        horizon_s = LOOKED_AHEAD_TICKS * TICK_S
        near = self._neighbours.near(boxes, self._velocity[bodies, :2], horizon_s, self._falls)
        close = self._close = {self.scene.entities[i].name for i in bodies[near].tolist()}
        close.update(self.holding.joined())
        self._near = [name for name in self.vehicles if name in close and name in self.physics]
        self._near_rows = np.array([self.vehicles[name].index for name in self._near], dtype=np.int64)
        self._on_feet = [w for w in self.walkers.values() if not w.struck]
        self._beside = [w for w in self._on_feet if w.name in close and w.name in self.physics]
        self._rows_on_feet = np.array([self.scene.index(w.name) for w in self._on_feet], dtype=np.int64)
        steered = self.vehicles.keys() | {w.name for w in self._on_feet}
        self._loose = [n for n in self._chained if n not in steered]
        self._quiet = not self._near and not self._loose
        if close or not self._quiet:
            for name in self._chained:
                if name in steered and name not in close:
                    self.physics.set_aside(name)

    def _walk(self) -> None:
        """One tick of all walkers; the bodies in the physics of those who are near something go there at an even
        speed."""
        for walker in self.walkers.values():
            if walker.struck:
                walker.fall(TICK_S, self._poses[self.scene.index(walker.name)])
        before = [w.state() for w in self._beside]
        for walker in self._on_feet:
            walker.step(TICK_S)
        self._steps_taken = np.array([w.state() for w in self._on_feet]).reshape(-1, 7)
        for walker, (x, y, z, yaw, *_) in zip(self._beside, before, strict=True):
            after = walker.state()
            velocity = ((after[0] - x) / TICK_S, (after[1] - y) / TICK_S, (after[2] - z) / TICK_S)
            # Just above the ground, so that their soles do not rub on it
            self.physics.place_upright(walker.name, (x, y, z + HOVER_M), yaw, velocity)

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

    def _react(self, contacts: dict[Pair, float], doors_of: set[str]) -> None:
        """Hands to the models what the physics made of contacts: who is struck, and how it moved whom. Somebody was
        struck by a door of ``doors_of``: no rider keeps the balance then, however softly the door gives way."""
        hit: set[str] = set()
        for a, b in contacts:
            if a == "ground" or b == "ground":
                continue
            hit |= {a, b}
            for victim, other in ((a, b), (b, a)):
                walker = self.walkers.get(victim)
                if walker is not None and other in self.vehicles:
                    walker.struck = True
                if other in doors_of and victim in self.vehicles and self.vehicles[victim].balances:
                    self.vehicles[victim].crashed = True
        for name in sorted(hit & self.vehicles.keys()):
            vehicle = self.vehicles[name]
            linear, angular = self.physics.velocity(name)
            vehicle.struck(linear - vehicle.center_velocity(), float(angular[2]) - vehicle.yaw_rate_radps)
            vehicle.moved_to(self.physics.pose(name))

    def _list_present(self) -> None:
        """Who is in the world, by what moves it; to be called again when somebody enters or leaves it."""
        index = self.scene.index
        self._chained = tuple(a.name for a in self.concrete.actors if a.name in self.physics)
        models = (self.vehicles, self.walkers, self.mobiles, self.conveyors)
        self._furniture = np.array(
            [index(n) for n in self._chained if _stands_about(self.scene.entity(n).body)], dtype=np.int64
        )
        self._unmodelled = [name for name in self._chained if not any(name in ones for ones in models)]
        self._look_at = self._tick
        self._bodies = np.array([i for i, _ in self._movable if self._present[i]], dtype=np.int64)
        present = [self.scene.entities[i] for i in self._bodies.tolist()]
        self._reach_m = np.array([self._reach(e) for e in present])[:, None]
        loose = frozenset(self._unmodelled) - self.robots.keys() | self._leaves.keys()
        self._falls = np.array([e.name in loose and not e.body.fixed for e in present], dtype=np.bool_)
        self._driven = np.array([index(name) for name in self.vehicles], dtype=np.int64)
        self._places = np.array([v.index for v in self.vehicles.values()], dtype=np.int64)
        self._turning = [
            (row, *np.array(places, dtype=np.int64).reshape(-1, 2).T)
            for row, places in (
                (SPIN, [(v.index, v.entity.first_joint + i) for v in self.vehicles.values() for i in v.spinning]),
                (STEER, [(v.index, v.entity.first_joint + i) for v in self.vehicles.values() for i in v.steered]),
            )
        ]
        self._balanced = [v for v in self.vehicles.values() if v.balances]
        self.lights.wire(self.vehicles)

    def _reach(self, entity: Entity) -> float:
        """How far somebody may reach beyond the box around the body at rest: with an arm, or a door, or as one who
        lies on the ground."""
        if entity.name in self._fallen:
            return self._fallen.reach_m(entity)
        leaves = [leaf.door.length_m for leaf in self._leaves.get(entity.name, ())]
        return max(leaves, default=ARM_REACH_M if entity.name in self.robots else 0.0)

    def _all_leaves(self) -> list[Leaf]:
        return [leaf for leaves in self._leaves.values() for leaf in leaves]

    def _all_drop_sides(self) -> list[DropSide]:
        return [side for sides in self._drop_sides.values() for side in sides]

    def _hung(self) -> list[Leaf | DropSide]:
        """All that turns on hinges."""
        return [*self._all_leaves(), *self._all_drop_sides()]

    def _measure(self) -> None:
        """Reads the state after a tick into the arrays that snapshots are made of."""
        self._situation = self._snapshot = None
        state, scene = self.fleet.state, self.scene
        self.lights.tick(self.fleet, self._tick, self.time_s)
        velocity, was = self._velocity.copy(), self._poses[:, :3, 3].copy()
        if self.vehicles:
            rows, places = self._driven, self._places
            poses = self.fleet.poses()
            self._poses[rows], self._velocity[rows] = poses[places], self.fleet.velocities(poses)[places]
            self._spin[rows] = self.fleet.spins(poses)[places]
            for name in self._fallen:
                i = scene.index(name)
                self._poses[i] = self._fallen.laid(self.vehicles[name], self._poses[i].copy())
            for row, owners, joints in self._turning:
                self._joints[joints] = state[row, owners]
            for vehicle in self._balanced:
                self._joints[vehicle.entity.joints] = vehicle.joints
        if self._on_feet:
            rows, stands = self._rows_on_feet, self._steps_taken
            if any(w.struck for w in self._on_feet):
                kept = [not w.struck for w in self._on_feet]
                rows, stands = rows[kept], stands[kept]
            c0, s0 = self._poses[rows, :2, 0].T
            self._poses[rows] = planar_poses(stands[:, :3], stands[:, 3])
            c, s = self._poses[rows, :2, 0].T
            self._spin[rows] = 0.0
            self._spin[rows, 2] = np.arctan2(c0 * s - s0 * c, c0 * c + s0 * s) / TICK_S
            self._velocity[rows, :2] = stands[:, 4:6]
            self._velocity[rows, 2] = (stands[:, 2] - was[rows, 2]) / TICK_S
        for name, mobile in self.mobiles.items():
            i = scene.index(name)
            self._poses[i], self._velocity[i] = mobile.pose(), mobile.linear_velocity()
            self._spin[i] = mobile.angular_velocity()
            self._joints[scene.entities[i].joints] = mobile.joints
        for name, conveyor in self.conveyors.items():
            self._joints[scene.entity(name).joints] = conveyor.joints()
        for hung in self._hung():
            self._joints[hung.joint] = hung.angle_rad
        for name in self._left_to_physics():
            i = scene.index(name)
            pose = self.physics.pose(name)
            self._poses[i] = self.walkers[name].lowered(pose) if name in self.walkers else pose
            self._velocity[i], self._spin[i] = self.physics.velocity(name)
            if name in self.robots:
                self._joints[scene.entities[i].joints] = self.robots[name].joints()
        x, y, z = (self._poses[:, :3, 3] - was).T
        self._travelled += np.sqrt(x * x + y * y + z * z)
        x, y, z = self._velocity.T
        self._standing += TICK_S
        self._standing[x * x + y * y + z * z >= 0.05**2] = 0.0
        if self._tick > 0:
            self._acceleration = (self._velocity - velocity) / TICK_S

    def _left_to_physics(self) -> list[str]:
        """Who is moved by the physics alone, robots with joints included."""
        struck = [name for name, walker in self.walkers.items() if walker.struck and name in self.physics]
        return self._unmodelled + struck

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
                present=self._present & ~self._hidden,
                lamp_power=self.lights.power.copy(),
                environment=self._light,
                events=self.story.states(),
                effects=tuple(self.effects),
                state_digest=self._digest,
            )
        return self._snapshot

    def _posing(self, poses: Array, joints: Array) -> Callable[[], tuple[Array, Array]]:
        """Joints and nodes at these poses (E, 4, 4); those of walkers, whose gait costs most, as they stand now."""
        standing = [(walker.entity.joints, walker.posture()) for walker in self.walkers.values()]

        def posed() -> tuple[Array, Array]:
            for own, posture in standing:
                joints[own] = posture.joints()
            nodes = self._still_nodes.copy()
            for i, entity in self._movable:
                held = joints[entity.joints] if entity.body.joints else None
                nodes[entity.nodes] = entity_node_poses(entity, poses[i], held)
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
            protrusions=self._protrusions(),
        )

    def _protrusions(self) -> tuple[Protrusion, ...]:
        index = self.scene.index
        seen = (leaf.stands_out(index(leaf.vehicle.name)) for leaf in self._all_leaves())
        return (
            *(leaf for leaf in seen if leaf is not None),
            *(
                Protrusion(
                    entity=index(name),
                    outlines_m=self._fallen.outlines_m(name, self._poses[index(name)]),
                    out_s=(self._tick - self._fallen.since_tick(name)) * TICK_S,
                )
                for name in self._fallen
            ),
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
            raise unfit(name, "vehicle")
        return self.vehicles[name]

    def leaf(self, vehicle: str, door: str) -> Leaf:
        """The leaf of a door of a vehicle that the story may open."""
        self.vehicle(vehicle)
        return next(leaf for leaf in self._leaves[vehicle] if leaf.door.name == door)

    def unlock(self, vehicle: str, side: str) -> DropSide | None:
        """The drop side of a vehicle's load bed on a side, which falls open from now on; None where it has none."""
        sides = self._drop_sides.setdefault(vehicle, [])
        for open_side in sides:
            if open_side.gate.side == side:
                return open_side
        entity = self.vehicle(vehicle).entity
        gate = next((gate for gate in entity.body.gates if gate.side == side), None)
        if gate is None:
            return None
        found = DropSide(gate, entity.first_joint + entity.body.joints.index(gate.joint))
        sides.append(found)
        # It holds nothing any more
        self._beds[vehicle] = opened(self.bed(vehicle), gate)
        if vehicle in self.physics:
            self.physics.remove(vehicle)
            self.physics.add(vehicle, self._beds[vehicle], self.vehicle(vehicle).pose())
            self._put_on_wheels(self.vehicle(vehicle))
            self._hand_over(vehicle)
            self._passed = self._passed._replace(stance=b"", placings=None)
            self._look_at = self._tick
        return found

    def bed(self, vehicle: str) -> Body:
        """The body of a vehicle as those drop sides leave it that have come unlocked."""
        return self._beds.get(vehicle, self.scene.entity(vehicle).body)

    def walker(self, name: str) -> Walker:
        if name not in self.walkers:
            raise unfit(name, "legs")
        return self.walkers[name]

    def robot(self, name: str) -> Robot:
        if name not in self.robots:
            raise unfit(name, "robot")
        return self.robots[name]

    def mobile(self, name: str) -> MobileRobot:
        if name not in self.mobiles:
            raise unfit(name, "mobile")
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
            raise unfit(name, "loose")
        self.physics.set_velocity(name, velocity_mps, spin_radps)

    def attach(self, thing: str, to: str) -> None:
        """Fixes a loose thing to an actor, see ``Holding.attach``."""
        self.holding.attach(thing, to)
        self._look_at = self._tick

    def _hand_over(self, name: str) -> None:
        """Tells the physics where a body is that a model moves."""
        if name in self.vehicles or (name in self.walkers and not self.walkers[name].struck):
            i = self.scene.index(name)
            self.physics.place(name, self._poses[i], self._velocity[i], self._spin[i])

    def stumble(self, name: str) -> None:
        """Somebody falls over; the physics moves the body from now on."""
        walker = self.walker(name)
        pose = walker.pose()
        velocity, spin = walker.stumble()
        if name in self.physics:
            self.physics.place(name, pose, velocity, spin)
        self._look_at = self._tick

    def set_environment(self, environment: EnvironmentSpec) -> None:
        """Changes weather and light from now on."""
        self.environment = environment
        self._light = physical(environment)
        self.lights.set_environment(self._light, self.time_s)
        self.story_changed()

    def set_mains(self, share: float) -> None:
        """The mains supply this share of what lamps on them want, from now on; 0 where they have failed."""
        self.lights.set_mains(share, self.time_s)
        self.story_changed()

    def story_changed(self) -> None:
        """Events or effects are not what the last situation says."""
        self._situation = self._snapshot = None

    def remove(self, name: str) -> None:
        """Takes an actor out of the world for good."""
        self._present[self.scene.index(name)] = False
        self.story_changed()
        for thing in self.holding.leave(name):
            self.remove(thing)
        self._behaviors.pop(name, None)
        if name in self.physics:
            self.physics.remove(name)
        for leaf in self._leaves.pop(name, ()):
            self.physics.remove(leaf.name)
        self._drop_sides.pop(name, None)
        self._fallen.forget(name)
        if name in self.vehicles:
            self.fleet.park(self.vehicles[name].index)
        for moved in (self.vehicles, self.walkers, self.robots, self.mobiles, self.conveyors):
            moved.pop(name, None)
        self._list_present()

    def bring_in(self, name: str) -> None:
        """Puts an actor into the world that has waited for it outside."""
        actor = self._awaited.pop(name, None)
        if actor is None:
            raise SimgenError(f"'{name}' is in the world already", where=f"actors.{name}")
        self._enter(actor)
        i = self.scene.index(name)
        self._present[i] = True
        self._underfoot.renew()
        self._list_present()
        self._velocity[i] = self._poses[i, :3, 0] * actor.speed_mps
        self._travelled[i] = self._standing[i] = 0.0
        self.story_changed()
        if actor.behavior is not None:
            self.behave(name, actor.behavior)

    def show(self, name: str, *, visible: bool) -> None:
        """Whether cameras, labels and other drivers see an actor; its body is there all the same."""
        self._hidden[self.scene.index(name)] = not visible
        self.story_changed()

    def teleport(self, name: str, pose: Array, speed_mps: float | None = None) -> None:
        """Puts an actor somewhere else, upright. A vehicle goes on along its new heading, at a new speed or its own;
        what is loose stands still."""
        i = self.scene.index(name)
        if name in self.vehicles:
            vehicle = self.vehicles[name]
            speed = vehicle.speed_mps if speed_mps is None else speed_mps
            vehicle.position_m, vehicle.yaw_rad = pose[:2, 3], yaw_of(pose)
            vehicle.velocity_mps = speed * pose[:2, 0]
            vehicle.height_m = float(pose[2, 3])
            self._underfoot.lay_down(vehicle)
            vehicle.lane_t_m = None
        elif name in self.walkers and not self.walkers[name].struck:
            self.walkers[name].put(pose)
        elif name in self.physics:
            self.physics.place(name, pose, np.zeros(3), np.zeros(3))
        self._poses[i] = pose
        self._look_at = self._tick
        self.story_changed()

    def push(self, name: str, force_n: Array) -> None:
        """A force (3,) on a vehicle or a loose thing over one control tick, world frame, at its middle."""
        change = force_n * (TICK_S / self.scene.entity(name).body.mass_kg)
        if name in self.vehicles:
            vehicle = self.vehicles[name]
            crashed = vehicle.crashed
            vehicle.struck(change, 0.0)
            vehicle.crashed = crashed
            return
        driven_ones = (self.walkers, self.robots, self.mobiles, self.conveyors)
        if name not in self.physics or any(name in ones for ones in driven_ones):
            raise unfit(name, "loose")
        linear, spin = self.physics.velocity(name)
        self.physics.set_velocity(name, linear + change, spin)

    @property
    def underfoot(self) -> Underfoot:
        """What wheels stand on."""
        return self._underfoot

    def close(self) -> None:
        self.physics.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stands_about(body: Body) -> bool:
    """Whether those on foot go round it wherever it stands, as they go round fixtures."""
    moves = any(kind is not None for kind in (body.vehicle, body.gait, body.urdf, body.base))
    return not moves and not body.surface and (body.fixed or body.mass_kg >= PUSHED_KG)
