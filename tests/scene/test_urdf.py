"""The URDF reader, against kinematics worked out by hand and against broken files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgen.core.errors import AssetError
from simgen.core.geometry import transform
from simgen.scene import urdf
from simgen.scene.mesh import linear

TWO_LINKS = """
<robot name="two">
  <link name="base"/>
  <link name="arm"><visual><origin xyz="0 0 1"/><geometry><mesh filename="tri.obj" scale="2 2 2"/></geometry>
    <material name="ink"><color rgba="0.5 0.5 0.5 1"/></material></visual></link>
  <link name="rod"/>
  <joint name="slide" type="prismatic"><parent link="arm"/><child link="rod"/>
    <origin xyz="1 0 0" rpy="0 0 1.5707963267948966"/><axis xyz="0 2 0"/><limit lower="0" upper="1" effort="5"/></joint>
  <joint name="turn" type="revolute"><parent link="base"/><child link="arm"/>
    <origin xyz="0 0 0.5"/><axis xyz="0 0 1"/><limit lower="-1" upper="1" effort="9" velocity="2"/></joint>
</robot>
"""
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1/1/1 2/2/2 3/3/3\nv 0 0 1\nf -4 -2 -1\n"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    (tmp_path / "tri.obj").write_text(TRIANGLE)
    path = tmp_path / "two.urdf"
    path.write_text(TWO_LINKS)
    return path


def test_a_chain_is_followed_in_the_order_of_the_tree(two: Path) -> None:
    robot = urdf.read(two)
    assert [j.name for j in robot.joints] == ["turn", "slide"]
    frames = robot.forward(np.array([np.pi / 2, 0.25]))
    # the arm points along +y; the rod's frame is turned on to -x, and its y axis, along which it slides, to -y
    assert frames["rod"][:3, 3] == pytest.approx([0.0, 1.0 - 0.25, 0.5])
    assert frames["rod"][:3, 0] == pytest.approx([-1.0, 0.0, 0.0], abs=1e-12)


def test_the_jacobian_is_the_derivative_of_the_forward_kinematics() -> None:
    robot = urdf.read(urdf.bundled("franka_panda/panda.urdf"))
    q = np.array([0.3, -0.5, 0.2, -2.0, 0.4, 1.8, 0.7, 0.02, 0.03])
    link = "panda_leftfinger"
    jacobian = robot.jacobian(robot.forward(q), link)
    step = 1e-6
    for k in range(len(q)):
        ahead, behind = (robot.forward(q + s * step * np.eye(len(q))[k])[link] for s in (1, -1))
        assert jacobian[:3, k] == pytest.approx((ahead[:3, 3] - behind[:3, 3]) / (2 * step), abs=1e-7)
        spin = (ahead[:3, :3] - behind[:3, :3]) / (2 * step) @ robot.forward(q)[link][:3, :3].T
        assert jacobian[3:, k] == pytest.approx([spin[2, 1], spin[0, 2], spin[1, 0]], abs=1e-7)


def test_a_visual_stands_where_its_origin_and_scale_put_it(two: Path) -> None:
    (surface,) = urdf.surfaces(urdf.read(two).links[1].visuals[0], cell_m=0.0)
    assert surface.mesh.vertices_m.min(axis=0) == pytest.approx([0, 0, 1])
    assert surface.mesh.vertices_m.max(axis=0) == pytest.approx([2, 2, 3])
    assert surface.color == pytest.approx(linear((0.5, 0.5, 0.5)))
    assert len(surface.mesh.faces) == 2


def test_simplifying_keeps_the_shape_and_its_outside() -> None:
    link = next(x for x in urdf.read(urdf.bundled("franka_panda/panda.urdf")).links if x.name == "panda_link2")
    (full,), (less,) = (urdf.surfaces(link.visuals[0], cell_m=c) for c in (0.0, 0.008))
    assert len(less.mesh.faces) < 0.4 * len(full.mesh.faces)
    volumes = []
    for surface in (full, less):
        corners = surface.mesh.vertices_m[surface.mesh.faces].astype(np.float64)
        volumes.append(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6)
    assert volumes[1] == pytest.approx(volumes[0], rel=0.02)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<robot", "not an XML document"),
        (TWO_LINKS.replace("tri.obj", "no.obj"), "no.obj is missing"),
        (TWO_LINKS.replace('<link name="rod"/>', '<link name="rod"/><link name="lost"/>'), "one root link"),
        (TWO_LINKS.replace('type="revolute"', 'type="ball"'), "'ball'"),
    ],
)
def test_a_broken_file_is_told(two: Path, text: str, said: str) -> None:
    path = two.with_name("broken.urdf")
    path.write_text(text)
    with pytest.raises(AssetError, match=said):
        urdf.read(path)


def test_a_missing_file_of_the_data_package_is_told() -> None:
    with pytest.raises(AssetError, match="is missing"):
        urdf.bundled("franka_panda/nothing.urdf")


def test_positions_of_forward_must_match_the_joints(two: Path) -> None:
    with pytest.raises(ValueError, match="argument"):
        urdf.read(two).forward(np.zeros(3))
    assert transform(urdf.read(two).forward(np.zeros(2))["arm"], (0, 0, 0)) == pytest.approx([0, 0, 0.5])
