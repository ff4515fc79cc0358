"""Labels against closed forms."""

import json

import numpy as np
import pytest

from simgen.core.geometry import planar_pose, pose, rotation_rpy
from simgen.labels import FrameLabels, KeypointState, label
from simgen.labels.frame_labels import kitti_occlusion
from simgen.labels.geometry import solid_angle
from simgen.rendering.protocol import Silhouette
from simgen.scene.scene import EventState
from tests.labels import raycast
from tests.labels.raycast import Solid

SEEN = raycast.camera()


def at(x, y=0.0, z=0.0, yaw=0.0):
    return planar_pose(x, y, yaw, z)


def box(name, where, size=(4.0, 1.8, 1.5), **more):
    return Solid(name=name, size=size, world_from_solid=where, **more)


def labelled(*solids, seen=SEEN, lens_blocked=None, **more):
    return label(
        raycast.view(*solids, **more),
        seen,
        raycast.buffers(solids, seen),
        raycast.silhouettes(solids, seen),
        lens_blocked=lens_blocked,
    )


def test_a_sphere_on_the_axis():
    distance, radius = 10.0, 1.0
    one = labelled(Solid(name="ball", size=(radius,), world_from_solid=at(distance), semantic="ball")).objects[0]
    half = SEEN.fx_px * radius / np.sqrt(distance**2 - radius**2)
    x_min, y_min, x_max, y_max = one.bbox_visible
    assert (x_max - x_min) / 2 == pytest.approx(half, abs=1.0)
    assert (x_min + x_max) / 2 == pytest.approx(SEEN.width_px / 2, abs=0.51)
    assert (y_min + y_max) / 2 == pytest.approx(SEEN.height_px / 2, abs=0.51)
    assert (one.visible_fraction, one.occlusion, one.truncation) == (1.0, 0.0, 0.0)
    assert one.bbox_visible == one.bbox_amodal == one.bbox_amodal_unclipped
    assert one.distance_m == pytest.approx(distance, abs=1e-3)
    assert one.box_world.size_m == pytest.approx((2, 2, 2), rel=2e-3)


def test_shares_are_solid_angles():
    # The cap of a sphere takes 2 pi (1 - cos) wherever it lies in the picture; pixel counts would grow outwards.
    for y in (0.0, 4.0):
        seen = raycast.camera(400, 300, 90)
        solid = Solid(name="ball", size=(1.0,), world_from_solid=at(8.0, y))
        mask = raycast.buffers([solid], seen).instance > 0
        measured = solid_angle(seen, 0, 0, 400, 300)[mask].sum()
        distance = np.hypot(8.0, y)
        expected = 2 * np.pi * (1 - np.sqrt(1 - (1 / distance) ** 2))
        assert measured == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("overlap", [0.1, 0.35, 0.6, 0.9])
def test_two_boxes_one_behind_the_other(overlap):
    # The near plate covers the far one's left share, up to pixel edges.
    far = box("far", at(20.0), size=(0.01, 4.0, 2.0))
    edge = 2.0 - 4.0 * overlap
    near = box("near", at(10.0, edge / 2 + 3.0), size=(0.01, 6.0, 3.0))
    seen = raycast.camera(240, 60, 40)
    found = labelled(far, near, seen=seen)
    one, before = found.of("far"), found.of("near")
    pixels = 4.0 * seen.fx_px / 20.0
    assert one.occlusion == pytest.approx(overlap, abs=2.0 / pixels)
    assert one.visible_fraction == pytest.approx(1 - one.occlusion)
    assert before.occlusion == 0.0
    assert one.bbox_visible[2] == one.bbox_amodal[2]
    assert one.bbox_visible[0] > one.bbox_amodal[0]


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.9])
def test_truncation_at_the_border(share):
    seen = raycast.camera(241, 61, 40)
    border = np.tan(np.radians(20)) * 20.0
    plate = box("plate", at(20.0, border - 1.0 + 2.0 * share), size=(0.01, 2.0, 2.0))
    one = labelled(plate, seen=seen).objects[0]
    # Solid angle falls off towards the border, but hardly over two metres at twenty.
    assert one.truncation == pytest.approx(share, abs=0.03)
    assert one.occlusion == 0.0
    assert one.bbox_amodal[0] == 0.0 > one.bbox_amodal_unclipped[0]
    assert one.amodal_pixels < one.amodal_pixels_unclipped


def test_fully_hidden_keeps_its_record():
    found = labelled(box("hidden", at(20.0), size=(1, 1, 1)), box("wall", at(10.0), size=(0.2, 6, 6)))
    one = found.of("hidden")
    assert one.visible_pixels == 0 and one.bbox_visible is None
    assert (one.visible_fraction, one.occlusion) == (0.0, 1.0)
    assert one.amodal_pixels > 0 and not one.discernible
    assert one.contrast == 0.0


def test_outside_absent_and_behind_have_none():
    found = labelled(
        box("seen", at(10.0)),
        box("beside", at(10.0, 30.0)),
        box("behind", at(-10.0)),
        box("absent", at(12.0), present=False),
    )
    assert [o.name for o in found.objects] == ["seen"]


def test_silhouette_smaller_than_the_mask_is_joined():
    solid = box("car", at(10.0))
    (alone,) = raycast.silhouettes([solid], SEEN)
    mask = alone.mask.copy()
    mask[:, np.flatnonzero(mask.any(axis=0))[0]] = False
    shrunk = Silhouette(instance_id=1, x_px=alone.x_px, y_px=alone.y_px, mask=mask)
    for given_silhouettes in ((shrunk,), ()):
        one = label(raycast.view(solid), SEEN, raycast.buffers([solid], SEEN), given_silhouettes).objects[0]
        assert one.visible_pixels <= one.amodal_pixels
        assert (one.occlusion, one.bbox_amodal) == (0.0, one.bbox_visible)


@pytest.mark.parametrize("yaw", [0.0, 0.7, -2.5])
def test_3d_box_in_every_frame(yaw):
    ego = box("ego", at(2.0, 1.0, yaw=0.5), size=(0.1, 0.1, 0.1))
    car = box("car", at(15.0, 2.0, 0.3, yaw=yaw), velocity=(3.0, 1.0, 0.0))
    one = labelled(ego, car).of("car")
    assert one.box_world.size_m == pytest.approx((4.0, 1.8, 1.5), rel=1e-5)
    assert one.box_world.center_m == pytest.approx((15.0, 2.0, 0.3), abs=1e-6)
    assert one.box_world.yaw_rad == pytest.approx(yaw)
    assert one.box_ego.yaw_rad == pytest.approx(yaw - 0.5)
    c, s = np.cos(0.5), np.sin(0.5)
    assert one.box_ego.center_m[:2] == pytest.approx((13 * c + 1 * s, -13 * s + 1 * c))
    assert one.box_camera.center_m == pytest.approx((-2.0, -0.3, 15.0))
    assert one.depth_m == pytest.approx(15.0)
    assert one.distance_m == pytest.approx(np.linalg.norm((15.0, 2.0, 0.3)))
    assert one.velocity_mps == (3.0, 1.0, 0.0)
    # A car that drives away has KITTI's rotation_y = -pi/2.
    assert np.cos(one.box_camera.yaw_rad - (-np.pi / 2 - yaw)) == pytest.approx(1.0)
    assert np.cos(one.alpha_rad - (one.box_camera.yaw_rad - np.arctan2(-2.0, 15.0))) == pytest.approx(1.0)
    front_left = car.world_from_solid @ (2.0, 0.9, -0.75, 1.0)
    assert one.box_world.corners_m[0] == pytest.approx(front_left[:3], abs=1e-6)
    camera_corners = one.box_world.corners_m @ SEEN.camera_from_world[:3, :3].T
    assert one.box_camera.corners_m == pytest.approx(camera_corners, abs=1e-6)


def test_a_tumbling_box_stays_tight():
    where = pose((10.0, 0.0, 0.0), rotation_rpy(0.6, 0.9, 0.3))
    one = labelled(box("crate", where, size=(1.0, 2.0, 0.5))).objects[0]
    assert one.box_world.size_m == pytest.approx((1.0, 2.0, 0.5), rel=1e-5)
    corners, _ = SEEN.project(one.box_world.corners_m)
    loose = (*(corners.min(axis=0) + 0.5), *(corners.max(axis=0) + 0.5))
    assert one.bbox_loose == pytest.approx(loose, abs=1e-3)
    # A box is the hull of its corners: the loose box is tight too, to a pixel.
    assert one.bbox_loose == pytest.approx(one.bbox_visible, abs=1.0)


def test_loose_box_of_what_reaches_behind_the_camera():
    found = labelled(box("bus", at(2.0, 3.0), size=(12.0, 2.5, 3.0)))
    x_min, _, x_max, y_max = found.objects[0].bbox_loose
    assert x_min == 0.0 and 0 < x_max < SEEN.width_px and y_max == SEEN.height_px


def test_keypoints_outside_occluded_visible():
    points = {"front": (-2.0, 0.0, 0.0), "inner": (-1.9, 0.0, 0.0), "back": (2.0, 0.0, 0.0), "far": (0.0, 40.0, 0.0)}
    car = box("car", at(10.0), keypoints=points)
    states = {k.name: k.state for k in labelled(car).objects[0].keypoints}
    assert states == {
        "front": KeypointState.VISIBLE,
        "inner": KeypointState.VISIBLE,
        "back": KeypointState.OCCLUDED,
        "far": KeypointState.OUTSIDE,
    }
    wall = box("wall", at(5.0), size=(0.1, 3, 3))
    assert labelled(car, wall).of("car").keypoints[0].state == KeypointState.OCCLUDED
    front = labelled(car).objects[0].keypoints[0]
    assert (front.u_px, front.v_px, front.depth_m) == pytest.approx((SEEN.cx_px, SEEN.cy_px, 8.0))


def test_what_stands_on_a_floor_is_not_hidden_by_it():
    """Between two rows the depth of a floor far away changes by more than a keypoint may lie off the surface."""
    seen = SEEN.crop(60, 40, 40, 80)
    floor = Solid(name="floor", size=(200.0, 200.0, 0.02), world_from_solid=at(0.0, 0.0, -1.41))
    corners = {"left": (-2.0, 0.9, -0.75), "right": (-2.0, -0.9, -0.75)}
    states = []
    for distance in np.arange(6.0, 60.0, 0.3):
        car = box("car", at(distance, 0.0, -0.65), keypoints=corners)
        pictured = raycast.buffers((floor, car), seen)
        found = label(raycast.view(floor, car), seen, pictured, ()).of("car")
        states += [k.state for k in found.keypoints if k.state != KeypointState.OUTSIDE]
    assert len(states) > 300
    assert set(states) == {KeypointState.VISIBLE}


def test_keypoints_at_the_outline_of_what_stands_before():
    """Points all over a wall behind a tilted plate, in closed form. Between pixels its outline is known to a part of
    one: few of those that it hides may count as visible, and not many more of those that it does not as hidden."""
    rng = np.random.default_rng(2)
    pixel = 10.0 / SEEN.fx_px
    false_visible = false_hidden = close = 0
    for _ in range(20):
        roll, edge = rotation_rpy(rng.uniform(-3, 3), 0, 0), rng.uniform(-0.5, 0.5)
        # The plate's border passes through the picture at ``edge``, with the plate on its left in its own frame.
        plate = Solid(name="plate", size=(0.02, 8.0, 8.0), world_from_solid=pose(roll @ (5.01, 4.0 + edge, 0.0), roll))
        y, z = rng.uniform(-2.0, 2.0, (2, 400))
        points = {f"p{i}": (-0.05, float(a), float(b)) for i, (a, b) in enumerate(zip(y, z, strict=True))}
        wall = box("wall", at(10.05), size=(0.1, 12.0, 9.0), keypoints=points)
        found = labelled(plate, wall).of("wall").keypoints
        # In the plane of the plate's face, which is half as far away; ``beyond`` is in metres of the wall.
        beyond = 2.0 * ((np.stack([y, z], axis=1) / 2.0 @ roll[1:, 1:])[:, 0] - edge)
        hidden = beyond > 0
        said = np.array([k.state == KeypointState.OCCLUDED for k in found])
        near = np.abs(beyond) < pixel
        assert np.array_equal(said[~near], hidden[~near])
        close += near.sum()
        false_visible, false_hidden = false_visible + (hidden & ~said).sum(), false_hidden + (~hidden & said).sum()
    assert close > 250
    assert false_visible / close < 0.07 and false_hidden / close < 0.1


def test_keypoint_behind_the_camera():
    bus = box("bus", at(2.0, 3.0), size=(12.0, 2.5, 3.0), keypoints={"rear": (-6.0, 0.0, 0.0)})
    point = labelled(bus).objects[0].keypoints[0]
    assert (point.state, point.u_px, point.v_px) == (KeypointState.OUTSIDE, 0.0, 0.0)
    assert point.depth_m == pytest.approx(-4.0)


@pytest.mark.parametrize(("visibility", "discernible"), [(1000.0, True), (15.0, False)])
def test_fog_takes_contrast(visibility, discernible):
    car = box("car", at(20.0), luminance=100.0)
    one = labelled(car, fog_visibility=visibility).objects[0]
    passed = np.exp(-2.996 / visibility * 20.0)
    assert one.transmittance == pytest.approx(passed, rel=1e-6)
    # 100 against 20: the contrast at no distance is 80 over 100.
    assert one.contrast == pytest.approx(0.8 * passed, rel=0.01)
    assert one.discernible is discernible


def test_low_contrast_is_not_discernible():
    assert not labelled(box("car", at(20.0), luminance=20.5)).objects[0].discernible


def test_contrast_is_that_with_what_is_beside() -> None:
    """A plate of 100 before one of 20, on a background of 90 that begins three sizes of it farther out."""
    solids = [
        box("plate", at(10.0), size=(0.1, 1.0, 1.0), luminance=100.0),
        box("beside", at(11.0), size=(0.1, 4.0, 4.0), luminance=20.0),
    ]
    pictured = raycast.buffers(solids, SEEN, background=90.0)
    found = label(raycast.view(*solids), SEEN, pictured, raycast.silhouettes(solids, SEEN)).of("plate")
    assert found.contrast == pytest.approx(0.8 * found.transmittance, rel=0.01)


def test_drops_on_the_lens():
    blocked = np.zeros((SEEN.height_px, SEEN.width_px), dtype=bool)
    blocked[:, : SEEN.width_px // 2] = True
    one = labelled(box("car", at(10.0)), lens_blocked=blocked).objects[0]
    assert one.lens_blocked_fraction == pytest.approx(0.5, abs=0.03)
    assert one.discernible
    assert not labelled(box("car", at(10.0)), lens_blocked=np.ones_like(blocked)).objects[0].discernible


def test_events():
    events = (
        EventState(name="waits", phase="waiting", actors=("car",)),
        EventState(name="runs", phase="running", start_s=1.0, actors=("car", "ball")),
        EventState(name="other", phase="running", start_s=1.0, actors=("ball",)),
        EventState(name="done", phase="complete", start_s=0.0, end_s=0.5, actors=("car",)),
    )
    one = labelled(box("car", at(10.0)), events=events).objects[0]
    assert [(e.event, e.phase) for e in one.events] == [("runs", "running"), ("done", "complete")]


def test_plain_and_back():
    blocked = np.zeros((SEEN.height_px, SEEN.width_px), dtype=bool)
    blocked[:, : SEEN.width_px // 2] = True
    found = labelled(
        box("ego", at(8.0, 2.0), keypoints={"nose": (-2.0, 0.0, 0.0)}),
        box("hidden", at(40.0), size=(0.8, 0.8, 0.8)),
        box("wall", at(20.0)),
        events=(EventState(name="runs", phase="running", actors=("wall",)),),
        lens_blocked=blocked,
    )
    assert any(o.bbox_visible is None for o in found.objects)
    assert 0.0 < found.of("wall").lens_blocked_fraction < 1.0
    assert FrameLabels.from_json(json.dumps(found.to_plain())) == found
    assert not any(o.discernible for o in found.blinded().objects)


def test_kitti_levels():
    assert [kitti_occlusion(v) for v in (0.0, 0.049, 0.05, 0.499, 0.5, 1.0)] == [0, 0, 1, 1, 2, 2]
