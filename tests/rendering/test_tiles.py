"""The lists of lamps of each square leave out no lamp that lights a pixel there, and not much else stands in them."""

from __future__ import annotations

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import Array, camera_pose
from simgen.rendering.light import SHEETING_GAIN
from simgen.rendering.raster.occluders import Boxes
from simgen.rendering.raster.tiles import AT_HAND, TILE_PX, TileLists, sky_squares, tile_lists
from simgen.scene import beams
from simgen.scene.lamps import Lamps

THRESHOLD_LUX = 0.05
CAMERA = Camera.from_fov(200, 150, 1.2, camera_pose((3, 2, 1.5), (20, 5, 1.0)))


def some_lamps(rng: np.random.Generator, count: int) -> Lamps:
    direction = rng.normal(size=(count, 3)) - (0, 0, 1)
    outer = rng.uniform(0.2, 1.5, count)
    outer[0] = 2.2  # wider than a half space
    cos_outer = np.cos(outer)
    cos_outer[1] = -2.0  # all round
    return Lamps(
        position_m=rng.uniform((0, -15, 0.5), (60, 15, 9), (count, 3)),
        axes=beams.axes(direction),
        intensity_cd=rng.uniform(1, 40, count),
        color=np.ones((count, 3)),
        cos_inner=cos_outer + 0.05,
        cos_outer=cos_outer,
        spill=np.where(np.arange(count) % 3 == 0, 0.05, 0.0),
        edge_sin=np.full(count, np.inf),
        entity=np.arange(count),
        index=np.arange(count),
    )


def some_boxes(rng: np.random.Generator, count: int) -> Boxes:
    return Boxes(
        center_m=rng.uniform((0, -10, -1), (40, 10, 1), (count, 3)),
        half_m=np.ones((count, 3)),
        yaw_rad=np.zeros(count),
        reach_m=rng.uniform(1, 4, count),
    )


def surfaces(rng: np.random.Generator) -> tuple[Array, Array]:
    """Depth of every other pixel, of slopes with steps and of sky, and the points there relative to the eye."""
    h, w = -(-CAMERA.height_px // 2), -(-CAMERA.width_px // 2)
    v, u = np.mgrid[:h, :w] * 2
    depth = 4 + 0.1 * u + 10 * (rng.random((h // 12 + 1, w // 12 + 1)) > 0.7).repeat(12, 0).repeat(12, 1)[:h, :w]
    depth[v < 30] = 0.0
    rays = np.stack([(u - CAMERA.cx_px) / CAMERA.fx_px, (v - CAMERA.cy_px) / CAMERA.fy_px, np.ones((h, w))], axis=-1)
    return depth.astype(np.float32), (rays * depth[..., None]) @ CAMERA.world_from_camera[:3, :3].T


def listed_at(lists: TileLists, first: int, count: int) -> set[int]:
    return set(lists.entries.reshape(-1)[first : first + count].astype(int))


def lamps_of(lists: TileLists, row: int) -> set[int]:
    """The lamps of one square; the index after the last lamp stands for none."""
    tile = lists.tiles[row]
    run = next(r for r in lists.runs if r.first <= row < r.first + r.count)
    return {*tile[8 : 8 + run.at_hand], *listed_at(lists, *tile[2:4])}


@pytest.mark.parametrize("seed", range(5))
def test_no_lamp_and_no_box_is_left_out_where_it_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lamps, boxes = some_lamps(rng, 12), some_boxes(rng, 10)
    depth, points = surfaces(rng)
    eye = CAMERA.world_from_camera[:3, 3]
    marks = rng.random((2, *depth.shape)) > 0.999
    sheeting = (marks[0] * rng.uniform(0.005, 0.9, depth.shape)).astype(np.float32)
    lists = tile_lists(CAMERA, depth.copy(), sheeting, marks[1], lamps, boxes, eye, THRESHOLD_LUX)
    side = TILE_PX // 2
    listed = needed = 0
    assert len(lists.tiles) == len({tuple(t[:2]) for t in lists.tiles})
    boxes_of = {tuple(t[4:6]): listed_at(lists, *t[6:8]) for t in lists.tiles}
    assert [bool(found) for found in boxes_of.values()] == sorted(bool(found) for found in boxes_of.values())
    assert lists.boxless == sum(not found for found in boxes_of.values())
    for row, tile in enumerate(lists.tiles):
        x, y = tile[:2] // 2
        inside = (slice(y, y + side), slice(x, x + side))
        shown = points[inside][depth[inside] > 0]
        least = THRESHOLD_LUX / np.maximum(1.0, SHEETING_GAIN * sheeting[inside][depth[inside] > 0])[:, None]
        to = shown[:, None] - (lamps.position_m - eye)
        distance = np.linalg.norm(to, axis=-1)
        on_axis = lamps.intensity_cd / distance**2
        lit = on_axis > least
        lit &= np.sum(to * lamps.direction, axis=-1) / distance > lamps.cos_outer
        lit |= on_axis * lamps.spill > least
        mine = lamps_of(lists, row) - {len(lamps)}
        assert set(np.flatnonzero(lit.any(axis=0))) <= mine
        listed, needed = listed + len(mine), needed + int(lit.any(axis=0).sum())
        near = np.linalg.norm(shown[:, None] - boxes.center_m, axis=-1) < boxes.reach_m
        assert set(np.flatnonzero(near.any(axis=0))) <= boxes_of[tuple(tile[:2])]
        run = next(r for r in lists.runs if r.first <= row < r.first + r.count)
        assert run.wettable == marks[1][inside].any()
        assert run.throws_back == (sheeting[inside].any() and len(mine) > 0)
        assert run.at_hand in AT_HAND and run.at_hand >= min(len(mine), AT_HAND[-1])
    assert needed <= listed < 2.2 * needed
    first, count = lists.wettable
    assert [r.wettable for r in lists.runs] == sorted(r.wettable for r in lists.runs)
    assert sum(r.count for r in lists.runs if r.wettable) == count and first + count == len(lists.tiles)


@pytest.mark.parametrize("roll", [0.0, 0.7, 3.0])
@pytest.mark.parametrize("target_z", [-8.0, 1.5, 9.0, 60.0])
def test_squares_show_all_of_the_sky_and_the_high_ones_nothing_low(roll: float, target_z: float) -> None:
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
    camera = Camera.from_fov(200, 150, 1.2, camera_pose((3, 2, 1.5), (20, 5, target_z)) @ turn)
    v, u = np.mgrid[:150, :200]
    rays = np.stack(
        [(u - camera.cx_px) / camera.fx_px, (v - camera.cy_px) / camera.fy_px, np.ones((150, 200))], axis=-1
    )
    sine = (rays @ camera.world_from_camera[2, :3]) / np.linalg.norm(rays, axis=-1)
    empty = (sine > -0.1) & (u > 50)
    tiles, high = sky_squares(camera, empty, 0.05)
    shown = np.zeros_like(empty)
    for k, (x, y) in enumerate(tiles[:, :2]):
        square = (slice(y, y + TILE_PX), slice(x, x + TILE_PX))
        assert empty[square].any()
        shown[square] = True
        if k < high:
            assert sine[square].min() > 0.05
        else:
            assert sine[square].min() < 0.07  # within a pixel of the corner that is too low
    assert shown[empty].all()
