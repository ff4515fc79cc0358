"""Extents of bodies and of their projections, against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import Array, pose, rotation_x, rotation_y, rotation_z
from simgen.core.lens import BrownConrady, KannalaBrandt, Lens
from simgen.labels.geometry import BOX_EDGES, UNIT_CORNERS, box_corners, extents, projected_extents
from tests.labels import raycast
from tests.labels.raycast import Solid


def test_edges_join_corners_that_differ_in_one_coordinate() -> None:
    assert (np.count_nonzero(UNIT_CORNERS[BOX_EDGES[:, 0]] != UNIT_CORNERS[BOX_EDGES[:, 1]], axis=1) == 1).all()
    assert len({tuple(sorted(edge)) for edge in BOX_EDGES.tolist()}) == 12


def test_a_body_with_joints_is_as_large_as_it_is_posed() -> None:
    """Two bars of 2 m, the second turned aside at the first one's end: an L that is 3 m long and 2.1 m wide."""
    view = raycast.view(Solid(name="arm", size=(2.0, 0.2, 0.2), world_from_solid=np.eye(4)), parts=2)
    entity = view.scene.entities[0]
    jointed = replace(
        entity, body=replace(entity.body, articulate=lambda joints: np.repeat(np.eye(4)[None], 2, axis=0))
    )
    carrier = pose((5.0, 1.0, 0.5), rotation_z(0.7))
    parts = np.stack([np.eye(4), pose((1.9, 1.0, 0.0), rotation_z(0.5 * np.pi))])
    posed = replace(view.snapshot, world_from_entity=carrier[None], world_from_node=carrier @ parts)
    scene = replace(view.scene, entities=(jointed,))
    low, high = extents(replace(view, scene=scene, snapshot=posed), np.array([0]))
    assert low[0] == pytest.approx((-1.0, -0.1, -0.1), abs=1e-6)
    assert high[0] == pytest.approx((2.0, 2.0, 0.1), abs=1e-6)


def test_a_box_that_reaches_behind_the_camera_is_cut_at_the_near_plane() -> None:
    """A beam from 3 m behind the camera to 5 m ahead, 1 to 2 m to the right and as much below."""
    seen = replace(raycast.camera(), near_m=0.5)
    corners = box_corners(np.eye(4)[None], np.array([[1.0, 1.0, -3.0]]), np.array([[2.0, 2.0, 5.0]]))
    (extent,) = projected_extents(seen, corners)
    u, v = (lambda x, z: seen.fx_px * x / z + seen.cx_px + 0.5), (lambda y, z: seen.fy_px * y / z + seen.cy_px + 0.5)
    assert extent == pytest.approx((u(1.0, 5.0), v(1.0, 5.0), u(2.0, 0.5), v(2.0, 0.5)))
    # Turned about the vertical, so that x changes along the edges which are cut: against points all along them.
    (turned,) = box_corners(pose((0.5, 0.0, 1.0), rotation_y(0.6))[None], -np.ones((1, 3)), np.array([[1.0, 1.5, 2.0]]))
    a, b = turned[BOX_EDGES[:, 0]], turned[BOX_EDGES[:, 1]]
    points = (a[:, None] + np.linspace(0.0, 1.0, 100_001)[:, None] * (b - a)[:, None]).reshape(-1, 3)
    points = points[points[:, 2] >= seen.near_m]
    assert 0 < np.count_nonzero(turned[:, 2] < seen.near_m) < 8
    pixels = np.stack([u(points[:, 0], points[:, 2]), v(points[:, 1], points[:, 2])], axis=1)
    (extent,) = projected_extents(seen, turned[None])
    assert extent == pytest.approx((*pixels.min(axis=0), *pixels.max(axis=0)), abs=0.05)
    behind = box_corners(np.eye(4)[None], np.array([[1.0, 1.0, -3.0]]), np.array([[2.0, 2.0, 0.4]]))
    assert projected_extents(seen, behind) == [None]


FISHEYE = KannalaBrandt(k1=-0.02, k2=0.003, max_angle_rad=np.radians(80))
FAR_PX = 2000.0
LENSES = (FISHEYE, BrownConrady(k1=-0.28, k2=0.08))


def behind(lens: Lens) -> Camera:
    return Camera(
        width_px=640, height_px=400, fx_px=230.0, fy_px=210.0, cx_px=310.0, cy_px=205.0,
        world_from_camera=np.eye(4), near_m=0.05, far_m=500.0, lens=lens,
    )  # fmt: skip


def all_over(corners: Array, count: int) -> Array:
    """(6 count², 3) points of a box's faces: a centre, and half an edge towards each side from it."""
    middle, (x, y, z) = corners.mean(axis=0), 0.5 * (corners[[3, 1, 4]] - corners[0])
    a, b = (side.reshape(-1, 1) for side in np.meshgrid(*2 * [np.linspace(-1.0, 1.0, count)]))
    return np.concatenate(
        [middle + e * n + a * p + b * q for n, p, q in ((x, y, z), (y, z, x), (z, x, y)) for e in (1, -1)]
    )


@pytest.mark.parametrize("lens", LENSES)
def test_a_box_behind_a_lens_reaches_as_far_as_its_points(lens: Lens) -> None:
    """Boxes all around the camera, some of them beyond what the lens images in part: points all over them."""
    seen, random = behind(lens), np.random.default_rng(5)
    whole = cut = 0
    for _ in range(120):
        turned = rotation_z(random.uniform(0, 6)) @ rotation_x(random.uniform(0, 6)) @ rotation_y(random.uniform(0, 6))
        half = 0.5 * random.uniform(0.2, 6.0, 3)
        away = random.uniform(0.0, 2.0) if lens is FISHEYE else random.uniform(0.0, 1.2)
        way = rotation_z(random.uniform(0, 6)) @ rotation_y(away) @ np.array([0.0, 0.0, 1.0])
        at = (np.linalg.norm(half) + random.uniform(0.1, 8.0)) * way
        (corners,) = box_corners(pose(at, turned)[None], -half[None], half[None])
        u, v, depth = seen.image(all_over(corners, 121))
        imaged = ~np.isnan(u) & (depth > (seen.near_m if seen.depth == "planar" else 0.0))
        (extent,) = projected_extents(seen, corners[None])
        if not imaged.any():
            assert extent is None
            continue
        whole, cut = whole + imaged.all(), cut + (not imaged.all())
        pixels = np.stack([u, v], axis=1)[imaged] + 0.5
        assert extent is not None
        found, told = np.clip([[*pixels.min(axis=0), *pixels.max(axis=0)], extent], -FAR_PX, FAR_PX)
        beyond = (found - told) * (1, 1, -1, -1)
        assert beyond.min() > -0.3, "a point lies outside"
        assert beyond.max() < 4.0, "further than the points, which lie apart"
    assert whole > 10
    assert cut > 10


def test_a_box_around_a_fisheye_fills_what_it_images() -> None:
    seen = behind(FISHEYE)
    reach = FISHEYE.radius(FISHEYE.widest_rad)
    around = box_corners(pose((0.5, 0.2, -0.4), rotation_y(0.3))[None], -np.full((1, 3), 2.0), np.full((1, 3), 2.0))
    x, y = seen.cx_px + 0.5, seen.cy_px + 0.5
    rim = (x - reach * seen.fx_px, y - reach * seen.fy_px, x + reach * seen.fx_px, y + reach * seen.fy_px)
    assert projected_extents(seen, around) == [pytest.approx(rim)]
    # Beside it, within the box's extent along two of its three axes
    (beside,) = projected_extents(seen, around + np.array([2.9, 0.0, 0.0]))
    assert beside is not None
    assert beside[0] > rim[0] + 50
