"""A situation: a snapshot together with what led to it (contacts, distances travelled, events). Conditions are measured
on it, before the run (at rest, without history) and at each control tick of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simgen.core.camera import Camera
from simgen.core.declare import Declared
from simgen.core.errors import SimgenError, UnknownName
from simgen.core.geometry import Array, read_only, yaw_of
from simgen.scene.body import Body
from simgen.scene.boxes import footprint_distance, footprints, overlap
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import EventState, Scene, SceneView, Snapshot

Pair = tuple[str, str]
NOTICED_S = 1.15
"""From when a door begins to open to when who drives past has taken note of it: 0.4 s to perceive a risk and 0.75 s to
react to it, as the careful driver of UN R157."""
LOW_M = 0.25
"""What is lower is driven over or pushed aside, and nobody keeps a distance to it."""

_UPRIGHT = 0.9
"""Cosine of the angle by which something leans that still stands."""


def pair(a: str, b: str) -> Pair:
    """The unordered pair of two names."""
    return (a, b) if a <= b else (b, a)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protrusion:
    """What stands out of the outline of a body at rest: a door that is open or swings; a machine that has fallen over,
    and who lies beside it.

    Attributes:
        entity: index of whose it is.
        outlines_m: (P, 4, 2) of its parts on the ground, world frame.
        out_s: for how long it has stood out.
    """

    entity: int
    outlines_m: Array
    out_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Situation:
    """What a condition or a behaviour may know.

    Attributes:
        view: scene and snapshot.
        cameras: name of a sensor -> its camera now. Raises UnknownName.
        contacts: normal force in N of each pair of bodies that touch during this tick, by unordered names.
        collided: pairs that have collided at any time so far: actors with each other, and with fixtures other than the
            ground.
        acceleration_mps2: (E, 3) world frame.
        travelled_m, standing_s: (E,) length of the path so far; time since it last moved.
        extremes: what tracked conditions (``max_…``, ``min_…``) have seen so far, by (name, arguments).
        variables: set by the action ``set_variable``.
        protrusions: open doors and riders who have fallen, which stand out of the outlines of their vehicles.
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
    protrusions: tuple[Protrusion, ...] = ()
    _outlines: list[Array] = field(default_factory=list, init=False, repr=False)
    _places: dict[str, tuple[float, float, float]] = field(default_factory=dict, init=False, repr=False)
    _obstacles: list[NDArray[np.int64]] = field(default_factory=list, init=False, repr=False)

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
        """(P, 4, 2) corners on the ground of a body and then of what stands out of it, world frame."""
        return self.footprints([self.scene.index(name)])[0]

    def footprints(self, entities: ArrayLike, *, out_s: float = 0.0) -> tuple[Array, NDArray[np.int64]]:
        """What bodies cover on the ground, world frame: (n, 4, 2) footprints of these entities (n,), followed by those
        of what has stood out of them for so long, (n + P, 4, 2); and whose each is, (n + P,) places in
        ``entities``."""
        chosen = np.asarray(entities, dtype=np.int64)
        return self._with_protrusions(self._closed()[chosen], chosen, out_s)

    def low_footprints(self, entities: ArrayLike) -> tuple[Array, NDArray[np.int64]]:
        """``footprints`` of what of these entities stands at the height of a car, with all that stands out of them."""
        chosen = np.asarray(entities, dtype=np.int64)
        outlines = self._closed()[chosen]
        which = self._towering(chosen)
        if which.any():
            scene, of = self.scene, chosen[which]
            poses = self.snapshot.world_from_entity[of]
            outlines[which] = footprints(poses, scene.low_center_m[of], scene.low_size_m[of], scene.round[of])
        return self._with_protrusions(outlines, chosen, 0.0)

    def low_boxes(self, entities: NDArray[np.int64]) -> tuple[Array, Array]:
        """Middles and sizes (n, 3), body frames, of boxes around what of these entities is at the height of a car."""
        center, size = self.scene.box_center_m[entities], self.scene.box_size_m[entities]
        which = self._towering(entities)
        if which.any():
            of = entities[which]
            center[which], size[which] = self.scene.low_center_m[of], self.scene.low_size_m[of]
        return center, size

    def _towering(self, entities: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n,) which of these stand upright and reach over cars."""
        which: NDArray[np.bool_] = self.scene.towers[entities]
        if which.any():
            which &= self.snapshot.world_from_entity[entities, 2, 2] > _UPRIGHT
        return which

    def _with_protrusions(
        self, closed_m: Array, chosen: NDArray[np.int64], out_s: float
    ) -> tuple[Array, NDArray[np.int64]]:
        outlines, own = [closed_m], [np.arange(len(chosen))]
        for out in self.protrusions:
            place = np.flatnonzero(chosen == out.entity)
            if len(place) and out.out_s >= out_s:
                outlines.append(out.outlines_m)
                own.append(np.repeat(place, len(out.outlines_m)))
        return np.concatenate(outlines), np.concatenate(own)

    def _closed(self) -> Array:
        """(E, 4, 2) footprints of all entities without what stands out of them; made when first asked for."""
        if not self._outlines:
            self._outlines.append(read_only(self.scene.outlines(self.snapshot.world_from_entity)))
        return self._outlines[0]

    @property
    def obstacles(self) -> NDArray[np.int64]:
        """Indices of the entities that drivers do not drive over: people, animals, vehicles, and solid things higher
        than LOW_M as they lie now. Fixtures are not among them; found when first asked for."""
        if not self._obstacles:
            scene, snapshot = self.scene, self.snapshot
            chosen = np.flatnonzero(snapshot.present & scene.solid)
            upright = np.abs(snapshot.world_from_entity[chosen, 2, :3])
            height = np.where(
                scene.round[chosen],
                scene.box_size_m[chosen, 2],
                np.add.reduce(upright * scene.box_size_m[chosen], axis=1),
            )
            self._obstacles.append(chosen[height >= LOW_M])
        return self._obstacles[0]

    def distance(self, a: str, b: str) -> float:
        """Gap between what two bodies cover on the ground, metres; 0 when they overlap."""
        return min(footprint_distance(p, q) for p in self.footprint(a) for q in self.footprint(b))

    def overlapping(self, a: str, b: str) -> bool:
        """Whether what two bodies cover on the ground shares an area."""
        return any(overlap(p, q) for p in self.footprint(a) for q in self.footprint(b))

    def road_position(self, name: str) -> tuple[float, float]:
        """(s, t) on the road, metres."""
        s, t, _ = self.road_place(name)
        return s, t

    def road_place(self, name: str) -> tuple[float, float, float]:
        """(s, t) on the road, metres, and the heading of the road there; found when first asked for."""
        known = self._places.get(name)
        if known is None:
            x, y = self.snapshot.world_from_entity[self.scene.index(name), :2, 3].tolist()
            known = self._places[name] = self.road.main_road.line.place(x, y)
        return known

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
