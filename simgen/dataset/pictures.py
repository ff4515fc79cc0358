"""The pictures of a dataset as foreign formats hold them: which there are, what they show, their names and sizes."""

from __future__ import annotations

from collections.abc import Iterator

from simgen.core.errors import DatasetFault
from simgen.dataset.reader import DAMAGED, Dataset, Frame


def pictures(dataset: Dataset) -> Iterator[Frame]:
    """The frames that have a picture."""
    return (frame for frame in dataset if frame.output("rgb") is not None)


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


def picture_name(frame: Frame) -> str:
    """Name of the picture's file in a folder of many: ``<job id>_<sensor>_<frame index>`` and its ending."""
    return f"{frame.episode.job}_{frame.sensor}_{frame.frame_index:06d}{frame.path('rgb').suffix}"


def picture_size(frame: Frame) -> tuple[int, int]:
    """Width and height in pixels."""
    output = frame.output("rgb")
    assert output is not None
    height, width = output.shape[:2]
    return width, height
