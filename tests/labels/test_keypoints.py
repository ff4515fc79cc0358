"""Whether a keypoint is seen, told from depth as it is and as it is stored."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.labels.keypoints import hidden_share

STEP_M = 0.01


@pytest.mark.parametrize("height_m", [0.005, 0.06, 0.3, 1.4])
def test_what_stored_depth_allows_holds_what_true_depth_says(height_m: float):
    """Points a little above and below level ground that is seen from some height, edge-on far away, and a wall on it:
    the share from the depth itself lies between those that its rounding leaves open."""
    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[0:120, 0:160]
    with np.errstate(divide="ignore"):
        depth_m = np.where(rows > 60, height_m * 150.0 / (rows - 60.0), 200.0)
    wall = (columns > 90) & (depth_m > 12.0)
    depth_m[wall] = 12.0 + 0.02 * (columns[wall] - 90)
    instance = wall.astype(np.uint32)
    count = 4000
    pixels = np.stack([rng.uniform(1.0, 158.0, count), rng.uniform(58.0, 100.0, count)], axis=1)
    near = depth_m[np.rint(pixels[:, 1]).astype(int), np.rint(pixels[:, 0]).astype(int)]
    z, ids = near * rng.uniform(0.9, 1.15, count), np.ones(count, dtype=np.int64)
    stored = np.round(depth_m / STEP_M) * STEP_M
    exact = hidden_share(instance, depth_m, ids, pixels, z)
    least, most = (
        hidden_share(instance, stored, ids, pixels, z, slack_m=sign * 1e-5 * z, error_m=sign * 0.51 * STEP_M)
        for sign in (1.0, -1.0)
    )
    assert (least <= exact + 1e-9).all() and (exact <= most + 1e-9).all()
    assert 0.02 < (exact > 0.4).mean() < 0.95
    assert (most - least < 1e-9).mean() > 0.5
