"""What a sensor stores of a frame, and how: chosen in the scenario, read back by everything that reads datasets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.core.errors import DatasetFault, ScenarioInvalid
from simgen.dataset.manifest import write_manifest
from simgen.dataset.reader import Frame
from simgen.dataset.verify import verify
from simgen.episode import Episode, render_episode, replay
from simgen.labels.flow import FlowState
from simgen.rendering import Renderer
from simgen.sampling.concrete import ConcreteScenario
from tests.rendering.conftest import raster as raster

FRONT = "sensors.front.camera."


def concrete(*overrides: str) -> ConcreteScenario:
    usual = (
        *(FRONT + "resolution=[160, 90]", FRONT + "rate=5 Hz", "actors.van.at.gap=45 m", "end=time > 0.9 s"),
        *("require=[]", "expect=[]"),
    )
    return simgen.sample(simgen.load("child_chases_ball", (*usual, *overrides)), index=5)


def render(scenario: ConcreteScenario, renderer: Renderer, out: Path) -> Path:
    render_episode(scenario, out, renderer)
    write_manifest(out)
    return out


@pytest.fixture(scope="module")
def everything(raster: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = concrete(
        FRONT + "outputs=[rgb, depth, instance, semantic, part, normal, flow]",
        FRONT + "encoding={rgb: png, depth: tiff, flow: tiff}",
    )
    return render(scenario, raster, tmp_path_factory.mktemp("outputs") / "out")


def test_every_output_is_there_and_read_back_exactly(everything: Path, raster: Renderer) -> None:
    frames = simgen.open_dataset(everything)
    assert len(frames) == 5
    again = list(Episode(frames[0].episode.concrete, raster))
    for frame, bundle in zip(frames, again, strict=True):
        assert frame.frame_index == bundle.frame_index
        assert np.array_equal(frame.image, bundle.image)
        assert np.array_equal(frame.depth_m, bundle.depth_m)
        assert np.array_equal(frame.instance, bundle.instance)
        assert np.array_equal(frame.semantic, bundle.semantic)
        assert np.array_equal(frame.part, bundle.part)
        assert frame.normal is not None
        assert np.abs(frame.normal - bundle.normal).max() < 1e-4
        for name in ("flow_forward", "flow_backward"):
            stored, made = getattr(frame, name), getattr(bundle, name)
            assert (stored is None) == (made is None)
            if stored is not None:
                assert np.array_equal(stored.vector_px, made.vector_px)
                assert np.array_equal(stored.state, made.state)


def test_the_first_frame_has_no_flow_back_and_the_last_none_ahead(everything: Path) -> None:
    frames = simgen.open_dataset(everything)
    assert [f.flow_backward is not None for f in frames] == [False, True, True, True, True]
    assert [f.flow_forward is not None for f in frames] == [True, True, True, True, False]
    moving = frames[1].flow_forward
    assert moving is not None
    seen = moving.state == FlowState.VISIBLE
    assert seen.mean() > 0.3
    # The car drives ahead: what is left of the middle moves left, what is right of it moves right.
    assert np.median(moving.vector_px[seen[:, :70].nonzero()][:, 0]) < 0
    assert frames[1].output("depth").codec == "tiff"
    assert frames[1].output("normal").dtype == "uint16"


def test_they_are_what_they_say_and_come_out_again(everything: Path) -> None:
    report = verify(everything)
    assert report.faults == ()
    # rgb, depth, instance, semantic, part, normal, two flows but for the ends, table, scenario, trajectory; drops
    assert report.files >= 5 * 8 - 2 + 3
    for address in ("0", "4"):
        assert replay(everything, address).ok


def test_flow_brings_along_what_proves_it(raster: Renderer, tmp_path: Path) -> None:
    scenario = concrete(FRONT + "outputs=[flow]", FRONT + "encoding={flow: png}", "end=time > 0.3 s")
    render(scenario, raster, tmp_path / "out")
    frame = simgen.open_dataset(tmp_path / "out")[0]
    assert [o.name for o in frame.record.outputs] == ["depth", "part", "flow_forward"]
    assert verify(tmp_path / "out").ok
    with pytest.raises(DatasetFault, match="has no 'instance'"):
        frame.instance  # noqa: B018
    assert frame.image is None


def test_without_masks_the_rest_is_still_proved(raster: Renderer, tmp_path: Path) -> None:
    render(concrete(FRONT + "outputs=[rgb]", "end=time > 0.1 s"), raster, tmp_path / "out")
    assert verify(tmp_path / "out").ok


def test_quality_is_stated_in_the_record(raster: Renderer, tmp_path: Path) -> None:
    scenario = concrete(FRONT + "encoding={quality: 40}", "end=time > 0.1 s")
    render(scenario, raster, tmp_path / "out")
    frame: Frame = simgen.open_dataset(tmp_path / "out")[0]
    rgb = frame.output("rgb")
    assert rgb is not None
    assert (rgb.codec, rgb.quality) == ("jpeg", 40)


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("outputs=[rgb, depht]", "did you mean 'depth'"),
        ("outputs=rgb", "outputs is a list"),
        ("outputs=[rgb, rgb]", "names 'rgb' twice"),
        ("encoding={rgb: webp}", "unknown rgb 'webp'"),
        ("encoding={quality: 101}", "quality"),
        ("encoding={codec: png}", "unknown parameter 'codec'"),
    ],
)
def test_mistakes_are_told(override: str, says: str) -> None:
    with pytest.raises((ScenarioInvalid, simgen.SimgenError)) as caught:
        concrete(FRONT + override)
    assert says in str(caught.value)
