"""What the arms share: from a URDF to a Body, a parallel gripper for any flange, and a depth camera on the wrist."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.core.geometry import Array, pose, rotation_x, rotation_y, transform
from simgen.scene import urdf
from simgen.scene.body import Asset, Body, Hand, Mount, Part
from simgen.scene.mesh import Material, Rgb
from simgen.scene.solids import box, joined, lathe, moved, rounded_box

WHITE = Material(name="arm_white", base_color=(0.80, 0.80, 0.79), roughness=0.32)
SILVER = Material(name="arm_silver", base_color=(0.50, 0.51, 0.52), roughness=0.38)
GREY = Material(name="arm_grey", base_color=(0.24, 0.25, 0.26), roughness=0.45)
BLACK = Material(name="gripper_black", base_color=(0.028, 0.028, 0.03), roughness=0.45)
ANODISED = Material(name="gripper_anodised", base_color=(0.60, 0.61, 0.63), roughness=0.35, metallic=1.0)
RUBBER = Material(name="gripper_pad", base_color=(0.045, 0.045, 0.048), roughness=0.85)
ALUMINIUM = Material(name="camera_aluminium", base_color=(0.62, 0.63, 0.65), roughness=0.38, metallic=1.0)
GLASS = Material(name="camera_front", base_color=(0.012, 0.012, 0.016), roughness=0.08)

# The gripper in its own frame: z points out of the flange along the fingers, y is the closing direction.
STROKE_M = 0.085
BODY_M = (0.066, 0.150, 0.060)
JAW_Z_M, PALM_Z_M, TOOL_Z_M, TIP_Z_M = 0.075, 0.095, 0.134, 0.150
PAD_M, FINGER_M = 0.022, 0.014
GRIP_N = 60.0

HAND = Hand(
    tool_link="tool",
    fingers=(("left_finger_joint", "left_finger"), ("right_finger_joint", "right_finger")),
    stroke_m=STROKE_M,
    depth_m=TOOL_Z_M - PALM_Z_M - 0.005,
    pad_m=PAD_M,
    thickness_m=FINGER_M,
    force_n=GRIP_N,
)

# Camera on the hand: a bar of 90 x 25 x 25 mm before the hand's flat side, tilted so that its axis passes beyond the
# finger tips; in the picture the fingers come in from below.
CAMERA_SIZE_M = (0.025, 0.090, 0.025)
CAMERA_POSITION_M = (0.070, 0.0, 0.044)
CAMERA_AIM_M = (0.004, 0.0, 0.200)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attachment:
    """Visible parts that a link carries, in its frame."""

    link: str
    parts: tuple[Part, ...]


def gripper_elements(flange_link: str, flange_m: float, turn_rad: float = 0.0) -> str:
    """URDF of the gripper on a flange that lies ``flange_m`` along the z axis of its link, turned about that axis."""
    finger = (FINGER_M, PAD_M, TIP_Z_M - JAW_Z_M)
    fingers = "".join(
        f"""
  <joint name="{side}_finger_joint" type="prismatic">
    <parent link="gripper"/><child link="{side}_finger"/>
    <origin xyz="0 0 {JAW_Z_M}"/><axis xyz="0 {sign} 0"/>
    <limit lower="0" upper="{STROKE_M / 2}" effort="{2 * GRIP_N}" velocity="0.2"/>
  </joint>
  <link name="{side}_finger">
    <inertial><origin xyz="0 {sign * 0.012} 0.03"/><mass value="0.09"/>
      <inertia ixx="6e-5" ixy="0" ixz="0" iyy="6e-5" iyz="0" izz="1e-5"/></inertial>
    <collision><origin xyz="0 {sign * FINGER_M / 2} {finger[2] / 2}"/>
      <geometry><box size="{PAD_M} {FINGER_M} {finger[2]}"/></geometry></collision>
  </link>"""
        for side, sign in (("left", 1), ("right", -1))
    )
    return f"""
  <joint name="gripper_mount" type="fixed">
    <parent link="{flange_link}"/><child link="gripper"/><origin xyz="0 0 {flange_m}" rpy="0 0 {turn_rad}"/>
  </joint>
  <link name="gripper">
    <inertial><origin xyz="0 0 0.04"/><mass value="0.85"/>
      <inertia ixx="2e-3" ixy="0" ixz="0" iyy="8e-4" iyz="0" izz="2e-3"/></inertial>
    <collision><origin xyz="0 0 {0.012 + BODY_M[2] / 2}"/>
      <geometry><box size="{BODY_M[0]} {BODY_M[1]} {BODY_M[2]}"/></geometry></collision>
  </link>{fingers}
  <joint name="tool_mount" type="fixed">
    <parent link="gripper"/><child link="tool"/><origin xyz="0 0 {TOOL_Z_M}"/>
  </joint>
  <link name="tool">
    <inertial><mass value="0.001"/><inertia ixx="1e-6" ixy="0" ixz="0" iyy="1e-6" iyz="0" izz="1e-6"/></inertial>
  </link>"""


def gripper_parts() -> tuple[Attachment, ...]:
    """What is seen of the gripper and its camera."""
    adapter = lathe([(0.0, 0.0), (0.034, 0.0), (0.034, 0.012), (0.0, 0.012)], sectors=36)
    shell = moved(rounded_box(BODY_M, 0.008), pose((0.0, 0.0, 0.012 + BODY_M[2] / 2)))
    rail = moved(box((0.026, BODY_M[1] + 0.012, 0.005)), pose((0.0, 0.0, JAW_Z_M - 0.0005)))
    covers = [
        moved(rounded_box((0.001, 0.10, 0.030), 0.0004, segments=1), pose((s * 0.0334, 0.0, 0.042))) for s in (-1, 1)
    ]
    body = (
        Part(name="gripper_shell", mesh=shell, material=BLACK),
        Part(name="gripper_adapter", mesh=adapter, material=ANODISED),
        Part(name="gripper_rail", mesh=rail, material=ANODISED),
        Part(name="gripper_covers", mesh=joined(covers), material=ANODISED),
        *camera_parts(wrist_camera()),
    )
    fingers = []
    for side, sign in (("left", 1), ("right", -1)):
        jaw = moved(rounded_box((0.046, 0.030, 0.020), 0.003), pose((0.0, sign * 0.0155, 0.012)))
        long = TIP_Z_M - JAW_Z_M
        blade = moved(
            rounded_box((PAD_M, FINGER_M - 0.002, long - 0.016), 0.002),
            pose((0.0, sign * (FINGER_M / 2 + 0.001), 0.016 + (long - 0.016) / 2)),
        )
        pad = moved(rounded_box((PAD_M - 0.002, 0.0024, 0.034), 0.0008), pose((0.0, sign * 0.0012, long - 0.018)))
        fingers.append(
            Attachment(
                link=f"{side}_finger",
                parts=(
                    Part(name=f"{side}_finger_jaw", mesh=jaw, material=BLACK),
                    Part(name=f"{side}_finger_blade", mesh=blade, material=ANODISED),
                    Part(name=f"{side}_finger_pad", mesh=pad, material=RUBBER),
                ),
            )
        )
    return (Attachment(link="gripper", parts=body), *fingers)


def wrist_camera() -> Array:
    """(4, 4) mount frame (x along the optical axis) in the gripper's frame, at the middle of the front glass."""
    dx, _, dz = np.subtract(CAMERA_AIM_M, CAMERA_POSITION_M)
    return pose(CAMERA_POSITION_M, rotation_y(-float(np.arctan2(dz, dx))) @ rotation_x(np.pi))


def camera_parts(hand_from_camera: Array) -> tuple[Part, ...]:
    """A stereo camera bar behind its front glass, with the bracket that carries it."""
    depth, width, height = CAMERA_SIZE_M
    housing = rounded_box(CAMERA_SIZE_M, 0.010)
    front = rounded_box((0.002, width - 0.008, height - 0.008), 0.0008, segments=1)
    place = hand_from_camera[:3, 3]
    plate = moved(rounded_box((0.052, 0.036, 0.006), 0.002, segments=1), pose((0.055, 0.0, place[2] - 0.028)))
    return (
        Part(
            name="camera_housing",
            mesh=moved(housing, hand_from_camera @ pose((-depth / 2 - 0.002, 0.0, 0.0))),
            material=ALUMINIUM,
        ),
        Part(name="camera_front", mesh=moved(front, hand_from_camera @ pose((-0.0015, 0.0, 0.0))), material=GLASS),
        Part(name="camera_bracket", mesh=plate, material=BLACK),
    )


def arm_body(
    source: str,
    asset_id: str,
    licence: str,
    rest: Mapping[str, float],
    finish: Callable[[str, Rgb], Material],
    cell_m: float,
    attachments: Sequence[Attachment],
) -> Body:
    """The body of an arm with the gripper of this module.

    Args:
        source: text of the URDF, gripper included.
        rest: positions of the joints in rad, m; the fingers stand open.
        finish: (link, colour in the mesh file) -> the real surface.
        cell_m: size of the cells in which the mesh files are simplified.
    """
    robot = urdf.load(source)
    parts: list[Part] = []
    links: list[str] = []
    for link in robot.links:
        for visual in link.visuals:
            for number, surface in enumerate(urdf.surfaces(visual, cell_m)):
                parts.append(
                    Part(name=f"{link.name}_{number}", mesh=surface.mesh, material=finish(link.name, surface.color))
                )
                links.append(link.name)
    for attachment in attachments:
        parts += attachment.parts
        links += [attachment.link] * len(attachment.parts)
    owners = tuple(links)

    def articulate(joints: Array) -> Array:
        frames = robot.forward(joints)
        return np.stack([frames[link] for link in owners])

    joint_rest = tuple(
        STROKE_M / 2 if joint.kind == "prismatic" else float(rest[joint.name]) for joint in robot.movable
    )
    frames = articulate(np.array(joint_rest))
    points = np.concatenate([transform(m, p.mesh.vertices_m) for m, p in zip(frames, parts, strict=True)])
    low, high = points.min(axis=0), points.max(axis=0)
    center, size = (low + high) / 2, high - low
    first = {link: part.name for part, link in zip(reversed(parts), reversed(links), strict=True)}
    revolute = [joint for joint in robot.movable if joint.kind != "prismatic"]
    keypoints: dict[str, tuple[str, tuple[float, float, float]]] = {
        f"joint{i}": (first[joint.child], (0.0, 0.0, 0.0)) for i, joint in enumerate(revolute, 1)
    }
    keypoints["hand"] = ("gripper_shell", (0.0, 0.0, 0.0))
    for side in ("left", "right"):
        keypoints[f"{side}_finger_tip"] = (f"{side}_finger_pad", (0.0, 0.0, TIP_Z_M - JAW_Z_M))
    return Body(
        semantic="robot",
        asset=Asset(id=asset_id, digest=robot.digest, licence=licence),
        parts=tuple(parts),
        rest=frames,
        box_center_m=(float(center[0]), float(center[1]), float(center[2])),
        box_size_m=(float(size[0]), float(size[1]), float(size[2])),
        friction=1.0,
        fixed=True,
        joints=tuple(j.name for j in robot.movable),
        joint_rest=joint_rest,
        articulate=articulate,
        mounts={"wrist": Mount(part="gripper_shell", part_from_mount=wrist_camera())},
        keypoints=keypoints,
        urdf=source,
        hand=HAND,
    )
