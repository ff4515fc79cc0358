"""Each object alone: closed forms, agreement, and the parts outside of the image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose, rotation_rpy
from simgen.rendering import Renderer, Silhouette
from simgen.rendering.silhouette import Canvas, clip_depth, cover
from tests.rendering.scenes import Thing, box_mesh, ground_mesh, sphere_mesh, view

CAMERA = Camera.from_fov(120, 80, 1.2, camera_pose((0, 0, 1), (10, 0, 1)))


def in_image(silhouette: Silhouette, camera: Camera) -> NDArray[np.bool_]:
    """(H, W) the part of a silhouette that lies in the image."""
    image = np.zeros((camera.height_px, camera.width_px), dtype=np.bool_)
    v, u = np.nonzero(silhouette.mask)
    u, v = u + silhouette.x_px, v + silhouette.y_px
    inside = (u >= 0) & (v >= 0) & (u < camera.width_px) & (v < camera.height_px)
    image[v[inside], u[inside]] = True
    return image


def test_an_object_alone_equals_the_picture_when_nothing_hides_it(each: Renderer) -> None:
    made = view([Thing(mesh=sphere_mesh(0.7), at=pose((6, 0.4, 1)))])
    (alone,) = each.silhouettes(made, CAMERA, [1])
    assert alone.mask[0].any()  # the canvas is tight
    assert alone.mask[:, -1].any()
    differs = in_image(alone, CAMERA) != (each.render(made, CAMERA).instance == 1)
    assert differs.sum() <= 2


def test_what_is_seen_is_part_of_the_silhouette(raster: Renderer) -> None:
    rng = np.random.default_rng(4)
    things = [
        Thing(
            mesh=box_mesh(rng.uniform(0.2, 3.0, 3)),
            at=pose(rng.uniform((1, -4, -1), (15, 4, 3)), rotation_rpy(*rng.uniform(-2, 2, 3))),
        )
        for _ in range(40)
    ]
    made = view([*things, Thing(mesh=ground_mesh(), labelled=False)])
    visible = raster.render(made, CAMERA).instance
    for silhouette in raster.silhouettes(made, CAMERA, range(1, 41)):
        seen = visible == silhouette.instance_id
        assert not np.any(seen & ~in_image(silhouette, CAMERA))


def test_a_hidden_object_keeps_its_silhouette(each: Renderer) -> None:
    behind = Thing(mesh=box_mesh((0.5, 1, 1)), at=pose((8, 0, 1)))
    wall = Thing(mesh=box_mesh((0.1, 6, 6)), at=pose((4, 0, 1)))
    made = view([behind, wall])
    assert not np.any(each.render(made, CAMERA).instance == 1)
    far, near = each.silhouettes(made, CAMERA, [1, 2])
    assert (far.instance_id, near.instance_id) == (1, 2)
    side = CAMERA.fx_px / 7.75
    assert np.sqrt(far.mask.sum()) == pytest.approx(side, abs=1.0)


def test_the_canvas_reaches_outside_of_the_image(each: Renderer) -> None:
    """A box half outside: its whole area counts; a box outside altogether has none."""
    half = Thing(mesh=box_mesh((0.01, 2, 1)), at=pose((5, 5 * 59.5 / CAMERA.fx_px, 1)))
    outside = Thing(mesh=box_mesh((0.01, 1, 1)), at=pose((5, 7, 1)))
    behind = Thing(mesh=box_mesh((1, 1, 1)), at=pose((-5, 0, 1)))
    first, second, third = each.silhouettes(view([half, outside, behind]), CAMERA, [1, 2, 3])
    scale = CAMERA.fx_px / 4.995
    assert first.mask.shape[1] == pytest.approx(2 * scale, abs=1)
    assert first.x_px == pytest.approx(-scale, abs=1.0)
    assert first.mask.sum() == pytest.approx(2 * scale**2, rel=0.06)
    assert second.mask.shape == third.mask.shape == (0, 0)


def test_what_reaches_far_out_is_drawn_in_cells(raster: Renderer) -> None:
    """A plate whose share in the image is known: the cells beyond make up the rest of it."""
    wide = CAMERA.width_px / CAMERA.fx_px
    plate = Thing(mesh=box_mesh((0.01, 5 * wide, 5 * wide)), at=pose((1.005, 2.25 * wide, 1)))
    camera = replace(CAMERA, width_px=10 * CAMERA.width_px, height_px=10 * CAMERA.height_px)
    camera = replace(camera, fx_px=10 * CAMERA.fx_px, fy_px=10 * CAMERA.fy_px)
    camera = replace(camera, cx_px=(camera.width_px - 1) / 2, cy_px=(camera.height_px - 1) / 2)
    (alone,) = raster.silhouettes(view([plate]), camera, [1])
    assert alone.beyond is not None and alone.beyond.step_px > 1
    assert alone.mask.shape == pytest.approx((camera.height_px, 0.75 * camera.width_px), abs=2)
    assert alone.mask.all()
    whole = alone.mask.sum() + alone.beyond.mask.sum() * alone.beyond.step_px**2
    across = min(5.0, 3.0 + 0.75) * camera.width_px
    assert whole == pytest.approx(across * min(5 * camera.width_px, 7 * camera.height_px), rel=0.01)


def test_the_canvas_ends_three_images_away(each: Renderer) -> None:
    long = Thing(mesh=box_mesh((0.2, 400, 0.2)), at=pose((3, 0, 1)))
    (alone,) = each.silhouettes(view([long]), CAMERA, [1])
    assert alone.x_px == -3 * CAMERA.width_px
    assert alone.mask.shape[1] == 7 * CAMERA.width_px


def test_a_body_around_the_eye_fills_the_canvas(each: Renderer) -> None:
    (alone,) = each.silhouettes(view([Thing(mesh=box_mesh((4, 4, 4)), at=pose((0, 0, 1)))]), CAMERA, [1])
    assert np.all(in_image(alone, CAMERA))


@pytest.mark.parametrize("size_px", [(317, 181), (319, 179), (1281, 719)])
def test_cells_end_as_close_as_they_can_to_three_images_away(raster: Renderer, size_px: tuple[int, int]) -> None:
    camera = Camera.from_fov(*size_px, 1.2, CAMERA.world_from_camera)
    (alone,) = raster.silhouettes(view([Thing(mesh=box_mesh((4, 4, 4)), at=pose((0, 0, 1)))]), camera, [1])
    cells = alone.beyond
    assert cells is not None and cells.step_px > 2
    ends = np.array((cells.x_px, cells.y_px)) + np.array(cells.mask.shape[::-1]) * cells.step_px
    assert np.abs(ends - 4 * np.array(size_px)).max() <= cells.step_px / 2
    assert np.abs(np.array((cells.x_px, cells.y_px)) + 3 * np.array(size_px)).max() <= cells.step_px / 2


def test_absent_and_empty(each: Renderer) -> None:
    gone = Thing(mesh=box_mesh((1, 1, 1)), at=pose((5, 0, 1)), present=False)
    (alone,) = each.silhouettes(view([gone]), CAMERA, [1])
    assert alone.mask.shape == (0, 0)
    assert each.silhouettes(view([gone]), CAMERA, []) == ()


def test_renderers_agree(raster: Renderer, tiny: Renderer) -> None:
    rng = np.random.default_rng(9)
    things = [
        Thing(mesh=sphere_mesh(s, 12, 16), at=pose(p))
        for s, p in zip(rng.uniform(0.2, 1.5, 12), rng.uniform((2, -4, -1), (15, 4, 3), (12, 3)), strict=True)
    ]
    made = view(things)
    for a, b in zip(
        raster.silhouettes(made, CAMERA, range(1, 13)), tiny.silhouettes(made, CAMERA, range(1, 13)), strict=True
    ):
        assert a.mask.sum() == pytest.approx(b.mask.sum(), rel=0.005, abs=2)
        differs = in_image(a, CAMERA) != in_image(b, CAMERA)
        assert differs.sum() <= max(2, 0.005 * a.mask.sum())


def test_neighbouring_triangles_share_no_pixel_and_leave_no_gap() -> None:
    canvas = Canvas(x_px=0, y_px=0, width_px=30, height_px=30)
    square = np.array([(2.0, 3.0), (22.0, 3.0), (22.0, 17.0), (2.0, 17.0)])
    first, second = square[[0, 1, 2]][None], square[[0, 2, 3]][None]
    a, b = cover(first, canvas), cover(second, canvas)
    assert not np.any(a & b)
    assert (a | b).sum() == 20 * 14


def test_clipping_keeps_the_area_in_front() -> None:
    triangle = np.array([[(0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (2.0, 0.0, 1.0)]])

    def area(triangles: NDArray[np.float64]) -> float:
        a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
        return float(0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())

    front, back = clip_depth(triangle, 0.0, 1), clip_depth(triangle, 0.0, -1)
    assert area(front) == pytest.approx(1.5)
    assert area(back) == pytest.approx(0.5)
    assert np.all(front[..., 2] >= 0)
