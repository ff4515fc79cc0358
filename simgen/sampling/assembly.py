"""From a concrete scenario to the scene it describes, at rest at time 0. No physics: a stored trajectory renders with
this alone, and requirements are checked on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.core import vocabulary
from simgen.core.errors import SimgenError
from simgen.core.geometry import Array, planar_pose
from simgen.core.keeping import kept
from simgen.sampling.concrete import ConcreteAction, ConcreteActor, ConcreteScenario, Use
from simgen.scene import signals
from simgen.scene.body import Body
from simgen.scene.classes import semantic_class
from simgen.scene.environment import Environment, EnvironmentSpec, Season, physical, season
from simgen.scene.posing import node_poses
from simgen.scene.scene import Entity, EventState, Node, Scene, SceneLamp, Snapshot
from simgen.scene.stage import Stage
from simgen.scene.standing import carriers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembly:
    """A scene with its stage, the environment as stated, and the snapshot at time 0."""

    scene: Scene
    stage: Stage
    environment: EnvironmentSpec
    start: Snapshot


def assemble(concrete: ConcreteScenario) -> Assembly:
    """Builds what ``concrete`` describes.

    Raises:
        UnknownName, ValueOutOfRange: a hand-edited scenario names what does not exist.
        AssetError: a file that a model needs is missing.
    """
    spec = EnvironmentSpec(where="environment", **concrete.environment)
    environment = physical(spec)
    stage = build_stage(concrete.setting, spec)
    opened = _opened_doors(concrete)
    bodies = [(f.name, "", f.body, f.labelled, f.body.belt is None) for f in stage.fixtures]
    for actor in concrete.actors:
        body = actor_body(actor, opened.get(actor.name, ()))
        # A model from a catalogue goes by its name there.
        model = body.asset.id if actor.model.name.startswith("user.") else actor.model.name
        bodies.append((actor.name, model, body, True, False))

    entities: list[Entity] = []
    nodes: list[Node] = []
    lamps: list[SceneLamp] = []
    joint_names: list[str] = []
    instance = 0
    for name, model, body, labelled, static in bodies:
        instance += labelled
        entity = Entity(
            name=name,
            model=model or body.asset.id,
            body=body,
            instance_id=instance if labelled else 0,
            semantic_id=semantic_class(body.semantic).id,
            first_node=len(nodes),
            first_joint=len(joint_names),
            static=static,
        )
        index = len(entities)
        parts = {part.name: len(nodes) + i for i, part in enumerate(body.parts)}
        lamps += [
            SceneLamp(name=f"{name}.{lamp.name}", entity=index, node=parts.get(lamp.part, -1), lamp=lamp)
            for lamp in body.lamps
        ]
        nodes += [Node(name=f"{name}/{p.name}", entity=index, mesh=p.mesh, material=p.material) for p in body.parts]
        joint_names += [f"{name}.{joint}" for joint in body.joints]
        entities.append(entity)
    scene = Scene(
        entities=tuple(entities),
        nodes=tuple(nodes),
        lamps=tuple(lamps),
        joint_names=tuple(joint_names),
        road=stage.road,
        indoor=stage.indoor,
        ground=stage.ground,
        signals=stage.signals,
        enclosures=stage.enclosures,
    )
    return Assembly(scene=scene, stage=stage, environment=spec, start=_start(concrete, scene, stage, environment))


def _start(concrete: ConcreteScenario, scene: Scene, stage: Stage, environment: Environment) -> Snapshot:
    poses = np.stack(
        [f.world_from_body for f in stage.fixtures] + [actor_pose(a) for a in concrete.actors] or [np.zeros((0, 4, 4))]
    ).reshape(-1, 4, 4)
    joints = np.array([q for e in scene.entities for q in e.body.joint_rest], dtype=np.float64)
    velocity = np.zeros((len(scene.entities), 3))
    for actor in concrete.actors:
        i = scene.index(actor.name)
        velocity[i] = poses[i, :3, 0] * actor.speed_mps
    below = beneath(concrete)
    for actor in concrete.actors:
        if rides(actor, scene):
            velocity[scene.index(actor.name)] = velocity[scene.index(below[actor.name][-1])]
    power = lamp_power(scene, environment, driven(concrete))
    signals.light(scene, power, 0.0, {}, environment.lamp_level)
    return Snapshot(
        tick=0,
        step=0,
        time_s=0.0,
        world_from_node=node_poses(scene, poses, joints),
        world_from_entity=poses,
        velocity_mps=velocity,
        angular_velocity_radps=np.zeros((len(scene.entities), 3)),
        joints=joints,
        present=np.ones(len(scene.entities), dtype=np.bool_),
        lamp_power=power,
        environment=environment,
        events=tuple(EventState(name=e.name, phase="waiting") for e in concrete.story),
    )


def actor_pose(actor: ConcreteActor) -> Array:
    """world_from_actor (4, 4) at the start."""
    x, y, z = actor.position_m
    return planar_pose(x, y, actor.yaw_rad, z)


def beneath(concrete: ConcreteScenario) -> dict[str, list[str]]:
    """Names of what each actor stands on at the start: another actor, what that one stands on, and so on."""
    below = {actor.name: actor.carrier for actor in concrete.actors}
    return {name: carriers(carrier, below.__getitem__) for name, carrier in below.items()}


def rides(actor: ConcreteActor, scene: Scene) -> bool:
    """Whether an actor is a loose thing that stands on another one at the start, and moves with it."""
    return actor.carrier is not None and is_loose(scene.entity(actor.name).body)


def is_loose(body: Body) -> bool:
    """Whether physics alone moves a body."""
    steered = (body.vehicle, body.gait, body.urdf, body.base, body.belt)
    return not body.fixed and all(one is None for one in steered)


def driven(concrete: ConcreteScenario) -> frozenset[str]:
    """Actors with somebody at the wheel: the lamps of the others' vehicles are off."""
    return frozenset(a.name for a in concrete.actors if a.behavior is not None or a.speed_mps > 0)


def lamp_power(scene: Scene, environment: Environment, at_the_wheel: frozenset[str]) -> Array:
    """(L,) output of the lamps as a share of rated, at the level that the environment sets.

    Lamps of a room always burn; out of doors they burn when it is dark, and those of a vehicle only when it is driven.
    Signals do not depend on the light.
    """
    burning = environment.lamp_level if environment.lamps_on or scene.indoor else 0.0
    power = np.zeros(len(scene.lamps))
    for i, lamp in enumerate(scene.lamps):
        owner = scene.entities[lamp.entity]
        parked = owner.body.vehicle is not None and owner.name not in at_the_wheel
        level = 1.0 if lamp.lamp.signal else burning
        power[i] = level if lamp.lamp.on and not parked else 0.0
    return power


def build_stage(setting: Use, spec: EnvironmentSpec) -> Stage:
    """The stage of a setting under this light and in this season; built once per process and set of parameters."""
    unlit = spec.lighting == "unlit"
    lighting = "unlit" if unlit else "street_lamps" if physical(spec).lamps_on else "daylight"
    return _stage(setting.name, _frozen(setting.parameters), lighting, season(spec))


def opened_door(do: ConcreteAction) -> str | None:
    """Name of the door that an action opens."""
    if do.action.name != "open_door":
        return None
    name: str = vocabulary.actions.get("open_door")(where=do.subject, **do.action.parameters).name
    return name


def _opened_doors(concrete: ConcreteScenario) -> dict[str, tuple[str, ...]]:
    """Names of the doors that the story may open, by actor: only these are more than lines on the paint."""
    opened: dict[str, dict[str, None]] = {}
    for event in concrete.story:
        for do in event.do:
            if (door := opened_door(do)) is not None:
                opened.setdefault(do.subject, {})[door] = None
    return {name: tuple(doors) for name, doors in opened.items()}


def build_body(model: Use, where: str = "", doors: tuple[str, ...] = ()) -> Body:
    """The body of a model; built once per process, set of parameters and doors that can open."""
    parameters = _frozen(model.parameters)
    try:
        return _body(model.name, parameters, doors)
    except SimgenError:
        # Bodies of equal parameters are one, whoever asks; only what cannot be built knows for whom it was to be.
        return _built(model.name, parameters, where, doors)


def actor_body(actor: ConcreteActor, doors: tuple[str, ...] = ()) -> Body:
    """The body of an actor: that of its model with the mass and the surface that the actor has of its own, and with
    these doors on hinges."""
    body = build_body(actor.model, f"actors.{actor.name}", doors)
    own = {
        "mass_kg": actor.mass_kg,
        "friction": actor.friction,
        "restitution": actor.restitution,
        "motor_gain": actor.motor_gain,
        "joint_friction": actor.joint_friction,
    }
    given: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
    return replace(body, **given) if given else body


def _frozen(parameters: Mapping[str, object]) -> str:
    return json.dumps(dict(parameters), sort_keys=True)


@kept
def _stage(name: str, parameters: str, lighting: str, season: Season) -> Stage:
    stage: Stage = vocabulary.settings.get(name, "setting")(where=f"setting.{name}", **json.loads(parameters)).build(
        lighting, season
    )
    return stage


@kept
def _body(name: str, parameters: str, doors: tuple[str, ...]) -> Body:
    return _built(name, parameters, "", doors)


def _built(name: str, parameters: str, where: str, doors: tuple[str, ...]) -> Body:
    member = vocabulary.models.get(name, where or "model")
    body: Body = member(where=f"{where}.{name}", **json.loads(parameters)).build()
    if not doors:
        return body
    from simgen.scene.doors import with_doors  # loads scipy's graphs

    return with_doors(body, doors, where)
