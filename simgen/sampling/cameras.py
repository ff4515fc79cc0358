"""The cameras of a sample, before it runs: where they look from, and whether they stand and see at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from simgen.core import vocabulary
from simgen.core.camera import Camera
from simgen.core.errors import SimgenError, UnknownName, nearest
from simgen.core.geometry import Array
from simgen.language.diagnostics import listed
from simgen.sampling.concrete import ConcreteSensor
from simgen.sampling.mistakes import Mistakes
from simgen.sampling.obstacles import Placed, encloses, extent
from simgen.sampling.placement import NoRoom
from simgen.sampling.sketch import sketch
from simgen.scene.scene import SceneView
from simgen.scene.stage import Stage

_NAMED = 8
"""Actors, and fixtures, that are named to someone who has named none of them."""
_RAYS = 33
"""Along each side of a picture, of those that are followed down."""


def camera_at(sensor: ConcreteSensor, view: SceneView) -> Camera:
    """The camera of a sensor at this instant. Raises UnknownName where its mount does not exist."""
    camera: Camera = _built(sensor).camera_at(view.scene, view.snapshot)
    return camera


def check_cameras(
    sensors: Sequence[ConcreteSensor],
    actors: Sequence[Placed],
    fixtures: Sequence[Placed],
    around: Collection[str],
    stage: Stage,
    mistakes: Mistakes,
) -> None:
    """Sets up every camera once, and keeps a mount that does not exist and a camera that could not take a picture.

    Args:
        around: names of the traffic, on whose bodies a camera may be mounted too.

    Raises:
        NoRoom: a camera of the world that this draw has within a fixture, which is all that it would see, or too high
            above all bodies to see any.
    """
    for sensor in sensors:
        with mistakes.kept():
            _check(sensor, actors, fixtures, around, stage)


def _check(
    sensor: ConcreteSensor, actors: Sequence[Placed], fixtures: Sequence[Placed], around: Collection[str], stage: Stage
) -> None:
    bodies = {one.name: one for one in (*actors, *fixtures)}
    where = f"sensors.{sensor.name}"
    built = _built(sensor)
    carrier = built.carrier
    if carrier in around:
        return
    if carrier and carrier not in bodies:
        unknown = UnknownName(kind="actor", name=carrier, known=[*bodies, "world"], where=f"{where}.mount")
        if nearest(carrier, [*bodies, "world"]) is None:
            own = [one.name for one in actors][:_NAMED]
            fixed = [one.name for one in fixtures if one.body.mounts][:_NAMED]
            unknown.remedy = f"it may be mounted on {listed([*own, *fixed, 'world'], 'or')}"
        raise unknown
    view = sketch([bodies[carrier]] if carrier else [])
    try:
        camera = built.camera_at(view.scene, view.snapshot)
    except SimgenError as error:
        if error.where is None:
            error.where = f"{where}.mount" if isinstance(error, UnknownName) else f"{where}.look_at"
        raise
    if not carrier:
        _check_free(sensor.name, camera.world_from_camera[:3, 3], stage)
        _check_far(sensor.name, camera, [*actors, *fixtures])


def _check_free(name: str, eye_m: Array, stage: Stage) -> None:
    """Raises NoRoom for a camera at a point (3,) of the world that lies within a fixture."""
    fixture = encloses(stage, eye_m)
    if fixture is not None:
        x, y, z = (float(v) for v in eye_m)
        raise NoRoom(
            name,
            f"camera '{name}' stands at ({x:.2f}, {y:.2f}, {z:.2f}) m within '{fixture}'",
            "choose another position",
            cause=f"{name} in {fixture}: {extent(stage, fixture)}",
            where=f"sensors.{name}.position",
        )


def _check_far(name: str, camera: Camera, bodies: Sequence[Placed]) -> None:
    """Raises NoRoom for a camera of the world so high above all bodies that none is before its far plane."""
    height = float(camera.world_from_camera[2, 3])
    above = height - max((one.heights[1] for one in bodies), default=0.0)
    if above <= camera.far_m:
        return
    u, v = np.linspace(-0.5, camera.width_px - 0.5, _RAYS), np.linspace(-0.5, camera.height_px - 0.5, _RAYS)
    down = -(camera.directions(u[None, :], v[:, None]) @ camera.world_from_camera[2, :3])
    # A ray comes down to the level of the highest body at the depth above / down; what is below that is deeper still.
    if np.nanmax(down, initial=0.0) * camera.far_m < above:
        raise NoRoom(
            name,
            f"camera '{name}' stands {height:.0f} m high, {above:.0f} m above the highest body, and sees no farther "
            f"than {camera.far_m:g} m: its picture would be empty",
            f"lower it to less than {camera.far_m:g} m above what it is to see, with a wider fov to see as much of it",
            cause=f"{name} out of sight of all bodies",
            where=f"sensors.{name}.position",
        )


def _built(sensor: ConcreteSensor) -> Any:
    where = f"sensors.{sensor.name}"
    return vocabulary.sensors.get(sensor.sensor.name, where)(where=where, **sensor.sensor.parameters)
