"""Bodies, views and a street of plain blocks: geometry whose answers can be worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import trimesh

from simgen.core.errors import Place
from simgen.core.geometry import Array, planar_pose, pose
from simgen.language.logical import (
    Actor,
    ActorModelChoice,
    Constant,
    LogicalScenario,
    Named,
    Placement,
    PlacementForm,
    SampleSpec,
    Value,
    ValueList,
)
from simgen.sampling.obstacles import Placed
from simgen.scene.body import Asset, Body, CollisionShape, Mount, Part
from simgen.scene.mesh import Material, Mesh
from simgen.scene.road import Lane, RoadNetwork
from simgen.scene.stage import Fixture, Stage, Surface

HERE = Place("street.yaml", 1, 1)


def body(shape: trimesh.Trimesh, *, ball: bool = False, mounts: Mapping[str, Mount] | None = None) -> Body:
    """A body of one mesh, moved so that it stands on the ground."""
    shape.apply_translation([0, 0, -shape.bounds[0, 2]])
    low, high = shape.bounds
    mesh = Mesh.flat(shape.vertices, shape.faces)
    return Body(
        semantic="thing",
        asset=Asset(id="test", digest="00", licence="Apache-2.0"),
        parts=(Part(name="whole", mesh=mesh, material=Material(name="plain", base_color=(0.5, 0.5, 0.5))),),
        rest=np.eye(4)[None],
        box_center_m=tuple(0.5 * (low + high)),
        box_size_m=tuple(high - low),
        collision=(_shape(0.5 * (low + high), high - low, ball=ball),),
        mounts=mounts or {},
    )


def _shape(center: Array, size: Array, *, ball: bool) -> CollisionShape:
    if ball:
        return CollisionShape(kind="sphere", size_m=(0.5 * size[0],), body_from_shape=pose(center))
    return CollisionShape(kind="box", size_m=tuple(size), body_from_shape=pose(center))


def block(length: float, width: float, height: float) -> Body:
    return body(trimesh.creation.box([length, width, height]))


def sphere(radius: float) -> Body:
    return body(trimesh.creation.icosphere(subdivisions=3, radius=radius), ball=True)


def placed(name: str, what: Body, x: float, y: float, yaw: float = 0.0, z: float = 0.0) -> Placed:
    return Placed(name=name, body=what, world_from_body=planar_pose(x, y, yaw, z))


def car() -> Body:
    """4.6 x 1.8 x 1.4 m, with an eye behind the windscreen."""
    eye = np.eye(4)
    eye[:3, 3] = (0.5, 0.0, 1.3)
    return body(trimesh.creation.box([4.6, 1.8, 1.4]), mounts={"windscreen": Mount(part="", part_from_mount=eye)})


def street(*fixtures: Fixture, heading: float = 0.0, surfaces: Mapping[str, Surface] | None = None) -> Stage:
    """200 m of road: on either side a lane of 3.5 m, a parking lane of 2.2 m, a pavement of 3 m at 0.12 m."""
    lanes = []
    for side in (1, -1):
        lanes += [
            Lane(id=side, kind="driving", inner_t_m=0.0, outer_t_m=3.5 * side),
            Lane(id=2 * side, kind="parking", inner_t_m=3.5 * side, outer_t_m=5.7 * side),
            Lane(id=3 * side, kind="sidewalk", inner_t_m=5.7 * side, outer_t_m=8.7 * side, height_m=0.12),
        ]
    road = RoadNetwork.straight(length_m=200.0, lanes=tuple(lanes), origin_m=(3.0, -2.0), heading_rad=heading)
    return Stage(fixtures=fixtures, road=road, surfaces=surfaces or {})


def room(*fixtures: Fixture, **surfaces: Surface) -> Stage:
    return Stage(fixtures=fixtures, surfaces=surfaces, indoor=True)


def fixture(name: str, what: Body, pose: Array) -> Fixture:
    return Fixture(name=name, body=what, world_from_body=pose)


def written(value: object) -> Value:
    """A constant as a file would state it, in SI."""
    if isinstance(value, list):
        return ValueList(items=tuple(written(v) for v in value), place=HERE)
    dimension = "text" if isinstance(value, str) else ""
    assert isinstance(value, bool | int | float | str)
    return Constant(value=value, dimension=dimension, text=str(value), place=HERE)


def actor(name: str, form: PlacementForm, **values: object) -> Actor:
    at = Placement(form=form, values={k: written(v) for k, v in values.items()}, place=HERE)
    return Actor(name=name, model=ActorModelChoice(name=written("block"), place=HERE), at=at, place=HERE)


def scenario(*actors: Actor, parameters: Mapping[str, Value] | None = None) -> LogicalScenario:
    return LogicalScenario(
        name="street",
        parameters=dict(parameters or {}),
        setting=Named(name="tabletop", place=HERE),
        actors=actors,
        sample=SampleSpec(count=8, seed=1),
    )
