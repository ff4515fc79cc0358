"""The Clearpath Husky: four driven wheels, steered by skidding."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from simgen.core.geometry import Array, inverse, pose, rotation_y, transform
from simgen.core.vocabulary import models
from simgen.scene import urdf
from simgen.scene.body import Asset, Body, CollisionShape, Mount, Part, Wheel, WheeledBase
from simgen.scene.mesh import Material
from simgen.scene.model import ActorModel
from simgen.scene.models.vehicle import corners

BODY = Material(name="husky_black", base_color=(0.035, 0.035, 0.037), roughness=0.5)
PLATE = Material(name="husky_yellow", base_color=(0.72, 0.48, 0.02), roughness=0.4)
RAIL = Material(name="husky_rail", base_color=(0.10, 0.10, 0.105), roughness=0.4)
TYRE = Material(name="husky_tyre", base_color=(0.03, 0.03, 0.032), roughness=0.85)
FINISH = {"top_plate_link": PLATE, "base_link": BODY, "user_rail_link": RAIL}
MASS_KG = 50.0
WHEEL_M, SPREAD_M, TRACK_M = 0.17775, 0.256, 0.5708


@models.register("husky")
class Husky(ActorModel):
    """A Clearpath Husky: an outdoor robot with four driven wheels and skid steering, 1 m/s."""

    semantic: ClassVar[str] = "robot"
    licence: ClassVar[str] = "BSD-3-Clause"

    def build(self) -> Body:
        return _body()


@lru_cache(maxsize=1)
def _body() -> Body:
    robot = urdf.read(urdf.bundled("husky/husky.urdf"))
    parts: list[Part] = []
    links: list[str] = []
    for link in robot.links:
        for visual in link.visuals:
            for number, surface in enumerate(urdf.surfaces(visual, 0.0)):
                material = TYRE if "wheel" in link.name else FINISH.get(link.name, RAIL)
                parts.append(Part(name=f"{link.name}_{number}", mesh=surface.mesh, material=material))
                links.append(link.name)
    joints = tuple(j.name for j in robot.movable)
    # the file puts the ground under the wheels a little below its footprint's zero
    frames = robot.forward(np.zeros(len(joints)))
    axle = float(frames["front_left_wheel_link"][2, 3])
    lift = pose((0.0, 0.0, WHEEL_M - axle))
    still = np.stack([lift @ frames[link] for link in links])
    turning = [(k, joints.index(j.name)) for k, link in enumerate(links) for j in robot.movable if j.child == link]

    def articulate(positions: Array) -> Array:
        poses = still.copy()
        for k, joint in turning:
            poses[k] = poses[k] @ pose(rotation=rotation_y(float(positions[joint])))
        return poses

    points = np.concatenate([transform(m, p.mesh.vertices_m) for m, p in zip(still, parts, strict=True)])
    low, high = points.min(axis=0), points.max(axis=0)
    center, size = (low + high) / 2, high - low
    wheels = tuple(
        Wheel(joint=f"{end}_{side}_wheel", x_m=x, y_m=y, radius_m=WHEEL_M)
        for end, x in (("front", SPREAD_M), ("rear", -SPREAD_M))
        for side, y in (("left", TRACK_M / 2), ("right", -TRACK_M / 2))
    )
    first = next(p.name for p in parts if p.name.startswith("user_rail"))
    hull = next(k for k, link in enumerate(links) if link == "base_link")
    keypoints = {
        name: (parts[hull].name, _vector(transform(inverse(still[hull]), at)))
        for name, at in corners(low, high).items()
    }
    for k, _ in turning:
        keypoints[f"wheel_{links[k].removesuffix('_wheel_link')}"] = (parts[k].name, (0.0, 0.0, 0.0))
    return Body(
        semantic=Husky.semantic,
        asset=Asset(id="husky", digest=robot.digest, licence=Husky.licence),
        parts=tuple(parts),
        rest=still,
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        collision=(CollisionShape(kind="box", size_m=(0.98, 0.66, 0.24), body_from_shape=pose((0.0, 0.0, 0.24))),),
        mass_kg=MASS_KG,
        friction=0.5,
        joints=joints,
        joint_rest=(0.0,) * len(joints),
        articulate=articulate,
        base=WheeledBase(
            wheels=wheels,
            load_share=1.0,
            # The wheels must scrub sideways to turn, which takes more speed between the sides than rolling would.
            track_m=1.6 * TRACK_M,
            speed_mps=1.0,
            turn_radps=1.2,
            acceleration_mps2=1.0,
            stop_mps2=60.0,
            inertia_kg_m2=4.0,
        ),
        mounts={"front": Mount(part=first, part_from_mount=pose((0.05, 0.0, 0.05)))},
        keypoints=keypoints,
    )


def _vector(values: Array) -> tuple[float, float, float]:
    return (float(values[0]), float(values[1]), float(values[2]))
