from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.core import geometry as g

angles = st.floats(-10, 10)
coordinates = st.tuples(*[st.floats(-100, 100)] * 3)


@given(coordinates, angles, angles, angles, coordinates)
def test_a_pose_and_its_inverse_undo_each_other(
    position: tuple[float, ...], roll: float, pitch: float, yaw: float, point: tuple[float, ...]
):
    pose = g.pose(position, g.rotation_rpy(roll, pitch, yaw))
    assert np.allclose(g.inverse(pose) @ pose, np.eye(4), atol=1e-12)
    assert np.allclose(g.transform(g.inverse(pose), g.transform(pose, point)), point, atol=1e-10)


@given(angles, angles, angles)
def test_a_quaternion_gives_its_rotation_back(roll: float, pitch: float, yaw: float):
    rotation = g.rotation_rpy(roll, pitch, yaw)
    quaternion = g.quaternion_from_matrix(rotation)
    assert np.linalg.norm(quaternion) == pytest.approx(1.0) and quaternion[3] >= 0
    assert np.allclose(g.matrix_from_quaternion(quaternion), rotation, atol=1e-9)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_half_turns_have_quaternions_too(axis: int):
    rotation = [g.rotation_x, g.rotation_y, g.rotation_z][axis](np.pi)
    quaternion = g.quaternion_from_matrix(rotation)
    assert abs(quaternion[axis]) == pytest.approx(1.0)
    assert np.allclose(g.matrix_from_quaternion(quaternion), rotation, atol=1e-12)


def test_quaternions_are_xyzw():
    assert np.allclose(g.quaternion_from_matrix(np.eye(4)), (0, 0, 0, 1))
    half = np.sqrt(0.5)
    assert np.allclose(g.quaternion_from_matrix(g.rotation_z(np.pi / 2)), (0, 0, half, half))


def test_rotations_turn_to_the_left():
    assert np.allclose(g.rotation_z(np.pi / 2) @ (1, 0, 0), (0, 1, 0))
    assert np.allclose(g.rotation_x(np.pi / 2) @ (0, 1, 0), (0, 0, 1))
    assert np.allclose(g.rotation_y(np.pi / 2) @ (0, 0, 1), (1, 0, 0))
    assert np.allclose(g.rotation_rpy(0.1, 0.2, 0.3), g.rotation_z(0.3) @ g.rotation_y(0.2) @ g.rotation_x(0.1))


def test_poses_chain_from_right_to_left():
    world_from_car, car_from_camera = g.planar_pose(10, 0, np.pi / 2), g.pose((2, 0, 1))
    assert np.allclose((world_from_car @ car_from_camera)[:3, 3], (10, 2, 1))
    assert g.yaw_of(world_from_car) == pytest.approx(np.pi / 2)


@given(st.floats(-1000, 1000))
def test_a_wrapped_angle_points_the_same_way(angle: float):
    wrapped = g.wrap_angle(angle)
    assert -np.pi <= wrapped < np.pi
    assert np.allclose((np.cos(wrapped), np.sin(wrapped)), (np.cos(angle), np.sin(angle)), atol=1e-9)


def test_a_camera_looks_along_its_z_axis_with_y_down():
    pose = g.camera_pose((0, 0, 1), (5, 0, 1))
    assert np.allclose(pose[:3, 2], (1, 0, 0)) and np.allclose(pose[:3, 1], (0, 0, -1))
    assert np.allclose(pose[:3, 0], (0, -1, 0))
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)
    assert np.allclose(g.CAMERA_FROM_BODY @ (1, 0, 0), (0, 0, 1))


def test_a_camera_can_look_straight_down():
    pose = g.camera_pose((0, 0, 5), (0, 0, 0))
    assert np.allclose(pose[:3, 2], (0, 0, -1)) and np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)


def test_read_only_arrays_cannot_be_written():
    array = g.read_only(np.zeros(3))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_quaternions_of_many_rotations_are_those_of_each():
    turns = [g.rotation_rpy(*angles) for angles in itertools.product(np.linspace(-np.pi, np.pi, 9), repeat=3)]
    found = g.quaternions_from_matrices(np.stack(turns))
    assert np.allclose(found, [g.quaternion_from_matrix(t) for t in turns], rtol=0, atol=1e-15)
