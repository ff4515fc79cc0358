"""A situation: a snapshot together with what led to it (contacts, distances travelled, events). Conditions are measured
on it, before the run (at rest, without history) and at each control tick of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from simgen.core.camera import Camera
from simgen.core.declare import Declared
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array, read_only, yaw_of
from simgen.scene.body import Body
from simgen.scene.boxes import footprint, footprint_distance, footprints
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import EventState, Scene, SceneView, Snapshot

Pair = tuple[str, str]


def pair(a: str, b: str) -> Pair:
    """The unordered pair of two names."""
    return (a, b) if a <= b else (b, a)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Situation:
    """What a condition or a behaviour may know.

    Attributes:
        view: scene and snapshot.
        cameras: name of a sensor -> its camera now. Raises UnknownName.
        contacts: normal force in N of each pair of bodies that touch during this tick, by unordered names.
        collided: pairs that have touched at any time so far.
        acceleration_mps2: (E, 3) world frame.
        travelled_m, standing_s: (E,) length of the path so far; time since it last moved.
        extremes: what tracked conditions (``max_…``, ``min_…``) have seen so far, by (name, arguments).
        variables: set by the action ``set_variable``.
    """

    view: SceneView
    cameras: Callable[[str], Camera]
    contacts: Mapping[Pair, float] = field(default_factory=dict)
    collided: frozenset[Pair] = frozenset()
    acceleration_mps2: Array
    travelled_m: Array
    standing_s: Array
    extremes: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    variables: Mapping[str, float] = field(default_factory=dict)
    _footprints: dict[str, Array] = field(default_factory=dict, init=False, repr=False)
    _leads: list[Mapping[int, tuple[float, float]]] = field(default_factory=list, init=False, repr=False)

    @classmethod
    def at_rest(cls, view: SceneView, cameras: Callable[[str], Camera]) -> Situation:
        """The situation before anything has happened."""
        count = len(view.scene.entities)
        return cls(
            view=view,
            cameras=cameras,
            acceleration_mps2=np.zeros((count, 3)),
            travelled_m=np.zeros(count),
            standing_s=np.zeros(count),
        )

    @property
    def scene(self) -> Scene:
        return self.view.scene

    @property
    def snapshot(self) -> Snapshot:
        return self.view.snapshot

    @property
    def time_s(self) -> float:
        return self.snapshot.time_s

    @property
    def road(self) -> RoadNetwork:
        """Raises SimgenError where there is no road."""
        if self.scene.road is None:
            raise SimgenError("this setting has no road", remedy="use a condition that needs no lane")
        return self.scene.road

    def body(self, name: str) -> Body:
        return self.scene.entity(name).body

    def pose(self, name: str) -> Array:
        """world_from_entity (4, 4)."""
        pose: Array = self.snapshot.world_from_entity[self.scene.index(name)]
        return pose

    def position(self, name: str) -> Array:
        """(3,) of the body frame's origin, world frame, metres."""
        return self.pose(name)[:3, 3]

    def yaw(self, name: str) -> float:
        return yaw_of(self.pose(name))

    def velocity(self, name: str) -> Array:
        """(3,) world frame, m/s."""
        velocity: Array = self.snapshot.velocity_mps[self.scene.index(name)]
        return velocity

    def speed(self, name: str) -> float:
        return float(np.linalg.norm(self.velocity(name)))

    def footprint(self, name: str) -> Array:
        """(4, 2) corners on the ground, world frame."""
        known = self._footprints.get(name)
        if known is None:
            known = self._footprints[name] = read_only(footprint(self.pose(name), self.body(name)))
        return known

    def lead_of(self, name: str) -> tuple[float, float] | None:
        """(gap in m, speed in m/s along its heading) of the nearest vehicle in the way of a vehicle that goes straight
        ahead, or None. Found for all vehicles at once, when first asked."""
        if not self._leads:
            self._leads.append(self._find_leads())
        return self._leads[0].get(self.scene.index(name))

    def _find_leads(self) -> Mapping[int, tuple[float, float]]:
        present = self.snapshot.present
        bodies = {i: e.body for i, e in enumerate(self.scene.entities) if e.body.vehicle is not None and present[i]}
        if len(bodies) < 2:
            return {}
        chosen = np.array(list(bodies), dtype=np.int64)
        centers = np.array([b.box_center_m for b in bodies.values()])
        sizes = np.array([b.box_size_m for b in bodies.values()])
        poses = self.snapshot.world_from_entity[chosen]
        corners = footprints(poses, centers, sizes)
        yaw = np.arctan2(poses[:, 1, 0], poses[:, 0, 0])
        forward, leftward = np.stack([np.cos(yaw), np.sin(yaw)], axis=1), np.stack([-np.sin(yaw), np.cos(yaw)], axis=1)
        # Rows are those who look, columns are those who are looked at: a rectangle reaches half its edges either way
        middle = corners.mean(axis=1)
        edges = 0.5 * (corners[:, 1] - corners[:, 0]), 0.5 * (corners[:, 3] - corners[:, 0])
        here = poses[:, :2, 3]
        ahead = forward @ middle.T - np.einsum("nj,nj->n", forward, here)[:, None]
        left = leftward @ middle.T - np.einsum("nj,nj->n", leftward, here)[:, None]
        deep = sum(np.abs(forward @ edge.T) for edge in edges)
        wide = sum(np.abs(leftward @ edge.T) for edge in edges)
        front = (centers[:, 0] + sizes[:, 0] / 2)[:, None]
        half = (sizes[:, 1] / 2)[:, None]
        nose = ahead - deep
        in_way = (np.abs(left) <= half + wide) & (ahead + deep > front) & (nose > front - 1.0)
        np.fill_diagonal(in_way, False)
        gaps = np.where(in_way, nose - front, np.inf)
        nearest = gaps.argmin(axis=1)
        rows = np.flatnonzero(np.isfinite(gaps.min(axis=1)))
        velocity = self.snapshot.velocity_mps[chosen[nearest[rows]]]
        speeds = np.einsum("nj,nj->n", velocity, poses[rows, :3, 0])
        found = np.maximum(gaps[rows, nearest[rows]], 0.0)
        return {
            int(chosen[row]): (gap, speed)
            for row, gap, speed in zip(rows.tolist(), found.tolist(), speeds.tolist(), strict=True)
        }

    def distance(self, a: str, b: str) -> float:
        """Gap between two bodies' footprints, metres; 0 when they overlap."""
        return footprint_distance(self.footprint(a), self.footprint(b))

    def road_position(self, name: str) -> tuple[float, float]:
        """(s, t) on the road, metres."""
        return self.road.locate(self.position(name))

    def event(self, name: str) -> EventState:
        for event in self.snapshot.events:
            if event.name == name:
                return event
        raise UnknownName(kind="event", name=name, known=[e.name for e in self.snapshot.events])


class Condition(Declared):
    """Something to ask of a situation; in YAML a function whose positional arguments fill the parameters in order.

    Attributes:
        unit: SI unit of the answer, "" for a pure number, "flag" for true or false.
        tracked: "max" or "min" when the answer is the extreme of ``sample`` over the run so far; the world then asks
            at every control tick that is a multiple of ``every_ticks``.
    """

    unit: ClassVar[str] = "flag"
    tracked: ClassVar[str | None] = None
    every_ticks: ClassVar[int] = 1

    @abstractmethod
    def measure(self, situation: Situation) -> float | bool:
        """The answer now."""


class Tracked(Condition):
    """A condition that remembers: ``measure`` is the extreme of ``sample`` so far."""

    name: ClassVar[str]

    @abstractmethod
    def sample(self, situation: Situation) -> float:
        """The value at this tick."""

    def key(self) -> tuple[str, ...]:
        return (self.name, *(str(getattr(self, p)) for p in self.parameters))

    def measure(self, situation: Situation) -> float:
        return situation.extremes.get(self.key(), 0.0 if self.tracked == "max" else float("inf"))
