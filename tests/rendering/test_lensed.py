"""Pictures through lenses: against OpenCV's undistortion, closed forms, and the pinhole's own pictures."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose
from simgen.core.lens import BrownConrady, KannalaBrandt
from simgen.rendering import Renderer
from simgen.scene.classes import SKY, VOID
from tests.rendering.scenes import ASPHALT, Thing, box_mesh, environment, ground_mesh, sphere_mesh, view

EYE = (0.0, 0.0, 1.5)
POSE = camera_pose(EYE, (10.0, 0.0, 1.5))
BARREL = BrownConrady(k1=-0.28, k2=0.07, p1=0.002, p2=-0.001)
FISHEYE = KannalaBrandt(k1=-0.02, k2=0.002)
NIGHT = environment(time_of_day=0.0)
"""Where light is not looked at: no renderer has to find out what the sun reaches."""
GROUND = Thing(mesh=ground_mesh(), material=ASPHALT, labelled=False, semantic="road", static=True)


def fisheye(width: int = 240, height: int = 240, fov_deg: float = 190.0) -> Camera:
    return Camera.from_fov(width, height, float(np.radians(fov_deg)), POSE, lens=FISHEYE)


def street() -> list[Thing]:
    wall = box_mesh((0.2, 6.0, 3.0))
    return [
        GROUND,
        Thing(mesh=wall, at=pose((9.0, -4.5, 1.5))),
        Thing(mesh=wall, at=pose((7.0, 4.5, 1.5))),
        Thing(mesh=box_mesh((1.0, 1.0, 2.0)), at=pose((6.0, 0.0, 1.0))),
    ]


def test_undistorting_gives_the_pinholes_picture(each: Renderer):
    scene = view(street())
    lens = BARREL
    seen = Camera.from_fov(320, 200, float(np.radians(70)), POSE, lens=lens)
    buffers = each.render(scene, seen)
    focal = 0.8 * seen.fx_px
    straight = replace(seen, fx_px=focal, fy_px=focal, lens=None, width_px=200, height_px=120, cx_px=99.5, cy_px=59.5)
    expected = each.render(scene, straight)
    coefficients = np.array([lens.k1, lens.k2, lens.p1, lens.p2])
    u, v = cv2.initUndistortRectifyMap(seen.matrix, coefficients, np.eye(3), straight.matrix, (200, 120), cv2.CV_32FC1)
    instance = cv2.remap(buffers.instance.astype(np.float32), u, v, cv2.INTER_NEAREST)
    assert (instance == expected.instance).mean() > 0.985
    depth = cv2.remap(buffers.depth_m, u, v, cv2.INTER_NEAREST)
    near = (instance == expected.instance) & np.isfinite(expected.depth_m) & (expected.instance > 0)
    assert np.abs(depth[near] / expected.depth_m[near] - 1).max() < 0.02
    light = cv2.remap(buffers.radiance.astype(np.float32), u, v, cv2.INTER_LINEAR)
    inner = cv2.erode((expected.instance == instance).astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    flat = cv2.Laplacian(expected.instance.astype(np.float32), cv2.CV_32F) == 0
    good = inner & (cv2.erode(flat.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & (expected.instance > 0)
    ratio = light[good].mean() / expected.radiance.astype(np.float32)[good].mean()
    assert ratio == pytest.approx(1.0, abs=0.02)


def test_a_straight_edge_is_a_curve_that_opencv_makes_straight(raster: Renderer):
    scene = view([Thing(mesh=box_mesh((0.2, 60.0, 2.0)), at=pose((6.0, 0.0, 2.5)))])
    seen = Camera.from_fov(320, 240, float(np.radians(80)), POSE, lens=BARREL)
    mask = raster.render(scene, seen).instance > 0
    columns = np.arange(40, 280, 8)
    # The upper edge of the board, as the last row of sky above it.
    rows = np.argmax(mask[:, columns], axis=0) - 0.5
    spread = np.stack([columns, rows], axis=1).astype(np.float64)
    assert np.ptp(rows) > 4
    coefficients = np.array([BARREL.k1, BARREL.k2, BARREL.p1, BARREL.p2])
    even = cv2.undistortPoints(spread[:, None], seen.matrix, coefficients)[:, 0] * seen.fx_px
    line = np.polyval(np.polyfit(even[:, 0], even[:, 1], 1), even[:, 0])
    assert np.abs(even[:, 1] - line).max() < 1.2


@pytest.mark.parametrize("bearing_deg", [0, 30, 47, 75, 92])
def test_a_sphere_is_the_cone_that_it_is(each: Renderer, bearing_deg: float):
    away, radius = 5.0, 1.0
    turn = np.radians(bearing_deg)
    at = np.array([away * np.cos(turn), -away * np.sin(turn), 1.5])
    scene = view([Thing(mesh=sphere_mesh(radius, 96, 192), at=pose(at))], around=NIGHT)
    seen = fisheye()
    rays = seen.grid()
    toward = np.array([np.sin(turn), 0.0, np.cos(turn)])
    half = np.arcsin(radius / away)
    angle = np.arccos(np.clip(rays @ toward, -1, 1))
    buffers = each.render(scene, seen)
    expected = np.nan_to_num(angle, nan=9.0) < half
    pixel = 1.0 / seen.fx_px
    off = (buffers.instance > 0) != expected
    # A surface's edge is off by less than 0.6 pixels.
    assert not off[np.abs(angle - half) > 0.6 * pixel].any()
    (alone,) = each.silhouettes(scene, seen, [1])
    mask = np.zeros_like(expected)
    mask[alone.y_px : alone.y_px + alone.mask.shape[0], alone.x_px : alone.x_px + alone.mask.shape[1]] = alone.mask
    assert not (mask != expected)[np.abs(angle - half) > 0.6 * pixel].any()
    # Range along the ray, in closed form.
    along = away * np.cos(angle) - np.sqrt(np.maximum(radius**2 - (away * np.sin(angle)) ** 2, 0.0))
    firm = expected & (angle < 0.9 * half)
    assert np.abs(buffers.depth_m[firm] - along[firm]).max() < 0.02


def test_what_lies_beyond_the_picture_is_the_rest_of_the_sphere(raster: Renderer):
    lens = KannalaBrandt()
    seen = Camera.from_fov(320, 200, float(np.radians(120)), POSE, lens=lens)
    turn = np.radians(60)  # its middle is on the picture's right edge
    at = np.array([5.0 * np.cos(turn), -5.0 * np.sin(turn), 1.5])
    scene = view([Thing(mesh=sphere_mesh(1.0), at=pose(at))])
    (alone,) = raster.silhouettes(scene, seen, [1])
    assert alone.beyond is not None
    outside = alone.beyond
    inside = seen.solid_angles(np.arange(320)[None, :], np.arange(200)[:, None])[
        alone.y_px : alone.y_px + alone.mask.shape[0], alone.x_px : alone.x_px + alone.mask.shape[1]
    ][alone.mask].sum()
    step = outside.step_px
    u = outside.x_px + step * np.arange(outside.mask.shape[1]) + 0.5 * (step - 1)
    v = outside.y_px + step * np.arange(outside.mask.shape[0]) + 0.5 * (step - 1)
    rest = step**2 * seen.solid_angles(u[None, :], v[:, None])[outside.mask].sum()
    whole = 2 * np.pi * (1 - np.cos(np.arcsin(0.2)))
    assert inside + rest == pytest.approx(whole, rel=0.02)
    toward = np.array([np.sin(turn), 0.0, np.cos(turn)])
    within = np.arccos(np.clip(seen.grid() @ toward, -1, 1)) < np.arcsin(0.2)
    expected = seen.solid_angles(np.arange(320)[None, :], np.arange(200)[:, None])[within].sum()
    assert inside == pytest.approx(expected, rel=0.01) and 0.4 < inside / whole < 0.6


def test_ranges_of_the_ground_are_exact_across_the_faces(raster: Renderer):
    seen = fisheye()
    buffers = raster.render(view([GROUND]), seen, ("normal",))
    rays = seen.grid()
    down = rays[..., 1]
    expected = 1.5 / np.maximum(down, 1e-9)
    firm = (down > 0.05) & np.isfinite(buffers.depth_m)
    assert firm.mean() > 0.3
    assert np.abs(buffers.depth_m / expected - 1)[firm].max() < 2e-3
    assert buffers.normal is not None
    assert np.abs(buffers.normal[firm] - (0.0, -1.0, 0.0)).max() < 0.02


def test_depth_is_that_of_each_pixels_own_ray_up_to_the_ends_of_a_plane(raster: Renderer):
    """Planks side by side: few pixels show a plank without another one beside it."""
    planks = [Thing(mesh=box_mesh((60.0, 0.3, 0.02)), at=pose((31.0, 0.3 * k, -0.01))) for k in range(-12, 13)]
    seen = Camera.from_fov(320, 240, float(np.radians(80)), POSE, lens=BARREL)
    buffers = raster.render(view(planks), seen)
    rows, columns = np.nonzero((buffers.instance > 0) & (buffers.depth_m < 25.0))
    at = seen.unproject(np.stack([columns, rows], axis=1).astype(np.float64), buffers.depth_m[rows, columns])
    assert len(at) > 5000
    # The sides of a plank that stands out by nothing may be hit.
    assert np.mean(np.abs(at[:, 2]) < 2e-3) > 0.98


def test_beyond_the_image_circle_there_is_nothing(each: Renderer):
    seen = fisheye(fov_deg=220)
    buffers = each.render(view([GROUND]), seen)
    none = np.isnan(seen.grid()[..., 0])
    assert 0.15 < none.mean() < 0.25
    assert (buffers.semantic[none] == VOID.id).all() and not (buffers.semantic[~none] == VOID.id).any()
    assert not buffers.radiance[none].any() and np.isinf(buffers.depth_m[none]).all()
    assert buffers.node is None or (buffers.node[none] == -1).all()


@pytest.mark.parametrize("wetness", [0.0, 1.0])
def test_light_has_no_seams(raster: Renderer, wetness: float):
    seen = fisheye()
    scene = view([GROUND], around=environment(road_wetness=wetness))
    light = raster.render(scene, seen).radiance.astype(np.float64) @ (0.2126, 0.7152, 0.0722)
    rays = seen.grid()
    # Along a circle about the axis on the ground, over the edges of the faces.
    local = np.abs(np.nan_to_num(rays, nan=0.5))
    local = local / local.max(axis=-1, keepdims=True)
    edge = np.sort(local, axis=-1)[..., 1]
    ground = rays[..., 1] > 0.2
    step = np.abs(np.diff(np.log(np.maximum(light, 1e-3)), axis=1))
    at_edge = (edge[:, 1:] > 0.93) & ground[:, 1:] & ground[:, :-1]
    elsewhere = (edge[:, 1:] < 0.85) & ground[:, 1:] & ground[:, :-1]
    assert at_edge.sum() > 500
    assert np.percentile(step[at_edge], 99) < 1.5 * np.percentile(step[elsewhere], 99) + 0.01


def test_a_narrow_fisheye_sees_what_a_wide_one_sees(raster: Renderer):
    """One face, or the five of a cube: the same picture where both look."""
    scene = view(street())
    wide = fisheye(480, 480, 190)
    narrow = wide.crop(140, 140, 200, 200)
    one, many = raster.render(scene, narrow), raster.render(scene, wide)
    window = slice(140, 340), slice(140, 340)
    assert (one.instance == many.instance[window]).mean() > 0.99
    same = (one.instance == many.instance[window]) & (one.instance > 0)
    a, b = one.radiance[same].astype(np.float64), many.radiance[window][same].astype(np.float64)
    assert np.median(np.abs(a - b) / b) < 0.02


@pytest.mark.parametrize("lens", [BrownConrady(k1=0.1), FISHEYE], ids=["brown_conrady", "kannala_brandt"])
def test_depth_never_leaves_what_it_is_the_depth_of(raster: Renderer, lens: BrownConrady | KannalaBrandt):
    """The side of a long box, seen at a grazing angle, at many places: its end lies within a pixel somewhere."""
    size = np.array([9.0, 2.5, 3.0])
    for k in range(12):
        at = np.array([20.0 + 0.37 * k, 3.0 + 0.05 * k, 1.5])
        seen = Camera.from_fov(320, 240, float(np.radians(80)), POSE, lens=lens)
        box = Thing(mesh=box_mesh(tuple(size)), at=pose(tuple(at)))
        buffers = raster.render(view([GROUND, box], around=NIGHT), seen)
        rows, columns = np.nonzero(buffers.instance > 0)
        assert len(rows) > 100
        points = seen.unproject(np.stack([columns, rows], axis=1), buffers.depth_m[rows, columns])
        beyond = (np.abs(points - at) - size / 2).max()
        assert beyond < 0.002 * np.linalg.norm(at) + 0.01


@pytest.mark.parametrize("lens", [None, BrownConrady(k1=-0.2, k2=0.03)], ids=["pinhole", "brown_conrady"])
def test_nothing_is_seen_beyond_the_far_plane(each: Renderer, lens: BrownConrady | None):
    """A rolled camera's far line passes pixels at every place within them; what is seen at all has a depth."""
    plain = Thing(mesh=ground_mesh(3000.0), material=ASPHALT, labelled=False, semantic="road", static=True)
    reached = []
    for roll in np.linspace(0.01, 0.08, 6):
        turned = np.eye(4)
        turned[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
        eye = camera_pose((0.0, 0.0, 20.0), (10.0, 0.1, 20.0)) @ turned
        seen = Camera.from_fov(320, 200, float(np.radians(70)), eye, lens=lens)
        buffers = each.render(view([plain], around=NIGHT), seen)
        depth, sky = buffers.depth_m, buffers.semantic == SKY.id
        assert np.array_equal(np.isinf(depth), sky)
        assert depth.min() > seen.near_m
        assert buffers.node is None or np.array_equal(buffers.node < 0, sky)
        reached.append(depth[~sky].max())
    assert 0.99 * seen.far_m < max(reached) <= seen.far_m
