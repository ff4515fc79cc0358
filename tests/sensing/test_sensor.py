"""Where sensors look and when they fire."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from simgen.core import vocabulary
from simgen.core.errors import UnknownName, ValueOutOfRange
from simgen.core.geometry import planar_pose
from tests.sensing import stand


def camera(**values):
    return vocabulary.sensors.get("camera")(**{"mount": "ego.windscreen", **values})


def looking(sensor, **more):
    shown = stand.view(0, **more)
    seen = sensor.camera_at(shown.scene, shown.snapshot)
    return seen.world_from_camera[:3, 3], seen.world_from_camera[:3, 2], seen


@pytest.mark.parametrize("name", vocabulary.sensors.names())
def test_every_sensor_is_declared(name):
    member = vocabulary.sensors.get(name)
    assert member.help()
    assert all(p.help for p in member.parameters.values())
    sensor = member(mount="ego.windscreen", resolution=(64, 36))
    shown = stand.view(0)
    seen = sensor.camera_at(shown.scene, shown.snapshot)
    assert (seen.width_px, seen.height_px) == (64, 36)
    assert sensor.chain("x", stand.KEY, ()).deliver(shown, seen, stand.buffers(seen)).delivered


@given(rate=floats(1, 60), phase=floats(0, 0.5))
def test_fires_as_often_as_it_says(rate, phase):
    sensor = camera(rate=rate, phase=phase)
    fired = [t for t in range(600) if sensor.due(t)]
    assert abs(len(fired) - (10 - phase) * rate) <= 1.5
    for k, tick in enumerate(fired):
        assert abs(tick / 60 - (phase + k / rate)) <= 0.5 / 60 + 1e-6


def test_fires_at_known_ticks():
    assert [t for t in range(13) if camera(rate=20).due(t)] == [0, 3, 6, 9, 12]
    assert [t for t in range(13) if camera(rate=25).due(t)] == [0, 2, 5, 7, 10, 12]
    assert [t for t in range(7) if camera(rate=30, phase=1 / 60).due(t)] == [1, 3, 5]


def test_a_mount_moves_with_its_actor():
    position, forward, _ = looking(camera(), world_from_ego=planar_pose(10, 5, np.pi / 2))
    assert position == pytest.approx((10, 5.5, 1.3))
    assert forward == pytest.approx((0, 1, 0), abs=1e-12)


def test_turns():
    _, left, _ = looking(camera(yaw=np.pi / 2))
    _, up, _ = looking(camera(pitch=0.3))
    assert left == pytest.approx((0, 1, 0), abs=1e-12)
    assert up == pytest.approx((np.cos(0.3), 0, np.sin(0.3)))
    _, _, rolled = looking(camera(roll=0.2))
    # Clockwise as seen from behind: the picture's right side dips.
    assert rolled.world_from_camera[2, 0] < 0


def test_shifted_in_the_mounts_frame():
    position, _, _ = looking(camera(position=(1.0, 0.5, 0.2)), world_from_ego=planar_pose(0, 0, np.pi / 2))
    assert position == pytest.approx((-0.5, 1.5, 1.5))


def test_in_the_world():
    sensor = camera(mount="world", position=(1.0, 2.0, 3.0), look_at=(1.0, 2.0, 0.0))
    position, forward, _ = looking(sensor)
    assert position == pytest.approx((1, 2, 3))
    assert forward == pytest.approx((0, 0, -1))


def test_looking_at_a_point_from_an_actor():
    position, forward, _ = looking(camera(look_at=(20.0, 10.0, 0.0)))
    way = np.array([20.0, 10.0, 0.0]) - position
    assert forward == pytest.approx(way / np.linalg.norm(way))


def test_mistakes_are_named():
    with pytest.raises(UnknownName, match="windscreen"):
        looking(camera(mount="ego.windscren"))
    with pytest.raises(UnknownName, match="actor"):
        looking(camera(mount="egoo.windscreen"))
    with pytest.raises(ValueOutOfRange, match="position"):
        looking(camera(mount="world"))
    with pytest.raises(ValueOutOfRange, match="look_at"):
        looking(camera(mount="world", position=(0, 0, 1), look_at=(0, 0, 1)))
