from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as reference
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from simgen.core.errors import OutputError
from simgen.core.vocabulary import formats
from simgen.dataset.formats.coco import Coco
from simgen.dataset.reader import open_dataset
from simgen.dataset.rle import compressed, expanded, mask_of, run_lengths
from simgen.scene.classes import semantic_class

# pycocotools' own, with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MASKS = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=40))


@given(MASKS)
def test_run_lengths_are_those_of_the_coco_api(mask: np.ndarray) -> None:
    theirs = reference.encode(np.asfortranarray(mask.astype(np.uint8)))
    counts = run_lengths(mask)
    assert compressed(counts).encode() == theirs["counts"]
    assert expanded(compressed(counts)) == counts
    assert np.array_equal(mask_of(counts, *mask.shape), mask)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30))
def test_compressed_counts_come_back(counts: list[int]) -> None:
    assert expanded(compressed(counts)) == counts


@pytest.fixture(scope="module")
def exported(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("coco") / "out"
    result = formats.get("coco")().export(open_dataset(written), out)
    assert (result.images, result.annotations) == (6, 12)
    return out


def annotations(out: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((out / "annotations.json").read_text())
    return document


@pytest.mark.parametrize("kind", ["segm", "bbox"])
def test_ground_truth_scores_an_average_precision_of_one(exported: Path, kind: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(exported / "annotations.json"))
        found = truth.loadRes([{**a, "score": 1.0} for a in truth.dataset["annotations"]])
        evaluation = COCOeval(truth, found, kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_masks_boxes_and_areas_are_those_of_the_instance_image(exported: Path, written: Path) -> None:
    document = annotations(exported)
    frames = {f.frame_id: f for f in open_dataset(written)}
    images = {i["id"]: i for i in document["images"]}
    assert [a["id"] for a in document["annotations"]] == list(range(1, 13))
    for annotation in document["annotations"]:
        frame = frames[images[annotation["image_id"]]["simgen_frame"]]
        if frame.frame_index == 2:
            continue
        mask = reference.decode(annotation["segmentation"]).astype(bool)
        (instance,) = np.unique(frame.instance[mask])
        assert np.array_equal(mask, frame.instance == instance)
        x, y, w, h = annotation["bbox"]
        assert mask[y : y + h, x : x + w].sum() == mask.sum() == annotation["area"]
        assert mask[y].any()
        assert mask[y + h - 1].any()
        label = next(o for o in frame.labels.objects if o.instance_id == instance)
        assert annotation["category_id"] == semantic_class(label.semantic).id


def test_a_frozen_picture_is_annotated_with_what_it_shows(exported: Path) -> None:
    document = annotations(exported)
    shown = {
        image["simgen_frame"].rpartition("/")[2]: [
            a["segmentation"]["counts"] for a in document["annotations"] if a["image_id"] == image["id"]
        ]
        for image in document["images"][:3]
    }
    assert shown["000002"] == shown["000001"] != shown["000000"]


def test_images_say_what_became_of_them(written: Path, tmp_path: Path, rerecorded: Callable[..., None]) -> None:
    rerecorded(0, blind=True)
    Coco().export(open_dataset(written), tmp_path / "out")
    images = annotations(tmp_path / "out")["images"]
    assert [image["simgen_faults"] for image in images] == [["noise"]] * 6
    assert [image["simgen_blind"] for image in images] == [True, False, False] * 2
    assert [image["simgen_repeated"] for image in images] == [False, False, True] * 2


def test_images_lie_where_the_annotations_say(exported: Path) -> None:
    for image in annotations(exported)["images"]:
        assert (exported / image["file_name"]).is_file()
        assert (image["width"], image["height"]) == (64, 48)


def test_categories_have_their_coco_names(exported: Path) -> None:
    named = {c["name"]: c["coco_name"] for c in annotations(exported)["categories"]}
    assert named["child"] == "person"
    assert named["van"] == "car"
    assert named["robot"] is None


def test_cocos_own_categories_and_amodal_boxes_on_request(written: Path, tmp_path: Path) -> None:
    Coco(categories="coco", amodal=True).export(open_dataset(written), tmp_path / "out")
    document = annotations(tmp_path / "out")
    assert {a["category_id"] for a in document["annotations"]} == {3, 37}
    assert {3: "car", 37: "sports ball"}.items() <= {c["id"]: c["name"] for c in document["categories"]}.items()
    assert document["annotations"][0]["visible_fraction"] == 1.0
    assert len(document["annotations"][0]["bbox_amodal"]) == 4


def test_nothing_is_written_over(written: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="not an empty directory"):
        Coco().export(open_dataset(written), tmp_path)


def test_every_format_says_what_it_is() -> None:
    for name, member in formats.items():
        assert member.help(), name
