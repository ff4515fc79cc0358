"""Lenses against OpenCV, which shares no line with them, and against closed forms."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.errors import ValueOutOfRange
from simgen.core.geometry import camera_pose
from simgen.core.lens import BrownConrady, KannalaBrandt, Lens, lens_of_facts

BROWN = (
    BrownConrady(k1=-0.3, k2=0.1, p1=0.001, p2=-0.002, k3=-0.02),
    BrownConrady(k1=0.2, k2=0.05, p1=-0.003, p2=0.001, k3=0.01, k4=0.1, k5=0.02, k6=0.003),
)
FISHEYE = (
    KannalaBrandt(),
    KannalaBrandt(k1=-0.02, k2=0.003, k3=-0.001, k4=0.0001),
    KannalaBrandt(k1=0.05, k2=-0.01, max_angle_rad=float(np.radians(100))),
)


def camera(lens: Lens, fov_deg: float) -> Camera:
    pose = camera_pose((1.0, -2.0, 1.5), (9.0, 1.0, 0.5))
    return Camera.from_fov(640, 400, float(np.radians(fov_deg)), pose, lens=lens)


def points(count: int = 400) -> np.ndarray:
    """In the camera's frame, before it."""
    local = np.random.default_rng(5).uniform((-0.9, -0.9, 1.0), (0.9, 0.9, 1.0), (count, 3))
    return local * np.random.default_rng(6).uniform(0.5, 40.0, (count, 1))


@pytest.mark.parametrize("lens", BROWN)
def test_brown_conrady_is_opencvs(lens: BrownConrady):
    seen = camera(lens, 70)
    u, v, depth = seen.image(points())
    names = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
    coefficients = np.array([lens.facts()[name] for name in names])
    theirs = cv2.projectPoints(points()[:, None], np.zeros(3), np.zeros(3), seen.matrix, coefficients)[0][:, 0]
    known = ~np.isnan(u)
    assert known.mean() > 0.95
    assert np.abs(np.stack([u, v], axis=1) - theirs)[known].max() < 1e-9
    assert np.array_equal(depth[known], points()[known, 2])


@pytest.mark.parametrize("lens", FISHEYE)
def test_kannala_brandt_is_opencvs_fisheye(lens: KannalaBrandt):
    seen = camera(lens, 180)
    u, v, depth = seen.image(points())
    coefficients = np.array([lens.k1, lens.k2, lens.k3, lens.k4])
    theirs = cv2.fisheye.projectPoints(points()[:, None], np.zeros(3), np.zeros(3), seen.matrix, coefficients)[0][:, 0]
    assert np.abs(np.stack([u, v], axis=1) - theirs).max() < 1e-9
    assert depth == pytest.approx(np.linalg.norm(points(), axis=1))


@pytest.mark.parametrize(("lens", "fov_deg"), [(BROWN[0], 80), (BROWN[1], 100), (FISHEYE[1], 200), (FISHEYE[2], 190)])
def test_unprojecting_undoes_projecting_in_every_pixel_that_has_an_image(lens: Lens, fov_deg: float):
    seen = camera(lens, fov_deg)
    v, u = np.mgrid[0 : seen.height_px : 13, 0 : seen.width_px : 17].astype(float)
    pixels = np.stack([u, v], axis=-1)
    depth = np.full(u.shape, 7.0)
    there = seen.unproject(pixels, depth)
    imaged = ~np.isnan(there[..., 0])
    assert imaged.mean() > (0.99 if seen.depth == "planar" else 0.8)
    again, measured = seen.project(there[imaged])
    assert np.abs(again - pixels[imaged]).max() < 1e-6
    assert measured == pytest.approx(depth[imaged])


def test_the_field_of_view_is_that_of_the_distorted_picture():
    for lens, fov in ((BROWN[0], 80), (FISHEYE[1], 190), (KannalaBrandt(), 60)):
        seen = camera(lens, fov)
        left = seen.directions(-0.5, seen.cy_px)
        right = seen.directions(seen.width_px - 0.5, seen.cy_px)
        for ray, sign in ((left, -1), (right, 1)):
            angle = np.degrees(np.arctan2(np.hypot(ray[0], ray[1]), ray[2]))
            assert sign * ray[0] > 0 and angle == pytest.approx(fov / 2, abs=1.0 if lens is BROWN[0] else 1e-9)


def test_solid_angles_of_a_whole_fisheye_picture_add_up_to_its_cone():
    lens = KannalaBrandt(k1=-0.02, k2=0.003, max_angle_rad=float(np.radians(95)))
    seen = Camera.from_fov(600, 600, float(np.radians(190)), np.eye(4), lens=lens)
    total = seen.solid_angles(np.arange(600)[None, :], np.arange(600)[:, None]).sum()
    assert total == pytest.approx(2 * np.pi * (1 - np.cos(np.radians(95))), rel=1e-3)


@pytest.mark.parametrize(("lens", "fov_deg"), [(BROWN[0], 80), (BROWN[1], 90)])
def test_solid_angles_of_a_distorted_picture_are_those_between_its_pixels_corners(lens: Lens, fov_deg: float):
    seen = camera(lens, fov_deg)
    u, v = np.array([20.0, 300.0, 600.0, 630.0]), np.array([15.0, 200.0, 30.0, 380.0])
    rays = [seen.directions(u + dx, v + dy) for dx, dy in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))]
    a, b, c, d = (r / np.linalg.norm(r, axis=1, keepdims=True) for r in rays)
    across = 0.5 * np.linalg.norm(np.cross(c - a, d - b), axis=1)
    assert seen.solid_angles(u, v) == pytest.approx(across, rel=1e-4)


def test_a_lens_ends_where_its_polynomial_turns_back():
    # r (1 - 0.5 r²) is steepest at the middle and turns at r = sqrt(2 / 3).
    assert np.tan(BrownConrady(k1=-0.5).widest_rad) == pytest.approx(np.sqrt(2 / 3), abs=0.01)
    # θ - 0.2 θ³ turns at θ = sqrt(1 / 0.6).
    assert KannalaBrandt(k1=-0.2).widest_rad == pytest.approx(np.sqrt(1 / 0.6), abs=0.01)
    beyond = BrownConrady(k1=-0.5).image(np.array([[1.0, 0.0, 1.0], [0.1, 0.0, 1.0], [0.1, 0.0, -1.0]]))
    assert np.isnan(beyond[:, 0]).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("lens", "fov_deg"), [(None, 180), (BrownConrady(k1=-0.5), 100), (KannalaBrandt(k1=-0.2), 180), (FISHEYE[2], 210)]
)
def test_a_field_of_view_that_the_lens_does_not_have_is_refused(lens: Lens | None, fov_deg: float):
    with pytest.raises(ValueOutOfRange, match="field of view"):
        Camera.from_fov(640, 400, float(np.radians(fov_deg)), np.eye(4), lens=lens)


def test_corners_beyond_what_the_lens_images_are_refused():
    seen = Camera.from_fov(640, 640, float(np.radians(70)), np.eye(4), lens=BrownConrady(k1=-0.5))
    with pytest.raises(ValueOutOfRange, match="corners"):
        seen.require_image()
    Camera.from_fov(640, 640, float(np.radians(40)), np.eye(4), lens=BrownConrady(k1=-0.5)).require_image()


@pytest.mark.parametrize("lens", [*BROWN, *FISHEYE])
def test_facts_give_the_lens_back(lens: Lens):
    assert lens_of_facts(lens.facts()) == lens


def test_facts_of_no_lens_are_refused():
    assert lens_of_facts(None) is None
    with pytest.raises(ValueOutOfRange, match="no lens"):
        lens_of_facts({"model": "mirror", "k1": 0.0})
