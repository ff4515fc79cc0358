"""A view of a few placed bodies without a stage, to ask what hides what before the whole scene stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgen.sampling.obstacles import Placed
from simgen.scene.classes import semantic_class
from simgen.scene.environment import EnvironmentSpec, physical
from simgen.scene.posing import node_poses
from simgen.scene.scene import Entity, Node, Scene, SceneView, Snapshot


def sketch(bodies: Sequence[Placed]) -> SceneView:
    """The bodies at rest, each an entity of its name, in the order given."""
    entities: list[Entity] = []
    nodes: list[Node] = []
    joints: list[float] = []
    for index, placed in enumerate(bodies):
        body = placed.body
        entities.append(
            Entity(
                name=placed.name,
                model="",
                body=body,
                instance_id=index + 1,
                semantic_id=semantic_class(body.semantic).id,
                first_node=len(nodes),
                first_joint=len(joints),
                static=False,
            )
        )
        nodes += [Node(name=p.name, entity=index, mesh=p.mesh, material=p.material) for p in body.parts]
        joints += body.joint_rest
    scene = Scene(
        entities=tuple(entities),
        nodes=tuple(nodes),
        lamps=(),
        joint_names=("",) * len(joints),
        road=None,
        indoor=False,
        ground="",
    )
    poses = np.array([p.world_from_body for p in bodies]).reshape(-1, 4, 4)
    rest = np.array(joints)
    count = len(entities)
    snapshot = Snapshot(
        tick=0,
        step=0,
        time_s=0.0,
        world_from_node=node_poses(scene, poses, rest),
        world_from_entity=poses,
        velocity_mps=np.zeros((count, 3)),
        angular_velocity_radps=np.zeros((count, 3)),
        joints=rest,
        present=np.ones(count, dtype=np.bool_),
        lamp_power=np.zeros(0),
        environment=physical(EnvironmentSpec()),
    )
    return SceneView(scene=scene, snapshot=snapshot)
