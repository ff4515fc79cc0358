"""COCO instance annotations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simgen.core.declare import choice, flag
from simgen.core.vocabulary import formats
from simgen.dataset.coco_categories import COCO_IDS
from simgen.dataset.format import Exported, Format, json_text, published
from simgen.dataset.pictures import degradation, masked, objects, picture_name, picture_size
from simgen.dataset.reader import Dataset, Frame
from simgen.dataset.rle import compressed, run_lengths
from simgen.labels import ObjectLabel
from simgen.scene.classes import CLASSES, SemanticClass, class_of_id


@formats.register("coco")
class Coco(Format):
    """COCO instances: visible masks as run lengths and boxes x, y, w, h, in ``annotations.json`` beside ``images/``.

    An image that shows an earlier instant (a frozen or late frame) is annotated with what it shows. Objects without a
    visible pixel have no annotation, nor has what carries the camera. Pictures stay as the lens bends them, and say so
    under ``simgen_lens``.

    Each image says what became of it: ``simgen_faults``, the names of the faults that acted on it; ``simgen_blind``,
    whether it is black; and ``simgen_repeated``, whether the camera had given a picture of that instant before. A black
    image has the annotations of what there was to see.
    """

    categories: str = choice(
        "simgen",
        "coco",
        default="simgen",
        help="simgen: our classes, each with its COCO name; coco: COCO's own ids, and only classes that it has",
    )
    amodal: bool = flag(default=False, help="add amodal boxes, visibility and truncation to each annotation")

    def _export(self, dataset: Dataset, out: Path) -> Exported:
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        size = 0
        with published(out) as folder:
            (folder / "images").mkdir()
            for frame in self.pictures(dataset):
                name = f"images/{picture_name(frame)}"
                size += (folder / name).write_bytes(frame.data("rgb"))
                images.append(_image(len(images) + 1, name, frame))
                for annotation in self._annotations(frame, images[-1]["id"]):
                    annotations.append({"id": len(annotations) + 1, **annotation})
            document = {
                "info": {"description": "simgen", "merkle_root": dataset.manifest.merkle_root},
                "licenses": [],
                "categories": self._categories(),
                "images": images,
                "annotations": annotations,
            }
            size += (folder / "annotations.json").write_text(json_text(document))
        path = out / "annotations.json"
        return Exported(path=path, images=len(images), annotations=len(annotations), size_bytes=size)

    def _categories(self) -> list[dict[str, Any]]:
        if self.categories == "coco":
            named = {c.coco for c in CLASSES}
            return [{"id": id, "name": name} for name, id in COCO_IDS.items() if name in named]
        return [{"id": c.id, "name": c.name, "coco_name": c.coco} for c in CLASSES if c.id > 0]

    def _category(self, semantic_class: SemanticClass) -> int | None:
        if self.categories == "simgen":
            return semantic_class.id
        return None if semantic_class.coco is None else COCO_IDS[semantic_class.coco]

    def _annotations(self, frame: Frame, image_id: int) -> Iterator[dict[str, Any]]:
        instance = masked(frame).instance
        labels = {o.instance_id: o for o in objects(frame)}
        for instance_id in np.unique(instance):
            label = labels.get(int(instance_id))
            category = None if label is None else self._category(class_of_id(label.semantic_id))
            if label is None or category is None:
                continue
            yield {
                "image_id": image_id,
                "category_id": category,
                "iscrowd": 0,
                **_outline(instance == instance_id),
                **(_beyond_sight(label) if self.amodal else {}),
            }


def _image(id: int, name: str, frame: Frame) -> dict[str, Any]:
    width, height = picture_size(frame)
    image = {"id": id, "file_name": name, "width": width, "height": height, "simgen_frame": frame.frame_id}
    image |= {f"simgen_{name}": value for name, value in degradation(frame).items()}
    lens = frame.record.content_camera.lens
    # COCO's masks and boxes hold for a bent picture as for a straight one; that it is bent has no place of its own.
    return image if lens is None else {**image, "simgen_lens": lens.stated}


def _outline(mask: NDArray[np.bool_]) -> dict[str, Any]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    x, y = int(columns[0]), int(rows[0])
    return {
        "bbox": [x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y],
        "area": int(mask.sum()),
        "segmentation": {"size": list(mask.shape), "counts": compressed(run_lengths(mask))},
    }


def _beyond_sight(label: ObjectLabel) -> dict[str, Any]:
    x_min, y_min, x_max, y_max = label.bbox_amodal
    return {
        "bbox_amodal": [x_min, y_min, x_max - x_min, y_max - y_min],
        "visible_fraction": label.visible_fraction,
        "truncation": label.truncation,
    }
