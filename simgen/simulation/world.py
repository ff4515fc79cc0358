"""The world: the one mutable object. It builds a concrete scenario in the physics and runs it to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array, inverse, planar_poses, rotations_between, yaw_of
from simgen.core.seeds import Key
from simgen.sampling.assembly import assemble, beneath, driven, is_loose, lamp_power, rides
from simgen.sampling.concrete import ConcreteActor, ConcreteScenario, Use
from simgen.scene import signals
from simgen.scene.body import Body, CollisionShape
from simgen.scene.boxes import box_outlines, covered
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.gates import opened
from simgen.scene.lying import undersides_m, upon
from simgen.scene.movement import unfit
from simgen.scene.posing import entity_node_poses
from simgen.scene.scene import ActiveEffect, Entity, Scene, SceneView, Snapshot
from simgen.scene.situation import Pair, Protrusion, Situation, pair
from simgen.scene.stage import Fixture
from simgen.simulation.action import Behavior, Steps
from simgen.simulation.conveyor import Conveyor
from simgen.simulation.course import needs_courses
from simgen.simulation.doors import DropSide, Leaf
from simgen.simulation.fleet import PEDAL, SPIN, STEER, Fleet
from simgen.simulation.friction import wheel_friction
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
APART_TICKS = 30
"""For how long a thing loses touch with what it stands on before it has left it: cargo that hops stays cargo."""
BLOW_MPS = 0.5
"""What is slower is set down on a fixture, or leans on it, and does not collide with it."""
STANDS_MPS = 0.1
"""What is slower stands, for those on foot who look for their way past it."""
PUSHED_KG = 15.0
"""What is lighter and loose, who walks against it pushes aside."""
LIES = 0.95
"""Share of the way down from which who falls over is as good as on the ground."""
BRAKING_MPS2 = -0.7
"""Deceleration from which the brake lamps shine (UN R13-H asks for them from 1.3 and allows them from 0.7 m/s²)."""
BRAKE_LAMP_TICKS = 30
"""How long they shine at least, half a second: who touches the brake again and again is seen to brake, and does not
flicker."""


class _Running(NamedTuple):
    """A behaviour that somebody has now, and since when."""

    steps: Steps
    every_ticks: int
    since_tick: int


class _Standing(NamedTuple):
    """A thing and the actor that has carried it since the start, and when they touched last."""

    touching: Pair
    last_tick: int


class _Lying(NamedTuple):
    """A two-wheeler that falls over, and its rider: what will collide of them, body frame; since when they fall, and
    whether the physics knows of it; of a pose of the machine, how they lie on the ground there."""

    shapes: tuple[CollisionShape, ...]
    since_tick: int
    told: bool = False
    where: bytes = b""
    laid: Array | None = None


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
        self._joined: dict[str, tuple[str, int]] = {}
        self._carried: dict[str, tuple[str, Array]] = {}
        self._sliding: dict[str, Array] = {}
        added = {do.subject for event in concrete.story for do in event.do if do.action.name == "add_entity"}
        self._awaited = {a.name: a for a in concrete.actors if a.name in added}
        self.effects: list[ActiveEffect] = []
        self.variables: dict[str, float] = {}
        self.signals_held: dict[str, str] = {}
        self.lamp_power = assembly.start.lamp_power.copy()
        self.mains = 1.0
        owners = [self.scene.entities[lamp.entity] for lamp in self.scene.lamps]
        self._on_mains = np.array([one.static or one.body.fixed for one in owners], dtype=np.bool_)
        self._braked_tick = np.full(len(self.lamp_power), -BRAKE_LAMP_TICKS, dtype=np.int64)
        self._light = assembly.start.environment
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
        self._stands_on: dict[str, _Standing] = {}
        self._lying: dict[str, _Lying] = {}
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
        self._stacked: dict[str, list[str]] = {}
        for name, below in self._beneath.items():
            for thing in below:
                self._stacked.setdefault(thing, []).append(name)
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
            self._stands_on[actor.name] = _Standing(pair(actor.name, actor.carrier), self._tick)
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
        self._sliding.clear()
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
        self._part(contacts)
        borne = {standing.touching for standing in self._stands_on.values()}
        new = contacts.keys() - borne - self._collided
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

    def _part(self, contacts: Mapping[Pair, float]) -> None:
        """What has not touched for a while what it stood on at the start has left it, and may collide with it."""
        for thing, standing in list(self._stands_on.items()):
            if standing.touching in contacts or self.is_attached(thing):
                self._stands_on[thing] = standing._replace(last_tick=self._tick)
            elif self._tick - standing.last_tick > APART_TICKS:
                del self._stands_on[thing]

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
        self._carry()
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
        """Lets a two-wheeler that falls over collide as it lies in the end, once nothing stands in it any more."""
        name, body = vehicle.name, vehicle.entity.body
        lying = self._lying.get(name)
        if lying is None:
            assert body.overturned is not None
            lying = self._lying[name] = _Lying(body.overturned(vehicle.joints), self._tick)
            self._list_present()
        held = {name for thing, (to, _) in self._joined.items() for name in (thing, to)}
        if lying.told or vehicle.fallen < LIES or name not in self.physics or name in held:
            return
        if self.physics.replace(name, replace(body, collision=lying.shapes), vehicle.pose(), self._grounds):
            self._put_on_wheels(vehicle)
            self._lying[name] = lying._replace(told=True)

    def _carry(self) -> None:
        """Things that vehicles carry are where these are."""
        for thing, (carrier, carrier_from_thing) in self._carried.items():
            pose, linear, spin = self._ride(carrier, carrier_from_thing, self.scene.entity(thing).body.box_center_m)
            if thing in self._sliding:
                linear = linear + self.vehicles[carrier].pose()[:3, :2] @ self._sliding[thing]
            self.physics.carry(thing, pose, linear, spin)

    def _ride(self, carrier: str, carrier_from_thing: Array, center_m: Sequence[float]) -> tuple[Array, Array, Array]:
        """Pose of a thing on a vehicle, velocity of its middle, and its rate of turn."""
        vehicle = self.vehicles[carrier]
        pose = vehicle.pose() @ carrier_from_thing
        middle = pose[:3, :3] @ np.asarray(center_m) + pose[:3, 3]
        spin = vehicle.angular_velocity()
        return pose, vehicle.linear_velocity() + np.cross(spin, middle - vehicle.pose()[:3, 3]), spin

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
        close.update(name for thing, (to, _) in self._joined.items() for name in (thing, to))
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
        lamps = [
            (i, self.vehicles[owner].index)
            for i, lamp in enumerate(self.scene.lamps)
            if lamp.lamp.name.startswith("brake") and (owner := self.scene.entities[lamp.entity].name) in self.vehicles
        ]
        self._brake_lamps, self._braking = np.array(lamps, dtype=np.int64).reshape(-1, 2).T

    def _reach(self, entity: Entity) -> float:
        """How far somebody may reach beyond the box around the body at rest: with an arm, or a door, or as one who
        lies on the ground."""
        if entity.name in self._lying:
            outlines = box_outlines(np.eye(4), self._lying[entity.name].shapes)
            return float(np.max(np.abs(outlines) - 0.5 * np.array(entity.body.box_size_m[:2])))
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
        self._braked_tick[self._brake_lamps[state[PEDAL, self._braking] < BRAKING_MPS2]] = self._tick
        lit = self._tick < self._braked_tick[self._brake_lamps] + BRAKE_LAMP_TICKS
        self.lamp_power[self._brake_lamps] = lit
        signals.light(scene, self.lamp_power, self.time_s, self.signals_held, self.lamp_level)
        velocity, was = self._velocity.copy(), self._poses[:, :3, 3].copy()
        if self.vehicles:
            rows, places = self._driven, self._places
            poses = self.fleet.poses()
            self._poses[rows], self._velocity[rows] = poses[places], self.fleet.velocities(poses)[places]
            self._spin[rows] = self.fleet.spins(poses)[places]
            for name in self._lying:
                self._lay(self.vehicles[name])
            for row, owners, joints in self._turning:
                self._joints[joints] = state[row, owners]
            for vehicle in self._balanced:
                self._joints[vehicle.entity.joints] = vehicle.joints
        if self._on_feet:
            rows, stands = self._rows_on_feet, self._steps_taken
            if any(w.struck for w in self._on_feet):
                kept = [not w.struck for w in self._on_feet]
                rows, stands = rows[kept], stands[kept]
            self._poses[rows] = planar_poses(stands[:, :3], stands[:, 3])
            self._spin[rows] = 0.0
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

    def _lay(self, vehicle: Vehicle) -> None:
        """Lays a two-wheeler that falls over, and its rider, on the ground that is there: on a kerb."""
        road, lying = self.stage.road, self._lying[vehicle.name]
        if road is None:
            return
        i = self.scene.index(vehicle.name)
        flat = self._poses[i].copy()
        if flat.tobytes() != lying.where:
            laid = upon(flat, undersides_m(lying.shapes), road.ground_at)
            self._lying[vehicle.name] = lying = lying._replace(where=flat.tobytes(), laid=laid)
        assert lying.laid is not None
        self._poses[i] = flat + vehicle.fallen * (lying.laid - flat)
        self._poses[i, :3, :3] = rotations_between(flat[:3, :3], lying.laid[:3, :3], vehicle.fallen)

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
                lamp_power=self.lamp_power.copy(),
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
                    outlines_m=box_outlines(self._poses[index(name)], lying.shapes),
                    out_s=(self._tick - lying.since_tick) * TICK_S,
                )
                for name, lying in self._lying.items()
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
        """Fixes a loose thing to an actor; to an arm, at its tool. What stands on it goes along on a vehicle."""
        if thing == to:
            raise SimgenError(f"'{thing}' cannot be attached to itself", where=f"actors.{thing}")
        if thing in self._joined or thing in self._carried:
            raise SimgenError(f"'{thing}' is attached already", where=f"actors.{thing}", remedy="detach it first")
        for name in (thing, to):
            if name not in self.physics:
                raise SimgenError(f"'{name}' has no body that could be held", where=f"actors.{name}")
        if to in self.vehicles:
            pose = self._poses[self.scene.index(thing)]
            self._carried[thing] = (to, inverse(self.vehicles[to].pose()) @ pose)
            self._look_at = self._tick
            for upon in self.stacked_on(thing):
                if upon in self._stands_on and not self.is_attached(upon):
                    self.attach(upon, to)
            return
        for name in (thing, to):
            self._hand_over(name)
        link = self.robots[to].hand.tool_link if to in self.robots else None
        self._joined[thing] = (to, self.physics.join(thing, to, link))
        self._look_at = self._tick

    def stacked_on(self, thing: str) -> list[str]:
        """What was placed on a thing, on that, and so on."""
        return self._stacked.get(thing, [])

    def _hand_over(self, name: str) -> None:
        """Tells the physics where a body is that a model moves."""
        if name in self.vehicles or (name in self.walkers and not self.walkers[name].struck):
            i = self.scene.index(name)
            self.physics.place(name, self._poses[i], self._velocity[i], self._spin[i])

    def carried_by(self, carrier: str) -> list[str]:
        """Names of the things that are attached to a vehicle."""
        return [thing for thing, (to, _) in self._carried.items() if to == carrier]

    def load_of(self, carrier: str) -> frozenset[str]:
        """Names of the things that are attached to a vehicle, or have stood on it since the start."""
        stacked = (thing for thing in self.stacked_on(carrier) if thing in self._stands_on)
        return frozenset((*self.carried_by(carrier), *stacked))

    def carries(self, carrier: str, thing: str) -> bool:
        return self._carried.get(thing, ("",))[0] == carrier

    def place_on(self, thing: str) -> Array:
        """carrier_from_thing (4, 4) of a thing that a vehicle carries."""
        return self._carried[thing][1]

    def slide(self, thing: str, velocity_mps: Array) -> None:
        """Lets a thing slide for a tick over the vehicle that carries it, with what stands on it; the velocity (2,) is
        that ahead and to the left, seen from the vehicle."""
        carrier = self._carried[thing][0]
        for name in (thing, *self.stacked_on(thing)):
            if self.carries(carrier, name):
                moved = self._carried[name][1].copy()
                moved[:2, 3] += TICK_S * velocity_mps
                self._carried[name] = (carrier, moved)
                self._sliding[name] = velocity_mps

    def is_attached(self, thing: str) -> bool:
        return thing in self._joined or thing in self._carried

    def detach(self, thing: str) -> None:
        if thing in self._carried:
            carrier, place = self._carried.pop(thing)
            self.physics.place(thing, *self._ride(carrier, place, self.scene.entity(thing).body.box_center_m))
            for upon in self.stacked_on(thing):
                if self.carries(carrier, upon):
                    self.detach(upon)
            return
        if thing not in self._joined:
            raise SimgenError(f"'{thing}' is not attached", where=f"actors.{thing}", remedy="attach it before")
        self.physics.part(self._joined.pop(thing)[1])

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
        before = self._light
        self.environment = environment
        self._light = physical(environment)
        self.story_changed()
        if (before.lamps_on, before.lamp_level) != (self._light.lamps_on, self._light.lamp_level):
            self._relight(np.ones(len(self.scene.lamps), dtype=np.bool_))

    @property
    def lamp_level(self) -> float:
        """Output of lamps on the mains as a share of rated."""
        return self.environment.lamp_level * self.mains

    def set_mains(self, share: float) -> None:
        """The mains supply this share of what lamps on them want, from now on; 0 where they have failed."""
        self.mains = share
        self.story_changed()
        self._relight(self._on_mains)

    def _relight(self, changed: NDArray[np.bool_]) -> None:
        """Gives those of the lamps (L,) that have ``changed`` the output which the environment and the mains set."""
        power = lamp_power(self.scene, self._light, driven(self.concrete))
        power[self._on_mains] *= self.mains
        changed = changed & np.array([not lamp.lamp.signal for lamp in self.scene.lamps], dtype=np.bool_)
        self.lamp_power = np.where(changed, power, self.lamp_power)
        signals.light(self.scene, self.lamp_power, self.time_s, self.signals_held, self.lamp_level)

    def story_changed(self) -> None:
        """Events or effects are not what the last situation says."""
        self._situation = self._snapshot = None

    def remove(self, name: str) -> None:
        """Takes an actor out of the world for good."""
        self._present[self.scene.index(name)] = False
        self.story_changed()
        for thing in [thing for thing, (to, _) in self._joined.items() if name in (thing, to)]:
            self.detach(thing)
        for thing in self.carried_by(name):
            self.remove(thing)
        self._carried.pop(name, None)
        self._behaviors.pop(name, None)
        if name in self.physics:
            self.physics.remove(name)
        for leaf in self._leaves.pop(name, ()):
            self.physics.remove(leaf.name)
        self._drop_sides.pop(name, None)
        self._lying.pop(name, None)
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
