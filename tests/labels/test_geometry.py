"""Extents of bodies and of their projections, against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgen.core.geometry import pose, rotation_y, rotation_z
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
