"""Small scenes made by hand: bodies of one part each, placed in the world, with closed forms to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simgen.core.geometry import Array, pose
from simgen.scene.body import Asset, Body, Lamp, Part
from simgen.scene.classes import semantic_class
from simgen.scene.enclosure import Enclosure
from simgen.scene.environment import Environment, EnvironmentSpec, physical
from simgen.scene.mesh import Material, Mesh
from simgen.scene.scene import Entity, Node, Scene, SceneLamp, SceneView, Snapshot
from simgen.scene.stage import Stage

GRAY = Material(name="gray", base_color=(0.5, 0.5, 0.5))
ASPHALT = Material(name="asphalt", base_color=(0.1, 0.1, 0.1), roughness=0.9, wettable=True)


def box_mesh(size_m: Sequence[float]) -> Mesh:
    """An axis-aligned box around the origin with full lengths x, y, z."""
    x, y, z = (0.5 * s for s in size_m)
    corners = np.array([(i, j, k) for i in (-x, x) for j in (-y, y) for k in (-z, z)])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh.flat(corners, faces)


def sphere_mesh(radius_m: float, rings: int = 48, sectors: int = 96) -> Mesh:
    """A sphere around the origin, with smooth normals."""
    polar = np.linspace(0, np.pi, rings + 1)
    around = np.linspace(0, 2 * np.pi, sectors + 1)
    p, a = np.meshgrid(polar, around, indexing="ij")
    unit = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], axis=-1).reshape(-1, 3)
    faces = []
    for i in range(rings):
        for j in range(sectors):
            q = i * (sectors + 1) + j
            if i > 0:
                faces.append((q, q + sectors + 1, q + 1))
            if i < rings - 1:
                faces.append((q + 1, q + sectors + 1, q + sectors + 2))
    return Mesh(
        vertices_m=(radius_m * unit).astype(np.float32),
        normals=unit.astype(np.float32),
        faces=np.array(faces, dtype=np.int32),
    )


def ground_mesh(half_m: float = 100.0, z_m: float = 0.0) -> Mesh:
    corners = [(-half_m, -half_m, z_m), (half_m, -half_m, z_m), (half_m, half_m, z_m), (-half_m, half_m, z_m)]
    return Mesh.flat(corners, [(0, 1, 2), (0, 2, 3)], uv=np.array([(0, 0), (50, 0), (50, 50), (0, 50)]))


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One body of one part in a hand-made scene; ``labelled`` ones get the instance ids 1, 2, …"""

    mesh: Mesh
    at: Array = field(default_factory=pose)
    material: Material = GRAY
    semantic: str = "thing"
    labelled: bool = True
    static: bool = False
    lamps: tuple[Lamp, ...] = ()
    present: bool = True


def environment(**stated: object) -> Environment:
    """Noon on a clear day unless stated otherwise, in the units of EnvironmentSpec."""
    return physical(EnvironmentSpec(**stated))  # type: ignore[arg-type]


def view(
    things: Sequence[Thing],
    *,
    indoor: bool = False,
    around: Environment | None = None,
    enclosures: tuple[Enclosure, ...] = (),
) -> SceneView:
    """The things as a scene at time zero."""
    entities, nodes, lamps = [], [], []
    ids = np.cumsum([thing.labelled for thing in things]).tolist()
    for index, thing in enumerate(things):
        corners = thing.mesh.vertices_m if len(thing.mesh.vertices_m) else np.zeros((1, 3), dtype=np.float32)
        low, high = corners.min(axis=0), corners.max(axis=0)
        body = Body(
            semantic=thing.semantic,
            asset=Asset(id=f"test/{index}", digest="0" * 64, licence="Apache-2.0"),
            parts=(Part(name="all", mesh=thing.mesh, material=thing.material),),
            rest=np.eye(4)[None],
            box_center_m=tuple(float(x) for x in 0.5 * (low + high)),
            box_size_m=tuple(float(x) for x in high - low),
            lamps=thing.lamps,
        )
        entities.append(
            Entity(
                name=f"thing_{index}",
                model="test",
                body=body,
                instance_id=ids[index] if thing.labelled else 0,
                semantic_id=semantic_class(thing.semantic).id,
                first_node=index,
                first_joint=0,
                static=thing.static,
            )
        )
        nodes.append(Node(name=f"thing_{index}.all", entity=index, mesh=thing.mesh, material=thing.material))
        lamps += [SceneLamp(name=f"thing_{index}.{p.name}", entity=index, node=-1, lamp=p) for p in thing.lamps]
    poses = np.array([t.at for t in things], dtype=np.float64).reshape(-1, 4, 4)
    count = len(things)
    return SceneView(
        scene=Scene(
            entities=tuple(entities),
            nodes=tuple(nodes),
            lamps=tuple(lamps),
            joint_names=(),
            road=None,
            indoor=indoor,
            ground="asphalt",
            enclosures=enclosures,
        ),
        snapshot=Snapshot(
            tick=0,
            step=0,
            time_s=0.0,
            world_from_node=poses,
            world_from_entity=poses.copy(),
            velocity_mps=np.zeros((count, 3)),
            angular_velocity_radps=np.zeros((count, 3)),
            joints=np.zeros(0),
            present=np.array([t.present for t in things], dtype=np.bool_),
            lamp_power=np.array([1.0 if p.lamp.on else 0.0 for p in lamps]),
            environment=around or environment(),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One whole body, as models and settings build them, in a hand-made scene."""

    name: str
    body: Body
    at: Array = field(default_factory=pose)
    labelled: bool = True
    static: bool = False


def staged(stage: Stage, actors: Sequence[Placed], *, around: Environment) -> SceneView:
    """A stage with actors on it at time zero, lamps as their bodies and the environment have them."""
    placed = [
        Placed(name=f.name, body=f.body, at=f.world_from_body, labelled=f.labelled, static=True) for f in stage.fixtures
    ] + list(actors)
    entities, nodes, lamps, node_poses = [], [], [], []
    for index, item in enumerate(placed):
        first = len(nodes)
        parts = item.body.pose_parts(np.array(item.body.joint_rest) if item.body.joints else None)
        entities.append(
            Entity(
                name=item.name,
                model="test",
                body=item.body,
                instance_id=sum(p.labelled for p in placed[: index + 1]) if item.labelled else 0,
                semantic_id=semantic_class(item.body.semantic).id,
                first_node=first,
                first_joint=0,
                static=item.static,
            )
        )
        names = [p.name for p in item.body.parts]
        for part, body_from_part in zip(item.body.parts, parts, strict=True):
            nodes.append(Node(name=f"{item.name}.{part.name}", entity=index, mesh=part.mesh, material=part.material))
            node_poses.append(item.at @ body_from_part)
        for lamp in item.body.lamps:
            node = first + names.index(lamp.part) if lamp.part else -1
            lamps.append(SceneLamp(name=f"{item.name}.{lamp.name}", entity=index, node=node, lamp=lamp))
    count = len(placed)
    power = [1.0 if p.lamp.on and (around.lamps_on or stage.indoor) else 0.0 for p in lamps]
    return SceneView(
        scene=Scene(
            entities=tuple(entities),
            nodes=tuple(nodes),
            lamps=tuple(lamps),
            joint_names=(),
            road=stage.road,
            indoor=stage.indoor,
            ground=stage.ground,
            enclosures=stage.enclosures,
        ),
        snapshot=Snapshot(
            tick=0,
            step=0,
            time_s=0.0,
            world_from_node=np.array(node_poses).reshape(-1, 4, 4),
            world_from_entity=np.array([p.at for p in placed]).reshape(-1, 4, 4),
            velocity_mps=np.zeros((count, 3)),
            angular_velocity_radps=np.zeros((count, 3)),
            joints=np.zeros(0),
            present=np.ones(count, dtype=np.bool_),
            lamp_power=np.array(power),
            environment=around,
        ),
    )
