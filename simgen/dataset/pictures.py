"""The pictures of a dataset as foreign formats hold them: which there are, what they show, their names and sizes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simgen.core.errors import DatasetFault, OutputError
from simgen.dataset.layout import DAMAGED, SCENARIO, Layout
from simgen.dataset.reader import Dataset, Frame, read_scenario
from simgen.dataset.record import CameraFacts
from simgen.labels import FrameLabels, ObjectLabel


def pictures(dataset: Dataset) -> Iterator[Frame]:
    """The frames that have a picture.

    Raises:
        DatasetFault: when what the dataset says of them is not what was written, or an episode is missing.
    """
    layout = Layout(dataset.path)
    if layout.manifest.is_file() and dataset.manifest.episodes > len(dataset.episodes):
        raise DatasetFault(
            f"{len(dataset.episodes)} of its {dataset.manifest.episodes} episodes are there",
            where=str(dataset.path),
            remedy=DAMAGED,
        )
    for episode in dataset.episodes:
        episode.require_as_written()
    return (frame for frame in dataset if frame.output("rgb") is not None)


def degradation(frame: Frame) -> dict[str, Any]:
    """What became of the picture on its way.

    ``faults`` are the names of those that acted; ``blind`` says whether it is black, so that nothing in it can be
    recognised, and ``repeated`` whether the camera had given a picture of that instant before.
    """
    faults = dict.fromkeys(e.name for e in frame.record.effects if e.kind == "fault")
    return {"faults": list(faults), "blind": frame.record.blind, "repeated": _repeated(frame)}


def usable(frame: Frame) -> bool:
    """Whether the picture is an example of its own: neither black nor a repetition."""
    return not frame.record.blind and not _repeated(frame)


def _repeated(frame: Frame) -> bool:
    tick = frame.record.content_tick
    if tick == frame.row.tick:
        return False
    # No picture comes before its instant. A black one is no first picture of what comes late and well.
    between = (f for f in frame.episode.frames if f.sensor == frame.sensor and tick <= f.row.tick < frame.row.tick)
    return any(
        f.output("rgb") is not None and (f.record.content_tick, f.record.blind) == (tick, frame.record.blind)
        for f in between
    )


def shown(frame: Frame) -> Frame:
    """The frame of the instant that the picture shows; another one where it came late or frozen.

    Raises:
        DatasetFault: when there is no such frame.
    """
    tick = frame.record.content_tick
    if tick == frame.row.tick:
        return frame
    same = (f for f in frame.episode.frames if f.sensor == frame.sensor and f.row.tick == tick)
    found = next(same, None)
    if found is None:
        raise DatasetFault(
            f"its picture shows tick {tick}, of which its sensor has no frame", where=frame.frame_id, remedy=DAMAGED
        )
    return found


def masked(frame: Frame) -> Frame:
    """As ``shown``, for a format that takes masks from its ``instance``.

    Raises:
        OutputError: when the camera stores none.
    """
    if frame.output("instance") is None:
        raise OutputError(
            "its camera stores no 'instance', of which the masks are made",
            where=frame.frame_id,
            remedy="export the other cameras alone (--set sensors=NAME,NAME), or render again with instance among the "
            "camera's outputs",
        )
    return shown(frame)


def objects(frame: Frame) -> list[ObjectLabel]:
    """What there is to recognise in the picture. What carries the camera is not among it: the bonnet at the lower edge
    of every picture is no example of a car."""
    return _not_carrying(frame, frame.content_labels)


def present(frame: Frame) -> list[ObjectLabel]:
    """As ``objects``, of the instant of the frame itself, whatever its picture shows."""
    return _not_carrying(frame, frame.labels)


def _not_carrying(frame: Frame, labels: FrameLabels) -> list[ObjectLabel]:
    carried_by = carrier(frame)
    return [label for label in labels.objects if label.name != carried_by]


def carrier(frame: Frame) -> str:
    """The actor that the camera is mounted on, or "world"."""
    return _carriers(frame.episode.path).get(frame.sensor, "world")


@functools.lru_cache(maxsize=64)
def _carriers(episode: Path) -> Mapping[str, str]:
    """Sensor -> the actor that it is mounted on, or "world"."""
    sensors = read_scenario(episode / SCENARIO).sensors
    return {s.name: str(s.sensor.parameters.get("mount", "world")).partition(".")[0] for s in sensors}


def rectified(frame: Frame, format: str) -> CameraFacts:
    """The camera that took the picture, for a format that knows no lenses.

    Raises:
        OutputError: when the picture is bent by a lens.
    """
    camera = frame.record.content_camera
    if camera.lens is not None:
        raise OutputError(
            f"its picture is bent by a {camera.lens.model} lens, and {format}'s pictures are rectified",
            where=frame.frame_id,
            remedy="export the other cameras alone (--set sensors=NAME,NAME), "
            "or as coco, mot, openlabel, webdataset or yolo",
        )
    return camera


def picture_name(frame: Frame) -> str:
    """Name of the picture's file in a folder of many: ``<job id>_<sensor>_<frame index>`` and its ending."""
    return f"{frame.episode.job}_{frame.sensor}_{frame.frame_index:06d}{frame.path('rgb').suffix}"


def picture_size(frame: Frame) -> tuple[int, int]:
    """Width and height in pixels."""
    output = frame.output("rgb")
    assert output is not None
    height, width = output.shape[:2]
    return width, height
