"""The Panda: its kinematics as its maker publishes them, its camera, its size."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import CAMERA_FROM_BODY, pose, rotation_x, transform
from simgen.core.vocabulary import models
from simgen.scene import urdf
from simgen.scene.body import Body

# Denavit-Hartenberg figures (Craig's convention) of the maker: a, d, alpha for each joint; the flange is 0.107 m on.
DENAVIT_HARTENBERG = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -np.pi / 2),
    (0.0, 0.316, np.pi / 2),
    (0.0825, 0.0, np.pi / 2),
    (-0.0825, 0.384, -np.pi / 2),
    (0.0, 0.0, np.pi / 2),
    (0.088, 0.0, np.pi / 2),
)


@pytest.fixture(scope="module")
def panda() -> Body:
    body: Body = models.get("franka_panda")().build()
    return body


def test_flange_stands_where_the_makers_figures_put_it(panda: Body) -> None:
    q = np.array([0.3, -0.5, 0.2, -2.0, 0.4, 1.8, 0.7, 0.02, 0.03])
    expected = np.eye(4)
    for (a, d, alpha), angle in zip(DENAVIT_HARTENBERG, q, strict=False):
        c, s = np.cos(angle), np.sin(angle)
        turn = pose(rotation=np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]))
        expected = expected @ pose((a, 0, 0), rotation_x(alpha)) @ turn @ pose((0, 0, d))
    # Craig's d lies along the joint's own z axis, which a turn about it leaves alone
    frames = urdf.read(urdf.bundled("franka_panda/panda.urdf")).forward(q)
    assert frames["panda_link8"] == pytest.approx(expected @ pose((0, 0, 0.107)), abs=1e-9)


def test_it_is_light_enough_to_draw_and_has_true_normals(panda: Body) -> None:
    assert sum(len(p.mesh.faces) for p in panda.parts) < 60_000
    for part in panda.parts:
        corners = part.mesh.vertices_m[part.mesh.faces].astype(np.float64)
        cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        facing = np.einsum("ij,ij->i", cross, part.mesh.normals[part.mesh.faces].mean(axis=1))
        assert facing.min() > -1e-9, part.name
    assert len({p.name for p in panda.parts}) == len(panda.parts)


def test_fingers_open_apart(panda: Body) -> None:
    def gap(opening: float) -> float:
        joints = np.array([*panda.joint_rest[:7], opening, opening])
        poses, names = panda.pose_parts(joints), [p.name for p in panda.parts]
        tips = [
            transform(poses[names.index(part)], position)
            for part, position in (panda.keypoints["left_finger_tip"], panda.keypoints["right_finger_tip"])
        ]
        return float(np.linalg.norm(tips[0] - tips[1]))

    assert gap(0.04) == pytest.approx(0.08) and gap(0.0) == pytest.approx(0.0, abs=1e-9)


def test_the_wrist_camera_sees_both_finger_tips_and_what_they_hold(panda: Body) -> None:
    mount = panda.mounts["wrist"]
    poses, names = panda.pose_parts(np.array(panda.joint_rest)), [p.name for p in panda.parts]
    base_from_mount = poses[names.index(mount.part)] @ mount.part_from_mount
    camera = Camera.from_fov(640, 480, np.radians(75), base_from_mount @ pose(rotation=CAMERA_FROM_BODY.T))
    tips = []
    for tip in ("left_finger_tip", "right_finger_tip"):
        part, position = panda.keypoints[tip]
        tips.append(transform(poses[names.index(part)], position))
    pixels, depth = camera.project(np.array([*tips, (tips[0] + tips[1]) / 2]))
    assert (depth > 0.05).all() and (depth < 0.2).all()
    assert ((pixels > 0) & (pixels < (640, 480))).all()
    assert (pixels[:, 1] > 240).all()  # they come in from below
    # nothing of the arm stands before the lens
    points = np.concatenate([transform(m, p.mesh.vertices_m) for m, p in zip(poses, panda.parts, strict=True)])
    seen, z = camera.project(points)
    before = (z > 0.003) & (z < 0.04) & (np.abs(seen - (319.5, 239.5)) < (320, 240)).all(axis=1)
    assert not before.any()


def test_licence_and_digest_are_stated(panda: Body) -> None:
    assert panda.asset.licence == "Apache-2.0" and len(panda.asset.digest) == 64
