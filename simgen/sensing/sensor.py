"""The base of sensors: where one is mounted and when it fires."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np

from simgen.core.camera import Camera
from simgen.core.declare import Declared, Plain, quantity, text, vector
from simgen.core.errors import UnknownName, ValueOutOfRange
from simgen.core.geometry import CAMERA_FROM_BODY, Array, camera_pose, pose, rotation_rpy
from simgen.core.seeds import Key
from simgen.scene.scene import Entity, Scene, Snapshot
from simgen.sensing.chain import TICKS_PER_SECOND, Chain
from simgen.sensing.effect import Effect

WORLD = "world"
_FARTHEST_M = 20_000.0
"""From the world's origin; farther out nothing is built."""


class Sensor(Declared):
    """Something that delivers frames.

    ``mount`` is ``<actor>.<mount>`` (a place that the actor's model names, or that a fixture of the setting has),
    ``<actor>`` alone for its body frame, or ``world``. ``position`` shifts it: in the mount's frame (x forward, y left,
    z up), or in the world for ``world``. It looks along the mount's x axis, or at ``look_at`` (world frame); then come
    the turns: ``yaw`` to the left, ``pitch`` upwards, ``roll`` clockwise. ``mount_offset`` and ``mount_rotation`` are
    the tolerance of the mounting, by which one copy of a rig differs from the next.
    """

    mount: str = text(help="<actor>.<mount>, <actor>, or world")
    position: tuple[float, float, float] | None = vector(
        "m",
        3,
        low=-_FARTHEST_M,
        high=_FARTHEST_M,
        default=None,
        help="shift in the mount's frame (x forward, y left, z up); world: where it stands",
    )
    look_at: tuple[float, float, float] | None = vector(
        "m", 3, low=-_FARTHEST_M, high=_FARTHEST_M, default=None, help="point it looks at, world frame"
    )
    yaw: float = quantity("rad", default=0.0, help="turn to the left, from the mount's forward direction")
    pitch: float = quantity("rad", low=-np.pi / 2, high=np.pi / 2, default=0.0, help="turn upwards")
    roll: float = quantity("rad", default=0.0, help="turn clockwise")
    mount_offset: tuple[float, float, float] = vector(
        "m",
        3,
        low=-1.0,
        high=1.0,
        default=(0.0, 0.0, 0.0),
        help="tolerance of the mounting: a shift forward, to the left and up, in the sensor's frame",
        vary=[{"normal": ["0 mm", "3 mm"]}] * 3,
    )
    mount_rotation: tuple[float, float, float] = vector(
        "rad",
        3,
        default=(0.0, 0.0, 0.0),
        help="tolerance of the mounting: a roll clockwise, a turn upwards, a turn to the left",
        vary=[{"normal": ["0 deg", "0.2 deg"]}] * 3,
    )
    rate: float = quantity("Hz", low=0.01, high=60, default=20.0, help="frames per second")
    phase: float = quantity("s", low=0, high=60, default=0.0, help="time of the first frame")

    def due(self, tick: int) -> bool:
        """Whether it fires at this 60 Hz tick: the one nearest to ``phase`` + k / ``rate``."""
        middle = (tick / TICKS_PER_SECOND - self.phase) * self.rate
        return any(
            k >= 0 and math.floor((self.phase + k / self.rate) * TICKS_PER_SECOND + 0.5 + 1e-9) == tick
            for k in range(math.floor(middle) - 1, math.floor(middle) + 3)
        )

    @property
    def carrier(self) -> str:
        """Name of the entity that it is mounted on; "" for the world."""
        return "" if self.mount == WORLD else self.mount.partition(".")[0]

    outputs: tuple[str, ...] = ()
    encoding: Mapping[str, Plain] = {}

    @abstractmethod
    def camera_at(self, scene: Scene, snapshot: Snapshot) -> Camera:
        """The camera at this instant."""

    @abstractmethod
    def chain(self, name: str, key: Key, effects: Sequence[Effect]) -> Chain:
        """The sensor named ``name`` at the start of an episode with this key."""

    def world_from_body(self, scene: Scene, snapshot: Snapshot) -> Array:
        """(4, 4) pose of the sensor, x forward, y left, z up.

        Raises:
            UnknownName: no such actor or mount.
            ValueOutOfRange: ``mount: world`` without a position; nothing to look at.
        """
        turns = pose(rotation=rotation_rpy(self.roll, -self.pitch, self.yaw))
        if self.mount == WORLD:
            if self.position is None:
                raise ValueOutOfRange("a camera mounted on the world needs a position", remedy="position: [x, y, z]")
            base = pose(self.position)
        else:
            base = mount_pose(scene, snapshot, self.mount)
            if self.position is not None:
                base = base @ pose(self.position)
        if self.look_at is not None:
            eye = base[:3, 3]
            if np.linalg.norm(np.asarray(self.look_at) - eye) < 1e-6:
                raise ValueOutOfRange(
                    "look_at is the point where the camera stands", remedy="look at another point, or leave look_at out"
                )
            base = camera_pose(eye, self.look_at) @ pose(rotation=CAMERA_FROM_BODY)
        roll, up, left = self.mount_rotation
        placed: Array = base @ turns @ pose(self.mount_offset, rotation_rpy(roll, -up, left))
        return placed

    def world_from_camera(self, scene: Scene, snapshot: Snapshot) -> Array:
        """(4, 4) pose with x right, y down, z forward."""
        camera: Array = self.world_from_body(scene, snapshot) @ pose(rotation=CAMERA_FROM_BODY.T)
        return camera


def mount_pose(scene: Scene, snapshot: Snapshot, mount: str) -> Array:
    """(4, 4) world pose of ``<entity>.<mount>`` or of ``<entity>``'s body frame."""
    name, dot, place = mount.partition(".")
    index = scene.index(name)
    entity = scene.entities[index]
    if not dot:
        return np.array(snapshot.world_from_entity[index])
    found = entity.body.mounts.get(place)
    if found is None:
        error = UnknownName(kind=f"mount of {name}", name=place, known=entity.body.mounts)
        if not entity.body.mounts:
            error.remedy = f"mount: {name} is the frame of its body, in which position: [x, y, z] shifts the camera"
        raise error
    if not found.part:
        carrier = snapshot.world_from_entity[index]
    else:
        carrier = snapshot.world_from_node[entity.first_node + part_index(entity, found.part)]
    placed: Array = carrier @ found.part_from_mount
    return placed


def part_index(entity: Entity, part: str) -> int:
    """Index of a part within its body. Raises UnknownName."""
    for i, candidate in enumerate(entity.body.parts):
        if candidate.name == part:
            return i
    raise UnknownName(kind=f"part of {entity.name}", name=part, known=[p.name for p in entity.body.parts])
