"""MOTChallenge."""

from __future__ import annotations

import configparser
import io
from itertools import groupby
from pathlib import Path

from simgen.core.declare import choice
from simgen.core.vocabulary import formats
from simgen.dataset.format import Exported, Format, published
from simgen.dataset.pictures import objects, picture_size
from simgen.dataset.reader import Dataset, Frame
from simgen.labels import ObjectLabel
from simgen.scene.classes import CLASSES

_CLASSES = {
    "pedestrian": 1,
    "child": 1,
    "wheelchair_user": 1,
    "cyclist": 2,
    "car": 3,
    "van": 3,
    "truck": 3,
    "bus": 3,
    "bicycle": 4,
    "motorcycle": 5,
}
"""MOT16's classes of ours (Milan et al. 2016, table 5): pedestrian, person on vehicle, car, bicycle, motorbike."""


@formats.register("mot")
class Mot(Format):
    """MOTChallenge sequences, one per episode and camera: ``train/<job id>_<sensor>/`` with img1, gt and seqinfo.ini.

    ``gt/gt.txt`` has a line per picture and object: frame, identity, left, top, width, height, 1, class, visibility.
    Frames, identities and coordinates count from 1, as MOT16's do. Boxes are those of whole objects, out of the picture
    too; who is hidden keeps a line with visibility 0, and who is wholly outside has none. What carries the camera has
    no line. An identity is the object's in all of a sequence. ``gt/labels.txt`` names the classes.

    A frame's number tells its time, at ``frameRate``: a frame that was lost or is left out keeps its number, counts in
    ``seqLength``, has neither picture nor lines, and is named in seqinfo.ini under ``missing``.
    """

    categories: str = choice(
        "mot",
        "simgen",
        default="mot",
        help="mot: MOT16's classes, and only people and vehicles; simgen: our classes by their ids, and all objects",
    )

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        images = annotations = size = 0
        with published(out) as folder:
            (folder / "train").mkdir()
            # A dataset's frames come by time: those of one camera are brought together.
            shown = sorted(
                self.pictures(dataset), key=lambda frame: (frame.episode.job, frame.sensor, frame.frame_index)
            )
            for name, sequence in groupby(shown, key=lambda frame: f"{frame.episode.job}_{frame.sensor}"):
                frames = list(sequence)
                place = folder / "train" / name
                (place / "img1").mkdir(parents=True)
                (place / "gt").mkdir()
                lines = []
                for frame in frames:
                    number = frame.frame_index + 1
                    picture = place / "img1" / f"{number:06d}{frame.path('rgb').suffix}"
                    size += picture.write_bytes(frame.data("rgb"))
                    lines += [line for label in objects(frame) if (line := self._line(number, label, frame))]
                size += (place / "gt" / "gt.txt").write_text("".join(f"{line}\n" for line in lines))
                size += (place / "gt" / "labels.txt").write_text("".join(f"{n}\n" for n in self._names()))
                size += (place / "seqinfo.ini").write_text(_sequence(name, frames))
                images, annotations = images + len(frames), annotations + len(lines)
        return Exported(path=out / "train", images=images, annotations=annotations, size_bytes=size)

    def _line(self, number: int, label: ObjectLabel, frame: Frame) -> str | None:
        kind = label.semantic_id if self.categories == "simgen" else _CLASSES.get(label.semantic)
        width, height = picture_size(frame)
        left, top, right, bottom = label.bbox_amodal_unclipped
        if kind is None or right <= 0 or bottom <= 0 or left >= width or top >= height:
            return None
        box = (left + 1, top + 1, right - left, bottom - top)
        edges = ",".join(f"{v:g}" for v in box)
        return f"{number},{label.instance_id},{edges},1,{kind},{label.visible_fraction:.5f}"

    def _names(self) -> list[str]:
        """The names of the classes 1, 2, …"""
        if self.categories == "simgen":
            return [c.name for c in CLASSES if c.id > 0]
        return ["pedestrian", "person_on_vehicle", "car", "bicycle", "motorbike"]


def _sequence(name: str, frames: list[Frame]) -> str:
    width, height = picture_size(frames[0])
    length = frames[0].episode.summary.frames[frames[0].sensor]
    missing = sorted(set(range(1, length + 1)) - {frame.frame_index + 1 for frame in frames})
    ini = configparser.ConfigParser()
    ini.optionxform = str  # type: ignore[assignment,method-assign]  # as it is written
    ini["Sequence"] = {
        "name": name,
        "imDir": "img1",
        "frameRate": f"{_rate_hz(frames):g}",
        "seqLength": str(length),
        "imWidth": str(width),
        "imHeight": str(height),
        "imExt": frames[0].path("rgb").suffix,
        **({"missing": ",".join(str(number) for number in missing)} if missing else {}),
    }
    text = io.StringIO()
    ini.write(text, space_around_delimiters=False)
    return text.getvalue()


def _rate_hz(frames: list[Frame]) -> float:
    """The camera's, from the times of its frames; of one alone it is 1."""
    first, last = frames[0], frames[-1]
    steps = last.frame_index - first.frame_index
    return steps / (1e-9 * (last.record.time_ns - first.record.time_ns)) if steps else 1.0
