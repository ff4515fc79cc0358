"""Scene and Snapshot: what exists, and how it stands at an instant. They are all that rendering, labels and sensing
see of a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from simgen.core.errors import UnknownName
from simgen.core.geometry import Array, read_only
from simgen.scene.body import Body, Lamp
from simgen.scene.boxes import box_below, footprints, is_round
from simgen.scene.enclosure import Enclosure
from simgen.scene.environment import Environment
from simgen.scene.mesh import Material, Mesh
from simgen.scene.road import RoadNetwork
from simgen.scene.signals import Signal

EGO = "ego"
"""Name of the entity in whose frame labels and records state things too, where a scene has one."""

_POSED = ("joints", "world_from_node")
EventPhase = Literal["waiting", "running", "complete"]
CAR_M = 2.0
"""What begins higher, nobody who drives runs into: crowns of trees, arms of lamps."""
BALL_KG = 1.0
"""Spheres that are lighter are balls: they roll away from what touches them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entity:
    """One body in the scene.

    Attributes:
        instance_id: 1, 2, … for labelled entities; 0 for stuff.
        semantic_id: id of ``body.semantic`` in scene/classes.py.
        first_node: its parts are the nodes ``first_node … first_node + len(body.parts) - 1``.
        first_joint: its joints stand in Snapshot.joints from here.
        static: it never moves (a fixture); actors are never static.
    """

    name: str
    model: str
    body: Body
    instance_id: int
    semantic_id: int
    first_node: int
    first_joint: int
    static: bool

    @property
    def nodes(self) -> slice:
        return slice(self.first_node, self.first_node + len(self.body.parts))

    @property
    def joints(self) -> slice:
        return slice(self.first_joint, self.first_joint + len(self.body.joints))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One mesh to draw: a part of an entity."""

    name: str
    entity: int
    mesh: Mesh
    material: Material


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SceneLamp:
    """A lamp of an entity; ``node`` is the index of its part, or -1 for the entity's own frame."""

    name: str
    entity: int
    node: int
    lamp: Lamp


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Scene:
    """What exists during an episode. Fixtures come first, then actors, in the scenario's order.

    Attributes:
        box_center_m, box_size_m: (E, 3) of the entities' bodies; round: (E,) whether that is one sphere.
        low_center_m, low_size_m: (E, 3) of boxes around what is lower than CAR_M while the body is upright; towers:
            (E,) whether it is a thing that is higher.
        solid: (E,) whether it is no fixture, no patch of ground and no ball; owners: (N,) index of each node's entity.
        enclosures: closed spaces out of doors.
        signal_lamps: of each signal, the lamps and their colours.
    """

    entities: tuple[Entity, ...]
    nodes: tuple[Node, ...]
    lamps: tuple[SceneLamp, ...]
    joint_names: tuple[str, ...]
    road: RoadNetwork | None
    indoor: bool
    ground: str
    signals: tuple[Signal, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    box_center_m: Array = field(init=False, repr=False)
    box_size_m: Array = field(init=False, repr=False)
    low_center_m: Array = field(init=False, repr=False)
    low_size_m: Array = field(init=False, repr=False)
    towers: NDArray[np.bool_] = field(init=False, repr=False)
    round: NDArray[np.bool_] = field(init=False, repr=False)
    solid: NDArray[np.bool_] = field(init=False, repr=False)
    owners: NDArray[np.int64] = field(init=False, repr=False)
    signal_lamps: tuple[tuple[tuple[int, str], ...], ...] = field(init=False, repr=False)
    _index: Mapping[str, int] = field(init=False, repr=False)
    _instances: Mapping[int, Entity] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bodies = [e.body for e in self.entities]
        centers = np.array([b.box_center_m for b in bodies], dtype=np.float64).reshape(-1, 3)
        sizes = np.array([b.box_size_m for b in bodies], dtype=np.float64).reshape(-1, 3)
        solid = np.array([not e.static and not e.body.surface and not _is_ball(e.body) for e in self.entities])
        object.__setattr__(self, "box_center_m", read_only(centers))
        object.__setattr__(self, "box_size_m", read_only(sizes))
        things = np.array([not e.static and e.body.vehicle is None and e.body.gait is None for e in self.entities])
        towers = things.astype(np.bool_) & (sizes[:, 2] > CAR_M)
        low_center, low_size = centers.copy(), sizes.copy()
        for i in np.flatnonzero(towers).tolist():
            low_center[i], low_size[i] = box_below(bodies[i], CAR_M)
        object.__setattr__(self, "low_center_m", read_only(low_center))
        object.__setattr__(self, "low_size_m", read_only(low_size))
        object.__setattr__(self, "towers", read_only(towers))
        object.__setattr__(self, "round", read_only(np.array([is_round(b) for b in bodies], dtype=np.bool_)))
        object.__setattr__(self, "solid", read_only(solid.astype(np.bool_)))
        object.__setattr__(self, "owners", read_only(np.array([n.entity for n in self.nodes], dtype=np.int64)))
        lamps = [(i, self.entities[lamp.entity].name, lamp.lamp.name) for i, lamp in enumerate(self.lamps)]
        shown = [tuple((i, name.split("_")[0]) for i, head, name in lamps if head in s.heads) for s in self.signals]
        object.__setattr__(self, "signal_lamps", tuple(shown))
        object.__setattr__(self, "_index", {e.name: i for i, e in enumerate(self.entities)})
        object.__setattr__(self, "_instances", {e.instance_id: e for e in self.entities if e.instance_id > 0})

    def index(self, name: str) -> int:
        """Index of the entity of this name. Raises UnknownName."""
        try:
            return self._index[name]
        except KeyError:
            known = [e.name for e in self.entities if not e.static]
            raise UnknownName(kind="actor", name=name, known=known) from None

    def outlines(self, world_from_entity: Array) -> Array:
        """(E, 4, 2) footprints of all entities at these poses (E, 4, 4)."""
        return footprints(world_from_entity, self.box_center_m, self.box_size_m, self.round)

    def entity(self, name: str) -> Entity:
        return self.entities[self.index(name)]

    @property
    def labelled(self) -> tuple[Entity, ...]:
        return tuple(e for e in self.entities if e.instance_id > 0)

    def by_instance(self, instance_id: int) -> Entity:
        return self._instances[instance_id]


def _is_ball(body: Body) -> bool:
    """Whether nobody would stop for it."""
    return is_round(body) and body.mass_kg < BALL_KG


@dataclass(frozen=True, slots=True, kw_only=True)
class EventState:
    """A story event at an instant. ``start_s`` and ``end_s`` are None before they happen."""

    name: str
    phase: EventPhase
    start_s: float | None = None
    end_s: float | None = None
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActiveEffect:
    """An effect that a story event has put on a sensor.

    ``values`` are plain, in declared units; ``end_s`` is None while it has no end.
    """

    sensor: str
    effect: str
    values: Mapping[str, object]
    event: str
    start_s: float
    end_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """The scene at an instant; read-only. N nodes, E entities, J joints, L lamps, as the Scene lists them.

    Attributes:
        tick: control tick (60 Hz); step: physics step (240 Hz).
        world_from_node: (N, 4, 4).
        world_from_entity: (E, 4, 4) body frames.
        velocity_mps, angular_velocity_radps: (E, 3) world frame: of the origin of the body frame of what a model moves,
            and of the middle of the box at rest of what the physics moves.
        joints: (J,) radians or metres.
        present: (E,) bool; absent entities are neither drawn nor labelled.
        lamp_power: (L,) output as a share of rated, 0 is off.
        events: every story event, in the scenario's order.
        effects: sensor effects put on by events and running now.
        state_digest: hex; chains over all control ticks so far, so a divergence is found at its first tick.
    """

    tick: int
    step: int
    time_s: float
    world_from_node: Array
    world_from_entity: Array
    velocity_mps: Array
    angular_velocity_radps: Array
    joints: Array
    present: NDArray[np.bool_]
    lamp_power: Array
    environment: Environment
    events: tuple[EventState, ...] = ()
    effects: tuple[ActiveEffect, ...] = ()
    state_digest: str = ""
    _pose: Callable[[], tuple[Array, Array]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("world_from_node", "world_from_entity", "velocity_mps", "joints", "present", "lamp_power"):
            getattr(self, name).setflags(write=False)

    @classmethod
    def posed_when_asked(cls, pose: Callable[[], tuple[Array, Array]], **values: Any) -> Snapshot:
        """A snapshot whose ``joints`` and ``world_from_node`` are what ``pose()`` gives when one of them is first asked
        for. Most instants are seen by nobody, and posing every part costs more than moving every body."""
        snapshot = object.__new__(cls)
        given = {"events": (), "effects": (), "state_digest": "", **values, "_pose": pose}
        for name, value in given.items():
            object.__setattr__(snapshot, name, value)
        for name in ("world_from_entity", "velocity_mps", "present", "lamp_power"):
            values[name].setflags(write=False)
        return snapshot

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Array:
            # Reached only for a slot that is still empty.
            if name not in _POSED or self._pose is None:
                raise AttributeError(name)
            for posed, value in zip(_POSED, self._pose(), strict=True):
                object.__setattr__(self, posed, read_only(value))
            object.__setattr__(self, "_pose", None)
            return object.__getattribute__(self, name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SceneView:
    """A scene together with one of its snapshots: what a renderer draws and labels describe."""

    scene: Scene
    snapshot: Snapshot

    def node_present(self) -> NDArray[np.bool_]:
        """(N,) whether each node is to be drawn."""
        return self.snapshot.present[self.scene.owners]

    def labelled_ids(self) -> tuple[int, ...]:
        """Instance ids of the labelled entities that are present, in order."""
        pairs = zip(self.scene.entities, self.snapshot.present, strict=True)
        return tuple(e.instance_id for e, present in pairs if present and e.instance_id > 0)
