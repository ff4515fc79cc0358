"""Cameras that could not take a picture are told before anything runs, where they are written."""

from __future__ import annotations

import pytest

import simgen
from simgen.core.errors import SimgenError
from simgen.language import parse

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
