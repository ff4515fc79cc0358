"""Cameras that could not take a picture are told before anything runs, where they are written."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

import simgen
from simgen.core.errors import ScenarioRejected, SimgenError
from simgen.language import parse
from simgen.sampling import acceptance
from simgen.sampling.obstacles import encloses
from simgen.scene.shapes import box
from tests.sampling.blocks import body, fixture, room

SCENARIO = """simgen: 1
scenario: cameras
randomize: none
setting: {{room: tabletop}}
actors:
  a: {{model: cup, at: {{position: [0.1 m, 0 m, 0.9 m]}}}}
sensors:
  top:
    camera:
      mount: world
      position: [1 m, 0 m, 2 m]
      {line}
end: "time > 0.1 s"
"""
LINE = SCENARIO.split("{line}")[0].count("\n") + 1


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("look_at: [1 m, 0 m, 2 m]", "look_at is the point where the camera stands"),
        ("fov: 180 deg", "pinhole with a field of view of 180 deg"),
        ("lens: {model: brown_conrady, k1: -5}", "brown_conrady lens images no more than"),
        ("principal_point: [1000, 0]", "1000 x 0 pixels from the middle of a picture of 1280 x 720"),
        ("mount_offset: [1 km, 0 m, 0 m]", "mount_offset"),
        ("look_at: [1000 km, 0 m, 0 m]", "look_at"),
    ],
)
def test_a_camera_that_sees_nothing_is_told_where_it_is_written(line, says):
    with pytest.raises(SimgenError, match=says) as told:
        simgen.sample(parse(SCENARIO.format(line=line)))
    assert f":{LINE}:" in str(told.value)


def test_a_pinhole_may_be_as_wide_as_its_remedy_says():
    with pytest.raises(SimgenError, match=r"field of view of 149\.1 deg") as told:
        simgen.sample(parse(SCENARIO.format(line="fov: 149.1 deg")))
    assert told.value.remedy is not None and "at most 149 deg" in told.value.remedy
    simgen.sample(parse(SCENARIO.format(line="fov: 149 deg")))


HOUSE = """simgen: 1
scenario: corner
randomize: none
setting: {road: four_way_junction}
actors:
  ego: {model: car.hatchback, at: {road: west, lane: -1, s: 20 m}}
sensors:
  pole:
    camera:
      mount: world
      position: [X, -16 m, 2 m]
      look_at: [0 m, 0 m, 0.5 m]
end: time > 1 s
"""


def test_a_camera_within_a_house_is_told_where_it_is_written():
    text = HOUSE.replace("X", "-16 m")
    with pytest.raises(ScenarioRejected, match=r"'pole' stands at \(-16\.00, .* within 'houses_end_west_1'") as told:
        simgen.sample(parse(text))
    assert ":11:" in str(told.value) and told.value.remedy == "choose another position"
    report = acceptance(parse(text), 3)
    assert report.rejections == {"room for pole": 3}
    assert "within 'houses_end_west_1'" in report.no_room


def test_a_camera_that_is_drawn_stands_outside_of_houses():
    found = [simgen.sample(parse(HOUSE.replace("X", "{uniform: [-16 m, -6 m]}")), index=i) for i in range(4)]
    assert any("room for pole" in one.rejections for one in found)
    assert all(one.sensors[0].sensor.parameters["position"][0] > -12.0 for one in found)


STREET = """simgen: 1
scenario: high
randomize: none
setting: {road: two_lane_urban}
actors:
  ego: {model: car.sedan, at: {lane: -1, s: 20 m}}
sensors:
  up: {camera: {mount: world, position: [30 m, 0 m, HEIGHT], look_at: [TARGET], fov: FOV}}
end: time > 1 s
"""


def street(height: str, target: str = "30.1 m, 0 m, 0 m", fov: str = "60 deg") -> str:
    return STREET.replace("HEIGHT", height).replace("TARGET", target).replace("FOV", fov)


@pytest.mark.parametrize(
    ("height", "target"), [("1 km", "30.1 m, 0 m, 0 m"), ("1 km", "90 m, 0 m, 1 km"), ("20 km", "0 m, 0 m, 0 m")]
)
def test_a_camera_too_high_to_see_anything_is_told(height, target):
    with pytest.raises(ScenarioRejected, match="sees no farther than 600 m: its picture would be empty") as told:
        simgen.sample(parse(street(height, target)))
    assert ":8:" in str(told.value) and "lower it to less than 600 m" in str(told.value.remedy)


def test_a_high_camera_that_sees_something_is_no_mistake():
    assert simgen.sample(parse(street("580 m")))
    # Upwards from the ground there is no body either, and that is what was asked for.
    assert simgen.sample(parse(street("2 m", "30.1 m, 0 m, 900 m")))
    # The lowest row looks 57 deg away from the axis and 82 deg downwards: to the ground that is a planar depth of
    # 750 m cos 57 deg / sin 82 deg = 412 m.
    assert simgen.sample(parse(street("750 m", "1530 m, 0 m, 50 m", "140 deg")))
    floating = street("1 km").replace("sensors:", "  b: {model: ball, at: {position: [30 m, 0 m, 800 m]}}\nsensors:")
    assert simgen.sample(parse(floating))


def test_a_height_that_is_drawn_is_one_from_which_something_is_seen():
    found = [simgen.sample(parse(street("{uniform: [100 m, 1 km]}")), index=i) for i in range(6)]
    assert any("room for up" in one.rejections for one in found)
    assert all(one.sensors[0].sensor.parameters["position"][2] < 640.0 for one in found)


@pytest.mark.parametrize(
    ("height_m", "found"), [(-0.1, None), (0.05, "shed"), (1.0, "shed"), (2.9, "shed"), (3.1, None)]
)
def test_a_box_that_is_open_below_and_behind_encloses_what_stands_within_it(height_m, found):
    """From a height h over the middle of the open side, a square of 2 m, that side fills the share
    asin(1 / (1 + h^2)) / pi of the sphere: almost half of it at 5 cm, and with the missing wall more than half. The
    image in the ground closes it."""
    shed = box((2.0, 2.0, 3.0), (0.0, 0.0, 1.5), sides="xXyz")
    walls = trimesh.Trimesh(shed.points_m, shed.faces, process=False)
    stage = room(fixture("shed", body(walls.copy()), np.eye(4)))
    assert encloses(stage, np.array([0.0, 0.0, height_m])) == found
    walls.invert()
    assert encloses(room(fixture("room", body(walls), np.eye(4))), np.array([0.0, 0.0, height_m])) is None


def test_a_carrier_that_does_not_exist_is_told_the_files_own_actors_first():
    road = SCENARIO.replace("room: tabletop", "road: two_lane_urban").replace(
        "cup, at: {{position: [0.1 m, 0 m, 0.9 m]}}", "van, at: {{lane: -1, s: 9 m}}"
    )
    text = road.format(line="fov: 60 deg").replace("mount: world", "mount: nobody.windscreen")
    with pytest.raises(SimgenError, match="unknown actor 'nobody'") as told:
        simgen.sample(parse(text))
    assert str(told.value.remedy).startswith("it may be mounted on a") and str(told.value.remedy).endswith(" or world")


def test_a_picture_of_few_pixels_is_told_how_its_centre_is_kept():
    text = SCENARIO.format(line="resolution: [1, 1]").replace("randomize: none\n", "")
    with pytest.raises(SimgenError, match="principal point") as told:
        simgen.sample(parse(text))
    assert "randomize: {sensors: none}" in str(told.value.remedy)
    assert simgen.sample(parse(text + "randomize: {sensors: none}\n"))


@pytest.mark.parametrize(("mount", "says"), [("b", "unknown actor 'b'"), ("a.front", "unknown mount of a 'front'")])
def test_a_mount_that_does_not_exist_is_told_before_anything_runs(mount, says):
    text = SCENARIO.format(line="fov: 60 deg").replace("mount: world", f"mount: {mount}")
    with pytest.raises(SimgenError, match=says) as told:
        simgen.sample(parse(text))
    assert f":{LINE - 2}:" in str(told.value)
    assert told.value.remedy
