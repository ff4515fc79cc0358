"""Pixels, depths and ids against closed forms, for every renderer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from simgen.core.camera import Camera
from simgen.core.geometry import camera_pose, pose, rotation_z
from simgen.rendering import Renderer
from simgen.rendering.reference import mark, number
from simgen.scene.classes import SKY, semantic_class
from simgen.scene.mesh import Mesh
from tests.rendering.scenes import GRAY, Thing, box_mesh, ground_mesh, sphere_mesh, view

AHEAD = camera_pose((0, 0, 0), (1, 0, 0))


def camera(width: int = 161, height: int = 121, focal: float = 120.0, **changed: float) -> Camera:
    made = Camera(
        width_px=width,
        height_px=height,
        fx_px=focal,
        fy_px=focal,
        cx_px=(width - 1) / 2,
        cy_px=(height - 1) / 2,
        world_from_camera=AHEAD,
    )
    return dataclasses.replace(made, **changed)


def test_a_sphere_has_its_closed_form_outline_and_depth(each: Renderer) -> None:
    eye = camera()
    buffers = each.render(view([Thing(mesh=sphere_mesh(1.0), at=pose((5, 0, 0)), semantic="ball")]), eye)
    seen = buffers.instance == 1
    # The cone that touches the sphere has tangent r / sqrt(d^2 - r^2).
    outline = 120.0 / np.sqrt(5.0**2 - 1.0)
    assert seen.sum() == pytest.approx(np.pi * outline**2, rel=0.01)
    v, u = np.nonzero(seen)
    assert (u.mean(), v.mean()) == pytest.approx((80, 60), abs=0.06)
    x, y = (u - 80) / 120, (v - 60) / 120
    square = 1 + x**2 + y**2
    nearest = (5 - np.sqrt(np.maximum(25 - square * 24, 0))) / square
    inner = np.hypot(u - 80, v - 60) < outline - 2
    np.testing.assert_allclose(buffers.depth_m[seen][inner], nearest[inner], atol=0.004)
    assert np.all(buffers.semantic[seen] == semantic_class("ball").id)
    assert np.all(np.isinf(buffers.depth_m[~seen]))
    assert np.all(buffers.semantic[~seen] == SKY.id)
    assert np.all(buffers.instance[~seen] == 0)


def test_normals_of_a_sphere_and_the_ground(each: Renderer) -> None:
    """In the camera's frame: a sphere's from its middle to the point, the ground's up, and 0 in the sky."""
    eye = dataclasses.replace(camera(), world_from_camera=camera_pose((0, 0, 1.0), (5, 0.5, 0.6)))
    made = view([Thing(mesh=sphere_mesh(0.8), at=pose((5, 0.5, 0.8))), Thing(mesh=ground_mesh(), labelled=False)])
    buffers = each.render(made, eye, ("normal",))
    assert buffers.normal is not None
    assert buffers.normal.dtype == np.float32
    seen = np.isfinite(buffers.depth_m)
    assert not buffers.normal[~seen].any()
    assert np.abs(np.linalg.norm(buffers.normal[seen], axis=1) - 1).max() < 1e-4
    v, u = np.nonzero(buffers.instance == 1)
    points = eye.unproject(np.stack([u, v], -1), buffers.depth_m[v, u])
    outward = (points - (5, 0.5, 0.8)) @ eye.world_from_camera[:3, :3]
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    off = np.degrees(np.arccos(np.clip((outward * buffers.normal[v, u]).sum(1), -1, 1)))
    # The others take them from the slope of the depth, which is coarse at the sphere's outline.
    assert np.percentile(off, 95) < (0.5 if each.name == "raster" else 10.0)
    assert np.median(off) < (0.2 if each.name == "raster" else 3.0)
    up = eye.camera_from_world[:3, 2]
    flat = seen & (buffers.instance == 0)
    assert np.percentile(buffers.normal[flat] @ up, 1) > 0.999
    plain = each.render(made, eye)
    assert plain.normal is None
    assert plain.radiance.tobytes() == buffers.radiance.tobytes()


def test_every_renderer_tells_nodes_apart(each: Renderer) -> None:
    made = view([Thing(mesh=sphere_mesh(0.8), at=pose((5, 0, 0.8))), Thing(mesh=ground_mesh(z_m=-1), labelled=False)])
    buffers = each.render(made, camera())
    assert buffers.node is not None
    assert buffers.node.dtype == np.int32
    assert np.array_equal(buffers.node == 0, buffers.instance == 1)
    assert np.array_equal(buffers.node == -1, np.isinf(buffers.depth_m))


def test_a_pixel_belongs_to_the_surface_at_its_centre(each: Renderer) -> None:
    """A face from pixel edge to pixel edge: the columns 70 to 89 and the rows 50 to 64, no more and no fewer."""
    left, right, top, bottom = (69.5 - 80) / 120, (89.5 - 80) / 120, (49.5 - 60) / 120, (64.5 - 60) / 120
    size = np.array([0.5, (right - left) * 4, (bottom - top) * 4])
    middle = (4.25, -(left + right) * 2, -(top + bottom) * 2)
    buffers = each.render(view([Thing(mesh=box_mesh(size - (0, 4e-3, 4e-3)), at=pose(middle))]), camera())
    v, u = np.nonzero(buffers.instance == 1)
    assert (u.min(), u.max(), v.min(), v.max()) == (70, 89, 50, 64)
    assert len(u) == 20 * 15
    np.testing.assert_allclose(buffers.depth_m[v, u], 4.0, atol=0.002)


def test_an_off_centre_principal_point_and_two_focal_lengths(each: Renderer) -> None:
    eye = camera(cx_px=50.0, cy_px=75.0, fy_px=90.0)
    buffers = each.render(view([Thing(mesh=box_mesh((0.2, 0.2, 0.2)), at=pose((6, -1, 0.5)))]), eye)
    v, u = np.nonzero(buffers.instance == 1)
    corners = np.array([(5.9, -1 + y, 0.5 + z) for y in (-0.1, 0.1) for z in (-0.1, 0.1)])
    pixels, _ = eye.project(corners)
    assert (u.min(), v.min()) == pytest.approx(pixels.min(axis=0), abs=1.0)
    assert (u.max(), v.max()) == pytest.approx(pixels.max(axis=0), abs=1.0)


def test_depth_is_planar_and_unprojects_onto_the_surface(each: Renderer) -> None:
    eye = dataclasses.replace(camera(), world_from_camera=camera_pose((0, 0, 1.5), (10, 1, 0.5)))
    buffers = each.render(view([Thing(mesh=ground_mesh(), semantic="road", labelled=False)]), eye)
    v, u = np.nonzero(np.isfinite(buffers.depth_m) & (buffers.depth_m < 30))
    points = eye.unproject(np.stack([u, v], axis=-1), buffers.depth_m[v, u])
    assert len(points) > 5000
    np.testing.assert_allclose(points[:, 2], 0.0, atol=0.004)


def test_sheets_are_seen_from_both_sides_and_bodies_from_within(each: Renderer) -> None:
    sheet = Thing(mesh=ground_mesh(5.0, 3.0), semantic="wall")
    below = dataclasses.replace(camera(), world_from_camera=camera_pose((0, 0, 1), (0.5, 0, 3)))
    assert np.all(each.render(view([sheet]), below).instance == 1)
    within = each.render(view([Thing(mesh=box_mesh((4, 4, 4)))]), camera())
    assert np.all(within.instance == 1)
    assert within.depth_m[60, 80] == pytest.approx(2.0, abs=0.002)


def test_one_sided_faces_show_their_backs_only_to_who_is_within(raster: Renderer) -> None:
    box = box_mesh((4, 4, 4))
    open_to_the_camera = Mesh.flat(box.vertices_m, [f for f in box.faces if box.normals[f[0], 0] > -0.5])
    thing = Thing(mesh=open_to_the_camera, material=dataclasses.replace(GRAY, double_sided=False))
    for x, seen in ((0.0, True), (2.0 + 0.9, True), (2.0 + 1.5, False), (10.0, False)):
        buffers = raster.render(view([dataclasses.replace(thing, at=pose((x, 0, 0)))]), camera(near_m=1.0))
        assert (buffers.instance[60, 80] == 1) == seen, f"its open side is {x - 2} m ahead, the near plane 1 m"
    turned = dataclasses.replace(thing, at=pose((10.0, 0, 0), rotation=rotation_z(np.pi)))
    assert raster.render(view([turned]), camera()).instance[60, 80] == 1, "its front"


def test_what_lies_before_the_near_plane_is_not_seen(each: Renderer) -> None:
    near = Thing(mesh=box_mesh((0.02, 5, 5)), at=pose((0.5, 0, 0)))
    far = Thing(mesh=box_mesh((1, 5, 5)), at=pose((6.5, 0, 0)))
    assert np.all(each.render(view([near, far]), camera()).instance == 1)
    buffers = each.render(view([near, far]), dataclasses.replace(camera(), near_m=1.0))
    assert np.all(buffers.instance[30:90, 40:120] == 2)
    assert buffers.depth_m[60, 80] == pytest.approx(6.0, abs=0.01)


def test_a_plane_through_the_eye_is_cut_cleanly(each: Renderer) -> None:
    eye = dataclasses.replace(camera(), world_from_camera=camera_pose((0, 0, 0.3), (1, 0, 0.3)))
    buffers = each.render(view([Thing(mesh=ground_mesh(50.0))]), eye)
    assert np.all(buffers.instance[62:] == 1)
    assert np.all(buffers.instance[:59] == 0)


def test_absent_things_are_not_drawn(each: Renderer) -> None:
    shown = Thing(mesh=box_mesh((1, 1, 1)), at=pose((5, 1, 0)))
    hidden = Thing(mesh=box_mesh((1, 1, 1)), at=pose((5, -1, 0)), present=False)
    buffers = each.render(view([shown, hidden]), camera())
    assert set(np.unique(buffers.instance)) == {0, 1}


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2048, 3)])
def test_odd_image_sizes(each: Renderer, size: tuple[int, int]) -> None:
    buffers = each.render(view([Thing(mesh=box_mesh((1, 9, 9)), at=pose((5, 0, 0)))]), camera(*size, focal=2000.0))
    assert buffers.radiance.shape == (size[1], size[0], 3)
    assert buffers.radiance.dtype == np.float16
    assert buffers.depth_m.dtype == np.float32
    assert buffers.instance.dtype == np.uint32
    assert buffers.semantic.dtype == np.uint16
    assert np.all(buffers.instance == 1)


def test_an_empty_scene_is_sky(each: Renderer) -> None:
    buffers = each.render(view([]), camera())
    assert np.all(np.isinf(buffers.depth_m))
    assert np.all(buffers.semantic == SKY.id)
    assert np.all(np.isfinite(buffers.radiance))


def test_large_instance_ids_are_kept(each: Renderer) -> None:
    made = view([Thing(mesh=box_mesh((1, 1, 1)), at=pose((5, 0, 0), rotation_z(0.4)))])
    entity = dataclasses.replace(made.scene.entities[0], instance_id=3_000_000_000)
    scene = dataclasses.replace(made.scene, entities=(entity,))
    buffers = each.render(dataclasses.replace(made, scene=scene), camera())
    assert set(np.unique(buffers.instance)) == {0, 3_000_000_000}


def test_marks_hold_more_than_sixteen_bits() -> None:
    values = [1, 255, 256, 65_535, 65_536, 70_001, 2**24 - 1]
    marks = np.array([[mark(v) for v in values]], dtype=np.uint8)
    assert number(marks).tolist() == [values]


def test_a_larger_picture_follows_a_smaller_one(raster: Renderer) -> None:
    """The lists of squares grow with the picture, and what was drawn before leaves no trace."""
    made = view(
        [Thing(mesh=sphere_mesh(1.0), at=pose((5, 0, 0))), Thing(mesh=ground_mesh(400.0, -1.5), labelled=False)]
    )
    small = Camera.from_fov(64, 48, 0.9, camera_pose((0, 0, 1), (5, 0, 0)))
    large = Camera.from_fov(2560, 1920, 0.9, camera_pose((0, 0, 1), (5, 0, 0)))
    first = raster.render(made, small)
    raster.render(made, large)
    assert raster.render(made, small).radiance.tobytes() == first.radiance.tobytes()
