"""The Franka Emika Panda with its two-finger hand and a depth camera on the wrist."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from simgen.core.geometry import Array, pose, rotation_x, rotation_y, transform
from simgen.core.vocabulary import models
from simgen.scene import urdf
from simgen.scene.body import Asset, Body, Hand, Mount, Part
from simgen.scene.mesh import Material, Rgb
from simgen.scene.model import ActorModel
from simgen.scene.solids import moved, rounded_box

ARM_JOINTS = tuple(f"panda_joint{i}" for i in range(1, 8))
FINGER_JOINTS = ("panda_finger_joint1", "panda_finger_joint2")

# The arm's "ready" pose as its maker defines it, and open fingers.
READY = (0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4, 0.04, 0.04)

# Size of the cells in which plain surface is simplified; what the wrist camera sees from a hand's breadth is finer.
ARM_CELL_M, HAND_CELL_M, FINGER_CELL_M = 0.0075, 0.003, 0.0

WHITE = Material(name="panda_white", base_color=(0.80, 0.80, 0.79), roughness=0.32)
GREY = Material(name="panda_grey", base_color=(0.52, 0.54, 0.55), roughness=0.4)
BLACK = Material(name="panda_black", base_color=(0.028, 0.028, 0.03), roughness=0.45)
ALUMINIUM = Material(name="camera_aluminium", base_color=(0.62, 0.63, 0.65), roughness=0.38, metallic=1.0)
GLASS = Material(name="camera_front", base_color=(0.012, 0.012, 0.016), roughness=0.08)

# Camera on the hand: a bar of 90 x 25 x 25 mm before the hand's flat side, tilted so that its axis meets the plane
# of the fingers 17 cm below the flange, beyond the finger tips. In the frame of panda_hand (z along the
# fingers, y along their travel) the mount's x axis looks along +z and its z axis along +x, so that in the picture the
# fingers come in from below.
CAMERA_SIZE_M = (0.025, 0.090, 0.025)
CAMERA_POSITION_M = (0.068, 0.0, 0.017)
CAMERA_AIM_M = (0.004, 0.0, 0.17)


HAND = Hand(
    tool_link="panda_grasptarget",
    fingers=(("panda_finger_joint1", "panda_leftfinger"), ("panda_finger_joint2", "panda_rightfinger")),
    stroke_m=0.08,
    depth_m=0.034,
    pad_m=0.020,
    thickness_m=0.018,
    force_n=40.0,
)


@models.register("franka_panda")
class FrankaPanda(ActorModel):
    """A Franka Emika Panda: seven joints, a parallel gripper of 8 cm stroke, a camera on the wrist."""

    semantic: ClassVar[str] = "robot"
    licence: ClassVar[str] = "Apache-2.0"

    def build(self) -> Body:
        return _body()


@lru_cache(maxsize=1)
def _body() -> Body:
    """Building is pure and costs about a second, so that one body serves all."""
    robot = urdf.read(urdf.bundled("franka_panda/panda.urdf"))
    parts: list[Part] = []
    links: list[str] = []
    for link in robot.links:
        for visual in link.visuals:
            for number, surface in enumerate(urdf.surfaces(visual, _cell_m(link.name))):
                finish = _finish(surface.color)
                if finish is None or len(surface.mesh.faces) < 12:
                    continue
                parts.append(Part(name=f"{link.name}_{number}", mesh=surface.mesh, material=finish))
                links.append(link.name)
    hand_from_camera = _hand_from_camera()
    for part in _camera_parts(hand_from_camera):
        parts.append(part)
        links.append("panda_hand")
    owners = tuple(links)

    def articulate(joints: Array) -> Array:
        frames = robot.forward(joints)
        return np.stack([frames[link] for link in owners])

    rest = articulate(np.array(READY))
    points = np.concatenate([transform(m, p.mesh.vertices_m) for m, p in zip(rest, parts, strict=True)])
    low, high = points.min(axis=0), points.max(axis=0)
    center, size = (low + high) / 2, high - low
    first = {link: part.name for part, link in zip(reversed(parts), reversed(links), strict=True)}
    keypoints = {f"joint{i}": (first[f"panda_link{i}"], (0.0, 0.0, 0.0)) for i in range(1, 8)}
    keypoints["hand"] = (first["panda_hand"], (0.0, 0.0, 0.0))
    keypoints["left_finger_tip"] = (first["panda_leftfinger"], (0.0, 0.0, 0.0538))
    keypoints["right_finger_tip"] = (first["panda_rightfinger"], (0.0, 0.0, 0.0538))
    return Body(
        semantic=FrankaPanda.semantic,
        asset=Asset(id="franka_panda", digest=robot.digest, licence=FrankaPanda.licence),
        parts=tuple(parts),
        rest=rest,
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        friction=1.0,
        fixed=True,
        joints=tuple(j.name for j in robot.movable),
        joint_rest=READY,
        articulate=articulate,
        mounts={"wrist": Mount(part=first["panda_hand"], part_from_mount=hand_from_camera)},
        keypoints=keypoints,
        urdf=str(robot.path),
        hand=HAND,
    )


def _cell_m(link: str) -> float:
    if "finger" in link:
        return FINGER_CELL_M
    return HAND_CELL_M if link == "panda_hand" else ARM_CELL_M


def _finish(color: Rgb) -> Material | None:
    """The real finish of a colour in the mesh files; None for the pilot lights' coloured markers."""
    if max(color) - min(color) > 0.3:
        return None
    level = sum(color) / 3
    return BLACK if level < 0.3 else GREY if level < 0.9 else WHITE


def _hand_from_camera() -> Array:
    """(4, 4) mount frame (x along the optical axis) in the frame of panda_hand, at the middle of the front glass."""
    dx, _, dz = np.subtract(CAMERA_AIM_M, CAMERA_POSITION_M)
    return pose(CAMERA_POSITION_M, rotation_y(-float(np.arctan2(dz, dx))) @ rotation_x(np.pi))


def _camera_parts(hand_from_camera: Array) -> tuple[Part, ...]:
    depth, width, height = CAMERA_SIZE_M
    housing = rounded_box(CAMERA_SIZE_M, 0.010)
    front = rounded_box((0.002, width - 0.008, height - 0.008), 0.0008, segments=1)
    plate = rounded_box((0.052, 0.036, 0.006), 0.002, segments=1)
    return (
        Part(
            name="camera_housing",
            mesh=moved(housing, hand_from_camera @ pose((-depth / 2 - 0.002, 0.0, 0.0))),
            material=ALUMINIUM,
        ),
        Part(name="camera_front", mesh=moved(front, hand_from_camera @ pose((-0.0015, 0.0, 0.0))), material=GLASS),
        Part(name="camera_bracket", mesh=moved(plate, pose((0.055, 0.0, -0.011))), material=BLACK),
    )
