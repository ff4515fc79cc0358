"""YOLO detection and segmentation, as Ultralytics lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path

import yaml

from simgen.core.declare import choice, quantity
from simgen.core.errors import DatasetFault
from simgen.core.vocabulary import formats
from simgen.dataset.coco_categories import COCO_NAMES
from simgen.dataset.format import Exported, Format, published
from simgen.dataset.layout import DAMAGED
from simgen.dataset.outline import joined, outlines
from simgen.dataset.pictures import masked, objects, picture_name, picture_size
from simgen.dataset.reader import Dataset, Frame
from simgen.labels import ObjectLabel
from simgen.labels.geometry import Box2D
from simgen.scene.classes import CLASSES, class_of_id


@formats.register("yolo")
class Yolo(Format):
    """YOLO in Ultralytics' layout: ``images/``, ``labels/`` with lines ``class cx cy w h``, and ``data.yaml``.

    Classes count from 0 without gaps. A picture that shows an earlier instant (a frozen or late frame) has the labels
    of what it shows, and one without objects an empty file. Objects without a visible pixel have no line, nor has what
    carries the camera. Pictures stay as the lens bends them.

    Whole episodes go into ``images/train`` or ``images/val``, for the frames of one are much alike. Each goes by its
    job id alone, so that the share is met about, and it stays where it is when others are added; but of two or more
    each side has one at least. Where all are on one side (there is one episode, or ``val`` is 0 or 1), ``train`` and
    ``val`` name the same pictures, for Ultralytics wants both.

    ``data.yaml`` has no ``path``: Ultralytics then takes the folder that it lies in, which may be moved.
    """

    val: float = quantity("", low=0, high=1, default=0.2, help="share of episodes to validate on, such as 20 %")
    objects: str = choice(
        "visible",
        "amodal",
        "polygon",
        default="visible",
        help="visible: boxes of what is seen; amodal: boxes of whole objects inside the picture; polygon: outlines of "
        "what is seen, for segmentation",
    )
    categories: str = choice(
        "simgen",
        "coco",
        default="simgen",
        help="simgen: our classes; coco: the 80 of models trained on COCO, and only objects of classes that it has",
    )

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        images = annotations = size = 0
        names = COCO_NAMES if self.categories == "coco" else tuple(c.name for c in CLASSES if c.id > 0)
        classes = {name: index for index, name in enumerate(names)}
        with published(out) as folder:
            sides = _sides({frame.episode.job for frame in self.pictures(dataset)}, self.val)
            used = sorted(set(sides.values())) or ["train"]
            for kind, side in product(("images", "labels"), used):
                (folder / kind / side).mkdir(parents=True)
            for frame in self.pictures(dataset):
                name, side = picture_name(frame), sides[frame.episode.job]
                lines = self._lines(frame, classes)
                size += (folder / "images" / side / name).write_bytes(frame.data("rgb"))
                text = "".join(f"{line}\n" for line in lines)
                size += (folder / "labels" / side / name).with_suffix(".txt").write_text(text)
                images += 1
                annotations += len(lines)
            # No path: one that is not absolute would be taken from where a training is started.
            document = {
                "train": f"images/{used[0]}",
                "val": f"images/{used[-1]}",
                "names": dict(enumerate(names)),
            }
            size += (folder / "data.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
        return Exported(
            path=out / "data.yaml",
            images=images,
            annotations=annotations,
            size_bytes=size,
            notes=() if len(used) == 2 else (self._undivided(len(sides)),),
        )

    def _undivided(self, episodes: int) -> str:
        why = "there is one episode" if episodes == 1 else f"val is {self.val:g}"
        return f"train and val name the same pictures, for {why}: what is trained on them cannot be judged by them"

    def _lines(self, frame: Frame, classes: Mapping[str, int]) -> list[str]:
        width, height = picture_size(frame)
        lines = []
        for label in objects(frame):
            named = class_of_id(label.semantic_id)
            index = classes.get((named.coco or "") if self.categories == "coco" else named.name)
            if index is None or label.bbox_visible is None:
                continue
            match self.objects:
                case "visible":
                    numbers = _box(label.bbox_visible)
                case "amodal":
                    numbers = _box(label.bbox_amodal)
                case _:
                    numbers = _polygon(masked(frame), label)
            shares = (n / (height if i % 2 else width) for i, n in enumerate(numbers))
            lines.append(f"{index} {' '.join(f'{s:.6f}' for s in shares)}")
        return lines


def _sides(jobs: Iterable[str], share: float) -> dict[str, str]:
    """Job id -> "train" or "val". Job ids are digests, and so spread evenly over their range."""
    ordered = sorted(jobs)
    count = sum(int(job, 16) < share * 16 ** len(job) for job in ordered)
    if 0 < share < 1:
        count = min(max(count, 1), len(ordered) - 1)
    return {job: "val" if i < count else "train" for i, job in enumerate(ordered)}


def _box(edges: Box2D) -> list[float]:
    """Middle and size: cx, cy, w, h."""
    x_min, y_min, x_max, y_max = edges
    return [(x_min + x_max) / 2, (y_min + y_max) / 2, x_max - x_min, y_max - y_min]


def _polygon(frame: Frame, label: ObjectLabel) -> list[float]:
    """Corners x, y, x, y … in pixel edges; parts of an object that something divides are joined by lines."""
    assert label.bbox_visible is not None
    x_min, y_min, x_max, y_max = (int(v) for v in label.bbox_visible)
    mask = frame.instance[y_min:y_max, x_min:x_max] == label.instance_id
    if not mask.any():
        raise DatasetFault(
            f"'{label.name}' has a visible box and no pixel in it",
            where=frame.frame_id,
            remedy=DAMAGED,
        )
    return [float(v) for x, y in joined(outlines(mask)) for v in (x + x_min, y + y_min)]
