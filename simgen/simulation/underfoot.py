"""What the wheels of a fleet stand on: the lane's surface, patches that lie on it, and the slope of the road."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.scene.boxes import covered
from simgen.scene.environment import Environment
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Scene, Snapshot
from simgen.scene.stage import Stage
from simgen.simulation.fleet import Fleet
from simgen.simulation.friction import Covering, ground_codes
from simgen.simulation.vehicle import Vehicle

_LEVEL = 1.0 - 1e-9


class Underfoot:
    """Reads the ground for a fleet, once per control tick."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        self._road = stage.road
        self._ground = stage.ground
        self._scene = scene
        self._sloped = stage.road is not None and not _level(stage.road)
        self._by_lane = stage.road is not None and _has_surfaces(stage.road)
        patches = [i for i, e in enumerate(scene.entities) if e.body.surface]
        self._patches = [(i, int(ground_codes([scene.entities[i].body.surface])[0])) for i in patches]
        self._base = int(ground_codes([stage.ground])[0])
        self._fresh = True

    def update(
        self, fleet: Fleet, vehicles: Sequence[Vehicle], snapshot: Snapshot, environment: Environment, dt_s: float
    ) -> None:
        """Friction under the axles and, where the road has slopes, how each vehicle that moves lies on it."""
        if self._sloped:
            assert self._road is not None
            moving = set(fleet.moving.tolist())
            for vehicle in vehicles:
                if self._fresh or vehicle.index in moving:
                    vehicle.follow_ground(self._road, dt_s)
            self._fresh = False
            fleet.settle()
        if self._by_lane or self._patches:
            fleet.stand_on(self._codes(fleet, snapshot))
        elif self._fresh:
            fleet.stand_on(np.full((2, len(fleet)), self._base))
            self._fresh = False
        fleet.grip(Covering.of(environment))

    def _codes(self, fleet: Fleet, snapshot: Snapshot) -> NDArray[np.int64]:
        axles = fleet.axles()
        codes = np.full(axles.shape[:2], self._base, dtype=np.int64)
        if self._by_lane and self._road is not None:
            names = [self._road.surface_at(*self._road.locate(point)) or self._ground for point in axles.reshape(-1, 2)]
            codes = ground_codes(names).reshape(codes.shape)
        for i, code in self._patches:
            if snapshot.present[i]:
                codes[covered(snapshot.world_from_entity[i], self._scene.entities[i].body, axles)] = code
        return codes


def _has_surfaces(road: RoadNetwork) -> bool:
    return any(lane.surface for one in road.roads for section in one.sections for lane in section.spans)


def _level(road: RoadNetwork) -> bool:
    return all(road.normal_at(s, 0.0)[2] > _LEVEL for s in np.linspace(0.0, road.length_m, 65))
