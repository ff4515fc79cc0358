"""What an agent is told: ranges against the outlines of what stands around."""

import numpy as np
import pytest

from simgen.core.geometry import inverse, transform
from simgen.envs.driving import DrivingEnv
from simgen.envs.observation import RANGE_M, RAYS


def test_ranges_end_at_the_nearest_outline():
    made = DrivingEnv("hard_brake_lead", observation="lidar", overrides=("actors.lead.at.gap=15 m",))
    ranges = made.reset(seed=3, options={"index": 0})[0] * RANGE_M
    world = made._world
    situation, ego = world.situation(), world.vehicle("ego")
    assert ranges[0] == pytest.approx(15.0 + 0.5 * situation.body("ego").box_size_m[0], abs=0.05)
    # Nothing is seen through: whatever corner stands around, the ray next to it ends there or before.
    scene = situation.scene
    middle = transform(ego.pose(), np.array(situation.body("ego").box_center_m))[:2]
    turned = inverse(ego.pose())[:2, :2]
    met = 0
    for i in situation.obstacles:
        if scene.entities[i].name == "ego":
            continue
        corners = (situation.footprint(scene.entities[i].name).reshape(-1, 2) - middle) @ turned.T
        center = corners.mean(axis=0)
        if np.linalg.norm(center) < RANGE_M:
            ray = round(float(np.arctan2(center[1], center[0])) / (2 * np.pi) * RAYS) % RAYS
            assert ranges[ray] < np.linalg.norm(center)
            met += 1
    assert met > 3 and (ranges < RANGE_M).any() and (ranges == RANGE_M).any()
    made.close()
