"""Twigs of bare trees stay lines as far away as they are seen well, and do not fall apart into dots."""

import math

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose
from simgen.quality.sheet import scene_of
from simgen.rendering import Renderer
from simgen.scene.models.tree import Tree


@pytest.mark.parametrize(("distance_m", "share"), [(20.0, 0.01), (40.0, 0.021), (60.0, 0.03)])
def test_few_pixels_of_a_bare_tree_stand_alone(raster: Renderer, distance_m: float, share: float) -> None:
    alone, all_of_it = 0, 0
    for look in (1, 2, 3):
        scene = scene_of(Tree(season="winter", look=look, height=9.0, crown=2.25).build(), 200.0)
        camera = Camera.from_fov(1280, 720, math.radians(60), camera_pose((distance_m, 0, 1.5), (0, 0, 4)))
        tree = raster.render(scene, camera).instance == 1
        around = np.pad(tree, 1).astype(int)
        rows, columns = tree.shape
        beside = sum(around[i : i + rows, j : j + columns] for i in range(3) for j in range(3)) - tree
        alone += int(np.sum(tree & (beside == 0)))
        all_of_it += int(tree.sum())
    assert all_of_it > 3000
    assert alone < share * all_of_it
