"""What is seen, against areas worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.errors import UnknownName
from simgen.core.geometry import camera_pose
from simgen.core.lens import KannalaBrandt
from simgen.sampling.obstacles import Placed
from simgen.sampling.sketch import sketch
from simgen.scene.sight import line_of_sight, look, visible_fraction, visible_pixels
from tests.sampling.blocks import block, placed, sphere

EYE = (0.0, 0.0, 1.0)
CAMERA = Camera.from_fov(800, 600, math.radians(60), camera_pose(EYE, (10.0, 0.0, 1.0)))


def seen(*bodies: Placed) -> float:
    return visible_fraction(sketch(bodies), CAMERA, bodies[0].name)


def test_a_sphere_alone_is_seen_whole_and_has_its_area() -> None:
    view = sketch([placed("ball", sphere(0.5), 20, 0, z=0.5)])
    outline = math.pi * (CAMERA.fx_px * math.tan(math.asin(0.5 / 20.0))) ** 2
    assert visible_fraction(view, CAMERA, "ball") == 1.0
    assert visible_pixels(view, CAMERA, "ball") == pytest.approx(outline, rel=0.02)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
def test_a_wall_hides_the_share_it_covers(share: float) -> None:
    target = placed("target", block(0.01, 2.0, 2.0), 20, 0)
    # The wall at half the distance covers y < edge of the target, seen from the eye.
    edge = 0.5 * (-1.0 + 2.0 * share)
    wall = placed("wall", block(0.01, 10.0, 8.0), 10, edge - 5.0, z=-3.0)
    assert seen(target, wall) == pytest.approx(1.0 - share, abs=0.02)
    assert seen(wall, target) == pytest.approx(look(sketch([wall]), CAMERA, "wall").fraction)


def test_what_stands_behind_or_aside_hides_nothing() -> None:
    target = placed("target", block(1, 1, 1), 20, 0)
    assert seen(target, placed("behind", block(1, 9, 9), 22, 0), placed("aside", block(1, 1, 5), 10, 3)) == 1.0


def test_two_walls_hide_what_either_hides() -> None:
    target = placed("target", block(0.01, 2.0, 2.0), 20, 0)
    left, right = placed("l", block(0.01, 9, 9), 10, 4.75, z=-3), placed("r", block(0.01, 9, 9), 10, -4.75, z=-3)
    assert seen(target, left, right) == pytest.approx(0.5, abs=0.03)


def test_what_lies_outside_of_the_image_does_not_count_as_seen() -> None:
    # The right edge of the image is at y = -tan(30 deg) x: it halves a board centred there.
    found = look(sketch([placed("board", block(0.001, 4, 1), 10, -10 * math.tan(math.pi / 6))]), CAMERA, "board")
    assert found.fraction == pytest.approx(0.5, abs=0.02)
    assert found.visible_px == found.inside_px
    assert found.outside_px == pytest.approx(found.inside_px, rel=0.05)


def test_what_is_behind_the_camera_or_absent_is_not_seen() -> None:
    view = sketch([placed("behind", block(1, 1, 1), -5, 0)])
    assert visible_fraction(view, CAMERA, "behind") == 0.0
    with pytest.raises(UnknownName):
        visible_fraction(view, CAMERA, "nobody")


def test_a_floor_through_the_camera_hides_only_what_is_below_it() -> None:
    floor = placed("floor", block(100, 100, 0.2), 0, 0, z=0.0)
    assert seen(placed("on", block(1, 1, 1), 20, 0, z=0.2), floor) == 1.0
    assert seen(placed("under", block(1, 1, 1), 20, 0, z=-1.0), floor) == 0.0


def test_the_target_may_reach_behind_the_camera() -> None:
    tunnel = placed("wall", block(40, 0.2, 4), 0, 3)
    assert 0.0 < seen(tunnel) < 1.0


def test_the_same_view_gives_the_same_answer() -> None:
    bodies = [placed("a", sphere(0.5), 20, 0), placed("b", sphere(0.5), 18, 0.4), placed("c", block(1, 1, 1), 12, -1)]
    first = look(sketch(bodies), CAMERA, "a")
    look(sketch([bodies[1]]), CAMERA, "b")
    assert look(sketch(bodies), CAMERA, "a") == first
    assert look(sketch([bodies[0], *reversed(bodies[1:])]), CAMERA, "a") == first


@pytest.mark.parametrize(("y", "clear"), [(0.0, False), (0.9, False), (2.2, True), (-3.0, True)])
def test_line_of_sight_past_a_box(y: float, clear: bool) -> None:
    view = sketch([placed("child", block(0.4, 0.4, 1.2), 20, y), placed("van", block(4, 2.4, 2.8), 15, 0)])
    assert line_of_sight(view, EYE, "child") is clear
    assert line_of_sight(view, EYE, "child", ignore=("van",))


def test_line_of_sight_over_a_low_box_and_from_within_one() -> None:
    child = placed("child", block(0.4, 0.4, 1.8), 20, 0)
    assert line_of_sight(sketch([child, placed("bench", block(1, 4, 0.9), 15, 0)]), EYE, "child")
    assert line_of_sight(sketch([child, placed("tunnel", block(80, 8, 6), 10, 0)]), EYE, "child")
    assert not line_of_sight(sketch([child, placed("wall", block(1, 40, 3), 10, 0, yaw=0.4)]), EYE, "child")


def test_line_of_sight_agrees_with_what_is_seen() -> None:
    rng = np.random.Generator(np.random.Philox(5))
    for _ in range(30):
        child = placed("child", block(0.5, 0.5, 1.6), 20, float(rng.uniform(-4, 4)))
        van = placed("van", block(5, 2, 2.6), 13, float(rng.uniform(-4, 4)), yaw=float(rng.uniform(-0.5, 0.5)))
        fraction = seen(child, van)
        if fraction == 0.0 or fraction > 0.6:
            assert line_of_sight(sketch([child, van]), EYE, "child") is (fraction > 0.6)


def test_a_fisheye_sees_to_its_side_in_its_own_pixels() -> None:
    lens = KannalaBrandt()
    camera = Camera.from_fov(800, 600, math.radians(190), camera_pose(EYE, (10.0, 0.0, 1.0)), lens=lens)
    view = sketch([placed("ball", sphere(0.5), 0.0, -8.0, z=0.5)])
    cone = 2 * math.pi * (1 - math.cos(math.asin(0.5 / 8.0)))
    # At a right angle to the axis an equidistant picture has θ / sin θ times the pixels of its middle.
    assert visible_fraction(view, camera, "ball") == pytest.approx(1.0)
    assert visible_pixels(view, camera, "ball") == pytest.approx(cone * camera.fx_px**2 * math.pi / 2, rel=0.03)
    # 95 degrees is the picture's edge: half of a ball there is outside.
    turn = math.radians(95)
    edge = sketch([placed("ball", sphere(0.5), 8.0 * math.cos(turn), -8.0 * math.sin(turn), z=0.5)])
    assert visible_fraction(edge, camera, "ball") == pytest.approx(0.5, abs=0.05)
