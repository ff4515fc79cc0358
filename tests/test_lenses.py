"""Cameras with lenses through the whole pipeline: typed in YAML, proven, made again, exported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.core.errors import ScenarioInvalid, SimgenError, ValueOutOfRange
from simgen.core.lens import BrownConrady, KannalaBrandt
from simgen.core.vocabulary import formats
from simgen.dataset.manifest import write_manifest
from simgen.dataset.verify import verify
from simgen.episode import Episode, render_episode, replay
from simgen.labels import FrameLabels
from simgen.rendering import Renderer
from simgen.sampling.concrete import ConcreteScenario
from simgen.sensing.sensors.camera import ColorCamera
from simgen.sensing.sensors.depth_camera import DepthCamera
from tests.rendering.conftest import raster as raster

FRONT = "sensors.front.camera."
ALL = "[rgb, depth, instance, semantic, part, normal, flow]"
FISHEYES = tuple(f"sensors.fisheye_{side}.camera." for side in ("front", "left", "right", "rear"))
USUAL = ("actors.van.at.gap=45 m", "require=[]", "expect=[]")


def concrete(*overrides: str, index: int = 5) -> ConcreteScenario:
    return simgen.sample(simgen.load("child_chases_ball", (*USUAL, *overrides)), index=index)


@pytest.fixture(scope="module")
def dataset(raster: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A distorting front camera and fisheyes all around, with all outputs, for two frames each."""
    scenario = concrete(
        "use=[rigs/surround_fisheye]",
        "end=time > 0.3 s",
        *(FRONT + line for line in ("resolution=[200, 120]", "rate=4 Hz", f"outputs={ALL}", "fov=70 deg")),
        FRONT + "lens={model: brown_conrady, k1: -0.28, k2: 0.07, p1: 0.002, p2: -0.001}",
        *(s + line for s in FISHEYES for line in ("resolution=[200, 124]", "rate=4 Hz", f"outputs={ALL}")),
        FISHEYES[0] + "encoding={rgb: png, depth: tiff, flow: tiff}",
    )
    out = tmp_path_factory.mktemp("lenses") / "out"
    render_episode(scenario, out, raster)
    write_manifest(out)
    return out


def test_every_proof_holds(dataset: Path) -> None:
    report = verify(dataset)
    assert report.ok, "\n".join(str(f) for f in report.faults)
    assert report.frames == 10


def test_frames_come_out_again(dataset: Path) -> None:
    frames = simgen.open_dataset(dataset)
    assert {f.sensor for f in frames} == {"front", *(s.split(".")[1] for s in FISHEYES)}
    for sensor in ("front", "fisheye_left"):
        frame = next(f for f in frames if f.sensor == sensor and f.frame_index == 1)
        assert replay(dataset, frame.frame_id).ok


def test_calibration_is_recorded_under_opencvs_names(dataset: Path) -> None:
    for frame in simgen.open_dataset(dataset):
        document = frame.record.document()["camera"]
        assert isinstance(document, dict)
        lens = document["lens"]
        assert isinstance(lens, dict)
        restored = frame.record.camera.restored().lens
        bent, depth = ("brown_conrady", "planar") if frame.sensor == "front" else ("kannala_brandt", "range")
        assert (lens["model"], document["depth"]) == (bent, depth)
        assert restored is not None and {n: lens[n] for n in restored.facts()} == restored.facts()
        # As typed, but for the tolerance by which one copy of a lens differs from the next.
        k1, k2 = (-0.28, 0.07) if frame.sensor == "front" else (-0.02, 0.002)
        assert lens["k1"] / k1 == pytest.approx(lens["k2"] / k2)
        assert lens["k1"] == pytest.approx(k1, rel=0.031)


def test_labels_keep_their_lens(dataset: Path) -> None:
    for frame in simgen.open_dataset(dataset):
        again = FrameLabels.from_json(json.dumps(frame.labels.to_plain()))
        assert again == frame.labels and again.camera.lens == frame.record.camera.restored().lens


def test_a_changed_coefficient_is_found(dataset: Path) -> None:
    """The proofs hang on the lens: with a slightly different one they fail."""
    from dataclasses import replace

    from simgen.labels import Planes, proof_faults

    frame = next(f for f in simgen.open_dataset(dataset) if f.sensor == "fisheye_right")
    planes = Planes(instance=frame.instance, semantic=frame.semantic, depth_m=frame.depth_m)
    labels = frame.labels
    assert len(labels.objects) > 3
    assert not proof_faults(labels, planes)
    other = replace(labels, camera=replace(labels.camera, lens=KannalaBrandt(k1=-0.06, k2=0.002)))
    assert proof_faults(other, planes)


def test_coco_says_that_its_pictures_are_bent(dataset: Path, tmp_path: Path) -> None:
    formats.get("coco")().export(simgen.open_dataset(dataset), tmp_path / "coco")
    document = json.loads((tmp_path / "coco" / "annotations.json").read_text())
    lenses = [image["simgen_lens"] for image in document["images"]]
    assert {lens["model"] for lens in lenses} == {"brown_conrady", "kannala_brandt"}
    assert all(set(lens) >= {"model", "k1", "k2"} for lens in lenses)
    assert all("p1" not in lens for lens in lenses if lens["model"] == "kannala_brandt")


def test_disparity_of_the_stereo_rig_is_focal_length_times_baseline_over_depth(raster: Renderer) -> None:
    rig = tuple(f"sensors.stereo_{side}.camera." for side in ("left", "right"))
    scenario = concrete(
        "use=[rigs/front_stereo]",
        "end=time > 0.05 s",
        'environment.time_of_day="12:00"',
        *(s + "resolution=[640, 360]" for s in rig),
        FRONT + "resolution=[32, 18]",
    )
    taken = {b.sensor: b for b in Episode(scenario, raster) if b.frame_index == 0}
    left, right = taken["stereo_left"], taken["stereo_right"]
    assert left.record.time_ns == right.record.time_ns and left.record.content_tick == right.record.content_tick
    apart = left.camera.world_from_camera[:3, :3].T @ (
        right.camera.world_from_camera[:3, 3] - left.camera.world_from_camera[:3, 3]
    )
    assert apart == pytest.approx((0.3, 0.0, 0.0), abs=1e-9)
    z = left.depth_m
    seen = np.isfinite(z) & (z > 0)
    disparity = np.where(seen, left.camera.fx_px * 0.3 / np.where(seen, z, 1.0), 0.0)
    v, u = np.nonzero(seen)
    there = np.rint(u - disparity[v, u]).astype(int)
    inside = (there >= 0) & (there < 640)
    v, u, there = v[inside], u[inside], there[inside]
    # What the left picture shows at u the right one shows f B / z farther left, but for what is hidden there.
    same = right.instance[v, there] == left.instance[v, u]
    assert same.mean() > 0.98
    near = np.abs(right.depth_m[v, there] - z[v, u]) < 0.03 * z[v, u]
    assert near.mean() > 0.97
    # And objects stand as far apart in the two pictures as their depth says.
    compared = 0
    for label in left.labels.objects:
        other = right.labels.of(label.name)
        if other is None or min(label.visible_fraction, other.visible_fraction) < 0.999 or label.visible_pixels < 60:
            continue
        depth = z[left.instance == label.instance_id]
        shift = np.mean(np.nonzero(left.instance == label.instance_id)[1]) - np.mean(
            np.nonzero(right.instance == label.instance_id)[1]
        )
        assert shift == pytest.approx(float(np.mean(left.camera.fx_px * 0.3 / depth)), abs=1.0)
        compared += 1
    assert compared > 0


def test_the_surround_rig_sees_all_around() -> None:
    scenario = concrete("use=[rigs/surround_fisheye]")
    from simgen.sampling.sampler import camera_at
    from simgen.simulation.world import World

    with World(scenario) as world:
        snapshot = next(iter(world.run()))
        from simgen.scene.scene import SceneView

        view = SceneView(scene=world.scene, snapshot=snapshot)
        cameras = [camera_at(s, view) for s in scenario.sensors if s.name.startswith("fisheye")]
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    around = 30.0 * np.stack([np.cos(turn), np.sin(turn), np.zeros(72)], axis=1)
    eye = np.mean([c.world_from_camera[:3, 3] for c in cameras], axis=0)
    views = np.zeros(72, dtype=int)
    for camera in cameras:
        (u, v), depth = camera.project(eye + around)[0].T, camera.project(eye + around)[1]
        views += (depth > 0) & (u > -0.5) & (u < camera.width_px - 0.5) & (v > -0.5) & (v < camera.height_px - 0.5)
    assert len(cameras) == 4 and views.min() >= 1 and views.mean() > 1.8


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("lens=fish",), "fish"),
        (("lens={model: kannala_brandt, k9: 0.1}",), "k9"),
        (("lens={k1: 0.1}",), "model"),
        (("fov=230 deg",), "fov"),
    ],
)
def test_what_is_no_lens_is_told_at_its_place(lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(ScenarioInvalid, match=told):
        concrete(*(FRONT + line for line in lines))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("fov=170 deg",), "pinhole"),
        (("lens={model: brown_conrady, k1: -0.5}", "fov=100 deg"), "fold"),
        (("lens={model: kannala_brandt, k1: -0.2}", "fov=190 deg"), "field of view"),
        (("lens={model: kannala_brandt, p1: 0.1}",), "no p1"),
        (("lens={model: pinhole, k1: 0.1}",), "no k1"),
        (("lens={model: kannala_brandt, max_angle: 40 deg}", "fov=120 deg"), "field of view"),
    ],
)
def test_lenses_that_cannot_be_are_refused(lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(SimgenError, match=told) as caught:
        next(iter(Episode(concrete(*(FRONT + line for line in lines)))))
    assert "sensors.front" in str(caught.value) and caught.value.remedy


def test_a_stereo_depth_camera_is_a_pinhole() -> None:
    with pytest.raises(ValueOutOfRange, match="rectified"):
        DepthCamera(where="sensors.a", mount="world", position=(0.0, 0.0, 1.0), lens="kannala_brandt")


def test_a_bare_model_is_its_lens_without_coefficients() -> None:
    made = ColorCamera(mount="ego", lens="kannala_brandt", fov=3.2)
    assert made.optical_lens() == KannalaBrandt()
    assert ColorCamera(mount="ego").optical_lens() is None
    off = ColorCamera(mount="ego", lens={"model": "brown_conrady", "k1": -0.2, "k6": 0.1}, distortion_error=0.05)
    assert off.optical_lens() == BrownConrady(k1=-0.2 * 1.05, k6=0.1 * 1.05)


def test_randomised_rigs_differ_in_their_coefficients() -> None:
    lines = (FRONT + "lens={model: brown_conrady, k1: -0.2}", "randomize=default")
    errors = {
        float(
            next(s for s in concrete(*lines, index=i).sensors if s.name == "front").sensor.parameters[
                "distortion_error"
            ]
        )
        for i in range(3)
    }
    assert len(errors) == 3 and max(map(abs, errors)) <= 0.03
