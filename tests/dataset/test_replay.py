from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from simgen.core.errors import NotFound
from simgen.dataset.reader import Dataset, open_dataset
from simgen.dataset.replay import compare, find_frame, first_divergence
from tests.dataset import small


@pytest.fixture(scope="module")
def frames(written: Path) -> Dataset:
    return open_dataset(written)


def test_a_frame_has_three_addresses(frames: Dataset) -> None:
    frame = frames[6]
    job = frame.episode.job
    for address in (
        "6",
        f"{job}/front/2",
        f"{job[:7]}/front/000002",
        f"{job}/front/depth/000002.png",
        str(frame.path("depth")),
    ):
        assert find_frame(frames, address).frame_id == frame.frame_id, address


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("8", "there is no frame 8; frames count from 0 to 7"),
        ("-1", "there is no frame -1"),
        ("\u00b2", "names no frame"),
        ("--1", "'--1' names no frame"),
        ("9" * 5000, "names no frame"),
        ("{job}/front/\u00b2", "names no frame"),
        ("front", "'front' names no frame; a frame is JOB/SENSOR/INDEX"),
        ("{job}/rear/0", "the episode has front 0 to 3"),
        ("{job}/front/9", "the episode has front 0 to 3"),
        ("{job}/front/rgb/000003.jpg", "is no image of this dataset"),
        ("front/rgb/000001.jpg", "is no image of this dataset"),
        ("zz/front/0", "no episodes have a job id"),
    ],
)
def test_an_address_of_nothing_is_explained(frames: Dataset, address: str, message: str) -> None:
    with pytest.raises(NotFound, match=message.replace("(", r"\(")):
        find_frame(frames, address.format(job=frames.episodes[0].job))


def test_nothing_counts_from_0_to_minus_1(frames: Dataset) -> None:
    with pytest.raises(NotFound, match=r"there is no frame 0; it has no frames yet"):
        find_frame(Dataset(frames.path, []), "0")


def test_a_replay_that_comes_out_again_is_equal(frames: Dataset) -> None:
    for frame, bundle in zip(frames, small.bundles(0), strict=False):
        comparison = compare(frame.record, bundle.record)
        assert comparison.equal
        assert comparison.surroundings == ()


def test_differences_are_told_apart(frames: Dataset) -> None:
    record = frames[1].record
    rgb, *others = record.outputs
    platform = record.episode.platform.model_copy(update={"cpu_features": ("avx",)})
    again = record.model_copy(
        update={
            "outputs": (rgb.model_copy(update={"pixels_sha256": "0" * 64}), *others),
            "gain": 2.0,
            "episode": record.episode.model_copy(update={"platform": platform}),
        }
    )
    comparison = compare(record, again)
    assert not comparison.equal
    assert [d.path for d in comparison.pixels] == ["outputs.rgb.pixels_sha256"]
    assert [str(d) for d in comparison.values] == ["gain: 1.0 was recorded, 2.0 came out"]
    assert [d.path for d in comparison.surroundings] == ["episode.platform.cpu_features"]


def test_another_machine_with_the_same_pixels_is_equal(frames: Dataset) -> None:
    record = frames[1].record
    platform = record.episode.platform.model_copy(update={"zlib": "9"})
    again = record.model_copy(update={"episode": record.episode.model_copy(update={"platform": platform})})
    comparison = compare(record, again)
    assert comparison.equal
    assert len(comparison.surroundings) == 1


def test_a_missing_output_is_a_difference(frames: Dataset) -> None:
    record = frames[1].record
    comparison = compare(record, record.model_copy(update={"outputs": record.outputs[1:]}))
    assert [d.path for d in comparison.pixels] == ["outputs.rgb"]


def test_the_first_step_that_diverged_is_found(frames: Dataset) -> None:
    trajectory = frames.episodes[0].trajectory
    again = [small.snapshot(tick) for tick in range(12)]
    assert first_divergence(trajectory, again) is None
    again[5:] = [replace(s, state_digest="f" * 32) for s in again[5:]]
    assert first_divergence(trajectory, again) == (6, 24)  # ticks 0, 3, 6 and 9 were recorded
