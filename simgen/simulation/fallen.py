"""Two-wheelers that fall over, with their riders: how they lie on the ground, and what they are to others there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simgen.core.geometry import Array, rotations_between
from simgen.scene.body import Body, CollisionShape
from simgen.scene.boxes import box_outlines
from simgen.scene.lying import undersides_m, upon
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Entity
from simgen.simulation.vehicle import Vehicle

LIES = 0.95
"""Share of the way down from which who falls over is as good as on the ground."""


class _Lying(NamedTuple):
    """A two-wheeler that falls over, and its rider: what will collide of them, body frame; since when they fall, and
    whether the physics knows of it; of a pose of the machine, how they lie on the ground there."""

    shapes: tuple[CollisionShape, ...]
    since_tick: int
    told: bool = False
    where: bytes = b""
    laid: Array | None = None


class Fallen:
    """The two-wheelers of one world that fall over, by their names."""

    def __init__(self, road: RoadNetwork | None) -> None:
        self._road = road
        self._lying: dict[str, _Lying] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._lying)

    def __contains__(self, name: str) -> bool:
        return name in self._lying

    def begin(self, vehicle: Vehicle, tick: int) -> None:
        """A two-wheeler falls over from now on."""
        overturned = vehicle.entity.body.overturned
        assert overturned is not None
        self._lying[vehicle.name] = _Lying(overturned(vehicle.joints), tick)

    def settle(self, vehicle: Vehicle, lie_down: Callable[[Body], bool]) -> bool:
        """Lets a two-wheeler collide as it lies in the end, once nothing stands in it any more; whether it does so from
        now on. ``lie_down`` puts this body into the physics in place of the upright one, if there is room."""
        lying, body = self._lying[vehicle.name], vehicle.entity.body
        if lying.told or vehicle.fallen < LIES or not lie_down(replace(body, collision=lying.shapes)):
            return False
        self._lying[vehicle.name] = lying._replace(told=True)
        return True

    def laid(self, vehicle: Vehicle, flat: Array) -> Array:
        """World pose (4, 4) of a two-wheeler and its rider on the ground that is there, as on a kerb; ``flat`` (4, 4)
        is how they would lie on a level one."""
        if self._road is None:
            return flat
        lying = self._lying[vehicle.name]
        if flat.tobytes() != lying.where:
            laid = upon(flat, undersides_m(lying.shapes), self._road.ground_at)
            self._lying[vehicle.name] = lying = lying._replace(where=flat.tobytes(), laid=laid)
        assert lying.laid is not None
        pose: Array = flat + vehicle.fallen * (lying.laid - flat)
        pose[:3, :3] = rotations_between(flat[:3, :3], lying.laid[:3, :3], vehicle.fallen)
        return pose

    def outlines_m(self, name: str, world_from_body: Array) -> Array:
        """(S, 4, 2) corners of the boxes around what lies there, seen from above."""
        return box_outlines(world_from_body, self._lying[name].shapes)

    def reach_m(self, entity: Entity) -> float:
        """How far they reach beyond the box around them upright."""
        half = 0.5 * np.array(entity.body.box_size_m[:2])
        return float(np.max(np.abs(self.outlines_m(entity.name, np.eye(4))) - half))

    def since_tick(self, name: str) -> int:
        return self._lying[name].since_tick

    def forget(self, name: str) -> None:
        self._lying.pop(name, None)
