"""Who holds what: things that are fixed to somebody, and things that have stood on somebody since the start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from simgen.core.errors import SimgenError
from simgen.core.geometry import Array, inverse
from simgen.scene.scene import Scene
from simgen.scene.situation import Pair, pair
from simgen.simulation.physics import Physics
from simgen.simulation.robot import Robot
from simgen.simulation.vehicle import Vehicle

APART_TICKS = 30
"""For how long a thing loses touch with what it stands on before it has left it: cargo that hops stays cargo."""


class _Standing(NamedTuple):
    """A thing and the actor that has carried it since the start, and when they touched last."""

    touching: Pair
    last_tick: int


class Holding:
    """The ties between the actors of one world.

    What is fixed to a vehicle rides on it and touches nothing; what is fixed to anybody else is joined to him in the
    physics. What merely stands on somebody may fall off.

    Args:
        beneath: what each actor stands on at the start, from the top down.
        poses: (E, 4, 4) of all entities, as they are kept up to date.
        hand_over: tells the physics where somebody is whom a model moves.
    """

    def __init__(
        self,
        scene: Scene,
        physics: Physics,
        beneath: Mapping[str, Sequence[str]],
        vehicles: Mapping[str, Vehicle],
        robots: Mapping[str, Robot],
        poses: Array,
        hand_over: Callable[[str], None],
    ) -> None:
        self._scene, self._physics = scene, physics
        self._vehicles, self._robots = vehicles, robots
        self._poses, self._hand_over = poses, hand_over
        self._joined: dict[str, tuple[str, int]] = {}
        self._carried: dict[str, tuple[str, Array]] = {}
        self._sliding: dict[str, Array] = {}
        self._standing: dict[str, _Standing] = {}
        self._stacked: dict[str, list[str]] = {}
        for name, below in beneath.items():
            for thing in below:
                self._stacked.setdefault(thing, []).append(name)

    # Who holds what

    def is_attached(self, thing: str) -> bool:
        return thing in self._joined or thing in self._carried

    def joined(self) -> set[str]:
        """Names of those that are joined to each other, on both sides."""
        return {name for thing, (to, _) in self._joined.items() for name in (thing, to)}

    def carries(self, carrier: str, thing: str) -> bool:
        """Whether a thing is attached to this vehicle."""
        return self._carried.get(thing, ("",))[0] == carrier

    def carried_by(self, carrier: str) -> list[str]:
        """Names of the things that are attached to a vehicle."""
        return [thing for thing, (to, _) in self._carried.items() if to == carrier]

    def stacked_on(self, thing: str) -> list[str]:
        """What was placed on a thing, on that, and so on."""
        return self._stacked.get(thing, [])

    def load_of(self, carrier: str) -> frozenset[str]:
        """Names of the things that are attached to a vehicle, or have stood on it since the start."""
        stacked = (thing for thing in self.stacked_on(carrier) if thing in self._standing)
        return frozenset((*self.carried_by(carrier), *stacked))

    def place_on(self, thing: str) -> Array:
        """carrier_from_thing (4, 4) of a thing that a vehicle carries."""
        return self._carried[thing][1]

    # Ties begin and end

    def attach(self, thing: str, to: str) -> None:
        """Fixes a loose thing to an actor; to an arm, at its tool. What stands on it goes along on a vehicle.

        Raises:
            SimgenError: it is attached already, or one of the two has no body.
        """
        if thing == to:
            raise SimgenError(f"'{thing}' cannot be attached to itself", where=f"actors.{thing}")
        if self.is_attached(thing):
            raise SimgenError(f"'{thing}' is attached already", where=f"actors.{thing}", remedy="detach it first")
        for name in (thing, to):
            if name not in self._physics:
                raise SimgenError(f"'{name}' has no body that could be held", where=f"actors.{name}")
        if to in self._vehicles:
            pose = self._poses[self._scene.index(thing)]
            self._carried[thing] = (to, inverse(self._vehicles[to].pose()) @ pose)
            for upon in self.stacked_on(thing):
                if upon in self._standing and not self.is_attached(upon):
                    self.attach(upon, to)
            return
        for name in (thing, to):
            self._hand_over(name)
        link = self._robots[to].hand.tool_link if to in self._robots else None
        self._joined[thing] = (to, self._physics.join(thing, to, link))

    def detach(self, thing: str) -> None:
        """Lets a thing go, at the velocity that it has. Raises SimgenError when nothing holds it."""
        if thing in self._carried:
            self._physics.place(thing, *self._ride(thing))
            carrier, _ = self._carried.pop(thing)
            for upon in self.stacked_on(thing):
                if self.carries(carrier, upon):
                    self.detach(upon)
            return
        if thing not in self._joined:
            raise SimgenError(f"'{thing}' is not attached", where=f"actors.{thing}", remedy="attach it before")
        self._physics.part(self._joined.pop(thing)[1])

    def leave(self, name: str) -> list[str]:
        """Ends the ties of an actor that leaves the world; returns what rides on it, and leaves with it."""
        for thing in [thing for thing, (to, _) in self._joined.items() if name in (thing, to)]:
            self.detach(thing)
        self._carried.pop(name, None)
        return self.carried_by(name)

    def slide(self, thing: str, velocity_mps: Array, elapsed_s: float) -> None:
        """Lets a thing slide for a tick over the vehicle that carries it, with what stands on it; the velocity (2,) is
        that ahead and to the left, seen from the vehicle."""
        carrier = self._carried[thing][0]
        for name in (thing, *self.stacked_on(thing)):
            if self.carries(carrier, name):
                moved = self._carried[name][1].copy()
                moved[:2, 3] += elapsed_s * velocity_mps
                self._carried[name] = (carrier, moved)
                self._sliding[name] = velocity_mps

    # As time goes on

    def rest(self) -> None:
        """A tick begins, and nothing slides until it is told to."""
        self._sliding.clear()

    def carry(self) -> None:
        """Things that vehicles carry are where these are."""
        for thing, (carrier, _) in self._carried.items():
            pose, linear, spin = self._ride(thing)
            if thing in self._sliding:
                linear = linear + self._vehicles[carrier].pose()[:3, :2] @ self._sliding[thing]
            self._physics.carry(thing, pose, linear, spin)

    def _ride(self, thing: str) -> tuple[Array, Array, Array]:
        """Pose of a thing on a vehicle, velocity of its middle, and its rate of turn."""
        carrier, carrier_from_thing = self._carried[thing]
        vehicle = self._vehicles[carrier]
        pose = vehicle.pose() @ carrier_from_thing
        middle = pose[:3, :3] @ np.asarray(self._scene.entity(thing).body.box_center_m) + pose[:3, 3]
        spin = vehicle.angular_velocity()
        return pose, vehicle.linear_velocity() + np.cross(spin, middle - vehicle.pose()[:3, 3]), spin

    def stand(self, thing: str, carrier: str, tick: int) -> None:
        """A thing stands on an actor from now on."""
        self._standing[thing] = _Standing(pair(thing, carrier), tick)

    def borne(self) -> set[Pair]:
        """Things and the actors that they have stood on since the start: those do not collide."""
        return {standing.touching for standing in self._standing.values()}

    def part(self, contacts: Collection[Pair], tick: int) -> None:
        """What has not touched for a while what it stood on at the start has left it, and may collide with it."""
        for thing, standing in list(self._standing.items()):
            if standing.touching in contacts or self.is_attached(thing):
                self._standing[thing] = standing._replace(last_tick=tick)
            elif tick - standing.last_tick > APART_TICKS:
                del self._standing[thing]
