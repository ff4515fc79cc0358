"""Each proof is broken once on purpose and must say so."""

from dataclasses import replace

import numpy as np
import pytest

from simgen.core.geometry import planar_pose
from simgen.labels import Planes, label, proof_faults
from tests.labels import raycast
from tests.labels.raycast import Solid

SEEN = raycast.camera()
SOLIDS = (
    Solid(name="car", size=(4.0, 1.8, 1.5), world_from_solid=planar_pose(15.0, 1.0, 0.4)),
    Solid(name="child", size=(0.4, 0.5, 1.2), world_from_solid=planar_pose(8.0, -0.5, 0.0), semantic="child"),
    Solid(name="cut", size=(4.0, 1.8, 1.5), world_from_solid=planar_pose(9.0, 5.5, 0.2)),
    Solid(name="hidden", size=(0.3, 0.3, 0.3), world_from_solid=planar_pose(25.0, 1.6, 0.0), semantic="ball"),
)
BUFFERS = raycast.buffers(SOLIDS, SEEN)
LABELS = label(raycast.view(*SOLIDS), SEEN, BUFFERS, raycast.silhouettes(SOLIDS, SEEN))


def faults(labels=LABELS, **planes):
    return proof_faults(
        labels,
        Planes(
            instance=planes.get("instance", BUFFERS.instance),
            semantic=planes.get("semantic", BUFFERS.semantic),
            depth_m=planes.get("depth_m", BUFFERS.depth_m),
        ),
    )


def with_car(**changes):
    return replace(LABELS, objects=tuple(replace(o, **changes) if o.name == "car" else o for o in LABELS.objects))


def changed(plane, where, value):
    copy = plane.copy()
    copy[where] = value
    return copy


def test_true_labels_hold():
    assert len(LABELS.objects) == 4
    assert LABELS.of("hidden").visible_pixels == 0
    assert 0 < LABELS.of("cut").truncation < 1
    assert faults() == []


def test_they_hold_for_depth_as_files_store_it():
    stored = np.where(np.isinf(BUFFERS.depth_m), 0, np.round(BUFFERS.depth_m, 2))
    planes = Planes(instance=BUFFERS.instance, semantic=BUFFERS.semantic, depth_m=stored, depth_step_m=0.01)
    assert proof_faults(LABELS, planes) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"bbox_visible": (0.0, 0.0, 5.0, 5.0)}, "bbox_visible"),
        ({"bbox_amodal": (0.0, 0.0, 1.0, 1.0)}, "reaches out of"),
        ({"bbox_amodal_unclipped": (70.0, 50.0, 71.0, 51.0)}, "bbox_amodal_unclipped"),
        ({"visible_pixels": 3}, "label says 3"),
        ({"amodal_pixels": 1}, "do not rise"),
        ({"amodal_pixels_unclipped": 1}, "do not rise"),
        ({"occlusion": 1.4}, "outside of 0"),
        ({"visible_fraction": 0.123}, "visible_fraction"),
        ({"truncation": 0.2, "visible_fraction": 0.8}, "truncation"),
        ({"visible_fraction": 0.0, "occlusion": 1.0}, "visible_fraction 0"),
        ({"semantic_id": 3}, "semantic class"),
        ({"box_camera": replace(LABELS.of("car").box_camera, center_m=(-1.0, 0.0, 18.0))}, "outside of its 3D box"),
        ({"box_camera": replace(LABELS.of("car").box_camera, size_m=(4.0, 1.8, 1.2))}, "outside of its 3D box"),
        ({"instance_id": 9}, "has no label"),
        ({"instance_id": 2}, "2 labels"),
    ],
)
def test_a_false_label_is_caught(changes, says):
    found = faults(with_car(**changes))
    assert any(says in text for text in found), found


def test_a_label_too_few_and_one_too_many():
    fewer = replace(LABELS, objects=LABELS.objects[1:])
    assert faults(fewer) == [f"instance 1 is in the mask ({LABELS.objects[0].visible_pixels} pixels) but has no label"]
    assert any(
        "0 pixels in the mask" in t for t in faults(instance=np.where(BUFFERS.instance == 1, 0, BUFFERS.instance))
    )


def test_a_changed_pixel_is_caught():
    row, column = (int(v[0]) for v in np.nonzero(BUFFERS.instance == 1))
    where = (row, column)
    assert faults(instance=changed(BUFFERS.instance, where, 2))
    assert faults(instance=changed(BUFFERS.instance, (0, 0), 77)) == [
        "instance 77 is in the mask (1 pixels) but has no label"
    ]
    assert faults(semantic=changed(BUFFERS.semantic, (0, 0), 2)) == [
        "1 pixels are sky in one of class and depth, and not in the other"
    ]
    assert any("semantic class" in t for t in faults(semantic=changed(BUFFERS.semantic, where, 2)))


def test_a_shifted_depth_is_caught():
    assert any("3D box" in t for t in faults(depth_m=(BUFFERS.depth_m * np.float32(1.3))))
    assert any("no depth" in t for t in faults(depth_m=np.where(BUFFERS.instance == 1, 0, BUFFERS.depth_m)))


def test_a_picture_of_another_size():
    assert faults(instance=BUFFERS.instance[:-1]) == ["instance image is 160 x 119, labels say 160 x 120"]
