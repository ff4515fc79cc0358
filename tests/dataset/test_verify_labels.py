"""Every kind of label is wrong once on purpose, in a dataset whose digests all fit: ``verify`` names the frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simgen
from simgen.core.camera import Camera
from simgen.dataset.bundle import FrameBundle
from simgen.dataset.manifest import write_manifest
from simgen.dataset.verify import VerifyReport, verify
from simgen.dataset.writer import EpisodeWriter
from simgen.episode import Episode
from simgen.labels import Intrinsics, KeypointState, ObjectLabel
from simgen.labels.flow import Flow, FlowState
from simgen.rendering import Renderer
from simgen.sampling.concrete import ConcreteScenario
from simgen.scene.classes import SKY
from tests.rendering.conftest import raster as raster

LIE = 1
"""The frame that is wrong; it has neighbours before and after it."""

FRONT = "sensors.front.camera."


def concrete() -> ConcreteScenario:
    overrides = (
        *(FRONT + "resolution=[128, 72]", FRONT + "rate=6 Hz", "actors.van.at.gap=45 m", "end=time > 0.4 s"),
        *("require=[]", "expect=[]", "environment.time_of_day=12 h"),
        FRONT + "outputs=[rgb, depth, instance, semantic, part, normal, flow]",
        FRONT + "encoding={depth: tiff}",
    )
    return simgen.sample(simgen.load("child_chases_ball", overrides), index=5)


class Told:
    """An episode and its frames."""

    def __init__(self, renderer: Renderer) -> None:
        self.episode = Episode(concrete(), renderer)
        self.bundles = list(self.episode)


@pytest.fixture(scope="module")
def told(raster: Renderer) -> Told:
    return Told(raster)


def written(told: Told, out: Path, lie: Callable[[FrameBundle], FrameBundle]) -> VerifyReport:
    """What verify says of the episode with one frame changed before it was written."""
    with EpisodeWriter(out, told.episode.concrete, "raster") as writer:
        for i, bundle in enumerate(told.bundles):
            writer.write(lie(bundle) if i == LIE else bundle)
        writer.seal(told.episode.report)
    write_manifest(out)
    return verify(out, threads=1)


def subject(bundle: FrameBundle) -> ObjectLabel:
    """The object that fills most of the picture: it leaves it in part, and has keypoints of every state."""
    return max(bundle.labels.objects, key=lambda o: o.visible_pixels)


def with_labels(change: Callable[[ObjectLabel], dict[str, Any]]) -> Callable[[FrameBundle], FrameBundle]:
    def lie(bundle: FrameBundle) -> FrameBundle:
        one = subject(bundle)
        wrong = replace(one, **change(one))
        objects = tuple(wrong if o is one else o for o in bundle.labels.objects)
        return replace(bundle, labels=replace(bundle.labels, objects=objects))

    return lie


def with_buffers(name: str, change: Callable[[FrameBundle, np.ndarray], None]) -> Callable[[FrameBundle], FrameBundle]:
    def lie(bundle: FrameBundle) -> FrameBundle:
        copy = getattr(bundle.buffers, name).copy()
        change(bundle, copy)
        return replace(bundle, buffers=replace(bundle.buffers, **{name: copy}))

    return lie


def with_flow(name: str, change: Callable[[FrameBundle, Flow], Flow]) -> Callable[[FrameBundle], FrameBundle]:
    def lie(bundle: FrameBundle) -> FrameBundle:
        flow = getattr(bundle, name)
        own = Flow(vector_px=flow.vector_px.copy(), state=flow.state.copy())
        return replace(bundle, **{name: change(bundle, own)})

    return lie


def moved(box: tuple[float, ...] | None, x: float) -> tuple[float, ...]:
    assert box is not None
    return (box[0] + x, box[1], box[2] + x, box[3])


def shifted(box: Any, **changes: Any) -> Any:
    return replace(box, center_m=(box.center_m[0] + 0.5, *box.center_m[1:]), **changes)


def occluded_share(one: ObjectLabel, occlusion: float) -> dict[str, Any]:
    return {"occlusion": occlusion, "visible_fraction": (1 - occlusion) * (1 - one.truncation)}


def truncated_share(one: ObjectLabel, truncation: float) -> dict[str, Any]:
    return {"truncation": truncation, "visible_fraction": (1 - one.occlusion) * (1 - truncation)}


def keypoint(one: ObjectLabel, state: KeypointState, **changes: Any) -> dict[str, Any]:
    point = next(k for k in one.keypoints if k.state == state)
    return {"keypoints": tuple(replace(k, **changes) if k is point else k for k in one.keypoints)}


def every_state(one: ObjectLabel, state: KeypointState) -> dict[str, Any]:
    return {"keypoints": tuple(replace(k, state=state) for k in one.keypoints)}


LABELS: dict[str, tuple[Callable[[ObjectLabel], dict[str, Any]], str]] = {
    "box one pixel off": (lambda o: {"bbox_visible": moved(o.bbox_visible, 1)}, "bbox_visible"),
    "no visible box": (lambda o: {"bbox_visible": None}, "bbox_visible"),
    "amodal box too narrow": (lambda o: {"bbox_amodal": moved(o.bbox_amodal, 1)}, "bbox_amodal"),
    "amodal box too wide": (lambda o: {"bbox_amodal": (*o.bbox_amodal[:2], 128.0, 72.0)}, "reaches out"),
    "unclipped box": (
        lambda o: {"bbox_amodal_unclipped": moved(o.bbox_amodal_unclipped, -30)},
        "bbox_amodal_unclipped",
    ),
    "loose box": (lambda o: {"bbox_loose": moved(o.bbox_loose, 1)}, "bbox_loose"),
    "one pixel too many": (lambda o: {"visible_pixels": o.visible_pixels + 1}, "visible"),
    "V > I": (lambda o: {"amodal_pixels": o.visible_pixels - 1}, "do not rise"),
    "I > I + O": (lambda o: {"amodal_pixels_unclipped": o.amodal_pixels - 1}, "do not rise"),
    "more amodal pixels than fit": (lambda o: {"amodal_pixels_unclipped": 10**7}, "do not fit"),
    "fraction": (lambda o: {"visible_fraction": 0.5 * o.visible_fraction}, "visible_fraction"),
    "occlusion, with a fraction that fits": (lambda o: occluded_share(o, o.occlusion + 0.1), "occlusion"),
    "truncation, with a fraction that fits": (lambda o: truncated_share(o, o.truncation + 0.1), "truncation"),
    "box in the world": (lambda o: {"box_world": shifted(o.box_world)}, "box_world"),
    "box in the camera": (lambda o: {"box_camera": shifted(o.box_camera)}, "box_camera"),
    "box before the ego": (lambda o: {"box_ego": shifted(o.box_ego)}, "box_ego"),
    "heading": (lambda o: {"box_world": replace(o.box_world, yaw_rad=o.box_world.yaw_rad + 0.1)}, "yaw_rad"),
    "size": (lambda o: {"box_world": replace(o.box_world, size_m=(9.0, 1.0, 1.0))}, "differ in size"),
    "no box before the ego": (lambda o: {"box_ego": None}, "box_ego"),
    "velocity": (lambda o: {"velocity_mps": (1.0, 2.0, 3.0)}, "velocity"),
    "turning": (lambda o: {"angular_velocity_radps": (0.0, 0.0, 0.3)}, "velocity"),
    "distance": (lambda o: {"distance_m": o.distance_m + 0.1}, "distance_m"),
    "depth of the centre": (lambda o: {"depth_m": o.depth_m - 0.1}, "depth_m"),
    "keypoint that is seen": (lambda o: every_state(o, KeypointState.OCCLUDED), "keypoint"),
    "keypoint that is hidden": (lambda o: every_state(o, KeypointState.VISIBLE), "keypoint"),
    "keypoint that is inside": (lambda o: every_state(o, KeypointState.OUTSIDE), "keypoint"),
    "keypoint elsewhere": (lambda o: keypoint(o, KeypointState.VISIBLE, u_px=1.0, v_px=1.0), "keypoint"),
    "transmittance": (lambda o: {"transmittance": 0.5 * o.transmittance}, "transmittance"),
    "contrast": (lambda o: {"contrast": 1.0 + 1e-3}, "contrast"),
    "discernible": (lambda o: {"discernible": not o.discernible}, "discernible"),
    "drops": (lambda o: {"lens_blocked_fraction": 0.5 + 0.5 * o.lens_blocked_fraction}, "lens_blocked_fraction"),
    "story": (lambda o: {"events": (*o.events, simgen_event())}, "takes part"),
    "class": (lambda o: {"semantic_id": 14, "semantic": "pedestrian"}, "semantic class"),
    "name of the class": (lambda o: {"semantic": "pedestrian"}, "class map"),
    "mask id without a label": (lambda o: {"instance_id": 9999}, "has no label"),
    "label without a mask": (lambda o: {"instance_id": 9999}, "0 pixels in the mask"),
}


def simgen_event() -> Any:
    from simgen.labels.frame_labels import EventPart

    return EventPart(event="ball_rolls", phase="running")


def own_pixels(bundle: FrameBundle) -> np.ndarray:
    return bundle.buffers.instance == subject(bundle).instance_id


def some(bundle: FrameBundle) -> tuple[np.ndarray, ...]:
    rows, columns = np.nonzero(own_pixels(bundle))
    return rows[:5], columns[:5]


def give(value: float) -> Callable[[FrameBundle, np.ndarray], None]:
    def change(bundle: FrameBundle, plane: np.ndarray) -> None:
        plane[some(bundle)] = value

    return change


def farther(bundle: FrameBundle, depth: np.ndarray) -> None:
    depth[own_pixels(bundle)] *= 1.5


def sky_with_depth(bundle: FrameBundle, depth: np.ndarray) -> None:
    depth[bundle.buffers.semantic == SKY.id] = 30.0


def other_object(bundle: FrameBundle, instance: np.ndarray) -> None:
    other = next(o for o in bundle.labels.objects if o.instance_id != subject(bundle).instance_id)
    instance[some(bundle)] = other.instance_id


def turned_away(bundle: FrameBundle, normal: np.ndarray) -> None:
    normal *= -1


def in_the_world(bundle: FrameBundle, normal: np.ndarray) -> None:
    normal[:] = normal @ bundle.camera.world_from_camera[:3, :3].T


def not_unit(bundle: FrameBundle, normal: np.ndarray) -> None:
    normal[:] *= 0.7


def no_number(bundle: FrameBundle, depth: np.ndarray) -> None:
    depth[bundle.buffers.semantic == SKY.id] = np.nan


IMAGES = {
    "instance of another": (with_buffers("instance", other_object), "in the mask"),
    "instance of nobody": (with_buffers("instance", give(777)), "has no label"),
    "class of another": (with_buffers("semantic", give(3)), "semantic class"),
    "class of nobody": (with_buffers("semantic", give(200)), "class map"),
    "depth behind the box": (with_buffers("depth_m", farther), "outside of its 3D box"),
    "depth of nothing": (with_buffers("depth_m", give(np.inf)), "no depth"),
    "depth of the sky": (with_buffers("depth_m", sky_with_depth), "sky in one"),
    "depth that is no number": (with_buffers("depth_m", no_number), "no number"),
    "part of nobody": (with_buffers("node", give(59_999)), "part 60000 is in the image"),
    "part of another": (with_buffers("node", give(0)), "shows several"),
    "normals to the back": (with_buffers("normal", turned_away), "look away"),
    "normals in the world's frame": (with_buffers("normal", in_the_world), "normals"),
    "normals of no length": (with_buffers("normal", not_unit), "length 1"),
}


def nudged(bundle: FrameBundle, flow: Flow) -> Flow:
    rows, columns = np.nonzero(flow.state == FlowState.VISIBLE)
    flow.vector_px[rows[:4], columns[:4]] += np.float32(0.2)
    return flow


def reversed_(bundle: FrameBundle, flow: Flow) -> Flow:
    return Flow(vector_px=-flow.vector_px, state=flow.state)


def covered(bundle: FrameBundle, flow: Flow) -> Flow:
    flow.state[flow.state == FlowState.VISIBLE] = FlowState.OCCLUDED
    return flow


def uncovered(bundle: FrameBundle, flow: Flow) -> Flow:
    flow.state[flow.state == FlowState.OCCLUDED] = FlowState.VISIBLE
    return flow


def forgotten(bundle: FrameBundle, flow: Flow) -> Flow:
    rows, columns = np.nonzero(flow.state == FlowState.VISIBLE)
    flow.state[rows[::7], columns[::7]] = FlowState.INVALID
    flow.vector_px[flow.state == FlowState.INVALID] = 0
    return flow


def of_the_sky(bundle: FrameBundle, flow: Flow) -> Flow:
    flow.state[bundle.buffers.semantic == SKY.id] = FlowState.VISIBLE
    return flow


def without_size(bundle: FrameBundle, flow: Flow) -> Flow:
    flow.vector_px[flow.state == FlowState.VISIBLE] = np.nan
    return flow


FLOWS = {
    "a fifth of a pixel off": (nudged, "px off depth and poses"),
    "backwards": (reversed_, "px off depth and poses"),
    "visible called occluded": (covered, "occluded ones are not"),
    "occluded called visible": (uncovered, "covered in the other picture"),
    "forgotten": (forgotten, "have no flow"),
    "of the sky": (of_the_sky, "without a surface"),
    "of no size": (without_size, "vectors are up to"),
}


def without_a_label(bundle: FrameBundle) -> FrameBundle:
    objects = tuple(o for o in bundle.labels.objects if o is not subject(bundle))
    return replace(bundle, labels=replace(bundle.labels, objects=objects))


def another_camera(bundle: FrameBundle) -> FrameBundle:
    other = Intrinsics.of(replace(bundle.camera, fx_px=bundle.camera.fx_px + 1))
    return replace(bundle, labels=replace(bundle.labels, camera=other))


def labels_of_another_instant(bundle: FrameBundle) -> FrameBundle:
    return replace(bundle, content_labels=bundle.labels)


WHOLE: dict[str, tuple[Callable[[FrameBundle], FrameBundle], str]] = {
    "a label too few": (without_a_label, "has no label"),
    "another camera": (another_camera, "camera is not that of the record"),
    "labels of another instant": (labels_of_another_instant, "labels of another instant"),
}

LIES: dict[str, tuple[Callable[[FrameBundle], FrameBundle], str]] = {
    **{name: (with_labels(change), says) for name, (change, says) in LABELS.items()},
    **IMAGES,
    **{f"flow {name}": (with_flow("flow_forward", change), says) for name, (change, says) in FLOWS.items()},
    "flow back, backwards": (with_flow("flow_backward", reversed_), "px off depth and poses"),
    **WHOLE,
}


def test_the_truth_holds(told: Told, tmp_path: Path) -> None:
    report = written(told, tmp_path / "out", lambda bundle: bundle)
    assert report.faults == ()
    assert report.frames == 3
    one = subject(told.bundles[LIE])
    assert {k.state for k in one.keypoints} == set(KeypointState)
    assert one.truncation > 0.01
    assert one.visible_pixels > 400


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_caught_in_its_frame(told: Told, name: str, tmp_path: Path) -> None:
    lie, says = LIES[name]
    faults = [str(f) for f in written(told, tmp_path / "out", lie).faults]
    assert any(says in f for f in faults), faults
    # Flow between a wrong picture and its neighbours is wrong as well, and nothing else is.
    assert all(f"front/{LIE:06d}" in f or f"/{LIE:06d}." in f or "/flow_" in f for f in faults), faults


@pytest.mark.parametrize("name", ["part", "depth"])
def test_flow_into_a_frame_without_its_images_is_nobodys_fault(told: Told, name: str, tmp_path: Path) -> None:
    written(told, tmp_path / "out", lambda bundle: bundle)
    (lost,) = (tmp_path / "out").glob(f"episodes/*/front/{name}/{LIE:06d}.*")
    lost.unlink()
    faults = verify(tmp_path / "out", threads=1).faults
    assert [(fault.path, fault.message) for fault in faults] == [
        (lost.relative_to(tmp_path / "out").as_posix(), "cannot be read (No such file or directory)")
    ]


def test_a_camera_is_restored_from_its_record(told: Told) -> None:
    bundle = told.bundles[LIE]
    restored: Camera = bundle.record.camera.restored()
    assert np.array_equal(restored.world_from_camera, bundle.camera.world_from_camera)
    assert (restored.fx_px, restored.width_px) == (bundle.camera.fx_px, bundle.camera.width_px)
