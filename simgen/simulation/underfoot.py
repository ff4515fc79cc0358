"""What the wheels of a fleet stand on: the lane's surface, patches that lie on it, and the slope of the road."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from simgen.core.geometry import Array
from simgen.scene.boxes import covered, within
from simgen.scene.environment import Environment
from simgen.scene.road import RoadNetwork
from simgen.scene.scene import Scene
from simgen.scene.situation import Situation
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
        self._uneven = stage.road is not None and not (_level(stage.road) and _flush(stage.road))
        self._by_lane = stage.road is not None and _has_surfaces(stage.road)
        patches = [i for i, e in enumerate(scene.entities) if e.body.surface]
        bodies = [scene.entities[i].body for i in patches]
        self._patches = [(i, b, int(ground_codes([b.surface])[0])) for i, b in zip(patches, bodies, strict=True)]
        self._base = int(ground_codes([stage.ground])[0])
        self._fresh = True
        self._laid: list[tuple[Array, int]] = []

    def renew(self) -> None:
        """To be called when there are more vehicles than before."""
        self._fresh = True

    def lay_down(self, vehicle: Vehicle) -> None:
        """Lets a vehicle stand on the slope or the step below it."""
        if self._uneven:
            assert self._road is not None
            vehicle.lie_on(self._road)

    def lay(self, corners_m: Array, surface: str) -> Callable[[], None]:
        """Lays a patch of ground within a rectangle (4, 2). Returns what takes it away again."""
        patch = (corners_m, int(ground_codes([surface])[0]))
        self._laid.append(patch)

        def lift() -> None:
            self._laid[:] = [one for one in self._laid if one is not patch]
            self._fresh = True

        return lift

    def update(
        self, fleet: Fleet, vehicles: Sequence[Vehicle], situation: Situation, environment: Environment, dt_s: float
    ) -> None:
        """Friction under the axles and, where the road has slopes or kerbs, how each vehicle that moves lies on it."""
        if self._uneven:
            assert self._road is not None
            moving = set(fleet.moving.tolist())
            fleet.rise_mps[:], fleet.tilt_radps[:] = 0.0, 0.0
            for vehicle in vehicles:
                if vehicle.index in moving:
                    vehicle.follow_ground(self._road, dt_s)
            fleet.settle()
        if self._by_lane or self._patches or self._laid:
            fleet.stand_on(self._codes(fleet, vehicles, situation))
        elif self._fresh:
            fleet.stand_on(np.full((2, len(fleet)), self._base))
            self._fresh = False
        fleet.grip(Covering.of(environment))

    def _codes(self, fleet: Fleet, vehicles: Sequence[Vehicle], situation: Situation) -> NDArray[np.int64]:
        axles = fleet.axles()
        codes = np.full(axles.shape[:2], self._base, dtype=np.int64)
        if self._by_lane and self._road is not None:
            for vehicle in vehicles:
                names = self._surfaces(self._road, vehicle, situation, axles[:, vehicle.index])
                codes[:, vehicle.index] = ground_codes([name or self._ground for name in names])
        for i, body, code in self._patches:
            snapshot = situation.snapshot
            if snapshot.present[i]:
                codes[covered(snapshot.world_from_entity[i], body, axles)] = code
        for corners, code in self._laid:
            codes[within(corners, axles)] = code
        return codes

    @staticmethod
    def _surfaces(road: RoadNetwork, vehicle: Vehicle, situation: Situation, axles: Array) -> list[str]:
        """Of the lanes below the front and below the rear axle (2, 2)."""
        s, t = situation.road_position(vehicle.name)
        reach = vehicle.wheelbase_m
        around = road.main_road.surfaces(s, t - reach, t + reach)
        if len(around) == 1 and not road.branches:
            return [*around, *around]
        return [road.surface_below(point) for point in axles]


def _has_surfaces(road: RoadNetwork) -> bool:
    return any(lane.surface for one in road.roads for section in one.sections for lane in section.spans)


def _level(road: RoadNetwork) -> bool:
    return all(
        one.pose_at(float(s), 0.0)[2, 2] > _LEVEL
        for one in (road.main_road, *road.roads)
        for s in np.linspace(0.0, one.length_m, 65)
        if one.elevation
    )


def _flush(road: RoadNetwork) -> bool:
    """Whether no lane stands out of the others."""
    return all(lane.height_m == 0.0 for one in road.roads for section in one.sections for lane in section.spans)
