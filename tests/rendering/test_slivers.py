"""A depth that leaves the box of its node is brought back to the box, and no other depth changes."""

from __future__ import annotations

import numpy as np

from simgen.core.camera import Camera
from simgen.rendering.slivers import within_boxes

CAMERA = Camera.from_fov(65, 49, 1.0, np.eye(4))
SIZE = np.array([1.0, 0.8, 2.0])
AT = np.array([0.3, -0.2, 6.0])


def _exact() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depths at which rays enter and leave a box turned by 0.4 rad about y, by the slab method in closed form; inf for
    those that miss it. And its pose."""
    c, s = np.cos(0.4), np.sin(0.4)
    pose = np.array([[c, 0, s, AT[0]], [0, 1, 0, AT[1]], [-s, 0, c, AT[2]], [0, 0, 0, 1.0]])
    v, u = np.mgrid[0:49, 0:65]
    rays = np.stack([(u - CAMERA.cx_px) / CAMERA.fx_px, (v - CAMERA.cy_px) / CAMERA.fy_px, np.ones(u.shape)], axis=-1)
    along, origin = rays @ pose[:3, :3], -AT @ pose[:3, :3]
    along[along == 0.0] = 1e-12
    first, second = (-SIZE / 2 - origin) / along, (SIZE / 2 - origin) / along
    enter, leave = np.minimum(first, second).max(axis=-1), np.maximum(first, second).min(axis=-1)
    hit = enter <= leave
    return np.where(hit, enter, np.inf).astype(np.float32), np.where(hit, leave, np.inf), pose


def test_wrong_depths_return_to_the_box_and_right_ones_stay() -> None:
    depth, leave, pose = _exact()
    node = np.where(np.isfinite(depth), 0, -1).astype(np.int32)
    corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]) * SIZE
    rows, columns = np.nonzero(node == 0)
    assert len(rows) > 100
    broken = depth.copy()
    for k, factor in ((5, 4.0), (40, 0.2), (77, 1.9)):
        broken[rows[k], columns[k]] *= factor
    poses, boxes = pose[None], corners[None]
    everywhere = np.ones(node.shape, dtype=np.bool_)

    within_boxes(broken, node, everywhere, CAMERA, np.array([False]), poses, boxes)
    assert np.count_nonzero(broken != depth) == 3, "a node that was not chosen stays as it was drawn"

    within_boxes(broken, node, everywhere, CAMERA, np.array([True]), poses, boxes)
    assert np.count_nonzero(broken != depth) <= 3
    # What was too near comes to the front, what was too far to the back: nearer to the truth is not known.
    for k, expected in ((5, leave), (40, depth), (77, leave)):
        place = rows[k], columns[k]
        # The box counts with a margin, which is deep where a side is seen edge-on.
        np.testing.assert_allclose(broken[place], expected[place], atol=0.15)
    local = np.stack(
        [(columns - CAMERA.cx_px) / CAMERA.fx_px, (rows - CAMERA.cy_px) / CAMERA.fy_px, np.ones(len(rows))], axis=1
    )
    points = (local * broken[rows, columns][:, None] - AT) @ pose[:3, :3]
    assert (np.abs(points) <= SIZE / 2 + 0.02).all()


def test_what_is_no_number_comes_to_the_front_of_any_node() -> None:
    depth, _, pose = _exact()
    node = np.where(np.isfinite(depth), 0, -1).astype(np.int32)
    corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]) * SIZE
    broken = depth.copy()
    row, column = (int(n[60]) for n in np.nonzero(node == 0))
    broken[row, column] = np.nan
    within_boxes(broken, node, node == 0, CAMERA, np.array([False]), pose[None], corners[None])
    np.testing.assert_allclose(broken, depth, atol=0.15)


def test_a_depth_beside_the_box_comes_as_near_to_it_as_its_ray_does() -> None:
    depth, _, pose = _exact()
    corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]) * SIZE
    row = int(np.flatnonzero(np.isfinite(depth).any(axis=1)).mean())
    column = int(np.flatnonzero(np.isfinite(depth[row]))[-1]) + 3
    node, wrong = np.full(depth.shape, -1, dtype=np.int32), np.full(depth.shape, np.inf, dtype=np.float32)
    node[row, column], wrong[row, column] = 0, 30.0
    within_boxes(wrong, node, node == 0, CAMERA, np.array([True]), pose[None], corners[None])
    along = np.linspace(0.0, 20.0, 200_001)
    ray = np.array([(column - CAMERA.cx_px) / CAMERA.fx_px, (row - CAMERA.cy_px) / CAMERA.fy_px, 1.0])
    points = (along[:, None] * ray - AT) @ pose[:3, :3]
    away = np.linalg.norm(np.maximum(np.abs(points) - SIZE / 2, 0.0), axis=1)
    assert away.min() > 0.05
    # The box counts with a margin of two parts in a thousand, which may move the nearest point along the ray a little.
    np.testing.assert_allclose(wrong[row, column], along[away.argmin()], atol=0.05)
