"""A depth that leaves the box of its node is brought back to the box, and no other depth changes."""

from __future__ import annotations

import numpy as np

from simgen.core.camera import Camera
from simgen.rendering.slivers import within_boxes

CAMERA = Camera.from_fov(65, 49, 1.0, np.eye(4))
SIZE = np.array([1.0, 0.8, 2.0])
AT = np.array([0.3, -0.2, 6.0])


def _exact() -> tuple[np.ndarray, np.ndarray]:
    """Depth of a box turned by 0.4 rad about y, by the slab method in closed form, and node ids."""
    c, s = np.cos(0.4), np.sin(0.4)
    pose = np.array([[c, 0, s, AT[0]], [0, 1, 0, AT[1]], [-s, 0, c, AT[2]], [0, 0, 0, 1.0]])
    v, u = np.mgrid[0:49, 0:65]
    rays = np.stack([(u - CAMERA.cx_px) / CAMERA.fx_px, (v - CAMERA.cy_px) / CAMERA.fy_px, np.ones(u.shape)], axis=-1)
    along, origin = rays @ pose[:3, :3], -AT @ pose[:3, :3]
    along[along == 0.0] = 1e-12
    first, second = (-SIZE / 2 - origin) / along, (SIZE / 2 - origin) / along
    enter, leave = np.minimum(first, second).max(axis=-1), np.maximum(first, second).min(axis=-1)
    hit = enter <= leave
    return np.where(hit, enter, np.inf).astype(np.float32), pose


def test_wrong_depths_return_to_the_box_and_right_ones_stay() -> None:
    depth, pose = _exact()
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
    local = np.stack(
        [(columns - CAMERA.cx_px) / CAMERA.fx_px, (rows - CAMERA.cy_px) / CAMERA.fy_px, np.ones(len(rows))], axis=1
    )
    points = (local * broken[rows, columns][:, None] - AT) @ pose[:3, :3]
    assert (np.abs(points) <= SIZE / 2 + 0.02).all()
